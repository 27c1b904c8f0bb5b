"""What a snapshot keeps is enough: the sample company judged again from its stored rows is the stored judgement, table by table."""

from __future__ import annotations

from pathlib import Path

import pytest

from inventory.lake import Lake
from scoring.again import judged_again
from scoring.catalogue import load
from scoring.packs import load_pack
from tests.checkout import ROOT
from tests.command import assess

pytestmark = pytest.mark.heavy


@pytest.mark.parametrize("quarter", ["q2-2026", "q3-2026"])
def test_a_snapshot_judged_again_is_the_stored_judgement_table_by_table(tmp_path: Path, quarter: str) -> None:
    assess(ROOT / "sample_data" / quarter, tmp_path)
    lake = Lake(tmp_path)
    (snapshot,) = lake.snapshots()
    with judged_again(lake, snapshot, pack=load_pack("default"), checks=load().checks) as database:
        tables = database.tables()
        lake.attach(database, snapshot, "stored")
        assert database.tables("stored") == tables
        differing = [
            table
            for table in tables
            if database.value(f"SELECT count(*) FROM (SELECT * FROM main.{table} EXCEPT ALL SELECT * FROM stored.{table})")
            or database.value(f"SELECT count(*) FROM (SELECT * FROM stored.{table} EXCEPT ALL SELECT * FROM main.{table})")
        ]
        assert differing == []
        assert database.value("SELECT count(*) FROM main.access_path") > 500
