"""IAM users with their keys and passwords, from the lines of user_list."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from generator import policies
from generator.chance import between, hexadecimal, key_id, on_day, percent
from generator.company import Account, Quarter
from generator.estate import Key, ServiceKey, User
from generator.tags import tags
from generator.user_list import MACHINE_LINES, PEOPLE_LINES, Line

SESSION_ROLES = {"svc-onprem-wms-bridge-staging": "onprem-wms-bridge-session"}
"""Role behind an exchange user, where its name is not the user's own."""

REPLACED = {"manager", "exchange"}
"""Where a key rests that is replaced every quarter; the number of the quarter is then the key's generation."""


def machine_users(quarter: Quarter, account: Account) -> Iterator[User]:
    """Users of programs in one account and quarter."""
    for line in MACHINE_LINES:
        if line.account == account and line.rest(quarter.number) != "-":
            yield _machine(quarter, line)


def people(quarter: Quarter, account: Account) -> Iterator[User]:
    """Users with a console password; three have a key as well."""
    for line in PEOPLE_LINES:
        if line.account == account:
            with_key = "key" in line.remarks
            yield User(
                account=account,
                name=line.name,
                created=on_day(datetime(2021, 2, 1), datetime(2024, 11, 1), "person", account.id, line.name),
                has_password=True,
                password_used=quarter.ago(between(1, 40, "login", quarter.number, account.id, line.name)),
                mfa="mfa" in line.remarks,
                groups=("engineers",),
                keys=(_key(quarter, line, generation=1),) if with_key else (),
                tags={"team": "platform"} if with_key else {},
            )


def key_of(quarter: Quarter, user: str) -> str:
    """Id of a user's current access key. Raises StopIteration for a user without a line."""
    line = next(line for line in MACHINE_LINES if line.name == user)
    return key_id(user, _generation(quarter, line))


def _machine(quarter: Quarter, line: Line) -> User:
    rest, identity = line.rest(quarter.number), f"{line.account.id}/{line.name}"
    return User(
        account=line.account,
        name=line.name,
        path="/onprem/" if rest.startswith("exchange") else "/ci/" if line.name.startswith("ci-") else "/service/",
        created=_user_created(line),
        keys=tuple(_keys(quarter, line)),
        service_keys=_service_keys(quarter, line) if rest == "service" else (),
        tags=tags(quarter, team=line.team, environment=line.environment, service=line.name.removeprefix("svc-"), identity=identity),
        groups=("service-users",) if rest == "unknown" and percent("group", identity) < 40 else (),
        **_rights(line, rest),
    )


def _rights(line: Line, rest: str) -> dict[str, Any]:
    if rest.startswith("exchange"):
        role = SESSION_ROLES.get(line.name, f"{line.name.removeprefix('svc-')}-session")
        return {"inline": {"assume-session-role": policies.assume_only(f"arn:aws:iam::{line.account.id}:role/{role}")}, "needs": ()}
    if line.policy == "bedrock":
        return {"inline": {"invoke-models": policies.for_needs(line.account, "models", ("model",))}, "needs": ("model",)}
    return {"managed": () if line.policy == "-" else (line.policy,), "needs": ("registry",) if line.policy == "ci-publish" else ("bucket",)}


def _user_created(line: Line) -> datetime:
    if "new" in line.remarks:
        return on_day(datetime(2026, 7, 8), datetime(2026, 8, 30), "user", line.account.id, line.name)
    return on_day(datetime(2020, 12, 1), datetime(2021, 11, 1), "user", line.account.id, line.name)


def _generation(quarter: Quarter, line: Line) -> int:
    return quarter.number if line.rest(quarter.number) in REPLACED else 1


def _keys(quarter: Quarter, line: Line) -> Iterator[Key]:
    rest = line.rest(quarter.number)
    if rest in ("none", "service"):
        return
    yield _key(quarter, line, generation=_generation(quarter, line))
    if "two" in line.remarks:
        yield _key(quarter, line, generation=5)
    if "halfinactive" in line.remarks or ("rotated" in line.remarks and quarter.number == 3):
        yield _key(quarter, line, generation=1 if "rotated" in line.remarks else 6, retired=True)


def _key(quarter: Quarter, line: Line, *, generation: int, retired: bool = False) -> Key:
    rest = line.rest(quarter.number)
    identity = (line.account.id, line.name, generation)
    used = None if "unused" in line.remarks else quarter.ago(between(2, 15 * 24, "key use", quarter.number, *identity) / 24)
    if retired or rest == "inactive":
        used = on_day(datetime(2026, 2, 1), datetime(2026, 6, 1), "last", *identity)
    return Key(
        id=key_id(line.name, generation),
        created=_key_created(quarter, line, generation),
        active=not retired and rest != "inactive",
        last_used=used,
        service="sts" if rest.startswith("exchange") else "ecr" if line.policy == "ci-publish" else "s3",
    )


def _key_created(quarter: Quarter, line: Line, generation: int) -> datetime:
    identity = (line.account.id, line.name, generation)
    if generation == quarter.number and line.rest(quarter.number) in REPLACED:  # the manager's own rotation
        return quarter.ago(between(20, 70, "rotated", quarter.number, *identity))
    if "new" in line.remarks:
        return _user_created(line)
    if "old" in line.remarks:
        return on_day(datetime(2021, 11, 2), datetime(2023, 6, 1), "key", *identity)
    return on_day(datetime(2023, 6, 1), datetime(2026, 1, 20), "key", *identity)


def _service_keys(quarter: Quarter, line: Line) -> tuple[ServiceKey, ...]:
    created = _user_created(line) if "new" in line.remarks else on_day(datetime(2025, 3, 1), datetime(2025, 9, 1), "service key", line.name)
    if "codecommit" in line.remarks:
        return (_service_key(line, "codecommit.amazonaws.com", created, None),)
    expires = None if "never-expires" in line.remarks else created.replace(year=created.year + 1)
    return (_service_key(line, "bedrock.amazonaws.com", created, expires),)


def _service_key(line: Line, service: str, created: datetime, expires: datetime | None) -> ServiceKey:
    alias = f"{line.name}-at-{line.account.id}"
    return ServiceKey(
        service=service, id=f"ACCASAMPLE{hexadecimal(11, 'service key', line.name).upper()}", alias=alias, created=created, expires=expires
    )
