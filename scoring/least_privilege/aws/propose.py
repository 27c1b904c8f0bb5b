"""What to take away from an AWS identity."""

from __future__ import annotations

from datetime import datetime

from inventory.store import Database
from scoring.least_privilege.use import Proposal
from scoring.packs import Pack


def propose(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Proposal:
    """What to take away from one identity."""
    return Proposal(identity_id=identity_id, action="unknown", summary="Not judged yet.", confidence="low", removed={})
