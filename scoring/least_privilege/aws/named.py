"""How the principals of a resource's policy name the one who asks: in person, by role, or by account.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and, for NotPrincipal,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

from enum import Enum

from scoring.least_privilege.aws.documents import Principals
from scoring.least_privilege.aws.holds import Holds
from scoring.least_privilege.aws.request import Request


class Named(Enum):
    """How a statement comes to speak of a principal."""

    DIRECT = "direct"
    """The user, the session, or everyone: grants without the boundary's consent."""
    ROLE = "role"
    """The role: grants within the boundary."""
    ACCOUNT = "account"
    """The account: leaves it to the account's own policies; a Deny strikes all of its principals."""


def ways(principals: Principals, request: Request) -> set[Named]:
    """All ways in which the listed names mean the one who asks."""
    return {found for kind, name in principals.named if (found := _way(kind, name, request)) is not None}


def _way(kind: str, name: str, request: Request) -> Named | None:
    if kind == "AWS" and name == "*":
        return Named.DIRECT
    if kind != "AWS":
        return None
    if name in (request.account, f"arn:{request.principal.split(':')[1]}:iam::{request.account}:root"):
        return Named.ACCOUNT
    if name == request.principal:
        return Named.ROLE if ":role/" in name else Named.DIRECT
    if ":assumed-role/" in request.principal and _role_of(name) == (request.account, request.role_name):
        return Named.ROLE
    return None


def _role_of(arn: str) -> tuple[str, str] | None:
    """Account and name of a role's ARN."""
    parts = arn.split(":", 5)
    return (parts[4], parts[5].rsplit("/", 1)[-1]) if len(parts) == 6 and parts[5].startswith("role/") else None


def denies(principals: Principals, request: Request, *, bounded: bool) -> Holds:
    """Whether a Deny speaks of the one who asks. `bounded`: a permission boundary is set, and NotPrincipal then spares nobody."""
    found = ways(principals, request)
    if not principals.negated:
        return Holds.ALWAYS if found else Holds.NEVER
    if bounded or not found - {Named.ACCOUNT}:
        return Holds.ALWAYS  # the account alone spares none of its users and roles
    if Named.ACCOUNT in found or ("AWS", "*") in principals.named:
        return Holds.NEVER
    return Holds.MAYBE  # AWS asks for the account beside the principal; otherwise it "may deny", depending on the service
