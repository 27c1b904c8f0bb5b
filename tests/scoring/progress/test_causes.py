"""Every cause and every border between two, on sides written by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from tests.scoring.progress.sides import DEV, LONG_AGO, PROD, SINCE, Side, Subject, cause, compared, user

ONE = Side(subjects=(user(),))
NONE = Side()
KEYED_ROLE = Subject(name="svc", ways={"native": (7, 7), "key": (3, 3)})
ROLE = Subject(name="svc", ways={"native": (7, 7)})


def at(low: int, high: int | None = None) -> Side:
    return Side(subjects=(user("svc", low, high),))


# --- there on both sides


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((3, 3), (5, 5), "moved_up"),
        ((5, 5), (3, 3), "moved_down"),
        ((2, 5), (5, 5), "evidence"),
        ((5, 5), (2, 5), "evidence"),
        ((2, 4), (3, 5), "evidence"),
        ((2, 5), (2, 5), None),
    ],
)
def test_only_what_is_certainly_higher_or_lower_has_moved(before: tuple[int, int], now: tuple[int, int], expected: str | None) -> None:
    assert cause(at(*before), at(*now)) == expected


def test_no_progress_where_the_file_that_held_it_down_was_not_supplied_again() -> None:
    assert cause(at(3), at(5).but(formats=("aws-gaad", "gitleaks-json"))) == "evidence"


def test_a_fall_is_told_even_where_a_file_is_missing() -> None:
    assert cause(at(5), at(3).but(formats=("aws-gaad", "gitleaks-json"))) == "moved_down"


def test_a_key_found_in_code_since_is_a_fall_and_one_that_stood_there_before_is_knowledge() -> None:
    key = "key/svc"
    assert cause(at(5), at(2).but(exposed={key: SINCE})) == "moved_down"
    assert cause(at(5), at(2).but(exposed={key: LONG_AGO})) == "evidence"
    assert cause(at(5), at(2).but(exposed={key: None})) == "moved_down"


def test_a_key_out_of_code_is_progress_only_where_somebody_looked_again() -> None:
    leaked = at(2).but(exposed={"key/svc": LONG_AGO})
    assert cause(leaked, at(5)) == "moved_up"
    assert cause(leaked, at(5).but(coverage={"secret_scan": "partial"})) == "evidence"


def test_a_key_that_went_lifts_its_role_only_where_keys_were_listed_in_full() -> None:
    before, now = Side(subjects=(KEYED_ROLE,)), Side(subjects=(ROLE,))
    assert cause(before, now) == "moved_up"
    assert cause(before, now.but(coverage={"access_keys": "partial"})) == "evidence"
    assert cause(before, now.but(formats=("aws-gaad", "gitleaks-json"))) == "evidence"


def test_a_credential_of_a_kind_that_nothing_lists_proves_nothing_by_its_absence() -> None:
    kept = Side(subjects=(replace(KEYED_ROLE, key_kind="pat"),))
    assert cause(kept, Side(subjects=(ROLE,))) == "evidence"


def test_a_new_key_pulls_its_role_down_and_an_old_one_that_nobody_saw_does_not() -> None:
    before = Side(subjects=(ROLE,))
    assert cause(before, Side(subjects=(replace(KEYED_ROLE, keys_made=SINCE),))) == "moved_down"
    assert cause(before, Side(subjects=(replace(KEYED_ROLE, keys_made=LONG_AGO),))) == "evidence"


# --- it came


def test_made_since_in_a_covered_account_is_new() -> None:
    assert cause(NONE, Side(subjects=(user(created_at=SINCE),))) == "new"


def test_what_existed_before_and_was_not_seen_is_knowledge() -> None:
    assert cause(NONE, Side(subjects=(user(created_at=LONG_AGO),))) == "evidence"


def test_without_a_date_it_is_new_only_where_all_were_listed_before() -> None:
    came = Side(subjects=(user(created_at=None),))
    assert cause(NONE, came) == "new"
    assert cause(NONE.but(coverage={"identities": "partial"}), came) == "evidence"


def test_what_an_account_brings_that_was_not_covered_is_scope_however_young() -> None:
    came = Side(subjects=(user(scope=DEV, created_at=SINCE),), scopes=(PROD, DEV))
    assert cause(NONE, came) == "scope"
    assert cause(NONE.but(scopes=(PROD, DEV)), came) == "new"


def test_an_account_known_only_by_name_was_not_covered() -> None:
    before = Side(scopes=(PROD, DEV), coverage=dict.fromkeys(("identities", "access_keys", "trust", "policies", "workloads",
                                                              "resource_policies", "service_credentials"), "missing"))  # fmt: skip
    assert cause(before, Side(subjects=(user(scope=DEV, created_at=SINCE),), scopes=(PROD, DEV))) == "scope"


# --- it left


def test_gone_from_an_account_that_was_listed_in_full_is_retired() -> None:
    assert cause(ONE, NONE) == "retired"


@pytest.mark.parametrize("status", ["partial", "denied", "missing", "stale", "unreadable"])
def test_gone_where_the_list_is_not_whole_is_never_retired(status: str) -> None:
    assert cause(ONE, NONE.but(coverage={"identities": status})) == "evidence"


def test_gone_with_its_file_is_never_retired() -> None:
    assert cause(ONE, NONE.but(formats=("aws-credential-report",))) == "evidence"


def test_gone_with_its_account_is_scope() -> None:
    before = Side(subjects=(user(scope=DEV),), scopes=(PROD, DEV))
    assert cause(before, NONE) == "scope"


def test_a_renamed_user_is_another_user() -> None:
    now = Side(subjects=(user("other", created_at=SINCE),))
    assert (cause(ONE, now), cause(ONE, now, "other")) == ("retired", "new")


@pytest.mark.parametrize(
    "now", [user(in_scope=False, placed=False), user(human="human", placed=False)], ids=["out of scope", "a person after all"]
)
def test_what_leaves_the_scope_of_the_assessment_is_scope(now: Subject) -> None:
    assert cause(ONE, Side(subjects=(now,))) == "scope"
    assert cause(Side(subjects=(now,)), ONE) == "scope"


# --- switched off and on


@pytest.mark.parametrize("off", [user(status="disabled"), user(key_status="inactive")], ids=["identity", "key"])
def test_switched_off_is_retired_and_switched_on_is_new(off: Subject) -> None:
    assert cause(ONE, Side(subjects=(off,))) == "retired"
    assert cause(Side(subjects=(off,)), ONE) == "new"


def test_without_a_way_in_because_nobody_listed_the_keys_is_knowledge() -> None:
    bare = Side(subjects=(replace(user(), ways={}),))
    assert cause(ONE, bare) == "retired"
    assert cause(ONE, bare.but(coverage={"access_keys": "missing"})) == "evidence"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("yes", "no", "retired"),
        ("yes", "unknown", "evidence"),
        ("no", "yes", "new"),
        ("unknown", "yes", "evidence"),
        (None, "yes", "new"),
        ("yes", None, "retired"),
    ],
)
def test_a_bucket_opened_or_closed(before: str | None, now: str | None, expected: str) -> None:
    sides = [Side(resources={"b": public} if public else {}, formats=("aws-gaad",)) for public in (before, now)]
    assert cause(sides[0], sides[1], "b") == expected


def test_a_bucket_gone_with_the_file_of_one_region_is_not_retired() -> None:
    before = Side(resources={"b": "yes", "other": "no"}, formats=("aws-gaad", "aws-gaad"))
    assert cause(before, Side(resources={"other": "no"}, formats=("aws-gaad",)), "b") == "evidence"


# --- other units


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("fail", "pass", "moved_up"),
        ("pass", "fail", "moved_down"),
        ("unknown", "pass", "evidence"),
        ("fail", "unknown", "evidence"),
        ("unknown", "fail", "evidence"),
    ],
)
def test_an_answers_item_to_or_from_unknown_is_knowledge(before: str, now: str, expected: str) -> None:
    sides = [ONE.but(items={("Q5", "svc"): status}) for status in (before, now)]
    assert cause(sides[0], sides[1], population="item") == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("fail", None, "moved_up"),
        (None, "fail", "moved_down"),
        ("unknown", None, "evidence"),
        ("fail", "unknown", "evidence"),
        (None, "unknown", "evidence"),
    ],
)
def test_a_finding_that_is_none_any_more_passed(before: str | None, now: str | None, expected: str) -> None:
    sides = [ONE.but(findings={("key-older-than-limit", "svc"): status} if status else {}) for status in (before, now)]
    assert cause(sides[0], sides[1], population="finding") == expected


def test_findings_of_a_check_that_only_one_side_ran_are_of_the_rules() -> None:
    own = ONE.but(checks=("my-check",), findings={("my-check", "svc"): "fail"})
    assert cause(ONE, own, population="finding") == "rules"
    assert cause(own, ONE, population="finding") == "rules"


def test_a_finding_of_a_subject_that_went_is_not_mended() -> None:
    found = ONE.but(findings={("key-older-than-limit", "svc"): "fail"})
    assert cause(found, NONE, population="finding") == "retired"
    assert cause(found, NONE.but(coverage={"identities": "partial"}), population="finding") == "evidence"


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("admin", "write", "moved_up"),
        ("write", "admin", "moved_down"),
        ("unknown", "write", "evidence"),
        ("admin", "unknown", None),  # both are critical
        ("write", "unknown", "evidence"),
    ],
)
def test_a_path_that_only_its_privilege_makes_another(before: str, now: str, expected: str | None) -> None:
    sides = [Side(subjects=(user(privilege=privilege),)) for privilege in (before, now)]
    assert cause(sides[0], sides[1], population="path") == expected


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ((100, 50, 0), (100, 10, 0), "moved_up"),
        ((100, 10, 0), (100, 50, 0), "moved_down"),
        ((100, 0, 100), (100, 50, 0), "evidence"),
        ((100, 50, 0), (50, 25, 0), "evidence"),
    ],
)
def test_less_unused_is_better_and_finding_out_is_not(before: tuple[int, int, int], now: tuple[int, int, int], expected: str) -> None:
    sides = [ONE.but(creep={"svc": weights}) for weights in (before, now)]
    assert cause(sides[0], sides[1], population="creep") == expected


def test_static_credentials_made_retired_and_newly_seen() -> None:
    def extra(made: datetime) -> Side:
        return Side(subjects=(replace(user(), ways={"key": (3, 3), "key2": (3, 3)}, keys_made=made),))

    with compared(ONE, extra(SINCE)) as database:
        rows = database.rows("SELECT id, cause FROM progress.caused WHERE population = 'static'")
        assert rows == [{"id": "key2/svc", "cause": "new"}]
    with compared(ONE, extra(LONG_AGO)) as database:
        assert database.value("SELECT cause FROM progress.caused WHERE population = 'static'") == "evidence"
    with compared(extra(LONG_AGO), ONE) as database:
        assert database.value("SELECT cause FROM progress.caused WHERE population = 'static'") == "retired"
