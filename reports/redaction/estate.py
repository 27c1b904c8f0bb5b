"""Rewrites the rows of a snapshot as they were read, by the rules of columns.py. All in SQL, which calls the rules on its texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from inventory.database import Database
from inventory.lake import Lake, Snapshot
from reports.redaction import policies
from reports.redaction.columns import rule_of
from reports.redaction.pseudonyms import Pseudonyms
from scoring.packs import DEFAULT, load_pack
from scoring.resolve import settled_aliases

COLUMNS = """
    SELECT column_name AS name, data_type = 'VARCHAR[]' AS listed FROM information_schema.columns
    WHERE table_schema = 'seen' AND table_name = $table AND data_type IN ('VARCHAR', 'VARCHAR[]') ORDER BY ordinal_position
"""

OWN = """
    SELECT scope FROM seen.account UNION SELECT scope FROM seen.identity WHERE provider = 'aws' UNION SELECT scope FROM seen.source
"""

PATTERNS = "SELECT document AS text FROM seen.policy_document"

MANAGED = r"""
    SELECT DISTINCT policy_name AS name FROM seen.entitlement
    WHERE regexp_full_match(policy_id, 'arn:aws[a-z-]*:(iam|eks)::aws:[a-z-]+/.*') AND policy_id LIKE '%/' || policy_name
"""
"""Names of policies that are AWS's own."""


MICROSOFT = re.compile(r"microsoft\.[a-z.]+", re.IGNORECASE)


class Rewriter:
    """The rules for some snapshots of one lake, under one key: what is one thing in two of them keeps one pseudonym."""

    def __init__(self, key: bytes, lake: Lake, snapshots: Iterable[Snapshot]) -> None:
        own: set[str] = set()
        found: set[tuple[str, str]] = set()
        self._managed: set[str] = set()
        self._aliases: dict[str, list[tuple[str, str]]] = {}
        sources: set[str] = set()
        for snapshot in snapshots:
            with Database.empty() as database:
                lake.load_seen(snapshot, database)
                own |= {row["scope"] for row in database.rows(OWN) if row["scope"]}
                self._managed |= {row["name"] for row in database.rows(MANAGED)}
                sources |= {row["source_id"] for row in database.rows("SELECT source_id FROM seen.source")}
                for batch in database.batches(PATTERNS):
                    for row in batch:
                        found.update(policies.stems(row["text"]))
                limit = int(load_pack(DEFAULT).thresholds["iam_max_age_days"])  # says nothing of aliases
                self._aliases[snapshot.snapshot_id] = settled_aliases(database, as_of=snapshot.as_of, max_age_days=limit)
        self.names = Pseudonyms(key, own_accounts=own, stems=found)
        self._actions = frozenset(key.partition(":")[2] for key in self.names.known.aws_actions)
        self.places = {source_id: f"s{place:04d}/" for place, source_id in enumerate(sorted(sources), start=1)}

    def rewrite(self, database: Database, snapshot_id: str) -> None:
        """Rewrite the tables of `seen`, which are this snapshot's."""
        self.register(database)
        self._settle(database, self._aliases[snapshot_id])
        for table in database.tables("seen"):
            changed = [
                f"{self._call(table, column['name'], column['listed'])} AS {column['name']}"
                for column in database.rows(COLUMNS, {"table": table})
            ]
            if changed:
                database.execute(f"CREATE OR REPLACE TABLE seen.{table} AS SELECT * REPLACE ({', '.join(changed)}) FROM seen.{table}")

    def _settle(self, database: Database, aliases: list[tuple[str, str]]) -> None:
        """Of the identities that share an alias leave the one that it means: the rules take the first by name, and names change."""
        for alias, identity_id in aliases:
            database.execute("DELETE FROM seen.alias WHERE alias = $alias AND identity_id <> $id", {"alias": alias, "id": identity_id})

    def _call(self, table: str, column: str, listed: bool) -> str:
        function = f"redacted_{rule_of(table, column)}"
        return f"list_transform({column}, lambda e: {function}(e))" if listed else f"{function}({column})"

    def register(self, database: Database) -> None:
        """Let SQL call the rules: `redacted_name(…)`."""
        for rule, function in self.rules.items():
            database.function(f"redacted_{rule}", function)

    @property
    def rules(self) -> dict[str, Callable[[str], str]]:
        """Rule -> what it makes of a text."""
        names, known = self.names, self.names.known
        services = known.aws_services | known.gcp_services
        return {
            "name": names.name,
            "titled": names.titled,
            "sentence": names.sentence,
            "withheld": names.withheld,
            "condition": names.condition,
            "document": lambda text: policies.document(text, names),
            "operation": lambda text: policies.operation(text, names),
            "policy": lambda text: text if text in self._managed else policies.role(text, names),
            "granted_on": lambda text: text if text == "Microsoft Graph" else names.name(text),
            "kind": lambda text: text if text in known.kinds or self._is_asset(text) else names.name(text),
            "format": lambda text: text if re.fullmatch(r"[a-z0-9-]+", text) else names.name(text),
            "region": lambda text: text if text.lower() in known.regions else names.name(text),
            "environment": lambda text: text if text.lower() in known.environments else names.name(text),
            "service": lambda text: text if text.lower() in services or MICROSOFT.fullmatch(text) else names.name(text),
            "action": lambda text: text if text.lower() in self._actions else policies.operation(text, names),
            "source": self.source,
            "evidence": self.evidence,
        }

    def _is_asset(self, kind: str) -> bool:
        """`bigquery_dataset`: GCP's type of an asset, as our collectors write it."""
        return re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)+", kind) is not None and kind.partition("_")[0] in self.names.known.gcp_services

    def source(self, source_id: str) -> str:
        """`s0007/…`: the place among the sources of these snapshots, and the path."""
        return self.places.get(source_id, "") + self.names.name(source_id)

    def evidence(self, text: str) -> str:
        """`<source>#<record>`."""
        source, hash_sign, record = text.partition("#")
        return self.source(source) + hash_sign + self.names.name(record)

    def warning(self, text: str) -> str:
        """A warning of the manifest: `<record>: <what about it>`."""
        record, colon, said = text.partition(": ")
        if record.partition("#")[0] in self.places:
            return self.evidence(record) + colon + self.names.sentence(said)
        return self.names.sentence(text)

    @property
    def given(self) -> dict[str, str]:
        """Part -> pseudonym of everything that was rewritten so far."""
        return self.names.parts.given
