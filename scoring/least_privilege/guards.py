"""Reasons to wait before anything is taken from an identity: the same in every cloud, each a sentence that a reviewer can check.

A guard holds back, it never hides: the proposal is shown all the same. What no source dates guards nothing here; whether there is
evidence of use at all is decided where the verdicts are.
"""

from __future__ import annotations

import re
from datetime import datetime

from scoring.packs import Pack

KEPT_FOR_THE_DAY = re.compile(
    r"break[-_ ]?glass|emergency|disaster|fail[-_ ]?over|fire[-_ ]?(call|fighter)|black[-_ ]?friday|christmas|seasonal|year[-_ ]?end"
    r"|(?<![a-z0-9])(dr|drp|bcp|recovery|stand[-_ ]?by|annual|yearly)(?![a-z0-9])"
)
"""Words of identities that are meant to lie idle, most days or most of the year: not having been used says nothing about them."""


PART = re.compile("glass|emerg|disas|fail|fire|frid|christ|season|year|annual|dr|bcp|recov|stand", re.IGNORECASE)
"""Part of one of these words: of most names a glance says that they hold none, and there may be many names."""


def guards(
    *,
    created_at: datetime | None,
    changed_at: datetime | None,
    window_days: int | None,
    name: str,
    purpose: str | None,
    as_of: datetime,
    pack: Pack,
) -> list[str]:
    """Why to wait with an identity.

    `changed_at`: the last change of any of its policies or grants. `window_days`: how far back the evidence of its use looks.
    `purpose`: what it is for, from its description or tags.
    """
    limit = int(pack.thresholds["unused_days"])
    found = []
    word = next((word for text in (name, purpose or "") if PART.search(text) and (word := KEPT_FOR_THE_DAY.search(apart(text)))), None)
    if word:
        found.append(f"its name or purpose says {word[0]!r}: it may be meant to lie idle; ask its owner")
    if created_at is not None and (age := (as_of - created_at).days) <= limit:
        found.append(f"it was created {_ago(age)}: what it needs may not have come up in less than {limit} days")
    if changed_at is not None and (age := (as_of - changed_at).days) <= limit:
        found.append(f"what it is granted was changed {_ago(age)}: what was added may not have come up in less than {limit} days")
    if window_days is not None and window_days < limit:
        found.append(f"the evidence of its use looks back {window_days} days: collect {limit} before anything is removed")
    return found


def apart(text: str) -> str:
    """Lower case, with the words of camel case apart: `CrmDRRole` says dr."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", text).lower()


def _ago(days: int) -> str:
    return f"{days} days ago" if days != 1 else "1 day ago"
