"""Which of gcloud's answers a quarter's bundle holds, and what nobody could collect."""

from __future__ import annotations

from generator.bundle import Bundle, File
from generator.company import Quarter
from generator.dress import one_after_another, pretty
from generator.gcp import accounts, audit_logs, impersonation, organization, policies, runtime, stored
from generator.gcp.places import DATA, NONPROD, PROD, PROJECTS, Project


def add_files(found: Bundle) -> None:
    path = "gcp/projects.json"
    text = pretty(organization.projects())
    found.files.append(File(path=path, text=text, source="gcp", command="gcloud projects list --format=json", scope=None))
    for project in PROJECTS:
        _accounts(found, project)
        _policies(found, project)
        _inventories(found, project)
        _use(found, project)
    _gaps(found)


def _add(found: Bundle, project: Project, name: str, text: str, command: str) -> None:
    command = f"gcloud {command} --project={project.id} --format=json"
    found.files.append(File(path=f"gcp/{project.alias}/{name}", text=text, source="gcp", command=command, scope=project.id))


def _accounts(found: Bundle, project: Project) -> None:
    quarter = found.quarter
    _add(found, project, "service-accounts.json", pretty(accounts.service_accounts(quarter, project)), "iam service-accounts list")
    if keys_listed(quarter, project):
        text = one_after_another(accounts.key_lists(quarter, project))
        _add(
            found,
            project,
            "service-account-keys.json",
            text,
            "iam service-accounts keys list --managed-by=user --iam-account=E, for each, wrapped with the serviceAccount,",
        )
    _add(found, project, "api-keys.json", pretty(list(stored.api_keys(project))), "services api-keys list")
    _add(found, project, "hmac-keys.json", pretty(stored.hmac_keys(quarter, project)), "storage hmac list")
    if project != NONPROD:
        _add(found, project, "secrets.json", pretty(stored.secrets(quarter, project)), "secrets list")


def _policies(found: Bundle, project: Project) -> None:
    quarter = found.quarter
    if project == NONPROD and quarter.number < 3:
        text, command = pretty(policies.project_policy(quarter, project)), "projects get-iam-policy"
        _add(found, project, "project-iam-policy.json", text, f"{command} {project.id}")
    else:
        text, command = pretty(policies.policies_above(quarter, project)), "projects get-ancestors-iam-policy"
        _add(found, project, "ancestors-iam-policy.json", text, f"{command} {project.id}")
    text = one_after_another(
        {"serviceAccount": address, "policy": policy} for address, policy in impersonation.account_policies(quarter, project)
    )
    command = "iam service-accounts get-iam-policy E, for each, wrapped with the serviceAccount,"
    _add(found, project, "service-account-iam-policies.json", text, command)
    if project == PROD:
        _add(found, project, "custom-roles.json", pretty(policies.CUSTOM_ROLE), "iam roles describe batchOperator")
    if impersonation.pools(project):
        _add(
            found,
            project,
            "workload-identity-pools.json",
            pretty(impersonation.pools(project)),
            "iam workload-identity-pools list --location=global",
        )
        text = pretty(list(impersonation.providers(project)))
        command = "iam workload-identity-pools providers list --location=global, for each pool,"
        _add(found, project, "workload-identity-pool-providers.json", text, command)
    text = pretty(organization.resource_policies(quarter, project))
    command = f"asset search-all-iam-policies --scope=projects/{project.id} --asset-types=storage.googleapis.com/Bucket,run.googleapis.com/Service"
    _add(found, project, "resource-iam-policies.json", text, command)
    if project == PROD or (project == DATA and quarter.number >= 3):
        text = one_after_another(organization.policies(quarter, project))
        _add(found, project, "org-policies.json", text, "org-policies describe, for each policy set,")


def _inventories(found: Bundle, project: Project) -> None:
    quarter = found.quarter
    _add(found, project, "run-services.json", pretty(runtime.services(quarter, project)), "run services list")
    _add(found, project, "functions.json", pretty(runtime.functions(quarter, project)), "functions list --v2")
    _add(found, project, "compute-instances.json", pretty(runtime.machines(quarter, project)), "compute instances list")


def _use(found: Bundle, project: Project) -> None:
    quarter, command = found.quarter, "policy-intelligence query-activity --limit=unlimited --activity-type="
    text = pretty(accounts.authentications(quarter, project))
    _add(found, project, "service-account-activity.json", text, f"{command}serviceAccountLastAuthentication")
    if keys_listed(quarter, project):
        text = pretty(accounts.key_authentications(quarter, project))
        _add(found, project, "service-account-key-activity.json", text, f"{command}serviceAccountKeyLastAuthentication")
    if project != DATA:
        text = pretty(list(organization.insights(quarter, project)))
        command = "recommender insights list --insight-type=google.iam.policy.Insight --location=global"
        _add(found, project, "policy-insights.json", text, command)
    if project == PROD and quarter.number >= 3:
        command = "logging read logName:cloudaudit.googleapis.com --freshness=90d"
        _add(found, project, "audit-logs.json", pretty(audit_logs.entries(quarter, project)), command)


def keys_listed(quarter: Quarter, project: Project) -> bool:
    return project != NONPROD or quarter.number >= 3


def _gaps(found: Bundle) -> None:
    denied = "PERMISSION_DENIED: the assessment's account lacks "
    found.miss("guardrails", NONPROD.id, "denied", denied + "orgpolicy.policies.list")
    found.miss("stored_secrets", NONPROD.id, "denied", denied + "secretmanager.secrets.list")
    found.miss("service_usage", DATA.id, "missing", "policy insights need Security Command Center, which covers prod and nonprod only")
    for project in (PROD, NONPROD):
        found.miss("service_usage", project.id, "partial", "insights were asked for a part of the accounts only")
    if found.quarter.number < 3:
        found.miss("access_keys", NONPROD.id, "denied", denied + "iam.serviceAccountKeys.list")
        found.miss("key_usage", NONPROD.id, "denied", denied + "policyanalyzer.serviceAccountKeyLastAuthenticationActivities.query")
        found.miss("guardrails", DATA.id, "missing", "not asked for")
