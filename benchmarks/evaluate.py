"""Times the evaluation of one account beside `cloudsplaining scan` of the same file, in one run.

`python benchmarks/evaluate.py FILE [--cloudsplaining VENV/bin/cloudsplaining] [--cut-off 1800]`. Ours in a process of its own: effective sets
and privilege, escalation paths, used against granted; reading and merging the file are printed apart. The other tool's figure is its
whole scan. Two ratios are printed: of the evaluation alone, and of reading, merging and evaluation together.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import nhi
from benchmarks.compare import Cost, scan
from scoring import judge

EVALUATION = ("principal_privileges", "aws_escalations", "count_use")
BEFORE = ("resolve",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="an account as generate_account.py writes it")
    parser.add_argument("--cloudsplaining", type=Path, help="its program, in its own environment; left out: ours alone")
    parser.add_argument("--cut-off", type=float, default=1800, help="seconds after which the other tool is ended")
    parser.add_argument("--ours", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ours:
        _evaluate(arguments.file)
        return
    file: Path = arguments.file.resolve()
    print(f"{file.name}, {file.stat().st_size / 1e6:.1f} MB, Python {sys.version.split()[0]}, {os.cpu_count()} processors", flush=True)
    command = [sys.executable, __file__, str(file), "--ours"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    print("\n".join(told), flush=True)
    *_, evaluation, whole = (float(line.split()[-3]) for line in told)
    if arguments.cloudsplaining:
        other: Cost = scan(arguments.cloudsplaining, file, arguments.cut_off)
        least = "" if other.finished else "at least "
        print(f"CPU ratio, evaluation alone: {least}{other.cpu_seconds / evaluation:.0f}")
        print(f"CPU ratio, reading, merging and evaluation: {least}{other.cpu_seconds / whole:.0f}")


def _evaluate(file: Path) -> None:
    """One assessment, its parts timed where the judgement calls them."""
    spent: dict[str, tuple[float, float]] = {}

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*words: Any, **named: Any) -> Any:
            wall, cpu = time.monotonic(), time.process_time()
            found = work(*words, **named)
            spent[name] = time.monotonic() - wall, time.process_time() - cpu
            return found

        return run

    for name in (*BEFORE, *EVALUATION):
        setattr(judge, name, timed(name, getattr(judge, name)))
    nhi._read = timed("read", nhi._read)
    with tempfile.TemporaryDirectory() as workspace, redirect_stdout(io.StringIO()):
        nhi.app(["assess", str(file), "--workspace", workspace, "--json"], standalone_mode=False)
    for name, (wall, cpu) in spent.items():
        print(f"{name:<24}{wall:8.2f} s wall {cpu:8.2f} s CPU")
    for name, parts in (("evaluation", EVALUATION), ("with reading, merging", ("read", *BEFORE, *EVALUATION))):
        wall, cpu = (sum(spent[part][side] for part in parts) for side in (0, 1))
        print(f"{name:<24}{wall:8.2f} s wall {cpu:8.2f} s CPU")


if __name__ == "__main__":
    main()
