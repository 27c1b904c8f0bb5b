"""What runs in Azure and as whom: virtual machines, web and function apps, container apps, and their like. Values of settings are dropped.

A resource with several identities makes one row for each; its system-assigned identity is known from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.azure import federated
from collectors.azure.answers import (
    Record,
    coverage,
    first,
    guid_or_none,
    one_or_many,
    read_all,
    records,
    shortfall,
    subscription_of,
    text,
    type_of,
)
from collectors.azure.managed_identities import identity
from collectors.azure.service_principals import SYSTEM_ASSIGNED
from collectors.document import Document, Format, Problem
from collectors.records import ENVIRONMENT_TAGS, TEAM_TAGS, Notes, first_tag, ownership, tags_of
from inventory.model import Account, Fact, Row, Workload

KINDS = {
    "microsoft.compute/virtualmachines": "azure_vm",
    "microsoft.compute/virtualmachinescalesets": "azure_vm_scale_set",
    "microsoft.web/sites": "azure_web_app",
    "microsoft.app/containerapps": "azure_container_app",
    "microsoft.app/jobs": "azure_container_app_job",
    "microsoft.containerinstance/containergroups": "azure_container_instance",
    "microsoft.containerservice/managedclusters": "azure_kubernetes_cluster",
    "microsoft.logic/workflows": "azure_logic_app",
    "microsoft.automation/automationaccounts": "azure_automation_account",
    "microsoft.datafactory/factories": "azure_data_factory",
}
"""ARM types, in lower case, of what runs with an identity."""


def workloads(document: Document) -> Iterator[Row | Problem]:
    """az vm list, az functionapp list, az webapp list and other lists of resources that run."""
    notes = Notes(document)
    yield from read_all(notes, workload)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    subscriptions = {subscription for raw in found if (subscription := subscription_of(raw.get("id")))}
    for subscription in sorted(subscriptions):
        yield Account(scope=subscription, provider="azure", evidence=document.at(f"/subscriptions/{subscription}"))
    yield from coverage(document, (Fact.WORKLOADS,), subscriptions, shortfall(document))
    yield from notes.problems


def workload(notes: Notes, raw: Record) -> Iterator[Row]:
    """One resource: a row per identity it runs as, or one without; and its system-assigned identity."""
    resource = str(raw["id"]).lower()
    subscription = subscription_of(resource)
    if subscription is None:
        raise ValueError("its id names no subscription")
    evidence, tags = notes.document.at(f"resource={resource}"), tags_of(raw.get("tags"))
    system, assigned = identities(raw)
    if system:
        yield identity(system, subscription, str(raw["name"]), SYSTEM_ASSIGNED, evidence, tags)
        yield federated.native(system, evidence)
        yield from ownership(system, tags, evidence)
    runs_as: list[str | None] = [*([system] if system else []), *assigned]
    for number, identity_id in enumerate(runs_as or [None]):
        yield Workload(
            workload_id=resource if number == 0 else f"{resource}#{identity_id}",
            provider="azure",
            scope=subscription,
            kind=_kind(raw),
            name=str(raw["name"]),
            region=text(raw.get("location")),
            environment=first_tag(tags, ENVIRONMENT_TAGS),
            team=first_tag(tags, TEAM_TAGS),
            identity_id=identity_id,
            env_names=setting_names(raw),
            evidence=evidence,
        )


def identities(raw: Record) -> tuple[str | None, list[str]]:
    """(system-assigned, user-assigned) identity ids; a user-assigned one without its principal goes by its resource id."""
    held = raw.get("identity")
    if not isinstance(held, Mapping):
        return None, []
    principal = guid_or_none(held.get("principalId"))
    assigned = held.get("userAssignedIdentities")
    found = []
    for resource, detail in sorted(assigned.items()) if isinstance(assigned, Mapping) else ():
        own = guid_or_none(detail.get("principalId")) if isinstance(detail, Mapping) else None
        found.append(f"azure:{own}" if own else str(resource).lower())
    return (f"azure:{principal}" if principal else None), found


def setting_names(raw: Record) -> list[str] | None:
    """Names of app settings or container variables, never values; None where the list does not hold them, as most do not."""
    config = raw.get("siteConfig")
    settings: Any = config.get("appSettings") if isinstance(config, Mapping) else None
    template = raw.get("template")
    if settings is None and isinstance(template, Mapping):
        settings = [variable for container in one_or_many(template.get("containers")) for variable in one_or_many(container.get("env"))]
    if settings is None:
        return None
    return sorted({str(setting["name"]) for setting in one_or_many(settings) if isinstance(setting, Mapping) and "name" in setting})


def _kind(raw: Record) -> str:
    kind = KINDS[type_of(raw)]
    return "azure_function_app" if kind == "azure_web_app" and "functionapp" in str(raw.get("kind", "")).lower() else kind


def _is_workloads(document: Document) -> bool:
    found = first(document) or {}
    return type_of(found) in KINDS and {"id", "name"} <= found.keys()


FORMATS = (
    Format(
        name="azure-workloads",
        title=(
            "What runs: `az vm list`, `az functionapp list`, `az webapp list`, `az containerapp list`, `az aks list`, "
            "`az container list`, `az vmss list`, `az logic workflow list`"
        ),
        matches=_is_workloads,
        rows=workloads,
    ),
)
