"""The five questions and our two: the answer, its bounds, and the subjects it was counted from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inventory.database import Database
from reports.views.evidence import Rows, located
from reports.views.filters import ALL, Filter, narrowed
from scoring.packs import DEFAULT, load_pack
from scoring.questions import QUESTIONS

WORDING = {question.id: question.text for question in QUESTIONS}
"""The questions as they are asked."""

SUPPLEMENTARY = frozenset(question.id for question in QUESTIONS if question.id.startswith("S"))
"""Those that are ours."""


def bands_in_words(limits: Mapping[str, float]) -> str:
    """From where an answer is yes, and below where no, by the thresholds of a snapshot."""
    usual = load_pack(DEFAULT).thresholds
    yes, no = ({**usual, **limits}[name] for name in ("answer_yes_percent", "answer_no_percent"))
    return f"From {yes:g} % yes, below {no:g} % no"


def questions(database: Database) -> Rows:
    """Every question with its wording, answer, bounds, counts and the date of its oldest evidence."""
    found = database.rows(
        """
        SELECT question_id, literal, met, lo, hi, numerator, denominator, unknown, reason, data_date
        FROM question ORDER BY question_id
        """
    )
    return [{**row, "wording": WORDING.get(row["question_id"], row["question_id"])} for row in found]


_ITEMS = """(
    SELECT q.status, q.subject_kind, q.subject_id, s.identity_id, s.scope, coalesce(s.name, q.subject_id) AS subject_name
    FROM question_item AS q
    LEFT JOIN access_path AS p ON q.subject_kind = 'access_path' AND p.path_id = q.subject_id
    LEFT JOIN subject AS s ON s.subject_kind = coalesce(p.subject_kind, q.subject_kind) AND s.subject_id = coalesce(p.subject_id, q.subject_id)
    WHERE q.question_id = $question AND ($status IS NULL OR q.status = $status)
)"""
"""Subjects counted for a question, with the identity and account that each belongs to."""


def question_items(
    database: Database, question_id: str, status: str | None = None, *, within: Filter = ALL, limit: int = 50, offset: int = 0
) -> Rows:
    """Subjects counted for a question: those that fail first, then unknown, then pass."""
    return _told(database.rows(*_listed(database, question_id, status, within, f"LIMIT {int(limit)} OFFSET {int(offset)}")))


def question_batches(database: Database, question_id: str, status: str | None = None, *, within: Filter = ALL) -> Iterator[Rows]:
    """All of them, in the same order, in batches."""
    return map(_told, database.batches(*_listed(database, question_id, status, within)))


def _told(rows: Rows) -> Rows:
    return [{**row, "evidence": [located(reference) for reference in row["evidence"]]} for row in rows]


def _listed(database: Database, question_id: str, status: str | None, within: Filter, page: str = "") -> tuple[str, dict[str, Any]]:
    found, params = narrowed(database, _ITEMS, within)
    order = "ORDER BY CASE i.status WHEN 'fail' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END, i.subject_name, i.subject_id"
    sql = f"""
        WITH shown AS MATERIALIZED (SELECT status, subject_kind, subject_id, subject_name FROM {found} AS i {order} {page})
        -- What is long, the reason and the records, is read for those alone that are shown.
        SELECT i.*, q.reason, q.evidence
        FROM shown AS i
        JOIN question_item AS q ON q.question_id = $question AND q.subject_kind = i.subject_kind AND q.subject_id = i.subject_id
        {order}
    """
    return sql, {"question": question_id, "status": status, **params}


def question_item_count(database: Database, question_id: str, status: str | None = None, *, within: Filter = ALL) -> int:
    """How many subjects `question_items` pages over."""
    return question_item_counts(database, question_id, status, within=within)["n"]


def question_item_counts(database: Database, question_id: str, status: str | None = None, *, within: Filter = ALL) -> dict[str, int]:
    """How many subjects were counted (`n`), and of how many it is not known (`unknown`)."""
    rows = (
        _ITEMS
        if within.active()
        else "(SELECT status FROM question_item WHERE question_id = $question AND ($status IS NULL OR status = $status))"
    )
    found, params = narrowed(database, rows, within)
    sql = f"SELECT count(*) AS n, count(*) FILTER (WHERE status = 'unknown') AS unknown FROM {found}"
    counted = database.rows(sql, {"question": question_id, "status": status, **params})[0]
    return {name: int(value) for name, value in counted.items()}
