"""Starts the dashboard: Streamlit on the loopback address only, over one workspace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ADDRESS = "127.0.0.1"


def app_path() -> Path:
    """app.py beside the reports package, in a checkout and in an installation alike."""
    return Path(__file__).resolve().parent.parent / "app.py"


def command(port: int) -> list[str]:
    """The command line that serves the dashboard."""
    options = ["--server.address", ADDRESS, "--server.port", str(port), "--server.headless", "true", "--browser.gatherUsageStats", "false"]
    return [sys.executable, "-m", "streamlit", "run", str(app_path()), *options]


def serve(workspace: Path, port: int) -> int:
    """Serve until interrupted; the exit code is Streamlit's, 0 after Ctrl-C."""
    environment = {**os.environ, "NHI_WORKSPACE": str(workspace.resolve())}
    try:
        return subprocess.run(command(port), env=environment, cwd=app_path().parent, check=False).returncode
    except KeyboardInterrupt:
        return 0
