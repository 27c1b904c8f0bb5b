"""Merges rows as they were read (`seen`) into one row per object (`main`). Joins and dates only: nothing is judged here.

Each step is an SQL file; the order below is the order of dependence.
"""

from __future__ import annotations

from datetime import datetime
from importlib.resources import files

from inventory.database import Database

STEPS = (
    "names",
    "identity",
    "place",
    "workload",
    "credential",
    "entitlement",
    "ceiling",
    "trust",
    "federation",
    "facts",
    "secret_exposure",
    "exposed_credential",
    "sighting",
    "coverage",
    "isolation",
    "classify",
)


def resolve(database: Database, *, max_age_days: int, scan_max_age_days: int) -> None:
    """Fill `main` from `seen`. Evidence older than its maximum age (days before `as_of`) is marked stale in `coverage`.

    Expects `work.assessment(as_of)`; see scoring.judge.
    """
    folder = files("scoring") / "resolve"
    ages = {"max_age_days": max_age_days, "scan_max_age_days": scan_max_age_days}
    for step in STEPS:
        database.script((folder / f"{step}.sql").read_text(encoding="utf-8"), ages)
    _follow_people(database, (folder / "people.sql").read_text(encoding="utf-8"))


def settled_aliases(database: Database, *, as_of: datetime, max_age_days: int) -> list[tuple[str, str]]:
    """(alias, identity) of each alias that several identities share, as the first step settles it in a database that holds only `seen`."""
    shared = database.rows(SHARED)
    if not shared:
        return []
    database.execute("CREATE TABLE work.assessment AS SELECT CAST($as_of AS TIMESTAMP) AS as_of", {"as_of": as_of})
    database.script((files("scoring") / "resolve" / "names.sql").read_text(encoding="utf-8"), {"max_age_days": max_age_days})
    names = {"aliases": [row["alias"] for row in shared]}
    found = database.rows("SELECT alias, said FROM work.alias_name WHERE list_contains($aliases, alias) ORDER BY alias", names)
    return [(row["alias"], row["said"]) for row in found]


SHARED = "SELECT alias FROM seen.alias WHERE alias <> identity_id GROUP BY alias HAVING count(DISTINCT identity_id) > 1 ORDER BY alias"


def _follow_people(database: Database, one_round: str) -> None:
    """Add roles that only people may assume until no more are found. Ends: each round but the last adds one at least."""
    known = -1
    while (found := database.value("SELECT count(*) FROM work.people")) != known:
        known = found
        database.script(one_round)
