"""A small AWS on loopback for what moto lacks: pages, jobs, analyzers, trust anchors, and refusals of every kind."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote

import pytest

from collectors.aws.fetch import AwsOptions
from collectors.aws.fetch_session import Wire

ACCOUNT = "111122223333"
REGION = "eu-west-1"
TOKEN = "canary-session-token"
OPTIONS = AwsOptions(usage=False, regions=(REGION,), wire=Wire(attempts=2, read_timeout=20, connect_timeout=2, poll_seconds=0.01, polls=5))
EMPTY = {"UserDetailList": "", "GroupDetailList": "", "RoleDetailList": "", "Policies": ""}


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer."""

    body: str
    status: int = 200
    kind: str = "text/xml"
    delay: float = 0


Script = Callable[[Mapping[str, str]], Reply]
Start = Callable[..., "Fake"]
"""Starts the fake AWS with some scripts changed."""


@dataclass(slots=True)
class Fake:
    """What is answered, by action of the query protocol or path of REST; and what was asked."""

    scripts: dict[str, Script]
    asked: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    address: str = ""

    def reply(self, name: str, words: Mapping[str, str]) -> Reply:
        self.asked.append((name, words))
        script = self.scripts.get(name)
        return script(words) if script else json_refusal("AccessDeniedException") if "." in name else refusal("AccessDenied", 403)

    def count(self, name: str) -> int:
        return sum(asked == name for asked, _ in self.asked)


def refusal(code: str, status: int = 400, message: str = "no") -> Reply:
    """A refusal that both protocols understand as well as they can."""
    return Reply(
        f"<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>r</RequestId></ErrorResponse>",
        status,
    )


def json_refusal(code: str) -> Reply:
    """Of the JSON protocol, whose actions are asked for as `Service.Action`."""
    return Reply(json.dumps({"__type": code}), 400, "application/x-amz-json-1.1")


def xml(action: str, inner: str) -> Reply:
    return Reply(
        f'<{action}Response xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><{action}Result>{inner}</{action}Result></{action}Response>'
    )


def as_json(value: Any) -> Reply:
    return Reply(json.dumps(value), kind="application/json")


def role(name: str) -> str:
    trust = quote(
        json.dumps({"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]})
    )
    return (
        f"<member><RoleName>{name}</RoleName><Arn>arn:aws:iam::{ACCOUNT}:role/{name}</Arn><Path>/</Path><RoleId>A</RoleId>"
        f"<CreateDate>2025-01-01T00:00:00Z</CreateDate><AssumeRolePolicyDocument>{trust}</AssumeRolePolicyDocument>"
        "<RoleLastUsed><LastUsedDate>2026-09-01T00:00:00Z</LastUsedDate></RoleLastUsed></member>"
    )


def user(name: str) -> str:
    return (
        f"<member><UserName>{name}</UserName><Arn>arn:aws:iam::{ACCOUNT}:user/{name}</Arn><Path>/</Path><UserId>A</UserId>"
        "<CreateDate>2025-01-01T00:00:00Z</CreateDate></member>"
    )


def details(roles: str, marker: str | None = None, users: str = "") -> Reply:
    held = {**EMPTY, "RoleDetailList": roles, "UserDetailList": users}
    lists = "".join(f"<{name}>{inner}</{name}>" for name, inner in held.items())
    more = f"<IsTruncated>true</IsTruncated><Marker>{marker}</Marker>" if marker else "<IsTruncated>false</IsTruncated>"
    return xml("GetAccountAuthorizationDetails", lists + more)


def paged_details(words: Mapping[str, str]) -> Reply:
    """Three pages of one role each."""
    number = int(words.get("Marker", "1"))
    return details(role(f"role-{number}"), str(number + 1) if number < 3 else None)


def always(reply: Reply) -> Script:
    return lambda _words: reply


def one_region(_words: Mapping[str, str]) -> Reply:
    """DescribeRegions."""
    item = f"<item><regionName>{REGION}</regionName></item>"
    return Reply(f"<DescribeRegionsResponse><regionInfo>{item}</regionInfo></DescribeRegionsResponse>")


def basic() -> dict[str, Script]:
    """Whom we are, three roles on three pages; everything else is denied, so no region is asked."""
    return {
        "GetCallerIdentity": lambda _: xml(
            "GetCallerIdentity", f"<UserId>A</UserId><Account>{ACCOUNT}</Account><Arn>arn:aws:iam::{ACCOUNT}:role/nhi</Arn>"
        ),
        "GetAccountAuthorizationDetails": paged_details,
    }


def accounts_on_loopback(patch: pytest.MonkeyPatch, account: str = ACCOUNT) -> None:
    """S3 Control asks `<account>.<endpoint>`, a name that loopback does not have."""
    resolve = socket.getaddrinfo
    patch.setattr(socket, "getaddrinfo", lambda host, *more, **named: resolve(str(host).removeprefix(f"{account}."), *more, **named))


@contextmanager
def serving(fake: Fake) -> Iterator[Fake]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            target = self.headers.get("X-Amz-Target")
            form = json.loads(body) if target else {name: values[0] for name, values in parse_qs(body).items()}
            path, _, query = self.path.partition("?")
            words = {**form, **{name: values[0] for name, values in parse_qs(query).items()}}
            reply = fake.reply(target or form.get("Action") or f"{self.command} {path}", words)
            time.sleep(reply.delay)
            try:
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.kind)
                self.send_header("Content-Length", str(len(reply.body.encode())))
                self.end_headers()
                self.wfile.write(reply.body.encode())
            except OSError:
                return  # who asked has gone

        do_GET = do_POST = do_PUT = answer  # noqa: N815  as the base class calls them

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    fake.address = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
