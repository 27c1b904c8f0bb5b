"""Small estates as rows, judged: for tests that state a placement or an answer by hand.

Every fact is collected for the account unless a test leaves it out; nothing else is assumed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from inventory.database import Database
from inventory.lake import RESULT_TABLES
from inventory.model import (
    Account,
    Coverage,
    CoverageStatus,
    Credential,
    CredentialKind,
    Enforcement,
    Entitlement,
    Fact,
    Guardrail,
    Identity,
    IdentityKind,
    PolicyDocument,
    PrincipalKind,
    Row,
    Safety,
    ScanTarget,
    SecretExposure,
    SecretStore,
    Sighting,
    Source,
    Status,
    Storage,
    StorageBasis,
    Trust,
    Validity,
    Workload,
)
from scoring.catalogue import load
from scoring.judge import judge_seen, place_seen
from scoring.packs import load_pack

AS_OF = datetime(2026, 9, 30)
FRESH = datetime(2026, 9, 28)
ACCOUNT = "111122223333"
EXPORT, CLAIMS, SCAN, GUARDS, STORES, RUNS = (
    "gaad.json",
    "template.csv",
    "gitleaks.json",
    "organization.json",
    "secrets.json",
    "lambda.json",
)
"""One source per kind of evidence."""

BEYOND_STAGES = sorted(RESULT_TABLES - {"access_path", "placement", "privilege", "policy_permission", "vendor"})

COLLECTORS = {CLAIMS: ("template", "template-csv"), SCAN: ("secret_scanners", "gitleaks-json")}
FORMATS = {"gcp": "gcp-assets", "azure": "azure-graph"}
"""Format of a source whose name begins with the provider; every other one is AWS's."""


def source(name: str, collected_at: datetime = FRESH) -> Source:
    provider = name.split("-")[0].split(".")[0]
    collector, form = (provider, FORMATS[provider]) if provider in FORMATS else COLLECTORS.get(name, ("aws", "aws-gaad"))
    return Source(source_id=name, collector=collector, format=form, collected_at=collected_at, collected_basis="manifest")


def flat(groups: Iterable[Any]) -> Iterator[Row]:
    for group in groups:
        if isinstance(group, list | tuple):
            yield from flat(group)
        else:
            yield group


def seen(
    *groups: Any,
    without: Iterable[Fact] = (),
    account: str = ACCOUNT,
    stale: Iterable[Fact] = (),
    stale_sources: Iterable[str] = (),
    scanned: bool = True,
) -> Database:
    """A database of these rows as they were read, their sources, and coverage of every fact that is not in `without`; not judged.

    `scanned`: the one repository was scanned in full, unless the rows tell of repositories themselves.
    """
    rows = list(flat(groups))
    if scanned and not any(isinstance(row, ScanTarget) for row in rows):
        rows += repository()
    sources = sorted({str(getattr(row, "evidence", "") or "").split("#")[0] for row in rows} | {EXPORT} - {""})
    told = [source(name, datetime(2026, 1, 1) if name in set(stale_sources) else FRESH) for name in sources if name]
    facts = [
        Coverage(fact=fact, scope=account, status=CoverageStatus.COLLECTED, evidence=EXPORT,
                 collected_at=datetime(2026, 1, 1) if fact in set(stale) else FRESH)
        for fact in Fact if fact not in set(without)
    ]  # fmt: skip
    ours = Account(scope=account, provider="aws", name="prod", evidence=f"{EXPORT}#{account}")
    database = Database.empty()
    database.insert([*rows, *told, *facts, ours], schema="seen")
    return database


def judged(*groups: Any, checks: bool = True, stages_only: bool = False, **covered: Any) -> Database:
    """The rows of `seen`, judged. `checks`: run them too.

    `stages_only`: nothing is judged beyond placements, in half the time, and the tables of the rest are not there to be taken for empty ones.
    """
    database, pack = seen(*groups, **covered), load_pack("default")
    if stages_only:
        place_seen(database, as_of=AS_OF, pack=pack)
        for table in BEYOND_STAGES:
            database.execute(f"DROP TABLE main.{table}")
    else:
        judge_seen(database, as_of=AS_OF, pack=pack, checks=load().checks if checks else ())
    return database


staged = partial(judged, stages_only=True)
"""What tests of placements ask for."""


REPOSITORY = "acme/app"


def repository(name: str = REPOSITORY, *, scanned: bool = True) -> list[Row]:
    """A repository in scope, scanned in full of late or never."""
    target = ScanTarget(target_id=name, in_scope=True, scanned=scanned, scanned_at=FRESH if scanned else None, evidence=f"{SCAN}#{name}")
    told = Coverage(fact=Fact.SECRET_SCAN, scope=name, status=CoverageStatus.COLLECTED, evidence=SCAN, collected_at=FRESH)
    return [target, told] if scanned else [target]


def user_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:user/{name}"


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def user(name: str = "svc", *, password: bool | None = False, keys_listed: bool = True, **more: Any) -> list[Row]:
    """An IAM user; `password=None`: nobody looked; `keys_listed=False`: nobody listed its keys."""
    arn, evidence = user_arn(name), f"{EXPORT}#user={name}"
    rows: list[Row] = [
        Identity(identity_id=arn, provider="aws", scope=ACCOUNT, name=name, kind=IdentityKind.SERVICE_ACCOUNT, native_type="AWS::IAM::User",
                 status=Status.ACTIVE, evidence=evidence, **more)
    ]  # fmt: skip
    if keys_listed:
        rows.append(Sighting(subject_kind="access_keys", subject_id=arn, evidence=evidence))
    if password is not None:
        rows.append(Sighting(subject_kind="passwords", subject_id=arn, evidence=evidence))
        rows.append(
            Credential(credential_id=f"aws:password:{arn}", identity_id=arn, provider="aws", scope=ACCOUNT, name="console password",
                       kind=CredentialKind.PASSWORD, status=Status.ACTIVE if password else Status.INACTIVE, evidence=evidence)
        )  # fmt: skip
    return rows


def key(name: str = "svc", number: int = 1, **more: Any) -> Credential:
    """An active access key of a user, made 30 days ago unless said otherwise."""
    native = f"AKIAEXAMPLE{name.upper()[:4]:0<4}{number:05d}"
    plain: dict[str, Any] = {
        "credential_id": f"aws:access_key:{native}", "identity_id": user_arn(name), "provider": "aws", "scope": ACCOUNT, "name": native,
        "kind": CredentialKind.ACCESS_KEY, "native_id": native, "fingerprint": f"fp-{native}", "status": Status.ACTIVE,
        "created_at": datetime(2026, 8, 31), "rotated_at": datetime(2026, 8, 31), "last_used_known": True, "evidence": f"{EXPORT}#key={native}",
    }  # fmt: skip
    return Credential(**{**plain, **more})


def claimed(credential: Credential, storage: Storage, *, store: str | None = None, **more: Any) -> Credential:
    """What the template says of where a credential rests."""
    return Credential(
        credential_id=credential.credential_id, provider="aws", name=credential.name, kind=credential.kind, native_id=credential.native_id,
        fingerprint=credential.fingerprint, storage=storage, storage_basis=StorageBasis.DECLARED, store_id=store,
        storage_evidence=f"{CLAIMS}#row={credential.name}", evidence=f"{CLAIMS}#row={credential.name}", **more,
    )  # fmt: skip


def in_variable(credential: Credential, *workloads: Workload, basis: StorageBasis = StorageBasis.OBSERVED) -> list[Row]:
    """The credential in a variable of each workload."""
    return [
        row
        for workload in workloads
        for row in (
            workload,
            Credential(
                credential_id=f"aws:env:{workload.workload_id}:KEY", provider="aws", scope=ACCOUNT, name=credential.name, kind=credential.kind,
                native_id=credential.native_id, fingerprint=credential.fingerprint, storage=Storage.ENV_VAR, storage_basis=basis,
                store_id=workload.workload_id, storage_evidence=f"{RUNS}#{workload.workload_id}/env/KEY", status=Status.ACTIVE,
                evidence=f"{RUNS}#{workload.workload_id}/env/KEY",
            ),
        )
    ]  # fmt: skip


def workload(name: str, environment: str | None = "prod", **more: Any) -> Workload:
    plain: dict[str, Any] = {"workload_id": name, "provider": "aws", "scope": ACCOUNT, "kind": "lambda_function", "name": name,
                             "environment": environment, "env_names": [], "evidence": f"{RUNS}#{name}"}  # fmt: skip
    return Workload(**{**plain, **more})


def vault(*, approved: bool | None = True, logged: bool | None = True) -> SecretStore:
    return SecretStore(store_id="vault", provider="other", scope=ACCOUNT, kind="vault", name="vault", approved=approved,
                       access_logged=logged, evidence=f"{STORES}#vault")  # fmt: skip


def exposure(credential: Credential | None, *, validity: Validity = Validity.UNKNOWN, state: str = "open", line: int = 1) -> SecretExposure:
    prints = [credential.fingerprint] if credential and credential.fingerprint else []
    return SecretExposure(exposure_id=f"e{line}", scope="acme/app", path="app.py", line=line, commit_sha="c" * 40, rules=["gitleaks:aws"],
                          fingerprints=prints, validity=validity, state=state, evidence=f"{SCAN}#app.py:{line}")  # fmt: skip


def role(name: str = "worker", *trusts: Trust, **more: Any) -> list[Row]:
    identity = Identity(identity_id=role_arn(name), provider="aws", scope=ACCOUNT, name=name, kind=IdentityKind.IAM_ROLE,
                        native_type="AWS::IAM::Role", human=more.pop("human", "nonhuman"), status=Status.ACTIVE, last_used_known=True,
                        evidence=f"{EXPORT}#role={name}", **more)  # fmt: skip
    return [identity, *trusts]


def trust(name: str, kind: PrincipalKind, principal: str, *, safety: Safety = Safety.SAFE, scope: str | None = None, **more: Any) -> Trust:
    identity = hashlib.sha256(f"{name}|{principal}".encode()).hexdigest()[:24]
    return Trust(trust_id=identity, identity_id=role_arn(name), principal_kind=kind, principal=principal, principal_scope=scope, safety=safety,
                 evidence=f"{EXPORT}#role={name}", **more)  # fmt: skip


def native(name: str = "worker", *, safety: Safety = Safety.SAFE) -> Trust:
    return trust(name, PrincipalKind.SERVICE, "lambda.amazonaws.com", safety=safety)


def guarded(*, policy: Enforcement = Enforcement.ENFORCED, log: Enforcement = Enforcement.ENFORCED) -> list[Row]:
    return [
        Guardrail(
            guardrail_id="scp",
            scope=ACCOUNT,
            kind="workload_policy",
            name="scp",
            enforcement=policy,
            basis="observed",
            evidence=f"{GUARDS}#scp",
        ),
        Guardrail(
            guardrail_id="trail",
            scope=ACCOUNT,
            kind="audit_log",
            name="trail",
            enforcement=log,
            basis="observed",
            evidence=f"{GUARDS}#trail",
        ),
    ]


def policy(identity: str, *actions: str, resource: str = "*") -> list[Row]:
    """An inline policy that allows actions."""
    text = json.dumps({"Statement": [{"Action": list(actions), "Effect": "Allow", "Resource": resource}]}, sort_keys=True)
    document = hashlib.sha256(text.encode()).hexdigest()[:32]
    return [
        PolicyDocument(document_id=document, document=text),
        Entitlement(identity_id=identity, document_id=document, via="inline", policy_name="p", evidence=f"{EXPORT}#{identity}"),
    ]


def paths(database: Database) -> dict[str, tuple[int, int]]:
    """Rule -> interval, for estates that show each rule once."""
    return {row["rule"]: (row["stage_lo"], row["stage_hi"]) for row in database.rows("SELECT * FROM main.access_path")}


def placed(database: Database, subject: str) -> tuple[int | None, int | None]:
    (row,) = database.rows("SELECT stage_lo, stage_hi FROM main.placement WHERE subject_id = $subject", {"subject": subject})
    return row["stage_lo"], row["stage_hi"]
