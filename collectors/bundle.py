"""Runs the calls of a plan and writes an evidence bundle: whatever happens, it says what is there and what is not.

Calls run side by side; what follows from an answer is asked next. A call without an answer costs its own facts and nothing else. A run that
was killed goes on where it stopped: files that are whole are not asked for again, half ones go on from their next page. Until a run has
ended, the manifest says that nothing is complete.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from collectors.bundle_files import Files, Part
from collectors.collecting import Call, CallFailed, Plan, no_more
from inventory.model import CoverageStatus, Fact

BUNDLE_VERSION = 1
MANIFEST = "manifest.json"
WORKERS = 8
STOPPED = "the collection was stopped before its end: run it again, it goes on where it stopped"

UNFORESEEN = (LookupError, TypeError, ValueError, AttributeError, RecursionError)
"""What an answer of a shape that nobody foresaw raises inside a plan: the call is given up, the others go on."""

Progress = Callable[[str, int, int], None]
"""Called with a service, how many of its calls are done, and how many are known so far."""


class BundleError(Exception):
    """The folder cannot take this bundle; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A call that gave no answer, or broke off."""

    call: Call
    status: CoverageStatus
    reason: str
    half: bool = False
    """Some pages are there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a run did."""

    folder: Path
    files: Sequence[Mapping[str, Any]]
    """As the manifest lists them."""
    gaps: Sequence[Mapping[str, Any]]
    """`not_collected` of the manifest."""
    warnings: Sequence[str]
    """A line per operation and scope that gave no answer."""
    asked: int
    there_already: int
    """Calls of which an earlier run wrote the whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    call: Call
    followers: Sequence[Call] = ()
    failure: Failure | None = None
    there_already: bool = False


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
        earlier = _earlier(folder, plan.source)
        first = list(plan.calls())
        gaps = [*_not_yet(first), *_gaps_kept(earlier, {call.scope for call in first})]
        about = {"source": plan.source, "label": label, "key_mark": key_mark}
        _write_manifest(files, about, _entries_kept(files, earlier, ()), gaps, clock())
        done = _Run(files=files, workers=workers, progress=progress, clock=clock).run(first)
        return _conclude(files, about, done, earlier, clock)


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
    done: list[_Done] = field(default_factory=list)
    known: Counter[str] = field(default_factory=Counter)
    finished: Counter[str] = field(default_factory=Counter)
    paths: set[str] = field(default_factory=set)
    waiting: deque[Call] = field(default_factory=deque)

    def run(self, first: Iterable[Call]) -> list[_Done]:
        self._enqueue(first)
        under_way: set[Future[_Done]] = set()
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
        return self.done

    def _enqueue(self, calls: Iterable[Call]) -> None:
        for call in calls:
            if call.path in self.paths:
                continue  # two answers led to the same question
            self.paths.add(call.path)
            self.known[call.service] += 1
            self.waiting.append(call)
            self._tell(call.service)

    def _take(self, done: _Done) -> None:
        self.done.append(done)
        self.finished[done.call.service] += 1
        self._enqueue(done.followers)
        self._tell(done.call.service)

    def _tell(self, service: str) -> None:
        if self.progress:
            self.progress(service, self.finished[service], self.known[service])


def _carry_out(call: Call, files: Files, clock: Callable[[], datetime]) -> _Done:
    """Ask one call, or take what an earlier run wrote; then what follows from it."""
    try:
        there = files.is_whole(call.path) and not call.fresh
        failure = None if there else _ask(call, files, clock)
        followers = [] if failure or call.then is no_more else list(call.then(files.answers(call.path)))
    except UNFORESEEN as error:
        unforeseen = CallFailed(f"its answer is of a shape that nobody foresaw ({type(error).__name__})", CoverageStatus.MISSING)
        return _Done(call=call, failure=_failure(call, unforeseen, half=False))
    return _Done(call=call, followers=followers, failure=failure, there_already=there)


def _ask(call: Call, files: Files, clock: Callable[[], datetime]) -> Failure | None:
    part = Part(files, call.path)
    token = part.token()
    pages = 0
    try:
        for page, following in _answers(call, token, part):
            part.append(call.clean(page), following)
            pages += 1
    except CallFailed as error:
        half = bool(pages or (token is not None and part.token() is not None))
        if half:
            part.publish(clock())
        return _failure(call, error, half=half)
    if not pages:
        return _failure(call, CallFailed("gave no answer at all", CoverageStatus.MISSING), half=False)
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
    return Failure(call=call, status=error.status, reason=reason, half=half)


def _conclude(
    files: Files, about: Mapping[str, Any], done: Sequence[_Done], earlier: Mapping[str, Any], clock: Callable[[], datetime]
) -> Collected:
    """The manifest of everything that is there, and of what is not."""
    calls = sorted((one.call for one in done), key=lambda call: call.path)
    entries = [_entry(files, call) for call in calls if files.holds(call.path)]
    failures = sorted((one.failure for one in done if one.failure), key=lambda failure: failure.call.path)
    gaps = _gaps(done, failures)
    scopes = {call.scope for call in calls}
    entries += _entries_kept(files, earlier, {call.path for call in calls})
    gaps += _gaps_kept(earlier, scopes)
    _write_manifest(files, about, entries, gaps, clock(), _warnings(failure for failure in failures if not failure.call.facts))
    return Collected(
        folder=files.root,
        files=entries,
        gaps=gaps,
        warnings=_warnings(failures),
        asked=sum(not one.there_already for one in done),
        there_already=sum(one.there_already for one in done),
    )


def _entry(files: Files, call: Call) -> dict[str, Any]:
    return {
        "path": call.path,
        "scope": call.scope,
        "collected_at": _zulu(files.time(call.path)),
        "sha256": files.digest(call.path),
        "command": call.command,
    }


def _gaps(done: Iterable[_Done], failures: Iterable[Failure]) -> list[dict[str, Any]]:
    """One entry per fact, scope and operation. Where other calls told something of the fact, it is partial: their files alone would look
    complete."""
    told = {(fact, one.call.scope) for one in done for fact in _told(one)}
    grouped: dict[tuple[Fact, str, str], list[Failure]] = {}
    for failure in failures:
        for fact in failure.call.facts:
            grouped.setdefault((fact, failure.call.scope, failure.call.operation), []).append(failure)
    gaps: list[dict[str, Any]] = []
    for (fact, scope, operation), group in sorted(grouped.items()):
        status = CoverageStatus.DENIED if any(one.status is CoverageStatus.DENIED for one in group) else CoverageStatus.MISSING
        more = f" (and {len(group) - 1} more such calls)" if len(group) > 1 else ""
        gaps.append(
            {
                "fact": fact.value,
                "scope": scope,
                "status": (CoverageStatus.PARTIAL if (fact, scope) in told else status).value,
                "reason": group[0].reason + more,
                "operation": operation,
            }
        )
    return gaps


def _told(done: _Done) -> tuple[Fact, ...]:
    """Facts of which some evidence is there."""
    if done.failure is not None and not done.failure.half:
        return ()
    return done.call.facts if done.call.tells is None else done.call.tells


def _warnings(failures: Iterable[Failure]) -> list[str]:
    """A line per operation and scope that failed."""
    grouped: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        grouped.setdefault((failure.call.scope, failure.call.operation), []).append(failure)
    return [
        f"{scope}: {group[0].reason}" + (f" (and {len(group) - 1} more such calls)" if len(group) > 1 else "")
        for (scope, _), group in sorted(grouped.items())
    ]


def _not_yet(calls: Iterable[Call]) -> Iterator[dict[str, Any]]:
    """What the manifest says while the run goes on, and if it is killed: nothing of any scope is complete."""
    for scope in sorted({call.scope for call in calls}):
        for fact in Fact:
            if fact is not Fact.SECRET_SCAN:
                yield {"fact": fact.value, "scope": scope, "status": CoverageStatus.PARTIAL.value, "reason": STOPPED}


def _earlier(folder: Path, source: str) -> Mapping[str, Any]:
    """The manifest of a run before this one. Raises BundleError when it is another provider's, or nobody's."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_bytes())
    except ValueError as error:
        raise BundleError(f"{path}: not a manifest; choose another folder") from error
    if not isinstance(found, dict) or found.get("source") != source:
        raise BundleError(f"{folder}: holds evidence of another source; choose another folder for {source}")
    return found


def _listed(manifest: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return [entry for entry in manifest.get(name) or [] if isinstance(entry, dict)]


def _gaps_kept(earlier: Mapping[str, Any], scopes: Iterable[str]) -> list[dict[str, Any]]:
    """What an earlier run did not get of scopes that are not asked now."""
    asked = set(scopes)
    return [gap for gap in _listed(earlier, "not_collected") if gap.get("scope") not in asked]


def _entries_kept(files: Files, earlier: Mapping[str, Any], besides: Iterable[str]) -> list[dict[str, Any]]:
    """Files of an earlier run with another scope, which are still there."""
    paths = set(besides)
    return [entry for entry in _listed(earlier, "files") if entry.get("path") not in paths and files.holds(str(entry.get("path")))]


def _write_manifest(
    files: Files,
    about: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    gaps: Sequence[Mapping[str, Any]],
    at: datetime,
    warnings: Sequence[str] = (),
) -> None:
    """In one move, so that there is a whole manifest or the one before."""
    newest = max((str(entry["collected_at"]) for entry in entries if entry.get("collected_at")), default=_zulu(at))
    manifest = {
        "bundle_version": BUNDLE_VERSION,
        "tool": f"nhi {_tool_version()}",
        **{name: value for name, value in about.items() if value},
        "as_of": newest,
        "files": sorted(entries, key=lambda entry: str(entry.get("path"))),
        "not_collected": list(gaps),
        "warnings": list(warnings),
    }
    files.write(MANIFEST, [json.dumps(manifest, indent=2), "\n"])


def _tool_version() -> str:
    try:
        return version("nhi-posture")
    except PackageNotFoundError:
        return "of a checkout"


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
