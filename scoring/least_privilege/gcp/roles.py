"""Google Cloud's predefined roles: which permissions each one holds, as bit sets over all permissions.

Permission names are compared as written: Google's are case-sensitive. A role is decoded when it is first asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from scoring.least_privilege.gcp.escalation import WATCHED

READS = re.compile(
    r"(batchGet|batchRead|get|list|query|search|read|view|fetch|lookup|count|describe|access|download|export|useReadOnly"
    r"|aggregate|analyze|calculate|check|enumerate|evaluate|find|full|group|preview|sampleRowKeys|show|simulate|summarize|test|validate|verify|wait)"
    r"([A-Z]\w*)?"
)
"""Last parts of permissions that look and change nothing, an export included: it copies."""

HANDS_OUT = re.compile(r"Token|Credential|Kubeconfig|KeyString")
"""A look that hands out a credential is as good as what the credential opens: it counts as write."""

READ_ONLY = frozenset({"roles/viewer"})
"""Google says of the basic role Viewer that its permissions do not affect state, whatever their names."""


def reads(permission: str) -> bool:
    """Whether a permission only looks. What is not plainly a look counts as write."""
    verb = permission.rsplit(".", 1)[-1]
    return READS.fullmatch(verb) is not None and HANDS_OUT.search(verb) is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What one role holds."""

    role_id: str
    title: str
    mask: int = 0
    """Permissions of the catalogue, as bits."""
    unlisted: tuple[str, ...] = ()
    """Permissions that the catalogue lacks."""
    problem: str | None = None
    """Why it could not be judged; such a role may hold anything."""


class Roles:
    """The catalogue: permissions with a bit each, and the predefined roles."""

    def __init__(self, permissions: Iterable[str], coded: dict[str, tuple[str, str, str]], *, date: str = "") -> None:
        """`coded`: role -> stage, title and runs, as in the table."""
        self.date = date
        listed = list(permissions)
        # what decides over administration has a bit even where the catalogue lacks it: a gap in it must not hide an administrator
        self.names = [*listed, *sorted(WATCHED - set(listed))]
        self._bit = {name: 1 << position for position, name in enumerate(self.names)}
        self._coded = coded
        self._roles: dict[str, Role] = {}
        self.looks = self.mask_of(name for name in self.names if reads(name))
        self.watched = self.mask_of(WATCHED)

    @property
    def ids(self) -> list[str]:
        """All predefined roles."""
        return list(self._coded)

    def bit(self, permission: str) -> int:
        """The bit of a permission; 0 where the catalogue lacks it."""
        return self._bit.get(permission, 0)

    def mask_of(self, permissions: Iterable[str]) -> int:
        """Bits of the permissions that the catalogue has."""
        mask = bytearray(len(self.names) // 8 + 1)
        for name in permissions:
            bit = self._bit.get(name, 0)
            if bit:
                position = bit.bit_length() - 1
                mask[position // 8] |= 1 << position % 8
        return int.from_bytes(mask, "little")

    def members(self, mask: int) -> list[str]:
        """The permissions of a bit set, in the catalogue's order."""
        found = []
        while mask:
            lowest = mask & -mask
            found.append(self.names[lowest.bit_length() - 1])
            mask ^= lowest
        return found

    def stage(self, role_id: str) -> str | None:
        """Launch stage of a predefined role."""
        return self._coded[role_id][0] if role_id in self._coded else None

    def predefined(self, role_id: str) -> Role:
        """A role by its name; one that the catalogue lacks has a problem."""
        found = self._roles.get(role_id)
        if found is None:
            found = self._roles[role_id] = self._decode(role_id)
        return found

    def _decode(self, role_id: str) -> Role:
        if role_id not in self._coded:
            kind = (
                "which is no role of the catalogue" if role_id.startswith("roles/") else "a custom role whose text was not in the evidence"
            )
            return Role(role_id=role_id, title=role_id, problem=f"{role_id}, {kind}")
        _, title, coded = self._coded[role_id]
        return Role(role_id=role_id, title=title, mask=decode(coded))

    def custom(self, role_id: str, text: str) -> Role:
        """A role by its definition: `{"includedPermissions": [...]}`."""
        try:
            raw = json.loads(text)
            named = raw["includedPermissions"]
            if not isinstance(named, list) or not all(isinstance(name, str) for name in named):
                raise TypeError
        except (ValueError, KeyError, TypeError):
            return Role(role_id=role_id, title=role_id, problem=f"{role_id}, whose text lists no includedPermissions")
        unlisted = tuple(sorted({name for name in named if name not in self._bit}))
        return Role(role_id=role_id, title=role_id, mask=self.mask_of(named), unlisted=unlisted)


def decode(coded: str) -> int:
    """Runs in base 36 as a bit set."""
    mask = position = 0
    for run in coded.split():
        gap, _, more = run.partition("+")
        position += int(gap, 36)
        length = int(more, 36) + 1 if more else 1
        mask |= ((1 << length) - 1) << position
        position += length
    return mask


def parse(text: str) -> Roles:
    """Read the table that `build_roles` writes."""
    permissions: list[str] = []
    coded: dict[str, tuple[str, str, str]] = {}
    date = ""
    for line in text.splitlines():
        if line.startswith("#"):
            date = line.split("\t", 1)[1] if line.startswith("# date\t") else date
            continue
        kind, name, *rest = line.split("\t")
        if kind == "p":
            permissions.extend(f"{name}.{last}" for last in rest[0].split())
        else:
            stage, title, runs = rest
            coded[name] = (stage, title, runs)
    return Roles(permissions, coded, date=date)


@lru_cache(maxsize=1)
def standard() -> Roles:
    """The catalogue that ships with the product, read once."""
    return parse((files("scoring.least_privilege.gcp") / "roles.tsv").read_text(encoding="utf-8"))
