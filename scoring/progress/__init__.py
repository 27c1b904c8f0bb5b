"""Progress between two snapshots: what differs, each point of it with exactly one cause.

Three judgements are compared: A, the earlier one as stored; A', its evidence judged by the rules of the later one; B, the later one.
`evidence.py` makes the three, SQL gives every unit that differs a cause, `headlines.py` splits each headline by cause.
"""

from __future__ import annotations

from typing import Final

CAUSES: Final = {
    "rules": "the rules, the policy pack or a threshold changed, not the estate",
    "scope": "an account came into what is covered or left it, or an identity came into scope or left it",
    "evidence": "only what we know changed, or nothing proves more",
    "retired": "gone or switched off, and its account was looked at in full",
    "new": "made or switched on since, in an account that was covered before",
    "moved_down": "certainly lower than before",
    "moved_up": "certainly higher than before",
}
"""Why something differs, in the order in which a headline is taken apart."""
