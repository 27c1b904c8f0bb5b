"""The steps of this package that are written in SQL."""

from __future__ import annotations

from importlib.resources import files


def statement(path: str) -> str:
    """A step: `aws/policy_sets`."""
    return (files("scoring.least_privilege") / f"{path}.sql").read_text(encoding="utf-8")
