"""What every answer of the dashboard's server carries besides its content: headers that let a browser run, load and send nothing of others.

An ASGI middleware in plain Python; app.py puts it around Streamlit.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CLOSED = ("/_stcore/metrics",)
"""Paths that are answered with 404: Streamlit asks nobody who they are there, and we need none of them."""

DIRECTIVES = {
    "default-src": "'self'",
    "script-src": "'self' 'wasm-unsafe-eval'",  # Streamlit reads Arrow in WebAssembly; no eval, and of inline scripts its own one only
    "style-src": "'self' 'unsafe-inline'",  # Streamlit and Plotly write styles into elements
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",  # its WebSocket too
    "worker-src": "'self' blob:",
    "frame-src": "'none'",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}

FIXED = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "permissions-policy": ", ".join(f"{what}=()" for what in ("camera", "geolocation", "microphone", "payment", "usb")),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def content_security_policy(index: Path) -> str:
    """The policy for a page: `index` is the HTML that Streamlit serves, whose inline scripts are allowed by their hash (CSP Level 3, 8.4)."""
    scripts = re.findall(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", index.read_text(encoding="utf-8"), re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = "".join(f" 'sha256-{one}'" for one in hashes)
    return "; ".join(f"{name} {value}{allowed if name == 'script-src' else ''}" for name, value in DIRECTIVES.items())


class SecurityHeaders:
    """Adds the headers to every HTTP answer, `Secure` to every cookie where browsers come over TLS, and closes what nobody needs."""

    def __init__(self, app: App, *, policy: str, secure: bool) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in {"content-security-policy": policy, **FIXED}.items()]
        self._names = {name for name, _ in self._headers}
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._with(message.get("headers", ()))
            await send(message)

        if scope["path"].endswith(CLOSED):
            await answer({"type": "http.response.start", "status": 404, "headers": []})
            await answer({"type": "http.response.body", "body": b"Not found"})
        else:
            await self._app(scope, receive, answer)

    def _with(self, headers: Any) -> list[tuple[bytes, bytes]]:
        """The answer's own headers, a cookie among them marked, and ours in place of any of the same name."""
        kept = [(name, self._marked(name, value)) for name, value in headers if name.lower() not in self._names]
        return [*kept, *self._headers]

    def _marked(self, name: bytes, value: bytes) -> bytes:
        if not self._secure or name.lower() != b"set-cookie" or b"; secure" in value.lower():
            return value
        return value + b"; Secure"
