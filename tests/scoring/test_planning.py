"""Worlds in which moves were made, and plans: the engine's word on both, on estates that are told by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import StoreError
from inventory.decision_file import parse
from inventory.decisions import Action
from inventory.lake import Lake
from inventory.model import PrincipalKind, Row
from reports.views.planner import ChoiceError, actions_file, planned, what_if
from scoring.packs import load_pack
from scoring.planning.effects import upstream
from scoring.planning.moves import Candidate
from scoring.planning.plan import plan
from scoring.planning.target import Target, TargetError, target_of
from scoring.planning.worlds import Worlds, paths
from tests.scoring.estates import (
    ACCOUNT,
    AS_OF,
    exposure,
    guarded,
    in_variable,
    judged,
    key,
    native,
    policy,
    role,
    seen,
    trust,
    user,
    user_arn,
    workload,
)
from tests.scoring.test_laws import people, roles, trusts, users

OLD = datetime(2024, 1, 31)
SEEN = datetime(2026, 9, 20)


@contextmanager
def worlds(*rows: Any) -> Iterator[Worlds]:
    """The estate in a lake of its own, as it was read, and able to be judged."""
    with TemporaryDirectory() as folder, seen(*rows) as database:
        lake = Lake(Path(folder))
        snapshot = lake.publish(
            database, label="Q3", as_of=AS_OF, rules_version="1", pack="default", created_at=datetime.now(UTC).isoformat(), details={}
        )
        with Worlds(lake=lake, snapshot=snapshot, pack=load_pack("default"), checks=()) as found:
            yield found


def unused(name: str) -> list[Row]:
    """A user whose only key was never used."""
    return [*user(name), key(name, created_at=OLD, rotated_at=OLD), *policy(user_arn(name), "s3:GetObject")]


def held(name: str) -> list[Row]:
    """A user whose key is in use, in a variable of one function."""
    found = key(name, last_used_at=SEEN)
    return [*user(name), found, *in_variable(found, workload(f"fn-{name}")), *policy(user_arn(name), "s3:GetObject")]


@pytest.fixture(scope="module")
def estate() -> Iterator[Worlds]:
    """A key that nobody uses, one in a variable of a function, and a role that stands at the top."""
    with worlds(unused("idle"), held("busy"), role("worker", native("worker")), guarded()) as found:
        yield found


def ready(found: Worlds, *moves: str) -> list[Candidate]:
    return [one for one in found.candidates if one.ready and (not moves or one.move.move_id in moves)]


ESTATES = st.tuples(users, trusts, st.integers(0, 10_000))


@pytest.mark.heavy
@settings(max_examples=3, deadline=None)
@given(ESTATES)
def test_a_move_lowers_nobody_else_and_raises_only_what_it_touches_or_what_hangs_on_it(shape: tuple[Any, Any, int]) -> None:
    someone, some, pick = shape
    with worlds(people(someone), roles(some), guarded()) as found:
        able = [one for one in found.candidates if not one.move.settles]
        if not able:
            return
        chosen = able[pick % len(able)]
        before, after = paths(found.base), found.placed([chosen])
        own = {path.path_id for path in before.touched(chosen)}
        subjects = {before[path_id].subject_id for path_id in own}
        below = {node for node, above in upstream(found.base).items() if above & (subjects | {f"account:{ACCOUNT}"})}
        for path_id, path in before.items():
            if path_id in own or path.subject_id in subjects | below:
                continue
            assert path_id in after, (chosen.move.move_id, path)
            assert (after[path_id].lo, after[path_id].hi) == (path.lo, path.hi), (chosen.move.move_id, path)
        for path_id in own:
            assert path_id not in after or after[path_id].lo >= before[path_id].lo


@settings(max_examples=2, deadline=None)
@given(ESTATES)
def test_evidence_moves_change_no_stage(shape: tuple[Any, Any, int]) -> None:
    someone, some, _ = shape
    with worlds(people(someone), roles(some)) as found:
        settling = [one for one in found.candidates if one.move.settles]

        assert found.placed(settling) == paths(found.base)


@pytest.mark.heavy
def test_the_cheapest_plan_is_found_where_moves_do_not_touch_each_other(estate: Worlds) -> None:
    target = Target(stage=5)
    chosen = plan(estate, target)
    best = min(
        sum(one.move.effort for one in some if one)
        for some in product(*_choices(estate, target))
        if target.reached(estate.placed([one for one in some if one]).values(), 90)
    )

    # By hand: the idle key is revoked (1), the key in the variable moves into the manager (4).
    assert chosen.reached
    assert chosen.effort == best == 5
    assert [(step.candidate.move.move_id, step.effort) for step in chosen.steps] == [("revoke-unused-key", 1), ("move-to-manager", 4)]


def _choices(found: Worlds, target: Target) -> list[list[Candidate | None]]:
    """Per subject, nothing or one of the moves that can be made to it."""
    subjects: dict[str, list[Candidate | None]] = {}
    for one in ready(found):
        if one.move.lifts_to(target.stage):
            subjects.setdefault(one.subject_id, [None]).append(one)
    assert len(subjects) > 1
    return list(subjects.values())


@pytest.mark.heavy
def test_shared_moves_are_chosen_for_the_top_stage_and_the_engine_agrees() -> None:
    with worlds(role("a", native("a")), role("b", native("b")), held("busy")) as found:
        chosen = plan(found, Target(stage=7))

        # By hand: both roles and the one that replaces the key stand at the top only where the account is guarded and logs.
        assert chosen.reached
        assert {step.candidate.move.move_id for step in chosen.steps} == {
            "enforce-guardrails", "turn-on-audit-log", "replace-with-native-identity",
        }  # fmt: skip
        assert chosen.effort == 5 + 2 + 6
        again = found.placed([step.candidate for step in chosen.steps])
        assert Target(stage=7).reached(again.values(), 90)


def test_a_chain_is_lifted_by_lifting_whoever_stands_above() -> None:
    chained = role("target", trust("target", PrincipalKind.PRINCIPAL, user_arn("busy"), scope=ACCOUNT))
    with worlds(held("busy"), chained, guarded()) as found:
        chosen = plan(found, Target(stage=5))

        assert chosen.reached
        assert [step.candidate.subject_id for step in chosen.steps] == [key("busy").credential_id]


def test_what_cannot_be_reached_names_the_path_that_holds_it_back() -> None:
    foreign = trust("vendor", PrincipalKind.ACCOUNT, "arn:aws:iam::999900001111:root", scope="999900001111")
    with worlds(role("vendor", foreign), *[role(name, native(name)) for name in ("a", "b")], guarded()) as found:
        chosen = plan(found, Target(stage=5))

        assert not chosen.reached
        assert [(one.path.name, one.path.lo) for one in chosen.blockers] == [("vendor", 2)]
        assert "ask the other party" in chosen.blockers[0].why
        assert not Target(stage=5).reached(found.placed(ready(found)).values(), 90)


def test_an_exposed_key_in_use_is_not_revoked_by_a_plan_but_replaced_first() -> None:
    used = key("busy", last_used_at=SEEN)
    with worlds(user("busy"), used, policy(user_arn("busy"), "s3:GetObject"), exposure(used), guarded()) as found:
        (waiting,) = [one for one in found.candidates if one.move.move_id == "revoke-exposed-key"]
        chosen = plan(found, Target(stage=5))

        assert not waiting.ready
        assert waiting.guards == ("in use, last on 2026-09-20: give its users another credential first",)
        assert [step.candidate.move.move_id for step in chosen.steps] == ["move-to-manager"]


def test_supposing_writes_nothing_into_the_lake(estate: Worlds) -> None:
    files = {path: path.stat().st_mtime_ns for path in estate.lake.root.rglob("*")}
    with estate.judged(ready(estate, "move-to-manager", "revoke-unused-key")):
        pass

    assert {path: path.stat().st_mtime_ns for path in estate.lake.root.rglob("*")} == files


def test_what_if_shows_both_worlds_by_the_same_views(estate: Worlds) -> None:
    shown = what_if(estate, ["move-to-manager:busy", "revoke-unused-key"])

    assert [(one["move"], one["before"], one["after"]) for one in shown["changes"]] == [
        ("move-to-manager", (4, 4), (5, 5)),
        ("revoke-unused-key", (2, 5), None),
    ]
    assert [(row["stage"], row["lo_before"], row["lo"]) for row in shown["stages"] if row["lo"] or row["lo_before"]] == [
        (2, 1, 0), (4, 1, 0), (5, 0, 1), (7, 1, 1),
    ]  # fmt: skip
    with pytest.raises(ChoiceError, match="no candidate of move-to-manager has this id or name"):
        what_if(estate, ["move-to-manager:nobody"])


def test_of_two_moves_on_one_subject_the_first_named_is_made(estate: Worlds) -> None:
    shown = what_if(estate, ["replace-with-native-identity", "move-to-manager:busy"])

    assert [(one["move"], one["after"]) for one in shown["changes"]] == [("replace-with-native-identity", (7, 7))]
    assert shown["left_out"][-1].endswith("replace a key with the platform's own identity comes first")


def test_a_plan_is_written_as_actions_that_can_be_recorded(estate: Worlds) -> None:
    told = planned(estate, "attained 5", date(2026, 12, 31), {"move-to-manager": 3}, lambda *_: None)
    entries, problems = parse(actions_file(told), "plan.yaml")
    made = [entry.decision for entry in entries if isinstance(entry.decision, Action)]

    assert problems == []
    assert told["effort"] == 3 + 1
    assert {(one.move, one.where.ids, one.due) for one in made} == {
        ("move-to-manager", (key("busy").credential_id,), date(2026, 12, 31)),
        ("revoke-unused-key", (key("idle").credential_id,), date(2026, 12, 31)),
    }


@pytest.mark.parametrize(
    ("text", "stage", "tags"),
    [
        ("attained 5 in prod", 5, {"environment": "prod"}),
        ("6 in provider=aws, account=111122223333", 6, {"provider": "aws", "account": ACCOUNT}),
        ("4", 4, {}),
        ("attained 4 in all", 4, {}),
    ],
)
def test_a_target_is_read_as_people_write_it(text: str, stage: int, tags: dict[str, str]) -> None:
    with judged(role("a", native("a"), environment="prod"), checks=False) as database:
        found = target_of(text, paths(database).values())

    assert (found.stage, dict(found.tags)) == (stage, tags)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("attained 8", "a stage from 1 to 7"),
        ("soon", "a stage from 1 to 7"),
        ("5 in moon", "no environment, team, provider or account of this name"),
        ("5 in colour=red", "groups are named by team"),
        ("5 in team=nobody", "no access path belongs to team nobody"),
    ],
)
def test_a_target_that_means_nothing_says_what_to_write(text: str, message: str) -> None:
    with judged(role("a", native("a")), checks=False) as database, pytest.raises(TargetError, match=message):
        target_of(text, paths(database).values())


def test_a_snapshot_without_rows_as_read_says_so(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    with judged(role("a", native("a")), checks=False) as database:
        database.execute("DROP SCHEMA seen CASCADE")
        snapshot = lake.publish(database, label="Q3", as_of=AS_OF, rules_version="1", pack="default", created_at="2026-09-30", details={})
    with pytest.raises(StoreError, match="keeps no rows as they were read"):
        Worlds(lake=lake, snapshot=snapshot, pack=load_pack("default"), checks=()).__enter__()
