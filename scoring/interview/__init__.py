"""What people are asked beside the measurement: the questions as data, and whether an answer fits one.

Data only (`questions.toml`). What an answer is worth, and where it differs from what was measured, is scoring/interview/beside.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from itertools import groupby
from types import MappingProxyType
from typing import Any

from inventory.decisions import Answer

INTRODUCTION = """\
What people are asked beside the measurement: `nhi interview` lists it, the page Interview takes the answers, `nhi interview --blank FILE` writes
them to fill in. Each is answered as a share: none, some, at least half, most or all; or not applicable, with a note. An answer above none counts
only where every criterion below its question was confirmed, and for as many days as the policy pack says (`answer_max_age_days`). A declared
answer never changes what was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterviewQuestion:
    """One question, put so that `most` is good."""

    id: str
    topic: str
    text: str
    relates: tuple[str, ...]
    """Questions of the model, `stage N`, or an item of docs/checklist.md: `checklist 004-5`."""
    criteria: Mapping[str, str]
    """Id -> what must hold. All of them, before an answer above `none` counts."""
    help: str
    """Which evidence measures it, or that no export can show it."""
    measured_by: str | None
    """Question of the model whose measured share is compared."""
    checks: tuple[str, ...]
    """Checks that show a part of it."""
    controls: tuple[str, ...]
    """References of scoring/compliance that an answer speaks to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """The finding that a declared answer and the measured share cannot both be true."""

    check_id: str
    title: str
    rationale: str
    fix: str
    maps_to: tuple[str, ...]
    severity: Mapping[str, str]
    """By direction: better, worse, not_applicable."""


@cache
def interview() -> tuple[InterviewQuestion, ...]:
    """Every question, in the order of the file."""
    return tuple(_question(raw) for raw in _content()["question"])


@cache
def differs() -> Differs:
    """The finding of a disagreement, in words and severities."""
    raw = _content()["differs"]
    return Differs(**{**raw, "maps_to": tuple(raw["maps_to"]), "severity": MappingProxyType(raw["severity"])})


def asked(question_id: str) -> InterviewQuestion | None:
    """The question of an id, or None."""
    return next((question for question in interview() if question.id == question_id), None)


def fault(answer: Answer) -> str | None:
    """Why an answer fits no question, with the id that was perhaps meant; None where it does."""
    question = asked(answer.question)
    if question is None:
        return f"question: {answer.question!r} is not asked; {_meant(answer.question, [one.id for one in interview()])}"
    for criterion in answer.criteria:
        if criterion not in question.criteria:
            return f"criteria: {criterion!r} is none of {question.id}; {_meant(criterion, list(question.criteria))}"
    return None


def _meant(word: str, known: list[str]) -> str:
    close = get_close_matches(word.lower(), known, n=1) or get_close_matches(word.upper(), known, n=1)
    return f"did you mean {close[0]}?" if close else f"one of {', '.join(known)}"


def markdown() -> str:
    """All questions as a page: docs/interview.md."""
    parts = ["# The interview", "", INTRODUCTION, "", f"## {differs().title}", "", differs().rationale, "", f"{differs().fix}", ""]
    parts += ["Severity: " + ", ".join(f"{name.replace('_', ' ')} {severity}" for name, severity in differs().severity.items()) + ".", ""]
    for topic, questions in groupby(interview(), key=lambda question: question.topic):
        parts += [f"## {topic}", ""]
        for question in questions:
            parts += [f"### `{question.id}`", "", question.text, ""]
            parts += [f"- `{name}`: {text}" for name, text in question.criteria.items()]
            measured = [f"compared with question `{question.measured_by}`"] if question.measured_by else []
            shown = [f"checks {', '.join(f'`{check}`' for check in question.checks)} show a part of it"] if question.checks else []
            told = [question.help, *([f"Beside it: {'; '.join([*measured, *shown])}."] if measured or shown else [])]
            parts += ["", " ".join(told), "", f"About {', '.join(question.relates)}. Speaks to {', '.join(question.controls)}.", ""]
    return "\n".join(parts).rstrip() + "\n"


@cache
def _content() -> dict[str, Any]:
    return tomllib.loads((files("scoring") / "interview" / "questions.toml").read_text(encoding="utf-8"))


def _question(raw: Mapping[str, Any]) -> InterviewQuestion:
    return InterviewQuestion(
        id=raw["id"],
        topic=raw["topic"],
        text=raw["text"],
        relates=tuple(raw["relates"]),
        criteria=MappingProxyType(raw["criteria"]),
        help=raw["help"],
        measured_by=raw.get("measured_by"),
        checks=tuple(raw.get("checks", ())),
        controls=tuple(raw.get("controls", ())),
    )


__all__ = ["Differs", "InterviewQuestion", "asked", "differs", "fault", "interview"]
