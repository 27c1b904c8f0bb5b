"""Workspaces of any size for the dashboard: both quarters of the sample company, judged once, then copied many times over by SQL.

Judging 450,000 identities is another benchmark's work; pages only read what was judged. A copy has ids, names and records of its own; so
has each group of copies its accounts, files, repositories and policies. Copy 0 is the sample itself. Nothing is kept to judge again from.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inventory.database import Database
from inventory.decision_log import DecisionLog
from inventory.lake import Lake, Snapshot

PER_GROUP = 25
"""Copies that share their accounts: 600 identities in each, so that 450,000 stand in 300 accounts."""

OWN = frozenset(
    "identity_id credential_id trust_id subject_id lo_path_id hi_path_id alias workload_id resource_id exposure_id name subject_name".split()
)
"""Columns that name one thing: they carry the number of the copy."""

SHARED = frozenset("scope principal_scope document_id store_id owner_id federation_id guardrail_id policy_id target_id grp".split())
"""Columns that name what a group of copies shares: they carry the number of the group."""

PER_GROUP_TABLES = frozenset(
    "account ceiling coverage federation guardrail owner policy_document policy_permission run scan_target secret_store source vendor".split()
)
ONCE = frozenset({"check_count", "check_result", "question"})
COUNTS = frozenset({"population", "passed", "failed", "unknown", "numerator", "denominator"})
"""Counts of tables that stand once: of the whole estate, so multiplied."""


def grow(sample: Path, into: Path, identities: int) -> int:
    """Publish every snapshot of a workspace again with at least so many identities, and take its decisions along; how many copies it took."""
    source, target = Lake(sample), Lake(into)
    latest = source.latest()
    if latest is None:
        raise SystemExit(f"{sample}: nothing assessed; `nhi demo --no-serve --workspace {sample}` first")
    copies = -(-identities // latest.tables["identity"])
    for snapshot in source.snapshots():
        with Database.empty(memory_limit="6GB") as database:
            source.attach(database, snapshot, "sample")
            for table in database.tables("sample"):
                database.execute(f"INSERT INTO main.{table} BY NAME {_copied(database, table, copies)}")
            _publish(target, database, snapshot)
    for entry in DecisionLog(sample).entries():
        DecisionLog(into).record(entry.decision, who=entry.who, at=entry.at)
    return copies


def _publish(target: Lake, database: Database, like: Snapshot) -> None:
    target.publish(
        database,
        label=like.label,
        as_of=like.as_of,
        rules_version=like.rules_version,
        pack=like.pack,
        created_at=like.created_at,
        details=like.details,
    )


def _copied(database: Database, table: str, copies: int) -> str:
    """A SELECT of all copies of a table."""
    columns = database.rows(
        "SELECT column_name AS name, data_type AS type FROM information_schema.columns"
        " WHERE table_schema = 'sample' AND table_name = $table ORDER BY ordinal_position",
        {"table": table},
    )
    groups = -(-copies // PER_GROUP)
    if table in ONCE:
        chosen = [f"{row['name']} * {copies} AS {row['name']}" if row["name"] in COUNTS else row["name"] for row in columns]
        return f"SELECT {', '.join(chosen)} FROM sample.{table}"
    if table == "metric":
        return _metrics(columns, copies, groups)
    step, count = (PER_GROUP, groups) if table in PER_GROUP_TABLES else (1, copies)
    chosen = [f"{_numbered(table, row)} AS {row['name']}" for row in columns]
    return f"SELECT {', '.join(chosen)} FROM sample.{table}, (SELECT range * {step} AS k, range * {step} // {PER_GROUP} AS g FROM range({count}))"


def _metrics(columns: list[dict[str, str]], copies: int, groups: int) -> str:
    """Metrics of accounts once per group of copies, the others once; all counts multiplied."""
    chosen = [
        f"{row['name']} * CASE WHEN dimension = 'scope' THEN {min(copies, PER_GROUP)} ELSE {copies} END AS {row['name']}"
        if row["name"] in COUNTS
        else f"{_numbered('metric', row)} AS {row['name']}"
        for row in columns
    ]
    return f"SELECT {', '.join(chosen)} FROM sample.metric, (SELECT 0 AS k, range AS g FROM range({groups})) WHERE g = 0 OR dimension = 'scope'"


def _numbered(table: str, column: Mapping[str, str]) -> str:
    """SQL of a column in copy `k` of group `g`; the first of each is left as it is."""
    name = column["name"]
    if name.endswith("evidence"):
        one = "CASE WHEN k = 0 THEN {0} ELSE concat(CASE WHEN g > 0 THEN concat('group-', g, '/') END, {0}, '~', k) END"
        return (
            f"list_transform({name}, lambda e: {one.format('e')})"
            if column["type"].endswith("[]")
            else f"if({name} IS NULL, NULL, {one.format(name)})"
        )
    if name == "source_id":
        return f"CASE WHEN g = 0 THEN {name} ELSE concat('group-', g, '/', {name}) END"
    if (table, name) in {("access_path", "path_id"), ("escalation", "target_id")} or (name in OWN and table not in PER_GROUP_TABLES):
        return f"CASE WHEN k = 0 THEN {name} ELSE {name} || '~' || k END"
    if name in SHARED:
        return f"CASE WHEN g = 0 OR {name} = '*' THEN {name} ELSE {name} || '~' || g END"
    return name
