"""AWS asked for what hangs on users, buckets, repositories and clusters: one call each, and no answered one stands for the others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from collectors import COLLECTORS
from collectors.aws.fetch import plan
from collectors.bundle import Collected, collect
from collectors.reading import read
from inventory.model import Coverage, Credential, Enforcement, Entitlement, Guardrail, Identity, IdentityKind, Public, Resource
from tests.collectors.live.fake_aws import (
    ACCOUNT,
    OPTIONS,
    REGION,
    Reply,
    Script,
    Start,
    always,
    as_json,
    details,
    json_refusal,
    one_region,
    refusal,
    user,
    xml,
)

T = TypeVar("T")
BLOCK = "GET /v20180820/configuration/publicAccessBlock"
ECR = "AmazonEC2ContainerRegistry_V20150921"


def asked(scripts: Mapping[str, Script], start: Start, folder: Path) -> tuple[Collected, list[Any]]:
    """The run, and the rows that are read of what it wrote."""
    start(**scripts)
    done = collect(plan(OPTIONS), folder)
    return done, read([folder], COLLECTORS, key=b"k").rows


def only(kind: type[T], rows: list[Any]) -> list[T]:
    return [row for row in rows if isinstance(row, kind)]


def of_user(action: str, lists: str, **members: str) -> Script:
    """A list with one member for each user; the others are denied."""

    def answer(words: Mapping[str, str]) -> Reply:
        member = members.get(words["UserName"])
        if member is None:
            return refusal("AccessDenied", 403)
        filled = f"<UserName>{words['UserName']}</UserName>{member}<UploadDate>2025-03-04T05:06:07Z</UploadDate>"
        return xml(action, f"<{lists}><member>{filled}</member></{lists}><IsTruncated>false</IsTruncated>")

    return answer


USERS = {"GetAccountAuthorizationDetails": always(details("", users=user("git") + user("soap")))}
SERVICE_CREDENTIALS = {
    "ListServiceSpecificCredentials": always(
        xml("ListServiceSpecificCredentials", "<ServiceSpecificCredentials/><IsTruncated>false</IsTruncated>")
    )
}
KEY = "<SSHPublicKeyId>APKAEXAMPLE</SSHPublicKeyId><Status>Active</Status>"
CERTIFICATE = "<CertificateId>CEXAMPLE</CertificateId><Status>Inactive</Status><CertificateBody>canary-certificate</CertificateBody>"


def test_ssh_keys_and_certificates_are_asked_of_every_user(start: Start, tmp_path: Path) -> None:
    scripts = {
        **USERS,
        **SERVICE_CREDENTIALS,
        "ListSSHPublicKeys": of_user("ListSSHPublicKeys", "SSHPublicKeys", git=KEY, soap=KEY.replace("APKA", "APKB")),
        "ListSigningCertificates": of_user(
            "ListSigningCertificates", "Certificates", git=CERTIFICATE, soap=CERTIFICATE.replace("CE", "DE")
        ),
    }
    done, rows = asked(scripts, start, tmp_path / "out")

    assert {(row.native_id, row.identity_id, row.kind.value, row.status.value) for row in only(Credential, rows)} == {
        ("APKAEXAMPLE", f"user:{ACCOUNT}/git", "ssh_key", "active"),
        ("APKBEXAMPLE", f"user:{ACCOUNT}/soap", "ssh_key", "active"),
        ("CEXAMPLE", f"user:{ACCOUNT}/git", "x509_certificate", "inactive"),
        ("DEXAMPLE", f"user:{ACCOUNT}/soap", "x509_certificate", "inactive"),
    }
    assert not [gap for gap in done.gaps if gap["fact"] == "service_credentials"]
    assert "canary" not in "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json"))


def test_one_users_list_that_is_denied_leaves_service_credentials_partial(start: Start, tmp_path: Path) -> None:
    scripts = {
        **USERS,
        **SERVICE_CREDENTIALS,
        "ListSSHPublicKeys": of_user("ListSSHPublicKeys", "SSHPublicKeys", git=KEY),
        "ListSigningCertificates": of_user("ListSigningCertificates", "Certificates", git=CERTIFICATE, soap=CERTIFICATE),
    }
    done, _ = asked(scripts, start, tmp_path / "out")

    (gap,) = [gap for gap in done.gaps if gap["fact"] == "service_credentials"]
    assert (gap["status"], gap["operation"]) == ("partial", "iam:ListSSHPublicKeys")


def test_lists_of_users_alone_do_not_make_service_credentials_partly_known(start: Start, tmp_path: Path) -> None:
    scripts = {**USERS, "ListSSHPublicKeys": of_user("ListSSHPublicKeys", "SSHPublicKeys", git=KEY)}
    done, rows = asked(scripts, start, tmp_path / "out")

    assert {gap["status"] for gap in done.gaps if gap["fact"] == "service_credentials"} == {"denied"}
    assert {row.status.value for row in only(Coverage, rows) if row.fact.value == "service_credentials"} == {"denied"}


def blocked(restricts: bool) -> Reply:
    inner = f"<RestrictPublicBuckets>{str(restricts).lower()}</RestrictPublicBuckets>"
    return Reply(f"<PublicAccessBlockConfiguration>{inner}</PublicAccessBlockConfiguration>")


def test_the_accounts_access_block_is_a_guardrail_on_or_off(start: Start, tmp_path: Path) -> None:
    answers = {
        "on": (blocked(True), Enforcement.ENFORCED),
        "off": (blocked(False), Enforcement.OFF),
        "never set": (refusal("NoSuchPublicAccessBlockConfiguration", 404), Enforcement.OFF),
    }
    for name, (answer, enforcement) in answers.items():
        done, rows = asked({BLOCK: always(answer)}, start, tmp_path / name)
        assert [(row.scope, row.kind, row.enforcement) for row in only(Guardrail, rows)] == [(ACCOUNT, "public_access_block", enforcement)]
        assert not [warning for warning in done.warnings if "PublicAccessBlock" in warning]


def test_an_access_block_that_is_denied_is_told_and_says_nothing_of_it(start: Start, tmp_path: Path) -> None:
    done, rows = asked({}, start, tmp_path / "out")

    assert any("s3control:GetPublicAccessBlock: not allowed" in warning for warning in done.warnings)
    assert not only(Guardrail, rows)


def repository(name: str) -> dict[str, str]:
    return {"repositoryName": name, "repositoryArn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{name}", "registryId": ACCOUNT}


def test_repositories_are_resources_as_open_as_their_policies(start: Start, tmp_path: Path) -> None:
    everyone = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}]}

    def policy(words: Mapping[str, str]) -> Reply:
        name = words["repositoryName"]
        if name == "team/open":
            return as_json({"repositoryName": name, "policyText": json.dumps(everyone)})
        return json_refusal("RepositoryPolicyNotFoundException")

    scripts = {
        "DescribeRegions": one_region,
        f"{ECR}.DescribeRepositories": always(as_json({"repositories": [repository("team/open"), repository("closed")]})),
        f"{ECR}.GetRepositoryPolicy": policy,
    }
    done, rows = asked(scripts, start, tmp_path / "out")

    assert {(row.resource_id.rsplit(":", 1)[-1], row.kind, row.public) for row in only(Resource, rows)} == {
        ("repository/team/open", "ecr_repository", Public.YES),
        ("repository/closed", "ecr_repository", Public.NO),
    }
    assert not [gap for gap in done.gaps if gap["operation"].startswith("ecr:")]


def test_a_repository_whose_policy_is_denied_leaves_resource_policies_partial(start: Start, tmp_path: Path) -> None:
    names = ("closed", "denied")
    scripts = {
        "DescribeRegions": one_region,
        f"{ECR}.DescribeRepositories": always(as_json({"repositories": [repository(name) for name in names]})),
    }
    none_known, _ = asked(scripts, start, tmp_path / "none")

    def policy(words: Mapping[str, str]) -> Reply:
        return json_refusal("RepositoryPolicyNotFoundException" if words["repositoryName"] == "closed" else "AccessDeniedException")

    one_known, _ = asked({**scripts, f"{ECR}.GetRepositoryPolicy": policy}, start, tmp_path / "one")

    for done, status in ((none_known, "denied"), (one_known, "partial")):
        (gap,) = [gap for gap in done.gaps if gap["operation"].startswith("ecr:")]
        assert (gap["fact"], gap["status"], gap["operation"]) == ("resource_policies", status, "ecr:GetRepositoryPolicy")


SUBJECT = {
    "subjectArn": f"arn:aws:rolesanywhere:{REGION}:{ACCOUNT}:subject/11111111-2222-3333-4444-555555555555",
    "subjectId": "11111111-2222-3333-4444-555555555555",
    "enabled": True,
    "x509Subject": "CN=backup",
    "lastSeenAt": "2026-09-20T08:00:00Z",
}
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
PROVIDER = f"arn:aws:bedrock-agentcore:{REGION}:{ACCOUNT}:token-vault/default/"


def provider(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "credentialProviderArn": PROVIDER + name, **more}


def test_subjects_of_roles_anywhere_are_asked_for_their_certificates(start: Start, tmp_path: Path) -> None:
    held = {"serialNumber": "7", "enabled": True, "failed": False, "x509CertificateData": "canary", "seenAt": "2026-09-20T08:00:00Z"}
    scripts = {
        "DescribeRegions": one_region,
        "GET /subjects": always(as_json({"subjects": [SUBJECT]})),
        f"GET /subject/{SUBJECT['subjectId']}": always(
            as_json({"subject": {**SUBJECT, "credentials": [held], "instanceProperties": [{"properties": {"note": "canary"}}]}})
        ),
    }
    done, rows = asked(scripts, start, tmp_path / "out")

    came = [row for row in only(Identity, rows) if row.kind is IdentityKind.CERTIFICATE_SUBJECT]
    assert {(row.name, row.last_used_known) for row in came} == {("CN=backup", True)}
    assert [(row.identity_id, row.last_used_known) for row in only(Credential, rows)] == [(SUBJECT["subjectArn"], True)]
    assert not [warning for warning in done.warnings if "Subject" in warning]
    assert "canary" not in "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json"))


def test_what_agents_hold_is_asked_for_and_nothing_but_where_it_rests_is_kept(start: Start, tmp_path: Path) -> None:
    config = {"oauth2ProviderConfigOutput": {"customOauth2ProviderConfig": {"clientId": "canary"}}, "callbackUrl": "https://canary"}
    answers = {
        "ListApiKeyCredentialProviders": {"credentialProviders": [provider("maps")]},
        "ListOauth2CredentialProviders": {"credentialProviders": [provider("crm", credentialProviderVendor="CustomOauth2")]},
        "GetApiKeyCredentialProvider": provider("maps", apiKeySecretArn={"secretArn": f"{SECRET}maps"}),
        "GetOauth2CredentialProvider": provider("crm", clientSecretArn={"secretArn": f"{SECRET}crm"}, **config),
    }
    scripts = {f"POST /identities/{name}": always(as_json(answer)) for name, answer in answers.items()}
    done, rows = asked({"DescribeRegions": one_region, **scripts}, start, tmp_path / "out")

    assert {(row.name, row.kind.value, row.native_id) for row in only(Credential, rows)} == {
        ("maps", "api_key", f"{SECRET}maps"),
        ("crm", "oauth_client_secret", f"{SECRET}crm"),
    }
    assert not [warning for warning in done.warnings if "CredentialProvider" in warning]
    assert "canary" not in "".join(path.read_text() for path in (tmp_path / "out").rglob("*.json"))


def test_subjects_and_providers_that_are_denied_are_told_and_leave_every_fact_as_it_is(start: Start, tmp_path: Path) -> None:
    done, _ = asked({"DescribeRegions": one_region}, start, tmp_path / "out")

    for operation in ("ListSubjects", "ListApiKeyCredentialProviders", "ListOauth2CredentialProviders"):
        assert any(operation in warning for warning in done.warnings), operation
        assert not any(operation in gap["operation"] for gap in done.gaps), operation


def test_who_gets_into_a_cluster_is_asked_of_every_cluster_and_principal(start: Start, tmp_path: Path) -> None:
    principal, policy = f"arn:aws:iam::{ACCOUNT}:role/role-1", "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    entry = f"/clusters/shop/access-entries/{quote(principal, safe='')}"
    answers = {
        "GET /clusters": {"clusters": ["shop", "closed"]},
        "GET /clusters/shop/access-entries": {"accessEntries": [principal]},
        f"GET {entry}": {
            "accessEntry": {"clusterName": "shop", "principalArn": principal, "type": "STANDARD", "kubernetesGroups": ["ops"]}
        },
        f"GET {entry}/access-policies": {"associatedAccessPolicies": [{"policyArn": policy, "accessScope": {"type": "cluster"}}]},
    }
    scripts = {name: always(as_json(answer)) for name, answer in answers.items()}
    done, rows = asked({"DescribeRegions": one_region, **scripts}, start, tmp_path / "out")

    found = {(row.identity_id, row.policy_name, row.resource) for row in only(Entitlement, rows) if row.via == "eks_access"}
    assert found == {(principal, "Kubernetes group ops", "eks:shop"), (principal, "AmazonEKSClusterAdminPolicy", "eks:shop")}
    assert [warning for warning in done.warnings if "AccessEntries" in warning] == [
        f"{ACCOUNT}: eks:ListAccessEntries: not allowed (403); `nhi collect aws --dry-run` prints the policy that allows it"
    ]
