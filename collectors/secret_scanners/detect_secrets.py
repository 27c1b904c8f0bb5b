"""detect-secrets baseline: https://github.com/Yelp/detect-secrets. It keeps an unkeyed SHA-1 of each value, which is dropped like the value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.fields import Record, items, text
from collectors.secret_scanners.report import Finding, Scan, rows_of
from inventory.model import Row, Validity


def matches(doc: Document) -> bool:
    """One object with `plugins_used` and results by file."""
    record = doc.values[0] if doc.values and len(doc.values) == 1 else None
    return isinstance(record, dict) and isinstance(record.get("results"), dict) and isinstance(record.get("plugins_used"), list)


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Exposures in the files as they were: a baseline knows no commits."""
    baseline: Record = (doc.values or ({},))[0]
    yield from rows_of(doc, Scan(scanner="detect-secrets", scanned_at=text(baseline, "generated_at")), _findings(baseline))


def _findings(baseline: Record) -> Iterator[Finding | Problem]:
    for path, found in baseline["results"].items():
        if not isinstance(found, list):
            yield Problem(record=f"results[{path}]", message="not a list of findings")
        for index, record in enumerate(items(found)):
            rule = text(record, "type")
            if rule is None:
                yield Problem(record=f"results[{path}][{index}]", message="not a detect-secrets finding: type is missing")
                continue
            yield _finding(path, rule, record)


def _finding(path: str, rule: str, record: dict[str, Any]) -> Finding:
    rejected = record.get("is_secret") is False  # a person said so in `detect-secrets audit`
    return Finding(
        rule=rule,
        path=path,
        line=record.get("line_number"),
        state="resolved" if rejected else "open",
        resolution="false_positive" if rejected else None,
        validity=Validity.ACTIVE if record.get("is_verified") is True else Validity.UNKNOWN,
    )


FORMAT = Format(
    name="detect-secrets-baseline", title="detect-secrets baseline: `detect-secrets scan > .secrets.baseline`", matches=matches, rows=rows
)
