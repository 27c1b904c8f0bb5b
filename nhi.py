"""The command line: parse, call, print. Decides nothing.

Exit codes: 0 fine, 1 findings at or above --fail-on or a regression, 2 wrong usage, 3 could not run.
"""

from __future__ import annotations

import gc
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import typer.core
from rich.text import Text

from collectors import COLLECTORS
from collectors.bundle import BundleError, Collected
from collectors.bundle import collect as collect_bundle
from collectors.credentials import found
from collectors.document import mark_of
from collectors.live import LiveError, loggers, permissions, plan_of, questions
from collectors.reading import Evidence, read
from collectors.template import write_template
from collectors.times import utc
from inventory.database import Database, StoreError
from inventory.decision_file import Entry, parse
from inventory.decision_log import DecisionLog
from inventory.lake import Lake, Snapshot
from inventory.workspace_key import workspace_key
from reports.access import VARIABLE, AccessError
from reports.commands.checks import checks
from reports.commands.compliance import compliance
from reports.commands.decisions import decisions
from reports.commands.diff import diff
from reports.commands.export import export
from reports.commands.findings import findings
from reports.commands.interview import interview
from reports.commands.metrics import metrics_command
from reports.commands.packs import packs
from reports.commands.plan import plan
from reports.commands.query import query
from reports.commands.recommend import recommend
from reports.commands.redact import redact, reveal
from reports.commands.report import report
from reports.commands.report_teams import report_teams
from reports.commands.rescore import rescore
from reports.commands.roll_up import roll_up
from reports.commands.shell import (
    FOUND,
    HERE,
    AsJson,
    AsLines,
    Workspace,
    as_document,
    misused,
    named,
    out,
    picked,
    progress,
    say,
    stop,
    table,
)
from reports.commands.snapshots import snapshots
from reports.commands.what_if import what_if_command
from reports.console import print_summary
from reports.content import Asked
from reports.formats import write_reports
from reports.serve import ADDRESS, ServeError
from reports.serve import serve as serve_dashboard
from reports.views.baseline import against, in_words
from reports.views.exceptions import decided_summary, ignored_at
from reports.views.summary import SEVERITIES
from scoring.catalogue import Catalogue, load
from scoring.judge import assessment_date, judge, label_of, notices
from scoring.packs import PackError, load_pack
from scoring.progress.compare import compare_ahead
from scoring.rules import load_rules

LAST = "last"
"""As a baseline: the snapshot that was published last."""


class Door(typer.core.TyperGroup):
    """All commands: whatever the store or the disk refuses ends in one line, never in a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except StoreError as error:
            stop(str(error))
        except BrokenPipeError:
            raise  # `nhi findings | head`: nobody listens any more
        except OSError as error:
            stop(f"{error.filename or 'the disk'}: {error.strerror or error}")


app = typer.Typer(
    name="nhi",
    cls=Door,
    help="Where do your machine identities stand? Exports in, seven maturity stages out, every number traced to a record.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


@app.command(epilog="Example: `nhi assess exports/ --label Q3-2026 --as-of 2026-09-30 --fail-on high`")
def assess(
    paths: Annotated[list[Path], typer.Argument(help="Folders or files: evidence bundles, CLI exports, scanner reports, templates, zips.")],
    workspace: Workspace = HERE,
    label: Annotated[str | None, typer.Option(help="Name of the snapshot; from the bundle, or the quarter, if left out.")] = None,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Date to judge by, YYYY-MM-DD; from the bundle, or the newest date in the evidence, if left out."),
    ] = None,
    pack: Annotated[str, typer.Option(help="Policy pack: default, cis, pci, or the path of a TOML file.")] = "default",
    checks: Annotated[Path | None, typer.Option("--checks", help="Folder with your own checks.")] = None,
    as_json: AsJson = False,
    lines: AsLines = False,
    fail_on: Annotated[
        str | None, typer.Option("--fail-on", help=f"Exit with 1 at findings of this severity or above: {', '.join(SEVERITIES)}.")
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline", help="With --fail-on: only what was not there in this snapshot counts. Id or label; last: the one published last."
        ),
    ] = None,
    ignore_newly_known: Annotated[
        bool, typer.Option("--ignore-newly-known", help="With --baseline: leave out what the baseline did not see or could not judge.")
    ] = False,
) -> None:
    """Assess evidence and store an immutable snapshot. Files are recognised by content; a bad one never stops the rest."""
    _require(paths, checks, fail_on)
    earlier = _baseline(workspace, baseline, fail_on, ignore_newly_known)
    snapshot = run_assessment(paths, workspace, label, _date(as_of), pack, load(checks), quiet=as_json, lines=lines)
    lake = Lake(workspace)
    with lake.open(snapshot.snapshot_id) as database:
        result = decided_summary(database, snapshot, DecisionLog(workspace).standing(), datetime.now(UTC).date())
        if earlier and fail_on:
            result["regressions"] = against(database, lake, earlier, snapshot, fail_on, newly_known=not ignore_newly_known)
        if as_json:
            as_document(result)
        else:
            before = lake.before(snapshot)
            print_summary(out, database, snapshot, result, before.label if before else None)
    if fail_on:
        _gate(result, fail_on)


def _gate(result: dict[str, Any], fail_on: str) -> None:
    """Exit with 1 where findings count, after a line that says which do not."""
    failed, ignored = ignored_at(result, fail_on)
    if ignored:
        say(f"--fail-on {fail_on}: {ignored:,} failed findings are excepted today and ignored; {failed:,} are not")
    if "regressions" in result:
        failed = result["regressions"]["counted"]
        for line in in_words(result["regressions"]):
            say(line)
    if failed:
        raise typer.Exit(FOUND)


def _baseline(workspace: Path, text: str | None, fail_on: str | None, ignore_newly_known: bool) -> Snapshot | None:
    """The snapshot that is meant, before this assessment adds one. `last` of an empty workspace is None: then everything counts."""
    if text is None:
        if ignore_newly_known:
            misused("--ignore-newly-known", "says what counts against a --baseline; give one")
        return None
    if fail_on is None:
        misused("--baseline", "says what --fail-on counts; give both")
    lake = Lake(workspace)
    if text != LAST:
        return named(lake, text)
    found = lake.current()
    if found is None:
        say(f"--baseline {LAST}: {workspace} holds no snapshot yet, so every finding counts")
    return found


def _require(paths: list[Path], checks: Path | None, fail_on: str | None) -> None:
    """What was asked for is there; checked before anything is written."""
    for path in paths:
        if not path.exists():
            misused("PATH", f"{path}: no such file or folder")
    if fail_on is not None and fail_on not in SEVERITIES:
        misused("--fail-on", f"{fail_on!r} is no severity, choose one of {', '.join(SEVERITIES)}")
    if checks is not None and not checks.is_dir():
        misused("--checks", f"{checks} is no folder")


def run_assessment(
    paths: list[Path],
    workspace: Path,
    label: str | None,
    as_of: datetime | None,
    pack_name: str,
    catalogue: Catalogue,
    *,
    quiet: bool,
    lines: bool = False,
) -> Snapshot:
    """Wire the parts: read, judge, publish. Exits with 3 when nothing could be read, 2 when the pack is wrong."""
    gc.set_threshold(1_000_000)  # millions of rows, hardly a cycle among them: looking for cycles took a quarter of the time
    try:
        pack = load_pack(pack_name)
        evidence = _read(paths, workspace, quiet=quiet, lines=lines)
    except PackError as error:
        misused("--pack", error)
    if not evidence.files_read:
        for warning in evidence.warnings[:20]:
            say(str(warning))
        stop("no file could be read as evidence; docs/formats.md lists what is understood")
    date = assessment_date(as_of or evidence.as_of, evidence.sources)
    with Database.empty() as database, progress("Judging", quiet=quiet, lines=lines) as tell:
        tell("", 0, 1)
        judge(database, evidence.hand_over(), as_of=date, pack=pack, checks=catalogue.checks)
        problems = [str(error) for error in catalogue.errors]
        snapshot = Lake(workspace).publish(
            database,
            label=label or evidence.label or label_of(date),
            as_of=date,
            rules_version=load_rules().version,
            pack=pack.name,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
            details={
                "warnings": [
                    *problems,
                    *notices(database, date, given=as_of is not None or evidence.as_of is not None),
                    *map(str, evidence.warnings),
                ],
                "thresholds": dict(pack.thresholds),
                "paths": [str(path) for path in paths],
            },
        )
    with progress("Comparing", quiet=quiet, lines=lines), suppress(StoreError):
        compare_ahead(Lake(workspace), snapshot)
    return snapshot


def _read(paths: list[Path], workspace: Path, *, quiet: bool, lines: bool) -> Evidence:
    try:
        key = workspace_key(workspace)
    except OSError as error:
        stop(f"{workspace}: {error.strerror}; choose another --workspace")
    with progress("Reading", quiet=quiet, lines=lines) as tell:
        return read(
            paths,
            COLLECTORS,
            key=key,
            besides=workspace,
            progress=lambda done, total, name: tell(name, done, total),
        )


def _date(text: str | None) -> datetime | None:
    try:
        date = utc(text)
    except ValueError as error:
        misused("--as-of", f"{error}; write YYYY-MM-DD")
    if text is not None and date is None:
        misused("--as-of", f"{text!r} is not a date; write YYYY-MM-DD")
    return date


@app.command(epilog="Example: `nhi collect aws --out evidence/aws --profile audit`, then `nhi assess evidence/`")
def collect(
    source: Annotated[str, typer.Argument(help="aws, gcp or azure.")] = "",
    folder: Annotated[Path, typer.Option("--out", help="Folder of the evidence bundle. A stopped collection goes on in it.")] = Path(
        "evidence"
    ),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask nothing: print the calls, and the rights that they need.")] = False,
    listed: Annotated[bool, typer.Option("--list", help="Ask nothing: say where credentials are found, never which.")] = False,
    label: Annotated[str | None, typer.Option(help="Name of the snapshots that are made of it.")] = None,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Calls at the same time.")] = 8,
    profile: Annotated[str | None, typer.Option(help="aws: profile of its configuration.")] = None,
    region: Annotated[
        list[str] | None, typer.Option(help="aws: only this region; again for more. All that are enabled if left out.")
    ] = None,
    roles: Annotated[
        Path | None, typer.Option(help="aws: file with the ARN of a role a line, one per account; you need sts:AssumeRole on them.")
    ] = None,
    no_usage: Annotated[bool, typer.Option("--no-usage", help="aws: leave out services last accessed, a job per principal.")] = False,
    project: Annotated[list[str] | None, typer.Option(help="gcp: this project; again for more.")] = None,
    organization: Annotated[str | None, typer.Option(help="gcp: number of the organisation.")] = None,
    subscription: Annotated[
        list[str] | None, typer.Option(help="azure: this subscription; again for more. All of the tenant if left out.")
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="azure: id of the tenant.")] = None,
    workspace: Workspace = HERE,
    as_json: AsJson = False,
    lines: AsLines = False,
) -> None:
    """Ask a cloud with read-only rights and write an evidence bundle. Secret values never enter it; what was denied is named in it."""
    given = {
        "profile": profile,
        "region": region,
        "roles": roles,
        "no_usage": no_usage,
        "project": project,
        "organization": organization,
        "subscription": subscription,
        "tenant": tenant,
    }
    if listed:
        _list_credentials(as_json=as_json)
        return
    try:
        if dry_run:
            _dry_run(questions(source), permissions(source), as_json=as_json)
            return
        for name in loggers(source):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        key = workspace_key(workspace)
        with progress("Asking", quiet=as_json, lines=lines, by_service=True) as tell:
            plan = plan_of(source, given, key)
            done = collect_bundle(plan, folder, workers=workers, label=label, key_mark=mark_of(key), progress=tell)
    except LiveError as error:
        misused(error.option or "SOURCE", error)
    except BundleError as error:
        misused("--out", error)
    _tell_collected(source, folder, done, as_json=as_json)


def _tell_collected(source: str, folder: Path, done: Collected, *, as_json: bool) -> None:
    """What is there and what is not; ends the program where nothing could be asked."""
    for warning in [] if done.no_login else done.warnings:
        say(f"Not collected: {warning}", style="yellow")
    if as_json:
        words = ("asked", "there_already", "files", "gaps", "warnings")
        as_document({"folder": str(folder), **{name: getattr(done, name) for name in words}})
    elif not done.no_login:
        out.print(
            Text(f"{folder}: {len(done.files):,} files, {done.asked:,} calls, {len(done.warnings)} warnings. Next: nhi assess {folder}")
        )
    if done.no_login:
        stop(f"{source}: {done.no_login}")


def _list_credentials(*, as_json: bool) -> None:
    """The providers that can be asked, and where credentials for them are."""
    places = found(os.environ, Path.home())
    if as_json:
        as_document(places)
    else:
        table(["source", "credentials"], [(source, "; ".join(there) or "none found") for source, there in places.items()])


def _dry_run(calls: list[dict[str, str]], rights: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        as_document({"calls": calls, "permissions": rights})
        return
    table(["operation", "asked", "command"], [(call["operation"], call["scope"], call["command"]) for call in calls])
    for name, text in rights.items():
        out.print(Text(f"\n{name}", style="bold"))
        print(text)


@app.command(epilog="Example: `nhi template inventory.xlsx`")
def template(
    path: Annotated[Path, typer.Argument(help="An .xlsx file, or a folder for CSV files.")],
    workspace: Workspace = HERE,
) -> None:
    """Write the empty template: what no export can say, a person can type in."""
    try:
        write_template(path)
    except (FileExistsError, ValueError) as error:
        misused("PATH", error)
    out.print(Text(f"{path} written: fill in what you know, leave the rest empty, and assess it beside the exports"), soft_wrap=True)


@app.command(epilog="Example: `nhi serve --port 8600`, or for a team `nhi serve --access access.toml`")
def serve(
    workspace: Workspace = HERE,
    port: Annotated[int, typer.Option(envvar="PORT", help="Port of the address.")] = 8501,
    address: Annotated[str, typer.Option(help="Address to listen on; one that other machines reach needs --access.")] = ADDRESS,
    access: Annotated[
        Path | None, typer.Option(envvar=VARIABLE, help="Access file: which groups may sign in, as what (docs/access.md).")
    ] = None,
) -> None:
    """Serve the dashboard: open on 127.0.0.1, or with --access for those who sign in."""
    try:
        raise typer.Exit(serve_dashboard(workspace, port, address, access, _announce))
    except (AccessError, ServeError) as error:
        stop(str(error))


def _announce(url: str) -> None:
    out.print(Text(f"Dashboard: {url}   (Ctrl-C ends it)", style="bold"))


@app.command(epilog="Example: `nhi demo --no-serve`")
def demo(
    workspace: Workspace = HERE,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Stop after the report.")] = False,
    port: Annotated[int, typer.Option(envvar="PORT", help="Port on 127.0.0.1.")] = 8501,
) -> None:
    """Assess both quarters of the sample company, write the report, serve the dashboard."""
    samples = Path(__file__).resolve().parent / "sample_data"
    quarters = sorted(folder for folder in samples.glob("q*") if folder.is_dir())
    if not quarters:
        stop(f"{samples}: no sample data beside this installation; run it from a checkout")
    for quarter in quarters:
        assess([quarter], workspace)
    DecisionLog(workspace).take(_decided(samples / "decisions.yaml"), who=None, at=datetime.now(UTC))
    lake, latest = picked(workspace, None)
    asked = Asked(lake=lake, snapshot=latest, on=datetime.now(UTC).date())
    for _, path in write_reports(asked, ["html", "pdf"], Path("report")):
        out.print(Text(f"Report: {path}"), soft_wrap=True)
    if not no_serve:
        serve(workspace, port)


def _decided(path: Path) -> list[Entry]:
    """What people at the sample company decided."""
    entries, problems = parse(path.read_text(encoding="utf-8"), str(path))
    for problem in problems:
        say(problem, style="yellow")
    return entries


app.command(
    epilog='Example: `nhi query "SELECT kind, count(*) AS n FROM identity GROUP BY kind" --json`, or of one team with `--team payments`'
)(query)
app.command(epilog="Example: `nhi findings --identity ci-deployer --json`")(findings)
app.command(epilog="Example: `nhi recommend --identity ci-deployer`, then `nhi recommend --out least-privilege/`")(recommend)
app.command(epilog="Example: `nhi decisions --import decisions.yaml`, then `nhi decisions --history`")(decisions)
app.command(epilog="Example: `nhi interview --blank answers.yaml`, then `nhi decisions --import answers.yaml`")(interview)
app.command(epilog="Example: `nhi checks show key-older-than-limit`")(checks)
app.command(epilog="Example: `nhi compliance`, then `nhi compliance CIS-AWS-7.0 --pack cis`")(compliance)
app.command(name="metrics", epilog="Example: `nhi metrics --show stale-identities`, then `nhi metrics --by team`")(metrics_command)
app.command(epilog="Example: `nhi packs show cis`")(packs)
app.command(epilog='Example: `nhi plan "attained 5 in production" --by 2026-12-31 --out plan.yaml`')(plan)
app.command(name="what-if", epilog="Example: `nhi what-if rotate-credential tighten-trust --in production`, after `nhi what-if --list`")(
    what_if_command
)
app.command(epilog="Example: `nhi report --format html,pdf --audience board --out report/`")(report)
app.command(
    name="report-teams",
    epilog="Example: `nhi report-teams --format html,pdf,xlsx --out teams/`, or `nhi report-teams --team payments --format pdf`",
)(report_teams)
app.command(name="roll-up", epilog="Example: `nhi roll-up clients/*/workspace --format html --out group.html`")(roll_up)
app.command(epilog="Example: `nhi export --format sarif --out nhi.sarif`, then `nhi export --format prometheus --out nhi.prom`")(export)
app.command(epilog="Example: `nhi snapshots --json`")(snapshots)
app.command(epilog="Example: `nhi diff Q2-2026 Q3-2026 --fail-on-regression`")(diff)
app.command(epilog="Example: `nhi rescore --all --pack cis`")(rescore)
app.command(epilog="Example: `nhi redact --new-key redaction.key`, then `nhi redact --key-file redaction.key --out redacted`")(redact)
app.command(epilog="Example: `nhi reveal --key-file redaction.key --workspace redacted 'arn:aws:iam::618033988749:role/kmrtwxzqcfgh'`")(
    reveal
)


if __name__ == "__main__":
    app()
