"""Escalation paths on Azure: every path of paths.toml has an identity that can walk it and one that cannot."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

import pytest

from inventory.database import Database
from inventory.model import Entitlement, Ownership, Row, Workload
from scoring.least_privilege.azure.escalation import WATCHED
from scoring.least_privilege.azure.paths import azure_escalations
from scoring.least_privilege.azure.steps import SHOWN
from tests.least_privilege.azure_estate import (
    GROUP,
    OTHER,
    PLACE,
    SUBSCRIPTION,
    accounts,
    assigned,
    custom_role,
    database_of,
    known_as,
    object_id,
    permitted,
    principal,
    user_assigned,
)

RAW = tomllib.loads((files("scoring.least_privilege.azure") / "paths.toml").read_text(encoding="utf-8"))["path"]
PLACES = {"rg": GROUP, "other": OTHER, "sub": PLACE}
ADMIN = "RoleManagement.ReadWrite.Directory"
KINDS = (
    "azure_vm",
    "azure_web_app",
    "azure_function_app",
    "azure_automation_account",
    "azure_container_app",
    "azure_container_instance",
    "azure_logic_app",
)


def running(kind: str, identity: str, place: str = GROUP) -> Workload:
    resource = f"{place}/providers/contoso/{kind}"
    return Workload(
        workload_id=resource,
        provider="azure",
        scope=SUBSCRIPTION,
        kind=kind,
        name=kind,
        identity_id=known_as(identity),
        evidence=f"arm.json#{kind}",
    )


def estate() -> list[Row]:
    """An administrator's identity in one resource group, on all that runs there, and an application that administers the directory."""
    rows: list[Row] = [*accounts(), *user_assigned("strong"), permitted("strong", ADMIN), principal("owned"), permitted("owned", ADMIN)]
    return rows + [running(kind, "strong") for kind in KINDS]


def walker(example: dict[str, Any]) -> list[Row]:
    """The identity of an example."""
    rows: list[Row] = [principal("walker")]
    rows += [assigned("walker", role, PLACES[place]) for role, place in example.get("roles", ())]
    rows += [permitted("walker", permission) for permission in example.get("app_roles", ())]
    if "actions" in example:
        rows += custom_role("walker", PLACES[example["place"]], actions=example["actions"])
    if example.get("owns"):
        rows.append(owner("walker", "owned"))
    if role := example.get("directory_role"):
        limited = f"/{object_id('owned')}"
        rows.append(assigned("walker", role, limited, via="directory_role", policy_id=role))
    return rows


def owner(name: str, of: str) -> Ownership:
    return Ownership(identity_id=known_as(of), owner_id=known_as(name), basis="directory", evidence=f"sp.json#{of}/owner")


def walked(*rows: Row | Sequence[Row]) -> Database:
    database = database_of(estate(), *rows)
    azure_escalations(database)
    return database


def paths_of(database: Database, name: str = "walker") -> list[dict[str, Any]]:
    return database.rows("SELECT * FROM escalation WHERE identity_id = $id ORDER BY path_id, target_id", {"id": known_as(name)})


@pytest.mark.parametrize("raw", RAW, ids=[raw["id"] for raw in RAW])
def test_each_path_is_found_where_it_is_open(raw: dict[str, Any]) -> None:
    with walked(walker(raw["positive"])) as database:
        found = [row for row in paths_of(database) if row["path_id"] == raw["id"]]
    assert {(row["gains"], row["certainty"]) for row in found} == {(raw["positive"]["gains"], raw["positive"]["certainty"])}
    for row in found:
        assert row["evidence"]
        assert row["steps"][-1].startswith(raw["how"])
        assert (row["target_id"] is None) == (raw["target"] in {"self", "data", "directory"})


@pytest.mark.parametrize("raw", RAW, ids=[raw["id"] for raw in RAW])
def test_each_path_is_closed_to_its_counterexample(raw: dict[str, Any]) -> None:
    assert raw["negative"]["why"]
    with walked(walker(raw["negative"])) as database:
        assert [row for row in paths_of(database) if row["path_id"] == raw["id"]] == []


def test_the_catalogue_is_sound() -> None:
    watched = {action.lower() for action in WATCHED}
    ids = [raw["id"] for raw in RAW]
    assert len(set(ids)) == len(ids) > 10
    for raw in RAW:
        assert raw["source"].startswith("https://learn.microsoft.com/"), raw["id"]
        assert {action.lower() for need in raw["needs"] for action in need} <= watched, raw["id"]


def test_administrators_have_no_way_to_go() -> None:
    with walked(principal("walker"), assigned("walker", "Owner")) as database:
        assert paths_of(database) == []


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({"via": "eligible"}, "once somebody activates a role"),
        ({"conditional": True}, "under a condition"),
    ],
)
def test_what_is_held_conditionally_is_possible(more: dict[str, Any], doubt: str) -> None:
    with walked(principal("walker"), assigned("walker", "Managed Identity Contributor", GROUP, **more)) as database:
        (row,) = [row for row in paths_of(database) if row["path_id"] == "azure-011"]
    assert row["certainty"] == "possible"
    assert doubt in row["reason"]


def test_a_deny_assignment_on_the_way_makes_it_possible() -> None:
    deny = assigned("walker", "Owner", PLACE, via="deny")
    with walked(principal("walker"), assigned("walker", "Managed Identity Contributor", GROUP), deny) as database:
        assert {row["certainty"] for row in paths_of(database)} == {"possible"}


def test_an_owner_without_a_permission_of_graph_may_perhaps() -> None:
    with walked(principal("walker"), owner("walker", "owned")) as database:
        (row,) = paths_of(database)
    assert (row["path_id"], row["certainty"], row["gains"]) == ("azure-031", "possible", "admin")


def test_an_identity_that_may_no_more_is_no_target() -> None:
    weak = [*user_assigned("weak", OTHER), assigned("weak", "Reader", GROUP)]
    with walked(principal("walker"), assigned("walker", "Managed Identity Contributor", OTHER), weak) as database:
        assert [row for row in paths_of(database) if row["target_id"] == known_as("weak")] == []


def test_what_is_listed_of_one_path_has_an_end() -> None:
    many: list[Row] = [row for number in range(SHOWN + 5) for row in (*user_assigned(f"mi{number:02}"), permitted(f"mi{number:02}", ADMIN))]
    with walked(principal("walker"), assigned("walker", "Managed Identity Contributor", GROUP), many) as database:
        assert len([row for row in paths_of(database) if row["path_id"] == "azure-011"]) == SHOWN


class TestChains:
    def middle(self, name: str, where: str, reach: str) -> list[Row]:
        """A user-assigned identity in one place that may federate those of another."""
        grants: list[Entitlement] = [assigned(name, "Managed Identity Contributor", reach)]
        return [*user_assigned(name, where), *grants]

    def test_lead_over_identities_to_an_administrator(self) -> None:
        rows: list[Row | Sequence[Row]] = [
            principal("walker"),
            assigned("walker", "Managed Identity Contributor", OTHER),
            self.middle("middle", OTHER, GROUP),
        ]
        with walked(*rows) as database:
            (chain,) = [row for row in paths_of(database) if row["path_id"] == "azure-chain"]
        assert (chain["target_id"], chain["gains"], chain["certainty"]) == (known_as("strong"), "admin", "certain")
        assert len(chain["steps"]) == 4
        assert chain["reason"] == "It becomes middle, which becomes strong (admin)."

    def test_end_where_they_go_in_circles(self) -> None:
        there, back = f"{PLACE}/resourcegroups/a", f"{PLACE}/resourcegroups/b"
        rows: list[Row | Sequence[Row]] = [principal("walker"), assigned("walker", "Managed Identity Contributor", there)]
        with walked(*rows, self.middle("ping", there, back), self.middle("pong", back, there)) as database:
            assert [row for row in paths_of(database) if row["gains"] == "admin"] == []

    def test_are_possible_when_one_step_is(self) -> None:
        first = assigned("walker", "Managed Identity Contributor", OTHER, conditional=True)
        with walked(principal("walker"), first, self.middle("middle", OTHER, GROUP)) as database:
            (chain,) = [row for row in paths_of(database) if row["path_id"] == "azure-chain"]
        assert chain["certainty"] == "possible"
