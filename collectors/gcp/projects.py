"""Projects: `gcloud projects list|describe`, with name, number and labels (environment, owner)."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import Record, listing, lists, read_all
from collectors.gcp.places import NUMBER, project_part
from collectors.records import ENVIRONMENT_TAGS, Notes, first_tag, tags_of
from inventory.model import Account, Alias, Row


def projects(document: Document) -> Iterator[Row | Problem]:
    """Accounts that are ours, and their numbers."""
    notes, found = Notes(document), listing(document, "projects")
    yield from read_all(notes, found, project)
    if found.truncated():
        notes.problem("projects", "the list is truncated: projects of ours that are not on it look foreign; collect all pages")
    yield from notes.problems


def project(notes: Notes, raw: Record) -> Iterator[Row]:
    """One project. A deleted one holds nothing any more."""
    project_id = raw["projectId"]
    if raw.get("lifecycleState", raw.get("state")) in ("DELETE_REQUESTED", "DELETE_IN_PROGRESS"):
        return
    evidence = notes.document.at(f"projects[{project_id}]")
    number = raw.get("projectNumber") or project_part(raw.get("name"))
    labels = tags_of(raw.get("labels"))
    name = raw.get("displayName") or (raw.get("name") if "/" not in str(raw.get("name")) else None)
    yield Account(scope=project_id, provider="gcp", name=name or None, environment=first_tag(labels, ENVIRONMENT_TAGS), evidence=evidence)
    if number is not None and str(number).isdigit():
        yield Alias(alias=f"{NUMBER}{number}", identity_id=project_id, evidence=evidence)


def _is_project(raw: Record) -> bool:
    """v1 has `projectNumber` and `lifecycleState`, v3 `state` and a numeric name."""
    return isinstance(raw.get("projectId"), str) and (
        "lifecycleState" in raw or ("state" in raw and str(raw.get("name")).startswith("projects/"))
    )


FORMATS = (
    Format(
        name="gcp-projects",
        title="Projects with their labels: `gcloud projects list`, `gcloud projects describe`",
        matches=lambda document: lists(document, ("projects",), _is_project),
        rows=projects,
    ),
)
