"""Calls that follow from the lists of IAM and of the organisation: one per user, key, principal, provider, policy. Answers that lack
whose they are get it added."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from collectors.aws import operations
from collectors.aws.fetch_calls import Target, each, one, paged
from collectors.collecting import Call, CallFailed, Pages
from inventory.model import CoverageStatus

GLOBAL = "us-east-1"
"""Where IAM and the other services without regions answer."""

OWNED_BY_AWS = (":role/aws-service-role/", ":role/aws-reserved/")


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

    return each(target, operation, "", one(ask))


def access_keys(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    """The keys of every user, then the last use of every key."""
    for page in answers:
        for raw in page.get("UserDetailList") or []:
            name = raw["UserName"]
            pages = paged(target, operations.KEYS, GLOBAL, {"UserName": name}, {"UserName": name})
            yield each(target, operations.KEYS, name, pages, then=partial(_keys_used, target))


def _keys_used(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("AccessKeyMetadata") or []:
            yield each(target, operations.KEY_USED, raw["AccessKeyId"], one(partial(_key_used, target, raw["AccessKeyId"])))


def _key_used(target: Target, key_id: str) -> dict[str, Any]:
    return {"AccessKeyId": key_id, **target.answer(operations.KEY_USED, GLOBAL, {"AccessKeyId": key_id})}


def public_keys(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    """SSH public keys and signing certificates of every user."""
    for page in answers:
        for raw in page.get("UserDetailList") or []:
            name = raw["UserName"]
            for operation in (operations.SSH_KEYS, operations.CERTIFICATES):
                pages = paged(target, operation, GLOBAL, {"UserName": name}, {"UserName": name})
                yield each(target, operation, name, pages, clean=operation.clean)


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
                paged(target, operations.OIDC_PROVIDER, GLOBAL, {"OpenIDConnectProviderArn": arn}, {"OpenIDConnectProviderArn": arn}),
            )


# --- the organisation


def control_policies(target: Target, answers: Iterable[Any]) -> Iterator[Call]:
    for page in answers:
        for raw in page.get("Policies") or []:
            yield each(target, operations.CONTROL_POLICY, raw["Id"], one(partial(_control_policy, target, raw["Id"])))


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
