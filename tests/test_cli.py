"""The command line: every command answers --help with an example, prints what it promises, and adds up."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
import typer

import nhi
from tests.command import assess, run, run_process
from tests.exports import ACCOUNT, AS_OF, NEWEST, estate, gaad, manifest, role, role_arn, write

COMMANDS = (
    *(
        "assess",
        "collect",
        "query",
        "findings",
        "recommend",
        "decisions",
        "interview",
        "checks",
        "compliance",
        "metrics",
        "packs",
        "plan",
        "what-if",
    ),
    *("report", "report-teams", "roll-up", "export", "snapshots", "diff", "rescore", "redact", "reveal", "template", "serve", "demo"),
)

CHECK = """-- title     = "Role of the estate"
-- severity  = "low"
-- subject   = "identity"
-- needs     = ["identities"]
-- rationale = "Only to show that a check of one's own runs."
-- fix       = "Nothing to fix."
-- source    = "https://example.com/rules"
SELECT identity_id AS subject_id, CASE WHEN name = 'worker' THEN 'fail' ELSE 'pass' END AS status, 'by its name' AS reason, [evidence] AS evidence
FROM identity
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with one assessment of the small estate."""
    folder = tmp_path_factory.mktemp("cli")
    assess(write(folder / "exports", estate()), folder / "workspace", "--as-of", AS_OF, "--label", "Q3-2026")
    return folder / "workspace"


@pytest.fixture(scope="module")
def summary(workspace: Path) -> dict[str, Any]:
    """The same assessment's summary, from running it again."""
    return assess(workspace.parent / "exports", workspace, "--as-of", AS_OF, "--label", "Q3-2026")


def rows(workspace: Path, sql: str) -> list[dict[str, Any]]:
    found = run("query", sql, "--json", "--workspace", workspace)
    assert found.exit_code == 0, found.stderr
    listed: list[dict[str, Any]] = json.loads(found.stdout)
    return listed


# --- help


def test_the_commands_are_the_ones_that_are_tested() -> None:
    group = typer.main.get_command(nhi.app)
    assert isinstance(group, nhi.Door)
    assert set(group.commands) == set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_an_example_and_takes_a_workspace(command: str) -> None:
    found = run(command, "--help")
    assert found.exit_code == 0
    assert f"nhi {command}" in found.stdout.split("Example:")[1]
    assert "--workspace" in found.stdout or command in (
        "packs",
        "roll-up",
    )  # come with the product or are files; takes several as arguments


def test_no_command_at_all_shows_the_help() -> None:
    found = run()
    assert all(command in found.stdout for command in COMMANDS)


# --- assess


def test_json_is_exactly_one_document_with_the_promised_keys(summary: dict[str, Any]) -> None:
    assert list(summary) == [
        "snapshot_id",
        "label",
        "as_of",
        "rules_version",
        "pack",
        "identities",
        "stages",
        "attained",
        "coverage",
        "questions",
        "least_privilege",
        "findings",
        "metrics",
        "unknown_checks",
        "sources",
        "warnings",
    ]
    assert {"total", "nonhuman", "human", "human_unknown", "out_of_scope"} <= set(summary["identities"])
    assert {"lo", "hi", "no_active_path"} <= set(summary["stages"])
    assert list(summary["stages"]["lo"]) == list(summary["stages"]["hi"]) == list("1234567")
    assert "exact_pct" in summary["coverage"]
    assert {"by_severity", "by_check"} <= set(summary["findings"])
    assert {row["id"] for row in summary["questions"]} >= {"Q1", "Q2", "Q3", "Q4", "Q5"}
    for row in summary["questions"]:
        assert {"id", "literal", "met", "lo", "hi", "numerator", "denominator", "unknown"} <= set(row)
    assert all({"check", "reason"} <= set(row) for row in summary["unknown_checks"])
    assert (summary["label"], summary["as_of"], summary["pack"]) == ("Q3-2026", f"{AS_OF}T00:00:00", "default")


def test_every_partition_adds_up(summary: dict[str, Any], workspace: Path) -> None:
    people, stages = summary["identities"], summary["stages"]
    assert people["total"] == people["nonhuman"] + people["human"] + people["human_unknown"] + people["out_of_scope"] == 8
    assert sum(stages["lo"].values()) == sum(stages["hi"].values()) == sum(stages["subjects"].values())
    assert stages["subjects"]["identities"] + stages["no_active_path"] == people["nonhuman"] + people["human_unknown"]
    assert sum(summary["findings"]["by_severity"].values()) == sum(summary["findings"]["by_check"].values())
    assert sum(row["denominator"] for row in summary["questions"]) == rows(workspace, "SELECT count(*) AS n FROM question_item")[0]["n"]
    for row in summary["questions"]:
        assert 0 <= row["numerator"] <= row["denominator"] - row["unknown"]
    bad = rows(workspace, "SELECT check_id FROM check_result WHERE population <> passed + failed + unknown")
    assert bad == []


def test_nothing_but_the_document_is_printed(workspace: Path) -> None:
    found = run("assess", workspace.parent / "exports", "--workspace", workspace, "--as-of", AS_OF, "--label", "Q3-2026", "--json")
    assert found.stderr == ""
    assert len(found.stdout.splitlines()) == 1


def test_a_person_reads_where_they_stand(workspace: Path) -> None:
    found = run("assess", workspace.parent / "exports", "--workspace", workspace, "--as-of", AS_OF, "--label", "Q3-2026")
    assert found.exit_code == 0
    assert "Q3-2026, as of 2026-09-30" in found.stdout
    assert "6 machine identities" in found.stdout
    for words in ("S7 IAM for Workloads", "Q5", "Findings"):
        assert words in found.stdout


def test_the_label_is_the_quarter_when_nobody_gives_one(tmp_path: Path) -> None:
    found = assess(write(tmp_path / "in", {"gaad.json": gaad(roles=[role("a")])}), tmp_path / "workspace", "--as-of", "2026-05-31")
    assert found["label"] == "Q2-2026"


def test_a_run_without_a_date_says_which_it_took(tmp_path: Path) -> None:
    found = assess(write(tmp_path / "in", {"gaad.json": gaad(roles=[role("a")])}), tmp_path / "workspace")
    assert found["as_of"] == "2026-09-20T00:00:00"
    assert found["warnings"] == [
        "no date to judge by was given: judged as of the newest date in the evidence, 2026-09-20; --as-of changes that"
    ]


def test_where_nothing_happened_of_late_the_day_of_collection_dates_the_run(tmp_path: Path) -> None:
    files = {"gaad.json": gaad(roles=[role("a")]), "manifest.json": manifest({"gaad.json": ACCOUNT})}
    found = assess(write(tmp_path / "in", files), tmp_path / "workspace")
    assert found["as_of"] == "2026-09-28T00:00:00"  # as the manifest says; the newest record is of 2026-09-20


def test_evidence_without_any_date_says_that_the_clock_dated_the_run(tmp_path: Path) -> None:
    undated = role("a", CreateDate=None, RoleLastUsed={})
    (warning,) = [text for text in assess(write(tmp_path / "in", {"gaad.json": gaad(roles=[undated])}), tmp_path / "workspace")["warnings"]
                  if "judged as of" in text]  # fmt: skip
    assert "the day it was assessed, for the evidence holds no date" in warning


def test_the_bundles_own_date_and_label_count_unless_others_are_given(tmp_path: Path) -> None:
    bundle = {"gaad.json": gaad(roles=[role("a")]), "manifest.json": {"bundle_version": 1, "label": "spring", "as_of": "2026-09-25"}}
    folder = write(tmp_path / "in", bundle)
    found = assess(folder, tmp_path / "workspace")
    assert (found["label"], found["as_of"]) == ("spring", "2026-09-25T00:00:00")
    found = assess(folder, tmp_path / "workspace", "--label", "mine", "--as-of", NEWEST)
    assert (found["label"], found["as_of"]) == ("mine", f"{NEWEST}T00:00:00")


def test_another_pack_is_named_in_the_result(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"gaad.json": gaad(roles=[role("a")])})
    assert assess(folder, tmp_path / "workspace", "--pack", "cis")["pack"] == "cis"


def test_ones_own_check_runs_and_a_malformed_one_is_named_and_stops_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", estate())
    checks = write(tmp_path / "checks", {"own/my-worker.sql": CHECK, "own/broken-one.sql": "-- title = \nSELECT 1"})
    found = assess(folder, tmp_path / "workspace", "--checks", checks)
    assert found["findings"]["by_check"]["my-worker"] == 1
    assert [line for line in found["warnings"] if "broken-one.sql" in line]
    assert set(found["findings"]["by_check"]) > {"my-worker"}


def test_ones_own_check_cannot_read_files(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", estate() | {"canary.csv": "secret\nplanted-canary-value\n"})
    stolen = CHECK.replace("'by its name'", f"(SELECT max(content) FROM read_text('{folder}/canary.csv'))")
    found = assess(folder, tmp_path / "workspace", "--checks", write(tmp_path / "checks", {"own/my-thief.sql": stolen}))
    told = [line for line in found["warnings"] if "my-thief" in line] + [
        str(row) for row in found["unknown_checks"] if row["check"] == "my-thief"
    ]
    assert told
    assert "planted-canary-value" not in json.dumps(found)


# --- query


def test_a_query_answers_as_rows_and_as_json(workspace: Path) -> None:
    sql = "SELECT kind, count(*) AS n FROM identity GROUP BY kind ORDER BY kind"
    assert rows(workspace, sql) == [{"kind": "iam_role", "n": 4}, {"kind": "root", "n": 1}, {"kind": "service_account", "n": 3}]
    found = run("query", sql, "--workspace", workspace)
    assert "service_account" in found.stdout
    assert "3 rows" in found.stdout


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM identity",
        "CREATE TABLE x AS SELECT 1",
        "COPY identity TO 'out.csv'",
        "ATTACH 'x.db'",
        "INSTALL httpfs",
        "SET memory_limit = '9GB'",
        "PRAGMA database_list",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE identity",
        "EXPORT DATABASE 'out'",
        "",
        "SELECT",
        "SELECT nothing FROM nowhere",
    ],
)
def test_a_query_that_is_not_one_select_is_refused_in_one_line(workspace: Path, sql: str) -> None:
    found = run("query", sql, "--workspace", workspace)
    assert (found.exit_code, found.stdout, len(found.stderr.splitlines())) == (3, "", 1)


@pytest.mark.parametrize(
    "source",
    [
        "read_text('{path}')",
        "read_csv('{path}')",
        "read_blob('{path}')",
        "read_json('{path}')",
        "read_parquet('{path}')",
        "'{path}'",
        "glob('{folder}/*')",
        "parquet_metadata('{path}')",
        "sniff_csv('{path}')",
    ],
)
def test_a_query_cannot_read_files(workspace: Path, source: str) -> None:
    path = workspace / "fingerprint.key"
    found = run("query", f"SELECT * FROM {source.format(path=path, folder=workspace)}", "--workspace", workspace)
    assert (found.exit_code, found.stdout) == (3, "")


def test_a_query_cannot_look_at_the_process(workspace: Path) -> None:
    for sql in ("SELECT getenv('PATH')", "SELECT * FROM rows", "SELECT * FROM workspace"):
        assert run("query", sql, "--workspace", workspace).exit_code == 3


# --- the other commands


def test_findings_name_subject_status_severity_and_record(workspace: Path) -> None:
    listed = json.loads(run("findings", "--json", "--workspace", workspace).stdout)
    for row in listed:
        assert {"check_id", "subject_id", "subject_name", "status", "severity", "evidence", "maps_to"} <= set(row)
        assert row["status"] in ("fail", "unknown")
        assert all(place["path"] in estate() for place in row["evidence"])
    assert len(listed) == rows(workspace, "SELECT count(*) AS n FROM finding")[0]["n"]
    assert "first record" in run("findings", "--workspace", workspace).stdout


def test_findings_of_one_identity_by_name_and_by_id_are_the_same(workspace: Path) -> None:
    by_name = json.loads(run("findings", "--identity", "worker", "--json", "--workspace", workspace).stdout)
    by_id = json.loads(run("findings", "--identity", role_arn("worker"), "--json", "--workspace", workspace).stdout)
    assert by_name == by_id
    assert by_name
    assert {row["identity_id"] for row in by_name} == {role_arn("worker")}


def test_findings_of_nobody_are_no_empty_list(workspace: Path) -> None:
    found = run("findings", "--identity", "wroker", "--json", "--workspace", workspace)
    assert (found.exit_code, found.stdout) == (3, "")
    assert "wroker: no identity of this id or name" in found.stderr


def test_findings_of_a_name_in_two_accounts_ask_for_an_id(tmp_path: Path) -> None:
    files = {"a.json": gaad(roles=[role("twin")]), "b.json": gaad(roles=[role("twin", account="444455556666")])}
    assess(write(tmp_path / "in", files), tmp_path / "workspace")
    found = run("findings", "--identity", "twin", "--workspace", tmp_path / "workspace")
    assert found.exit_code == 3
    assert "2 identities carry this name" in found.stderr


def test_checks_are_listed_and_each_can_be_shown() -> None:
    listed = json.loads(run("checks", "--json").stdout)
    assert len(listed) >= 20
    first = listed[0]["check_id"]
    shown = run("checks", "show", first)
    assert shown.exit_code == 0
    assert "SELECT" in shown.stdout
    assert listed[0]["title"] in shown.stdout
    assert json.loads(run("checks", "show", first, "--json").stdout) == listed[0]
    assert first in run("checks", "list").stdout


def test_checks_that_do_not_exist_and_words_that_are_unknown_are_wrong_usage() -> None:
    for words in (["show", "no-such-check"], ["show"], ["delete"]):
        found = run("checks", *words)
        assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)


def test_a_report_is_one_file_that_names_its_snapshot(workspace: Path, tmp_path: Path, summary: dict[str, Any]) -> None:
    found = run("report", "--format", "html", "--out", tmp_path / "report", "--workspace", workspace)
    assert found.exit_code == 0
    (written,) = (tmp_path / "report").iterdir()
    assert found.stdout.strip() == str(written)
    assert summary["snapshot_id"] in written.name
    assert "Q3-2026" in written.read_text(encoding="utf-8")


def test_a_report_in_several_formats_says_what_it_wrote(workspace: Path, tmp_path: Path) -> None:
    words = ("--format", "html,pdf, md,json,pdf", "--audience", "board", "--on", "2026-10-01", "--out", tmp_path / "report", "--json")
    found = run("report", *words, "--workspace", workspace)
    assert found.exit_code == 0, found.stderr
    listed = json.loads(found.stdout)
    assert [row["format"] for row in listed] == ["html", "pdf", "md", "json"]
    assert sorted(row["path"] for row in listed) == sorted(str(path) for path in (tmp_path / "report").iterdir())
    assert all(hashlib.sha256(Path(row["path"]).read_bytes()).hexdigest() == row["sha256"] for row in listed)
    assert all("-board." in row["path"] for row in listed)


@pytest.mark.parametrize("words", [["--format", "docx"], ["--format", "html,docx"], ["--format", ","], ["--audience", "press"]])
def test_a_report_of_another_form_is_wrong_usage(workspace: Path, tmp_path: Path, words: list[str]) -> None:
    found = run("report", *words, "--out", tmp_path / "report", "--workspace", workspace)
    assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
    assert not (tmp_path / "report").exists()


def test_a_report_that_cannot_be_written_says_where(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "report").write_text("a file")
    found = run("report", "--out", tmp_path / "report", "--workspace", workspace)
    assert (found.exit_code, len(found.stderr.splitlines())) == (3, 1)
    assert str(tmp_path / "report") in found.stderr


def test_snapshots_are_listed_oldest_first(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {"gaad.json": gaad(roles=[role("a")])})
    for day in ("2026-09-30", "2026-06-30"):
        assess(folder, tmp_path / "workspace", "--as-of", day)
    listed = json.loads(run("snapshots", "--json", "--workspace", tmp_path / "workspace").stdout)
    assert [row["as_of"] for row in listed] == ["2026-06-30", "2026-09-30"]
    assert [row["label"] for row in listed] == ["Q2-2026", "Q3-2026"]
    assert listed[0]["snapshot_id"] in run("snapshots", "--workspace", tmp_path / "workspace").stdout
    current = rows(tmp_path / "workspace", "SELECT count(*) AS n FROM identity")
    assert current == [{"n": 1}]
    report = run("report", "--snapshot", "Q2-2026", "--format", "md", "--out", tmp_path / "report", "--workspace", tmp_path / "workspace")
    assert listed[0]["snapshot_id"] in report.stdout, "by its label"


@pytest.mark.parametrize("words", [["query", "SELECT 1"], ["findings"], ["report"]])
def test_an_unknown_snapshot_is_named_with_what_to_do(workspace: Path, words: list[str]) -> None:
    for snapshot in ("2026-01-01-0000000000", "../../etc/passwd"):
        found = run(*words, "--snapshot", snapshot, "--workspace", workspace)
        assert (found.exit_code, len(found.stderr.splitlines())) == (2, 1)
        assert snapshot in found.stderr
        assert "`nhi snapshots` lists them" in found.stderr


def test_a_damaged_manifest_stands_in_the_way_of_nobody_who_names_another_snapshot(tmp_path: Path) -> None:
    folder, workspace = write(tmp_path / "in", {"gaad.json": gaad(roles=[role("a")])}), tmp_path / "workspace"
    good, bad = (assess(folder, workspace, "--as-of", day)["snapshot_id"] for day in ("2026-06-30", "2026-09-30"))
    (workspace / "lake" / "_snapshots" / f"{bad}.json").write_text("{")
    found = run("query", "SELECT count(*) AS n FROM identity", "--snapshot", good, "--json", "--workspace", workspace)
    assert json.loads(found.stdout) == [{"n": 1}]


def test_a_snapshot_of_other_tables_says_how_to_judge_it_again(tmp_path: Path) -> None:
    assess(write(tmp_path / "in", {"gaad.json": gaad(roles=[role("a")])}), tmp_path / "workspace")
    (published,) = (tmp_path / "workspace" / "lake" / "_snapshots").glob("*.json")
    published.write_text(published.read_text().replace('"schema_version": ', '"schema_version": 99'))
    found = run("findings", "--workspace", tmp_path / "workspace")
    assert (found.exit_code, len(found.stderr.splitlines())) == (3, 1)
    assert f"`nhi rescore {published.stem}`" in found.stderr


@pytest.mark.parametrize("words", [["query", "SELECT 1"], ["findings"], ["report"]])
def test_an_empty_workspace_says_what_to_do_first(tmp_path: Path, words: list[str]) -> None:
    found = run(*words, "--workspace", tmp_path / "nothing")
    assert found.exit_code == 3
    assert "run `nhi assess PATH` first" in found.stderr
    assert json.loads(run("snapshots", "--json", "--workspace", tmp_path / "nothing").stdout) == []


def test_a_template_is_written_once_and_can_be_assessed(tmp_path: Path) -> None:
    path = tmp_path / "inventory.xlsx"
    assert run("template", path).exit_code == 0
    assert path.exists()
    again = run("template", path)
    assert (again.exit_code, len(again.stderr.splitlines())) == (2, 1)
    assert assess(tmp_path, tmp_path / "workspace")["identities"]["total"] == 0


def test_a_name_that_steers_terminals_is_printed_without_its_commands(tmp_path: Path) -> None:
    assess(write(tmp_path / "in", {"gaad.json": gaad(roles=[role("a", RoleName="\x1b[2Jevil\u202e")])}), tmp_path / "workspace")
    found = run("query", "SELECT name FROM identity", "--workspace", tmp_path / "workspace")
    assert "evil" in found.stdout
    assert not {"\x1b", "\u202e"} & set(found.stdout)


def test_a_real_process_answers_too(workspace: Path) -> None:
    found = run_process("query", "SELECT 1 AS one", "--json", "--workspace", workspace)
    assert (found.returncode, json.loads(found.stdout), found.stderr) == (0, [{"one": 1}], "")
    refused = run_process("query", "DROP TABLE identity", "--workspace", workspace)
    assert (refused.returncode, refused.stdout) == (3, "")
    assert "only one SELECT is allowed here" in refused.stderr
