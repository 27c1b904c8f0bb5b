"""Metrics: figures of small estates, by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from inventory.model import Fact
from inventory.store import Database
from tests.scoring.estates import judged, key, policy, user, user_arn


def figure(database: Database, metric: str) -> tuple[Any, ...]:
    (row,) = database.rows("SELECT * FROM main.metric WHERE metric_id = $id AND dimension = 'all'", {"id": metric})
    return row["numerator"], row["denominator"], row["unknown"], row["lo"], row["hi"]


def test_one_old_key_one_young_key_and_one_of_unknown_age_are_a_third_to_two_thirds() -> None:
    old, unsaid = key("b", created_at=datetime(2025, 1, 1)), key("c", created_at=None, rotated_at=None)
    database = judged(user("a"), key("a"), user("b"), old, user("c"), unsaid, checks=False)
    assert figure(database, "key-rotation-compliance") == (1, 3, 1, 1 / 3, 2 / 3)


def test_nothing_to_count_is_no_share() -> None:
    assert figure(judged(checks=False), "key-rotation-compliance") == (0, 0, 0, None, None)


def test_without_policies_nobody_is_known_to_be_unprivileged() -> None:
    rows = [*user("a"), *policy(user_arn("a"), "*"), *user("b"), *policy(user_arn("b"), "s3:GetObject")]
    assert figure(judged(rows, checks=False), "privileged") == (1, 2, 0, 0.5, 0.5)
    assert figure(judged(rows, without=(Fact.POLICIES,), checks=False), "privileged")[4] == 1.0


def test_without_a_list_of_owners_ownership_is_unknown_not_missing() -> None:
    assert figure(judged(user("a"), checks=False), "owner-coverage") == (0, 1, 0, 0.0, 0.0)
    assert figure(judged(user("a"), without=(Fact.OWNERSHIP,), checks=False), "owner-coverage") == (0, 1, 1, 0.0, 1.0)
