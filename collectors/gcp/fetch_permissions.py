"""The roles that a collection needs, as files for `gcloud iam roles create`: what the operations take and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.gcp.fetch_operations import OPERATIONS, Operation

QUOTA_PERMISSION = "serviceusage.services.use"
"""What a login needs on the project that its calls are counted on. https://cloud.google.com/docs/quotas/quota-project"""


def project_role() -> str:
    """docs/permissions/gcp-role.yaml: bound on each project, or on the organisation for all of them."""
    return "\n".join(
        [
            "# Bind it on each project, or on the organisation for all of them. Made from collectors/gcp/fetch_operations.py.",
            "#   gcloud iam roles create nhiCollection --project=PROJECT --file=gcp-role.yaml",
            "# With an organisation, gcp-role-organization.yaml as well: a role of a project cannot hold what it needs.",
            'title: "NHI posture: collection"',
            'description: "Lists machine identities with their dates, roles and bindings. Reads no secret, no key and no data."',
            *_permissions(operation for operation in OPERATIONS if not operation.above),
            f"  - {QUOTA_PERMISSION}  # for the project that calls are counted on",
            "",
        ]
    )


def organization_role() -> str:
    """docs/permissions/gcp-role-organization.yaml: what is asked of an organisation and of folders."""
    return "\n".join(
        [
            "# Bind it on the organisation, beside the role of gcp-role.yaml. Made from collectors/gcp/fetch_operations.py.",
            "#   gcloud iam roles create nhiCollectionAbove --organization=NUMBER --file=gcp-role-organization.yaml",
            'title: "NHI posture: collection above projects"',
            'description: "Lists bindings, roles, constraints and assets of an organisation. Reads no secret, no key and no data."',
            *_permissions(operation for operation in OPERATIONS if operation.above),
            "",
        ]
    )


def _permissions(operations: Iterable[Operation]) -> Iterator[str]:
    taken: dict[str, list[str]] = {}
    for operation in operations:
        for permission in operation.permissions:
            taken.setdefault(permission, []).append(operation.name)
    yield "stage: GA"
    yield "includedPermissions:"
    for permission, names in sorted(taken.items()):
        yield f"  - {permission}  # {', '.join(names)}"
