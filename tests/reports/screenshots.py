"""Pictures of every page, light and dark, into tests/screenshots (ignored by git): `python -m tests.reports.screenshots [WORKSPACE]`.

Without a workspace the small hand-made one is shown. With `--docs WORKSPACE` the three of docs/pictures are taken anew instead.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from inventory.database import Database
from inventory.lake import Lake
from reports.pages.shell import PAGES
from reports.render import render_html
from reports.views.inventory import InventoryFilter, inventory_page
from reports.views.least_privilege import AccessFilter, effort_and_gain
from tests.reports.server import chromium, dashboard
from tests.reports.workspace import build

FOLDER = Path(__file__).parent.parent / "screenshots"
PICTURES = Path(__file__).parent.parent.parent / "docs" / "pictures"
DOCS: dict[str, Literal["light", "dark"]] = {"overview": "light", "identity": "dark", "progress": "light"}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def main(workspace: Path) -> None:
    FOLDER.mkdir(exist_ok=True)
    lake = Lake(workspace)
    latest = lake.snapshots()[-1]
    with lake.open(latest.snapshot_id) as database:
        chosen = _chosen(database)
    report = FOLDER / "report.html"
    before = lake.before(latest)
    report.write_text(render_html(lake, latest.snapshot_id, before.snapshot_id if before else None), encoding="utf-8")
    with dashboard(workspace) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        for theme in THEMES:
            page = browser.new_page(viewport={"width": 1440, "height": 2000}, color_scheme=theme)
            for name in PAGES:
                query = f"?identity={chosen[name]}" if name in chosen else ""
                page.goto(f"{address}/{'' if name == 'overview' else name}{query}")
                settle(page)
                page.screenshot(path=FOLDER / f"{name}-{theme}.png")
            page.goto(report.as_uri())
            page.screenshot(path=FOLDER / f"report-{theme}.png", full_page=True)
            page.close()
        browser.close()


def _chosen(database: Database) -> dict[str, str]:
    """Whom the pages of one identity show: one with the most ways to more privilege, and one with much to take away."""
    weakest = inventory_page(database, InventoryFilter(), limit=3)[-1]["subject_id"]
    ways = database.rows("SELECT identity_id FROM escalation GROUP BY identity_id ORDER BY count(*) DESC, identity_id LIMIT 1")
    widest = effort_and_gain(database, AccessFilter(action="narrow"), limit=1)
    return {"identity": ways[0]["identity_id"] if ways else weakest, "permissions": widest[0]["identity_id"] if widest else weakest}


def for_docs(workspace: Path) -> None:
    """Small pictures of the first screen of three pages, without what is personal to this machine."""
    lake = Lake(workspace)
    with lake.open(lake.snapshots()[-1].snapshot_id) as database:
        chosen = _chosen(database)
    with dashboard(workspace) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        for name, theme in DOCS.items():
            page = browser.new_page(viewport={"width": 1280, "height": 860}, color_scheme=theme)
            query = f"?identity={chosen[name]}" if name in chosen else ""
            page.goto(f"{address}/{'' if name == 'overview' else name}{query}")
            settle(page)
            if name == "identity":  # what leads to it and where it leads stands below its paths
                page.get_by_role("heading", name="What leads to it").scroll_into_view_if_needed()
                page.wait_for_timeout(500)
            page.screenshot(path=PICTURES / f"{name}.jpg", type="jpeg", quality=60)
            page.close()
        browser.close()


def settle(page: Page) -> None:
    """Wait until the script of the page has run and its charts are drawn."""
    page.locator("h1").first.wait_for()
    page.wait_for_timeout(500)
    page.locator("[data-testid=stStatusWidget]").wait_for(state="hidden")
    page.wait_for_timeout(2500)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--docs"]:
        for_docs(Path(sys.argv[2]))
    elif len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            build(Path(folder))
            main(Path(folder))
