"""Policy packs: thresholds by name, and clear words for a pack that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from scoring.catalogue import load
from scoring.packs import PackError, load_pack, pack_names, threshold_names


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
        ('based_on = "default"\n[thresholds]\nunused_days = "90"\n', "unused_days: must be a number from 0 up, not '90'"),
        ('based_on = "default"\n[thresholds]\nunused_days = true\n', "unused_days: must be a number"),
        ('based_on = "default"\n[thresholds]\nunused_days = -1\n', "unused_days: must be a number from 0 up"),
        ('based_on = "default"\n[thresholds]\nunused_days = nan\n', "unused_days: must be a number from 0 up"),
        ('based_on = "default"\n[thresholds]\nattained_percent = 900\n', "attained_percent: must be a percentage"),
        ('based_on = "nist"\n', "based_on: 'nist' is no other pack"),
        ("thresholds = 3\n", "thresholds: must be a table"),
        ("[limits]\nunused_days = 1\n", "limits: not understood"),
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
    with pytest.raises(PackError, match="'strict' is no pack: choose cis, default"):
        load_pack("strict")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="none.toml: the pack cannot be read"):
        load_pack(tmp_path / "none.toml")
