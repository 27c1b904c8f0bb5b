"""Which applications are Microsoft's own: they are listed, and never held against the tenant."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from collectors.azure.tenants import MICROSOFT

REASON = "a first-party application of Microsoft's"


def is_first_party(app_id: str | None, owner_tenant: str | None) -> bool:
    """By the tenant that owns it, or by its id: Microsoft registers applications in more tenants than it names."""
    return owner_tenant in MICROSOFT or (app_id is not None and app_id.replace("-", "") in _listed())


@cache
def _listed() -> frozenset[str]:
    text = (files(__package__) / "first_party.txt").read_text(encoding="utf-8")
    return frozenset(app_id for line in text.splitlines() if not line.startswith("#") for app_id in line.split())
