"""Grants of roles, as GCP and Azure make them, and what a verdict on them is put together from.

A grant is a role on a place. Identities with the same grants share a verdict: places are reduced to how far they reach, and projects
and subscriptions are numbered within an identity, so that the same roles in other projects are the same set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from scoring.least_privilege.verdict import Privilege, Verdict


class Reach(StrEnum):
    """How much a place covers."""

    ORGANIZATION = "organization"
    """GCP."""
    FOLDER = "folder"
    """GCP."""
    PROJECT = "project"
    """GCP."""
    SERVICE_ACCOUNT = "service_account"
    """One GCP service account."""
    ROOT = "root"
    """Azure: everything below the tenant's root group; or the directory, for directory roles."""
    MANAGEMENT_GROUP = "management_group"
    """Azure."""
    SUBSCRIPTION = "subscription"
    """Azure."""
    RESOURCE_GROUP = "resource_group"
    """Azure."""
    RESOURCE = "resource"
    """One resource, or part of it."""
    UNKNOWN = "unknown"
    """The source does not say where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role that an identity has on a place."""

    member: str
    """What it is told apart by, and what breaks ties: the same whatever else is judged."""
    via: str
    """role, eligible, app_role, delegated, directory_role, access_policy, deny."""
    role_id: str
    document_id: str | None
    """Text of the role, where the evidence has it."""
    reach: Reach
    place: str
    """Number of the project or folder within the identity; empty where it does not matter."""
    conditional: bool


class Weight(IntEnum):
    """What a finding comes to, the heaviest last. The heaviest finding on a set is its verdict: a further grant can only add."""

    NOTHING = 0
    READ = 1
    LOWER = 2
    """Open, but certainly no administration."""
    WRITE = 3
    OPEN = 4
    """May come to administration."""
    ADMIN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a set of grants allows."""

    weight: Weight
    reason: str
    members: tuple[str, ...]
    """Grants that show it, the one that the reason speaks of first."""
    plain: int = 0
    """The plainer of two equal findings speaks: wide and unconditional ones, and earlier methods, have a higher number."""


LEVELS = {
    Weight.NOTHING: (Privilege.NONE, Privilege.NONE),
    Weight.READ: (Privilege.READ, Privilege.READ),
    Weight.LOWER: (Privilege.UNKNOWN, Privilege.WRITE),
    Weight.WRITE: (Privilege.WRITE, Privilege.WRITE),
    Weight.OPEN: (Privilege.UNKNOWN, Privilege.ADMIN),
    Weight.ADMIN: (Privilege.ADMIN, Privilege.ADMIN),
}

SHOWN = 5
"""Grants named as evidence of a verdict."""


def verdict(findings: Iterable[Finding], *, also: str = "") -> Verdict:
    """The verdict that findings come to. `also`: a note that changes nothing."""
    found = max(findings, key=lambda one: (one.weight, one.plain, tuple(reversed(one.members))), default=None)
    if found is None:
        return Verdict(privilege=Privilege.NONE, at_most=Privilege.NONE, reason="no grant allows it anything" + also)
    privilege, at_most = LEVELS[found.weight]
    return Verdict(privilege=privilege, at_most=at_most, reason=found.reason + also, documents=found.members[:SHOWN])
