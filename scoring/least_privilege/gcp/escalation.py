"""The permissions by which a GCP identity makes itself an administrator: data, with where each must be granted to have that effect.

After Rhino Security Labs' list of methods (https://github.com/RhinoSecurityLabs/GCP-IAM-Privilege-Escalation, BSD-3) and Google's list of
services that run code under an attached service account (https://cloud.google.com/iam/docs/attach-service-accounts). Names are
Google's own, with their case: the list writes one of them wrongly.
"""

from __future__ import annotations

from typing import NamedTuple

from scoring.least_privilege.grants import Reach

ABOVE = frozenset({Reach.ORGANIZATION, Reach.FOLDER})
BROAD = frozenset({*ABOVE, Reach.PROJECT})
"""Where a grant covers every service account and resource of a project at least."""


class Method(NamedTuple):
    """Permissions that together make an administrator."""

    needs: tuple[str, ...]
    """All of them, over the same project."""
    reaches: frozenset[Reach]
    """Where they must be granted; on less, it is one object and not the project."""
    certain: bool
    """False: it depends on what another identity may do, so that the verdict stays open."""
    how: str


ACT_AS = "iam.serviceAccounts.actAs"

STARTS = (
    "cloudfunctions.functions.create",
    "cloudfunctions.functions.update",
    "run.services.create",
    "run.services.update",
    "run.jobs.create",
    "compute.instances.create",
    "compute.instances.setServiceAccount",
    "cloudscheduler.jobs.create",
    "aiplatform.customJobs.create",
    "appengine.versions.create",
    "batch.jobs.create",
    "cloudbuild.builds.create",
    "composer.environments.create",
    "config.deployments.create",
    "dataflow.jobs.create",
    "dataproc.clusters.create",
    "notebooks.instances.create",
    "workflows.workflows.create",
)
"""With actAs on every service account of a project, each runs code as one of choice."""

_EVERY = "every service account there"

METHODS: tuple[Method, ...] = (
    Method(
        ("resourcemanager.organizations.setIamPolicy",), frozenset({Reach.ORGANIZATION}), True, "may grant any role on the organisation"
    ),
    Method(("resourcemanager.folders.setIamPolicy",), ABOVE, True, "may grant any role on folders"),
    Method(("resourcemanager.projects.setIamPolicy",), BROAD, True, "may grant any role on projects"),
    Method(("iam.roles.update",), BROAD, True, "may put any permission into a custom role"),
    Method(("iam.serviceAccounts.setIamPolicy",), BROAD, True, f"may let anyone become {_EVERY}"),
    Method(("iam.serviceAccountKeys.create",), BROAD, True, f"may make keys of {_EVERY}"),
    Method(("iam.serviceAccounts.getAccessToken",), BROAD, True, f"may take tokens of {_EVERY}"),
    Method(("iam.serviceAccounts.implicitDelegation",), BROAD, True, f"may take tokens by way of {_EVERY}"),
    Method(("iam.serviceAccounts.signBlob",), BROAD, True, f"may sign as {_EVERY}"),
    Method(("iam.serviceAccounts.signJwt",), BROAD, True, f"may sign tokens as {_EVERY}"),
    *(Method((ACT_AS, start), BROAD, True, f"may run code as {_EVERY}") for start in STARTS),
    Method(("deploymentmanager.deployments.create",), BROAD, True, "may deploy as Google's agent, an editor unless that was taken away"),
    Method(("orgpolicy.policy.set",), BROAD, False, "may lift the organisation's constraints: admin with what they held back"),
    Method(("storage.hmacKeys.create",), BROAD, False, f"may make storage keys of {_EVERY}: all that those may do in Cloud Storage"),
    Method(("cloudbuild.builds.create",), BROAD, False, "may run code as the account of Cloud Build: admin if that is"),
)

IMPERSONATES: tuple[str, ...] = tuple(
    f"iam.{name}"
    for name in (
        "serviceAccounts.getAccessToken",
        "serviceAccounts.implicitDelegation",
        "serviceAccounts.signBlob",
        "serviceAccounts.signJwt",
        "serviceAccounts.setIamPolicy",
        "serviceAccountKeys.create",
        "serviceAccounts.actAs",
    )
)
"""On one service account, these make that account of it, and no more."""

WATCHED = frozenset([*(permission for method in METHODS for permission in method.needs), *IMPERSONATES])
"""Every permission named here."""
