"""What people decide: declared answers, exceptions, owners, actions and targets. Kept apart from evidence, and laid over a snapshot.

Values only. `inventory/decision_log.py` keeps them, append-only; `inventory/decision_file.py` reads and writes them as YAML. A decision never
changes what was measured: whoever shows one shows the measured value beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, TypeVar

TAGS = ("team", "environment", "provider", "account", "kind")
"""What a decision can name subjects by; `account` is the account, project, subscription or tenant."""

EVERY_CHECK = "*"
"""In place of check ids: the exception takes the subject out of stages, questions and findings alike."""


class Kind(StrEnum):
    """Each is a list of that name in the YAML file."""

    ANSWER = "answers"
    EXCEPTION = "exceptions"
    OWNER = "owners"
    ACTION = "actions"
    TARGET = "targets"


class Share(StrEnum):
    """How much of something holds, in the words of OWASP SAMM's coverage answers."""

    NONE = "none"
    SOME = "some"
    HALF = "half"
    """At least half."""
    MOST = "most"
    """Most or all."""
    NOT_APPLICABLE = "not_applicable"


class ActionStatus(StrEnum):
    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Which subjects a decision is about: by id, by tags that must all hold, or by one SELECT. Nothing given means all."""

    ids: tuple[str, ...] = ()
    """Ids of identities, credentials, resources, workloads …; an identity's id stands for what belongs to it too."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """Of TAGS."""
    query: str | None = None
    """A SELECT over the snapshot's tables; its first column is ids."""

    @property
    def everything(self) -> bool:
        return not (self.ids or self.tags or self.query)

    def __str__(self) -> str:
        if self.ids:
            return ", ".join(self.ids)
        if self.tags:
            return ", ".join(f"{name} {value}" for name, value in self.tags.items())
        return self.query or "everything"


EVERYWHERE = Where()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A declared answer to one question of the interview (scoring/interview)."""

    kind: ClassVar[Kind] = Kind.ANSWER

    id: str
    """Made of question and where: one answer each."""
    question: str
    where: Where = EVERYWHERE
    answer: Share
    criteria: tuple[str, ...] = ()
    """Quality criteria of the question that were confirmed; an answer above `none` counts only when all are."""
    note: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyException:
    """An accepted deviation. Past its day it fails again."""

    kind: ClassVar[Kind] = Kind.EXCEPTION

    id: str
    where: Where
    checks: tuple[str, ...]
    """Check ids whose findings are accepted, or EVERY_CHECK."""
    reason: str
    approver: str
    expires: date
    """Last day on which it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerAssignment:
    """Who answers for identities whose sources name nobody."""

    kind: ClassVar[Kind] = Kind.OWNER

    id: str
    where: Where
    owner: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something to do."""

    kind: ClassVar[Kind] = Kind.ACTION

    id: str
    title: str
    move: str | None = None
    """Id of a move of scoring/moves, when it is one that the planner knows."""
    where: Where = EVERYWHERE
    owner: str | None = None
    due: date | None = None
    status: ActionStatus = ActionStatus.OPEN
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The stage that a part of the estate is to have attained by a day."""

    kind: ClassVar[Kind] = Kind.TARGET

    id: str
    where: Where = EVERYWHERE
    """By tags, or everything."""
    stage: int
    by: date
    phase: str | None = None
    """Name of a step of the roadmap: `Q1: inventory and owners`."""
    note: str = ""


Decision = Answer | PolicyException | OwnerAssignment | Action | Target
Made = TypeVar("Made", bound=Decision)
CLASSES: Mapping[Kind, type[Decision]] = {made.kind: made for made in (Answer, PolicyException, OwnerAssignment, Action, Target)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A decision, or its withdrawal, as it was recorded."""

    seq: int
    """Position in the log, from 1."""
    decision: Decision
    who: str
    at: datetime
    """UTC, without a zone."""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Decisions:
    """What stands now: the last word on each, by kind and id; withdrawn ones are left out."""

    recorded: tuple[Recorded, ...] = ()

    @classmethod
    def standing(cls, log: Iterable[Recorded]) -> Decisions:
        """From a whole log, in its order."""
        last = {(entry.decision.kind, entry.decision.id): entry for entry in log}
        return cls(tuple(entry for entry in last.values() if not entry.withdrawn))

    def of(self, made: type[Made]) -> list[tuple[Made, Recorded]]:
        """Every standing decision of a class with who recorded it, and when."""
        return [(entry.decision, entry) for entry in self.recorded if isinstance(entry.decision, made)]
