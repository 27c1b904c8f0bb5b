"""One identity's permissions and the proposal for it, arranged for reading. What is used and what may go, scoring says."""

from __future__ import annotations

from difflib import unified_diff
from typing import Any

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views.evidence import Rows, located
from reports.views.summary import thresholds
from scoring.least_privilege.recommend import propose, review
from scoring.least_privilege.use import Change, Proposal, Review, Use
from scoring.packs import Pack, load_pack

IN_WORDS = {Use.USED: "used", Use.UNUSED: "unused", Use.LIKELY_UNUSED: "likely unused", Use.UNKNOWN: "not known"}
"""Verdicts as people read them."""


def judged_by(snapshot: Snapshot) -> Pack:
    """The thresholds that the snapshot was judged by, under the name it records; by default those that it does not record."""
    return Pack(name=snapshot.pack, title=snapshot.pack, thresholds={**load_pack("default").thresholds, **thresholds(snapshot)})


def permissions_of(database: Database, snapshot: Snapshot, identity_id: str) -> tuple[Review, Proposal]:
    """What an identity holds and what to take away, by the evidence and the thresholds of its snapshot. Raises LookupError."""
    pack = judged_by(snapshot)
    return review(database, identity_id, snapshot.as_of, pack), propose(database, identity_id, snapshot.as_of, pack)


def by_service(found: Review) -> Rows:
    """One row per service: permissions by verdict, those that change and that control; what is unused first."""
    services: dict[str, dict[str, Any]] = {}
    for permission in found.permissions:
        row = services.setdefault(
            permission.service, {"service": permission.service, "granted": 0, **dict.fromkeys(Use, 0), "last_at": None}
        )
        row["granted"] += 1
        row[permission.use] += 1
        row["last_at"] = max(filter(None, (row["last_at"], permission.last_at)), default=None)
    return sorted(services.values(), key=lambda row: (-row[Use.UNUSED], -row["granted"], row["service"]))


def permission_rows(found: Review, *, service: str | None = None, use: str | None = None) -> Rows:
    """Permissions of a service (all: None) with a verdict (any: None), by service and name."""
    return [
        {
            "name": permission.name,
            "use": IN_WORDS[permission.use],
            "weight": permission.weight.value,
            "reason": permission.reason,
            "last_at": permission.last_at,
            "window_days": permission.window_days,
            "granted_by": list(permission.granted_by),
            "conditional": permission.conditional,
            "evidence": [located(reference) for reference in permission.evidence],
        }
        for permission in found.permissions
        if service in (None, permission.service) and use in (None, IN_WORDS[permission.use])
    ]


def diff(change: Change) -> str:
    """A change as a unified diff; what is new or taken away stands against nothing."""
    return "\n".join(unified_diff(change.before.splitlines(), change.after.splitlines(), "now", "proposed", lineterm=""))
