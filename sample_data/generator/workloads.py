"""What runs: functions, container tasks and instances, with the variables that carry keys. Secret-looking values say that they are none."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chance import between, percent
from generator.company import NONPROD, PROD, TOOLING, Account, Quarter, Service, services
from generator.estate import Function, Machine, Role, Task, secret_arn
from generator.roles import SHARED_ROLE
from generator.users import key_of

HELD_BY: dict[str, dict[int, tuple[str, ...]]] = {
    # user: quarter -> workloads whose variables hold its key
    "svc-payment-gateway-prod": {2: ("payment-gateway-prod",)},
    "svc-payment-gateway-staging": {2: ("payment-gateway-staging",)},
    "svc-payment-gateway-dev": {2: ("payment-gateway-dev",)},
    "svc-payout-runner-prod": {2: ("payout-runner-prod", "payout-runner-staging")},
    "svc-refund-handler-prod": {2: ("refund-handler-prod",)},
    "svc-refund-handler-staging": {2: ("refund-handler-staging",)},
    "svc-settlement-batch-prod": {2: ("settlement-batch-prod",)},
    "svc-settlement-batch-staging": {2: ("settlement-batch-staging",)},
    "svc-geo-cache": {2: ("geo-cache-prod", "geo-cache-staging"), 3: ("geo-cache-prod", "geo-cache-staging")},
    "svc-webhook-dispatcher": {
        2: ("webhook-dispatcher-prod", "webhook-dispatcher-staging"),
        3: ("webhook-dispatcher-prod", "webhook-dispatcher-staging"),
    },
    "svc-notification-sender": {
        2: ("notification-sender-staging", "notification-sender-dev"),
        3: ("notification-sender-staging", "notification-sender-dev"),
    },
    "svc-customs-docs": {2: ("customs-docs-prod",), 3: ("customs-docs-prod", "customs-docs-staging")},
    "svc-label-printer": {2: ("label-printer-prod",), 3: ("label-printer-prod",)},
    "svc-tracking-ingest": {2: ("tracking-ingest-prod",), 3: ("tracking-ingest-prod",)},
    "svc-route-planner": {2: ("route-planner-prod",), 3: ("route-planner-prod",)},
    "svc-portal-bff": {2: ("portal-bff-prod",), 3: ("portal-bff-prod",)},
    "svc-depot-telemetry": {2: ("depot-capacity-prod",)},
    "svc-eta-predictor-staging": {2: ("eta-predictor-staging",), 3: ("eta-predictor-staging",)},
    "svc-feature-store-staging": {2: ("feature-store-staging",), 3: ("feature-store-staging",)},
    "svc-label-printer-dev": {2: ("label-printer-dev",), 3: ("label-printer-dev",)},
}

PLAIN_SECRETS = {
    "dispute-intake": ("STRIPE_API_KEY", "sample-not-a-secret-acquirer"),
    "portal-web": ("SESSION_SECRET", "sample-not-a-secret-session"),
    "report-builder": ("WAREHOUSE_DB_PASSWORD", "sample-not-a-secret-warehouse"),
}
"""Service -> a credential of something else, in plain text in a production variable."""


def held_keys(quarter: Quarter, workload: str) -> list[str]:
    """Ids of the access keys that a workload's variables hold."""
    return [key_of(quarter, user) for user, when in HELD_BY.items() if workload in when.get(quarter.number, ())]


def functions(quarter: Quarter, account: Account, roles: list[Role]) -> Iterator[Function]:
    arns = {role.name: role.arn for role in roles}
    for service in services(quarter):
        if service.runtime != "lambda":
            continue
        for environment, suffix in _environments(account):
            name = f"{service.name}-{suffix}"
            shared = suffix == "prod" and service.name in SHARED_ROLE
            variables = {"ENVIRONMENT": environment, "LOG_LEVEL": "info", "TABLE_NAME": service.name, **_plain(service, suffix)}
            for key in held_keys(quarter, name):  # Lambda reserves AWS_ACCESS_KEY_ID, so people invent a name
                variables |= {"S3_ACCESS_KEY_ID": key, "S3_SECRET_ACCESS_KEY": f"sample-not-a-secret-{name}"}
            role = arns["shared-lambda-execution" if shared else f"{name}-lambda"]
            modified = quarter.ago(between(5, 80, "deployed", quarter.number, name))
            yield Function(account=account, name=name, role_arn=role, variables=variables, modified=modified)


def tasks(quarter: Quarter, account: Account, roles: list[Role]) -> Iterator[Task]:
    arns = {role.name: role.arn for role in roles}
    for service in services(quarter):
        if service.runtime != "ecs":
            continue
        for environment, suffix in _environments(account):
            name = f"{service.name}-{suffix}"
            variables = {"ENVIRONMENT": environment, "LOG_LEVEL": "info", **_plain(service, suffix)}
            for key in held_keys(quarter, name):
                variables |= {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": f"sample-not-a-secret-{name}"}
            plain_role = "ecsTaskExecutionRole" if percent("default role", name) < 25 else f"{name}-exec"
            yield Task(
                account=account,
                family=name,
                environment=environment,
                team=service.team,
                task_role=arns.get(f"{name}-task"),
                execution_role=arns[plain_role],
                variables=variables,
                secrets={"DB_PASSWORD": secret_arn(account, f"{service.name}/database")} if "secret" in service.needs else {},
                registered=quarter.ago(between(3, 70, "registered", quarter.number, name)),
            )


def tooling_functions(quarter: Quarter, roles: list[Role]) -> Iterator[Function]:
    for role in roles:
        if role.account == TOOLING and role.name.endswith("-lambda"):
            name = role.name.removesuffix("-lambda")
            variables = {"ENVIRONMENT": "tooling", "LOG_LEVEL": "info"}
            yield Function(
                account=TOOLING, name=name, role_arn=role.arn, variables=variables, modified=quarter.ago(between(5, 80, "deployed", name))
            )


def _environments(account: Account) -> tuple[tuple[str, str], ...]:
    return () if account == TOOLING else account.environments


def _plain(service: Service, suffix: str) -> dict[str, str]:
    if suffix != "prod" or service.name not in PLAIN_SECRETS:
        return {}
    name, value = PLAIN_SECRETS[service.name]
    return {name: value}


MACHINES = (
    # account, name, instance profile, old metadata service, environment, team
    (PROD, "bastion-1", "bastion-host", False, "production", "platform"),
    (PROD, "sftp-gateway-1", "sftp-gateway-host", True, "production", "carriers"),
    (PROD, "sftp-gateway-2", "sftp-gateway-host", True, "production", "carriers"),
    (PROD, "wms-relay-1", "wms-relay-host", False, "production", "routing"),
    (PROD, "tax-report-legacy", None, True, "production", "ledger"),
    (NONPROD, "load-generator-1", "load-generator-host", False, "staging", "platform"),
    (NONPROD, "qa-selenium", None, True, "staging", "portal"),
    (TOOLING, "ci-runner-linux-1", "ci-runner-linux", False, "tooling", "platform"),
    (TOOLING, "ci-runner-linux-2", "ci-runner-linux", False, "tooling", "platform"),
    (TOOLING, "ci-runner-arm-1", "ci-runner-arm", False, "tooling", "platform"),
    (TOOLING, "sonarqube", "sonarqube-host", False, "tooling", "platform"),
    (TOOLING, "jenkins-controller", "legacy-jenkins-controller", True, "tooling", "platform"),
)


def machines(account: Account) -> Iterator[Machine]:
    for where, name, profile, old_metadata, environment, team in MACHINES:
        if where == account:
            yield Machine(account=account, name=name, profile=profile, old_metadata=old_metadata, environment=environment, team=team)
