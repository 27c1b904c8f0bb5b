"""`nhi redact`: a workspace to hand on, with the same scores under other names. `nhi reveal` reads it back."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from inventory.lake import Lake, Snapshot
from reports.commands.shell import FOUND, HERE, AsJson, SnapshotId, Workspace, as_document, err, misused, named, out, picked, say, stop
from reports.console import progress_bar
from reports.redaction.key import KeyFileError, make_key, read_key
from reports.redaction.parts import RedactionError
from reports.redaction.sealed import revealed, unseal
from reports.redaction.workspace import Redacted
from reports.redaction.workspace import redact as write_redacted

KeyFile = Annotated[Path | None, typer.Option("--key-file", help="File with the key; `nhi redact --new-key FILE` makes one.")]


def redact(
    key_file: KeyFile = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Folder to write the redacted workspace into; empty or not there yet.")
    ] = None,
    new_key: Annotated[Path | None, typer.Option("--new-key", help="Only make a key, in this file.")] = None,
    snapshot: SnapshotId = None,
    compare: Annotated[str | None, typer.Option(help="Id or label of a snapshot to take along, to compare with.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Write a snapshot under pseudonyms, as a workspace that every command reads. It is judged anew: exits with 1 unless the scores are the same."""
    if new_key is not None:
        _make(new_key)
        return
    if folder is None:
        misused("--out", "name the folder to write into")
    key = key_of(key_file)
    lake, chosen = picked(workspace, snapshot)
    done = redacted(lake, chosen, named(lake, compare, chosen) if compare else None, key, folder, quiet=as_json)
    if as_json:
        as_document({"workspace": str(folder), "same_scores": not differ(done), "snapshots": [_document(one) for one in done]})
    else:
        _print(done, folder)
    if differ(done):
        raise typer.Exit(FOUND)


def reveal(
    tokens: Annotated[
        list[str] | None, typer.Argument(help="Pseudonyms, or ids and texts that hold some; -: a text on standard input.")
    ] = None,
    key_file: KeyFile = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
) -> None:
    """Turn pseudonyms back into names, with the key that made them."""
    if not tokens:
        misused("TOKEN", "name a pseudonym, or - to read a text from standard input")
    key = key_of(key_file)
    try:
        parts = unseal(workspace, key)
    except RedactionError as error:
        stop(str(error))
    told = [sys.stdin.read() if token == "-" else token for token in tokens]
    found = [revealed(text, parts) for text in told]
    if as_json:
        as_document([{"pseudonym": text, "name": name} for text, name in zip(told, found, strict=True)])
        return
    for text, name in zip(told, found, strict=True):
        out.print(Text(name), soft_wrap=True, end="" if text.endswith("\n") else "\n")


def _make(path: Path) -> None:
    try:
        make_key(path)
    except KeyFileError as error:
        misused("--new-key", error)
    out.print(Text(f"{path}: a new key. Keep it, and keep it apart from what you hand on: it alone turns the pseudonyms back."))


def key_of(path: Path | None) -> bytes:
    """The key that a command was given, or its end."""
    if path is None:
        misused("--key-file", "name the file with the key; `nhi redact --new-key FILE` makes one")
    try:
        return read_key(path)
    except KeyFileError as error:
        misused("--key-file", error)


def redacted(lake: Lake, chosen: Snapshot, before: Snapshot | None, key: bytes, folder: Path, *, quiet: bool) -> list[Redacted]:
    """The redacted workspace in a folder, or the end of the command."""
    snapshots = [chosen] if before is None or before.snapshot_id == chosen.snapshot_id else [before, chosen]
    try:
        with progress_bar(err, "Redacting", quiet=quiet) as tell:
            return write_redacted(lake, snapshots, key, folder, tell)
    except RedactionError as error:
        stop(str(error))


def differ(done: list[Redacted]) -> bool:
    """Whether any snapshot is judged otherwise than its original."""
    return any(one.differences for one in done)


def tell_differences(done: list[Redacted]) -> None:
    """What is judged otherwise, line by line on standard error."""
    for one in done:
        for difference in one.differences:
            say(f"{one.snapshot.label}: NOT the same scores: {difference}", style="red")


def _print(done: list[Redacted], folder: Path) -> None:
    for one in done:
        if not one.differences:
            told = f"{one.snapshot.label}: {one.original_id} → {one.snapshot.snapshot_id}, same scores: {one.subjects:,} subjects"
            out.print(Text(told + (" (the original judged anew by today's rules)" if one.judged_anew else "")), soft_wrap=True)
        if one.decisions_lost:
            say(f"{one.decisions_lost} decisions are left out: their query finds nothing in this snapshot")
    tell_differences(done)
    out.print(Text(f"{folder}: read it with --workspace {folder}"), soft_wrap=True)


def _document(one: Redacted) -> dict[str, Any]:
    return {
        "original": one.original_id,
        "snapshot_id": one.snapshot.snapshot_id,
        "label": one.snapshot.label,
        "subjects": one.subjects,
        "same_scores": not one.differences,
        "judged_anew": one.judged_anew,
        "decisions_left_out": one.decisions_lost,
        "differences": [dataclasses.asdict(difference) for difference in one.differences],
    }
