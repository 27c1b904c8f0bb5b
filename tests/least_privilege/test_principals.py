"""The verdicts of a whole database, one row per AWS identity."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from inventory.database import Database
from inventory.model import Coverage, CoverageStatus, Entitlement, Fact, Identity, IdentityKind, PolicyDocument, Sighting, Source
from scoring.least_privilege.aws.principals import only_assumes_roles, principal_privileges
from tests.least_privilege.policies import Json, allow, text

ONE, TWO = "111111111111", "222222222222"


def arn(name: str, account: str = ONE) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as database:
        yield database


def identity(name: str, account: str = ONE, **rest: Any) -> Identity:
    facts = {"identity_id": arn(name, account), "provider": "aws", "scope": account, "name": name, "kind": IdentityKind.IAM_ROLE}
    return Identity(**{**facts, "evidence": f"gaad.json#{name}", **rest})


def held(name: str, *statements: Json, policy: str = "inline", via: str = "inline", account: str = ONE, **rest: Any) -> list[Any]:
    """An entitlement of an identity, and its document."""
    document = text(*statements)
    document_id = hashlib.sha256(document.encode()).hexdigest()[:32]
    facts = {
        "identity_id": arn(name, account),
        "document_id": document_id,
        "via": via,
        "policy_name": policy,
        "evidence": f"gaad.json#{name}/{policy}",
    }
    return [Entitlement(**{**facts, **rest}), PolicyDocument(document_id=document_id, document=document)]


def covered(scope: str = ONE, status: CoverageStatus = CoverageStatus.COLLECTED, **rest: Any) -> Coverage:
    return Coverage(fact=Fact.POLICIES, scope=scope, status=status, **rest)


def results(database: Database, *rows: Any) -> dict[str, dict[str, Any]]:
    documents = {row.document_id: row for row in rows if isinstance(row, PolicyDocument)}
    database.insert([*(row for row in rows if not isinstance(row, PolicyDocument)), *documents.values()])
    principal_privileges(database)
    return {row["identity_id"]: row for row in database.rows("SELECT * FROM main.privilege")}


def test_identities_share_the_verdict_on_a_policy_set_and_keep_their_own_evidence(database: Database) -> None:
    rows = [covered(), identity("a"), identity("b"), *held("a", allow("*"), policy="All"), *held("b", allow("*"), policy="Everything")]
    found = results(database, *rows)
    assert found[arn("a")] == {
        "identity_id": arn("a"),
        "privilege": "admin",
        "reason": "policy All: statement 0 allows * on all resources",
        "evidence": ["gaad.json#a/All"],
    }
    assert found[arn("b")]["reason"] == "policy Everything: statement 0 allows * on all resources"
    assert database.value("SELECT count(*) FROM main.policy_permission") == 1
    assert database.value("SELECT count(*) FROM judging.set_verdict") == 1


def test_running_twice_gives_the_same_rows(database: Database) -> None:
    first = results(database, covered(), identity("a"), *held("a", allow("s3:*")))
    principal_privileges(database)
    assert {row["identity_id"]: row for row in database.rows("SELECT * FROM main.privilege")} == first
    assert database.value("SELECT count(*) FROM main.policy_permission") == 1


def test_the_evidence_is_the_policies_that_decide(database: Database) -> None:
    rows = [*held("a", allow("s3:GetObject"), policy="look"), *held("a", allow("s3:PutObject"), policy="put")]
    found = results(database, covered(), identity("a"), *rows)[arn("a")]
    assert (found["privilege"], found["evidence"]) == ("write", ["gaad.json#a/put"])


def test_no_policy_is_none_only_where_the_policies_were_collected(database: Database) -> None:
    gap = covered(TWO, CoverageStatus.DENIED, reason="GetAccountAuthorizationDetails was refused")
    other = identity("c", "333333333333")
    found = results(database, covered(ONE), gap, identity("a"), identity("b", TWO), other)
    assert (found[arn("a")]["privilege"], found[arn("a")]["reason"]) == ("none", "no policy is attached to it")
    assert found[arn("a")]["evidence"] == ["gaad.json#a"]
    assert found[arn("b", TWO)]["privilege"] == "unknown"
    assert found[arn("b", TWO)]["reason"] == "not all of its policies may be known: denied: GetAccountAuthorizationDetails was refused"
    assert found[other.identity_id]["reason"] == "not all of its policies may be known: no source lists the policies of 333333333333"


def test_coverage_of_everything_counts_for_every_account(database: Database) -> None:
    assert results(database, covered("*"), identity("a"))[arn("a")]["privilege"] == "none"


def test_the_accounts_own_gap_outweighs_coverage_of_everything(database: Database) -> None:
    assert results(database, covered("*"), covered(ONE, CoverageStatus.PARTIAL), identity("a"))[arn("a")]["privilege"] == "unknown"


def test_a_level_counts_only_where_all_policies_are_known_but_administration_always_does(database: Database) -> None:
    rows = [identity("a"), identity("b"), *held("a", allow("s3:PutObject")), *held("b", allow("*"))]
    found = results(database, covered(status=CoverageStatus.PARTIAL, reason="page 2 is missing"), *rows)
    assert found[arn("a")]["privilege"] == "unknown"
    assert found[arn("a")]["reason"] == "not all of its policies may be known: partial: page 2 is missing"
    assert found[arn("b")]["privilege"] == "admin"


def test_an_identity_that_the_policy_listing_does_not_name_is_unknown(database: Database) -> None:
    files = [
        Source(source_id="gaad.json", collector="aws", format="aws-gaad"),
        Source(source_id="report.csv", collector="aws", format="aws-credential-report"),
    ]
    late = identity("late", evidence="report.csv#user=late")
    both = identity("both", evidence="report.csv#user=both")
    sighting = Sighting(subject_kind="identity", subject_id=both.identity_id, evidence="gaad.json#both")
    found = results(database, *files, covered(evidence="gaad.json"), late, both, sighting)
    assert found[late.identity_id]["privilege"] == "unknown"
    assert "does not name it" in found[late.identity_id]["reason"]
    assert found[both.identity_id]["privilege"] == "none"


def test_a_policy_without_text_is_unknown_and_named(database: Database) -> None:
    rows = [covered(), identity("a"), *held("a", allow("s3:GetObject")), missing("a", "Custom", f"arn:aws:iam::{ONE}:policy/Custom")]
    found = results(database, *rows)[arn("a")]
    assert found["privilege"] == "unknown"
    assert (
        found["reason"] == f"policy Custom: a policy cannot be judged: the text of arn:aws:iam::{ONE}:policy/Custom was not in the evidence"
    )
    assert found["evidence"] == ["gaad.json#a/Custom"]


def missing(name: str, policy: str, policy_id: str | None, via: str = "managed") -> Entitlement:
    facts = {"identity_id": arn(name), "document_id": None, "via": via, "policy_name": policy, "policy_id": policy_id}
    return Entitlement(**facts, evidence=f"gaad.json#{name}/{policy}")  # type: ignore[arg-type]  # values of several types


def test_a_document_that_is_referred_to_but_absent_is_a_policy_without_text(database: Database) -> None:
    entitlement, _ = held("a", allow("s3:GetObject"), policy="Lost")
    assert results(database, covered(), identity("a"), entitlement)[arn("a")]["privilege"] == "unknown"


def test_administrator_access_decides_without_its_text(database: Database) -> None:
    managed = "arn:aws:iam::aws:policy/AdministratorAccess"
    rows = [covered(), identity("a"), identity("b"), identity("c"), missing("a", "AdministratorAccess", managed)]
    rows += [missing("b", "AdministratorAccess", f"arn:aws:iam::{ONE}:policy/AdministratorAccess")]
    rows += [missing("c", "AdministratorAccess", managed, via="boundary"), *held("c", allow("s3:PutObject"))]
    found = results(database, *rows)
    assert found[arn("a")]["privilege"] == "admin"
    assert found[arn("b")]["privilege"] == "unknown"
    assert found[arn("c")]["privilege"] == "write"


def test_aws_managed_read_policies_without_text_leave_administration_out(database: Database) -> None:
    rows = [
        covered(),
        identity("a"),
        missing("a", "SecurityAudit", "arn:aws:iam::aws:policy/SecurityAudit"),
        *held("a", allow("s3:PutObject")),
    ]
    assert results(database, *rows)[arn("a")]["privilege"] == "write"


def test_a_boundary_limits(database: Database) -> None:
    rows = [covered(), identity("a"), *held("a", allow("*")), *held("a", allow("s3:Get*"), via="boundary", policy="limit")]
    assert results(database, *rows)[arn("a")]["privilege"] == "read"


def test_a_set_that_names_an_account_is_judged_for_each_account(database: Database) -> None:
    statement = allow("iam:PutRolePolicy", on=f"arn:aws:iam::{ONE}:role/*")
    rows = [covered("*"), identity("a"), identity("a", TWO), *held("a", statement), *held("a", statement, account=TWO)]
    found = results(database, *rows)
    assert found[arn("a")]["privilege"] == "admin"
    assert found[arn("a", TWO)]["privilege"] == "write"


def test_the_root_user_is_an_administrator(database: Database) -> None:
    root = identity("root", identity_id=f"arn:aws:iam::{ONE}:root", kind=IdentityKind.ROOT)
    assert results(database, root)[root.identity_id]["privilege"] == "admin"


def test_what_is_neither_user_nor_role_is_unknown(database: Database) -> None:
    other = identity("w", identity_id=f"arn:aws:bedrock-agentcore:eu-west-1:{ONE}:workload-identity/w", kind=IdentityKind.AI_AGENT)
    assert results(database, covered(), other)[other.identity_id]["privilege"] == "unknown"


def test_identities_of_other_providers_have_no_row(database: Database) -> None:
    assert results(database, covered("*"), identity("a", provider="gcp")) == {}


def test_those_who_only_assume_roles_are_listed_with_their_evidence(database: Database) -> None:
    rows = [covered(), *(identity(name) for name in "abc")]
    rows += [*held("a", allow("sts:AssumeRole"), policy="assume"), *held("b", allow("sts:AssumeRole", "s3:GetObject"))]
    rows += [*held("c", allow("sts:AssumeRole", on="arn:aws:iam::9:role/x"), account=TWO), identity("c", TWO)]
    results(database, *rows)
    only_assumes_roles(database)
    # c of the second account is left out: nobody said that all of its policies are known
    assert database.rows("SELECT * FROM judging.only_assumes_roles") == [{"identity_id": arn("a"), "evidence": ["gaad.json#a/assume"]}]


def test_an_empty_database_gives_no_rows(database: Database) -> None:
    assert results(database) == {}
    only_assumes_roles(database)
    assert database.rows("SELECT * FROM judging.only_assumes_roles") == []
    assert "only_assumes_roles" not in database.tables()
