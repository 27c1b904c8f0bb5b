"""The live AWS collector: which calls to make of the caller's account, or of the accounts of a list of roles.

Answers are what the AWS command line prints; those that lack whose they are get it added, as docs/formats.md says. Nothing is written to AWS.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from collectors.aws import cleaning, fetch_iam, fetch_resources, operations
from collectors.aws.common import parse_arn
from collectors.aws.fetch_calls import Target, left_out
from collectors.aws.fetch_session import Session, Wire, fetch_answer
from collectors.aws.operations import Operation
from collectors.collecting import Call, Pages, no_more

ROLE = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d")
DEFAULT_REGION = "us-east-1"
NOT_EVERYWHERE = ("rolesanywhere", "accessanalyzer", "bedrock-agentcore-control", "eks")
"""Services that some regions lack; where the SDK knows, they are not asked there."""


def no_fingerprint(_value: str) -> str:
    """Where no key is at hand nothing of a value is kept."""
    return "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsOptions:
    """Whom to ask, and how."""

    profile: str | None = None
    """Of the AWS configuration. None: the default one."""
    regions: tuple[str, ...] = ()
    """None given: all that are enabled."""
    roles: tuple[str, ...] = ()
    """ARNs of roles to assume, one per account. None given: the caller's own account."""
    usage: bool = True
    """Ask for services last accessed: a job per principal."""
    fingerprint: Callable[[str], str] = field(default=no_fingerprint, repr=False)
    """Keyed fingerprint of the workspace."""
    wire: Wire = field(default_factory=Wire)


def plan(options: AwsOptions) -> AwsPlan:
    """What to ask. Raises ValueError for a role or region that is none."""
    for role in options.roles:
        if not ROLE.fullmatch(role):
            raise ValueError(f"{role!r} is no ARN of a role")
    for region in options.regions:
        if not REGION.fullmatch(region):
            raise ValueError(f"{region!r} is no region")
    return AwsPlan(options)


def roles_in(text: str) -> tuple[str, ...]:
    """Role ARNs of a list: one a line, `#` begins a comment."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return tuple(dict.fromkeys(line for line in lines if line))


@dataclass(frozen=True, slots=True)
class AwsPlan:
    """Every account is asked who it is first; everything else follows."""

    options: AwsOptions
    source: str = "aws"

    def calls(self) -> Iterable[Call]:
        """Whom we are: of the caller, and of each role."""
        yield self._caller(None, "*")
        for role in self.options.roles:
            arn = parse_arn(role)
            if arn:
                yield self._caller(role, arn.account)

    def _caller(self, role: str | None, scope: str) -> Call:
        session = Session(profile=self.options.profile, role=role, wire=self.options.wire)
        target = Target(session=session, account=scope, options=self.options)

        def then(answers: Sequence[Any]) -> Iterable[Call]:
            known = Target(session=session, account=str(answers[-1]["Account"]), options=self.options)
            if role is None:
                yield from _organization(known)
            if role is not None or not self.options.roles:
                yield from _account(known)

        folder = "" if scope == "*" else f"{scope}/"
        return Call(
            path=f"{folder}{operations.CALLER.file}.json",
            service=operations.CALLER.service,
            operation=operations.CALLER.name,
            command=operations.CALLER.command,
            scope=scope,
            facts=operations.CALLER.facts,
            tells=operations.CALLER.tells,
            pages=partial(listing, target, operations.CALLER, DEFAULT_REGION),
            then=then,
            fresh=True,
        )


def listing(target: Target, operation: Operation, region: str | None, token: str | None) -> Pages:
    """All pages of a list from a token on."""
    client = target.session.fetch_client(operation.client, region or DEFAULT_REGION)
    while True:
        arguments = dict(operation.arguments)
        if token and operation.paging:
            arguments[operation.paging[0]] = token
        answer = fetch_answer(client, operation.name, operation.method, arguments)
        token = answer.get(operation.paging[1]) if operation.paging else None
        yield {**operation.absent, **answer}, token
        if not token:
            return


def _call(
    target: Target,
    operation: Operation,
    region: str | None = None,
    *,
    then: Callable[[Sequence[Any]], Iterable[Call]] = no_more,
    clean: Callable[[Any], Any] | None = None,
) -> Call:
    """A list of an account or region."""
    return Call(
        path="/".join(filter(None, (target.account, region, f"{operation.file}.json"))),
        service=operation.service,
        operation=operation.name,
        command=operation.command + (f" --region {region}" if region else ""),
        scope=target.account,
        facts=operation.facts,
        tells=operation.tells,
        pages=partial(listing, target, operation, region),
        clean=clean or operation.clean,
        then=then,
    )


def _organization(target: Target) -> Iterator[Call]:
    """Asked with the caller's own rights: of the accounts only the management account, or a delegated one, may."""
    yield _call(target, operations.ACCOUNTS)
    for operation in operations.CONTROL_POLICIES:
        yield _call(target, operation, then=partial(fetch_iam.control_policies, target))


def _account(target: Target) -> Iterator[Call]:
    yield _call(target, operations.DETAILS, then=partial(_of_principals, target))
    yield fetch_iam.credential_report(target)
    yield _call(target, operations.SERVICE_CREDENTIALS)
    yield _call(target, operations.OIDC_PROVIDERS, then=partial(fetch_iam.oidc_providers, target))
    yield _call(target, operations.SAML_PROVIDERS)
    yield _call(target, operations.BUCKETS, then=partial(fetch_resources.buckets, target))
    yield fetch_resources.account_block(target)
    yield _call(target, operations.REGIONS, then=partial(_regions, target))


def _of_principals(target: Target, answers: Sequence[Any]) -> Iterator[Call]:
    yield from fetch_iam.access_keys(target, answers)
    yield from fetch_iam.public_keys(target, answers)
    if target.options.usage:
        yield from fetch_iam.last_accessed(target, answers)
    else:
        yield left_out(target, operations.LAST_ACCESSED, "iam/service-last-accessed", "not asked for (--no-usage)")


def _regions(target: Target, answers: Sequence[Any]) -> Iterator[Call]:
    enabled = sorted(raw["RegionName"] for page in answers for raw in page["Regions"])
    asked = [region for region in enabled if not target.options.regions or region in target.options.regions]
    unasked = sorted(set(enabled) - set(asked))
    if unasked:
        names = ", ".join(unasked[:4]) + (" …" if len(unasked) > 4 else "")
        yield left_out(
            target, operations.REGIONS, "regions", f"{len(unasked)} enabled regions were not asked ({names}): --region left them out"
        )
    for region in asked:
        yield from _region(target, region, home=region == asked[0])


def _region(target: Target, region: str, *, home: bool) -> Iterator[Call]:
    for operation in operations.PER_REGION:
        if not _is_there(target, operation.client, region):
            continue
        if operation is operations.TRAILS:  # in one region with the shadows of trails of all regions, elsewhere those that live there
            operation = replace(operation, arguments={"includeShadowTrails": home})  # noqa: PLW2901  the same, asked for one region
        then = FOLLOWING.get(operation.name)
        clean = partial(cleaning.functions, fingerprint=target.options.fingerprint) if operation is operations.FUNCTIONS else None
        yield _call(target, operation, region, then=partial(then, target, region) if then else no_more, clean=clean)


def _is_there(target: Target, client: str, region: str) -> bool:
    """Some regions lack some services: there, nothing is missing."""
    if client not in NOT_EVERYWHERE:
        return True
    known = target.session.fetch_regions_of(client)
    return known is None or region in known


FOLLOWING: dict[str, Callable[[Target, str, Sequence[Any]], Iterable[Call]]] = {
    operations.SECRETS.name: fetch_resources.secret_policies,
    operations.FUNCTIONS.name: fetch_resources.functions,
    operations.TASK_FAMILIES.name: fetch_resources.tasks,
    operations.CLUSTERS.name: fetch_resources.clusters,
    operations.QUEUES.name: fetch_resources.queues,
    operations.TOPICS.name: fetch_resources.topics,
    operations.KMS_KEYS.name: fetch_resources.kms_keys,
    operations.REPOSITORIES.name: fetch_resources.repositories,
    operations.TRAILS.name: fetch_resources.trails,
    operations.ANALYZERS.name: fetch_resources.analyzers,
    operations.SUBJECTS.name: fetch_resources.subjects,
    operations.API_KEYS.name: partial(fetch_resources.credential_providers, operations.API_KEY),
    operations.OAUTH_CLIENTS.name: partial(fetch_resources.credential_providers, operations.OAUTH_CLIENT),
}
"""What is asked of each object of a region's lists."""
