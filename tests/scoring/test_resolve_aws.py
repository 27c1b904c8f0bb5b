"""What several AWS exports say of one thing: buckets under the account's block, certificates listed with and without ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from inventory.model import (
    Credential,
    CredentialKind,
    Enforcement,
    Entitlement,
    Guardrail,
    Human,
    Identity,
    IdentityKind,
    Public,
    Resource,
    Row,
    Sighting,
    Status,
    Storage,
)
from tests.scoring.estates import ACCOUNT, judged, policy, staged, user, user_arn

BUCKET, BLOCK = "arn:aws:s3:::reports", "block.json"


def bucket(public: Public = Public.YES, scope: str = ACCOUNT, kind: str = "s3_bucket") -> Resource:
    reason = "statement 1 lets Principal `*` in without a limiting condition"
    return Resource(
        resource_id=BUCKET,
        provider="aws",
        scope=scope,
        kind=kind,
        name="reports",
        public=public,
        public_reason=reason,
        evidence="s3.json#b",
    )


def block(enforcement: Enforcement, evidence: str = f"{BLOCK}#account") -> Guardrail:
    return Guardrail(
        guardrail_id="block",
        scope=ACCOUNT,
        kind="public_access_block",
        name="RestrictPublicBuckets",
        enforcement=enforcement,
        basis="observed",
        evidence=evidence,
    )


def public(*rows: Row, stale: tuple[str, ...] = ()) -> str:
    """The verdict on the bucket, whose reason names the block where that decides it."""
    (found,) = staged(*rows, stale_sources=stale).rows("SELECT public, public_reason FROM main.resource")
    assert ("account's public access block" in found["public_reason"]) == (found["public"] == "no")
    return str(found["public"])


@pytest.mark.parametrize(
    ("blocks", "verdict"),
    [((), "yes"), ((Enforcement.ENFORCED,), "no"), ((Enforcement.OFF,), "yes"), ((Enforcement.UNKNOWN,), "yes")],
)
def test_only_a_block_that_restricts_closes_an_open_bucket(blocks: tuple[Enforcement, ...], verdict: str) -> None:
    assert public(bucket(), *map(block, blocks)) == verdict


def test_the_block_of_an_account_closes_no_bucket_of_another_and_nothing_but_buckets() -> None:
    assert public(bucket(scope="444455556666"), block(Enforcement.ENFORCED)) == "yes"
    assert public(bucket(kind="sqs_queue"), block(Enforcement.ENFORCED)) == "yes"


def test_a_block_of_which_sources_disagree_or_that_was_told_long_ago_closes_nothing() -> None:
    assert public(bucket(), block(Enforcement.ENFORCED), block(Enforcement.OFF, "other.json#account")) == "yes"
    assert public(bucket(), block(Enforcement.ENFORCED), stale=(BLOCK,)) == "yes"


def test_what_is_unknown_of_a_bucket_stays_unknown() -> None:
    assert public(bucket(Public.UNKNOWN), block(Enforcement.ENFORCED)) == "unknown"


def test_a_closed_bucket_passes_and_its_block_is_no_guardrail_for_workloads() -> None:
    database = judged(*user(), bucket(), block(Enforcement.ENFORCED))
    checks = database.rows(
        "SELECT check_id, passed, failed FROM main.check_result WHERE check_id IN ('resource-open-to-anyone', 'guardrail-missing') ORDER BY 1"
    )
    assert [tuple(row.values()) for row in checks] == [("guardrail-missing", 0, 1), ("resource-open-to-anyone", 1, 0)]


def certificate(credential_id: str, native: str | None, created: datetime) -> Credential:
    return Credential(
        credential_id=credential_id,
        identity_id=user_arn("svc"),
        provider="aws",
        scope=ACCOUNT,
        name=credential_id,
        kind=CredentialKind.X509_CERTIFICATE,
        native_id=native,
        created_at=created,
        rotated_at=created,
        status=Status.ACTIVE,
        evidence=f"{'list' if native else 'report'}.json#{credential_id}",
    )


def test_a_certificate_of_the_credential_report_is_the_listed_one_of_its_second() -> None:
    first, second = datetime(2025, 3, 4, 5, 6, 7), datetime(2025, 9, 4)
    slots = [certificate(f"aws:signing_certificate:{user_arn('svc')}/{n}", None, at) for n, at in (("1", first), ("2", second))]
    database = staged(*user(), *slots, certificate("aws:signing_certificate:C1", "C1", first))
    found = database.rows("SELECT native_id, name FROM main.credential WHERE kind = 'x509_certificate' ORDER BY created_at")
    assert [(row["native_id"], row["name"]) for row in found] == [
        ("C1", "aws:signing_certificate:C1"),
        (None, f"aws:signing_certificate:{user_arn('svc')}/2"),
    ]


def test_agents_and_certificate_subjects_are_not_waited_for_where_iam_tells_what_its_principals_called() -> None:
    """Service usage is known when every principal of IAM was looked at."""
    others = [
        Identity(
            identity_id=f"arn:{kind}", provider="aws", scope=ACCOUNT, name=kind, kind=kind, human=Human.NONHUMAN, evidence=f"x.json#{kind}"
        )
        for kind in (IdentityKind.AI_AGENT, IdentityKind.CERTIFICATE_SUBJECT)
    ]
    looked = Sighting(subject_kind="service_usage", subject_id=user_arn("svc"), evidence="used.json#svc")
    (found,) = staged(*user(), *others, looked).rows("SELECT status FROM main.coverage WHERE fact = 'service_usage'")
    assert found["status"] == "collected"


def test_a_secret_that_an_agent_uses_is_one_credential_of_the_kind_that_its_provider_tells() -> None:
    arn = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:maps-AbCdEf"
    listed = Credential(
        credential_id=f"aws:secret:{arn}",
        provider="aws",
        scope=ACCOUNT,
        name="maps",
        kind=CredentialKind.STORED_SECRET,
        native_id=arn,
        storage=Storage.SECRETS_MANAGER,
        status=Status.INACTIVE,
        evidence="secrets.json#maps",
    )
    told = replace(listed, kind=CredentialKind.API_KEY, status=Status.UNKNOWN, evidence="providers.json#maps")
    found = staged(listed, told).rows("SELECT kind, status FROM main.credential")
    assert [tuple(row.values()) for row in found] == [("api_key", "inactive")]


CLUSTER = Entitlement(
    identity_id=user_arn("svc"),
    document_id=None,
    via="eks_access",
    policy_name="AdminPolicy",
    resource="eks:shop",
    evidence="a-cluster.json#shop",
)


@pytest.mark.parametrize(
    ("action", "alone", "with_cluster"),
    [("s3:GetObject", "read", "unknown"), ("s3:PutObject", "write", "write"), ("*", "admin", "admin")],
)
def test_access_to_a_cluster_stands_beside_policies_and_makes_little_of_them_unknown(action: str, alone: str, with_cluster: str) -> None:
    """What a principal may do in Kubernetes is not judged, so it cannot pass for one that only reads."""
    for rows, privilege, count in (((), alone, 1), ((CLUSTER,), with_cluster, 2)):
        database = staged(*user(), *policy(user_arn("svc"), action), *rows)
        (found,) = database.rows("SELECT privilege FROM main.privilege")
        assert found["privilege"] == privilege
        assert database.value("SELECT count(*) FROM main.entitlement") == count
