"""trufflehog v3 JSON lines: https://github.com/trufflesecurity/trufflehog (`proto/source_metadata.proto` names the fields of each kind).

Its log lines, mixed in when standard error goes to the same file, hold no findings: only its errors and the end of the scan are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.fields import Record, at, records, strings, text
from collectors.secret_scanners.places import Repository, repository
from collectors.secret_scanners.report import NO_PATH, Finding, Scan, rows_of
from inventory.model import Row, Validity


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a kind of source names its places."""

    path: tuple[str, ...] = ("file",)
    location_kind: str | None = None
    outside: bool = False


def _outside(location_kind: str, *path: str) -> Kind:
    return Kind(path=path, location_kind=location_kind, outside=True)


REPOSITORY = Kind()
IMAGE = Kind(location_kind="container_image")
KINDS: Mapping[str, Kind] = {
    **dict.fromkeys(("git", "github", "gitlab", "bitbucket", "azurerepos", "gerrit", "huggingface", "filesystem", "stdin"), REPOSITORY),
    "docker": IMAGE,
    "ecr": IMAGE,
    "buildkite": _outside("ci_log", "org", "pipeline", "build_number"),
    "circleci": _outside("ci_log", "repository", "build_number", "build_step"),
    "jenkins": _outside("ci_log", "project_name", "build_number"),
    "travisci": _outside("ci_log", "repository", "build_number", "job_number"),
    "confluence": _outside("collab", "space", "page", "file"),
    "googledrive": _outside("collab", "path", "file"),
    "jira": _outside("collab", "issue", "location"),
    "sharepoint": _outside("collab", "title"),
    "slack": _outside("collab", "channel_name", "file"),
    "slackcontinuous": _outside("collab", "channel_name", "file"),
    "teams": _outside("collab", "team_name", "channel_name", "file"),
}
OTHER = _outside("other", "bucket", "container", "repo", "index", "package", "path", "file", "filename")
"""Buckets, registries, indexes: not repositories, and no commit, line or image to name."""


def matches(doc: Document) -> bool:
    """At least one finding, or the log line that ends a scan without any."""
    return any(_is_finding(record) or _is_last_log_line(record) for _, record in records(doc))


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Exposures of one scan, of whatever kind of source."""
    scan = Scan(scanner="trufflehog")
    yield from rows_of(doc, scan, _findings(doc, scan))


def _is_finding(record: Any) -> bool:
    return isinstance(record, dict) and {"SourceMetadata", "DetectorName"} <= record.keys()


def _is_log_line(record: Any) -> bool:
    return isinstance(record, dict) and {"level", "msg"} <= record.keys() and "SourceMetadata" not in record


def _is_last_log_line(record: Any) -> bool:
    return _is_log_line(record) and record.get("logger") == "trufflehog" and record["msg"] == "finished scanning"


def _findings(doc: Document, scan: Scan) -> Iterator[Finding | Problem]:
    errors = 0
    for place, record in records(doc):
        if _is_log_line(record):
            errors += str(record["level"]).lower().startswith(("error", "fatal", "panic"))
            if _is_last_log_line(record):
                scan.scanned_at = record.get("ts")
            continue
        detector = text(record, "DetectorName")
        if not _is_finding(record) or detector is None:
            yield Problem(record=place, message="not a trufflehog finding: SourceMetadata or DetectorName is missing")
            continue
        finding = _finding(record, detector)
        if finding.location_kind == "container_image":
            scan.target_kind = "image"
        yield finding
    if errors:
        scan.gaps.append(f"trufflehog logged {errors} error{'s' if errors > 1 else ''}: parts may not have been scanned")


def _finding(record: Record, detector: str) -> Finding:
    data = at(record, "SourceMetadata", "Data")
    name, details = next(iter(data.items()), ("Stdin", {})) if isinstance(data, dict) else ("Stdin", {})
    kind = KINDS.get(name.lower(), OTHER)
    path = "/".join(str(part) for key in kind.path if (part := at(details, key)) and isinstance(part, str | int))
    return Finding(
        rule=detector,
        path=f"{name.lower()}/{path}" if kind.outside else path or NO_PATH,
        line=at(details, "line"),
        commit=text(details, "commit"),
        repository=None if kind.outside else _repository(details),
        outside=kind.outside,
        location_kind=kind.location_kind,
        values=tuple(filter(None, (text(record, "Raw"), text(record, "RawV2")))),
        texts=tuple(strings([record.get("Redacted"), record.get("ExtraData"), record.get("StructuredData")])),
        author=text(details, "email"),
        date=text(details, "timestamp"),
        # Not verified is no verdict: the check may have been switched off, failed, or not exist for this detector.
        validity=Validity.ACTIVE if record.get("Verified") is True else Validity.UNKNOWN,
        public=False if at(details, "visibility") in (1, "private") else None,
    )


def _repository(details: Any) -> Repository | None:
    image = text(details, "image")
    if image:
        name = "/".join(filter(None, (text(details, "registry"), image)))
        tag = text(details, "tag")
        return Repository(name=f"{name}:{tag}" if tag else name, exact=True)
    return repository(text(details, "repository") or text(details, "project"))


FORMAT = Format(
    name="trufflehog-jsonl", title="trufflehog 3 findings: `trufflehog git URL --json > findings.jsonl`", matches=matches, rows=rows
)
