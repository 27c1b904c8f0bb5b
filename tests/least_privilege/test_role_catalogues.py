"""The pinned tables of Google's and Azure's roles and of Graph's permissions: what they hold is what their sources say."""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from scoring.least_privilege.azure import entra
from scoring.least_privilege.azure import roles as azure_roles
from scoring.least_privilege.azure.escalation import WATCHED as AZURE_WATCHED
from scoring.least_privilege.build_roles import azure, base36, gcp, runs, tables
from scoring.least_privilege.gcp import roles as gcp_roles
from scoring.least_privilege.gcp.escalation import WATCHED as GCP_WATCHED
from tests.checkout import ROOT

DATA = ROOT.parent / "shared" / "data"
TABLES = ("gcp/roles.tsv", "azure/roles.tsv", "azure/entra_permissions.tsv")


def table(name: str) -> str:
    return (files("scoring.least_privilege") / name).read_text(encoding="utf-8")


def source(name: str) -> Any:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the source data is not here: {name}")
    raw = path.read_bytes()
    return json.loads((gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8-sig"))


@pytest.mark.parametrize("name", TABLES)
def test_a_table_names_its_date_counts_sources_and_licences_and_is_small(name: str) -> None:
    text = table(name)
    head = [line for line in text.splitlines() if line.startswith("#")]
    assert {line.split("\t")[0] for line in head if "\t" in line} == {"# date", "# counts", "# source"}
    assert all("MIT" in line or "CC0" in line for line in head if line.startswith("# source"))
    assert "Permission is granted" in "\n".join(head)
    assert len(text.encode()) < 1_000_000


def digest(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]


def test_gcp_roles_and_permissions_are_as_counted() -> None:
    roles = gcp_roles.standard()
    held = {role_id: roles.members(roles.predefined(role_id).mask) for role_id in roles.ids}
    assert len(roles.ids) == 2461
    assert len(roles.names) == len(set(roles.names)) == 13790
    assert sum(len(names) for names in held.values()) == 165179
    assert {name: len(held[f"roles/{name}"]) for name in ("owner", "editor", "viewer")} == {"owner": 13568, "editor": 11979, "viewer": 6064}
    assert digest([[role_id, sorted(held[role_id])] for role_id in sorted(held)]) == "17b735230d2130d8"


def test_azure_roles_are_as_counted() -> None:
    roles = azure_roles.standard().by_id
    assert len(roles) == 928
    assert Counter(len(role.blocks) for role in roles.values()) == {1: 912, 2: 14, 3: 2}
    assert sum(block.condition is not None for role in roles.values() for block in role.blocks) == 31
    assert (
        digest([[role.role_id, role.name, [parts(block) for block in role.blocks]] for _, role in sorted(roles.items())])
        == "3d557de871b28c8b"
    )


def parts(block: azure_roles.Block) -> list[Any]:
    lists = (block.actions, block.not_actions, block.data_actions, block.not_data_actions)
    return [*(sorted(set(names)) for names in lists), block.condition]


def test_every_predefined_role_expands_to_exactly_what_its_source_lists() -> None:
    roles = gcp_roles.standard()
    listed = source("gcp/predefined-roles.json.gz")
    assert set(roles.ids) == set(listed)
    for role_id, raw in listed.items():
        role = roles.predefined(role_id)
        assert set(roles.members(role.mask)) == set(raw["permissions"]), role_id
        assert (role.title, roles.stage(role_id)) == (raw["title"], raw["stage"])


def test_every_built_in_role_expands_to_exactly_what_its_source_lists() -> None:
    roles = azure_roles.standard().by_id
    listed = source("azure/built-in-roles.json.gz")
    assert set(roles) == {raw["name"] for raw in listed}
    for raw in listed:
        role = roles[raw["name"]]
        found = [[*(sorted(set(block[part])) for part in azure_roles.PARTS), block["condition"] or None] for block in raw["permissions"]]
        assert (role.name, [parts(block) for block in role.blocks]) == (raw["roleName"], found)


def test_application_permissions_keep_the_names_and_ratings_of_their_sources() -> None:
    found = entra.standard().by_id
    for raw in source("azure/graph-app-role-tiers.json"):
        assert (found[raw["AppRoleId"]].name, found[raw["AppRoleId"]].tier) == (raw["AppRoleDisplayName"], raw["EAMTierLevelName"])
    rated: dict[str, set[str]] = {}
    for api in source("azure/scubagear/RiskyAppPermissions.json")["permissions"].values():
        for role_id, raw in api["Application"].items():
            rated.setdefault(role_id, set()).add(raw["RiskLevel"])
    assert {role_id: found[role_id].risk in risks for role_id, risks in rated.items()} == dict.fromkeys(rated, True)
    assert sum(permission.risk is not None for permission in found.values()) == len(rated)


def test_the_same_sources_give_the_same_bytes() -> None:
    source("gcp/predefined-roles.json.gz")
    given = argparse.Namespace(
        gcp=DATA / "gcp/predefined-roles.json.gz",
        azure=DATA / "azure/built-in-roles.json.gz",
        risky=DATA / "azure/scubagear/RiskyAppPermissions.json",
        tiers=DATA / "azure/graph-app-role-tiers.json",
        date="2026-11-23",
    )
    assert [name for name, text in tables(given) if text != table(name)] == []


def test_tables_of_made_up_roles_read_back(tmp_path: Path) -> None:
    made = {
        "roles/b": {"permissions": ["x.a.get", "x.a.list", "y.b.use", "x.c/d.e.get"], "stage": "GA", "title": "B"},
        "roles/a": {"permissions": [], "stage": "BETA", "title": "A"},
    }
    read = gcp_roles.parse(gcp(made, "2026-01-01"))
    assert {role_id: set(read.members(read.predefined(role_id).mask)) for role_id in read.ids} == {
        "roles/a": set(),
        "roles/b": {"x.a.get", "x.a.list", "y.b.use", "x.c/d.e.get"},
    }
    block = {"actions": ["*", "M.X/a/read "], "notActions": ["M.X/b/*"], "dataActions": [], "notDataActions": [], "condition": "c {'x'}"}
    built_in = azure_roles.parse(
        azure([{"name": "g1", "roleName": "One", "permissions": [block, {**block, "condition": None}]}], "2026-01-01")
    )
    assert [parts(one) for one in built_in.by_id["g1"].blocks] == [
        [["*", "M.X/a/read "], ["M.X/b/*"], [], [], "c {'x'}"],
        [["*", "M.X/a/read "], ["M.X/b/*"], [], [], None],
    ]


def test_runs_code_gaps_and_lengths() -> None:
    assert runs([0, 1, 2, 40, 41, 50]) == "0+2 11+1 8"
    assert gcp_roles.decode("0+2 11+1 8") == 0b111 | 0b11 << 40 | 1 << 50
    assert base36(35) + base36(36) == "z10"


def test_what_decides_over_administration_is_named_as_the_providers_name_it() -> None:
    # Rhino's list writes `iam.serviceaccounts.actAs` in two places: no such permission exists
    assert set(gcp_roles.standard().members(gcp_roles.standard().mask_of(GCP_WATCHED))) == GCP_WATCHED
    owner = azure_roles.standard().find("Owner")
    assert owner.blocks[0].holds(AZURE_WATCHED) == set(AZURE_WATCHED)


@pytest.mark.parametrize(
    ("permission", "looks"),
    [
        ("storage.objects.get", True),
        ("storage.buckets.getIamPolicy", True),
        ("bigquery.jobs.listAll", True),
        ("secretmanager.versions.access", True),
        ("cloudasset.assets.exportResource", True),
        ("storage.objects.create", False),
        ("compute.instances.setMetadata", False),
        ("iam.serviceAccounts.getAccessToken", False),
        ("container.clusters.getCredentials", False),
        ("apikeys.keys.getKeyString", False),
        ("aiplatform.endpoints.predict", False),
        ("x.y.getaway", False),
    ],
)
def test_a_permission_reads_when_its_verb_is_plainly_a_look(permission: str, looks: bool) -> None:
    assert gcp_roles.reads(permission) is looks


def test_the_agreed_core_of_application_permissions_is_admin_and_disputed_ones_are_open() -> None:
    permissions = entra.standard()
    core = {permission.name for permission in permissions.by_id.values() if permission.level == "admin"}
    assert core == entra.AGREED
    for name in ("DelegatedPermissionGrant.ReadWrite.All", "Group.ReadWrite.All", "PrivilegedAccess.ReadWrite.AzureADGroup"):
        found = permissions.find(name)
        assert found is not None
        assert found.level == "open"
    for name, level in {"Mail.Send": "write", "full_access_as_app": "write", "Directory.Read.All": "read", "User.Read.All": "read"}.items():
        assert (permissions.find(name) or pytest.fail(name)).level == level


def test_an_application_permission_is_found_by_id_or_name_and_says_who_rates_it() -> None:
    by_name = entra.standard().find("approleassignment.readwrite.all")
    assert by_name is entra.standard().find("06B708A9-E830-4DB3-A914-8E69DA51D44F")
    assert by_name is not None
    assert by_name.sources == "ScubaGear: critical, AzurePrivilegedIAM: ControlPlane"
    assert entra.standard().find("no-such", None) is None


def test_checks_list_the_permissions_and_roles_that_the_tables_call_administration() -> None:
    folder = ROOT / "scoring" / "checks" / "privilege"
    pairs = {
        name: dict(re.findall(r"^        \('([^']+)', '([^']+)'\)", (folder / name).read_text(encoding="utf-8"), re.MULTILINE))
        for name in ("graph-administrator-with-secret.sql", "tier-zero-principal-with-secret.sql")
    }
    permissions = {found.role_id: found.name for found in entra.standard().by_id.values() if found.level == "admin"}
    assert pairs == {"graph-administrator-with-secret.sql": permissions, "tier-zero-principal-with-secret.sql": dict(entra.TIER_ZERO)}
