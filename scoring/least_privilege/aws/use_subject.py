"""One AWS identity, read from the merged tables of an assessment or of a published snapshot: its policies, its use, the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from inventory.database import Database
from scoring.least_privilege.aws.catalogue import Catalogue, standard
from scoring.least_privilege.aws.ceilings import ceilings
from scoring.least_privilege.aws.documents import Statement, read
from scoring.least_privilege.aws.use_held import Held, held_by
from scoring.least_privilege.aws.use_verdicts import Pattern, Seen, Verdicts, verdicts
from scoring.least_privilege.sql import statement
from scoring.packs import Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """A policy that an identity holds."""

    via: str
    """inline, managed, group_inline, group_managed, boundary"""
    name: str
    policy_id: str | None
    """ARN of a managed policy."""
    group: str | None
    document_id: str
    """`?` and the policy's name, where its text is not in the evidence."""
    document: str | None
    """Canonical JSON."""
    evidence: str

    @property
    def title(self) -> str:
        """In words: `inline policy deploy`."""
        of_group = f" of group {self.group}" if self.group else ""
        if self.via == "boundary":
            return f"permission boundary {self.name}"
        return f"{self.via.removeprefix('group_')} policy {self.name}{of_group}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the records say of a service or action."""

    last_at: datetime | None
    window_days: int | None
    evidence: str


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One identity under judgement."""

    identity_id: str
    facts: Mapping[str, Any]
    """The row of use_facts."""
    attached: Sequence[Attached]
    """Its policies, the boundary too, by way and name."""
    held: Held
    pattern: Pattern
    records: Mapping[tuple[str, str], Record]
    """By service and action; the action is empty for the service as a whole."""
    verdicts: Verdicts
    gap: str | None
    """Why what it holds is not known."""
    above: str | None
    """Why the organisation may leave it less than is listed."""

    def policies_of(self, one: Statement) -> Sequence[Attached]:
        """The policies whose text has a statement."""
        return [policy for policy in self.attached if policy.document_id == one.document_id]


def limits(as_of: datetime, pack: Pack) -> dict[str, Any]:
    """The parameters of use_facts and use_seen, but for the identity."""
    thresholds = pack.thresholds
    return {"as_of": as_of, "unused_days": int(thresholds["unused_days"]), "max_age_days": int(thresholds["iam_max_age_days"])}


def subject(database: Database, identity_id: str, as_of: datetime, pack: Pack, catalogue: Catalogue | None = None) -> Subject:
    """Read and judge one identity. Raises LookupError where AWS has none of this id."""
    known = catalogue or standard()
    bounds = {**limits(as_of, pack), "identity": identity_id}
    found = database.rows(statement("aws/use_facts"), bounds)
    if not found:
        raise LookupError(f"{identity_id}: no such AWS identity")
    attached = [Attached(**row) for row in database.rows(ATTACHED, {"identity": identity_id})]
    members = dict.fromkeys(f"{'boundary' if one.via == 'boundary' else 'identity'} {one.document_id}" for one in attached)
    above, account = ceilings(database), identity_id.split(":")[4]
    texts = {one.document_id: read(one.document_id, one.document) for one in attached if one.document}
    held = held_by(members, texts, known, above.of(account))
    rows = database.rows(statement("aws/use_seen"), bounds)
    pattern = Pattern(
        seen=tuple(sorted(Seen(row["service"], row["action"], row["seen"] == "recent") for row in rows)),
        complete=found[0]["complete"],
        own_use=found[0]["own_use"],
    )
    return Subject(
        identity_id=identity_id,
        facts=found[0],
        attached=attached,
        held=held,
        pattern=pattern,
        records={
            (row["service"], row["action"]): Record(last_at=row["last_at"], window_days=row["window_days"], evidence=row["evidence"])
            for row in rows
        },
        verdicts=verdicts(pattern, known),
        gap=_gap(database, found[0]) or held.gap,
        above=above.gap(account),
    )


def _gap(database: Database, facts: Mapping[str, Any]) -> str | None:
    """Why it may hold more than its policies show, as the assessment found it."""
    if facts["left_out"]:
        return f"it is not judged: {facts['left_out']}"
    told = database.rows("SELECT granted, reason FROM least_privilege WHERE identity_id = $identity", {"identity": facts["identity_id"]})
    if not told:
        return "this snapshot does not say whether all of its policies are known: assess the evidence again"
    return str(told[0]["reason"]) if told[0]["granted"] is None else None


ATTACHED = """
    SELECT
        e.via, e.policy_name AS name, e.policy_id, e.group_name AS "group",
        CASE WHEN d.document_id IS NULL THEN '?' || coalesce(e.policy_id, e.policy_name) ELSE e.document_id END AS document_id,
        d.document, min(e.evidence) AS evidence
    FROM entitlement AS e
    LEFT JOIN policy_document AS d ON d.document_id = e.document_id
    WHERE e.identity_id = $identity AND e.via IN ('inline', 'managed', 'group_inline', 'group_managed', 'boundary')
    GROUP BY ALL
    ORDER BY e.via, e.policy_name, e.group_name, e.policy_id
"""
