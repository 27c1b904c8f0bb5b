"""Laws of the judgement, over generated estates."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import Database
from inventory.model import Coverage, Fact, PrincipalKind, Row, Safety, SecretStore, Storage
from tests.scoring.clouds import (
    POOLS,
    PROJECT,
    account,
    application,
    binding,
    federated,
    managed_identity,
    member,
    principal_id,
    project,
    provider,
    secret,
    service_account_key,
    subscription,
    tenant,
    through_pool,
)
from tests.scoring.estates import (
    ACCOUNT,
    RUNS,
    SCAN,
    STORES,
    claimed,
    exposure,
    guarded,
    in_variable,
    judged,
    key,
    native,
    policy,
    repository,
    role,
    role_arn,
    staged,
    trust,
    user,
    user_arn,
    vault,
    workload,
)

PLACES: tuple[Callable[[Any], list[Row]], ...] = (
    lambda _: [],
    lambda found: [claimed(found, Storage.SECRETS_MANAGER, store="vault"), vault()],
    lambda found: [claimed(found, Storage.CONFIG_FILE)],
    lambda found: in_variable(found, workload(f"w-{found.name}")),
    lambda found: in_variable(found, workload(f"w-{found.name}"), workload(f"d-{found.name}", "dev")),
    lambda found: [exposure(found, line=1000 * ord(found.name[12]) + 10 * ord(found.name[13]) + int(found.name[-5:]))],
)
LAW = settings(max_examples=15, deadline=None)
users = st.lists(
    st.tuples(st.sampled_from(range(len(PLACES))), st.sampled_from(["sts:AssumeRole", "s3:GetObject", "*"])), min_size=1, max_size=3
)
trusts = st.lists(st.sampled_from(["service", "unsafe", "first-user", "previous", "account", "foreign", "anyone"]), max_size=4)

google = st.lists(
    st.sampled_from(["plain", "keyed", "unlisted", "chained", "foreign", "pool", "loose", "aws", "open"]), min_size=1, max_size=3
)
entra = st.lists(
    st.sampled_from(["secret", "federated", "wide", "foreign", "from-google", "from-identity", "bare"]), min_size=1, max_size=3
)
NUMBERS = [f"10345678901234567890{number}" for number in range(3)]


def people(shape: list[tuple[int, str]]) -> list[Row]:
    rows: list[Row] = []
    for number, (place, action) in enumerate(shape):
        name = f"u{number}"
        rows += [*user(name), key(name), *policy(user_arn(name), action), *PLACES[place](key(name))]
    return rows


def roles(kinds: list[str]) -> list[Row]:
    rows: list[Row] = []
    for number, kind in enumerate(kinds):
        name = f"r{number}"
        told = {
            "service": native(name),
            "unsafe": native(name, safety=Safety.UNSAFE),
            "first-user": trust(name, PrincipalKind.PRINCIPAL, user_arn("u0"), scope=ACCOUNT),
            "previous": trust(name, PrincipalKind.PRINCIPAL, role_arn(f"r{number - 1}"), scope=ACCOUNT),
            "account": trust(name, PrincipalKind.ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", scope=ACCOUNT),
            "foreign": trust(name, PrincipalKind.ACCOUNT, "arn:aws:iam::999900001111:root", scope="999900001111"),
            "anyone": trust(name, PrincipalKind.ANONYMOUS, "*", safety=Safety.UNSAFE),
        }[kind]
        rows += role(name, told)
    return rows


def google_rows(kinds: list[str]) -> list[Row]:
    """A project whose service accounts are told by several sources: accounts and policies, keys, pools, guardrails."""
    rows: list[Row] = [
        *project(),
        provider(),
        provider("aws", kind="aws", issuer=ACCOUNT, pool="projects/1/locations/global/workloadIdentityPools/aws"),
    ]
    for number, kind in enumerate(kinds):
        name = f"sa{number}"
        rows += account(name, keys_listed=kind != "unlisted", number=NUMBERS[number])
        more: dict[str, list[Row]] = {
            "keyed": [service_account_key(name)],
            "chained": [binding(name, PrincipalKind.PRINCIPAL, member("sa0"), principal_scope=PROJECT)],
            "foreign": [binding(name, PrincipalKind.PRINCIPAL, member("x", "vendor"), principal_scope="vendor")],
            "pool": [through_pool(name, "*")],
            "loose": [through_pool(name, "*"), provider("loose", Safety.UNSAFE)],
            "aws": [through_pool(name, "*", pool="projects/1/locations/global/workloadIdentityPools/aws")],
            "open": [binding(name, PrincipalKind.ANONYMOUS, "allUsers", safety=Safety.UNSAFE)],
        }
        rows += more.get(kind, [])
    return rows


def entra_rows(kinds: list[str]) -> list[Row]:
    """A tenant and a subscription: applications, service principals and managed identities, each told by a source of its own."""
    rows: list[Row] = [*tenant(), *subscription(), *managed_identity()]
    for number, kind in enumerate(kinds):
        name = f"app{number}"
        rows += application(name, owner="99999999-0000-4000-8000-000000000000" if kind == "foreign" else None)
        more: dict[str, list[Row]] = {
            "secret": [secret(name)],
            "federated": [federated(name)],
            "wide": [federated(name, safety=Safety.UNSAFE)],
            "from-google": [federated(name, "https://accounts.google.com", NUMBERS[0])],
            "from-identity": [federated(name, "https://sts.windows.net/t/", principal_id("runner").removeprefix("azure:"))],
        }
        rows += more.get(kind, [])
    return rows


def without_source(rows: list[Row], source: str) -> list[Row]:
    """As if the file had not been supplied: neither its rows nor what it says that it covers."""
    return [row for row in rows if str(getattr(row, "evidence", "")).split("#")[0] != source]


def intervals(database: Database) -> dict[str, tuple[int, int]]:
    found = database.rows("SELECT subject_id, stage_lo, stage_hi FROM main.placement WHERE stage_lo IS NOT NULL")
    return {row["subject_id"]: (row["stage_lo"], row["stage_hi"]) for row in found}


@pytest.mark.heavy
@LAW
@given(users, trusts, st.booleans())
def test_bounds_are_ordered_and_every_usable_credential_has_exactly_one_path(
    shape: list[tuple[int, str]], kinds: list[str], guard: bool
) -> None:
    database = staged(people(shape), roles(kinds), guarded() if guard else [])
    for path in database.rows("SELECT * FROM main.access_path"):
        assert 1 <= path["stage_lo"] <= path["stage_hi"] <= 7
    assert database.value("SELECT count(*) FROM main.access_path WHERE credential_id IS NOT NULL") == len(shape)
    assert database.value("SELECT count(*) - count(DISTINCT path_id) FROM main.access_path") == 0
    (row,) = database.rows("SELECT count(*) AS all, count(stage_lo) AS placed FROM main.placement WHERE subject_kind = 'identity'")
    assert row["all"] == len(shape) + len(kinds)


@pytest.mark.heavy
@LAW
@given(users, trusts, st.sampled_from([Fact.GUARDRAILS, Fact.AUDIT_LOG, Fact.WORKLOADS, Fact.POLICIES, Fact.ACCESS_KEYS, Fact.TRUST]))
def test_taking_evidence_away_never_raises_a_lower_bound_nor_meets_a_question(
    shape: list[tuple[int, str]], kinds: list[str], fact: Fact
) -> None:
    rows = [*people(shape), *roles(kinds), *guarded()]
    tables = {Fact.GUARDRAILS: "workload_policy", Fact.AUDIT_LOG: "audit_log"}
    fewer = [row for row in rows if getattr(row, "kind", None) != tables.get(fact, "-")]
    before, after = judged(rows), judged(fewer, without=(fact,))
    old, new = intervals(before), intervals(after)
    assert {subject: (old[subject], found) for subject, found in new.items() if subject in old and found[0] > old[subject][0]} == {}
    met = {row["question_id"]: row["met"] for row in before.rows("SELECT question_id, met FROM main.question")}
    better = [
        row["question_id"]
        for row in after.rows("SELECT question_id, met FROM main.question")
        if row["met"] == "yes" != met[row["question_id"]]
    ]
    assert better == []
    passed = {row["check_id"]: row["passed"] for row in before.rows("SELECT check_id, passed FROM main.check_result")}
    assert [row for row in after.rows("SELECT check_id, passed FROM main.check_result") if row["passed"] > passed[row["check_id"]]] == []


@pytest.mark.heavy
@LAW
@given(users, trusts)
def test_what_people_declare_taken_away_never_raises_a_lower_bound(shape: list[tuple[int, str]], kinds: list[str]) -> None:
    rows = [*people(shape), *roles(kinds)]
    fewer = [row for row in rows if not str(getattr(row, "evidence", "")).startswith("template")]
    old, new = intervals(staged(rows)), intervals(staged(fewer))
    assert {subject: (old[subject], found) for subject, found in new.items() if found[0] > old[subject][0]} == {}


@pytest.mark.heavy
@LAW
@given(users, trusts)
def test_one_more_static_credential_never_raises_a_stage(shape: list[tuple[int, str]], kinds: list[str]) -> None:
    rows = [*people(shape), *roles(kinds)]
    old, new = intervals(staged(rows)), intervals(staged(rows, key("u0", 2)))
    assert {subject: found for subject, found in new.items() if found[0] > old[subject][0] or found[1] > old[subject][1]} == {}


@pytest.mark.heavy
@LAW
@given(users, trusts, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(shape: list[tuple[int, str]], kinds: list[str], rng: random.Random) -> None:
    rows = [*people(shape), *roles(kinds), *guarded()]
    first, second = judged(rows), judged(rng.sample(rows, len(rows)))
    for table in ("identity", "credential", "access_path", "placement", "question", "finding"):
        assert first.rows(f"SELECT * FROM {table} ORDER BY ALL") == second.rows(f"SELECT * FROM {table} ORDER BY ALL")


@pytest.mark.heavy
@LAW
@given(users, google, entra, st.data())
def test_a_source_taken_away_never_raises_a_lower_bound_in_any_cloud(
    shape: list[tuple[int, str]], accounts: list[str], applications: list[str], data: st.DataObject
) -> None:
    # A role of AWS that a service account of GCP may assume, whose user may come in to GCP in turn.
    entry = role("worker", trust("worker", PrincipalKind.OIDC, "accounts.google.com", subject_pattern=NUMBERS[0]), native("worker"))
    rows = [*people(shape), *entry, *guarded(), *google_rows(accounts), *entra_rows(applications)]
    sources = sorted({str(getattr(row, "evidence", "")).split("#")[0] for row in rows if not isinstance(row, Coverage)})
    gone = data.draw(st.sampled_from([name for name in sources if name.startswith(("gcp", "azure"))]))
    old = intervals(staged(rows))
    new = intervals(staged(without_source(rows, gone)))
    assert {subject: (old[subject], found) for subject, found in new.items() if subject in old and found[0] > old[subject][0]} == {}


@pytest.mark.heavy
@LAW
@given(google, entra, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing_in_any_cloud(accounts: list[str], applications: list[str], rng: random.Random) -> None:
    rows = [*google_rows(accounts), *entra_rows(applications)]
    first, second = judged(rows, checks=False), judged(rng.sample(rows, len(rows)), checks=False)
    for table in ("identity", "credential", "trust", "entitlement", "federation", "coverage", "access_path", "placement", "question"):
        assert first.rows(f"SELECT * FROM {table} ORDER BY ALL") == second.rows(f"SELECT * FROM {table} ORDER BY ALL")


@pytest.mark.heavy
@LAW
@given(google, st.booleans())
def test_pools_taken_away_never_raise_a_lower_bound(accounts: list[str], keys_too: bool) -> None:
    rows = google_rows(accounts)
    fewer = without_source(rows, POOLS)
    if keys_too:
        fewer = without_source(fewer, "gcp-keys.json")
    old, new = intervals(staged(rows)), intervals(staged(fewer))
    assert {subject: (old[subject], found) for subject, found in new.items() if subject in old and found[0] > old[subject][0]} == {}


PAIRS = list(itertools.combinations_with_replacement(range(len(PLACES)), 2))


def scattered(action: str) -> list[Row]:
    """A user for every two places that a key may rest in: what is told of them by several sources."""
    rows: list[Row] = [vault(), *repository(), *guarded()]
    for number, pair in enumerate(PAIRS):
        name = f"u{number:02d}"
        rows += [*user(name), key(name), *policy(user_arn(name), action)]
        rows += [row for place in dict.fromkeys(pair) for row in PLACES[place](key(name)) if not isinstance(row, SecretStore)]
    return rows


@pytest.mark.heavy
@pytest.mark.parametrize("action", ["sts:AssumeRole", "s3:GetObject"])
@pytest.mark.parametrize("gone", [SCAN, STORES, RUNS])
def test_a_source_taken_away_raises_no_lower_bound_wherever_a_key_rests(action: str, gone: str) -> None:
    rows = scattered(action)
    unlisted = [Fact.WORKLOADS] if gone == RUNS else []
    old = intervals(staged(rows))
    new = intervals(staged(without_source(rows, gone), scanned=False, without=unlisted))
    assert {subject: (old[subject], found) for subject, found in new.items() if found[0] > old[subject][0]} == {}
    assert len(old) == len(new) == len(PAIRS)
    # The whole evidence tells of something: a key in the manager alone stands where the manager puts it.
    assert old[user_arn(f"u{PAIRS.index((1, 1)):02d}")] == ((6, 6) if action == "sts:AssumeRole" else (5, 5))
