"""betterleaks JSON and JSON lines, schema 1: https://github.com/betterleaks/betterleaks.

Its `match.fingerprint` is a plain hash of the value unless a key was given: dropped like the value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.fields import Record, at, items, records, strings, text
from collectors.secret_scanners.places import below, clean_path, repository
from collectors.secret_scanners.report import Finding, Scan, person, rows_of
from inventory.model import Row, Validity

DEAD = ("invalid", "revoked")


def matches(doc: Document) -> bool:
    """The report's envelope, or one of its JSON lines."""
    return any(_is_report(record) or _is_line(record) for _, record in records(doc))


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Exposures of one scan; the report names what was scanned, when, and whether it came to its end."""
    header: Record = next((record["scan"] for _, record in records(doc) if isinstance(at(record, "scan"), dict)), {})
    targets = [target for target in items(at(header, "source", "targets")) if isinstance(target, str)]
    root = targets[0] if len(targets) == 1 else None
    scan = Scan(scanner="betterleaks", repository=repository(root), scanned_at=text(header, "finished") or text(header, "started"))
    if header and text(header, "state") != "complete":
        scan.gaps.append("betterleaks did not finish the scan")
        scan.vouches = False
    yield from rows_of(doc, scan, _findings(doc, root))


def _is_report(record: Any) -> bool:
    return isinstance(record, dict) and {"schema_version", "findings", "scan"} <= record.keys() and isinstance(record["scan"], dict)


def _is_line(record: Any) -> bool:
    return {"schema_version"} <= record.keys() and at(record, "finding", "rule_id") is not None if isinstance(record, dict) else False


def _findings(doc: Document, root: str | None) -> Iterator[Finding | Problem]:
    for place, record in records(doc):
        if not isinstance(record, dict) or not {"finding", "findings", "scan"} & record.keys():
            yield Problem(record=place, message="not a line of a betterleaks report")
            continue
        listed = [("", at(record, "finding"))] if at(record, "finding") else enumerate(items(at(record, "findings")))
        for index, found in listed:
            rule, path = text(found, "rule_id"), at(found, "location", "path")
            if rule is None or not isinstance(path, str):
                yield Problem(record=f"{place}findings[{index}]", message="not a betterleaks finding: rule_id or location.path is missing")
                continue
            yield _finding(found, rule, below(clean_path(path), root))


def _finding(found: Record, rule: str, path: str) -> Finding:
    attributes = found.get("attributes")
    return Finding(
        rule=rule,
        path=path,
        line=at(found, "location", "start_line"),
        commit=text(attributes, "git.sha"),
        repository=repository(text(attributes, "git.remote_url") or text(attributes, "github.repo_url")),
        values=tuple(filter(None, (text(found, "match", "value"),))),
        texts=tuple(strings([found.get("match"), found.get("component_sets")])),
        author=person(text(attributes, "git.author_name"), text(attributes, "git.author_email")),
        date=text(attributes, "git.date"),
        validity=_validity(found),
    )


def _validity(found: Record) -> Validity:
    """Active if any check of it succeeded. A credential in parts that was refused may have been paired wrongly: no verdict."""
    sets = items(found.get("component_sets"))
    verdicts = {text(part, "validation", "status") for part in (found, *sets)}
    if "valid" in verdicts:
        return Validity.ACTIVE
    own = text(found, "validation", "status")
    return Validity.INACTIVE if own == "revoked" or (own in DEAD and not sets) else Validity.UNKNOWN


FORMAT = Format(name="betterleaks-json", title="betterleaks 2 report: `betterleaks git . -o report.json`", matches=matches, rows=rows)
