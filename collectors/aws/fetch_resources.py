"""Calls that follow from the lists of a region: one per bucket, queue, function, task … Answers that lack whose they are get it added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from collectors.aws import cleaning, operations
from collectors.aws.fetch_calls import Target, each, one, paged
from collectors.aws.fetch_session import Nothing
from collectors.aws.operations import Operation
from collectors.collecting import Call

GLOBAL = "us-east-1"
"""Where S3 tells of all buckets."""

NO_BUCKET_POLICY = ("NoSuchBucketPolicy",)
NO_ACCESS_BLOCK = ("NoSuchPublicAccessBlockConfiguration",)
NO_REPOSITORY_POLICY = ("RepositoryPolicyNotFoundException",)
NO_FUNCTION_POLICY = ("ResourceNotFoundException",)
UNUSED_ACCESS = ("ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")


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

    return each(target, operation, name, one(wrapped), region=region)


def buckets(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("Buckets") or []:
            yield each(target, operations.BUCKET, raw["Name"], one(partial(_bucket, target, raw["Name"])))


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


def account_block(target: Target) -> Call:
    """What shuts strangers out of all buckets of the account; null where nothing is set."""
    operation, account = operations.ACCOUNT_BLOCK, {"AccountId": target.account}

    def ask() -> dict[str, Any]:
        try:
            return {**account, **target.other(operation.name, operation, GLOBAL, operation.method, account, *NO_ACCESS_BLOCK)}
        except Nothing:
            return {**account, "PublicAccessBlockConfiguration": None}

    return each(target, operation, target.account, one(ask))


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
                paged(target, operations.FUNCTION_URLS, region, {"FunctionName": name}),
                region=region,
            )
            ask = partial(target.other, operation.name, operation, region, "get_policy", {"FunctionName": name}, *NO_FUNCTION_POLICY)
            yield _policy(target, operation, region, name, raw["FunctionArn"], ask, "Policy")


def queues(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for url in page.get("QueueUrls") or []:
            yield each(target, operations.QUEUE, url, one(partial(_queue, target, region, url)), region=region)


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


def repositories(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    operation = operations.REPOSITORY
    for page in answers:
        for raw in page.get("repositories") or []:
            name = raw["repositoryName"]
            ask = partial(
                target.other, operation.name, operation, region, operation.method, {"repositoryName": name}, *NO_REPOSITORY_POLICY
            )
            yield _policy(target, operation, region, name, raw["repositoryArn"], ask, "policyText")


# --- what runs


def tasks(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    """The newest revision of every family."""
    clean = partial(cleaning.task, fingerprint=target.options.fingerprint)
    for page in answers:
        for family in page.get("families") or []:
            ask = partial(target.answer, operations.TASK, region, {"taskDefinition": family, "include": ["TAGS"]})
            yield each(target, operations.TASK, family, one(ask), region=region, clean=clean)


def clusters(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for name in page.get("clusters") or []:
            pages = paged(target, operations.POD_IDENTITIES, region, {"clusterName": name})
            yield each(target, operations.POD_IDENTITIES, name, pages, region=region, then=partial(_pod_identities, target, region))
            pages = paged(target, operations.ACCESS_ENTRIES, region, {"clusterName": name})
            yield each(target, operations.ACCESS_ENTRIES, name, pages, region=region, then=partial(_access_entries, target, region, name))


def _pod_identities(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("associations") or []:
            arguments = {"clusterName": raw["clusterName"], "associationId": raw["associationId"]}
            ask = partial(target.answer, operations.POD_IDENTITY, region, arguments)
            yield each(target, operations.POD_IDENTITY, f"{raw['clusterName']}/{raw['associationId']}", one(ask), region=region)


def _access_entries(target: Target, region: str, cluster: str, answers: Iterable[Any]) -> Iterator[Call]:
    """The groups and the policies of each principal that gets into the cluster."""
    for page in answers:
        for principal in page.get("accessEntries") or []:
            arguments = {"clusterName": cluster, "principalArn": principal}
            name = f"{cluster}/{principal}"
            ask = partial(target.answer, operations.ACCESS_ENTRY, region, arguments)
            yield each(target, operations.ACCESS_ENTRY, name, one(ask), region=region)
            pages = paged(target, operations.ACCESS_POLICIES, region, arguments, arguments)
            yield each(target, operations.ACCESS_POLICIES, name, pages, region=region)


# --- who comes from outside, and what agents hold


def subjects(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    operation = operations.SUBJECT
    for page in answers:
        for raw in page.get("subjects") or []:
            ask = partial(target.answer, operation, region, {"subjectId": raw["subjectId"]})
            yield each(target, operation, raw["subjectId"], one(ask), region=region, clean=operation.clean)


def credential_providers(operation: Operation, target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    """Where each keeps its secret."""
    for page in answers:
        for raw in page.get("credentialProviders") or []:
            ask = partial(target.answer, operation, region, {"name": raw["name"]})
            yield each(target, operation, raw["name"], one(ask), region=region, clean=operation.clean)


# --- whether use is logged, and what is unused


def trails(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    """Whether a trail runs is asked where it lives."""
    for page in answers:
        for raw in page.get("trailList") or []:
            arn = raw["TrailARN"]
            pages = paged(target, operations.TRAIL_STATUS, raw.get("HomeRegion") or region, {"Name": arn}, {"TrailARN": arn})
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
                pages = paged(target, operations.UNUSED, region, arguments, wrap)
                yield each(target, operations.UNUSED, arn, pages, region=region, then=partial(_findings, target, region))


def _findings(target: Target, region: str, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("findings") or []:
            if raw.get("findingType") == "UnusedPermission":
                arguments = {"analyzerArn": page["analyzerArn"], "id": raw["id"]}
                wrap = {"unusedAccessAge": page.get("unusedAccessAge")}
                pages = paged(target, operations.UNUSED_DETAILS, region, arguments, wrap)
                yield each(target, operations.UNUSED_DETAILS, raw["id"], pages, region=region)
