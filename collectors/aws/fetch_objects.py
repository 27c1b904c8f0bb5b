"""Calls that follow from a list: one per user, principal, bucket, function … Answers that lack whose they are get it added."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from collectors.aws import cleaning, operations
from collectors.aws.fetch_session import Nothing, Session, fetch_answer
from collectors.aws.operations import Operation
from collectors.bundle_files import file_name
from collectors.collecting import Call, CallFailed, Pages, as_it_is, no_more
from inventory.model import CoverageStatus

if TYPE_CHECKING:
    from collectors.aws.fetch import AwsOptions

GLOBAL = "us-east-1"
"""Where IAM and the other services without regions answer."""

NO_BUCKET_POLICY = ("NoSuchBucketPolicy",)
NO_ACCESS_BLOCK = ("NoSuchPublicAccessBlockConfiguration",)
NO_FUNCTION_POLICY = ("ResourceNotFoundException",)
OWNED_BY_AWS = (":role/aws-service-role/", ":role/aws-reserved/")
Asker = Callable[[str | None], Pages]

UNUSED_ACCESS = ("ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One account and as whom it is asked."""

    session: Session
    account: str
    options: AwsOptions

    def answer(self, operation: Operation, region: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One answer of an operation."""
        return fetch_answer(self.session.fetch_client(operation.client, region), operation.name, operation.method, arguments)

    def other(
        self, name: str, operation: Operation, region: str, method: str, arguments: Mapping[str, Any], *nothing: str
    ) -> dict[str, Any]:
        """An answer of a second operation that a call needs; Nothing where there is none."""
        return fetch_answer(self.session.fetch_client(operation.client, region), name, method, arguments, nothing=nothing)


def each(
    target: Target,
    operation: Operation,
    name: str,
    pages: Callable[[str | None], Pages],
    *,
    region: str | None = None,
    clean: Callable[[Any], Any] = as_it_is,
    then: Callable[[Sequence[Any]], Iterable[Call]] = no_more,
) -> Call:
    """A call for one object."""
    path = f"{operation.file.format(name=file_name(name))}.json"
    return Call(
        path="/".join(filter(None, (target.account, region, path))),
        service=operation.service,
        operation=operation.name,
        command=operation.command.format(name=name) + (f" --region {region}" if region else ""),
        scope=target.account,
        facts=operation.facts,
        tells=operation.tells,
        pages=pages,
        clean=clean,
        then=then,
    )


def left_out(target: Target, operation: Operation, path: str, reason: str) -> Call:
    """What was not asked for is told like a call that failed."""

    def pages(_token: str | None) -> Pages:
        raise CallFailed(f"{operation.name}: {reason}", CoverageStatus.MISSING)
        yield  # a generator all the same

    return Call(
        path=f"{target.account}/{path}-left-out.json",
        service=operation.service,
        operation=operation.name,
        command=operation.command,
        scope=target.account,
        facts=operation.facts,
        tells=operation.tells,
        pages=pages,
    )


def _one(ask: Callable[[], Any]) -> Callable[[str | None], Pages]:
    """A single page."""

    def pages(_token: str | None) -> Pages:
        yield ask(), None

    return pages


def _paged(target: Target, operation: Operation, region: str, arguments: Mapping[str, Any], wrap: Mapping[str, Any] | None = None) -> Asker:
    """All pages of a list of one object, each with what it lacks."""

    def pages(token: str | None) -> Pages:
        asks, tells = operation.paging or ("", "")
        while True:
            answer = target.answer(operation, region, {**arguments, **({asks: token} if token else {})})
            token = answer.get(tells)
            yield {**(wrap or {}), **answer}, token
            if not token:
                return

    return pages


# --- IAM


def credential_report(target: Target) -> Call:
    """Have it made, wait, fetch it."""
    operation = operations.REPORT

    def ask() -> dict[str, Any]:
        for _ in range(target.options.wire.polls):
            made = target.other("iam:GenerateCredentialReport", operation, GLOBAL, "generate_credential_report", {})
            if made.get("State") == "COMPLETE":
                return target.answer(operation, GLOBAL, {})
            time.sleep(target.options.wire.poll_seconds)
        raise CallFailed(f"{operation.name}: the report was not ready in time: run it again", CoverageStatus.MISSING)

    return each(target, operation, "", _one(ask))


def access_keys(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    """The keys of every user, then the last use of every key."""
    for page in answers:
        for raw in page.get("UserDetailList") or []:
            name = raw["UserName"]
            pages = _paged(target, operations.KEYS, GLOBAL, {"UserName": name}, {"UserName": name})
            yield each(target, operations.KEYS, name, pages, then=partial(_keys_used, target))


def _keys_used(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("AccessKeyMetadata") or []:
            yield each(target, operations.KEY_USED, raw["AccessKeyId"], _one(partial(_key_used, target, raw["AccessKeyId"])))


def _key_used(target: Target, key_id: str) -> dict[str, Any]:
    return {"AccessKeyId": key_id, **target.answer(operations.KEY_USED, GLOBAL, {"AccessKeyId": key_id})}


def last_accessed(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    """A job per principal that is ours to judge."""
    for page in answers:
        for raw in (*(page.get("UserDetailList") or []), *(page.get("RoleDetailList") or [])):
            arn = raw["Arn"]
            if not any(part in arn for part in OWNED_BY_AWS):
                yield each(target, operations.LAST_ACCESSED, arn, partial(_last_accessed, target, arn))


def _last_accessed(target: Target, arn: str, token: str | None) -> Pages:
    operation = operations.LAST_ACCESSED
    job, _, marker = (token or "").partition("|")
    if not job:
        asked = {"Arn": arn, "Granularity": "ACTION_LEVEL"}
        job = target.other("iam:GenerateServiceLastAccessedDetails", operation, GLOBAL, "generate_service_last_accessed_details", asked)[
            "JobId"
        ]
    while True:
        answer = _job(target, job, marker)
        marker = str(answer.get("Marker") or "")
        following = f"{job}|{marker}" if marker and answer.get("IsTruncated") else None
        yield {"Arn": arn, **answer}, following
        if following is None:
            return


def _job(target: Target, job: str, marker: str) -> dict[str, Any]:
    """The job's answer, when it is done."""
    operation, wire = operations.LAST_ACCESSED, target.options.wire
    for attempt in range(wire.polls):
        answer = target.answer(operation, GLOBAL, {"JobId": job, **({"Marker": marker} if marker else {})})
        if answer.get("JobStatus") == "COMPLETED":
            return answer
        if answer.get("JobStatus") == "FAILED":
            raise CallFailed(f"{operation.name}: AWS's job failed: run it again", CoverageStatus.MISSING)
        time.sleep(min(wire.poll_seconds, 0.25 * (attempt + 1)))
    raise CallFailed(f"{operation.name}: AWS's job was not done in time: run it again", CoverageStatus.MISSING)


def oidc_providers(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("OpenIDConnectProviderList") or []:
            arn = raw["Arn"]
            yield each(
                target,
                operations.OIDC_PROVIDER,
                arn,
                _paged(target, operations.OIDC_PROVIDER, GLOBAL, {"OpenIDConnectProviderArn": arn}, {"OpenIDConnectProviderArn": arn}),
            )


# --- the organisation


def control_policies(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("Policies") or []:
            yield each(target, operations.CONTROL_POLICY, raw["Id"], _one(partial(_control_policy, target, raw["Id"])))


def _control_policy(target: Target, policy: str) -> dict[str, Any]:
    operation = operations.CONTROL_POLICY
    answer = target.answer(operation, GLOBAL, {"PolicyId": policy})
    targets: list[Any] = []
    token = None
    while True:
        arguments = {"PolicyId": policy, **({"NextToken": token} if token else {})}
        page = target.other("organizations:ListTargetsForPolicy", operation, GLOBAL, "list_targets_for_policy", arguments)
        targets += page.get("Targets") or []
        token = page.get("NextToken")
        if not token:
            return {**answer, "Targets": targets}


# --- what resources let in


def _policy(target: Target, operation: Operation, region: str, name: str, arn: str, ask: Callable[[], Any], *within: str) -> Call:
    """A resource's policy, wrapped; null where it has none. `within`: the fields of the answer that lead to it."""

    def wrapped() -> dict[str, Any]:
        try:
            policy = ask()
            for part in within:
                policy = (policy or {}).get(part)
        except Nothing:
            policy = None
        return {"ResourceArn": arn, "AccountId": target.account, "Policy": policy or None}

    return each(target, operation, name, _one(wrapped), region=region)


def buckets(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("Buckets") or []:
            yield each(target, operations.BUCKET, raw["Name"], _one(partial(_bucket, target, raw["Name"])))


def _bucket(target: Target, name: str) -> dict[str, Any]:
    operation = operations.BUCKET
    found: dict[str, Any] = {"ResourceArn": f"arn:aws:s3:::{name}", "AccountId": target.account, "Policy": None}
    try:
        found["Policy"] = target.other(operation.name, operation, GLOBAL, "get_bucket_policy", {"Bucket": name}, *NO_BUCKET_POLICY)[
            "Policy"
        ]
    except Nothing:
        return found
    try:
        answer = target.other(
            "s3:GetBucketPublicAccessBlock", operation, GLOBAL, "get_public_access_block", {"Bucket": name}, *NO_ACCESS_BLOCK
        )
        found["PublicAccessBlock"] = answer
    except Nothing:
        pass
    return found


def secret_policies(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    operation = operations.SECRET_POLICY
    for page in answers:
        for raw in page.get("SecretList") or []:
            arn = raw["ARN"]
            ask = partial(target.answer, operation, region, {"SecretId": arn})
            yield _policy(target, operation, region, arn, arn, ask, "ResourcePolicy")


def functions(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    """Whether a function has a URL, and whom its policy lets in."""
    operation = operations.FUNCTION_POLICY
    for page in answers:
        for raw in page.get("Functions") or []:
            name = raw["FunctionName"]
            yield each(
                target,
                operations.FUNCTION_URLS,
                name,
                _paged(target, operations.FUNCTION_URLS, region, {"FunctionName": name}),
                region=region,
            )
            ask = partial(target.other, operation.name, operation, region, "get_policy", {"FunctionName": name}, *NO_FUNCTION_POLICY)
            yield _policy(target, operation, region, name, raw["FunctionArn"], ask, "Policy")


def queues(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for url in page.get("QueueUrls") or []:
            yield each(target, operations.QUEUE, url, _one(partial(_queue, target, region, url)), region=region)


def _queue(target: Target, region: str, url: str) -> dict[str, Any]:
    answer = target.answer(operations.QUEUE, region, {"QueueUrl": url, "AttributeNames": ["Policy", "QueueArn"]})
    attributes = answer.get("Attributes") or {}
    return {"ResourceArn": attributes["QueueArn"], "AccountId": target.account, "Policy": attributes.get("Policy") or None}


def topics(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("Topics") or []:
            arn = raw["TopicArn"]
            ask = partial(target.answer, operations.TOPIC, region, {"TopicArn": arn})
            yield _policy(target, operations.TOPIC, region, arn, arn, ask, "Attributes", "Policy")


def kms_keys(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("Keys") or []:
            arn = raw["KeyArn"]
            ask = partial(target.answer, operations.KMS_KEY, region, {"KeyId": arn, "PolicyName": "default"})
            yield _policy(target, operations.KMS_KEY, region, raw["KeyId"], arn, ask, "Policy")


# --- what runs


def tasks(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    """The newest revision of every family."""
    clean = partial(cleaning.task, fingerprint=target.options.fingerprint)
    for page in answers:
        for family in page.get("families") or []:
            ask = partial(target.answer, operations.TASK, region, {"taskDefinition": family, "include": ["TAGS"]})
            yield each(target, operations.TASK, family, _one(ask), region=region, clean=clean)


def clusters(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for name in page.get("clusters") or []:
            pages = _paged(target, operations.POD_IDENTITIES, region, {"clusterName": name})
            yield each(target, operations.POD_IDENTITIES, name, pages, region=region, then=partial(_pod_identities, target, region))


def _pod_identities(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("associations") or []:
            arguments = {"clusterName": raw["clusterName"], "associationId": raw["associationId"]}
            ask = partial(target.answer, operations.POD_IDENTITY, region, arguments)
            yield each(target, operations.POD_IDENTITY, f"{raw['clusterName']}/{raw['associationId']}", _one(ask), region=region)


# --- whether use is logged, and what is unused


def trails(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    """Whether a trail runs is asked where it lives."""
    for page in answers:
        for raw in page.get("trailList") or []:
            arn = raw["TrailARN"]
            pages = _paged(target, operations.TRAIL_STATUS, raw.get("HomeRegion") or region, {"Name": arn}, {"TrailARN": arn})
            yield each(target, operations.TRAIL_STATUS, arn, pages)


def analyzers(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    """The findings of analyzers of unused access that still stand."""
    for page in answers:
        for raw in page.get("analyzers") or []:
            if raw.get("type") in UNUSED_ACCESS:
                arn = raw["arn"]
                age = ((raw.get("configuration") or {}).get("unusedAccess") or {}).get("unusedAccessAge")
                arguments = {"analyzerArn": arn, "filter": {"status": {"eq": ["ACTIVE"]}}}
                wrap = {"analyzerArn": arn, "unusedAccessAge": age}
                pages = _paged(target, operations.UNUSED, region, arguments, wrap)
                yield each(target, operations.UNUSED, arn, pages, region=region, then=partial(_findings, target, region))


def _findings(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("findings") or []:
            if raw.get("findingType") == "UnusedPermission":
                arguments = {"analyzerArn": page["analyzerArn"], "id": raw["id"]}
                wrap = {"unusedAccessAge": page.get("unusedAccessAge")}
                pages = _paged(target, operations.UNUSED_DETAILS, region, arguments, wrap)
                yield each(target, operations.UNUSED_DETAILS, raw["id"], pages, region=region)
