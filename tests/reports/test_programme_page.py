"""Decisions made in the app: recorded under a name, laid over the snapshot, told in the next report."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.decision_log import DecisionLog
from inventory.decisions import OwnerAssignment, PolicyException, Target, Where
from inventory.lake import Lake
from reports.content import Asked
from reports.formats import write_reports
from reports.serve import app_path
from tests.reports.test_pages import column, html, visit
from tests.reports.workspace import PROD, arn

TODAY = datetime.now(UTC).date()
BILLING = arn("svc-billing", PROD)


@pytest.fixture
def own(workspace: Path, tmp_path: Path) -> Path:
    """A workspace that may be written to."""
    shutil.copytree(workspace, tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture
def app(own: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("NHI_WORKSPACE", str(own))
    return AppTest.from_file(str(app_path()), default_timeout=60)


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.button if button.label == label).click()
    return app.run()


def texts(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in app.text)


def filled(app: AppTest) -> AppTest:
    """The exception form, reached from the identity page of svc-billing, for its old key."""
    visit(app, "exceptions", subject=BILLING, check="key-older-than-limit")
    app.text_input(key="exception_id").set_value("billing-key")
    app.text_area(key="exception_reason").set_value("the bank takes no other")
    app.text_input(key="exception_approver").set_value("R. Okafor")
    app.date_input(key="exception_expires").set_value(TODAY + timedelta(days=90))
    return app


def test_an_exception_made_in_the_app_is_in_the_log_and_in_the_next_report_with_its_author(app: AppTest, own: Path) -> None:
    filled(app).text_input(key="author").set_value("Ana Ruiz")
    press(app, "Record")
    assert not app.exception
    (made, recorded), *others = DecisionLog(own).standing().of(PolicyException)
    assert not others
    assert (made.id, made.where.ids, made.checks) == ("billing-key", (BILLING,), ("key-older-than-limit",))
    assert (made.expires, recorded.who) == (TODAY + timedelta(days=90), "Ana Ruiz")
    assert column(app, "Exception") == ["billing-key"]
    assert "Recorded: billing-key, by Ana Ruiz." in html(app)
    lake = Lake(own)
    report = write_reports(Asked(lake=lake, snapshot=lake.snapshots()[-1], on=TODAY), ["html"], own / "report")[0][1].read_text(
        encoding="utf-8"
    )
    assert "the bank takes no other" in report
    assert "Ana Ruiz" in report


def test_nothing_is_recorded_without_a_name(app: AppTest, own: Path) -> None:
    press(filled(app), "Record")
    assert "Write your name above" in texts(app)
    assert DecisionLog(own).entries() == []


def test_a_preview_says_what_an_exception_would_take_out_and_records_nothing(app: AppTest, own: Path) -> None:
    press(filled(app), "Preview")
    assert "Covers 1 subjects, takes out 1 findings. Nothing is recorded yet." in texts(app)
    assert DecisionLog(own).entries() == []


def test_what_is_missing_is_said_in_a_sentence(app: AppTest, own: Path) -> None:
    filled(app).text_area(key="exception_reason").set_value("")
    app.text_input(key="author").set_value("Ana Ruiz")
    press(app, "Record")
    assert "Not recorded. reason: missing" in texts(app)
    assert DecisionLog(own).entries() == []


def test_an_exception_is_withdrawn_under_a_name_and_stays_in_the_history(app: AppTest, own: Path) -> None:
    filled(app).text_input(key="author").set_value("Ana Ruiz")
    press(app, "Record")
    app.selectbox(key="withdraw_exceptions").select("billing-key").run()
    press(app, "Withdraw it")
    assert DecisionLog(own).standing().of(PolicyException) == []
    assert [entry.withdrawn for entry in DecisionLog(own).entries()] == [False, True]
    assert "History (2)" in [expander.label for expander in app.expander]


def test_the_roadmap_is_adopted_with_one_press(app: AppTest, own: Path) -> None:
    visit(app, "programme", section="Targets")
    app.text_input(key="author").set_value("Ana Ruiz").run()
    press(app, "Adopt this roadmap from today")
    assert [(made.id, made.stage) for made, _ in DecisionLog(own).standing().of(Target)] == [
        ("roadmap-1", 3),
        ("roadmap-2", 5),
        ("roadmap-3", 6),
    ]
    assert column(app, "Stage") == ["S3", "S5", "S6"]
    assert app.get("plotly_chart")[0].proto.alt.startswith("Attained in Q3-2026: S2 for certain; next target S3 by ")


def test_an_assigned_owner_stands_on_the_page_of_the_identity_beside_what_sources_say(app: AppTest, own: Path) -> None:
    given = OwnerAssignment(id="reports", where=Where(ids=(BILLING,)), owner="Finance systems")
    DecisionLog(own).record(given, who="Ana Ruiz", at=datetime(2026, 10, 2))
    visit(app, "identity", identity=BILLING)
    assert "Finance systems by Ana Ruiz, 2026-10-02" in html(app)
    assert "platform@corp.example" in html(app)


def test_findings_can_be_narrowed_to_what_is_excepted(app: AppTest, own: Path) -> None:
    made = PolicyException(
        id="billing-key", where=Where(ids=(BILLING,)), checks=("key-older-than-limit",), reason="r", approver="a", expires=TODAY
    )
    DecisionLog(own).record(made, who="Ana Ruiz", at=datetime(2026, 10, 2))
    visit(app, "findings", excepted="excepted")
    assert column(app, "Subject") == ["AKIAILLING"]
    assert column(app, "Exception") == ["billing-key"]


@pytest.mark.parametrize(
    ("page", "section", "first"),
    [
        ("exceptions", "", "Register (0)"),
        ("ownership", "", "Waiting for an owner, by team"),
        ("programme", "Actions", "Actions (0, 0 overdue)"),
        ("programme", "Targets", "Targets (0)"),
    ],
)
def test_every_page_of_decisions_runs_where_nothing_was_decided(app: AppTest, page: str, section: str, first: str) -> None:
    visit(app, page, **({"section": section} if section else {}))
    assert not app.exception
    assert app.subheader[0].value == first
