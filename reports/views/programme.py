"""The programme: targets with their gap, owners assigned beside those that sources name, actions and what became of them.

Counted from what was measured; decisions are laid over it (scoring/decided).
"""

from __future__ import annotations

from datetime import date
from math import ceil
from typing import Any

from inventory.database import Database
from inventory.decisions import Decisions
from inventory.lake import Snapshot
from reports.views.evidence import Rows
from reports.views.exceptions import announced, register, register_size, with_exceptions
from reports.views.least_privilege import interval
from reports.views.shares import share_text
from reports.views.stages import MEASURED, attained_at_most
from reports.views.summary import attained_percent, scores_measured
from scoring.attained import attained
from scoring.decided import KEPT, has_exceptions

OWNER_CHECKS = ("owner-missing", "agent-without-owner")
"""Checks whose populations, taken together, are the identities that somebody should own."""

NOT_OWNED = f"check_id IN ({', '.join(repr(name) for name in (*OWNER_CHECKS, 'owner-departed'))})"

VERDICTS = {
    "met": "met",
    "not met": "not met: even the best case falls short",
    "unknown": "cannot be known: evidence is missing",
    "nothing": "cannot be known: no access path is here",
}


def targets(database: Database, snapshot: Snapshot, on: date) -> Rows:
    """Every target, the next due first: what is attained now (`attained_lo` for certain, `attained_hi` at most), `paths`, the share at or above
    the stage (`lo`, `hi`), what is missing (`short` paths to lift, `below` for certain, `perhaps`, `critical` below), `verdict`, `overdue`."""
    if not database.tables("decided"):
        return []
    percent = attained_percent(snapshot)
    found = database.rows("SELECT * FROM decided.target ORDER BY due, stage, target_id")
    counts = {of: _target_paths(database, of) for of in (MEASURED, *([KEPT] if has_exceptions(database) else []))}
    return [_target(row, {of: paths.get(row["target_id"], []) for of, paths in counts.items()}, percent, on) for row in found]


def _target_paths(database: Database, of: str) -> dict[str, Rows]:
    """Paths by bounds and criticality of each target; a target without tags is about all."""
    found = database.rows(
        f"""
        SELECT t.target_id, a.stage_lo, a.stage_hi, a.critical, count(*) AS paths
        FROM decided.target AS t
        CROSS JOIN {of}.access_path AS a
        LEFT JOIN decided.about AS o
            ON o.kind = 'targets' AND o.id = t.target_id AND o.subject_kind = a.subject_kind AND o.subject_id = a.subject_id
        WHERE cardinality(t.tags) = 0 OR o.id IS NOT NULL
        GROUP BY ALL
        """
    )
    paths: dict[str, Rows] = {}
    for row in found:
        paths.setdefault(row["target_id"], []).append(row)
    return paths


def _target(row: dict[str, Any], counts: dict[str, Rows], percent: float, on: date) -> dict[str, Any]:
    stage, paths = row["stage"], counts[MEASURED]
    total = _sum(paths)
    least, most = _sum(p for p in paths if p["stage_lo"] >= stage), _sum(p for p in paths if p["stage_hi"] >= stage)
    critical = _sum(p for p in paths if p["critical"] and p["stage_lo"] < stage)
    verdict = _verdict(stage, paths, percent)
    return {
        **row,
        "attained_lo": attained(paths, percent),
        "attained_hi": attained_at_most(paths, percent),
        "attained_with": attained(counts[KEPT], percent) if KEPT in counts else None,
        "paths": total,
        "lo": least / total if total else None,
        "hi": most / total if total else None,
        "short": max(ceil(percent * total / 100) - least, 0),
        "below": total - most,
        "perhaps": most - least,
        "critical": critical,
        "verdict": verdict,
        "says": VERDICTS[verdict],
        "overdue": row["due"] < on and verdict != "met",
    }


def _verdict(stage: int, paths: Rows, percent: float) -> str:
    if not paths:
        return "nothing"
    if (attained(paths, percent) or 0) >= stage:
        return "met"
    return "unknown" if (attained_at_most(paths, percent) or 0) >= stage else "not met"


def _sum(paths: Any) -> int:
    return sum(row["paths"] for row in paths)


def owner_coverage(database: Database) -> dict[str, Any]:
    """How many of those that somebody should own are owned: `n`, `named` by sources, `unknown`, `assigned` by people where no source names one;
    shares `lo` and `hi` as measured, `lo_with` and `hi_with` assignments counted too; `departed` owners, `departed_assigned` of them replaced."""
    results = database.rows(f"SELECT population, passed, failed, unknown FROM check_result WHERE check_id IN {OWNER_CHECKS}")
    n, named, unknown = (sum(row[name] for row in results) for name in ("population", "passed", "unknown"))
    held = {(row["group_"], row["status"]): row for row in database.rows(_open_and_assigned(database))}
    failed_assigned, unknown_assigned = (held.get(("missing", status), {}).get("assigned", 0) for status in ("fail", "unknown"))
    gone = held.get(("departed", "fail"), {})
    newly = failed_assigned + unknown_assigned
    return {
        "n": n, "named": named, "unknown": unknown, "assigned": newly,
        "lo": named / n if n else None, "hi": (named + unknown) / n if n else None,
        "lo_with": (named + newly) / n if n else None, "hi_with": (named + unknown + failed_assigned) / n if n else None,
        "departed": gone.get("subjects", 0), "departed_assigned": gone.get("assigned", 0),
    }  # fmt: skip


def assigned(database: Database) -> str:
    """SQL of assignments by identity (`identity_id`, `owner`, `who`, `decided_at`, `owner_id`); none where no decisions are laid over."""
    if not database.tables("decided"):
        return "(SELECT '' AS identity_id, '' AS owner, '' AS who, CAST(NULL AS TIMESTAMP) AS decided_at, '' AS owner_id WHERE false)"
    return """(
        SELECT o.subject_id AS identity_id, w.owner, w.who, w.decided_at, w.owner_id
        FROM decided.about AS o JOIN decided.owner AS w ON w.owner_id = o.id
        WHERE o.kind = 'owners' AND o.subject_kind = 'identity'
    )"""


def _open_and_assigned(database: Database) -> str:
    return f"""
        SELECT CASE WHEN check_id = 'owner-departed' THEN 'departed' ELSE 'missing' END AS group_, status, count(*) AS subjects,
               count(*) FILTER (WHERE subject_id IN (SELECT identity_id FROM {assigned(database)})) AS assigned
        FROM finding WHERE {NOT_OWNED} GROUP BY 1, 2
    """


def assigned_owners(database: Database, identity_id: str) -> Rows:
    """Who was assigned to an identity: owner, who decided, when."""
    return database.rows(f"SELECT * FROM {assigned(database)} WHERE identity_id = $id ORDER BY decided_at, owner_id", {"id": identity_id})


def assignments(database: Database) -> Rows:
    """Every assignment with how many identities it covers here."""
    return _beside(database, "owners", "owner", "owner_id") if database.tables("decided") else []


def actions(database: Database, snapshot: Snapshot, on: date) -> Rows:
    """Every action, overdue first: `subjects` it is about, `failing` of them with a failed finding that nobody excepted, `overdue`, and for those
    that are done what the evidence says (`told`). Evidence from before the day on which it was told done contradicts nothing."""
    if not database.tables("decided"):
        return []
    rows = [_action(row, snapshot, on) for row in _beside(database, "actions", "action", "action_id")]
    return sorted(
        rows, key=lambda row: (not row["overdue"], row["status"] in ("done", "dropped"), row["due"] or date.max, row["action_id"])
    )


def _action(row: dict[str, Any], snapshot: Snapshot, on: date) -> dict[str, Any]:
    told = ""
    if row["status"] == "done" and row["failing"]:
        later = snapshot.as_of.date() > row["decided_at"].date()
        count = f"{row['failing']} {'subject' if row['failing'] == 1 else 'subjects'} still fail{'s' if row['failing'] == 1 else ''}"
        told = f"done, but {count}" if later else "done after this evidence was collected: not seen yet"
    overdue = row["status"] in ("open", "doing") and row["due"] is not None and row["due"] < on
    return {**row, "overdue": overdue, "told": told}


def _beside(database: Database, kind: str, table: str, key: str) -> Rows:
    """Decisions of a kind with how many subjects each is about (what belongs to an identity counts as it; None: everything)."""
    failing = "kept.finding" if has_exceptions(database) else "main.finding"
    return database.rows(
        f"""
        WITH covered AS (
            SELECT o.id, count(DISTINCT coalesce(s.identity_id, s.subject_id)) AS subjects,
                   count(DISTINCT CASE WHEN f.subject_id IS NOT NULL THEN coalesce(s.identity_id, s.subject_id) END) AS failing
            FROM decided.about AS o
            JOIN main.subject AS s ON s.subject_kind = o.subject_kind AND s.subject_id = o.subject_id
            LEFT JOIN {failing} AS f ON f.subject_kind = o.subject_kind AND f.subject_id = o.subject_id AND f.status = 'fail'
            WHERE o.kind = $kind GROUP BY o.id
        )
        SELECT d.*, CASE WHEN d.about <> 'everything' THEN coalesce(c.subjects, 0) END AS subjects, coalesce(c.failing, 0) AS failing, p.problem
        FROM decided.{table} AS d
        LEFT JOIN covered AS c ON c.id = d.{key}
        LEFT JOIN decided.problem AS p ON p.kind = $kind AND p.id = d.{key}
        ORDER BY d.{key}
        """,
        {"kind": kind},
    )


def programme_section(database: Database, snapshot: Snapshot, decisions: Decisions, on: date) -> dict[str, Any]:
    """Everything that the report says of decisions: the register and both scores, targets, actions, assignments and owner coverage."""
    rows = register(database, snapshot, on)
    beside = with_exceptions(database, snapshot)
    return {
        "on": on,
        "decided": len(decisions.recorded),
        "announcements": announced(rows, snapshot),
        "exceptions": rows,
        "size": register_size(rows),
        "lines": both_scores(scores_measured(database, snapshot), beside) if beside else [],
        "targets": targets(database, snapshot, on),
        "actions": actions(database, snapshot, on),
        "assignments": assignments(database),
        "owners": owner_coverage(database),
    }


def programme_of_part(database: Database, snapshot: Snapshot, on: date) -> dict[str, Any]:
    """What the report on a part says of decisions: exceptions and assignments that are about something in it. Who is owned among how many is counted
    over the whole estate; targets and actions are the whole estate's."""
    rows, assigned_here = register(database, snapshot, on), assignments(database)
    beside = with_exceptions(database, snapshot)
    return {
        "on": on,
        "decided": len(rows) + len(assigned_here),
        "announcements": announced(rows, snapshot),
        "exceptions": rows,
        "size": register_size(rows),
        "lines": both_scores(scores_measured(database, snapshot), beside) if beside and rows else [],
        "assignments": assigned_here,
    }


def both_scores(measured: dict[str, Any], left: dict[str, Any]) -> Rows:
    """Each score in words (`score`), as it was measured and when what is excepted is left out (`kept`)."""
    pairs = zip(score_lines(measured), score_lines(left), strict=True)
    return [{"score": name, "measured": before, "kept": after} for (name, before), (_, after) in pairs]


def score_lines(result: dict[str, Any]) -> list[tuple[str, str]]:
    """Scores of a summary, measured or with exceptions, as names and words: two of them make two columns."""
    coverage, access = result["coverage"], result["least_privilege"]
    exact = "no paths" if coverage["exact_pct"] is None else f"{coverage['exact_pct']:g} % (n={coverage['paths']:,})"
    creep = f"{interval(access['creep_lo'], access['creep_hi'])} (n={access['judged']:,})" if access["granted"] else "not known"
    failed = [(f"Failed findings, {name}", f"{count:,}") for name, count in result["findings"]["by_severity"].items()]
    return [
        ("Attained stage", f"S{result['attained']}" if result["attained"] else "none"),
        ("Paths placed exactly", exact),
        *((f"Subjects at S{stage}, lower bound", f"{count:,}") for stage, count in result["stages"]["lo"].items()),
        *((f"{row['id']}, control met", _answer(row)) for row in result["questions"]),
        *failed,
        ("Permission-creep index", creep),
    ]


def _answer(row: dict[str, Any]) -> str:
    met = str(row["met"]).replace("_", " ")
    if row["lo"] is None:
        return met
    return f"{met}, {share_text(row['lo'], row['hi'])} (n={row['denominator']:,}, unknown {row['unknown']:,})"
