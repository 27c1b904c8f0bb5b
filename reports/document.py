"""The sections of a report as blocks, for PDF and Markdown; those that HTML has none of its own of, for HTML too.

Words and order only: every number comes from the content. A section is dropped that its audience does not get.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from reports.audiences import LISTS
from reports.blocks import Block
from reports.document_lists import compliance, coverage, findings, interview, methodology, metrics
from reports.document_part import credentials
from reports.document_programme import programme
from reports.document_record import evidence, sign_off
from reports.document_scores import change, distribution, questions
from reports.document_work import actions, least_privilege, ownership, risks

Content = dict[str, Any]
Section = dict[str, Any]


def sections(told: Content) -> list[Section]:
    """`id`, `title` and `blocks` of each section after the first page, in order."""
    lists = told["audience"] in LISTS
    made = [
        {"id": name, "title": title(told), "blocks": write(told, lists)}
        for name, (title, write) in WRITERS.items()
        if name in told["sections"]
    ]
    return [section for section in made if section["blocks"]]


Writer = Callable[[Content, bool], list[Block]]
Title = Callable[[Content], str]


def _named(text: str) -> Title:
    return lambda told: text


WRITERS: dict[str, tuple[Title, Writer]] = {
    "distribution": (_named("Stage distribution"), distribution),
    "change": (lambda told: f"Change since {told['before']['label']}" if told["before"] else "Change", change),
    "questions": (_named("Five questions"), questions),
    "interview": (_named("Declared answers"), interview),
    "risks": (_named("Top risks"), risks),
    "actions": (_named("Actions and expected gain"), actions),
    "least_privilege": (_named("Least privilege"), least_privilege),
    "credentials": (_named("Credentials that end or are old"), credentials),
    "ownership": (_named("Ownership"), ownership),
    "programme": (
        lambda told: "Exceptions, targets and actions decided" if told["part"] is None else "Exceptions and owners decided",
        programme,
    ),
    "metrics": (_named("Metrics"), metrics),
    "findings": (_named("Findings"), findings),
    "compliance": (_named("Compliance"), compliance),
    "coverage": (_named("Coverage and confidence"), coverage),
    "methodology": (_named("Methodology"), methodology),
    "evidence": (_named("Evidence index"), evidence),
    "sign_off": (_named("Sign-off"), sign_off),
}
"""Section -> how it is titled and written."""
