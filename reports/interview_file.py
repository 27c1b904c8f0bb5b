"""The interview as a YAML file to fill in: every question with its words, its criteria and where an answer goes. `nhi decisions --import` reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby

from inventory.decisions import EVERYWHERE, Share, Where
from scoring.interview import InterviewQuestion, interview

HEAD = f"""\
# The interview. Fill in `answer:` ({", ".join(Share)}), take the # from each criterion that holds, say who answers,
# and record it: nhi decisions --import THIS-FILE. What has no answer is left out. An answer above `none` counts only
# where every criterion holds; `not_applicable` needs a note. `at:` may say when: 2026-10-02T09:14:00Z.
answers:
"""


def blank_file(where: Where = EVERYWHERE) -> str:
    """The file, for everything or one part of the estate."""
    parts = [HEAD]
    for topic, questions in groupby(interview(), key=lambda question: question.topic):
        parts.append(f"\n  # {topic}\n")
        parts.extend("\n".join(_entry(question, where)) + "\n" for question in questions)
    return "\n".join(parts)


def _entry(question: InterviewQuestion, where: Where) -> Iterator[str]:
    yield f"  # {question.text}"
    yield f"  # {question.help}"
    yield f"  - question: {question.id}"
    if not where.everything:
        yield f"    where: {json.dumps(dict(where.tags), ensure_ascii=False)}"
    yield "    answer:"
    yield "    criteria:"
    yield from (f"      # - {name}  # {text}" for name, text in question.criteria.items())
    yield "    note:"
    yield "    links:"
    yield "    who:"
