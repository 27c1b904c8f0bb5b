"""The list of Microsoft's own applications, and the script that makes it."""

from __future__ import annotations

import json
from importlib.resources import files

from collectors.azure.build_first_party import render
from collectors.azure.first_party import is_first_party
from tests.collectors.azure.shapes import guid


def test_the_list_is_made_of_ids_alone_sorted_and_counted() -> None:
    raw = [{"AppId": guid(2).upper(), "AppDisplayName": "b"}, {"AppId": guid(1)}, {"AppId": guid(1)}, {"AppId": "no id"}]
    text = render(json.dumps(raw))
    assert text.splitlines()[-1] == f"{guid(1)} {guid(2)}".replace("-", "")
    assert "# count 2" in text
    assert "MIT" in text


def test_the_committed_list_holds_as_many_ids_as_it_says_and_knows_microsoft_graph() -> None:
    text = (files("collectors.azure") / "first_party.txt").read_text(encoding="utf-8")
    ids = [app_id for line in text.splitlines() if not line.startswith("#") for app_id in line.split()]
    assert f"# count {len(ids)}\n" in text
    assert all(len(app_id) == 32 for app_id in ids)
    assert ids == sorted(set(ids))
    assert is_first_party("00000003-0000-0000-c000-000000000000", None)
    assert not is_first_party(None, None)
