"""Trust policies: who may become a role."""

from __future__ import annotations

from generator.company import GITHUB, Account
from generator.estate import Json

GITHUB_ISSUER = "token.actions.githubusercontent.com"
EKS_ISSUER = "oidc.eks.eu-west-1.amazonaws.com/id/5A3F0C7D9E1B2468SAMPLE0123456789"


def _trust(principal: Json | str, condition: Json | None = None, action: str = "sts:AssumeRole") -> Json:
    statement: Json = {"Effect": "Allow", "Principal": principal, "Action": action}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def service(*names: str, source_account: Account | None = None) -> Json:
    """An AWS service; `source_account` keeps other customers' use of that service out."""
    hosts = [name if "." in name else f"{name}.amazonaws.com" for name in names]
    condition = {"StringEquals": {"aws:SourceAccount": source_account.id}} if source_account else None
    return _trust({"Service": hosts if len(hosts) > 1 else hosts[0]}, condition)


def pod_identity() -> Json:
    trust = _trust({"Service": "pods.eks.amazonaws.com"})
    trust["Statement"][0]["Action"] = ["sts:AssumeRole", "sts:TagSession"]
    return trust


def github(account: Account, repository: str, ref: str | None) -> Json:
    """A GitHub Actions job. `ref` None: the sub condition was forgotten, so that any repository in the world may assume the role."""
    condition: Json = {"StringEquals": {f"{GITHUB_ISSUER}:aud": "sts.amazonaws.com"}}
    if ref:
        condition["StringLike"] = {f"{GITHUB_ISSUER}:sub": f"repo:{GITHUB}/{repository}:{ref}"}
    return _federated(account, GITHUB_ISSUER, condition)


def kubernetes(account: Account, namespace: str, service_account: str) -> Json:
    subject = f"system:serviceaccount:{namespace}:{service_account}"
    operator = "StringLike" if "*" in subject else "StringEquals"
    return _federated(
        account,
        EKS_ISSUER,
        {operator: {f"{EKS_ISSUER}:sub": subject}, "ForAllValues:StringEquals": {f"{EKS_ISSUER}:aud": ["sts.amazonaws.com"]}},
    )


def _federated(account: Account, issuer: str, condition: Json) -> Json:
    return _trust({"Federated": f"arn:aws:iam::{account.id}:oidc-provider/{issuer}"}, condition, "sts:AssumeRoleWithWebIdentity")


def google(subject: str) -> Json:
    """A service account of Google Cloud, by its unique id. AWS knows Google without a provider of the account's own."""
    condition = {"StringEquals": {"accounts.google.com:aud": subject, "accounts.google.com:sub": subject}}
    return _trust({"Federated": "accounts.google.com"}, condition, "sts:AssumeRoleWithWebIdentity")


def principals(*arns: str, external_id: str | None = None) -> Json:
    """Named principals or account roots; `external_id` as vendors ask for."""
    condition = {"StringEquals": {"sts:ExternalId": external_id}} if external_id else None
    return _trust({"AWS": list(arns) if len(arns) > 1 else arns[0]}, condition)


def anyone(organization: str | None = None) -> Json:
    """Principal `*`: the world, or with `organization` every account of ours."""
    return _trust({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": organization}} if organization else None)


def saml(account: Account) -> Json:
    return _trust(
        {"Federated": f"arn:aws:iam::{account.id}:saml-provider/QuillhavenADFS"},
        {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
        "sts:AssumeRoleWithSAML",
    )


def single_sign_on(account: Account) -> Json:
    trust = _trust(
        {"Federated": f"arn:aws:iam::{account.id}:saml-provider/AWSSSO_0123456789abcdef_DO_NOT_DELETE"},
        {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
    )
    trust["Statement"][0]["Action"] = ["sts:AssumeRoleWithSAML", "sts:TagSession"]
    return trust
