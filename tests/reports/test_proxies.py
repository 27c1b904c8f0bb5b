"""The reverse proxies of docs/access.md for real: nginx and Caddy as the page sets them up, in front of the dashboard, and Chromium in front of them."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPMessage, HTTPSConnection
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from reports.headers import FIXED
from tests.reports.proxies import HOST, PROXIES, installed
from tests.reports.server import chromium, free_port, running
from tests.reports.signing_in import MANY, Site, opened, served, sign_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FilePayload

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(find_spec("oidc_provider_mock") is None, reason="oidc-provider-mock is not installed"),
]
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ACCESS = '[groups.nhi-admins]\nrole = "admin"\n'
GROUPS = {"ada": ["nhi-admins", *MANY], "nora": ["somewhere-else"]}
"""User -> their groups. Ada's make cookies longer than a proxy takes unless it is told to."""

LIES = {
    "X-Forwarded-For": "192.0.2.6",
    "X-Forwarded-Host": "rebound.example",
    "X-Forwarded-Proto": "http",
    "X-Forwarded-User": "ada@example.test",
    "X-Forwarded-Email": "ada@example.test",
    "X-Forwarded-Groups": "nhi-admins",
    "Forwarded": "for=192.0.2.6;host=rebound.example;proto=http",
}
"""What a client may send to look like somebody else, from somewhere else."""


@pytest.fixture(scope="module")
def dashboard(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with served(workspace, tmp_path_factory.mktemp("served"), f"https://{HOST}", ACCESS, GROUPS) as site:
        yield site


@pytest.fixture(scope="module", params=PROXIES)
def port(request: pytest.FixtureRequest, dashboard: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of the loopback address on which the proxy stands for port 443."""
    if installed(request.param) is None:
        pytest.skip(f"no {request.param} on this machine (on Debian: apt-get install {request.param})")
    folder, listening = tmp_path_factory.mktemp(request.param), free_port()
    line = PROXIES[request.param](folder, listening, dashboard.behind)
    with running(line, f"tcp://127.0.0.1:{listening}", {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}):
        yield listening


@pytest.fixture(scope="module")
def browser(port: int) -> Iterator[Browser]:
    """Chromium that finds the host of the example here, and no other host at all."""
    sync_api.expect.set_options(timeout=30_000)
    rules = f"MAP {HOST}:443 127.0.0.1:{port}, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=chromium(), args=[f"--host-resolver-rules={rules}", "--disable-quic"])
        yield found
        found.close()


def asked(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, HTTPMessage, bytes]:
    """One request over TLS under the name of the example, as far as TLS is told, and another where `headers` has a Host."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    connection = HTTPSConnection(HOST)
    connection.sock = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=20), server_hostname=HOST)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def test_people_sign_in_filter_upload_take_a_report_and_sign_out_through_it(browser: Browser, dashboard: Site) -> None:
    with opened(browser, dashboard) as page:
        sign_in(page, dashboard, "ada")
        sync_api.expect(page.get_by_text("ada@example.test")).to_be_visible()
        assert page.title() == "NHI posture"
        cookies = page.context.cookies(dashboard.address)
        assert sum(len(one["value"]) for one in cookies) > 8192
        assert {(one["secure"], one["sameSite"]) for one in cookies} == {(True, "Lax")}

        page.goto(f"{dashboard.address}/inventory")
        sync_api.expect(page.get_by_text("12 subjects", exact=True)).to_be_visible()
        page.get_by_role("button", name="Filter").click()
        page.get_by_role("combobox", name=re.compile("Team")).click()
        page.get_by_role("option", name="payments").click()
        sync_api.expect(page.get_by_text("3 subjects", exact=True)).to_be_visible()

        page.goto(f"{dashboard.address}/assess")
        large: FilePayload = {"name": "large.json", "mimeType": "application/json", "buffer": b" " * 3_000_000}
        page.locator("input[type=file]").first.set_input_files(large)
        chip = page.locator("[data-testid=stFileChip]")
        sync_api.expect(chip).to_contain_text("3.0MB")
        sync_api.expect(page.locator("[data-testid=stFileChipIconSpinner]")).to_have_count(0)
        sync_api.expect(chip).not_to_contain_text("rror")

        page.goto(f"{dashboard.address}/reports")
        page.get_by_role("button", name="Make the report").click()
        with page.expect_download(timeout=120_000) as taken:
            page.get_by_role("button", name="Download the report").click(timeout=120_000)
        assert Path(taken.value.path()).read_bytes().startswith(b"<!DOCTYPE html>")

        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{dashboard.provider}/**")
        page.goto(dashboard.address)
        sync_api.expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_attempt_without_a_group_is_told_so_through_it(browser: Browser, dashboard: Site) -> None:
    with opened(browser, dashboard) as page:
        sign_in(page, dashboard, "nora")
        sync_api.expect(page.get_by_role("heading", name="No access")).to_be_visible()


def test_nobody_becomes_somebody_by_headers_of_their_own(browser: Browser, dashboard: Site) -> None:
    context = browser.new_context(ignore_https_errors=True, extra_http_headers=LIES)
    page = context.new_page()
    page.goto(dashboard.address)
    sync_api.expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    context.close()


def test_each_header_arrives_once(port: int) -> None:
    status, headers, _ = asked(port, "/")
    assert status == 200
    for name in ("strict-transport-security", "content-security-policy", *FIXED):
        assert len(headers.get_all(name, [])) == 1, name
    assert "'unsafe-eval'" not in headers["content-security-policy"]


def test_no_other_host_gets_an_answer_of_ours(port: int) -> None:
    _, _, ours = asked(port, "/")
    assert b"<html" in ours
    _, _, theirs = asked(port, "/", {"Host": "rebound.example"})
    assert theirs in {b"", b"Invalid host header"}  # Caddy has no such site, nginx asks the dashboard


@pytest.mark.parametrize("path", ["/", "/inventory/", "/auth/login", "/oauth2callback", "/_stcore/metrics"])
def test_nothing_depends_on_what_a_client_says_of_its_way(port: int, path: str) -> None:
    status, headers, body = asked(port, path)
    status_lied, headers_lied, body_lied = asked(port, path, LIES)
    assert (status_lied, headers_lied["location"], body_lied) == (status, headers["location"], body)
    assert (headers["location"] or "/").startswith("/")
