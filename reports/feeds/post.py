"""One feed to one address by HTTPS: what is shown by `--dry-run` is what is sent, and nothing else.

The address's path may itself be a secret, as with chat webhooks, so messages name its host only. No redirect is followed, no proxy is asked, no
answer is read beyond its status.
"""

from __future__ import annotations

import http.client
import ipaddress
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

MOST = 64 * 1024 * 1024
"""Bytes of a body at most: what is larger is a file's business."""
SECONDS = 30.0
"""How long each step of a call may take."""


class PostError(Exception):
    """It was not sent, or not taken; the message says why in one line."""


class AddressError(PostError):
    """The address is not one that anything is sent to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is sent."""

    address: SplitResult
    headers: Mapping[str, str]
    body: bytes
    token: str | None = field(default=None, repr=False)

    @property
    def place(self) -> str:
        """Scheme and host, without what may be a secret."""
        return f"{self.address.scheme}://{self.address.netloc}"


def address(text: str) -> SplitResult:
    """An address to send to. Raises AddressError: only https, or http on this machine, and no name or password in it."""
    try:
        found = urlsplit(text)
        port, host = found.port, found.hostname
    except ValueError as error:
        raise AddressError("not an address") from error
    if not host or any(not char.isprintable() or char.isspace() for char in text) or not text.isascii():
        raise AddressError("not an address")
    if found.username is not None or found.password is not None:
        raise AddressError("holds a name or password; give a token by --token-env or --token-file")
    if port == 0 or not (found.scheme == "https" or (found.scheme == "http" and _on_this_machine(host))):
        raise AddressError("only https is sent to, or http on this machine")
    return found


def _on_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bearer(text: str) -> str:
    """A token as it can stand in a header. Raises PostError; the message does not repeat it."""
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise PostError("holds no token: one line of printable ASCII without spaces")
    return token


def prepared(to: SplitResult, mime: str, pieces: Iterable[str], token: str | None, *, most: int = MOST) -> Request:
    """The request of a feed. Raises PostError when it is larger than `most` bytes, before all of it is made."""
    body = bytearray()
    for piece in pieces:
        body += piece.encode("utf-8")
        if len(body) > most:
            raise PostError(f"more than {most:,} bytes are not sent: write a file with --out")
    headers = {
        "Host": to.netloc,
        "User-Agent": "nhi-posture",
        "Content-Type": mime,
        "Content-Length": str(len(body)),
        "Connection": "close",
    }
    return Request(address=to, headers=headers, body=bytes(body), token=token)


def shown(request: Request) -> bytes:
    """The request as it would go out; the token and the address's path are named, not shown."""
    lines = [f"POST {request.place}/... HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers.items())]
    lines += ["Authorization: Bearer (not shown)"] if request.token else []
    return "\r\n".join([*lines, "", ""]).encode() + request.body


def send(request: Request, *, seconds: float = SECONDS) -> int:
    """Send it and return the status, one of 2xx. Raises PostError for everything else."""
    to = request.address
    if to.hostname is None:
        raise AddressError("not an address")
    if to.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            to.hostname, to.port, timeout=seconds, context=ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=seconds)
    secret = {"Authorization": f"Bearer {request.token}"} if request.token else {}
    try:
        connection.putrequest("POST", to._replace(scheme="", netloc="", fragment="", path=to.path or "/").geturl(), True, True)
        for name, value in {**request.headers, **secret}.items():
            connection.putheader(name, value)
        connection.endheaders(request.body)
        status = connection.getresponse().status
    except TimeoutError as error:
        raise PostError(f"{request.place}: no answer within {seconds:g} s") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "verify_message", None) or getattr(error, "strerror", None) or type(error).__name__
        raise PostError(f"{request.place}: {reason}") from error
    finally:
        connection.close()
    if 300 <= status < 400:
        raise PostError(f"{request.place}: answered {status}, and redirects are not followed")
    if not 200 <= status < 300:
        raise PostError(f"{request.place}: answered {status}")
    return status
