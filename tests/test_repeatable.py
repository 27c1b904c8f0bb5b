"""The same evidence gives the same snapshot, byte for byte, on any day and in any order."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.command import assess, tables
from tests.exports import estate, write

pytestmark = pytest.mark.heavy

UNORDERED = {
    "UserDetailList", "GroupDetailList", "RoleDetailList", "Policies", "Tags", "GroupList", "AttachedManagedPolicies", "UserPolicyList",
    "RolePolicyList", "GroupPolicyList", "AccessKeyMetadata", "Functions", "SecretList",
}  # fmt: skip
"""Lists whose order says nothing. The order inside a policy text is part of the text."""


def shuffled(value: Any, rng: random.Random) -> Any:
    if isinstance(value, dict):
        return {
            key: rng.sample(inner, len(inner)) if key in UNORDERED and isinstance(inner, list) else inner
            for key, inner in ((key, shuffled(inner, rng)) for key, inner in value.items())
        }
    return [shuffled(item, rng) for item in value] if isinstance(value, list) else value


def reordered(name: str, content: Any, rng: random.Random) -> Any:
    if name.endswith(".csv"):
        header, *rows = list(csv.reader(io.StringIO(content)))
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([header, *rng.sample(rows, len(rows))])
        return text.getvalue()
    content = shuffled(content, rng)
    return rng.sample(content, len(content)) if isinstance(content, list) else content


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[Path, dict[str, bytes], str]]:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        snapshot = assess(write(base / "exports", estate()), base / "workspace")["snapshot_id"]
        yield base, tables(base / "workspace", snapshot), snapshot


def again(base: Path, name: str, files: dict[str, Any]) -> tuple[dict[str, bytes], str]:
    """Assessed in a workspace of its own that has the same key for fingerprints."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder) / "workspace"
        workspace.mkdir()
        shutil.copy(base / "workspace" / "fingerprint.key", workspace)
        snapshot = assess(write(Path(folder) / name, files), workspace)["snapshot_id"]
        return tables(workspace, snapshot), snapshot


def test_the_same_folder_twice_is_the_same_snapshot_byte_for_byte(first: tuple[Path, dict[str, bytes], str]) -> None:
    base, expected, snapshot = first
    assert again(base, "exports", estate()) == (expected, snapshot)
    assert assess(base / "exports", base / "workspace")["snapshot_id"] == snapshot


def test_one_record_more_is_another_snapshot(first: tuple[Path, dict[str, bytes], str]) -> None:
    base, _, snapshot = first
    files = estate()
    files["secrets.json"]["SecretList"].pop()
    assert again(base, "exports", files)[1] != snapshot


@settings(max_examples=12, deadline=None)
@given(rng=st.randoms(use_true_random=False))
def test_the_order_of_records_changes_no_table_but_the_one_of_file_hashes(
    first: tuple[Path, dict[str, bytes], str], rng: random.Random
) -> None:
    base, expected, _ = first
    found, _ = again(base, "exports", {name: reordered(name, content, rng) for name, content in estate().items()})
    assert found.keys() == expected.keys()
    assert [table for table in found if table != "run" and found[table] != expected[table]] == []


def test_what_is_shuffled_is_really_in_the_estate() -> None:
    text = json.dumps(estate())
    assert {key for key in UNORDERED if f'"{key}"' in text} >= {"RoleDetailList", "Functions", "SecretList", "AccessKeyMetadata"}
