"""The worked examples of the product's checks: what the documentation shows is what the checks say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inventory.database import Database
from scoring.catalogue import STATUSES, CatalogueError, Check, Example, load, parse
from scoring.examples import verdicts
from scoring.packs import load_pack

CHECKS = load().checks
EXAMPLES = [pytest.param(check, example, id=f"{check.check_id}: {example.why}") for check in CHECKS for example in check.examples]


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database.empty() as empty:
        yield empty


def test_there_are_examples() -> None:
    assert len(CHECKS) >= 30
    assert len(EXAMPLES) >= 3 * len(CHECKS)


@pytest.mark.parametrize(("check", "example"), EXAMPLES)
def test_an_example_says_what_its_check_finds_and_which_records_say_so(check: Check, example: Example, database: Database) -> None:
    found = verdicts(database, check, example, load_pack("default"))

    assert found == dict(example.expect), database.rows("SELECT subject_id, status, reason FROM work.judged ORDER BY subject_id")
    for finding in database.rows("SELECT subject_id, evidence FROM finding"):
        assert finding["evidence"], finding
        assert all("#" in reference for reference in finding["evidence"]), finding


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.check_id)
def test_every_check_shows_a_fail_a_pass_and_an_unknown(check: Check) -> None:
    shown = {status for example in check.examples for status in example.expect.values()}

    assert shown == set(STATUSES)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.check_id)
def test_without_any_evidence_no_example_passes(check: Check, database: Database) -> None:
    for example in check.examples:
        bare = Example(why=example.why, as_of=example.as_of, rows={**example.rows, "coverage": []}, expect=example.expect)

        assert "pass" not in verdicts(database, check, bare, load_pack("default")).values()


SMALL = """-- title = "T"
-- severity = "low"
-- subject = "identity"
-- needs = ["identities"]
-- rationale = "R"
-- fix = "F"
-- source = "https://example.org/"
-- [[example]]
-- why = "odd"
-- rows.{table} = [{{{column} = "x"}}]
-- expect = {{x = "pass"}}
SELECT identity_id AS subject_id, 'pass' AS status, 'r' AS reason, [evidence] AS evidence FROM {source}
"""


@pytest.mark.parametrize(
    ("table", "column", "source", "problem"),
    [
        ("identities", "name", "identity", "identities is no table"),
        ("identity", "nickname", "identity", "identity has no column nickname"),
        ("identity", "identity_id", "identities", "could not run"),
    ],
)
def test_an_example_that_does_not_fit_names_itself_and_the_problem(
    table: str, column: str, source: str, problem: str, database: Database
) -> None:
    text = SMALL.format(table=table, column=column, source=source)
    check = parse(text, file="odd.sql", check_id="odd", family="own")

    with pytest.raises(CatalogueError, match=f"odd: example 'odd': .*{problem}"):
        verdicts(database, check, check.examples[0], load_pack("default"))
