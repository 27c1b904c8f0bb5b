"""CONTRIBUTING.md, done word for word: the check in one file, the collector in three files and one line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from inventory.database import Database
from scoring.catalogue import load
from scoring.examples import verdicts
from scoring.packs import load_pack
from tests.checkout import ROOT

BLOCK = re.compile(r"<!-- block: (?P<name>\w+) -->\n```\w+\n(?P<text>.*?)```", re.DOTALL)
SHARED = ("inventory", "scoring", "tests")


def blocks() -> dict[str, str]:
    return {found["name"]: found["text"] for found in BLOCK.finditer((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the house in which a contributor may write."""
    for name in SHARED[:2]:
        (tmp_path / name).symlink_to(ROOT / name)
    (tmp_path / "collectors").mkdir()
    for entry in (ROOT / "collectors").iterdir():
        if entry.name not in ("__init__.py", "__pycache__"):
            (tmp_path / "collectors" / entry.name).symlink_to(entry)
    (tmp_path / "tests" / "collectors").mkdir(parents=True)
    return tmp_path


def test_the_check_of_the_page_loads_and_its_examples_hold(tmp_path: Path) -> None:
    file = tmp_path / "reuse" / "workload-with-default-name.sql"
    file.parent.mkdir()
    file.write_text(blocks()["check"], encoding="utf-8")
    catalogue = load(tmp_path)
    assert catalogue.errors == ()
    (check,) = [check for check in catalogue.checks if check.own]
    assert sorted(status for example in check.examples for status in example.expect.values()) == ["fail", "pass", "unknown"]
    with Database.empty() as database:
        for example in check.examples:
            assert verdicts(database, check, example, load_pack("default")) == example.expect


def test_the_collector_of_the_page_takes_three_files_and_one_line(house: Path) -> None:
    text = blocks()
    (house / "collectors" / "npm_tokens.py").write_text(text["collector"], encoding="utf-8")
    (house / "tests" / "collectors" / "test_npm_tokens.py").write_text(text["test"], encoding="utf-8")
    (house / "tests" / "collectors" / "npm_tokens.json").write_text(text["export"], encoding="utf-8")
    registry = (ROOT / "collectors" / "__init__.py").read_text(encoding="utf-8")
    registry = registry.replace("from collectors import aws,", "from collectors import aws, npm_tokens,")
    registry = registry.replace("    template.COLLECTOR,\n", f"    template.COLLECTOR,\n{text['line']}")
    (house / "collectors" / "__init__.py").write_text(registry, encoding="utf-8")

    assert "npm_tokens.COLLECTOR" in registry
    environment = {**os.environ, "PYTHONPATH": str(house)}
    proof = (
        "from pathlib import Path\n"
        "from collectors import COLLECTORS\n"
        "from collectors.reading import read\n"
        "found = read([Path('tests/collectors/npm_tokens.json')], COLLECTORS, key=b'k')\n"
        "print(found.sources[0].format, found.sources[0].records)\n"
    )
    read = subprocess.run([sys.executable, "-c", proof], cwd=house, env=environment, capture_output=True, text=True, check=True)
    assert read.stdout.split() == ["npm-tokens", "2"]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/collectors/test_npm_tokens.py"]
    tested = subprocess.run(command, cwd=house, env=environment, capture_output=True, text=True, check=False)
    assert "1 passed" in tested.stdout, tested.stdout
