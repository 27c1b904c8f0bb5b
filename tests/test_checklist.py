"""docs/checklist.md: every item of the five articles has a place, and every place that it names exists."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import pytest
import typer

import nhi
from inventory.database import Database
from reports.pages.shell import PAGES
from scoring.catalogue import load
from scoring.interview import interview
from scoring.questions import QUESTIONS
from tests.checkout import ROOT

ITEMS = {"000": 7, "001": 7, "002": 12, "003": 6, "004": 13}
"""Items of each article, counted by hand in the articles."""

PLACE = re.compile(r"(?P<kind>check|question|page|table|command) `(?P<id>[^`]+)`")
COLUMNS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One row of the table."""

    id: str
    text: str
    measured: str
    asked: str
    not_assessed: str


def items() -> list[Item]:
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in (ROOT / "docs" / "checklist.md").read_text(encoding="utf-8").splitlines()
        if re.match(r"\| \d{3}-\d+ \|", line)
    ]
    assert all(len(row) == COLUMNS for row in rows)
    return [Item(id=row[0], text=row[1], measured=row[2], asked=row[3], not_assessed=row[4]) for row in rows]


def places() -> dict[str, set[str]]:
    """What there is, by kind."""
    with Database.empty() as database:
        tables = set(database.tables())
    command = typer.main.get_command(nhi.app)
    assert isinstance(command, nhi.Door)
    return {
        "check": {check.check_id for check in load().checks},
        "question": {question.id for question in QUESTIONS},
        "page": set(PAGES),
        "table": tables,
        "command": set(command.commands),
    }


def test_every_item_of_every_article_is_there_once_and_in_order() -> None:
    found = [item.id for item in items()]
    assert found == [f"{article}-{number}" for article, count in ITEMS.items() for number in range(1, count + 1)]
    assert Counter(identity.split("-")[0] for identity in found) == ITEMS


def test_every_item_is_measured_asked_or_said_not_to_be_assessed() -> None:
    assert [item.id for item in items() if not (item.measured or item.asked or item.not_assessed)] == []


def test_every_place_that_is_named_exists() -> None:
    there = places()
    named = [(item.id, match["kind"], match["id"]) for item in items() for match in PLACE.finditer(item.measured)]
    assert len(named) > 100
    assert [place for place in named if place[2] not in there[place[1]]] == []


def test_nothing_is_named_without_saying_what_it_is() -> None:
    for item in items():
        assert PLACE.sub("", item.measured).replace(",", "").strip() == "", item.id
        assert re.sub(r"`[^`]+`", "", item.asked).replace(",", "").strip() == "", item.id


def test_every_question_that_is_asked_exists_and_every_one_of_the_interview_is_about_an_article() -> None:
    asked = {name for item in items() for name in re.findall(r"`([^`]+)`", item.asked)}
    known = {question.id for question in interview()}
    assert asked <= known
    assert known - asked == {"S1", "S4"}  # ours: the articles do not ask them


def test_a_question_says_itself_in_which_items_it_is_asked() -> None:
    for question in interview():
        asked_in = [f"checklist {item.id}" for item in items() if f"`{question.id}`" in item.asked]
        assert [about for about in question.relates if about.startswith("checklist")] == asked_in, question.id


@pytest.mark.parametrize("kind", ["check", "question", "page", "table", "command"])
def test_a_place_that_does_not_exist_would_be_seen(kind: str) -> None:
    assert "no-such-place" not in places()[kind]
