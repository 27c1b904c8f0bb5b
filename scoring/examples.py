"""Runs a check's worked examples: each in a database that holds its rows and nothing else.

An example names only the columns that matter; the rest is filled here with what the model calls "not said", and with plain fillers where
a value is required. Evidence that an example does not speak of counts as collected, so that its verdict is the check's own.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from inventory.database import Database
from inventory.model import TABLE_OF
from scoring.catalogue import CatalogueError, Check, Example
from scoring.engine import run_checks
from scoring.packs import Pack

SCOPE = "111111111111"
"""The account of an example that names none."""

FILLERS: Mapping[str, Mapping[str, Any]] = {
    "account": {"provider": "aws"},
    "credential": {"kind": "access_key", "status": "active"},
    "entitlement": {"via": "managed"},
    "guardrail": {"scope": SCOPE, "kind": "workload_policy", "basis": "observed"},
    "identity": {"kind": "iam_role", "native_type": "AWS::IAM::Role", "human": "nonhuman", "status": "active"},
    "ownership": {"basis": "tag"},
    "resource": {"kind": "s3_bucket", "public_reason": "as its policy says"},
    "trust": {"principal_kind": "service", "principal": "lambda.amazonaws.com"},
    "workload": {"kind": "lambda_function"},
}
"""What an example's rows are, where it does not say."""

DEFAULTS = {
    table: {field.name: field.default for field in dataclasses.fields(kind) if field.default is not dataclasses.MISSING}
    for kind, table in TABLE_OF.items()
}


def verdicts(database: Database, check: Check, example: Example, pack: Pack, *, seconds: float = 60) -> dict[str, str]:
    """Status per subject id, the safety net included. Empties `database` first.

    Raises CatalogueError when the example does not fit the tables or the check cannot run.
    """
    counts = " UNION ALL ".join(f"SELECT '{table}' AS name, count(*) AS n FROM main.{table}" for table in database.tables())
    for held in database.rows(f"SELECT name FROM ({counts}) AS counted WHERE n > 0"):
        database.execute(f"DELETE FROM main.{held['name']}")
    rows = {"coverage": [{"fact": fact, "scope": "*", "status": "collected"} for fact in check.needs], **example.rows}
    for table, members in rows.items():
        if members:
            _insert(database, check, example, table, members)
    run_checks(database, [check], example.as_of, pack, seconds=seconds)
    result = database.rows("SELECT passed, reason FROM check_result")[0]
    if (result["reason"] or "").startswith("could not run"):
        raise CatalogueError(f"{check.check_id}: example {example.why!r}: {result['reason']}")
    return {row["subject_id"]: row["status"] for row in database.rows("SELECT subject_id, status FROM work.judged ORDER BY subject_id")}


def _insert(database: Database, check: Check, example: Example, table: str, members: Sequence[Mapping[str, Any]]) -> None:
    required = _columns(database, table)
    if not required:
        raise CatalogueError(f"{check.check_id}: example {example.why!r}: {table} is no table")
    for name in {name for row in members for name in row} - required.keys():
        raise CatalogueError(f"{check.check_id}: example {example.why!r}: {table} has no column {name}")
    filled = [_filled(table, required, row, number) for number, row in enumerate(members, start=1)]
    database.insert_columns(table, {name: [row[name] for row in filled] for name in required})


def filled_rows(database: Database, table: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Whole rows out of the columns that an example names. Raises KeyError where the table has no such column."""
    columns = _columns(database, table)
    for name in {name for row in rows for name in row} - columns.keys():
        raise KeyError(f"{table}.{name}")
    return [_filled(table, columns, row, number) for number, row in enumerate(rows, start=1)]


def _columns(database: Database, table: str) -> dict[str, Any]:
    """Filler per column of a table: None where NULL is allowed."""
    found = database.rows(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns WHERE table_schema = 'main' AND table_name = $table",
        {"table": table},
    )
    plain = {"VARCHAR": "unknown", "BOOLEAN": False, "BIGINT": 0, "VARCHAR[]": []}
    return {row["column_name"]: None if row["is_nullable"] == "YES" else plain[row["data_type"]] for row in found}


def _filled(table: str, columns: Mapping[str, Any], row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A whole row: what the example says, else the model's default, else a filler. A required name is the id; a key is made from the row's number."""
    evidence = {"evidence": f"example.json#{table}[{number}]"} if columns.get("evidence") == "unknown" else {}
    scope = {"scope": SCOPE} if "scope" in columns else {}
    key = next(iter(columns))
    made = {key: f"{table}-{number}"} if key.endswith("_id") else {}
    filled = {**columns, **DEFAULTS.get(table, {}), **made, **scope, **FILLERS.get(table, {}), **evidence, **row}
    if columns.get("name") and "name" not in row:
        filled["name"] = filled[key]
    return {name: filled[name] for name in columns}
