"""Commands of `nhi` that the dashboard runs: the very command, in a process of its own.

So a page has no second way to read evidence or to ask a cloud; it stays quick meanwhile, the memory is given back, and what fails costs a
message and not the dashboard. One runs at a time in a workspace, whichever page or session looks at it.
"""

from __future__ import annotations

import atexit
import json
import subprocess
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from reports.progress_lines import Step, heard

MESSAGES = 200
"""Lines for people that are kept, the last ones."""


class Busy(Exception):
    """Another run is under way in this workspace."""


@dataclass(slots=True, kw_only=True)
class Run:
    """One run of a command. Written by its own thread, read by pages."""

    title: str
    words: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was to be said before it began."""
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    step: Step | None = None
    messages: deque[str] = field(default_factory=lambda: deque(maxlen=MESSAGES))
    document: dict[str, Any] | None = None
    """What it printed, where it ended well."""
    code: int | None = None
    """Exit code; None: under way."""
    stopped: bool = False
    """Somebody ended it."""


_RUNS: dict[Path, tuple[Run, subprocess.Popen[str]]] = {}
"""The last run of each workspace."""
_LOCK = threading.Lock()


def door() -> Path:
    """nhi.py beside the reports package. Run by its path: a folder of evidence never becomes a place to import from."""
    return Path(__file__).resolve().parent.parent / "nhi.py"


def last(workspace: Path) -> Run | None:
    """The run that is under way in a workspace, or else the last one that this server ran."""
    found = _RUNS.get(workspace.resolve())
    return found[0] if found else None


def start(
    workspace: Path,
    title: str,
    words: Sequence[str],
    *,
    notes: Sequence[str] = (),
    keep: Sequence[int] = (),
    afterwards: Callable[[], None] = lambda: None,
) -> Run:
    """Run `nhi WORDS --workspace … --json`, with the workspace as the folder that paths in WORDS are relative to. Raises Busy.

    `keep`: file descriptors that the process inherits. `afterwards` is called in every outcome once the process has
    ended, perhaps twice.
    """
    root = workspace.resolve()
    command = [sys.executable, str(door()), *words, "--workspace", str(root), "--json", "--progress-lines"]
    with _LOCK:
        there = last(root)
        if there is not None and there.code is None:
            raise Busy(f"{there.title} is under way; wait for it, or stop it")
        run = Run(title=title, words=tuple(words), notes=tuple(notes))
        root.mkdir(parents=True, exist_ok=True)
        output = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed by the thread below
        process = subprocess.Popen(
            command, cwd=root, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.PIPE, text=True, errors="replace", pass_fds=keep
        )
        _RUNS[root] = run, process

    def end() -> None:
        if process.poll() is None:  # the server ends before the run does
            process.kill()
            process.wait()
        afterwards()
        atexit.unregister(end)

    atexit.register(end)
    threading.Thread(target=_follow, args=(run, process, output, end), daemon=True, name="nhi-run").start()
    return run


def stop(workspace: Path) -> None:
    """End the run that is under way; what it read is given up, what is published stays."""
    found = _RUNS.get(workspace.resolve())
    if found and found[0].code is None:
        found[0].stopped = True
        found[1].terminate()


def ask(words: Sequence[str]) -> Any:
    """What a command that takes no time prints as JSON; None when it cannot run."""
    done = wait_for([*words, "--json"])
    return json.loads(done.stdout) if done.returncode == 0 else None


def wait_for(words: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever comes of it."""
    command = [sys.executable, str(door()), *words]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def _follow(run: Run, process: subprocess.Popen[str], output: IO[str], end: Callable[[], None]) -> None:
    """Hear what the command says until it ends."""
    code = -1
    try:
        with output, process:
            for line in process.stderr or ():
                if step := heard(line):
                    run.step = step
                elif line.strip():
                    run.messages.append(line.strip())
            code = process.wait()
            output.seek(0)
            run.document = json.load(output) if code == 0 else None
    except ValueError:
        run.messages.append("its answer could not be read")
    finally:
        end()
        run.code = code  # last: whoever sees it finds everything else done
