"""Service accounts and their keys."""

from __future__ import annotations

import random
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.document import Problem
from inventory.model import CoverageStatus, Credential, CredentialKind, CredentialRole, Fact, Human, Identity, Sighting, Status, Trust
from tests.collectors.gcp.shapes import PROJECT, account, covered, document, email, key, only, rows, sa

LISTS = "gcp-service-accounts"
KEYS = "gcp-service-account-keys"
DOORS: dict[str, Any] = {
    "gcloud": lambda records: [records],
    "REST": lambda records: [{"accounts": records}],
    "pages": lambda records: [{"accounts": records[:1], "nextPageToken": "t"}, {"accounts": records[1:]}],
    "a last page of nothing": lambda records: [{"accounts": records, "nextPageToken": "t"}, {}],
    "lines": lambda records: records,
    "a list of pages": lambda records: [[{"accounts": records[:1], "nextPageToken": "t"}, {"accounts": records[1:]}]],
}


@pytest.mark.parametrize("door", DOORS)
def test_accounts_are_the_same_through_each_door(door: str) -> None:
    records = [account("mailer"), account("worker", disabled=True)]
    found = rows(LISTS, document(*DOORS[door](records)))
    first, second = only(Identity, found)
    assert (first.identity_id, first.scope, first.status, first.human) == (sa(), PROJECT, Status.ACTIVE, Human.NONHUMAN)
    assert (second.name, second.status) == (email("worker"), Status.DISABLED)
    assert [row.principal for row in only(Trust, found)] == ["gcp.attached", "gcp.attached"]
    assert covered(found) == {(Fact.IDENTITIES, PROJECT): CoverageStatus.COLLECTED}


def test_a_page_that_asks_for_a_next_one_is_partial() -> None:
    found = rows(LISTS, document({"accounts": [account()], "nextPageToken": "t"}))
    assert covered(found) == {(Fact.IDENTITIES, PROJECT): CoverageStatus.PARTIAL}


def test_an_empty_page_is_known_for_the_project_that_the_manifest_names_and_told_otherwise() -> None:
    assert covered(rows(LISTS, document({"accounts": []}, scope=PROJECT))) == {(Fact.IDENTITIES, PROJECT): CoverageStatus.COLLECTED}
    alone = rows(LISTS, document({"accounts": []}))
    assert only(Problem, alone)[0].message.startswith("an empty list")


def test_a_malformed_account_is_told_and_the_others_are_kept() -> None:
    found = rows(LISTS, document([{"name": "projects/p/serviceAccounts/x", "projectId": "p"}, account(), 7]))
    assert [row.name for row in only(Identity, found)] == [email()]
    assert [problem.lost for problem in only(Problem, found)] == [True, True]


def test_a_key_says_when_it_was_made_and_that_it_never_ends() -> None:
    (credential,) = only(Credential, rows(KEYS, document([key()])))
    assert (credential.credential_id, credential.identity_id) == (f"gcp:key:{email()}/5a3b", sa())
    assert (credential.kind, credential.role, credential.native_id) == (CredentialKind.SIGNING_KEY, CredentialRole.IDENTITY, "5a3b")
    assert credential.created_at == credential.rotated_at == datetime(2024, 2, 3, 4, 5, 6)
    assert (credential.never_expires, credential.expires_at, credential.status) == (True, None, Status.ACTIVE)


def test_an_uploaded_key_ends_and_a_disabled_one_is_inactive() -> None:
    uploaded = key("1", keyOrigin="USER_PROVIDED", validBeforeTime="2025-02-03T04:05:06Z")
    first, second = only(Credential, rows(KEYS, document([uploaded, key("2", disabled=True)])))
    assert (first.never_expires, first.expires_at) == (False, datetime(2025, 2, 3, 4, 5, 6))
    assert "uploaded" in first.name
    assert second.status is Status.INACTIVE


def test_a_key_without_an_end_date_does_not_say_whether_it_ends() -> None:
    raw = key()
    del raw["validBeforeTime"]
    (credential,) = only(Credential, rows(KEYS, document([raw])))
    assert (credential.never_expires, credential.expires_at) == (None, None)


def test_keys_that_google_makes_itself_are_no_credentials() -> None:
    found = rows(KEYS, document([key(keyType="SYSTEM_MANAGED")]))
    assert only(Credential, found) == []
    assert [row.subject_id for row in only(Sighting, found)] == [sa()]


def test_one_accounts_keys_do_not_stand_for_the_projects() -> None:
    assert covered(rows(KEYS, document([key()], scope=PROJECT))) == {(Fact.ACCESS_KEYS, PROJECT): CoverageStatus.PARTIAL}
    each = document([key()], [], [key("9", "worker")], scope=PROJECT)
    assert covered(rows(KEYS, each)) == {(Fact.ACCESS_KEYS, PROJECT): CoverageStatus.COLLECTED}
    wrapped = document({"serviceAccount": email(), "keys": [key()]}, {"serviceAccount": email("worker"), "keys": []}, scope=PROJECT)
    found = rows(KEYS, wrapped)
    assert covered(found) == {(Fact.ACCESS_KEYS, PROJECT): CoverageStatus.COLLECTED}
    assert {row.subject_id for row in only(Sighting, found)} == {sa(), sa("worker")}


@pytest.mark.heavy
@given(st.permutations(range(4)), st.randoms(use_true_random=False))
def test_order_and_paging_change_nothing(order: list[int], chance: random.Random) -> None:
    records = [account(f"a{number}") for number in range(4)]
    cut = chance.randint(0, 4)
    mixed = [records[number] for number in order]
    whole, paged = document(records), document({"accounts": mixed[:cut], "nextPageToken": "t"}, {"accounts": mixed[cut:]})
    assert {repr(row) for row in rows(LISTS, whole)} == {repr(row) for row in rows(LISTS, paged)}
