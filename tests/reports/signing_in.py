"""The dashboard as `nhi serve --access` starts it, with an OpenID Connect provider on the loopback address, and a browser that signs in there."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from reports.serve import ADDRESS, checked, command, environment
from tests.reports.server import free_port, running

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SECRETS = """
[auth]
redirect_uri = "{address}/oauth2callback"
cookie_secret = "a secret of the tests that is long enough to sign with"
client_id = "nhi-posture"
client_secret = "of the tests"
server_metadata_url = "{provider}/.well-known/openid-configuration"
client_kwargs = {{ scope = "openid profile email groups", prompt = "login" }}
"""

MANY = [str(UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)) for number in range(1, 200)]
"""As many groups as Entra ID names in a token, by ids that do not repeat themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A dashboard that people sign in to."""

    address: str
    """Where browsers find it, over TLS: whoever serves it there is started apart."""
    provider: str
    behind: int
    """The port of the loopback address at which it speaks HTTP."""
    access: Path
    """The access file, which may change while it runs."""


@contextmanager
def served(workspace: Path, folder: Path, address: str, access: str, groups: Mapping[str, Sequence[str]]) -> Iterator[Site]:
    """Serve a workspace and the provider; `access` is the text of the access file, `groups` has the groups of each user."""
    behind, port = free_port(), free_port()
    site = Site(address=address, provider=f"http://localhost:{port}", behind=behind, access=folder / "access.toml")
    site.access.write_text(access, encoding="utf-8")
    secrets = folder / "secrets.toml"
    secrets.write_text(SECRETS.format(address=address, provider=site.provider), encoding="utf-8")
    line = command(behind, sign_in=checked(ADDRESS, site.access, [secrets]))
    with (
        running(_provider(port, groups), f"{site.provider}/.well-known/openid-configuration", {}),
        running(line, f"http://127.0.0.1:{behind}/_stcore/health", environment(workspace, site.access)),
    ):
        yield site


def _provider(port: int, groups: Mapping[str, Sequence[str]]) -> list[str]:
    users = [json.dumps({"sub": name, "email": f"{name}@example.test", "groups": list(theirs)}) for name, theirs in groups.items()]
    claims = [part for user in users for part in ("--user-claims", user)]
    return [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *claims]


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
