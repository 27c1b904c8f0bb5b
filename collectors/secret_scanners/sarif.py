"""SARIF 2.1.0 of secret scanners: https://docs.oasis-open.org/sarif/sarif/v2.1.0/. Other scanners' results are read only where their rule
speaks of secrets; a SARIF file with none of that is not ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.fields import Record, at, items, strings, text
from collectors.secret_scanners.places import Repository, repository
from collectors.secret_scanners.report import Finding, Scan, person, rows_of
from inventory.model import Row

DRIVERS = (
    "gitleaks",
    "trufflehog",
    "betterleaks",
    "kingfisher",
    "detect-secrets",
    "ggshield",
    "gitguardian",
    "noseyparker",
    "secretlint",
    "talisman",
    "whispers",
)
"""Scanners that look for nothing but secrets, as their names read without spaces."""

SECRET_TAG = re.compile(r"^secrets?$|hard-?coded-credential|cwe[-_]?0*(?:798|259|321)(?!\d)", re.IGNORECASE)
"""CWE 798, 259, 321: hard-coded credentials, password, cryptographic key."""

SECRET_RULE = re.compile(
    r"hard-?coded[-_. ]?(?:secret|credential|password|token|key)|secrets?[-_. ]?(?:scan|detect|leak)|[./]secrets?[./]|ckv_secret",
    re.IGNORECASE,
)
"""`secret` alone is too little: policy scanners have rules on how secrets are to be kept."""

VALUE_SNIPPETS = ("gitleaks", "betterleaks")
"""Drivers whose snippet is the secret itself; elsewhere it is the line around it."""


def matches(doc: Document) -> bool:
    """A run of a known secret scanner, or one with results that speak of secrets."""
    return any(_is_secret_run(run) for run in _runs(doc))


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Exposures of every run that looks for secrets, run by run: each has its own driver and repository."""
    for number, run in enumerate(_runs(doc)):
        if not _is_secret_run(run):
            continue
        scan = Scan(
            scanner=_driver(run),
            repository=_repository(run),
            scanned_at=next(filter(None, (text(call, "endTimeUtc") for call in items(run.get("invocations")))), None),
            gaps=list(_gaps(run)),
        )
        scan.vouches = not scan.gaps
        yield from rows_of(doc, scan, _findings(run, f"runs[{number}]."))


def _gaps(run: Record) -> Iterator[str]:
    """Why silence of this run proves nothing."""
    if not _is_secret_scanner(run):
        yield f"{_driver(run)} is not a secret scanner: what it does not report may be there"
    if not isinstance(run.get("results"), list):
        yield "the run holds no list of results: the scanner did not get that far"
    if any(at(call, "executionSuccessful") is False for call in items(run.get("invocations"))):
        yield "the run says that it failed"


def _runs(doc: Document) -> list[dict[str, Any]]:
    logs = [log for log in doc.values or () if isinstance(log, dict) and str(log.get("version", "")).startswith("2.")]
    return [run for log in logs for run in items(log.get("runs")) if isinstance(run, dict) and isinstance(at(run, "tool", "driver"), dict)]


def _driver(run: Record) -> str:
    name = (text(run, "tool", "driver", "name") or "unnamed").lower()
    return re.sub(r"[^a-z0-9]+", "-", name).strip("-")


def _is_secret_scanner(run: Record) -> bool:
    name = re.sub(r"[ _]+", "", (text(run, "tool", "driver", "name") or "").lower())
    return any(known in name or known.replace("-", "") in name for known in DRIVERS)


def _is_secret_run(run: Record) -> bool:
    if _is_secret_scanner(run):
        return True
    rules = _rules(run)
    return any(_speaks_of_secrets(result, rules) for result in items(run.get("results")))


def _rules(run: Record) -> dict[str | int, Mapping[str, Any]]:
    """Rules by id and by index."""
    listed = [rule for rule in items(at(run, "tool", "driver", "rules")) if isinstance(rule, dict)]
    return {**dict(enumerate(listed)), **{rule["id"]: rule for rule in listed if isinstance(rule.get("id"), str)}}


def _rule_id(result: Any, rules: Mapping[str | int, Record]) -> str | None:
    index = at(result, "ruleIndex")
    return text(result, "ruleId") or text(result, "rule", "id") or (text(rules.get(index), "id") if isinstance(index, int) else None)


def _speaks_of_secrets(result: Any, rules: Mapping[str | int, Record]) -> bool:
    rule_id = _rule_id(result, rules) or ""
    tags = [*items(at(result, "properties", "tags")), *items(at(rules.get(rule_id), "properties", "tags"))]
    return bool(SECRET_RULE.search(rule_id)) or any(isinstance(tag, str) and SECRET_TAG.search(tag) for tag in tags)


def _repository(run: Record) -> Repository | None:
    origins = [text(origin, "repositoryUri") for origin in items(run.get("versionControlProvenance"))]
    return repository(origins[0]) if len(origins) == 1 else None


def _findings(run: Record, place: str) -> Iterator[Finding | Problem]:
    rules, scanner, general = _rules(run), _driver(run), not _is_secret_scanner(run)
    for index, result in enumerate(items(run.get("results"))):
        record = f"{place}results[{index}]"
        if at(result, "kind") in ("pass", "notApplicable") or (general and not _speaks_of_secrets(result, rules)):
            continue
        rule = _rule_id(result, rules)
        places = [
            location["physicalLocation"]
            for location in items(at(result, "locations"))
            if isinstance(at(location, "physicalLocation"), dict)
        ]
        if rule is None or not places:
            yield Problem(record=record, message="not a SARIF result of a scanner: ruleId or its physical location is missing")
            continue
        yield from (_finding(result, rule, physical, scanner) for physical in places)


def _finding(result: Record, rule: str, physical: Record, scanner: str) -> Finding:
    snippet = text(physical, "region", "snippet", "text")
    marks = result.get("partialFingerprints")
    return Finding(
        rule=rule,
        path=unquote(text(physical, "artifactLocation", "uri") or "").removeprefix("file://"),
        line=at(physical, "region", "startLine"),
        commit=text(marks, "commitSha"),
        values=(snippet,) if snippet and scanner in VALUE_SNIPPETS else (),
        texts=tuple(strings([snippet, result.get("message"), at(physical, "contextRegion")])),
        author=person(text(marks, "author"), text(marks, "email")),
        date=text(marks, "date"),
    )


FORMAT = Format(
    name="sarif-secrets", title="SARIF 2.1.0 of a secret scanner: `gitleaks git . -f sarif -r report.sarif`", matches=matches, rows=rows
)
