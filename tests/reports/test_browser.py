"""The dashboard in a real, headless Chromium: pages open, filters are in the address, a bar leads to a record, names stay text."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from reports.pages.shell import PAGES
from tests.reports.server import chromium, dashboard
from tests.reports.workspace import DEV, HOSTILE, arn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="module")
def address(workspace: Path) -> Iterator[str]:
    with dashboard(workspace) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api.expect.set_options(timeout=60_000)  # a busy machine draws late, not wrongly
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium())
        yield running
        running.close()


@pytest.fixture(scope="module")
def context(browser: Browser) -> BrowserContext:
    """One profile for all tests: what the browser has loaded once, it need not load and compile again."""
    return browser.new_context(viewport={"width": 1440, "height": 1800})


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """A fresh page that fails the test when anything is asked of another machine, or of the browser that our content security policy forbids."""
    opened = context.new_page()
    opened.set_default_timeout(60_000)
    elsewhere: list[str] = []
    opened.on("request", lambda request: elsewhere.append(request.url) if not request.url.startswith((address, "data:", "blob:")) else None)
    opened.add_init_script("addEventListener('securitypolicyviolation', e => console.error('violates', e.violatedDirective, e.blockedURI))")
    opened.on("console", lambda said: elsewhere.append(said.text) if "violates" in said.text else None)
    yield opened
    opened.close()
    assert elsewhere == []


@pytest.mark.parametrize("name", list(PAGES))
def test_every_page_opens(page: Page, address: str, name: str) -> None:
    page.goto(f"{address}/{'' if name == 'overview' else name}")
    sync_api.expect(page.locator("h1")).to_have_text(PAGES[name].title)
    sync_api.expect(page.get_by_text("data as of 2026-09-30")).to_be_visible()
    sync_api.expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_a_filter_in_the_address_is_applied_cold(page: Page, address: str) -> None:
    page.goto(f"{address}/inventory?stage=3")
    sync_api.expect(page.get_by_text("2 subjects", exact=True)).to_be_visible()
    assert "stage=3" in page.url


def test_a_bar_leads_to_the_inventory_and_a_row_to_its_records(page: Page, address: str) -> None:
    page.goto(address)
    page.locator(".js-plotly-plot .barlayer .trace").first.locator(".point path").nth(1).click(force=True)
    page.wait_for_url("**/inventory?stage=2*")
    sync_api.expect(page.get_by_text("3 subjects", exact=True)).to_be_visible()
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.wait_for()
    page.wait_for_timeout(1000)
    grid.click(position={"x": 15, "y": 52})
    page.wait_for_url("**/identity?identity=*svc-deploy*")
    sync_api.expect(page.get_by_role("heading", name="svc-deploy")).to_be_visible()
    sync_api.expect(page.get_by_text("Lower bound S2: why not above 2")).to_be_visible()
    cells = page.locator("[data-testid=stDataFrame]").first.locator("[role=gridcell]")
    sync_api.expect(cells.filter(has_text="prod/gaad.json")).to_have_count(1)
    sync_api.expect(cells.filter(has_text="Detail[svc-deploy]")).to_have_count(1)
    page.get_by_role("link", name="Overview").click()
    sync_api.expect(page.locator("h1")).to_have_text("Overview")
    page.wait_for_timeout(2000)
    assert "inventory" not in page.url, "the bar chosen before must not lead away again"


def test_the_chosen_snapshot_stays_on_the_way_to_another_page(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("combobox", name="Snapshot", exact=True).click()
    page.get_by_role("option").nth(1).click()
    sync_api.expect(page.get_by_text("data as of 2026-06-30")).to_be_visible()
    page.get_by_role("link", name="Coverage").click()
    sync_api.expect(page.locator("h1")).to_have_text("Coverage")
    sync_api.expect(page.get_by_text("data as of 2026-06-30")).to_be_visible()
    assert "snapshot=Q2-2026" in page.url, "the address alone leads another reader to the same data"


def test_a_filter_chosen_on_one_page_stands_in_the_address_of_the_next(page: Page, address: str) -> None:
    page.goto(f"{address}/inventory?team=payments")
    sync_api.expect(page.get_by_text("3 subjects", exact=True)).to_be_visible()
    page.get_by_role("link", name="Findings").click()
    sync_api.expect(page.locator("h1")).to_have_text("Findings")
    page.wait_for_url("**/findings?team=payments")
    sync_api.expect(page.get_by_text("Only team: payments")).to_be_visible()
    sync_api.expect(page.get_by_text("1 findings", exact=True)).to_be_visible()


def test_a_row_chosen_on_findings_leads_to_its_identity(page: Page, address: str) -> None:
    page.goto(f"{address}/findings?check=secret-in-code")
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.wait_for()
    page.wait_for_timeout(1000)
    grid.click(position={"x": 15, "y": 52})
    page.wait_for_url("**/identity?*svc-deploy*")
    sync_api.expect(page.get_by_role("heading", name="svc-deploy")).to_be_visible()
    sync_api.expect(page.get_by_role("link", name="Except…")).to_have_attribute("href", re.compile("check=secret-in-code"))


def test_a_download_holds_the_rows_of_the_filter_and_says_which(page: Page, address: str) -> None:
    page.goto(f"{address}/inventory?team=payments&list=everything")
    sync_api.expect(page.get_by_text("3 subjects", exact=True)).to_be_visible()
    with page.expect_download() as waited:
        page.get_by_role("button", name="CSV").click()
    records = list(csv.reader(waited.value.path().read_text(encoding="utf-8-sig").splitlines()))
    head = {record[0]: record[1] for record in records[: records.index([])]}
    assert (head["Filter: team"], head["Filter: list"], head["Rows"], head["Of them without a single stage"]) == (
        "payments",
        "everything",
        "3",
        "0",
    )
    assert (head["Data as of"], head["Rules version"], head["Pack"]) == ("2026-09-30", "2026.11.1", "default")
    assert [record[0] for record in records[records.index([]) + 2 :]] == ["svc-billing", "svc-report", "svc-vaulted"]


@pytest.mark.heavy
@pytest.mark.parametrize(
    "path",
    [
        f"identity?identity={quote(arn(HOSTILE, DEV))}",
        f"permissions?identity={quote(arn(HOSTILE, DEV))}",
        "questions?question=Q1",
        "inventory",
    ],
)
def test_a_hostile_name_is_shown_as_text_and_asks_nothing_of_anyone(page: Page, address: str, path: str) -> None:
    page.goto(f"{address}/{path}")
    sync_api.expect(page.get_by_text("data as of 2026-09-30")).to_be_visible()
    page.wait_for_timeout(1500)
    assert page.locator("img[src*=beacon]").count() == 0
    linked = page.locator("a[href*=beacon]").evaluate_all("links => links.map(link => link.href)")
    assert all(link.startswith(f"{address}/") for link in linked), (
        "a name may stand in the address of a page of ours, and lead nowhere else"
    )
    if "identity=" in path:
        sync_api.expect(page.get_by_role("heading", name="![x](https://beacon.invalid/p.png)")).to_be_visible()
