"""What runs in AWS and as whom: Lambda functions, ECS task definitions, EC2 instances. Variables: names only, values are dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from collectors.aws import environment
from collectors.aws.common import (
    ENVIRONMENT_TAGS,
    RECORD_ERRORS,
    TEAM_TAGS,
    Arn,
    Notes,
    covered,
    first_tag,
    has_page,
    pages,
    parse_arn,
    tags_of,
)
from collectors.document import Document, Format, Problem
from inventory.model import Fact, Row, Workload

NAMES_HIDDEN = None
"""Value of a variable whose export holds names only."""


def _read(
    document: Document, records: Iterator[tuple[str, Mapping[str, Any]]], reader: Callable[[Notes, Mapping[str, Any]], Iterator[Row]]
) -> Iterator[Row | Problem]:
    notes = Notes(document)
    accounts = {document.scope} if document.scope else set()
    for locator, raw in records:
        try:
            rows = list(reader(notes, raw))
        except RECORD_ERRORS as error:
            notes.lost(locator, error)
            continue
        accounts.update(row.scope for row in rows if isinstance(row, Workload) and row.scope)
        yield from rows
    yield from covered(document, (Fact.WORKLOADS,), accounts)
    yield from notes.problems


def _required_arn(text: str) -> Arn:
    arn = parse_arn(text)
    if arn is None:
        raise ValueError(f"{text[:60]!r} is not an ARN")
    return arn


def lambda_functions(document: Document) -> Iterator[Row | Problem]:
    """list-functions (and get-function's Configuration)."""
    records = ((f"Functions[{index}]", raw) for page in pages(document, "Functions") for index, raw in enumerate(page["Functions"] or []))
    return _read(document, records, _function)


def _function(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = _required_arn(raw["FunctionArn"])
    record = f"Functions[{raw['FunctionArn']}]"
    tags = tags_of(raw.get("Tags"))
    variables = _variables((raw.get("Environment") or {}).get("Variables", {}))
    yield Workload(
        workload_id=raw["FunctionArn"],
        provider="aws",
        scope=arn.account,
        kind="lambda_function",
        name=raw["FunctionName"],
        region=arn.region,
        environment=first_tag(tags, ENVIRONMENT_TAGS) or _named_environment(variables),
        team=first_tag(tags, TEAM_TAGS),
        identity_id=raw.get("Role"),
        env_names=sorted(variables),
        evidence=notes.document.at(record),
    )
    yield from environment.credentials(notes.document, raw["FunctionArn"], arn.account, variables, record)


def _variables(raw: Any) -> dict[str, str | None]:
    """{name: value} as exported, or a list of names where the values were left out."""
    if isinstance(raw, list):
        return {str(name): NAMES_HIDDEN for name in raw}
    return {str(name): NAMES_HIDDEN if value is None else str(value) for name, value in (raw or {}).items()}


def _named_environment(variables: Mapping[str, str | None]) -> str | None:
    """Many functions carry their environment's name as a variable; it is configuration, not a secret."""
    for name in ("ENVIRONMENT", "ENV", "STAGE", "APP_ENV"):
        value = variables.get(name)
        if value and value.isalpha() and len(value) <= 20:
            return value.lower()
    return None


def ecs_tasks(document: Document) -> Iterator[Row | Problem]:
    """describe-task-definition, one answer per task definition."""
    records = ((f"taskDefinition[{index}]", page) for index, page in enumerate(pages(document, "taskDefinition")))
    return _read(document, records, _task)


def _task(notes: Notes, page: Mapping[str, Any]) -> Iterator[Row]:
    raw = page["taskDefinition"]
    arn = _required_arn(raw["taskDefinitionArn"])
    record = f"taskDefinition[{raw['taskDefinitionArn']}]"
    tags = tags_of(page.get("tags") or raw.get("tags"))
    variables: dict[str, str | None] = {}
    for container in raw.get("containerDefinitions") or []:
        for variable in container.get("environment") or []:
            variables[variable["name"]] = str(variable["value"]) if variable.get("value") is not None else NAMES_HIDDEN
    yield Workload(
        workload_id=raw["taskDefinitionArn"],
        provider="aws",
        scope=arn.account,
        kind="ecs_task",
        name=raw["family"],
        region=arn.region,
        environment=first_tag(tags, ENVIRONMENT_TAGS) or _named_environment(variables),
        team=first_tag(tags, TEAM_TAGS),
        identity_id=raw.get("taskRoleArn"),
        env_names=sorted(variables),
        evidence=notes.document.at(record),
    )
    yield from environment.credentials(notes.document, raw["taskDefinitionArn"], arn.account, variables, record)


def ec2_instances(document: Document) -> Iterator[Row | Problem]:
    """describe-instances. What an instance holds on disk is not in it: its variables stay unknown."""
    records = (
        (f"Instances[{raw.get('InstanceId', index)}]", {**raw, "OwnerId": reservation.get("OwnerId") or document.scope})
        for page in pages(document, "Reservations")
        for reservation in page["Reservations"] or []
        for index, raw in enumerate(reservation.get("Instances") or [])
    )
    return _read(document, records, _instance)


def _instance(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    if (raw.get("State") or {}).get("Name") in ("terminated", "shutting-down"):
        return
    tags = tags_of(raw.get("Tags"))
    zone = (raw.get("Placement") or {}).get("AvailabilityZone")
    yield Workload(
        workload_id=f"aws:ec2:{raw['OwnerId']}:{raw['InstanceId']}",
        provider="aws",
        scope=raw["OwnerId"],
        kind="ec2_instance",
        name=tags.get("name", raw["InstanceId"]),
        region=zone[:-1] if zone else None,
        environment=first_tag(tags, ENVIRONMENT_TAGS),
        team=first_tag(tags, TEAM_TAGS),
        identity_id=(raw.get("IamInstanceProfile") or {}).get("Arn"),
        evidence=notes.document.at(f"Instances[{raw['InstanceId']}]"),
    )


FORMATS = (
    Format(
        name="aws-lambda-functions",
        title="Lambda functions: `aws lambda list-functions`",
        matches=lambda document: has_page(document, "Functions"),
        rows=lambda_functions,
    ),
    Format(
        name="aws-ecs-tasks",
        title="ECS task definitions: `aws ecs describe-task-definition`, one answer each",
        matches=lambda document: has_page(document, "taskDefinition"),
        rows=ecs_tasks,
    ),
    Format(
        name="aws-ec2-instances",
        title="EC2 instances: `aws ec2 describe-instances`",
        matches=lambda document: has_page(document, "Reservations"),
        rows=ec2_instances,
    ),
)
