"""The product against the sample company's answer key, which is stated by hand and never by the product."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.reading import read
from inventory.database import Database
from scoring.catalogue import load
from scoring.judge import judge
from scoring.packs import load_pack
from tests.checkout import ROOT

SAMPLES = ROOT / "sample_data"
QUARTERS = ("q2-2026", "q3-2026")


def answers() -> dict[str, Any]:
    key: dict[str, Any] = json.loads((SAMPLES / "answer-key.json").read_text(encoding="utf-8"))
    return key


@cache
def judged(quarter: str) -> Database:
    evidence = read([Path(SAMPLES / quarter)], COLLECTORS, key=b"k" * 32)
    assert evidence.as_of is not None
    database = Database.empty()
    judge(database, [*evidence.rows, *evidence.sources], as_of=evidence.as_of, pack=load_pack("default"), checks=load().checks)
    return database


def stories() -> Iterator[Any]:
    for quarter in QUARTERS:
        for story in answers()[quarter]["stories"]:
            if story["stage"] is not None:
                yield pytest.param(quarter, story, id=f"{quarter}-{story['story']}")


@pytest.mark.parametrize(("quarter", "story"), list(stories()))
def test_every_subject_of_a_planted_story_stands_where_the_answer_key_says(quarter: str, story: dict[str, Any]) -> None:
    rows = judged(quarter).rows("SELECT subject_id, name, stage_lo, stage_hi FROM main.placement")
    placed = {row["subject_id"].removesuffix("/url"): [row["stage_lo"], row["stage_hi"]] for row in rows}
    assert story["subjects"]
    wrong = {subject: placed.get(subject, "not placed") for subject in story["subjects"] if placed.get(subject) != story["stage"]}
    assert wrong == {}


@pytest.mark.parametrize(("quarter", "expected"), [("q2-2026", [1, 2, 6, 7]), ("q3-2026", [1, 2, 3, 4, 5, 6, 7])])
def test_all_seven_stages_are_present_where_the_code_was_scanned(quarter: str, expected: list[int]) -> None:
    points = judged(quarter).rows("SELECT DISTINCT stage_lo AS stage FROM main.placement WHERE stage_lo = stage_hi ORDER BY 1")
    assert [row["stage"] for row in points] == expected


@pytest.mark.parametrize("quarter", QUARTERS)
def test_roles_users_and_what_is_out_of_scope_are_counted_as_in_the_files(quarter: str) -> None:
    counts = answers()[quarter]["counts"]
    (row,) = judged(quarter).rows(
        """
        SELECT
            count(*) FILTER (WHERE native_type = 'AWS::IAM::User') AS users,
            count(*) FILTER (WHERE scope_reason LIKE 'service-linked%') AS service_linked,
            count(*) FILTER (WHERE scope_reason LIKE 'reserved single sign-on%') AS reserved
        FROM main.identity
        """
    )
    assert (row["users"], row["service_linked"], row["reserved"]) == (
        counts["users"],
        counts["service_linked_roles"],
        counts["reserved_sso_roles"],
    )


def test_what_looks_open_and_is_not_raises_no_alarm() -> None:
    for quarter in QUARTERS:
        (story,) = [story for story in answers()[quarter]["stories"] if story["story"] == "looks-open-is-not"]
        assert story["subjects"]
        found = judged(quarter).rows(
            "SELECT subject_id FROM main.placement WHERE stage_lo = 1 AND list_contains($subjects, subject_id)",
            {"subjects": story["subjects"]},
        )
        assert found == []
