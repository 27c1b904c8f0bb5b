"""Projects, organisation policies, who may reach resources, and which permissions were used."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chance import guid, letters
from generator.company import DOMAIN, Quarter
from generator.dress import zulu
from generator.estate import Json
from generator.gcp.places import DATA, NONPROD, ORGANISATION_NUMBER, PROD, PROJECTS, Project


def projects() -> list[Json]:
    """`gcloud projects list`."""
    return [
        {
            "createTime": zulu(project.created),
            "labels": {"environment": project.environment, "owner": project.owner, "team": "data" if project == DATA else "platform"},
            "lifecycleState": "ACTIVE",
            "name": project.id,
            "parent": {"id": ORGANISATION_NUMBER, "type": "organization"},
            "projectId": project.id,
            "projectNumber": project.number,
        }
        for project in PROJECTS
    ]


def policies(quarter: Quarter, project: Project) -> Iterator[Json]:
    """`gcloud org-policies describe`, for each policy that is set: in August the platform team turned key creation off in prod."""
    enforced = {
        "iam.disableServiceAccountKeyCreation": project == PROD and quarter.number >= 3,
        "iam.automaticIamGrantsForDefaultServiceAccounts": project == PROD and quarter.number >= 3,
        "iam.disableServiceAccountKeyUpload": False,
    }
    for constraint, on in enforced.items():
        rules: list[Json] = [{"enforce": on}]
        yield _policy(project, constraint, rules, zulu(quarter.ago(50 if on else 400)))
    if project == PROD:
        yield _policy(project, "gcp.resourceLocations", [_allowed("in:eu-locations")], zulu(quarter.ago(700)))
        if quarter.number >= 3:
            yield _policy(
                project, "iam.allowedPolicyMemberDomains", [_allowed(f"is:C0{letters(6, 'customer', DOMAIN)}")], zulu(quarter.ago(50))
            )


def _allowed(value: str) -> Json:
    return {"values": {"allowedValues": [value]}}


def _policy(project: Project, constraint: str, rules: list[Json], updated: str) -> Json:
    return {
        "etag": "CNSAMPLE==",
        "name": f"projects/{project.number}/policies/{constraint}",
        "spec": {"etag": "CNSAMPLE==", "rules": rules, "updateTime": updated},
    }


def resource_policies(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud asset search-all-iam-policies` of one project, buckets and Cloud Run only. Anyone may read a bucket of nonprod."""
    found = [_reach(project, "storage.googleapis.com/Bucket", name, role, members) for name, role, members in _buckets(quarter, project)]
    run = f"projects/{project.id}/locations/europe-west1/services/"
    if project == PROD:
        gateway = f"serviceAccount:{project.email('portal-push')}"
        found.append(_reach(project, "run.googleapis.com/Service", f"{run}portal-maps", "roles/run.invoker", [gateway]))
    if project == NONPROD and quarter.number < 3:
        found.append(_reach(project, "run.googleapis.com/Service", f"{run}hackday-demo", "roles/run.invoker", ["allUsers"]))
    return found


def _buckets(quarter: Quarter, project: Project) -> Iterator[tuple[str, str, list[str]]]:
    viewer = "roles/storage.objectViewer"
    yield f"{project.id}-artifacts", viewer, [f"group:engineers@{DOMAIN}"]
    if project == PROD:
        yield "quillhaven-backups", "roles/storage.objectAdmin", [f"serviceAccount:{project.email('backup-verifier')}"]
    if project == NONPROD:
        yield "quillhaven-demo-parcels", viewer, ["allUsers", f"group:engineers@{DOMAIN}"]
    if project == DATA:
        yield "quillhaven-warehouse-landing", "roles/storage.objectAdmin", [f"serviceAccount:{project.email('warehouse-loader')}"]


def _reach(project: Project, kind: str, name: str, role: str, members: list[str]) -> Json:
    return {
        "assetType": kind,
        "folders": [],
        "organization": f"organizations/{ORGANISATION_NUMBER}",
        "policy": {"bindings": [{"members": members, "role": role}]},
        "project": f"projects/{project.number}",
        "resource": f"//{kind.split('/', maxsplit=1)[0]}/{name}",
    }


USED = {
    # (project, account, role) -> permissions used in 90 days
    (PROD, "tf-apply", "roles/owner"): (
        "compute.instances.get", "compute.networks.get", "iam.serviceAccounts.get", "resourcemanager.projects.get",
        "resourcemanager.projects.getIamPolicy", "storage.buckets.get", "storage.buckets.update",
    ),
    (PROD, "release-deployer", "roles/editor"): ("run.services.get", "run.services.update", "run.operations.get", "storage.objects.get"),
    (PROD, "route-tiles", "roles/storage.objectViewer"): ("storage.objects.get", "storage.objects.list"),
    (PROD, "carrier-sftp-bridge", "roles/storage.objectAdmin"): ("storage.objects.create", "storage.objects.list"),
    (NONPROD, "loadtest", "roles/owner"): (),
    (NONPROD, "qa-e2e", "roles/editor"): (),
}  # fmt: skip


def insights(quarter: Quarter, project: Project) -> Iterator[Json]:
    """`gcloud recommender insights list --insight-type=google.iam.policy.Insight`, for the roles that Google looked at."""
    for (where, name, role), used in USED.items():
        if where != project:
            continue
        insight = guid("insight", project.id, name, role)
        yield {
            "category": "SECURITY",
            "content": {
                "condition": {"description": "", "expression": "", "location": "", "title": ""},
                "exercisedPermissions": [{"permission": permission} for permission in used],
                "inferredPermissions": [],
                "member": f"serviceAccount:{project.email(name)}",
                "role": role,
            },
            "description": f"{len(used)} of the permissions in this role binding were used in the past 90 days.",
            "etag": f'"{insight[9:18]}"',
            "insightSubtype": "PERMISSIONS_USAGE",
            "lastRefreshTime": zulu(quarter.collected.replace(hour=7, minute=0)),
            "name": f"projects/{project.number}/locations/global/insightTypes/google.iam.policy.Insight/insights/{insight}",
            "observationPeriod": "7776000s",
            "severity": "HIGH" if role in ("roles/owner", "roles/editor") else "LOW",
            "stateInfo": {"state": "ACTIVE"},
            "targetResources": [f"//cloudresourcemanager.googleapis.com/projects/{project.number}"],
        }
