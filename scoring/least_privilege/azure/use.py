"""Used against granted on Azure and Entra: `counts` for all identities, `review` for one.

Rights are counted at the grain of `rights`: there is no list of Azure's operations, so a wildcard counts as the actions that built-in
roles name, those of custom roles and those seen. What a permission's verdict rests on is said in `verdicts`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from inventory.database import Database
from scoring.least_privilege.azure.counts import counts
from scoring.least_privilege.azure.effective import Held
from scoring.least_privilege.azure.reasons import permission_reason
from scoring.least_privilege.azure.subject import Subject, subject, window_of
from scoring.least_privilege.use import Permission, Review
from scoring.packs import Pack

__all__ = ["counts", "review"]

SEEN = """
    SELECT u.action, max(u.last_at) AS last_at, max(u.window_days) AS window_days, min(u.evidence) AS evidence
    FROM main.usage AS u
    WHERE u.identity_id = $identity AND u.action IS NOT NULL
    GROUP BY u.action
"""


def review(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Review:
    """Everything that one identity holds."""
    one = subject(database, identity_id, as_of, pack)
    seen = {row["action"].lower(): row for row in database.rows(SEEN, {"identity": identity_id})}
    permissions = sorted(_permissions(one, seen), key=lambda permission: (permission.service, permission.name))
    return Review(identity_id=identity_id, permissions=permissions, gaps=tuple(_gaps(one)))


def _gaps(one: Subject) -> Iterator[str]:
    if one.gap:
        yield one.gap
    for held in one.held:
        if held.via == "deny" and (held.conditional or held.document_id not in one.judge.texts):
            yield f"the deny assignment {held.title} may take some of this away: what it denies, and whom it spares, is not all in the evidence"


def _permissions(one: Subject, seen: Mapping[str, Mapping[str, Any]]) -> Iterator[Permission]:
    given = [(held, one.judge.given(held, one.held)) for held in one.held if held.via != "deny"]
    for bit, right in one.judge.rights.members(one.found.held.all):
        by = [held for held, mask in given if mask & bit]
        record = seen.get(right.name.lower())
        yield Permission(
            name=right.name,
            service=right.service,
            weight=right.weight,
            use=one.found.use(bit),
            granted_by=tuple(dict.fromkeys(_words(held) for held in by)),
            conditional=not bit & one.found.held.sure,
            last_at=record["last_at"] if record else None,
            window_days=window_of(by),
            reason=permission_reason(one.judge.rights, bit, by, one.found.use(bit), one.facts, record),
            evidence=(record["evidence"],) if record else tuple(dict.fromkeys(held.evidence for held in by))[:5],
        )


def _words(held: Held) -> str:
    first = "eligible for " if held.via == "eligible" else "delegated " if held.via == "delegated" else ""
    return f"{first}{held.title}" + (f" through group {held.group}" if held.group else "")
