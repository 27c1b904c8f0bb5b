"""One workspace for all tests of the reports layer; nobody writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inventory.database import Database
from inventory.lake import Lake
from tests.reports.workspace import build


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("workspace")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def lake(workspace: Path) -> Lake:
    return Lake(workspace)


@pytest.fixture
def now(lake: Lake) -> Iterator[Database]:
    """The later quarter."""
    with lake.open(lake.snapshots()[-1].snapshot_id) as database:
        yield database


@pytest.fixture
def before(lake: Lake) -> Iterator[Database]:
    """The earlier quarter."""
    with lake.open(lake.snapshots()[0].snapshot_id) as database:
        yield database
