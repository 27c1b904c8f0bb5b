"""Resource policies and function URLs: does anything answer callers with no identity?

A policy that cannot be read gives `unknown`, never `no`. Speaks of policies alone: what a bucket's old ACL grants is not in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from fnmatch import fnmatchcase
from typing import Any

from collectors.aws.common import Arn, account_of, decoded_policy, parse_arn, statements, texts
from collectors.aws.conditions import Condition, demands, everyone, has_wildcard, is_judged, narrowing, parse_conditions, ties
from collectors.document import Document, Format, Problem
from collectors.records import (
    ENVIRONMENT_TAGS,
    RECORD_ERRORS,
    TEAM_TAGS,
    Notes,
    canonical,
    covered,
    first_tag,
    has_page,
    listed,
    pages,
    tags_of,
)
from inventory.model import Fact, PolicyDocument, Public, Resource, ResourcePolicy, Row

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
MOUNT_ONLY = "elasticfilesystem:accessedviamounttarget"
"""Only hosts in the file system's own network can mount it."""


def resource_policies(document: Document) -> Iterator[Row | Problem]:
    """Answers of get-bucket-policy, get-queue-attributes, get-policy …, each wrapped as {"ResourceArn": …, "Policy": text or null}."""
    notes = Notes(document)
    accounts = {document.scope}
    for index, raw in enumerate(pages(document, "Policy")):
        rows = notes.read(f"[{index}]", _resource, raw)
        accounts.update(row.scope for row in rows if isinstance(row, Resource))
        yield from rows
    yield from covered(document, (Fact.RESOURCE_POLICIES,), {account for account in accounts if account})
    yield from notes.problems


def _resource(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    text = raw.get("ResourceArn") or _named_in(raw["Policy"])
    arn = parse_arn(text)
    if arn is None:
        raise ValueError("does not say which resource it is: wrap it with ResourceArn")
    record = f"ResourceArn={text}"
    kept: list[Row] = []
    try:
        public, reason = _judged(raw, arn)
        kept = list(_document(notes, raw, arn, text))
    except RECORD_ERRORS as error:
        why = str(error)[:160] or type(error).__name__
        notes.problem(record, f"its policy: {why}; whether it is open is left unknown")
        public, reason = Public.UNKNOWN, f"its policy could not be read: {why}"
    yield from kept
    tags = tags_of(raw.get("Tags"))
    yield Resource(
        resource_id=text,
        provider="aws",
        scope=arn.account or raw.get("AccountId") or notes.document.scope,
        kind=KINDS.get(arn.service, arn.service),
        name=arn.name,
        environment=first_tag(tags, ENVIRONMENT_TAGS),
        team=first_tag(tags, TEAM_TAGS),
        public=public,
        public_reason=reason,
        evidence=notes.document.at(record),
    )


SHARED_SECRETS = frozenset({"aws:referer", "aws:useragent", "sts:externalid"})
"""Condition keys whose value is all that keeps a stranger out."""


def _document(notes: Notes, raw: Mapping[str, Any], arn: Arn, text: str) -> Iterator[Row]:
    """The policy's text, without the values that callers must know."""
    if raw["Policy"] is None:
        return
    policy = decoded_policy(raw["Policy"])
    document_id, content = canonical({**policy, "Statement": [_without_secrets(statement) for statement in statements(policy)]})
    yield PolicyDocument(document_id=document_id, document=content)
    yield ResourcePolicy(
        resource_id=text,
        provider="aws",
        scope=arn.account or raw.get("AccountId") or notes.document.scope,
        document_id=document_id,
        evidence=notes.document.at(f"ResourceArn={text}"),
    )


def _without_secrets(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    if not statement.get("Condition"):
        return statement
    kept = {
        operator: {key: f"{len(listed(values))} not kept" if key.lower() in SHARED_SECRETS else values for key, values in block.items()}
        for operator, block in statement["Condition"].items()
    }
    return {**statement, "Condition": kept}


def _named_in(policy: Any) -> str:
    """A bare answer names its resource only in the statements."""
    for statement in statements(decoded_policy(policy)):
        for resource in texts(statement.get("Resource")):
            arn = parse_arn(resource)
            if arn and not has_wildcard(arn.resource.split("/", 1)[0]):
                return resource.split("/", 1)[0] if arn.service == "s3" else resource
    return ""


def _judged(raw: Mapping[str, Any], arn: Arn) -> tuple[Public, str]:
    if raw["Policy"] is None:
        return Public.NO, "it has no resource policy"
    found = statements(decoded_policy(raw["Policy"]))
    verdicts = [(_opening(statement, found), number) for number, statement in enumerate(found, start=1) if statement["Effect"] == "Allow"]
    open_to, number = max(verdicts, default=(Openness.CLOSED, 0), key=lambda verdict: (verdict[0].rank, -verdict[1]))
    if open_to is Openness.CLOSED:
        return Public.NO, "no statement lets everyone in"
    if open_to is Openness.LIMITED:
        return Public.NO, f"statement {number} lets Principal `*` in, for known callers only"
    which = f"statement {number} lets Principal `*` in"
    if arn.service == "s3" and _blocks_public(raw):
        return Public.NO, f"{which}, but the bucket's public access block restricts it"
    if open_to is Openness.OPEN:
        return Public.YES, f"{which} without a limiting condition"
    if open_to is Openness.NARROWED:
        return Public.UNKNOWN, f"{which}; a Deny narrows it, how far is not decided here"
    return Public.UNKNOWN, f"{which} on a condition that is not judged here"


def _blocks_public(raw: Mapping[str, Any]) -> bool:
    """The setting as get-public-access-block prints it, or its inner part."""
    block = raw.get("PublicAccessBlock") or raw.get("PublicAccessBlockConfiguration") or {}
    return block.get("PublicAccessBlockConfiguration", block).get(BLOCKS_PUBLIC) is True


class Openness(Enum):
    """What one Allow statement does for strangers, from the tightest to the widest."""

    CLOSED = "closed"
    LIMITED = "limited"
    CONDITIONAL = "conditional"
    NARROWED = "narrowed"
    OPEN = "open"

    @property
    def rank(self) -> int:
        return list(Openness).index(self)


def _opening(statement: Mapping[str, Any], policy: Sequence[Mapping[str, Any]]) -> Openness:
    if not ({"Principal", "NotPrincipal"} & statement.keys() and {"Action", "NotAction"} & statement.keys()):
        raise ValueError("a statement of the policy lacks Principal or Action")
    conditions = parse_conditions(statement.get("Condition"))
    if not everyone(statement.get("Principal")) and "NotPrincipal" not in statement:
        return Openness.CLOSED
    narrowed = narrowing((other, _covers(other, statement)) for other in policy if other["Effect"] == "Deny")
    demanded = demands((*conditions, *narrowed.conditions))
    if narrowed.closed:
        return Openness.CLOSED
    if ties(demanded) or ("true",) in _bools(conditions).get(MOUNT_ONLY, ()):
        return Openness.LIMITED
    if narrowed.doubtful:
        return Openness.NARROWED
    return Openness.OPEN if is_judged(conditions) else Openness.CONDITIONAL


def _bools(conditions: Iterable[Condition]) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for condition in conditions:
        if condition.operator == "bool" and not condition.met_without_key:
            found.setdefault(condition.key, []).append(condition.values)
    return found


def _covers(deny: Mapping[str, Any], allow: Mapping[str, Any]) -> bool | None:
    """Whether a Deny speaks of all that the Allow does (True), of a part (None), or of something else (False)."""
    if any(name not in statement for statement in (deny, allow) for name in ("Action", "Resource")):
        return None
    parts = [_contains(texts(deny[name]), texts(allow[name])) for name in ("Action", "Resource")]
    return False if False in parts else None if None in parts else True


def _contains(outer: Sequence[str], inner: Sequence[str]) -> bool | None:
    """Whether patterns hold others wholly, in part, or not at all."""
    held = [any(fnmatchcase(pattern.lower(), wider.lower()) for wider in outer) for pattern in inner]
    if held and all(held):
        return True
    touched = any(held) or any(fnmatchcase(narrow.lower(), pattern.lower()) for pattern in inner for narrow in outer)
    return None if touched else False


def function_urls(document: Document) -> Iterator[Row | Problem]:
    """get-function-url-config and list-function-url-configs."""
    notes, accounts = Notes(document), set()
    listed = notes.records(pages(document, "FunctionUrlConfigs"), "FunctionUrlConfigs")
    for locator, raw in (*((f"[{index}]", page) for index, page in enumerate(pages(document, "FunctionUrl"))), *listed):
        rows = notes.read(locator, _function_url, raw)
        if rows:
            accounts.add(account_of(raw["FunctionArn"]))
        yield from rows
    yield from covered(document, (Fact.RESOURCE_POLICIES,), accounts)
    yield from notes.problems


def _function_url(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = parse_arn(raw["FunctionArn"])
    if arn is None:
        raise ValueError("FunctionArn is not an ARN")
    yield Resource(
        resource_id=f"{arn.text}/url",
        provider="aws",
        scope=arn.account,
        kind="lambda_function_url",
        name=arn.name,
        public={"NONE": Public.YES, "AWS_IAM": Public.NO}.get(raw["AuthType"], Public.UNKNOWN),
        public_reason=f"function URL with AuthType {str(raw['AuthType'])[:40]}",
        evidence=notes.document.at(f"FunctionArn={arn.text}"),
    )


def _is_policies(document: Document) -> bool:
    return any("ResourceArn" in page or _is_text(page["Policy"]) for page in pages(document, "Policy"))


def _is_text(policy: Any) -> bool:
    """A policy as text, URL-encoded or not."""
    return isinstance(policy, str) and policy.lstrip()[:3].lower().startswith(("{", "%7b"))


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
