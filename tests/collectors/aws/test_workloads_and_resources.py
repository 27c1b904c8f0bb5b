"""Functions, tasks, instances, their variables; resource policies, function URLs; the organisation."""

from __future__ import annotations

import json
from typing import Any

import pytest

from collectors.aws.environment import looks_secret
from collectors.document import Problem
from inventory.model import (
    Account,
    Ceiling,
    Coverage,
    CoverageStatus,
    Credential,
    CredentialKind,
    Enforcement,
    Guardrail,
    PolicyDocument,
    Public,
    Resource,
    ResourcePolicy,
    StorageBasis,
    Workload,
)
from tests.collectors.aws.shapes import ACCOUNT, document, only, rows

KEY_ID = "AKIA" + "EXAMPLE000000001"
BUCKET = "arn:aws:s3:::reports"


def function(variables: Any) -> dict[str, Any]:
    name = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    return {"Functions": [{"FunctionName": "f", "FunctionArn": name, "Role": "r", "Environment": {"Variables": variables}}]}


def held(variables: Any) -> list[Credential]:
    return only(Credential, rows("aws-lambda-functions", document(function(variables))))


@pytest.mark.parametrize("name", ["DB_PASSWORD", "PGPASSWORD", "STRIPE_API_KEY", "GITHUB_TOKEN", "client_secret", "PRIVATE_KEY"])
def test_a_variable_named_like_a_secret_and_holding_a_literal_is_one(name: str) -> None:
    assert looks_secret(name, "not-a-real-value-1")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD_ARN", "x"), ("SECRET_NAME", "prod/db"), ("TOKEN_URL", "https://id.example"), ("PASSWORD_MIN_LENGTH", "12"),
        ("DB_PASSWORD", ""), ("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:x"), ("API_KEY", "{{resolve:secretsmanager:x}}"),
        ("USE_TOKEN", "true"), ("REGION", "eu-west-1"), ("TOKEN_TTL", "3600"),
    ],
)  # fmt: skip
def test_references_switches_and_settings_are_no_secrets(name: str, value: str) -> None:
    assert not looks_secret(name, value)


def test_a_key_pair_is_one_credential_with_its_key_id() -> None:
    (key,) = held({"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": "not-a-real-value-2", "STAGE": "prod"})
    assert (key.kind, key.native_id, key.storage_basis) == (CredentialKind.ACCESS_KEY, KEY_ID, StorageBasis.OBSERVED)


def test_names_without_values_are_inferred_and_have_no_fingerprint() -> None:
    (secret,) = held(["DB_PASSWORD", "STAGE"])
    assert (secret.storage_basis, secret.fingerprint) == (StorageBasis.INFERRED, None)
    (starred,) = held({"DB_PASSWORD": "****"})
    assert (starred.storage_basis, starred.fingerprint) == (StorageBasis.INFERRED, None)


def test_values_are_dropped_and_names_kept() -> None:
    found = rows("aws-lambda-functions", document(function({"DB_PASSWORD": "not-a-real-value-3", "STAGE": "prod"})))
    (workload,) = only(Workload, found)
    assert (workload.env_names, workload.environment) == (["DB_PASSWORD", "STAGE"], "prod")
    assert "not-a-real-value-3" not in repr(found)


def test_an_instance_tells_its_profile_and_nothing_of_its_variables() -> None:
    instance = {
        "InstanceId": "i-1",
        "IamInstanceProfile": {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/p"},
        "State": {"Name": "running"},
    }
    (workload,) = only(Workload, rows("aws-ec2-instances", document({"Reservations": [{"OwnerId": ACCOUNT, "Instances": [instance]}]})))
    assert (workload.env_names, workload.identity_id) == (None, f"arn:aws:iam::{ACCOUNT}:instance-profile/p")


def public(policy: Any, **more: Any) -> Public:
    (resource,) = only(Resource, rows("aws-resource-policies", document([{"ResourceArn": BUCKET, "Policy": policy, **more}])))
    return resource.public


def opened(condition: Any = None, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*", **more}
    return json.dumps({"Statement": [{**statement, "Condition": condition} if condition else statement]})


@pytest.mark.parametrize("principal", ["*", {"AWS": "*"}, {"AWS": ["*", "arn:aws:iam::1:root"]}])
def test_a_star_principal_is_open(principal: Any) -> None:
    assert public(opened(Principal=principal)) is Public.YES


def test_transport_alone_does_not_close_it_and_the_organisation_does() -> None:
    assert public(opened({"Bool": {"aws:SecureTransport": "true"}})) is Public.YES
    assert public(opened({"StringEquals": {"aws:PrincipalOrgID": "o-1"}})) is Public.NO


def test_the_public_access_block_closes_it() -> None:
    assert public(opened(), PublicAccessBlock={"RestrictPublicBuckets": True}) is Public.NO
    assert public(opened(), PublicAccessBlock={"RestrictPublicBuckets": False}) is Public.YES


def test_no_policy_and_a_named_principal_are_not_open() -> None:
    assert public(None) is Public.NO
    assert public(opened(Principal={"AWS": "arn:aws:iam::1:root"})) is Public.NO


@pytest.mark.parametrize(
    ("narrowing", "verdict"),
    [
        ({}, Public.NO),
        ({"Action": "s3:PutObject"}, Public.YES),
        ({"Resource": "arn:aws:s3:::reports/private/*"}, Public.UNKNOWN),
        ({"Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-1"}}}, Public.NO),
        ({"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}, Public.YES),
        ({"Condition": {"Bool": {"aws:SecureTransport": "false"}}}, Public.YES),
    ],
)
def test_a_deny_for_everyone_outside_closes_what_it_covers_wholly(narrowing: dict[str, Any], verdict: Public) -> None:
    deny = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}},
        **narrowing,
    }
    both = {"Statement": [json.loads(opened())["Statement"][0], deny]}
    assert public(json.dumps(both)) is verdict


def test_a_policy_that_cannot_be_read_is_never_a_no() -> None:
    found = rows("aws-resource-policies", document([{"ResourceArn": BUCKET, "Policy": "{broken"}]))
    assert [row.public for row in only(Resource, found) if row.public is Public.NO] == []
    assert only(Problem, found)


def test_a_function_url_without_authentication_is_open() -> None:
    url = {
        "FunctionUrl": "https://x.lambda-url.example/",
        "FunctionArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f",
        "AuthType": "NONE",
    }
    assert [row.public for row in only(Resource, rows("aws-function-urls", document(url)))] == [Public.YES]
    assert [row.public for row in only(Resource, rows("aws-function-urls", document({**url, "AuthType": "AWS_IAM"})))] == [Public.NO]


def control(content: Any, kind: str, target: str) -> dict[str, Any]:
    summary = {"Id": "p-1", "Name": "guard", "Type": "SERVICE_CONTROL_POLICY", "AwsManaged": False}
    return {"Policy": {"PolicySummary": summary, "Content": json.dumps(content)}, "Targets": [{"TargetId": target, "Type": kind}]}


DENY = {"Statement": [{"Effect": "Deny", "Action": "iam:CreateUser", "Resource": "*"}]}
ALLOW_ALL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def test_a_control_policy_covers_its_account_or_with_the_root_all() -> None:
    account = only(Guardrail, rows("aws-control-policies", document(control(DENY, "ACCOUNT", ACCOUNT))))
    root = only(Guardrail, rows("aws-control-policies", document(control(DENY, "ROOT", "r-1"))))
    assert [(row.scope, row.enforcement) for row in account + root] == [(ACCOUNT, Enforcement.ENFORCED), ("*", Enforcement.ENFORCED)]


def test_a_policy_that_allows_everything_guards_nothing_and_was_looked_at() -> None:
    found = rows("aws-control-policies", document(control(ALLOW_ALL, "ACCOUNT", ACCOUNT)))
    assert only(Guardrail, found) == []
    assert [(row.scope, row.status) for row in only(Coverage, found)] == [(ACCOUNT, CoverageStatus.COLLECTED)]


def test_a_policy_on_an_organisational_unit_may_guard_any_account_and_is_told() -> None:
    found = rows("aws-control-policies", document(control(DENY, "ORGANIZATIONAL_UNIT", "ou-1")))
    assert [(row.scope, row.enforcement) for row in only(Guardrail, found)] == [("*", Enforcement.UNKNOWN)]
    assert "ou-1" in only(Problem, found)[0].message


def test_while_a_units_accounts_are_unknown_no_account_counts_as_without_a_guard() -> None:
    both = [control(ALLOW_ALL, "ROOT", "r-1"), control(DENY, "ORGANIZATIONAL_UNIT", "ou-1")]
    found = only(Coverage, rows("aws-control-policies", document(both)))
    assert [row.status for row in found if row.scope == "*"] == [CoverageStatus.PARTIAL]


OWNER = "444455556666"


def placed(content: Any, *targets: tuple[str, str]) -> dict[str, Any]:
    """A control policy as list-targets-for-policy shows where it hangs."""
    listed = [
        {"TargetId": target, "Type": kind, "Arn": f"arn:aws:organizations::{OWNER}:{kind.lower()}/o-1/{target}"} for kind, target in targets
    ]
    return {**control(content, "ROOT", "r-1"), "Targets": listed}


def test_control_policies_are_kept_with_where_they_hang_and_whom_they_spare() -> None:
    found = rows(
        "aws-control-policies", document(placed(ALLOW_ALL, ("ROOT", "r-1"), ("ORGANIZATIONAL_UNIT", "ou-1"), ("ACCOUNT", ACCOUNT)))
    )
    assert {(row.scope, row.kind, row.level) for row in only(Ceiling, found)} == {
        ("*", "scp", "r-1"),
        ("ou-1", "scp", "ou-1"),
        (ACCOUNT, "scp", ACCOUNT),
        (OWNER, "exempt", OWNER),
    }
    (kept,) = only(PolicyDocument, found)
    assert json.loads(kept.document) == ALLOW_ALL
    assert {row.document_id for row in only(Ceiling, found)} == {kept.document_id}


def test_the_policy_of_a_resource_is_kept_without_the_values_that_callers_must_know() -> None:
    secret = {"StringEquals": {"aws:Referer": ["only-we-know"], "aws:SourceVpc": "vpc-1"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": secret}
    found = rows("aws-resource-policies", document({"ResourceArn": "arn:aws:s3:::b", "Policy": json.dumps({"Statement": [statement]})}))
    (kept,) = only(PolicyDocument, found)
    (policy,) = only(ResourcePolicy, found)
    assert (policy.resource_id, policy.document_id) == ("arn:aws:s3:::b", kept.document_id)
    assert "only-we-know" not in kept.document
    assert json.loads(kept.document)["Statement"][0]["Condition"]["StringEquals"]["aws:SourceVpc"] == "vpc-1"
    assert not only(ResourcePolicy, rows("aws-resource-policies", document({"ResourceArn": "arn:aws:s3:::b", "Policy": None})))


def test_a_trail_logs_only_when_its_status_says_so() -> None:
    trail = f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/t"
    (listed,) = only(Guardrail, rows("aws-trails", document({"trailList": [{"Name": "t", "TrailARN": trail, "IsMultiRegionTrail": True}]})))
    (status,) = only(Guardrail, rows("aws-trail-status", document({"TrailARN": trail, "IsLogging": False})))
    assert (listed.enforcement, status.enforcement) == (Enforcement.UNKNOWN, Enforcement.OFF)


def test_accounts_of_the_organisation_are_ours() -> None:
    listed = {"Accounts": [{"Id": ACCOUNT, "Arn": "arn:aws:organizations::1:account/o-1/1", "Name": "prod", "Status": "ACTIVE"}]}
    assert [(row.scope, row.name) for row in only(Account, rows("aws-accounts", document(listed)))] == [(ACCOUNT, "prod")]


def test_a_repository_policy_is_judged_as_any_resource_policy() -> None:
    """ECR names no Resource in its policies: the wrapping does."""
    repository = f"arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/team/app"
    policy = {"Version": "2008-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}]}
    (resource,) = only(Resource, rows("aws-resource-policies", document({"ResourceArn": repository, "Policy": json.dumps(policy)})))
    assert (resource.kind, resource.name, resource.scope, resource.public) == ("ecr_repository", "app", ACCOUNT, Public.YES)
