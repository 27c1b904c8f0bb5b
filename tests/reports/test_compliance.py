"""Controls as people see them: counts per framework, a control's checks and failing subjects, the page, and the report's section.

The hand-made workspace was judged before counts per provider were kept: benchmarks of one cloud must say so there.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.lake import Lake
from reports.render import render_html
from reports.serve import app_path
from reports.views.compliance import check_rows, compliance, control_finding_count, control_findings, control_rows, framework_rows, not_met
from reports.views.lenses import lens_rows
from scoring.compliance import UnknownControlError
from tests.reports.test_pages import column, html, visit


@pytest.fixture
def app(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("NHI_WORKSPACE", str(workspace))
    return AppTest.from_file(str(app_path()), default_timeout=60)


def test_a_framework_counts_every_listed_control_once(workspace: Path) -> None:
    lake = Lake(workspace)
    snapshot = lake.snapshots()[-1]
    with lake.open(snapshot.snapshot_id) as database:
        rows = {row["framework"]: row for row in framework_rows(compliance(database, snapshot))}
    pci = rows["PCI-DSS-4.0"]
    assert pci["controls"] == pci["not"] + pci["partly"] + pci["unknown"] + pci["not_applicable"] + pci["met"] == 27
    assert rows["OWASP-NHI-2025"]["controls"] == 10
    # Failed by hand: key-older-than-limit (2 of 7, 4 pass), alone in speaking of PCI 8.6.3. Of other checks nothing was run.
    assert pci["partly"] == 1
    assert pci["not"] == pci["met"] == 0


def test_a_control_shows_its_checks_and_the_subjects_that_fail_with_their_records(workspace: Path) -> None:
    lake = Lake(workspace)
    snapshot = lake.snapshots()[-1]
    with lake.open(snapshot.snapshot_id) as database:
        found = compliance(database, snapshot)
        (control,) = [row for row in control_rows(found, "PCI-DSS-4.0") if row["id"] == "8.6.3"]
        subjects = control_findings(database, "PCI-DSS-4.0", control["checks"])
        assert control_finding_count(database, "PCI-DSS-4.0", control["checks"]) == 3
        assert control_finding_count(database, "PCI-DSS-4.0", control["checks"], "fail") == 2
        counts = {row["check_id"]: row for row in check_rows(database, "PCI-DSS-4.0", control["checks"])}
    assert (control["said"], control["passed"], control["failed"], control["unknown"]) == ("partly met", 4, 2, 1)
    assert [row["status"] for row in subjects] == ["fail", "fail", "unknown"]
    assert subjects[0]["evidence"][0]["record"].startswith("user=svc-")
    assert counts["key-older-than-limit"]["population"] == 7


def test_a_snapshot_without_counts_per_provider_judges_no_benchmark_of_one_cloud(workspace: Path) -> None:
    lake = Lake(workspace)
    snapshot = lake.snapshots()[-1]
    with lake.open(snapshot.snapshot_id) as database:
        database.execute("DROP VIEW IF EXISTS check_count")
        found = compliance(database, snapshot)
        assert check_rows(database, "CIS-AWS-7.0", ["key-older-than-limit"])[0]["population"] == 0
    assert {row["verdict"] for row in control_rows(found, "CIS-AWS-7.0")} == {"unknown"}


def test_controls_not_met_are_those_where_something_failed(workspace: Path) -> None:
    lake = Lake(workspace)
    snapshot = lake.snapshots()[-1]
    with lake.open(snapshot.snapshot_id) as database:
        rows = not_met(compliance(database, snapshot))
    assert rows
    assert all(row["failed"] > 0 for row in rows)


def test_an_unknown_framework_suggests_one(workspace: Path) -> None:
    lake = Lake(workspace)
    snapshot = lake.snapshots()[-1]
    with lake.open(snapshot.snapshot_id) as database, pytest.raises(UnknownControlError, match="did you mean PCI-DSS-4.0"):
        control_rows(compliance(database, snapshot), "PCI-DSS-4")


def test_the_page_lists_every_framework(app: AppTest) -> None:
    visit(app, "compliance")
    assert column(app, "Framework")[:3] == ["OWASP-NHI-2025", "NIST-800-53r5", "CSF-2.0"]
    assert any("as far as these checks measure" in caption.value for caption in app.caption)


def test_the_page_takes_framework_and_verdict_from_the_address(app: AppTest) -> None:
    visit(app, "compliance", framework="PCI-DSS-4.0", verdict="partly")
    assert column(app, "Control") == ["8.6.3"]
    assert column(app, "Ask people") == ["Which change frequency did your targeted risk analysis (12.3.1) set?"]
    assert "27 controls" in html(app)


def test_the_report_prints_every_framework_and_what_is_not_met(workspace: Path) -> None:
    lake = Lake(workspace)
    page = render_html(lake, lake.snapshots()[-1].snapshot_id)
    assert "PCI-DSS-4.0:8.6.3" in page
    assert "CIS Kubernetes Benchmark 2.0.1" in page
    assert "as far as these checks measure" in page


def test_other_models_are_intervals_with_what_was_counted(workspace: Path) -> None:
    lake = Lake(workspace)
    snapshot = lake.snapshots()[-1]
    with lake.open(snapshot.snapshot_id) as database:
        rows = {(row["lens"].split()[0], row["measure"].split(":")[0]): row for row in lens_rows(database, snapshot)}
    # Thirteen subjects stand somewhere; of the facts asked for, four of eight were collected.
    cisa = rows["CISA", "stages of subjects"]
    assert (cisa["lo"], cisa["hi"]) == ("Traditional", "Traditional")
    seen = rows["Permiso", "visibility"]
    assert (seen["level"], seen["n"], seen["unknown"]) == ("between Developing and Defined", 8, 4)
