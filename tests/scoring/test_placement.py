"""Every placement rule by a worked example, and the cases that come up on the first day."""

from __future__ import annotations

import dataclasses
from datetime import datetime
from functools import cache
from typing import Any

import pytest

from inventory.database import Database
from inventory.model import (
    Credential,
    CredentialKind,
    Enforcement,
    Fact,
    Human,
    Issuance,
    PrincipalKind,
    Public,
    Resource,
    Row,
    Safety,
    ScanTarget,
    Status,
    Storage,
    StorageBasis,
    Validity,
)
from scoring.rules import load_rules
from tests.scoring.clouds import account, application, project, tenant, through_pool
from tests.scoring.estates import (
    ACCOUNT,
    EXPORT,
    SCAN,
    STORES,
    claimed,
    exposure,
    guarded,
    in_variable,
    key,
    native,
    paths,
    placed,
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

UNGUARDED = (Fact.GUARDRAILS, Fact.AUDIT_LOG)
READS = policy(user_arn("svc"), "s3:GetObject")
ASSUMES = policy(user_arn("svc"), "sts:AssumeRole")
SECRET = Credential(
    credential_id="aws:secret:db", provider="aws", scope=ACCOUNT, name="db", kind=CredentialKind.STORED_SECRET, native_id="db",
    storage=Storage.SECRETS_MANAGER, storage_basis=StorageBasis.OBSERVED, store_id="vault", rotated_at=datetime(2026, 9, 1),
    storage_evidence=f"{STORES}#db", status=Status.ACTIVE, evidence=f"{STORES}#db",
)  # fmt: skip

EXAMPLES: dict[str, tuple[list[Any], tuple[Fact, ...], tuple[int, int]]] = {
    "anonymous": (role("worker", trust("worker", PrincipalKind.ANONYMOUS, "*", safety=Safety.UNSAFE)), (), (1, 1)),
    "exposed": ([*user(), *READS, key(), exposure(key())], (), (2, 2)),
    "exposed-perhaps-dead": ([*user(), *READS, key(), exposure(key(), validity=Validity.INACTIVE)], (), (2, 5)),
    "native-governed": ([*role("worker", native()), *guarded()], (), (7, 7)),
    "native-unsafe-trust": ([*role("worker", native(safety=Safety.UNSAFE)), *guarded()], (), (6, 6)),
    "native-ungoverned": ([*role("worker", native()), *guarded(log=Enforcement.OFF)], (), (6, 6)),
    "native-undetermined": (role("worker", native()), UNGUARDED, (6, 7)),
    "chain": ([*role("worker", native()), *role("next", trust("next", PrincipalKind.PRINCIPAL, role_arn("worker"), scope=ACCOUNT)), *guarded()],
              (), (7, 7)),
    "third-party": (role("worker", trust("worker", PrincipalKind.ACCOUNT, "arn:aws:iam::999900001111:root", scope="999900001111")), (), (2, 6)),
    "chain-unknown-principal": (role("worker", trust("worker", PrincipalKind.PRINCIPAL, role_arn("gone"), scope=ACCOUNT)), UNGUARDED, (1, 7)),
    "trust-unknown": (role("worker", trust("worker", PrincipalKind.UNKNOWN, "?", safety=Safety.UNKNOWN)), UNGUARDED, (1, 7)),
    "certificate": ([*role("worker", trust("worker", PrincipalKind.SERVICE, "rolesanywhere.amazonaws.com")), *guarded()], (), (2, 6)),
    "exchanged-manager": ([*user(), *ASSUMES, key(), claimed(key(), Storage.SECRETS_MANAGER, store="vault"), vault()], (), (6, 6)),
    "exchanged-storage-unknown": ([*user(), *ASSUMES, key()], (), (2, 6)),
    "direct-manager-kept": ([*user(), *READS, key(), claimed(key(), Storage.SECRETS_MANAGER, store="vault"), vault()], (), (5, 5)),
    "direct-manager": ([*user(), *READS, key(), claimed(key(), Storage.SECRETS_MANAGER, store="vault"), vault(approved=None)], (), (4, 5)),
    "unknown-use-manager-kept": ([SECRET, vault()], (), (5, 6)),
    "unknown-use-manager": ([SECRET, vault(logged=False)], (), (4, 6)),
    "direct-storage-unknown": ([*user(), *READS, key()], (), (2, 5)),
    "unknown-use-storage-unknown": ([*user(), key()], (Fact.POLICIES,), (2, 6)),
    "not-listed": ([*user(keys_listed=False, password=None), *READS], (Fact.ACCESS_KEYS, Fact.PASSWORDS), (2, 5)),
    "pool-unknown": ([account(attached=False), through_pool("app", "*"), project()], (), (2, 7)),
    "service-account-trust-not-listed": ([account(), project(without=(Fact.TRUST,))], (), (1, 7)),
    "application-trust-not-listed": ([application(), tenant(without=(Fact.TRUST,))], (), (2, 7)),
    "service-account-keys-not-listed": ([account(keys_listed=False), project()], (), (2, 7)),
    "application-credentials-not-listed": ([application(listed=False), tenant()], (), (2, 7)),
    "in-code": ([*user(), *READS, key(), claimed(key(), Storage.SOURCE_CODE)], (), (2, 2)),
    "config-shared": ([*user(), *READS, key(), *in_variable(key(), workload("a", "prod"), workload("b", "dev"))], (), (3, 3)),
    "config-isolated": ([*user(), *READS, key(), *in_variable(key(), workload("a", "prod"), workload("b", "prod"))], (), (4, 4)),
    "config-isolation-unknown": ([*user(), *READS, key(), *in_variable(key(), workload("a", None))], (), (3, 4)),
    "config-by-name": ([Credential(credential_id="aws:env:a:DB_PASSWORD", provider="other", scope=ACCOUNT, name="DB_PASSWORD of a",
                        kind=CredentialKind.PASSWORD, storage=Storage.ENV_VAR, storage_basis=StorageBasis.INFERRED, store_id="a",
                        status=Status.ACTIVE, evidence=f"{EXPORT}#a"), workload("a")], (), (3, 5)),
}  # fmt: skip


@cache
def example(rule: str) -> Database:
    rows, without, _ = EXAMPLES[rule]
    return staged(rows, without=without)


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_each_rule_places_its_example_where_the_model_says(rule: str) -> None:
    assert paths(example(rule)).get(rule) == EXAMPLES[rule][2]


def test_no_rule_is_without_an_example() -> None:
    assert {rule.id for rule in load_rules().rules} == EXAMPLES.keys()


def test_every_bound_of_every_example_has_a_reason_and_evidence_and_an_open_one_says_what_settles_it() -> None:
    for rule in EXAMPLES:
        for path in example(rule).rows("SELECT * FROM main.access_path"):
            assert path["lo_reason"]
            assert path["hi_reason"]
            assert path["lo_evidence"], path
            assert path["hi_evidence"], path
            assert (path["to_settle"] is None) == (path["stage_lo"] == path["stage_hi"]), path


KEPT = [*user(), *READS, key(), claimed(key(), Storage.SECRETS_MANAGER, store="vault"), vault()]
IN_FUNCTION = [*user(), *READS, key(), *in_variable(key(), workload("a", "prod"), workload("b", "prod"))]


def test_while_code_was_not_scanned_in_full_a_static_credential_is_certain_of_no_more_than_stage_two() -> None:
    scanned, never = repository(), repository("acme/never", scanned=False)
    assert placed(staged(KEPT, scanned), user_arn("svc")) == (5, 5)
    assert placed(staged(KEPT, scanned, never), user_arn("svc")) == (2, 5)
    assert placed(staged(KEPT, scanned=False), user_arn("svc")) == (2, 5)
    assert placed(staged(IN_FUNCTION, scanned=False), user_arn("svc")) == (2, 4)
    (path,) = staged(KEPT, scanned, never).rows("SELECT * FROM main.access_path")
    assert path["rule"] == "direct-manager-kept"
    assert "1 of 2 repositories in scope were scanned in full" in path["lo_reason"]
    assert f"{SCAN}#acme/never" in path["lo_evidence"]
    assert "secret-scanner reports" in path["to_settle"]


def test_a_repository_out_of_scope_need_not_be_scanned() -> None:
    aside = ScanTarget(target_id="acme/fork", in_scope=False, scanned=False, evidence=f"{SCAN}#acme/fork")
    assert placed(staged(KEPT, repository(), aside), user_arn("svc")) == (5, 5)


def test_while_workloads_were_not_all_listed_what_rests_in_a_manager_is_certain_of_no_more_than_stage_three() -> None:
    database = staged(KEPT, without=(Fact.WORKLOADS,))
    assert placed(database, user_arn("svc")) == (3, 5)
    (path,) = database.rows("SELECT * FROM main.access_path")
    assert "a copy in a variable is not excluded" in path["lo_reason"]


def test_what_is_made_anew_for_every_use_leaves_no_copy_that_works_but_an_access_key_cannot_be_declared_so() -> None:
    lease = dataclasses.replace(SECRET, issuance=Issuance.DYNAMIC)
    assert placed(staged(lease, vault(), scanned=False), SECRET.credential_id) == (5, 6)
    called = [*user(), *READS, key(), claimed(key(), Storage.SECRETS_MANAGER, store="vault", issuance=Issuance.DYNAMIC), vault()]
    assert placed(staged(called, scanned=False), user_arn("svc")) == (2, 5)


def test_every_bound_on_copies_is_shown_here() -> None:
    assert {bound.id: bound.lo for bound in load_rules().bounds} == {"copy-in-code": 2, "copy-in-variable": 3}


def test_of_two_records_of_one_trust_the_one_that_saw_the_hole_speaks() -> None:
    first, second = (dataclasses.replace(native(), evidence=f"{EXPORT}#role=worker/{number}") for number in range(2))
    for rows in ([first, dataclasses.replace(second, safety=Safety.UNSAFE)], [dataclasses.replace(first, safety=Safety.UNSAFE), second]):
        assert placed(staged(role("worker", *rows), guarded()), role_arn("worker")) == (6, 6)


def test_a_trust_that_another_source_repeats_is_not_lost() -> None:
    elsewhere = dataclasses.replace(native(), evidence="a.json#role=worker")
    assert placed(staged(role("worker", elsewhere, native()), guarded()), role_arn("worker")) == (7, 7)


def human_of(*rows: Any, **more: Any) -> str:
    (found,) = staged(*rows, **more).rows("SELECT human FROM main.identity WHERE identity_id = $id", {"id": user_arn("svc")})
    return str(found["human"])


def test_keys_and_no_password_is_a_machine_password_and_no_key_a_person_both_or_neither_unknown() -> None:
    assert human_of(user(), key()) == Human.NONHUMAN
    assert human_of(user(password=True)) == Human.HUMAN
    assert human_of(user(password=True), key()) == Human.UNKNOWN
    assert human_of(user()) == Human.UNKNOWN


def test_what_nobody_looked_at_decides_nothing() -> None:
    assert human_of(user(password=None), key()) == Human.UNKNOWN
    assert human_of(user(password=True, keys_listed=False)) == Human.UNKNOWN


def test_disabled_and_expired_credentials_never_set_a_stage() -> None:
    off, late = key(status=Status.INACTIVE), key(number=2, expires_at=datetime(2026, 1, 1))
    assert placed(staged(user(), off, late, READS, exposure(off)), user_arn("svc")) == (None, None)


def test_a_user_without_key_or_password_has_no_active_path() -> None:
    assert placed(staged(user()), user_arn("svc")) == (None, None)


def test_an_identity_stands_where_its_weakest_path_stands_and_mixed_says_that_it_has_a_better_one() -> None:
    rows = [
        *role("worker", native(), trust("worker", PrincipalKind.PRINCIPAL, user_arn("svc"), scope=ACCOUNT)),
        *user(),
        key(),
        *READS,
        *guarded(),
    ]
    (found,) = staged(rows).rows("SELECT stage_lo, stage_hi, mixed FROM main.placement WHERE subject_id = $id", {"id": role_arn("worker")})
    assert (found["stage_lo"], found["stage_hi"], found["mixed"]) == (2, 5, True)


def test_a_weak_place_that_was_seen_outweighs_a_better_one_that_was_declared() -> None:
    rows = [*user(), *READS, key(), claimed(key(), Storage.SECRETS_MANAGER, store="vault"), vault(), *in_variable(key(), workload("a"))]
    assert placed(staged(rows), user_arn("svc")) == (4, 4)


def test_isolation_needs_the_workloads_of_all_accounts() -> None:
    rows = [*user(), *READS, key(), *in_variable(key(), workload("a"))]
    assert placed(staged(rows, without=(Fact.WORKLOADS,)), user_arn("svc")) == (3, 4)


def test_a_key_rotated_too_long_ago_is_not_well_kept() -> None:
    old = key(created_at=datetime(2026, 1, 1), rotated_at=datetime(2026, 1, 1))
    rows = [*user(), *READS, old, claimed(old, Storage.SECRETS_MANAGER, store="vault"), vault()]
    assert placed(staged(rows), user_arn("svc")) == (4, 5)


def test_a_declared_rotation_does_not_make_an_old_key_young() -> None:
    old = key(created_at=datetime(2026, 1, 1), rotated_at=datetime(2026, 1, 1))
    claim = claimed(old, Storage.SECRETS_MANAGER, store="vault", rotated_at=datetime(2026, 9, 29), status=Status.INACTIVE)
    assert placed(staged(user(), READS, old, claim, vault()), user_arn("svc")) == (4, 5)


def test_a_role_for_saml_alone_is_listed_out_of_scope() -> None:
    rows = role("people", trust("people", PrincipalKind.SAML, "idp", human=True))
    (found,) = staged(rows).rows("SELECT in_scope, scope_reason FROM main.identity WHERE name = 'people'")
    assert (found["in_scope"], bool(found["scope_reason"])) == (False, True)
    assert staged(rows).rows("SELECT * FROM main.placement") == []


def test_an_open_resource_is_a_subject_of_its_own_at_stage_one() -> None:
    bucket = Resource(
        resource_id="b", provider="aws", scope=ACCOUNT, kind="s3_bucket", name="b", public=Public.YES, public_reason="open", evidence="x#b"
    )
    assert placed(staged(bucket), "b") == (1, 1)


def chain(name: str, principal: str) -> list[Row]:
    return role(name, trust(name, PrincipalKind.PRINCIPAL, role_arn(principal), scope=ACCOUNT))


def test_a_chain_is_as_weak_as_its_start_however_long() -> None:
    first = role("a", trust("a", PrincipalKind.PRINCIPAL, user_arn("svc"), scope=ACCOUNT))
    rows = [*user(), key(), *READS, *first, *chain("b", "a"), *chain("c", "b"), *guarded()]
    assert placed(staged(rows), role_arn("c")) == (2, 5)


def test_a_circle_of_roles_ends_and_has_no_path_of_its_own() -> None:
    assert placed(staged(chain("a", "b"), chain("b", "a")), role_arn("a")) == (None, None)


def test_a_circle_with_one_way_in_is_as_mature_as_that_way() -> None:
    rows = [*chain("a", "b"), *chain("b", "a"), native("b"), *guarded()]
    assert placed(staged(rows), role_arn("a")) == (7, 7)


def test_an_accounts_root_means_every_machine_of_the_account() -> None:
    open_to_all = role("wide", trust("wide", PrincipalKind.ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", scope=ACCOUNT))
    rows = [*open_to_all, *user(), key(), *READS, *role("worker", native()), *guarded()]
    assert placed(staged(rows), role_arn("wide")) == (2, 5)


def test_an_account_of_which_not_all_principals_were_listed_may_hold_one_that_anyone_may_assume() -> None:
    wide = role("wide", trust("wide", PrincipalKind.ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", scope=ACCOUNT))
    rows = [*wide, *role("worker", native()), *guarded()]
    assert placed(staged(rows, without=(Fact.IDENTITIES,)), role_arn("wide")) == (1, 7)


def test_a_user_that_is_not_in_the_evidence_signs_in_with_something() -> None:
    rows = [*role("worker", trust("worker", PrincipalKind.PRINCIPAL, user_arn("gone"), scope=ACCOUNT)), *guarded()]
    assert placed(staged(rows), role_arn("worker")) == (2, 7)


def test_a_user_whose_keys_nobody_listed_may_have_none_and_then_caps_no_role() -> None:
    # Without a key the user opens no way in, and the role stands where its native path does.
    rows = [*user(keys_listed=False, password=None), *READS, *guarded()]
    worker = role("worker", native(), trust("worker", PrincipalKind.PRINCIPAL, user_arn("svc"), scope=ACCOUNT))
    database = staged(rows, worker, without=(Fact.ACCESS_KEYS, Fact.PASSWORDS))
    assert placed(database, role_arn("worker")) == (2, 7)
    assert placed(database, user_arn("svc")) == (2, 5)


def test_a_deleted_principal_opens_nothing() -> None:
    assert placed(staged(role("r", trust("r", PrincipalKind.UNKNOWN, "AIDAEXAMPLE1234567890"))), role_arn("r")) == (None, None)


def test_a_guard_that_is_too_old_guards_nothing_for_certain() -> None:
    assert placed(staged(role("worker", native()), guarded(), stale=UNGUARDED), role_arn("worker")) == (6, 7)


def test_a_live_secret_that_no_inventory_lists_stands_at_stage_two() -> None:
    (row,) = staged(exposure(None, validity=Validity.ACTIVE)).rows("SELECT subject_kind, stage_lo, stage_hi FROM main.placement")
    assert (row["subject_kind"], row["stage_lo"], row["stage_hi"]) == ("credential", 2, 2)


def test_a_resolved_alert_is_no_exposure() -> None:
    assert placed(staged(user(), READS, key(), exposure(key(), state="resolved")), user_arn("svc")) == (2, 5)
