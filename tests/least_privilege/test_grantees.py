"""The verdicts on a database's GCP and Azure identities."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from inventory.database import Database
from inventory.model import Account, Coverage, CoverageStatus, Entitlement, Fact, Identity, IdentityKind, PolicyDocument, Source
from scoring.least_privilege.aws.principals import principal_privileges
from scoring.least_privilege.grantees import grantee_privileges

SUBSCRIPTION, OTHER = "11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"
TENANT = "99999999-9999-9999-9999-999999999999"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
PROJECT = "//cloudresourcemanager.googleapis.com/projects/p"


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as database:
        yield database


def results(database: Database, *rows: Any) -> dict[str, dict[str, Any]]:
    database.insert(rows)
    principal_privileges(database)
    grantee_privileges(database)
    return {row["identity_id"]: row for row in database.rows("SELECT * FROM main.privilege")}


def account(name: str = "app", project: str = "p") -> Identity:
    return Identity(
        identity_id=f"serviceAccount:{name}@{project}.iam.gserviceaccount.com",
        provider="gcp",
        scope=project,
        name=name,
        kind=IdentityKind.SERVICE_ACCOUNT,
        evidence=f"accounts.json#{name}",
    )


def principal(name: str = "app", scope: str = TENANT, kind: IdentityKind = IdentityKind.SERVICE_PRINCIPAL) -> Identity:
    return Identity(identity_id=f"azure:{name}", provider="azure", scope=scope, name=name, kind=kind, evidence=f"sp.json#{name}")


def held(identity: Identity, role_id: str, resource: str | None, via: str = "role", **rest: Any) -> Entitlement:
    facts = {"document_id": None, "policy_name": role_id, "policy_id": role_id, "evidence": f"policy.json#{identity.name}/{role_id}"}
    return Entitlement(**{"identity_id": identity.identity_id, "via": via, "resource": resource, "conditional": False, **facts, **rest})


def known(scope: str = "*", status: CoverageStatus = CoverageStatus.COLLECTED, **rest: Any) -> Coverage:
    return Coverage(fact=Fact.POLICIES, scope=scope, status=status, **rest)


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (PROJECT, "admin"),
        ("projects/p", "admin"),
        ("//cloudresourcemanager.googleapis.com/folders/1", "admin"),
        ("organizations/1", "admin"),
        ("//iam.googleapis.com/projects/p/serviceAccounts/x@p.iam.gserviceaccount.com", "write"),
        ("projects/p/serviceAccounts/x@p.iam.gserviceaccount.com", "write"),
        ("//storage.googleapis.com/bucket", "write"),
        ("//run.googleapis.com/projects/p/locations/l/services/s", "write"),
        (None, "unknown"),
        ("p", "unknown"),
    ],
)
def test_gcp_places_reach_as_far_as_their_names_say(database: Database, resource: str | None, expected: str) -> None:
    app = account()
    assert results(database, known(), app, held(app, "roles/editor", resource))[app.identity_id]["privilege"] == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("/", "admin"),
        ("/providers/Microsoft.Management/managementGroups/top", "admin"),
        (f"/subscriptions/{SUBSCRIPTION}", "admin"),
        (f"/SUBSCRIPTIONS/{SUBSCRIPTION}/", "admin"),
        (f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg", "write"),
        (f"/subscriptions/{SUBSCRIPTION}/resourcegroups/rg/providers/Microsoft.Storage/storageAccounts/s", "write"),
        (None, "unknown"),
    ],
)
def test_azure_places_reach_as_far_as_their_names_say(database: Database, resource: str | None, expected: str) -> None:
    app = principal()
    assert results(database, known(), app, held(app, OWNER.upper(), resource))[app.identity_id]["privilege"] == expected


@pytest.mark.parametrize(
    ("resource", "expected"),
    [("/", "admin"), (None, "admin"), (TENANT, "admin"), ("/administrativeUnits/1", "write"), (f"/{OTHER}", "write")],
)
def test_directory_roles_reach_the_directory_or_a_part_of_it(database: Database, resource: str | None, expected: str) -> None:
    app = principal()
    role = held(app, "62e90394-69f5-4237-9190-012177145e10", resource, via="directory_role")
    assert results(database, known(), app, role)[app.identity_id]["privilege"] == expected


def test_a_directory_role_by_an_id_of_the_tenants_own_is_known_by_its_name(database: Database) -> None:
    app = principal()
    role = held(app, OTHER, "/", via="directory_role", policy_name="Global Administrator")
    assert results(database, known(), app, role)[app.identity_id]["privilege"] == "admin"


def test_the_row_names_the_role_and_the_place_and_keeps_the_record(database: Database) -> None:
    app, sp = account(), principal()
    found = results(database, known(), app, held(app, "roles/editor", PROJECT), sp, held(sp, OWNER, "/"))
    assert found[app.identity_id] == {
        "identity_id": app.identity_id,
        "privilege": "admin",
        "reason": f"roles/editor on {PROJECT}: may make keys of every service account there (iam.serviceAccountKeys.create)",
        "evidence": ["policy.json#app/roles/editor"],
    }
    assert found[sp.identity_id]["reason"] == "Owner on /: may assign any role (Microsoft.Authorization/roleAssignments/write)"


def test_custom_roles_are_judged_by_their_texts(database: Database) -> None:
    app, other = account(), account("other")
    document = PolicyDocument(document_id="d", document=json.dumps({"includedPermissions": ["resourcemanager.projects.setIamPolicy"]}))
    roles = [held(app, "projects/p/roles/x", PROJECT, document_id="d"), held(other, "projects/p/roles/x", PROJECT)]
    found = results(database, known(), app, other, document, *roles)
    assert [found[one.identity_id]["privilege"] for one in (app, other)] == ["admin", "unknown"]


def test_the_same_roles_in_other_projects_are_judged_once(database: Database) -> None:
    accounts = [account("a", f"p{number}") for number in range(50)]
    rows = [
        held(one, role, f"projects/{one.scope}") for one in accounts for role in ("roles/run.developer", "roles/iam.serviceAccountUser")
    ]
    found = results(database, known(), *accounts, *rows)
    assert {row["privilege"] for row in found.values()} == {"admin"}
    assert database.value("SELECT count(*) FROM judging.grant_verdict") == 1


def test_roles_in_two_projects_do_not_combine(database: Database) -> None:
    app = account()
    rows = [held(app, "roles/run.developer", "projects/p"), held(app, "roles/iam.serviceAccountUser", "projects/q")]
    assert results(database, known(), app, *rows)[app.identity_id]["privilege"] == "unknown"


def test_grants_through_a_group_count_and_a_group_that_nobody_listed_leaves_it_open(database: Database) -> None:
    a, b = principal("a"), principal("b")
    through = held(a, OWNER, f"/subscriptions/{SUBSCRIPTION}", via="group_role", group_name="admins")
    unlisted = held(b, "x", None, via="group_managed", policy_id=None, policy_name="policies of group admins")
    found = results(database, known(), a, b, through, unlisted)
    assert [found[one.identity_id]["privilege"] for one in (a, b)] == ["admin", "unknown"]


class TestWhetherAllGrantsAreKnown:
    def test_without_any_coverage_a_level_below_admin_is_unknown_and_says_what_was_seen(self, database: Database) -> None:
        app, top = account(), account("top")
        found = results(database, app, top, held(app, "roles/viewer", PROJECT), held(top, "roles/owner", PROJECT))
        assert found[app.identity_id]["privilege"] == "unknown"
        assert "no source lists the grants of p; what was seen is read (roles/viewer on" in found[app.identity_id]["reason"]
        assert found[top.identity_id]["privilege"] == "admin"

    def test_a_partial_listing_is_not_all(self, database: Database) -> None:
        app = account()
        gap = known("p", CoverageStatus.PARTIAL, reason="grants on its folders and organisation were not asked for")
        found = results(database, app, gap, Account(scope="p", provider="gcp", evidence="a#p"), known())
        assert found[app.identity_id]["privilege"] == "unknown"
        assert "folders and organisation" in found[app.identity_id]["reason"]

    def test_nothing_granted_is_none_only_where_every_known_project_was_listed(self, database: Database) -> None:
        app = account()
        rows = [Account(scope=scope, provider="gcp", evidence=f"a#{scope}") for scope in "pq"]
        assert results(database, app, *rows, known("p"))[app.identity_id]["privilege"] == "unknown"
        found = results(database, known("q"))[app.identity_id]
        assert (found["privilege"], found["reason"], found["evidence"]) == ("none", "no role is granted to it", ["accounts.json#app"])

    def test_everything_of_another_provider_says_nothing(self, database: Database) -> None:
        app, sp = account(), principal()
        source = Source(source_id="search.json", collector="gcp", format="gcp-policies")
        found = results(database, source, known(evidence="search.json"), app, sp)
        assert (found[app.identity_id]["privilege"], found[sp.identity_id]["privilege"]) == ("none", "unknown")

    def test_a_managed_identity_needs_the_directory_as_well_as_its_subscription(self, database: Database) -> None:
        machine = principal("mi", SUBSCRIPTION, IdentityKind.MANAGED_IDENTITY)
        rows = [Account(scope=SUBSCRIPTION, provider="azure", evidence="a#s"), held(machine, READER, f"/subscriptions/{SUBSCRIPTION}")]
        found = results(database, machine, *rows, known(SUBSCRIPTION))[machine.identity_id]
        assert found["privilege"] == "unknown"
        assert "application permissions and directory roles were not in the evidence" in found["reason"]
        rows = [principal("sp"), Account(scope=TENANT, provider="azure", evidence="a#t"), known(TENANT)]
        assert results(database, *rows)[machine.identity_id]["privilege"] == "read"

    def test_a_service_principal_needs_every_subscription_that_is_known(self, database: Database) -> None:
        sp = principal()
        rows = [Account(scope=scope, provider="azure", evidence=f"a#{scope}") for scope in (TENANT, SUBSCRIPTION, OTHER)]
        found = results(database, sp, *rows, known(TENANT), known(SUBSCRIPTION))
        assert OTHER in found[sp.identity_id]["reason"]
        assert results(database, known(OTHER))[sp.identity_id]["privilege"] == "none"


def test_aws_identities_keep_their_rows_and_others_get_none(database: Database) -> None:
    role = Identity(
        identity_id="arn:aws:iam::1:role/r", provider="aws", scope="1", name="r", kind=IdentityKind.IAM_ROLE, evidence="gaad.json#r"
    )
    vault = Identity(identity_id="vault:x", provider="vault", scope="v", name="x", kind=IdentityKind.WORKLOAD, evidence="v#x")
    app = account()
    found = results(database, known(), role, vault, app)
    assert {identity: row["privilege"] for identity, row in found.items()} == {role.identity_id: "none", app.identity_id: "none"}
    assert results(database) == found


def test_an_empty_database_gives_no_rows(database: Database) -> None:
    assert results(database) == {}
