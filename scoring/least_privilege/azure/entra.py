"""What Microsoft's directory gives: application permissions of its APIs, and directory roles.

Sources disagree on which permissions make an administrator. `admin` is what all that we compared agree on; what some call critical and
others do not stays `open`, which is judged as unknown: admin, perhaps.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

Level = Literal["admin", "open", "write", "read"]

AGREED = frozenset(
    "AppRoleAssignment.ReadWrite.All Application.ReadWrite.All DelegatedAdminRelationship.ReadWrite.All Directory.ReadWrite.All "
    "Domain.ReadWrite.All Organization.ReadWrite.All Policy.ReadWrite.AuthenticationMethod Policy.ReadWrite.ConditionalAccess "
    "Policy.ReadWrite.PermissionGrant RoleAssignmentSchedule.ReadWrite.Directory RoleEligibilitySchedule.ReadWrite.Directory "
    "RoleManagement.ReadWrite.Directory RoleManagementPolicy.ReadWrite.Directory User-PasswordProfile.ReadWrite.All "
    "User.EnableDisableAccount.All User.ReadWrite.All UserAuthenticationMethod.ReadWrite.All".split()
)
"""Permissions of Microsoft Graph that ScubaGear calls critical, AzurePrivilegedIAM control plane, and other lists tier 0."""

DISPUTED = frozenset(
    "Application.ReadUpdate.All PrivilegedAccess.ReadWrite.AzureAD PrivilegedAccess.ReadWrite.AzureADGroup "
    "PrivilegedAccess.ReadWrite.AzureResources PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup "
    "PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup Group.ReadWrite.All GroupMember.ReadWrite.All".split()
)
"""Permissions that are as good as a group or application they may change: admin if one of those is."""

TIER_ZERO: Mapping[str, str] = {
    "62e90394-69f5-4237-9190-012177145e10": "Global Administrator",
    "e8611ab8-c189-46e8-94e1-60213ab1f814": "Privileged Role Administrator",
    "7be44c8a-adaf-4e2a-84d6-ab2649e08a13": "Privileged Authentication Administrator",
    "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3": "Application Administrator",
    "158c047a-c907-4556-b7ef-446551a6b5f7": "Cloud Application Administrator",
    "8ac3fc64-6eca-42ea-9e69-59f4c7b60eb2": "Hybrid Identity Administrator",
    "d29b2b05-8046-44ba-8758-1e26182fcf32": "Directory Synchronization Accounts",
    "8329153b-31d0-4727-b945-745eb3bc5f31": "Domain Name Administrator",
    "be2f45a1-457d-42af-a067-6ec1fa63bc45": "External Identity Provider Administrator",
    "b1be1c3e-b65d-4f19-8427-f6fa0d97feb9": "Conditional Access Administrator",
    "194ae4cb-b126-40b2-bd5b-6091b380977d": "Security Administrator",
    "e00e864a-17c5-4a4b-9c06-f5b95a8d5bd8": "Partner Tier2 Support",
}
"""Directory roles that can make themselves or another a Global Administrator, or open the tenant to a foreign issuer."""

CHANGING: Mapping[str, str] = {
    "95e79109-95c0-4d8e-aee3-d01accf2d47b": "Guest Inviter",
    "cf1c38e5-3621-4004-a7cb-879624dced7c": "Application Developer",
    "11648597-926c-4cf3-9c36-bcebb0ba8dcc": "Power Platform Administrator",
    "a9ea8996-122f-4c74-9520-8edcd192826c": "Fabric Administrator",
    "f023fd81-a637-4b56-95fd-791ac0226033": "Service Support Administrator",
    "2b745bdf-0803-4d80-aa65-822c4493daac": "Office Apps Administrator",
    "644ef478-e28f-4e28-b9dc-3fdde9aa0b1f": "Printer Administrator",
}
"""Directory roles that change things, but no user, group, application or device."""

READING: Mapping[str, str] = {
    "88d8e3e3-8f55-4a1e-953a-9b9898b8876b": "Directory Readers",
    "f2ef992c-3afb-46b9-b7cf-a126ee74c451": "Global Reader",
    "5d6b6bb7-de71-4623-b4af-96380a352509": "Security Reader",
    "4a5d8f65-41da-4de4-8968-e035b65339cf": "Reports Reader",
    "790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b": "Message Center Reader",
    "75934031-6c7e-415a-99d7-48dbd49e875e": "Usage Summary Reports Reader",
}
"""Directory roles that read. What a directory role outside these three tables comes to is left open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """One application permission."""

    role_id: str
    """GUID of the app role, lower case."""
    api: str
    name: str
    level: Level
    risk: str | None
    """In ScubaGear."""
    tier: str | None
    """In AzurePrivilegedIAM."""

    @property
    def sources(self) -> str:
        """Who says how much it weighs, in words."""
        said = [f"ScubaGear: {self.risk.lower()}"] if self.risk else []
        return ", ".join([*said, f"AzurePrivilegedIAM: {self.tier}"] if self.tier else said)


class Permissions:
    """Application permissions by id and by name."""

    def __init__(self, permissions: Iterable[Permission]) -> None:
        self.by_id = {permission.role_id: permission for permission in permissions}
        self._by_name: dict[str, Permission] = {}
        for permission in sorted(self.by_id.values(), key=lambda one: (RANK[one.level], one.role_id)):
            # one name in two APIs, or twice in one: the weightiest counts
            self._by_name[permission.name.lower()] = permission

    def find(self, *labels: str | None) -> Permission | None:
        """By id or by name, whichever a source gives."""
        for label in labels:
            key = (label or "").lower()
            if found := self.by_id.get(key) or self._by_name.get(key):
                return found
        return None


RANK: Mapping[Level, int] = {"read": 0, "write": 1, "open": 2, "admin": 3}


def parse(text: str) -> Permissions:
    """Read the table that `build_roles` writes."""
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return Permissions(
        Permission(
            role_id=role_id,
            api=api,
            name=name,
            level=_level(level),
            risk=None if risk == "-" else risk,
            tier=None if tier == "-" else tier,
        )
        for role_id, api, name, level, risk, tier in rows
    )


def _level(text: str) -> Level:
    for level in RANK:
        if level == text:
            return level
    raise ValueError(f"entra_permissions.tsv: no level {text!r}")


@lru_cache(maxsize=1)
def standard() -> Permissions:
    """The table that ships with the product, read once."""
    return parse((files("scoring.least_privilege.azure") / "entra_permissions.tsv").read_text(encoding="utf-8"))
