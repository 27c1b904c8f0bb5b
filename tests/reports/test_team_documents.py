"""The report of a team as a document: each figure as one query over the whole snapshot counts it, and nothing of others on any page."""

from __future__ import annotations

import html
import json
import re
import shlex
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from inventory.database import Database
from inventory.decision_log import DecisionLog
from inventory.decisions import OwnerAssignment, PolicyException, Where
from inventory.lake import Lake
from reports.audiences import SECTIONS
from reports.content import Asked, Content
from reports.headline import LEFT_OUT
from reports.teams import TeamLake, all_candidates, write_team_reports
from reports.views.part import own_moves
from reports.views.stages import NOT_STATED
from scoring.subjects import list_subjects
from tests.command import run
from tests.reports.drawn import first_page, index, text_of
from tests.reports.test_teams import OTHERS, latest, plant, publish
from tests.reports.workspace import DEV, PROD, arn, put

DOCUMENTS = ("html", "pdf", "json", "md")
ON = date(2026, 10, 1)
VAULT = "999900001111"
"""An account where only the team vault-keepers runs something."""

TEAMS = ("platform", "payments", "orders", "vault-keepers", None)
FOREIGN = {
    "payments": (*OTHERS, VAULT, "vault-corp", "vault-keepers", "svc-locksmith", "beacon.invalid", "corp/orders", "exports/svc-deploy"),
    "vault-keepers": (*OTHERS, PROD, DEV, "svc-billing", "svc-vaulted", "payments", "corp/orders", "key-ring-audit"),
}
"""Names, accounts and ids of others, that a team may find nowhere."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quarter of test_teams.py, one team more in an account of its own, and decisions that are about some teams and not about others."""
    folder = tmp_path_factory.mktemp("documents")
    with Database.empty() as database:
        plant(database)
        locksmith(database)
        unclaimed(database)
        list_subjects(database)
        publish(database, folder)
    ways = Where(query="SELECT identity_id FROM escalation")
    log = DecisionLog(folder)
    for decision in (
        PolicyException(id="ways", where=ways, checks=("*",), reason="by svc-deploy", approver="svc-deploy", expires=date(2026, 12, 31)),
        PolicyException(
            id="old-key", where=Where(ids=("key:svc-billing",)), checks=("key-older-than-limit",), reason="svc-deploy still asks for it",
            approver="R. Okafor", expires=date(2026, 9, 1),
        ),
        OwnerAssignment(id="billing", where=Where(ids=(arn("svc-billing", PROD),)), owner="ana@corp.example", note="svc-deploy asked"),
        PolicyException(
            id="key-ring-audit", where=Where(tags={"team": "platform"}), checks=("*",), reason="-", approver="-", expires=date(2026, 12, 31)
        ),
    ):  # fmt: skip
        log.record(decision, who="R. Okafor", at=datetime(2026, 9, 15))
    return folder


def locksmith(database: Database) -> None:
    """svc-locksmith of vault-keepers: at stage 4 to 5, its only key without a date, a finding that nobody could judge."""
    ident = arn("svc-locksmith", VAULT)
    tags = {"provider": "aws", "scope": VAULT, "name": "svc-locksmith", "kind": "service_account", "team": "vault-keepers"}
    record = {"evidence": "vault/gaad.json#Detail[svc-locksmith]"}
    put(database, "account", {"scope": VAULT, "provider": "aws", "name": "vault-corp", "evidence": "vault/gaad.json"})
    put(database, "coverage", {"fact": "access_keys", "scope": VAULT, "status": "denied", "reason": "AccessDenied: ask svc-deploy"})
    put(
        database, "identity",
        {"identity_id": ident, **tags, "human": "nonhuman", "in_scope": True, "status": "active", "last_used_known": False, **record},
    )  # fmt: skip
    put(database, "sighting", {"subject_kind": "identity", "subject_id": ident, **record})
    put(
        database, "credential",
        {"credential_id": "key:locksmith", "identity_id": ident, "provider": "aws", "scope": VAULT, "name": "AKIALOCK", "kind": "access_key",
         "role": "combined", "storage": "unknown", "storage_basis": "observed", "isolation": "unknown", "issuance": "manual", "last_used_known": False,
         "status": "active", **record},
    )  # fmt: skip
    put(
        database, "placement",
        {"subject_kind": "identity", "subject_id": ident, **tags, "stage_lo": 4, "stage_hi": 5, "lo_path_id": "path:locksmith",
         "hi_path_id": "path:locksmith", "paths": 1, "mixed": False, "privilege": "unknown"},
    )  # fmt: skip
    put(
        database, "access_path",
        {"path_id": "path:locksmith", "subject_kind": "identity", "subject_id": ident, "credential_id": "key:locksmith", "mechanism": "static_direct",
         "rule": "direct-storage-unknown", "stage_lo": 4, "stage_hi": 5, "lo_reason": "as svc-billing is", "hi_reason": "why not beyond", "lo_evidence": [],
         "hi_evidence": [], "to_settle": "say where the key rests", "flags": [], "critical": True},
    )  # fmt: skip
    put(
        database, "finding",
        {"check_id": "key-older-than-limit", "subject_kind": "credential", "subject_id": "key:locksmith", "subject_name": "AKIALOCK", "identity_id": ident,
         "scope": VAULT, "status": "unknown", "severity": "high", "reason": "its creation date is not in the evidence", "evidence": []},
    )  # fmt: skip


def unclaimed(database: Database) -> None:
    """The open bucket and the password that nobody owns, as the things that are placed in tests/reports/workspace.py."""
    of = {"provider": "aws", "scope": PROD}
    put(
        database, "resource",
        {"resource_id": "arn:aws:s3:::public-assets", **of, "name": "public-assets", "kind": "s3_bucket", "public": "yes", "public_reason": "anyone",
         "evidence": "prod/bucket-policy.json#public-assets"},
    )  # fmt: skip
    put(
        database, "credential",
        {"credential_id": "env:orders:DB_PASSWORD", **of, "name": "DB_PASSWORD", "kind": "password", "role": "combined", "storage": "env_var",
         "storage_basis": "observed", "isolation": "unknown", "issuance": "unknown", "last_used_known": False, "status": "unknown",
         "expires_at": datetime(2026, 11, 1), "created_at": datetime(2025, 3, 1), "evidence": "prod/lambda.json#orders"},
    )  # fmt: skip


def asked(workspace: Path, team: str | None) -> Asked:
    snapshot = latest(workspace)
    with Lake(workspace).open(snapshot.snapshot_id) as database:
        lake = TeamLake(workspace, team, all_candidates(database, snapshot))
    return Asked(lake=lake, snapshot=lake.snapshot(snapshot.snapshot_id), on=ON, audience="team", part=NOT_STATED if team is None else team)


@pytest.fixture(scope="module")
def told(workspace: Path) -> dict[str | None, Content]:
    """The content of every team's report."""
    return {team: asked(workspace, team).content for team in TEAMS}


@pytest.fixture(scope="module")
def files(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Team -> format -> its file, of the two that are read for what is others'."""
    folder = tmp_path_factory.mktemp("written")
    made = write_team_reports(workspace, latest(workspace), DOCUMENTS, folder, on=ON, only=list(FOREIGN))
    return {one.team: {path.suffix[1:]: path.read_bytes() for path in one.paths} for one in made}


def figures(content: Content) -> dict[str, Any]:
    return {figure["id"]: figure for figure in content["headline"]["figures"]}


# --- right for the part


def test_the_figures_of_payments_are_those_counted_by_hand(files: dict[str, dict[str, bytes]]) -> None:
    # Three identities at S3, S4 and S5 for certain; a key that is too old and a trust that is too wide; three keys of 92 days, none with an end.
    for form in DOCUMENTS:
        assert first_page(form, files["payments"][form]) == {
            "E1": ("Attained stage", "S3"),
            "E2": ("Placed exactly", "100 %"),
            "E3": ("Non-human identities", "3"),
            "E4": ("Failed findings", "2"),
        }
    document = json.loads(files["payments"]["json"])
    found = {figure["id"]: (figure["text"], figure["n"], figure["unknown"]) for figure in document["figures"]}
    assert {name: found[name] for name in ("failed", "failed-high", "failing", "ending", "old", "unowned", "creep", "disable")} == {
        "failed": ("2", None, 0), "failed-high": ("2", None, 0), "failing": ("1", 3, 0), "ending": ("0", 3, 3), "old": ("0", 3, 0),
        "unowned": ("0", 3, 0), "creep": ("0", 1, 0), "disable": ("0", 1, 0),
    }  # fmt: skip
    assert document["sections"]["credentials"]["credentials"]["ages"] == {"young": 0, "older": 3, "old": 0, "not known": 0}


BY_TEAM = {
    "stage-{}-lo": "SELECT count(*) FROM placement WHERE team IS NOT DISTINCT FROM $team AND stage_lo = {}",
    "stage-{}-hi": "SELECT count(*) FROM placement WHERE team IS NOT DISTINCT FROM $team AND stage_hi = {}",
    "failed-{}": "SELECT count(*) FROM finding AS f LEFT JOIN identity AS i USING (identity_id)"
    " WHERE f.status = 'fail' AND f.severity = '{}' AND i.team IS NOT DISTINCT FROM $team",
    "identities": "SELECT count(*) FROM identity WHERE team IS NOT DISTINCT FROM $team AND in_scope AND human <> 'human'",
    "disable": "SELECT count(*) FROM least_privilege JOIN identity USING (identity_id) WHERE team IS NOT DISTINCT FROM $team AND action = 'disable'",
    "failing": "SELECT count(DISTINCT f.identity_id) FROM finding AS f JOIN identity AS i USING (identity_id)"
    " WHERE f.status = 'fail' AND i.team IS NOT DISTINCT FROM $team",
    "ending": "SELECT count(*) FROM credential LEFT JOIN identity AS i USING (identity_id) WHERE i.team IS NOT DISTINCT FROM $team"
    " AND credential.expires_at > '2026-09-30'",
    "old": "SELECT count(*) FROM credential LEFT JOIN identity AS i USING (identity_id) WHERE i.team IS NOT DISTINCT FROM $team"
    " AND credential.created_at < '2025-09-30'",
    "coverage": "SELECT count(*) FROM access_path AS a JOIN placement AS p USING (subject_kind, subject_id)"
    " WHERE p.team IS NOT DISTINCT FROM $team AND a.stage_lo = a.stage_hi",
}
"""Figure -> one query over the whole snapshot, narrowed by the team's name alone."""


@pytest.mark.parametrize("team", TEAMS)
def test_a_figure_is_what_a_query_over_the_whole_snapshot_counts_for_the_team(
    workspace: Path, told: dict[str | None, Content], team: str | None
) -> None:
    found = figures(told[team])
    parts = {"stage-{}-lo": range(1, 8), "stage-{}-hi": range(1, 8), "failed-{}": ("critical", "high", "medium", "low")}
    with Lake(workspace).open(latest(workspace).snapshot_id) as whole:
        for name, sql in BY_TEAM.items():
            for part in parts.get(name, [""]):
                count = whole.value(sql.format(part), {"team": team})
                if name == "coverage":
                    assert told[team]["summary"]["coverage"]["exact"] == count
                else:
                    assert found[name.format(part)]["text"] == f"{count:,}", (team, name, part)


def test_the_teams_add_up_to_the_estate(workspace: Path, told: dict[str | None, Content]) -> None:
    whole = Asked(lake=Lake(workspace), snapshot=latest(workspace), on=ON).content
    parts = list(told.values())
    assert all(figures(whole)[name]["hi"] > 0 for name in ("failed-high", "failed-critical", "stage-4-lo", "identities"))
    for name in [name for name in figures(whole) if name.startswith(("stage-", "failed-"))] + ["identities", "failed", "disable"]:
        assert sum(figures(part)[name]["lo"] for part in parts) == figures(whole)[name]["lo"], name
    for names in (
        ("coverage", "paths"),
        ("coverage", "exact"),
        ("identities", "total"),
        ("stages", "no_active_path"),
        ("findings", "unknown"),
    ):
        assert sum(part["summary"][names[0]][names[1]] for part in parts) == whole["summary"][names[0]][names[1]], names
    assert sum(part["credentials"]["n"] for part in parts) == whole["credentials"]["n"]
    assert sum(part["ownership"]["counts"]["n"] for part in parts) == whole["ownership"]["counts"]["n"]
    assert sum(part["access"]["totals"]["granted"] or 0 for part in parts) == whole["access"]["totals"]["granted"]


@pytest.mark.parametrize("name", ["failed", "failed-high", "stage-3-lo", "identities", "failing", "coverage", "creep"])
def test_the_command_beside_a_figure_lists_the_rows_that_it_counts(workspace: Path, told: dict[str | None, Content], name: str) -> None:
    figure = figures(told["payments"])[name]
    words = shlex.split(figure["ask"])
    assert words[:2] == ["nhi", "query"]
    found = run(*words[1:], "--workspace", workspace, "--json")
    assert found.exit_code == 0, found.stderr
    counted = {"coverage": 3, "creep": 1}
    assert len(json.loads(found.stdout)) == counted.get(name, figure["lo"])


def test_a_query_of_a_team_that_is_not_there_is_wrong_usage(workspace: Path) -> None:
    assert run("query", "SELECT 1", "--team", "nobody", "--workspace", workspace).exit_code == 2


@pytest.mark.parametrize("form", ["html", "md"])
def test_the_evidence_index_is_the_same_in_every_format(files: dict[str, dict[str, bytes]], form: str) -> None:
    figures = index("json", files["payments"]["json"])
    assert list(figures) == [f"E{number}" for number in range(1, 29)]
    assert index(form, files["payments"][form]) == figures
    pdf = text_of(files["payments"]["pdf"]).replace(" ", "")
    assert all("".join([mark, *row[:5]]).replace(" ", "") in pdf for mark, row in figures.items())


def test_the_moves_of_the_teams_add_up(workspace: Path, told: dict[str | None, Content]) -> None:
    by_team = {team: {row["title"]: (row["candidates"], row["ready"]) for row in content["to_do"]} for team, content in told.items()}
    assert by_team["payments"] == {
        "Revoke a key that nobody uses": (3, 3),
        "Rotate a credential": (3, 3),
        "Give each environment a credential of its own": (1, 1),  # svc-billing, at stage 3
        "Move a secret into the manager": (2, 2),  # svc-billing and svc-report; svc-vaulted is there
    }
    with Lake(workspace).open(latest(workspace).snapshot_id) as database:
        whole = {row["title"]: row["candidates"] for row in own_moves(database, latest(workspace))}
    assert {title: sum(rows.get(title, (0, 0))[0] for rows in by_team.values()) for title in whole} == whole


# --- nothing of others, and nothing of the whole


@pytest.mark.parametrize("team", list(FOREIGN))
@pytest.mark.parametrize("form", DOCUMENTS)
def test_nothing_of_others_is_in_any_text_of_a_teams_document(files: dict[str, dict[str, bytes]], team: str, form: str) -> None:
    content = files[team][form]
    text = text_of(content).replace(" ", "") if form == "pdf" else html.unescape(content.decode()).replace("\\", "")
    assert [name for name in FOREIGN[team] if name in text] == []
    assert {"payments": "svc-billing", "vault-keepers": "svc-locksmith"}[team] in text


def test_what_others_are_called_is_taken_out_of_sentences(files: dict[str, dict[str, bytes]]) -> None:
    assert "it may be assumed by (not yours)" in files["payments"]["html"].decode()
    assert "AccessDenied: ask (not yours)" in files["vault-keepers"]["html"].decode()


def test_what_is_judged_over_the_whole_estate_is_left_out_and_said(files: dict[str, dict[str, bytes]]) -> None:
    document = json.loads(files["payments"]["json"])
    assert (document["part"], document["before"], document["sources"], document["summary"]["questions"]) == ("payments", None, None, [])
    assert document["sections"].keys() == {name for name, one in SECTIONS.items() if one.part and "team" in one.audiences} - {
        "summary", "evidence",
    }  # fmt: skip
    assert LEFT_OUT in document["summary"]["verdict"]["text"]
    assert not {"ways", "ways_count"} & document["sections"]["least_privilege"]["access"].keys()
    assert not re.search(r"ways_certain|passed\": [0-9]", files["payments"]["json"].decode())
    page, pdf = files["payments"]["html"].decode(), text_of(files["payments"]["pdf"]).replace(" ", "")
    for words in ("Five questions", "Compliance</h2>", "Change since", "None is open", "Control met", "Files offered", "First look"):
        assert words not in page
    assert LEFT_OUT in page
    assert LEFT_OUT.replace(" ", "") in pdf


def test_decisions_are_told_without_the_words_of_people(told: dict[str | None, Content], files: dict[str, dict[str, bytes]]) -> None:
    programme = told["payments"]["programme"]
    assert [(row["exception_id"], row["state"], row["subjects"], row["findings"]) for row in programme["exceptions"]] == [
        ("old-key", "expired", 1, 1)
    ]
    assert [(row["owner"], row["subjects"]) for row in programme["assignments"]] == [("ana@corp.example", 1)]
    assert "by svc-deploy" not in files["payments"]["json"].decode()
    assert "No exception and no owner of something here is recorded." in files["vault-keepers"]["html"].decode()


def test_a_decision_that_asks_by_a_query_is_about_what_it_finds_in_the_whole(workspace: Path, tmp_path: Path) -> None:
    made = write_team_reports(workspace, latest(workspace), ["json"], tmp_path, on=ON, only=["payments", "orders", "vault-keepers"])
    documents = {one.team: json.loads(one.paths[0].read_text(encoding="utf-8")) for one in made}
    excepted = {
        team: [row["exception_id"] for row in document["sections"]["programme"]["programme"]["exceptions"]]
        for team, document in documents.items()
    }
    assert excepted == {"payments": ["old-key", "ways"], "orders": ["ways"], "vault-keepers": []}, "their database has no escalation"


# --- no false pass


def test_what_is_not_known_of_a_part_is_not_zero(told: dict[str | None, Content]) -> None:
    locksmith = figures(told["vault-keepers"])
    assert (locksmith["failed"]["lo"], locksmith["failed"]["hi"], locksmith["failed"]["n"]) == (0, 1, None)
    assert (locksmith["failing"]["text"], locksmith["failing"]["n"], locksmith["failing"]["unknown"]) == ("0", 1, 1)
    assert (locksmith["ending"]["unknown"], locksmith["old"]["unknown"]) == (1, 1)
    assert told["vault-keepers"]["gaps"][0]["reason"] == "AccessDenied: ask (not yours)"
    assert told["vault-keepers"]["ran"] == {"n": 4, "idle": 1}, "guardrail-missing judged nothing anywhere"


def test_a_team_in_which_nothing_failed_is_told_that_this_is_no_proof(files: dict[str, dict[str, bytes]]) -> None:
    said = "No check failed here, 1 times one could not tell; 1 of 4 judged nothing anywhere. That is no proof."
    assert said in files["vault-keepers"]["html"].decode()
    assert said.replace(" ", "") in text_of(files["vault-keepers"]["pdf"]).replace(" ", "")


def test_without_checks_a_team_is_not_said_to_have_owners_or_passes(tmp_path: Path) -> None:
    with Database.empty() as database:
        plant(database)
        database.execute("DELETE FROM finding; DELETE FROM check_result")
        publish(database, tmp_path / "ws")
    (one,) = write_team_reports(tmp_path / "ws", latest(tmp_path / "ws"), ["html"], tmp_path / "out", on=ON, only=["payments"])
    page = one.paths[0].read_text(encoding="utf-8")
    assert "No check of owners ran: who is owned is not known." in page
    assert first_page("html", page.encode())["E4"] == ("Failed findings", "not known")
    assert page.count("No check ran: nothing is known of what fails.") == 2, "among the top risks, and under Findings"
    assert "None failed" not in page
    assert "Identities without a named owner" not in page


# --- names


PLAIN = ("a'b\"$(x)`y`", "../</style><script>alert(1)</script>")
ODD = (*PLAIN, "فريق\u202eabc", "n" * 4096)


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """Teams with odd names, each with one identity without anything; nothing is without a team."""
    folder = tmp_path_factory.mktemp("odd")
    with Database.empty() as database:
        for number, name in enumerate(ODD):
            put(
                database,
                "identity",
                {"identity_id": f"i{number}", "provider": "aws", "name": f"robot-{number}", "kind": "iam_role", "human": "nonhuman", "in_scope": True,
                 "status": "active", "last_used_known": False, "team": name, "evidence": "a.json#1"},
            )  # fmt: skip
        list_subjects(database)
        publish(database, folder)
    made = write_team_reports(folder, latest(folder), DOCUMENTS, folder / "out", on=ON)
    return {one.team: {path.suffix[1:]: path.read_bytes() for path in one.paths} for one in made}


def test_a_team_is_told_by_its_name_as_text_whatever_it_is(odd: dict[str, dict[str, bytes]]) -> None:
    assert odd.keys() == {*ODD, NOT_STATED}
    for number, name in enumerate(ODD):
        document = json.loads(odd[name]["json"])
        assert document["part"] == name
        page = odd[name]["html"].decode()
        assert "<script" not in page
        assert f"robot-{number}" not in page, "nothing failed, and nothing is placed"
        shown = name if len(name) <= 60 else f"{name[:59]}…"
        assert f"stand: {shown}</h1>" in html.unescape(page)
        assert "No access path is known" in page


def test_a_command_takes_the_name_of_a_team_as_one_word(odd: dict[str, dict[str, bytes]]) -> None:
    asks = {name: shlex.split(json.loads(made["json"])["figures"][0]["ask"]) for name, made in odd.items()}
    teams = {name: words[words.index("--team") + 1] for name, words in asks.items()}
    assert teams == {**{name: name for name in (*PLAIN, NOT_STATED)}, "فريق\u202eabc": "$TEAM", "n" * 4096: "$TEAM"}
    assert "TEAM stands in the commands for the name of the team" in odd["n" * 4096]["html"].decode()


def test_no_team_at_all_makes_a_report_without_anything(odd: dict[str, dict[str, bytes]]) -> None:
    expected = {"E1": ("Attained stage", "none"), "E2": ("Placed exactly", "no paths"), "E3": ("Non-human identities", "0")}
    for form in DOCUMENTS:
        assert first_page(form, odd[NOT_STATED][form]) == {**expected, "E4": ("Failed findings", "not known")}
    page = odd[NOT_STATED]["html"].decode()
    assert "Where our machine identities stand: no team stated" in page
    assert "No source lists a credential here. That is no proof that there is none: see coverage." in page
    assert "No fact is said to have been asked for: nothing is known here." in page
    assert "was collected." not in page


def test_the_same_snapshot_and_day_give_the_same_bytes(workspace: Path, files: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    (one,) = write_team_reports(workspace, latest(workspace), DOCUMENTS, tmp_path, on=ON, only=["payments"])
    assert {path.suffix[1:]: path.read_bytes() for path in one.paths} == files["payments"]
