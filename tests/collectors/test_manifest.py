"""manifest.json of a bundle: what it says of its files, and what becomes of a manifest that is wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.manifest import is_manifest, parse_manifest
from inventory.model import CoverageStatus, Fact

ACCOUNT = "111122223333"


def problems(**raw: Any) -> tuple[str, ...]:
    return parse_manifest({"bundle_version": 1, **raw}).problems


def test_a_manifest_tells_scope_and_date_of_each_file() -> None:
    found = parse_manifest(
        {
            "bundle_version": 1,
            "label": "Q3-2026",
            "as_of": "2026-09-30",
            "files": [{"path": "aws/gaad.json", "scope": ACCOUNT, "collected_at": "2026-09-29T10:00:00Z", "sha256": "ab"}],
        }
    )
    assert (found.label, found.as_of, found.problems) == ("Q3-2026", datetime(2026, 9, 30), ())
    entry = found.files["aws/gaad.json"]
    assert (entry.scope, entry.collected_at, entry.sha256) == (ACCOUNT, datetime(2026, 9, 29, 10), "ab")


@pytest.mark.parametrize(
    ("written", "known_as"),
    [("./gaad.json", "gaad.json"), ("a//b.json", "a/b.json"), ("run#1.json", "run%231.json"), ("a\nb.json", "a%0Ab.json")],
)
def test_a_path_is_known_by_the_name_that_stands_in_evidence(written: str, known_as: str) -> None:
    assert list(parse_manifest({"files": [{"path": written}]}).files) == [known_as]


def test_what_was_not_collected_keeps_its_reason() -> None:
    found = parse_manifest({"not_collected": [{"fact": "guardrails", "scope": ACCOUNT, "status": "denied", "reason": "AccessDenied"}]})
    gap = found.not_collected[0]
    assert (gap.fact, gap.scope, gap.status, gap.reason) == (Fact.GUARDRAILS, ACCOUNT, CoverageStatus.DENIED, "AccessDenied")


def test_a_gap_without_scope_and_status_is_missing_everywhere() -> None:
    gap = parse_manifest({"not_collected": [{"fact": "trust"}]}).not_collected[0]
    assert (gap.scope, gap.status) == ("*", CoverageStatus.MISSING)


def test_dates_that_are_none_are_named_with_their_field_and_left_out() -> None:
    found = parse_manifest({"as_of": "9999-01-01", "files": [{"path": "a.json", "collected_at": "soon"}]})
    assert found.as_of is None
    assert found.files["a.json"].collected_at is None
    assert any(problem.startswith("as_of: '9999-01-01'") for problem in found.problems)
    assert any(problem.startswith("collected_at of a.json: 'soon'") for problem in found.problems)


def test_an_unknown_fact_or_status_is_named() -> None:
    assert "'horoscope' is not a valid Fact" in problems(not_collected=[{"fact": "horoscope"}])[0]
    assert "'perhaps' is not a valid CoverageStatus" in problems(not_collected=[{"fact": "trust", "status": "perhaps"}])[0]


def test_lists_that_are_none_and_entries_that_are_no_objects_are_named() -> None:
    assert problems(files={"path": "a"}) == ("`files` is no list: not read",)
    assert problems(files=["a.json", {"path": "b.json"}]) == ("1 of the entries of `files` are no objects: not read",)
    assert problems(files=[{"scope": ACCOUNT}]) == ("an entry of `files` has no path",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = st.sampled_from(["label", "as_of", "files", "not_collected", "path", "scope", "collected_at", "fact", "status", "reason"])
ENTRIES = st.dictionaries(KEYS, JSON | st.lists(st.dictionaries(KEYS, JSON, max_size=4), max_size=3), max_size=6)


@given(ENTRIES)
def test_no_manifest_stops_a_run(raw: dict[str, Any]) -> None:
    found = parse_manifest({"bundle_version": 1, **raw})
    assert all(isinstance(path, str) for path in found.files)


@given(JSON)
def test_only_an_object_with_a_bundle_version_is_a_manifest(value: Any) -> None:
    assert is_manifest(value) == (isinstance(value, dict) and "bundle_version" in value)
