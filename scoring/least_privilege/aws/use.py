"""Used against granted on AWS: the counts of all identities at once.

Cost grows with distinct pairs of a policy set and a pattern of use: both are formed in SQL, each pair is judged once, and the counts are
joined back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from inventory.database import Database
from scoring.least_privilege.aws.catalogue import Catalogue, standard
from scoring.least_privilege.aws.ceilings import Ceiling, ceilings
from scoring.least_privilege.aws.documents import Policy
from scoring.least_privilege.aws.principals import policies_in
from scoring.least_privilege.aws.use_held import held_by
from scoring.least_privilege.aws.use_review import review
from scoring.least_privilege.aws.use_subject import limits
from scoring.least_privilege.aws.use_verdicts import Pattern, Seen, Verdicts, verdicts
from scoring.least_privilege.guards import guards
from scoring.least_privilege.sql import statement
from scoring.packs import Pack

__all__ = ["counts", "review"]


def counts(database: Database, as_of: datetime, pack: Pack, catalogue: Catalogue | None = None) -> None:
    """Add one row per AWS identity to `main.least_privilege`. Needs what `principal_privileges` leaves in `judging`."""
    bounds = {**limits(as_of, pack), "identity": None}
    database.script(f"CREATE OR REPLACE TABLE judging.use_fact AS {statement('aws/use_facts')}", bounds)
    seen = f"SELECT identity_id, service, action, seen FROM ({statement('aws/use_seen')}) AS every"
    database.script(f"CREATE OR REPLACE TABLE judging.use_seen AS {seen}", bounds)
    policies = policies_in(database)
    above = _above(database, policies)
    database.script(statement("aws/use_patterns"))
    database.insert_rows("use_count", list(_counted(database, policies, above, catalogue or standard())), schema="judging")
    database.insert_rows("use_guard", list(_guarded(database, as_of, pack)), schema="judging")
    database.script(statement("aws/use_counts"), bounds)


def _above(database: Database, policies: Mapping[str, Policy]) -> Sequence[Ceiling]:
    """The distinct ceilings of the accounts, and `judging.use_ceiling`, which says whose is which."""
    found = ceilings(database, policies)
    accounts = [row["account"] for row in database.rows("SELECT DISTINCT account FROM judging.policy_set ORDER BY account")]
    distinct = list({id(ceiling): ceiling for ceiling in map(found.of, accounts)}.values())
    numbers = {id(ceiling): number for number, ceiling in enumerate(distinct)}
    database.execute("CREATE OR REPLACE TABLE judging.use_ceiling (account VARCHAR NOT NULL, ceiling BIGINT NOT NULL)")
    database.insert_rows(
        "use_ceiling", [{"account": account, "ceiling": numbers[id(found.of(account))]} for account in accounts], schema="judging"
    )
    return distinct


def _counted(
    database: Database, policies: Mapping[str, Policy], above: Sequence[Ceiling], catalogue: Catalogue
) -> Iterator[dict[str, Any]]:
    """The counts of every pair, set after set."""
    members = {row["set_id"]: row["members"] for row in database.rows(SETS)}
    patterns = _patterns(database)

    @lru_cache(maxsize=2048)
    def judged(pattern_id: str) -> Verdicts:
        return verdicts(patterns[pattern_id], catalogue)

    last, held = ("", 0), held_by((), policies, catalogue)
    for row in database.rows("SELECT pair, set_id, ceiling, pattern_id FROM judging.use_pair ORDER BY pair"):
        if (row["set_id"], row["ceiling"]) != last:
            last = (row["set_id"], row["ceiling"])
            held = held_by(members[row["set_id"]], policies, catalogue, above[row["ceiling"]])
        yield {"pair": row["pair"], **held.counted(patterns[row["pattern_id"]], judged(row["pattern_id"]))}


def _patterns(database: Database) -> Mapping[str, Pattern]:
    terms = {
        row["term"]: Seen(row["service"], row["action"], row["seen"] == "recent") for row in database.rows("SELECT * FROM judging.use_term")
    }
    return {
        row["pattern_id"]: Pattern(seen=tuple(terms[term] for term in row["terms"]), complete=row["complete"], own_use=row["own_use"])
        for row in database.rows(PATTERNS)
    }


def _guarded(database: Database, as_of: datetime, pack: Pack) -> Iterator[dict[str, Any]]:
    """The guards of every identity from which something would be taken."""
    for row in database.rows(TO_GUARD):
        identity_id = row.pop("identity_id")
        if found := guards(**row, as_of=as_of, pack=pack):
            yield {"identity_id": identity_id, "guards": found}


SETS = "SELECT set_id, any_value(members) AS members FROM judging.policy_set GROUP BY set_id"
PATTERNS = """
    SELECT pattern_id, any_value(terms) AS terms, any_value(complete) AS complete, any_value(own_use) AS own_use
    FROM judging.use_of
    GROUP BY pattern_id
"""
TO_GUARD = """
    SELECT f.identity_id, f.name, f.purpose, f.created_at, f.changed_at, f.window_days
    FROM judging.use_fact AS f
    JOIN judging.use_of AS o ON o.identity_id = f.identity_id
    JOIN judging.use_pair AS p ON p.set_id = o.set_id AND p.ceiling = o.ceiling AND p.pattern_id = o.pattern_id
    JOIN judging.use_count AS c ON c.pair = p.pair
    WHERE c.action IN ('narrow', 'disable') AND f.left_out IS NULL
"""
