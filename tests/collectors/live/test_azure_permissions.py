"""The files in docs/permissions/ hold what the Azure plan asks for: no less, and nothing that writes or reads a secret."""

from __future__ import annotations

import json
import re

import pytest

from collectors.azure.operations import OPERATIONS, Operation, Plane
from collectors.azure.permissions import TENANT_ACTIONS, actions, graph_page, graph_permissions, role
from tests.checkout import ROOT

FOLDER = ROOT / "docs" / "permissions"


def test_the_role_file_is_the_role_of_the_plan() -> None:
    assert json.loads((FOLDER / "azure-role.json").read_text(encoding="utf-8")) == role()


def test_the_page_of_graph_permissions_is_that_of_the_plan() -> None:
    assert (FOLDER / "graph-permissions.md").read_text(encoding="utf-8") == graph_page()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.name} {operation.file}")
def test_every_operation_is_covered_by_the_role_or_by_a_graph_permission(operation: Operation) -> None:
    if operation.plane is Plane.ARM:
        assert operation.name in {*actions(), *TENANT_ACTIONS}
        assert operation.permission is None
    else:
        assert operation.permission is not None
        assert operation.name in graph_permissions()[operation.permission]


def test_the_role_reads_and_does_nothing_else() -> None:
    assert actions()
    assert all(re.fullmatch(r"Microsoft(\.\w+)(/\w+)+/[Rr]ead", action) for action in actions())
    assert role()["DataActions"] == []


def test_graph_permissions_read_and_do_nothing_else() -> None:
    assert graph_permissions()
    assert all(".Read." in permission for permission in graph_permissions())


def test_the_role_can_be_made_for_ones_own_scopes() -> None:
    assert role(["/providers/Microsoft.Management/managementGroups/all"])["AssignableScopes"] == [
        "/providers/Microsoft.Management/managementGroups/all"
    ]
