"""Metrics: figures of small estates, by hand; what is not known widens them and never improves their worse end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import Database
from inventory.model import Fact, Owner, Ownership, Status, Storage
from scoring.metrics import count_subjects, metric_of, metrics, populations
from scoring.packs import load_pack
from tests.scoring.estates import (
    AS_OF,
    claimed,
    guarded,
    in_variable,
    judged,
    key,
    native,
    policy,
    role,
    role_arn,
    user,
    user_arn,
    vault,
    workload,
)


def row(database: Database, metric: str) -> dict[str, Any]:
    (found,) = database.rows("SELECT * FROM main.metric WHERE metric_id = $id AND dimension = 'all'", {"id": metric})
    return found


def figure(database: Database, metric: str) -> tuple[Any, ...]:
    found = row(database, metric)
    return found["numerator"], found["denominator"], found["unknown"], found["lo"], found["hi"]


def aged(name: str, days: int | None, **more: Any) -> Any:
    made = AS_OF - timedelta(days=days) if days is not None else None
    return key(name, created_at=made, rotated_at=made, **more)


def owned(identity: str, status: Status = Status.ACTIVE) -> list[Any]:
    return [
        Owner(owner_id=f"o-{identity}", kind="person", status=status, evidence="staff.csv#1"),
        Ownership(identity_id=identity, owner_id=f"o-{identity}", basis="declared", evidence="staff.csv#2"),
    ]


def test_one_old_key_one_young_key_and_one_of_unknown_age_are_a_third_to_two_thirds() -> None:
    database = judged(user("a"), aged("a", 30), user("b"), aged("b", 600), user("c"), aged("c", None), checks=False)
    assert figure(database, "rotation-compliance") == (1, 3, 1, pytest.approx(100 / 3), pytest.approx(200 / 3))


def test_what_was_changed_later_on_the_day_judged_by_is_of_that_day_and_what_is_dated_after_it_is_of_unknown_age() -> None:
    noon, later = AS_OF + timedelta(hours=12), AS_OF + timedelta(days=1)
    keys = [user("a"), key("a", created_at=noon, rotated_at=noon), user("b"), key("b", created_at=later, rotated_at=later)]
    assert figure(judged(*keys, checks=False), "rotation-compliance") == (1, 2, 1, 50, 100)


def test_ages_are_ranked_with_the_unknown_all_young_then_all_old() -> None:
    database = judged(*[[user(name), aged(name, days)] for name, days in (("a", 10), ("b", 20), ("c", 40), ("d", None))], checks=False)
    # Four: the median is the second. All young: 0 10 20 40 -> 10. All old: 10 20 40 ∞ -> 20. The ninth decile is the fourth: 40, or no bound.
    found = row(database, "credential-age")
    assert (found["lo"], found["hi"], found["p90_lo"], found["p90_hi"]) == (10, 20, 40, None)


def test_most_ages_unknown_leave_no_upper_bound_and_say_so() -> None:
    database = judged(user("a"), aged("a", 10), user("b"), aged("b", None), user("c"), aged("c", None), checks=False)
    found = row(database, "credential-age")
    assert (found["lo"], found["hi"]) == (0, None)
    assert "without an upper bound" in found["reason"]


def test_nothing_to_count_is_no_figure() -> None:
    for name in ("rotation-compliance", "credential-age", "vault-coverage", "owner-coverage", "static-to-ephemeral"):
        found = row(judged(checks=False), name)
        assert (found["lo"], found["hi"], found["denominator"]) == (None, None, 0), name
        assert "nothing" in found["reason"]


def test_static_ways_in_are_compared_with_short_lived_ones() -> None:
    database = judged(user("a"), aged("a", 30), user("b"), aged("b", 30), user("c"), aged("c", 9), role("w", native("w")), checks=False)
    assert figure(database, "static-to-ephemeral") == (3, 1, 0, 3.0, 3.0)
    assert figure(database, "active-static-credentials")[:3] == (3, 3, 0)


def test_administrators_are_privileged_and_without_policies_nobody_is_known_not_to_be() -> None:
    rows = [*user("a"), *policy(user_arn("a"), "*"), *user("b"), *policy(user_arn("b"), "s3:GetObject")]
    assert figure(judged(rows, checks=False), "privileged-identities") == (1, 2, 0, 50, 50)
    assert figure(judged(rows, checks=False, without=[Fact.POLICIES]), "privileged-identities")[2] > 0


def test_an_owner_who_left_is_none_and_one_on_no_list_is_not_known() -> None:
    rows = [user(name) for name in "abcd"]
    told = [owned(user_arn("a")), owned(user_arn("b"), Status.DEPARTED), owned(user_arn("c"), Status.UNKNOWN)]
    database = judged(rows, told, checks=False)
    assert figure(database, "owner-coverage") == (1, 4, 1, 25, 50)
    assert figure(database, "orphan-rate") == (2, 4, 1, 50, 75)


def test_a_key_in_the_vault_counts_and_one_of_unknown_place_leaves_it_open() -> None:
    kept, loose, lost = aged("a", 30), aged("b", 30), aged("c", 30)
    database = judged(
        user("a"), kept, claimed(kept, Storage.SECRETS_MANAGER, store="vault"), vault(), user("b"), in_variable(loose, workload("w")), loose,
        user("c"), lost, checks=False,
    )  # fmt: skip
    assert figure(database, "vault-coverage") == (1, 3, 1, pytest.approx(100 / 3), pytest.approx(200 / 3))


def test_unused_is_stale_and_what_nobody_tracked_is_not_known() -> None:
    rows = [
        user("old", password=None),
        aged("old", 400, last_used_at=AS_OF - timedelta(days=91)),
        user("new"),
        aged("new", 400, last_used_at=AS_OF),
    ]
    unseen = [role("w", native("w"), created_at=datetime(2025, 1, 1))]
    database = judged(rows, unseen, user("dark"), aged("dark", 400, last_used_known=False), checks=False)
    # `old` idle 91 days and the role never used since 2025 are stale, `new` is not, of `dark` nobody looked.
    assert figure(database, "stale-identities") == (2, 4, 1, 50, 75)


def test_short_lived_scoped_owned_and_revocable_counts_and_each_missing_term_decides() -> None:
    rows = [role("good", native("good")), policy(role_arn("good"), "s3:GetObject", resource="arn:aws:s3:::b/*"), owned(role_arn("good"))]
    admin = [role("wide", native("wide")), policy(role_arn("wide"), "*"), owned(role_arn("wide"))]
    static = [user("s"), aged("s", 3), owned(user_arn("s"))]
    nobody = [role("stray", native("stray")), policy(role_arn("stray"), "s3:GetObject", resource="arn:aws:s3:::b/*")]
    assert figure(judged(rows, admin, static, nobody, checks=False), "effective-ephemeral") == (1, 4, 0, 25, 25)


def test_figures_by_group_add_up_to_those_of_all() -> None:
    database = judged(user("a", team="x"), aged("a", 30), user("b", team="y"), aged("b", 600), user("c"), aged("c", 600), checks=False)
    for name in ("rotation-compliance", "owner-coverage"):
        groups = database.rows(
            "SELECT grp, numerator, denominator FROM main.metric WHERE metric_id = $id AND dimension = 'team'", {"id": name}
        )
        assert {group["grp"] for group in groups} == {"x", "y", None}
        assert sum(group["numerator"] for group in groups) == row(database, name)["numerator"]
        assert sum(group["denominator"] for group in groups) == row(database, name)["denominator"] == 3


def test_what_one_metric_is_made_of_is_enough_to_count_it_as_all_are_counted() -> None:
    rows = [role("good", native("good")), policy(role_arn("good"), "s3:GetObject", resource="arn:aws:s3:::b/*"), owned(role_arn("good"))]
    database = judged(rows, user("s", team="x"), aged("s", 600), owned(user_arn("s")), user("c"), aged("c", None), checks=False)
    thresholds = load_pack("default").thresholds
    for one in metrics():
        database.execute("DROP SCHEMA counting CASCADE")
        populations(database, AS_OF, thresholds, of=one)
        count_subjects(database, one, AS_OF, thresholds)
        if one.unit == "percent":
            weighed = "SELECT CAST(coalesce(sum(weight), 0) AS BIGINT) FROM counting.item WHERE status = 'counted'"
            assert database.value(weighed) == row(database, one.metric_id)["numerator"], one.metric_id
        assert database.value("SELECT count(*) FROM counting.item") >= (row(database, one.metric_id)["denominator"] > 0), one.metric_id


WORSE = {"higher": "lo", "lower": "hi"}
"""The end of the interval that must not get better when evidence goes."""


@pytest.mark.heavy
@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from([5, 95, 400, None]), st.sampled_from(["*", "s3:GetObject"]), st.booleans()), min_size=1, max_size=3),
    st.sampled_from(
        [Fact.POLICIES, Fact.OWNERSHIP, Fact.ACCESS_KEYS, Fact.KEY_USAGE, Fact.ROLE_USAGE, Fact.WORKLOADS, Fact.STORED_SECRETS]
    ),
)
def test_taking_a_fact_away_never_betters_the_worse_end(shape: list[tuple[int | None, str, bool]], fact: Fact) -> None:
    rows: list[Any] = [*guarded(), role("w", native("w")), policy(role_arn("w"), "s3:GetObject")]
    for number, (days, action, named) in enumerate(shape):
        name = f"u{number}"
        rows += [user(name), aged(name, days), policy(user_arn(name), action), owned(user_arn(name)) if named else []]
    before, after = judged(rows, checks=False), judged(rows, checks=False, without=[fact])
    for one in metrics():
        old, new = row(before, one.metric_id), row(after, one.metric_id)
        if one.unit == "percent" and one.better in WORSE and None not in (old["lo"], new["lo"]):
            end = WORSE[one.better]
            assert new[end] <= old[end] if one.better == "higher" else new[end] >= old[end], (one.metric_id, old, new)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("unit = \"percent\"", "unit = \"share\""), "unit: 'share' is none of"),
        (("better = \"higher\"", "better = \"up\""), "better: 'up' is none of"),
        (("needs = [", "need = ["), "did you mean needs?"),
        (("\"identities\"", "\"identitys\""), "'identitys' is none of"),
    ],
)  # fmt: skip
def test_a_malformed_metric_says_what_is_wrong(change: tuple[str, str], problem: str) -> None:
    text = (
        '-- title = "T"\n-- unit = "percent"\n-- better = "higher"\n-- counts = "c"\n-- definition = "d"\n-- formula = "f"\n'
        '-- needs = ["identities"]\n-- lists = ["identities"]\n\nSELECT 1'
    )
    assert metric_of("t", text).title == "T"
    with pytest.raises(ValueError, match=problem.replace("?", r"\?")):
        metric_of("t", text.replace(*change))


def test_every_metric_says_what_it_means() -> None:
    assert len(metrics()) >= 19
    for one in metrics():
        assert one.definition.endswith("."), one.metric_id
        assert one.formula, one.metric_id
