"""`nhi export --post`: what a server on this machine is sent, and what is never sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from reports.feeds.post import AddressError, PostError, address, prepared, send
from tests.command import run, run_process

TOKEN = "t0ken-that-nobody-may-see"


class Hook(ThreadingHTTPServer):
    """Answers every call with one status and keeps what came."""

    def __init__(self, status: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.status = status
        self.calls: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook/s3cret-path?team=a"


class Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(b"an answer that nobody reads")

    def log_message(self, *_: Any) -> None:
        """Nothing on standard error."""


@contextmanager
def hook(status: int = 204) -> Iterator[Hook]:
    server = Hook(status)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def export(workspace: Path, *words: object) -> Any:
    return run("export", "--workspace", workspace, "--on", "2026-10-15", *words)


def test_the_feed_is_sent_whole_with_its_type_and_the_token(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOK_TOKEN", TOKEN)
    with hook() as server:
        found = export(workspace, "--format", "ocsf", "--post", server.url, "--token-env", "HOOK_TOKEN")
    assert found.exit_code == 0, found.stderr
    ((path, headers, body),) = server.calls
    assert path == "/hook/s3cret-path?team=a"
    assert body.decode() == export(workspace, "--format", "ocsf").stdout
    assert headers == {
        "Host": f"127.0.0.1:{server.server_address[1]}",
        "User-Agent": "nhi-posture",
        "Content-Type": "application/x-ndjson",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "Authorization": f"Bearer {TOKEN}",
    }
    assert TOKEN not in found.stdout + found.stderr
    assert "s3cret-path" not in found.stdout + found.stderr


def test_a_dry_run_sends_nothing_and_prints_the_bytes_without_secrets(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    with hook() as server:
        found = export(workspace, "--format", "sarif", "--post", server.url, "--dry-run", "--token-file", tmp_path / "token")
        sent = export(workspace, "--format", "sarif", "--post", server.url, "--token-file", tmp_path / "token")
    assert (found.exit_code, sent.exit_code) == (0, 0)
    ((_, headers, body),) = server.calls  # of the second call
    head, _, printed = found.stdout.partition("\n\n") if "\r\n\r\n" not in found.stdout else found.stdout.partition("\r\n\r\n")
    assert printed.encode() == body
    told = dict(line.split(": ", 1) for line in head.splitlines()[1:])
    assert told == {**headers, "Authorization": "Bearer (not shown)"}
    assert TOKEN not in found.stdout + found.stderr
    assert "s3cret-path" not in found.stdout + found.stderr


@pytest.mark.parametrize(("status", "words"), [(302, "redirects are not followed"), (500, "answered 500"), (401, "answered 401")])
def test_what_was_not_taken_ends_with_3_and_one_line(workspace: Path, status: int, words: str) -> None:
    with hook(status) as server:
        found = export(workspace, "--format", "prometheus", "--post", server.url)
    assert found.exit_code == 3
    assert words in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert "s3cret-path" not in found.stderr
    assert len(server.calls) == 1


def test_nobody_listening_ends_with_3(workspace: Path) -> None:
    with hook() as server:
        url = server.url
    found = export(workspace, "--format", "prometheus", "--post", url)
    assert (found.exit_code, len(found.stderr.splitlines())) == (3, 1)


@pytest.mark.parametrize(
    "text",
    [
        "http://hooks.example.com/x",
        "http://127.0.0.1.example.com/x",
        "http://[::2]/x",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "https://user:word@hooks.example.com/x",
        "https://hooks.example.com/x\r\nX: y",
        "https://hooks.example.com:99999/x",
        "https:///x",
        "https://[::1",
        "hooks.example.com",
    ],
)
def test_nothing_is_sent_to_such_an_address(text: str) -> None:
    with pytest.raises(AddressError):
        address(text)


@pytest.mark.parametrize("text", ["https://hooks.example.com:8443/x", "http://localhost:9/x", "http://127.0.0.1/x", "http://[::1]:80/x"])
def test_such_an_address_is_sent_to(text: str) -> None:
    assert address(text).geturl() == text


def test_a_body_that_is_too_large_is_not_sent() -> None:
    made = []

    def pieces() -> Iterator[str]:
        for number in range(10):
            made.append(number)
            yield "x" * 100

    with pytest.raises(PostError, match="--out"):
        prepared(address("http://127.0.0.1:1/"), "text/plain", pieces(), None, most=250)
    assert made == [0, 1, 2]


def test_a_server_that_does_not_answer_is_given_up_on() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:  # listens, and never takes the call
        request = prepared(address(f"http://127.0.0.1:{server.server_address[1]}/"), "text/plain", ["x"], None)
        with pytest.raises(PostError, match="no answer within 0.2 s"):
            send(request, seconds=0.2)


@pytest.mark.parametrize(
    "words",
    [
        ("--dry-run",),
        ("--token-env", "NOTHING_THERE"),
        ("--post", "https://hooks.example.com/x", "--token-env", "NOTHING_THERE"),
        ("--post", "https://hooks.example.com/x", "--out", "file"),
        ("--post", "http://hooks.example.com/x"),
        ("--format", "asff"),
        ("--format", "asff", "--aws-account", "111122223333", "--aws-region", "here"),
        ("--format", "yaml"),
        ("--out", "."),
    ],
)
def test_wrong_usage_ends_with_2(workspace: Path, words: tuple[str, ...]) -> None:
    found = export(workspace, *words)
    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 1


def test_a_token_given_for_the_name_of_a_variable_is_not_repeated(workspace: Path) -> None:
    found = export(workspace, "--post", "https://hooks.example.com/x", "--token-env", TOKEN)
    assert found.exit_code == 2
    assert TOKEN not in found.stderr


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(workspace: Path, tmp_path: Path) -> None:
    target = tmp_path / "new" / "nhi.prom"
    for _ in range(2):
        assert export(workspace, "--format", "prometheus", "--out", target).exit_code == 0
    assert [path.name for path in target.parent.iterdir()] == ["nhi.prom"]
    assert target.read_text() == export(workspace, "--format", "prometheus").stdout


def test_standard_output_is_the_document_and_nothing_else(workspace: Path) -> None:
    found = run_process("export", "--workspace", workspace, "--format", "sarif", "--on", "2026-10-15")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)["version"] == "2.1.0"
