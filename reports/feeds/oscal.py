"""OSCAL 1.1 assessment results (NIST): an inventory item per subject, an observation per finding, and a finding per check.

OSCAL knows `satisfied` and `not-satisfied` only. A check that could not be judged, in part or as a whole, is not satisfied for the reason
`other`; it never counts as satisfied. Ids are UUIDv5 of what they name, the date is the snapshot's. No assessment plan is imported: the
required `import-ap` points to a resource of the document that says so. https://pages.nist.gov/OSCAL/
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from reports.feeds.feed import Source, array, as_json, flat, named_id, stable_id, told
from reports.views.summary import identified
from reports.views.workspace import tool_version

VERSION = "1.1.3"
NAMES = "urn:nhi-posture"
"""Namespace of our properties."""

SUBJECTS = """
    SELECT subject_kind, subject_id, min(subject_name) AS subject_name FROM finding GROUP BY subject_kind, subject_id ORDER BY 1, 2
"""


def oscal(source: Source) -> Iterator[str]:
    """One document."""
    name, at = source.snapshot.snapshot_id, f"{source.snapshot.as_of:%Y-%m-%dT%H:%M:%S}Z"
    plan = named_id("plan", "none")
    title = f"Assessment of non-human identities, {source.snapshot.label}"
    metadata = {
        "title": title,
        "last-modified": at,
        "version": name,
        "oscal-version": VERSION,
        "props": _props({**identified(source.snapshot), "tool": f"NHI posture {tool_version()}", "exceptions-on": f"{source.on:%Y-%m-%d}"}),
    }
    yield f'{{"assessment-results":{{"uuid":"{named_id("document", name)}","metadata":{as_json(metadata)},"import-ap":{as_json({"href": f"#{plan}"})}'
    said = {"title": title, "description": "Every check over its whole population.", "start": at}
    yield f',"results":[{{"uuid":"{named_id("result", name)}",{as_json(said)[1:-1]},"local-definitions":{{"inventory-items":'
    yield from array(_items(source))
    reviewed = {"description": "The checks of this tool; each names the controls that it is evidence for.", "include-all": {}}
    yield f'}},"reviewed-controls":{as_json({"control-selections": [reviewed]})},"observations":'
    yield from array(flat(source.findings(), lambda row: _observation(source, row, at)))
    yield ',"findings":['
    for place, check in enumerate([row for row in source.checks if row["population"] or row["reason"]]):
        yield f"{',' if place else ''}\n"
        yield from _finding(source, check)
    nothing = {"uuid": plan, "description": "No OSCAL assessment plan: what was assessed is the evidence that the snapshot names."}
    yield f']}}],"back-matter":{as_json({"resources": [nothing]})}}}}}\n'


def _items(source: Source) -> Iterator[dict[str, Any]]:
    """Every subject of a finding; the declared answers among them come last."""
    yield from flat(source.database.batches(SUBJECTS), _item)
    yield from (_item(row) for rows in source.findings() for row in rows if row["subject_kind"] == "answer")


def _item(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "uuid": _subject(row),
        "description": _line(row["subject_name"]),
        "props": _props({"kind": row["subject_kind"], "id": row["subject_id"]}),
    }


def _subject(row: dict[str, Any]) -> str:
    return named_id("subject", row["subject_kind"], row["subject_id"])


def _observation(source: Source, row: dict[str, Any], at: str) -> dict[str, Any]:
    return {
        "uuid": stable_id(row),
        "title": _line(row["check_id"]),
        "description": told(row),
        "props": _props({"status": row["status"], "severity": row["severity"], "scope": row["scope"], "exception": source.accepted(row)}),
        "methods": ["TEST"],
        "types": ["finding"],
        "subjects": [{"subject-uuid": _subject(row), "type": "inventory-item"}],
        **({"relevant-evidence": [_evidence(one) for one in row["evidence"]]} if row["evidence"] else {}),
        "collected": at,
    }


def _evidence(one: dict[str, str | None]) -> dict[str, str]:
    path, record = str(one["path"]), one["record"]
    href = quote(path, safe="/!") + (f"#{quote(record, safe='')}" if record is not None else "")
    return {"href": href, "description": f"{path}, record {record}" if record is not None else path}


def _finding(source: Source, check: dict[str, Any]) -> Iterator[str]:
    """A check over its population, with its observations, which may be hundreds of thousands."""
    counts = {name: check[name] for name in ("population", "passed", "failed", "unknown")}
    state, reason = (
        ("satisfied", "pass") if check["passed"] == check["population"] > 0 else ("not-satisfied", "fail" if check["failed"] else "other")
    )
    unknown = check["reason"] or f"{check['unknown']:,} of {check['population']:,} subjects could not be judged."
    remarks = {"remarks": unknown} if check["unknown"] or check["reason"] else {}
    body = {
        "uuid": named_id("check", check["check_id"]),
        "title": check["title"],
        "description": check["rationale"],
        "props": _props({"severity": check["severity"], **counts, **{f"control-{n}": name for n, name in enumerate(check["maps_to"], 1)}}),
        "target": {"type": "objective-id", "target-id": check["check_id"], "status": {"state": state, "reason": reason, **remarks}},
    }
    yield as_json(body)[:-1]
    if check["failed"] + check["unknown"]:
        yield ',"related-observations":'
        yield from array(flat(source.ids(check["check_id"]), lambda row: {"observation-uuid": stable_id(row)}))
    yield "}"


def _props(said: dict[str, Any]) -> list[dict[str, str]]:
    """Properties of what is said; a value is one line that neither begins nor ends in white space."""
    lines = {name.replace("_", "-"): _line(str(value)) for name, value in said.items() if value is not None}
    return [{"name": name, "ns": NAMES, "value": value} for name, value in lines.items() if value]


def _line(text: str) -> str:
    return " ".join(text.split())
