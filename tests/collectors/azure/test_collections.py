"""AzureHound's collections and ROADrecon's databases."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.document import Document, Problem
from collectors.files import decode
from collectors.reading import read
from inventory.model import Account, Credential, Entitlement, Fact, Identity, Ownership, Row, Status, Trust, Workload
from inventory.model import CoverageStatus as Is
from tests.collectors.azure.shapes import GROUP, SUBSCRIPTION, TENANT, application, covered, document, guid, only, principal, rows, secret


def record(kind: str, **data: Any) -> dict[str, Any]:
    return {"kind": kind, "data": {"tenantId": TENANT.upper(), **data}}


def collection(*held: dict[str, Any], count: int | None = None) -> dict[str, Any]:
    return {"data": list(held), "meta": {"type": "azure", "version": 5, "count": len(held) if count is None else count}}


def hound() -> list[dict[str, Any]]:
    shouted = {
        key: value.upper() if key in ("id", "appId") else value for key, value in application(passwordCredentials=[secret()]).items()
    }
    role = {"principalId": guid(20), "roleDefinitionId": guid(80), "directoryScopeId": "/"}
    assignee = {
        "id": "x",
        "properties": {"principalId": guid(20), "roleDefinitionId": f"/x/{guid(81)}", "scope": f"/subscriptions/{SUBSCRIPTION}"},
    }
    quiet = {key: value for key, value in principal().items() if key != "accountEnabled"}
    return [
        record("AZTenant", id=f"/tenants/{TENANT}", displayName="Acme", collected=True),
        record("AZTenant", id=f"/tenants/{guid(3)}", displayName="Partner") | {"data": {"tenantId": guid(3), "displayName": "Partner"}},
        record("AZApp", **shouted),
        record("AZAppOwner", appId=guid(10).upper(), owners=[{"owner": {"id": guid(60), "userPrincipalName": "ana@acme.example"}, "appId": guid(5010)}]),
        record("AZServicePrincipal", **quiet),
        record("AZServicePrincipalOwner", servicePrincipalId=guid(20), owners=None),
        record("AZFederatedIdentityCredential", appId=guid(10), fics=[{"fic": {"issuer": "https://gitlab.com", "subject": "project_path:acme/x"}}]),
        record("AZRole", id=guid(80), templateId=guid(80), displayName="Global Administrator"),
        record("AZRoleAssignment", roleDefinitionId=guid(80), roleAssignments=[role]),
        record("AZRoleEligibilityScheduleInstance", **role),
        record("AZAppRoleAssignment", appRoleId=guid(70), principalId=guid(20), principalType="ServicePrincipal", resourceId=guid(30)),
        record("AZSubscriptionRoleAssignment", objectId=SUBSCRIPTION, assignees=[{"assignee": assignee, "objectId": SUBSCRIPTION}]),
        record("AZGroupMember", groupId=guid(61), members=[{"member": {"@odata.type": "#microsoft.graph.servicePrincipal", "id": guid(20)}}]),
        record("AZVM", id=f"{GROUP}/Microsoft.Compute/virtualMachines/vm", name="vm", identity={"principalId": guid(21)}),
        record("AZUser", id=guid(60)),
    ]  # fmt: skip


def test_a_collection_of_azurehound_tells_all_of_it_in_one_file() -> None:
    found = rows("azure-azurehound", document(collection(*hound()), scope=None))
    identities = {row.identity_id: row for row in only(Identity, found)}
    assert set(identities) == {f"azure:app:{guid(10)}", f"azure:{guid(20)}", f"azure:{guid(21)}"}
    assert identities[f"azure:{guid(20)}"].status is Status.UNKNOWN
    assert {(row.via, row.policy_id) for row in only(Entitlement, found)} == {
        ("definition", guid(80)), ("directory_role", guid(80)), ("eligible", guid(80)), ("app_role", guid(70)), ("role", guid(81)),
        ("group", f"group:azure/{guid(61)}"),
    }  # fmt: skip
    assert [row.native_id for row in only(Credential, found)] == [guid(90)]
    assert [row.owner_id for row in only(Ownership, found)] == ["ana@acme.example"]
    assert {row.principal for row in only(Trust, found)} == {"gitlab.com", "azure.managed-identity"}
    assert [row.identity_id for row in only(Workload, found)] == [f"azure:{guid(21)}"]
    assert {row.scope for row in only(Account, found)} == {TENANT}
    facts = (Fact.IDENTITIES, Fact.ACCESS_KEYS, Fact.OWNERSHIP, Fact.TRUST, Fact.POLICIES)
    assert covered(found) == {(fact, TENANT): Is.COLLECTED for fact in facts}
    assert only(Problem, found) == []


def test_a_cut_collection_is_partial() -> None:
    short = rows("azure-azurehound", document(collection(*hound(), count=99), scope=None))
    endless = rows("azure-azurehound", document({"data": hound()}, scope=None))
    for found in (short, endless):
        assert set(covered(found).values()) == {Is.PARTIAL}


def test_applications_without_any_credential_may_have_been_listed_without_them() -> None:
    bare = {key: value for key, value in application().items() if not key.endswith("Credentials")}
    assert (Fact.ACCESS_KEYS, TENANT) not in covered(rows("azure-azurehound", document(collection(record("AZApp", **bare)), scope=None)))


SCHEMA = """
CREATE TABLE "TenantDetails" ("objectId" TEXT, "displayName" TEXT);
CREATE TABLE "Applications" ("objectId" TEXT, "appId" TEXT, "displayName" TEXT, "passwordCredentials" TEXT, "keyCredentials" TEXT,
    "requiredResourceAccess" TEXT);
CREATE TABLE "ServicePrincipals" ("objectId" TEXT, "appId" TEXT, "displayName" TEXT, "accountEnabled" BOOLEAN, "appOwnerTenantId" TEXT,
    "servicePrincipalType" TEXT, "microsoftFirstParty" BOOLEAN, "appRoles" TEXT, "keyCredentials" TEXT, "passwordCredentials" TEXT);
CREATE TABLE "AppRoleAssignments" ("objectId" TEXT, "id" TEXT, "principalId" TEXT, "principalType" TEXT, "resourceId" TEXT,
    "resourceDisplayName" TEXT);
CREATE TABLE "OAuth2PermissionGrants" ("clientId" TEXT, "consentType" TEXT, "principalId" TEXT, "resourceId" TEXT, "scope" TEXT);
CREATE TABLE "DirectoryRoles" ("objectId" TEXT, "displayName" TEXT, "roleTemplateId" TEXT);
CREATE TABLE "RoleAssignments" ("id" TEXT, "principalId" TEXT, "resourceScopes" TEXT, "roleDefinitionId" TEXT);
CREATE TABLE "lnk_role_member_serviceprincipal" ("DirectoryRole" TEXT, "ServicePrincipal" TEXT);
CREATE TABLE "lnk_application_owner_user" ("Application" TEXT, "User" TEXT);
CREATE TABLE "lnk_serviceprincipal_owner_serviceprincipal" ("ServicePrincipal" TEXT, "childServicePrincipal" TEXT);
CREATE TABLE "Users" ("objectId" TEXT, "userPrincipalName" TEXT, "displayName" TEXT);
"""


def roadrecon(**changed: Any) -> bytes:
    held = json.dumps(
        [{"keyId": guid(90), "startDate": "2024-01-01T00:00:00Z", "endDate": "2025-01-01T00:00:00Z", "value": "Canary-value"}]
    )
    roles = json.dumps([{"id": guid(70), "value": "Mail.Read"}])
    own, disabled = (
        (guid(20), guid(10), "own", 1, TENANT, "Application", None, roles, "[]", None),
        (guid(21), guid(11), "off", 0, None, None, 1, None, None, None),
    )
    table = {
        "TenantDetails": [(TENANT, "Acme")],
        "Applications": [(guid(5010), guid(10), "own", held, "[]", "[]")],
        "ServicePrincipals": [own, disabled],
        "AppRoleAssignments": [("x", guid(70), guid(20), "ServicePrincipal", guid(20), "Graph")],
        "OAuth2PermissionGrants": [(guid(20), "AllPrincipals", None, guid(30), "User.Read")],
        "DirectoryRoles": [(guid(600), "Global Administrator", guid(80))],
        "RoleAssignments": [("y", guid(20), '["/"]', guid(82))],
        "lnk_role_member_serviceprincipal": [(guid(600), guid(20))],
        "lnk_application_owner_user": [(guid(5010), guid(60))],
        "lnk_serviceprincipal_owner_serviceprincipal": [(guid(20), guid(21))],
        "Users": [(guid(60), "ana@acme.example", "Ana")],
        **changed,
    }  # fmt: skip
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(SCHEMA)
        for name, held_rows in table.items():
            for row in held_rows:
                database.execute(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(row))})', row)
        database.commit()
        return bytes(database.serialize())


def read_database(content: bytes) -> list[Row | Problem]:
    return rows("azure-roadrecon", Document(source_id="roadrecon.db", sheets=decode(content).sheets, key=b"k"))


def test_a_roadrecon_database_tells_what_graph_tells() -> None:
    found = read_database(roadrecon())
    statuses = {row.identity_id: (row.status, row.in_scope) for row in only(Identity, found)}
    assert statuses[f"azure:{guid(20)}"] == (Status.ACTIVE, True)
    assert statuses[f"azure:{guid(21)}"] == (Status.DISABLED, False)
    assert {(row.via, row.policy_id, row.policy_name) for row in only(Entitlement, found)} == {
        ("app_role", guid(70), "Mail.Read"), ("delegated", "User.Read", "User.Read"), ("directory_role", guid(82), guid(82)),
        ("directory_role", guid(80), "Global Administrator"),
    }  # fmt: skip
    assert [row.credential_id for row in only(Credential, found)] == [f"azure:secret:{guid(90)}"]
    assert {(row.identity_id, row.owner_id) for row in only(Ownership, found)} == {
        (f"azure:app:{guid(10)}", "ana@acme.example"), (f"azure:{guid(20)}", f"azure:{guid(21)}"),
    }  # fmt: skip
    assert covered(found)[Fact.POLICIES, TENANT] is Is.COLLECTED
    assert "Canary" not in repr(found)


def test_a_database_that_was_not_filled_covers_nothing_whole() -> None:
    assert set(covered(read_database(roadrecon(ServicePrincipals=[]))).values()) == {Is.PARTIAL}


def test_a_row_with_a_broken_list_is_told_and_the_others_are_read() -> None:
    broken = (guid(22), guid(12), "x", 1, None, None, None, "{not json", None, None)
    found = read_database(roadrecon(ServicePrincipals=[(guid(20), guid(10), "own", 1, TENANT, None, None, None, None, None), broken]))
    assert f"azure:{guid(20)}" in {row.identity_id for row in only(Identity, found)}
    assert [problem.record for problem in only(Problem, found)] == ["ServicePrincipals[1]"]


def test_a_database_damaged_where_it_is_read_is_given_up_in_one_line(tmp_path: Path) -> None:
    content = bytearray(roadrecon(ServicePrincipals=[(guid(number), guid(number), "x" * 3000, 1, *[None] * 6) for number in range(20, 60)]))
    content[20_000:60_000] = b"\xff" * 40_000
    (tmp_path / "roadrecon.db").write_bytes(content)
    evidence = read([tmp_path], COLLECTORS, key=b"k")
    assert [source.status for source in evidence.sources] == ["unreadable"]
    assert len(evidence.warnings) == 1


def test_a_database_of_something_else_is_named_as_one(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as database:
        database.executescript("CREATE TABLE songs (title TEXT)")
    evidence = read([tmp_path], COLLECTORS, key=b"k")
    assert "SQLite" in str(evidence.warnings[0])
    assert "songs" in str(evidence.warnings[0])


@pytest.mark.parametrize("values", [[{"data": [{"kind": "AZApp"}]}], [{"data": "x"}], [[]], [{"data": {"kind": "AZApp", "data": {}}}]])
def test_what_only_looks_like_a_collection_never_raises(values: Any) -> None:
    source = Document(source_id="x", values=tuple(values), key=b"k")
    for form in (form for collector in COLLECTORS for form in collector.formats):
        if form.matches(source):
            list(form.rows(source))
