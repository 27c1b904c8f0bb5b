"""Tags as a company really has them: mostly there, some missing, some spelled otherwise, some naming people who left."""

from __future__ import annotations

from generator.chance import percent, pick
from generator.company import COST_CENTRES, DEPARTED, PEOPLE, Quarter, email

MISSING = {2: 26, 3: 11}
"""Per cent of identities without an owner tag, by quarter: an assignment drive ran in the third."""
STALE = {2: 10, 3: 5}
"""Per cent whose owner has left."""


def owner(quarter: Quarter, team: str, identity: str) -> str | None:
    """E-mail of the owner; None: no tag."""
    roll = percent("owner", identity)
    missing, stale = MISSING[quarter.number], STALE[quarter.number]
    if team == "document-ai":
        return None if roll < 50 else email(PEOPLE[team][0])  # a new team, not yet in the habit
    if roll < missing:
        return None
    if 30 <= roll < 30 + stale:
        return email(DEPARTED[team])
    return email(pick(PEOPLE[team], "owner-of", identity))


def tags(quarter: Quarter, *, team: str, environment: str, service: str, identity: str) -> dict[str, str]:
    """Tags of one identity. About one in sixteen has none at all."""
    if percent("tagged", identity) < 6:
        return {}
    found = {}
    person = owner(quarter, team, identity)
    if person:
        found["owner"] = person
    found["team"] = team
    if percent("environment-tag", identity) >= 8:
        found["environment"] = environment
    found["service"] = service
    if percent("cost", identity) < 60:
        found["cost-centre"] = COST_CENTRES[team]
    if percent("spelling", identity) < 9:  # made by hand before the tag policy
        return {key.title(): value for key, value in found.items()}
    return found
