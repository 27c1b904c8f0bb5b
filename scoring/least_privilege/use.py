"""Used against granted: the words every provider's module speaks.

A provider says for each identity what it holds and what of it was used (`Review`), counts it (`Count`), and proposes what to take away
(`Proposal`). Nothing is stored per identity and permission: counts go into the table `least_privilege`, the rest is worked out again from
the snapshot when somebody looks at one identity.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files


class Use(StrEnum):
    """Whether a granted permission is used. Only evidence of use that covers it makes one unused."""

    USED = "used"
    UNUSED = "unused"
    LIKELY_UNUSED = "likely_unused"
    """Nothing was seen, by a source that may miss some of it."""
    UNKNOWN = "unknown"


class Weight(StrEnum):
    """What a permission lets its holder do: the classes of weights.toml."""

    LOOK = "look"
    CHANGE = "change"
    CONTROL = "control"


@lru_cache(maxsize=1)
def weights() -> Mapping[Weight, int]:
    """The published weights."""
    found = tomllib.loads((files("scoring.least_privilege") / "weights.toml").read_text(encoding="utf-8"))["weights"]
    return {weight: int(found[weight]) for weight in Weight}


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A permission that an identity holds, with the verdict on its use."""

    name: str
    """As the provider writes it: s3:GetObject, storage.objects.get, Microsoft.Storage/storageAccounts/read."""
    service: str
    weight: Weight
    use: Use
    granted_by: tuple[str, ...]
    """Policies and statements, or roles and places, in words that lead to them."""
    conditional: bool = False
    """Held only under a condition that the evidence does not decide."""
    last_at: datetime | None = None
    window_days: int | None = None
    """How far back the source looks."""
    reason: str
    """One clause: what makes it used, unused or unknown."""
    evidence: tuple[str, ...] = ()
    """Records about its use; of the grant, where none is about use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything that one identity holds."""

    identity_id: str
    permissions: Sequence[Permission]
    """By service and name. Permissions outside the catalogue stand as the literal pattern, unknown."""
    gaps: Sequence[str] = ()
    """Why it may hold more, or less, than is listed: `not all of its policies may be known: …`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file that a reviewer can apply."""

    name: str
    """`policy-deploy.json`; unique within the proposal."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One policy or role to replace, take away, or leave."""

    title: str
    """What is changed: `inline policy deploy of role ci`."""
    before: str
    """Readable text: the policy, or the roles; empty: new."""
    after: str
    """Empty: taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What to take away from one identity, and how to go back."""

    identity_id: str
    action: str
    """narrow, disable (no use seen: disable first, delete later), wait (a guard holds it back), none, unknown."""
    summary: str
    """One sentence that says what to do next."""
    confidence: str
    """high, medium, low: how well the evidence of use covers what would go."""
    guards: Sequence[str] = ()
    """Reasons to wait, each a sentence."""
    removed: Mapping[Use, int]
    """Permissions that would go, by verdict; never used or unknown ones."""
    changes: Sequence[Change] = ()
    files: Sequence[File] = ()
    """The provider's own format, and Terraform."""
    rollback: str = ""
    """Commands or steps that restore what was."""
