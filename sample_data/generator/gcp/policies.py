"""Who may do what in a project: `gcloud projects get-iam-policy`, with auditConfigs where data access is logged, and custom roles."""

from __future__ import annotations

from generator.chance import letters
from generator.company import Quarter, email
from generator.estate import Json
from generator.gcp.account_list import lines
from generator.gcp.places import DATA, NONPROD, ORGANISATION_NUMBER, PROD, Project

CUSTOM_ROLE = {
    "description": "Starts and stops batch machines",
    "etag": "BwYSAMPLE01=",
    "includedPermissions": [
        "compute.instances.get",
        "compute.instances.list",
        "compute.instances.setMetadata",
        "compute.instances.start",
        "compute.instances.stop",
    ],
    "name": f"projects/{PROD.id}/roles/batchOperator",
    "stage": "GA",
    "title": "Batch operator",
}

EXTRA: dict[Project, tuple[tuple[str, str], ...]] = {
    PROD: (
        ("roles/bigquery.dataViewer", "eta-vertex"),
        ("roles/secretmanager.secretAccessor", "carrier-sftp-bridge"),
        ("roles/iam.serviceAccountUser", "release-orchestrator"),
        ("roles/artifactregistry.reader", "gke-nodes"),
        (f"projects/{PROD.id}/roles/batchOperator", "backup-verifier"),
    ),
    NONPROD: (("roles/iam.serviceAccountUser", "qa-e2e"), ("roles/artifactregistry.reader", "gke-nodes-stg")),
    DATA: (
        ("roles/bigquery.jobUser", "dbt-runner"),
        ("roles/storage.admin", "airflow-worker"),
        ("roles/bigquery.jobUser", "looker-connector"),
    ),
}
"""Further roles on the project: (role, account)."""

AUDITED = {"auditLogConfigs": [{"logType": kind} for kind in ("ADMIN_READ", "DATA_READ", "DATA_WRITE")], "service": "allServices"}
SOME_AUDITED = {"auditLogConfigs": [{"logType": "DATA_WRITE"}], "service": "storage.googleapis.com"}


def project_policy(quarter: Quarter, project: Project) -> Json:
    """Bindings in the order of their roles, members in theirs."""
    granted: dict[str, set[str]] = {}
    for role, member in _grants(quarter, project):
        granted.setdefault(role, set()).add(member)
    bindings: list[Json] = [{"members": sorted(members), "role": role} for role, members in sorted(granted.items())]
    if project == PROD:
        bindings.append(_only_backups())
    policy: Json = {"bindings": bindings, "etag": f"BwY{letters(8, 'etag', quarter.number, project.id)}=", "version": 3}
    if project == DATA:
        return {"auditConfigs": [SOME_AUDITED]} | policy
    return {"auditConfigs": [AUDITED]} | policy


def policies_above(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud projects get-ancestors-iam-policy`: the project's and the organisation's, which asks for no more log than the project does."""
    domain = email("x").split("@")[1]
    bindings = [
        {"members": [f"group:gcp-admins@{domain}"], "role": "roles/resourcemanager.organizationAdmin"},
        {"members": [f"serviceAccount:{PROD.email('image-scan')}"], "role": "roles/iam.securityReviewer"},
    ]
    return [
        {"id": project.id, "policy": project_policy(quarter, project), "type": "project"},
        {"id": ORGANISATION_NUMBER, "policy": {"bindings": bindings, "etag": "BwYSAMPLE02=", "version": 1}, "type": "organization"},
    ]


def _only_backups() -> Json:
    condition = {
        "description": "Only the bucket that backups go to",
        "expression": 'resource.name.startsWith("projects/_/buckets/quillhaven-backups")',
        "title": "backups-only",
    }
    return {"condition": condition, "members": [f"serviceAccount:{PROD.email('backup-verifier')}"], "role": "roles/storage.objectAdmin"}


def _grants(quarter: Quarter, project: Project) -> list[tuple[str, str]]:
    found = [(line.role, f"serviceAccount:{line.email}") for line in lines(quarter, project) if line.rest(quarter) != "off"]
    found += [(role, f"serviceAccount:{project.email(name)}") for role, name in EXTRA[project]]
    if project == NONPROD or (project == PROD and quarter.number < 3):
        found.append(("roles/editor", f"serviceAccount:{project.compute_default}"))
    found += _googles(project)
    found += [
        ("roles/owner", f"group:gcp-admins@{email('x').split('@')[1]}"),
        ("roles/viewer", f"group:engineers@{email('x').split('@')[1]}"),
        ("roles/iam.securityReviewer", f"user:{email('greta.vonholt')}"),
    ]
    if project == DATA:
        found.append(("roles/bigquery.dataViewer", f"serviceAccount:{PROD.email('depot-heatmap')}"))
        found.append(("roles/bigquery.admin", f"user:{email('oskar.nyberg')}"))
        found.append(("roles/bigquery.dataEditor", f"deleted:serviceAccount:{DATA.email('old-loader')}?uid=100000000000000000042"))
    return found


def _googles(project: Project) -> list[tuple[str, str]]:
    """Google's own agents, which are nobody's to manage; the first of them holds Editor."""
    agents = {
        "roles/editor": f"{project.number}@cloudservices.gserviceaccount.com",
        "roles/compute.serviceAgent": f"service-{project.number}@compute-system.iam.gserviceaccount.com",
        "roles/run.serviceAgent": f"service-{project.number}@serverless-robot-prod.iam.gserviceaccount.com",
        "roles/cloudfunctions.serviceAgent": f"service-{project.number}@gcf-admin-robot.iam.gserviceaccount.com",
        "roles/pubsub.serviceAgent": f"service-{project.number}@gcp-sa-pubsub.iam.gserviceaccount.com",
    }
    return [(role, f"serviceAccount:{address}") for role, address in agents.items()]
