"""Speaks to AWS: clients per account and region, and answers or a failure that says what to do.

No message of AWS's is ever quoted: those about signatures repeat the request, its headers and its session token.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.collecting import CallFailed, NoLogin
from inventory.model import CoverageStatus

SESSION_NAME = "nhi-collect"
CODE = re.compile(r"[A-Za-z0-9_.:-]{1,80}")

CLOCK = re.compile(r"RequestTimeTooSkewed|RequestExpired|RequestInTheFuture|InvalidSignature|SignatureDoesNotMatch")
BAD_CREDENTIALS = re.compile(
    r"ExpiredToken|InvalidClientTokenId|UnrecognizedClient|AuthFailure|InvalidAccessKeyId|InvalidToken|MissingAuthenticationToken"
)
NOT_ALLOWED = re.compile(
    r"AccessDenied|UnauthorizedOperation|AuthorizationError|NotAuthorized|Forbidden|OptInRequired|SubscriptionRequired"
)
THROTTLED = re.compile(r"Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded|PriorRequestNotComplete|BandwidthLimit")
SKEWED_WORDS = ("expired", "not yet current", "too skewed", "in the future")


class Nothing(Exception):
    """AWS says that there is none of what was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """How patiently to ask."""

    attempts: int = 8
    """Per call; between them botocore waits, and asks less often the more it is throttled."""
    connect_timeout: float = 10
    read_timeout: float = 60
    connections: int = 16
    poll_seconds: float = 1
    polls: int = 120
    """How often a job is looked at before it is given up."""


@dataclass(slots=True)
class Session:
    """One identity: the caller's own, or a role that it assumes."""

    profile: str | None = None
    role: str | None = None
    wire: Wire = field(default_factory=Wire)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _clients: dict[tuple[str, str | None], Any] = field(default_factory=dict, repr=False)
    _regions: dict[str, list[str] | None] = field(default_factory=dict, repr=False)
    _session: Any = field(default=None, repr=False)

    def fetch_client(self, service: str, region: str | None) -> Any:
        """A client, made once. Raises CallFailed when there are no credentials, or the role may not be assumed."""
        from botocore.exceptions import BotoCoreError  # noqa: PLC0415  only who collects needs it

        with self._lock:  # sessions are not made for several threads; clients are
            key = (service, region)
            if key not in self._clients:
                try:
                    self._session = self._session or self._fetch_session()
                    self._clients[key] = self._session.client(service, region_name=region, config=self._fetch_config())
                except BotoCoreError as error:
                    raise NoLogin(
                        f"{type(error).__name__}: no usable AWS credentials or settings; see `aws configure`", CoverageStatus.MISSING
                    ) from None
            return self._clients[key]

    def fetch_regions_of(self, service: str) -> list[str] | None:
        """Regions that have the service, as far as the installed SDK knows; None: it does not."""
        import boto3  # noqa: PLC0415  only who collects needs it

        with self._lock:
            if service not in self._regions:
                self._regions[service] = boto3.session.Session(region_name="us-east-1").get_available_regions(service) or None
            return self._regions[service]

    def _fetch_session(self) -> Any:
        import boto3  # noqa: PLC0415  only who collects needs it

        own = boto3.session.Session(profile_name=self.profile)
        if self.role is None:
            return own
        sts = own.client("sts", region_name=own.region_name or "us-east-1", config=self._fetch_config())
        return boto3.session.Session(botocore_session=_fetch_renewed(sts, self.role))

    def _fetch_config(self) -> Any:
        from botocore.config import Config  # noqa: PLC0415  only who collects needs it

        return Config(
            retries={"mode": "adaptive", "max_attempts": self.wire.attempts},
            connect_timeout=self.wire.connect_timeout,
            read_timeout=self.wire.read_timeout,
            max_pool_connections=self.wire.connections,
        )


def _fetch_renewed(sts: Any, role: str) -> Any:
    """A session of the role that is renewed before it ends: a large account takes longer than an hour."""
    from botocore.credentials import RefreshableCredentials  # noqa: PLC0415  only who collects needs it
    from botocore.session import get_session  # noqa: PLC0415

    def assume() -> dict[str, str]:
        given = fetch_answer(sts, "sts:AssumeRole", "assume_role", {"RoleArn": role, "RoleSessionName": SESSION_NAME})["Credentials"]
        return {
            "access_key": given["AccessKeyId"],
            "secret_key": given["SecretAccessKey"],
            "token": given["SessionToken"],
            "expiry_time": given["Expiration"].isoformat(),
        }

    session = get_session()
    session._credentials = RefreshableCredentials.create_from_metadata(metadata=assume(), refresh_using=assume, method="sts-assume-role")
    return session


def fetch_answer(
    client: Any, operation: str, method: str, arguments: Mapping[str, Any], *, nothing: tuple[str, ...] = ()
) -> dict[str, Any]:
    """One answer without its HTTP headers. Raises CallFailed; Nothing for the error codes that say that there is nothing."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  only who collects needs it
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    try:
        answer = getattr(client, method)(**arguments)
    except ClientError as error:
        said = error.response.get("Error") or {}
        if said.get("Code") in nothing:
            raise Nothing from None
        raise _refused(operation, said, error.response.get("ResponseMetadata") or {}) from None
    except ResponseParserError:
        what = "the answer is none that AWS gives: the service is not there, or something stands between"
        raise CallFailed(f"{operation}: {what}", CoverageStatus.MISSING) from None
    except BotoCoreError as error:
        name = type(error).__name__
        failed = NoLogin if _is_of_login(name) else CallFailed
        raise failed(f"{operation}: {_trouble(name)}", CoverageStatus.MISSING) from None
    answer.pop("ResponseMetadata", None)
    return dict(answer)


def _refused(operation: str, said: Mapping[str, Any], metadata: Mapping[str, Any]) -> CallFailed:
    """What a refusal means, from its code alone."""
    code = str(said.get("Code"))
    code = code if CODE.fullmatch(code) else "an unknown code"
    status = metadata.get("HTTPStatusCode")
    words = str(said.get("Message")).lower()
    if CLOCK.search(code) and (
        not code.startswith(("InvalidSignature", "SignatureDoesNot")) or any(word in words for word in SKEWED_WORDS)
    ):
        return CallFailed(f"{operation}: refused ({code}): this machine's clock is wrong; set it and run again", CoverageStatus.MISSING)
    if CLOCK.search(code) or BAD_CREDENTIALS.search(code):
        return NoLogin(
            f"{operation}: the credentials are not valid, or no longer ({code}): sign in anew and run again", CoverageStatus.DENIED
        )
    if NOT_ALLOWED.search(code) or status in (401, 403):
        return CallFailed(
            f"{operation}: not allowed ({code}); `nhi collect aws --dry-run` prints the policy that allows it", CoverageStatus.DENIED
        )
    if THROTTLED.search(code):
        return CallFailed(
            f"{operation}: still throttled after many attempts ({code}): run it again later, it goes on from here", CoverageStatus.MISSING
        )
    if code == "AWSOrganizationsNotInUseException":
        return CallFailed(f"{operation}: the account is in no organisation ({code})", CoverageStatus.MISSING)
    return CallFailed(f"{operation}: no answer ({code}, HTTP {status})", CoverageStatus.MISSING)


def _is_of_login(name: str) -> bool:
    return "Credential" in name or "Token" in name or "SSO" in name


def _trouble(name: str) -> str:
    """What a failure without an answer means, from the name of the exception."""
    if _is_of_login(name):
        return f"no usable AWS credentials ({name}); see `aws configure`, then run it again"
    if "Timeout" in name:
        return f"timed out ({name}): run it again"
    if "Connect" in name or "Endpoint" in name or "HTTPClient" in name or "SSL" in name or "Proxy" in name:
        return f"the service could not be reached ({name}): check network and region, then run it again"
    return f"could not be asked ({name})"
