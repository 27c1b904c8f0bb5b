"""Places every access path as an interval [lo, hi] of stages, with the evidence for each bound, and every subject by its weakest path.

The rules are data (stages.toml); the SQL only joins facts to rules. Chains of roles are followed to a fixed point, so cycles end.
"""

from __future__ import annotations

from importlib.resources import files

from inventory.database import Database

CHANGED = """
    SELECT count(*)
    FROM work.bound AS old
    JOIN work.next_bound AS new ON new.node = old.node
    WHERE old.lo IS DISTINCT FROM new.lo OR old.hi IS DISTINCT FROM new.hi
"""

PATHS = ("scan", "governance", "static_paths", "trust_paths")


def place(database: Database, *, rotation_days: int, key_age_days: int, scan_max_age_days: int, scan_coverage_percent: float) -> None:
    """Fill access_path and placement. Expects main evidence, `main.privilege`, `judging.only_assumes_roles` and `work.placement_rule`."""
    ages = {
        "rotation_days": rotation_days,
        "key_age_days": key_age_days,
        "scan_max_age_days": scan_max_age_days,
        "scan_coverage_percent": scan_coverage_percent,
    }
    for step in PATHS:
        database.script(_sql(step), ages)
    _follow_chains(database)
    for step in ("chain_paths", "subjects"):
        database.script(_sql(step))


def _follow_chains(database: Database) -> None:
    """Lower each role's bounds to those of the weakest principal that may assume it, until nothing changes.

    Bounds only fall and are at least 1, so this ends, in at most as many rounds as the longest chain is long.
    """
    step = _sql("chain_step")
    while True:
        database.script(step)
        if not database.value(CHANGED):
            return
        database.script("DROP TABLE work.bound; ALTER TABLE work.next_bound RENAME TO bound")


def _sql(step: str) -> str:
    return (files("scoring") / "placement" / f"{step}.sql").read_text(encoding="utf-8")
