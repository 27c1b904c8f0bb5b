"""GitHub secret-scanning alerts: https://docs.github.com/en/rest/secret-scanning/secret-scanning, with and without `hide_secret=true`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.fields import Record, at, records, text
from collectors.secret_scanners.places import Repository, repository
from collectors.secret_scanners.report import Finding, Scan, rows_of
from inventory.model import Row, Validity

PAGE_SIZES = (30, 100)
"""Alerts in one page of the API, by default and at most: exactly so many and no second page is probably not all."""


def matches(doc: Document) -> bool:
    """At least one alert, on any page."""
    return any(_is_alert(record) for _, record in records(doc))


def rows(doc: Document) -> Iterator[Row | Problem]:
    """Alerts as exposures, with GitHub's own verdict on whether the credential still works."""
    scan = Scan(scanner="github")
    pages = doc.values or ()
    if len(pages) == 1 and isinstance(pages[0], list) and len(pages[0]) in PAGE_SIZES:
        scan.gaps.append(f"exactly {len(pages[0])} alerts, a full page: export all pages with `gh api --paginate`")
    yield from rows_of(doc, scan, _findings(doc))


def _is_alert(record: Any) -> bool:
    return isinstance(record, dict) and {"number", "state", "secret_type"} <= record.keys()


def _findings(doc: Document) -> Iterator[Finding | Problem]:
    for place, record in records(doc):
        rule = text(record, "secret_type")
        if not _is_alert(record) or rule is None:
            refused = isinstance(record, dict) and "documentation_url" in record
            message = (
                "the API answered with an error in place of a page" if refused else "not an alert: number, state or secret_type is missing"
            )
            yield Problem(record=place, message=message)
            continue
        yield _finding(record, rule)


def _finding(record: Record, rule: str) -> Finding:
    named = _repository(record)
    number = record["number"] if isinstance(record["number"], int) else "?"
    path, location_kind = _location(record, number)
    validity = text(record, "validity")
    resolved = text(record, "state") == "resolved"
    return Finding(
        rule=rule,
        path=path,
        record=f"alert={named.name}/{number}" if named else f"alert={number}",
        line=at(record, "first_location_detected", "start_line"),
        commit=text(record, "first_location_detected", "commit_sha"),
        repository=named,
        location_kind=location_kind,
        values=tuple(filter(None, (text(record, "secret"),))),
        state="resolved" if resolved else "open",
        resolution=text(record, "resolution") if resolved else None,
        validity=Validity(validity) if validity in list(Validity) else Validity.UNKNOWN,
        public=_public(record),
    )


def _repository(record: Record) -> Repository | None:
    """By full name; alerts asked for one repository at a time do not repeat it, but their own address holds it."""
    name = text(record, "repository", "full_name")
    if name:
        return repository(text(record, "repository", "html_url")) or Repository(name=name, exact=True)
    page = text(record, "html_url") or ""
    return repository(page.partition("/security/")[0]) if "/security/" in page else None


def _location(record: Record, number: int | str) -> tuple[str, str | None]:
    """Path and kind of the first place. An export without places still has its alerts: the alert then stands for the place."""
    details = at(record, "first_location_detected")
    path = text(details, "path")
    if path:
        return path, "collab" if text(details, "page_url") else None  # page_url: a page of the wiki
    links = sorted(key for key in details if key.endswith("_url")) if isinstance(details, dict) else []
    link = text(details, links[0]) if links else None
    if link:
        return _below_repository(link), "collab"
    return f"secret-scanning/alerts/{number}", "source_code"


def _below_repository(link: str) -> str:
    """Path of an API address below the repository: `issues/12`."""
    try:
        parts = urlsplit(link).path.split("/")
    except ValueError:
        return "collab"
    return "/".join(parts[parts.index("repos") + 3 :] if "repos" in parts else parts)


def _public(record: Record) -> bool | None:
    """True for a public repository, and for a secret that GitHub also saw in public elsewhere."""
    private = at(record, "repository", "private")
    if record.get("publicly_leaked") is True or private is False:
        return True
    return False if private is True else None


FORMAT = Format(
    name="github-secret-scanning",
    title="GitHub secret-scanning alerts: `gh api --paginate '/orgs/ORG/secret-scanning/alerts?hide_secret=true'`",
    matches=matches,
    rows=rows,
)
