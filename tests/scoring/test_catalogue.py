"""The contract of every check file, and the words for one that breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.database import Database
from scoring.catalogue import CatalogueError, Check, load, markdown, parse
from scoring.compliance import known
from scoring.engine import COLUMNS
from scoring.sql_subset import violations

CHECKS = load().checks

GOOD = """-- title     = "Identity has no name"
-- severity  = "low"
-- subject   = "identity"
-- stage     = 3
-- needs     = ["identities"]
-- rationale = "People cannot speak of it."
-- fix       = "Name it."
-- maps_to   = ["NHI1:2025"]
-- source    = "https://example.org/naming"
--
-- [[example]]
-- why    = "no name"
-- as_of  = 2026-01-31
-- rows.identity = [{identity_id = "a", name = "", created_at = 2026-01-01}]
-- expect = {a = "fail"}

SELECT identity_id AS subject_id, 'fail' AS status, 'x' AS reason, [evidence] AS evidence
FROM identity
WHERE created_at < $as_of AND $unused_days > 0 AND name <> '$no_parameter'
"""


def check_of(text: str) -> Check:
    return parse(text, file="no-name.sql", check_id="no-name", family="own")


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database.empty() as empty:
        yield empty


def each(check: Check) -> str:
    return check.check_id


def test_every_file_of_the_product_loads() -> None:
    assert load().errors == ()
    assert len(CHECKS) >= 30


def test_the_owasp_top_ten_is_covered() -> None:
    mapped = {reference for check in CHECKS for reference in check.maps_to}

    assert {f"NHI{number}:2025" for number in range(1, 11)} <= mapped


@pytest.mark.parametrize("check", CHECKS, ids=each)
def test_every_mapped_control_exists_in_its_framework(check: Check) -> None:
    assert check.maps_to
    assert [reference for reference in check.maps_to if not known(reference)] == []


@pytest.mark.parametrize("check", CHECKS, ids=each)
def test_every_check_stays_within_the_portable_subset(check: Check, database: Database) -> None:
    assert violations(check.sql, database) == []


@pytest.mark.parametrize("check", CHECKS, ids=each)
def test_every_check_returns_exactly_the_four_columns(check: Check, database: Database) -> None:
    parameters = dict.fromkeys(check.parameters, 1) | ({"as_of": check.examples[0].as_of} if "as_of" in check.parameters else {})

    names, _ = database.select_only(check.sql, parameters)

    assert names == COLUMNS


@pytest.mark.parametrize("check", CHECKS, ids=each)
def test_every_check_is_written_in_sentences(check: Check) -> None:
    assert check.rationale.endswith(".")
    assert check.fix.endswith(".")
    assert not check.title.endswith(".")


def test_a_check_is_what_its_file_says() -> None:
    check = check_of(GOOD)

    assert (check.check_id, check.family, check.severity, check.subject, check.stage) == ("no-name", "own", "low", "identity", 3)
    assert check.parameters == ("as_of", "unused_days")
    assert (check.absence, check.own) == (False, False)
    assert check.sql.startswith("SELECT identity_id")


def test_dates_of_an_example_are_midnights() -> None:
    [example] = check_of(GOOD).examples

    assert example.as_of.isoformat() == "2026-01-31T00:00:00"
    assert example.rows["identity"][0]["created_at"].isoformat() == "2026-01-01T00:00:00"


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"low"', '"low', "is not TOML"),
        ('"low"', '"lowish"', "severity: 'lowish' is none of critical, high, medium, low"),
        ('subject   = "identity"', 'subject   = "person"', "subject: 'person' is none of"),
        ("stage     = 3", "stage     = 8", "stage: a number from 1 to 7"),
        ('["identities"]', '["names"]', "needs: 'names' is none of identities"),
        ('["identities"]', "[]", "needs: list at least one fact"),
        ('"People cannot speak of it."', '""', "rationale: must be a text"),
        ('["NHI1:2025"]', '["IA-5"]', "maps_to: a list of control ids"),
        ('["NHI1:2025"]', '["CSF-2.0:PR.AC-04"]', "maps_to: CSF-2.0:PR.AC-04 is no control of a framework version"),
        ('["NHI1:2025"]', '["NIST-800-53r5:IA-9(1)"]', "maps_to: NIST-800-53r5:IA-9(1) is no control"),
        ('["NHI1:2025"]', '["CIS-AWS-7.0:1.14"]', "maps_to: CIS-AWS-7.0:1.14 is no control"),
        ('["NHI1:2025"]', '["PCI-DSS-4.0:8.6.3.1"]', "maps_to: PCI-DSS-4.0:8.6.3.1 is no control"),
        ("https://example.org/naming", "our wiki", "source: give the https:// address"),
        ("-- fix ", "-- fixes ", "fixes is not understood; did you mean fix?"),
        ('-- fix       = "Name it."\n', "", "the front matter lacks fix"),
        ("-- why ", "-- reason ", "an example: reason is not understood"),
        ('{a = "fail"}', "{}", "expect: give a status per subject id"),
        ('{a = "fail"}', '{a = "failed"}', "'failed' is none of pass, fail, unknown"),
        ('[{identity_id = "a", name = "", created_at = 2026-01-01}]', '"a"', "rows: give a list of inline tables"),
        ("$unused_days", "$unused", "$unused: neither as_of nor a threshold"),
        ("FROM identity", "FORM identity", "syntax error"),
        ("SELECT identity_id", "SELECT 1; SELECT identity_id", "only one SELECT is allowed here"),
        (
            "SELECT identity_id AS subject_id, 'fail' AS status, 'x' AS reason, [evidence] AS evidence\nFROM",
            "DELETE FROM",
            "only one SELECT",
        ),
    ],
)
def test_a_malformed_file_names_itself_and_the_problem(old: str, new: str, problem: str) -> None:
    assert old in GOOD

    with pytest.raises(CatalogueError) as raised:
        check_of(GOOD.replace(old, new))

    assert str(raised.value).startswith("no-name.sql: ")
    assert problem in str(raised.value)


@pytest.mark.parametrize("name", ["NoName", "no_name", "no name", "-x", "1-key"])
def test_a_file_name_that_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(CatalogueError, match="kebab-case"):
        parse(GOOD, file=f"{name}.sql", check_id=name, family="own")


def test_a_user_s_checks_come_after_the_product_s_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "naming").mkdir()
    (tmp_path / "naming" / "no-name.sql").write_text(GOOD)
    (tmp_path / "no-name-either.sql").write_text(GOOD)

    catalogue = load(tmp_path)

    assert catalogue.errors == ()
    assert catalogue.checks[: len(CHECKS)] == CHECKS
    assert [(check.family, check.check_id, check.own) for check in catalogue.checks[len(CHECKS) :]] == [
        ("naming", "no-name", True),
        ("own", "no-name-either", True),
    ]


def test_a_malformed_file_stops_no_other(tmp_path: Path) -> None:
    (tmp_path / "a-bad.sql").write_text("SELECT 1")
    (tmp_path / "b-binary.sql").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "c-huge.sql").write_text("-- " + "x" * 300_000)
    (tmp_path / "key-older-than-limit.sql").write_text(GOOD)
    (tmp_path / "no-name.sql").write_text(GOOD)

    catalogue = load(tmp_path)

    assert [check.check_id for check in catalogue.checks if check.own] == ["no-name"]
    bad, binary, huge, taken = (str(error) for error in catalogue.errors)
    assert bad == f"{tmp_path}/a-bad.sql: the front matter lacks title"
    assert "cannot be read as UTF-8 text" in binary
    assert "larger than 200000 bytes" in huge
    assert "a check named key-older-than-limit exists already" in taken


def test_a_folder_without_checks_is_an_error_and_not_silence(tmp_path: Path) -> None:
    assert [str(error) for error in load(tmp_path).errors] == [f"{tmp_path}: holds no .sql file"]
    assert [str(error) for error in load(tmp_path / "none").errors] == [f"{tmp_path}/none: no such folder of checks"]


def test_the_page_shows_every_check_with_its_reasons_and_examples() -> None:
    page = markdown()

    for check in CHECKS:
        assert page.count(f"\n### {check.check_id}\n") == 1
        assert check.fix in page
        assert check.sql in page
    assert page.count("| example | evidence | verdict |") == len(CHECKS)


def test_no_cell_of_the_page_breaks_its_table() -> None:
    rows = [line for line in markdown().splitlines() if line.startswith("| ")]

    assert rows
    assert {line.replace("\\|", "").count("|") for line in rows} == {4, 5}
