"""The verdicts of a whole database: `policy_permission`, `privilege`, and who only assumes roles.

Cost grows with distinct policy sets, not with identities: sets are formed in SQL, each is judged once, and the verdicts are joined
back. Intermediate tables live in the schema `judging`, which is never published.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from inventory.database import Database
from scoring.least_privilege.aws.catalogue import Catalogue, standard
from scoring.least_privilege.aws.ceilings import NOTHING, Ceilings, ceilings
from scoring.least_privilege.aws.documents import Policy, permissions, read
from scoring.least_privilege.aws.privilege import privilege_of
from scoring.least_privilege.aws.resources import mentions_account
from scoring.least_privilege.sql import statement
from scoring.least_privilege.verdict import Verdict

ADMINISTRATOR = '{"Statement":{"Action":"*","Effect":"Allow","Resource":"*"}}'
"""The text of the AWS-managed policy AdministratorAccess, which AWS does not change."""

SETS = """
    SELECT set_id, account, any_value(members) AS members, any_value(service_linked) AS service_linked
    FROM judging.policy_set
    GROUP BY set_id, account
    ORDER BY set_id, account
"""

ELSEWHERE = """
    SELECT document_id FROM main.ceiling
    UNION
    SELECT document_id FROM main.resource_policy
    EXCEPT
    SELECT document_id FROM main.entitlement
"""
"""Documents that no identity holds: what they say of actions is no permission of anyone."""

HARMLESS = frozenset(
    "AWSSupportAccess AmazonDynamoDBReadOnlyAccess AmazonEC2ContainerRegistryReadOnly AmazonEC2ReadOnlyAccess "
    "AmazonRDSReadOnlyAccess AmazonS3ReadOnlyAccess AmazonSSMManagedInstanceCore CloudWatchAgentServerPolicy "
    "CloudWatchReadOnlyAccess IAMReadOnlyAccess ReadOnlyAccess SecurityAudit job-function/ViewOnlyAccess "
    "service-role/AWSLambdaBasicExecutionRole service-role/AWSLambdaVPCAccessExecutionRole".split()
)
"""AWS-managed policies without any action that makes an administrator: without their text, the level stays open below admin."""


def principal_privileges(database: Database, catalogue: Catalogue | None = None) -> None:
    """Fill `policy_permission` and `privilege` (one row per AWS identity) from entitlements, documents and coverage."""
    known = catalogue or standard()
    policies = policies_in(database)
    database.execute("DELETE FROM main.policy_permission")
    elsewhere = {row["document_id"] for row in database.rows(ELSEWHERE)}
    database.insert(permissions((policy for document_id, policy in policies.items() if document_id not in elsewhere), known))
    database.execute(statement("aws/policy_sets"))
    sets = database.rows(SETS)
    _record(database, _verdicts(sets, policies, known, ceilings(database, policies)))
    database.execute("DELETE FROM main.privilege")
    database.execute(statement("aws/privilege"))


def policies_in(database: Database) -> dict[str, Policy]:
    """Every policy text of a database, read: by document."""
    texts = database.rows("SELECT document_id, document FROM main.policy_document ORDER BY document_id")
    return {row["document_id"]: read(row["document_id"], row["document"]) for row in texts}


def only_assumes_roles(database: Database) -> None:
    """Make `judging.only_assumes_roles(identity_id, evidence)`: identities that may assume roles and certainly nothing else.

    Needs `principal_privileges` to have run. Identities whose policies may not all be known are left out.
    """
    database.execute(statement("aws/only_assumes_roles"))


def _verdicts(
    sets: Iterable[Mapping[str, Any]], policies: Mapping[str, Policy], catalogue: Catalogue, above: Ceilings
) -> Iterable[tuple[str, str, Verdict]]:
    """Set, account, verdict. A set whose text names no account is judged once for all accounts below the same ceiling."""
    judged: dict[tuple[str, str | None, int], Verdict] = {}
    particular: dict[str, bool] = {}
    naming: dict[int, bool] = {}
    for row in sets:
        set_id, members = row["set_id"], row["members"]
        ceiling = NOTHING if row["service_linked"] else above.of(row["account"])
        if set_id not in particular:
            particular[set_id] = any(_mentions_account(policy) for policy in members_of(members, policies, ("boundary", "identity")))
        if id(ceiling) not in naming:
            naming[id(ceiling)] = any(_mentions_account(policy) for level in (*ceiling.limits, ceiling.denying) for policy in level)
        named = particular[set_id] or naming[id(ceiling)]
        key = (set_id, row["account"] if named else None, id(ceiling))
        if key not in judged:
            identity, boundary = members_of(members, policies, ("identity",)), members_of(members, policies, ("boundary",))
            judged[key] = privilege_of(identity, boundary, account=key[1], catalogue=catalogue, ceiling=ceiling)
        yield set_id, row["account"], judged[key]


def members_of(members: Iterable[str], policies: Mapping[str, Policy], sides: tuple[str, ...]) -> list[Policy]:
    """The policies of a set's members, each written as `side document_id` or `side ?policy`, where the text is missing."""
    found = []
    for side, _, member in (entry.partition(" ") for entry in members):
        if side in sides:
            found.append(policy_of(member, policies))
    return found


def policy_of(member: str, policies: Mapping[str, Policy]) -> Policy:
    """A policy as a set names it: `document_id`, or `?policy` where the text is missing."""
    return policies.get(member) or _without_text(member)


def _without_text(member: str) -> Policy:
    name = member.removeprefix("?")
    partition, _, managed = name.partition(":iam::aws:policy/")
    if partition in ("arn:aws", "arn:aws-cn", "arn:aws-us-gov") and managed == "AdministratorAccess":
        return read(member, ADMINISTRATOR)
    return Policy(document_id=member, problem=f"the text of {name} was not in the evidence", harmless=managed in HARMLESS)


def _mentions_account(policy: Policy) -> bool:
    return any(mentions_account(statement.resources) for statement in policy.statements)


def _record(database: Database, verdicts: Iterable[tuple[str, str, Verdict]]) -> None:
    rows = [
        {
            "set_id": set_id,
            "account": account,
            "privilege": str(verdict.privilege),
            "reason": verdict.reason,
            "documents": list(verdict.documents),
            "only_assumes": verdict.only_assumes,
        }
        for set_id, account, verdict in verdicts
    ]
    database.execute(statement("aws/set_verdicts"))
    database.insert_rows("set_verdict", rows, schema="judging")
