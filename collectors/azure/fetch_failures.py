"""What goes wrong between Azure and us, in words that say what to do. Nothing of a token, a header or a body is repeated.

An error's code is repeated only where it is one of Azure's own: any other may hold anything.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from collectors.azure.operations import Operation
from collectors.collecting import CallFailed, NoLogin
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
class Asked:
    """What a message names: the operation and whose it is."""

    operation: Operation
    scope: str

    def __str__(self) -> str:
        return f"{self.operation.name} of {self.scope}"


class Refused(CallFailed):
    """Azure answered with an error."""

    def __init__(self, message: str, status: CoverageStatus, code: str | None = None) -> None:
        """`code`: of KNOWN_CODES, or None."""
        super().__init__(message, status)
        self.code = code


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
    return NoLogin(f"{asked}: there is no token to ask with{shown}: {advice}", CoverageStatus.DENIED)


def unanswered(asked: Asked, seconds: float, times: int, words: str) -> CallFailed:
    """No answer came. `words`: of the client, looked at and not repeated."""
    if "CERTIFICATE_VERIFY_FAILED" in words:
        advice = "the server's certificate is not trusted here: is there a proxy in between? REQUESTS_CA_BUNDLE names the file that holds its own"
        return CallFailed(f"{asked}: {advice}", CoverageStatus.MISSING)
    waited = f"no answer within {seconds:g} s, asked {times} times"
    return CallFailed(f"{asked}: {waited}: check the network, then run again; it goes on from here", CoverageStatus.MISSING)
