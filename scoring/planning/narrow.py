"""The checked least-privilege proposals of AWS identities, as policies to put in the place of what is attached."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa

from inventory.database import Database
from scoring.least_privilege.aws.propose import propose
from scoring.least_privilege.aws.propose_policies import Plan, place_of, plan
from scoring.least_privilege.aws.propose_statements import Narrowing
from scoring.least_privilege.aws.use_subject import subject
from scoring.packs import Pack

SCHEMA = pa.schema([(name, pa.string()) for name in ("identity_id", "via", "policy_name", "policy_id", "document_id", "document")])

Rows = list[dict[str, str | None]]


def proposed(base: Database, identities: Sequence[str], as_of: datetime, pack: Pack) -> pa.Table:
    """One row per policy that remains or is new: `document` is its text where it is new. An identity without a proposal has no row."""
    rows: Rows = []
    for identity_id in identities:
        if propose(base, identity_id, as_of, pack).action in ("narrow", "wait"):
            rows += _policies(base, identity_id, as_of, pack)
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _policies(base: Database, identity_id: str, as_of: datetime, pack: Pack) -> Rows:
    one = subject(base, identity_id, as_of, pack, None)
    narrowing = Narrowing(
        catalogue=one.held.catalogue, unused=one.verdicts.unused, foreign=one.verdicts.foreign, services=one.verdicts.services
    )
    rows = list(_remaining(plan(one.attached, narrowing, place_of(identity_id))))
    # Of an identity from which everything goes, one row says that it is known, and no policy stands in it.
    return [{"identity_id": identity_id, **row} for row in rows or [{}]]


def _remaining(found: Plan) -> Iterator[dict[str, str | None]]:
    for kept in found.kept:
        if kept.via != "boundary":
            via = "inline" if kept.via.endswith("inline") else "managed"
            yield {
                "via": via,
                "policy_name": kept.name,
                "policy_id": kept.policy_id,
                "document_id": kept.document_id if kept.document else None,
                "document": None,
            }
    for entry in found.replaced:
        if entry.direct:
            old = entry.old
            yield {"via": "managed", "policy_name": old.name, "policy_id": old.policy_id, "document_id": old.document_id, "document": None}
        for new in entry.new:
            text = json.dumps(new.text, sort_keys=True, separators=(",", ":"))
            key = hashlib.sha256(text.encode()).hexdigest()[:32]
            via = "inline" if new.inline else "managed"
            yield {"via": via, "policy_name": new.name, "policy_id": None, "document_id": key, "document": text}
