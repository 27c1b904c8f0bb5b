"""Trust policies: who may become a role, and whether the conditions keep others out.

IAM conditions are read here, once; SQL only ever sees the verdict. A policy that cannot be read gives one row of which nothing is known.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from collectors.aws.common import decoded_policy, parse_arn, statements, texts
from collectors.aws.conditions import Condition, Demands, demands, has_wildcard, narrowing, parse_conditions, ties
from collectors.aws.subjects import admits_guests, claims_of, judged
from inventory.model import PrincipalKind, Safety, Trust

ASSUME_ACTIONS = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")

UNIQUE_ID = re.compile(r"A(IDA|ROA|GPA|NPA|NVA|IPA)[A-Z0-9]{12,}")
"""What AWS shows where the trusted principal was deleted: its unique id.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids"""

ORGANIZATION_KEYS = ("aws:principalorgid", "aws:principalorgpaths")
"""What makes a named account safe without an ExternalId. A vendor's own role or address does not: its other customers come from there too."""

ANCHORED = ("aws:sourcearn",)
CERTIFICATE_SERVICE = "rolesanywhere.amazonaws.com"
"""IAM Roles Anywhere: a certificate buys the credentials. Which trust anchor may, is said by aws:SourceArn."""

Verdict = dict[str, Any]


def trusts(identity_id: str, policy: Any, evidence: str) -> Iterator[Trust]:
    """One row per principal that an Allow statement lets assume the role. Raises ValueError for a malformed policy."""
    found = statements(decoded_policy(policy))
    denies = [statement for statement in found if statement["Effect"] == "Deny"]
    for statement in found:
        granted = _assume_actions(statement)
        if statement["Effect"] == "Deny" or not granted:
            continue
        narrowed = narrowing((deny, _covers(_assume_actions(deny), granted)) for deny in denies)
        conditions = (*parse_conditions(statement.get("Condition")), *narrowed.conditions)
        principals = list(_principals(statement))
        if narrowed.closed:
            continue
        limited = narrowed.doubtful or any(_limits(condition, identity_id.split(":")[4]) for condition in conditions)
        for kind, name in principals:
            for verdict in _judged(identity_id, kind, name, conditions, narrowed.doubtful):
                yield _trust(identity_id, kind, name, conditions, {**verdict, "conditional": limited}, evidence)


def unreadable(identity_id: str, reason: str, evidence: str) -> Trust:
    """The row of a trust policy that could not be read: anyone may be trusted, or no one."""
    verdict: Verdict = {
        "principal_kind": PrincipalKind.UNKNOWN,
        "principal": "?",
        "safety_reason": f"its trust policy was not read: {reason}",
    }
    return _trust(identity_id, "", "?", (), verdict, evidence)


def _assume_actions(statement: Mapping[str, Any]) -> frozenset[str]:
    """Which ways to assume a role the statement speaks of."""
    key = next((name for name in ("Action", "NotAction") if name in statement), None)
    if key is None:
        raise ValueError("a statement of the policy has no Action")
    patterns = [pattern.lower() for pattern in texts(statement[key])]
    matched = {action for action in ASSUME_ACTIONS if any(fnmatchcase(action, pattern) for pattern in patterns)}
    return frozenset(matched if key == "Action" else set(ASSUME_ACTIONS) - matched)


def _covers(denied: frozenset[str], granted: frozenset[str]) -> bool | None:
    return True if granted <= denied else None if granted & denied else False


def _principals(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(kind, name) of each. NotPrincipal in an Allow means everyone but a few. Raises ValueError when there is none."""
    principal = "*" if "NotPrincipal" in statement and "Principal" not in statement else statement.get("Principal")
    groups = {"AWS": principal} if isinstance(principal, str) else principal
    if not isinstance(groups, dict) or not any(texts(names) for names in groups.values()):
        raise ValueError("a statement of the policy names no principal")
    for kind, names in groups.items():
        yield from ((kind, name) for name in texts(names))


def _trust(identity_id: str, kind: str, name: str, conditions: tuple[Condition, ...], verdict: Verdict, evidence: str) -> Trust:
    asked = [[c.operator, c.quantifier, c.if_exists, c.key, c.values] for c in sorted(conditions)]
    identity = json.dumps([identity_id, kind, name, verdict["principal"], verdict.get("safety", ""), asked], separators=(",", ":"))
    return Trust(trust_id=hashlib.sha256(identity.encode()).hexdigest()[:24], identity_id=identity_id, evidence=evidence, **verdict)


def _limits(condition: Condition, account: str) -> bool:
    """Whether it keeps out anyone of the role's own account."""
    own = condition.key == "aws:sourceaccount" and condition.operator == "stringequals" and set(condition.values) == {account}
    return not own


def _judged(identity_id: str, kind: str, name: str, conditions: tuple[Condition, ...], doubtful: bool) -> list[Verdict]:
    demanded = demands(conditions)
    if kind == "AWS" and name == "*":
        return _anyone(identity_id, demanded, doubtful)
    if kind == "AWS":
        return [_named(identity_id, name, demanded)]
    if kind == "Service":
        return [_service(name, demanded)]
    if kind == "Federated":
        return [_federated(name, conditions, demanded, doubtful)]
    return [{"principal_kind": PrincipalKind.UNKNOWN, "principal": name, "safety_reason": f"principal type {kind[:40]} is not understood"}]


def _service(name: str, demanded: Demands) -> Verdict:
    safety, reason = Safety.SAFE, "an AWS service of the account"
    if has_wildcard(name):
        safety, reason = Safety.UNSAFE, "any AWS service may assume it"
    elif (
        name == CERTIFICATE_SERVICE
        and not ties(demanded, ANCHORED)
        and not any(key.startswith("aws:principaltag/x509") for key in demanded)
    ):
        safety, reason = Safety.UNKNOWN, "any certificate of any trust anchor may assume it: no aws:SourceArn condition"
    return {"principal_kind": PrincipalKind.SERVICE, "principal": name, "safety": safety, "safety_reason": reason}


def _anyone(identity_id: str, demanded: Demands, doubtful: bool) -> list[Verdict]:
    """Principal `*`: those whom the conditions name, where they do."""
    keys = ties(demanded)
    if keys:
        named = _accounts_named(identity_id, demanded, keys)
        open_but_limited = {
            "principal_kind": PrincipalKind.ACCOUNT,
            "principal": "*",
            "safety": Safety.SAFE,
            "safety_reason": f"open principal, limited by {keys[0]}",
        }
        return [_named(identity_id, name, demanded) for name in named] or [open_but_limited]
    if doubtful:
        reason = "Principal `*`; a Deny narrows it, how far is not decided here"
        return [{"principal_kind": PrincipalKind.UNKNOWN, "principal": "*", "safety_reason": reason}]
    return [
        {
            "principal_kind": PrincipalKind.ANONYMOUS,
            "principal": "*",
            "external_id": _asks_external_id(demanded),
            "safety": Safety.UNSAFE,
            "safety_reason": "anyone may assume it: Principal `*` without a limiting condition",
        }
    ]


def _accounts_named(identity_id: str, demanded: Demands, keys: list[str]) -> list[str]:
    """Principals that conditions on an open principal name: ARNs, or account ids."""
    own = identity_id.split(":")[4]
    for key in ("aws:principalarn", "aws:principalaccount"):
        if key in keys:
            values = next(values for values in demanded[key] if values and ties({key: [values]}))
            return sorted({_whole_account(value, own) for value in values})
    return []


def _whole_account(value: str, own: str) -> str:
    """A name as it is; an ARN with a wildcard as its account, and a variable for the role's own account as that."""
    arn = parse_arn(value)
    account = arn.account if arn and has_wildcard(value) else value
    return own if account.startswith("${") else account


def _asks_external_id(demanded: Demands) -> bool:
    return any(values and not any(map(has_wildcard, values)) and all(values) for values in demanded.get("sts:externalid", ()))


def _named(identity_id: str, name: str, demanded: Demands) -> Verdict:
    """An account, role or user by name."""
    if UNIQUE_ID.fullmatch(name):
        return {
            "principal_kind": PrincipalKind.UNKNOWN,
            "principal": name,
            "safety": Safety.SAFE,
            "safety_reason": "the principal was deleted",
        }
    partition, home = identity_id.split(":")[1], identity_id.split(":")[4]
    arn = parse_arn(f"arn:{partition}:iam::{name}:root" if re.fullmatch(r"\d{12}", name) else name)
    if arn is None or not re.fullmatch(r"\d{12}", arn.account) or has_wildcard(arn.resource):
        return {"principal_kind": PrincipalKind.UNKNOWN, "principal": name, "safety_reason": "the principal is not understood"}
    common = {"principal": arn.text, "principal_scope": arn.account, **_external(demanded)}
    if arn.resource == "root":
        return {"principal_kind": PrincipalKind.ACCOUNT, **common}
    if arn.resource.startswith("role/aws-service-role/"):
        ours = arn.account == home
        reason = "a service-linked role: only its AWS service can be the caller"
        verdict = {
            "safety": Safety.SAFE if ours else Safety.UNKNOWN,
            "safety_reason": reason if ours else f"{reason}, for account {arn.account}",
        }
        return {"principal_kind": PrincipalKind.SERVICE, **common, **verdict}
    is_session = arn.service == "sts" and arn.resource.startswith("assumed-role/")
    role = arn.resource.split("/")[1] if is_session else arn.name if arn.resource.startswith("role/") else ""
    return {"principal_kind": PrincipalKind.PRINCIPAL, "human": role.startswith("AWSReservedSSO_"), **common}


def _external(demanded: Demands) -> Verdict:
    """Whether an outside account must show that it acts for us."""
    external, of_organization = _asks_external_id(demanded), ties(demanded, ORGANIZATION_KEYS)
    reason = "the condition asks for an ExternalId" if external else "no ExternalId is asked for"
    if of_organization and not external:
        reason = f"limited by {of_organization[0]}"
    safety = Safety.SAFE if external or of_organization else Safety.UNKNOWN
    return {"external_id": external, "safety": safety, "safety_reason": reason}


def _federated(name: str, conditions: tuple[Condition, ...], demanded: Demands, doubtful: bool) -> Verdict:
    if ":saml-provider/" in name:
        return {
            "principal_kind": PrincipalKind.SAML,
            "principal": name,
            "human": True,
            "safety": Safety.SAFE,
            "safety_reason": "people, through SAML",
        }
    issuer = name.split(":oidc-provider/", 1)[-1]
    if has_wildcard(issuer):
        reason = "any identity provider, as far as the conditions allow"
        return {"principal_kind": PrincipalKind.UNKNOWN, "principal": issuer, "safety_reason": reason}
    if admits_guests(issuer, demanded):
        return {
            "principal_kind": PrincipalKind.ANONYMOUS,
            "principal": issuer,
            "safety": Safety.UNSAFE,
            "safety_reason": "guests of the identity pool may assume it without signing in",
        }
    claims = claims_of(issuer, demanded)
    safety, reason = judged(issuer, conditions, doubtful=doubtful)
    return {
        "principal_kind": PrincipalKind.OIDC,
        "principal": issuer,
        "subject_pattern": _joined(claims.get("sub", [])),
        "audience": _joined(claims.get("aud", [])),
        "safety": safety,
        "safety_reason": reason,
    }


def _joined(sets: list[tuple[str, ...]]) -> str | None:
    return "; ".join(sorted({value for values in sets for value in values})) or None
