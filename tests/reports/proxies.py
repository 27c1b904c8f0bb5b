"""The reverse proxies of docs/access.md, started as the page says: what a reader copies is what runs here.

The examples are taken out of the page word for word. Only the ports and the paths of the certificate are others: tests run as anybody, on the
loopback address, with a certificate that nobody signed. The host name stays, and browsers are told where it is.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.checkout import ROOT
from tests.reports.tls import certificate

HOST = "nhi.example.com"
"""The name in the examples."""

BEHIND = "127.0.0.1:8501"
"""Where the examples look for the dashboard."""

NGINX = """
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{ }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {example}
}}
"""
"""What stands around a site in /etc/nginx/nginx.conf, for one process that writes into a folder of the tests."""

CADDY = """
{{
    admin off
    https_port {port}
    default_bind 127.0.0.1
    auto_https disable_redirects
    local_certs
    skip_install_trust
    storage file_system {folder}/caddy
}}
{example}
"""
"""Caddy asks a certificate authority of its own instead of one on the internet."""


def example(name: str) -> str:
    """The one code block of a language in docs/access.md."""
    page = (ROOT / "docs" / "access.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{name}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return str(found)


def changed(text: str, changes: Mapping[str, str]) -> str:
    """Every change made at exactly one place: an example that says something else is no longer the one that was tried."""
    for old, new in changes.items():
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the example"
        text = text.replace(old, new)
    return text


def nginx(folder: Path, port: int, behind: int) -> list[str]:
    """Command line of nginx on a port of the loopback address, the dashboard behind it on another; writes its files into a folder."""
    pem = certificate(folder / "tls.pem", HOST)
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "/etc/ssl/nhi.example.com.crt": str(pem),
        "/etc/ssl/nhi.example.com.key": str(pem),
        BEHIND: f"127.0.0.1:{behind}",
    }
    written = folder / "nginx.conf"
    written.write_text(NGINX.format(folder=folder, example=changed(example("nginx"), changes)), encoding="utf-8")
    return [_found("nginx"), "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(written)]


def caddy(folder: Path, port: int, behind: int) -> list[str]:
    """Command line of Caddy, likewise."""
    written = folder / "Caddyfile"
    text = changed(example("caddyfile"), {BEHIND: f"127.0.0.1:{behind}"})
    written.write_text(CADDY.format(folder=folder, port=port, example=text), encoding="utf-8")
    return [_found("caddy"), "run", "--config", str(written), "--adapter", "caddyfile"]


PROXIES: Mapping[str, Callable[[Path, int, int], list[str]]] = {"nginx": nginx, "caddy": caddy}


def installed(name: str) -> str | None:
    """Path of a proxy; Debian puts nginx where the search path of ordinary users does not look."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


def _found(name: str) -> str:
    found = installed(name)
    assert found is not None, f"skip this test where {name} is not installed"
    return found
