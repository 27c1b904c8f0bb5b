"""A snapshot that is published while a page is open: it is offered there, and nothing moves until somebody asks for it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from tests.reports.server import chromium, dashboard
from tests.reports.workspace import build, publish

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


def test_a_snapshot_published_meanwhile_is_offered_and_shown_when_asked_for(tmp_path: Path) -> None:
    build(tmp_path)
    sync_api.expect.set_options(timeout=40_000)
    with dashboard(tmp_path) as address, sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page(viewport={"width": 1280, "height": 1200})
        page.goto(f"{address}/coverage")
        sync_api.expect(page.get_by_text("data as of 2026-09-30")).to_be_visible()
        sync_api.expect(page.get_by_text("A newer snapshot exists")).to_have_count(0)

        publish(tmp_path, "Q4-2026", datetime(2026, 12, 31))

        sync_api.expect(page.get_by_text("A newer snapshot exists: Q4-2026 (2026-12-31)")).to_be_visible()
        sync_api.expect(page.get_by_text("data as of 2026-09-30")).to_be_visible()
        page.get_by_role("button", name="Show it").click()
        sync_api.expect(page.get_by_text("data as of 2026-12-31")).to_be_visible()
        sync_api.expect(page.locator("h1")).to_have_text("Coverage")
        sync_api.expect(page.get_by_text("A newer snapshot exists")).to_have_count(0)
        browser.close()
