"""Whatever is withheld, the truth lies inside what is told: over estates whose truth is known."""

from __future__ import annotations

import random

import pytest

from inventory.model import Row
from tests.scoring.estates import ACCOUNT, role_arn, user_arn
from tests.scoring.truth import Truth, draw, evidence, judged, true_stages

HIDDEN = 0.3


def outside(seed: int, trials: int) -> tuple[list[str], int, int]:
    """Subjects whose truth lies outside what was told, of one database; how many were told of, and how many to the point."""
    rng = random.Random(seed)  # noqa: S311
    rows: list[Row] = []
    truth: dict[str, tuple[int | None, Truth]] = {}
    for trial in range(trials):
        told = draw(rng, seed * trials + trial)
        rows += evidence(told, rng, workloads_whole=seed % 2 == 0, scans_whole=seed // 2 % 2 == 0, share=HIDDEN)
        for name, stage in true_stages(told).items():
            arn = user_arn(name) if name in told.users else role_arn(name)
            truth[arn.replace(ACCOUNT, told.account)] = (stage, told)
    wrong: list[str] = []
    exact = count = 0
    found = judged(rows).rows("SELECT subject_id, stage_lo, stage_hi FROM main.placement WHERE subject_kind = 'identity'")
    for row in found:
        stage, told = truth[row["subject_id"]]
        lo, hi = row["stage_lo"], row["stage_hi"]
        count += 1
        exact += lo is not None and lo == hi
        if stage is not None and (lo is None or not 1 <= lo <= stage <= hi <= 7):
            wrong.append(f"{row['subject_id']}: truly {stage}, told [{lo}, {hi}]; {told}")
        if stage is None and lo is not None and lo == hi:
            wrong.append(f"{row['subject_id']}: truly without a path, told {lo}; {told}")
    return wrong, count, exact


@pytest.mark.parametrize("seed", range(4))
def test_the_true_stage_lies_inside_what_is_told(seed: int) -> None:
    wrong, count, exact = outside(seed, 20)
    assert wrong == []
    assert count > 50
    assert exact > 5


@pytest.mark.heavy
@pytest.mark.parametrize("seed", range(4, 14))
def test_the_true_stage_lies_inside_what_is_told_in_a_thousand_accounts(seed: int) -> None:
    wrong, count, exact = outside(seed, 100)
    assert wrong == []
    assert count > 300
    assert exact > 30
