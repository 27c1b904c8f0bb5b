"""One shape for what all scanners say, and the rows made of it: exposures, scanned repositories, coverage.

Values stop here: a Finding carries them from the record to the fingerprint and shows none of them when printed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from collectors.document import Document, Problem
from collectors.secret_scanners.fields import whole
from collectors.secret_scanners.kinds import credential_kind
from collectors.secret_scanners.places import Repository, clean_path
from collectors.secret_scanners.values import fingerprints, key_ids
from collectors.times import utc
from inventory.model import Coverage, CoverageStatus, CredentialKind, Fact, Row, ScanTarget, SecretExposure, Validity

NO_REPOSITORY = "the report does not name its repository: put it in manifest.json"
NO_PATH = "(not said)"
"""Stands in for the path where a record names none, as for text piped into a scanner: the exposure counts all the same."""

_GO_TIME = re.compile(r"^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?:\.\d+)? ([+-]\d{4})( .*)?$")
"""Go's own way to print a time, `2022-06-16 10:17:40 -0700 PDT`, which trufflehog uses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One record of a report."""

    rule: str
    path: str
    record: str = ""
    """Locator inside the file; made of place and rule when empty."""
    line: Any = None
    commit: str | None = None
    repository: Repository | None = None
    outside: bool = False
    """True: found in a chat, log or bucket; such a scan says nothing about a repository's code."""
    location_kind: str | None = None
    """None: in history when a commit is given, else in the files as they are. Scanners of history name the commit that brought the
    line in and do not say whether it is still there."""
    values: tuple[str, ...] = field(default=(), repr=False)
    """The secret itself: becomes fingerprints."""
    texts: tuple[str, ...] = field(default=(), repr=False)
    """What stands around it: only searched for AWS key ids."""
    author: str | None = None
    date: Any = None
    state: str = "open"
    resolution: str | None = None
    validity: Validity = Validity.UNKNOWN
    public: bool | None = None


@dataclass(slots=True, kw_only=True)
class Scan:
    """What a report says about itself. A format may add to it while its findings are read."""

    scanner: str
    repository: Repository | None = None
    target_kind: str = "repository"
    scanned_at: Any = None
    gaps: list[str] = field(default_factory=list)
    """Why the scan is less than whole."""
    vouches: bool = True
    """False: not a scanner of secrets alone, or stopped early. What it found counts, what it did not find proves nothing."""


def rows_of(doc: Document, scan: Scan, found: Iterable[Finding | Problem]) -> Iterator[Row | Problem]:
    """Rows for findings; then, when all are read, the scanned repositories and the coverage."""
    targets: set[str] = set()
    lost = unnamed = outside = 0
    for item in found:
        if isinstance(item, Problem):
            lost += 1
            yield item
            continue
        scope = _scope(item.repository or scan.repository, doc.scope if not item.outside else None)
        yield from _exposure(doc, scan.scanner, item, scope)
        if item.outside:
            outside += 1
        elif scope:
            targets.add(scope)
        else:
            unnamed += 1
    named = _scope(scan.repository, doc.scope)
    if named and (scan.repository or not (targets or outside)):
        targets.add(named)
    gaps = list(scan.gaps)
    if lost:
        gaps.append(f"{lost} record{'s' if lost > 1 else ''} could not be read")
    yield from _scanned(doc, scan, sorted(targets), gaps)
    if unnamed or not targets:
        reason = NO_REPOSITORY if unnamed or not outside else "a scan of chats, logs or buckets, not of a repository"
        yield _coverage(doc, scan, "*", [reason, *gaps])


def _scope(named: Repository | None, manifest: str | None) -> str | None:
    """The manifest's name for a repository, unless the report names another one beyond doubt."""
    if named is None:
        return manifest
    if manifest is None:
        return named.name
    ours, theirs = f"/{manifest.casefold()}", f"/{named.name.casefold()}"
    return manifest if not named.exact or theirs.endswith(ours) or ours.endswith(theirs) else named.name


def _exposure(doc: Document, scanner: str, item: Finding, scope: str | None) -> Iterator[Row | Problem]:
    path = clean_path(item.path) or NO_PATH
    line, commit = whole(item.line), item.commit.lower() if item.commit else None
    rule = f"{scanner}:{item.rule}"
    record = item.record or ":".join(str(part) for part in (path, line, item.rule, commit and commit[:12]) if part)
    introduced_at, readable = _moment(item.date)
    if not readable:
        yield Problem(record=record, message="its date is not a date: kept without one")
    kind = credential_kind(item.rule)
    if kind in (CredentialKind.UNKNOWN, CredentialKind.API_KEY) and key_ids(item.values):
        kind = CredentialKind.ACCESS_KEY
    yield SecretExposure(
        exposure_id=_hash(scope, path, line, commit, rule),
        scope=scope,
        path=path,
        line=line,
        commit_sha=commit,
        location_kind=item.location_kind or ("git_history" if commit else "source_code"),
        rules=[rule],
        credential_kind=kind,
        fingerprints=fingerprints(doc, values=item.values, texts=item.texts),
        author=item.author,
        introduced_at=introduced_at,
        state=item.state,
        resolution=item.resolution,
        validity=item.validity,
        public=item.public,
        evidence=doc.at(record),
    )


def _scanned(doc: Document, scan: Scan, targets: Iterable[str], gaps: list[str]) -> Iterator[Row]:
    for target in targets:
        if scan.vouches:
            evidence = doc.at(f"repository={target}")
            yield ScanTarget(target_id=target, kind=scan.target_kind, scanned=True, scanned_at=_scan_date(doc, scan), evidence=evidence)
        yield _coverage(doc, scan, target, gaps)


def _coverage(doc: Document, scan: Scan, scope: str, gaps: list[str]) -> Coverage:
    return Coverage(
        fact=Fact.SECRET_SCAN,
        scope=scope,
        status=CoverageStatus.PARTIAL if gaps else CoverageStatus.COLLECTED,
        reason="; ".join(gaps) or None,
        collected_at=_scan_date(doc, scan),
        evidence=doc.source_id,
    )


def _scan_date(doc: Document, scan: Scan) -> datetime | None:
    """The earlier of manifest and report: an old report packed into a new bundle is still an old scan."""
    return min(filter(None, (doc.collected_at, _moment(scan.scanned_at)[0])), default=None)


def _moment(value: Any) -> tuple[datetime | None, bool]:
    """Naive UTC, and whether the value could be read."""
    if not isinstance(value, str | int | float):
        return None, value is None
    go = _GO_TIME.match(value.strip()) if isinstance(value, str) else None
    try:
        return utc(f"{go[1]}T{go[2]}{go[3]}" if go else value), True
    except ValueError:
        return None, False


def _hash(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]


def person(name: str | None, email: str | None) -> str | None:
    """`Ana <ana@x.example>`, or the half that is known."""
    return f"{name} <{email}>" if name and email else name or email
