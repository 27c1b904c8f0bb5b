"""Reports that were made: the same file as the command's, kept under its hash, and handed out only as it was made."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.database import StoreError
from inventory.lake import Lake
from reports import archive
from reports.archive import ArchiveError
from reports.formats import BY_NAME
from reports.serve import app_path
from tests.command import run
from tests.reports.test_pages import column, visit
from tests.reports.workspace import build

ON = date(2026, 10, 1)
AT = datetime(2026, 10, 1, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A workspace that these tests may write into."""
    folder = tmp_path_factory.mktemp("archive")
    build(folder)
    return Lake(folder)


def make(lake: Lake, day: date = ON, at: datetime = AT) -> archive.Report:
    return archive.make(lake, lake.snapshots()[-1], None, BY_NAME["html"], on=day, at=at, who="ada@example.test")


def test_the_report_is_the_file_that_the_command_writes(own: Lake, tmp_path: Path) -> None:
    report = make(own)
    found = run("report", "--workspace", own.workspace, "--out", tmp_path, "--on", f"{ON:%Y-%m-%d}")
    assert found.exit_code == 0
    (written,) = tmp_path.iterdir()
    assert archive.content(own.workspace, report) == written.read_bytes()
    assert report.sha256 == hashlib.sha256(written.read_bytes()).hexdigest()
    assert (report.file, report.label, report.on, report.made_by) == (written.name, "Q3-2026", "2026-10-01", "ada@example.test")


def test_the_same_report_is_kept_once_with_its_first_date(own: Lake) -> None:
    first = make(own)
    again = make(own, at=datetime(2026, 10, 2, tzinfo=UTC))
    assert again == first
    assert [report.sha256 for report in archive.kept(own.workspace)].count(first.sha256) == 1
    assert not list((own.workspace / "reports").glob(".pending-*"))


def test_a_report_that_was_changed_or_taken_away_is_not_handed_out(own: Lake) -> None:
    report = make(own, day=date(2026, 11, 1))
    report.path(own.workspace).write_text("better news")
    with pytest.raises(ArchiveError, match="changed since it was made"):
        archive.content(own.workspace, report)
    report.path(own.workspace).unlink()
    with pytest.raises(ArchiveError, match="cannot be read"):
        archive.content(own.workspace, report)


def test_a_note_that_points_elsewhere_is_no_report(own: Lake) -> None:
    report = make(own)
    note = own.workspace / "reports" / report.sha256 / "about.json"
    before = note.read_text()
    note.write_text(before.replace(report.file, "../../fingerprint.key"))
    try:
        assert report.sha256 not in [one.sha256 for one in archive.kept(own.workspace)]
    finally:
        note.write_text(before)


def test_a_snapshot_that_cannot_be_reported_leaves_nothing(own: Lake) -> None:
    missing = replace(own.snapshots()[-1], snapshot_id="2026-01-01-nothing")
    before = sorted((own.workspace / "reports").iterdir())
    with pytest.raises(StoreError):
        archive.make(own, missing, None, BY_NAME["html"], on=ON, at=AT, who=None)
    assert sorted((own.workspace / "reports").iterdir()) == before


def test_the_page_makes_a_report_and_offers_it(own: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NHI_WORKSPACE", str(own.workspace))
    app = visit(AppTest.from_file(str(app_path()), default_timeout=60), "reports")
    next(one for one in app.button if one.label == "Make the report").click().run()
    assert not app.exception
    latest = archive.kept(own.workspace)[0]
    assert latest.snapshot_id == own.snapshots()[-1].snapshot_id
    assert latest.compared_with == own.snapshots()[0].snapshot_id
    assert latest.made_by is None
    assert latest.sha256 in column(app, "SHA-256")
    offered = app.get("download_button")[-1]
    assert offered.proto.label == "Download the report"


def test_the_admin_page_tells_sizes_versions_and_decisions(own: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    found = run("decisions", "--workspace", own.workspace, "--import", _decided(own.workspace), "--who", "ada@example.test")
    assert found.exit_code == 0, found.stderr
    monkeypatch.setenv("NHI_WORKSPACE", str(own.workspace))
    app = visit(AppTest.from_file(str(app_path()), default_timeout=60), "admin")
    assert not app.exception
    assert column(app, "Label") == ["Q3-2026", "Q2-2026"]
    size = sum((own.root / name).stat().st_size for name in own.snapshots()[-1].files)
    assert float(column(app, "MB")[0]) == pytest.approx(size / 1e6, abs=0.051)
    assert column(app, "Who", 1) == ["ada@example.test"]
    assert column(app, "What", 1) == ["recorded"]
    assert any("no access file is named" in caption.value for caption in app.caption)


def _decided(folder: Path) -> Path:
    (path := folder / "owner.yaml").write_text("owners:\n  - id: one\n    where: {team: payments}\n    owner: bea\n")
    return path
