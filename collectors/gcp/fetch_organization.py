"""The lists that an organisation is asked for: every binding below it, its assets and its constraints."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.gcp import fetch_operations
from collectors.gcp.fetch_operations import Operation
from collectors.gcp.fetch_pages import Listing

ASSET_TYPES = (
    "iam.googleapis.com/ServiceAccount",
    "iam.googleapis.com/ServiceAccountKey",
    "iam.googleapis.com/Role",
    "iam.googleapis.com/WorkloadIdentityPool",
    "iam.googleapis.com/WorkloadIdentityPoolProvider",
    "apikeys.googleapis.com/Key",
    "secretmanager.googleapis.com/Secret",
)
PROJECT_TYPE = "cloudresourcemanager.googleapis.com/Project"
"""Asked for by itself: it says which projects there are."""


def policies_within(named: str, within: str) -> Listing:
    """Every binding on a project or organisation and on what it holds; written as gcloud prints them, each with its resource."""
    return Listing(
        host="cloudasset.googleapis.com",
        path=f"v1/{within}:searchAllIamPolicies",
        resource=f"//cloudresourcemanager.googleapis.com/{named}",
        key="results",
        bare=True,
        params={"pageSize": "500"},
    )


def listings(number: str, within: str) -> Iterator[tuple[Operation, str, Listing]]:
    """Bindings and constraints."""
    yield fetch_operations.ALL_POLICIES, "assets/iam-policies.json", policies_within(f"organizations/{number}", within)
    yield (
        fetch_operations.ORGANIZATION_CONSTRAINTS,
        "org-policies.json",
        Listing(
            host="orgpolicy.googleapis.com",
            path=f"v2/{within}/policies",
            resource=f"//orgpolicy.googleapis.com/organizations/{number}",
            key="policies",
            params={"pageSize": "100"},
        ),
    )


def assets(within: str) -> Iterator[tuple[str, str, Listing]]:
    """File, types, listing: the projects, and the identities and credentials in them."""
    for file, types in (("assets/projects.json", (PROJECT_TYPE,)), ("assets/resources.json", ASSET_TYPES)):
        yield (
            file,
            ",".join(types),
            Listing(
                host="cloudasset.googleapis.com",
                path=f"v1/{within}/assets",
                resource=f"//cloudresourcemanager.googleapis.com/{within}",
                key="assets",
                params={"contentType": "RESOURCE", "assetTypes": types, "pageSize": "1000"},
            ),
        )
