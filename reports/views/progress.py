"""Now against last quarter. Real movement is kept apart from a change of scope and from merely knowing more."""

from __future__ import annotations

from typing import Any

from inventory.store import Database
from reports.views import stages
from reports.views.evidence import Rows
from scoring.attained import ATTAINED_PERCENT

MOVEMENTS = {
    "improved": "certainly higher than before",
    "regressed": "certainly lower than before",
    "better_known": "same place, narrower interval",
    "less_known": "same place, wider interval",
    "shifted": "interval moved, direction not certain",
    "unchanged": "same interval",
    "new": "not in the evidence, or without an active path, before",
    "gone": "no longer in the evidence, or without an active path now",
}
"""How a subject can differ between two snapshots, and what that says."""


def compare(now: Database, before: Database, percent: float = ATTAINED_PERCENT) -> dict[str, Any]:
    """Differences of two snapshots: stage counts, attained, coverage, questions, and every subject's movement."""
    moved = _movements(now, before)
    return {
        "stages": _stages(now, before),
        "attained": {"now": stages.attained(now, percent), "before": stages.attained(before, percent)},
        "coverage": {"now": stages.exactness(now), "before": stages.exactness(before)},
        "questions": _questions(now, before),
        "movements": {name: sum(1 for row in moved if row["movement"] == name) for name in MOVEMENTS},
        "regressed": [row for row in moved if row["movement"] == "regressed"],
        "improved": [row for row in moved if row["movement"] == "improved"],
    }


def _stages(now: Database, before: Database) -> Rows:
    return [
        {"stage": new["stage"], "lo": new["lo"], "lo_before": old["lo"], "hi": new["hi"], "hi_before": old["hi"]}
        for new, old in zip(stages.distribution(now), stages.distribution(before), strict=True)
    ]


def _questions(now: Database, before: Database) -> Rows:
    sql = "SELECT question_id AS id, literal, met, lo, hi FROM question ORDER BY question_id"
    earlier = {row["id"]: row for row in before.rows(sql)}
    return [
        {**row, **{f"{name}_before": earlier.get(row["id"], {}).get(name) for name in ("literal", "met", "lo", "hi")}}
        for row in now.rows(sql)
    ]


def _movements(now: Database, before: Database) -> Rows:
    sql = "SELECT subject_kind, subject_id, name, scope, team, stage_lo, stage_hi FROM placement ORDER BY subject_kind, name, subject_id"
    new = {(row["subject_kind"], row["subject_id"]): row for row in now.rows(sql)}
    old = {(row["subject_kind"], row["subject_id"]): row for row in before.rows(sql)}
    return [_movement(new.get(key), old.get(key)) for key in [*new, *(key for key in old if key not in new)]]


def _movement(new: dict[str, Any] | None, old: dict[str, Any] | None) -> dict[str, Any]:
    shown = dict(new or old or {})
    for name in ("stage_lo", "stage_hi"):
        shown[name] = new[name] if new else None
        shown[f"{name}_before"] = old[name] if old else None
    return {**shown, "movement": movement(_interval(new), _interval(old))}


def _interval(row: dict[str, Any] | None) -> tuple[int, int] | None:
    return None if row is None or row["stage_lo"] is None else (row["stage_lo"], row["stage_hi"])


def movement(now: tuple[int, int] | None, before: tuple[int, int] | None) -> str:
    """Which movement lies between two intervals; None is a subject that is absent or has no active path."""
    if now == before:
        return "unchanged"
    if before is None:
        return "new"
    if now is None:
        return "gone"
    if now[0] > before[1]:
        return "improved"
    if now[1] < before[0]:
        return "regressed"
    if before[0] <= now[0] and now[1] <= before[1]:
        return "better_known"
    if now[0] <= before[0] and before[1] <= now[1]:
        return "less_known"
    return "shifted"
