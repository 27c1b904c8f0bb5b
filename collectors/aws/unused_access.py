"""IAM Access Analyzer, findings of unused access: which actions a principal was last seen to use, and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.records import Notes, has_page, read_pages
from inventory.model import Row, Usage


def findings(document: Document) -> Iterator[Row | Problem]:
    """accessanalyzer get-finding-v2, wrapped with the analyzer's unusedAccessAge, which the answer itself lacks."""
    return read_pages(document, "findingDetails", _finding)


def _finding(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    """What was used, and when last. That something was not used is said only where the analyzer's window is known."""
    if raw.get("findingType") != "UnusedPermission":
        return
    arn, record = raw["resource"], f"id={raw['id']}"
    age = raw.get("unusedAccessAge")
    for detail in raw["findingDetails"]:
        service = detail["unusedPermissionDetails"]
        name = service["serviceNamespace"].lower()
        used = [(None, service.get("lastAccessed")), *((one["action"], one.get("lastAccessed")) for one in service.get("actions") or [])]
        for action, value in used:
            last_at, readable = notes.last_use(value, record, f"last use of {action or name}")
            if readable and (last_at is not None or (age is not None and (action or not service.get("actions")))):
                evidence = notes.document.at(f"{record}/{name}")
                yield Usage(identity_id=arn, service=name, action=action, last_at=last_at, window_days=age, evidence=evidence)


FORMATS = (
    Format(
        name="aws-unused-access",
        title='Unused access: `aws accessanalyzer get-finding-v2`, each wrapped as {"unusedAccessAge": days, "findingDetails": …}',
        matches=lambda document: has_page(document, "findingDetails"),
        rows=findings,
    ),
)
