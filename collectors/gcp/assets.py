"""Cloud Asset Inventory: `gcloud asset list` (camelCase) and `gcloud asset export` (snake_case JSON lines), with resources, IAM and organisation
policies. Each asset is read by the module that knows its kind; other kinds are of no concern to machine identities and are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp import federation, org_policies, policies, projects, roles, service_accounts, stored, versions, workloads
from collectors.gcp.listing import TRUNCATED, Record, camel, covers, listing, lists
from collectors.gcp.places import MANAGER, Places, numbers, project_part
from collectors.gcp.policies import Holder
from collectors.records import Notes
from inventory.model import Fact, Public, Resource, Row

ByKind = Callable[[Notes, Record, Places], Iterator[Row]]


def _placeless(reader: Callable[[Notes, Record], Iterator[Row]]) -> ByKind:
    return lambda notes, raw, _places: reader(notes, raw)


RESOURCES: dict[str, ByKind] = {
    "cloudresourcemanager.googleapis.com/Project": _placeless(projects.project),
    "iam.googleapis.com/ServiceAccount": service_accounts.account,
    "iam.googleapis.com/ServiceAccountKey": service_accounts.key,
    "iam.googleapis.com/Role": _placeless(roles.role),
    "iam.googleapis.com/WorkloadIdentityPool": federation.pool,
    "iam.googleapis.com/WorkloadIdentityPoolProvider": federation.provider,
    "apikeys.googleapis.com/Key": stored.api_key,
    "secretmanager.googleapis.com/Secret": stored.secret,
    "secretmanager.googleapis.com/SecretVersion": versions.version,
    "compute.googleapis.com/Instance": workloads.instance,
    "run.googleapis.com/Service": workloads.service,
    "run.googleapis.com/Job": workloads.job,
    "cloudfunctions.googleapis.com/Function": workloads.function,
    "cloudfunctions.googleapis.com/CloudFunction": workloads.function,
}

SAYS = {
    "iam.googleapis.com/ServiceAccount": Fact.IDENTITIES,
    "iam.googleapis.com/ServiceAccountKey": Fact.ACCESS_KEYS,
    "apikeys.googleapis.com/Key": Fact.SERVICE_CREDENTIALS,
    "secretmanager.googleapis.com/Secret": Fact.STORED_SECRETS,
    "compute.googleapis.com/Instance": Fact.WORKLOADS,
    "run.googleapis.com/Service": Fact.WORKLOADS,
    "run.googleapis.com/Job": Fact.WORKLOADS,
    "cloudfunctions.googleapis.com/Function": Fact.WORKLOADS,
    "cloudfunctions.googleapis.com/CloudFunction": Fact.WORKLOADS,
}
"""What an asset's kind tells all of. Where no project has one, the export may not have asked for the kind."""


@dataclass(slots=True)
class Found:
    """What was met, for the coverage."""

    facts: set[Fact] = field(default_factory=set)
    holders: list[Holder] = field(default_factory=list)
    places_set: set[str] = field(default_factory=set)
    projects: set[str] = field(default_factory=set)


def assets(document: Document) -> Iterator[Row | Problem]:
    """Every asset of a kind that counts."""
    notes, held, met = Notes(document), listing(document, "assets", "results"), Found()
    records = [_envelope(raw) for raw in held.records]
    places = Places(document=document, ids=numbers(_data(raw) for raw in records))
    rows: list[Row] = []
    for index, raw in enumerate(records):
        locator = raw.get("name") if isinstance(raw, dict) and isinstance(raw.get("name"), str) else f"[{index}]"
        rows += notes.read(locator or f"[{index}]", lambda notes, raw: _asset(notes, raw, places, met), raw)
    yield from rows
    yield from _covered(document, rows, met, but=TRUNCATED if held.truncated() else None)
    yield from notes.problems


def _envelope(raw: Any) -> Any:
    """Names of an asset's own parts in one spelling; `resource.data` is REST in both."""
    if not isinstance(raw, dict):
        return raw
    parts = ("iam_policy", "org_policy", "iamPolicy", "orgPolicy")
    spelt = {"asset_type": "assetType", "iam_policy": "iamPolicy", "org_policy": "orgPolicy"}
    return {spelt.get(key, key): camel(value) if key in parts else value for key, value in raw.items()}


def _data(raw: Any) -> Any:
    held = raw.get("resource") if isinstance(raw, dict) else None
    return held.get("data") if isinstance(held, dict) else None


def _asset(notes: Notes, raw: Record, places: Places, met: Found) -> Iterator[Row]:
    kind, name = raw["assetType"], raw["name"]
    project = _project(raw, places)
    if project:
        met.projects.add(project)
    data = _data(raw)
    if isinstance(data, dict):
        yield from _resource(notes, kind, name, data, project, places, met)
    if isinstance(raw.get("iamPolicy"), dict):
        holder = Holder(name=_holder_name(name, project), asset_type=kind, project=project)
        met.holders.append(holder)
        yield from policies.granted(notes, holder, raw["iamPolicy"], places)
    if isinstance(raw.get("orgPolicy"), list):
        yield from _org_policies(notes, raw, places, met)


def _project(raw: Record, places: Places) -> str | None:
    """By its name, by its ancestors, or by its parent."""
    held = raw.get("resource")
    parent = held.get("parent") if isinstance(held, dict) else None
    nearest = next(iter(raw.get("ancestors") or []), None)
    return next((project for name in (raw["name"], nearest, parent) if (project := places.project(name))), None)


def _holder_name(name: str, project: str | None) -> str:
    """A project is called by its id, wherever its number is explained."""
    return f"{MANAGER}projects/{project}" if name.startswith(f"{MANAGER}projects/") and project else name


def _resource(
    notes: Notes, kind: str, name: str, data: Mapping[str, Any], project: str | None, places: Places, met: Found
) -> Iterator[Row]:
    if kind == "storage.googleapis.com/Bucket":
        yield from _bucket(notes, name, data, project)
    if kind not in RESOURCES:
        return
    if kind in SAYS:
        met.facts.add(SAYS[kind])
    if kind == "iam.googleapis.com/Role" and "includedPermissions" not in data:
        return  # what it allows is not in the export
    yield from RESOURCES[kind](notes, {**data, "name": data.get("name") or name.split("googleapis.com/", 1)[-1]}, places)


def _bucket(notes: Notes, name: str, data: Mapping[str, Any], project: str | None) -> Iterator[Row]:
    """Access lists that open a bucket or its objects to anyone, unless the bucket forbids it. The policy is an asset of its own."""
    lists_of = [entry for key in ("acl", "defaultObjectAcl") for entry in data.get(key) or [] if isinstance(entry, dict)]
    everyone = next((entry["entity"] for entry in lists_of if entry.get("entity") in ("allUsers", "allAuthenticatedUsers")), None)
    if everyone and (data.get("iamConfiguration") or {}).get("publicAccessPrevention") != "enforced":
        yield Resource(
            resource_id=name,
            provider="gcp",
            scope=project,
            kind="storage_bucket",
            name=name.rsplit("/", 1)[-1],
            public=Public.YES,
            public_reason=f"its access list lets in {everyone}",
            evidence=notes.document.at(f"acl[{name}]"),
        )


def _org_policies(notes: Notes, raw: Record, places: Places, met: Found) -> Iterator[Row]:
    holder = raw["name"].removeprefix(MANAGER)
    if (scope := org_policies.scope_of(holder, places)) is not None:
        met.places_set.add(scope)
    for held in raw["orgPolicy"]:
        yield from notes.read(f"{holder}/orgPolicy", lambda notes, raw: org_policies.policy(notes, raw, holder, places), held)


def _covered(document: Document, rows: list[Row], met: Found, *, but: str | None) -> Iterator[Row]:
    """An export tells all of the kinds that it holds, in every project of which it holds anything."""
    yield from covers(document, sorted(met.facts), met.projects, but=but)
    if met.holders:
        yield from policies.covered(document, met.holders, rows)
        resources = {holder.project for holder in met.holders if holder.level == "resource" and holder.project}
        yield from covers(document, (Fact.RESOURCE_POLICIES,), resources, but=but)
    yield from org_policies.covered(document, rows, met.places_set, truncated=but is not None)


def _is_asset(raw: Record) -> bool:
    kind = raw.get("assetType", raw.get("asset_type"))
    says = {
        "resource",
        "iamPolicy",
        "iam_policy",
        "orgPolicy",
        "org_policy",
        "accessPolicy",
        "access_policy",
        "access_level",
        "accessLevel",
    }
    says |= {"service_perimeter", "servicePerimeter", "ancestors", "updateTime", "update_time"}
    return isinstance(kind, str) and str(raw.get("name")).startswith("//") and "policy" not in raw and bool(says & raw.keys())


def _unplaced(document: Document) -> bool:
    """It names projects by numbers and explains none: an export of policies alone. One with projects in it explains them to others."""
    records = [_envelope(raw) for raw in listing(document, "assets", "results").records]
    if numbers(_data(raw) for raw in records):
        return False
    names = [(raw.get("name"), *(raw.get("ancestors") or [])) for raw in records if isinstance(raw, dict)]
    return any((part := project_part(name)) and part.isdigit() for group in names for name in group)


FORMATS = (
    Format(
        name="gcp-assets",
        title="Cloud Asset Inventory: `gcloud asset list --content-type=resource|iam-policy|org-policy`, `gcloud asset export` (JSON lines)",
        matches=lambda document: lists(document, ("assets", "results"), _is_asset),
        rows=assets,
        unplaced=_unplaced,
    ),
)
