"""Runs `nhi assess` and `cloudsplaining scan` on the same file in turn, and prints time, memory and the ratio.

`python benchmarks/compare.py FILE [--cloudsplaining VENV/bin/cloudsplaining] [--pairs 3] [--cut-off 300]`. The other tool lives in an
environment of its own and is never imported. Each run is a process of its own with an empty workspace.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one run took."""

    wall_seconds: float
    cpu_seconds: float
    """User CPU, children included."""
    peak_mb: float
    """Largest resident memory of the process, in MB of 10^6 bytes."""
    finished: bool

    def __str__(self) -> str:
        end = "" if self.finished else "   cut off, not finished"
        return f"{self.wall_seconds:8.1f} s wall {self.cpu_seconds:8.1f} s CPU {self.peak_mb:8.0f} MB{end}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="an account as generate_account.py writes it")
    parser.add_argument("--cloudsplaining", type=Path, help="its program, in its own environment; left out: ours alone")
    parser.add_argument("--pairs", type=int, default=3, help="runs of each, in turn")
    parser.add_argument("--cut-off", type=float, default=300, help="seconds after which a run is ended")
    arguments = parser.parse_args()
    file: Path = arguments.file.resolve()
    print(f"{file.name}, {file.stat().st_size / 1e6:.1f} MB, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    ours: list[Cost] = []
    theirs: list[Cost] = []
    for _ in range(arguments.pairs):
        ours.append(_assess(file, arguments.cut_off))
        if arguments.cloudsplaining:
            theirs.append(scan(arguments.cloudsplaining, file, arguments.cut_off))
    if theirs:
        _ratio(ours, theirs)


def _assess(file: Path, cut_off: float) -> Cost:
    with tempfile.TemporaryDirectory() as workspace:
        command = [sys.executable, str(ROOT / "nhi.py"), "assess", str(file), "--workspace", workspace, "--json"]
        return _shown("nhi assess", measured(command, cut_off))


def scan(program: Path, file: Path, cut_off: float) -> Cost:
    with tempfile.TemporaryDirectory() as folder:
        command = [str(program), "scan", "--input-file", str(file), "--output", folder, "--skip-open-report"]
        return _shown("cloudsplaining", measured(command, cut_off))


def _shown(name: str, cost: Cost) -> Cost:
    print(f"{name:<16}{cost}", flush=True)
    return cost


def measured(command: list[str], cut_off: float) -> Cost:
    """Run to the end or to the cut-off. A run that fails ends the benchmark: its figures would mean nothing."""
    with tempfile.TemporaryFile() as messages:
        start = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=messages, start_new_session=True)
        finished = True
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            if finished and time.monotonic() - start > cut_off:
                finished = False
                os.killpg(process.pid, signal.SIGKILL)
            time.sleep(POLL_SECONDS)
        wall = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if finished and process.returncode:
            messages.seek(0)
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}\n{messages.read()[-2000:].decode(errors='replace')}")
    return Cost(wall_seconds=wall, cpu_seconds=usage.ru_utime, peak_mb=usage.ru_maxrss * 1024 / 1e6, finished=finished)


def _ratio(ours: list[Cost], theirs: list[Cost]) -> None:
    """How many times our cost theirs is, pair by pair; the median counts."""
    least = "" if all(cost.finished for cost in theirs) else "at least "
    for name in ("wall_seconds", "cpu_seconds", "peak_mb"):
        ratios = [getattr(other, name) / getattr(own, name) for own, other in zip(ours, theirs, strict=True)]
        print(f"cloudsplaining / nhi, {name}: {least}{median(ratios):.1f} ({', '.join(f'{ratio:.1f}' for ratio in ratios)})")


if __name__ == "__main__":
    main()
