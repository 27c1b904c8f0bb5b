"""The dashboard on a free port of the loopback address, for tests that drive a real browser."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from reports.serve import app_path, command, environment


def chromium() -> str | None:
    """Debian's Chromium, or whatever `chromium` is on the path."""
    return shutil.which("chromium") or ("/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None)


@contextmanager
def dashboard(workspace: Path, *, seconds: float = 60) -> Iterator[str]:
    """The address of a running dashboard over a workspace, open as it is by default."""
    port = free_port()
    with running(command(port), f"http://127.0.0.1:{port}/_stcore/health", environment(workspace), seconds=seconds):
        yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(line: list[str], answers_at: str, told: Mapping[str, str], *, seconds: float = 60) -> Iterator[None]:
    """A server of ours while the block runs, from when it answers at an address; `told` goes into its environment."""
    process = subprocess.Popen(
        line, env={**os.environ, **told}, cwd=app_path().parent, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(answers_at, process, seconds)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait(address: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped with exit code {process.returncode}")
        try:
            _ask(address)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise TimeoutError(f"{address}: no answer in {seconds:g} s")


def _ask(address: str) -> None:
    """Raises OSError while nobody answers at an http address, or listens at a tcp one."""
    where = urlsplit(address)
    if where.scheme == "tcp":
        socket.create_connection((where.hostname or "", where.port or 0), timeout=2).close()
        return
    with urllib.request.urlopen(address, timeout=2):  # noqa: S310  # a loopback address
        pass
