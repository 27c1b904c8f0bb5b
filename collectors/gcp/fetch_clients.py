"""How Google Cloud is reached: the login, the clients, the patience. Everything can be replaced; the defaults are the real ones."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from collectors.gcp.fetch_errors import NO_CONNECTION, NO_LOGIN, NOT_RENEWED, Refusal, Refused, of_http

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
"""The read-only scope is not taken by all APIs that are asked; what may be done is the role's affair."""

TRIES = 5
LONGEST_WAIT_SECONDS = 60.0

Answer = TypeVar("Answer")
Params = Mapping[str, str | tuple[str, ...]]
"""Of an address; several values of one name as a tuple."""


def the_real_one(host: str) -> str:
    """Address of an API."""
    return f"https://{host}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """Ways to ask. The factories are called once per thread that asks (sessions) or once at all (gRPC)."""

    iam: Callable[[], Any]
    """google.cloud.iam_admin_v1.IAMClient. Raises Refused when there is no login."""
    session: Callable[[], Any]
    """google.auth.transport.requests.AuthorizedSession. Raises Refused when there is no login."""
    address: Callable[[str], str] = the_real_one
    """`iam.googleapis.com` -> base address."""
    sleep: Callable[[float], None] = time.sleep
    timeout_seconds: float = 60.0


def fetch_clients(quota_project: str | None = None) -> Clients:
    """Clients for the login of this machine, which is looked for when the first call is made."""
    login = _Once(lambda: _fetch_login(quota_project))
    iam = _Once(lambda: _fetch_iam_client(login.get()))
    sessions = threading.local()

    def session() -> Any:
        if not hasattr(sessions, "held"):
            sessions.held = _fetch_session(login.get())
        return sessions.held

    return Clients(iam=iam.get, session=session)


class _Once:
    """Made when first asked for, by one thread."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._made: Any = None

    def get(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made


def _fetch_login(quota_project: str | None) -> Any:
    import google.auth  # noqa: PLC0415 - the SDK is loaded only where it is asked for something
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

    try:
        login, _ = google.auth.default(scopes=SCOPES, quota_project_id=quota_project)
    except GoogleAuthError as error:
        raise Refused(NO_LOGIN) from error
    return login


def _fetch_iam_client(login: Any) -> Any:
    from google.cloud.iam_admin_v1 import IAMClient  # noqa: PLC0415

    return IAMClient(credentials=login)


def _fetch_session(login: Any) -> Any:
    from google.auth.transport.requests import AuthorizedSession  # noqa: PLC0415

    return AuthorizedSession(login)  # type: ignore[no-untyped-call] # google-auth says it is typed, and leaves this out


def fetch_patiently(clients: Clients, ask: Callable[[], Answer]) -> Answer:
    """Ask, and ask again a few times where waiting may help. Raises Refused."""
    for tried in range(1, TRIES):
        try:
            return fetch_once(ask)
        except Refused as refused:
            if not refused.refusal.passing:
                raise
            clients.sleep(_wait_seconds(refused.refusal, tried))
    return fetch_once(ask)


def _wait_seconds(refusal: Refusal, tried: int) -> float:
    """What the server asks for, else 1, 2, 4, 8 seconds, spread so that parallel calls do not come back together."""
    if refusal.after_seconds is not None:
        return min(refusal.after_seconds, LONGEST_WAIT_SECONDS)
    return float(2 ** (tried - 1)) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, hides nothing


def fetch_once(ask: Callable[[], Answer]) -> Answer:
    """Ask; whatever the SDK raises becomes Refused."""
    import requests.exceptions  # noqa: PLC0415
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415
    from google.auth.exceptions import GoogleAuthError, TransportError  # noqa: PLC0415

    try:
        return ask()
    except GoogleAPIError as error:
        raise Refused(_of_sdk(error)) from error
    except TransportError as error:
        raise Refused(NO_CONNECTION) from error
    except GoogleAuthError as error:
        raise Refused(NOT_RENEWED) from error
    except requests.exceptions.Timeout as error:
        raise Refused(Refusal(code="DEADLINE_EXCEEDED")) from error
    except requests.exceptions.RequestException as error:
        raise Refused(NO_CONNECTION) from error


def _of_sdk(error: Any) -> Refusal:
    """From google.api_core: gRPC's status where there is one."""
    if "metadata from plugin failed" in str(error):  # how gRPC tells that the login could not be renewed
        return NOT_RENEWED
    status = getattr(error, "grpc_status_code", None)
    return Refusal(code=status.name if status is not None else "UNKNOWN", reason=getattr(error, "reason", None))


def fetch_json(clients: Clients, method: str, url: str, params: Params, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One REST answer. Raises Refused."""
    return fetch_patiently(clients, lambda: _fetch_answer(clients, method, url, params, body))


def _fetch_answer(clients: Clients, method: str, url: str, params: Params, body: dict[str, Any] | None) -> dict[str, Any]:
    # A redirect would carry the token to where nobody sent it.
    answer = clients.session().request(method, url, params=params, json=body, timeout=clients.timeout_seconds, allow_redirects=False)
    held = _decoded(answer)
    if answer.status_code != 200:
        raise Refused(of_http(answer.status_code, held, answer.headers))
    if not isinstance(held, dict):
        raise Refused(Refusal(code="DATA_LOSS", reason="ODD_ANSWER"))
    return held


def _decoded(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
