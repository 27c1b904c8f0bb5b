"""OCSF 1.5 Compliance Finding (class 2003), one JSON object a line. What could not be judged has the compliance status Unknown.

A finding that an exception takes out has the finding status Suppressed; its compliance status stays Fail. https://schema.ocsf.io/1.5.0
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from reports.feeds.feed import Source, as_json, check_words, flat, stable_id, told
from reports.views.workspace import tool_version

VERSION = "1.5.0"
SEVERITY = {"low": 2, "medium": 3, "high": 4, "critical": 5}
STATUS = {"fail": (3, "Fail"), "unknown": (0, "Unknown")}
"""Of compliance."""
NEW, SUPPRESSED = (1, "New"), (3, "Suppressed")
"""Of the finding."""


def ocsf(source: Source) -> Iterator[str]:
    """A line per finding."""
    product = {"name": "NHI posture", "vendor_name": "NHI posture", "version": tool_version()}
    at = int(source.snapshot.as_of.replace(tzinfo=UTC).timestamp() * 1000)
    common = {
        "metadata": {"version": VERSION, "product": product},
        "time": at,
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2003,
        "class_name": "Compliance Finding",
        "type_uid": 200301,
        "type_name": "Compliance Finding: Create",
    }
    yield from flat(source.findings(), lambda row: f"{as_json({**common, **_event(source, row)})}\n")


def _event(source: Source, row: dict[str, Any]) -> dict[str, Any]:
    words, accepted = check_words(row["check_id"]), source.accepted(row)
    number, caption = STATUS[row["status"]]
    finding_status = SUPPRESSED if accepted else NEW
    severity = {"severity_id": SEVERITY[row["severity"]], "severity": row["severity"].capitalize()}
    check = {
        "uid": row["check_id"],
        "name": words["title"],
        "desc": words["rationale"],
        **severity,
        "status_id": number,
        "status": caption,
        **({"standards": row["maps_to"]} if row["maps_to"] else {}),
    }
    return {
        **severity,
        "status_id": finding_status[0],
        "status": finding_status[1],
        **({"status_detail": accepted} if accepted else {}),
        "message": told(row),
        "finding_info": {
            "uid": stable_id(row),
            "title": words["title"],
            "desc": row["reason"],
            "analytic": {"uid": row["check_id"], "name": words["title"], "type_id": 1, "type": "Rule"},
            **({"src_url": words["source"]} if words["source"] else {}),
        },
        "compliance": {
            "control": row["check_id"],
            "desc": words["rationale"],
            "status_id": number,
            "status": caption,
            "status_details": [row["reason"]],
            "checks": [check],
            **({"standards": row["maps_to"]} if row["maps_to"] else {}),
        },
        "remediation": {"desc": words["fix"], **({"references": [words["source"]]} if words["source"] else {})},
        "resources": [{"uid": row["subject_id"], "name": row["subject_name"], "type": row["subject_kind"]}],
        **({"evidences": [{"data": place} for place in row["evidence"]]} if row["evidence"] else {}),
        "unmapped": {"scope": row["scope"], "identity_id": row["identity_id"], "snapshot_id": source.snapshot.snapshot_id},
    }
