"""Runs checks over a judged database and records what came of each: `main.check_result` and `main.finding`.

Silence is not success: a pass without the evidence that it needs becomes unknown, a check that fails to run says so and stops no other,
and an empty population says why it is empty. A user's own checks run on a locked copy, never here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from inventory.model import Fact
from inventory.store import Database, QueryError
from scoring.catalogue import STATUSES, Check
from scoring.packs import Pack

NOTHING_TO_JUDGE = "nothing to judge"
"""Reason of a check whose evidence was collected and holds no such subject: it does not apply."""

COLUMNS = ["subject_id", "status", "reason", "evidence"]
"""What a check's SELECT returns."""

TYPED = ", ".join(f"CAST({name} AS {'VARCHAR[]' if name == 'evidence' else 'VARCHAR'}) AS {name}" for name in COLUMNS)

SUBJECTS = """
CREATE OR REPLACE TABLE work.subject AS
SELECT 'identity' AS subject_kind, identity_id AS subject_id, name, scope, identity_id, provider FROM main.identity
UNION ALL
SELECT 'credential', c.credential_id, c.name, coalesce(c.scope, i.scope), c.identity_id, c.provider
FROM main.credential AS c
LEFT JOIN main.identity AS i ON i.identity_id = c.identity_id
UNION ALL
SELECT 'workload', workload_id, name, scope, identity_id, provider FROM main.workload
UNION ALL
SELECT 'resource', resource_id, name, scope, NULL, provider FROM main.resource
UNION ALL
SELECT 'exposure', e.exposure_id, e.path || coalesce(':' || e.line, ''), e.scope, c.identity_id, c.provider
FROM main.secret_exposure AS e
LEFT JOIN main.credential AS c ON c.credential_id = e.credential_id
UNION ALL
SELECT 'scope', scope, coalesce(name, scope), scope, NULL, provider FROM main.account
UNION ALL
SELECT 'scope', target_id, target_id, target_id, NULL, NULL FROM main.scan_target
"""
"""Everything that can be judged, with the scope whose coverage counts for it, and its provider where it has one."""

GAPS = """
CREATE OR REPLACE TABLE work.gap AS
WITH place AS (
    SELECT scope FROM work.subject
    UNION
    SELECT scope FROM main.coverage
    UNION
    SELECT NULL
), fact AS (
    SELECT unnest($facts) AS fact
)
SELECT
    p.scope,
    f.fact,
    'not evidenced: ' || f.fact || CASE WHEN p.scope = '*' THEN '' ELSE ' of ' || coalesce(p.scope, 'an unnamed scope') END || CASE c.status
        WHEN 'denied' THEN ' was denied'
        WHEN 'partial' THEN ' is partial' || coalesce(' (' || c.reason || ')', '')
        WHEN 'unreadable' THEN ' could not be read'
        WHEN 'stale' THEN ' is stale' || coalesce(' (' || c.reason || ')', '')
        ELSE ' was not supplied'
    END AS reason
FROM place AS p
CROSS JOIN fact AS f
LEFT JOIN main.coverage AS c ON c.fact = f.fact AND c.scope = p.scope
LEFT JOIN main.coverage AS everywhere ON everywhere.fact = f.fact AND everywhere.scope = '*' AND everywhere.status = 'collected'
WHERE CASE WHEN c.status IS NULL THEN everywhere.fact IS NULL ELSE c.status <> 'collected' END
"""
"""Facts that were not collected, for every scope of a subject (NULL: the subject's scope is not known)."""

VERDICTS = "CREATE OR REPLACE TABLE work.finding AS SELECT * FROM main.finding LIMIT 0"
"""What one check says, before the safety net; the columns that the engine adds stay empty."""

SOUND = """
SELECT count(*) = count(DISTINCT subject_id) AND bool_and(coalesce(list_contains($statuses, status), false) AND coalesce(reason, '') <> '')
FROM work.finding
"""

FAULT = """
WITH counted AS (
    SELECT subject_id, status, reason, count(*) OVER (PARTITION BY subject_id) AS copies FROM work.finding
)
SELECT CASE
    WHEN subject_id IS NULL THEN 'a row without a subject_id'
    WHEN copies > 1 THEN copies || ' rows for the subject ' || subject_id
    WHEN coalesce(reason, '') = '' THEN 'no reason given for ' || subject_id
    ELSE 'status ' || coalesce(status, 'NULL') || ' for ' || subject_id || ': write pass, fail or unknown'
END AS fault
FROM counted
WHERE subject_id IS NULL OR copies > 1 OR coalesce(reason, '') = '' OR NOT coalesce(list_contains($statuses, status), false)
ORDER BY fault
LIMIT 1
"""

NET = """
CREATE OR REPLACE TABLE work.judged AS
WITH gap AS (
    SELECT scope, min(reason) AS reason FROM work.gap WHERE list_contains($needs, fact) GROUP BY scope
)
SELECT
    v.subject_id,
    coalesce(s.name, v.subject_id) AS subject_name,
    s.identity_id,
    s.scope,
    s.provider,
    CASE WHEN g.reason IS NOT NULL AND (v.status = 'pass' OR (v.status = 'fail' AND $absence)) THEN 'unknown' ELSE v.status END AS status,
    CASE WHEN g.reason IS NOT NULL AND (v.status = 'pass' OR (v.status = 'fail' AND $absence)) THEN g.reason ELSE v.reason END AS reason,
    v.evidence
FROM work.finding AS v
LEFT JOIN work.subject AS s ON s.subject_kind = $kind AND s.subject_id = v.subject_id
LEFT JOIN gap AS g ON g.scope IS NOT DISTINCT FROM s.scope
"""
"""The safety net: what may stand only on collected evidence, and is not, becomes unknown."""

FINDINGS = """
INSERT INTO main.finding
SELECT $check_id, $kind, subject_id, subject_name, identity_id, scope, status, $severity, reason,
    coalesce(list_filter(evidence, lambda reference: reference IS NOT NULL), [])
FROM work.judged
WHERE status <> 'pass'
"""

COUNTS = """
SELECT
    count(*) AS population,
    count(*) FILTER (WHERE status = 'pass') AS passed,
    count(*) FILTER (WHERE status = 'fail') AS failed,
    count(*) FILTER (WHERE status = 'unknown') AS unknown
FROM work.judged
"""

BY_PROVIDER = """
INSERT INTO main.check_count
SELECT
    $check_id, provider, count(*),
    count(*) FILTER (WHERE status = 'pass'), count(*) FILTER (WHERE status = 'fail'), count(*) FILTER (WHERE status = 'unknown')
FROM work.judged
GROUP BY provider
"""

MAIN_REASON = "SELECT reason FROM work.judged GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 1"

RESULT = "INSERT INTO main.check_result VALUES ($check_id, $severity, $population, $passed, $failed, $unknown, $reason)"

EMPTY = """
WITH need AS (
    SELECT unnest($needs) AS fact
)
SELECT g.reason
FROM work.gap AS g
JOIN need AS n ON n.fact = g.fact
JOIN main.coverage AS c ON c.fact = g.fact AND c.scope = g.scope
UNION ALL
SELECT 'not evidenced: ' || n.fact || ' was not supplied'
FROM need AS n
LEFT JOIN main.coverage AS c ON c.fact = n.fact
WHERE c.fact IS NULL
ORDER BY reason
"""
"""Needed facts that were not collected, wherever they were asked for, and those that nobody asked for."""

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
    subjects_and_gaps(database)
    own = [check for check in wanted if check.own]
    for check in wanted:
        if not check.own:
            _judge(database, check, _parameters(check, as_of, pack))
    if own:
        with locked_copy(database) as locked:
            for check in own:
                _judge(database, check, _parameters(check, as_of, pack), locked, seconds)


def subjects_and_gaps(database: Database) -> None:
    """Fill work.subject and work.gap, on a judged database or on one that a snapshot was opened in."""
    database.execute("CREATE SCHEMA IF NOT EXISTS work")
    database.execute(SUBJECTS)
    database.execute(GAPS, {"facts": sorted(Fact)})


def unknown_checks(database: Database) -> list[dict[str, Any]]:
    """Checks that could judge nothing: `check_id` and the reason. One that simply does not apply is not among them."""
    return database.rows(UNKNOWN_CHECKS, {"nothing": NOTHING_TO_JUDGE})


@contextmanager
def locked_copy(database: Database) -> Iterator[Database]:
    """The tables of `main` in a database that can do nothing but SELECT from them."""
    with Database.empty() as locked:
        for table in locked.tables():
            rows = database.arrow(f"SELECT * FROM main.{table}")
            locked.insert_columns(table, dict(zip(rows.column_names, rows.columns, strict=True)))
        locked.harden()
        yield locked


def _parameters(check: Check, as_of: datetime, pack: Pack) -> dict[str, Any]:
    values = {**pack.thresholds, "as_of": as_of}
    return {name: values[name] for name in check.parameters}


def _judge(database: Database, check: Check, parameters: Mapping[str, Any], locked: Database | None = None, seconds: float = 60) -> None:
    """One check from its SELECT to its rows; whatever goes wrong with it becomes its reason."""
    try:
        if locked is None:
            _verdicts(database, check, parameters)
        else:
            _own_verdicts(database, check, parameters, locked, seconds)
        fault = _fault(database)
    except QueryError as error:
        fault = str(error)
    named = {"check_id": check.check_id, "severity": check.severity}
    if fault:
        database.execute(RESULT, {**named, **NONE, "reason": f"could not run: {fault}"})
        return
    database.execute(NET, {"needs": list(check.needs), "kind": check.subject, "absence": check.absence})
    database.execute(FINDINGS, {**named, "kind": check.subject})
    database.execute(BY_PROVIDER, {"check_id": check.check_id})
    counts = database.rows(COUNTS)[0]
    database.execute(RESULT, {**named, **counts, "reason": _why_nothing(database, check, counts)})


def _fault(database: Database) -> str | None:
    """What is wrong with the rows of a check, if anything is."""
    statuses = {"statuses": list(STATUSES)}
    return database.value(FAULT, statuses) if database.value(SOUND, statuses) is False else None


def _verdicts(database: Database, check: Check, parameters: Mapping[str, Any]) -> None:
    names = ", ".join(COLUMNS)
    database.execute(VERDICTS)
    database.execute(f"INSERT INTO work.finding ({names}) SELECT {names} FROM (\n{check.sql}\n) AS verdict", parameters)


def _own_verdicts(database: Database, check: Check, parameters: Mapping[str, Any], locked: Database, seconds: float) -> None:
    """As `_verdicts`, for SQL that nobody here wrote: on the locked copy, in time, and never more rows than subjects (and one, to notice)."""
    most = database.value("SELECT count(*) FROM work.subject WHERE subject_kind = $kind", {"kind": check.subject}) + 1
    names, _ = locked.select_only(f"SELECT * FROM (\n{check.sql}\n) AS verdict LIMIT 0", parameters, seconds=seconds)
    if names != COLUMNS:
        raise QueryError(f"the SELECT returns {', '.join(names)}; it must return {', '.join(COLUMNS)}, in this order")
    _, rows = locked.select_only(f"SELECT {TYPED} FROM (\n{check.sql}\n) AS verdict LIMIT {most}", parameters, seconds=seconds)
    if len(rows) == most:
        raise QueryError(f"more rows than there are subjects of the kind {check.subject}: return one row for each")
    database.execute(VERDICTS)
    if rows:
        database.insert_columns("finding", dict(zip(names, zip(*rows, strict=True), strict=True)), schema="work")


def _why_nothing(database: Database, check: Check, counts: Mapping[str, int]) -> str | None:
    """Why a check judged nothing, or None when it judged something. Evidence that is missing anywhere may hide subjects."""
    if counts["passed"] + counts["failed"]:
        return None
    if counts["population"]:
        return str(database.value(MAIN_REASON))
    gaps = [row["reason"] for row in database.rows(EMPTY, {"needs": list(check.needs)})]
    return f"{gaps[0]}{f' (and {len(gaps) - 1} more)' if len(gaps) > 1 else ''}" if gaps else NOTHING_TO_JUDGE
