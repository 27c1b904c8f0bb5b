"""What runs in GCP and as whom: machines, Cloud Run services, functions. Variables: names only, values are dropped where they are read."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws import environment
from collectors.document import Document, Format, Problem
from collectors.gcp.listing import TRUNCATED, Record, covers, listing, lists, read_all
from collectors.gcp.places import Places, needs_scope, project_part, scope_project
from collectors.records import ENVIRONMENT_TAGS, TEAM_TAGS, Notes, first_tag, tags_of
from inventory.model import Fact, Row, Workload

VALUE_LEFT_OUT = None
LOCATION = re.compile(r"/(?:zones|regions|locations)/([^/]+)")
RUN_LOCATION = "cloud.googleapis.com/location"


def instances(document: Document) -> Iterator[Row | Problem]:
    """Machines."""
    yield from _read(document, ("items",), instance)


def services(document: Document) -> Iterator[Row | Problem]:
    """Cloud Run services, in the form of Knative or of the v2 API."""
    yield from _read(document, ("services", "items"), service)


def jobs(document: Document) -> Iterator[Row | Problem]:
    """Cloud Run jobs, likewise."""
    yield from _read(document, ("jobs", "items"), job)


def functions(document: Document) -> Iterator[Row | Problem]:
    """Functions of both generations."""
    yield from _read(document, ("functions",), function)


def _read(document: Document, keys: tuple[str, ...], reader: Any) -> Iterator[Row | Problem]:
    notes, found, places = Notes(document), listing(document, *keys), Places(document=document)
    rows = list(read_all(notes, found, lambda notes, raw: reader(notes, raw, places)))
    yield from rows
    own = scope_project(document)
    scopes = {row.scope for row in rows if isinstance(row, Workload) and row.scope} | ({own} if own else set())
    yield from covers(document, (Fact.WORKLOADS,), scopes, but=TRUNCATED if found.truncated(len(scopes)) else None)
    yield from notes.problems


def instance(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """A machine. One that is stopped keeps its account. Its metadata may hold anything, and is not looked at."""
    link = raw["selfLink"]
    project, place = places.project(link), LOCATION.search(link)
    if place is None:
        raise ValueError("its selfLink names no zone")
    zone = place[1]
    attached = [held["email"] for held in raw.get("serviceAccounts") or []]
    name = f"//compute.googleapis.com/projects/{project}/zones/{zone}/instances/{raw['name']}"
    yield from _workload(notes, raw, name, "gce_instance", project, zone.rsplit("-", 1)[0], attached[0] if attached else None, {})


def service(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """A service. Without an account of its own it runs as the project's default compute account."""
    yield from _on_run(notes, raw, places, raw["spec"]["template"]["spec"] if "metadata" in raw else raw["template"], "service")


def job(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """A job. What a task runs as stands one template further down than with a service."""
    inner = raw["spec"]["template"]["spec"]["template"]["spec"] if "metadata" in raw else raw["template"]["template"]
    yield from _on_run(notes, raw, places, inner, "job")


def _on_run(notes: Notes, raw: Record, places: Places, template: Record, kind: str) -> Iterator[Row]:
    where, short, region, labels, email = _of_knative(raw, template) if "metadata" in raw else _of_v2(raw, template)
    if not email and where.isdigit():
        email = f"{where}-compute@developer.gserviceaccount.com"
    project = places.by_part(where)
    name = f"//run.googleapis.com/projects/{project}/locations/{region}/{kind}s/{short}"
    variables = _of_containers(template.get("containers"))
    yield from _workload(notes, {"labels": labels, "name": short}, name, f"cloud_run_{kind}", project, region, email, variables)


def _of_knative(raw: Record, template: Record) -> tuple[str, str, str | None, Any, str | None]:
    """(project, name, region, labels, account). The namespace is the project, as a rule by its number."""
    metadata = raw["metadata"]
    region = (metadata.get("labels") or {}).get(RUN_LOCATION)
    return str(metadata["namespace"]), metadata["name"], region, metadata.get("labels"), template.get("serviceAccountName")


def _of_v2(raw: Record, template: Record) -> tuple[str, str, str | None, Any, str | None]:
    name = raw["name"]
    place, project = LOCATION.search(name), project_part(name)
    if project is None:
        raise ValueError("its name holds no project")
    return project, name.rsplit("/", 1)[-1], place[1] if place else None, raw.get("labels"), template.get("serviceAccount")


def function(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    """A function of the first or second generation."""
    full = raw["name"]
    config: Record = raw["serviceConfig"] if isinstance(raw.get("serviceConfig"), dict) else raw
    place = LOCATION.search(full)
    project, region = places.project(full), place[1] if place else None
    variables: dict[str, str | None] = {str(name): str(value) for name, value in (config.get("environmentVariables") or {}).items()}
    variables |= {str(held["key"]): "projects/" for held in config.get("secretEnvironmentVariables") or []}
    short = full.rsplit("/", 1)[-1]
    name = f"//cloudfunctions.googleapis.com/projects/{project}/locations/{region}/functions/{short}"
    email = config.get("serviceAccountEmail")
    yield from _workload(notes, {"labels": raw.get("labels"), "name": short}, name, "cloud_function", project, region, email, variables)


def _of_containers(containers: Any) -> dict[str, str | None]:
    """Variables of all containers. One that names a secret holds a reference."""
    found: dict[str, str | None] = {}
    for container in containers or []:
        for held in container.get("env") or []:
            refers = "valueFrom" in held or "valueSource" in held
            found[str(held["name"])] = "projects/" if refers else str(held.get("value", ""))
    return found


def _workload(
    notes: Notes,
    raw: Mapping[str, Any],
    name: str,
    kind: str,
    project: str | None,
    region: str | None,
    email: str | None,
    variables: Mapping[str, str | None],
) -> Iterator[Row]:
    labels, record = tags_of(raw.get("labels")), name.removeprefix("//")
    yield Workload(
        workload_id=name,
        provider="gcp",
        scope=project,
        kind=kind,
        name=raw["name"],
        region=region,
        environment=first_tag(labels, ENVIRONMENT_TAGS),
        team=first_tag(labels, TEAM_TAGS),
        identity_id=f"serviceAccount:{email.lower()}" if email else None,
        env_names=None if kind == "gce_instance" else sorted(variables),
        evidence=notes.document.at(record),
    )
    for held in environment.credentials(notes.document, name, project, variables, record):
        variable = held.credential_id.rsplit(":", 1)[-1]
        label = held.name if held.native_id else f"{variable} of {raw['name']}"
        yield dataclasses.replace(held, credential_id=f"gcp:env:{name}:{variable}", name=label)


def _is_instance(raw: Record) -> bool:
    link = str(raw.get("selfLink"))
    return "/compute/" in link and "/zones/" in link and "/instances/" in link and "machineType" in raw


def _is_service(raw: Record) -> bool:
    if str(raw.get("apiVersion")).startswith("serving.knative.dev/") and raw.get("kind") == "Service":
        return True
    return bool(re.fullmatch(r"projects/[^/]+/locations/[^/]+/services/[^/]+", str(raw.get("name")))) and isinstance(
        raw.get("template"), dict
    )


def _is_job(raw: Record) -> bool:
    if str(raw.get("apiVersion")).startswith("run.googleapis.com/") and raw.get("kind") == "Job":
        return True
    return bool(re.fullmatch(r"projects/[^/]+/locations/[^/]+/jobs/[^/]+", str(raw.get("name")))) and isinstance(raw.get("template"), dict)


def _is_function(raw: Record) -> bool:
    named = re.fullmatch(r"projects/[^/]+/locations/[^/]+/functions/[^/]+", str(raw.get("name")))
    return bool(named) and bool({"serviceConfig", "buildConfig", "entryPoint", "serviceAccountEmail", "runtime"} & raw.keys())


def _unplaced(document: Document) -> bool:
    """Knative's answers name the project by its number, as a namespace."""
    names = []
    for raw in listing(document, "items", "services", "jobs", "functions").records:
        if isinstance(raw, dict):
            metadata = raw.get("metadata")
            names.append(f"projects/{metadata.get('namespace')}" if isinstance(metadata, dict) else raw.get("selfLink") or raw.get("name"))
    return needs_scope(document, names)


FORMATS = (
    Format(
        name="gcp-instances",
        title="Machines and their accounts: `gcloud compute instances list`",
        matches=lambda document: lists(document, ("items",), _is_instance),
        rows=instances,
        unplaced=_unplaced,
    ),
    Format(
        name="gcp-run-services",
        title="Cloud Run services: `gcloud run services list`",
        matches=lambda document: lists(document, ("services", "items"), _is_service),
        rows=services,
        unplaced=_unplaced,
    ),
    Format(
        name="gcp-run-jobs",
        title="Cloud Run jobs: `gcloud run jobs list`",
        matches=lambda document: lists(document, ("jobs", "items"), _is_job),
        rows=jobs,
        unplaced=_unplaced,
    ),
    Format(
        name="gcp-functions",
        title="Functions of both generations: `gcloud functions list`",
        matches=lambda document: lists(document, ("functions",), _is_function),
        rows=functions,
        unplaced=_unplaced,
    ),
)
