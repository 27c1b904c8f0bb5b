"""What is asked of Google Cloud: each operation with the permissions it takes, the facts it gives and the command that prints the same.

The one list behind the calls, the role to grant (docs/permissions/) and the messages of calls that were refused. All of it reads;
none of it reads a secret's value.
"""

from __future__ import annotations

from dataclasses import dataclass

from inventory.model import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of an API, as Google's reference calls it."""

    name: str
    service: str
    """What progress is shown for."""
    permissions: tuple[str, ...]
    """What a custom role has to hold. https://cloud.google.com/iam/docs/permissions-reference"""
    facts: tuple[Fact, ...]
    """What is not known without an answer."""
    tells: tuple[Fact, ...] | None = None
    """What the answer says something of. None: of all of these; fewer where it only leads to the calls that do, more where other calls say
    it too."""
    command: str
    """For people, with the fields in braces."""
    above: bool = False
    """Asked of an organisation or folder: granted there, not on a project."""
    api: str
    """The API that has to be enabled."""


def _operation(
    name: str,
    service: str,
    permission: str,
    facts: str,
    command: str,
    *,
    tells: str | None = None,
    api: str | None = None,
    above: bool = False,
) -> Operation:
    return Operation(
        name=name,
        service=service,
        permissions=tuple(permission.split()),
        facts=tuple(Fact(fact) for fact in facts.split()),
        tells=None if tells is None else tuple(Fact(fact) for fact in tells.split()),
        command=f"gcloud {command} --format=json",
        above=above,
        api=api or f"{name.split('.')[0]}.googleapis.com",
    )


_LIST_ALL_POLICIES = "asset search-all-iam-policies --scope={parent}"
_DENIALS = "iam policies list --kind=denypolicies --attachment-point=cloudresourcemanager.googleapis.com/"
_EFFECTIVE = "org-policies describe CONSTRAINT --effective --project={project}"
_WIF = "iam workload-identity-pools"
_ACTIVITY = "policy-intelligence query-activity --limit=unlimited --project={project} --activity-type="
_ANALYZER = "policyanalyzer.projects.locations.activityTypes.activities.query"

PROJECT_GET = _operation(
    "cloudresourcemanager.projects.get", "Projects", "resourcemanager.projects.get", "ownership", "projects describe {project}"
)
PROJECT_POLICY = _operation(
    "cloudresourcemanager.projects.getIamPolicy",
    "Policies",
    "resourcemanager.projects.get resourcemanager.projects.getIamPolicy",
    "policies trust audit_log",
    "projects get-ancestors-iam-policy {project}",
)
"""With those of the folders and the organisation above, which hold in the project too; projects.getAncestry names them."""
FOLDER_POLICY = _operation(
    "cloudresourcemanager.folders.getIamPolicy",
    "Policies",
    "resourcemanager.folders.getIamPolicy",
    "policies trust audit_log",
    "resource-manager folders get-iam-policy {folder}",
    above=True,
)
"""Asked for with those of a project."""
ORGANIZATION_POLICY = _operation(
    "cloudresourcemanager.organizations.getIamPolicy",
    "Policies",
    "resourcemanager.organizations.getIamPolicy",
    "policies trust audit_log",
    "organizations get-iam-policy {organization}",
    above=True,
)
SERVICE_ACCOUNTS = _operation(
    "iam.projects.serviceAccounts.list",
    "Service accounts",
    "iam.serviceAccounts.list",
    "identities access_keys trust",
    "iam service-accounts list --project={project}",
    tells="identities",
)
KEYS = _operation(
    "iam.projects.serviceAccounts.keys.list",
    "Keys",
    "iam.serviceAccountKeys.list",
    "access_keys",
    "iam service-accounts keys list --managed-by=user --iam-account={email} --project={project}",
)
ACCOUNT_POLICY = _operation(
    "iam.projects.serviceAccounts.getIamPolicy",
    "Service account policies",
    "iam.serviceAccounts.getIamPolicy",
    "trust",
    "iam service-accounts get-iam-policy {email} --project={project}",
)
PROJECT_ROLES = _operation("iam.projects.roles.list", "Roles", "iam.roles.list", "policies", "iam roles list --project={project}")
ORGANIZATION_ROLES = _operation(
    "iam.organizations.roles.list", "Roles", "iam.roles.list", "policies", "iam roles list --organization={organization}", above=True
)
ORGANIZATION_ROLE = _operation("iam.organizations.roles.get", "Roles", "iam.roles.get", "policies", "iam roles describe {role}", above=True)
PREDEFINED_ROLE = _operation("iam.roles.get", "Roles", "", "", "iam roles describe {role}")
POOLS = _operation(
    "iam.projects.locations.workloadIdentityPools.list",
    "Workload identity",
    "iam.googleapis.com/workloadIdentityPools.list",
    "trust",
    f"{_WIF} list --location=global --project={{project}}",
    tells="",
)
PROVIDERS = _operation(
    "iam.projects.locations.workloadIdentityPools.providers.list",
    "Workload identity",
    "iam.googleapis.com/workloadIdentityPoolProviders.list",
    "trust",
    f"{_WIF} providers list --workload-identity-pool={{pool}} --location=global --project={{project}}",
)
API_KEYS = _operation(
    "apikeys.projects.locations.keys.list",
    "API keys",
    "apikeys.keys.list",
    "service_credentials",
    "services api-keys list --project={project}",
)
HMAC_KEYS = _operation(
    "storage.projects.hmacKeys.list",
    "HMAC keys",
    "storage.hmacKeys.list",
    "service_credentials",
    "storage hmac list --long --project={project}",
)
SECRETS = _operation(
    "secretmanager.projects.secrets.list", "Secrets", "secretmanager.secrets.list", "stored_secrets", "secrets list --project={project}"
)
SECRET_VERSIONS = _operation(
    "secretmanager.projects.secrets.versions.list",
    "Secrets",
    "secretmanager.versions.list",
    "stored_secrets",
    "secrets versions list {secret} --project={project}",
    tells="",
)
"""When a value changed and whether it can be used; the values take another permission."""
ACCOUNT_ACTIVITY = _operation(
    f"{_ANALYZER} (serviceAccountLastAuthentication)",
    "Use",
    "policyanalyzer.serviceAccountLastAuthenticationActivities.query",
    "role_usage",
    f"{_ACTIVITY}serviceAccountLastAuthentication",
)
KEY_ACTIVITY = _operation(
    f"{_ANALYZER} (serviceAccountKeyLastAuthentication)",
    "Use",
    "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query",
    "key_usage",
    f"{_ACTIVITY}serviceAccountKeyLastAuthentication",
)
INSIGHTS = _operation(
    "recommender.projects.locations.insightTypes.insights.list",
    "Use",
    "recommender.iamPolicyInsights.list",
    "service_usage",
    "recommender insights list --insight-type=google.iam.policy.Insight --location=global --project={project}",
)
EFFECTIVE_CONSTRAINTS = _operation(
    "orgpolicy.projects.policies.getEffectivePolicy", "Guardrails", "orgpolicy.policy.get", "guardrails", _EFFECTIVE
)
ORGANIZATION_CONSTRAINTS = _operation(
    "orgpolicy.organizations.policies.list",
    "Guardrails",
    "orgpolicy.policies.list",
    "guardrails",
    "org-policies list --organization={organization}",
    above=True,
)
PROJECT_DENIALS = _operation(
    "iam.policies.listPolicies (project)", "Guardrails", "iam.denypolicies.list", "", f"{_DENIALS}projects/{{project}}", above=True
)
"""Granted on the organisation alone, so a collection of one project may do without: what is denied only takes away."""
ORGANIZATION_DENIALS = _operation(
    "iam.policies.listPolicies",
    "Guardrails",
    "iam.denypolicies.list",
    "guardrails",
    f"{_DENIALS}organizations/{{organization}}",
    tells="",
    above=True,
)
DENIAL = _operation(
    "iam.policies.get",
    "Guardrails",
    "iam.denypolicies.get",
    "guardrails",
    "iam policies get {policy} --kind=denypolicies --attachment-point={attached_to}",
    tells="",
    above=True,
)
PROJECT_POLICIES_WITHIN = _operation(
    "cloudasset.searchAllIamPolicies (project)",
    "Assets",
    "cloudasset.assets.searchAllIamPolicies",
    "resource_policies",
    _LIST_ALL_POLICIES,
    tells="resource_policies policies trust",
)
ALL_POLICIES = _operation(
    "cloudasset.searchAllIamPolicies",
    "Assets",
    "cloudasset.assets.searchAllIamPolicies",
    "policies trust resource_policies",
    _LIST_ALL_POLICIES,
    above=True,
)
ASSETS = _operation(
    "cloudasset.assets.list",
    "Assets",
    "cloudasset.assets.listResource",
    "identities access_keys",
    "asset list --organization={organization} --content-type=resource --asset-types={types}",
    tells="identities access_keys service_credentials stored_secrets",
    above=True,
)
INSTANCES = _operation(
    "compute.instances.aggregatedList",
    "Workloads",
    "compute.instances.list",
    "workloads",
    "compute instances list --project={project}",
)
RUN_SERVICES = _operation(
    "run.projects.locations.services.list", "Workloads", "run.services.list", "workloads", "run services list --project={project}"
)
RUN_JOBS = _operation("run.namespaces.jobs.list", "Workloads", "run.jobs.list", "workloads", "run jobs list --project={project}")
FUNCTIONS = _operation(
    "cloudfunctions.projects.locations.functions.list",
    "Workloads",
    "cloudfunctions.functions.list",
    "workloads",
    "functions list --project={project}",
)

OPERATIONS: tuple[Operation, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Operation))
"""All of the above, in the order in which they stand."""
