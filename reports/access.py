"""Who may see and do what in the dashboard: roles, what each allows, and the access file that gives them to groups. Knows no Streamlit.

Without an access file the dashboard is open, and serves the loopback address only. With one, nobody gets in whose groups it does not name.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal

VARIABLE = "NHI_ACCESS"
"""Environment variable that names the access file."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far the provider's clock may be ahead of ours."""

HOURS = 8.0
MOST_HOURS = 720.0
"""Streamlit's cookie lives 30 days: no session outlives it."""


class Role(StrEnum):
    """From least to most."""

    VIEWER = "viewer"
    ANALYST = "analyst"
    ADMIN = "admin"


class Right(StrEnum):
    """What a page or a button may ask for."""

    READ = "read"
    DECIDE = "decide"
    """Record answers, exceptions, owners, actions, targets."""
    REPORT = "report"
    """Generate reports."""
    UPLOAD = "upload"
    COLLECT = "collect"
    ADMINISTER = "administer"


_READ = frozenset({Right.READ})
_ANALYSE = _READ | {Right.DECIDE, Right.REPORT}
RIGHTS: Mapping[Role, frozenset[Right]] = {Role.VIEWER: _READ, Role.ANALYST: _ANALYSE, Role.ADMIN: frozenset(Right)}


def allows(role: Role, right: Right | str) -> bool:
    """Whether a role has a right. Raises ValueError for a right that does not exist: a misspelt check must not pass."""
    return Right(right) in RIGHTS[role]


class AccessError(Exception):
    """The access file cannot be used; the message names the file and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one group gets."""

    role: Role
    accounts: frozenset[str] | None
    """Accounts that its members see; None: all. Limits viewers only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """The access file."""

    groups: Mapping[str, Grant]
    claim: str = "groups"
    """Claim of the token that lists a user's groups."""
    contact: str | None = None
    """Whom to ask, shown to those who are not let in."""
    hours: float = HOURS
    """How long after signing in (`auth_time`, else `iat`) a session lasts at most."""
    end_with_token: bool = True
    """Whether a session also ends with its token (`exp`)."""

    def role_of(self, groups: Iterable[str]) -> Role | None:
        """The highest role of a user's groups; None: not let in."""
        roles = {grant.role for grant in self._grants(groups)}
        return max(roles, key=list(Role).index, default=None)

    def scopes_of(self, groups: Iterable[str]) -> frozenset[str] | None:
        """Accounts that a user with these groups sees, those of all groups together; None: all. Empty for who is not let in."""
        limits = [grant.accounts for grant in self._grants(groups)]
        if any(limit is None for limit in limits):
            return None
        return frozenset().union(*(limit for limit in limits if limit is not None))

    def _grants(self, groups: Iterable[str]) -> list[Grant]:
        return [self.groups[name] for name in set(groups) if name in self.groups]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who is let in, and how far."""

    role: Role
    accounts: frozenset[str] | None = None
    """Accounts that are shown; None: all."""
    name: str | None = None
    """What decisions are recorded under; None where nobody signs in."""
    until: datetime | None = None
    """When the session ends, UTC; None: never."""

    def may(self, right: Right | str) -> bool:
        return allows(self.role, right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Why somebody is not let in."""

    why: Literal["signed_out", "over", "no_group"]
    name: str | None = None


ANYONE = Visitor(role=Role.ADMIN)
"""Where no access file is named: whoever reaches the loopback address of this machine."""


def admit(access: Access, claims: Mapping[str, Any], now: datetime) -> Visitor | Refused:
    """Let a user in by the claims of the token, or say why not. `now` is UTC. Whatever a claim does not plainly say counts against it."""
    if claims.get("is_logged_in") is not True:
        return Refused(why="signed_out")
    name, groups = name_of(claims), groups_of(claims.get(access.claim))
    until = ends_at(access, claims, now)
    if until is None or until <= now:
        return Refused(why="over", name=name)
    role = access.role_of(groups)
    if role is None or name is None:
        return Refused(why="no_group", name=name)
    return Visitor(role=role, accounts=access.scopes_of(groups), name=name, until=until)


def name_of(claims: Mapping[str, Any]) -> str | None:
    """The name of a user: the e-mail address unless the provider says that it is not verified, else the subject, which nobody chooses."""
    names = ("sub",) if claims.get("email_verified") is False else ("email", "preferred_username", "sub")
    return next((text.strip() for name in names if isinstance(text := claims.get(name), str) and text.strip()), None)


def groups_of(claim: Any) -> frozenset[str]:
    """Groups in a claim: a list of names, or one name. Anything else is no group."""
    if isinstance(claim, str):
        return frozenset({claim})
    return frozenset(name for name in claim if isinstance(name, str)) if isinstance(claim, list | tuple) else frozenset()


def ends_at(access: Access, claims: Mapping[str, Any], now: datetime) -> datetime | None:
    """When a session ends, UTC; None when the token does not say when it began, or says that it begins later than now."""
    began = _moment(claims.get("auth_time")) or _moment(claims.get("iat"))
    if began is None or began > now + CLOCK_SKEW:
        return None
    end = began + timedelta(hours=access.hours)
    if not access.end_with_token:
        return end
    expires = _moment(claims.get("exp"))
    return min(end, expires) if expires else None


def _moment(seconds: Any) -> datetime | None:
    """A claim of seconds since 1970 (RFC 7519, NumericDate)."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 1e11:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def is_loopback(address: str | None) -> bool:
    """Whether only this machine reaches an address. No address means all of them."""
    try:
        return address == "localhost" or (address is not None and ip_address(address).is_loopback)
    except ValueError:
        return False


def load_access(path: Path) -> Access:
    """Read an access file. Raises AccessError, naming file and key, for anything that is not exactly as it should be."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise AccessError(f"{path}: {error.strerror or error}; --access or {VARIABLE} names the access file") from error
    except ValueError as error:
        raise AccessError(f"{path}: not TOML ({error})") from error
    try:
        return _access(raw)
    except AccessError as error:
        raise AccessError(f"{path}: {error}") from error


def _access(raw: dict[str, Any]) -> Access:
    _only(raw, {"groups", "groups_claim", "contact", "max_session_hours", "end_with_token"}, "")
    groups = raw.get("groups")
    if not isinstance(groups, dict) or not groups:
        raise AccessError('groups: name at least one, e.g. [groups.nhi-admins] with role = "admin"; without any nobody would get in')
    return Access(
        groups={name: _grant(f"groups.{name}", entry) for name, entry in groups.items()},
        claim=_text(raw, "groups_claim") or "groups",
        contact=_text(raw, "contact"),
        hours=_hours(raw.get("max_session_hours", HOURS)),
        end_with_token=_flag(raw, "end_with_token"),
    )


def _grant(key: str, raw: Any) -> Grant:
    if not isinstance(raw, dict):
        raise AccessError(f"{key}: must be a table with a role")
    _only(raw, {"role", "accounts"}, f"{key}.")
    try:
        role = Role(raw.get("role", ""))
    except ValueError as error:
        raise AccessError(f"{key}.role: must be one of {', '.join(Role)}") from error
    if "accounts" not in raw:
        return Grant(role=role, accounts=None)
    accounts = raw["accounts"]
    if not isinstance(accounts, list) or not accounts or not all(isinstance(one, str) and one.strip() for one in accounts):
        raise AccessError(f"{key}.accounts: must be a list of account ids in quotes, not empty; leave the key out for all accounts")
    if role is not Role.VIEWER:
        raise AccessError(f"{key}.accounts: limits viewers only; what an {role} decides is about the whole estate")
    return Grant(role=role, accounts=frozenset(accounts))


def _only(raw: Mapping[str, Any], known: set[str], prefix: str) -> None:
    if unknown := sorted(set(raw) - known):
        raise AccessError(f"{prefix}{unknown[0]}: not a key of the access file; known here: {', '.join(sorted(known))}")


def _text(raw: Mapping[str, Any], key: str) -> str | None:
    value = raw.get(key)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise AccessError(f"{key}: must be a text")
    return value


def _hours(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= MOST_HOURS:
        raise AccessError(f"max_session_hours: must be a number above 0 and up to {MOST_HOURS:g}")
    return float(value)


def _flag(raw: Mapping[str, Any], key: str) -> bool:
    value = raw.get(key, True)
    if not isinstance(value, bool):
        raise AccessError(f"{key}: must be true or false")
    return value
