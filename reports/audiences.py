"""For whom a report is, and which of its sections they get: data, and nothing else."""

from __future__ import annotations

BOARD, TEAM, AUDITOR = "board", "team", "auditor"

AUDIENCES = {
    BOARD: "the summary, the figures and what is to be decided; no lists",
    TEAM: "the summary, and what there is to do",
    AUDITOR: "everything, with its evidence",
}

SECTIONS = {
    "summary": (BOARD, TEAM, AUDITOR),
    "distribution": (BOARD, TEAM, AUDITOR),
    "change": (BOARD, TEAM, AUDITOR),
    "questions": (BOARD, AUDITOR),
    "interview": (AUDITOR,),
    "risks": (BOARD, TEAM, AUDITOR),
    "actions": (BOARD, TEAM, AUDITOR),
    "least_privilege": (BOARD, TEAM, AUDITOR),
    "ownership": (BOARD, TEAM, AUDITOR),
    "programme": (BOARD, TEAM, AUDITOR),
    "metrics": (BOARD, AUDITOR),
    "findings": (TEAM, AUDITOR),
    "compliance": (AUDITOR,),
    "coverage": (BOARD, TEAM, AUDITOR),
    "methodology": (AUDITOR,),
    "evidence": (BOARD, TEAM, AUDITOR),
    "sign_off": (BOARD, AUDITOR),
}
"""Section -> who gets it, in the order of the report."""

LISTS = (TEAM, AUDITOR)
"""Who gets lists of subjects inside a section."""


def sections_of(audience: str) -> list[str]:
    """The sections of an audience, in order."""
    return [name for name, wanted in SECTIONS.items() if audience in wanted]
