"""The HTML report: self-contained, escaped, reproducible, and traceable to files and records."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from inventory.database import StoreError
from inventory.lake import Lake
from reports.render import render_html
from tests.reports.workspace import HOSTILE


class Outline(HTMLParser):
    """Tags and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.fixture(scope="module")
def page(lake: Lake) -> str:
    before, now = lake.snapshots()
    return render_html(lake, now.snapshot_id, before.snapshot_id)


def test_the_report_loads_nothing_and_runs_nothing(page: str) -> None:
    tags = Outline(page).tags
    assert not {"script", "img", "link", "iframe", "a", "form"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name in ("src", "href")]
    policy = next(attributes["content"] for tag, attributes in tags if tag == "meta" and "http-equiv" in attributes)
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "url(" not in page
    assert "@import" not in page


def test_a_hostile_name_is_printed_as_it_is(page: str) -> None:
    assert "<img src=https://beacon" not in page
    assert "onerror=alert" not in "".join(str(attributes) for _, attributes in Outline(page).tags)


def test_a_hostile_label_and_name_are_only_text(lake: Lake, page: str) -> None:
    from reports.render import _environment

    template = _environment().from_string("{{ name }}")
    assert template.render(name=HOSTILE).count("&lt;img") == 1
    assert lake.snapshots()[-1].label in page


def test_every_section_of_the_report_is_there(page: str) -> None:
    headings = re.findall(r"<h2>(.*?)</h2>", page)
    assert headings == [
        *(
            "Stage distribution",
            "Five questions",
            "Declared answers",
            "Top risks",
            "Least privilege",
            "Actions and expected gain",
            "Credentials that end or are old",
            "Ownership",
        ),
        *(
            "Change since Q2-2026",
            "Metrics",
            "Findings",
            "Compliance",
            "Coverage and what was missing",
            "Methodology",
            "Evidence index",
            "Sign-off",
        ),
    ]


def test_without_an_earlier_snapshot_there_is_no_change_section(lake: Lake) -> None:
    assert "Change since" not in render_html(lake, lake.snapshots()[-1].snapshot_id)


def test_the_report_names_snapshot_rules_and_the_hash_of_every_input(lake: Lake, page: str) -> None:
    snapshot = lake.snapshots()[-1]
    assert snapshot.snapshot_id in page
    assert snapshot.rules_version in page
    for digit in "0123":
        assert digit * 64 in page


def test_risks_are_traced_to_file_and_record(page: str) -> None:
    assert re.search(r"scans/gitleaks\.json <b>#</b> aws\.tf:3", page)


def test_least_privilege_says_the_index_what_stands_behind_it_and_where_to_start(page: str) -> None:
    assert "Permission-creep index: 57–85 of 100" in page
    assert "4 of 6 identities have evidence of use" in page
    section = page.split("<h2>Least privilege</h2>")[1].split("<h2>")[0]
    assert section.index("role-retired") < section.index("Narrow: take the unused away") < section.index("svc-vaulted")


def test_charts_have_a_title_and_a_description_and_print_their_numbers(page: str) -> None:
    charts = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert len(charts) == 3
    for chart in charts:
        assert re.search(r"<title>.+?</title><desc>.+?</desc>", chart)
    assert all(f">S{stage}<" in charts[0] for stage in range(1, 8))
    steps = re.findall(r">(S\d → S\d)<.*?>([^<]*paths?)<", charts[2])
    assert steps == [
        *(("S1 → S2", "92 % → 100 %, +1 path"), ("S2 → S3", "67 % → 75 %, +1 path"), ("S3 → S4", "50 % → 58 %, +1 path")),
        *(("S4 → S5", "42 % → 50 %, +1 path"), ("S5 → S6", "33 % → 42 %, +1 path"), ("S6 → S7", "8 % → 17 %, +1 path")),
    ]


def test_the_same_snapshots_give_the_same_bytes(lake: Lake, page: str) -> None:
    before, now = lake.snapshots()
    assert render_html(lake, now.snapshot_id, before.snapshot_id) == page


def test_an_unknown_snapshot_is_named_in_the_error(lake: Lake) -> None:
    with pytest.raises(StoreError, match="2020-01-01-nothing"):
        render_html(lake, "2020-01-01-nothing")
