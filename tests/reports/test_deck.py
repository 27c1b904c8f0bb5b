"""The board deck: five slides that hold what they say, native charts whose data is what was counted, and nothing that leads out of the file."""

from __future__ import annotations

import copy
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from pptx import Presentation
from pptx.util import Pt

from inventory.database import Database
from inventory.lake import Lake
from reports.content import Asked, Content
from reports.deck import CELL_MARGIN, render_deck
from reports.deck_package import workbook
from reports.deck_parts import PADDING, POINTS, Box, Grid, Line, Slide, Words, tall
from reports.deck_slides import slides
from reports.deck_text import fitted, lines, plain, width
from reports.formats import write_reports
from reports.palette import LIGHT
from tests.reports.drawn import notes_of, said
from tests.reports.workspace import Q3

ON = date(2026, 11, 29)
HARMFUL = ("=1+1", "@SUM(1+1)", "https://beacon.invalid/p.png", "<a:hlinkClick r:id='rId9'/>", "javascript:alert(1)", "${ink}")


@pytest.fixture(scope="module")
def told(lake: Lake) -> Content:
    return Asked(lake=lake, snapshot=lake.snapshots()[-1], on=ON).content


@pytest.fixture(scope="module")
def content(told: Content) -> bytes:
    return render_deck(told)


@pytest.fixture(scope="module")
def deck(content: bytes) -> Any:
    return Presentation(io.BytesIO(content))


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Content:
    lake = Lake(tmp_path_factory.mktemp("empty"))
    with Database.empty() as database:
        lake.publish(
            database, label="empty", as_of=Q3, rules_version="1", pack="default", created_at="2026-09-30T12:00:00+00:00", details={}
        )
    return Asked(lake=lake, snapshot=lake.snapshots()[-1], on=ON).content


@pytest.fixture(scope="module")
def harmful(told: Content) -> Content:
    """Names that mean to do harm, or do not fit, wherever a name may stand."""
    changed = copy.deepcopy(told)
    changed["snapshot"]["label"] = f"{HARMFUL[0]} {'W' * 300}\u202e\x00"
    changed["before"]["label"] = f"{HARMFUL[0]} {'W' * 300}"
    row = changed["risks"][0]
    changed["risks"] = [{**row, "subject_name": name, "reason": f"it is called {name}"} for name in HARMFUL[:3]]
    changed["headline"]["decisions"] = [{"text": f"decide on {name} {'n' * 300}", "figure": "failed"} for name in HARMFUL]
    changed["headline"]["verdict"]["text"] *= 9
    long = {"n": 123_456_789, "unknown": 123_456_789, "says": "nobody knows how long this becomes " * 9}
    changed["headline"]["figures"] = [{**figure, **(long if "says" in figure else {})} for figure in changed["headline"]["figures"]]
    return changed


def texts(deck: Any) -> Iterator[tuple[Any, str]]:
    """Every run of text on the slides, with its shape."""
    for slide in deck.slides:
        for shape in slide.shapes:
            cells = [cell.text_frame for row in shape.table.rows for cell in row.cells] if shape.has_table else []
            for frame in [*cells, *([shape.text_frame] if shape.has_text_frame else [])]:
                yield from ((run, said(run)) for line in frame.paragraphs for run in line.runs)


def charts(deck: Any) -> dict[str, Any]:
    """Charts by the name of their shape."""
    return {shape.name: shape.chart for slide in deck.slides for shape in slide.shapes if shape.has_chart}


def data(chart: Any) -> dict[str, list[float]]:
    return {series.name: list(series.values) for series in chart.plots[0].series}


def test_five_slides_say_in_their_title_what_they_show(deck: Any) -> None:
    titles = [said(slide.shapes.title.text_frame) for slide in deck.slides]
    assert titles == [
        "Mixed since Q2-2026: 1 subject certainly higher, 1 certainly lower",
        "Of 12 placed subjects, 6 may stand at stage 3 or lower and 6 stand at stage 4 or higher for certain.",
        "Since Q2-2026: 1 moved up, 1 moved down, 1 new, 0 retired; of 0 more only what we know changed",
        "1 of 7 questions are met for certain; 3 cannot be answered from the evidence supplied.",
        "4 decisions are asked. The step from S1 lifts most: 1 of 12 paths, and 92 % would become 100 % at S2 or above.",
    ]
    assert all(slide.shapes[0].is_placeholder and slide.shapes[0].shape_id == slide.shapes.title.shape_id for slide in deck.slides)


def test_charts_hold_the_rows_counted_by_hand(deck: Any) -> None:
    found = charts(deck)
    assert data(found["Subjects by stage"]) == {
        "Lower bound: certain": [1, 3, 2, 1, 1, 3, 1],
        "Upper bound: at best": [1, 1, 1, 2, 3, 1, 3],
    }
    assert list(found["Subjects by stage"].plots[0].categories)[:2] == ["S1 Unauthenticated Access", "S2 Hardcoded Credentials"]
    assert (list(found["Facts asked for"].plots[0].categories), data(found["Facts asked for"])) == (
        ["collected", "missing", "unreadable"],
        {"Facts asked for": [4, 3, 1]},
    )
    assert data(found["Subjects that differ, by cause"]) == {"Subjects": [0, 0, 0, 0, 1, 1, 1]}
    assert data(found["Share of subjects that meet each question, in percent"]) == {
        "Met": [0, 5, 20, 92, 0, 5, 0],
        "Not known": [5, 35, 0, 8, 100, 0, 0],
        "Not met": [95, 60, 80, 0, 0, 95, 0],
    }
    assert data(found["Access paths that each step would lift"]) == {"Paths lifted": [1, 1, 1, 1, 1, 1]}
    assert next(iter(found["Access paths that each step would lift"].plots[0].categories)) == "S1 → S2: 92 % → 100 %"


def test_the_workbook_behind_a_chart_is_its_data(deck: Any) -> None:
    assert len(charts(deck)) == 5
    for chart in charts(deck).values():
        head, *rows = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))["Sheet1"].iter_rows(values_only=True)
        assert [row[0] for row in rows] == list(chart.plots[0].categories)
        assert {name: [row[place] for row in rows] for place, name in enumerate(head) if place} == data(chart)


def test_a_workbook_holds_text_and_numbers_and_neither_formula_nor_link() -> None:
    made = workbook(HARMFUL, [("=cmd()", range(len(HARMFUL)))], datetime(2026, 11, 29))
    cells = [cell for row in openpyxl.load_workbook(io.BytesIO(made))["Sheet1"].iter_rows() for cell in row if cell.value is not None]
    assert [cell.value for cell in cells if cell.data_type == "s"] == ["=cmd()", *HARMFUL]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert not [cell for cell in cells if cell.hyperlink]


def test_stages_have_their_colours_their_names_and_their_numbers(deck: Any) -> None:
    chart = charts(deck)["Subjects by stage"]
    lower, upper = chart.plots[0].series
    assert [f"#{lower.points[stage].format.fill.fore_color.rgb}" for stage in range(7)] == list(LIGHT.stages)
    assert [f"#{upper.points[stage].format.line.color.rgb}" for stage in range(7)] == list(LIGHT.stages)
    assert {f"#{upper.points[stage].format.fill.fore_color.rgb}" for stage in range(7)} == {LIGHT.background}, "outlined, not filled"
    assert chart.plots[0].data_labels.show_value


def test_a_chart_and_a_table_say_what_they_show_to_who_cannot_see_them(deck: Any) -> None:
    frames = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart or shape.has_table]
    told = {shape.name: shape._element.nvGraphicFramePr.cNvPr.get("descr") for shape in frames}
    assert len(told) == 7
    assert all(text and len(text) > 40 for text in told.values())
    assert "Of 12 placed subjects, 6 may stand" in told["Subjects by stage"]
    assert "Q1 no, 0–5 %" in told["Share of subjects that meet each question, in percent"]
    tables = [shape.table for shape in frames if shape.has_table]
    assert [table.first_row for table in tables] == [True, True], "their first row is a header"


def test_every_number_of_a_chart_stands_in_the_notes(content: bytes) -> None:
    notes = notes_of(content)
    assert "S2 Hardcoded Credentials: lower bound 3, upper bound 1, both 1" in notes
    assert "Moved up (certainly higher than before): 1" in notes
    assert "Q2 Do we store secrets in a centralized secrets manager? unknown: 5–40 % (n 20, unknown 7)" in notes
    assert any(
        line.startswith("S1 Unauthenticated Access: Require authentication") and "1 path lifted; 92 % → 100 %" in line for line in notes
    )


def test_every_slide_says_its_snapshot_date_n_and_unknown(deck: Any, lake: Lake) -> None:
    feet = [said(shape.text_frame) for slide in deck.slides for shape in slide.placeholders if shape.placeholder_format.idx == 10]
    start = f"Snapshot {lake.snapshots()[-1].snapshot_id} · data as of 2026-09-30 · "
    assert [foot.removeprefix(start) for foot in feet] == [
        "n = 12 access paths, 5 without a single stage",
        "n = 12 subjects, 5 between two stages · E9–E22",
        "n = 13 subjects, of 0 only what we know changed · E34–E40",
        "n and unknown of each question stand beside it · E23–E29",
        "n = 12 access paths, 5 without a single stage",
    ]


def test_no_text_is_small_and_all_of_it_has_a_language(deck: Any) -> None:
    runs = [run for run, _ in texts(deck)]
    assert len(runs) > 100
    assert min(run.font.size for run in runs if run.font.size) == Pt(12)
    assert {run.font.language_id.name for run in runs} == {"ENGLISH_UK"}


def test_the_words_of_page_one_stand_on_the_slides(deck: Any, told: Content) -> None:
    words = " ".join(text for _, text in texts(deck))
    assert told["headline"]["verdict"]["text"] in words
    assert told["stage_takeaway"] in words
    assert all(row["text"] in words for row in told["headline"]["decisions"])
    assert "svc-deploy (S2, privilege admin): gitleaks found it in corp/orders and it is active" in words


def test_nothing_leads_out_of_the_file_and_nothing_runs(content: bytes) -> None:
    with ZipFile(io.BytesIO(content)) as package:
        relations = {name: package.read(name).decode() for name in package.namelist() if name.endswith(".rels")}
        assert len(relations) > 15
        assert "TargetMode" not in "".join(relations.values())
        targets = re.findall(r'Target="([^"]+)"', "".join(relations.values()))
        assert {target.split(":")[0] for target in targets} & {"http", "https", "file"} == set()
        assert not [name for name in package.namelist() if name.endswith((".bin", ".vml"))]
        shown = "".join(package.read(name).decode() for name in package.namelist() if name.endswith(".xml"))
    assert "hlinkClick" not in shown
    assert '<c:autoUpdate val="0"/>' in shown


def test_powerpoint_finds_nothing_to_repair(content: bytes) -> None:
    # What openxml-audit 0.8 found against the schema of ECMA-376 and what PowerPoint wants: python-pptx's own axes have negative ids.
    with ZipFile(io.BytesIO(content)) as package:
        relations = package.read("ppt/_rels/presentation.xml.rels").decode()
        axes = re.findall(
            r'<c:(?:axId|crossAx) val="([^"]+)"', "".join(package.read(f"ppt/charts/chart{one}.xml").decode() for one in range(1, 6))
        )
        assert package.namelist()[0] == "[Content_Types].xml"
    assert all(f"/{kind}" in relations for kind in ("presProps", "viewProps", "tableStyles", "theme", "notesMaster"))
    assert len(axes) == 30
    assert all(axis.isdigit() for axis in axes)


def test_the_file_is_dated_by_its_report_and_by_nothing_else(deck: Any, content: bytes, told: Content) -> None:
    about = deck.core_properties
    assert (about.title, about.author, about.language) == (
        "Machine identities, Q3-2026: where they stand",
        f"nhi-posture {told['tool']}",
        "en-GB",
    )
    assert about.created == about.modified == datetime(2026, 11, 29)
    packages = [content, *(chart.part.chart_workbook.xlsx_part.blob for chart in charts(deck).values())]
    for package in map(io.BytesIO, packages):
        with ZipFile(package) as found:
            assert {entry.date_time for entry in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            days = re.findall(rb"20\d\d-\d\d-\d\d", b"".join(found.read(name) for name in found.namelist() if name.startswith("docProps")))
            assert set(days) - {b"2026-09-30"} == {b"2026-11-29"}


def test_it_is_the_same_for_every_audience(lake: Lake, content: bytes, tmp_path: Path) -> None:
    asked = Asked(lake=lake, snapshot=lake.snapshots()[-1], on=ON, audience="board")
    [(_, path)] = write_reports(asked, ["pptx"], tmp_path)
    assert path.name == f"nhi-posture-{lake.snapshots()[-1].snapshot_id}.pptx"
    assert path.read_bytes() == content


def test_names_that_mean_to_do_harm_are_text_on_the_slides(harmful: Content) -> None:
    made = render_deck(harmful)
    deck = Presentation(io.BytesIO(made))
    words = " ".join(text for _, text in texts(deck))
    assert all(f"it is called {name}" in words for name in HARMFUL[:3])
    assert all(f"decide on {name}" in words for name in HARMFUL)
    assert "\u202e" not in words
    assert not [run for run, _ in texts(deck) if run.hyperlink.address]
    with ZipFile(io.BytesIO(made)) as package:
        assert not [name for name in package.namelist() if name.endswith(".rels") and b"TargetMode" in package.read(name)]


@pytest.fixture(params=["sample", "harmful", "empty"])
def drawn(request: pytest.FixtureRequest) -> list[Slide]:
    found: Content = request.getfixturevalue({"sample": "told"}.get(request.param, request.param))
    return slides(found)


def box_of(part: Any) -> Box:
    if not isinstance(part, Grid):
        found: Box = part.box
        return found
    height = part.head_height + part.row_height * len(part.rows)
    return Box(left=part.left, top=part.top, width=sum(column.width for column in part.columns), height=height)


def test_every_part_has_its_own_place_between_title_and_footer(drawn: list[Slide]) -> None:
    for slide in drawn:
        boxes = [box_of(part) for part in slide.parts]
        for box in boxes:
            assert box.left >= 0.6
            assert round(box.left + box.width, 2) <= 12.74
            assert box.top >= 1.58
            assert round(box.top + box.height, 2) <= 6.95
        for number, one in enumerate(boxes):
            for other in boxes[number + 1 :]:
                apart = one.left + one.width <= other.left or other.left + other.width <= one.left
                assert apart or round(one.top + one.height, 2) <= other.top or round(other.top + other.height, 2) <= one.top


def test_every_box_holds_its_text_whatever_it_says(drawn: list[Slide]) -> None:
    boxes = [part for slide in drawn for part in slide.parts if isinstance(part, Words)]
    assert len(boxes) > 12
    for words in boxes:
        room = (words.box.width - 2 * PADDING * words.filled) * POINTS
        shown = words.settled().lines
        taken = [lines(f"{line.lead} {line.text}".strip(), line.size, room, bold=line.bold) for line in shown]
        assert tall(shown, taken) <= (words.box.height - 2 * PADDING * words.filled) * POINTS


def test_rows_of_a_table_are_as_high_as_their_text(drawn: list[Slide]) -> None:
    for grid in (part for slide in drawn for part in slide.parts if isinstance(part, Grid)):
        assert max(column.rows for column in grid.columns) * grid.size * 1.2 <= grid.row_height * POINTS


def test_a_number_of_millions_stands_whole_in_its_cell(told: Content) -> None:
    grids = [part for slide in slides(told) for part in slide.parts if isinstance(part, Grid)]
    columns = {column.label: column for grid in grids for column in grid.columns}
    for label in ("Before", "Now", "Change", "n", "Unknown"):
        number = "-1,234,567" if label == "Change" else "3,456,789"
        assert fitted(plain(number), 12, (columns[label].width - 2 * CELL_MARGIN) * POINTS, 1) == plain(number)


def test_a_long_name_leaves_the_numbers_of_a_title_standing(harmful: Content) -> None:
    titles = [slide.title for slide in slides(harmful)]
    assert titles[0].endswith("…: 1 subject certainly higher, 1 certainly lower")
    assert lines(titles[0], 24, 12.13 * POINTS, bold=True) <= 2


def test_without_an_earlier_quarter_it_says_what_it_takes(empty: Content) -> None:
    first, _, change, *_ = slides(empty)
    assert first.title == "First look: no way in of any machine identity is known yet"
    assert change.title == "There is no earlier snapshot to compare with."
    (grid,) = (part for part in change.parts if isinstance(part, Grid))
    assert len(grid.rows) == 7
    assert any("nhi assess FOLDER" in line.text for part in change.parts if isinstance(part, Words) for line in part.lines)


def test_a_snapshot_of_nothing_has_five_slides_and_no_chart(empty: Content) -> None:
    deck = Presentation(io.BytesIO(render_deck(empty)))
    assert len(deck.slides) == 5
    assert charts(deck) == {}
    assert said(deck.slides[3].shapes.title.text_frame) == "No question was judged."


def test_where_no_stage_is_certain_the_evidence_to_supply_stands_in_place_of_steps(told: Content) -> None:
    settle = [{"to_settle": f"say where key {number} rests", "paths": 9 - number, "stage_lo": 2, "stage_hi": 5} for number in range(6)]
    last = slides({**told, "gains": [], "moves": {**told["moves"], "settle": settle}})[4]
    (words,) = (part for part in last.parts if part.name == "Evidence to supply" and isinstance(part, Words))
    assert [line.text for line in words.lines][1:] == [
        *(f"say where key {number} rests: {9 - number} paths, now S2–S5" for number in range(4)),
        "2 more left out here: the JSON report has them all.",
    ]


def test_what_cannot_be_compared_is_not_called_better(told: Content) -> None:
    changed = copy.deepcopy(told)
    changed["change"]["unsplit"] = "its rows are gone"
    changed["headline"]["verdict"] = {"word": "Not comparable", "text": "Whether anything got better cannot be told: its rows are gone."}
    first, _, third, *_ = slides(changed)
    assert first.title == "Not comparable: attained stage S2, 58.3 % of access paths placed exactly"
    assert third.title == "Whether anything got better cannot be told: its rows are gone."


def test_a_text_is_cut_where_one_can_see_it_and_no_sooner() -> None:
    assert width("il", 10) == pytest.approx(4.44)
    assert lines("one two three", 10, 1000) == 1
    assert lines("one two three", 10, 40) == 2, "by hand: `one two` is 35.0 points wide, with ` three` 60.6"
    assert fitted("one two three", 10, 40, 2) == "one two three"
    assert fitted("one two three", 10, 46, 1) == "one two…"
    assert lines("W" * 10, 10, 48) == 2, "five of 9.44 points fit a line"
    assert fitted("W" * 10, 10, 50, 1) == "WWWW…", "four and the ellipsis of 10 points"


def test_a_number_and_its_sign_stay_on_one_line_and_steering_marks_are_shown() -> None:
    assert plain("63 % before, 99 % → >99 %") == "63\u00a0% before, 99\u00a0%\u00a0→\u00a0>99\u00a0%"
    assert plain("known -86,020 since 2026-09-30, 5-7, --on -") == "known −86,020 since 2026-09-30, 5-7, --on -"
    assert plain("abc\u202egnp.exe\nnext\x00\ufffe") == r"abc\u{202e}gnp.exe next\u{0}\u{fffe}"


def test_the_longest_paragraph_of_a_box_gives_way_first() -> None:
    short, long = Line(text="short", rows=3), Line(text="long words " * 40, rows=9)
    settled = Words(name="x", box=Box(left=0, top=0, width=2, height=1), lines=(short, long)).settled()
    assert settled.lines[0].text == "short"
    assert settled.lines[1].text.endswith("…")
