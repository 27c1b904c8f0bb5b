"""Google's APIs on loopback: google-cloud-iam's own messages over gRPC, and HTTP for the rest. Answers stand in the test."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import grpc
from google.cloud.iam_admin_v1 import IAMClient
from google.cloud.iam_admin_v1 import types as messages
from google.cloud.iam_admin_v1.services.iam.transports import IAMGrpcTransport
from google.iam.v1 import iam_policy_pb2, policy_pb2
from google.oauth2.credentials import Credentials
from google.protobuf.json_format import ParseDict

from collectors.collecting import Call, CallFailed
from collectors.gcp.fetch import GcpPlan
from collectors.gcp.fetch_clients import Clients

TOKEN = "canary-token-of-the-login"
SERVICE = "google.iam.admin.v1.IAM"

METHODS: dict[str, tuple[Any, Any]] = {
    "ListServiceAccounts": (messages.ListServiceAccountsRequest, messages.ListServiceAccountsResponse),
    "ListServiceAccountKeys": (messages.ListServiceAccountKeysRequest, messages.ListServiceAccountKeysResponse),
    "GetIamPolicy": (iam_policy_pb2.GetIamPolicyRequest, policy_pb2.Policy),
    "ListRoles": (messages.ListRolesRequest, messages.ListRolesResponse),
    "GetRole": (messages.GetRoleRequest, messages.Role),
}
"""Method -> request, answer."""


@dataclass(frozen=True, slots=True)
class Says:
    """An HTTP answer that is not simply 200 and JSON, or takes its time."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0


def error(status: int, reason: str | None = None, text: str = "") -> Says:
    """An error as newer APIs write it."""
    details = [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason}] if reason else []
    return Says(status, {"error": {"code": status, "message": text, "details": details}})


def paged(*pages: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The first page, and others by their token: the second by "2"."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        token = asked.get("pageToken", "1")
        return pages[int(token[0] if isinstance(token, list) else token) - 1]

    return answer


@dataclass
class Google:
    """What the servers answer, by gRPC method and by address, one after the other; the last one is repeated."""

    grpc: dict[str, list[Any]] = field(default_factory=dict)
    """Method -> answers: JSON, a status code to abort with, seconds to wait, or what makes one of these of the request."""
    rest: dict[str, list[Any]] = field(default_factory=dict)
    """`host/path` -> answers: JSON, Says, or what makes one of these of parameters and body."""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)
    http: str = field(init=False)
    """Where HTTP is answered: `http://127.0.0.1:…`."""
    port: int = field(init=False)
    """Where gRPC is."""
    clients: Clients = field(init=False)

    def of(self, name: str) -> list[dict[str, Any]]:
        """What was asked under a name."""
        return [request for asked, request in self.asked if asked == name]

    def next(self, answers: list[Any]) -> Any:
        return answers.pop(0) if len(answers) > 1 else answers[0]


@contextmanager
def serving(timeout_seconds: float = 5.0, login: Any = None) -> Iterator[Google]:
    """Both servers and clients of them."""
    google = Google()
    with _http(google) as google.http, _grpc(google) as google.port, grpc.insecure_channel(f"127.0.0.1:{google.port}") as channel:
        google.clients = clients_of(google.http, channel, login=login, sleep=google.waited.append, timeout_seconds=timeout_seconds)
        yield google


def clients_of(http: str, channel: grpc.Channel, *, login: Any = None, **more: Any) -> Clients:
    """The real clients, with their wires to these servers."""
    iam = IAMClient(transport=IAMGrpcTransport(channel=channel, credentials=Credentials(token=TOKEN)))  # type: ignore[no-untyped-call]
    return Clients(iam=lambda: iam, session=lambda: _session(login), address=lambda host: f"{http}/{host}", **more)


def _session(login: Any) -> Any:
    from google.auth.transport.requests import AuthorizedSession

    return AuthorizedSession(login or Credentials(token=TOKEN))  # type: ignore[no-untyped-call]


@contextmanager
def _grpc(google: Google) -> Iterator[int]:
    pool = futures.ThreadPoolExecutor(4)
    server = grpc.server(pool)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, {name: _handler(google, name) for name in METHODS}),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield port
    finally:
        server.stop(0).wait()
        pool.shutdown()


@contextmanager
def login_over_grpc(login: Any) -> Iterator[IAMClient]:
    """A client whose calls carry a login, over a Unix socket: gRPC sends none over a plain one."""
    from google.auth.transport.grpc import AuthMetadataPlugin
    from google.auth.transport.requests import Request

    local = grpc.LocalConnectionType.UDS
    pool = futures.ThreadPoolExecutor(1)
    server = grpc.server(pool)
    with tempfile.TemporaryDirectory() as folder:
        server.add_secure_port(f"unix:{folder}/grpc", grpc.local_server_credentials(local))
        server.start()
        calls = grpc.metadata_call_credentials(AuthMetadataPlugin(login, Request()))  # type: ignore[no-untyped-call]
        credentials = grpc.composite_channel_credentials(grpc.local_channel_credentials(local), calls)
        with grpc.secure_channel(f"unix:{folder}/grpc", credentials) as channel:
            yield IAMClient(transport=IAMGrpcTransport(channel=channel, credentials=login))
        server.stop(0).wait()
        pool.shutdown()


def _handler(google: Google, name: str) -> Any:
    request_type, answer_type = METHODS[name]

    def answer(request: Any, context: grpc.ServicerContext) -> Any:
        from google.protobuf.json_format import MessageToDict

        asked = MessageToDict(getattr(request, "_pb", request))
        google.asked.append((name, asked))
        said = google.next(google.grpc.get(name, [grpc.StatusCode.UNIMPLEMENTED]))
        said = said(asked) if callable(said) else said
        if isinstance(said, grpc.StatusCode):
            context.abort(said, f"no details for {TOKEN}")
        if isinstance(said, float):
            time.sleep(said)
            said = {}
        message = answer_type()
        ParseDict(said, getattr(message, "_pb", message))
        return message

    return grpc.unary_unary_rpc_method_handler(
        answer,
        request_deserializer=getattr(request_type, "deserialize", None) or request_type.FromString,
        response_serializer=getattr(answer_type, "serialize", None) or answer_type.SerializeToString,
    )


@contextmanager
def _http(google: Google) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _requests(google))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _requests(google: Google) -> type[BaseHTTPRequestHandler]:
    class Requests(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def log_message(self, *_: Any) -> None:
            """Nothing."""

        def _answer(self, body: dict[str, Any]) -> None:
            place = urlsplit(self.path)
            asked = {**parse_qs(place.query), **body}
            google.asked.append((place.path[1:], asked))
            said = google.next(google.rest.get(place.path[1:], [error(404, text=f"no page for {TOKEN}")]))
            said = said(asked) if callable(said) else said
            said = said if isinstance(said, Says) else Says(body=said)
            time.sleep(said.after_seconds)
            content = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            try:
                self.send_response(said.status)
                for name, value in {**said.headers, "X-Debug": TOKEN, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except BrokenPipeError:
                return  # the client did not wait

    return Requests


@dataclass
class Ran:
    """What a run of the calls gave."""

    pages: dict[str, list[Any]] = field(default_factory=dict)
    tokens: dict[str, list[str | None]] = field(default_factory=dict)
    failures: dict[str, CallFailed] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)


def run(plan: GcpPlan, only: Callable[[Call], bool] = lambda _: True) -> Ran:
    """All calls of a plan and what follows from them, one after the other."""
    return run_calls(call for call in plan.calls() if only(call))


def run_calls(calls: Iterable[Call], token: str | None = None) -> Ran:
    ran = Ran()
    waiting = list(calls)
    for call in waiting:
        if call.path in ran.calls:
            continue
        ran.calls[call.path] = call
        ran.pages[call.path], ran.tokens[call.path] = [], []
        try:
            for page, following in call.pages(token):
                ran.pages[call.path].append(json.loads(json.dumps(call.clean(page))))
                ran.tokens[call.path].append(following)
        except CallFailed as failure:
            ran.failures[call.path] = failure
            continue
        waiting += call.then(ran.pages[call.path])
    return ran
