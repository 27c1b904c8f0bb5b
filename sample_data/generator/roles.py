"""Roles of the company's services and of the pipelines that release them: the bulk of the estate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from generator import policies, trusts
from generator.chance import between, on_day, percent
from generator.company import NONPROD, PROD, Account, Quarter, Service, services
from generator.estate import Role
from generator.tags import tags

MOVED_IN_Q3 = ("payment-gateway", "payout-runner", "refund-handler", "settlement-batch", "dispute-intake")
"""Payments services that gave up their access keys in the third quarter."""

SHARED_ROLE = {"refund-handler", "dispute-intake", "depot-capacity", "edi-translator", "report-builder", "access-review"}
"""Functions that all run with the one role `shared-lambda-execution` in production."""

TOO_MUCH: dict[str, dict[str, Any]] = {
    "dns-updater-prod-lambda": {"inline": {"temporary": policies.STAR}},
    "ledger-posting-prod-task": {"managed": ("AmazonS3FullAccess",)},
    "warehouse-loader-prod-task": {"managed": ("data-lake-write", "AmazonS3FullAccess")},
    "backup-runner-prod-lambda": {"managed": ("AdministratorAccess",)},
    "feature-store-dev-task": {"managed": ("PowerUserAccess",)},
    "route-planner-dev-task": {"managed": ("AdministratorAccess",)},
    "webhook-dispatcher-staging-lambda": {"managed": ("IAMFullAccess",)},
}
"""Roles of services that were given far more than they need."""


def make_role(
    quarter: Quarter,
    account: Account,
    name: str,
    *,
    team: str,
    environment: str,
    service: str = "",
    use: str = "daily",
    since: int = 2,
    **more: Any,
) -> Role:
    """A role with dates and tags. `use`: daily, old (not for half a year or more), never."""
    first, last = (datetime(2026, 7, 6), datetime(2026, 9, 1)) if since == 3 else (datetime(2021, 1, 11), datetime(2026, 3, 20))
    if use == "old" and since < 3:
        last = datetime(2024, 6, 1)
    return Role(
        account=account,
        name=name,
        created=on_day(first, last, "created", account.id, name),
        last_used=_last_used(quarter, f"{account.id}/{name}", "daily" if since == 3 else use),
        tags=tags(quarter, team=team, environment=environment, service=service or name, identity=f"{account.id}/{name}"),
        **more,
    )


def _last_used(quarter: Quarter, identity: str, use: str) -> datetime | None:
    if use == "never":
        return None
    if use == "old":
        return on_day(datetime(2025, 9, 1), datetime(2026, 2, 10), "old use", identity)
    return quarter.ago(between(1, 18 * 24, "use", quarter.number, identity) / 24)


def service_roles(quarter: Quarter, account: Account) -> Iterator[Role]:
    """Run-time roles: two for a container service, one for a function, in each environment of the account."""
    for service in services(quarter):
        for environment, suffix in account.environments:
            yield from (
                _containers(quarter, account, service, environment, suffix)
                if service.runtime == "ecs"
                else _functions(quarter, account, service, environment, suffix)
            )


def _containers(quarter: Quarter, account: Account, service: Service, environment: str, suffix: str) -> Iterator[Role]:
    common: dict[str, Any] = {
        "team": service.team,
        "environment": environment,
        "service": service.name,
        "trust": trusts.service("ecs-tasks", source_account=account),
    }
    moved = service.name in MOVED_IN_Q3
    if not moved or quarter.number >= 3:  # before, its containers carried an access key
        name = f"{service.name}-{suffix}-task"
        since = 3 if moved else service.since
        yield make_role(
            quarter,
            account,
            name,
            use=_use(suffix, name),
            since=since,
            needs=service.needs,
            **common,
            **_rights(account, service, name, suffix),
        )
    name = f"{service.name}-{suffix}-exec"
    yield make_role(
        quarter, account, name, use=_use(suffix, name), since=service.since, managed=("AmazonECSTaskExecutionRolePolicy",), **common
    )


def _functions(quarter: Quarter, account: Account, service: Service, environment: str, suffix: str) -> Iterator[Role]:
    if suffix == "prod" and service.name in SHARED_ROLE:
        return
    name = f"{service.name}-{suffix}-lambda"
    rights = _rights(account, service, name, suffix)
    rights["managed"] = (*rights["managed"], "AWSLambdaBasicExecutionRole")
    yield make_role(
        quarter,
        account,
        name,
        team=service.team,
        environment=environment,
        service=service.name,
        use=_use(suffix, name),
        since=service.since,
        path="/service-role/" if percent("path", name) < 15 else "/",
        trust=trusts.service("lambda"),
        needs=service.needs,
        **rights,
    )


def _rights(account: Account, service: Service, name: str, suffix: str) -> dict[str, Any]:
    given = TOO_MUCH.get(name, {})
    inline = {"needs": policies.for_needs(account, service.name, service.needs), **given.get("inline", {})}
    return {
        "inline": inline,
        "managed": ("app-logging", *given.get("managed", ())),
        "boundary": "boundary-workload" if suffix == "dev" and percent("boundary", name) < 70 else None,
    }


def _use(suffix: str, name: str) -> str:
    roll = percent("unused", name)
    return "old" if roll < {"prod": 2, "staging": 7, "dev": 14}[suffix] else "daily"


def deploy_roles(quarter: Quarter, account: Account) -> Iterator[Role]:
    """One role per service for its GitHub Actions pipeline; the payments team got them in the third quarter."""
    if account not in (PROD, NONPROD):
        return
    for service in services(quarter):
        moved = service.name in MOVED_IN_Q3
        if moved and quarter.number < 3:
            continue
        yield make_role(
            quarter,
            account,
            f"gha-{service.name}-deploy",
            team=service.team,
            environment=account.environments[0][0],
            service=service.name,
            since=3 if moved else service.since,
            path="/ci/",
            trust=trusts.github(account, service.name, _ref(quarter, account, service)),
            inline={"release": policies.deploy(account, service.name, service.runtime)},
        )


def _ref(quarter: Quarter, account: Account, service: Service) -> str | None:
    """Which jobs may release. The check on the sub claim of tracking-ingest was forgotten; the third quarter mended it."""
    if account == PROD:
        return None if service.name == "tracking-ingest" and quarter.number < 3 else "environment:production"
    return "*"
