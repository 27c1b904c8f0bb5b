"""The live Azure collector: which calls to make of a tenant and its subscriptions.

Answers are Azure's own pages (`{"value": […], "nextLink": …}`), so that exports and live answers are read alike. Nothing is written to Azure.
A list that may lack what the caller cannot see is told as denied: for Azure leaves it out without a word.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from collectors.azure.fetch_failures import Asked
from collectors.azure.fetch_pages import Pager
from collectors.azure.fetch_session import Session, Wire
from collectors.azure.operations import (
    APP_FEDERATED,
    APPLICATIONS,
    CONTAINERS,
    IDENTITIES,
    IDENTITY_FEDERATED,
    ORGANIZATION,
    OWNERS,
    SPONSORS,
    STORAGE,
    SUBSCRIPTION,
    SUBSCRIPTIONS,
    TENANT,
    VAULT_LOGGING,
    VAULT_SECRETS,
    VAULTS,
    Operation,
)
from collectors.collecting import Call, CallFailed, Pages
from inventory.model import CoverageStatus, Fact

KEPT_DAYS = 90
"""How long Azure keeps the activity log; an hour less is asked for, since it refuses more by a second."""

EVERYWHERE = "*"
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
RESOURCE = re.compile(
    r"/subscriptions/[^/]+/resourceGroups/(?P<group>[^/]+)/providers/[^/?#]+/[^/?#]+/(?P<resource>[^/?#]+)", re.IGNORECASE
)
UNFIT = re.compile(r"[^a-z0-9._~-]")


@dataclass(frozen=True, slots=True, kw_only=True)
class AzureOptions:
    """Whom to ask, and how."""

    subscriptions: tuple[str, ...] = ()
    """Ids. None given: all that the caller sees in the tenant."""
    tenant: str | None = None
    """Id. None: the one that the caller is signed in to."""
    as_of: datetime | None = None
    """End of the activity log (UTC). None: now."""
    wire: Wire = field(default_factory=Wire)


def plan(options: AzureOptions) -> AzurePlan:
    """What to ask. Raises ValueError for an id that is none."""
    for given in (*options.subscriptions, *((options.tenant,) if options.tenant else ())):
        if not GUID.fullmatch(given):
            raise ValueError(f"{given!r} is no id of a subscription or tenant: `az account list --output table` shows them")
    return AzurePlan(options)


class AzurePlan:
    """Implements collectors.collecting.Plan."""

    source = "azure"

    def __init__(self, options: AzureOptions) -> None:
        self._tenant = options.tenant.lower() if options.tenant else None
        self._subscriptions = tuple(dict.fromkeys(given.lower() for given in options.subscriptions))
        self._pager = Pager(Session(options.wire, self._tenant), self._tenant)
        until = options.as_of or datetime.now(UTC)
        self._times = {"since": f"{until - timedelta(days=KEPT_DAYS, hours=-1):%Y-%m-%dT%H:%M:%SZ}", "until": f"{until:%Y-%m-%dT%H:%M:%SZ}"}

    def close(self) -> None:
        """Close the connections."""
        self._pager.session.close()

    def calls(self) -> Iterable[Call]:
        """What needs no answer first: who and where, asked anew in every run; and what was named."""
        tenant = self._tenant or EVERYWHERE
        unknown_tenant = tuple(dict.fromkeys(fact for operation in TENANT for fact in operation.facts))
        unnamed = (Fact.POLICIES, Fact.SERVICE_USAGE, Fact.STORED_SECRETS, Fact.WORKLOADS)
        who, what = (replace(self._call(operation, tenant), tells=(), fresh=True) for operation in (ORGANIZATION, SUBSCRIPTIONS))
        yield who if self._tenant else replace(who, facts=unknown_tenant, then=self._tenant_found)
        yield what if self._subscriptions else replace(what, facts=unnamed, then=self._subscriptions_found)
        if self._tenant:
            yield from self._tenant_calls(self._tenant)
        for subscription in self._subscriptions:
            yield from self._subscription_calls(subscription)

    def _tenant_found(self, answers: Sequence[Any]) -> Iterator[Call]:
        for record in records(answers):
            if found := guid(record.get("id")):
                yield from self._tenant_calls(found)

    def _subscriptions_found(self, answers: Sequence[Any]) -> Iterator[Call]:
        for record in records(answers):
            found = guid(record.get("subscriptionId"))
            elsewhere = self._tenant is not None and guid(record.get("tenantId")) not in (None, self._tenant)
            if found and not elsewhere and record.get("state") != "Deleted":
                yield from self._subscription_calls(found)

    def _tenant_calls(self, tenant: str) -> Iterator[Call]:
        following = {APPLICATIONS.file: self._of_applications, OWNERS.file: self._of_agents}
        for operation in TENANT:
            call, then = self._call(operation, tenant), following.get(operation.file)
            yield call if then is None else replace(call, then=partial(then, tenant))

    def _subscription_calls(self, subscription: str) -> Iterator[Call]:
        following = {IDENTITIES.name: self._of_identities, VAULTS.name: self._of_vaults, STORAGE.name: self._of_accounts}
        for operation in SUBSCRIPTION:
            call, then = self._call(operation, subscription), following.get(operation.name)
            yield call if then is None else replace(call, then=partial(then, subscription))

    def _of_applications(self, tenant: str, answers: Sequence[Any]) -> Iterator[Call]:
        """The federated credentials of each application."""
        for number, record in enumerate(records(answers)):
            object_id, app_id = guid(record.get("id")), guid(record.get("appId"))
            if object_id and app_id:
                yield self._call(APP_FEDERATED, tenant, {"id": object_id, "name": app_id}, whose={"appId": app_id})
            else:
                yield self._unasked(APP_FEDERATED, tenant, number)

    def _of_agents(self, tenant: str, answers: Sequence[Any]) -> Iterator[Call]:
        """The sponsors of agents, where there are any."""
        if any(is_agent(record) for record in records(answers)):
            yield self._call(SPONSORS, tenant)

    def _of_identities(self, subscription: str, answers: Sequence[Any]) -> Iterator[Call]:
        """The federated credentials of each user-assigned identity."""
        for number, record in enumerate(records(answers)):
            of = resource(record)
            principal = guid(inner(record).get("principalId"))
            if of and principal:
                yield self._call(IDENTITY_FEDERATED, subscription, of, whose={"id": of["id"], "principalId": principal})
            else:
                yield self._unasked(IDENTITY_FEDERATED, subscription, number)

    def _of_vaults(self, subscription: str, answers: Sequence[Any]) -> Iterator[Call]:
        """Names and dates of the secrets of each vault, from the management side, where their values are not to be had; and who logs their use."""
        for number, record in enumerate(records(answers)):
            if of := resource(record):
                yield self._call(VAULT_SECRETS, subscription, of)
                yield self._call(VAULT_LOGGING, subscription, of)
            else:
                yield self._unasked(VAULT_SECRETS, subscription, number)

    def _of_accounts(self, subscription: str, answers: Sequence[Any]) -> Iterator[Call]:
        """The containers of each storage account that leaves it to them who may read."""
        for number, record in enumerate(records(answers)):
            if of := resource(record):
                if is_left_to_containers(inner(record)):
                    yield self._call(CONTAINERS, subscription, of)
            else:
                yield self._unasked(CONTAINERS, subscription, number)

    def _unasked(self, operation: Operation, scope: str, number: int) -> Call:
        """Of an object that does not say its id nothing can be asked, so its facts are not known."""
        named = dict.fromkeys(("id", "group", "resource"), "")

        def pages(_start: str | None) -> Pages:
            reason = f"record {number} of the list has no id that is understood, so nothing could be asked of it"
            raise CallFailed(f"{operation.name} of {scope}: {reason}", CoverageStatus.MISSING)

        return replace(self._call(operation, scope, {**named, "name": f"record-{number}"}), pages=pages)

    def _call(self, operation: Operation, scope: str, of: Mapping[str, str] | None = None, whose: Mapping[str, str] | None = None) -> Call:
        """`of`: the object that is asked about. `whose`: what the answer lacks about it and gets put beside it."""
        values = {"tenant": scope, "subscription": scope, **self._times, **(of or {})}
        asked = Asked(operation=operation, scope=values.get("id", scope))

        def pages(start: str | None) -> Pages:
            if whose is None:
                yield from self._pager.pages(asked, values, start)
            else:  # one answer of all pages: half of them would look like all of them
                yield federated(whose, [page for page, _ in self._pager.pages(asked, values, None)]), None

        return Call(
            path=f"{'azure' if scope == EVERYWHERE else scope}/{operation.file.format_map(values)}",
            service=operation.service,
            operation=operation.name,
            command=operation.command.format_map(values),
            scope=scope,
            facts=operation.facts,
            pages=pages,
            clean=operation.clean,
        )


def records(answers: Sequence[Any]) -> Iterator[Mapping[str, Any]]:
    """The objects of all pages."""
    for page in answers:
        yield from (record for record in page.get("value", ()) if isinstance(record, dict))


def federated(whose: Mapping[str, str], pages: Sequence[Any]) -> dict[str, Any]:
    """All federated credentials of one identity, flat as the command line prints them: the answer alone does not say whose they are,
    and an empty one says nothing at all.
    """
    return {**whose, "federatedIdentityCredentials": [{**inner(record), **outer(record)} for record in records(pages)]}


def inner(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """What Azure Resource Manager nests; nothing of a Graph object."""
    properties = record.get("properties")
    return properties if isinstance(properties, dict) else {}


def outer(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "properties"}


def is_agent(record: Mapping[str, Any]) -> bool:
    """A service principal that is the identity of an agent, or of a blueprint for them."""
    return "agentidentity" in str(record.get("@odata.type")).lower() or record.get("servicePrincipalType") == "ServiceIdentity"


def is_left_to_containers(account: Mapping[str, Any]) -> bool:
    """The storage account does not itself keep strangers out."""
    return account.get("allowBlobPublicAccess") is not False and str(account.get("publicNetworkAccess")).lower() != "disabled"


def resource(record: Mapping[str, Any]) -> dict[str, str] | None:
    """What a call about the resource needs; None when its id is not understood."""
    found = RESOURCE.fullmatch(str(record.get("id")))
    if found is None:
        return None
    return {"id": found.group(), "name": file_name(f"{found['group']}~{found['resource']}"), **found.groupdict()}


def guid(value: Any) -> str | None:
    """The id in lower case; None for what is none, so that nothing else ends up in an address or a file's name."""
    return value.lower() if isinstance(value, str) and GUID.fullmatch(value) else None


def file_name(text: str) -> str:
    """A resource's name as the name of a file. Different names stay different."""
    plain = UNFIT.sub("_", text.lower())
    return plain if plain == text.lower() else f"{plain[:100]}-{hashlib.sha256(text.lower().encode()).hexdigest()[:10]}"
