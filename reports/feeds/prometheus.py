"""Metrics for Prometheus' textfile collector: gauges of one snapshot, with its date. What is not known is counted apart, never left to zero.

https://prometheus.io/docs/instrumenting/exposition_formats/ and, for names, https://prometheus.io/docs/practices/naming/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any

from reports.feeds.feed import Source
from reports.views.exceptions import with_exceptions
from reports.views.findings import check_results
from reports.views.stages import distribution
from reports.views.summary import SEVERITIES, summary

Sample = tuple[Mapping[str, object], float | int]
"""Labels and value."""


def prometheus(source: Source) -> Iterator[str]:
    """HELP, TYPE and samples of every metric that has any."""
    for name, meaning, samples in _metrics(source):
        if samples:
            yield f"# HELP {name} {_escaped(meaning)}\n# TYPE {name} gauge\n"
            yield from (f"{name}{_labels(labels)} {value}\n" for labels, value in samples)


def _metrics(source: Source) -> Iterator[tuple[str, str, list[Sample]]]:
    """(name, meaning, samples), every figure from the view that the reports ask too."""
    one, result = source.snapshot, summary(source.database, source.snapshot)
    at = one.as_of.replace(tzinfo=UTC).timestamp()
    named = {"snapshot": one.snapshot_id, "label": one.label, "pack": one.pack, "rules": one.rules_version}
    yield "nhi_snapshot_info", "The snapshot that all figures are of.", [(named, 1)]
    yield "nhi_snapshot_timestamp_seconds", "Date that the snapshot is judged by; evidence is not younger.", [({}, int(at))]
    parts = {name: count for name, count in result["identities"].items() if name != "total"}
    yield "nhi_identities", "Identities in parts that add up to all.", [({"part": name}, count) for name, count in parts.items()]
    yield from _stages(source, result)
    yield from _answers(source, result)
    yield from _findings(source, result)
    facts = result["coverage"]["facts"]
    yield "nhi_coverage_facts", "Facts of scopes by what came of asking for them.", [({"status": s}, n) for s, n in facts.items()]


def _stages(source: Source, result: dict[str, Any]) -> Iterator[tuple[str, str, list[Sample]]]:
    bounds = {"lo": "lowest", "hi": "highest", "exact": "exact"}
    placed = distribution(source.database)
    yield (
        "nhi_stage_subjects",
        "Subjects by stage: whose lowest bound it is, whose highest bound it is, and for which both are (exact).",
        [({"stage": row["stage"], "bound": word}, row[name]) for row in placed for name, word in bounds.items()],
    )
    without = result["stages"]["no_active_path"]
    yield "nhi_identities_without_active_path", "Identities that nothing can be reached with.", [({}, without)]
    exact = result["coverage"]
    paths: list[Sample] = [({"known": "exact"}, exact["exact"]), ({"known": "interval"}, exact["paths"] - exact["exact"])]
    yield "nhi_access_paths", "Access paths by whether evidence places them at one stage.", paths
    attained = result["attained"]
    yield "nhi_attained_stage", "Stage that is attained for certain.", [] if attained is None else [({}, attained)]


def _answers(source: Source, result: dict[str, Any]) -> Iterator[tuple[str, str, list[Sample]]]:
    samples: list[Sample] = []
    for row in result["questions"]:
        failed = row["denominator"] - row["numerator"] - row["unknown"]
        for status, count in (("pass", row["numerator"]), ("fail", failed), ("unknown", row["unknown"])):
            samples.append(({"question": row["id"], "status": status}, count))
    yield "nhi_question_subjects", "Subjects counted for a question by status.", samples
    checks = sorted(check_results(source.database), key=lambda row: str(row["check_id"]))
    statuses = {"passed": "pass", "failed": "fail", "unknown": "unknown"}
    yield (
        "nhi_check_subjects",
        "Subjects of a check by status, before exceptions.",
        [
            ({"check": row["check_id"], "severity": row["severity"], "status": word}, row[name])
            for row in checks
            for name, word in statuses.items()
        ],
    )
    unjudged = [({"check": row["check_id"]}, int(row["reason"] is not None)) for row in checks]
    yield "nhi_check_unjudged", "1 where a check could judge nothing, for want of evidence.", list(unjudged)


def _findings(source: Source, result: dict[str, Any]) -> Iterator[tuple[str, str, list[Sample]]]:
    beside = with_exceptions(source.database, source.snapshot)
    failed, left = result["findings"]["by_severity"], (beside or result)["findings"]["by_severity"]
    samples: list[Sample] = []
    for name in SEVERITIES:
        samples += [
            ({"severity": name, "excepted": "no"}, left[name]),
            ({"severity": name, "excepted": "yes"}, failed[name] - left[name]),
        ]
    yield "nhi_findings_failed", "Subjects that failed a check, by severity and by whether an exception takes them out today.", samples
    yield "nhi_findings_unknown", "Subjects that a check could not judge.", [({}, result["findings"]["unknown"])]


def _labels(labels: Mapping[str, object]) -> str:
    said = ",".join(f'{name}="{_escaped(str(value), quote=True)}"' for name, value in labels.items())
    return f"{{{said}}}" if said else ""


def _escaped(text: str, *, quote: bool = False) -> str:
    plain = text.replace("\\", r"\\").replace("\n", r"\n")
    return plain.replace('"', r"\"") if quote else plain
