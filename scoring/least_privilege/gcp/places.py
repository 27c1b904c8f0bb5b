"""How a binding on a place is changed: the `gcloud` command and the Terraform resource, by the kind of place. Data, with a lookup.

https://cloud.google.com/iam/docs/granting-changing-revoking-access and the Google provider's `*_iam_member` resources.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from scoring.least_privilege.gcp.effective import OF_ACCOUNT


class Kind(NamedTuple):
    """A kind of place that carries a policy."""

    name: re.Pattern[str]
    """Full resource name."""
    gcloud: str
    """Command group, `VERB` for add-iam-policy-binding or remove-iam-policy-binding, and what it is called on."""
    terraform: str
    arguments: Mapping[str, str]
    """Of the Terraform resource; texts hold the parts of the name."""


def _kind(pattern: str, gcloud: str, terraform: str, **arguments: str) -> Kind:
    return Kind(re.compile(pattern), gcloud, f"google_{terraform}_iam_member", arguments)


_MANAGER, _PROJECT, _PLACE = "//cloudresourcemanager.googleapis.com", "projects/(?P<project>[^/]+)", "locations/(?P<location>[^/]+)"

KINDS: tuple[Kind, ...] = (
    _kind(f"{_MANAGER}/{_PROJECT}", "projects VERB {project}", "project", project="{project}"),
    _kind(f"{_MANAGER}/(?P<folder>folders/(?P<id>[^/]+))", "resource-manager folders VERB {id}", "folder", folder="{folder}"),
    _kind(f"{_MANAGER}/organizations/(?P<id>[^/]+)", "organizations VERB {id}", "organization", org_id="{id}"),
    _kind(
        r"//iam\.googleapis\.com/projects/[^/]+/serviceAccounts/(?P<account>[^/]+)",
        "iam service-accounts VERB {account} --project={project}",
        "service_account",
        service_account_id="projects/{project}/serviceAccounts/{account}",
    ),
    _kind(
        r"//storage\.googleapis\.com/(?:projects/_/buckets/)?(?P<bucket>[^/]+)",
        "storage buckets VERB gs://{bucket}",
        "storage_bucket",
        bucket="{bucket}",
    ),
    _kind(
        rf"//secretmanager\.googleapis\.com/{_PROJECT}/secrets/(?P<secret>[^/]+)",
        "secrets VERB {secret} --project={project}",
        "secret_manager_secret",
        project="{project}",
        secret_id="{secret}",
    ),
    _kind(
        rf"//pubsub\.googleapis\.com/{_PROJECT}/topics/(?P<topic>[^/]+)",
        "pubsub topics VERB {topic} --project={project}",
        "pubsub_topic",
        project="{project}",
        topic="{topic}",
    ),
    _kind(
        rf"//pubsub\.googleapis\.com/{_PROJECT}/subscriptions/(?P<name>[^/]+)",
        "pubsub subscriptions VERB {name} --project={project}",
        "pubsub_subscription",
        project="{project}",
        subscription="{name}",
    ),
    _kind(
        rf"//run\.googleapis\.com/{_PROJECT}/{_PLACE}/services/(?P<name>[^/]+)",
        "run services VERB {name} --region={location} --project={project}",
        "cloud_run_v2_service",
        project="{project}",
        location="{location}",
        name="{name}",
    ),
    _kind(
        rf"//cloudfunctions\.googleapis\.com/{_PROJECT}/{_PLACE}/functions/(?P<name>[^/]+)",
        "functions VERB {name} --region={location} --project={project}",
        "cloudfunctions_function",
        project="{project}",
        region="{location}",
        cloud_function="{name}",
    ),
    _kind(
        rf"//artifactregistry\.googleapis\.com/{_PROJECT}/{_PLACE}/repositories/(?P<name>[^/]+)",
        "artifacts repositories VERB {name} --location={location} --project={project}",
        "artifact_registry_repository",
        project="{project}",
        location="{location}",
        repository="{name}",
    ),
    _kind(
        rf"//cloudkms\.googleapis\.com/{_PROJECT}/{_PLACE}/keyRings/(?P<ring>[^/]+)/cryptoKeys/(?P<key>[^/]+)",
        "kms keys VERB {key} --keyring={ring} --location={location} --project={project}",
        "kms_crypto_key",
        crypto_key_id="projects/{project}/locations/{location}/keyRings/{ring}/cryptoKeys/{key}",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place whose policy can be changed by a command."""

    gcloud: str
    terraform: str
    arguments: Mapping[str, str]

    def command(self, verb: str) -> str:
        """`gcloud projects add-iam-policy-binding p` for the verb add."""
        return f"gcloud {self.gcloud.replace('VERB', f'{verb}-iam-policy-binding')}"


def place_of(name: str | None, project: str | None) -> Place | None:
    """How to change what is granted on a resource; None for kinds that are not listed here. `project`: where its name does not hold one."""
    for kind in KINDS:
        if found := kind.name.fullmatch(name or ""):
            account = OF_ACCOUNT.search(name or "")
            parts = {"project": (account[1] if account else None) or project or "PROJECT_ID", **found.groupdict()}
            return Place(
                gcloud=kind.gcloud.format(**parts),
                terraform=kind.terraform,
                arguments={key: value.format(**parts) for key, value in kind.arguments.items()},
            )
    return None
