"""What an Azure identity may do: the union of its grants, less what deny assignments take away.

Role assignments add up, and what one role's notActions leave out another may give; a role holds on its scope and all that lies below; a
deny assignment wins over every role (https://learn.microsoft.com/azure/role-based-access-control/overview). Which subscriptions lie in a
management group the evidence does not say: a grant there counts for each of them, a denial there for none. A denial with exceptions, or
one whose text is not in the evidence, takes nothing away. Roles that somebody would first have to activate (PIM) are told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from scoring.least_privilege.azure.entra import CHANGING, READING, TIER_ZERO, Permissions
from scoring.least_privilege.azure.entra import standard as standard_permissions
from scoring.least_privilege.azure.privilege import DEFAULT_ACCESS, DIRECTORY
from scoring.least_privilege.azure.rights import Plane, Rights
from scoring.least_privilege.azure.roles import Block, Role, Roles, custom, standard
from scoring.least_privilege.use import Weight

LEVELS = {"admin": Weight.CONTROL, "open": Weight.CONTROL, "write": Weight.CHANGE, "read": Weight.LOOK}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One grant that an identity holds."""

    via: str
    """role, eligible, deny, app_role, delegated, directory_role, access_policy."""
    role_id: str
    """GUID of a role or permission, lower case; for a vault's own policy its text, `secrets: get, list`."""
    name: str = ""
    """As people call it; empty where it does not matter."""
    document_id: str | None = None
    place: str = ""
    """Azure scope, lower case, without a slash at the end; Graph application; empty: not said."""
    conditional: bool = False
    group: str | None = None
    """Group that it comes through."""
    window_days: int | None = None
    """How far back a log that covers its place looks; None: nothing does."""
    covered: bool = False
    """The log covers all of the place for as long as the policy asks."""
    changed_at: datetime | None = None
    evidence: str = ""

    @property
    def title(self) -> str:
        """`Contributor on /subscriptions/…`."""
        return f"{self.name or self.role_id} on {self.place}" if self.place else self.name or self.role_id


class Effective(NamedTuple):
    """Sets of rights, as bits of one `Rights`."""

    sure: int
    conditional: int
    """Held under conditions only, or for the user who signs in."""
    eligible: int
    """Held only once somebody activates a role."""

    @property
    def all(self) -> int:
        return self.sure | self.conditional | self.eligible


class Judge:
    """Roles by their texts, and what each grant comes to, found out once."""

    def __init__(self, texts: Mapping[str, str] | None = None, used: Iterable[str] = (), roles: Roles | None = None) -> None:
        """`texts`: definitions of custom roles and denials by document id. `used`: control actions seen in use."""
        self.texts = texts or {}
        self.roles = roles or standard()
        self.permissions: Permissions = standard_permissions()
        self._roles: dict[tuple[str, str | None], Role] = {}
        blocks = [block for document_id in sorted(self.texts) for block in custom(document_id, self.texts[document_id]).blocks]
        control = (name for block in blocks for name in (*block.actions, *block.not_actions))
        data = (name for block in blocks for name in (*block.data_actions, *block.not_data_actions))
        self.rights = Rights([*control, *used], data)
        self._masks: dict[Held, int] = {}
        self.smaller: dict[tuple[Role, int], tuple[Block | None, Role | None]] = {}
        """Kept by `narrow`: what is left of a role of which some rights must stay."""

    def role(self, held: Held) -> Role:
        """The role of a grant: by its text where the evidence has it, else as Microsoft defines it."""
        text = self.texts.get(held.document_id or "")
        key = (held.role_id, held.document_id if text is not None else None)
        if key not in self._roles:
            self._roles[key] = self.roles.find(held.role_id) if text is None else custom(held.role_id, text)
        return self._roles[key]

    @cached_property
    def built_in(self) -> list[tuple[int, Role]]:
        """Built-in roles without conditions and the listed actions of each, the smallest first."""
        plain = [role for role in self.roles.by_id.values() if role.blocks and not any(block.condition for block in role.blocks)]
        masks = [(sum_of(self.rights.block(block) for block in role.blocks) & ~self.rights.patterns, role) for role in plain]
        return sorted(masks, key=lambda one: (one[0].bit_count(), len(one[1].name), one[1].name))

    def mask(self, held: Held) -> int:
        """What one grant gives, or a denial takes away. Conditions aside."""
        if held not in self._masks:
            self._masks[held] = self._mask(held)
        return self._masks[held]

    def tied(self, held: Held) -> bool:
        """Whether a condition of the assignment or of the role limits it."""
        if held.via == "delegated" or held.conditional:
            return True
        return held.via == "role" and any(block.condition for block in self.role(held).blocks)

    def _mask(self, held: Held) -> int:
        if held.via == "app_role":
            return self._app_role(held)
        if held.via == "delegated":
            known = self.permissions.find(held.role_id)
            name = f"Microsoft Graph/{held.role_id} (delegated)"
            return self.rights.bit(Plane.ENTRA, name, LEVELS[known.level] if known else Weight.LOOK)
        if held.via == "access_policy":
            return self._verbs(held)
        if of_directory(held):
            return self._directory(held)
        if held.via == "deny":
            return sum_of(self.rights.block(block) for block in self.role(held).blocks) if held.document_id in self.texts else 0
        role = self.role(held)
        if role.problem:
            return self.rights.bit(Plane.PATTERN, f"everything that the role {held.name or held.role_id} allows", Weight.CHANGE)
        return sum_of(self.rights.block(block) for block in role.blocks)

    def _app_role(self, held: Held) -> int:
        if held.role_id == DEFAULT_ACCESS:
            return 0
        known = self.permissions.find(held.role_id)
        if known is None:
            return self.rights.bit(Plane.ENTRA, f"{held.place or 'application'}/{held.name or held.role_id}", Weight.CHANGE)
        return self.rights.bit(Plane.ENTRA, f"{known.api}/{known.name}", LEVELS[known.level])

    def _verbs(self, held: Held) -> int:
        part, _, verbs = held.role_id.partition(":")
        found = 0
        for verb in (verb.strip().lower() for verb in verbs.split(",")):
            weight = Weight.LOOK if verb in {"get", "list"} else Weight.CHANGE
            found |= self.rights.bit(Plane.VAULT, f"Key Vault/{part.strip()}: {verb}", weight)
        return found

    def _directory(self, held: Held) -> int:
        weight = Weight.CONTROL
        if held.role_id in READING:
            weight = Weight.LOOK
        elif held.role_id in CHANGING or (held.role_id in TIER_ZERO and held.place not in ("", "/")):
            weight = Weight.CHANGE
        return self.rights.bit(Plane.ENTRA, f"Entra/directory role {DIRECTORY.get(held.role_id, held.name or held.role_id)}", weight)

    def lost(self, held: Held, all_held: Sequence[Held]) -> int:
        """What denials certainly take away from one grant, on all of its place."""
        if held.via not in {"role", "eligible"} or of_directory(held):
            return 0
        return sum_of(
            self.mask(one) for one in all_held if one.via == "deny" and not one.conditional and certainly_covers(one.place, held.place)
        )

    def given(self, held: Held, all_held: Sequence[Held]) -> int:
        """What one grant gives in the company of others."""
        return 0 if held.via == "deny" else self.mask(held) & ~self.lost(held, all_held)

    def effective(self, all_held: Sequence[Held], place: str | None = None) -> Effective:
        """What grants give together: on one place, or with None on any."""
        sure = conditional = eligible = denied = 0
        for held in all_held:
            if held.via == "deny":
                if place is not None and not held.conditional and certainly_covers(held.place, place):
                    denied |= self.mask(held)
                continue
            if place is not None and held.via in {"role", "eligible"} and not covers(held.place, place):
                continue
            found = self.given(held, all_held)
            if held.via == "eligible":
                eligible |= found
            elif self.tied(held):
                sure |= self._untied(held) & found
                conditional |= found
            else:
                sure |= found
        sure, conditional, eligible = sure & ~denied, conditional & ~denied, eligible & ~denied
        return Effective(sure, conditional & ~sure, eligible & ~sure & ~conditional)

    def _untied(self, held: Held) -> int:
        """What a role with a condition on some of its blocks gives by the others."""
        if held.conditional or held.via != "role":
            return 0
        return sum_of(self.rights.block(block) for block in self.role(held).blocks if not block.condition)


def sum_of(masks: Iterable[int]) -> int:
    """The union of sets."""
    found = 0
    for mask in masks:
        found |= mask
    return found


def of_directory(held: Held) -> bool:
    """A role of the directory, held or one activation away."""
    return held.via == "directory_role" or (held.via == "eligible" and held.role_id in DIRECTORY)


def covers(wide: str, narrow: str) -> bool:
    """Whether a grant on one place may count on another. An unknown place counts everywhere."""
    if not wide or wide == "/" or _is_group(wide):
        return True
    return narrow == wide or narrow.startswith(wide + "/")


def certainly_covers(wide: str, narrow: str) -> bool:
    """Whether everything on one place certainly lies on another too."""
    return bool(wide) and (wide == "/" or narrow == wide or narrow.startswith(wide + "/"))


def _is_group(place: str) -> bool:
    return place.startswith("/providers/microsoft.management/managementgroups/")
