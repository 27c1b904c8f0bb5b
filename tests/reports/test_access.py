"""Roles, the access file and the session's end, without a dashboard; what `nhi serve` refuses; the headers of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import nhi
from reports.access import (
    ANYONE,
    VARIABLE,
    Access,
    AccessError,
    Grant,
    Refused,
    Right,
    Role,
    Visitor,
    admit,
    allows,
    is_loopback,
    load_access,
    name_of,
)
from reports.headers import SecurityHeaders, content_security_policy
from reports.serve import ADDRESS, ServeError, checked, command

EVERYWHERE = "0.0.0.0"  # noqa: S104  # to be refused, or behind a proxy
NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ACCESS = Access(
    groups={
        "admins": Grant(role=Role.ADMIN, accounts=None),
        "analysts": Grant(role=Role.ANALYST, accounts=None),
        "readers": Grant(role=Role.VIEWER, accounts=None),
        "team-a": Grant(role=Role.VIEWER, accounts=frozenset({"1"})),
        "team-b": Grant(role=Role.VIEWER, accounts=frozenset({"2", "3"})),
    }
)
FILE = """
contact = "identity-team@example.com"
groups_claim = "roles"
max_session_hours = 4
end_with_token = false
[groups.nhi-admins]
role = "admin"
[groups."Team Payments"]
role = "viewer"
accounts = ["111122223333"]
"""
AUTH = {
    "redirect_uri": "https://nhi.example.com/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "nhi",
    "client_secret": "s",
    "server_metadata_url": "https://id.example.com/.well-known/openid-configuration",
}


def claims(*groups: str, **more: Any) -> dict[str, Any]:
    """Of somebody who signed in a minute ago, with a token for an hour."""
    began = NOW.timestamp() - 60
    return {
        "is_logged_in": True,
        "sub": "ada",
        "email": "ada@example.com",
        "groups": list(groups),
        "iat": began,
        "exp": began + 3600,
        **more,
    }


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "access.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, {"read"}),
        (Role.ANALYST, {"read", "decide", "report"}),
        (Role.ADMIN, {"read", "decide", "report", "upload", "collect", "administer"}),
    ],
)
def test_a_role_may_do_what_the_table_says_and_nothing_else(role: Role, may: set[str]) -> None:
    assert {right for right in Right if allows(role, right)} == may


def test_a_right_that_does_not_exist_is_an_error_for_everybody() -> None:
    with pytest.raises(ValueError, match="writ"):
        allows(Role.ADMIN, "writ")


def test_the_highest_role_of_all_groups_counts_and_accounts_add_up() -> None:
    assert ACCESS.role_of(["readers", "analysts", "unknown"]) is Role.ANALYST
    assert ACCESS.role_of(["unknown"]) is None
    assert ACCESS.scopes_of(["team-a", "team-b"]) == frozenset({"1", "2", "3"})
    assert ACCESS.scopes_of(["team-a", "readers"]) is None
    assert ACCESS.scopes_of(["unknown"]) == frozenset()


def test_who_is_in_a_group_is_let_in_under_the_address_of_the_token() -> None:
    found = admit(ACCESS, claims("team-a"), NOW)
    assert found == Visitor(role=Role.VIEWER, accounts=frozenset({"1"}), name="ada@example.com", until=NOW + timedelta(minutes=59))


@pytest.mark.parametrize(
    ("why", "token"),
    [
        ("signed_out", {}),
        ("signed_out", claims("admins", is_logged_in="yes")),
        ("no_group", claims("elsewhere")),
        ("no_group", claims()),
        ("no_group", claims(groups=None)),
        ("no_group", claims(groups={"admins": True})),
        ("no_group", claims(groups=[["admins"]])),
        ("no_group", claims(groups="admins,readers")),
        ("no_group", claims("Admins")),
        ("no_group", claims("admins", email=None, sub=None)),
        ("over", claims("admins", exp=NOW.timestamp())),
        ("over", claims("admins", exp=None)),
        ("over", claims("admins", exp="never")),
        ("over", claims("admins", iat=None)),
        ("over", claims("admins", iat=True)),
        ("over", claims("admins", iat=NOW.timestamp() + 3600, exp=NOW.timestamp() + 7200)),
        ("over", claims("admins", iat=NOW.timestamp() - 8 * 3600, exp=NOW.timestamp() + 3600)),
        ("over", claims("admins", auth_time=NOW.timestamp() - 9 * 3600)),
    ],
)
def test_who_does_not_plainly_belong_is_not_let_in(why: str, token: dict[str, Any]) -> None:
    found = admit(ACCESS, token, NOW)
    assert isinstance(found, Refused)
    assert found.why == why


def test_one_group_may_come_as_a_text() -> None:
    found = admit(ACCESS, claims(groups="admins"), NOW)
    assert isinstance(found, Visitor)
    assert found.role is Role.ADMIN


def test_a_session_may_outlive_its_token_only_where_the_file_says_so(tmp_path: Path) -> None:
    access = load_access(written(tmp_path, FILE))
    token = claims(roles=["nhi-admins"], exp=NOW.timestamp() - 1)
    found = admit(access, token, NOW)
    assert isinstance(found, Visitor)
    assert found.until == NOW + timedelta(hours=3, minutes=59)


def test_an_address_that_is_not_verified_is_not_a_name() -> None:
    assert name_of({"email": "boss@example.com", "email_verified": False, "sub": "mallory"}) == "mallory"
    assert name_of({"name": "The Boss", "sub": "mallory"}) == "mallory"


def test_the_access_file_is_read_as_written(tmp_path: Path) -> None:
    access = load_access(written(tmp_path, FILE))
    assert access.groups["nhi-admins"] == Grant(role=Role.ADMIN, accounts=None)
    assert access.groups["Team Payments"] == Grant(role=Role.VIEWER, accounts=frozenset({"111122223333"}))
    assert (access.claim, access.contact, access.hours) == ("roles", "identity-team@example.com", 4.0)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("not TOML", "groups = ["),
        ("groups:", ""),
        ("groups:", "groups = []"),
        ("group:", '[group.a]\nrole = "admin"'),
        ("groups.a:", '[groups]\na = "admin"'),
        ("groups.a.role:", "[groups.a]"),
        ("groups.a.role:", '[groups.a]\nrole = "Admin"'),
        ("groups.a.scopes:", '[groups.a]\nrole = "viewer"\nscopes = ["1"]'),
        ("groups.a.accounts:", '[groups.a]\nrole = "viewer"\naccounts = []'),
        ("groups.a.accounts:", '[groups.a]\nrole = "viewer"\naccounts = [111122223333]'),
        ("groups.a.accounts:", '[groups.a]\nrole = "analyst"\naccounts = ["1"]'),
        ("max_session_hours:", 'max_session_hours = 0\n[groups.a]\nrole = "admin"'),
        ("max_session_hours:", 'max_session_hours = true\n[groups.a]\nrole = "admin"'),
        ("end_with_token:", 'end_with_token = "no"\n[groups.a]\nrole = "admin"'),
        ("groups_claim:", 'groups_claim = ["a"]\n[groups.a]\nrole = "admin"'),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_its_name_and_the_key(tmp_path: Path, key: str, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(AccessError) as refused:
        load_access(path)
    assert str(refused.value).startswith(f"{path}: {key}")


@pytest.mark.parametrize(("address", "only_here"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.7", False), ("::", False),
                                                     ("10.0.0.1", False), ("nhi.example.com", False), ("", False), (None, False)])  # fmt: skip
def test_which_addresses_only_this_machine_reaches(address: str | None, only_here: bool) -> None:
    assert is_loopback(address) is only_here


def secrets(tmp_path: Path, **changed: str | None) -> Path:
    path = tmp_path / "secrets.toml"
    values = {**AUTH, **changed}
    path.write_text("[auth]\n" + "".join(f'{name} = "{value}"\n' for name, value in values.items() if value is not None), encoding="utf-8")
    return path


def test_without_access_the_dashboard_is_served_to_this_machine_only(tmp_path: Path) -> None:
    assert checked(ADDRESS, None, [tmp_path / "none.toml"]) is None
    with pytest.raises(ServeError, match="--access FILE"):
        checked(EVERYWHERE, None, [tmp_path / "none.toml"])
    with pytest.raises(ServeError, match=r"secrets\.toml: \[auth\]"):
        checked(ADDRESS, None, [secrets(tmp_path)])


def test_with_access_the_host_that_people_come_by_is_allowed_and_no_header_says_who_they_are(tmp_path: Path) -> None:
    found = checked(EVERYWHERE, written(tmp_path, FILE), [tmp_path / "none.toml", secrets(tmp_path)])
    line = command(8501, EVERYWHERE, sign_in=found)
    hosts = [line[at + 1] for at, part in enumerate(line) if part == "--server.allowedHosts"]
    assert hosts == ["127.0.0.1", "localhost", "nhi.example.com"]
    assert line[line.index("--server.trustedUserHeaders") + 1] == "{}"
    assert line[line.index("--client.showErrorDetails") + 1] == "none"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("client_id", None),
        ("server_metadata_url", ""),
        ("cookie_secret", "short"),
        ("redirect_uri", "http://nhi.example.com/oauth2callback"),
        ("redirect_uri", "https://nhi.example.com/"),
    ],
)
def test_signing_in_that_is_not_set_up_is_refused_with_file_and_key_and_without_the_value(
    tmp_path: Path, key: str, value: str | None
) -> None:
    path = secrets(tmp_path, **{key: value})
    with pytest.raises(ServeError) as refused:
        checked(ADDRESS, written(tmp_path, FILE), [path])
    assert str(refused.value).startswith(f"{path}: auth.{key}")
    assert "short" not in str(refused.value).replace("shorter", "")


def test_an_access_file_without_a_way_to_sign_in_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match="nobody can sign in"):
        checked(ADDRESS, written(tmp_path, FILE), [tmp_path / "none.toml"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--address", EVERYWHERE], "say who may see what with --access FILE"),
        (["--access", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        (["--access", "access.toml"], "access.toml: groups.a.role: must be one of viewer, analyst, admin"),
    ],
)
def test_the_command_serves_nothing_rather_than_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    written(tmp_path, '[groups.a]\nrole = "boss"')
    result = CliRunner().invoke(nhi.app, ["serve", "--workspace", str(tmp_path), *options])
    assert result.exit_code == 3
    assert said in " ".join(result.output.split())
    assert "Dashboard:" not in result.output


def test_whoever_is_asked_for_nothing_may_everything_on_this_machine() -> None:
    assert ANYONE.may(Right.ADMINISTER)
    assert ANYONE.accounts is None


INDEX = '<html><script>\n  a = 1\n</script><script type="module" src="./x.js"></script></html>'


def answer(path: str = "/", *, secure: bool, cookie: bytes = b"_streamlit_user=x; HttpOnly; Path=/") -> tuple[int, dict[str, str]]:
    """Status and headers of an answer that passed the middleware."""
    sent: list[MutableMapping[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(
            {"type": "http.response.start", "status": 200, "headers": [(b"Set-Cookie", cookie), (b"X-Frame-Options", b"SAMEORIGIN")]}
        )
        await send({"type": "http.response.body", "body": b""})

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {}

    asyncio.run(SecurityHeaders(app, policy="default-src 'self'", secure=secure)({"type": "http", "path": path}, receive, send))
    return sent[0]["status"], {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}


def test_every_answer_carries_the_headers_and_ours_stand_alone() -> None:
    _, headers = answer(secure=False)
    assert headers["content-security-policy"] == "default-src 'self'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["set-cookie"] == "_streamlit_user=x; HttpOnly; Path=/"


def test_behind_tls_every_cookie_is_secure_once() -> None:
    assert answer(secure=True)[1]["set-cookie"] == "_streamlit_user=x; HttpOnly; Path=/; Secure"
    assert answer(secure=True, cookie=b"a=1; Secure")[1]["set-cookie"] == "a=1; Secure"


def test_metrics_are_closed() -> None:
    status, headers = answer("/_stcore/metrics", secure=False)
    assert status == 404
    assert "content-security-policy" in headers


def test_the_policy_allows_the_inline_scripts_that_are_served_and_no_eval(tmp_path: Path) -> None:
    index = tmp_path / "index.html"
    index.write_text(INDEX, encoding="utf-8")
    policy = content_security_policy(index)
    # printf '\n  a = 1\n' | openssl dgst -sha256 -binary | base64
    assert "'sha256-nHiJsB1GRX6Ku2XBkWKVt2F3CJiowPuMwhcJv+CWmC0='" in policy
    assert policy.count("sha256-") == 1
    assert "'unsafe-eval'" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]
