"""Policy packs: thresholds by name, and clear words for a pack that cannot be used."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scoring.catalogue import load
from scoring.packs import PackError, load_pack, meanings, pack_names, threshold_names, threshold_rows


def test_the_default_pack_holds_the_seed_figures() -> None:
    limits = load_pack("default").thresholds

    assert (limits["key_max_age_days"], limits["unused_days"], limits["secret_rotation_days"], limits["password_max_age_days"]) == (
        90,
        90,
        90,
        90,
    )
    assert (limits["iam_max_age_days"], limits["scan_max_age_days"], limits["scan_coverage_percent"]) == (35, 30, 95)
    assert (limits["attained_percent"], limits["token_max_hours"]) == (90, 12)


def test_cis_says_unused_after_45_days_and_leaves_the_rest() -> None:
    assert load_pack("cis").thresholds["unused_days"] == 45
    assert load_pack("cis").thresholds["key_max_age_days"] == 90


@pytest.mark.parametrize("name", pack_names())
def test_every_pack_gives_every_threshold(name: str) -> None:
    pack = load_pack(name)

    assert pack.name == name
    assert pack.thresholds.keys() == threshold_names()


def test_a_threshold_of_a_check_is_one_of_the_default_pack() -> None:
    used = {name for check in load().checks for name in check.parameters} - {"as_of"}

    assert used
    assert used <= threshold_names()


def test_a_user_s_own_pack_is_named_by_its_file(tmp_path: Path) -> None:
    file = tmp_path / "bank.toml"
    file.write_text('based_on = "cis"\n[thresholds]\nkey_max_age_days = 30\n')

    pack = load_pack(file)

    assert (pack.name, pack.thresholds["key_max_age_days"], pack.thresholds["unused_days"]) == ("bank", 30, 45)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[thresholds\n", "not TOML"),
        ('based_on = "default"\n[thresholds]\nkey_max_age = 30\n', "key_max_age: no such threshold; did you mean key_max_age_days?"),
        ('based_on = "default"\n[thresholds]\nunused_days = "90"\n', "unused_days: must be a number from 1 up (days), not '90'"),
        ('based_on = "default"\n[thresholds]\nunused_days = true\n', "unused_days: must be a number"),
        ('based_on = "default"\n[thresholds]\nunused_days = -1\n', "unused_days: must be a number from 1 up"),
        ('based_on = "default"\n[thresholds]\nunused_days = nan\n', "unused_days: must be a number from 1 up"),
        ('based_on = "default"\n[thresholds]\nattained_percent = 900\n', "attained_percent: must be a percentage"),
        ('based_on = "nist"\n', "based_on: 'nist' is no other pack"),
        ("thresholds = 3\n", "thresholds: must be a table"),
        ("[limits]\nunused_days = 1\n", "limits: not understood"),
        ("[threshold]\nunused_days = 1\n", "threshold: not understood; did you mean thresholds?"),
        ('based_on = "default"\nunused_days = 45\n', "unused_days: belongs under [thresholds]"),
        ('based_on = "default"\ntitle = 7\n', "title: must be a text, not 7"),
        ('based_on = "default"\n[meaning]\nunused_days = "x"\n', "meaning: not understood"),
        ('based_on = "default"\n[source]\nunused_days = 3\n', "source: unused_days: must be a text, not 3"),
        ('based_on = "default"\n[source]\nunused = "x"\n', "unused: no such threshold; did you mean unused_days?"),
        ('based_on = "default"\n[thresholds]\nunused_hours = 1080\n', "unused_hours: no such threshold; did you mean unused_days?"),
        ('based_on = "default"\n[thresholds]\nunused_days = 45.5\n', "unused_days: must be a whole number (days), not 45.5"),
        ('based_on = "default"\n[thresholds]\nworkloads_per_identity = 0\n', "workloads_per_identity: must be a number from 1 up (count)"),
        ('based_on = "default"\n[thresholds]\niam_max_age_days = 0\n', "iam_max_age_days: must be a number from 1 up (days), not 0"),
        (
            'based_on = "default"\n[thresholds]\nanswer_yes_percent = 10\n',
            "answer_yes_percent (10) must be above answer_no_percent (10)",
        ),
        ("[thresholds]\nunused_days = 1\n", "answer_max_age_days: missing"),
    ],
)
def test_a_malformed_pack_names_its_file_and_key(text: str, problem: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)

    with pytest.raises(PackError) as raised:
        load_pack(str(file))

    assert str(raised.value).startswith(str(file))
    assert problem in str(raised.value)


def test_an_unknown_name_lists_the_packs() -> None:
    with pytest.raises(PackError, match="'strict' is no pack: choose cis, default, pci"):
        load_pack("strict")


def test_a_user_s_own_pack_may_not_take_the_name_of_one_of_ours(tmp_path: Path) -> None:
    file = tmp_path / "cis.toml"
    file.write_text('based_on = "cis"\n[thresholds]\nunused_days = 400\n')

    with pytest.raises(PackError, match=r"cis.toml: cis is the name of a pack of the product: rename the file"):
        load_pack(file)


def test_every_threshold_has_a_unit_a_meaning_and_says_where_it_differs() -> None:
    assert meanings().keys() == threshold_names()
    rows = {row["name"]: row for row in threshold_rows(load_pack("cis"))}
    assert [name for name, row in rows.items() if row["differs"]] == ["unused_days", "key_overlap_days"]
    assert (rows["unused_days"]["value"], rows["unused_days"]["default"], rows["unused_days"]["unit"]) == (45, 90, "days")
    assert rows["unused_days"]["source"].startswith("CIS Controls 8: 5.3")
    assert (rows["token_max_hours"]["unit"], rows["creep_percent"]["unit"], rows["workloads_per_identity"]["unit"]) == (
        "hours",
        "%",
        "count",
    )


def test_the_pci_pack_invents_no_figure() -> None:
    pack = load_pack("pci")
    assert pack.thresholds["unused_days"] == 90
    assert pack.source["unused_days"].startswith("8.2.6")
    assert all("12.3.1" in pack.source[name] for name in ("password_max_age_days", "key_max_age_days", "secret_rotation_days"))


JUDGES = re.compile(
    r"date_diff\('(?:day|hour|week|month|year)'[^\n]*?\)\s*[<>]=?\s*\d|INTERVAL\s+'?\d+|timedelta\((?:days|hours)=\d|[<>]=?\s*(?:12|30|35|45|60|90|95|180|365)\b"
)
"""A number where a threshold belongs: a difference of dates, an interval, or a comparison with a usual limit."""


def test_no_figure_of_judgement_stands_in_sql_or_python() -> None:
    scoring = Path(__file__).parents[2] / "scoring"
    files = [*scoring.rglob("*.sql"), *scoring.rglob("*.py")]
    found = [
        f"{path.relative_to(scoring)}: {line.strip()}"
        for path in files
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.lstrip().startswith(("--", "#")) and JUDGES.search(line)
    ]
    assert len(files) > 100
    assert found == []


@pytest.mark.parametrize(
    "line", ["WHERE date_diff('day', a, b) > 7", "created_at < now - INTERVAL 3 DAY", "if age >= 90:", "timedelta(days=4)"]
)
def test_a_planted_figure_is_found(line: str) -> None:
    assert JUDGES.search(line)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="none.toml: the pack cannot be read"):
        load_pack(tmp_path / "none.toml")
