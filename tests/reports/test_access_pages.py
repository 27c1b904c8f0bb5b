"""Every page by role: a viewer reads and writes nothing, an analyst decides under their own name, a limited viewer sees their accounts only."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from inventory.database import Database
from inventory.decision_log import DecisionLog
from inventory.decisions import PolicyException, Target, Where
from inventory.lake import Lake
from reports import archive, background
from reports.access import VARIABLE, Right, Role, allows
from reports.limited import RULES, LimitedLake
from reports.pages.shell import PAGES
from reports.redacted import OUTSIDE, candidates, without
from reports.serve import app_path
from tests.reports.decided import accepted
from tests.reports.test_pages import column, html, visit
from tests.reports.workspace import DEV, PROD, Q2, Q3, arn, fill, put

ACCESS = f"""
[groups.nhi-admins]
role = "admin"
[groups.analysts]
role = "analyst"
[groups.readers]
role = "viewer"
[groups.team-dev]
role = "viewer"
accounts = ["{DEV}"]
"""
FOREIGN = "zz-payroll-vault"
"""Name of the planted identity outside the team's account; parts of its ids hold it."""

FOREIGN_ACCOUNT = "qx-holding-production"
UNIQUE = ("zz-payroll", "qx-holding", "zz_batch", "AKIAZZPAYROLL", PROD)
"""What nobody limited to the other account may find anywhere."""

SMALL = "SELECT identity_id FROM identity WHERE (SELECT count(*) FROM identity) < 6"
"""Finds nobody in the estate of thirteen, and everybody in the account of four."""

LATER = date(2099, 12, 31)
PLANTED = 4
"""Decisions that stand from the start."""

User = Callable[..., AppTest]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The hand-made quarters, and an account whose names reach into the other one in every way that we know of."""
    workspace = tmp_path_factory.mktemp("planted")
    for label, as_of in (("Q2-2026", Q2), ("Q3-2026", Q3)):
        with Database.empty() as database:
            fill(database, as_of, earlier=as_of == Q2)
            _plant(database)
            details = {
                "warnings": [f"{FOREIGN}/gaad.json: unreadable"],
                "paths": [f"exports/{FOREIGN_ACCOUNT}"],
                "thresholds": {"attained_percent": 90},
            }
            Lake(workspace).publish(
                database, label=label, as_of=as_of, rules_version="2026.11.1", pack="default", created_at=f"{as_of:%Y-%m-%d}", details=details
            )  # fmt: skip
    (workspace / "access.toml").write_text(ACCESS, encoding="utf-8")
    log = DecisionLog(workspace)
    for decision in (
        accepted("for-report", arn("svc-report", DEV), expires=LATER),
        PolicyException(
            id=f"{FOREIGN}-accepted", where=Where(ids=(arn(FOREIGN, PROD),)), checks=("*",), reason="x", approver="x", expires=Q3.date()
        ),
        PolicyException(id="of-small-estates", where=Where(query=SMALL), checks=("*",), reason="x", approver="x", expires=LATER),
        Target(id="t", where=Where(tags={"account": PROD}), stage=5, by=Q3.date(), phase=FOREIGN, note=""),
    ):
        log.record(decision, who="Ana Ruiz", at=Q3)
    return workspace


def _plant(database: Database) -> None:
    """An account with one identity, one key and one workload; and in the other account a trust, reasons and records that name them."""
    theirs, ours = arn(FOREIGN, PROD), arn("svc-report", DEV)
    secret_record, own_record = f"{FOREIGN}/gaad.json#Detail[{FOREIGN}]", "dev/gaad.json#Detail[svc-report]"
    put(database, "account", {"scope": PROD, "provider": "aws", "name": FOREIGN_ACCOUNT, "environment": "production", "evidence": "o.json#1"},
        {"scope": DEV, "provider": "aws", "name": "corp-dev", "environment": "development", "evidence": "o.json#2"})  # fmt: skip
    put(database, "source", *({"source_id": path, "collector": "aws", "format": "aws-gaad", "scope": scope, "collected_at": Q3,
                               "collected_basis": "content", "records": 1, "status": "read"}
                              for path, scope in ((f"{FOREIGN}/gaad.json", PROD), ("dev/gaad.json", DEV))))  # fmt: skip
    put(database, "identity", {"identity_id": theirs, "provider": "aws", "scope": PROD, "name": FOREIGN, "kind": "iam_role", "human": "nonhuman",
                               "in_scope": True, "status": "active", "last_used_known": False, "evidence": secret_record})  # fmt: skip
    put(database, "credential", {"credential_id": "key:foreign", "identity_id": theirs, "provider": "aws", "scope": DEV, "name": "AKIAZZPAYROLL1",
                                 "kind": "access_key", "role": "combined", "storage": "unknown", "storage_basis": "unknown", "isolation": "unknown",
                                 "issuance": "manual", "last_used_known": False, "status": "active", "evidence": secret_record},
        {"credential_id": "key:kept", "identity_id": ours, "provider": "aws", "scope": DEV, "name": "AKIAOWN1",
         "kind": "access_key", "role": "combined", "storage": "env_var", "storage_basis": "observed", "isolation": "unknown",
         "issuance": "manual", "last_used_known": False, "status": "active", "evidence": own_record})  # fmt: skip
    database.execute("UPDATE credential SET store_id = 'zz_batch_job', storage_evidence = $record WHERE credential_id = 'key:kept'",
                     {"record": secret_record})  # fmt: skip
    put(database, "workload", {"workload_id": "zz_batch_job", "provider": "aws", "scope": PROD, "kind": "lambda_function", "name": "zz_batch_job",
                               "identity_id": theirs, "evidence": secret_record},
        {"workload_id": "dev-job", "provider": "aws", "scope": DEV, "kind": "lambda_function", "name": "dev-job", "identity_id": theirs,
         "evidence": own_record})  # fmt: skip
    put(database, "trust", {"trust_id": "trust:crossing", "identity_id": ours, "principal_kind": "principal", "principal": theirs,
                            "principal_scope": PROD, "human": False, "external_id": False, "safety": "safe",
                            "safety_reason": f"only {FOREIGN} of {PROD}", "evidence": own_record})  # fmt: skip
    put(database, "access_path", {
        "path_id": "path:crossing", "subject_kind": "identity", "subject_id": ours, "trust_id": "trust:crossing", "mechanism": "chain",
        "rule": "chain", "stage_lo": 4, "stage_hi": 4, "lo_reason": f"it may be assumed by {FOREIGN}, which may be at stage 4",
        "hi_reason": f"it may be assumed by {FOREIGN}", "lo_evidence": [own_record, secret_record], "hi_evidence": [secret_record],
        "to_settle": f"export {FOREIGN_ACCOUNT}", "flags": [], "critical": False,
    })  # fmt: skip
    put(database, "finding", {"check_id": "key-older-than-limit", "subject_kind": "identity", "subject_id": ours, "subject_name": "svc-report",
                              "identity_id": ours, "scope": DEV, "status": "fail", "severity": "high",
                              "reason": f"shared with {theirs} and zz_batch_job", "evidence": [own_record, secret_record]},
        {"check_id": "key-older-than-limit", "subject_kind": "credential", "subject_id": "key:foreign", "subject_name": "AKIAZZPAYROLL1",
         "identity_id": theirs, "scope": DEV, "status": "fail", "severity": "high", "reason": "x", "evidence": [secret_record]})  # fmt: skip
    put(database, "coverage", {"fact": "identities", "scope": "*", "status": "partial", "reason": f"{FOREIGN_ACCOUNT} was denied",
                               "evidence": secret_record})  # fmt: skip
    put(database, "escalation", {"identity_id": ours, "path_id": "iam-001", "target_id": theirs, "gains": "admin", "certainty": "certain",
                                 "steps": [f"becomes {FOREIGN}"], "reason": f"becomes {FOREIGN}", "evidence": [secret_record]})  # fmt: skip


@pytest.fixture
def user(planted: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """The dashboard as a member of some groups sees it."""
    monkeypatch.setenv("NHI_WORKSPACE", str(planted))
    monkeypatch.setenv(VARIABLE, str(planted / "access.toml"))

    def of(*groups: str, **claims: Any) -> AppTest:
        app = AppTest.from_file(str(app_path()), default_timeout=60)
        app.user = {"is_logged_in": True, "sub": "ada", "email": "ada@example.com", "groups": list(groups), "iat": time.time(),
                    "exp": time.time() + 3600, **claims}  # fmt: skip
        return app

    return of


@pytest.fixture
def own(user: User, planted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workspace that may be written to, in place of the one that all tests share."""
    shutil.copytree(planted, tmp_path / "own")
    monkeypatch.setenv("NHI_WORKSPACE", str(tmp_path / "own"))
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own" / "access.toml"))
    return tmp_path / "own"


def everything(app: AppTest) -> bytes:
    """All that the server sent for a page: every element's message, with the tables and charts inside."""
    return b"\n".join(element.proto.SerializeToString() for element in _elements(app._tree) if hasattr(element.proto, "SerializeToString"))


def _elements(node: Any) -> Iterator[Any]:
    for child in node.children.values():
        if hasattr(child, "children"):
            yield from _elements(child)
        if getattr(child, "proto", None) is not None:
            yield child


def recorded(own: Path) -> int:
    return len(DecisionLog(own).entries())


ASKING = frozenset({"plan"})
"""Pages whose forms ask something of the snapshot and record nothing."""

SECTIONS = ("Actions", "Targets")

READABLE = [name for name, page in PAGES.items() if page.right is Right.READ]
"""Pages that ask for no more than reading."""


@pytest.mark.heavy
@pytest.mark.parametrize(("page", "query"), [*((page, {}) for page in READABLE), *(("programme", {"section": one}) for one in SECTIONS)])
def test_a_viewer_opens_every_page_and_can_record_nothing(user: User, planted: Path, page: str, query: dict[str, str]) -> None:
    app = visit(user("readers"), page, **query)
    assert not app.exception
    assert app.title[0].value == PAGES[page].title
    assert not app.text_area
    if page not in ASKING:
        assert {button.label for button in app.button} <= {"Sign out", "Next question without an answer"}
    assert recorded(planted) == PLANTED


@pytest.mark.parametrize("page", [name for name, page in PAGES.items() if page.right is not Right.READ])
@pytest.mark.parametrize("group", ["readers", "analysts"])
def test_only_an_admin_opens_the_pages_that_take_evidence_and_look_after_the_workspace(user: User, group: str, page: str) -> None:
    assert visit(user("nhi-admins"), page).title[0].value == PAGES[page].title
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        visit(user(group), page)


def test_an_analyst_makes_a_report_under_their_name_and_a_viewer_reads_it(user: User, own: Path) -> None:
    app = visit(user("analysts"), "reports")
    next(button for button in app.button if button.label == "Make the report").click().run()
    (made,) = archive.kept(own)
    assert made.made_by == "ada@example.com"
    reader = visit(user("readers"), "reports")
    assert column(reader, "SHA-256") == [made.sha256]
    assert "Make the report" not in [button.label for button in reader.button]


def test_an_analyst_who_loses_the_role_meanwhile_makes_no_report(user: User, own: Path) -> None:
    app = visit(user("analysts"), "reports")
    app.user = {**app.user, "groups": ["readers"]}
    next(button for button in app.button if button.label == "Make the report").click().run()
    assert archive.kept(own) == []


def test_an_admin_who_loses_the_role_meanwhile_uploads_nothing(user: User, own: Path) -> None:
    app = visit(user("nhi-admins"), "assess")
    app.file_uploader[0].set_value([("gaad.json", b"{}", "application/json")])
    app.user = {**app.user, "groups": ["readers"]}
    next(button for button in app.button if button.label == "Assess").click().run()
    assert background.last(own) is None
    assert not (own / "uploads").exists()


def test_a_viewer_who_keeps_a_form_open_while_losing_the_role_records_nothing(user: User, own: Path) -> None:
    app = visit(user("analysts"), "programme", section="Targets")
    app.text_input(key="target_id").set_value("mine")
    app.date_input(key="target_by").set_value(Q3.date())
    app.user = {**app.user, "groups": ["readers"]}
    next(button for button in app.button if button.label == "Record").click()
    app.run()
    assert not app.exception
    assert recorded(own) == PLANTED


def _writes() -> None:
    from datetime import UTC, datetime  # the test's script runs on its own

    from inventory.decisions import Target, Where
    from reports.pages import shell

    day = datetime.now(UTC)
    shell.log().record(Target(id="forced", where=Where(), stage=5, by=day.date(), phase="", note=""), who="The Boss", at=day)


@pytest.mark.parametrize(("group", "more"), [("readers", 0), ("team-dev", 0), ("analysts", 1), ("nhi-admins", 1), ("elsewhere", 0)])
def test_a_page_that_forgets_to_ask_still_writes_only_for_those_who_may_and_under_their_name(
    user: User, own: Path, group: str, more: int
) -> None:
    signed_in = user(group).user
    app = AppTest.from_function(_writes, default_timeout=60)
    app.user = signed_in
    app.run()
    assert not app.exception
    assert recorded(own) == PLANTED + more
    assert [entry.who for entry in DecisionLog(own).entries()[PLANTED:]] == ["ada@example.com"] * more


def test_an_analyst_records_under_the_name_that_they_are_signed_in_with(user: User, own: Path) -> None:
    app = visit(user("analysts"), "programme", section="Targets")
    assert not [field for field in app.text_input if field.key == "author"]
    app.text_input(key="target_id").set_value("mine")
    app.date_input(key="target_by").set_value(Q3.date())
    next(button for button in app.button if button.label == "Record").click()
    app.run()
    assert not app.exception
    assert DecisionLog(own).entries()[-1].who == "ada@example.com"


@pytest.mark.parametrize(
    ("claims", "title"),
    [
        ({"is_logged_in": False}, "Sign in"),
        ({"groups": ["elsewhere"]}, "No access"),
        ({"groups": []}, "No access"),
        ({"exp": time.time() - 1}, "Your session is over"),
        ({"iat": time.time() - 9 * 3600}, "Your session is over"),
    ],
)
def test_whoever_is_not_let_in_gets_one_sentence_and_nothing_of_the_workspace(user: User, claims: dict[str, Any], title: str) -> None:
    app = user("nhi-admins", **claims).run()
    assert not app.exception
    assert [one.value for one in app.title] == [title]
    assert not app.sidebar.children
    sent = everything(app)
    assert b"svc-" not in sent
    assert b"Q3-2026" not in sent


def test_an_access_file_that_breaks_while_serving_lets_nobody_in_and_says_nothing_of_itself(user: User, own: Path) -> None:
    (own / "access.toml").write_text("groups = 1", encoding="utf-8")
    app = user("nhi-admins").run()
    assert app.title[0].value == "Nobody is let in now"
    assert b"access.toml" not in everything(app)


def test_signing_in_without_an_access_file_lets_nobody_in(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    app = user("nhi-admins")
    monkeypatch.delenv(VARIABLE)
    app.run()
    assert app.title[0].value == "Nobody is let in"


def test_a_fault_of_the_store_names_files_to_admins_only(user: User, own: Path) -> None:
    manifest = next((own / "lake" / "_snapshots").glob("*.json"))
    manifest.write_text("{", encoding="utf-8")
    assert manifest.name in user("nhi-admins").run().main.text[0].value
    assert user("readers").run().main.text[0].value == "Whoever runs this dashboard sees here what is wrong."


def test_every_table_has_a_rule_for_viewers_who_are_limited() -> None:
    with Database.empty() as database:
        assert set(database.tables()) == set(RULES)


def test_pages_that_ask_for_more_are_not_there_for_who_may_less(user: User) -> None:
    for group, role in (("readers", Role.VIEWER), ("analysts", Role.ANALYST), ("nhi-admins", Role.ADMIN)):
        app = user(group).run()
        for name, page in PAGES.items():
            if not allows(role, page.right):
                with pytest.raises(ValueError, match=name):
                    app.switch_page(f"reports/pages/{name}.py")


def test_only_the_log_that_asks_and_signs_is_in_reach_of_a_page() -> None:
    folder = Path(app_path()).parent / "reports" / "pages"
    naming = {path.name for path in folder.glob("*.py") if "DecisionLog" in path.read_text(encoding="utf-8")}
    assert naming == {"chosen.py", "signing.py"}


@pytest.mark.parametrize(
    ("text", "names", "cleaned"),
    [
        ("assumed by svc-a, which", {"svc-a"}, f"assumed by {OUTSIDE}, which"),
        ("svc-a-2 and svc-a", {"svc-a"}, f"svc-a-2 and {OUTSIDE}"),
        ("role 'Data Lake (prod)' of 42", {"Data Lake (prod)"}, f"role '{OUTSIDE}' of 42"),
        ("arn:aws:iam::444455556666:role/x", {"444455556666"}, f"arn:aws:iam::{OUTSIDE}:role/x"),
        ("svc-a's key", {"svc-a"}, f"{OUTSIDE}'s key"),
    ],
)
def test_names_are_found_whole_and_taken_out(text: str, names: set[str], cleaned: str) -> None:
    firsts = {name.split()[0] for name in names if " " in name}
    assert names <= candidates([text], firsts)
    assert without(text, names) == cleaned


LIMITED = [name for name, page in PAGES.items() if page.limited]


@pytest.mark.parametrize("page", LIMITED)
def test_a_limited_viewer_finds_no_foreign_name_on_any_page(user: User, page: str) -> None:
    app = visit(user("team-dev"), page)
    assert not app.exception
    assert app.title[0].value == PAGES[page].title
    assert f"You see {DEV}" in html(app)
    sent = everything(app)
    assert [name for name in UNIQUE if name.encode() in sent] == []


def test_the_search_for_foreign_names_would_find_them(user: User) -> None:
    """Of somebody who sees all accounts, the same pages send every planted name."""
    app = user("readers")
    sent = everything(visit(app, "inventory")) + everything(visit(app, "findings")) + everything(visit(app, "maturity"))
    sent += everything(visit(app, "identity", identity=arn("svc-report", DEV)))
    assert [name for name in UNIQUE if name.encode() not in sent] == []


@pytest.mark.parametrize("name", ["svc-report", "svc-legacy", "role-retired"])
def test_a_limited_viewer_sees_each_of_their_identities_without_the_other_side(user: User, name: str) -> None:
    app = visit(user("team-dev"), "identity", identity=arn(name, DEV))
    assert not app.exception
    sent = everything(app)
    assert name.encode() in sent
    assert [one for one in UNIQUE if one.encode() in sent] == []
    if name == "svc-report":
        assert f"it may be assumed by {OUTSIDE}" in html(app)


@pytest.mark.parametrize("asked", [arn(FOREIGN, PROD), "key:foreign", "zz_batch_job", "path:crossing"])
def test_a_foreign_id_in_the_address_finds_nothing(user: User, asked: str) -> None:
    app = visit(user("team-dev"), "identity", identity=asked)
    assert "Nothing in this snapshot matches." in [caption.value for caption in app.caption]


@pytest.mark.heavy
def test_a_limited_viewer_is_offered_their_pages_only_and_an_address_leads_nowhere_else(user: User) -> None:
    for page in set(PAGES) - set(LIMITED):
        app = user("team-dev").run()
        with pytest.raises(ValueError, match=page):
            app.switch_page(f"reports/pages/{page}.py")


def test_the_inventory_of_a_limited_viewer_holds_the_subjects_of_the_account(user: User) -> None:
    app = visit(user("team-dev"), "inventory", list="everything")
    # Of the twelve identities by hand, four stand in the development account.
    assert len(column(app, "Name")) == 4
    assert set(column(app, "Account")) == {DEV}


def test_an_exception_about_their_subject_is_told_and_no_other(user: User) -> None:
    app = visit(user("team-dev"), "findings")
    assert [name for name in column(app, "Exception") if name != "—"] == ["for-report"]


def test_an_exception_that_asks_by_a_query_asks_the_whole_estate(user: User) -> None:
    assert "of-small-estates" not in column(visit(user("readers"), "findings"), "Exception")
    assert "of-small-estates" not in column(visit(user("team-dev"), "findings"), "Exception")


def test_what_a_manifest_says_of_the_whole_estate_is_not_passed_on(planted: Path) -> None:
    lake = LimitedLake(planted, {DEV})
    snapshot = lake.snapshots()[-1]
    assert snapshot.details == {"thresholds": {"attained_percent": 90}}
    with lake.open(snapshot.snapshot_id) as database:
        assert database.tables("whole") == []
        kept = database.rows("SELECT store_id, storage_evidence FROM credential WHERE credential_id = 'key:kept'")
        assert kept == [{"store_id": OUTSIDE, "storage_evidence": None}]
        assert database.rows("SELECT principal, principal_scope FROM trust WHERE trust_id = 'trust:crossing'") == [
            {"principal": OUTSIDE, "principal_scope": OUTSIDE}
        ]
        assert database.value("SELECT identity_id FROM workload WHERE workload_id = 'dev-job'") == OUTSIDE
        assert database.value("SELECT reason FROM coverage WHERE scope = '*'") == f"{OUTSIDE} was denied"
        for table in database.tables():
            for row in database.rows(f"SELECT * FROM {table}"):
                assert not [name for name in UNIQUE if name in str(row)], (table, row)
