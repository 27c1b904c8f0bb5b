"""Controls of other people's frameworks: the verdict on each, the checks behind it, and the subjects that fail, with their records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views.evidence import Rows, located
from reports.views.findings import severity_rank
from reports.views.lenses import OURS, lens_rows
from reports.views.summary import thresholds
from scoring.catalogue import Check, load
from scoring.compliance import Framework, framework, frameworks
from scoring.compliance.mapping import mapping_version
from scoring.compliance.verdict import VERDICTS, Verdict, verdicts

WORDS = {"not": "not met", "partly": "partly met", "unknown": "unknown", "not_applicable": "does not apply", "met": "met"}
"""How a verdict is said."""

NOT_MET = ("not", "partly")

CAUTION = "Met means: as far as these checks measure. A framework asks for more than exports can show; what is outside is said beside it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """Every control of every framework, judged."""

    verdicts: Mapping[str, Verdict]
    mapping: str
    """Version of the mapping that it was judged by."""


def compliance(
    database: Database, snapshot: Snapshot, checks: Sequence[Check] | None = None, limits: Mapping[str, float] | None = None
) -> Compliance:
    """All verdicts, by today's mapping. `limits`: the thresholds of the results, where they are not those of the snapshot."""
    wanted = load().checks if checks is None else checks
    found = verdicts(database, wanted, thresholds(snapshot) if limits is None else limits)
    return Compliance(verdicts=found, mapping=mapping_version(wanted))


def framework_rows(found: Compliance) -> Rows:
    """One row per framework version: its controls by verdict, how many are listed, how many have a check."""
    return [_framework_row(found, each) for each in frameworks()]


def _framework_row(found: Compliance, each: Framework) -> dict[str, Any]:
    members = [found.verdicts[control] for control in each.controls]
    counts = Counter(member.verdict for member in members)
    return {
        "framework": each.key,
        "name": each.name,
        "controls": len(members),
        **{verdict: counts[verdict] for verdict in VERDICTS},
        "measured": sum(bool(member.checks) for member in members),
        "to_ask": sum(member.ask is not None for member in members),
        "scope_note": each.scope_note,
    }


def control_rows(found: Compliance, key: str, verdict: str | None = None) -> Rows:
    """Every control of a framework version, in its order: verdict, reason, counts, checks, and what is outside or to ask.

    Raises UnknownControlError for a key that is none.
    """
    each = framework(key)
    return [
        {
            **asdict(found.verdicts[control]),
            "control": control,
            "id": control.removeprefix(f"{key}:"),
            "title": title,
            "said": WORDS[found.verdicts[control].verdict],
            "checks": list(found.verdicts[control].checks),
            "outside": each.outside.get(control),
        }
        for control, title in each.controls.items()
        if verdict is None or found.verdicts[control].verdict == verdict
    ]


def not_met(found: Compliance) -> Rows:
    """Controls of all frameworks for which something failed, with the framework's name: what a report lists."""
    return [{**row, "framework": each.key} for each in frameworks() for row in control_rows(found, each.key) if row["verdict"] in NOT_MET]


_OF_CONTROL = """
    FROM finding AS f
    LEFT JOIN account AS a ON a.scope = f.scope
    LEFT JOIN identity AS i ON i.identity_id = f.identity_id
    WHERE list_contains($checks, f.check_id) AND ($status IS NULL OR f.status = $status)
        AND ($provider IS NULL OR coalesce(a.provider, i.provider) = $provider)
"""


def control_findings(
    database: Database, key: str, checks: Sequence[str], status: str | None = None, *, limit: int = 50, offset: int = 0
) -> Rows:
    """Subjects that fail or could not be judged under a control's checks: failed first. For a framework of one provider, only its own."""
    found = database.rows(
        f"""
        SELECT f.check_id, f.status, f.severity, f.subject_kind, f.subject_id, f.subject_name, f.identity_id, f.scope, f.reason, f.evidence
        {_OF_CONTROL}
        ORDER BY CASE f.status WHEN 'fail' THEN 0 ELSE 1 END,
                 {severity_rank("f.severity")},
                 f.check_id, f.subject_name, f.subject_id
        LIMIT $limit OFFSET $offset
        """,
        {**_of(key, checks, status), "limit": limit, "offset": offset},
    )
    return [{**row, "evidence": [located(reference) for reference in row["evidence"]]} for row in found]


def control_finding_count(database: Database, key: str, checks: Sequence[str], status: str | None = None) -> int:
    """How many rows `control_findings` pages over."""
    return int(database.value(f"SELECT count(*) {_OF_CONTROL}", _of(key, checks, status)))


def _of(key: str, checks: Sequence[str], status: str | None) -> dict[str, Any]:
    return {"checks": list(checks), "status": status, "provider": framework(key).provider}


def check_rows(database: Database, key: str, checks: Sequence[str]) -> Rows:
    """What each check of a control found: over all subjects, or those of the framework's provider."""
    provider = framework(key).provider
    kept = provider is None or "check_count" in database.tables()
    counts = "check_result" if provider is None or not kept else "check_count"
    return database.rows(
        f"""
        SELECT r.check_id, r.severity, coalesce(c.population, 0) AS population, coalesce(c.passed, 0) AS passed,
               coalesce(c.failed, 0) AS failed, coalesce(c.unknown, 0) AS unknown
        FROM check_result AS r
        LEFT JOIN {counts} AS c ON c.check_id = r.check_id {"AND c.provider = $provider" if counts == "check_count" else "AND $provider IS NULL"}
        WHERE list_contains($checks, r.check_id)
        ORDER BY failed DESC, r.check_id
        """,
        {"checks": list(checks), "provider": provider},
    )


def report_section(database: Database, snapshot: Snapshot) -> dict[str, Any]:
    """What the report prints: counts per framework, every control for which something failed, and the other models."""
    found = compliance(database, snapshot)
    return {
        "frameworks": framework_rows(found),
        "not_met": not_met(found),
        "mapping": found.mapping,
        "caution": CAUTION,
        "lenses": lens_rows(database, snapshot),
        "ours": OURS,
    }
