"""The check catalogue: `.sql` files with TOML front matter in `--` lines, then one SELECT. The file name is the id, the folder the family.

Loading proves that a file is well formed; a file that is not is reported and the others stand. Nothing is run here: see scoring.engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from difflib import get_close_matches
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

from inventory.database import Database, QueryError, require_one_select
from inventory.model import Fact
from scoring.compliance import known
from scoring.packs import threshold_names
from scoring.sql_subset import violations

SEVERITIES = ("critical", "high", "medium", "low")
SUBJECTS = ("identity", "credential", "workload", "resource", "exposure", "scope")
STATUSES = ("pass", "fail", "unknown")

REQUIRED = ("title", "severity", "subject", "needs", "rationale", "fix", "source")
OPTIONAL = ("stage", "maps_to", "absence", "example")
EXAMPLE_KEYS = ("why", "as_of", "rows", "expect")

EXAMPLE_AS_OF = datetime(2026, 9, 30)
"""The date of an example that names none."""

MAX_BYTES = 200_000
"""More than any check needs: a larger file is something else."""

IDENTIFIER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
REFERENCE = re.compile(r"[A-Za-z0-9.-]+:\S+")
PARAMETER = re.compile(r"\$(\w+)")
NOT_CODE = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)


class CatalogueError(Exception):
    """A check file is malformed; the message names the file, the problem and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A worked case: test and documentation at once."""

    why: str
    as_of: datetime
    rows: Mapping[str, Sequence[Mapping[str, Any]]]
    """Table -> rows, with only the columns that matter."""
    expect: Mapping[str, str]
    """Subject id -> status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check, as its file says it."""

    check_id: str
    family: str
    title: str
    severity: str
    subject: str
    """What is judged: identity, credential, workload, resource, exposure or scope."""
    stage: int | None
    """The stage whose main risk a failure shows; NULL where it holds no stage back."""
    needs: tuple[Fact, ...]
    """Without these facts for its scope, a subject cannot pass."""
    absence: bool
    """A failure rests on nothing being there: it, too, needs the facts."""
    rationale: str
    fix: str
    maps_to: tuple[str, ...]
    source: str
    examples: tuple[Example, ...]
    sql: str
    parameters: tuple[str, ...]
    """as_of and thresholds that the SELECT names."""
    own: bool
    """A user's own check: it runs on a locked copy only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What could be loaded, and what could not."""

    checks: tuple[Check, ...]
    """By family, then id; the product's own before a user's."""
    errors: tuple[CatalogueError, ...]


def load(extra: Path | None = None) -> Catalogue:
    """The product's checks and, from `extra`, a user's own: every `.sql` file below that folder."""
    checks, errors = _built_in()
    if extra is None:
        return Catalogue(checks=checks, errors=errors)
    own, problems = _own(extra, {check.check_id for check in checks})
    return Catalogue(checks=(*checks, *own), errors=(*errors, *problems))


@cache
def _built_in() -> tuple[tuple[Check, ...], tuple[CatalogueError, ...]]:
    with as_file(files("scoring") / "checks") as folder:
        return _loaded(folder, set(), None)


def _own(folder: Path, taken: set[str]) -> tuple[tuple[Check, ...], tuple[CatalogueError, ...]]:
    if not folder.is_dir():
        return (), (CatalogueError(f"{folder}: no such folder of checks"),)
    with Database.empty() as parser:
        checks, errors = _loaded(folder, taken, parser)
    if not checks and not errors:
        errors = (CatalogueError(f"{folder}: holds no .sql file"),)
    return checks, errors


def _loaded(folder: Path, taken: set[str], parser: Database | None) -> tuple[tuple[Check, ...], tuple[CatalogueError, ...]]:
    """Every check below a folder; with a `parser` they are a user's, and held to the portable subset."""
    checks: list[Check] = []
    errors: list[CatalogueError] = []
    for path in sorted(folder.rglob("*.sql")):
        family = path.parent.name if path.parent != folder else "own"
        try:
            check = parse(_text(path), file=str(path), check_id=path.stem, family=family, own=parser is not None)
            if check.check_id in taken:
                raise CatalogueError(f"{path}: a check named {check.check_id} exists already: rename the file")
            if parser is not None:
                _require_subset(check, str(path), parser)
        except CatalogueError as error:
            errors.append(error)
            continue
        taken.add(check.check_id)
        checks.append(check)
    return tuple(sorted(checks, key=lambda check: (check.family, check.check_id))), tuple(errors)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CatalogueError(f"{path}: larger than {MAX_BYTES} bytes: not a check")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path}: cannot be read as UTF-8 text ({error})") from error


def _require_subset(check: Check, file: str, parser: Database) -> None:
    if outside := violations(check.sql, parser):
        raise CatalogueError(f"{file}: {'; '.join(outside[:5])}")


def parse(text: str, *, file: str, check_id: str, family: str, own: bool = False) -> Check:
    """A check from its file's text. Raises CatalogueError."""
    if not IDENTIFIER.fullmatch(check_id):
        raise CatalogueError(f"{file}: the file name is the check's id: write it in kebab-case, like key-older-than-limit.sql")
    header, sql = split(text)
    try:
        raw = tomllib.loads(header)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"{file}: the front matter (the `--` lines at the top) is not TOML: {error}") from error
    try:
        require_one_select(sql)
    except QueryError as error:
        raise CatalogueError(f"{file}: {error}") from error
    try:
        return _check(raw, sql, check_id, family, own)
    except ValueError as error:
        raise CatalogueError(f"{file}: {error}") from error


def split(text: str) -> tuple[str, str]:
    """Front matter without its `--`, and the statement below it."""
    lines = text.splitlines()
    count = next((index for index, line in enumerate(lines) if not line.startswith("--")), len(lines))
    header = [line.removeprefix("--").removeprefix(" ") for line in lines[:count]]
    return "\n".join(header), "\n".join(lines[count:]).strip().removesuffix(";").strip()


def _check(raw: Mapping[str, Any], sql: str, check_id: str, family: str, own: bool) -> Check:
    require_keys(raw, REQUIRED, OPTIONAL, "the front matter")
    texts = {key: sentence(raw[key], key) for key in ("title", "rationale", "fix", "source")}
    if not texts["source"].startswith("https://"):
        raise ValueError("source: give the https:// address of a standard or manual")
    stage = raw.get("stage")
    if stage is not None and stage not in range(1, 8):
        raise ValueError("stage: a number from 1 to 7")
    return Check(
        check_id=check_id,
        family=family,
        severity=one_of(raw["severity"], SEVERITIES, "severity"),
        subject=one_of(raw["subject"], SUBJECTS, "subject"),
        stage=stage,
        needs=_facts(raw["needs"]),
        absence=raw.get("absence", False) is True,
        maps_to=_references(raw.get("maps_to", [])),
        examples=tuple(_example(entry) for entry in raw.get("example", [])),
        sql=sql,
        parameters=parameters_of(sql),
        own=own,
        **texts,
    )


def require_keys(raw: Mapping[str, Any], required: Iterable[str], optional: Iterable[str], where: str) -> None:
    """Raise ValueError for a key that is missing or not understood."""
    allowed = [*required, *optional]
    for key in raw:
        if key not in allowed:
            close = get_close_matches(key, allowed, n=1)
            raise ValueError(f"{where}: {key} is not understood{f'; did you mean {close[0]}?' if close else ''}")
    for key in required:
        if key not in raw:
            raise ValueError(f"{where} lacks {key}")


def sentence(value: object, key: str) -> str:
    """A text that is not empty. Raises ValueError."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key}: must be a text")
    return value.strip()


def one_of(value: object, choices: Sequence[str], key: str) -> str:
    """A value out of a closed set. Raises ValueError."""
    if value not in choices:
        raise ValueError(f"{key}: {value!r} is none of {', '.join(choices)}")
    return str(value)


def _facts(value: object) -> tuple[Fact, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("needs: list at least one fact: without it, a subject cannot pass")
    return tuple(Fact(one_of(name, list(Fact), "needs")) for name in value)


def _references(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(name, str) and REFERENCE.fullmatch(name) for name in value):
        raise ValueError('maps_to: a list of control ids with their framework and version, like "NIST-800-53r5:IA-5"')
    if unknown := next((name for name in value if not known(name)), None):
        raise ValueError(
            f"maps_to: {unknown} is no control of a framework version that we have; scoring/compliance/frameworks.toml lists them"
        )
    return tuple(value)


def parameters_of(sql: str) -> tuple[str, ...]:
    """Names after `$`, outside of texts and comments."""
    found = tuple(sorted(set(PARAMETER.findall(NOT_CODE.sub(" ", sql)))))
    for name in found:
        if name != "as_of" and name not in threshold_names():
            raise ValueError(f"${name}: neither as_of nor a threshold of scoring/packs/default.toml")
    return found


def _example(raw: object) -> Example:
    if not isinstance(raw, dict):
        raise ValueError("example: write each as an [[example]] table")
    require_keys(raw, ("why", "rows", "expect"), ("as_of",), "an example")
    why, rows, expect = sentence(raw["why"], "why"), raw["rows"], raw["expect"]
    if not isinstance(rows, dict) or not all(
        isinstance(table, list) and all(isinstance(row, dict) for row in table) for table in rows.values()
    ):
        raise ValueError(f"example {why!r}: rows: give a list of inline tables per table name")
    if not isinstance(expect, dict) or not expect:
        raise ValueError(f'example {why!r}: expect: give a status per subject id, like {{key = "fail"}}')
    return Example(
        why=why,
        as_of=moment(raw.get("as_of", EXAMPLE_AS_OF)),
        rows={table: tuple({name: moment(value) for name, value in row.items()} for row in members) for table, members in rows.items()},
        expect={str(subject): one_of(status, STATUSES, f"example {why!r}: expect") for subject, status in expect.items()},
    )


def moment(value: Any) -> Any:
    """A TOML date as the timestamp of its midnight; anything else as it is."""
    return datetime.combine(value, time()) if isinstance(value, date) and not isinstance(value, datetime) else value


def markdown() -> str:
    """docs/checks.md: every check of the product with its reasons, worked examples and SQL."""
    catalogue = load()
    if catalogue.errors:
        raise catalogue.errors[0]
    return "\n".join(_page(catalogue.checks)) + "\n"


def _page(checks: Sequence[Check]) -> Iterator[str]:
    yield from ("# Checks", "")
    yield f"{len(checks)} checks. Each says `pass`, `fail` or `unknown` for every subject it judges, with the reason and the records that say so."
    yield "A subject cannot pass where a fact that the check needs was not collected for its scope: it is `unknown`, with the fact named."
    yield f"The worked examples are run as tests; where they name no date, it is {EXAMPLE_AS_OF:%Y-%m-%d}, and what they do not mention was collected."
    yield from ("", "| check | severity | judges | needs |", "|---|---|---|---|")
    for check in checks:
        yield f"| [{check.check_id}](#{check.check_id}) | {check.severity} | {check.subject} | {', '.join(check.needs)} |"
    for index, check in enumerate(checks):
        if index == 0 or checks[index - 1].family != check.family:
            yield from ("", f"## {check.family.replace('_', ' ').capitalize()}")
        yield from _section(check)


def _section(check: Check) -> Iterator[str]:
    holds = f" Holds back stage {check.stage}." if check.stage else ""
    yield from ("", f"### {check.check_id}", "", f"**{check.title}.** Severity {check.severity}; judges each {check.subject}.{holds}")
    yield from ("", check.rationale, "", f"*What to do:* {check.fix}", "")
    needed = "for a pass and, since it rests on something not being there, for a fail" if check.absence else "for a pass"
    yield f"Needs, {needed}: {', '.join(f'`{fact}`' for fact in check.needs)}. Source: <{check.source}>."
    if check.maps_to:
        yield f"Evidence for: {', '.join(check.maps_to)}."
    yield from ("", "| example | evidence | verdict |", "|---|---|---|")
    for example in check.examples:
        verdict = ", ".join(f"`{subject}` {status}" for subject, status in example.expect.items())
        yield f"| {_cell(example.why)} | {_cell(_evidence(example))} | {verdict} |"
    yield from ("", "```sql", check.sql, "```")


def _evidence(example: Example) -> str:
    said = [
        f"{table}: {', '.join(f'{name}={_plain(value)}' for name, value in row.items())}"
        for table, rows in example.rows.items()
        for row in rows
    ]
    if example.as_of != EXAMPLE_AS_OF:
        said.append(f"as of {_plain(example.as_of)}")
    return "; ".join(said) or "none"


def _plain(value: object) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, datetime) else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")
