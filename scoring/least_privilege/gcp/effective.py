"""What an identity may do on a place: roles granted there and above, less what deny policies take away.

A grant holds on everything below the place it is made on (https://cloud.google.com/iam/docs/resource-hierarchy-access-control). Deny wins
over every grant (https://cloud.google.com/iam/docs/deny-overview). What depends on a condition, or on a hierarchy that the evidence does
not show, is held `conditional`: it counts wherever holding it would be worse, and never as certain.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from scoring.least_privilege.gcp.names import Names

MANAGER = "//cloudresourcemanager.googleapis.com/"
PROJECT = re.compile(r"(?:^|/)projects/([^/]+)")
OF_ACCOUNT = re.compile(r"/serviceAccounts/[^/@]+@([^/]+)\.iam\.gserviceaccount\.com$")
ANY_PROJECT = ("-", "_")
ABOVE_PROJECTS = ("folders/", "organizations/")
UNTIL = re.compile(r"""\s*request\.time\s*<=?\s*timestamp\(\s*['"](\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?Z['"]\s*\)\s*""")
"""A condition that only says until when: https://cloud.google.com/iam/docs/configuring-temporary-access"""
API_NAMES = {"cloudresourcemanager": "resourcemanager"}
"""Services whose permissions begin otherwise than their address."""


class Holds(StrEnum):
    """Whether an identity holds a permission on a place."""

    YES = "yes"
    CONDITIONAL = "conditional"
    NO = "no"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A role granted on a place, or a deny policy's rule there."""

    role_id: str
    """Of a deny rule: its policy."""
    place: str | None
    """Full resource name; None: the source does not say."""
    document_id: str | None = None
    via: str = "role"
    conditional: bool = False
    condition: str | None = None
    """JSON with the expression; None: none, or the source leaves it out."""
    also: frozenset[str] = frozenset()
    """Permissions that were seen in use through it: the role holds them, whatever the catalogue of its date says."""
    group: str | None = None
    """The group that is granted it; None: the identity itself is."""
    evidence: str = ""

    @property
    def expression(self) -> str | None:
        """The condition's expression."""
        return expression_of(self.condition)


class Effective(NamedTuple):
    """Permissions as bits of `Names`."""

    sure: int
    possible: int
    """`sure`, and what a condition or an unknown hierarchy may add."""
    problems: tuple[str, ...]
    """Roles that nobody can read: they may hold anything."""


def expression_of(condition: str | None) -> str | None:
    """The expression in a condition's JSON."""
    return str(json.loads(condition).get("expression") or "") or None if condition else None


def short(place: str) -> str:
    """`projects/p` for the full name of a project; other names as they are."""
    return place.removeprefix(MANAGER)


def project_of(place: str) -> str | None:
    """Project that a name says it is in."""
    found = PROJECT.search(place)
    if found and found[1] not in ANY_PROJECT:
        return found[1]
    account = OF_ACCOUNT.search(place)
    return account[1] if account else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hierarchy:
    """What lies in what, as far as the evidence shows it."""

    above: Mapping[str, Sequence[str]]
    """Project id -> its folders and organisation: `folders/1`, `organizations/2`."""
    homes: Mapping[str, str]
    """Full resource name -> project id, for names that do not hold it (buckets)."""

    def covers(self, upper: str | None, lower: str | None) -> bool | None:
        """Whether what is granted on `upper` holds on `lower`; None: the evidence does not tell."""
        if upper is None or lower is None:
            return None
        upper, lower = short(upper), short(lower)
        if upper == lower:
            return True
        if lower.startswith("organizations/") or not upper.startswith(("projects/", *ABOVE_PROJECTS)) or upper.count("/") > 1:
            return False
        if lower.startswith("folders/"):
            return None if upper.startswith(ABOVE_PROJECTS) else False
        project = project_of(lower) or self.homes.get(lower)
        if upper.startswith("projects/"):
            return None if project is None else upper == f"projects/{project}"
        known = self.above.get(project or "")
        return None if known is None else upper in known


NOTHING_KNOWN = Hierarchy(above={}, homes={})


class Evaluator:
    """Reads roles once and evaluates sets of bindings."""

    def __init__(
        self, texts: Mapping[str, str], *, as_of: datetime, names: Names | None = None, hierarchy: Hierarchy = NOTHING_KNOWN
    ) -> None:
        """`texts`: definitions of custom roles and deny rules by document id."""
        self.texts = texts
        self.as_of = as_of
        self.names = names or Names()
        self.hierarchy = hierarchy
        self._roles: dict[tuple[str, str | None], tuple[int, str | None]] = {}

    def role(self, binding: Binding) -> tuple[int, str | None]:
        """Permissions that a binding grants, and why its role cannot be read."""
        key = (binding.role_id, binding.document_id)
        if key not in self._roles:
            text = self.texts.get(binding.document_id or "")
            role = self.names.roles.predefined(binding.role_id) if text is None else self.names.roles.custom(binding.role_id, text)
            self._roles[key] = (self.names.of_role(role), role.problem)
        mask, problem = self._roles[key]
        return mask | self.names.mask_of(binding.also), problem

    def decided(self, binding: Binding) -> bool | None:
        """Whether a binding is in force: its condition is none (True), has run out (False), or is left open (None)."""
        if not binding.conditional:
            return True
        until = UNTIL.fullmatch(binding.expression or "")
        return False if until and datetime.fromisoformat(until[1]) <= self.as_of else None

    def on(self, bindings: Iterable[Binding], place: str | None) -> Effective:
        """What bindings of one identity allow on a place."""
        sure = possible = 0
        denied = doubted = 0
        problems = []
        for binding in bindings:
            here = self._here(binding, place)
            if here is False:
                continue
            if binding.via == "deny":
                mask = self.denied(binding)
                denied |= mask if here else 0
                doubted |= mask
            else:
                mask, problem = self.role(binding)
                problems += [problem] if problem else []
                sure |= mask if here else 0
                possible |= mask
        return Effective(sure & ~denied & ~doubted, possible & ~denied, tuple(dict.fromkeys(problems)))

    def holds(self, bindings: Iterable[Binding], permission: str, place: str) -> Holds:
        """Whether one permission is held."""
        found, bit = self.on(bindings, place), self.names.bit(permission)
        return Holds.YES if found.sure & bit else Holds.CONDITIONAL if found.possible & bit else Holds.NO

    def _here(self, binding: Binding, place: str | None) -> bool | None:
        """Whether a binding counts on a place: True, False, or None where that is open."""
        covers, decided = self.hierarchy.covers(binding.place, place), self.decided(binding)
        if covers is False or decided is False:
            return False
        return True if covers and decided else None

    def denied(self, binding: Binding) -> int:
        """Permissions that a deny rule names; none where its text is not in the evidence."""
        text = self.texts.get(binding.document_id or "")
        if text is None:
            return 0
        raw = json.loads(text)
        return self._named(raw.get("deniedPermissions") or ()) & ~self._named(raw.get("exceptionPermissions") or ())

    def _named(self, patterns: Iterable[str]) -> int:
        mask = 0
        for pattern in patterns:
            mask |= _matching(self.names, pattern) if "*" in pattern else self.names.bit(first_version(pattern, self.names))
        return mask


def first_version(name: str, names: Names) -> str:
    """A permission as roles write it, from how deny policies do: `cloudresourcemanager.googleapis.com/projects.delete`.

    https://cloud.google.com/iam/docs/deny-permissions-support
    """
    if names.roles.bit(name):
        return name
    service, slash, rest = name.partition(".googleapis.com/")
    return f"{API_NAMES.get(service, service)}.{rest}" if slash else name


@lru_cache(maxsize=64)
def _matching(names: Names, pattern: str) -> int:
    """A group of permissions: `iam.googleapis.com/roles.*`, `….googleapis.com/*.delete`."""
    service, _, rest = pattern.partition(".googleapis.com/")
    begin = re.escape(API_NAMES.get(service, service))
    both = rf"({begin}\.|{re.escape(service)}\.googleapis\.com/)" + re.escape(rest).replace(r"\*", r"[^/]*")
    return names.roles.mask_of(name for name in names.roles.names if re.fullmatch(both, name))
