"""What the manifest of a bundle says: the files that are there, and of what was not collected which call failed and why."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from collectors.bundle_files import Files
from collectors.collecting import Call, no_more
from collectors.manifest import NEVER_STATED, STOPPED
from inventory.model import CoverageStatus, Fact

BUNDLE_VERSION = 1
MANIFEST = "manifest.json"


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
    no_login: bool = False
    """For want of credentials."""


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
    no_login: str | None
    """Why nothing at all could be asked: whatever was tried failed for want of credentials."""
    asked: int
    there_already: int
    """Calls of which an earlier run wrote the whole file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a call."""

    call: Call
    followers: Sequence[Call] = ()
    failure: Failure | None = None
    there_already: bool = False


def entry_of(files: Files, call: Call) -> dict[str, Any]:
    """A file, as the manifest lists it."""
    return {
        "path": call.path,
        "scope": call.scope,
        "facts": [fact.value for fact in call.facts],
        "collected_at": _zulu(files.time(call.path)),
        "sha256": files.digest(call.path),
        "command": call.command,
    }


def stated_of(done: Iterable[Done], repeated: Iterable[Call], gaps: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Facts and scopes of which every call succeeded to its last page, so that an empty answer among them means that there is none.

    A call that failed costs its facts, and with them those of the calls that would have followed; if it has none, nothing of its scope is
    stated. `repeated`: calls that another one answered, since they ask the same. `gaps`: what is known to be missing.
    """
    by_path = {one.call.path: one for one in done}
    calls = [*(one.call for one in by_path.values()), *repeated]
    failed = [call for call in calls if by_path[call.path].failure is not None]
    blocked = {call.scope for call in failed if call.then is not no_more and not call.facts} | {"*"}
    missing = {(fact.value, call.scope) for call in failed for fact in call.facts} | {_about(gap) for gap in gaps}
    told = {(fact.value, call.scope) for call in calls for fact in _tells(call) if fact not in NEVER_STATED and call.scope not in blocked}
    return [{"fact": fact, "scope": scope} for fact, scope in sorted(told - missing)]


def gaps_of(done: Iterable[Done], failures: Iterable[Failure]) -> list[dict[str, Any]]:
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


def _told(done: Done) -> tuple[Fact, ...]:
    """Facts of which some evidence is there."""
    return () if done.failure is not None and not done.failure.half else _tells(done.call)


def _tells(call: Call) -> tuple[Fact, ...]:
    return call.facts if call.tells is None else call.tells


def warnings_of(failures: Iterable[Failure]) -> list[str]:
    """A line per operation and scope that failed."""
    grouped: dict[tuple[str, str], list[Failure]] = {}
    for failure in failures:
        grouped.setdefault((failure.call.scope, failure.call.operation), []).append(failure)
    return [
        f"{scope}: {group[0].reason}" + (f" (and {len(group) - 1} more such calls)" if len(group) > 1 else "")
        for (scope, _), group in sorted(grouped.items())
    ]


def not_yet(calls: Iterable[Call]) -> Iterator[dict[str, Any]]:
    """What the manifest says while the run goes on, and if it is killed: nothing of any scope is complete."""
    for scope in sorted({call.scope for call in calls}):
        for fact in Fact:
            if fact is not Fact.SECRET_SCAN:
                yield {"fact": fact.value, "scope": scope, "status": CoverageStatus.PARTIAL.value, "reason": STOPPED}


def earlier_manifest(folder: Path, source: str) -> Mapping[str, Any]:
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
    value = manifest.get(name)
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def gaps_kept(earlier: Mapping[str, Any], calls: Iterable[Call]) -> list[dict[str, Any]]:
    """What an earlier run did not get and this one does not ask for: of other scopes, or by operations that are left out now."""
    asked = {(call.scope, call.operation) for call in calls}
    scopes = {scope for scope, _ in asked}

    def is_kept(gap: Mapping[str, Any]) -> bool:
        scope, operation = str(gap.get("scope")), gap.get("operation")
        return scope not in scopes or (operation is not None and (scope, str(operation)) not in asked)

    return [gap for gap in _listed(earlier, "not_collected") if is_kept(gap)]


def stated_kept(files: Files, earlier: Mapping[str, Any], calls: Iterable[Call]) -> list[dict[str, Any]]:
    """What an earlier run stated of scopes that are not asked now, as long as every file that it rests on is there."""
    scopes = {call.scope for call in calls}
    absent = [entry for entry in _listed(earlier, "files") if not files.holds(str(entry.get("path")))]
    gone = {_about({**entry, "fact": fact}) for entry in absent if isinstance(entry.get("facts"), list) for fact in entry["facts"]}
    return [one for one in _listed(earlier, "collected") if _about(one)[1] not in scopes and _about(one) not in gone]


def _about(entry: Mapping[str, Any]) -> tuple[str, str]:
    """Fact and scope of an entry that anybody may have written."""
    return str(entry.get("fact")), str(entry.get("scope"))


def entries_kept(files: Files, earlier: Mapping[str, Any], besides: Iterable[str]) -> list[dict[str, Any]]:
    """Files of an earlier run with another scope, which are still there."""
    paths = set(besides)
    return [entry for entry in _listed(earlier, "files") if entry.get("path") not in paths and files.holds(str(entry.get("path")))]


def write_manifest(
    files: Files,
    about: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    gaps: Sequence[Mapping[str, Any]],
    stated: Sequence[Mapping[str, Any]],
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
        "collected": list(stated),
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
