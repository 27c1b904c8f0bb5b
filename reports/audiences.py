"""For whom a report is, which of its sections they get, and which of them hold for a part of the estate: data, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass

BOARD, TEAM, AUDITOR = "board", "team", "auditor"

AUDIENCES = {
    BOARD: "the summary, the figures and what is to be decided; no lists",
    TEAM: "the summary, and what there is to do",
    AUDITOR: "everything, with its evidence",
}


@dataclass(frozen=True, slots=True)
class Section:
    """Who gets a section."""

    audiences: tuple[str, ...]
    part: bool
    """Whether its figures can be counted over a part of the estate, such as what one team runs; what cannot is left out there."""


SECTIONS = {
    "summary": Section((BOARD, TEAM, AUDITOR), part=True),
    "distribution": Section((BOARD, TEAM, AUDITOR), part=True),
    "change": Section((BOARD, TEAM, AUDITOR), part=False),
    "questions": Section((BOARD, AUDITOR), part=False),
    "interview": Section((AUDITOR,), part=False),
    "risks": Section((BOARD, TEAM, AUDITOR), part=True),
    "actions": Section((BOARD, TEAM, AUDITOR), part=True),
    "least_privilege": Section((BOARD, TEAM, AUDITOR), part=True),
    "credentials": Section((TEAM, AUDITOR), part=True),
    "ownership": Section((BOARD, TEAM, AUDITOR), part=True),
    "programme": Section((BOARD, TEAM, AUDITOR), part=True),
    "metrics": Section((BOARD, AUDITOR), part=False),
    "findings": Section((TEAM, AUDITOR), part=True),
    "compliance": Section((AUDITOR,), part=False),
    "coverage": Section((BOARD, TEAM, AUDITOR), part=True),
    "methodology": Section((AUDITOR,), part=False),
    "evidence": Section((BOARD, TEAM, AUDITOR), part=True),
    "sign_off": Section((BOARD, AUDITOR), part=False),
}
"""In the order of the report."""

LISTS = (TEAM, AUDITOR)
"""Who gets lists of subjects inside a section."""


def sections_of(audience: str, *, part: bool = False) -> list[str]:
    """The sections of an audience, in order; of a report on a part, those that hold for one."""
    return [name for name, section in SECTIONS.items() if audience in section.audiences and (section.part or not part)]
