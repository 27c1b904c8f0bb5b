"""Reasons to wait."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from scoring.least_privilege.guards import guards
from scoring.packs import load_pack

AS_OF = datetime(2026, 9, 30)


def said(**facts: Any) -> list[str]:
    plain: dict[str, Any] = {"created_at": None, "changed_at": None, "window_days": None, "name": "app", "purpose": None}
    return guards(**{**plain, **facts}, as_of=AS_OF, pack=load_pack("default"))


@pytest.mark.parametrize(
    "name",
    [
        "break-glass-01",
        "BreakGlassRole",
        "prod-dr-restore",
        "CrmDRRole",
        "disaster_recovery",
        "db-failover",
        "standby-writer",
        "Emergency",
        "black-friday-scaler",
        "YearEndClosing",
    ],
)
def test_an_identity_for_a_bad_day_may_lie_idle(name: str) -> None:
    assert len(said(name=name)) == len(said(purpose=f"used as {name}")) == 1


@pytest.mark.parametrize("name", ["address-book", "drive-sync", "glass-factory", "backup-runner", "drone", "hydra"])
def test_an_everyday_name_is_no_reason(name: str) -> None:
    assert said(name=name) == []


@pytest.mark.parametrize(("days", "guarded"), [(0, True), (90, True), (91, False), (700, False)])
def test_what_is_younger_than_the_limit_waits(days: int, guarded: bool) -> None:
    then = AS_OF - timedelta(days=days)
    assert bool(said(created_at=then)) is guarded
    assert bool(said(changed_at=then)) is guarded


def test_a_short_window_waits() -> None:
    assert said(window_days=89) == ["the evidence of its use looks back 89 days: collect 90 before anything is removed"]
    assert said(window_days=90) == said(window_days=None) == []


def test_every_reason_is_named() -> None:
    young = AS_OF - timedelta(days=1)
    found = said(name="dr-role", created_at=young, changed_at=young, window_days=7)
    assert len(found) == 4
    assert "created 1 day ago" in found[1]
