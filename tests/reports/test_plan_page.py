"""The page of plans on a small estate that keeps its rows as they were read, and on a snapshot that does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.lake import Lake
from tests.reports.test_pages import app, column, html, visit
from tests.scoring.estates import AS_OF, guarded, judged, native, role
from tests.scoring.test_planning import held, unused

__all__ = ["app"]

pytestmark = pytest.mark.heavy


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    with judged(unused("idle"), held("busy"), role("worker", native("worker")), guarded(), checks=False) as database:
        Lake(tmp_path).publish(
            database, label="Q3-2026", as_of=AS_OF, rules_version="1", pack="default", created_at="2026-09-30", details={}
        )  # fmt: skip
    monkeypatch.setenv("NHI_WORKSPACE", str(tmp_path))
    return AppTest.from_file(str(Path("app.py").resolve()), default_timeout=120)


def test_a_plan_is_found_when_asked_for_and_shows_both_worlds(real: AppTest) -> None:
    visit(real, "plan")
    assert not real.dataframe
    real.button[0].click().run()

    assert not real.exception
    assert column(real, "Move") == ["Revoke a key that nobody uses", "Move a secret into the manager"]
    assert column(real, "Then") == ["closed", "S5"]
    assert "S2 → S5" in html(real)
    assert "2 moves, effort 5 in all" in html(real)
    # By hand: one user at stage 2 and one at 4, a role at 7; then one at 5 and the role.
    assert "Of 3 placed subjects" in html(real)
    assert "Of 2 placed subjects" in html(real)


def test_what_if_shows_the_chosen_moves(real: AppTest) -> None:
    visit(real, "plan", ask="What if")
    real.multiselect[0].select("revoke-unused-key")
    real.button[0].click().run()

    assert not real.exception
    assert column(real, "What") == ["idle: AKIAEXAMPLEIDLE00001"]
    assert "not measured" in html(real)


def test_a_snapshot_that_keeps_no_rows_as_read_says_what_to_do(app: AppTest) -> None:
    visit(app, "plan")
    app.button[0].click().run()

    assert not app.exception
    assert "keeps no rows as they were read" in html(app)
