"""The figures of a report's first page, each once: text, bounds, n, unknown, date, and where its rows and a record of it are found.

A figure's `ask` is a command that lists the very rows that it counts; `records` are one or a few of them as file # record. Of a part of the estate
there are those that can be counted over it: how many subjects a check judged (n) is kept over the whole, and None there.
"""

from __future__ import annotations

import re
import shlex
from datetime import datetime
from typing import Any

from inventory.database import Database
from reports.views.ages import NOT_KNOWN, ending, outgrown
from reports.views.evidence import Rows, located
from reports.views.expiry import SOON_DAYS
from reports.views.least_privilege import interval
from reports.views.part import FAILING, UNOWNED
from reports.views.shares import share_text

Figure = dict[str, Any]

STAGE_ROWS = (
    "SELECT p.subject_kind, p.subject_id, a.{bound}_evidence AS evidence FROM placement AS p JOIN access_path AS a ON a.path_id = p.{bound}_path_id"
    " WHERE p.stage_{bound} = {stage}"
)


def figures(database: Database, told: dict[str, Any]) -> list[Figure]:
    """All of them, in the order of the report. `told`: the content so far."""
    whole = told["part"] is None
    found = [*_cards(told), *_severities(told), *_stages(told)]
    found += [*_questions(told["questions"]), *_privilege(told), *_owners(told)] if whole else [*_privilege(told), *_theirs(told)]
    if not whole and not told["ran"]["n"]:
        found = [{**figure, **UNJUDGED} if figure["id"].startswith("fail") else figure for figure in found]
    date = told["snapshot"]["as_of"][:10]
    first = _first_records(database, [figure["sql"] for figure in found])
    rows = [{"date": date, **figure, "records": [located(place)] if (place := first[figure["sql"]]) else []} for figure in found]
    rows += [{"date": date, **figure} for figure in (_change(told) if whole else [])]
    return [{**figure, "mark": f"E{number}", "ask": figure.get("ask") or _ask(told, figure)} for number, figure in enumerate(rows, 1)]


UNJUDGED = {"text": "not known", "lo": None, "hi": None, "n": None, "says": "no check ran"}
"""Of a figure of findings where no check ran."""


def _ask(told: dict[str, Any], figure: Figure) -> str:
    only = "" if told["part"] is None else f" --team {argument(told['part'])}"
    return f'nhi query "{figure["sql"]}"{only} --snapshot {told["snapshot"]["snapshot_id"]}'


def argument(team: str) -> str:
    """A team's name as a word of a command; one that is long, or that a terminal would not show as it is, as a variable of the shell."""
    return shlex.quote(team) if len(team) <= 60 and team.isprintable() else '"$TEAM"'


def _first_records(database: Database, queries: list[str]) -> dict[str, str | None]:
    """One record of the rows of each query, the same one each time; None of no rows. Queries that differ in one value are asked as one."""
    found: dict[str, str | None] = {}
    alike: dict[tuple[str, str], dict[str, str]] = {}
    for sql in queries:
        if part := ALIKE.fullmatch(sql):
            alike.setdefault((part["rest"], part["column"]), {})[part["value"].strip("'")] = sql
        else:
            found[sql] = database.value(f"SELECT min(evidence[1]) FROM ({sql})")
    for (rest, column), members in alike.items():
        rows = database.rows(f"SELECT key, min(evidence[1]) AS first FROM (SELECT {column} AS key, {rest} true) GROUP BY key")
        first = {str(row["key"]): row["first"] for row in rows}
        found |= {sql: first.get(value) for value, sql in members.items()}
    return found


ALIKE = re.compile(r"SELECT (?P<rest>.+ (?:WHERE|AND)) (?P<column>[\w.]+) = (?P<value>'\w+'|\d+)")
"""A query whose last condition asks for one value."""


def _figure(
    name: str, title: str, text: str, bounds: tuple[Any, Any], unit: str, n: int | None, unknown: int, sql: str, **more: Any
) -> Figure:
    return {
        "id": name,
        "title": title,
        "text": text,
        "lo": bounds[0],
        "hi": bounds[1],
        "unit": unit,
        "n": n,
        "unknown": unknown,
        "sql": sql,
    } | more


def stage_text(stage: int | None) -> str:
    """A stage as it is printed."""
    return f"S{stage}" if stage else "none"


def _cards(told: dict[str, Any]) -> list[Figure]:
    """The four that the first page leads with."""
    summary, percent = told["summary"], told["percent"]
    paths, people, failed = summary["coverage"], summary["identities"], summary["findings"]
    stage, n, open_paths = summary["attained"], paths["paths"], paths["paths"] - paths["exact"]
    machines = people["nonhuman"] + people["human_unknown"]
    count = sum(failed["by_severity"].values())
    return [
        _figure(
            "attained", "Attained stage", stage_text(stage), (stage, told["attained_hi"]), "stage", n, open_paths,
            f"SELECT path_id, stage_lo, critical, lo_evidence AS evidence FROM access_path WHERE stage_lo <= {stage or 1}",
            says=f"{percent:g} % of {n:,} paths stand there or higher for certain, and no critical one lower; "
            f"{stage_text(told['attained_hi'])} if every open question turns out well" if n else "no access path is known",
        ),
        _figure(
            "coverage", "Placed exactly", "no paths" if paths["exact_pct"] is None else f"{paths['exact_pct']:g} %", (paths["exact_pct"],) * 2, "%",
            n, open_paths, "SELECT path_id, lo_evidence AS evidence FROM access_path WHERE stage_lo = stage_hi",
            says=f"{paths['exact']:,} of {n:,} paths have a single stage" if n else "no access path is known",
        ),
        _figure(
            "identities", "Non-human identities", f"{machines:,}", (people["nonhuman"], machines), "identities", people["total"],
            people["human_unknown"], "SELECT identity_id, [evidence] AS evidence FROM identity WHERE in_scope AND human <> 'human'",
            says=f"{people['human_unknown']:,} of them perhaps human; {people['human']:,} human and {people['out_of_scope']:,} out of scope not"
            f" counted; {summary['stages']['no_active_path']:,} without an active path",
        ),
        _figure(
            "failed", "Failed findings", f"{count:,}", (count, count + failed["unknown"]), "findings", _judged(told, told["checks"]), failed["unknown"],
            "SELECT check_id, subject_id, evidence FROM finding WHERE status = 'fail'",
            says=f"{failed['by_severity']['critical']:,} critical, {failed['by_severity']['high']:,} high; {failed['unknown']:,} more could not be"
            " judged",
        ),
    ]  # fmt: skip


def _judged(told: dict[str, Any], checks: Rows) -> int | None:
    """Subjects that checks looked at, once for each check; None of a part."""
    return sum(row["population"] or 0 for row in checks) if told["part"] is None else None


def _severities(told: dict[str, Any]) -> list[Figure]:
    rows = []
    for name, count in told["summary"]["findings"]["by_severity"].items():
        checks = [row for row in told["checks"] if row["severity"] == name]
        unknown = sum(row["unknown"] or 0 for row in checks)
        sql = f"SELECT check_id, subject_id, evidence FROM finding WHERE status = 'fail' AND severity = '{name}'"
        bounds = (count, count + unknown)
        rows.append(
            _figure(f"failed-{name}", f"Failed findings, {name}", f"{count:,}", bounds, "findings", _judged(told, checks), unknown, sql)
        )
    return rows


def _stages(told: dict[str, Any]) -> list[Figure]:
    """Subjects by stage: the count by the lower bound, and by the upper."""
    rows = told["distribution"]
    n = sum(row["lo"] for row in rows)
    unknown = n - sum(row["exact"] for row in rows)
    return [
        _figure(
            f"stage-{row['stage']}-{bound}", f"Subjects at S{row['stage']}, {words} bound", f"{row[bound]:,}", (row[bound],) * 2, "subjects", n,
            unknown, STAGE_ROWS.format(bound=bound, stage=row["stage"]),
        )
        for row in rows
        for bound, words in (("lo", "lower"), ("hi", "upper"))
    ]  # fmt: skip


def _questions(rows: Rows) -> list[Figure]:
    """The share that meets each question; the answer stands before it."""
    return [
        _figure(
            row["question_id"], row["wording"], f"{row['met'].replace('_', ' ')}: {share_text(row['lo'], row['hi'])}", (row["lo"], row["hi"]),
            "share", row["denominator"], row["unknown"],
            f"SELECT subject_kind, subject_id, status, reason, evidence FROM question_item WHERE question_id = '{row['question_id']}'",
            date=f"{row['data_date']:%Y-%m-%d}" if row["data_date"] else None,
        )
        for row in rows
    ]  # fmt: skip


def _privilege(told: dict[str, Any]) -> list[Figure]:
    totals = told["access"]["totals"]
    n = totals["judged"]
    found = [
        _figure(
            "creep", "Permission-creep index, of 100", interval(totals["creep_lo"], totals["creep_hi"]), (totals["creep_lo"], totals["creep_hi"]),
            "index", n, totals["unjudged"], "SELECT identity_id, granted, unused, evidence FROM least_privilege WHERE granted IS NOT NULL",
        ),
        _figure(
            "disable", "Identities with no use seen, to disable", f"{totals['actions']['disable']:,}", (totals["actions"]["disable"],) * 2,
            "identities", totals["identities"], totals["actions"]["unknown"],
            "SELECT identity_id, evidence FROM least_privilege WHERE action = 'disable'",
        ),
    ]  # fmt: skip
    return found if told["part"] is not None else [*found, _ways(totals)]


def _ways(totals: dict[str, Any]) -> Figure:
    certain, possible = totals["ways_certain"], totals["ways_possible"]
    return _figure(
        "ways", "Identities with a certain way to more privilege", f"{certain:,}", (certain, certain + possible), "identities",
        totals["identities"], possible,
        "SELECT e.identity_id, min(e.evidence) AS evidence FROM escalation AS e JOIN least_privilege AS l ON l.identity_id = e.identity_id"
        " WHERE e.certainty = 'certain' GROUP BY e.identity_id",
    )  # fmt: skip


def _owners(told: dict[str, Any]) -> list[Figure]:
    owners = told["programme"]["owners"]
    return [
        _figure(
            "owned", "Identities with a named owner", share_text(owners["lo"], owners["hi"]), (owners["lo"], owners["hi"]), "share", owners["n"],
            owners["unknown"],
            "SELECT subject_id, status, evidence FROM finding WHERE check_id IN ('owner-missing', 'agent-without-owner')",
            says=f"{owners['n'] - owners['named'] - owners['unknown']:,} certainly without one",
        )
    ]  # fmt: skip


def _theirs(told: dict[str, Any]) -> list[Figure]:
    """Of a part alone: identities with a failed finding, without a named owner, and credentials that end soon or are old."""
    failing, owners = told["failing"], told["ownership"]["unowned"]
    times, as_of = told["credentials"], datetime.fromisoformat(told["snapshot"]["as_of"])
    listed = "SELECT credential_id, [evidence] AS evidence FROM credential WHERE {}"
    found = [
        _counted("failing", "Identities with a failed finding", failing["failing"], "identities", failing["n"], failing["unknown"], FAILING),
        _counted(
            "ending", f"Credentials that end within {SOON_DAYS} days", times["ends"]["soon"], "credentials", times["n"], times["ends"]["unknown"],
            listed.format(ending(as_of)),
        ),
        _counted(
            "old", "Credentials older than a year", times["ages"]["old"], "credentials", times["n"], times["ages"][NOT_KNOWN],
            listed.format(outgrown(as_of)),
        ),
    ]  # fmt: skip
    if owners:
        title = "Identities without a named owner"
        found.append(_counted("unowned", title, owners["nobody"], "identities", owners["n"], owners["unknown"], UNOWNED))
    return found


def _counted(name: str, title: str, count: int, unit: str, n: int, unknown: int, sql: str) -> Figure:
    return _figure(name, title, f"{count:,}", (count, count + unknown), unit, n, unknown, sql)


def _change(told: dict[str, Any]) -> list[Figure]:
    """Subjects that differ from the snapshot before, by cause; those of which only our knowledge changed are the unknown ones."""
    change = told["change"]
    if not change:
        return []
    n = sum(row["lo"] for row in told["distribution"]) + told["summary"]["stages"]["no_active_path"]
    unknown = change["causes"]["evidence"]["subjects"]
    ask = f"nhi diff {told['before']['snapshot_id']} {told['snapshot']['snapshot_id']} --json"
    records = {row["cause"]: row["evidence"] or row["evidence_before"] for row in reversed(change["moved"])}
    return [
        {
            "id": f"cause-{name}", "title": f"Since the snapshot before: {cause['title'].lower()}", "text": f"{cause['subjects']:,}",
            "lo": cause["subjects"], "hi": cause["subjects"], "unit": "subjects", "n": n, "unknown": unknown, "ask": ask,
            "records": records.get(name, [])[:1],
        }
        for name, cause in change["causes"].items()
    ]  # fmt: skip
