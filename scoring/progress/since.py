"""Failed findings against a baseline: which stood there already, which are new, and why the others do not count as a regression."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from inventory.database import Database, StoreError
from inventory.lake import Lake, Snapshot
from scoring.decided import KEPT, has_exceptions
from scoring.progress.judgements import judgements

SINCE: Final = {
    "standing": "failed in the baseline too",
    "rules": "fails by other rules, thresholds or checks than those of the baseline; the estate did not change",
    "scope": "in an account that the baseline does not cover",
    "newly_known": "not judged, or not seen, in the baseline",
    "new": "made since the baseline",
    "worse": "did not fail in the baseline",
}
"""Why a finding fails now, in words."""

TAKEN = {
    "finding": """
        SELECT check_id, subject_kind, subject_id, status FROM earlier.finding
        UNION ALL
        SELECT check_id, subject_kind, subject_id, status FROM stored.finding WHERE check_id NOT IN (SELECT check_id FROM earlier.check_result)
    """,
    "told": "SELECT check_id, subject_kind, subject_id, severity, scope FROM stored.finding WHERE status = 'fail'",
    "check_ran": "SELECT check_id FROM earlier.check_result UNION SELECT check_id FROM stored.check_result",
    "coverage": "SELECT DISTINCT scope, status FROM earlier.coverage",
    "subject": "SELECT subject_kind, subject_id, scope FROM earlier.subject",
}
"""What is asked of the baseline's judgements. A user's own check is not run again over the baseline's evidence: it counts as it was published."""


def since(database: Database, lake: Lake, baseline: Snapshot, now: Snapshot) -> None:
    """Fill `baseline.since` (a row per failed finding that nobody excepted, with its cause) and `baseline.lost` in a database that `now` is
    opened in with decisions laid over. Raises StoreError when the baseline is later, or cannot be judged by the rules of now.
    """
    if baseline.as_of > now.as_of:
        raise StoreError(f"{baseline.snapshot_id} is as of a later date than {now.snapshot_id}: it is no baseline for it")
    database.execute("CREATE SCHEMA IF NOT EXISTS baseline")
    with judgements(lake, baseline, now) as three:
        if three.unsplit:
            raise StoreError(f"what is new since {baseline.snapshot_id} cannot be told: {three.unsplit}")
        for table, sql in TAKEN.items():
            database.create(f"baseline.{table}", three.database.arrow(sql))
    text = (files("scoring") / "progress" / "since.sql").read_text(encoding="utf-8")
    database.script(text.replace("{of}", KEPT if has_exceptions(database) else "main"), {"as_of": baseline.as_of})
