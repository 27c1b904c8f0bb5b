"""GCP and Azure estates as rows, in the vocabulary that their formats speak, for tests of the judgement.

As in tests/scoring/estates.py, nothing is assumed: a project or tenant has the coverage that its function gives it, less `without`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from inventory.model import (
    Account,
    Alias,
    Coverage,
    CoverageStatus,
    Credential,
    CredentialKind,
    CredentialRole,
    Enforcement,
    Fact,
    Federation,
    Guardrail,
    Human,
    Identity,
    IdentityKind,
    Issuance,
    PrincipalKind,
    Row,
    Safety,
    Sighting,
    Status,
    Trust,
)
from tests.scoring.estates import FRESH

PROJECT, TENANT, SUBSCRIPTION = "demo-prod", "11111111-aaaa-4aaa-8aaa-111111111111", "22222222-bbbb-4bbb-8bbb-222222222222"
GCP, KEYS, GCP_GUARDS, POOLS = "gcp-assets.json", "gcp-keys.json", "gcp-policies.json", "gcp-pools.json"
APPS, PRINCIPALS, AZURE_GUARDS, ARM = "azure-apps.json", "azure-sps.json", "azure-policy.json", "azure-arm.json"
POOL = "projects/123456789012/locations/global/workloadIdentityPools/ci"
GCP_FACTS = (Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.WORKLOADS, Fact.RESOURCE_POLICIES, Fact.GUARDRAILS, Fact.AUDIT_LOG,
             Fact.OWNERSHIP, Fact.KEY_USAGE, Fact.ROLE_USAGE, Fact.STORED_SECRETS, Fact.SERVICE_CREDENTIALS)  # fmt: skip
TENANT_FACTS = (
    Fact.IDENTITIES,
    Fact.POLICIES,
    Fact.TRUST,
    Fact.GUARDRAILS,
    Fact.AUDIT_LOG,
    Fact.OWNERSHIP,
    Fact.KEY_USAGE,
    Fact.ROLE_USAGE,
)
SUBSCRIPTION_FACTS = (Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.WORKLOADS, Fact.GUARDRAILS, Fact.AUDIT_LOG)


def _covered(scope: str, facts: Iterable[Fact], without: Iterable[Fact], evidence: str) -> list[Row]:
    left = [fact for fact in facts if fact not in set(without)]
    return [Coverage(fact=f, scope=scope, status=CoverageStatus.COLLECTED, collected_at=FRESH, evidence=evidence) for f in left]


def _guards(scope: str, evidence: str, policy: Enforcement, log: Enforcement) -> list[Row]:
    return [
        Guardrail(guardrail_id=f"{kind}-{scope}", scope=scope, kind=kind, name=kind, enforcement=state, basis="observed", evidence=f"{evidence}#{kind}-{scope}")
        for kind, state in (("workload_policy", policy), ("audit_log", log))
    ]  # fmt: skip


def project(*, without: Iterable[Fact] = (), policy: Enforcement = Enforcement.ENFORCED, log: Enforcement = Enforcement.ENFORCED,
            name: str = PROJECT) -> list[Row]:  # fmt: skip
    account = Account(scope=name, provider="gcp", name=name, evidence=f"{GCP}#{name}")
    return [account, *_covered(name, GCP_FACTS, without, GCP), *_guards(name, GCP_GUARDS, policy, log)]


def tenant(
    *, without: Iterable[Fact] = (), policy: Enforcement = Enforcement.ENFORCED, log: Enforcement = Enforcement.ENFORCED
) -> list[Row]:
    account = Account(scope=TENANT, provider="azure", name="corp", evidence=f"{PRINCIPALS}#{TENANT}")
    keys = [] if Fact.ACCESS_KEYS in set(without) else _covered(TENANT, (Fact.ACCESS_KEYS,), (), APPS)
    return [account, *_covered(TENANT, TENANT_FACTS, without, PRINCIPALS), *keys, *_guards(TENANT, AZURE_GUARDS, policy, log)]


def subscription(*, without: Iterable[Fact] = ()) -> list[Row]:
    account = Account(scope=SUBSCRIPTION, provider="azure", name="prod", evidence=f"{ARM}#{SUBSCRIPTION}")
    rows = _covered(SUBSCRIPTION, SUBSCRIPTION_FACTS, without, ARM)
    return [account, *rows, *_guards(SUBSCRIPTION, AZURE_GUARDS, Enforcement.ENFORCED, Enforcement.ENFORCED)]


def email(name: str, scope: str = PROJECT) -> str:
    return f"{name}@{scope}.iam.gserviceaccount.com"


def member(name: str, scope: str = PROJECT) -> str:
    return f"serviceAccount:{email(name, scope)}"


def _trust(identity_id: str, kind: PrincipalKind, principal: str, evidence: str, **more: Any) -> Trust:
    parts = f"{identity_id}|{principal}|{more.get('subject_pattern')}"
    plain: dict[str, Any] = {"safety": Safety.SAFE}
    return Trust(trust_id=hashlib.sha256(parts.encode()).hexdigest()[:24], identity_id=identity_id, principal_kind=kind, principal=principal,
                 evidence=f"{evidence}#{identity_id}", **{**plain, **more})  # fmt: skip


def account(name: str = "app", *, keys_listed: bool = True, attached: bool = True, number: str | None = None, **more: Any) -> list[Row]:
    """A service account, attached to what runs; `keys_listed=False`: nobody listed its keys."""
    identity_id, evidence = member(name), f"{GCP}#{name}"
    plain: dict[str, Any] = {
        "identity_id": identity_id, "provider": "gcp", "scope": PROJECT, "name": email(name), "kind": IdentityKind.SERVICE_ACCOUNT,
        "native_type": "iam.googleapis.com/ServiceAccount", "human": Human.NONHUMAN, "status": Status.ACTIVE, "evidence": evidence,
    }  # fmt: skip
    rows: list[Row] = [Identity(**{**plain, **more})]
    if attached:
        rows.append(_trust(identity_id, PrincipalKind.SERVICE, "gcp.attached", GCP))
    if keys_listed:
        rows.append(Sighting(subject_kind="access_keys", subject_id=identity_id, evidence=f"{KEYS}#{name}"))
    if number:
        rows.append(Alias(alias=f"gcp:account:{number}", identity_id=identity_id, evidence=evidence))
    return rows


def binding(name: str, kind: PrincipalKind, principal: str, **more: Any) -> Trust:
    """Who may act as a service account."""
    return _trust(member(name), kind, principal, GCP, **more)


def through_pool(name: str, pattern: str, *, pool: str = POOL, safety: Safety = Safety.UNKNOWN) -> Trust:
    return binding(name, PrincipalKind.OIDC, pool, subject_pattern=pattern, safety=safety)


def provider(name: str = "github", safety: Safety = Safety.SAFE, *, status: Status = Status.ACTIVE, **more: Any) -> Federation:
    plain: dict[str, Any] = {
        "federation_id": f"{POOL}/providers/{name}", "provider": "gcp", "scope": PROJECT, "pool": POOL, "name": name, "kind": "oidc",
        "issuer": "https://token.actions.githubusercontent.com", "safety": safety, "status": status, "evidence": f"{POOLS}#{name}",
    }  # fmt: skip
    return Federation(**{**plain, **more})


def service_account_key(name: str = "app", number: int = 1, **more: Any) -> Credential:
    key_id = f"{number:040d}"
    plain: dict[str, Any] = {
        "credential_id": f"gcp:key:{email(name)}/{key_id}", "identity_id": member(name), "provider": "gcp", "scope": PROJECT,
        "name": f"key {key_id[-6:]}", "kind": CredentialKind.SIGNING_KEY, "role": CredentialRole.IDENTITY, "native_id": f"{name}/{key_id}",
        "issuance": Issuance.MANUAL, "created_at": datetime(2026, 8, 31), "rotated_at": datetime(2026, 8, 31), "never_expires": True,
        "status": Status.ACTIVE, "evidence": f"{KEYS}#{key_id}",
    }  # fmt: skip
    return Credential(**{**plain, **more})


def principal_id(name: str) -> str:
    return f"azure:{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def app_id(name: str) -> str:
    return f"azure:app:{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()}"


def application(name: str = "portal", *, principal: bool = True, listed: bool = True, owner: str | None = None, **more: Any) -> list[Row]:
    """An application and its service principal; `listed=False`: only the service principals were listed; `owner`: the tenant it is from."""
    rows: list[Row] = []
    common: dict[str, Any] = {"provider": "azure", "scope": TENANT, "name": name, "human": Human.NONHUMAN}
    if listed and owner is None:
        rows.append(Identity(identity_id=app_id(name), kind=IdentityKind.OAUTH_CLIENT, native_type="microsoft.graph.application",
                             evidence=f"{APPS}#{name}", **common))  # fmt: skip
    if principal:
        rows.append(Identity(identity_id=principal_id(name), kind=IdentityKind.SERVICE_PRINCIPAL, native_type="microsoft.graph.servicePrincipal",
                             **{"status": Status.ACTIVE, **more}, evidence=f"{PRINCIPALS}#{name}", **common))  # fmt: skip
        rows.append(Alias(alias=app_id(name), identity_id=principal_id(name), evidence=f"{PRINCIPALS}#{name}"))
        if owner:
            rows.append(_trust(principal_id(name), PrincipalKind.ACCOUNT, owner, PRINCIPALS, principal_scope=owner, safety=Safety.UNKNOWN))
    return rows


def secret(name: str = "portal", number: int = 1, *, kind: CredentialKind = CredentialKind.OAUTH_CLIENT_SECRET, **more: Any) -> Credential:
    plain: dict[str, Any] = {
        "credential_id": f"azure:secret:{name}-{number}", "identity_id": app_id(name), "provider": "azure", "scope": TENANT, "name": f"secret {number}",
        "kind": kind, "role": CredentialRole.IDENTITY, "native_id": f"{name}-{number}", "issuance": Issuance.MANUAL, "created_at": datetime(2026, 8, 31),
        "rotated_at": datetime(2026, 8, 31), "expires_at": datetime(2027, 2, 28), "status": Status.ACTIVE, "evidence": f"{APPS}#{name}/{number}",
    }  # fmt: skip
    return Credential(**{**plain, **more})


def federated(name: str = "portal", issuer: str = "https://token.actions.githubusercontent.com", subject: str = "repo:corp/app:ref:refs/heads/main",
              *, safety: Safety = Safety.SAFE) -> Trust:  # fmt: skip
    return _trust(app_id(name), PrincipalKind.OIDC, issuer, APPS, subject_pattern=subject, safety=safety)


def managed_identity(name: str = "runner", *trusts: Trust) -> list[Row]:
    identity_id = principal_id(name)
    return [
        Identity(identity_id=identity_id, provider="azure", scope=SUBSCRIPTION, name=name, kind=IdentityKind.MANAGED_IDENTITY,
                 native_type="Microsoft.ManagedIdentity/userAssignedIdentities", human=Human.NONHUMAN, status=Status.ACTIVE, evidence=f"{ARM}#{name}"),
        _trust(identity_id, PrincipalKind.SERVICE, "azure.managed-identity", ARM),
        *trusts,
    ]  # fmt: skip
