"""SARIF 2.1.0 (OASIS): a rule per check, a result per failed subject, and `kind: open` for what could not be judged.

A location is a file of the evidence, below the folder that was assessed; it has a region only where the record is a line. A finding that an
exception takes out carries it as a suppression, and is not left out. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from reports.feeds.feed import Source, array, as_json, flat, stable_id, told
from reports.views.summary import identified
from reports.views.workspace import tool_version

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
RISK = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""`security-severity`, by which code scanning ranks: the middle of the bands of CVSS."""
LINE = re.compile(r"line[ =](\d+)")
BASE = "EVIDENCE"


def sarif(source: Source) -> Iterator[str]:
    """One log with one run."""
    yield f'{{"$schema":{as_json(SCHEMA)},"version":"2.1.0","runs":[{{"tool":{as_json(_tool(source))}'
    yield f',"automationDetails":{as_json({"id": f"nhi-posture/{source.snapshot.pack}/"})}'
    yield f',"originalUriBaseIds":{as_json({BASE: {"description": {"text": "The folder of evidence that was assessed."}}})}'
    yield f',"properties":{as_json({**identified(source.snapshot), "exceptions_on": f"{source.on:%Y-%m-%d}"})}'
    yield ',"columnKind":"unicodeCodePoints","artifacts":'
    yield from array(flat(source.database.batches(FILES), _artifact))
    yield ',"results":'
    places = {row["check_id"]: place for place, row in enumerate(source.checks)}
    yield from array(flat(source.findings(), lambda row: _result(source, row, places[row["check_id"]])))
    yield "}]}\n"


FILES = """
    SELECT s.source_id, r.input_sha256, r.bytes FROM source AS s LEFT JOIN run AS r ON r.source_id = s.source_id ORDER BY s.source_id
"""


def _tool(source: Source) -> dict[str, Any]:
    return {"driver": {"name": "NHI posture", "version": tool_version(), "rules": [_rule(row) for row in source.checks]}}


def _rule(row: dict[str, Any]) -> dict[str, Any]:
    address = f" Source: {row['source']}" if row["source"] else ""
    return {
        "id": row["check_id"],
        "name": "".join(word.capitalize() for word in row["check_id"].split("-")),
        "shortDescription": {"text": row["title"]},
        "fullDescription": {"text": row["rationale"]},
        "help": {"text": f"{row['rationale']} What to do: {row['fix']}{address}"},
        **({"helpUri": row["source"]} if row["source"] else {}),
        "defaultConfiguration": {"level": LEVELS[row["severity"]]},
        "properties": {
            "tags": ["security", "non-human-identity"],
            "controls": row["maps_to"],  # not as tags: code scanning takes twenty of a rule at most
            "security-severity": RISK[row["severity"]],
            **{name: row[name] for name in ("population", "passed", "failed", "unknown")},
        },
    }


def _artifact(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "location": _file(row["source_id"]),
        **({"length": row["bytes"]} if row["bytes"] is not None else {}),
        **({"hashes": {"sha-256": row["input_sha256"]}} if row["input_sha256"] else {}),
    }


def _file(path: str) -> dict[str, str]:
    """A file of the evidence; every character that a URI reserves is escaped, a colon too: what stands before it would be a scheme."""
    return {"uri": quote(path, safe="/!"), "uriBaseId": BASE}


def _result(source: Source, row: dict[str, Any], rule: int) -> dict[str, Any]:
    accepted = source.accepted(row)
    failed = row["status"] == "fail"
    subject = {"name": row["subject_name"], "fullyQualifiedName": row["subject_id"], "kind": row["subject_kind"]}
    places = [{"physicalLocation": _place(one), "logicalLocations": [subject]} for one in row["evidence"]]
    return {
        "ruleId": row["check_id"],
        "ruleIndex": rule,
        "kind": "fail" if failed else "open",
        "level": LEVELS[row["severity"]] if failed else "none",
        "message": {"text": told(row)},
        "locations": places[:1] or [{"logicalLocations": [subject]}],
        **({"relatedLocations": [{"id": number, **place} for number, place in enumerate(places[1:], 1)]} if places[1:] else {}),
        "partialFingerprints": {"nhiFinding/v1": stable_id(row)},
        **({"suppressions": [{"kind": "external", "status": "accepted", "justification": accepted}]} if accepted else {}),
        "properties": {
            "severity": row["severity"],
            **({"scope": row["scope"]} if row["scope"] else {}),
            **({"identity": row["identity_id"]} if row["identity_id"] else {}),
            "evidence": row["evidence"],
        },
    }


def _place(one: dict[str, str | None]) -> dict[str, Any]:
    """File, and the line where the record is one."""
    line = LINE.fullmatch(one["record"] or "")
    return {"artifactLocation": _file(str(one["path"])), **({"region": {"startLine": int(line[1])}} if line and int(line[1]) else {})}
