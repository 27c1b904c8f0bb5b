"""Whether a redacted snapshot is judged as the original is: row by row, through the pseudonyms. What differs is told, never passed over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from inventory.database import Database

ORIGINAL = "original"
"""Schema of the original judgement, beside the redacted one in `main`."""

COMPARED: dict[str, tuple[str, str]] = {
    "placement": ("stages of subjects", "subject_kind ~subject_id %kind stage_lo stage_hi paths mixed privilege"),
    "access_path": ("ways in", "subject_kind ~subject_id mechanism rule stage_lo stage_hi list_sort(flags) critical"),
    "privilege": ("privileges", "~identity_id privilege"),
    "least_privilege": (
        "granted against used",
        "~identity_id granted used unused likely_unused unknown weight weight_unused weight_open window_days action confidence len(guards)",
    ),
    "escalation": ("ways to more", "~identity_id path_id gains certainty len(steps)"),
    "check_result": ("checks", "check_id severity population passed failed unknown"),
    "check_count": ("checks by provider", "check_id %provider population passed failed unknown"),
    "finding": ("findings", "check_id subject_kind ~subject_id ~identity_id status severity"),
    "question": ("questions", "question_id literal met numerator denominator unknown lo hi"),
    "question_item": ("answers of questions", "question_id subject_kind ~subject_id status"),
    "metric": ("metrics", "metric_id dimension !grp numerator denominator unknown lo hi p90_lo p90_hi"),
    "coverage": ("coverage", "fact ~scope status collected_at"),
}  # fmt: skip
"""Table -> what it holds, and the columns that must be equal. `~`: an id; `%`: a kind; `!`: the name of a group. Which of two equally good ways
is told, an order of names decides: targets of escalations are left out.
"""

MARKS = "~%!"

SHOWN = 5
"""Rows of a difference that are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Rows of one table that the other judgement lacks."""

    table: str
    what: str
    original: int
    redacted: int
    examples: list[dict[str, Any]]
    """Of the redacted side, by pseudonym; of the original side where only that has any, under the pseudonyms it would have."""

    def __str__(self) -> str:
        return f"{self.what}: {self.original:,} rows of the original have no equal, {self.redacted:,} of the redacted one"


MADE = """
CREATE SCHEMA IF NOT EXISTS compared;
CREATE OR REPLACE TABLE compared.{side} AS
WITH exposure AS (
    SELECT
        exposure_id AS id,
        concat_ws(
            ' ', {name}(scope), {name}(path), line, {name}(commit_sha), list_sort(list_transform(fingerprints, lambda e: {name}(e))),
            list_sort(list_transform(rules, lambda e: {name}(e)))
        ) AS described
    FROM {schema}.secret_exposure
), shown AS (
    SELECT id, described FROM exposure
    UNION ALL
    SELECT 'exposed:' || id, described FROM exposure
), made AS (
    SELECT id, described FROM shown
    UNION ALL
    SELECT p.path_id, concat_ws(' ', coalesce(s.described, {name}(p.subject_id)), {name}(p.trust_id), p.mechanism, p.rule, c.kind) AS described
    FROM {schema}.access_path AS p
    LEFT JOIN shown AS s ON s.id = p.subject_id
    LEFT JOIN {schema}.credential AS c ON c.credential_id = p.credential_id
)
SELECT id, min(described) AS described FROM made GROUP BY id
"""
"""What stands for a subject whose id the judgement makes by hashing: the same words on both sides."""


def differences(database: Database) -> list[Difference]:
    """What differs between `original` and `main`; the rules of estate.Rewriter are registered in the database."""
    database.script(MADE.format(side="original", schema=ORIGINAL, name="redacted_name"))
    database.script(MADE.format(side="redacted", schema="main", name=""))
    return [found for table, (what, columns) in COMPARED.items() if (found := _difference(database, table, what, columns.split()))]


def _difference(database: Database, table: str, what: str, columns: list[str]) -> Difference | None:
    original = _rows("original", f"{ORIGINAL}.{table}", columns, _rewritten)
    redacted = _rows("redacted", f"main.{table}", columns, lambda column: column[1:])
    sides = (f"({original}) EXCEPT ALL ({redacted})", f"({redacted}) EXCEPT ALL ({original})")
    counts = [int(database.value(f"SELECT count(*) FROM ({side})")) for side in sides]
    if not any(counts):
        return None
    shown = sides[1] if counts[1] else sides[0]
    examples = database.rows(f"SELECT * FROM ({shown}) ORDER BY ALL LIMIT {SHOWN}")
    return Difference(table=table, what=what, original=counts[0], redacted=counts[1], examples=examples)


def _rows(side: str, table: str, columns: list[str], renamed: Callable[[str], str]) -> str:
    """SELECT of the compared columns of one side."""
    ours = " WHERE check_id IN (SELECT check_id FROM main.check_result)" if "check_id" in columns else ""  # checks of one's own stay behind
    listed = [f"{renamed(column)} AS {column[1:]}" if column[0] in MARKS else column for column in columns]
    if "~subject_id" not in columns:
        return f"SELECT {', '.join(listed)} FROM {table}{ours}"
    subject = columns.index("~subject_id")
    listed[subject] = f"coalesce(m.described, {renamed('~subject_id')}) AS subject_id"
    return f"SELECT {', '.join(listed)} FROM {table} LEFT JOIN compared.{side} AS m ON m.id = subject_id{ours}"


def renamed(database: Database, name: Callable[[str], str]) -> Callable[[str], str]:
    """Id of a subject -> its id in the redacted judgement, after `differences`: what is hashed from names is looked up."""
    sql = "SELECT r.id FROM compared.original AS o JOIN compared.redacted AS r ON r.described = o.described WHERE o.id = $id ORDER BY 1 LIMIT 1"
    return lambda subject_id: database.value(sql, {"id": subject_id}) or name(subject_id)


def _rewritten(column: str) -> str:
    name = column[1:]
    if column[0] in "~%":
        return f"redacted_{'kind' if column[0] == '%' else 'name'}({name})"
    return f"""CASE dimension WHEN 'environment' THEN redacted_environment({name}) WHEN 'provider' THEN redacted_kind({name})
        ELSE redacted_name({name}) END"""
