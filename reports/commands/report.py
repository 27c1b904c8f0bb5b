"""`nhi report`: one snapshot as files to hand on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.text import Text

from inventory.lake import Lake
from reports.audiences import AUDIENCES, AUDITOR
from reports.commands.redact import KeyFile, differ, key_of, redacted, tell_differences
from reports.commands.shell import FOUND, HERE, AsJson, SnapshotId, Workspace, as_document, misused, named, out, picked, stop
from reports.content import Asked
from reports.formats import BY_NAME, write_reports
from reports.redaction.workspace import Redacted


def report(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    compare: Annotated[str | None, typer.Option(help="Id or label of the snapshot to compare with; the one before if left out.")] = None,
    forms: Annotated[str, typer.Option("--format", help=f"{', '.join(BY_NAME)}; several with commas.")] = "html",
    audience: Annotated[str, typer.Option(help="; ".join(f"{name}: {text}" for name, text in AUDIENCES.items()) + ".")] = AUDITOR,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day by which exceptions expire; today if left out.")] = None,
    folder: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("report"),
    redact: Annotated[
        bool, typer.Option("--redact", help="Under pseudonyms, to hand on; exits with 1 unless the scores are the same.")
    ] = False,
    key_file: KeyFile = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a snapshot, in one format or several: each a self-contained file, all with the same figures."""
    names = list(dict.fromkeys(name.strip() for name in forms.split(",") if name.strip()))
    if unknown := [name for name in names if name not in BY_NAME]:
        misused("--format", f"{unknown[0]!r} is not built, only {', '.join(BY_NAME)}")
    if not names:
        misused("--format", f"name at least one of {', '.join(BY_NAME)}")
    if audience not in AUDIENCES:
        misused("--audience", f"{audience!r} is none of {', '.join(AUDIENCES)}")
    lake, chosen = picked(workspace, snapshot)
    before = named(lake, compare, chosen).snapshot_id if compare else None
    asked = Asked(lake=lake, snapshot=chosen, compare=before, on=(on or datetime.now(UTC)).date(), audience=audience)
    with _shown(asked, key_of(key_file) if redact else None) as (shown, done):
        try:
            written = write_reports(shown, names, folder)
        except OSError as error:
            stop(f"{folder}: {error.strerror}; choose another --out")
    _tell(written, as_json=as_json)
    tell_differences(done)
    if differ(done):
        raise typer.Exit(FOUND)


@contextmanager
def _shown(asked: Asked, key: bytes | None) -> Iterator[tuple[Asked, list[Redacted]]]:
    """The report as it was asked for; with a key, the same of a redacted copy, which is gone afterwards."""
    if key is None:
        yield asked, []
        return
    lake = asked.lake
    before = lake.snapshot(asked.compare) if asked.compare else lake.before(asked.snapshot)
    with TemporaryDirectory(prefix="nhi-redacted-") as temporary:
        folder = Path(temporary) / "workspace"
        done = redacted(lake, asked.snapshot, before, key, folder, quiet=False)
        compare = done[0].snapshot.snapshot_id if len(done) > 1 else None
        yield Asked(lake=Lake(folder), snapshot=done[-1].snapshot, compare=compare, on=asked.on, audience=asked.audience), done


def _tell(written: list[tuple[str, Path]], *, as_json: bool) -> None:
    if as_json:
        as_document(
            [{"format": name, "path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for name, path in written]
        )
        return
    for _, path in written:
        out.print(Text(str(path)), soft_wrap=True)  # a path is copied, or read by a script
