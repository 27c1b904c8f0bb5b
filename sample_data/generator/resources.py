"""Resources with a policy of their own, or none: which answer callers without an identity."""

from __future__ import annotations

from collections.abc import Iterator

from generator.company import NONPROD, ORGANIZATION_ID, PROD, REGION, TOOLING, Account, Quarter, services
from generator.estate import Json, Resource


def _policy(principal: Json | str, action: str, resource: str, *, effect: str = "Allow", condition: Json | None = None) -> Json:
    statement: Json = {"Sid": "Access", "Effect": effect, "Principal": principal, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def _bucket(account: Account, name: str, policy: Json | None = None) -> Resource:
    return Resource(account=account, kind="s3", arn=f"arn:aws:s3:::{name}", policy=policy)


def _regional(account: Account, service: str, name: str, policy: Json | None) -> Resource:
    return Resource(account=account, kind=service, arn=f"arn:aws:{service}:{REGION}:{account.id}:{name}", policy=policy)


def _read(name: str, principal: Json | str, condition: Json | None = None) -> Json:
    return _policy(principal, "s3:GetObject", f"arn:aws:s3:::{name}/*", condition=condition)


def resources(quarter: Quarter, account: Account) -> Iterator[Resource]:
    """The tooling account's policies were never exported."""
    if account == TOOLING:
        return
    yield from _service_resources(quarter, account)
    yield from _production(quarter) if account == PROD else _nonproduction(quarter)


def _service_resources(quarter: Quarter, account: Account) -> Iterator[Resource]:
    """Buckets and queues of the services: without a policy, or with one that only denies plain HTTP."""
    for service in services(quarter):
        for _, suffix in account.environments:
            if "bucket" in service.needs:
                name = f"quillhaven-{service.name}-{suffix}"
                no_http = {"Bool": {"aws:SecureTransport": "false"}}
                deny = _policy("*", "s3:*", f"arn:aws:s3:::{name}/*", effect="Deny", condition=no_http)
                yield _bucket(account, name, deny if suffix == "prod" else None)
            if "queue" in service.needs:
                yield _regional(account, "sqs", f"{service.name}-{suffix}-inbox", None)


def _production(quarter: Quarter) -> Iterator[Resource]:
    assets, downloads, shared = "quillhaven-public-tracking-assets", "quillhaven-partner-downloads", "quillhaven-prod-exports"
    yield _bucket(PROD, assets, _read(assets, "*"))
    yield _bucket(PROD, downloads, _read(downloads, "*", {"StringEquals": {"aws:SourceVpce": "vpce-0sample1partner2"}}))
    yield _bucket(PROD, shared, _read(shared, {"AWS": f"arn:aws:iam::{TOOLING.id}:root"}))
    yield _bucket(PROD, "quillhaven-sftp-drop")
    topic = f"arn:aws:sns:{REGION}:{PROD.id}:shipment-events"
    yield _regional(
        PROD,
        "sns",
        "shipment-events",
        _policy({"AWS": "*"}, "sns:Subscribe", topic, condition={"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION_ID}}),
    )
    queue = f"arn:aws:sqs:{REGION}:{PROD.id}:carrier-events"
    yield _regional(
        PROD, "sqs", "carrier-events", _policy("*", "sqs:SendMessage", queue, condition={"ArnEquals": {"aws:SourceArn": topic}})
    )
    yield _function_url(PROD, "webhook-dispatcher-prod", "NONE")
    yield _function_url(PROD, "dispute-intake-prod", "AWS_IAM")


def _nonproduction(quarter: Quarter) -> Iterator[Resource]:
    fixtures = "quillhaven-dev-fixtures"  # open to anyone until the third quarter
    own = {"AWS": [f"arn:aws:iam::{account.id}:root" for account in (NONPROD, TOOLING)]}
    yield _bucket(NONPROD, fixtures, _read(fixtures, "*" if quarter.number < 3 else own))
    yield _bucket(NONPROD, "quillhaven-nonprod-exports")
    queue = f"arn:aws:sqs:{REGION}:{NONPROD.id}:partner-simulator"
    yield _regional(NONPROD, "sqs", "partner-simulator", _policy({"AWS": "*"}, "sqs:SendMessage", queue))
    yield _function_url(NONPROD, "notification-sender-dev", "NONE" if quarter.number < 3 else "AWS_IAM")


def _function_url(account: Account, function: str, auth: str) -> Resource:
    arn = f"arn:aws:lambda:{REGION}:{account.id}:function:{function}"
    return Resource(account=account, kind="function-url", arn=arn, policy=None, url_auth=auth)
