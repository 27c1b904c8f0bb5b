"""What pages ask as they open was asked ahead: else somebody waits, in a large estate for seconds."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from inventory.database import Database, Params
from inventory.decision_log import DecisionLog
from reports.pages import ahead
from reports.serve import app_path
from tests.reports.decided import accepted
from tests.reports.workspace import build

pytestmark = pytest.mark.heavy

PAGES = (
    "overview", "maturity", "questions", "inventory", "findings", "least_privilege", "ownership", "expiry", "exceptions", "programme",
    "metrics", "progress",
)  # fmt: skip
"""Those that open with lists and figures of the whole estate; the others open for one subject, or ask little."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ahead")
    build(folder)
    return folder


@pytest.fixture
def asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Questions that shared databases are asked from now on."""
    monkeypatch.setenv("NHI_WORKSPACE", str(folder))
    st.cache_resource.clear()
    st.cache_data.clear()
    found: list[str] = []
    ask = Database._asked

    def noted(self: Database, sql: str, params: Params) -> list[dict[str, Any]]:
        if self._answers is not None:
            found.append(" ".join(sql.split()))
        return ask(self, sql, params)

    monkeypatch.setattr(Database, "_asked", noted)
    return found


@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_nothing_that_was_not_asked_ahead(page: str, folder: Path, asked: list[str]) -> None:
    ahead.ask_anew(str(folder), None)
    before = len(asked)
    app = AppTest.from_file(str(app_path()), default_timeout=60)
    if page != "overview":
        app.switch_page(f"reports/pages/{page}.py")

    app.run()

    assert not app.exception
    assert before > 50
    assert asked[before:] == []


def test_without_it_the_page_asks(folder: Path, asked: list[str]) -> None:
    AppTest.from_file(str(app_path()), default_timeout=60).run()

    assert len(asked) > 10


def test_it_is_asked_again_once_something_is_decided_and_not_before(folder: Path, asked: list[str]) -> None:
    done = ahead.ask_anew(str(folder), None)
    first = len(asked)

    assert ahead.ask_anew(str(folder), done) == done
    assert len(asked) == first

    DecisionLog(folder).record(accepted("a", "key:svc-deploy"), who="Ana Ruiz", at=datetime(2026, 10, 2, 9))

    assert ahead.ask_anew(str(folder), done) != done
    assert len(asked) > first


def test_an_empty_workspace_is_no_fault(tmp_path: Path) -> None:
    assert ahead.ask_anew(str(tmp_path), None) is None
