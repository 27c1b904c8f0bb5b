"""WCAG 2.2 AA by axe, in a real Chromium: every page in both themes, and the report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from inventory.lake import Lake
from reports.pages.shell import PAGES
from reports.render import render_html
from reports.roll_up import as_html
from reports.teams import write_team_reports
from reports.views.roll_up import find, roll_up
from tests.reports.screenshots import settle
from tests.reports.server import chromium, dashboard
from tests.reports.workspace import DEV, HOSTILE, arn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.heavy,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytest.importorskip("axe_playwright_python", reason="axe is not installed")

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
UPSTREAM = {"svg-img-alt"}
"""The small lines beside a metric are Streamlit's, drawn by Vega without a name of their own."""


@pytest.fixture(scope="module")
def address(workspace: Path) -> Iterator[str]:
    with dashboard(workspace) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium())
        yield running
        running.close()


def violations(page: Page) -> list[str]:
    """Rule and element of each violation. axe is put into the page by the browser itself, so that the page's own policy stands."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found: Any = page.evaluate(f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})")
    assert len(found["passes"]) > 10
    return [f"{rule['id']}: {node['target']}" for rule in found["violations"] if rule["id"] not in UPSTREAM for node in rule["nodes"]]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_has_no_violation(browser: Browser, address: str, name: str, theme: Literal["light", "dark"]) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1800}, color_scheme=theme)
    page.set_default_timeout(60_000)
    chosen = f"?identity={arn(HOSTILE, DEV)}" if name in ("identity", "permissions") else ""
    page.goto(f"{address}/{'' if name == 'overview' else name}{chosen}")
    settle(page)
    assert violations(page) == []
    page.close()


@pytest.mark.parametrize("width", [1280, 768, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_report_has_no_violation_and_fits_the_page(
    browser: Browser, lake: Lake, tmp_path: Path, theme: Literal["light", "dark"], width: int
) -> None:
    earlier, later = lake.snapshots()[0], lake.snapshots()[-1]
    page = opened(browser, tmp_path, render_html(lake, later.snapshot_id, earlier.snapshot_id), theme, width)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()


@pytest.fixture(scope="module")
def of_teams(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The report of every team."""
    snapshot = Lake(workspace).snapshots()[-1]
    made = write_team_reports(workspace, snapshot, ["html"], tmp_path_factory.mktemp("teams"), on=snapshot.as_of.date())
    return [one.paths[0].read_text(encoding="utf-8") for one in made]


@pytest.mark.parametrize("width", [1280, 768, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_reports_of_teams_have_no_violation_and_fit_the_page(
    browser: Browser, of_teams: list[str], tmp_path: Path, theme: Literal["light", "dark"], width: int
) -> None:
    assert len(of_teams) == 4
    for content in of_teams:
        page = opened(browser, tmp_path, content, theme, width)
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_roll_up_of_hostile_names_has_no_violation_and_fits_the_page(
    browser: Browser, workspace: Path, tmp_path: Path, width: int
) -> None:
    member = find(workspace)
    assert member
    found = roll_up([member])
    names = (HOSTILE, "n" * 4096, "مفتاح-الخدمة", "</style><script>alert(1)</script>")
    found["workspaces"] = [{**row, "workspace": name, "label": name} for row in found["workspaces"] for name in names]
    page = opened(browser, tmp_path, as_html(found), "light", width)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [page.locator("tbody th").nth(number).inner_text() for number in range(len(names))] == list(names)
    assert page.locator("script, img, a, iframe").count() == 0
    page.close()


def test_no_column_of_the_report_is_lost_on_paper(browser: Browser, lake: Lake, tmp_path: Path) -> None:
    earlier, later = lake.snapshots()[0], lake.snapshots()[-1]
    width = 688  # A4 less its margins, in CSS pixels
    page = opened(browser, tmp_path, render_html(lake, later.snapshot_id, earlier.snapshot_id), "dark", width)
    page.emulate_media(media="print")
    widest = page.evaluate("Math.max(...[...document.querySelectorAll('table')].map(table => table.scrollWidth))")
    assert widest <= width
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()


def opened(browser: Browser, folder: Path, content: str, theme: Literal["light", "dark"], width: int) -> Page:
    """A file of ours in the browser."""
    path = folder / "page.html"
    path.write_text(content, encoding="utf-8")
    page = browser.new_page(color_scheme=theme, viewport={"width": width, "height": 1000})
    page.goto(path.as_uri())
    return page
