"""Used against granted, and what to take away: the same three questions put to every provider's module.

    count_use   for all identities at once, when an assessment is judged: fills `least_privilege`
    review      everything that one identity holds, with the verdict on its use
    propose     what to take away from it, and how to go back

`review` and `propose` read the tables of `main` alone, so they answer from a published snapshot too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from inventory.database import Database
from scoring.least_privilege.aws import propose as aws_propose
from scoring.least_privilege.aws import use as aws_use
from scoring.least_privilege.azure import propose as azure_propose
from scoring.least_privilege.azure import use as azure_use
from scoring.least_privilege.gcp import propose as gcp_propose
from scoring.least_privilege.gcp import use as gcp_use
from scoring.least_privilege.use import Proposal, Review
from scoring.packs import Pack


class Counts(Protocol):
    """Adds one row per identity of the provider to `main.least_privilege`."""

    def __call__(self, database: Database, as_of: datetime, pack: Pack) -> None: ...


class Reviews(Protocol):
    """What one identity of the provider holds and uses."""

    def __call__(self, database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Review: ...


class Proposes(Protocol):
    """What to take away from one identity of the provider."""

    def __call__(self, database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Proposal: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The functions that answer for one provider."""

    counts: Counts
    review: Reviews
    propose: Proposes


PROVIDERS: Mapping[str, Provider] = {
    "aws": Provider(counts=aws_use.counts, review=aws_use.review, propose=aws_propose.propose),
    "gcp": Provider(counts=gcp_use.counts, review=gcp_use.review, propose=gcp_propose.propose),
    "azure": Provider(counts=azure_use.counts, review=azure_use.review, propose=azure_propose.propose),
}
"""One line a provider; an identity of any other one is answered with `unknown`."""


def count_use(database: Database, as_of: datetime, pack: Pack) -> None:
    """Fill `least_privilege`. Needs the merged tables and the `judging` tables that `principal_privileges` and `grantee_privileges` make."""
    database.execute("DELETE FROM main.least_privilege")
    present = {row["provider"] for row in database.rows("SELECT DISTINCT provider FROM main.identity")}
    for name, provider in PROVIDERS.items():
        if name in present:
            provider.counts(database, as_of, pack)
    database.execute(LEFT_OUT)


LEFT_OUT = """
    DELETE FROM main.least_privilege
    WHERE identity_id IN (SELECT identity_id FROM main.identity WHERE NOT in_scope OR human = 'human' OR kind = 'root')
"""
"""Nothing is proposed to people, and their permissions belong into no index of machine identities; nor does what a provider owns."""


def review(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Review:
    """Everything that one identity holds. Raises LookupError where there is no such identity."""
    name = _provider(database, identity_id)
    if name not in PROVIDERS:
        return Review(identity_id=identity_id, permissions=(), gaps=(f"what identities of {name} may do is not judged yet",))
    return PROVIDERS[name].review(database, identity_id, as_of, pack)


def propose(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Proposal:
    """What to take away from one identity. Raises LookupError where there is no such identity."""
    name = _provider(database, identity_id)
    if name not in PROVIDERS:
        summary = f"What identities of {name} may do is not judged yet: nothing is proposed."
        return Proposal(identity_id=identity_id, action="unknown", summary=summary, confidence="low", removed={})
    return PROVIDERS[name].propose(database, identity_id, as_of, pack)


def _provider(database: Database, identity_id: str) -> str:
    found = database.value("SELECT provider FROM identity WHERE identity_id = $id", {"id": identity_id})
    if found is None:
        raise LookupError(f"{identity_id}: no such identity")
    return str(found)
