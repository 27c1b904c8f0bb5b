"""Azure Resource Manager and Microsoft Graph on loopback: real HTTPS, answers from a table, and a note of every request.

The certificate is made for each run. What is not in the table is not found, as Azure says it.
"""

from __future__ import annotations

import ipaddress
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

CANARY = "canary5d1c"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    body: Any = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    delay_seconds: float = 0

    def text(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


def error(status: int, code: str, **headers: str) -> Answer:
    """An error as Azure words it, with words that nobody may repeat."""
    body = {"error": {"code": code, "message": f"{CANARY} in the words of an error"}}
    return Answer(status=status, body=body, headers=tuple((name.replace("_", "-"), value) for name, value in headers.items()))


@dataclass(slots=True)
class Fake:
    """One server."""

    url: str = ""
    link: str = "nextLink"
    """Where a page says how it goes on."""
    table: dict[str, list[Answer]] = field(default_factory=dict)
    """By path, or by path and query; several answers are given in turn, the last one ever after."""
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    headers: list[dict[str, str]] = field(default_factory=list)

    def give(self, path: str, *answers: Answer) -> None:
        self.table[path] = list(answers)

    def list(self, path: str, *pages: Any, **more: Any) -> None:
        """A list in pages, each naming the next by its full address."""
        for number, records in enumerate(pages or ([],), 1):
            here = path if number == 1 else f"{path}?page={number}"
            body = {**more, "value": records}
            if number < len(pages):
                body[self.link] = f"{self.url}{path}?page={number + 1}"
            self.give(here, Answer(body=body))

    def answer(self, target: str) -> Answer:
        path, _, query = target.partition("?")
        page = query.partition("&")[0] if query.startswith("page=") else ""  # Azure's clients add to the address that they were given
        found = self.table.get(target) or self.table.get(f"{path}?{page}") or self.table.get(path)
        if found is None:
            return error(404, "ResourceNotFound")
        return found.pop(0) if len(found) > 1 else found[0]

    def times(self, path: str) -> int:
        return sum(target.partition("?")[0] == path for target in self.asked)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body leave together: apart, the kernel holds the second back
    fake: ClassVar[Fake]

    def do_GET(self) -> None:
        self.fake.asked.append(self.path)
        self.fake.tokens.add(self.headers.get("Authorization", ""))
        self.fake.headers.append(dict(self.headers.items()))
        answer = self.fake.answer(unquote(self.path))
        time.sleep(answer.delay_seconds)
        self.send_response_only(answer.status)
        for name, value in (("Content-Type", "application/json"), ("x-ms-request-id", f"{CANARY}-in-a-header"), *answer.headers):
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.text())))
        self.end_headers()
        try:
            self.wfile.write(answer.text())
            self.wfile.flush()
        except OSError:
            self.close_connection = True  # who asked did not wait

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815  named by http.server; a collector that writes is seen in `asked`

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who asked hung up."""


@contextmanager
def serving(fake: Fake, certificate: Path) -> Iterator[Fake]:
    """The server, until the block ends."""
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": fake}))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"https://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(path: Path) -> Path:
    """Key and certificate of 127.0.0.1 in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + private)
    return path
