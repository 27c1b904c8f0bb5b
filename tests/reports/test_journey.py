"""The whole way in a real browser: upload two quarters, down to a record, except a finding, compare, take a report away. And names that are meant
to do harm, through the same door, on every page.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from inventory.decision_log import DecisionLog
from inventory.lake import Lake
from reports import archive
from reports.pages.shell import PAGES
from tests.checkout import ROOT
from tests.command import assess
from tests.exports import access_key, access_keys, gaad, inline, manifest, policy, statement, user, user_arn, write
from tests.reports.server import chromium, dashboard

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.heavy, pytest.mark.browser, pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine")]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

SAMPLES = ROOT / "sample_data"
ELSEWHERE = "999988887777"
HOSTILE = (
    "![x](https://beacon.invalid/p.png)",
    "<img src=https://beacon.invalid/i.png onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "javascript:alert(1)",
    "\u202egnp.exe",
    "n" * 4096,
)
PATIENCE = 120_000
"""Milliseconds for an assessment on a busy machine."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api.expect.set_options(timeout=30_000)
    with sync_api.sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium())
        yield running
        running.close()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Empty at first; both tests fill it."""
    return tmp_path_factory.mktemp("journey") / "workspace"


@pytest.fixture(scope="module")
def address(workspace: Path) -> Iterator[str]:
    with dashboard(workspace) as served:
        yield served


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A fresh page that fails the test when anything is asked of another machine, or a dialogue opens."""
    opened = browser.new_page(viewport={"width": 1440, "height": 1800}, accept_downloads=True)
    opened.set_default_timeout(30_000)
    wrong: list[str] = []
    opened.on("request", lambda request: wrong.append(request.url) if not request.url.startswith((address, "data:", "blob:")) else None)
    opened.on("dialog", lambda dialog: wrong.append(dialog.message))
    yield opened
    opened.close()
    assert wrong == []


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archived:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archived.write(path, path.relative_to(folder))
    return target


def hostile(folder: Path) -> Path:
    """Exports of an account whose users have names that are meant to do harm."""
    users = []
    for number, name in enumerate(HOSTILE):
        arn = user_arn(f"hostile-{number}", ELSEWHERE)
        users.append({**user(name, UserPolicyList=inline(name[:100], policy(statement("iam:*")))), "Arn": arn})
    keys = [{**access_key(name, f"AKIAHOSTILE00000000{number}"), "UserName": name} for number, name in enumerate(HOSTILE)]
    return write(
        folder,
        {
            "gaad.json": gaad(users=users),
            "access-keys.json": access_keys(*keys),
            "manifest.json": manifest({"access-keys.json": ELSEWHERE}),
        },
    )


def assessed(page: Page, chosen: Path | list[Path], of: str = "input[type=file]") -> None:
    """Hand over files, press the button and wait for the snapshot."""
    page.locator(f"[data-testid=stFileUploader] {of}").first.set_input_files(chosen)
    page.locator("[data-testid=stFileChip]").first.wait_for()
    sync_api.expect(page.locator("[data-testid=stFileChipIconSpinner]")).to_have_count(0)
    page.get_by_role("button", name="Assess", exact=True).click()
    sync_api.expect(page.get_by_text("is published:")).to_be_visible(timeout=PATIENCE)


def test_from_an_upload_to_a_report_in_hand(page: Page, address: str, workspace: Path, tmp_path: Path) -> None:
    _upload_two_quarters(page, address, tmp_path)
    assert [snapshot.label for snapshot in Lake(workspace).snapshots()] == ["Q2-2026", "Q3-2026"]
    assert list((workspace / "uploads").iterdir()) == []
    _down_to_a_record(page, address)
    _except_it(page)
    assert [(entry.decision.id, entry.who) for entry in DecisionLog(workspace).entries()] == [("until-migration", "Ada")]
    content = _compare_and_report(page)
    (kept,) = archive.kept(workspace)
    assert hashlib.sha256(content).hexdigest() == kept.sha256
    assert b"until-migration" in content
    assert b"Q2-2026" in content
    assert b"<img src=https" not in content


def _upload_two_quarters(page: Page, address: str, tmp_path: Path) -> None:
    """A folder into the empty workspace; then a zip, with an account of hostile names beside it. The snapshot on show is the new one each time."""
    page.goto(address)
    sync_api.expect(page.locator("h1")).to_have_text("Nothing assessed yet")
    page.get_by_text("A folder", exact=True).click()
    sync_api.expect(page.locator("input[type=file]")).to_have_count(1)
    assessed(page, SAMPLES / "q2-2026", "input[type=file][webkitdirectory]")
    sync_api.expect(page.get_by_text("data as of 2026-06-30")).to_be_visible()
    page.goto(f"{address}/assess")
    assessed(page, [zipped(SAMPLES / "q3-2026", tmp_path / "q3.zip"), zipped(hostile(tmp_path / "hostile"), tmp_path / "hostile.zip")])
    sync_api.expect(page.get_by_text("data as of 2026-09-30")).to_be_visible(timeout=PATIENCE)


def _down_to_a_record(page: Page, address: str) -> None:
    """From the result to the identities of stage 2, to one of them, to file and record."""
    page.get_by_role("link", name="Show the result").click()
    sync_api.expect(page.locator("h1")).to_have_text("Overview")
    page.goto(f"{address}/inventory?stage=2")
    grid = page.locator("[data-testid=stDataFrame]").first
    grid.wait_for()
    page.wait_for_timeout(1500)
    grid.click(position={"x": 15, "y": 52})
    page.wait_for_url("**/identity?*")
    sync_api.expect(page.get_by_text("Lower bound S2", exact=False).first).to_be_visible()
    sync_api.expect(page.locator("[role=gridcell]").filter(has_text="q3.zip!/").first).to_be_attached()
    sync_api.expect(page.get_by_text("What leads to it, and where it leads")).to_be_visible()


def _except_it(page: Page) -> None:
    """It is accepted for a time, under a name."""
    page.get_by_role("link", name="Except…").click()
    sync_api.expect(page.locator("h1")).to_have_text("Exceptions")
    page.get_by_role("textbox", name="Your name").fill("Ada")
    page.get_by_role("textbox", name="Your name").press("Enter")
    page.get_by_role("textbox", name="Id: short; the same id again changes it").fill("until-migration")
    page.get_by_label("Checks whose failures are accepted", exact=False).last.click()
    page.get_by_role("option", name="*", exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("textbox", name="Reason").fill("It moves to the vault in the next quarter")
    page.get_by_role("textbox", name="Approved by").fill("Grace")
    _day(page, datetime.now(UTC).date() + timedelta(days=30))
    page.get_by_role("button", name="Record", exact=True).click()
    sync_api.expect(page.get_by_text("Recorded: until-migration, by Ada.")).to_be_visible()


def _compare_and_report(page: Page) -> bytes:
    """What changed since the quarter before; then the report of it all, as downloaded."""
    page.get_by_role("link", name="Progress").click()
    sync_api.expect(page.get_by_text("Compared with Q2-2026", exact=False)).to_be_visible(timeout=PATIENCE)
    sync_api.expect(page.get_by_text("From stage to stage")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("link", name="Reports").click()
    page.get_by_role("button", name="Make the report").click()
    sync_api.expect(page.get_by_role("button", name="Download the report")).to_be_visible(timeout=PATIENCE)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download the report").click()
    return Path(taken.value.path()).read_bytes()


def _day(page: Page, day: date) -> None:
    """Type a date into the segments of the field."""
    field = page.locator("[data-testid=stDateInput]").first
    field.locator("[role=spinbutton]").first.click()
    page.keyboard.type(f"{day:%Y%m%d}")
    page.keyboard.press("Tab")


def test_hostile_names_are_text_everywhere_and_ask_nothing_of_anyone(page: Page, address: str, workspace: Path, tmp_path: Path) -> None:
    if not Lake(workspace).snapshots():
        assess(hostile(tmp_path / "hostile"), workspace)
    for name in PAGES:
        page.goto(f"{address}/{name}?scope={ELSEWHERE}")
        sync_api.expect(page.locator("h1")).to_have_text(PAGES[name].title)
        _nothing_but_text(page)
    for number, text in enumerate(HOSTILE):
        page.goto(f"{address}/identity?identity={quote(user_arn(f'hostile-{number}', ELSEWHERE))}")
        sync_api.expect(page.locator(".nhi-name")).to_have_text(text)
        _nothing_but_text(page)
        assert page.evaluate("() => document.querySelector('section.stMain, [data-testid=stMain]').scrollWidth <= window.innerWidth")


def _nothing_but_text(page: Page) -> None:
    page.wait_for_timeout(1200)
    assert page.locator("img[src*=beacon], [onerror], a[href^='javascript:']").count() == 0
    linked = page.locator("a[href*=beacon]").evaluate_all("links => links.map(link => new URL(link.href).hostname)")
    assert set(linked) <= {"127.0.0.1"}, json.dumps(linked)
