"""Where a resource is: its project, by id where the evidence tells which id a number has, and the full name of what carries a policy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.document import Document

PROJECT = re.compile(r"(?:^|/)projects/([^/\s]+)")
MANAGER = "//cloudresourcemanager.googleapis.com/"
UNIQUE_ID = "gcp:account:"
"""The same before a service account's number."""
NUMBER = "gcp:project:"
"""What stands before a project's number where it is an alias of its id."""
IAM = "//iam.googleapis.com/"
USERS_DOMAIN = ".iam.gserviceaccount.com"
KUBERNETES = ".svc.id.goog"


def project_part(name: Any) -> str | None:
    """Project id or number in a resource name; None where there is none (`projects/-`, `projects/_` name none)."""
    found = PROJECT.search(name) if isinstance(name, str) else None
    return found[1] if found and found[1] not in ("-", "_") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Project numbers of one document."""

    document: Document
    ids: Mapping[str, str] = field(default_factory=dict)
    """Project id by number."""

    def project(self, name: Any) -> str | None:
        """Id of the project in a resource name. A number that nobody explains stays one, unless the manifest names the file's project."""
        part = project_part(name)
        return None if part is None else self.by_part(part)

    def holder(self, name: Any) -> str | None:
        """Full name of what a policy hangs on, with the id of a project in place of its number."""
        if not isinstance(name, str):
            return None
        project = self.project(name) if name.startswith(f"{MANAGER}projects/") else None
        return f"{MANAGER}projects/{project}" if project else name

    def by_part(self, part: str) -> str:
        if not part.isdigit():
            return part
        return self._by_number(part) or scope_project(self.document) or part

    def _by_number(self, number: str) -> str | None:
        return self.ids.get(number) or self.document.aliases.get(f"{NUMBER}{number}")

    def by_email(self, email: str) -> str | None:
        """Project of a service account; None where the address says only a number that nobody explains."""
        local, _, domain = email.partition("@")
        if domain.endswith(USERS_DOMAIN):
            return _from_domain(domain.removesuffix(USERS_DOMAIN))
        if domain == "appspot.gserviceaccount.com":
            return _from_domain(local)
        number = re.match(r"\d+", local)
        return self._by_number(number[0]) if number else None


def _from_domain(text: str) -> str:
    """`project.example.com` is the project `example.com:project`."""
    project, _, domain = text.partition(".")
    return f"{domain}:{project}" if domain else project


def scope_project(document: Document) -> str | None:
    """The project that the manifest says the file speaks of."""
    scope = document.scope or ""
    return project_part(scope) or (scope if scope and "/" not in scope and "@" not in scope and scope != "*" else None)


def numbers(records: Iterable[Any]) -> dict[str, str]:
    """Project ids by number, of project records: v1 (projectId, projectNumber) and v3 (projectId, `projects/<number>`)."""
    return dict(_pairs(records))


def _pairs(records: Iterable[Any]) -> Iterator[tuple[str, str]]:
    for raw in records:
        if not isinstance(raw, dict) or not isinstance(raw.get("projectId"), str):
            continue
        number = raw.get("projectNumber") or project_part(raw.get("name"))
        if number is not None and str(number).isdigit():
            yield str(number), raw["projectId"]


def needs_scope(document: Document, names: Iterable[Any]) -> bool:
    """Some record tells its project by number only, or nothing at all was listed: the file does not say by itself where it belongs."""
    parts = [project_part(name) for name in names]
    return not parts or any(part is None or part.isdigit() for part in parts)
