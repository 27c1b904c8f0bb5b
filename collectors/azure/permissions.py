"""The least that the Azure collector needs: one custom role for subscriptions and a handful of Graph application permissions.

Made from collectors/azure/operations.py; docs/permissions/ holds the same as files.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from collectors.azure.operations import OPERATIONS, TENANT, Plane

ROLE_NAME = "NHI posture reader"
TENANT_ACTIONS = frozenset(operation.name for operation in TENANT if operation.plane is Plane.ARM)
"""Not grantable by a role of a subscription: Entra's Security Reader allows them."""


def actions() -> list[str]:
    """Every action that a subscription is asked with. All of them read."""
    return sorted({operation.name for operation in OPERATIONS if operation.plane is Plane.ARM} - TENANT_ACTIONS)


def graph_permissions() -> dict[str, list[str]]:
    """Graph application permission -> the requests that need it."""
    needed: dict[str, list[str]] = {}
    for operation in OPERATIONS:
        if operation.permission is not None:
            needed.setdefault(operation.permission, []).append(operation.name)
    return {permission: sorted(set(needed[permission])) for permission in sorted(needed)}


def role(scopes: Sequence[str] = ("/subscriptions/<subscription id>",)) -> dict[str, Any]:
    """The custom role as `az role definition create --role-definition` reads it. `scopes`: where it may be assigned."""
    return {
        "Name": ROLE_NAME,
        "IsCustom": True,
        "Description": "Reads which machine identities there are and what they may do. Reads no secret, no key and no data.",
        "Actions": actions(),
        "NotActions": [],
        "DataActions": [],
        "NotDataActions": [],
        "AssignableScopes": list(scopes),
    }


def graph_page() -> str:
    """docs/permissions/graph-permissions.md."""
    return "\n".join(_graph_page()) + "\n"


def _graph_page() -> Iterator[str]:
    yield "# What the Azure collector needs in Microsoft Graph"
    yield ""
    yield "<!-- Made from collectors/azure/operations.py: change that, not this page. -->"
    yield ""
    yield "Application permissions, all of them reading. An administrator consents to them once for the collector's own application or managed"
    yield "identity. What is not consented to is told as not collected; the rest is collected all the same."
    yield ""
    yield "| permission | for |"
    yield "|---|---|"
    for permission, requests in graph_permissions().items():
        yield f"| `{permission}` | {', '.join(f'`{request}`' for request in requests)} |"
    yield ""
    yield "- Sign-in activity (`/beta/reports/…`) exists in the global cloud only and needs Microsoft Entra ID P1 or P2 in the tenant."
    yield "- `Directory.Read.All` also lets the owners' names be read: without it Graph gives their ids and nothing else."
    yield "- A person who signs in with `az login` needs the directory roles Global Reader and Security Reader instead."
    yield f"- {', '.join(f'`{action}`' for action in sorted(TENANT_ACTIONS))} (where sign-in logs go) is no Graph permission and no right of a"
    yield "  subscription's role: the directory role Security Reader allows it."
    yield ""
    yield "For subscriptions there is the custom role in [azure-role.json](azure-role.json): put the subscriptions or management groups to be"
    yield "read into `AssignableScopes`, then `az role definition create --role-definition @azure-role.json`. The built-in role Reader covers it too."
