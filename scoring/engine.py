"""Runs checks over a judged database and records what came of each: `main.check_result` and `main.finding`.

Silence is not success: a pass without the evidence that it needs becomes unknown, a check that fails to run says so and stops no other,
and an empty population says why it is empty. A user's own checks run on a locked copy, never here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from inventory.database import Database, QueryError
from scoring.catalogue import STATUSES, Check
from scoring.packs import Pack
from scoring.subjects import find_gaps, list_subjects

NOTHING_TO_JUDGE = "nothing to judge"
"""Reason of a check whose evidence was collected and holds no such subject: it does not apply."""

COLUMNS = ["subject_id", "status", "reason", "evidence"]
"""What a check's SELECT returns."""

TYPED = ", ".join(f"CAST({name} AS {'VARCHAR[]' if name == 'evidence' else 'VARCHAR'}) AS {name}" for name in COLUMNS)

BATCH_ROWS = 200_000
"""Verdicts that are settled together: few statements where the estate is small, little memory where it is large."""

ASKED = """
CREATE OR REPLACE TABLE work.asked (check_id VARCHAR, subject_kind VARCHAR, severity VARCHAR, needs VARCHAR[], absence BOOLEAN);
CREATE OR REPLACE TABLE work.finding AS SELECT * FROM main.finding LIMIT 0
"""
"""The checks of a batch, and what they say before the safety net; the columns that the engine adds stay empty."""

UNSOUND = """
SELECT check_id
FROM work.finding
GROUP BY check_id
HAVING count(*) <> count(DISTINCT subject_id) OR NOT bool_and(coalesce(list_contains($statuses, status), false) AND coalesce(reason, '') <> '')
"""

FAULTS = """
WITH counted AS (
    SELECT check_id, subject_id, status, reason, count(*) OVER (PARTITION BY check_id, subject_id) AS copies
    FROM work.finding
    WHERE list_contains($unsound, check_id)
)
SELECT check_id, min(CASE
    WHEN subject_id IS NULL THEN 'a row without a subject_id'
    WHEN copies > 1 THEN copies || ' rows for the subject ' || subject_id
    WHEN coalesce(reason, '') = '' THEN 'no reason given for ' || subject_id
    ELSE 'status ' || coalesce(status, 'NULL') || ' for ' || subject_id || ': write pass, fail or unknown'
END) AS fault
FROM counted
WHERE subject_id IS NULL OR copies > 1 OR coalesce(reason, '') = '' OR NOT coalesce(list_contains($statuses, status), false)
GROUP BY check_id
"""

NET = """
CREATE OR REPLACE TABLE work.judged AS
WITH gap AS (
    SELECT a.check_id, g.scope, min(g.reason) AS reason
    FROM work.asked AS a
    JOIN work.gap AS g ON list_contains(a.needs, g.fact)
    GROUP BY a.check_id, g.scope
)
SELECT
    a.check_id,
    a.subject_kind,
    a.severity,
    v.subject_id,
    coalesce(s.name, v.subject_id) AS subject_name,
    s.identity_id,
    s.scope,
    s.provider,
    CASE WHEN g.reason IS NOT NULL AND (v.status = 'pass' OR (v.status = 'fail' AND a.absence)) THEN 'unknown' ELSE v.status END AS status,
    CASE WHEN g.reason IS NOT NULL AND (v.status = 'pass' OR (v.status = 'fail' AND a.absence)) THEN g.reason ELSE v.reason END AS reason,
    v.evidence
FROM work.finding AS v
JOIN work.asked AS a ON a.check_id = v.check_id
LEFT JOIN main.subject AS s ON s.subject_kind = a.subject_kind AND s.subject_id = v.subject_id
LEFT JOIN gap AS g ON g.check_id = v.check_id AND g.scope IS NOT DISTINCT FROM s.scope
"""
"""The safety net: what may stand only on collected evidence, and is not, becomes unknown."""

FINDINGS = """
INSERT INTO main.finding
SELECT check_id, subject_kind, subject_id, subject_name, identity_id, scope, status, severity, reason,
    coalesce(list_filter(evidence, lambda reference: reference IS NOT NULL), [])
FROM work.judged
WHERE status <> 'pass'
"""

COUNTED = """
    count(*) AS population,
    count(*) FILTER (WHERE status = 'pass') AS passed,
    count(*) FILTER (WHERE status = 'fail') AS failed,
    count(*) FILTER (WHERE status = 'unknown') AS unknown
"""

COUNTS = f"SELECT check_id, {COUNTED} FROM work.judged GROUP BY check_id"

BY_PROVIDER = f"INSERT INTO main.check_count SELECT check_id, provider, {COUNTED} FROM work.judged GROUP BY check_id, provider"

REASONS = """
SELECT check_id, reason
FROM work.judged
GROUP BY check_id, reason
HAVING list_contains($unjudged, check_id)
ORDER BY count(*), reason DESC
"""
"""Of each check, the most frequent reason last."""

LACKING = """
SELECT c.fact, g.reason
FROM main.coverage AS c
JOIN work.gap AS g ON g.fact = c.fact AND g.scope = c.scope
UNION ALL
SELECT f.fact, 'not evidenced: ' || f.fact || ' was not supplied'
FROM (SELECT unnest($facts) AS fact) AS f
LEFT JOIN main.coverage AS c ON c.fact = f.fact
WHERE c.fact IS NULL
"""
"""Facts that were not collected, wherever they were asked for, and those that nobody asked for."""

NONE = {"population": 0, "passed": 0, "failed": 0, "unknown": 0}

UNKNOWN_CHECKS = """
SELECT check_id, reason
FROM main.check_result
WHERE passed + failed = 0 AND reason <> $nothing
ORDER BY check_id
"""


def run_checks(database: Database, checks: Iterable[Check], as_of: datetime, pack: Pack, *, seconds: float = 60) -> None:
    """Judge every subject of `main` by every check; `seconds` is the time each of a user's own checks may take."""
    wanted = list(checks)
    list_subjects(database)
    find_gaps(database)
    own = [check for check in wanted if check.own]

    def ours(check: Check) -> int:
        return _verdicts(database, check, _parameters(check, as_of, pack))

    _judge(database, [check for check in wanted if not check.own], ours)
    if own:
        with locked_copy(database) as locked:

            def theirs(check: Check) -> int:
                return _own_verdicts(database, check, _parameters(check, as_of, pack), locked, seconds)

            _judge(database, own, theirs)


def unknown_checks(database: Database) -> list[dict[str, Any]]:
    """Checks that could judge nothing: `check_id` and the reason. One that simply does not apply is not among them."""
    return database.rows(UNKNOWN_CHECKS, {"nothing": NOTHING_TO_JUDGE})


@contextmanager
def locked_copy(database: Database, only: Collection[str] | None = None) -> Iterator[Database]:
    """The tables of `main` in a database that can do nothing but SELECT from them. `only`: those that are needed; no other is there."""
    with Database.empty() as locked:
        for table in locked.tables():
            if only is not None and table not in only:
                locked.execute(f"DROP TABLE main.{table}")  # asked for in a way that nobody foresaw, it must not look empty
            elif path := database.parquet.get(table):  # a published file never changes: nothing to copy
                locked.execute(f"DROP TABLE main.{table}")
                locked.view(table, path)
            else:
                rows = database.arrow(f"SELECT * FROM main.{table}")
                locked.insert_columns(table, dict(zip(rows.column_names, rows.columns, strict=True)))
        locked.harden()
        yield locked


def _parameters(check: Check, as_of: datetime, pack: Pack) -> dict[str, Any]:
    values = {**pack.thresholds, "as_of": as_of}
    return {name: values[name] for name in check.parameters}


def _judge(database: Database, checks: Sequence[Check], verdicts: Callable[[Check], int]) -> None:
    """Checks from their SELECTs to their rows, a batch at a time; whatever goes wrong with one becomes its reason.

    `verdicts` adds what a check says to `work.finding` and returns the number of rows.
    """
    waiting = list(checks)
    while waiting:
        database.execute(ASKED)
        batch: list[Check] = []
        faults: dict[str, str] = {}
        rows = 0
        while waiting and rows < BATCH_ROWS:
            check = waiting.pop(0)
            batch.append(check)
            try:
                rows += verdicts(check)
            except QueryError as error:
                faults[check.check_id] = str(error)
        _settle(database, batch, faults)


def _verdicts(database: Database, check: Check, parameters: Mapping[str, Any]) -> int:
    names = ", ".join(COLUMNS)
    sql = f"INSERT INTO work.finding (check_id, {names}) SELECT '{check.check_id}', {names} FROM (\n{check.sql}\n) AS verdict"
    return int(database.value(sql, parameters))


def _own_verdicts(database: Database, check: Check, parameters: Mapping[str, Any], locked: Database, seconds: float) -> int:
    """As `_verdicts`, for SQL that nobody here wrote: on the locked copy, in time, and never more rows than subjects (and one, to notice)."""
    most = database.value("SELECT count(*) FROM main.subject WHERE subject_kind = $kind", {"kind": check.subject}) + 1
    names, _ = locked.select_only(f"SELECT * FROM (\n{check.sql}\n) AS verdict LIMIT 0", parameters, seconds=seconds)
    if names != COLUMNS:
        raise QueryError(f"the SELECT returns {', '.join(names)}; it must return {', '.join(COLUMNS)}, in this order")
    _, rows = locked.select_only(f"SELECT {TYPED} FROM (\n{check.sql}\n) AS verdict LIMIT {most}", parameters, seconds=seconds)
    if len(rows) == most:
        raise QueryError(f"more rows than there are subjects of the kind {check.subject}: return one row for each")
    if rows:
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        database.insert_columns("finding", {"check_id": [check.check_id] * len(rows), **columns}, schema="work")
    return len(rows)


def _settle(database: Database, checks: Sequence[Check], failed: Mapping[str, str]) -> None:
    """From the verdicts of a batch to findings, counts and results. `failed`: check -> why it could not run."""
    faults = {**failed, **_faults(database)}
    database.execute("DELETE FROM work.finding WHERE list_contains($faulty, check_id)", {"faulty": list(faults)})
    database.insert_rows("asked", [
        {"check_id": check.check_id, "subject_kind": check.subject, "severity": check.severity, "needs": check.needs, "absence": check.absence}
        for check in checks
    ], schema="work")  # fmt: skip
    for sql in (NET, FINDINGS, BY_PROVIDER):
        database.execute(sql)
    counts = {row["check_id"]: row for row in database.rows(COUNTS)}
    reasons = {**_why_nothing(database, checks, counts), **{check_id: f"could not run: {fault}" for check_id, fault in faults.items()}}
    database.insert_rows("check_result", [
        {**NONE, **counts.get(check.check_id, {}), "check_id": check.check_id, "severity": check.severity, "reason": reasons.get(check.check_id)}
        for check in checks
    ])  # fmt: skip


def _faults(database: Database) -> dict[str, str]:
    """What is wrong with the rows of a check, where anything is."""
    statuses = {"statuses": list(STATUSES)}
    unsound = [row["check_id"] for row in database.rows(UNSOUND, statuses)]
    found = database.rows(FAULTS, {"unsound": unsound, **statuses}) if unsound else []
    return {row["check_id"]: row["fault"] for row in found}


def _why_nothing(database: Database, checks: Sequence[Check], counts: Mapping[str, Mapping[str, int]]) -> dict[str, str]:
    """Why a check judged nothing, for each that did so. Evidence that is missing anywhere may hide subjects."""
    unjudged = [check_id for check_id, row in counts.items() if not row["passed"] + row["failed"]]
    main = {row["check_id"]: row["reason"] for row in database.rows(REASONS, {"unjudged": unjudged})} if unjudged else {}
    lacking = database.rows(LACKING, {"facts": sorted({fact for check in checks for fact in check.needs})})
    for check in checks:
        if check.check_id not in counts:
            gaps = sorted(row["reason"] for row in lacking if row["fact"] in check.needs)
            main[check.check_id] = f"{gaps[0]}{f' (and {len(gaps) - 1} more)' if len(gaps) > 1 else ''}" if gaps else NOTHING_TO_JUDGE
    return main
