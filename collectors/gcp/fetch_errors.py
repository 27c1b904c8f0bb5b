"""Refusals of Google's APIs: what they mean for the facts, and what the operator can do. Nothing of an answer's text is repeated.

gRPC and REST come down to one code (https://grpc.io/docs/guides/status-codes/) and, where given, one reason
(https://cloud.google.com/apis/design/errors#error_info).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from collectors.collecting import CallFailed, NoLogin
from collectors.gcp.fetch_operations import Operation
from inventory.model import CoverageStatus

ROLE_FILES = {False: "docs/permissions/gcp-role.yaml", True: "docs/permissions/gcp-role-organization.yaml"}

CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    408: "DEADLINE_EXCEEDED",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""HTTP status -> code."""

THROTTLED = {"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"}
"""Reasons with which Compute and Storage answer 403 for 429. https://cloud.google.com/storage/docs/json_api/v1/status-codes"""
NOT_ENABLED = {"SERVICE_DISABLED", "accessNotConfigured"}
OTHER_PROJECT = {"USER_PROJECT_DENIED", "CONSUMER_INVALID"}
PERIMETER = {"SECURITY_POLICY_VIOLATED", "vpcServiceControls"}
NO_BILLING = {"BILLING_DISABLED"}

PASSING = {"RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL", "ABORTED"}
"""Codes that a later try may not meet. A call that ran out of time would run out of it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why a request was not answered."""

    code: str
    reason: str | None = None
    after_seconds: float | None = None
    """What the server asks to wait."""

    @property
    def passing(self) -> bool:
        return self.code in PASSING


class Refused(Exception):
    """A request that was not answered; not yet said what that means."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


NO_LOGIN = Refusal(code="UNAUTHENTICATED", reason="NO_LOGIN")
NOT_RENEWED = Refusal(code="UNAUTHENTICATED", reason="NOT_RENEWED")
"""The token could not be renewed: revoked, or signed at a time that the server does not believe."""
NO_CONNECTION = Refusal(code="UNAVAILABLE", reason="NO_CONNECTION")
ODD_ANSWER = Refusal(code="DATA_LOSS", reason="ODD_ANSWER")


def of_http(status: int, body: Any, headers: Mapping[str, str]) -> Refusal:
    """From an HTTP answer; of the body only the reason is looked at."""
    reason = _reason(body)
    code = "RESOURCE_EXHAUSTED" if status == 403 and reason in THROTTLED else CODES.get(status, "UNKNOWN")
    return Refusal(code=code, reason=reason, after_seconds=_seconds(headers.get("Retry-After")))


def _reason(body: Any) -> str | None:
    """`details[].reason` of newer APIs, `errors[].reason` of Compute and Storage."""
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return None
    told = [*_dicts(error.get("details")), *_dicts(error.get("errors"))]
    return next((one["reason"] for one in told if isinstance(one.get("reason"), str)), None)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _seconds(header: str | None) -> float | None:
    return float(header) if header and header.isdecimal() else None


def failed(operation: Operation, scope: str, refusal: Refusal) -> CallFailed:
    """What coverage and the list of warnings say."""
    said, status = _said(operation, scope, refusal)
    kind = NoLogin if refusal in (NO_LOGIN, NOT_RENEWED) else CallFailed
    return kind(f"{operation.name} for {scope}: {said}", status)


def _said(operation: Operation, scope: str, refusal: Refusal) -> tuple[str, CoverageStatus]:
    if refusal.reason in NOT_ENABLED:
        return (
            f"the API is not enabled: gcloud services enable {operation.api} in the project that calls are counted on, or leave it unknown",
            CoverageStatus.MISSING,
        )
    if refusal.reason in PERIMETER:
        return "a VPC Service Controls perimeter refused it: ask from inside, or add an ingress rule", CoverageStatus.DENIED
    if refusal.reason in OTHER_PROJECT:
        return (
            "the project that calls are counted on is not to be used by this login: grant serviceusage.services.use on it, or name another",
            CoverageStatus.DENIED,
        )
    if refusal.reason in NO_BILLING:
        return "the project has no billing account, so its API does not answer", CoverageStatus.MISSING
    if refusal.code == "PERMISSION_DENIED":
        return _denied(operation, scope), CoverageStatus.DENIED
    if refusal.code == "UNAUTHENTICATED":
        return _not_logged_in(refusal), CoverageStatus.DENIED
    return _MISSING.get(refusal.reason or "", _MISSING.get(refusal.code, "an error of the server: run it again")), CoverageStatus.MISSING


def _denied(operation: Operation, scope: str) -> str:
    wanted = " and ".join(operation.permissions) or "access"
    return f"denied: grant {wanted} on {'the organisation' if scope == '*' or operation.above else scope} ({ROLE_FILES[operation.above]})"


def _not_logged_in(refusal: Refusal) -> str:
    if refusal.reason == "NO_LOGIN":
        return "no login was found: run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS"
    return "the login was not accepted: check that the clock of this machine is right, then run gcloud auth application-default login"


_MISSING = {
    "NO_CONNECTION": "the connection failed: run it again",
    "ODD_ANSWER": "the answer is not what the API promises: run it again, and report it if it stays so",
    "RESOURCE_EXHAUSTED": "throttled, and still after several tries: run it again later, it goes on where it stopped",
    "DEADLINE_EXCEEDED": "it timed out: run it again, it goes on where it stopped",
    "UNAVAILABLE": "the API did not answer after several tries: run it again later",
    "UNIMPLEMENTED": "the API does not implement it: check the endpoint",
    "NOT_FOUND": "not found: check the name, and that it still exists",
    "INVALID_ARGUMENT": "the request was refused as not valid: check the name",
    "FAILED_PRECONDITION": "the API refuses it in the state in which the project is: check that the project is active",
}
"""By reason, then by code. Every other: an error of the server."""
