"""The wire to Azure Resource Manager and Microsoft Graph: one page at a time, bounded retries, and failures told without quoting an answer.

Nothing of a token, a header or a body is logged, raised or kept, but the answer itself that the caller asked for.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from collectors.azure.fetch_failures import Asked, decoded, not_signed_in, refused, unanswered
from collectors.azure.operations import Client, Plane
from collectors.collecting import CallFailed
from inventory.model import CoverageStatus

HTTPS_PORT = 443


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


class Answered(Exception):
    """Not a failure: carries an answer out of Azure's own client before it reads it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


def is_of_server(url: str, base: str) -> bool:
    """The page is on the server that was asked, or on a part of it: a token goes nowhere else. Azure may write the port out."""
    there, here = urlsplit(url), urlsplit(base)
    try:
        ports = {split.port or HTTPS_PORT for split in (there, here)}
    except ValueError:
        return False
    host, ours = there.hostname or "", here.hostname or ""
    return there.scheme == here.scheme and len(ports) == 1 and (host == ours or host.endswith(f".{ours}"))


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
        self._lock = threading.Lock()
        self._locks: dict[Any, threading.Lock] = {}

    def close(self) -> None:
        """Close what was opened."""
        with self._lock:
            for client in self._opened.values():
                if hasattr(client, "close"):
                    client.close()
            self._opened.clear()

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gave the first time. It may ask Azure: only those who want the same wait for it."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
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
        if isinstance(error, exceptions.ClientAuthenticationError) and not self._is_ours(asked, response):
            return not_signed_in(asked, str(error))
        if isinstance(error, exceptions.HttpResponseError) and response is not None:
            if response.status_code == 200:
                return CallFailed(f"{asked}: the answer is no JSON: is there a proxy in between?", CoverageStatus.MISSING)
            return refused(asked, response.status_code, _text(response), response.headers.get("Date"))
        if isinstance(error, exceptions.ServiceRequestError | exceptions.ServiceResponseError):
            return unanswered(asked, self.wire.timeout_seconds, self.wire.retries + 1, str(error))
        return CallFailed(f"{asked}: {type(error).__name__}: run again; it goes on from here", CoverageStatus.MISSING)

    def _is_ours(self, asked: Asked, response: Any) -> bool:
        """The answer is of the server that was asked, and not of the one that signs in."""
        return response is not None and is_of_server(str(response.request.url), self.wire.base(asked.operation.plane))


def _text(response: Any) -> str:
    """The body of an error's answer; nothing where it cannot be read."""
    try:
        return str(response.text())
    except (ValueError, LookupError):
        return ""
