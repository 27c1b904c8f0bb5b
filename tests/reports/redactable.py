"""Small estates by hand, one of each cloud, as rows that were read: for tests of redaction. Every name of theirs is a word of NAMES."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from inventory.model import (
    Account,
    Alias,
    Coverage,
    CoverageStatus,
    Credential,
    CredentialKind,
    Entitlement,
    Fact,
    Identity,
    IdentityKind,
    Owner,
    Ownership,
    PolicyDocument,
    PrincipalKind,
    Row,
    Safety,
    SecretExposure,
    Source,
    Trust,
    Usage,
    Validity,
)
from scoring.catalogue import load
from scoring.judge import judge
from scoring.packs import load_pack
from scoring.rules import load_rules

AS_OF = datetime(2026, 9, 30)
OLD = datetime(2024, 1, 15)
OURS, VENDOR, STRANGER = "111122223333", "464622532012", "987654321098"
"""VENDOR is published by a vendor as its own; STRANGER by nobody."""

NAMES = frozenset(
    "zephyrline kittiwake marlowe quokkabank ottoline ferreira peregrine albatross turnstone dunlin godwit lapwing 111122223333 987654321098".split()
)
"""Everything that says whose estate it is."""

TENANT, SUBSCRIPTION = "5a3b1e00-9311-4fcb-83a2-1be47efc9696", "5a3b1e00-377f-42ac-8fa8-953a64564355"
READER, OWNER = "acdd72a7-3385-48ef-bd42-f606fba81ae7", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
"""Azure's built-in roles: https://learn.microsoft.com/azure/role-based-access-control/built-in-roles"""


def policy(**statement: Any) -> str:
    content = {"Statement": [{"Effect": "Allow", **statement}], "Version": "2012-10-17"}
    return json.dumps(content, sort_keys=True, separators=(",", ":"))


def source(source_id: str, collector: str, form: str, scope: str | None) -> Source:
    return Source(
        source_id=source_id, collector=collector, format=form, scope=scope, collected_at=AS_OF, collected_basis="manifest", records=1
    )


def collected(scope: str, file: str, *facts: Fact) -> list[Row]:
    return [Coverage(fact=fact, scope=scope, status=CoverageStatus.COLLECTED, collected_at=AS_OF, evidence=file) for fact in facts]


def role(name: str, file: str, **more: Any) -> Identity:
    arn = f"arn:aws:iam::{OURS}:role/{name}"
    given = {"native_type": "AWS::IAM::Role", "kind": IdentityKind.IAM_ROLE, "last_used_known": True, "created_at": OLD, **more}
    return Identity(
        identity_id=arn, provider="aws", scope=OURS, name=name.rpartition("/")[2], evidence=f"{file}#RoleDetailList[{arn}]", **given
    )


def aws() -> list[Row]:
    """A deployer that may assume every role that begins with `albat`, a vendor's trust and a stranger's, a key in code, an emergency role."""
    file = "zephyrline/prod/gaad.json"
    deployer, target, breaker = role("peregrine-deploy", file), role("team/albatross-admin", file), role("Kittiwake-BreakGlass", file)
    user = f"arn:aws:iam::{OURS}:user/ottoline.ferreira"
    assume = policy(Action="sts:AssumeRole", Resource=f"arn:aws:iam::{OURS}:role/team/albat*")
    bucket = policy(
        Action=["s3:GetObject", "s3:PutObject"],
        Resource="arn:aws:s3:::zephyrline-turnstone-*/*",
        Condition={"StringEquals": {"aws:PrincipalTag/kittiwake": "marlowe"}, "IpAddress": {"aws:SourceIp": "203.0.113.77/32"}},
    )
    key = f"aws:access_key:AKIA{'DUNLINGODWIT2345'}"
    trusts = [
        (breaker, PrincipalKind.ACCOUNT, f"arn:aws:iam::{VENDOR}:root", VENDOR, "anyone in account 464622532012 that its account lets"),
        (deployer, PrincipalKind.ACCOUNT, f"arn:aws:iam::{STRANGER}:root", STRANGER, "anyone in another account"),
        (target, PrincipalKind.PRINCIPAL, f"arn:aws:iam::{OURS}:role/peregrine-deploy", OURS, "a role of the account"),
    ]
    return [
        source(file, "aws", "aws-gaad", OURS),
        source("zephyrline/leaks.json", "secret_scanners", "gitleaks-json", "quokkabank/lapwing"),
        Account(scope=OURS, provider="aws", name="zephyrline-prod", environment="production", evidence=f"{file}#{OURS}"),
        *collected(OURS, file, Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.ACCESS_KEYS, Fact.KEY_USAGE, Fact.ROLE_USAGE),
        deployer,
        target,
        breaker,
        Identity(
            identity_id=user, provider="aws", scope=OURS, name="ottoline.ferreira", kind=IdentityKind.UNKNOWN, native_type="AWS::IAM::User",
            team="marlowe", purpose="pays the invoices of Marlowe", created_at=OLD, last_used_known=True, evidence=f"{file}#UserDetailList[{user}]",
        ),
        Credential(
            credential_id=key, identity_id=user, provider="aws", scope=OURS, name="access key 1 of ottoline.ferreira", kind=CredentialKind.ACCESS_KEY,
            native_id=key.rpartition(":")[2], created_at=OLD, last_used_known=True, fingerprint="ab12" * 16, evidence=f"{file}#{key}",
        ),
        PolicyDocument(document_id="d1" * 16, document=assume),
        PolicyDocument(document_id="d2" * 16, document=bucket),
        PolicyDocument(document_id="d3" * 16, document=policy(Action="*", Resource="*")),
        *(
            Entitlement(identity_id=who, document_id=text, via="inline", policy_name=name, evidence=f"{file}#{who}")
            for who, text, name in (
                (deployer.identity_id, "d1" * 16, "kittiwake-assume"),
                (target.identity_id, "d3" * 16, "kittiwake-all"),
                (breaker.identity_id, "d3" * 16, "kittiwake-all"),
                (user, "d2" * 16, "turnstone-files"),
            )
        ),
        *(
            Trust(
                trust_id=f"{number:024x}", identity_id=who.identity_id, principal_kind=kind, principal=principal, principal_scope=scope,
                conditional=False, safety=Safety.UNKNOWN, safety_reason=reason, evidence=who.evidence,
            )
            for number, (who, kind, principal, scope, reason) in enumerate(trusts, start=0xA1)
        ),
        Usage(identity_id=deployer.identity_id, service="sts", last_at=AS_OF, window_days=400, evidence=f"{file}#{deployer.identity_id}/sts"),
        SecretExposure(
            exposure_id="e1" * 16, scope="quokkabank/lapwing", path="src/godwit.env", line=3, commit_sha="0ad24aee2c98c15c648d98ce74e362aed2f95a15",
            rules=["gitleaks:aws-access-token"], credential_kind=CredentialKind.ACCESS_KEY, fingerprints=["ab12" * 16],
            author="Ottoline Ferreira <ottoline@zephyrline.example>", validity=Validity.ACTIVE, evidence="zephyrline/leaks.json#src/godwit.env:3",
        ),
        Owner(owner_id="ottoline@zephyrline.example", kind="person", evidence=f"{file}#{user}"),
        Ownership(identity_id=user, owner_id="ottoline@zephyrline.example", basis="tag", evidence=f"{file}#{user}"),
    ]  # fmt: skip


def gcp() -> list[Row]:
    """A service account with a key and Editor on its project, the default one of Compute Engine, and a pool that lets a repository in."""
    file, project = "zephyrline/gcp.json", "kittiwake-turnstone"
    account = f"serviceAccount:albatross-etl@{project}.iam.gserviceaccount.com"
    default = "serviceAccount:987654321098-compute@developer.gserviceaccount.com"
    pool = "projects/987654321098/locations/global/workloadIdentityPools/lapwing"
    until = {"expression": 'request.time < timestamp("2027-01-01T00:00:00Z")', "title": "until Marlowe leaves"}
    return [
        source(file, "gcp", "gcp-service-accounts", project),
        Account(scope=project, provider="gcp", name="Kittiwake Turnstone", evidence=f"{file}#{project}"),
        *collected(project, file, Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.ACCESS_KEYS),
        *(
            Identity(
                identity_id=one, provider="gcp", scope=project, name=one.partition(":")[2], kind=IdentityKind.SERVICE_ACCOUNT,
                native_type="iam.googleapis.com/ServiceAccount", created_at=OLD, evidence=f"{file}#accounts[{one}]",
            )
            for one in (account, default)
        ),
        Alias(alias="gcp:project:987654321098", identity_id=project, evidence=f"{file}#{project}"),
        Credential(
            credential_id="gcp:key:0f1e2d3c4b5a69788796a5b4c3d2e1f000112233", identity_id=account, provider="gcp", scope=project,
            name="key 0f1e2d3c of albatross-etl", kind=CredentialKind.SIGNING_KEY, created_at=OLD, evidence=f"{file}#keys[albatross-etl]",
        ),
        *(
            Entitlement(
                identity_id=who, document_id=None, via="role", policy_name=granted, policy_id=granted,
                resource=f"//cloudresourcemanager.googleapis.com/projects/{project}", conditional=bool(limit),
                condition=json.dumps(limit, sort_keys=True) if limit else None, evidence=f"{file}#policy[{who}/{granted}]",
            )
            for who, granted, limit in ((account, "roles/editor", until), (default, "roles/owner", None))
        ),
        Trust(
            trust_id="b1" * 12, identity_id=account, principal_kind=PrincipalKind.OIDC, principal=pool, principal_scope="987654321098",
            subject_pattern="attribute.repository/quokkabank/lapwing", safety=Safety.UNKNOWN, evidence=f"{file}#policy[{account}]",
        ),
    ]  # fmt: skip


def azure() -> list[Row]:
    """An application in two tenants with a secret, which owns a subscription, and a role of one's own that hands out only Reader."""
    file = "zephyrline/entra.json"
    app, here, there = "azure:app:5a3b1e00-0001-4fcb-83a2-1be47efc9696", f"azure:{TENANT[:-1]}a", f"azure:{TENANT[:-1]}b"
    other = "5a3b1e00-ffff-4fcb-83a2-1be47efc9696"
    only_reader = "@Request[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {acdd72a7-3385-48ef-bd42-f606fba81ae7}"
    block = {"actions": ["Microsoft.Authorization/roleAssignments/*"], "condition": only_reader, "conditionVersion": "2.0"}
    definition = json.dumps({"permissions": [block]}, sort_keys=True, separators=(",", ":"))
    place = f"/subscriptions/{SUBSCRIPTION}"
    grants = (
        (here, "role", OWNER, "Owner", place, None),
        (there, "role", "5a3b1e00-1111-4fcb-83a2-1be47efc9696", "Turnstone Reader Keeper", f"{place}/resourcegroups/rg-godwit", "da" * 16),
        (there, "directory_role", "62e90394-69f5-4237-9190-012177145e10", "Global Administrator", "/", None),
        (here, "app_role", "AppRoleAssignment.ReadWrite.All", "AppRoleAssignment.ReadWrite.All", "Microsoft Graph", None),
    )
    return [
        source(file, "azure", "azure-service-principals", TENANT),
        Account(scope=SUBSCRIPTION, provider="azure", name="Zephyrline Payments", environment="production", evidence=f"{file}#{SUBSCRIPTION}"),
        *collected(TENANT, file, Fact.IDENTITIES, Fact.TRUST, Fact.ACCESS_KEYS),
        *collected(SUBSCRIPTION, file, Fact.POLICIES),
        *(
            Identity(
                identity_id=one, provider="azure", scope=scope, name="Kittiwake DR Robot", kind=IdentityKind.SERVICE_PRINCIPAL,
                native_type="microsoft.graph.servicePrincipal", created_at=OLD, evidence=f"{file}#servicePrincipal={one}",
            )
            for one, scope in ((here, TENANT), (there, other))
        ),
        *(Alias(alias=app, identity_id=one, evidence=f"{file}#servicePrincipal={one}") for one in (here, there)),
        Credential(
            credential_id="azure:secret:5a3b1e00-2222-4fcb-83a2-1be47efc9696", identity_id=app, provider="azure", scope=TENANT, name="lapwing secret",
            kind=CredentialKind.OAUTH_CLIENT_SECRET, created_at=OLD, expires_at=datetime(2030, 1, 1), evidence=f"{file}#appId={app}",
        ),
        PolicyDocument(document_id="da" * 16, document=definition),
        *(
            Entitlement(
                identity_id=who, document_id=text, via=via, policy_name=name, policy_id=granted, resource=on, conditional=False,
                evidence=f"{file}#{via}/{who}/{granted}",
            )
            for who, via, granted, name, on, text in grants
        ),
    ]  # fmt: skip


def published(workspace: Path, rows: Sequence[Row], *, label: str = "Q3-2026", as_of: datetime = AS_OF) -> Snapshot:
    """The rows, judged and published."""
    pack = load_pack("default")
    with Database.empty() as database:
        judge(database, rows, as_of=as_of, pack=pack, checks=load().checks)
        return Lake(workspace).publish(
            database,
            label=label,
            as_of=as_of,
            rules_version=load_rules().version,
            pack=pack.name,
            created_at="2026-10-01T08:00:00+00:00",
            details={
                "thresholds": dict(pack.thresholds),
                "warnings": ["zephyrline/prod/gaad.json: Kittiwake is odd"],
                "paths": ["exports/marlowe"],
            },
        )
