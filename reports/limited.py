"""A snapshot as a viewer sees it who is limited to some accounts: the rows of those accounts are in the database, and no others.

Nothing is judged anew: a subject stands where it stands for everybody. What is counted over the whole estate is left out, since a figure of
others, or half of one, would be false here. What speaks of both sides (a trust, the reason of a chain) stays with the other side's name taken
out. A table without a rule is empty.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from inventory.database import Database, StoreError
from inventory.lake import Lake, Snapshot
from reports.redacted import OUTSIDE, redact

SHOWN_DETAILS = frozenset({"thresholds", "rescored_from"})
"""What a limited viewer sees of a manifest's details: no warning, no path."""

OWN_THINGS = """
SELECT 'identity' AS subject_kind, identity_id AS subject_id FROM own.identity
UNION ALL SELECT 'credential', credential_id FROM own.credential
UNION ALL SELECT 'workload', workload_id FROM own.workload
UNION ALL SELECT 'resource', resource_id FROM own.resource
UNION ALL SELECT 'exposure', exposure_id FROM own.exposure
"""
"""All but scopes that is theirs, as subjects."""

OWN = f"""
CREATE SCHEMA own;
CREATE TABLE own.account AS SELECT DISTINCT unnest($accounts) AS scope;
CREATE TABLE own.identity AS SELECT identity_id FROM whole.identity WHERE scope IN (FROM own.account);
CREATE TABLE own.credential AS
SELECT credential_id FROM whole.credential
WHERE identity_id IN (FROM own.identity) OR (identity_id IS NULL AND scope IN (FROM own.account));
CREATE TABLE own.workload AS SELECT workload_id FROM whole.workload WHERE scope IN (FROM own.account);
CREATE TABLE own.resource AS SELECT resource_id FROM whole.resource WHERE scope IN (FROM own.account);
CREATE TABLE own.exposure AS SELECT exposure_id FROM whole.secret_exposure WHERE scope IN (FROM own.account);
CREATE TABLE own.subject AS {OWN_THINGS}UNION ALL SELECT 'scope', scope FROM own.account;
CREATE TABLE own.source AS SELECT source_id FROM whole.source WHERE scope IN (FROM own.account);
CREATE TABLE own.record AS
SELECT DISTINCT evidence FROM whole.sighting SEMI JOIN own.subject USING (subject_kind, subject_id);
"""
"""What is theirs, but for `crossing`."""

CROSSING = """
CREATE TABLE own.crossing AS
SELECT trust_id FROM whole.trust AS t
WHERE t.identity_id IN (FROM own.identity) AND t.principal NOT IN (FROM own.identity) AND t.principal NOT IN (FROM own.account)
    AND (t.principal_scope IN (SELECT scope FROM whole.account WHERE scope NOT IN (FROM own.account))
        OR t.principal IN (SELECT scope FROM whole.account)
        OR t.principal IN (SELECT identity_id FROM whole.identity)
        OR t.principal IN (SELECT alias FROM whole.alias));
"""
"""Trusts of theirs whose other end is ours, but not theirs."""

_SUBJECTS = "SEMI JOIN own.subject USING (subject_kind, subject_id)"
_IDENTITIES = "WHERE identity_id IN (FROM own.identity)"
_MINE = "identity_id IS NULL OR identity_id IN (FROM own.identity)"
_SCOPES = "WHERE scope IN (FROM own.account)"
_OTHER = f"CASE WHEN trust_id IN (FROM own.crossing) THEN '{OUTSIDE}' ELSE"
_FAR = f"CASE WHEN trust_id IN (FROM own.crossing) THEN 'it may be assumed by {OUTSIDE}' ELSE"

EMPTY = "LIMIT 0"
RULES: dict[str, tuple[str, str]] = {
    "source": ("*", _SCOPES),
    "run": ("*", "WHERE source_id IN (FROM own.source)"),
    "coverage": ("* REPLACE (CASE WHEN scope = '*' THEN NULL ELSE evidence END AS evidence)", f"{_SCOPES} OR scope = '*'"),
    "sighting": ("*", _SUBJECTS),
    "account": ("*", _SCOPES),
    "alias": ("*", _IDENTITIES),
    "identity": ("*", _SCOPES),
    "credential": (
        f"""* REPLACE (
            CASE WHEN store_id IS NULL OR store_id IN (SELECT store_id FROM whole.secret_store {_SCOPES}) OR store_id IN (FROM own.workload)
                THEN store_id ELSE '{OUTSIDE}' END AS store_id,
            CASE WHEN split_part(storage_evidence, '#', 1) IN (FROM own.source) OR storage_evidence IN (FROM own.record)
                THEN storage_evidence END AS storage_evidence)""",
        "WHERE credential_id IN (FROM own.credential)",
    ),
    "entitlement": ("*", _IDENTITIES),
    "ceiling": ("*", EMPTY),
    "resource_policy": ("*", EMPTY),
    "policy_document": ("*", EMPTY),
    "policy_permission": ("*", EMPTY),
    "trust": (f"* REPLACE ({_OTHER} principal END AS principal, {_OTHER} principal_scope END AS principal_scope)", _IDENTITIES),
    "federation": ("*", EMPTY),
    "workload": (
        f"* REPLACE (CASE WHEN identity_id IS NULL OR identity_id IN (FROM own.identity) THEN identity_id ELSE '{OUTSIDE}' END AS identity_id)",
        _SCOPES,
    ),
    "secret_store": ("*", _SCOPES),
    "secret_exposure": (
        f"* REPLACE (CASE WHEN credential_id IS NULL OR credential_id IN (FROM own.credential) THEN credential_id ELSE '{OUTSIDE}' END AS credential_id)",
        _SCOPES,
    ),
    "scan_target": ("*", "WHERE target_id IN (FROM own.account)"),
    "resource": ("*", _SCOPES),
    "guardrail": ("*", _SCOPES),
    "usage": ("*", _IDENTITIES),
    "observation": ("*", _IDENTITIES),
    "owner": ("*", f"WHERE owner_id IN (SELECT owner_id FROM whole.ownership {_IDENTITIES})"),
    "ownership": ("*", _IDENTITIES),
    "access_path": (f"* REPLACE ({_FAR} lo_reason END AS lo_reason, {_FAR} hi_reason END AS hi_reason)", _SUBJECTS),
    "placement": ("*", _SUBJECTS),
    "subject": (
        f"""* REPLACE (
            CASE WHEN {_MINE} THEN identity_id ELSE '{OUTSIDE}' END AS identity_id,
            CASE WHEN {_MINE} THEN team END AS team, CASE WHEN {_MINE} THEN environment END AS environment, CASE WHEN {_MINE} THEN kind END AS kind)""",
        _SUBJECTS,
    ),
    "privilege": ("*", _IDENTITIES),
    "least_privilege": ("*", _IDENTITIES),
    "escalation": ("*", EMPTY),
    "vendor": ("*", EMPTY),
    "check_result": ("*", EMPTY),
    "check_count": ("*", EMPTY),
    "finding": ("*", f"{_SUBJECTS} WHERE identity_id IS NULL OR identity_id IN (FROM own.identity)"),
    "question": ("*", EMPTY),
    "question_item": ("*", EMPTY),
    "metric": ("*", EMPTY),
}
"""Table -> what is selected of it, and which rows: every table of the schema has its rule."""

DECISIONS = """
UPDATE decided.exception SET about = 'your accounts', reason = '', approver = '';
UPDATE decided.owner SET about = 'your accounts', note = NULL;
DELETE FROM decided.exception WHERE exception_id NOT IN (SELECT id FROM decided.about WHERE kind = 'exceptions');
DELETE FROM decided.owner WHERE owner_id NOT IN (SELECT id FROM decided.about WHERE kind = 'owners');
DELETE FROM decided.answer; DELETE FROM decided.action; DELETE FROM decided.target; DELETE FROM decided.problem;
"""
"""Of the decisions laid over it: exceptions and owners of their subjects, without what people wrote about the rest."""


class LimitedLake(Lake):
    """The workspace's lake for somebody who sees some accounts only. Every database that it opens is narrowed first."""

    def __init__(self, workspace: Path, accounts: Iterable[str]) -> None:
        super().__init__(workspace)
        self.accounts = frozenset(accounts)

    def snapshot(self, snapshot_id: str) -> Snapshot:
        """One snapshot, without what its manifest says of the whole estate."""
        found = super().snapshot(snapshot_id)
        details = {name: value for name, value in found.details.items() if name in SHOWN_DETAILS}
        return replace(found, tables={}, details=details)

    def attach(self, database: Database, snapshot: Snapshot, schema: str, *, kind: str = "VIEW") -> None:
        """The tables of a snapshot, narrowed, as tables of `main`. Raises StoreError for any other schema: nothing whole is given away."""
        if schema != "main":
            raise StoreError("comparing takes the whole estate, and you see some of its accounts")
        super().attach(database, snapshot, "whole")
        narrow(database, OWN + CROSSING, {"accounts": sorted(self.accounts)}, RULES)

    def load_seen(self, snapshot: Snapshot, database: Database) -> None:
        """Nothing is judged again for somebody who sees a part. Raises StoreError."""
        raise StoreError("judging again takes the whole estate, and you see some of its accounts")


def narrow(database: Database, own: str, params: Mapping[str, Any], rules: Mapping[str, tuple[str, str]]) -> None:
    """Make the tables of `main` from the views in the schema `whole`, which is gone afterwards. `own`: SQL that makes the schema of what is theirs."""
    database.script(own, params)
    for table in database.tables("whole"):
        what, which = rules.get(table, ("*", EMPTY))
        database.execute(f"CREATE TABLE main.{table} AS SELECT {what} FROM whole.{table} {which}")
    redact(database)
    database.execute("DROP SCHEMA whole CASCADE; DROP SCHEMA own CASCADE")


def forget_decisions(database: Database) -> None:
    """Of the decisions that were laid over a narrowed database, leave those that are about something in it."""
    database.script(DECISIONS)
