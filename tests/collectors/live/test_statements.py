"""What the runner states to be collected: facts of which every call succeeded, and no more. A false statement would be a false pass."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.bundle import collect
from collectors.collecting import Call, CallFailed
from collectors.reading import Evidence, read
from inventory.model import Coverage, CoverageStatus, Fact
from tests.collectors.live.plans import FakePlan

ONE = "0c7e1d52-0000-4000-8000-00000000000b"
OTHER = "0c7e1d52-0000-4000-8000-00000000000c"
EMPTY: dict[str, Any] = {"value": []}
DENIED = CallFailed("not allowed", CoverageStatus.DENIED)
BROKEN = CallFailed("timed out", CoverageStatus.MISSING)
VAULT = f"/subscriptions/{ONE}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults"
VAULTS = {"value": [{"id": f"{VAULT}/{name}", "name": name, "type": "Microsoft.KeyVault/vaults"} for name in ("a", "b")]}
SECRETS = {"value": [{"id": "https://a.vault.azure.net/secrets/db", "name": "db", "attributes": {"enabled": True}}]}
SITE = {"value": [{"id": f"/subscriptions/{ONE}/resourceGroups/rg/providers/Microsoft.Web/sites/shop", "name": "shop"}]}


def plan(*calls: Callable[[FakePlan], Call]) -> FakePlan:
    made = FakePlan(source="azure")
    made.first = [call(made) for call in calls]
    return made


def asks(file: str, *steps: Any, **more: Any) -> Callable[[FakePlan], Call]:
    """A call of the subscription's storage accounts, unless said otherwise."""
    given = {"scope": ONE, "facts": (Fact.RESOURCE_POLICIES,), **more}
    return lambda made: made.call(f"{given['scope']}/{file}.json", *steps, operation=file, **given)


def asks_each(file: str, *steps: Any, each: dict[str, Any], **more: Any) -> Callable[[FakePlan], Call]:
    """The vaults of the subscription, then the secrets of each."""

    def made_of(made: FakePlan) -> Call:
        def then(_answers: Sequence[Any]) -> Iterable[Call]:
            for name, step in each.items():
                yield asks(f"secrets/{name}", step, facts=(Fact.STORED_SECRETS,))(made)

        return asks(file, *steps, then=then, **{"facts": (Fact.STORED_SECRETS,), **more})(made)

    return made_of


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text())
    return found


def edit(folder: Path, **changes: Any) -> None:
    (folder / "manifest.json").write_text(json.dumps({**manifest(folder), **changes}))


def evidence(folder: Path) -> Evidence:
    return read([folder], COLLECTORS, key=b"k")


def told(folder: Path) -> set[tuple[str, str, str]]:
    """Fact, scope and status of what the manifest says."""
    rows = (row for row in evidence(folder).rows if isinstance(row, Coverage) and str(row.evidence).endswith("manifest.json"))
    return {(row.fact.value, row.scope, row.status.value) for row in rows}


def test_an_empty_list_of_which_every_page_came_means_that_there_is_none(tmp_path: Path) -> None:
    collect(plan(asks("storage", EMPTY)), tmp_path)

    assert manifest(tmp_path)["collected"] == [{"fact": "resource_policies", "scope": ONE}]
    assert told(tmp_path) == {("resource_policies", ONE, "collected")}


def test_lists_one_vault_at_a_time_are_whole_when_every_vault_was_asked(tmp_path: Path) -> None:
    collect(plan(asks_each("vaults", VAULTS, each={"a": SECRETS, "b": EMPTY})), tmp_path)

    assert told(tmp_path) == {("stored_secrets", ONE, "collected")}


@pytest.mark.parametrize(
    ("steps", "status"), [((DENIED,), "denied"), ((BROKEN,), "missing"), ((EMPTY, BROKEN), "partial"), ((EMPTY, DENIED), "partial")]
)
def test_a_call_that_failed_or_broke_off_is_a_gap_and_nothing_is_stated(tmp_path: Path, steps: tuple[Any, ...], status: str) -> None:
    collect(plan(asks("storage", *steps), asks("sites", EMPTY, facts=(Fact.WORKLOADS,))), tmp_path)

    assert told(tmp_path) == {("resource_policies", ONE, status), ("workloads", ONE, "collected")}


def test_one_failed_call_of_several_leaves_the_fact_open(tmp_path: Path) -> None:
    collect(plan(asks("machines", EMPTY, facts=(Fact.WORKLOADS,)), asks("sites", DENIED, facts=(Fact.WORKLOADS,))), tmp_path)

    assert manifest(tmp_path)["collected"] == []
    assert told(tmp_path) == {("workloads", ONE, "partial")}


def test_one_failed_vault_leaves_the_secrets_open(tmp_path: Path) -> None:
    collect(plan(asks_each("vaults", VAULTS, each={"a": EMPTY, "b": DENIED})), tmp_path)

    assert told(tmp_path) == {("stored_secrets", ONE, "partial")}


@pytest.mark.parametrize("facts", [(Fact.STORED_SECRETS,), ()])
def test_a_list_that_failed_leaves_open_what_would_have_followed_from_it(tmp_path: Path, facts: tuple[Fact, ...]) -> None:
    also = asks("other", EMPTY, facts=(Fact.STORED_SECRETS,))
    collect(plan(asks_each("vaults", DENIED, each={}, facts=facts), also), tmp_path)

    assert manifest(tmp_path)["collected"] == []


def test_what_only_leads_to_other_calls_states_nothing(tmp_path: Path) -> None:
    collect(plan(asks("vaults", EMPTY, facts=(Fact.STORED_SECRETS,), tells=())), tmp_path)

    assert manifest(tmp_path)["collected"] == []


def test_nothing_is_stated_of_everything_or_of_use(tmp_path: Path) -> None:
    of_use = (Fact.KEY_USAGE, Fact.ROLE_USAGE, Fact.SERVICE_USAGE)
    collect(plan(asks("all", EMPTY, scope="*"), asks("activity", EMPTY, facts=of_use)), tmp_path)

    assert manifest(tmp_path)["collected"] == []
    assert told(tmp_path) == set()


def test_a_question_that_two_scopes_share_counts_for_both_as_it_was_answered(tmp_path: Path) -> None:
    made = plan(asks("storage", DENIED), asks("sites", EMPTY, scope=OTHER))
    made.first.append(dataclasses.replace(made.first[0], scope=OTHER))
    collect(made, tmp_path)

    assert manifest(tmp_path)["collected"] == []


def test_a_killed_collection_states_nothing(tmp_path: Path) -> None:
    collect(plan(asks("storage", EMPTY)), tmp_path)
    killed = plan(asks("sites", EMPTY, scope=OTHER), asks("machines", MemoryError(), scope=OTHER))
    with pytest.raises(MemoryError):
        collect(killed, tmp_path, workers=1)

    assert {status for _, _, status in told(tmp_path)} == {"partial"}

    collect(plan(asks("sites", EMPTY, scope=OTHER)), tmp_path)
    assert told(tmp_path) == {("resource_policies", ONE, "collected"), ("resource_policies", OTHER, "collected")}


def test_another_scope_of_the_same_bundle_says_nothing_of_this_one(tmp_path: Path) -> None:
    collect(plan(asks("storage", DENIED)), tmp_path)
    collect(plan(asks("storage", EMPTY, scope=OTHER)), tmp_path)

    assert told(tmp_path) == {("resource_policies", ONE, "denied"), ("resource_policies", OTHER, "collected")}


def test_another_bundle_says_nothing_of_this_one(tmp_path: Path) -> None:
    collect(plan(asks("storage", EMPTY, BROKEN)), tmp_path / "one")
    collect(plan(asks("storage", EMPTY, scope=OTHER)), tmp_path / "other")

    assert told(tmp_path) == {("resource_policies", ONE, "partial"), ("resource_policies", OTHER, "collected")}


def test_what_failed_and_is_asked_again_is_stated_then(tmp_path: Path) -> None:
    collect(plan(asks("machines", EMPTY, facts=(Fact.WORKLOADS,)), asks("sites", DENIED, facts=(Fact.WORKLOADS,))), tmp_path)
    again = plan(asks("machines", EMPTY, facts=(Fact.WORKLOADS,)), asks("sites", EMPTY, facts=(Fact.WORKLOADS,)))
    collect(again, tmp_path)

    assert again.asked == [(f"{ONE}/sites.json", None)]
    assert told(tmp_path) == {("workloads", ONE, "collected")}


def test_what_is_asked_anew_and_fails_is_no_longer_stated(tmp_path: Path) -> None:
    collect(plan(asks("storage", EMPTY, fresh=True)), tmp_path)
    collect(plan(asks("storage", BROKEN, fresh=True)), tmp_path)

    assert told(tmp_path) == {("resource_policies", ONE, "partial")}


def test_a_gap_stays_when_its_operation_is_left_out_of_a_later_run(tmp_path: Path) -> None:
    collect(plan(asks("machines", EMPTY, facts=(Fact.WORKLOADS,)), asks("sites", DENIED, facts=(Fact.WORKLOADS,))), tmp_path)
    collect(plan(asks("machines", EMPTY, facts=(Fact.WORKLOADS,))), tmp_path)

    assert told(tmp_path) == {("workloads", ONE, "partial")}


# What the files themselves say


def bundle(folder: Path) -> None:
    collect(plan(asks("sites", SITE, facts=(Fact.WORKLOADS,)), asks("machines", EMPTY, facts=(Fact.WORKLOADS,))), folder)
    assert ("workloads", ONE, "collected") in told(folder)


def test_a_file_that_is_gone_changed_or_not_read_takes_the_statement_with_it(tmp_path: Path) -> None:
    for number, change in enumerate((None, '{"value": [ ]}\n', "{", '{"odd": [1]}\n', '{"error": {"code": "X", "message": "y"}}\n')):
        folder = tmp_path / str(number)
        bundle(folder)
        machines = folder / ONE / "machines.json"
        machines.unlink() if change is None else machines.write_text(change)
        assert told(folder) == set(), change


def test_a_file_that_is_no_answer_takes_the_statement_with_it_although_nobody_changed_it(tmp_path: Path) -> None:
    for number, page in enumerate(({"odd": [1]}, {"error": {"code": "X", "message": "y"}}, {"value": [{"id": "x", "deviceId": 1}]})):
        folder = tmp_path / str(number)
        collect(plan(asks("sites", page, facts=(Fact.WORKLOADS,))), folder)
        assert told(folder) == set(), page


def test_a_record_that_cannot_be_read_takes_the_statement_with_it(tmp_path: Path) -> None:
    odd = {"value": [*SITE["value"], {"id": "/no/subscription/providers/Microsoft.Web/sites/x", "name": "x"}]}
    collect(plan(asks("sites", odd, facts=(Fact.WORKLOADS,))), tmp_path)

    assert manifest(tmp_path)["collected"]
    assert told(tmp_path) == set()


def test_a_file_that_says_it_is_not_whole_is_believed(tmp_path: Path) -> None:
    page = {"@odata.context": "https://graph.microsoft.com/v1.0/$metadata#oauth2PermissionGrants", "value": []}
    collect(plan(asks("grants", page, facts=(Fact.POLICIES,))), tmp_path)

    rows = [row for row in evidence(tmp_path).rows if isinstance(row, Coverage)]
    assert [(row.fact, row.status) for row in rows] == [(Fact.POLICIES, CoverageStatus.PARTIAL)]


def test_where_no_file_speaks_of_the_fact_and_none_is_empty_nothing_is_known(tmp_path: Path) -> None:
    collect(plan(asks("vaults", VAULTS, facts=(Fact.STORED_SECRETS,))), tmp_path)

    assert manifest(tmp_path)["collected"]
    assert told(tmp_path) == set()


def test_a_list_without_any_is_no_warning_where_it_is_known_what_was_asked_for(tmp_path: Path) -> None:
    collect(plan(asks("storage", EMPTY)), tmp_path)
    assert evidence(tmp_path).warnings == []

    edit(tmp_path, files=[{"path": f"{ONE}/storage.json", "scope": ONE}], collected=[])
    (warning,) = evidence(tmp_path).warnings
    assert "nothing is taken from it" in str(warning)


def test_lists_without_any_are_no_copies_of_each_other(tmp_path: Path) -> None:
    collect(plan(asks("machines", EMPTY), asks("sites", EMPTY)), tmp_path)

    assert not any("same content" in str(warning) for warning in evidence(tmp_path).warnings)


def test_a_statement_is_as_old_as_the_oldest_file_that_it_rests_on(tmp_path: Path) -> None:
    dates = (datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 30, tzinfo=UTC))
    collect(
        plan(asks("machines", EMPTY, facts=(Fact.WORKLOADS,)), asks("sites", BROKEN, facts=(Fact.WORKLOADS,))),
        tmp_path,
        clock=lambda: dates[0],
    )
    collect(
        plan(asks("machines", EMPTY, facts=(Fact.WORKLOADS,)), asks("sites", EMPTY, facts=(Fact.WORKLOADS,))),
        tmp_path,
        clock=lambda: dates[1],
    )

    (row,) = [row for row in evidence(tmp_path).rows if isinstance(row, Coverage)]
    assert (row.status, row.collected_at) == (CoverageStatus.COLLECTED, datetime(2026, 9, 1))


# Manifests that somebody wrote by hand


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ({"fact": "everything", "scope": ONE}, "'everything' is not a valid Fact"),
        ({"scope": ONE}, "not understood"),
        ({"fact": "workloads"}, "of no single scope"),
        ({"fact": "workloads", "scope": "*"}, "of no single scope"),
        ({"fact": "key_usage", "scope": ONE}, "only the files themselves can tell"),
        ({"fact": "workloads", "scope": OTHER}, "names no file of it"),
        ("workloads", "are no objects"),
    ],
)
def test_a_statement_that_cannot_be_true_is_named_and_not_taken(tmp_path: Path, statement: Any, reason: str) -> None:
    bundle(tmp_path)
    edit(tmp_path, collected=[statement])

    assert told(tmp_path) == set()
    (warning,) = [str(warning) for warning in evidence(tmp_path).warnings if "manifest.json" in str(warning)]
    assert warning.startswith("manifest.json: ")
    assert reason in warning


def test_a_statement_does_not_override_a_gap_that_stands_beside_it(tmp_path: Path) -> None:
    bundle(tmp_path)
    edit(tmp_path, not_collected=[{"fact": "workloads", "scope": ONE, "status": "denied", "reason": "by hand"}])

    assert told(tmp_path) == {("workloads", ONE, "denied")}


def test_facts_of_a_file_that_nobody_knows_are_named(tmp_path: Path) -> None:
    bundle(tmp_path)
    entries = [{**entry, "facts": ["workloads", "moods"]} for entry in manifest(tmp_path)["files"]]
    edit(tmp_path, files=entries)

    assert any("facts of 0c7e1d52" in str(warning) and "'moods'" in str(warning) for warning in evidence(tmp_path).warnings)


@pytest.mark.parametrize("value", [3, "x", [{"a": 1}], {"fact": []}, None])
def test_a_manifest_of_an_odd_shape_stops_neither_reading_nor_collecting(tmp_path: Path, value: Any) -> None:
    bundle(tmp_path)
    edit(tmp_path, collected=value, files=[{**entry, "facts": value} for entry in manifest(tmp_path)["files"]])

    assert told(tmp_path) == set()
    collect(plan(asks("storage", EMPTY, scope=OTHER)), tmp_path)
    assert told(tmp_path) == {("resource_policies", OTHER, "collected")}
