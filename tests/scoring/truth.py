"""Estates of which the truth is drawn first; then the evidence of it is written down, and pieces of it are withheld.

One trial is one AWS account of its own. The true stage is worked out in plain Python from the words of the model (docs/methodology),
not from the rules of the product. What is withheld is withheld truthfully: no coverage says collected for what is missing.
Each credential rests in exactly the places that are drawn, and no one speaks falsely of it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from inventory.database import Database
from inventory.model import (
    Account,
    Coverage,
    CoverageStatus,
    Enforcement,
    Fact,
    PrincipalKind,
    Row,
    Safety,
    SecretExposure,
    Source,
    Status,
    Storage,
    Trust,
)
from scoring.judge import judge
from scoring.packs import load_pack
from tests.scoring import estates as e

OLD = datetime(2026, 1, 1)
PLACES = (("manager",), ("manager",), ("isolated",), ("shared",), ("manager", "isolated"), ("manager", "shared"))
"""Where a key rests, besides in code; a third of the keys in more than one place."""
TRUSTS = ("service", "unsafe", "user", "role", "root", "foreign", "anyone")
FORMATS = {
    e.CLAIMS: ("template", "template-csv"),
    e.SCAN: ("secret_scanners", "gitleaks-json"),
    e.EXPORT: ("aws", "aws-gaad"),
    e.GUARDS: ("aws", "aws-organizations"),
    e.STORES: ("aws", "aws-secretsmanager"),
    e.RUNS: ("aws", "aws-lambda"),
}


@dataclass
class Key:
    number: int
    active: bool
    places: tuple[str, ...]
    approved: bool
    logged: bool
    rotated: bool


@dataclass
class Truth:
    """What is so in one account. Users hold keys; a role lists whom it trusts: kind, and whom where that says it."""

    account: str
    policy: bool
    log: bool
    users: dict[str, tuple[str, list[Key]]] = field(default_factory=dict)
    roles: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def draw(rng: random.Random, trial: int) -> Truth:
    told = Truth(f"{500000000000 + trial}", rng.random() < 0.7, rng.random() < 0.7)
    for number in range(rng.randint(1, 2)):
        keys = [
            Key(trial * 10 + number * 2 + k, rng.random() < 0.85, _places(rng), *(rng.random() < 0.75 for _ in range(3)))
            for k in range(rng.randint(0, 2))
        ]
        told.users[f"u{number}"] = (rng.choice(["direct", "exchanged"]), keys)
    for number in range(3):
        kinds = rng.sample(TRUSTS, rng.randint(1, 2))
        told.roles[f"r{number}"] = [
            (kind, rng.choice(list(told.users)) if kind == "user" else f"r{rng.randrange(3)}" if kind == "role" else "") for kind in kinds
        ]
    return told


def _places(rng: random.Random) -> tuple[str, ...]:
    """Whether a copy stands in code has nothing to do with where else the key rests."""
    return (*rng.choice(PLACES), *(["code"] if rng.random() < 0.25 else []))


def stage_of_key(use: str, key: Key) -> int | None:
    """The model's words, for one static credential: its weakest place counts."""
    if not key.active:
        return None
    kept = key.approved and key.logged and key.rotated
    stages = {"code": 2, "shared": 3, "isolated": 4, "manager": 6 if use == "exchanged" else 5 if kept else 4}
    return min(stages[place] for place in key.places)


def true_stages(told: Truth) -> dict[str, int | None]:
    """Name -> true stage; None: it has no active path. The weakest path counts, through chains and circles."""
    best = 7 if told.policy and told.log else 6
    stage: dict[str, int | None] = dict.fromkeys(told.roles)
    for name, (use, keys) in told.users.items():
        stage[name] = min((s for k in keys if (s := stage_of_key(use, k)) is not None), default=None)
    for _ in range(len(stage) + 1):
        for name, trusts in told.roles.items():
            found: list[int] = []
            for kind, whom in trusts:
                if kind == "service":
                    found.append(best)
                elif kind in ("unsafe", "foreign"):  # a foreign account: at most 6, and here it is as good as that
                    found.append(6)
                elif kind == "anyone":
                    found.append(1)
                else:
                    above = [stage[whom]] if whom else list(stage.values())
                    found += [min(s, best) for s in above if s is not None]
            stage[name] = min(found, default=None)
    return stage


def evidence(told: Truth, rng: random.Random, *, workloads_whole: bool, scans_whole: bool, share: float) -> list[Row]:
    """The records of this truth, less what is withheld with probability `share` each.

    `workloads_whole`, `scans_whole`: nothing is withheld of what runs and of what scanners saw; for these bind all accounts together.
    """

    def kept() -> bool:
        return rng.random() >= share

    rows: list[Row] = []
    facts = dict.fromkeys(Fact, CoverageStatus.COLLECTED)
    for kind, fact, on in (("policy", Fact.GUARDRAILS, told.policy), ("log", Fact.AUDIT_LOG, told.log)):
        guard = e.guarded(policy=_state(told.policy), log=_state(told.log))[kind == "log"]
        if not kept():
            facts.pop(fact)
        elif on or rng.random() < 0.5:  # what is off is told as off, or not at all in an export that is whole
            rows.append(guard)
    scanned = scans_whole or kept()
    rows += [replace(row, **_named(row)) for row in e.repository(scanned=scanned)]
    rows += _people(told, kept, facts, rng, share=share, whole=workloads_whole, scanned=scanned)
    for name, trusts in told.roles.items():
        if rng.random() < share / 2:
            facts[Fact.IDENTITIES] = facts[Fact.TRUST] = CoverageStatus.PARTIAL
            continue
        rows += e.role(name, *(_trust(name, kind, whom, readable=kept()) for kind, whom in trusts))
    rows += [
        Coverage(fact=f, scope=e.ACCOUNT, status=s, reason="withheld" if s == "partial" else None, collected_at=e.FRESH, evidence=e.EXPORT)
        for f, s in facts.items()
    ]
    rows.append(Account(scope=e.ACCOUNT, provider="aws", name="prod", evidence=f"{e.EXPORT}#{e.ACCOUNT}"))
    return [_moved(row, told.account) for row in rows]


def _named(row: Row) -> dict[str, Any]:
    """The repository as the account's own."""
    name = f"{e.REPOSITORY}-{e.ACCOUNT}"
    return {"scope": name} if isinstance(row, Coverage | SecretExposure) else {"target_id": name}


def _people(
    told: Truth, kept: Any, facts: dict[Fact, CoverageStatus], rng: random.Random, *, share: float, whole: bool, scanned: bool
) -> list[Row]:
    """Users, their policies and their keys; a user who is left out makes the listing a partial one."""
    rows: list[Row] = []
    policies = kept()
    if not policies:
        facts.pop(Fact.POLICIES)
    for name, (use, keys) in told.users.items():
        if rng.random() < share / 2:
            facts[Fact.IDENTITIES] = facts[Fact.TRUST] = CoverageStatus.PARTIAL
            continue
        listed = kept()
        rows += e.user(name, password=False if kept() else None, keys_listed=listed)
        if policies:
            rows += e.policy(e.user_arn(name), "sts:AssumeRole" if use == "exchanged" else "s3:GetObject")
        for key in keys:
            if listed or kept():
                rows += _of_key(name, key, kept, facts, rng, whole=whole, scanned=scanned)
    if not whole and not kept():
        facts.pop(Fact.WORKLOADS, None)
    return rows


def _state(on: bool) -> Enforcement:
    return Enforcement.ENFORCED if on else Enforcement.OFF


def _of_key(
    name: str, key: Key, kept: Any, facts: dict[Fact, CoverageStatus], rng: random.Random, *, whole: bool, scanned: bool
) -> Iterator[Row]:
    """A key as its account lists it, and what tells where it rests: a scan tells of every copy in code, people of some."""
    made = e.FRESH if key.rotated else OLD
    dates = {"created_at": made, "rotated_at": made} if kept() else {"created_at": None, "rotated_at": None}
    found = e.key(name, key.number, status=Status.ACTIVE if key.active else Status.INACTIVE, **dates)
    yield found
    if "code" in key.places:
        if scanned:
            exposed = e.exposure(found, line=key.number)
            yield replace(exposed, **_named(exposed))
        elif kept():
            yield e.claimed(found, Storage.SOURCE_CODE)
    if "manager" in key.places:
        store = f"vault-{key.number}"
        if kept():
            yield e.claimed(found, Storage.SECRETS_MANAGER, store=store if kept() else None)
        if kept():
            yield replace(
                e.vault(approved=key.approved if kept() else None, logged=key.logged if kept() else None), store_id=store, name=store
            )
    if "shared" in key.places or "isolated" in key.places:
        for number, where in enumerate(("prod", "dev" if "shared" in key.places else "production")):
            if whole or kept():
                yield from e.in_variable(found, e.workload(f"w{key.number}-{number}", where if kept() else None))
            else:
                facts[Fact.WORKLOADS] = CoverageStatus.PARTIAL


def _trust(name: str, kind: str, whom: str, *, readable: bool) -> Trust:
    if not readable:
        return e.trust(name, PrincipalKind.UNKNOWN, f"?{kind}", safety=Safety.UNKNOWN)
    if kind == "service":
        return e.native(name)
    if kind == "unsafe":  # another service: the same principal twice would be one trust
        return e.trust(name, PrincipalKind.SERVICE, "sns.amazonaws.com", safety=Safety.UNSAFE)
    if kind == "anyone":
        return e.trust(name, PrincipalKind.ANONYMOUS, "*", safety=Safety.UNSAFE)
    if kind == "foreign":
        return e.trust(name, PrincipalKind.ACCOUNT, "arn:aws:iam::999900001111:root", scope="999900001111")
    if kind == "root":
        return e.trust(name, PrincipalKind.ACCOUNT, f"arn:aws:iam::{e.ACCOUNT}:root", scope=e.ACCOUNT)
    return e.trust(name, PrincipalKind.PRINCIPAL, e.user_arn(whom) if kind == "user" else e.role_arn(whom), scope=e.ACCOUNT)


def _moved(row: Row, account: str) -> Row:
    """The row in an account, and sources, of its own."""
    changed: dict[str, Any] = {}
    for each in fields(row):
        value = getattr(row, each.name)
        if isinstance(value, str) and type(value) is str:
            value = value.replace(e.ACCOUNT, account)
            if each.name in ("evidence", "storage_evidence"):
                value = f"{account}/{value}"
            if each.name == "trust_id":
                value = f"{account}{value}"
            changed[each.name] = value
    return replace(row, **changed)


def judged(rows: list[Row], stale: frozenset[str] = frozenset()) -> Database:
    """All rows in one judged database, with the sources they name; those of `stale` are old."""
    names = sorted({str(getattr(row, "evidence", "") or "").split("#")[0] for row in rows} - {""})
    sources = [
        Source(source_id=name, collector=FORMATS[name.split("/")[1]][0], format=FORMATS[name.split("/")[1]][1],
               collected_at=OLD if name in stale else e.FRESH, collected_basis="manifest")
        for name in names
    ]  # fmt: skip
    database = Database.empty()
    judge(database, [*rows, *sources], as_of=e.AS_OF, pack=load_pack("default"), checks=())
    return database
