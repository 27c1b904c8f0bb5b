"""`nhi assess --fail-on … --baseline …`: what counts as a regression, and what is told apart."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from inventory.database import Database, StoreError
from inventory.lake import Lake, Snapshot
from reports.views.baseline import against, in_words
from tests.command import run
from tests.exports import AS_OF, estate, trust, write
from tests.reports.workspace import PROD, Q2, Q3, fill

CHECK, ELSEWHERE = "key-older-than-limit", "999900001111"


def publish(lake: Lake, label: str, as_of: datetime, *changes: str, rules: str = "2026.11.1") -> Snapshot:
    """The hand-made quarter with some statements run over it."""
    with Database.empty() as database:
        fill(database, as_of)
        for sql in changes:
            database.execute(sql)
        return lake.publish(
            database, label=label, as_of=as_of, rules_version=rules, pack="default", created_at="", details={"thresholds": {"attained_percent": 90}}
        )  # fmt: skip


def failing(subject: str, *, check: str = CHECK, kind: str = "credential", scope: str = PROD, status: str = "fail") -> str:
    return (
        "INSERT INTO finding (check_id, subject_kind, subject_id, subject_name, scope, status, severity, reason, evidence) "
        f"VALUES ('{check}', '{kind}', '{subject}', 'n', '{scope}', '{status}', 'high', 'r', [])"
    )


MADE = "INSERT INTO credential SELECT * REPLACE ('key:{0}' AS credential_id, {1} AS created_at) FROM credential WHERE credential_id = 'key:svc-billing'"
BEFORE = (
    f"INSERT INTO coverage VALUES ('identities', '{ELSEWHERE}', 'denied', 'r', NULL, NULL)",
    failing("key:svc-report"),
    failing("key:gone", scope="888800001111"),
)
"""A key that is repaired since, and one in an account that nobody looks at any more."""
NOW = (
    f"UPDATE finding SET status = 'unknown' WHERE subject_id = 'key:svc-billing' AND check_id = '{CHECK}'",
    "UPDATE finding SET status = 'fail' WHERE subject_id = 'key:svc-legacy'",
    failing("key:svc-vaulted"),
    MADE.format("young", "TIMESTAMP '2026-08-01'"),
    failing("key:young"),
    MADE.format("old", "NULL"),
    failing("key:old"),
    failing("key:far", scope=ELSEWHERE),
    "INSERT INTO check_result VALUES ('own-check', 'high', 1, 0, 1, 0, NULL)",
    failing("key:svc-vaulted", check="own-check"),
)


class Told:
    """What is told of the two, at a severity."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake(folder)
        self.before, self.now = publish(self.lake, "before", Q2, *BEFORE), publish(self.lake, "now", Q3, *NOW)

    def of(self, severity: str = "high", *, newly_known: bool = True) -> tuple[dict[str, Any], dict[tuple[str, str], str]]:
        """The document, and the cause of each finding."""
        with self.lake.open(self.now.snapshot_id) as database:
            result = against(database, self.lake, self.before, self.now, severity, newly_known=newly_known)
            rows = database.rows("SELECT check_id, subject_id, cause FROM baseline.since")
            self.lost = {row["subject_id"] for row in database.rows("SELECT subject_id FROM baseline.lost")}
        return result, {(row["check_id"], row["subject_id"]): row["cause"] for row in rows}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Told:
    return Told(tmp_path_factory.mktemp("pair"))


@pytest.fixture(scope="module")
def causes(pair: Told) -> dict[tuple[str, str], str]:
    return pair.of()[1]


def test_every_failed_finding_has_its_cause(causes: dict[tuple[str, str], str]) -> None:
    assert causes == {
        ("secret-in-code", "key:svc-deploy"): "standing",
        (CHECK, "key:svc-deploy"): "standing",
        (CHECK, "key:svc-vaulted"): "worse",  # judged before, and did not fail
        (CHECK, "key:svc-legacy"): "newly_known",  # could not be judged before
        (CHECK, "key:old"): "newly_known",  # seen for the first time, and nothing says since when it is there
        (CHECK, "key:young"): "new",
        (CHECK, "key:far"): "scope",  # its account was denied to the baseline
        ("own-check", "key:svc-vaulted"): "rules",  # which did not run for the baseline
    }


def test_what_is_worse_new_or_newly_known_counts_and_the_rest_is_told(pair: Told) -> None:
    found, _ = pair.of()
    assert found["causes"] == {"standing": 2, "rules": 1, "scope": 1, "newly_known": 2, "new": 1, "worse": 1}
    assert found["counted"] == 4
    lines = "\n".join(in_words(found))
    assert "2 newly known (counts)" in lines
    assert "1 scope (does not count): in an account that the baseline does not cover" in lines


def test_newly_known_is_left_out_on_demand_and_still_told(pair: Told) -> None:
    found, _ = pair.of(newly_known=False)
    assert found["counted"] == 2
    assert "2 newly known (does not count)" in "\n".join(in_words(found))


def test_only_findings_of_the_severity_or_above_count(pair: Told) -> None:
    found, _ = pair.of("critical")
    assert (sum(found["causes"].values()), found["counted"], found["lost"]) == (1, 0, 0)  # the secret in code


def test_what_failed_and_cannot_be_judged_any_more_is_lost_and_what_was_repaired_is_not(pair: Told) -> None:
    found, _ = pair.of()
    assert pair.lost == {"key:svc-billing", "key:gone"}  # not key:svc-report, which is repaired
    assert "2 that failed in the baseline cannot be judged any more" in in_words(found)[-1]


@pytest.mark.heavy
def test_a_later_baseline_and_one_that_cannot_be_judged_by_other_rules_are_refused(pair: Told) -> None:
    other = publish(pair.lake, "other rules", Q2, rules="2020.1.1")
    with pair.lake.open(pair.now.snapshot_id) as database, pytest.raises(StoreError, match="cannot be told"):
        against(database, pair.lake, other, pair.now, "high")
    with pair.lake.open(pair.before.snapshot_id) as database, pytest.raises(StoreError, match="later date"):
        against(database, pair.lake, pair.now, pair.before, "high")


@pytest.mark.heavy
def test_a_check_of_ones_own_that_ran_for_the_baseline_is_not_put_down_to_other_rules(first: Path, tmp_path: Path) -> None:
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "purpose-of-nobody.sql").write_text(OWN)
    own = ("--checks", tmp_path / "checks", "--json")
    assert gated(first, *own, "--label", "own").exit_code == 1
    exports = estate()
    (worker,) = [one for one in exports["gaad.json"]["RoleDetailList"] if one["RoleName"] == "worker"]
    worker["Description"] = "nobody knows"
    words = ("--workspace", first, "--as-of", AS_OF, "--fail-on", "low", *own, "--label", "own-2", "--baseline", "own", "--pack", "pci")
    found = run("assess", write(tmp_path / "exports", exports), *words)
    assert json.loads(found.stdout)["findings"]["by_check"]["purpose-of-nobody"] == 1
    assert json.loads(found.stdout)["regressions"]["causes"]["worse"] == 1
    assert found.exit_code == 1


OWN = """-- title     = "Purpose of nobody"
-- severity  = "low"
-- subject   = "identity"
-- needs     = ["identities"]
-- rationale = "Only to show that a check of one's own runs."
-- fix       = "Nothing to fix."
-- source    = "https://example.com/rules"
SELECT identity_id AS subject_id, CASE WHEN purpose = 'nobody knows' THEN 'fail' ELSE 'pass' END AS status, 'by its purpose' AS reason, [evidence] AS evidence
FROM identity
"""


# --- on the command line


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace of the small estate, assessed once without any snapshot before."""
    folder = tmp_path_factory.mktemp("baseline")
    write(folder / "exports", estate())
    found = gated(folder / "workspace", "--baseline", "last", "--label", "Q3-2026")
    assert found.exit_code == 1
    assert "holds no snapshot yet, so every finding counts" in found.stderr
    return folder / "workspace"


def gated(workspace: Path, *words: object) -> Any:
    return run("assess", workspace.parent / "exports", "--workspace", workspace, "--as-of", AS_OF, "--fail-on", "low", *words)


def test_the_same_evidence_against_the_last_snapshot_is_no_regression(first: Path) -> None:
    found = gated(first, "--baseline", "last", "--label", "Q3-2026", "--json")
    assert found.exit_code == 0, found.stderr
    result = json.loads(found.stdout)
    failed = sum(result["findings"]["by_severity"].values())
    assert failed > 0
    assert result["regressions"]["causes"] == {"standing": failed, "rules": 0, "scope": 0, "newly_known": 0, "new": 0, "worse": 0}


@pytest.mark.heavy
def test_stricter_thresholds_are_a_change_of_rules(first: Path) -> None:
    found = gated(first, "--baseline", "Q3-2026", "--label", "strict", "--pack", "pci", "--json")
    result = json.loads(found.stdout)["regressions"]
    assert found.exit_code == 0, found.stderr
    assert {cause for cause, n in result["causes"].items() if n} <= {"standing", "rules"}
    assert result["counted"] == 0


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (["--baseline", "last"], "--baseline"),
        (["--fail-on", "low", "--ignore-newly-known"], "--ignore-newly-known"),
        (["--fail-on", "low", "--baseline", "nothing-of-that-name"], "SNAPSHOT"),
    ],
)
def test_wrong_usage_ends_with_2_before_anything_is_written(first: Path, words: list[str], option: str) -> None:
    before = sorted(path.name for path in (first / "lake" / "_snapshots").iterdir())
    found = run("assess", first.parent / "exports", "--workspace", first, "--as-of", AS_OF, "--label", "never", *words)
    assert found.exit_code == 2
    assert f"Wrong usage: {option}" in found.stderr
    assert sorted(path.name for path in (first / "lake" / "_snapshots").iterdir()) == before


def test_a_role_that_lets_anyone_in_now_fails_the_run(first: Path, tmp_path: Path) -> None:
    exports = estate()
    (vendor,) = [one for one in exports["gaad.json"]["RoleDetailList"] if one["RoleName"] == "vendor"]
    vendor["AssumeRolePolicyDocument"] = trust({"AWS": "*"})
    changed = write(tmp_path / "exports", exports)
    words = ("--workspace", first, "--as-of", AS_OF, "--fail-on", "low", "--baseline", "Q3-2026", "--label", "worse", "--json")
    found = run("assess", changed, *words)
    assert found.exit_code == 1
    result = json.loads(found.stdout)["regressions"]
    assert result["causes"]["worse"] == result["counted"] >= 1
