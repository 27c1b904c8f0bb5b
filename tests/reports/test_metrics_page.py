"""The page Metrics, on a judged estate: the subjects behind a figure are listed, and counted once for all who ask."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.lake import Lake
from reports.serve import app_path
from scoring.packs import load_pack
from tests.scoring.estates import AS_OF, judged, key, user


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three users: a key of 30 days, one of 600, and one that nobody dates."""
    folder = tmp_path_factory.mktemp("metrics")
    made = {"young": AS_OF - timedelta(days=30), "old": AS_OF - timedelta(days=600), "undated": None}
    rows = [[user(name), key(name, created_at=at, rotated_at=at)] for name, at in made.items()]
    with judged(rows, checks=False) as database:
        Lake(folder).publish(
            database,
            label="Q3",
            as_of=AS_OF,
            rules_version="1",
            pack="default",
            created_at="2026-09-30",
            details={"thresholds": dict(load_pack("default").thresholds)},
        )
    return folder


@pytest.mark.parametrize(("status", "n"), [(None, 3), ("counted", 1), ("not", 1), ("unknown", 1)])
def test_the_subjects_behind_a_figure_are_listed(workspace: Path, monkeypatch: pytest.MonkeyPatch, status: str | None, n: int) -> None:
    monkeypatch.setenv("NHI_WORKSPACE", str(workspace))
    app = AppTest.from_file(str(app_path()), default_timeout=60)
    app.switch_page("reports/pages/metrics.py")
    app.query_params["metric"] = "rotation-compliance"
    if status:
        app.query_params["status"] = status
    for _ in range(2):
        app.run()
        assert app.title[0].value == "Metrics"
        [subjects] = [grid.value for grid in app.dataframe if "Counts" in grid.value]
        assert len(subjects) == n
        monkeypatch.setattr("reports.pages.chosen.count", lambda *_: pytest.fail("counted again"))
