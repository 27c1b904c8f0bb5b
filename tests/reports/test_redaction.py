"""Redaction: the same scores under other names, nothing of the old ones left, and a way back for whoever holds the key."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

import nhi
from inventory.database import Database
from inventory.decision_log import DecisionLog
from inventory.decisions import Action, Kind, OwnerAssignment, PolicyException, Where
from inventory.lake import Lake
from reports.redaction.columns import RULES, rule_of
from reports.redaction.comparison import differences
from reports.redaction.estate import Rewriter
from reports.redaction.parts import RedactionError
from reports.redaction.sealed import seal, unseal
from reports.redaction.workspace import redact
from scoring.again import judged_again
from scoring.catalogue import load
from scoring.packs import load_pack
from tests.command import run
from tests.reports.left_over import left_over
from tests.reports.redactable import NAMES, OURS, aws, azure, gcp, published

KEY, OTHER_KEY = b"k" * 32, b"o" * 32


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the AWS estate's workspace, its decisions, a key file, and the redacted workspace."""
    folder = tmp_path_factory.mktemp("redaction")
    published(folder / "workspace", aws())
    log = DecisionLog(folder / "workspace")
    roles = Where(query="SELECT identity_id FROM identity WHERE name LIKE 'peregrine%'")
    for decision in (
        PolicyException(
            id="godwit", where=roles, checks=("*",), reason="Marlowe knows", approver="Ottoline Ferreira", expires=date(2027, 1, 1)
        ),
        OwnerAssignment(
            id="dunlin",
            where=Where(ids=(f"arn:aws:iam::{OURS}:role/peregrine-deploy",)),
            owner="ottoline@zephyrline.example",
            note="call Marlowe",
        ),
        Action(id="lapwing", title="Tell Marlowe", where=Where(tags={"team": "marlowe", "environment": "production"}), note="soon"),
    ):
        log.record(decision, who="Ottoline Ferreira", at=datetime(2026, 10, 1))
    assert run("redact", "--new-key", folder / "key").exit_code == 0
    found = run("redact", "--key-file", folder / "key", "--workspace", folder / "workspace", "--out", folder / "redacted")
    assert found.exit_code == 0, found.stderr
    assert "same scores: 4 subjects" in found.stdout
    return folder


# --- what is rewritten


def test_every_text_column_that_is_read_has_a_rule_of_its_own() -> None:
    with Database.empty() as database:
        columns = database.rows(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'seen' AND data_type LIKE 'VARCHAR%'"
        )
    assert len(columns) > 150
    assert {(row["table_name"], row["column_name"]) for row in columns} == {
        (table, name) for table, rules in RULES.items() for name in rules
    }


def test_a_column_without_a_rule_is_withheld() -> None:
    assert rule_of("identity", "added_tomorrow") == "withheld"
    assert rule_of("added_tomorrow", "name") == "withheld"


def test_an_estate_of_aws_is_judged_the_same_and_keeps_no_name(estate: Path) -> None:
    """That the scores are the same, the command said: see `estate`."""
    assert left_over(estate / "redacted", NAMES, inside=True) == {}
    assert left_over(estate / "workspace", NAMES).keys() == NAMES


@pytest.mark.heavy
def test_an_estate_of_google_cloud_and_azure_is_judged_the_same_and_keeps_no_name(tmp_path: Path) -> None:
    snapshot = published(tmp_path / "workspace", [*gcp(), *azure()], label="before-kittiwake")
    (done,) = redact(Lake(tmp_path / "workspace"), [snapshot], KEY, tmp_path / "redacted")

    assert done.differences == []
    assert not done.judged_anew
    assert re.fullmatch("[a-z]{12}-[a-z]{12}", done.snapshot.label)  # a label that is no quarter is a name
    assert left_over(tmp_path / "redacted", NAMES, inside=True) == {}
    assert left_over(tmp_path / "workspace", NAMES)
    # Two tenants have a service principal of one application: the one that the rules take by its name is told, since names change.
    assert aliases(tmp_path / "workspace") == 2
    assert aliases(tmp_path / "redacted") == 1


def aliases(workspace: Path) -> int:
    lake = Lake(workspace)
    (snapshot,) = lake.snapshots()
    with Database.empty() as database:
        lake.load_seen(snapshot, database)
        return int(database.value("SELECT count(*) FROM seen.alias WHERE alias LIKE 'azure:app:%'"))


def test_a_name_that_says_a_role_is_kept_for_an_emergency_makes_a_proposal_wait_as_before(estate: Path) -> None:
    lake = Lake(estate / "redacted")
    (snapshot,) = lake.snapshots()
    with lake.open(snapshot.snapshot_id) as database:
        guarded = database.rows("SELECT guards FROM least_privilege WHERE len(guards) > 0")
        named = database.value("SELECT count(*) FROM identity WHERE name LIKE '%BreakGlass'")
    assert any("break-glass" in guard for row in guarded for guard in row["guards"])
    assert named == 1


def test_a_pattern_that_fits_half_a_word_fits_its_pseudonym(estate: Path) -> None:
    """`albat*` is the only way by which the deployer becomes the administrator."""
    lake = Lake(estate / "redacted")
    (snapshot,) = lake.snapshots()
    with lake.open(snapshot.snapshot_id) as database:
        (found,) = database.rows("SELECT path_id, gains FROM escalation")
        pattern = database.value("SELECT document FROM policy_document WHERE document LIKE '%sts:AssumeRole%'")
        target = database.value("SELECT name FROM identity WHERE identity_id LIKE '%:role/%/%'")
    assert found == {"path_id": "sts-001", "gains": "admin"}
    (stem,) = re.findall(r"role/\w+/(\w+)\*", pattern)
    assert target.startswith(stem)
    assert stem != "albat"


def test_the_manifest_keeps_no_path_and_no_name(estate: Path) -> None:
    (snapshot,) = Lake(estate / "redacted").snapshots()
    assert snapshot.details["paths"] == []
    assert snapshot.details["redacted"] == {"same_scores": True}
    told, warning = snapshot.details["warnings"]
    assert told == "redacted: names are pseudonyms, scores are the original's"
    assert warning.startswith("s0002/")
    assert warning.endswith(" is odd") is False  # `odd` is no word that our collectors write
    assert snapshot.label == "Q3-2026"


# --- whether the scores are the same


def test_a_judgement_that_differs_is_told_with_the_rows_that_differ(estate: Path) -> None:
    lake = Lake(estate / "workspace")
    (snapshot,) = lake.snapshots()
    with Database.empty() as database:
        lake.attach(database, snapshot, "original")
        for table in database.tables("original"):
            database.execute(f"INSERT INTO main.{table} SELECT * FROM original.{table}")
        Rewriter(KEY, lake, [snapshot]).register(database)
        database.execute("UPDATE main.placement SET subject_id = redacted_name(subject_id)")
        (untouched,) = (difference for difference in differences(database) if difference.table == "privilege")
        assert {difference.table for difference in differences(database)}.isdisjoint({"placement", "check_result", "question"})

        database.execute("UPDATE main.placement SET stage_hi = 7 WHERE subject_id IN (SELECT min(subject_id) FROM main.placement)")
        found = {difference.table: difference for difference in differences(database)}

    assert (untouched.original, untouched.redacted) == (4, 4)  # ids of the original are no pseudonyms
    assert (found["placement"].original, found["placement"].redacted) == (1, 1)
    assert found["placement"].examples[0]["stage_hi"] == 7


@pytest.mark.heavy
def test_the_command_exits_with_1_and_says_what_differs(estate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES["entitlement"], "policy_id", "withheld")
    monkeypatch.setitem(RULES["policy_document"], "document", "withheld")
    found = run("redact", "--key-file", estate / "key", "--workspace", estate / "workspace", "--out", tmp_path / "redacted")
    assert found.exit_code == 1
    assert "NOT the same scores: privileges: " in found.stderr
    assert "same scores: 4" not in found.stdout
    (snapshot,) = Lake(tmp_path / "redacted").snapshots()
    assert snapshot.details["redacted"] == {"same_scores": False}
    assert "judged otherwise than the original: privileges" in str(snapshot.details["warnings"])


@pytest.mark.heavy
def test_an_original_that_was_judged_by_other_rules_is_judged_anew_to_be_compared_with(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "workspace")
    with judged_again(lake, published(lake.workspace, aws()), pack=load_pack("cis"), checks=load().checks) as database:
        snapshot = lake.publish(
            database, label="Q3-2026", as_of=datetime(2026, 9, 30), rules_version="2025.1", pack="cis", created_at="2026-10-01T08:00:00+00:00",
            details={"thresholds": dict(load_pack("cis").thresholds)},
        )  # fmt: skip
    (done,) = redact(lake, [snapshot], KEY, tmp_path / "redacted")
    assert done.judged_anew
    assert done.differences == []
    assert done.snapshot.pack == "cis"
    assert done.snapshot.details["thresholds"] == snapshot.details["thresholds"]


# --- the key


def test_the_same_key_gives_the_same_rows_and_another_key_shares_no_name_with_it(estate: Path) -> None:
    lake = Lake(estate / "workspace")
    (snapshot,) = lake.snapshots()
    found = {}
    for name, key in (("one", KEY), ("two", KEY), ("other", OTHER_KEY)):
        rewriter = Rewriter(key, lake, [snapshot])
        with Database.empty() as database:
            lake.load_seen(snapshot, database)
            rewriter.rewrite(database, snapshot.snapshot_id)
            rows = {table: database.rows(f"SELECT * FROM seen.{table} ORDER BY ALL") for table in database.tables("seen")}
        found[name] = (rows, {row["name"] for row in rows["identity"]}, set(rewriter.given.values()))
    assert found["one"] == found["two"]
    assert len(found["one"][1]) == 4
    assert not found["one"][1] & found["other"][1]
    assert len(found["one"][2]) > 40
    assert not found["one"][2] & found["other"][2]


def test_the_sealed_way_back_is_the_same_for_the_same_content_and_shows_none_of_it(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        seal(tmp_path / name, KEY, {"kittiwake": "cfghjklmnpqr"})
    sealed = (tmp_path / "one" / "pseudonyms.sealed").read_bytes()
    assert sealed == (tmp_path / "two" / "pseudonyms.sealed").read_bytes()
    assert b"kittiwake" not in sealed
    assert unseal(tmp_path / "one", KEY) == {"cfghjklmnpqr": "kittiwake"}
    (tmp_path / "one" / "pseudonyms.sealed").write_bytes(sealed[:-1] + bytes([sealed[-1] ^ 1]))
    with pytest.raises(RedactionError, match="or the file was changed"):
        unseal(tmp_path / "one", KEY)


def test_a_new_key_is_for_its_owner_only_and_never_takes_the_place_of_another(tmp_path: Path) -> None:
    path = tmp_path / "key"
    assert run("redact", "--new-key", path).exit_code == 0
    written = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(written.strip()) == 44  # 32 bytes in base64

    again = run("redact", "--new-key", path)
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    assert path.read_bytes() == written


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "the key cannot be read"), ("not base64!", "holds no key"), ("c2hvcnQ=", "holds no key"), ("", "holds no key")],
)
def test_a_missing_or_damaged_key_is_wrong_usage_and_says_how_to_make_one(
    content: str | None, said: str, estate: Path, tmp_path: Path
) -> None:
    path = tmp_path / "key"
    if content is not None:
        path.write_text(content)
    for words in (("redact", "--out", tmp_path / "out"), ("reveal", "x"), ("report", "--redact", "--out", tmp_path / "report")):
        found = run(*words, "--key-file", path, "--workspace", estate / "workspace")
        assert found.exit_code == 2
        assert said in found.stderr
        assert "nhi redact --new-key FILE" in found.stderr
    assert not (tmp_path / "out").exists()


def test_redacting_without_a_key_or_a_folder_is_wrong_usage(estate: Path) -> None:
    assert "--key-file: name the file" in run("redact", "--out", estate / "x", "--workspace", estate / "workspace").stderr
    assert "--out: name the folder" in run("redact", "--workspace", estate / "workspace").stderr


def test_a_folder_that_holds_something_is_left_alone(estate: Path) -> None:
    found = run("redact", "--key-file", estate / "key", "--workspace", estate / "workspace", "--out", estate / "redacted")
    assert found.exit_code == 3
    assert "choose another --out" in found.stderr


# --- the way back


def redacted_role(folder: Path) -> str:
    lake = Lake(folder / "redacted")
    (snapshot,) = lake.snapshots()
    with lake.open(snapshot.snapshot_id) as database:
        return str(database.value("SELECT identity_id FROM identity WHERE identity_id LIKE '%:role/%/%'"))


def test_the_key_turns_pseudonyms_back(estate: Path) -> None:
    shown = redacted_role(estate)
    found = run("reveal", shown, "--key-file", estate / "key", "--workspace", estate / "redacted")
    assert found.exit_code == 0
    assert found.stdout.strip() == f"arn:aws:iam::{OURS}:role/team/albatross-admin"


def test_a_text_that_holds_pseudonyms_is_turned_back_as_a_whole(estate: Path) -> None:
    lake = Lake(estate / "redacted")
    (snapshot,) = lake.snapshots()
    with lake.open(snapshot.snapshot_id) as database:
        record = database.value("SELECT evidence FROM secret_exposure")
        author = database.value("SELECT author FROM secret_exposure")
    found = run(
        "reveal", f"{author} at {record}, which is open", "--key-file", estate / "key", "--workspace", estate / "redacted", "--json"
    )
    (told,) = json.loads(found.stdout)
    assert told["name"] == "Ottoline Ferreira <ottoline@zephyrline.example> at zephyrline/leaks.json#src/godwit.env:3, which is open"


def test_a_text_on_standard_input_is_turned_back(estate: Path) -> None:
    words = ["reveal", "-", "--key-file", str(estate / "key"), "--workspace", str(estate / "redacted")]
    found = CliRunner().invoke(nhi.app, words, input=f"ask about {redacted_role(estate)}\nsoon\n")
    assert found.stdout == f"ask about arn:aws:iam::{OURS}:role/team/albatross-admin\nsoon\n"


def test_another_key_opens_nothing_and_says_so_in_one_line(estate: Path, tmp_path: Path) -> None:
    run("redact", "--new-key", tmp_path / "key")
    found = run("reveal", redacted_role(estate), "--key-file", tmp_path / "key", "--workspace", estate / "redacted")
    assert found.exit_code == 3
    assert "this key does not open it" in found.stderr
    assert found.stderr.count("\n") == 1
    assert found.stdout == ""


def test_a_workspace_that_nobody_redacted_has_nothing_to_reveal(estate: Path) -> None:
    found = run("reveal", "x", "--key-file", estate / "key", "--workspace", estate / "workspace")
    assert found.exit_code == 3
    assert "only a workspace that `nhi redact` wrote" in found.stderr


# --- decisions and reports


def test_decisions_travel_along_without_a_word_that_people_wrote(estate: Path) -> None:
    before = {recorded.decision.kind: recorded for recorded in DecisionLog(estate / "workspace").standing().recorded}
    after = {recorded.decision.kind: recorded for recorded in DecisionLog(estate / "redacted").standing().recorded}
    assert before.keys() == after.keys()
    assert left_over(estate / "redacted", NAMES, inside=True) == {}
    texts = json.dumps([repr(recorded) for recorded in after.values()])
    for word in ("knows", "call", "Tell", "soon"):
        assert word not in texts

    exception, owner, action = (after[kind].decision for kind in (Kind.EXCEPTION, Kind.OWNER, Kind.ACTION))
    assert isinstance(exception, PolicyException)
    assert isinstance(owner, OwnerAssignment)
    assert isinstance(action, Action)
    assert exception.where.query is None
    assert exception.where.ids == owner.where.ids
    assert exception.where.ids[0].startswith("arn:aws:iam::")
    assert (exception.reason, exception.expires, exception.checks) == ("(withheld)", date(2027, 1, 1), ("*",))
    assert action.where.tags["environment"] == "production"
    assert after[Kind.OWNER].at == datetime(2026, 10, 1)


@pytest.mark.heavy
def test_a_redacted_report_tells_the_same_in_every_format_and_names_nobody(estate: Path, tmp_path: Path) -> None:
    words = ("report", "--workspace", estate / "workspace", "--format", "html,json,md,xlsx,csv", "--on", "2026-10-01")
    assert run(*words, "--out", tmp_path / "open").exit_code == 0
    found = run(*words, "--out", tmp_path / "redacted", "--redact", "--key-file", estate / "key")
    assert found.exit_code == 0, found.stderr

    assert left_over(tmp_path / "redacted", NAMES, inside=True) == {}
    assert left_over(tmp_path / "open", NAMES)
    assert len(list((tmp_path / "redacted").iterdir())) == 5
    told, shown = (json.loads(next((tmp_path / name).glob("*.json")).read_text()) for name in ("open", "redacted"))
    assert told["summary"]["cards"]
    cards, others = ([(card["id"], card["text"], card["n"], card["unknown"]) for card in one["summary"]["cards"]] for one in (told, shown))
    assert cards == others
    assert [figure["id"] for figure in told["figures"]] == [figure["id"] for figure in shown["figures"]]
