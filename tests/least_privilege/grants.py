"""Grants in one line, for tests."""

from __future__ import annotations

from scoring.least_privilege.grants import Grant, Reach


def grant(
    role_id: str, reach: str, *, place: str = "1", conditional: bool = False, via: str = "role", document_id: str | None = None
) -> Grant:
    """A grant of a role on a place that reaches so far."""
    parts = (via, role_id, document_id, reach, place, conditional)
    return Grant(
        member="\t".join(map(str, parts)),
        via=via,
        role_id=role_id,
        document_id=document_id,
        reach=Reach(reach),
        place=place,
        conditional=conditional,
    )
