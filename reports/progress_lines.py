"""Progress as JSON lines: how a command of `nhi` tells another program how far it is, and how that program hears it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

MARK = '{"doing": '
"""How such a line begins; every other line of standard error is a message for people."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a command is."""

    doing: str
    """`Reading`, `Asking`, `Judging`."""
    what: str
    """The file being read, the service being asked; names come from other people's systems."""
    done: int
    known: int | None
    """How many there are; None: not known."""


def told(step: Step) -> str:
    """The line that says so."""
    return json.dumps(asdict(step))


def heard(line: str) -> Step | None:
    """What a line says; None when it is a message."""
    if not line.startswith(MARK):
        return None
    try:
        return Step(**json.loads(line))
    except (ValueError, TypeError):
        return None
