"""Trust policies: who may become a role, and whether the conditions keep others out.

IAM conditions are read here, once; SQL only ever sees the verdict.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import listed, parse_arn, statements
from inventory.model import PrincipalKind, Safety, Trust

LIMITING_KEYS = frozenset(
    {
        "aws:principalorgid",
        "aws:principalorgpaths",
        "aws:principalaccount",
        "aws:principalarn",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourcearn",
        "aws:sourcevpce",
        "aws:sourcevpc",
        "aws:userid",
        "aws:username",
        "aws:calledvia",
        "aws:sourceip",
    }
)
"""Condition keys that tie an open principal to a known caller.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

UNIQUE_ID = re.compile(r"^A[A-Z0-9]{15,}$")
"""What AWS shows where the trusted principal was deleted: its unique id (AIDA…, AROA…)."""

GITHUB_OWNER = re.compile(r"^(repo|repository_owner):[^*?/]+", re.IGNORECASE)
SERVICE_ACCOUNT = re.compile(r"^system:serviceaccount:[^*?:]+")
BROAD_SUBJECTS = {"*", "", "repo:*", "repo:*/*", "repo:*:*", "system:serviceaccount:*", "system:serviceaccount:*:*", "project_path:*"}
POSITIVE = ("stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike")


def trusts(identity_id: str, policy: Mapping[str, Any], evidence: str) -> Iterator[Trust]:
    """One row per principal that an Allow statement lets assume the role. Raises ValueError for a malformed policy."""
    for statement in statements(policy):
        if statement.get("Effect") != "Allow" or not _lets_assume(statement):
            continue
        conditions = _conditions(statement.get("Condition"))
        principal = statement.get("Principal")
        if principal is None:  # NotPrincipal: everyone but a few
            principal = "*" if "NotPrincipal" in statement else {}
        groups = {"AWS": principal} if isinstance(principal, str) else principal
        for kind, names in groups.items():
            for name in listed(names):
                yield _trust(identity_id, str(kind), str(name), conditions, evidence)


def _lets_assume(statement: Mapping[str, Any]) -> bool:
    if "NotAction" in statement:
        return True
    actions = [str(action).lower() for action in listed(statement.get("Action"))]
    return any(action == "*" or action.startswith(("sts:assumerole", "sts:*")) for action in actions)


def limits_caller(raw: Any) -> bool:
    """Whether a Condition ties an open principal to known callers."""
    return any(key in LIMITING_KEYS and _not_all(values) for _, key, values in _conditions(raw))


def _conditions(raw: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    """(operator, key, values), lower case but for the values. `…IfExists`, `ForAllValues:` (it holds for a missing
    key) and negative operators never limit, so they are left out."""
    found: list[tuple[str, str, tuple[str, ...]]] = []
    for operator, block in (raw or {}).items():
        plain = operator.lower().removeprefix("foranyvalue:")
        if plain not in POSITIVE and not plain.startswith("ipaddress"):
            continue
        found.extend((plain, key.lower(), tuple(str(value) for value in listed(values))) for key, values in block.items())
    return found


def _not_all(values: tuple[str, ...]) -> bool:
    return bool(values) and not any(set(value) <= {"*", "?"} or value in ("0.0.0.0/0", "::/0") for value in values)


def _trust(identity_id: str, kind: str, name: str, conditions: list[tuple[str, str, tuple[str, ...]]], evidence: str) -> Trust:
    verdict = _judged(kind, name, conditions)
    identity = json.dumps([identity_id, kind, name, sorted(conditions)], separators=(",", ":"))
    return Trust(trust_id=hashlib.sha256(identity.encode()).hexdigest()[:24], identity_id=identity_id, evidence=evidence, **verdict)


def _judged(kind: str, name: str, conditions: list[tuple[str, str, tuple[str, ...]]]) -> dict[str, Any]:
    if kind == "Service":
        return {
            "principal_kind": PrincipalKind.SERVICE,
            "principal": name,
            "safety": Safety.SAFE,
            "safety_reason": "an AWS service of the account",
        }
    if kind == "Federated":
        return _federated(name, conditions)
    if kind == "AWS":
        return _aws(name, conditions)
    return {"principal_kind": PrincipalKind.UNKNOWN, "principal": name, "safety_reason": f"principal type {kind} is not understood"}


def _aws(name: str, conditions: list[tuple[str, str, tuple[str, ...]]]) -> dict[str, Any]:
    external = any(key == "sts:externalid" and _not_all(values) for _, key, values in conditions)
    limited = any(key in LIMITING_KEYS and _not_all(values) for _, key, values in conditions)
    if name == "*":
        if not limited:
            return {
                "principal_kind": PrincipalKind.ANONYMOUS,
                "principal": "*",
                "external_id": external,
                "safety": Safety.UNSAFE,
                "safety_reason": "anyone may assume it: Principal `*` without a limiting condition",
            }
        return {
            "principal_kind": PrincipalKind.ACCOUNT,
            "principal": "*",
            "safety": Safety.SAFE,
            "safety_reason": "open principal, limited by condition",
        }
    if UNIQUE_ID.match(name):
        return {
            "principal_kind": PrincipalKind.UNKNOWN,
            "principal": name,
            "safety": Safety.SAFE,
            "safety_reason": "the principal was deleted",
        }
    safety = Safety.SAFE if external or limited else Safety.UNKNOWN
    reason = "the condition asks for an ExternalId" if external else "limited by condition" if limited else "no ExternalId is asked for"
    common = {"external_id": external, "safety": safety, "safety_reason": reason}
    if name.isdigit() and len(name) == 12:
        return {"principal_kind": PrincipalKind.ACCOUNT, "principal": f"arn:aws:iam::{name}:root", "principal_scope": name, **common}
    arn = parse_arn(name)
    if arn is None:
        return {"principal_kind": PrincipalKind.UNKNOWN, "principal": name, **common}
    if arn.resource == "root":
        return {"principal_kind": PrincipalKind.ACCOUNT, "principal": name, "principal_scope": arn.account, **common}
    if arn.resource.startswith("role/aws-service-role/"):
        return {"principal_kind": PrincipalKind.SERVICE, "principal": name, "principal_scope": arn.account, "safety": Safety.SAFE,
                "safety_reason": "a service-linked role: only its AWS service can be the caller"}  # fmt: skip
    role = arn.resource.split("/")[-2] if arn.service == "sts" and arn.resource.startswith("assumed-role/") else arn.name
    return {
        "principal_kind": PrincipalKind.PRINCIPAL,
        "principal": name,
        "principal_scope": arn.account,
        "human": role.startswith("AWSReservedSSO_"),
        **common,
    }


def _federated(name: str, conditions: list[tuple[str, str, tuple[str, ...]]]) -> dict[str, Any]:
    if ":saml-provider/" in name:
        return {
            "principal_kind": PrincipalKind.SAML,
            "principal": name,
            "human": True,
            "safety": Safety.SAFE,
            "safety_reason": "people, through SAML",
        }
    issuer = name.split(":oidc-provider/", 1)[-1]
    claims = {key.removeprefix(f"{issuer.lower()}:"): values for _, key, values in conditions if key.startswith(f"{issuer.lower()}:")}
    if issuer == "cognito-identity.amazonaws.com" and "unauthenticated" in claims.get("amr", ()):
        return {"principal_kind": PrincipalKind.ANONYMOUS, "principal": issuer, "safety": Safety.UNSAFE,
                "safety_reason": "guests of the identity pool may assume it without signing in"}  # fmt: skip
    subjects, audiences = claims.get("sub", ()), claims.get("aud", ())
    safety, reason = _subject_safety(issuer, subjects, audiences)
    return {
        "principal_kind": PrincipalKind.OIDC,
        "principal": issuer,
        "subject_pattern": "; ".join(sorted(subjects)) or None,
        "audience": "; ".join(sorted(audiences)) or None,
        "safety": safety,
        "safety_reason": reason,
    }


def _subject_safety(issuer: str, subjects: tuple[str, ...], audiences: tuple[str, ...]) -> tuple[Safety, str]:
    if issuer == "cognito-identity.amazonaws.com":  # the pool id is the tenant there, and stands in aud
        return (
            (Safety.SAFE, "limited to one identity pool")
            if _not_all(audiences)
            else (Safety.UNSAFE, "any identity pool may assume it: no aud condition")
        )
    if not subjects:
        return Safety.UNSAFE, f"any workload of {issuer} may assume it: no sub condition"
    broad = [subject for subject in subjects if _is_broad(issuer, subject)]
    if broad:
        return Safety.UNSAFE, f"the sub condition is too wide: {broad[0]}"
    return Safety.SAFE, "the sub condition names its workloads"


def _is_broad(issuer: str, subject: str) -> bool:
    if subject.strip() in BROAD_SUBJECTS or set(subject) <= {"*", "?", ":"}:
        return True
    if "token.actions.githubusercontent.com" in issuer:
        return not GITHUB_OWNER.match(subject)
    if ".eks." in issuer or subject.startswith("system:"):
        return not SERVICE_ACCOUNT.match(subject)
    return subject.startswith("*")
