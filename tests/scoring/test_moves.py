"""Every move does to the evidence what its worked examples say, and nothing else is promised."""

from __future__ import annotations

import pytest

from scoring.packs import load_pack
from scoring.planning.examples import told
from scoring.planning.moves import Example, Move, MoveError, move, moves

EXAMPLES = [(one, example) for one in moves().values() for example in one.examples]


def test_the_catalogue_holds_the_moves_that_people_ask_for() -> None:
    assert set(moves()) >= {
        "revoke-unused-key", "revoke-exposed-key", "move-to-manager", "rotate-credential", "replace-with-native-identity",
        "isolate-per-environment", "require-authentication", "tighten-trust", "enforce-guardrails", "turn-on-audit-log",
        "narrow-permissions", "disable-unused-identity", "supply-secret-scan", "supply-resting-place",
    }  # fmt: skip


@pytest.mark.parametrize(("of", "example"), EXAMPLES, ids=[f"{of.move_id}: {example.why}" for of, example in EXAMPLES])
def test_a_worked_example_comes_out_as_it_says(of: Move, example: Example) -> None:
    found, before, after = told(of, example, load_pack("default"))

    assert found == dict(example.candidates)
    assert {subject: before.get(subject, []) for subject in example.before} == dict(example.before)
    assert {subject: after.get(subject, []) for subject in example.after} == dict(example.after)


@pytest.mark.parametrize("of", moves().values(), ids=list(moves()))
def test_every_move_shows_what_it_does_and_says_what_it_costs(of: Move) -> None:
    assert any(example.after for example in of.examples)
    assert of.effort in range(1, 9)
    assert all((of.effort_reason, of.asks, of.rollback))
    assert set(of.providers) <= {"aws", "gcp", "azure", "other"}


@pytest.mark.parametrize("of", [one for one in moves().values() if one.settles], ids=[name for name, one in moves().items() if one.settles])
def test_evidence_promises_no_stage(of: Move) -> None:
    assert of.addresses is None
    assert of.amendment == ""
    assert all(example.before == example.after for example in of.examples)


def test_a_move_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(MoveError, match="'revoke' is no move; choose from .*revoke-unused-key"):
        move("revoke")
