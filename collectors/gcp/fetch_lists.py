"""The lists that a project is asked for over REST, and the constraints that hold in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from collectors.collecting import Pages
from collectors.gcp import fetch_operations
from collectors.gcp.fetch_clients import fetch_json
from collectors.gcp.fetch_errors import Refused
from collectors.gcp.fetch_operations import Operation
from collectors.gcp.fetch_pages import Asked, Listing, name_in_path

NO_INSIGHTS = "no insights were given, which says nothing about use: policy insights need Security Command Center Premium or Enterprise"
"""https://cloud.google.com/policy-intelligence/docs/policy-insights"""

CONSTRAINTS = (
    "iam.disableServiceAccountCreation",
    "iam.managed.disableServiceAccountCreation",
    "iam.disableServiceAccountKeyCreation",
    "iam.managed.disableServiceAccountKeyCreation",
    "iam.disableServiceAccountKeyUpload",
    "iam.managed.disableServiceAccountKeyUpload",
    "iam.managed.disableServiceAccountApiKeyCreation",
    "iam.serviceAccountKeyExpiryHours",
    "iam.automaticIamGrantsForDefaultServiceAccounts",
    "iam.managed.preventPrivilegedBasicRolesForDefaultServiceAccounts",
    "iam.disableCrossProjectServiceAccountUsage",
    "iam.workloadIdentityPoolProviders",
    "iam.managed.workloadIdentityPoolProviders",
    "iam.workloadIdentityPoolAwsAccounts",
    "iam.allowedPolicyMemberDomains",
    "iam.managed.allowedPolicyMembers",
    "storage.restrictAuthTypes",
)
"""Those that bind machine identities. https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints"""

NOT_THERE = {"NOT_FOUND", "INVALID_ARGUMENT"}
"""Not every organisation has every constraint."""

Named = tuple[Operation, str, Listing]
"""What is asked, the file, how."""


def project_listings(project: str, within: str) -> Iterator[Named]:
    """`within`: `projects/p`, quoted."""
    everywhere = f"{within}/locations/global"
    named = f"projects/{project}"
    yield from _identity_listings(named, everywhere, within)
    yield from _use_listings(named, everywhere)
    yield from _workload_listings(named, within)


def _identity_listings(named: str, everywhere: str, within: str) -> Iterator[Named]:
    yield _listed(
        fetch_operations.POOLS,
        "iam/workload-identity-pools.json",
        f"iam.googleapis.com/v1/{everywhere}/workloadIdentityPools",
        f"{named}/locations/global",
        "workloadIdentityPools",
        "1000",
    )
    yield _listed(
        fetch_operations.API_KEYS,
        "api-keys.json",
        f"apikeys.googleapis.com/v2/{everywhere}/keys",
        f"{named}/locations/global",
        "keys",
        "300",
    )
    yield _listed(
        fetch_operations.HMAC_KEYS,
        "hmac-keys.json",
        f"storage.googleapis.com/storage/v1/{within}/hmacKeys",
        named,
        "items",
        "250",
        size_param="maxResults",
    )
    yield _listed(fetch_operations.SECRETS, "secrets.json", f"secretmanager.googleapis.com/v1/{within}/secrets", named, "secrets", "1000")


def _use_listings(named: str, everywhere: str) -> Iterator[Named]:
    for operation, file, activity in (
        (fetch_operations.ACCOUNT_ACTIVITY, "activity/service-accounts.json", "serviceAccountLastAuthentication"),
        (fetch_operations.KEY_ACTIVITY, "activity/keys.json", "serviceAccountKeyLastAuthentication"),
    ):
        path = f"locations/global/activityTypes/{activity}"
        address = f"policyanalyzer.googleapis.com/v1/{everywhere}/activityTypes/{activity}/activities:query"
        yield _listed(operation, file, address, f"{named}/{path}", "activities", "1000")
    kind = "insightTypes/google.iam.policy.Insight"
    yield _listed(
        fetch_operations.INSIGHTS,
        "policy-insights.json",
        f"recommender.googleapis.com/v1/{everywhere}/{kind}/insights",
        f"{named}/locations/global/{kind}",
        "insights",
        "1000",
        nothing_means=NO_INSIGHTS,
    )


def _workload_listings(named: str, within: str) -> Iterator[Named]:
    yield _listed(
        fetch_operations.INSTANCES,
        "compute/instances.json",
        f"compute.googleapis.com/compute/v1/{within}/aggregated/instances",
        named,
        "items",
        "500",
        size_param="maxResults",
        empty={},
        written=_flat,
        params={"returnPartialSuccess": "true"},
    )
    yield _listed(
        fetch_operations.RUN_SERVICES,
        "run/services.json",
        f"run.googleapis.com/v1/{within}/locations/-/services",
        named,
        "items",
        "200",
        size_param="limit",
        token_param="continue",
        token_of=_continue,
    )
    yield _listed(
        fetch_operations.RUN_JOBS,
        "run/jobs.json",
        f"run.googleapis.com/apis/run.googleapis.com/v1/namespaces/{within.removeprefix('projects/')}/jobs",
        f"{named}/jobs",  # empty lists of jobs and of services would be the same bytes
        "items",
        "200",
        size_param="limit",
        token_param="continue",
        token_of=_continue,
    )
    yield _listed(
        fetch_operations.FUNCTIONS,
        "functions.json",
        f"cloudfunctions.googleapis.com/v2/{within}/locations/-/functions",
        named,
        "functions",
        "500",
    )


def secret_versions(secret: str) -> Listing:
    """Of a secret, by its name: `projects/1/secrets/db`."""
    return Listing(
        host="secretmanager.googleapis.com",
        path=f"v1/{'/'.join(map(name_in_path, secret.split('/')))}/versions",
        resource=f"//secretmanager.googleapis.com/{secret}",
        key="versions",
        params={"pageSize": "1000"},
    )


def _flat(page: dict[str, Any]) -> dict[str, Any]:
    """Machines of all zones in one list, as gcloud prints them; REST keeps them apart, with a remark for every zone that has none."""
    zones = [zone.get("instances", []) for zone in page["items"].values()]
    return {**page, "kind": "compute#instanceList", "items": [instance for zone in zones for instance in zone]}


def _continue(page: dict[str, Any]) -> Any:
    """Run answers as Kubernetes does."""
    metadata = page.get("metadata")
    return metadata.get("continue") if isinstance(metadata, dict) else None


def _listed(
    operation: Operation, file: str, address: str, named: str, key: str, size: str, *, size_param: str = "pageSize", **more: Any
) -> Named:
    """`named`: what the list is of, below the API's host."""
    host, path = address.split("/", 1)
    params = {size_param: size, **more.pop("params", {})}
    return operation, file, Listing(host=host, path=path, resource=f"//{host}/{named}", key=key, params=params, **more)


def fetch_effective_constraints(asked: Asked, within: str, token: str | None) -> Pages:
    """What holds in a project with everything it inherits, one constraint a page, as `org-policies describe --effective` prints it."""
    start = CONSTRAINTS.index(token) if token in CONSTRAINTS else 0
    for number, constraint in enumerate(CONSTRAINTS[start:], start + 1):
        following = CONSTRAINTS[number] if number < len(CONSTRAINTS) else None
        url = f"{asked.clients.address('orgpolicy.googleapis.com')}/v2/{within}/policies/{constraint}:getEffectivePolicy"
        try:
            page = fetch_json(asked.clients, "GET", url, {})
        except Refused as refused:
            if refused.refusal.code not in NOT_THERE:
                raise asked.failed(refused) from refused
        else:
            yield page, following
