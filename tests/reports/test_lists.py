"""Who waits for an owner, when credentials end, and the figures of the pages that list. Every expected number is counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from inventory.database import Database
from inventory.decisions import OwnerAssignment, Where
from reports import charts_lists as charts
from reports.serve import app_path
from reports.views.ages import credential_times
from reports.views.exceptions import register
from reports.views.expiry import NEVER, OVER, UNKNOWN, calendar, expiring_batches, expiring_counts, expiring_page, months
from reports.views.filters import Filter
from reports.views.least_privilege import AccessFilter, access_page
from reports.views.ownership import attestation_batches, attestation_counts, attestation_groups, attestation_page
from reports.views.stages import NOT_STATED
from tests.reports.decided import BILLING, DAY, DEPLOY, SNAPSHOT, UNSETTLED, accepted, over
from tests.reports.test_pages import column, visit
from tests.reports.workspace import DEV, PROD, Q3, arn, put

REPORT = arn("svc-report", DEV)


def verdict(check: str, identity: str, status: str) -> dict[str, Any]:
    return {"check_id": check, "subject_kind": "identity", "subject_id": identity, "subject_name": identity.rsplit("/")[-1], "identity_id": identity,
            "scope": PROD, "status": status, "severity": "medium", "reason": f"{check} {status}", "evidence": ["org.json#r"]}  # fmt: skip


@pytest.fixture
def owned() -> Iterator[Database]:
    """Of two nobody is named, of one the owner left, of one it is not known; svc-report has an owner by declaration only; the rest by tag."""
    with over(OwnerAssignment(id="o", where=Where(ids=(BILLING,)), owner="Finance systems")) as database:
        put(database, "finding", verdict("owner-missing", DEPLOY, "fail"), verdict("owner-missing", BILLING, "fail"),
            verdict("owner-departed", arn("svc-vaulted", PROD), "fail"), verdict("owner-departed", UNSETTLED, "unknown"))  # fmt: skip
        database.execute("UPDATE ownership SET basis = 'declared' WHERE identity_id = $id", {"id": REPORT})
        yield database


def test_the_queue_says_why_each_waits_those_that_nobody_was_assigned_to_first(owned: Database) -> None:
    rows = attestation_page(owned, limit=9)
    assert [(row["name"], row["state"], row["assigned"]) for row in rows] == [
        ("svc-deploy", "nobody", None),
        ("svc-vaulted", "left", None),
        ("svc-unsettled", "unknown", None),
        ("svc-report", "declared", None),
        ("svc-billing", "nobody", "Finance systems by Ana Ruiz, 2026-10-02"),
    ]
    assert rows[3]["owners"] == ["platform@corp.example"]
    assert {"path": "org.json", "record": "r"} in rows[0]["evidence"]
    assert [row for batch in attestation_batches(owned) for row in batch] == rows


def test_ages_are_counted_from_the_day_judged_by_and_what_is_dated_after_it_is_of_unknown_age() -> None:
    made = {"today": 0, "quarter": 90, "older": 91, "year": 365, "old": 366, "future": -1, "undated": None}
    with Database.empty() as database:
        put(database, "credential", *({
            "credential_id": name, "provider": "aws", "name": name, "kind": "access_key", "role": "combined", "storage": "unknown",
            "storage_basis": "unknown", "isolation": "unknown", "issuance": "manual", "status": "active", "last_used_known": False,
            "created_at": None if days is None else Q3 - timedelta(days=days), "evidence": f"e.json#{name}",
        } for name, days in made.items()))  # fmt: skip
        assert credential_times(database, Q3, 9)["ages"] == {"young": 2, "older": 2, "old": 1, "not known": 2}


def test_the_queue_is_counted_by_state_and_group_and_narrowed_like_every_list(owned: Database) -> None:
    assert attestation_counts(owned) == {"n": 5, "nobody": 2, "left": 1, "unknown": 1, "declared": 1, "assigned": 1}
    assert attestation_counts(owned, Filter(account=(DEV,)))["n"] == 1
    assert attestation_counts(owned, state="nobody")["n"] == 2
    groups = {
        row["value"]: (row["n"], row["nobody"], row["left"], row["unknown"], row["declared"]) for row in attestation_groups(owned, "team")
    }
    assert groups == {"payments": (3, 1, 1, 0, 1), "platform": (1, 1, 0, 0, 0), NOT_STATED: (1, 0, 0, 1, 0)}
    with pytest.raises(ValueError, match="not one of"):
        attestation_groups(owned, "reason")


def test_the_figure_of_the_queue_says_where_most_wait(owned: Database) -> None:
    rows = attestation_groups(owned, "team")
    assert charts.unowned_takeaway(rows, "team") == (
        "5 identities wait for someone to attest that they are theirs: of 2 nobody is named, of 1 the owner has left, of 1 it is not known, and 1"
        " have an owner by declaration only. Most by team: payments with 3."
    )
    figure = charts.unowned_bars(rows)
    assert [sum(trace.x) for trace in figure.data] == [2, 1, 1, 1]
    assert charts.unowned_takeaway([], "team").startswith("Nobody waits")


ENDS = {"over": -10, "soon": 20, "certificate": 60, "next year": 200, "far": 900}


@pytest.fixture
def ending() -> Iterator[Database]:
    """Beside the seven keys of which no source says whether they end: five with a date, one that never ends, one that is switched off."""
    with over() as database:
        usual = {"identity_id": DEPLOY, "provider": "aws", "scope": PROD, "kind": "password", "role": "combined", "storage": "unknown",
                 "storage_basis": "unknown", "isolation": "unknown", "issuance": "manual", "last_used_known": False, "evidence": "dates.json#1"}  # fmt: skip
        for name, days in ENDS.items():
            kind = "x509_certificate" if name == "certificate" else "password"
            put(database, "credential", {**usual, "credential_id": name, "name": name, "kind": kind, "expires_at": Q3 + timedelta(days=days),
                                         "never_expires": False, "status": "expired" if days < 0 else "active"})  # fmt: skip
        put(database, "credential", {**usual, "credential_id": "for ever", "name": "for ever", "never_expires": True, "status": "active"})
        put(
            database,
            "credential",
            {**usual, "credential_id": "off", "name": "off", "expires_at": Q3, "never_expires": False, "status": "inactive"},
        )
        yield database


def test_the_calendar_counts_months_and_keeps_what_has_no_date_apart(ending: Database) -> None:
    assert (months(Q3)[0], months(Q3)[3], months(Q3)[-1], len(months(Q3))) == ("2026-09", "2026-12", "2027-08", 12)
    rows = calendar(ending, Q3)
    counted = {row["ends"]: row["credentials"] for row in rows if row["credentials"]}
    # 30 September and 20, 60, 200 and 900 days: 20 October, 29 November, 18 April; 18 March 2029 is later
    assert counted == {OVER: 1, "2026-10": 1, "2026-11": 1, "2027-04": 1, "later": 1, NEVER: 1, UNKNOWN: 7}
    assert charts.expiry_takeaway(rows) == (
        "Of 13 credentials, 2 end within 90 days (1 of them certificates), 1 ended already, 1 never will, and of 7 no source says."
    )
    assert sum(charts.expiry_bars(rows).data[0].y) == 5, "what has no date is no bar"


def test_a_month_leads_to_its_credentials_and_a_filter_narrows_both(ending: Database) -> None:
    assert [row["name"] for row in expiring_page(ending, Q3, ends="2026-10", limit=9)] == ["soon"]
    assert [row["name"] for row in expiring_page(ending, Q3, limit=6)] == ["over", "soon", "certificate", "next year", "far", "for ever"]
    assert expiring_page(ending, Q3, ends="2026-10", limit=9)[0]["days_left"] == 20
    assert expiring_counts(ending, Q3) == {"n": 13, "unknown": 7}
    assert expiring_counts(ending, Q3, kind="x509_certificate") == {"n": 1, "unknown": 0}
    assert expiring_counts(ending, Q3, Filter(team=("payments",))) == {"n": 3, "unknown": 3}
    assert len([row for batch in expiring_batches(ending, Q3, Filter(stage=("2",))) for row in batch]) == 9  # deploy's 7, unsettled, legacy


def test_the_line_of_an_exception_reaches_from_its_record_to_its_last_day() -> None:
    made = [accepted("old", DEPLOY, expires=date(2026, 10, 1)), accepted("new", BILLING)]
    with over(*made) as database:
        rows = register(database, SNAPSHOT, DAY)
    assert charts.exception_takeaway(rows, DAY) == (
        "1 of 2 exceptions hold, the next ends on 2026-12-31, in 77 days; 1 is over and counts again."
    )
    lines = {trace.name: list(trace.x) for trace in charts.exception_lines(rows, DAY).data}
    assert lines == {
        "expired: fails again": [date(2026, 10, 2), date(2026, 10, 1), None],
        "holds": [date(2026, 10, 2), date(2026, 12, 31), None],
    }


def test_one_by_one_granted_and_used_stand_apart_from_what_nothing_tells(now: Database) -> None:
    rows = access_page(now, AccessFilter(), limit=9)
    # granted 10, 100, 40, 30, 20; used 0, 10, 5, 0, 20; unused 10, 60, 35, 0, 0
    assert (
        charts.dumbbell_takeaway(rows)
        == "The first 5 identities to act on use 35 of 200 permissions; 105 are unused and of 60 nothing tells."
    )
    figure = charts.use_dumbbells(rows)
    assert "<img" not in " ".join(figure.layout.yaxis.ticktext)
    assert [trace.text for trace in figure.data if trace.name == "granted"] == [("  10  ", "  100  ", "  40  ", "  30  ", "  20  ")]
    assert charts.dumbbell_takeaway([]) == "Of no identity here is it known what it is granted."


@pytest.fixture
def app(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("NHI_WORKSPACE", str(workspace))
    return AppTest.from_file(str(app_path()), default_timeout=60)


def test_the_expiry_page_lists_what_the_address_asks_for(app: AppTest) -> None:
    visit(app, "expiry", ends=UNKNOWN, team="payments")
    assert not app.exception
    assert column(app, "Credential") == ["AKIAAULTED", "AKIAILLING", "AKIAREPORT"]
    assert "of 3 no source says" in app.get("plotly_chart")[0].proto.alt
