"""All snapshots in a row: the mix of credentials, static ones made and retired, what was cleaned up, and how long revoking takes.

One snapshot per date, of those judged as the newest one is where there is one; points judged by other rules are marked, never mixed in
silence. What came or left is taken from scoring/progress: newly seen is not new, and out of sight is not retired.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from inventory.lake import Lake, Snapshot
from reports.views.evidence import Rows
from scoring.progress.compare import Comparison, comparison

CLEANUP = {
    "orphans": ("owner-missing", "owner-departed"),
    "stale": ("identity-never-used", "key-never-used", "role-unused", "user-key-unused"),
}
"""What is to be cleaned up -> the checks that find it."""

CAME_AND_LEFT = ("new", "retired", "seen", "unseen", "scope_in", "scope_out")


def series(lake: Lake, like: Snapshot) -> list[Snapshot]:
    """One snapshot per as-of date up to that of `like`, oldest first: judged as `like` is where possible, else the last of its date."""
    chosen: dict[datetime, Snapshot] = {}
    for snapshot in lake.snapshots():
        if snapshot.as_of <= like.as_of:
            kept = chosen.get(snapshot.as_of)
            if kept is None or snapshot.judged_by == like.judged_by or kept.judged_by != like.judged_by:
                chosen[snapshot.as_of] = snapshot
    return [like if snapshot.as_of == like.as_of else snapshot for snapshot in chosen.values()]


def trend(lake: Lake, like: Snapshot) -> dict[str, Any]:
    """Everything over time up to one snapshot: `points`, `mix`, `static`, `cleanup` and `revoked`."""
    found = series(lake, like)
    watch = Watch()
    mix: Rows = []
    static: Rows = []
    cleanup: Rows = []
    for index, snapshot in enumerate(found):
        with lake.open(snapshot.snapshot_id) as database:
            mix += [{**_point(snapshot, like), **row} for row in database.rows(MIX)]
            flagged = database.rows(FLAGGED)
        if index:
            with comparison(lake, found[index - 1], snapshot) as change:
                span = {**_point(snapshot, like), "since": found[index - 1].as_of, "unsplit": change.unsplit}
                static.append({**span, **_static(change)})
                cleanup += [{**span, "kind": kind, **_cleaned(change, checks)} for kind, checks in CLEANUP.items()]
                watch.left(change)
        watch.seen(flagged, snapshot.as_of, found[index - 1].as_of if index else None)
    return {
        "points": [_point(snapshot, like) for snapshot in found],
        "mix": mix,
        "static": static,
        "cleanup": cleanup,
        **watch.told(like.as_of),
    }


def _point(snapshot: Snapshot, like: Snapshot) -> dict[str, Any]:
    return {
        "snapshot_id": snapshot.snapshot_id,
        "label": snapshot.label,
        "as_of": snapshot.as_of,
        "other_rules": snapshot.judged_by != like.judged_by,
    }


MIX = """
    SELECT
        CASE
            WHEN p.mechanism = 'anonymous' THEN 'none'
            WHEN p.mechanism IN ('native', 'chain', 'third_party', 'certificate') THEN 'short_lived'
            WHEN c.credential_id IS NOT NULL THEN 'static'
            ELSE 'unknown'
        END AS family,
        CASE
            WHEN p.mechanism = 'native' AND t.principal_kind = 'oidc' THEN 'federated'
            WHEN p.mechanism IN ('anonymous', 'native', 'chain', 'third_party', 'certificate') THEN p.mechanism
            WHEN c.credential_id IS NOT NULL THEN c.kind
            ELSE 'unknown'
        END AS kind,
        count(*) AS paths
    FROM access_path AS p
    LEFT JOIN credential AS c ON c.credential_id = p.credential_id
    LEFT JOIN trust AS t ON t.trust_id = p.trust_id
    GROUP BY ALL
    ORDER BY family, paths DESC, kind
"""

FLAGGED = """
    WITH flagged AS (
        SELECT credential_id, 'exposed in code' AS why FROM secret_exposure WHERE state = 'open' AND credential_id IS NOT NULL
        UNION ALL
        SELECT subject_id, 'failed ' || check_id FROM finding
        WHERE status = 'fail' AND subject_kind = 'credential' AND severity IN ('critical', 'high')
    )
    SELECT c.credential_id, any_value(c.name) AS name, any_value(c.kind) AS kind, any_value(c.identity_id) AS identity_id, min(f.why) AS why
    FROM flagged AS f
    JOIN credential AS c ON c.credential_id = f.credential_id
    JOIN access_path AS p ON p.credential_id = c.credential_id
    WHERE p.mechanism LIKE 'static%' AND c.status = 'active' AND c.issuance NOT IN ('dynamic', 'federated', 'platform_attested')
    GROUP BY c.credential_id
    ORDER BY c.credential_id
"""
"""Active static credentials that are exposed, or fail a critical or high check."""


def _static(change: Comparison) -> dict[str, Any]:
    """Active static credentials that came and left, by cause; with other rules in between, what they add or take is no one's doing."""
    rows = change.database.rows(
        "SELECT cause, in_now, count(*) AS n FROM progress.caused WHERE population = 'static' GROUP BY cause, in_now"
    )
    names = {("new", True): "new", ("retired", False): "retired", ("evidence", True): "seen", ("evidence", False): "unseen",
             ("scope", True): "scope_in", ("scope", False): "scope_out"}  # fmt: skip
    counts = dict.fromkeys(CAME_AND_LEFT, 0) | {names[row["cause"], row["in_now"]]: row["n"] for row in rows}
    split = next(part for part in change.splits if part.headline.id == "static")
    return {**counts, "before": int(split.before or 0), "now": int(split.now or 0), "rules": int((split.parts or {}).get("rules", 0))}


def _cleaned(change: Comparison, checks: tuple[str, ...]) -> dict[str, Any]:
    """Of what failed before (`n`): certainly resolved, not known (out of sight or scope), still open; the rate is an interval."""
    row = change.database.rows(
        """
        SELECT count(*) AS n, count(*) FILTER (WHERE c.cause IN ('retired', 'moved_up')) AS resolved,
               count(*) FILTER (WHERE c.cause IS NOT NULL AND c.cause NOT IN ('retired', 'moved_up') AND c.v1_now IS NULL) AS unknown
        FROM earlier.finding AS f
        LEFT JOIN progress.caused AS c ON c.population = 'finding' AND c.part = f.check_id AND c.kind = f.subject_kind AND c.id = f.subject_id
        WHERE f.status = 'fail' AND list_contains($checks, f.check_id)
        """,
        {"checks": list(checks)},
    )[0]
    total = row["n"]
    return {
        **row,
        "open": total - row["resolved"] - row["unknown"],
        "rate_lo": row["resolved"] / total if total else None,
        "rate_hi": (row["resolved"] + row["unknown"]) / total if total else None,
    }


@dataclass(slots=True)
class Watch:
    """Flagged credentials from snapshot to snapshot: found between two dates, last seen active, first seen gone."""

    open: dict[str, dict[str, Any]] = field(default_factory=dict)
    closed: Rows = field(default_factory=list)

    def seen(self, flagged: Rows, as_of: datetime, before: datetime | None) -> None:
        """Flagged and active as of a date. What was not flagged on the date before was found since; NULL: at the start, nobody knows."""
        for row in flagged:
            kept = self.open.setdefault(row["credential_id"], {**row, "found_after": before, "found_by": as_of})
            kept["active_on"] = as_of

    def left(self, change: Comparison) -> None:
        """Those that are no active way in any more: retired for certain, or out of sight."""
        rows = change.database.rows("SELECT id, cause FROM progress.caused WHERE population = 'static' AND NOT in_now")
        for row in rows:
            kept = self.open.pop(row["id"], None)
            if kept is not None:
                kept["active_on"] = change.before.as_of
                state = "revoked" if row["cause"] == "retired" and change.unsplit is None else "unknown"
                self.closed.append({**kept, "state": state, "gone_by": change.now.as_of})

    def told(self, as_of: datetime) -> dict[str, Any]:
        """One row per credential, with days from detection to revocation as an interval; open ones have a lower bound only."""
        rows = [_days(row) for row in self.closed]
        rows += [_days({**row, "state": "open", "gone_by": None, "active_on": as_of}) for row in self.open.values()]
        counts = {state: sum(row["state"] == state for row in rows) for state in ("revoked", "open", "unknown")}
        return {"revoked": sorted(rows, key=lambda row: (row["state"], -row["days_lo"], row["credential_id"])), "revoked_counts": counts}


def _days(row: dict[str, Any]) -> dict[str, Any]:
    """`days_lo`: surely flagged and active for so long; `days_hi`: at the most; None where the start or the end is not known."""
    low = max((row["active_on"] - row["found_by"]).days, 0)
    ended = row["state"] == "revoked" and row["found_after"] is not None
    return {**row, "days_lo": low, "days_hi": (row["gone_by"] - row["found_after"]).days if ended else None}


def median_days(rows: Rows) -> tuple[int, int | None] | None:
    """The lower median of the revoked ones, by each bound; the upper is None where too many have none. None when nothing was revoked."""
    revoked = [row for row in rows if row["state"] == "revoked"]
    if not revoked:
        return None
    middle = (len(revoked) - 1) // 2
    highest = sorted((row["days_hi"] is None, row["days_hi"] or 0) for row in revoked)[middle]
    return sorted(row["days_lo"] for row in revoked)[middle], None if highest[0] else highest[1]
