"""`nhi export`: one snapshot as a feed for the tools that are there already."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult

import typer
from rich.text import Text

from inventory.decision_log import DecisionLog
from reports.commands.shell import HERE, SnapshotId, Workspace, misused, out, picked, stop
from reports.feeds import BY_NAME, Feed
from reports.feeds.feed import Options, Source
from reports.feeds.post import AddressError, PostError, address, bearer, prepared, send, shown

ACCOUNT, REGION = re.compile(r"\d{12}"), re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
STDOUT = "-"


def export(
    workspace: Workspace = HERE,
    snapshot: SnapshotId = None,
    form: Annotated[str, typer.Option("--format", help=f"{', '.join(BY_NAME)}.")] = "sarif",
    target: Annotated[str, typer.Option("--out", help="File to write, replaced as a whole; - for standard output.")] = STDOUT,
    on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day by which exceptions expire; today if left out.")] = None,
    aws_account: Annotated[str | None, typer.Option("--aws-account", help="asff: account whose Security Hub takes the findings.")] = None,
    aws_region: Annotated[str | None, typer.Option("--aws-region", help="asff: its region.")] = None,
    post: Annotated[
        str | None, typer.Option("--post", metavar="URL", help="Send it there instead: https, or http on this machine.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With --post: send nothing, print what would be sent.")] = False,
    token_env: Annotated[str | None, typer.Option("--token-env", help="Environment variable with a bearer token for --post.")] = None,
    token_file: Annotated[Path | None, typer.Option("--token-file", help="File with a bearer token for --post.")] = None,
) -> None:
    """Write a snapshot in the format of another tool: findings, graph or metrics. What could not be judged is never a pass in any of them."""
    feed = _chosen(form, aws_account, aws_region)
    to = _address(post, target, wants_more=dry_run or token_env is not None or token_file is not None)
    token = _token(token_env, token_file)
    lake, chosen = picked(workspace, snapshot)
    decisions, day = DecisionLog(workspace).standing(), (on or datetime.now(UTC)).date()
    with lake.open(chosen.snapshot_id) as database:
        source = Source(database, chosen, decisions, day, Options(aws_account=aws_account, aws_region=aws_region))
        if to is None:
            _write(feed.write(source), target)
        else:
            _post(to, feed, source, token, dry_run=dry_run)


def _chosen(form: str, account: str | None, region: str | None) -> Feed:
    """The feed, with what it needs; ends the program where that is not given."""
    if form not in BY_NAME:
        misused("--format", f"{form!r} is not built, only {', '.join(BY_NAME)}")
    feed = BY_NAME[form]
    if feed.needs_aws and not ACCOUNT.fullmatch(account or ""):
        misused("--aws-account", f"{form} needs the twelve digits of the account whose Security Hub takes the findings")
    if feed.needs_aws and not REGION.fullmatch(region or ""):
        misused("--aws-region", f"{form} needs the region of that Security Hub, like eu-central-1")
    return feed


def _address(post: str | None, target: str, *, wants_more: bool) -> SplitResult | None:
    """Where to send to; None: nowhere. Ends the program for an address that nothing is sent to."""
    if post is None:
        if wants_more:
            misused("--post", "--dry-run, --token-env and --token-file are for sending; give an address")
        return None
    if target != STDOUT:
        misused("--out", "either a file is written or it is sent: leave out --out or --post")
    try:
        return address(post)
    except AddressError as error:
        misused("--post", error)


def _token(variable: str | None, file: Path | None) -> str | None:
    """The token that a variable or a file holds; None where none was asked for."""
    if variable is not None and file is not None:
        misused("--token-file", "give a variable or a file, not both")
    try:
        if variable is not None:
            return bearer(os.environ.get(variable, ""))
        return bearer(file.read_text(encoding="utf-8")) if file is not None else None
    except (PostError, UnicodeDecodeError) as error:
        said = error if isinstance(error, PostError) else "not a text"
        # What stands where a variable's name should may be the token itself: it is not repeated.
        misused(
            "--token-env" if variable is not None else "--token-file", f"the variable {said}" if variable is not None else f"{file}: {said}"
        )


def _post(to: SplitResult, feed: Feed, source: Source, token: str | None, *, dry_run: bool) -> None:
    """Send the feed, or print what would be sent; exits with 3 when it was not taken."""
    try:
        request = prepared(to, feed.mime, feed.write(source), token)
        if dry_run:
            sys.stdout.write(shown(request).decode("utf-8"))
            return
        status = send(request)
    except PostError as error:
        stop(f"--post: {error}")
    out.print(Text(f"{len(request.body):,} bytes sent to {request.place}, answered {status}"), soft_wrap=True)


def _write(pieces: Iterator[str], target: str) -> None:
    if target == STDOUT:
        for piece in pieces:
            sys.stdout.write(piece)
        return
    path = Path(target)
    if path.is_dir():
        misused("--out", f"{path} is a folder; name a file")
    with replaced(path) as write:
        for piece in pieces:
            write(piece)
    out.print(Text(str(path)), soft_wrap=True)  # a path is copied, or read by a script


@contextmanager
def replaced(path: Path) -> Iterator[Callable[[str], int]]:
    """What to write the text of a file with: it appears whole, or stays as it was. Readers such as a metrics collector see no half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="") as file:
            yield file.write
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
