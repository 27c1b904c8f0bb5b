"""The checkout as the contract tests see it: where it is and which files belong to it."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

PACKAGES = ("inventory", "collectors", "scoring", "reports")
DOORS = ("nhi", "app")


def project_files() -> list[str]:
    """Files that are committed or would be, as paths from the root with `/`."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    )
    return sorted({name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()})


def product_modules() -> list[str]:
    """Python files of the four packages and the two doors."""
    return [name for name in project_files() if name.endswith(".py") and name.removesuffix(".py").split("/")[0] in {*PACKAGES, *DOORS}]
