"""The verdicts on a database's GCP and Azure identities.

As in `aws.principals`, cost grows with distinct sets of grants, not with identities: sets are formed in SQL, each is judged once, and the
verdicts are joined back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inventory.database import Database
from scoring.least_privilege.azure import privilege as azure
from scoring.least_privilege.azure import roles as azure_roles
from scoring.least_privilege.gcp import privilege as gcp
from scoring.least_privilege.grants import Grant, Reach
from scoring.least_privilege.sql import statement
from scoring.least_privilege.verdict import Verdict

JUDGES: Mapping[str, type[azure.Judge] | type[gcp.Judge]] = {"azure": azure.Judge, "gcp": gcp.Judge}


def grantee_privileges(database: Database) -> None:
    """Add to `privilege` one row per GCP and Azure identity. `principal_privileges`, which empties the table, must have run before."""
    names = {role.role_id: role.name for role in azure_roles.standard().by_id.values()} | azure.DIRECTORY
    labels = {
        "role_ids": list(names),
        "role_names": list(names.values()),
        "of_directory": [role_id in azure.DIRECTORY for role_id in names],
    }
    database.script(statement("grant_sets"), labels)
    grants = {row.pop("grant_id"): _grant(row) for row in database.rows("SELECT * FROM judging.grant_kind ORDER BY grant_id")}
    sets = database.rows(
        "SELECT set_id, any_value(provider) AS provider, any_value(grants) AS grants FROM judging.grant_set GROUP BY set_id"
    )
    texts = {row["document_id"]: row["document"] for row in database.rows(TEXTS)}
    judges = {provider: JUDGES[provider](texts) for provider in sorted({row["provider"] for row in sets})}
    verdicts = [(row["set_id"], judges[row["provider"]].privilege_of([grants[number] for number in row["grants"]])) for row in sets]
    _record(database, verdicts, {grant.member: number for number, grant in grants.items()})
    database.execute("CREATE OR REPLACE TABLE judging.known_grants AS " + statement("known_grants"))
    database.script(statement("grant_privilege"))


TEXTS = """
    SELECT DISTINCT d.document_id, d.document
    FROM main.policy_document AS d
    JOIN judging.grant_kind AS k ON k.document_id = d.document_id
"""


def _grant(row: Mapping[str, Any]) -> Grant:
    return Grant(
        member="\t".join(str(value) for value in row.values()),
        via=row["via"],
        role_id=row["role_id"],
        document_id=row["document_id"] or None,
        reach=Reach(row["reach"]),
        place=str(row["number"]),
        conditional=row["conditional"],
    )


def _record(database: Database, verdicts: Sequence[tuple[str, Verdict]], numbers: Mapping[str, int]) -> None:
    rows = [
        {
            "set_id": set_id,
            "privilege": str(verdict.privilege),
            "reason": verdict.reason,
            "grants": [numbers[member] for member in verdict.documents],
        }
        for set_id, verdict in verdicts
    ]
    database.insert_rows("grant_verdict", rows, schema="judging")
