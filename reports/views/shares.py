"""Shares as people read them, rounded in one place: 0 % and 100 % are printed only where it is exactly none and exactly all."""

from __future__ import annotations


def whole(share: float) -> str:
    """A share between 0 and 1 in whole percents, without the sign."""
    if 0 < share < 0.01:
        return "<1"
    return ">99" if 0.99 < share < 1 else f"{100 * share:.0f}"


def percent(share: float | None) -> str:
    """A share as a percentage; a dash where there was nothing to count."""
    return "—" if share is None else f"{whole(share)} %"


def share_text(low: float | None, high: float | None) -> str:
    """A share as an interval of whole percents; one number where both round to it."""
    if low is None or high is None:
        return "nothing to count"
    first, last = whole(low), whole(high)
    if first == last:
        return f"{first} %"
    return f"{first}–{last} %" if (first + last).isdigit() else f"{first} % to {last} %"
