"""Roles that are not one service's: pipelines, account plumbing, clusters, vendors, and everything planted for the answer key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from generator import policies, trusts
from generator.company import NONPROD, ORGANIZATION_ID, PROD, TOOLING, VENDORS, Account, Quarter
from generator.estate import Role
from generator.roles import make_role

BUILD_REPOSITORIES = (
    "payment-gateway", "payout-runner", "ledger-api", "route-planner", "eta-predictor", "carrier-gateway", "tracking-ingest",
    "edi-mappings", "portal-web", "portal-bff", "warehouse-loader", "mobile-driver-app", "infra-terraform", "base-images", "report-builder",
)  # fmt: skip

PLUMBING = (
    ("config-recorder", "config", "security", "inventory-read"),
    ("vpc-flow-logs", "vpc-flow-logs", "platform", "app-logging"),
    ("trail-to-logs", "cloudtrail", "security", "app-logging"),
    ("rds-monitoring", "monitoring.rds", "platform", "app-logging"),
    ("backup-plan", "backup", "platform", "data-lake-read"),
    ("patch-window", "ssm", "platform", "inventory-read"),
    ("event-router", "events", "platform", "app-logging"),
)
"""(name, trusted service, team, policy): in every account."""

TOOLING_SERVICES = (
    ("ci-runner-linux", "ec2", "platform", ("AmazonSSMManagedInstanceCore", "ci-publish")),
    ("ci-runner-arm", "ec2", "platform", ("AmazonSSMManagedInstanceCore", "ci-publish")),
    ("sonarqube-host", "ec2", "platform", ("AmazonSSMManagedInstanceCore",)),
    ("legacy-jenkins-controller", "ec2", "platform", ("AmazonSSMManagedInstanceCore", "ci-deploy-everything")),
    ("image-pipeline", "imagebuilder", "platform", ("ci-publish",)),
    ("codebuild-base-images", "codebuild", "platform", ("ci-publish", "app-logging")),
    ("codepipeline-mobile", "codepipeline", "portal", ("ci-publish",)),
    ("artifact-mirror-task", "ecs-tasks", "platform", ("data-lake-write",)),
    ("renovate-task", "ecs-tasks", "platform", ("app-logging",)),
    ("grafana-reader", "grafana", "platform", ("metrics-read",)),
    ("budget-alarm-lambda", "lambda", "platform", ("AWSLambdaBasicExecutionRole", "vendor-cost-read")),
    ("estate-inventory-lambda", "lambda", "security", ("AWSLambdaBasicExecutionRole", "inventory-read")),
    ("registry-cleaner-lambda", "lambda", "platform", ("AWSLambdaBasicExecutionRole", "ci-publish")),
    ("state-replicator-lambda", "lambda", "platform", ("AWSLambdaBasicExecutionRole", "data-lake-write")),
    ("release-train", "states", "platform", ("ci-passrole",)),
)

CLUSTER = (
    ("irsa-external-dns", "kube-system", "external-dns", "platform"),
    ("irsa-cert-manager", "cert-manager", "cert-manager", "platform"),
    ("irsa-cluster-autoscaler", "kube-system", "cluster-autoscaler", "platform"),
    ("irsa-external-secrets", "external-secrets", "external-secrets", "platform"),
    ("irsa-argo-workflows", "argo", "argo-runner", "data"),
    ("irsa-notebook-users", "*", "*", "data"),  # any pod of the cluster: the wildcard is planted
)

ABANDONED = (
    # (account, name, deleted in the third quarter)
    (PROD, "tms-export-2022", True), (PROD, "lambda_basic_execution", False), (PROD, "pilot-lockers-task", True),
    (PROD, "black-friday-scaler", False), (PROD, "kinesis-replay-once", True), (PROD, "old-ses-forwarder", True),
    (NONPROD, "test-role", True), (NONPROD, "loadtest-2023-runner", True), (NONPROD, "hackday-bot", True),
    (NONPROD, "spike-athena-etl", False), (NONPROD, "my-function-role-x7k2p9qd", True), (NONPROD, "poc-textract", True),
    (NONPROD, "temp-migration-role", False), (NONPROD, "ec2-sandbox", False),
    (TOOLING, "travis-importer", True), (TOOLING, "nexus-migration", True), (TOOLING, "codestar-legacy", False),
    (TOOLING, "gitlab-trial-runner", True),
)  # fmt: skip
"""Roles that nobody has used for half a year or more, or ever; twelve of them are cleaned up."""


def shared_roles(quarter: Quarter, account: Account) -> Iterator[Role]:
    yield from _plumbing(quarter, account)
    yield from _abandoned(quarter, account)
    if account == PROD:
        yield from _cluster(quarter)
        yield from _production(quarter)
    if account == NONPROD:
        yield from _nonproduction(quarter)
    if account == TOOLING:
        yield from _tooling(quarter)
    yield from _vendors(quarter, account)


def _plumbing(quarter: Quarter, account: Account) -> Iterator[Role]:
    environment = account.environments[0][0]
    for name, service, team, policy in PLUMBING:
        trust = trusts.service(service, source_account=account)
        yield make_role(quarter, account, name, team=team, environment=environment, trust=trust, managed=(policy,))
    if account != TOOLING:
        trust = trusts.principals(f"arn:aws:iam::{TOOLING.id}:role/terraform-apply")
        yield make_role(
            quarter, account, "terraform-target", team="platform", environment=environment, trust=trust, managed=("AdministratorAccess",)
        )
        yield make_role(
            quarter, account, "ecsTaskExecutionRole", team="platform", environment=environment, trust=trusts.service("ecs-tasks"),
            managed=("AmazonECSTaskExecutionRolePolicy",),
        )  # fmt: skip


def _abandoned(quarter: Quarter, account: Account) -> Iterator[Role]:
    for index, (where, name, deleted) in enumerate(ABANDONED):
        if where == account and not (deleted and quarter.number >= 3):
            policy = ("opsworks-legacy", "legacy-tms", "AmazonS3FullAccess", "app-logging")[index % 4]
            trust = trusts.service(("lambda", "ec2", "ecs-tasks")[index % 3])
            use = "never" if index % 3 == 1 else "old"
            environment = account.environments[-1][0]
            yield make_role(quarter, account, name, team="platform", environment=environment, use=use, trust=trust, managed=(policy,))


def _cluster(quarter: Quarter) -> Iterator[Role]:
    for name, namespace, service_account, team in CLUSTER:
        trust = trusts.kubernetes(PROD, namespace, service_account)
        yield make_role(quarter, PROD, name, team=team, environment="production", trust=trust, path="/eks/", managed=("app-logging",))
    for name in ("pod-keda-scaler", "pod-velero-backup"):
        yield make_role(
            quarter,
            PROD,
            name,
            team="platform",
            environment="production",
            trust=trusts.pod_identity(),
            path="/eks/",
            managed=("data-lake-read",),
        )


def _production(quarter: Quarter) -> Iterator[Role]:
    role = partial(make_role, quarter, PROD, environment="production")
    yield role(
        "shared-lambda-execution",
        team="platform",
        trust=trusts.service("lambda"),
        managed=("AWSLambdaVPCAccessExecutionRole", "legacy-tms"),
    )
    yield role(
        "bastion-host",
        team="platform",
        trust=trusts.service("ec2"),
        instance_profile=True,
        managed=("AmazonSSMManagedInstanceCore", "IAMFullAccess"),
    )
    yield role("sftp-gateway-host", team="carriers", trust=trusts.service("ec2"), instance_profile=True, managed=("sftp-drop",))
    yield role("wms-relay-host", team="routing", trust=trusts.service("ec2"), instance_profile=True, managed=("exports-writer",))
    # A job of the staging account may read production orders.
    staging = f"arn:aws:iam::{NONPROD.id}:role/route-planner-staging-task"
    yield role(
        "orders-replica-reader",
        team="routing",
        trust=trusts.principals(staging),
        inline={"read": policies.for_needs(PROD, "orders", ("table",))},
    )
    # Everyone in the tooling account who may call sts:AssumeRole.
    yield role("audit-read", team="security", trust=trusts.principals(f"arn:aws:iam::{TOOLING.id}:root"), managed=("ViewOnlyAccess",))
    for name in ("onprem-wms-bridge", "depot-gateway", "branch-printer-proxy"):
        user = f"arn:aws:iam::{PROD.id}:user/onprem/svc-{name}"
        yield role(
            f"{name}-session",
            team="routing",
            trust=trusts.principals(user),
            inline={"needs": policies.for_needs(PROD, name, ("queue", "bucket"))},
        )


def _nonproduction(quarter: Quarter) -> Iterator[Role]:
    role = partial(make_role, quarter, NONPROD, environment="staging")
    yield role("partner-file-drop", team="carriers", trust=trusts.anyone(), managed=("sftp-drop",))
    yield role("org-log-reader", team="security", trust=trusts.anyone(ORGANIZATION_ID), managed=("metrics-read",))
    yield role("developer-power", team="platform", trust=trusts.principals(f"arn:aws:iam::{NONPROD.id}:root"), managed=("PowerUserAccess",))
    yield role("load-generator-host", team="platform", trust=trusts.service("ec2"), instance_profile=True, managed=("AmazonS3FullAccess",))
    user = f"arn:aws:iam::{NONPROD.id}:user/onprem/svc-onprem-wms-bridge-staging"
    yield role("onprem-wms-bridge-session", team="routing", trust=trusts.principals(user), managed=("exports-writer",))


def _tooling(quarter: Quarter) -> Iterator[Role]:
    role = partial(make_role, quarter, TOOLING, environment="tooling")
    for repository in BUILD_REPOSITORIES:
        trust = trusts.github(TOOLING, repository, "ref:refs/heads/main")
        yield role(f"gha-{repository}-build", team="platform", service=repository, path="/ci/", trust=trust, managed=("ci-publish",))
    for name, service, team, managed in TOOLING_SERVICES:
        yield role(name, team=team, trust=trusts.service(service), managed=managed, instance_profile=service == "ec2")
    # Forgotten sub condition: any GitHub repository may publish.
    yield role("gha-shared-artifacts", team="platform", path="/ci/", trust=trusts.github(TOOLING, "", None), managed=("ci-publish",))
    targets = [f"arn:aws:iam::{account.id}:role/terraform-target" for account in (PROD, NONPROD)]
    trust = trusts.github(TOOLING, "infra-terraform", "environment:apply")
    yield role("terraform-apply", team="platform", trust=trust, inline={"targets": policies.assume_only(*targets)})
    for name in ("datacentre-backup", "edge-cache-sync"):
        user = f"arn:aws:iam::{TOOLING.id}:user/onprem/svc-{name}"
        yield role(f"{name}-session", team="platform", trust=trusts.principals(user), managed=("data-lake-write",))


VENDOR_ROLES: tuple[tuple[Account, str, str, int], ...] = (
    (PROD, "datadog", "metrics-read", 2),
    (PROD, "newrelic", "metrics-read", 2),
    (PROD, "vanta", "inventory-read", 2),
    (PROD, "cloudhealth", "vendor-cost-read", 2),
    (PROD, "fathom-audit", "data-lake-read", 2),
    (PROD, "labelworks", "sftp-drop", 2),
    (PROD, "brokerline", "sftp-drop", 3),
    (NONPROD, "datadog", "metrics-read", 2),
    (NONPROD, "vanta", "inventory-read", 2),
    (TOOLING, "datadog", "metrics-read", 2),
    (TOOLING, "vanta", "inventory-read", 2),
)
"""(account, vendor, policy, first quarter)"""


def _vendors(quarter: Quarter, account: Account) -> Iterator[Role]:
    for where, vendor_name, policy, since in VENDOR_ROLES:
        if where != account or since > quarter.number:
            continue
        vendor = VENDORS[vendor_name]
        external_id = f"quillhaven-{account.alias}-{vendor_name}" if vendor.external_id else None
        more: dict[str, Any] = {
            "managed": (policy,),
            "trust": trusts.principals(f"arn:aws:iam::{vendor.account}:root", external_id=external_id),
        }
        environment = account.environments[0][0]
        yield make_role(
            quarter, account, f"vendor-{vendor_name}", team="platform", environment=environment, path="/vendor/", since=since, **more
        )
