"""One assessment, start to end: merge what was read, judge it, leave every result in `main`. Decides nothing about files or output."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from inventory.database import Database
from inventory.model import Row, Source
from scoring.catalogue import Check
from scoring.engine import run_checks
from scoring.least_privilege.aws.paths.escalations import aws_escalations
from scoring.least_privilege.aws.principals import only_assumes_roles, principal_privileges
from scoring.least_privilege.azure.paths import azure_escalations
from scoring.least_privilege.gcp.paths import gcp_escalations
from scoring.least_privilege.grantees import grantee_privileges
from scoring.least_privilege.recommend import count_use
from scoring.metrics import measure
from scoring.packs import Pack
from scoring.placement import place
from scoring.questions import ask
from scoring.resolve import resolve
from scoring.rules import expected_facts, load_rules
from scoring.vendors import aws_vendors

WEAKNESS = {"code": 1, "config": 2, "manager": 3}
"""Order in which places count when a credential rests in several."""


def judge(database: Database, rows: Iterable[Row], *, as_of: datetime, pack: Pack, checks: Iterable[Check]) -> None:
    """Fill every table of an empty database from the rows that were read."""
    database.insert(rows, schema="seen")
    judge_seen(database, as_of=as_of, pack=pack, checks=checks)


def judge_seen(database: Database, *, as_of: datetime, pack: Pack, checks: Iterable[Check]) -> None:
    """Fill every table of `main` from the rows that stand in `seen`."""
    limits = pack.thresholds
    place_seen(database, as_of=as_of, pack=pack)
    count_use(database, as_of, pack)
    gcp_escalations(database, as_of)
    aws_escalations(database)
    azure_escalations(database)
    ask(
        database,
        bands={"yes": limits["answer_yes_percent"], "no": limits["answer_no_percent"]},
        unused_days=int(limits["unused_days"]),
    )
    run_checks(database, checks, as_of=as_of, pack=pack)
    measure(database, as_of, pack.thresholds)


def place_seen(database: Database, *, as_of: datetime, pack: Pack) -> None:
    """From the rows that stand in `seen`, only the merged evidence, privileges, access paths and placements: a third of the time."""
    limits = pack.thresholds
    _prepare(database, as_of)
    resolve(database, max_age_days=int(limits["iam_max_age_days"]), scan_max_age_days=int(limits["scan_max_age_days"]))
    _name_vendors(database)
    principal_privileges(database)
    grantee_privileges(database)
    only_assumes_roles(database)
    _place(database, limits)


def _place(database: Database, limits: Mapping[str, float]) -> None:
    place(
        database,
        rotation_days=int(limits["secret_rotation_days"]),
        key_age_days=int(limits["key_max_age_days"]),
        scan_max_age_days=int(limits["scan_max_age_days"]),
        scan_coverage_percent=limits["scan_coverage_percent"],
    )


def _name_vendors(database: Database) -> None:
    """Who is behind the outside AWS accounts that are trusted, where vendors say so."""
    trusted = database.rows(OUTSIDE)
    known = [(row["scope"], name) for row in trusted if (name := aws_vendors().get(row["scope"]))]
    if known:
        scopes, names = zip(*known, strict=True)
        database.insert_columns("vendor", {"scope": scopes, "provider": ["aws"] * len(known), "name": names})


def _prepare(database: Database, as_of: datetime) -> None:
    """The rules and the date, as tables the SQL can join."""
    rules = load_rules()
    database.execute("CREATE TABLE work.assessment AS SELECT CAST($as_of AS TIMESTAMP) AS as_of", {"as_of": as_of})
    database.script(RULE_TABLES)
    database.insert_rows("fact", expected_facts(), schema="work")
    database.insert_rows(
        "storage_group",
        [{"storage": storage, "grp": group, "weakness": WEAKNESS[group]} for storage, group in rules.storage_groups.items()],
        schema="work",
    )
    database.insert_rows(
        "environment_word", [{"word": word, "environment": name} for word, name in rules.environment_words.items()], schema="work"
    )
    database.insert_rows("placement_rule", [asdict(rule) for rule in rules.rules], schema="work")
    database.insert_rows("placement_bound", [asdict(bound) for bound in rules.bounds], schema="work")


def assessment_date(stated: datetime | None, sources: Iterable[Source]) -> datetime:
    """The date to judge by: as stated, else the newest in the evidence (so that a run can be repeated), else today.

    The day of collection counts too: where nothing happened of late, the newest record would make everything look younger than it is.
    """
    newest = max((date for source in sources for date in (source.newest_at, source.collected_at) if date), default=None)
    moment = stated or newest or datetime.now(UTC).replace(tzinfo=None)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def label_of(as_of: datetime) -> str:
    """`Q3-2026`."""
    return f"Q{(as_of.month + 2) // 3}-{as_of.year}"


def notices(database: Database, as_of: datetime, *, given: bool) -> list[str]:
    """What a reader must know of the run as a whole: a date nobody stated, principals in several exports, names that fit two users."""
    found = []
    if not given:
        dated = database.value("SELECT count(*) FROM main.source WHERE newest_at IS NOT NULL OR collected_at IS NOT NULL")
        basis = "the newest date in the evidence" if dated else "the day it was assessed, for the evidence holds no date"
        found.append(f"no date to judge by was given: judged as of {basis}, {as_of:%Y-%m-%d}; --as-of changes that")
    for row in database.rows(DUPLICATES):
        found.append(
            f"{row['first']}: {row['n']} identities stand in {row['second']} too: counted once, the newer export tells what they may do"
        )
    for row in database.rows("SELECT mention, candidates FROM work.user_name WHERE candidates > 1 ORDER BY mention"):
        found.append(
            f"{row['mention']}: {row['candidates']} accounts have a user of this name; say in manifest.json which account the file is from"
        )
    return found


RULE_TABLES = """
CREATE TABLE work.storage_group (storage VARCHAR, grp VARCHAR, weakness BIGINT);
CREATE TABLE work.placement_rule (
    id VARCHAR, mechanism VARCHAR, storage VARCHAR, qualifier VARCHAR, lo BIGINT, hi BIGINT, lo_reason VARCHAR, hi_reason VARCHAR, to_settle VARCHAR
);
CREATE TABLE work.placement_bound (id VARCHAR, storage VARCHAR, lo BIGINT, lo_reason VARCHAR, to_settle VARCHAR);
CREATE TABLE work.fact (provider VARCHAR, fact VARCHAR, supply VARCHAR, held_by VARCHAR);
CREATE TABLE work.environment_word (word VARCHAR, environment VARCHAR)
"""

OUTSIDE = """
    WITH named AS (
        SELECT principal_scope AS scope FROM main.trust WHERE principal_kind IN ('account', 'principal')
        UNION
        SELECT issuer AS scope FROM main.federation WHERE kind = 'aws'
    )
    SELECT n.scope
    FROM named AS n
    LEFT JOIN main.account AS a ON a.scope = n.scope
    WHERE n.scope IS NOT NULL AND a.scope IS NULL
    ORDER BY n.scope
"""

DUPLICATES = """
    WITH listed AS (
        SELECT DISTINCT s.subject_id, r.source_id
        FROM main.sighting AS s
        JOIN main.source AS r ON r.source_id = split_part(s.evidence, '#', 1) AND r.format = 'aws-gaad'
        WHERE s.subject_kind = 'identity'
    )
    SELECT a.source_id AS first, b.source_id AS second, count(*) AS n
    FROM listed AS a
    JOIN listed AS b ON b.subject_id = a.subject_id AND a.source_id < b.source_id
    GROUP BY a.source_id, b.source_id
    ORDER BY 1, 2
"""
