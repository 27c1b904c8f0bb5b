"""What docs/ says again is what code and data say now."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inventory.database import Database
from tests.checkout import ROOT

PAGES = {"data-model.md", "checks.md", "cli.md"}


def generate(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, root / "docs" / "generate.py", *arguments], cwd=root, capture_output=True, text=True, check=False
    )


@pytest.fixture
def small_checkout(tmp_path: Path) -> Path:
    """A checkout that has a schema and nothing else to document."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "inventory").mkdir()
    shutil.copy(ROOT / "docs" / "generate.py", tmp_path / "docs")
    schema = "-- What there is.\n\n----- facts\n\n-- A thing.\nCREATE TABLE thing (\n    name VARCHAR NOT NULL,  -- a|b\n    parts VARCHAR[]\n);\n"
    (tmp_path / "inventory" / "schema.sql").write_text(schema)
    return tmp_path


def test_generated_pages_are_current() -> None:
    done = generate(ROOT, "--check")

    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    assert {path.name for path in (ROOT / "docs").glob("*.md")} >= PAGES


def test_the_data_model_page_has_every_table_and_column() -> None:
    lines = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8").splitlines()
    with Database.empty() as database:
        tables = database.tables()
        columns = database.value("SELECT count(*) FROM information_schema.columns WHERE table_schema = 'main'")

    assert sorted(line for line in lines if line.startswith("### ")) == sorted(f"### `{table}`" for table in tables)
    assert len([line for line in lines if line.startswith("| `")]) == columns


def test_a_table_becomes_a_section_with_a_line_per_column(small_checkout: Path) -> None:
    done = generate(small_checkout)

    assert (done.stdout, done.returncode) == ("docs/data-model.md: written\n", 0)
    page = (small_checkout / "docs" / "data-model.md").read_text(encoding="utf-8")
    assert page.endswith(
        "# Data model\n\nWhat there is.\n\n## Facts\n\n### `thing`\n\nA thing.\n\n"
        "| column | type | NULL | meaning |\n|---|---|---|---|\n| `name` | `VARCHAR` |  | a\\|b |\n| `parts` | `VARCHAR[]` | yes |  |\n"
    )


def test_check_names_a_stale_page_and_changes_nothing(small_checkout: Path) -> None:
    page = small_checkout / "docs" / "data-model.md"
    page.write_text("as it was")

    done = generate(small_checkout, "--check")

    assert (done.stdout, done.returncode) == ("docs/data-model.md: stale, run `make docs`\n", 1)
    assert page.read_text() == "as it was"


def test_a_schema_line_that_is_not_understood_stops_the_generator_with_its_words(small_checkout: Path) -> None:
    with (small_checkout / "inventory" / "schema.sql").open("a") as file:
        file.write("CREATE VIEW other AS SELECT 1;\n")

    done = generate(small_checkout)

    assert done.returncode == 1
    assert "CREATE VIEW other AS SELECT 1;" in done.stderr
