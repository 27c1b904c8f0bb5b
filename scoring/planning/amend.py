"""Moves as an amendment of stored evidence: what `scoring.again.judged_again` judges anew.

The amendment sees `seen`, which it changes, and `was`: the judged tables of the world before, and how records name what was judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from inventory.database import Database
from inventory.model import Source
from scoring.again import Amendment
from scoring.packs import Pack
from scoring.planning.moves import Candidate, Move
from scoring.planning.narrow import proposed

SOURCE = "what-if"
"""Name of the source that stands for what was only supposed."""

WAS = re.compile(r"\bwas\.(\w+)")

NAMES: Mapping[str, str] = {
    # `held`: the record is a workload's variable, not the provider's word.
    "credential_name": "SELECT seen_id AS mention, min(credential_id) AS credential_id, bool_or(in_workload) AS held FROM work.credential_row GROUP BY seen_id",
    "identity_name": "SELECT mention, identity_id FROM work.identity_name UNION SELECT identity_id, identity_id FROM main.identity",
    # Which credentials a scanner's record shows.
    "exposure_record": """
        SELECT DISTINCT s.evidence, x.credential_id
        FROM main.sighting AS s
        JOIN work.exposed_credential AS x ON x.exposure_id = s.subject_id
        WHERE s.subject_kind = 'exposure'
    """,
    "environment_word": "SELECT * FROM work.environment_word",
}
"""Tables of `was` that are not a judged table under its own name."""


def amendment(base: Database, chosen: Iterable[Candidate], *, as_of: datetime, pack: Pack) -> Amendment:
    """What judging again needs in order to suppose that moves were made. `base` is the same evidence, judged, in memory."""
    by_move: dict[str, tuple[Move, list[str]]] = {}
    for one in chosen:
        by_move.setdefault(one.move.move_id, (one.move, []))[1].append(one.subject_id)
    planned = [(of, sorted(subjects)) for _, (of, subjects) in sorted(by_move.items()) if not of.settles]

    def amend(database: Database) -> None:
        database.execute("CREATE SCHEMA was")
        database.insert(
            [Source(source_id=SOURCE, collector=SOURCE, format=SOURCE, collected_at=as_of, collected_basis="assumed")], schema="seen"
        )
        _tell(base, database, planned, as_of, pack)
        for of, subjects in planned:
            database.script(of.amendment, {"subjects": subjects, "as_of": as_of})

    return amend


def _tell(base: Database, database: Database, planned: Sequence[tuple[Move, list[str]]], as_of: datetime, pack: Pack) -> None:
    """Copy what the amendments read of the world before."""
    for table in sorted({name for of, _ in planned for name in WAS.findall(of.amendment)}):
        if table == "proposed":
            subjects = [subject for of, found in planned if "was.proposed" in of.amendment for subject in found]
            database.create("was.proposed", proposed(base, subjects, as_of, pack))
        else:
            database.create(f"was.{table}", base.arrow(NAMES.get(table, f"SELECT * FROM main.{table}")))
