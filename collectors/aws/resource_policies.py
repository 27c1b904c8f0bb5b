"""Resource policies and function URLs: does anything answer callers with no identity?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import (
    ENVIRONMENT_TAGS,
    RECORD_ERRORS,
    TEAM_TAGS,
    Notes,
    covered,
    decoded_policy,
    first_tag,
    has_page,
    listed,
    pages,
    parse_arn,
    statements,
    tags_of,
)
from collectors.aws.trust import LIMITING_KEYS, limits_caller
from collectors.document import Document, Format, Problem
from inventory.model import Fact, Public, Resource, Row

KINDS = {
    "s3": "s3_bucket",
    "sqs": "sqs_queue",
    "sns": "sns_topic",
    "kms": "kms_key",
    "lambda": "lambda_function",
    "secretsmanager": "secret",
    "ecr": "ecr_repository",
}
BLOCKS_PUBLIC = "RestrictPublicBuckets"


def resource_policies(document: Document) -> Iterator[Row | Problem]:
    """Answers of get-bucket-policy, get-queue-attributes, get-policy …, each wrapped as {"ResourceArn": …, "Policy": text or null}."""
    notes = Notes(document)
    accounts = {document.scope}
    for index, raw in enumerate(pages(document, "Policy")):
        try:
            row = _resource(notes, raw)
        except RECORD_ERRORS as error:
            notes.lost(f"[{index}] {raw.get('ResourceArn', '')}".strip(), error)
            continue
        accounts.add(row.scope)
        yield row
    yield from covered(document, (Fact.RESOURCE_POLICIES,), {account for account in accounts if account})
    yield from notes.problems


def _resource(notes: Notes, raw: Mapping[str, Any]) -> Resource:
    policy = None if raw["Policy"] is None else decoded_policy(raw["Policy"])
    text = raw.get("ResourceArn") or _bucket_of(policy)
    arn = parse_arn(text)
    if arn is None:
        raise ValueError("does not say which resource it is: wrap it with ResourceArn")
    public, reason = _judged(policy, raw.get("PublicAccessBlock") or raw.get("PublicAccessBlockConfiguration") or {})
    tags = tags_of(raw.get("Tags"))
    return Resource(
        resource_id=text,
        provider="aws",
        scope=arn.account or raw.get("AccountId") or notes.document.scope,
        kind=KINDS.get(arn.service, arn.service),
        name=arn.name,
        environment=first_tag(tags, ENVIRONMENT_TAGS),
        team=first_tag(tags, TEAM_TAGS),
        public=public,
        public_reason=reason,
        evidence=notes.document.at(f"ResourceArn={text}"),
    )


def _bucket_of(policy: Mapping[str, Any] | None) -> str:
    """A bare get-bucket-policy answer names its bucket only in the statements."""
    for statement in statements(policy or {}):
        for resource in listed(statement.get("Resource")):
            if str(resource).startswith("arn:aws:s3:::"):
                return str(resource).split("/", 1)[0]
    return ""


def _judged(policy: Mapping[str, Any] | None, block: Mapping[str, Any]) -> tuple[Public, str]:
    if policy is None:
        return Public.NO, "it has no resource policy"
    opened = [index for index, statement in enumerate(statements(policy)) if _opens(statement)]
    if not opened:
        return Public.NO, "no statement lets everyone in"
    which = f"statement {opened[0] + 1} lets Principal `*` in without a limiting condition"
    if block.get(BLOCKS_PUBLIC) is True:
        return Public.NO, f"{which}, but the bucket's public access block restricts it"
    if any(_shuts(statement) for statement in statements(policy)):
        return Public.UNKNOWN, f"{which}; a Deny narrows it, how far is not decided here"
    return Public.YES, which


def _everyone(principal: Any) -> bool:
    if isinstance(principal, dict):
        return any("*" in listed(names) for kind, names in principal.items() if kind in ("AWS", "Service", "CanonicalUser"))
    return bool(principal == "*")


def _opens(statement: Mapping[str, Any]) -> bool:
    if statement.get("Effect") != "Allow" or not (_everyone(statement.get("Principal")) or "NotPrincipal" in statement):
        return False
    return not limits_caller(statement.get("Condition"))


def _shuts(statement: Mapping[str, Any]) -> bool:
    """A Deny for everyone but known callers, as in `StringNotEquals aws:PrincipalOrgID`."""
    if statement.get("Effect") != "Deny" or not (_everyone(statement.get("Principal")) or "NotPrincipal" in statement):
        return False
    keys = {key.lower() for block in (statement.get("Condition") or {}).values() for key in block}
    return "NotPrincipal" in statement or bool(keys & LIMITING_KEYS)


def function_urls(document: Document) -> Iterator[Row | Problem]:
    """get-function-url-config and list-function-url-configs."""
    notes = Notes(document)
    accounts = set()
    for index, raw in enumerate(_url_configs(document)):
        try:
            arn = parse_arn(raw["FunctionArn"])
            if arn is None:
                raise ValueError("FunctionArn is not an ARN")
            row = Resource(
                resource_id=f"{raw['FunctionArn']}/url",
                provider="aws",
                scope=arn.account,
                kind="lambda_function_url",
                name=arn.name,
                public=Public.YES if raw["AuthType"] == "NONE" else Public.NO,
                public_reason=f"function URL with AuthType {raw['AuthType']}",
                evidence=notes.document.at(f"FunctionArn={raw['FunctionArn']}"),
            )
        except RECORD_ERRORS as error:
            notes.lost(f"[{index}]", error)
            continue
        accounts.add(arn.account)
        yield row
    yield from covered(document, (Fact.RESOURCE_POLICIES,), accounts)
    yield from notes.problems


def _url_configs(document: Document) -> Iterator[Mapping[str, Any]]:
    yield from (page for page in pages(document, "FunctionUrl"))
    for page in pages(document, "FunctionUrlConfigs"):
        yield from page["FunctionUrlConfigs"] or []


def _is_policies(document: Document) -> bool:
    return any("ResourceArn" in page or isinstance(page["Policy"], str) for page in pages(document, "Policy"))


FORMATS = (
    Format(
        name="aws-resource-policies",
        title='Resource policies: `aws s3api get-bucket-policy` and its like, each wrapped as {"ResourceArn": …, "Policy": …}',
        matches=_is_policies,
        rows=resource_policies,
    ),
    Format(
        name="aws-function-urls",
        title="Lambda function URLs: `aws lambda get-function-url-config`",
        matches=lambda document: has_page(document, "FunctionUrl", "AuthType") or has_page(document, "FunctionUrlConfigs"),
        rows=function_urls,
    ),
)
