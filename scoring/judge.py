"""One assessment, start to end: merge what was read, judge it, leave every result in `main`. Decides nothing about files or output."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from inventory.model import Row
from inventory.store import Database
from scoring.catalogue import Check
from scoring.engine import run_checks
from scoring.least_privilege.principals import only_assumes_roles, principal_privileges
from scoring.packs import Pack
from scoring.placement import place
from scoring.questions import ask
from scoring.resolve import resolve
from scoring.rules import load_rules

WEAKNESS = {"code": 1, "config": 2, "manager": 3}
"""Order in which places count when a credential rests in several."""


def judge(database: Database, rows: Iterable[Row], *, as_of: datetime, pack: Pack, checks: Iterable[Check]) -> None:
    """Fill every table of an empty database from the rows that were read."""
    limits = pack.thresholds
    database.insert(rows, schema="seen")
    _prepare(database, as_of)
    resolve(database, max_age_days=int(limits["iam_max_age_days"]), scan_max_age_days=int(limits["scan_max_age_days"]))
    principal_privileges(database)
    only_assumes_roles(database)
    place(database, rotation_days=int(limits["secret_rotation_days"]), key_age_days=int(limits["key_max_age_days"]))
    ask(
        database,
        bands={"yes": limits["answer_yes_percent"], "no": limits["answer_no_percent"]},
        scan_max_age_days=int(limits["scan_max_age_days"]),
        scan_coverage_percent=limits["scan_coverage_percent"],
    )
    run_checks(database, checks, as_of=as_of, pack=pack)


def _prepare(database: Database, as_of: datetime) -> None:
    """The rules and the date, as tables the SQL can join."""
    rules = load_rules()
    database.execute("CREATE TABLE work.assessment AS SELECT CAST($as_of AS TIMESTAMP) AS as_of", {"as_of": as_of})
    database.execute("CREATE TABLE work.storage_group (storage VARCHAR, grp VARCHAR, weakness BIGINT)")
    database.execute(
        "CREATE TABLE work.placement_rule (id VARCHAR, mechanism VARCHAR, storage VARCHAR, qualifier VARCHAR, lo BIGINT, hi BIGINT,"
        " lo_reason VARCHAR, hi_reason VARCHAR, to_settle VARCHAR)"
    )
    for storage, group in rules.storage_groups.items():
        database.execute("INSERT INTO work.storage_group VALUES ($s, $g, $w)", {"s": storage, "g": group, "w": WEAKNESS[group]})
    for rule in rules.rules:
        database.execute(
            "INSERT INTO work.placement_rule VALUES ($id, $mechanism, $storage, $qualifier, $lo, $hi, $lo_reason, $hi_reason, $to_settle)",
            {name: getattr(rule, name) for name in ("id", "mechanism", "storage", "qualifier", "lo", "hi", "lo_reason", "hi_reason", "to_settle")},
        )
