"""Starts the dashboard over one workspace: open on the loopback address, or for those whom an access file lets in."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from reports.access import VARIABLE, is_loopback, load_access

ADDRESS = "127.0.0.1"
OWN_HOSTS = ("127.0.0.1", "localhost")
SECRETS = Path(".streamlit") / "secrets.toml"

SIGN_IN_KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
"""What Streamlit's `[auth]` needs: docs.streamlit.io, st.login."""

RETURN = "/oauth2callback"
"""Where Streamlit takes people back from the identity provider."""

SECRET_LENGTH = 32
"""Least length of `cookie_secret`: it signs the cookie that says who somebody is."""

SETTINGS = {
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.enableXsrfProtection": "true",
    "server.enableAgentApi": "false",
    "server.trustedUserHeaders": "{}",  # whoever reaches the port could send them
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
}
"""Settings that nothing may undo: neither a configuration file of the user's nor the environment."""


LIMITS = {"WEBSOCKETS_MAX_LINE_LENGTH": str(64 * 1024)}
"""Bytes of a header line that the WebSocket's library takes, 8 KiB if nobody says so. The cookies of a sign-in stand on one line and hold groups and
tokens: at 8 KiB, pages would stay empty for users of some hundred groups. docs/access.md has proxies take as much."""


class ServeError(Exception):
    """The dashboard is not served as asked; the message names the option, or the file and its key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The `[auth]` section that Streamlit signs people in by."""

    path: Path
    redirect_uri: str


def app_path() -> Path:
    """app.py beside the reports package, in a checkout and in an installation alike."""
    return Path(__file__).resolve().parent.parent / "app.py"


def command(port: int, address: str = ADDRESS, *, sign_in: SignIn | None = None) -> list[str]:
    """The command line that serves the dashboard."""
    settings = {"server.address": address, "server.port": str(port), **SETTINGS}
    host = urlsplit(sign_in.redirect_uri).hostname if sign_in else None
    several = [("server.allowedHosts", name) for name in dict.fromkeys([*OWN_HOSTS, *([host] if host else [])])]
    if sign_in:
        several.append(("secrets.files", str(sign_in.path)))
    options = [part for name, value in (*settings.items(), *several) for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", str(app_path()), *options]


def environment(workspace: Path, access: Path | None = None) -> dict[str, str]:
    """What the dashboard is told besides its command line."""
    return {**LIMITS, "NHI_WORKSPACE": str(workspace.resolve()), **({VARIABLE: str(access.resolve())} if access else {})}


def serve(workspace: Path, port: int, address: str, access: Path | None, announce: Callable[[str], None]) -> int:
    """Serve until interrupted; the exit code is Streamlit's, 0 after Ctrl-C. Raises AccessError or ServeError rather than serve too much.

    `announce` is told the address that browsers open.
    """
    sign_in = checked(address, access, secrets_files())
    announce(sign_in.redirect_uri.removesuffix(RETURN) if sign_in else f"http://{address}:{port}")
    around = {**os.environ, **environment(workspace, access)}
    try:
        return subprocess.run(command(port, address, sign_in=sign_in), env=around, cwd=app_path().parent, check=False).returncode
    except KeyboardInterrupt:
        return 0


def secrets_files() -> list[Path]:
    """Where Streamlit's secrets may stand, the first of them read: here, beside app.py, in the home folder."""
    return [folder / SECRETS for folder in (Path.cwd(), app_path().parent, Path.home())]


def checked(address: str, access: Path | None, files: list[Path]) -> SignIn | None:
    """How people sign in; None where the dashboard is open, on the loopback address. Raises AccessError or ServeError."""
    path = next((path for path in files if "auth" in _secrets(path)), None)
    if access is None:
        if not is_loopback(address):
            raise ServeError(f"--address {address}: other machines reach it; say who may see what with --access FILE (docs/access.md)")
        if path:
            raise ServeError(f"{path}: [auth] sets up signing in, but nothing says who may see what; add --access FILE (docs/access.md)")
        return None
    load_access(access)
    if find_spec("authlib") is None:
        raise ServeError(
            f"--access {access}: signing in needs Authlib; install nhi-posture[oidc], or requirements/oidc.txt from a checkout"
        )
    if path is None:
        raise ServeError(f"--access {access}: nobody can sign in; write [auth] into {files[0]} (docs/access.md)")
    return _sign_in(path, _secrets(path)["auth"])


def _secrets(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise ServeError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ServeError(f"{path}: not TOML") from error  # the parser's words could hold a secret


def _sign_in(path: Path, auth: Any) -> SignIn:
    """The section, checked: one provider, and a secret long enough to sign with."""
    values = auth if isinstance(auth, dict) else {}
    for key in SIGN_IN_KEYS:
        if not isinstance(values.get(key), str) or not values[key].strip():
            raise ServeError(f"{path}: auth.{key} is missing; docs/access.md says what it is")
    if len(values["cookie_secret"]) < SECRET_LENGTH:
        raise ServeError(f"{path}: auth.cookie_secret is shorter than {SECRET_LENGTH} characters; make one with `openssl rand -hex 32`")
    back = urlsplit(values["redirect_uri"])
    if not back.hostname or back.path != RETURN or (back.scheme != "https" and not is_loopback(back.hostname)):
        raise ServeError(f"{path}: auth.redirect_uri must be https://HOST{RETURN} (http only for localhost)")
    return SignIn(path=path, redirect_uri=values["redirect_uri"])
