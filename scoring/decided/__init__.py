"""Lays people's decisions over a snapshot: which subjects each is about, and what the exceptions that hold today take out.

Everything stands in the schema `decided` of the connection, and what the exceptions leave to count in `kept`; `main` is not touched, so the
measured score stays beside the other one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from inventory.database import Database, QueryError, require_one_select
from inventory.decisions import EVERY_CHECK, TAGS, Action, Answer, Decisions, OwnerAssignment, PolicyException, Recorded, Target, Where
from scoring.engine import locked_copy
from scoring.interview import fault

BY_TAG = """
    INSERT INTO decided.about
    SELECT d.decision, d.id, s.subject_kind, s.subject_id
    FROM main.subject AS s
    JOIN decided.part AS d ON (d.team IS NULL OR lower(s.team) = lower(d.team))
        AND (d.environment IS NULL OR lower(s.environment) = lower(d.environment))
        AND (d.provider IS NULL OR lower(s.provider) = lower(d.provider))
        AND (d.account IS NULL OR s.scope = d.account)
        AND (d.kind IS NULL OR s.kind = d.kind)
"""
"""All such decisions at once: the subjects are gone through once, however many decisions there are."""

BY_ID = """
    INSERT INTO decided.about
    SELECT d.decision, d.id, s.subject_kind, s.subject_id FROM main.subject AS s JOIN decided.named AS d ON d.asked_id = s.subject_id
    UNION
    SELECT d.decision, d.id, s.subject_kind, s.subject_id FROM main.subject AS s JOIN decided.named AS d ON d.asked_id = s.identity_id
"""

NOTHING = "is about nothing in this snapshot"

QUERY_SECONDS = 20.0
"""How long the query of one decision may take."""

Locked = Callable[[str], Database]
"""The locked copy of the tables that a query names."""

KEPT = "kept"
"""Schema of what the exceptions leave to count. It is there when exceptions are recorded, whether or not one holds."""


def lay_over(database: Database, decisions: Decisions, *, on: date) -> None:
    """Fill the schema `decided`. `on`: the day of reading; an exception whose last day is before it no longer holds."""
    database.execute(f"CREATE SCHEMA IF NOT EXISTS decided; DROP SCHEMA IF EXISTS {KEPT} CASCADE")
    folder = files("scoring") / "decided"
    database.script((folder / "tables.sql").read_text(encoding="utf-8"))
    for table, rows in _rows(decisions, on).items():
        database.insert_rows(table, rows, schema="decided")
    with _copies(database) as locked:
        meant = _read(database, decisions, locked)
    _place(database, meant)
    database.script((folder / "excepted.sql").read_text(encoding="utf-8"), {"every_check": EVERY_CHECK})
    if decisions.of(PolicyException):
        database.execute(f"CREATE SCHEMA {KEPT}")
        database.script((folder / "kept.sql").read_text(encoding="utf-8"))


@contextmanager
def _copies(database: Database) -> Iterator[Locked]:
    """A user's own SQL never runs on the connection itself; queries that name the same tables share a copy of them."""
    with ExitStack() as stack:
        copy = cache(lambda tables: stack.enter_context(locked_copy(database, tables)))
        yield lambda query: copy(frozenset(database.named_in(query)))


def settled(database: Database, decisions: Decisions) -> Decisions:
    """The same decisions for a database that holds a part of this one, where a query would find other subjects: those that ask by a query name the ids
    that it finds here. One that finds nothing, or whose query fails, is about nothing, and left out."""
    asking = [one for one in decisions.recorded if one.decision.where.query]
    if not asking:
        return decisions
    most = database.value("SELECT count(*) FROM main.subject")
    found: dict[int, tuple[str, ...]] = {}
    with _copies(database) as locked:
        for one in asking:
            with suppress(QueryError):
                found[one.seq] = tuple(_asked(str(one.decision.where.query), locked, most))
    kept = (one for one in decisions.recorded if not one.decision.where.query or found.get(one.seq))
    return Decisions(tuple(_naming(one, found[one.seq]) if one.decision.where.query else one for one in kept))


def _naming(recorded: Recorded, ids: tuple[str, ...]) -> Recorded:
    return replace(recorded, decision=replace(recorded.decision, where=Where(ids=ids)))


def has_exceptions(database: Database) -> bool:
    """Whether decisions are laid over the database and exceptions are among them: then `kept` can be counted beside `main`."""
    return bool(database.tables(KEPT))


def _rows(decisions: Decisions, on: date) -> dict[str, list[dict[str, Any]]]:
    """The decisions as rows of their tables."""
    return {
        "answer": [
            {"answer_id": one.id, "question": one.question, "tags": dict(one.where.tags), "answer": one.answer, "criteria": list(one.criteria),
             "note": one.note, "links": list(one.links), **_stamp(told)}
            for one, told in decisions.of(Answer)
        ],
        "exception": [
            {"exception_id": one.id, "about": str(one.where), "checks": list(one.checks), "reason": one.reason, "approver": one.approver,
             "expires": one.expires, "holds": one.expires >= on, **_stamp(told)}
            for one, told in decisions.of(PolicyException)
        ],
        "owner": [
            {"owner_id": one.id, "about": str(one.where), "owner": one.owner, "note": one.note, **_stamp(told)}
            for one, told in decisions.of(OwnerAssignment)
        ],
        "action": [
            {"action_id": one.id, "title": one.title, "move": one.move, "about": str(one.where), "owner": one.owner, "due": one.due,
             "status": one.status, "note": one.note, **_stamp(told)}
            for one, told in decisions.of(Action)
        ],
        "target": [
            {"target_id": one.id, "about": str(one.where), "tags": dict(one.where.tags), "stage": one.stage, "due": one.by,
             "phase": one.phase, "note": one.note, **_stamp(told)}
            for one, told in decisions.of(Target)
        ],
    }  # fmt: skip


def _stamp(recorded: Recorded) -> dict[str, Any]:
    return {"who": recorded.who, "decided_at": recorded.at}


@dataclass(kw_only=True)
class Meant:
    """What the decisions name, as rows: of `decided.part`, of `decided.named`, what is wrong, and (kind, id) of those that are about something."""

    parts: list[dict[str, Any]] = field(default_factory=list)
    named: list[dict[str, Any]] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    placed: list[tuple[str, str]] = field(default_factory=list)


def _read(database: Database, decisions: Decisions, locked: Locked) -> Meant:
    """What each decision names; a query that fails is a problem that is told."""
    found = Meant()
    most = database.value("SELECT count(*) FROM main.subject") if any(one.decision.where.query for one in decisions.recorded) else 0
    for decision in (recorded.decision for recorded in decisions.recorded):
        kind, key = str(decision.kind), {"decision": str(decision.kind), "id": decision.id}
        if isinstance(decision, Answer):
            found.problems += [_problem(kind, decision.id, problem)] if (problem := fault(decision)) else []
        elif not decision.where.everything:
            try:
                ids, tags = _meant(decision.where, locked, most)
            except QueryError as error:
                found.problems.append(_problem(kind, decision.id, f"its query fails: {error}"))
                continue
            found.named += [{**key, "asked_id": one} for one in ids]
            found.parts += [{**key, **tags}] if tags else []
            found.placed.append((kind, decision.id))
    return found


def _place(database: Database, meant: Meant) -> None:
    """Which subjects each decision is about; one that is about nothing is a problem too."""
    for table, rows, sql in (("part", meant.parts, BY_TAG), ("named", meant.named, BY_ID)):
        if rows:
            database.insert_rows(table, rows, schema="decided")
            database.execute(sql)
    about = {(row["kind"], row["id"]) for row in database.rows("SELECT DISTINCT kind, id FROM decided.about")}
    nothing = [_problem(kind, id_, NOTHING) for kind, id_ in meant.placed if (kind, id_) not in about]
    database.insert_rows("problem", meant.problems + nothing, schema="decided")


def _problem(kind: str, id_: str, problem: str) -> dict[str, Any]:
    return {"kind": kind, "id": id_, "problem": problem}


def _meant(where: Where, locked: Locked, most: int) -> tuple[Sequence[str], dict[str, str | None] | None]:
    """The ids that a place names, or else its tags."""
    if where.query:
        return _asked(where.query, locked, most), None
    if where.ids:
        return list(where.ids), None
    return [], {name: where.tags.get(name) for name in TAGS}


def _asked(query: str, locked: Locked, most: int) -> list[str]:
    """The ids that a user's query names. Raises QueryError, also when they are more than there are subjects."""
    require_one_select(query)
    body = query.strip().rstrip(";")
    sql = f"SELECT DISTINCT CAST(asked_id AS VARCHAR) FROM (\n{body}\n) AS asked (asked_id) WHERE asked_id IS NOT NULL LIMIT {most + 1}"
    _, rows = locked(body).select_only(sql, seconds=QUERY_SECONDS)
    if len(rows) > most:
        raise QueryError(f"it names more than the {most:,} subjects that there are; its first column must be ids")
    return sorted(str(row[0]) for row in rows)


__all__ = ["KEPT", "has_exceptions", "lay_over", "settled"]
