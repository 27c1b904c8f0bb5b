"""Used against granted on Azure, and what is proposed. Numbers are counted by hand in the built-in roles, or are those of small custom ones."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest

from inventory.database import Database
from inventory.model import Coverage, CoverageStatus, Fact, Row, Status
from scoring.least_privilege.azure.propose import propose
from scoring.least_privilege.azure.use import review
from scoring.least_privilege.use import Permission, Proposal, Use
from tests.least_privilege.azure_estate import (
    AS_OF,
    GROUP,
    PACK,
    PLACE,
    SUBSCRIPTION,
    TENANT,
    accounts,
    assigned,
    counted,
    custom_role,
    database_of,
    known_as,
    object_id,
    permitted,
    principal,
    seen,
)

WRITE, DELETE, RESTART = "Microsoft.Web/sites/write", "Microsoft.Web/sites/delete", "Microsoft.Web/sites/restart/Action"
READ, PUBLISH, JOIN = (
    "Microsoft.Web/sites/read",
    "Microsoft.Web/sites/publish/Action",
    "Microsoft.Network/virtualNetworks/subnets/join/action",
)
LISTED = [WRITE, DELETE, RESTART, READ, PUBLISH, JOIN]


def permissions(database: Database, name: str) -> dict[str, Permission]:
    return {one.name: one for one in review(database, known_as(name), AS_OF, PACK).permissions}


def proposed(database: Database, name: str) -> Proposal:
    return propose(database, known_as(name), AS_OF, PACK)


def text_of(proposal: Proposal, name: str) -> str:
    return next(file.text for file in proposal.files if file.name == name)


def test_only_what_the_log_would_hold_is_unused() -> None:
    with database_of(accounts(), principal("app"), custom_role("app", actions=LISTED), seen("app", WRITE.lower())) as database:
        found = {name: str(one.use) for name, one in permissions(database, "app").items()}
        row = counted(database, "app")
    assert found == {
        WRITE: "used",
        DELETE: "unused",
        RESTART: "unused",
        READ: "unknown",  # the log holds no reads
        PUBLISH: "unknown",  # goes to the app's own endpoint
        JOIN: "unknown",  # checked beside a write, without a record of its own
    }
    assert (row["granted"], row["used"], row["unused"], row["likely_unused"], row["unknown"]) == (6, 1, 2, 0, 3)
    # write of sites 25 (a step of an escalation path), delete 5, restart 5, read 1, publish 25 (a step), join 5
    assert (row["weight"], row["weight_unused"], row["weight_open"]) == (66, 10, 31)
    assert (row["action"], row["window_days"], row["confidence"]) == ("narrow", 90, "high")


def test_without_any_write_nothing_is_checked_beside_one() -> None:
    with database_of(accounts(), principal("app"), custom_role("app", actions=LISTED)) as database:
        assert permissions(database, "app")[JOIN].use is Use.UNUSED


def test_use_before_the_window_is_none_and_its_date_is_told() -> None:
    rows: list[Row | Sequence[Row]] = [
        accounts(),
        principal("app"),
        custom_role("app", actions=[DELETE]),
        seen("app", DELETE.lower(), last_at=datetime(2026, 6, 1)),
    ]
    with database_of(*rows) as database:
        one = permissions(database, "app")[DELETE]
    assert (one.use, one.last_at) == (Use.UNUSED, datetime(2026, 6, 1))


@pytest.mark.parametrize("status", [CoverageStatus.PARTIAL, CoverageStatus.MISSING, CoverageStatus.DENIED, CoverageStatus.STALE])
def test_where_the_log_was_not_collected_whole_nothing_is_unused(status: CoverageStatus) -> None:
    with database_of(accounts(log=status), principal("app"), custom_role("app", actions=LISTED)) as database:
        row = counted(database, "app")
    assert (row["unused"], row["likely_unused"], row["unknown"], row["action"]) == (0, 0, 6, "none")
    assert "Collect the activity log" in row["reason"]


def test_a_log_that_looks_back_too_short_makes_it_likely_and_nothing_is_proposed() -> None:
    rows: list[Row] = [*accounts(), principal("app"), *custom_role("app", actions=LISTED), *seen("app", WRITE.lower(), window_days=70)]
    with database_of(rows) as database:
        row = counted(database, "app")
    assert (row["used"], row["unused"], row["likely_unused"], row["unknown"], row["window_days"]) == (1, 0, 2, 3, 70)
    assert row["action"] == "none"


def test_above_a_subscription_there_may_be_logs_that_nobody_collected() -> None:
    grant = custom_role("app", "/providers/microsoft.management/managementgroups/corp", actions=[DELETE])
    with database_of(accounts(), principal("app"), grant) as database:
        assert permissions(database, "app")[DELETE].use is Use.LIKELY_UNUSED


def test_another_grant_of_it_where_no_log_looks_leaves_it_open() -> None:
    elsewhere = "/subscriptions/33333333-cccc-4ccc-8ccc-333333333333"
    role = custom_role("app", actions=[DELETE])
    second = assigned("app", "custom-app", elsewhere, document_id="doc-app")
    with database_of(accounts(), principal("app"), role, second) as database:
        one = permissions(database, "app")[DELETE]
    assert one.use is Use.UNKNOWN
    assert f"no activity log covers {elsewhere}" in one.reason


def test_data_actions_and_permissions_of_graph_are_unknown_as_long_as_it_signs_in() -> None:
    rows: list[Row | Sequence[Row]] = [
        accounts(),
        principal("app"),
        assigned("app", "Storage Blob Data Reader"),
        permitted("app", "Mail.Send"),
    ]
    with database_of(*rows) as database:
        assert {str(one.use) for one in permissions(database, "app").values()} == {"unknown"}


class TestAnApplicationThatDoesNotSignIn:
    GRANTS = (assigned("app", "Contributor"), permitted("app", "Mail.Send"))

    def test_uses_nothing_and_is_disabled_first(self) -> None:
        idle = principal("app", last_used_at=datetime(2026, 3, 1))
        with database_of(accounts(), idle, *self.GRANTS) as database:
            row, proposal = counted(database, "app"), proposed(database, "app")
        assert row["unused"] == row["granted"] > 3000
        assert (row["action"], proposal.action) == ("disable", "disable")
        assert proposal.removed == {Use.UNUSED: row["granted"]}
        assert f"az ad sp update --id {object_id('app')} --set accountEnabled=false" in text_of(proposal, "apply.sh")
        assert proposal.rollback == f"az ad sp update --id {object_id('app')} --set accountEnabled=true"
        assert not any("delete" in file.text for file in proposal.files)

    def test_but_not_while_the_log_shows_it(self) -> None:
        idle = principal("app", last_used_at=datetime(2026, 3, 1))
        with database_of(accounts(), idle, *self.GRANTS, seen("app", WRITE.lower())) as database:
            assert counted(database, "app")["action"] == "narrow"

    def test_is_likely_idle_when_a_whole_report_does_not_name_it(self) -> None:
        absent = principal("app", last_used_at=None, last_used_known=False)
        with database_of(accounts(), absent, permitted("app", "Mail.Send")) as database:
            row = counted(database, "app")
        assert (row["likely_unused"], row["action"]) == (1, "none")

    def test_is_open_when_the_report_was_not_collected(self) -> None:
        rows = [row for row in accounts() if not (isinstance(row, Coverage) and row.fact is Fact.ROLE_USAGE)]
        idle = principal("app", last_used_at=datetime(2026, 3, 1))
        with database_of(rows, idle, permitted("app", "Mail.Send")) as database:
            assert counted(database, "app")["unknown"] == 1

    def test_is_no_managed_identity_as_these_sign_in_to_another_log(self) -> None:
        identity = principal("app", managed=True, last_used_known=True, scope=TENANT)
        with database_of(accounts(), identity, assigned("app", "Reader")) as database:
            assert counted(database, "app")["unused"] == 0


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"created_at": datetime(2026, 9, 1)}, "it was created 29 days ago"),
        ({"name": "break-glass-deploy"}, "break-glass"),
        ({"purpose": "disaster recovery"}, "disaster"),
    ],
)
def test_a_guard_holds_back_and_shows_the_proposal(change: dict[str, Any], guard: str) -> None:
    with database_of(accounts(), principal("app", **change), custom_role("app", actions=LISTED)) as database:
        row, proposal = counted(database, "app"), proposed(database, "app")
    assert (row["action"], proposal.action) == ("wait", "wait")
    assert any(guard in sentence for sentence in proposal.guards)
    assert row["guards"] == list(proposal.guards)
    assert proposal.changes


def test_a_recent_change_of_a_grant_holds_back() -> None:
    grant = assigned("app", "Contributor", changed_at=datetime(2026, 9, 10))
    with database_of(accounts(), principal("app"), grant) as database:
        assert "was changed 20 days ago" in counted(database, "app")["guards"][0]


def test_where_not_all_grants_are_known_nothing_is_counted_or_proposed() -> None:
    rows: list[Row | Sequence[Row]] = [accounts(policies=CoverageStatus.PARTIAL), principal("app"), assigned("app", "Contributor")]
    with database_of(*rows) as database:
        row, proposal, gaps = counted(database, "app"), proposed(database, "app"), review(database, known_as("app"), AS_OF, PACK).gaps
    assert (row["granted"], row["action"], proposal.action) == (None, "unknown", "unknown")
    assert "not all of its grants may be known" in row["reason"]
    assert gaps == (row["reason"],)
    assert not proposal.changes


@pytest.mark.parametrize("change", [{"in_scope": False}, {"status": Status.DISABLED}])
def test_what_is_not_ours_or_off_already_gets_no_proposal(change: dict[str, Any]) -> None:
    with database_of(accounts(), principal("app", **change), assigned("app", "Contributor")) as database:
        assert (counted(database, "app")["action"], proposed(database, "app").action) == ("none", "none")


class TestAProposal:
    def test_keeps_reads_as_a_pattern_and_what_was_used(self) -> None:
        rows: list[Row | Sequence[Row]] = [accounts(), principal("app"), assigned("app", "DNS Zone Contributor", GROUP)]
        with database_of(*rows, seen("app", "microsoft.network/dnszones/a/write")) as database:
            proposal = proposed(database, "app")
        role = json.loads(text_of(proposal, "role-1.json"))
        assert role["Name"] == f"DNS Zone Contributor for app ({object_id('app')[:8]}) on {SUBSCRIPTION} rg"
        assert role["IsCustom"] is True
        assert role["AssignableScopes"] == [GROUP]
        # by hand: of Microsoft.Network/dnsZones/* the reads and the one write stay; deployments/* and alertRules/* keep their reads
        assert role["Actions"] == [
            "Microsoft.Authorization/*/read",
            "Microsoft.Insights/alertRules/*/read",
            "Microsoft.Insights/alertRules/read",
            "Microsoft.Network/dnsZones/*/read",
            "Microsoft.Network/dnsZones/A/write",
            "Microsoft.Network/dnsZones/read",
            "Microsoft.ResourceHealth/availabilityStatuses/read",
            "Microsoft.Resources/deployments/*/read",
            "Microsoft.Resources/deployments/read",
            "Microsoft.Resources/subscriptions/resourceGroups/read",
            "Microsoft.Support/*/read",
        ]
        assert role["NotActions"] == role["DataActions"] == role["NotDataActions"] == []

    def test_makes_the_new_assignment_before_it_takes_the_old_one(self) -> None:
        with database_of(accounts(), principal("app"), assigned("app", "Contributor")) as database:
            proposal = proposed(database, "app")
        lines = [line for line in text_of(proposal, "apply.sh").splitlines() if line.startswith("az ")]
        assert [" ".join(line.split()[1:4]) for line in lines] == [
            "role definition create",
            "role assignment create",
            "role assignment delete",
        ]
        assert "b24988ac-6180-42a0-ab88-20f7382dd24c" in lines[2]  # Contributor
        back = proposal.rollback.splitlines()
        assert [" ".join(line.split()[1:4]) for line in back] == [
            "role assignment create",
            "role assignment delete",
            "role definition delete",
        ]
        assert "azurerm_role_definition" in text_of(proposal, "main.tf")

    def test_takes_a_smaller_built_in_role_where_one_does(self) -> None:
        with database_of(accounts(), principal("app"), assigned("app", "User Access Administrator")) as database:
            proposal = proposed(database, "app")
        (change,) = proposal.changes
        assert change.after == "Reader\nActions: */read"
        assert 'role_definition_name = "Reader"' in text_of(proposal, "main.tf")
        assert set(proposal.removed) == {Use.UNUSED}

    def test_removes_an_assignment_that_gives_nothing_used(self) -> None:
        with database_of(accounts(), principal("app", managed=True), custom_role("app", actions=[DELETE, RESTART])) as database:
            row, proposal = counted(database, "app"), proposed(database, "app")
        assert (row["action"], proposal.removed) == ("narrow", {Use.UNUSED: 2})
        assert proposal.changes[0].after == ""
        assert "create" not in text_of(proposal, "apply.sh")

    @pytest.mark.parametrize(
        ("more", "why"), [({"conditional": True}, "carries a condition"), ({"group_name": "devs"}, "narrow every member")]
    )
    def test_leaves_what_it_cannot_rewrite(self, more: dict[str, Any], why: str) -> None:
        with database_of(accounts(), principal("app"), assigned("app", "Contributor", **more)) as database:
            row, proposal = counted(database, "app"), proposed(database, "app")
        assert (row["action"], proposal.action) == ("none", "none")
        assert why in proposal.summary

    def test_says_the_same_as_the_count(self) -> None:
        grants = [assigned("app", "Contributor"), assigned("app", "Website Contributor", GROUP), permitted("app", "Mail.Send")]
        with database_of(accounts(), principal("app"), grants, seen("app", WRITE.lower(), RESTART.lower())) as database:
            row, proposal, uses = counted(database, "app"), proposed(database, "app"), permissions(database, "app")
        assert (row["action"], row["reason"], row["confidence"]) == (proposal.action, proposal.summary, proposal.confidence)
        assert row["granted"] == len(uses)
        assert row["unused"] == sum(one.use is Use.UNUSED for one in uses.values())

    def test_quotes_what_a_name_may_hold(self) -> None:
        with database_of(accounts(), principal("app", name='x"; $(rm -rf ~) ${y}'), assigned("app", "DNS Zone Contributor")) as database:
            proposal = proposed(database, "app")
        assert "--role 'DNS Zone Contributor for x\"; $(rm -rf ~) ${y} (" in text_of(proposal, "apply.sh")
        assert "$${y}" in text_of(proposal, "main.tf")


def test_a_denial_takes_away_what_its_text_names() -> None:
    denial = custom_role("no", actions=["*/delete"])
    deny = assigned("app", "custom-no", PLACE, via="deny", document_id="doc-no")
    with database_of(accounts(), principal("app"), principal("no"), denial, custom_role("app", actions=[WRITE, DELETE]), deny) as database:
        assert set(permissions(database, "app")) == {WRITE}


def test_each_identity_has_one_row_and_equal_ones_share_a_set() -> None:
    rows: list[Row] = [*accounts()]
    for name in ("one", "two", "three"):
        rows += [principal(name), assigned(name, "Contributor")]
    rows.append(principal("none"))
    with database_of(rows) as database:
        assert database.value("SELECT count(*) FROM least_privilege") == 5
        assert database.value("SELECT count(DISTINCT set_id) FROM judging.azure_set") == 3  # the three; `none`, and `logged` with its use
        assert counted(database, "none")["reason"] == "Nothing is granted to it."
