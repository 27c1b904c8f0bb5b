"""Progress between two snapshots as rows: headlines split by cause, and the subjects behind each cause. Arranges; scoring/progress judges.

Printed numbers add up as printed: parts are rounded together with their sum, the largest remainders first.
"""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import Any

from inventory.lake import Snapshot
from reports.views.evidence import Rows, located
from reports.views.summary import identified
from scoring.progress import CAUSES
from scoring.progress.compare import Comparison
from scoring.progress.headlines import Split

WORDS = {
    "rules": "Other rules",
    "scope": "Change of scope",
    "evidence": "Knowing more or less",
    "retired": "Retired",
    "new": "New",
    "moved_down": "Moved down",
    "moved_up": "Moved up",
}
"""Causes as people read them, in the order of attribution."""

GROUPS = {
    "Stages, in subjects": ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "no_active_path"),
    "Maturity of access paths": ("attained", "exact", "at_or_above_5", "at_or_above_6", "at_or_above_7"),
    "Answers": (
        "Q1_lo",
        "Q1_hi",
        "Q2_lo",
        "Q2_hi",
        "Q3_lo",
        "Q3_hi",
        "Q4_lo",
        "Q4_hi",
        "Q5_lo",
        "Q5_hi",
        "S1_lo",
        "S1_hi",
        "S4_lo",
        "S4_hi",
    ),
    "Failed findings": ("critical", "high", "medium", "low"),
    "Privilege and credentials": ("creep_lo", "creep_hi", "static"),
}
"""Headlines that are drawn and printed together."""


def compare(found: Comparison) -> dict[str, Any]:
    """The whole comparison as plain JSON values, without the subjects: `causes` counts them."""
    counts = subject_counts(found)
    return {
        "before": _snapshot(found.before),
        "now": _snapshot(found.now),
        "same_rules": found.same_rules,
        "unsplit": found.unsplit,
        "order": list(CAUSES),
        "causes": {name: {"title": WORDS[name], "meaning": text, "subjects": counts[name]} for name, text in CAUSES.items()},
        "headlines": [_headline(split) for split in found.splits],
    }


LISTED = 100
"""Subjects that moved, printed in full in the report; the rest are counted."""


def section(found: Comparison) -> dict[str, Any]:
    """What the report prints: `compare`, headlines in `groups`, and those that certainly `moved`, lower first."""
    document = compare(found)
    down = subjects(found, "moved_down", limit=LISTED)
    counts = document["causes"]
    by_id = {row["id"]: row for row in document["headlines"]}
    return {
        **document,
        "groups": grouped(document["headlines"]),
        "moved": [*down, *subjects(found, "moved_up", limit=LISTED - len(down))],
        "moved_count": counts["moved_down"]["subjects"] + counts["moved_up"]["subjects"],
        "attained_before": by_id["attained"]["before"],
    }


def grouped(headlines: Rows) -> Rows:
    """Headlines in their groups: `title` and `rows`."""
    by_id = {row["id"]: row for row in headlines}
    return [{"title": title, "rows": [by_id[name] for name in ids if name in by_id]} for title, ids in GROUPS.items()]


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    return {**identified(snapshot), "rescored_from": snapshot.details.get("rescored_from")}


def _headline(split: Split) -> dict[str, Any]:
    """One headline: `before`, `now`, `change` and `parts` as printed (they add up), and exact as text in `exact`."""
    shown = _shown(split)
    return {
        "id": split.headline.id,
        "title": split.headline.title,
        "unit": split.headline.unit,
        "better": split.headline.better,
        "n_before": split.n_before,
        "n_now": split.n_now,
        **shown,
        "exact": {
            "before": _text(split.before),
            "now": _text(split.now),
            "parts": {name: str(part) for name, part in split.parts.items()} if split.parts is not None else None,
        },
    }


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def _shown(split: Split) -> dict[str, Any]:
    """Counts as they are, shares and indices to a tenth."""
    scale = 10 if split.headline.unit in ("%", "index") else 1
    before, now = (None if value is None else floor(value * scale + Fraction(1, 2)) for value in (split.before, split.now))
    if before is None or now is None or split.parts is None:
        return {"before": _scaled(before, scale), "now": _scaled(now, scale), "change": None, "parts": None}
    parts = apportioned({name: part * scale for name, part in split.parts.items()}, now - before)
    return {
        "before": _scaled(before, scale),
        "now": _scaled(now, scale),
        "change": _scaled(now - before, scale),
        "parts": {name: _scaled(part, scale) for name, part in parts.items()},
    }


def _scaled(value: int | None, scale: int) -> float | int | None:
    return value if value is None or scale == 1 else value / scale


def apportioned(parts: dict[str, Fraction], total: int) -> dict[str, int]:
    """Whole numbers near the parts that add up to `total`, which lies less than one from their sum. What is whole stays as it is."""
    whole = {name: floor(part) for name, part in parts.items()}
    rest = total - sum(whole.values())
    for name in sorted(parts, key=lambda name: whole[name] - parts[name])[:rest]:
        whole[name] += 1
    return whole


def subject_counts(found: Comparison) -> dict[str, int]:
    """Subjects by cause. One that other rules place elsewhere may have moved besides: it counts for both."""
    rows = found.database.rows("SELECT cause, count(*) AS n FROM progress.caused WHERE population = 'subject' GROUP BY cause")
    counts = {row["cause"]: row["n"] for row in rows}
    by_rules = 0 if found.same_rules else int(found.database.value(f"SELECT count(*) FROM ({_BY_RULES})"))
    return {name: by_rules if name == "rules" else counts.get(name, 0) for name in CAUSES}


def subjects(found: Comparison, cause: str, *, limit: int | None = None, offset: int = 0) -> Rows:
    """Subjects whose placement differs by this cause, with both intervals, the reason and the records of both sides."""
    if cause == "rules" and found.same_rules:
        return []
    source = _BY_RULES if cause == "rules" else f"{_CAUSED} AND cause = '{cause}'" if cause in CAUSES else None
    if source is None:
        raise ValueError(f"{cause}: not a cause; one of {', '.join(CAUSES)}")
    before, now = (
        ("stored", "earlier") if cause == "rules" and not found.unsplit else ("stored" if cause == "rules" else "earlier", "later")
    )
    page = f"LIMIT {int(limit)} OFFSET {int(offset)}" if limit is not None else ""
    few, paths = (f"LIMIT {int(limit)}", f"LIMIT {2 * int(limit)}") if limit is not None else ("", "")
    rows = found.database.rows(_SUBJECTS.format(source=source, before=before, now=now, page=page, few=few, paths=paths))
    return [
        {**row, "cause": cause, **{name: [located(reference) for reference in row[name]] for name in ("evidence_before", "evidence")}}
        for row in rows
    ]


_CAUSED = "SELECT kind, id, scope, fact FROM progress.caused WHERE population = 'subject'"

_BY_RULES = """
    SELECT coalesce(n.subject_kind, b.subject_kind) AS kind, coalesce(n.subject_id, b.subject_id) AS id,
           NULL AS scope, NULL AS fact
    FROM stored.placement AS b
    FULL JOIN earlier.placement AS n ON n.subject_kind = b.subject_kind AND n.subject_id = b.subject_id
    WHERE b.subject_id IS NULL OR n.subject_id IS NULL OR b.stage_lo IS DISTINCT FROM n.stage_lo OR b.stage_hi IS DISTINCT FROM n.stage_hi
"""

_SUBJECTS = """
    WITH picked AS MATERIALIZED (
        SELECT c.kind, c.id, c.scope, c.fact, coalesce(n.name, b.name) AS name
        FROM ({source}) AS c
        LEFT JOIN {before}.placement AS b ON b.subject_kind = c.kind AND b.subject_id = c.id
        LEFT JOIN {now}.placement AS n ON n.subject_kind = c.kind AND n.subject_id = c.id
        ORDER BY c.kind, coalesce(n.name, b.name), c.id
        {page}
    ), shown AS MATERIALIZED (
        -- Both places, and below the reasons and records, are looked up for those alone that are shown. The limits said again tell the database
        -- how few they are; else it puts all the others in memory to find them.
        SELECT
            c.kind AS subject_kind, c.id AS subject_id, c.scope AS place, c.fact, c.name, coalesce(n.kind, b.kind) AS kind,
            coalesce(n.provider, b.provider) AS provider, coalesce(n.scope, b.scope) AS scope, coalesce(n.team, b.team) AS team,
            b.subject_id IS NOT NULL AS there_before, n.subject_id IS NOT NULL AS there_now,
            b.stage_lo AS stage_lo_before, b.stage_hi AS stage_hi_before, n.stage_lo, n.stage_hi,
            b.lo_path_id AS lo_before, b.hi_path_id AS hi_before, n.lo_path_id AS lo_now, n.hi_path_id AS hi_now
        FROM (FROM picked {few}) AS c
        LEFT JOIN {before}.placement AS b ON b.subject_kind = c.kind AND b.subject_id = c.id
        LEFT JOIN {now}.placement AS n ON n.subject_kind = c.kind AND n.subject_id = c.id
    ), path_before AS MATERIALIZED (
        SELECT path_id, lo_reason, lo_evidence, hi_evidence FROM {before}.access_path
        WHERE path_id IN (FROM (SELECT lo_before FROM shown UNION ALL SELECT hi_before FROM shown) {paths})
    ), path_now AS MATERIALIZED (
        SELECT path_id, lo_reason, lo_evidence, hi_evidence FROM {now}.access_path
        WHERE path_id IN (FROM (SELECT lo_now FROM shown UNION ALL SELECT hi_now FROM shown) {paths})
    )
    SELECT
        c.subject_kind, c.subject_id, c.name, c.kind, c.provider, c.scope, c.team,
        c.stage_lo_before, c.stage_hi_before, c.stage_lo, c.stage_hi,
        lb.lo_reason AS reason_before, ln.lo_reason AS reason,
        list_distinct(list_concat(lb.lo_evidence, hb.hi_evidence, CASE WHEN lb.path_id IS NULL THEN [ib.evidence, rb.evidence, vb.evidence] END))
            AS evidence_before,
        list_distinct(list_concat(ln.lo_evidence, hn.hi_evidence, CASE WHEN ln.path_id IS NULL THEN [idn.evidence, rn.evidence, vn.evidence] END))
            AS evidence
    FROM (FROM shown {few}) AS c
    LEFT JOIN path_before AS lb ON lb.path_id = c.lo_before
    LEFT JOIN path_before AS hb ON hb.path_id = c.hi_before
    LEFT JOIN path_now AS ln ON ln.path_id = c.lo_now
    LEFT JOIN path_now AS hn ON hn.path_id = c.hi_now
    LEFT JOIN {before}.identity AS ib ON c.subject_kind = 'identity' AND ib.identity_id = c.subject_id
    LEFT JOIN {now}.identity AS idn ON c.subject_kind = 'identity' AND idn.identity_id = c.subject_id
    LEFT JOIN {before}.resource AS rb ON c.subject_kind = 'resource' AND rb.resource_id = c.subject_id
    LEFT JOIN {now}.resource AS rn ON c.subject_kind = 'resource' AND rn.resource_id = c.subject_id
    -- What is not listed has no record: the file that lists its account in full stands for it.
    LEFT JOIN {before}.coverage AS vb ON NOT c.there_before AND vb.fact = c.fact AND vb.scope = c.place
    LEFT JOIN {now}.coverage AS vn ON NOT c.there_now AND vn.fact = c.fact AND vn.scope = c.place
    ORDER BY c.subject_kind, c.name, c.subject_id
"""
