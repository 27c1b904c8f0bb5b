"""What is asked of a database that holds a part of the estate, such as what one team runs, in place of what is counted over the whole alone.

Passes are counted over the whole estate and by check; of a part only what failed and what could not be judged is known, subject by subject.
"""

from __future__ import annotations

from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views.evidence import Rows
from reports.views.findings import severity_rank
from reports.views.programme import OWNER_CHECKS
from reports.views.summary import unknown_checks
from reports.views.worklist import prepare
from reports.views.worklist_sheets import sheets


def failing_checks(database: Database) -> Rows:
    """A row for each check that failed or could not tell here, worst first: `failed`, `unknown`; how many it judged is not known (None)."""
    return database.rows(
        f"""
        SELECT check_id, severity, CAST(NULL AS BIGINT) AS population, CAST(NULL AS BIGINT) AS passed,
               count(*) FILTER (WHERE status = 'fail') AS failed, count(*) FILTER (WHERE status = 'unknown') AS unknown, CAST(NULL AS VARCHAR) AS reason
        FROM finding GROUP BY check_id, severity
        ORDER BY {severity_rank()}, failed DESC, check_id
        """
    )


def checks_run(database: Database) -> dict[str, int]:
    """How many checks ran over the whole estate (`n`), and how many of them judged nothing anywhere (`idle`)."""
    return {"n": database.value("SELECT count(*) FROM check_result"), "idle": len(unknown_checks(database))}


UNOWNED = (
    f"SELECT subject_id, min(evidence) AS evidence FROM finding WHERE check_id IN {OWNER_CHECKS} AND status = 'fail' GROUP BY subject_id"
)
"""SQL of identities for which it is certain that nobody is named as owner."""


def unowned(database: Database) -> dict[str, int] | None:
    """Identities in scope that are not people (`n`), those without a named owner (`nobody`), and those of which it is not known (`unknown`).
    None where no check of owners ran: nothing is known then."""
    if not database.value(f"SELECT count(*) FROM check_result WHERE check_id IN {OWNER_CHECKS}"):
        return None
    row = database.rows(
        f"""
        SELECT (SELECT count(*) FROM identity WHERE in_scope AND human <> 'human') AS n,
               count(DISTINCT subject_id) FILTER (WHERE status = 'fail') AS nobody,
               count(DISTINCT subject_id) FILTER (WHERE status = 'unknown') AS unknown
        FROM finding WHERE check_id IN {OWNER_CHECKS}
        """
    )[0]
    return {name: int(count) for name, count in row.items()}


FAILING = (
    "SELECT identity_id, min(evidence) AS evidence FROM finding WHERE status = 'fail' AND identity_id IS NOT NULL GROUP BY identity_id"
)
"""SQL of identities with a failed finding: their own, or of what belongs to them."""


def failing_identities(database: Database) -> dict[str, int]:
    """Identities (`n`), those with a failed finding (`failing`), and those without one of which some check could not tell (`unknown`)."""
    row = database.rows(
        f"""
        SELECT count(*) AS n, count(f.identity_id) AS failing, count(u.identity_id) FILTER (WHERE f.identity_id IS NULL) AS unknown
        FROM identity AS i
        LEFT JOIN ({FAILING}) AS f ON f.identity_id = i.identity_id
        LEFT JOIN (SELECT DISTINCT identity_id FROM finding WHERE status = 'unknown') AS u ON u.identity_id = i.identity_id
        """
    )[0]
    return {name: int(count) for name, count in row.items()}


def own_moves(database: Database, snapshot: Snapshot) -> Rows:
    """Every move that something here can be done by, in the order of the worklist: `title`, `effort`, `candidates`, `ready`, `waiting`, `to_stage` at
    best. Writes into the schema `work`."""
    prepare(database, snapshot)
    sheet = next(one for one in sheets(database, snapshot) if one.title == "Moves")
    rows: list[dict[str, Any]] = [row for batch in sheet.batches(database, sheet.rank(database)["n"]) for row in batch]
    return [row for row in rows if row["candidates"]]
