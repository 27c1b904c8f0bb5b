"""Decisions as plain values: the YAML file that people keep under git, and the bodies in the log. One shape for both.

exceptions:
  - id: status-page
    where: {ids: ["arn:aws:s3:::status-page"]}
    checks: ["resource-open-to-anyone"]
    reason: public on purpose
    approver: R. Okafor
    expires: 2027-03-31
    who: Ana Ruiz
    at: 2026-10-02T09:14:00Z
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from difflib import get_close_matches
from typing import Any

import yaml

from inventory.decisions import (
    CLASSES,
    TAGS,
    Action,
    ActionStatus,
    Answer,
    Decision,
    Decisions,
    Kind,
    OwnerAssignment,
    PolicyException,
    Recorded,
    Share,
    Target,
    Where,
)

LONGEST = 4_000
"""Characters of one text: notes are sentences, not documents."""

STAMP = ("who", "at")
"""Beside a decision in the file: who recorded it, and when."""

STAGES = range(1, 8)


class _Plain(yaml.SafeLoader):
    """Leaves dates and times as they are written: a day that does not exist is told by its field, and a name may look like a date."""

    yaml_implicit_resolvers = {  # noqa: RUF012  as the base class has it
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


class DecisionError(Exception):
    """A decision cannot be used; the message names the file, the entry, the field, and what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A decision read from a file, with who and when if the file says so."""

    decision: Decision
    who: str | None
    at: datetime | None


def parse(text: str, file: str) -> tuple[list[Entry], list[str]]:
    """Decisions of a YAML file, and what is wrong with each entry that is not among them.

    Raises DecisionError when the file as a whole is not one of decisions.
    """
    try:
        content = yaml.load(text, Loader=_Plain)  # noqa: S506  a safe loader, and plainer
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DecisionError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise DecisionError(f"{file}: must hold lists by name: {', '.join(Kind)}")
    entries: list[Entry] = []
    problems = [f"{file}: {name}: unknown; a file of decisions holds {', '.join(Kind)}" for name in content if name not in set(Kind)]
    for kind in Kind:
        for number, raw in enumerate(_list(content, kind, file, problems), start=1):
            if kind is Kind.ANSWER and _is_blank(raw):
                continue
            try:
                entries.append(_entry(kind, raw))
            except DecisionError as error:
                name = f" ({raw['id']})" if isinstance(raw, dict) and "id" in raw else ""
                problems.append(f"{file}: {kind} {number}{name}: {error}")
    return entries, problems


def _is_blank(raw: object) -> bool:
    """A question of a file to fill in (`nhi interview --blank`) that nobody answered yet."""
    return isinstance(raw, dict) and "question" in raw and raw.get("answer", "") is None


def _list(content: Mapping[str, Any], kind: Kind, file: str, problems: list[str]) -> list[Any]:
    found = content.get(kind) or []
    if isinstance(found, list):
        return found
    problems.append(f"{file}: {kind}: must be a list")
    return []


def _entry(kind: Kind, raw: object) -> Entry:
    if not isinstance(raw, dict):
        raise DecisionError("must hold fields by name")
    body = {name: value for name, value in raw.items() if name not in STAMP}
    who = None if raw.get("who") is None else _text(raw, "who")
    return Entry(decision=decision_of(kind, body), who=who, at=_moment(raw["at"]) if raw.get("at") is not None else None)


def decision_of(kind: Kind, body: Mapping[str, Any]) -> Decision:
    """A decision from its fields. Raises DecisionError that names the field."""
    fields = {field.name for field in dataclasses.fields(CLASSES[kind])}
    for name in body.keys() - fields:
        close = get_close_matches(str(name), fields, n=1)
        raise DecisionError(f"{name}: unknown; " + (f"did you mean {close[0]}?" if close else f"one of {', '.join(sorted(fields))}"))
    return MAKE[kind](body)


def _answer(raw: Mapping[str, Any]) -> Answer:
    question, where = _text(raw, "question"), _where(raw, only_tags=True)
    identity = answer_id(question, where)
    if raw.get("id", identity) != identity:
        raise DecisionError(f"id: leave it out, or write {identity}: there is one answer to a question and a scope")
    return Answer(
        id=identity, question=question, where=where, answer=Share(_choice(raw, "answer", Share)), criteria=_texts(raw, "criteria"),
        note=_optional(raw, "note") or "", links=_texts(raw, "links"),
    )  # fmt: skip


def answer_id(question: str, where: Where) -> str:
    """Id of the one answer to a question for a part of the estate."""
    return question if where.everything else f"{question}@{where}"


def _exception(raw: Mapping[str, Any]) -> PolicyException:
    where, checks = _where(raw), _texts(raw, "checks")
    if where.everything:
        raise DecisionError("where: say what is excepted: ids, tags or a query")
    if not checks:
        raise DecisionError("checks: name the checks whose findings are accepted, or '*' for all")
    return PolicyException(
        id=_text(raw, "id"),
        where=where,
        checks=checks,
        reason=_text(raw, "reason"),
        approver=_text(raw, "approver"),
        expires=_day(raw, "expires"),
    )


def _owner(raw: Mapping[str, Any]) -> OwnerAssignment:
    where = _where(raw)
    if where.everything:
        raise DecisionError("where: say what is owned: ids, tags or a query")
    return OwnerAssignment(id=_text(raw, "id"), where=where, owner=_text(raw, "owner"), note=_optional(raw, "note") or "")


def _action(raw: Mapping[str, Any]) -> Action:
    return Action(
        id=_text(raw, "id"), title=_text(raw, "title"), move=_optional(raw, "move"), where=_where(raw), owner=_optional(raw, "owner"),
        due=None if raw.get("due") is None else _day(raw, "due"), status=ActionStatus(_choice(raw, "status", ActionStatus, ActionStatus.OPEN)),
        note=_optional(raw, "note") or "",
    )  # fmt: skip


def _target(raw: Mapping[str, Any]) -> Target:
    stage = raw.get("stage")
    if isinstance(stage, bool) or not isinstance(stage, int) or stage not in STAGES:
        raise DecisionError(f"stage: must be a number from 1 to 7, not {stage!r}")
    return Target(
        id=_text(raw, "id"), where=_where(raw, only_tags=True), stage=stage, by=_day(raw, "by"), phase=_optional(raw, "phase"),
        note=_optional(raw, "note") or "",
    )  # fmt: skip


MAKE: Mapping[Kind, Callable[[Mapping[str, Any]], Decision]] = {
    Kind.ANSWER: _answer,
    Kind.EXCEPTION: _exception,
    Kind.OWNER: _owner,
    Kind.ACTION: _action,
    Kind.TARGET: _target,
}


def _where(raw: Mapping[str, Any], *, only_tags: bool = False) -> Where:
    given = raw.get("where") or {}
    if not isinstance(given, dict):
        raise DecisionError("where: must hold ids, tags or a query")
    ids, query = _texts(given, "ids"), _optional(given, "query")
    tags = {str(name): value for name, value in given.items() if name not in ("ids", "query")}
    for name, value in tags.items():
        if name not in TAGS:
            raise DecisionError(f"where: {name}: unknown; write ids, query or a tag: {', '.join(TAGS)}")
        if not isinstance(value, str) or not value:
            raise DecisionError(f"where: {name}: must be a text, in quotes where it looks like a number")
    if sum((bool(ids), bool(tags), bool(query))) > 1:
        raise DecisionError("where: write one of ids, tags or a query")
    if only_tags and (ids or query):
        raise DecisionError(f"where: only tags can be named here: {', '.join(TAGS)}")
    return Where(ids=ids, tags=dict(sorted(tags.items())), query=query)


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = _optional(raw, name)
    if value is None:
        raise DecisionError(f"{name}: missing")
    return value


def _optional(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool | float) or not isinstance(value, str | int):
        raise DecisionError(f"{name}: must be a text, not {value!r}")
    text = str(value).strip()
    if len(text) > LONGEST:
        raise DecisionError(f"{name}: longer than {LONGEST:,} characters; keep the document elsewhere and link it")
    return text or None


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = raw.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise DecisionError(f"{name}: must be a list of texts")
    return tuple(value)


def _choice(raw: Mapping[str, Any], name: str, options: type[Share] | type[ActionStatus], default: str | None = None) -> str:
    value = raw.get(name, default)
    if value not in set(options):
        raise DecisionError(f"{name}: {value!r} is none of {', '.join(options)}")
    return str(value)


def _day(raw: Mapping[str, Any], name: str) -> date:
    value = raw.get(name)
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise DecisionError(f"{name}: write YYYY-MM-DD, not {value!r}") from error


def _moment(value: object) -> datetime:
    """UTC without a zone; a time without a zone is taken as UTC."""
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise DecisionError(f"at: write a time such as 2026-10-02T09:14:00Z, not {value!r}") from error
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def body_of(decision: Decision) -> dict[str, Any]:
    """The fields of a decision as plain values; what says nothing is left out. `decision_of` reads it back."""
    body: dict[str, Any] = {}
    for field in dataclasses.fields(decision):
        value = getattr(decision, field.name)
        if isinstance(value, Where):
            value = {**({"ids": list(value.ids)} if value.ids else {}), **value.tags, **({"query": value.query} if value.query else {})}
        elif isinstance(value, tuple):
            value = list(value)
        elif isinstance(value, Share | ActionStatus):
            value = str(value)
        elif isinstance(value, date):
            value = value.isoformat()
        if value not in (None, "", [], {}):
            body[field.name] = value
    return body


def dump(decisions: Decisions) -> str:
    """Every standing decision as YAML, by kind and id: the same decisions give the same text."""
    content: dict[str, list[dict[str, Any]]] = {}
    for recorded in sorted(decisions.recorded, key=_order):
        stamp = {"who": recorded.who, "at": f"{recorded.at.isoformat()}Z"}
        content.setdefault(str(recorded.decision.kind), []).append(body_of(recorded.decision) | stamp)
    return yaml.dump(content, Dumper=_Exact, sort_keys=False, allow_unicode=True, width=120) if content else "{}\n"


class _Exact(yaml.SafeDumper):
    """Writes rare line separators as escapes: in the other styles they come back as a space."""


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if any(mark in text for mark in "\x85\u2028\u2029") else None)


_Exact.add_representer(str, _text_node)


def draft(made: Iterable[Decision]) -> str:
    """Decisions that nobody has recorded yet, as YAML in their order: whoever imports it says who decides."""
    content: dict[str, list[dict[str, Any]]] = {}
    for decision in made:
        content.setdefault(str(decision.kind), []).append(body_of(decision))
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120) if content else "{}\n"


def _order(recorded: Recorded) -> tuple[int, str]:
    return list(Kind).index(recorded.decision.kind), recorded.decision.id
