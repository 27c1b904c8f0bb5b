"""Signing in for real: Chromium, TLS in front of the dashboard as `nhi serve --access` starts it, and an OpenID Connect provider."""

from __future__ import annotations

import http.client
import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from reports.pages.shell import PAGES
from tests.reports.server import chromium, free_port, running
from tests.reports.signing_in import MANY, Site, opened, served, sign_in
from tests.reports.workspace import DEV, PROD, arn

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(find_spec("oidc_provider_mock") is None, reason="oidc-provider-mock is not installed"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

GROUPS = {"ada": ["nhi-admins"], "vic": ["readers"], "max": ["readers", *MANY], "teo": ["team-prod"], "nora": ["somewhere-else"]}
"""User -> their groups."""

ACCESS = f"""
contact = "identity-team@example.com"
max_session_hours = {{hours}}

[groups.nhi-admins]
role = "admin"

[groups.readers]
role = "viewer"

[groups.team-prod]
role = "viewer"
accounts = ["{PROD}"]
"""


def allow(site: Site, hours: float) -> None:
    site.access.write_text(ACCESS.format(hours=hours), encoding="utf-8")


@pytest.fixture(scope="module")
def site(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port = tmp_path_factory.mktemp("access"), free_port()
    with (
        served(workspace, folder, f"https://localhost:{port}", ACCESS.format(hours=8), GROUPS) as found,
        running(
            [sys.executable, "-m", "tests.reports.tls", str(port), str(found.behind), str(folder / "tls.pem")],
            f"tcp://127.0.0.1:{port}",
            {},
        ),
    ):
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api.expect.set_options(timeout=30_000)
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium())
        yield found
        found.close()


def test_nobody_sees_a_page_before_signing_in(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        page.goto(f"{site.address}/inventory")
        sync_api.expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        sync_api.expect(page.locator("[data-testid=stDataFrame]")).to_have_count(0)
        sync_api.expect(page.locator("[data-testid=stSidebarNav]")).to_have_count(0)


def test_an_admin_signs_in_sees_every_page_and_signs_out(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        sign_in(page, site, "ada")
        sync_api.expect(page.get_by_text("ada@example.test")).to_be_visible()
        for name, listed in PAGES.items():
            page.locator("[data-testid=stSidebarNav]").get_by_role("link", name=listed.title, exact=True).click()
            sync_api.expect(page.locator("h1")).to_have_text(listed.title)
            assert page.url.rstrip("/").split("?")[0].endswith(name if name != "overview" else site.address)
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{site.provider}/**")
        page.goto(site.address)
        sync_api.expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_attempt_without_a_group_that_is_let_in_says_whom_to_ask(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        sign_in(page, site, "nora")
        sync_api.expect(page.get_by_role("heading", name="No access")).to_be_visible()
        sync_api.expect(page.get_by_text("Ask identity-team@example.com.")).to_be_visible()
        page.goto(f"{site.address}/inventory")
        sync_api.expect(page.get_by_role("heading", name="No access")).to_be_visible()
        sync_api.expect(page.locator("[data-testid=stSidebarNav]")).to_have_count(0)


@pytest.mark.heavy
def test_a_viewer_reads_and_finds_no_form_and_the_session_ends_on_time_under_open_eyes(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        sign_in(page, site, "vic")
        page.goto(f"{site.address}/programme")
        sync_api.expect(page.locator("h1")).to_have_text("Programme")
        sync_api.expect(page.locator("[data-testid=stForm]")).to_have_count(0)
        allow(site, hours=25 / 3600)
        try:
            page.reload()
            sync_api.expect(page.get_by_role("heading", name="Your session is over")).to_be_visible(timeout=60_000)
            sync_api.expect(page.locator("[data-testid=stSidebarNav]")).to_have_count(0)
            page.reload()
            sync_api.expect(page.get_by_role("heading", name="Your session is over")).to_be_visible()
        finally:
            allow(site, hours=8)


def test_a_user_of_two_hundred_groups_is_let_in(browser: Browser, site: Site) -> None:
    """Their cookies are longer than the 8 KiB that a server takes on one line if nobody tells it otherwise."""
    with opened(browser, site) as page:
        sign_in(page, site, "max")
        sync_api.expect(page.get_by_text("max@example.test")).to_be_visible()
        assert sum(len(one["name"]) + len(one["value"]) for one in page.context.cookies(site.address)) > 10_000


@pytest.mark.heavy
def test_the_cookie_goes_over_tls_only_and_cannot_be_read_by_a_script(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        sign_in(page, site, "vic")
        sync_api.expect(page.get_by_text("vic@example.test")).to_be_visible()
        cookies = {one["name"]: one for one in page.context.cookies(site.address)}
        assert {name for name, one in cookies.items() if not one["secure"]} == set()
        assert cookies["_streamlit_user"]["httpOnly"]
        assert cookies["_streamlit_user"]["sameSite"] == "Lax"
        assert "_streamlit_user" not in page.evaluate("document.cookie").split("=")


@pytest.mark.heavy
def test_a_viewer_of_one_account_sees_it_and_nothing_of_the_other(browser: Browser, site: Site) -> None:
    with opened(browser, site) as page:
        sign_in(page, site, "teo")
        links = page.locator("[data-testid=stSidebarNav]").get_by_role("link")
        sync_api.expect(links).to_have_text([re.compile(f"{listed.title}$") for listed in PAGES.values() if listed.limited])
        page.goto(f"{site.address}/inventory")
        sync_api.expect(page.get_by_text(f"You see {PROD}.", exact=False)).to_be_visible()
        page.goto(f"{site.address}/identity?identity={quote(arn('svc-report', DEV))}")
        sync_api.expect(page.get_by_text("Nothing in this snapshot matches.")).to_be_visible()
        page.goto(f"{site.address}/programme")
        sync_api.expect(page.get_by_text("Page not found")).to_be_visible()
        sync_api.expect(page.locator("h1")).to_have_text("Maturity")


def test_every_answer_carries_the_headers_under_our_own_host_names_only(site: Site) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    host, port = urlsplit(site.address).netloc.split(":")

    def asked(path: str, name: str) -> tuple[int, Any]:
        with closing(http.client.HTTPSConnection(host, int(port), context=context)) as connection:
            connection.request("GET", path, headers={"Host": name})
            with connection.getresponse() as answer:
                return answer.status, answer.headers

    for path, status in (
        ("/", 200),
        ("/_stcore/health", 200),
        ("/_stcore/metrics", 404),
        ("/media/nothing.png", 404),
        ("/oauth2callback", 302),
    ):
        got, headers = asked(path, f"localhost:{port}")
        assert (path, got) == (path, status)
        assert "'unsafe-eval'" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
    status, headers = asked("/", "rebound.example")
    assert status == 400
    assert headers["content-security-policy"]
