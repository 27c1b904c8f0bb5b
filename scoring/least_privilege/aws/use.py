"""Used against granted on AWS."""

from __future__ import annotations

from datetime import datetime

from inventory.store import Database
from scoring.least_privilege.use import Review
from scoring.packs import Pack


def counts(database: Database, as_of: datetime, pack: Pack) -> None:
    """Add one row per AWS identity to `main.least_privilege`."""


def review(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Review:
    """Everything that one identity holds."""
    return Review(identity_id=identity_id, permissions=(), gaps=("not judged yet",))
