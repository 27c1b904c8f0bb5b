"""Shares as people read them."""

from __future__ import annotations

import pytest

from reports.views.shares import percent, share_text


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0 %"), (0.004, "<1 %"), (0.01, "1 %"), (0.494, "49 %"), (0.99, "99 %"), (0.9999, ">99 %"), (1.0, "100 %"), (None, "—")],
)
def test_none_and_all_are_said_only_where_it_is_so(share: float | None, said: str) -> None:
    assert percent(share) == said


def test_an_interval_is_one_number_where_both_round_to_it() -> None:
    assert share_text(0.051, 0.4) == "5–40 %"
    assert share_text(0.401, 0.402) == "40 %"
    assert share_text(0.95, 0.999) == "95 % to >99 %"
    assert share_text(0.001, 0.2) == "<1 % to 20 %"
    assert share_text(None, None) == "nothing to count"
