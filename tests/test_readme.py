"""The README's excerpt is what `nhi demo` prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.checkout import ROOT

EXCERPT = re.compile(r"<!-- output of `nhi demo`.*?```text\n(?P<text>.*?)```", re.DOTALL)


def lines(text: str) -> list[str]:
    """Without what differs between workspaces: the snapshot's id."""
    return [re.sub(r"snapshot 2026-09-30-\S+,", "snapshot 2026-09-30-…,", line).rstrip() for line in text.splitlines() if line.strip()]


def test_the_excerpt_of_the_readme_is_what_the_demo_prints(tmp_path: Path) -> None:
    found = EXCERPT.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found
    command = [sys.executable, str(ROOT / "nhi.py"), "demo", "--no-serve", "--workspace", str(tmp_path / "workspace")]
    printed = subprocess.run(command, cwd=tmp_path, env={**os.environ, "COLUMNS": "110"}, capture_output=True, text=True, check=True).stdout
    excerpt, output = lines(found["text"]), lines(printed)
    start = output.index(excerpt[0])
    assert output[start : start + len(excerpt)] == excerpt
