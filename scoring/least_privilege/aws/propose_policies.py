"""Which policies of an AWS identity are replaced by what, within IAM's quotas. A policy that others may hold too is never edited.

Quotas of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html, in characters without white space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scoring.least_privilege.aws.propose_statements import Json, Narrowing, compact, document, narrowed
from scoring.least_privilege.aws.use_subject import Attached

MANAGED = 6144
INLINE = {"role": 10_240, "user": 2048}
"""All inline policies of the identity together."""
ATTACHED = 10
"""Managed policies on one identity, unless AWS has raised it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The identity as IAM's commands name it."""

    kind: str
    """role, user"""
    name: str
    account: str
    partition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A policy that is to be written."""

    name: str
    text: Json
    inline: bool
    in_place: bool
    """It takes the place of an inline policy of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """A policy, and what comes in its stead. It is detached unless the new one has its place."""

    old: Attached
    before: Json
    new: Sequence[New] = ()
    """Empty, and not `direct`: nothing remains of it."""
    direct: bool = False
    """A group's managed policy, right as it is, that is attached to the user itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is replaced, and what cannot be."""

    replaced: Sequence[Replacement]
    kept: Sequence[Attached]
    """Policies that stay as they are, the boundary among them."""
    left: Sequence[str]
    """Why a policy that should be narrowed is not, a sentence each."""


def place_of(identity_id: str) -> Place:
    """Names out of an ARN: arn:aws:iam::111122223333:role/path/name."""
    partition, account, rest = identity_id.split(":")[1], identity_id.split(":")[4], identity_id.split(":", 5)[5]
    kind, _, name = rest.partition("/")
    return Place(kind=kind, name=name.rsplit("/", 1)[-1], account=account, partition=partition)


def plan(attached: Sequence[Attached], narrowing: Narrowing, place: Place) -> Plan:
    """What to do with the policies of an identity."""
    policies = [one for one in attached if one.via != "boundary"]
    texts = {one: document(one.document) for one in policies if one.document}
    results = {one: narrowed(raw, narrowing) for one, raw in texts.items()}
    # whoever leaves a group leaves all of its policies: those that are right as they are move along
    groups = {one.group for one, after in results.items() if one.group and after is not texts[one]}
    unread = {one.group for one in policies if one.group and not one.document}
    moving = [one for one in results if results[one] is not texts[one] or (one.group in groups)]
    moving = [one for one in moving if one.group not in unread or one.group is None]
    fixed = [one for one in policies if one not in moving]
    room = _Room(fixed, [one for one in fixed if one.document], place)
    replaced, left = (
        [],
        [f"group {group} stays: the text of one of its policies is not in the evidence" for group in sorted(groups & unread, key=str)],
    )
    for one in moving:
        if one.via == "group_managed" and results[one] is texts[one] and room.attach():
            replaced.append(Replacement(old=one, before=texts[one], direct=True))
            continue
        new, problem = room.fit(one, results[one])
        if problem:
            left.append(problem)
        else:
            replaced.append(Replacement(old=one, before=texts[one], new=new))
    # a group can only be left as a whole
    stuck = {one.group for one in moving if one.group and one not in {entry.old for entry in replaced}}
    replaced = [entry for entry in replaced if entry.old.group is None or entry.old.group not in stuck]
    gone = {entry.old for entry in replaced}
    return Plan(replaced=replaced, kept=[one for one in attached if one not in gone], left=left)


class _Room:
    """What the quotas leave."""

    def __init__(self, fixed: Sequence[Attached], readable: Sequence[Attached], place: Place) -> None:
        self.place = place
        self.inline = INLINE[place.kind] - sum(
            len(compact(document(one.document))) for one in readable if one.via == "inline" and one.document
        )
        self.attached = ATTACHED - sum(one.via == "managed" for one in fixed)
        self.names = {one.name for one in fixed}

    def fit(self, old: Attached, after: Json | None) -> tuple[list[New], str | None]:
        """The policies that take the place of one, or why they do not fit."""
        if after is None:
            return [], None
        size = len(compact(after))
        if old.via == "inline" and size <= self.inline:
            self.inline -= size
            return [New(name=old.name, text=after, inline=True, in_place=True)], None
        parts = list(split(after, MANAGED))
        if any(len(compact(part)) > MANAGED for part in parts):
            return [], f"{old.title} stays: a single statement of it is longer than the {MANAGED:,} characters of a managed policy"
        if len(parts) > self.attached:
            return (
                [],
                f"{old.title} stays: narrowed it needs {len(parts)} managed policies, and only {max(self.attached, 0)} more may be attached",
            )
        self.attached -= len(parts)
        return [New(name=self._name(old, number), text=part, inline=False, in_place=False) for number, part in enumerate(parts, 1)], None

    def attach(self) -> bool:
        """Whether one more managed policy may be attached, which it then is."""
        self.attached -= 1
        return self.attached >= 0

    def _name(self, old: Attached, number: int) -> str:
        stem = re.sub(r"[^\w+=,.@-]", "-", f"{self.place.name}-{old.name.rsplit('/', 1)[-1]}")[:110]
        name = f"{stem}-used" + (f"-{number}" if number > 1 else "")
        while name in self.names:
            name += "-2"
        self.names.add(name)
        return name


def split(raw: Json, size: int) -> Iterator[Json]:
    """A policy as several of at most a size: its statements shared out in order, a long list of actions over several statements."""
    head = {key: value for key, value in raw.items() if key != "Statement"}
    part: list[Json] = []
    for statement in _pieces(raw["Statement"], size - len(compact({**head, "Statement": []}))):
        if part and len(compact({**head, "Statement": [*part, statement]})) > size:
            yield {**head, "Statement": part}
            part = []
        part.append(statement)
    yield {**head, "Statement": part}


def _pieces(statements: Sequence[Json], size: int) -> Iterator[Json]:
    for statement in statements:
        actions = statement.get("Action")
        if len(compact(statement)) <= size or statement["Effect"] != "Allow" or not isinstance(actions, list):
            yield statement
            continue
        room = size - len(compact({**statement, "Action": []})) - 3  # a number behind the Sid
        chunk: list[str] = []
        number = 0
        for action in [*actions, ""]:
            if chunk and (
                not action or len(compact(statement | {"Action": [*chunk, action]})) - len(compact(statement | {"Action": []})) > room
            ):
                number += 1
                sid = {"Sid": f"{statement['Sid']}{number if number > 1 else ''}"} if statement.get("Sid") else {}
                yield {**statement, **sid, "Action": chunk}
                chunk = []
            chunk.append(action)
