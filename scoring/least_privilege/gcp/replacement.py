"""What to put in place of a grant: nothing, the smallest predefined role that holds what is kept, or a custom role of exactly that.

A predefined role is taken only if it lies within the role that is granted today, is one of a service that is used, is none of the basic
roles, and controls no kind of thing (keys, roles, policies of …) of which nothing is kept. Google advises against basic roles:
https://cloud.google.com/iam/docs/roles-overview#basic
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from scoring.least_privilege.gcp.grant_use import GrantUse
from scoring.least_privilege.gcp.names import Names
from scoring.least_privilege.gcp.roles import Roles
from scoring.least_privilege.use import Weight

BASIC = ("roles/owner", "roles/editor", "roles/viewer")
AGENT = re.compile(r"[sS]erviceAgent$")
"""Roles that Google grants to its own service agents."""
STAGES = ("GA",)
"""Launch stages of roles that may be proposed: a role in preview may go away."""

MOST_PERMISSIONS = 3000
MOST_BYTES = 64 * 1024
"""Quotas of a custom role, the names of its permissions together: https://cloud.google.com/iam/quotas"""
ONLY_ABOVE = re.compile(r"resourcemanager\.((organizations|folders)\.\w+|projects\.list)")
"""Permissions that a custom role of a project cannot hold: https://cloud.google.com/iam/docs/understanding-custom-roles"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What takes a grant's place."""

    role_id: str | None = None
    """A predefined role; None: nothing, or a custom role."""
    mask: int = 0
    """What it holds."""
    changes: bool
    """False: the grant stays as it is."""
    why: str

    @property
    def custom(self) -> bool:
        """Whether a custom role has to be made."""
        return self.changes and self.role_id is None and self.mask != 0


def replacement(grant: GrantUse, names: Names) -> Replacement:
    """Decide about one grant."""
    role_id = grant.binding.role_id
    if grant.problem:
        return Replacement(mask=grant.mask, changes=False, why=f"it cannot be judged: {grant.problem}")
    if grant.binding.group:
        return Replacement(mask=grant.mask, changes=False, why=f"{grant.binding.group} is granted it: others are in that group")
    if grant.lapsed:
        return Replacement(changes=True, why="its condition has run out: it grants nothing any more")
    if not grant.unused:
        return Replacement(mask=grant.mask, changes=False, why="nothing in it is known to be unused")
    if grant.binding.conditional and grant.binding.condition is None:
        return Replacement(mask=grant.mask, changes=False, why="the source leaves its condition out: supply the binding with it")
    if not grant.kept:
        return Replacement(changes=True, why=grant.why)
    found = smallest(grant.kept, grant.mask, names)
    if found == role_id:
        return Replacement(role_id=found, mask=grant.mask, changes=False, why=f"{role_id} is the smallest predefined role for what is used")
    if found is not None:
        mask = names.roles.predefined(found).mask
        return Replacement(role_id=found, mask=mask, changes=True, why="the smallest predefined role that holds what is kept")
    if too_large(kept := names.members(grant.kept)):
        return Replacement(
            mask=grant.mask, changes=False, why=f"no predefined role fits and {len(kept)} permissions are too many for one role"
        )
    return Replacement(mask=grant.kept, changes=True, why="no smaller predefined role holds what is kept without more control")


def too_large(permissions: list[str]) -> bool:
    """Whether a custom role cannot hold so many."""
    return len(permissions) > MOST_PERMISSIONS or sum(len(name) for name in permissions) > MOST_BYTES - 1024


@lru_cache(maxsize=512)
def _smallest(kept: int, today: int, barred: int, services: frozenset[str], roles: Roles) -> str | None:
    for role_id, mask in _by_size(roles):
        if not (kept & ~mask or mask & ~today or mask & barred) and role_id.removeprefix("roles/").partition(".")[0] in services:
            return role_id
    return None


def smallest(kept: int, today: int, names: Names) -> str | None:
    """The predefined role with the fewest permissions that holds `kept`, lies within `today` and controls nothing of another kind."""
    control = names.of_weight(Weight.CONTROL)
    kinds = {_kind(name) for name in names.members(kept & control)}
    barred = names.mask_of(name for name in names.members(today & control & ~kept) if _kind(name) not in kinds)
    services = frozenset(_kind(name).partition(".")[0] for name in names.members(kept))
    return _smallest(kept, today, barred, services, names.roles)


def _kind(permission: str) -> str:
    """`iam.roles` of iam.roles.update."""
    return permission.rpartition(".")[0]


@lru_cache(maxsize=2)
def _by_size(roles: Roles) -> list[tuple[str, int]]:
    fit = [role_id for role_id in roles.ids if role_id not in BASIC and not AGENT.search(role_id) and roles.stage(role_id) in STAGES]
    return sorted(((role_id, roles.predefined(role_id).mask) for role_id in fit), key=lambda one: (one[1].bit_count(), one[0]))
