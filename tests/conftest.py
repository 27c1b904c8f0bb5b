"""What every test may rely on. Kept small: cases live beside the rules that they prove."""

from __future__ import annotations

import shutil
from pathlib import Path

import hypothesis
import pytest

# A busy machine is no bug, and in a fresh clone the first text drawn waits for hypothesis to build its tables of Unicode.
hypothesis.settings.register_profile("project", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("project")


def chromium_path() -> Path | None:
    """Debian's Chromium, or None where it is not installed."""
    found = shutil.which("chromium")
    return Path(found) if found else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests marked `browser` where there is none."""
    if chromium_path() is not None:
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine (on Debian: apt-get install chromium)"))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of the browser; the test must be marked `browser`."""
    path = chromium_path()
    assert path is not None, "mark this test with @pytest.mark.browser"
    return path
