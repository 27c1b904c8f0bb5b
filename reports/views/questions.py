"""The five questions and our two: the answer, its bounds, and the subjects it was counted from."""

from __future__ import annotations

from collections.abc import Mapping

from inventory.store import Database
from reports.views.evidence import Rows
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


def question_items(database: Database, question_id: str, status: str | None = None, *, limit: int = 50, offset: int = 0) -> Rows:
    """Subjects counted for a question: those that fail first, then unknown, then pass."""
    return database.rows(
        """
        SELECT i.status, i.subject_kind, i.subject_id,
               coalesce(p.name, n.name, c.name, w.name, x.path || coalesce(':' || CAST(x.line AS VARCHAR), ''), i.subject_id) AS subject_name,
               i.reason, i.evidence
        FROM question_item AS i
        LEFT JOIN placement AS p ON p.subject_kind = i.subject_kind AND p.subject_id = i.subject_id
        LEFT JOIN identity AS n ON i.subject_kind = 'identity' AND n.identity_id = i.subject_id
        LEFT JOIN credential AS c ON i.subject_kind = 'credential' AND c.credential_id = i.subject_id
        LEFT JOIN workload AS w ON i.subject_kind = 'workload' AND w.workload_id = i.subject_id
        LEFT JOIN secret_exposure AS x ON i.subject_kind = 'exposure' AND x.exposure_id = i.subject_id
        WHERE i.question_id = $question AND ($status IS NULL OR i.status = $status)
        ORDER BY CASE i.status WHEN 'fail' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END, 4, i.subject_id
        LIMIT $limit OFFSET $offset
        """,
        {"question": question_id, "status": status, "limit": limit, "offset": offset},
    )


def question_item_count(database: Database, question_id: str, status: str | None = None) -> int:
    """How many subjects `question_items` pages over."""
    return int(
        database.value(
            "SELECT count(*) FROM question_item WHERE question_id = $question AND ($status IS NULL OR status = $status)",
            {"question": question_id, "status": status},
        )
    )
