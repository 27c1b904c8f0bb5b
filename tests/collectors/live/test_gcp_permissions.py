"""The roles in docs/permissions are what the plan's operations take: none too many, none too few."""

from __future__ import annotations

import re

from collectors.gcp.fetch import GcpOptions, plan
from collectors.gcp.fetch_operations import FOLDER_POLICY, OPERATIONS, PREDEFINED_ROLE
from collectors.gcp.fetch_permissions import QUOTA_PERMISSION, organization_role, project_role
from tests.checkout import ROOT
from tests.collectors.live.google_server import run, serving

READS = re.compile(r"\.(list\w*|get|getIamPolicy|query|searchAllIamPolicies)$")


def listed(role: str) -> set[str]:
    return set(re.findall(r"^  - (\S+)", role, re.MULTILINE))


def test_the_role_files_are_what_the_operations_take() -> None:
    folder = ROOT / "docs" / "permissions"

    assert (folder / "gcp-role.yaml").read_text(encoding="utf-8") == project_role()
    assert (folder / "gcp-role-organization.yaml").read_text(encoding="utf-8") == organization_role()


def test_every_operation_has_its_permission_in_a_role() -> None:
    assert OPERATIONS
    for operation in OPERATIONS:
        role = organization_role() if operation.above else project_role()
        assert set(operation.permissions) <= listed(role), operation.name
        assert operation.permissions or operation is PREDEFINED_ROLE, operation.name


def test_every_permission_reads() -> None:
    assert [one for one in listed(project_role()) | listed(organization_role()) if not READS.search(one)] == [QUOTA_PERMISSION]


def test_every_operation_is_asked_and_none_that_is_not_listed() -> None:
    with serving() as google:
        google.grpc |= {"ListServiceAccounts": [{"accounts": [{"name": "projects/p/serviceAccounts/a@p", "email": "a@p"}]}]}
        google.rest |= {
            "iam.googleapis.com/v1/projects/demo-prod/locations/global/workloadIdentityPools": [
                {"workloadIdentityPools": [{"name": "a/b"}]}
            ],
            "secretmanager.googleapis.com/v1/projects/demo-prod/secrets": [{"secrets": [{"name": "projects/1/secrets/db"}]}],
            "iam.googleapis.com/v2/policies/cloudresourcemanager.googleapis.com%2Fprojects%2Fdemo-prod/denypolicies": [
                {"policies": [{"name": "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F1/denypolicies/no-keys"}]}
            ],
            "cloudresourcemanager.googleapis.com/v3/projects/demo-prod:getIamPolicy": [
                {"bindings": [{"role": "roles/viewer"}, {"role": "organizations/1/roles/x"}]}
            ],
            "cloudresourcemanager.googleapis.com/v1/projects/demo-prod:getAncestry": [
                {"ancestor": [{"resourceId": {"type": "folder", "id": "1"}}]}
            ],
        }
        refused = run(plan(GcpOptions(projects=("demo-prod",)), google.clients))
        google.rest["cloudresourcemanager.googleapis.com/v3/folders/1:getIamPolicy"] = [{"bindings": []}]
        project = run(plan(GcpOptions(projects=("demo-prod",)), google.clients))
        organization = run(plan(GcpOptions(organization="1"), google.clients))

    asked = {call.operation for found in (project, organization) for call in found.calls.values()}
    assert asked | {FOLDER_POLICY.name} == {operation.name for operation in OPERATIONS}
    assert FOLDER_POLICY.name in str(refused.failures["projects/demo-prod/iam-policy.json"])
