"""The verdicts on a database's GCP and Azure identities.

As in `principals`, cost grows with distinct sets of grants, not with identities: sets are formed in SQL, each is judged once, and the
verdicts are joined back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from inventory.store import Database
from scoring.least_privilege import azure, azure_roles, gcp, gcp_roles
from scoring.least_privilege.grants import Grant, parse
from scoring.least_privilege.principals import statement
from scoring.least_privilege.privilege import Verdict


def grantee_privileges(database: Database) -> None:
    """Add to `privilege` one row per GCP and Azure identity. `principal_privileges`, which empties the table, must have run before."""
    database.script(statement("grant_sets"))
    sets = database.rows(
        "SELECT provider, set_id, any_value(members) AS members FROM judging.grant_set GROUP BY provider, set_id ORDER BY provider, set_id"
    )
    texts = {
        row["document_id"]: row["document"]
        for row in database.rows(
            "SELECT DISTINCT d.document_id, d.document FROM judging.placed_grant AS g JOIN main.policy_document AS d ON d.document_id = g.document_id"
        )
    }
    judges = _judges(texts)
    verdicts = [
        (row["provider"], row["set_id"], judges[row["provider"]]([parse(member) for member in row["members"]]))
        for row in sets
    ]
    _record(database, verdicts)
    if any(row["provider"] == "azure" for row in sets):
        _name_roles(database)
    database.script(statement("grant_privilege"))


def _judges(texts: dict[str, str]) -> dict[str, Callable[[list[Grant]], Verdict]]:
    """How each provider's grants are judged; catalogues are read when they are first needed."""
    azure_judge: list[azure.Judge] = []
    gcp_roles_read: dict[tuple[str, str], gcp_roles.Role] = {}

    def of_azure(grants: list[Grant]) -> Verdict:
        if not azure_judge:
            azure_judge.append(azure.Judge(texts))
        return azure_judge[0].privilege_of(grants)

    def of_gcp(grants: list[Grant]) -> Verdict:
        return gcp.privilege_of(grants, texts, read=gcp_roles_read)

    return {"azure": of_azure, "gcp": of_gcp}
