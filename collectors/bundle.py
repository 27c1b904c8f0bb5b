"""Runs the calls of a plan and writes an evidence bundle: whatever happens, it says what is there and what is not.

Calls run side by side; what follows from an answer is asked next. A call without an answer costs its own facts and nothing else. A run that
was killed goes on where it stopped: files that are whole are not asked for again, half ones go on from their next page. Until a run has
ended, the manifest says that nothing is complete.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.bundle_files import Files, Part
from collectors.bundle_manifest import (
    BundleError,
    Collected,
    Done,
    Failure,
    earlier_manifest,
    entries_kept,
    entry_of,
    gaps_kept,
    gaps_of,
    not_yet,
    stated_kept,
    stated_of,
    warnings_of,
    write_manifest,
)
from collectors.collecting import Call, CallFailed, NoLogin, Plan, no_more
from inventory.model import CoverageStatus

__all__ = ["BundleError", "Collected", "collect"]

WORKERS = 8

UNFORESEEN = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What an answer of a shape that nobody foresaw raises inside a plan: the call is given up, the others go on."""

Progress = Callable[[str, int, int], None]
"""Called with a service, how many of its calls are done, and how many are known so far."""


def now() -> datetime:
    return datetime.now(UTC)


def collect(
    plan: Plan,
    folder: Path,
    *,
    workers: int = WORKERS,
    label: str | None = None,
    key_mark: str | None = None,
    progress: Progress | None = None,
    clock: Callable[[], datetime] = now,
) -> Collected:
    """Ask everything the plan asks for and write it below `folder`. Raises BundleError, and OSError when the disk refuses.

    `key_mark`: of the key under which the plan fingerprints values.
    """
    files = Files(folder)
    files.make(folder)
    with _alone(folder):
        earlier = earlier_manifest(folder, plan.source)
        first = list(plan.calls())
        gaps = [*not_yet(first), *gaps_kept(earlier, first)]
        about = {"source": plan.source, "label": label, "key_mark": key_mark}
        kept = stated_kept(files, earlier, first)
        write_manifest(files, {**about, "stopped": True}, entries_kept(files, earlier, ()), gaps, kept, clock())
        run = _Run(files=files, workers=workers, progress=progress, clock=clock)
        run.run(first)
        return _conclude(run, about, earlier)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two runs in one folder would write into each other's files."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BundleError(f"{folder}: another collection is writing here; wait for it, or choose another folder") from error
    finally:
        os.close(handle)


@dataclass(slots=True, kw_only=True)
class _Run:
    """The calls under way."""

    files: Files
    workers: int
    progress: Progress | None
    clock: Callable[[], datetime]
    done: list[Done] = field(default_factory=list)
    repeated: list[Call] = field(default_factory=list)
    """Two answers led to the same question: it is asked once."""
    known: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    paths: set[str] = field(default_factory=set)
    waiting: deque[Call] = field(default_factory=deque)

    def run(self, first: Iterable[Call]) -> None:
        self._enqueue(first)
        under_way: set[Future[Done]] = set()
        with ThreadPoolExecutor(max_workers=self.workers, thread_name_prefix="collect") as pool:
            try:
                while self.waiting or under_way:
                    while self.waiting and len(under_way) < self.workers:
                        under_way.add(pool.submit(_carry_out, self.waiting.popleft(), self.files, self.clock))
                    ready, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                    for future in ready:
                        self._take(future.result())
            finally:
                for future in under_way:
                    future.cancel()

    def _enqueue(self, calls: Iterable[Call]) -> None:
        for call in calls:
            if call.path in self.paths:
                self.repeated.append(call)
                continue
            self.paths.add(call.path)
            self.known[call.service] += 1
            self.waiting.append(call)
            self._tell(call.service)

    def _take(self, done: Done) -> None:
        self.done.append(done)
        self.finished[done.call.service] += 1
        self._enqueue(done.followers)
        self._tell(done.call.service)

    def _tell(self, service: str) -> None:
        if self.progress:
            self.progress(service, self.finished[service], self.known[service])


def _carry_out(call: Call, files: Files, clock: Callable[[], datetime]) -> Done:
    """Ask one call, or take what an earlier run wrote; then what follows from it."""
    try:
        there = files.is_whole(call.path) and not call.fresh
        failure = None if there else _ask(call, files, clock)
        followers = [] if failure or call.then is no_more else list(call.then(files.answers(call.path)))
    except UNFORESEEN as error:
        unforeseen = CallFailed(f"its answer is of a shape that nobody foresaw ({type(error).__name__})", CoverageStatus.MISSING)
        return Done(call=call, failure=_failure(call, unforeseen, half=files.holds(call.path)))
    return Done(call=call, followers=followers, failure=failure, there_already=there)


def _ask(call: Call, files: Files, clock: Callable[[], datetime]) -> Failure | None:
    part = Part(files, call.path)
    token = part.token()
    pages = 0
    try:
        for page, following in _answers(call, token, part):
            part.append(call.clean(page), following)
            pages += 1
    except CallFailed as error:
        if pages or part.token() is not None:
            part.publish(clock())
        return _failure(call, error, half=files.holds(call.path))
    if not pages:
        return _failure(call, CallFailed("gave no answer at all", CoverageStatus.MISSING), half=files.holds(call.path))
    part.finish(clock())
    return None


def _answers(call: Call, token: str | None, part: Part) -> Iterator[tuple[Any, str | None]]:
    """Pages from the token on; from the start where there is none, or where it is no longer taken."""
    if token is not None:
        asked = _asked(call, token)
        try:
            head = next(asked, None)
        except CallFailed as error:
            if error.status is CoverageStatus.DENIED:
                raise
            head = None
        if head is not None:
            yield head
            yield from asked
            return
    restarted = False
    for answer in _asked(call, None):
        if not restarted:
            part.restart()  # not before there is something better: pages that are there are not given up for a call that fails
            restarted = True
        yield answer


def _asked(call: Call, token: str | None) -> Iterator[tuple[Any, str | None]]:
    """The plan's answers. What a network or an odd answer raises becomes a failure that quotes nothing of it."""
    try:
        yield from call.pages(token)
    except OSError as error:
        raise CallFailed(f"the connection broke off ({type(error).__name__}): run it again", CoverageStatus.MISSING) from error
    except UNFORESEEN as error:
        raise CallFailed(f"the answer is of a shape that nobody foresaw ({type(error).__name__})", CoverageStatus.MISSING) from error


def _failure(call: Call, error: CallFailed, *, half: bool) -> Failure:
    said = " ".join(str(error).split())
    reason = said if call.operation in said else f"{call.operation}: {said}"
    return Failure(call=call, status=error.status, reason=reason, half=half, no_login=isinstance(error, NoLogin))


def _conclude(run: _Run, about: Mapping[str, Any], earlier: Mapping[str, Any]) -> Collected:
    """The manifest of everything that is there, and of what is not."""
    files, done = run.files, run.done
    calls = sorted((one.call for one in done), key=lambda call: call.path)
    entries = [entry_of(files, call) for call in calls if files.holds(call.path)]
    failures = sorted((one.failure for one in done if one.failure), key=lambda failure: failure.call.path)
    entries += entries_kept(files, earlier, {call.path for call in calls})
    gaps = [*gaps_of(done, failures), *gaps_kept(earlier, calls)]
    stated = [*stated_of(done, run.repeated, gaps), *stated_kept(files, earlier, calls)]
    unnamed = warnings_of(failure for failure in failures if not failure.call.facts)
    write_manifest(files, about, entries, gaps, stated, run.clock(), unnamed)
    return Collected(
        folder=files.root,
        files=entries,
        gaps=gaps,
        warnings=warnings_of(failures),
        no_login=_no_login(done),
        asked=sum(not one.there_already for one in done),
        there_already=sum(one.there_already for one in done),
    )


def _no_login(done: Iterable[Done]) -> str | None:
    """The first call's reason, where every call that was tried failed for want of credentials."""
    tried = sorted((one for one in done if not one.there_already), key=lambda one: one.call.path)
    failures = [one.failure for one in tried]
    return failures[0].reason if failures and failures[0] and all(failure and failure.no_login for failure in failures) else None
