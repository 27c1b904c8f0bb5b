"""Signing in for real: Chromium, TLS in front of the dashboard as `nhi serve --access` starts it, and an OpenID Connect provider."""

from __future__ import annotations

import http.client
import json
import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest

from reports.access import VARIABLE
from reports.pages.shell import PAGES
from reports.serve import ADDRESS, checked, command
from tests.reports.server import chromium, free_port, running
from tests.reports.workspace import DEV, PROD, arn

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(find_spec("oidc_provider_mock") is None, reason="oidc-provider-mock is not installed"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

GROUPS = {"ada": "nhi-admins", "vic": "readers", "teo": "team-prod", "nora": "somewhere-else"}
"""User -> their one group."""

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

SECRETS = """
[auth]
redirect_uri = "https://localhost:{port}/oauth2callback"
cookie_secret = "a secret of the tests that is long enough to sign with"
client_id = "nhi-posture"
client_secret = "of the tests"
server_metadata_url = "{provider}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid profile email groups", prompt = "login" }}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The running dashboard, its provider, and the access file, which may change while it runs."""

    address: str
    provider: str
    access: Path

    def allow(self, hours: float) -> None:
        self.access.write_text(ACCESS.format(hours=hours), encoding="utf-8")


@pytest.fixture(scope="module")
def site(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder, port, plain, provider_port = tmp_path_factory.mktemp("access"), free_port(), free_port(), free_port()
    found = Site(address=f"https://localhost:{port}", provider=f"http://localhost:{provider_port}", access=folder / "access.toml")
    found.allow(hours=8)
    secrets = folder / "secrets.toml"
    secrets.write_text(SECRETS.format(port=port, provider=found.provider), encoding="utf-8")
    sign_in = checked(ADDRESS, found.access, [secrets])
    environment = {"NHI_WORKSPACE": str(workspace), VARIABLE: str(found.access)}
    with (
        running(_provider(provider_port), f"{found.provider}/.well-known/openid-configuration", {}),
        running(command(plain, sign_in=sign_in), f"http://127.0.0.1:{plain}/_stcore/health", environment),
        running([sys.executable, "-m", "tests.reports.tls", str(port), str(plain), str(folder / "tls.pem")], f"tcp://127.0.0.1:{port}", {}),
    ):
        yield found


def _provider(port: int) -> list[str]:
    users = [json.dumps({"sub": name, "email": f"{name}@example.test", "groups": [group]}) for name, group in GROUPS.items()]
    claims = [part for user in users for part in ("--user-claims", user)]
    return [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *claims]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    sync_api.expect.set_options(timeout=30_000)
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium())
        yield found
        found.close()


@contextmanager
def opened(browser: Browser, site: Site) -> Iterator[Page]:
    """A fresh browser that fails the test at a violation of the policy, an error of a script, or a request to another machine."""
    page = browser.new_page(viewport={"width": 1440, "height": 1200}, ignore_https_errors=True)
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    ours = (site.address, site.provider, "data:", "blob:")

    def asked(url: str, referrer: str) -> None:
        if not url.startswith(ours) and not referrer.startswith(site.provider):  # the provider's own page loads a stylesheet
            wrong.append(url)

    page.add_init_script("addEventListener('securitypolicyviolation', e => console.error('violates', e.violatedDirective, e.blockedURI))")
    page.on("request", lambda request: asked(request.url, request.headers.get("referer", "")))
    page.on("console", lambda said: wrong.append(said.text) if "violates" in said.text else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    try:
        yield page
    finally:
        page.close()
    assert wrong == []


def sign_in(page: Page, site: Site, user: str) -> None:
    page.goto(site.address)
    page.get_by_role("button", name="Sign in").click()
    page.locator("input[name=sub]").fill(user)
    page.get_by_role("button", name="Authorize", exact=True).click()
    page.wait_for_url(f"{site.address}/**")


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
        site.allow(hours=25 / 3600)
        try:
            page.reload()
            sync_api.expect(page.get_by_role("heading", name="Your session is over")).to_be_visible(timeout=60_000)
            sync_api.expect(page.locator("[data-testid=stSidebarNav]")).to_have_count(0)
            page.reload()
            sync_api.expect(page.get_by_role("heading", name="Your session is over")).to_be_visible()
        finally:
            site.allow(hours=8)


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
