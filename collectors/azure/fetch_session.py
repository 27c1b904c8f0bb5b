"""The wire to Azure Resource Manager and Microsoft Graph: one page at a time, bounded retries, and failures told without quoting an answer.

Nothing of a token, a header or a body is logged, raised or kept, but the answer itself that the caller asked for.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from collectors.azure.operations import Client, Operation, Plane
from collectors.collecting import CallFailed
from inventory.model import CoverageStatus

CLOCK_MINUTES = 5
"""Tokens are refused when the clocks differ by more."""

KNOWN_CODES = frozenset(
    """AadPremiumLicenseRequired Authentication_MSGraphPermissionMissing Authentication_RequestFromNonPremiumTenantOrB2CTenant
    AuthenticationFailed AuthorizationFailed Authorization_RequestDenied BadRequest ExpiredAuthenticationToken Forbidden
    InvalidAuthenticationToken InvalidAuthenticationTokenTenant InvalidSubscriptionId LinkedAuthorizationFailed
    MissingSubscriptionRegistration NotFound Request_ResourceNotFound ResourceGroupNotFound ResourceNotFound SubscriptionNotFound
    SubscriptionNotRegistered TooManyRequests UnknownError""".split()
)
"""Error codes that are repeated to people. Any other may hold anything, and is not."""

LICENCE_CODES = ("AadPremiumLicenseRequired", "Authentication_RequestFromNonPremiumTenantOrB2CTenant")
SIGN_IN_CODE = re.compile(r"AADSTS\d{3,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """Where Azure is and how patiently it is asked. The defaults are the public cloud; other clouds and tests give their own."""

    arm_url: str = "https://management.azure.com"
    graph_url: str = "https://graph.microsoft.com"
    authority: str | None = None
    """Host that signs in, of another cloud: `login.microsoftonline.us`."""
    credential: Any = field(default=None, repr=False)
    """An azure-core TokenCredential. None: azure.identity.DefaultAzureCredential."""
    certificates: str | None = None
    """File of certificates to trust instead of the system's."""
    retries: int = 5
    """Of a request that was throttled, broke off or met a server's error."""
    backoff_seconds: float = 0.8
    longest_wait_seconds: float = 60
    """Even where Retry-After asks for more: the call is then told as not collected, and a later run goes on with it."""
    timeout_seconds: float = 60

    def base(self, plane: Plane) -> str:
        return (self.arm_url if plane is Plane.ARM else self.graph_url).rstrip("/")


class Refused(CallFailed):
    """Azure answered with an error."""

    def __init__(self, message: str, status: CoverageStatus, code: str | None = None) -> None:
        """`code`: of KNOWN_CODES, or None."""
        super().__init__(message, status)
        self.code = code


class Answered(Exception):
    """Not a failure: carries an answer out of Azure's own client before it reads it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a message names: the operation and whose it is."""

    operation: Operation
    scope: str

    def __str__(self) -> str:
        return f"{self.operation.name} of {self.scope}"


def is_of_server(url: str, base: str) -> bool:
    """The page is on the very server that was asked: a token goes nowhere else."""
    there, here = urlsplit(url), urlsplit(base)
    return (there.scheme, there.netloc.lower()) == (here.scheme, here.netloc.lower())


class OfTenant:
    """A credential whose tokens are always of one tenant, whatever the one that it was signed in to."""

    def __init__(self, credential: Any, tenant: str) -> None:
        self._credential = credential
        self._tenant = tenant

    def get_token(self, *scopes: str, **options: Any) -> Any:
        return self._credential.get_token(*scopes, **{**options, "tenant_id": self._tenant})

    def close(self) -> None:
        self._credential.close()


class Session:
    """Clients, opened when first needed and then shared by all threads."""

    def __init__(self, wire: Wire, tenant: str | None = None) -> None:
        self.wire = wire
        self._tenant = tenant
        self._opened: dict[Any, Any] = {}
        self._lock = threading.RLock()

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            for client in self._opened.values():
                if hasattr(client, "close"):
                    client.close()
            self._opened.clear()

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gave the first time."""
        with self._lock:
            if key not in self._opened:
                self._opened[key] = make()
            return self._opened[key]

    def fetch_page(self, asked: Asked, url: str) -> Any:
        """One page by its path or full address. Raises CallFailed."""
        from azure.core.exceptions import AzureError  # noqa: PLC0415  only who collects loads it
        from azure.core.rest import HttpRequest  # noqa: PLC0415  only who collects loads it

        base = self.wire.base(asked.operation.plane)
        client = self.once(asked.operation.plane, lambda: self.fetch_pipeline(base))
        try:
            response = client.send_request(HttpRequest("GET", url if "://" in url else base + url))
            if response.status_code == 200:
                return decoded(asked, response.text())
        except AzureError as error:
            raise self.fetch_failure(asked, error) from None  # the cause may quote the answer
        raise refused(asked, response.status_code, response.text(), response.headers.get("Date"))

    def fetch_client_page(self, asked: Asked, client: Client, values: Mapping[str, str], token: str | None) -> Any:
        """One page through Azure's own client, as Azure sent it. What the client makes of an answer changes between its versions, and one
        odd record would cost the page: so it asks, and does not read. Raises CallFailed.
        """
        from azure.core.exceptions import AzureError  # noqa: PLC0415  only who collects loads it

        opened = self.once((client.name, values["subscription"]), lambda: self.fetch_client(client, values["subscription"]))

        def keep(response: Any) -> None:
            if response.http_response.status_code == 200:
                raise Answered(response.http_response.text())

        text = ""
        try:
            method = getattr(getattr(opened, client.group), client.method)
            listed = method(*(argument.format_map(values) for argument in client.arguments), raw_response_hook=keep)
            next(listed.by_page(token), None)
        except Answered as answer:
            text = answer.text
        except AzureError as error:
            raise self.fetch_failure(asked, error) from None  # the cause may quote the answer
        return decoded(asked, text)

    def fetch_client(self, client: Client, subscription: str) -> Any:
        """One of Azure's own clients, over the same pipeline: its own would register resource providers, which is no reading."""
        base = self.wire.base(Plane.ARM)
        made = getattr(import_module(client.module), client.name)
        return made(self.fetch_credential(), subscription, base_url=base, policies=self.fetch_policies(base), **self.fetch_transport())

    def fetch_pipeline(self, base: str) -> Any:
        from azure.core import PipelineClient  # noqa: PLC0415  only who collects loads it

        return PipelineClient(base, policies=self.fetch_policies(base), **self.fetch_transport())

    def fetch_transport(self) -> dict[str, Any]:
        from azure.core.pipeline.transport import RequestsTransport  # noqa: PLC0415  only who collects loads it

        seconds = self.wire.timeout_seconds
        verify = self.wire.certificates or True
        return {"transport": RequestsTransport(connection_timeout=seconds, read_timeout=seconds, connection_verify=verify)}

    def fetch_policies(self, base: str) -> list[Any]:
        """No policy that logs, redirects or writes."""
        from azure.core.pipeline import policies  # noqa: PLC0415  only who collects loads it

        longest = self.wire.longest_wait_seconds

        class Patience(policies.RetryPolicy[Any, Any]):
            """Waits as long as it is told to, and never longer than we are willing to."""

            def get_retry_after(self, response: Any) -> float | None:
                told = super().get_retry_after(response)
                return None if told is None else min(told, longest)

        times = self.wire.retries
        counts = {"retry_total": times, "retry_connect": times, "retry_read": times, "retry_status": times}
        return [
            policies.HeadersPolicy({"Accept": "application/json"}),
            policies.UserAgentPolicy(base_user_agent="nhi-posture"),
            policies.ContentDecodePolicy(),
            Patience(**counts, retry_backoff_factor=self.wire.backoff_seconds, retry_backoff_max=longest),
            policies.BearerTokenCredentialPolicy(self.fetch_credential(), f"{base}/.default"),
            policies.CustomHookPolicy(),
        ]

    def fetch_credential(self) -> Any:
        """Gives tokens; of the asked tenant, where one was named."""
        return self.once("credential", lambda: self.wire.credential or self.fetch_default_credential())

    def fetch_default_credential(self) -> Any:
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415  only who collects loads it

        where = {"authority": self.wire.authority} if self.wire.authority else {}
        if self._tenant is None:
            return DefaultAzureCredential(**where)
        return OfTenant(DefaultAzureCredential(additionally_allowed_tenants=[self._tenant], **where), self._tenant)

    def fetch_failure(self, asked: Asked, error: Exception) -> CallFailed:
        """What an error of the client means, without its words: they may quote the answer."""
        from azure.core import exceptions  # noqa: PLC0415  only who collects loads it

        response = getattr(error, "response", None)
        if isinstance(error, exceptions.HttpResponseError) and response is not None:
            if response.status_code == 200:
                return CallFailed(f"{asked}: the answer is no JSON: is there a proxy in between?", CoverageStatus.MISSING)
            return refused(asked, response.status_code, _text(response), response.headers.get("Date"))
        if isinstance(error, exceptions.ClientAuthenticationError):
            return not_signed_in(asked, str(error))
        if isinstance(error, exceptions.ServiceRequestError | exceptions.ServiceResponseError):
            waited = f"within {self.wire.timeout_seconds:g} s, asked {self.wire.retries + 1} times"
            return CallFailed(
                f"{asked}: no answer {waited}: check the network, then run again; it goes on from here", CoverageStatus.MISSING
            )
        return CallFailed(f"{asked}: {type(error).__name__}: run again; it goes on from here", CoverageStatus.MISSING)


def decoded(asked: Asked, text: str) -> Any:
    """The JSON object of an answer, a list where one was asked for. Raises CallFailed."""
    try:
        page = json.loads(text)
    except (ValueError, RecursionError):
        page = None
    if not isinstance(page, dict) or not (asked.operation.one or isinstance(page.get("value"), list)):
        raise CallFailed(f"{asked}: the answer is not what Azure promises: is there a proxy in between?", CoverageStatus.MISSING)
    return page


def refused(asked: Asked, status: int, text: str, date: str | None) -> Refused:
    """What an error of the server means and what to do. The code is repeated only where it is one of Azure's."""
    code = error_code(text)
    shown = f"{status} {code}" if code else str(status)
    coverage = CoverageStatus.DENIED if status in (401, 403) and code not in LICENCE_CODES else CoverageStatus.MISSING
    return Refused(f"{asked}: {_meaning(asked, status, code, date)} ({shown})", coverage, code)


def _meaning(asked: Asked, status: int, code: str | None, date: str | None) -> str:
    if code in LICENCE_CODES:
        return "not available without the tenant's Microsoft Entra ID P1 or P2 licence"
    if status == 401:
        return clock_fault(date) or "the sign-in was not accepted: sign in again (az login --tenant), or check the collector's application"
    if status == 403:
        return f"not allowed: {advice(asked.operation)}"
    if status == 404:
        return "not found: check the id, and that the caller's tenant is the right one"
    if status == 429:
        return "still throttled after all retries: run again later; it goes on from here"
    if status >= 500:
        return "Azure's own error, after all retries: run again later; it goes on from here"
    return "the request was not accepted: report it with the code"


def advice(operation: Operation) -> str:
    """How the caller comes to the right that the operation needs."""
    if operation.permission is not None:
        return f"consent to the Graph application permission {operation.permission} (nhi collect azure --dry-run lists them all)"
    return f"give the caller a role with {operation.name} there (nhi collect azure --dry-run prints one)"


def error_code(text: str) -> str | None:
    """Azure's error code, where it is a known one."""
    try:
        code = json.loads(text)["error"]["code"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return None
    return code if isinstance(code, str) and code in KNOWN_CODES else None


def clock_fault(date: str | None) -> str | None:
    """That this machine's clock is wrong, where the server's says so."""
    try:
        there = parsedate_to_datetime(date) if date else None
    except ValueError:
        there = None
    if there is None or there.tzinfo is None:
        return None
    minutes = round((datetime.now(UTC) - there).total_seconds() / 60)
    if abs(minutes) <= CLOCK_MINUTES:
        return None
    return (
        f"this machine's clock is {abs(minutes)} minutes {'ahead of' if minutes > 0 else 'behind'} Azure's, so tokens are refused: set it"
    )


def not_signed_in(asked: Asked, words: str) -> CallFailed:
    """No token could be had. Only the code of the sign-in service is repeated."""
    found = SIGN_IN_CODE.search(words)
    shown = f" ({found.group()})" if found else ""
    advice = "sign in (az login --tenant), or set AZURE_TENANT_ID, AZURE_CLIENT_ID and the application's certificate; check the clock too"
    return CallFailed(f"{asked}: there is no token to ask with{shown}: {advice}", CoverageStatus.DENIED)


def _text(response: Any) -> str:
    """The body of an error's answer; nothing where it cannot be read."""
    try:
        return str(response.text())
    except (ValueError, LookupError):
        return ""
