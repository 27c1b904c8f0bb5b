"""Both quarters of the sample company, redacted: the same scores, and no word left that is theirs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from inventory.database import Database
from inventory.lake import Lake
from reports.redaction.workspace import Redacted, redact
from tests.checkout import ROOT
from tests.command import assess, run
from tests.reports.left_over import left_over

SAMPLES = ROOT / "sample_data"
KEY = b"s" * 32

PUBLIC = ("inventory/**/*.*", "scoring/**/*.*", "reports/**/*.*")
"""What the product itself says: its words may stand anywhere, for nobody learns from them whose snapshot it is."""


SOURCES = frozenset({".py", ".sql", ".toml", ".tsv", ".txt", ".j2", ".typ"})


def words(text: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]{5,}", text.lower()))


@pytest.fixture(scope="module")
def quarters(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Redacted]]:
    folder = tmp_path_factory.mktemp("sample")
    for quarter in ("q2-2026", "q3-2026"):
        assess(SAMPLES / quarter, folder / "workspace")
    assert run("decisions", "--import", SAMPLES / "decisions.yaml", "--workspace", folder / "workspace").exit_code == 0
    lake = Lake(folder / "workspace")
    return folder, redact(lake, lake.snapshots(), KEY, folder / "redacted")


def words_of(lake: Lake) -> set[str]:
    """Parts of the names of everything of theirs: people, teams, accounts, identities, workloads, buckets, repositories; without the product's own words."""
    sql = """
        SELECT name FROM seen.identity WHERE in_scope UNION SELECT team FROM seen.identity UNION SELECT owner_id FROM seen.owner
        UNION SELECT name FROM seen.account UNION SELECT scope FROM seen.account UNION SELECT name FROM seen.workload
        UNION SELECT name FROM seen.resource UNION SELECT target_id FROM seen.scan_target UNION SELECT path FROM seen.secret_exposure
        UNION SELECT author FROM seen.secret_exposure UNION SELECT native_id FROM seen.credential
        UNION SELECT split_part(identity_id, ':', 2) FROM seen.identity WHERE provider IN ('gcp', 'azure') AND in_scope
    """
    found: set[str] = set()
    for snapshot in lake.snapshots():
        with Database.empty() as database:
            lake.load_seen(snapshot, database)
            names: list[dict[str, Any]] = database.rows(f"SELECT name FROM ({sql}) WHERE name IS NOT NULL")
        found |= {word for row in names for word in words(row["name"])}
    public = {
        word for pattern in PUBLIC for path in ROOT.glob(pattern) if path.suffix in SOURCES for word in words(path.read_text("utf-8"))
    }
    return found - public


@pytest.mark.heavy
def test_both_quarters_are_judged_the_same(quarters: tuple[Path, list[Redacted]]) -> None:
    _, done = quarters
    assert [one.differences for one in done] == [[], []]
    assert not any(one.judged_anew for one in done)
    assert [one.snapshot.label for one in done] == ["Q2-2026", "Q3-2026"]
    assert all(one.subjects > 500 for one in done)


@pytest.mark.heavy
def test_no_word_of_theirs_is_left_in_the_workspace_or_in_any_report(quarters: tuple[Path, list[Redacted]]) -> None:
    folder, done = quarters
    theirs = words_of(Lake(folder / "workspace"))
    assert len(theirs) > 400
    report = (
        "report",
        "--workspace",
        folder / "redacted",
        "--format",
        "html,json,md,xlsx,csv",
        "--on",
        "2026-10-15",
        "--out",
        folder / "report",
    )
    assert run(*report, "--compare", done[0].snapshot.snapshot_id).exit_code == 0

    assert left_over(folder / "redacted", theirs) == {}
    assert left_over(folder / "report", theirs) == {}
    assert len(left_over(folder / "workspace", theirs)) == len(theirs)


@pytest.mark.heavy
def test_what_changed_between_the_quarters_is_told_the_same(quarters: tuple[Path, list[Redacted]]) -> None:
    folder, done = quarters
    told = []
    for name, ids in (("workspace", [one.original_id for one in done]), ("redacted", [one.snapshot.snapshot_id for one in done])):
        found = run("diff", *ids, "--workspace", folder / name, "--json")
        assert found.exit_code == 0, found.stderr
        told.append(json.loads(found.stdout))
    assert numbers(told[0]) == numbers(told[1])


def numbers(value: Any) -> Any:
    """A document with its numbers alone."""
    if isinstance(value, dict):
        return {key: numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((numbers(inner) for inner in value), key=repr)
    return None if isinstance(value, str) else value
