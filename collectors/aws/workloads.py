"""What runs in AWS and as whom: Lambda functions, ECS task definitions, EC2 instances. Variables: names only, values are dropped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from collectors.aws import environment
from collectors.aws.common import Arn, parse_arn
from collectors.document import Document, Format, Problem
from collectors.records import ENVIRONMENT_TAGS, TEAM_TAGS, Notes, Reader, covered, first_tag, has_page, is_truncated, pages, tags_of
from inventory.model import Fact, Row, Workload

VALUE_LEFT_OUT = None
"""Value of a variable whose export holds names only."""

REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d+")


def _read(
    notes: Notes, answers: Sequence[Mapping[str, Any]], records: Iterable[tuple[str, Any]], reader: Reader
) -> Iterator[Row | Problem]:
    accounts = {notes.document.scope} if notes.document.scope else set()
    for locator, raw in records:
        rows = notes.read(locator, reader, raw)
        accounts.update(row.scope for row in rows if isinstance(row, Workload) and row.scope)
        yield from rows
    yield from covered(notes.document, (Fact.WORKLOADS,), accounts, truncated=is_truncated(answers, len(accounts)))
    yield from notes.problems


def _required_arn(text: str) -> Arn:
    arn = parse_arn(text)
    if arn is None or not arn.account:
        raise ValueError(f"{text[:60]!r} is not an ARN")
    return arn


def lambda_functions(document: Document) -> Iterator[Row | Problem]:
    """list-functions."""
    notes, answers = Notes(document), list(pages(document, "Functions"))
    return _read(notes, answers, notes.records(answers, "Functions"), _function)


def _function(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = _required_arn(raw["FunctionArn"])
    record = f"Functions[{raw['FunctionArn']}]"
    tags = tags_of(raw.get("Tags"))
    variables = _variables(raw.get("Environment"))
    yield Workload(
        workload_id=raw["FunctionArn"],
        provider="aws",
        scope=arn.account,
        kind="lambda_function",
        name=raw["FunctionName"],
        region=arn.region,
        environment=first_tag(tags, ENVIRONMENT_TAGS) or _named_environment(variables or {}),
        team=first_tag(tags, TEAM_TAGS),
        identity_id=raw.get("Role") or None,
        env_names=None if variables is None else sorted(variables),
        evidence=notes.document.at(record),
    )
    yield from environment.credentials(notes.document, raw["FunctionArn"], arn.account, variables or {}, record)


def _variables(held: Any) -> dict[str, str | None] | None:
    """{name: value} as exported, or a list of names where the values were left out. A function without variables has no Environment;
    None, not known: one whose key may not be used has an Error in it, one that was cut down has nothing."""
    if held is None:
        return {}
    raw = held.get("Variables")
    if raw is None or held.get("Error"):
        return None
    if isinstance(raw, list):
        return {str(name): VALUE_LEFT_OUT for name in raw}
    return {str(name): VALUE_LEFT_OUT if value is None else str(value) for name, value in raw.items()}


def _named_environment(variables: Mapping[str, str | None]) -> str | None:
    names = (environment.environment_name(name, variables.get(name)) for name in environment.ENVIRONMENT_NAMES)
    return next(filter(None, names), None)


def ecs_tasks(document: Document) -> Iterator[Row | Problem]:
    """describe-task-definition, one answer per task definition."""
    notes, answers = Notes(document), list(pages(document, "taskDefinition"))
    return _read(notes, answers, ((f"taskDefinition[{index}]", page) for index, page in enumerate(answers)), _task)


def _task(notes: Notes, page: Mapping[str, Any]) -> Iterator[Row]:
    raw = page["taskDefinition"]
    arn = _required_arn(raw["taskDefinitionArn"])
    record = f"taskDefinition[{raw['taskDefinitionArn']}]"
    tags = tags_of(page.get("tags") or raw.get("tags"))
    containers = sorted(raw.get("containerDefinitions") or [], key=lambda container: str(container.get("name")))
    variables = _container_variables(containers)
    yield Workload(
        workload_id=raw["taskDefinitionArn"],
        provider="aws",
        scope=arn.account,
        kind="ecs_task",
        name=raw["family"],
        region=arn.region,
        environment=first_tag(tags, ENVIRONMENT_TAGS) or _named_environment(variables),
        team=first_tag(tags, TEAM_TAGS),
        identity_id=raw.get("taskRoleArn") or None,
        env_names=None if any(container.get("environmentFiles") for container in containers) else sorted(variables),
        evidence=notes.document.at(record),
    )
    yield from environment.credentials(notes.document, raw["taskDefinitionArn"], arn.account, variables, record)


def _container_variables(containers: Sequence[Mapping[str, Any]]) -> dict[str, str | None]:
    """Variables of all containers; where two give one name different values, the second carries its container's name."""
    variables: dict[str, str | None] = {}
    for container in containers:
        for variable in container.get("environment") or []:
            name, value = variable["name"], variable.get("value")
            text = VALUE_LEFT_OUT if value is None else str(value)
            variables[name if variables.get(name, text) == text else f"{container.get('name')}/{name}"] = text
    return variables


def ec2_instances(document: Document) -> Iterator[Row | Problem]:
    """describe-instances. What an instance holds on disk is not in it: its variables stay unknown."""
    notes, answers = Notes(document), list(pages(document, "Reservations"))
    return _read(notes, answers, notes.records(answers, "Reservations"), _reservation)


def _reservation(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    owner = raw.get("OwnerId") or notes.document.scope
    if not owner:
        raise ValueError("does not say whose account it is: it lacks OwnerId")
    for instance in raw.get("Instances") or []:
        yield from _instance(notes, instance, owner)


def _instance(notes: Notes, raw: Mapping[str, Any], owner: str) -> Iterator[Row]:
    if (raw.get("State") or {}).get("Name") in ("terminated", "shutting-down"):
        return
    tags = tags_of(raw.get("Tags"))
    region = REGION.match(str((raw.get("Placement") or {}).get("AvailabilityZone")))
    yield Workload(
        workload_id=f"aws:ec2:{owner}:{raw['InstanceId']}",
        provider="aws",
        scope=owner,
        kind="ec2_instance",
        name=tags.get("name", raw["InstanceId"]),
        region=region[0] if region else None,
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
