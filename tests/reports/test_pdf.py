"""The PDF report: tagged, self-contained, dated by its data, bounded in length, and able to show any name."""

from __future__ import annotations

import copy
import io
import json
from datetime import date
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from inventory.lake import Lake
from reports.blocks import ROWS, TEXT, table
from reports.content import Asked
from reports.pdf import BREAK, LETTERS, NARROW, render_pdf, shown

LETTER_TEST = b"""#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), lang: "en")
#set document(title: "letters")
= Letters
#json(bytes(sys.inputs.ctx)).join(" ")
#text(font: "DejaVu Sans Mono", json(bytes(sys.inputs.ctx)).join(" "))"""


@pytest.fixture(scope="module")
def reader(lake: Lake) -> PdfReader:
    return PdfReader(io.BytesIO(render_pdf(Asked(lake=lake, snapshot=lake.snapshots()[-1], on=date(2026, 11, 29)).content)))


def test_every_letter_that_is_not_coded_can_be_set() -> None:
    letters = [f"a{chr(code)}" for first, last in LETTERS for code in range(first, last + 1)]
    made = typst.compile(
        LETTER_TEST,
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        sys_inputs={"ctx": json.dumps([*letters, f"a{BREAK}b"])},
    )
    assert made.startswith(b"%PDF")


def test_the_file_is_tagged_titled_and_dated_by_its_data(reader: PdfReader) -> None:
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert "pdfuaid" in root["/Metadata"].get_data().decode()
    assert reader.metadata is not None
    assert reader.metadata.title == "Machine identities, Q3-2026: where they stand"
    assert str(reader.metadata["/CreationDate"]) == "D:20260930000000Z"


def test_headings_are_an_outline_and_every_page_says_which_snapshot_and_page_it_is(reader: PdfReader, lake: Lake) -> None:
    outline: list[Any] = reader.outline
    titles = [entry["/Title"] for part in outline for entry in (part if isinstance(part, list) else [part])]
    assert {"Where our machine identities stand", "Decisions asked", "Evidence index", "Sign-off"} <= set(titles)
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert lake.snapshots()[-1].snapshot_id in text
        assert f"{number} / {len(reader.pages)}" in text


def test_the_summary_is_one_page_and_leads_to_the_evidence_index(reader: PdfReader) -> None:
    assert "Decisions asked" in reader.pages[0].extract_text()
    assert reader.pages[1].extract_text().lstrip().startswith("Stage distribution")
    links: Any = reader.pages[0]["/Annots"]
    assert len(links) >= 11


def test_the_summary_stays_on_one_page_however_long_what_it_says_is(lake: Lake) -> None:
    told = copy.deepcopy(Asked(lake=lake, snapshot=lake.snapshots()[-1], on=date(2026, 11, 29)).content)
    told["snapshot"]["label"] = "a long label " * 20
    for row in (*told["risks"], *told["moves"]["settle"]):
        row.update({name: "words and names " * 60 for name in ("subject_name", "reason", "to_settle") if name in row})
    head = told["headline"]
    head["moves"] = ["a move that is told at length " * 12] * 3
    head["decisions"] = [{"text": "a decision with a long name in it, " * 12, "figure": "failed"}] * 6
    pages = PdfReader(io.BytesIO(render_pdf(told))).pages
    assert pages[0].extract_text().count("…") >= 14, "what is cut shows it"
    assert pages[1].extract_text().lstrip().startswith("Stage distribution")


def test_nothing_is_fetched_run_or_attached(reader: PdfReader) -> None:
    root: Any = reader.trailer["/Root"]
    assert not {"/OpenAction", "/AA", "/Names", "/AcroForm"} & root.keys()
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            assert "/URI" not in annotation.get_object().get("/A", {})


def test_a_text_without_spaces_may_break_and_a_longer_one_is_cut_where_one_can_see_it() -> None:
    assert shown("arn:aws:iam::111122223333:role/deploy").replace(BREAK, "") == "arn:aws:iam::111122223333:role/deploy"
    assert max(map(len, shown("x" * 100).split(BREAK))) <= 12
    assert max(map(len, shown("W" * 40, NARROW).split(BREAK))) <= 5
    assert shown("y" * 4096).replace(BREAK, "") == f"{'y' * 160}… (4,096 characters)"
    assert shown("a plain sentence, as it is") == "a plain sentence, as it is"


def test_a_table_is_bounded_and_counts_what_it_leaves_out() -> None:
    block = table("Names", {"Name": (TEXT, 1)}, [[str(number)] for number in range(1000)], rest="`nhi findings` lists all")
    assert len(block["rows"]) == ROWS
    assert block["left_out"] == f"{1000 - ROWS:,} more left out here: `nhi findings` lists all."
    assert table("Names", {"Name": (TEXT, 1)}, [["a"]], total=7)["left_out"].startswith("6 more")
    assert table("Names", {"Name": (TEXT, 1)}, [["a"]])["left_out"] == ""
