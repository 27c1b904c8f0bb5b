"""Lists in which nothing stands, where the answer says of what there is none: `{"resource": "//apikeys.googleapis.com/projects/p/…", "keys": []}`.

That is how a live collection writes them. gcloud prints `[]` for all of them, which says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import TRUNCATED, covers, listing
from collectors.gcp.places import project_part, scope_project
from inventory.model import Fact, Row

EVERYWHERE = "*"

SAYS: Mapping[tuple[str, str], tuple[Fact, ...]] = {
    ("iam.googleapis.com", "workloadIdentityPools"): (),
    ("iam.googleapis.com", "workloadIdentityPoolProviders"): (),
    ("apikeys.googleapis.com", "keys"): (Fact.SERVICE_CREDENTIALS,),
    ("storage.googleapis.com", "items"): (Fact.SERVICE_CREDENTIALS,),
    ("secretmanager.googleapis.com", "secrets"): (Fact.STORED_SECRETS,),
    ("secretmanager.googleapis.com", "versions"): (),
    ("iam.googleapis.com", "policies"): (),
    ("compute.googleapis.com", "items"): (Fact.WORKLOADS,),
    ("run.googleapis.com", "items"): (Fact.WORKLOADS,),
    ("cloudfunctions.googleapis.com", "functions"): (Fact.WORKLOADS,),
    ("orgpolicy.googleapis.com", "policies"): (Fact.GUARDRAILS,),
    ("policyanalyzer.googleapis.com", "activities"): (),
    ("cloudresourcemanager.googleapis.com", "assets"): (),
    ("cloudresourcemanager.googleapis.com", "results"): (),
}
"""(API, field) -> what is known when nothing stands in it. No activity, asset or policy at all
says nothing: each account that was looked at has a record, and every project a policy. No deny policy or version is a fact of its own."""


def _kind(page: Any) -> tuple[str, str] | None:
    """(API, field) of an answer in which nothing stands."""
    resource = page.get("resource") if isinstance(page, dict) else None
    if not isinstance(resource, str) or not resource.startswith("//"):
        return None
    host = resource.removeprefix("//").split("/", 1)[0]
    return next((kind for kind in SAYS if kind[0] == host and page.get(kind[1]) == []), None)


def matches(document: Document) -> bool:
    """All pages are empty, of one list."""
    kinds = {_kind(page) for page in document.values or ()}
    return len(kinds) == 1 and None not in kinds


def rows(document: Document) -> Iterator[Row | Problem]:
    pages = document.values or ()
    kind = next((found for page in pages if (found := _kind(page))), None)
    if kind is None:
        return
    resource = str(pages[0]["resource"])
    scope = EVERYWHERE if "/organizations/" in resource else scope_project(document) or project_part(resource)
    truncated = listing(document, kind[1]).truncated()
    yield from covers(document, SAYS[kind], {scope} if scope else set(), but=TRUNCATED if truncated else None)


FORMATS = (
    Format(
        name="gcp-nothing",
        title='Lists in which nothing stands, with what they are of: `{"resource": "//secretmanager.googleapis.com/projects/p", "secrets": []}`',
        matches=matches,
        rows=rows,
    ),
)
