"""Fills the table `escalation` with the ways of a database's AWS principals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inventory.database import Database
from scoring.least_privilege.aws.paths.estate import Estate
from scoring.least_privilege.aws.paths.rows import Teller
from scoring.least_privilege.aws.paths.search import Search
from scoring.least_privilege.verdict import Privilege

ANY = "any"
"""In place of a path's id: which ones are open is not known, because not all policies are."""


def aws_escalations(database: Database) -> None:
    """Add to `escalation` one row per path that is open to an AWS principal which is no administrator and no person.

    Needs the privileges to have been judged. Where policies may be missing, a row with path `any` says so.
    """
    if not database.value("SELECT count(*) FROM main.identity WHERE provider = 'aws'"):
        return
    database.insert_rows("escalation", list(_rows(Search(Estate.read(database)))))


def _rows(search: Search) -> Iterator[dict[str, Any]]:
    teller = Teller(search)
    for principal in search.estate.principals:
        if not principal.reported or principal.privilege == Privilege.ADMIN:
            continue
        certain = False
        for way in search.ways(principal):
            certain = certain or (way.certain and way.gains is Privilege.ADMIN)
            told = teller.tell(way)
            target = way.hops[0].target
            yield {
                "identity_id": principal.arn,
                "path_id": way.hops[0].opening.path.id,
                "target_id": target.arn if target else None,
                "gains": str(way.gains),
                "certainty": "certain" if way.certain else "possible",
                "steps": told.steps,
                "reason": teller.reason(way, told),
                "evidence": sorted(told.evidence),
            }
        unsettled = search.openings.unsettled(principal)
        if unsettled and not certain:
            yield {
                "identity_id": principal.arn,
                "path_id": ANY,
                "target_id": None,
                "gains": str(Privilege.UNKNOWN),
                "certainty": "possible",
                "steps": [],
                "reason": f"which paths are open to it is not known: {unsettled}",
                "evidence": [principal.evidence],
            }
