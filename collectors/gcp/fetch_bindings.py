"""Bindings that hold in a project: its own, and those of the folders and the organisation above it, as
`gcloud projects get-ancestors-iam-policy` prints them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from collectors.collecting import CallFailed, Pages
from collectors.gcp import fetch_operations
from collectors.gcp.fetch_clients import fetch_json
from collectors.gcp.fetch_errors import ODD_ANSWER, Refused
from collectors.gcp.fetch_pages import RESOURCE_MANAGER, Asked, fetch_policy, name_in_path

PROJECT = "project"
HOLDERS = {
    PROJECT: ("projects", fetch_operations.PROJECT_POLICY),
    "folder": ("folders", fetch_operations.FOLDER_POLICY),
    "organization": ("organizations", fetch_operations.ORGANIZATION_POLICY),
}
"""What may carry a policy: where it is asked for, and by which operation."""


@dataclass(frozen=True, slots=True)
class Above:
    """Policies of folders and organisations that another project has asked for already. Two threads may ask for one at the same time."""

    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def fetch(self, asked: Asked, path: str) -> dict[str, Any]:
        """Raises Refused, each time anew: what was refused may be granted meanwhile."""
        if path not in self.known:
            self.known[path] = fetch_policy(asked, path)
        return self.known[path]


def fetch_bindings(asked: Asked, project: str, above: Above, token: str | None) -> Pages:
    """A page for the project and one for each above it. One that is refused is told at the end, so that the others are there."""
    del token  # a few answers, asked anew
    try:
        own = fetch_policy(asked, f"projects/{name_in_path(project)}")
    except Refused as refused:
        raise asked.failed(refused) from refused
    yield {"id": project, "type": PROJECT, "policy": own}, None
    failure: CallFailed | None = None
    for kind, number in _fetch_ancestors(asked, project):
        collection, operation = HOLDERS[kind]
        try:
            policy = above.fetch(asked, f"{collection}/{name_in_path(number)}")
        except Refused as refused:
            failure = failure or dataclasses.replace(asked, operation=operation).failed(refused)
        else:
            yield {"id": number, "type": kind, "policy": policy}, None
    if failure:
        raise failure


def _fetch_ancestors(asked: Asked, project: str) -> Iterator[tuple[str, str]]:
    """(folder or organization, number), the nearest first."""
    url = f"{asked.clients.address(RESOURCE_MANAGER)}/v1/projects/{name_in_path(project)}:getAncestry"
    try:
        answer = fetch_json(asked.clients, "POST", url, {}, {})
    except Refused as refused:
        raise asked.failed(refused) from refused
    for ancestor in answer.get("ancestor", []):
        kind, number = str(ancestor["resourceId"]["type"]), str(ancestor["resourceId"]["id"])
        if kind not in HOLDERS:
            raise asked.failed(Refused(ODD_ANSWER))
        if kind != PROJECT:
            yield kind, number
