"""The board deck: five slides as PPTX, with native charts that can be edited, a title that says what each slide says, and notes that trace its figures.

Draws what reports/deck_slides.py says where it says it, and counts nothing. The clock is not read: the same content gives the same bytes.
"""

from __future__ import annotations

import copy
import io
from datetime import datetime, time
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.enum.lang import MSO_LANGUAGE_ID
from pptx.enum.text import MSO_ANCHOR, MSO_AUTO_SIZE, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches, Pt

from reports.content import Asked, Content
from reports.deck_charts import KINDS, chart_data, colour, dress
from reports.deck_package import fixed, template
from reports.deck_parts import GAP, PADDING, POINTS, Bars, Box, Column, Grid, Line, Slide, Words
from reports.deck_slides import slides
from reports.deck_slides_change import LABEL
from reports.deck_text import coded, fitted, plain
from reports.first_page import short
from reports.palette import LIGHT

TITLE_SIZE, TITLE_WIDTH, TITLE_LINES = 24.0, 12.13, 2
"""As the master of the template sets it."""

FOOTER_WIDTH = 11.3

CELL_MARGIN = 0.05
"""Inches to the left and right of a cell's text."""

NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The table style of PowerPoint that draws nothing: lines are ours."""

NOTE = 1500
"""Letters of a paragraph of the notes."""


def write_deck(asked: Asked, folder: Path) -> Path:
    """Write the deck of a report and return it: the same five slides for every audience."""
    target = folder / f"nhi-posture-{asked.snapshot.snapshot_id}.pptx"
    target.write_bytes(render_deck(asked.content))
    return target


def render_deck(told: Content) -> bytes:
    """The content as PPTX."""
    deck = Presentation(template())
    created = datetime.combine(told["on"], time())
    for slide in slides(told):
        _draw(deck, slide, told, created)
    about = deck.core_properties
    about.title = f"Machine identities, {short(coded(told['snapshot']['label']), LABEL)}: where they stand"
    about.author = about.last_modified_by = f"nhi-posture {told['tool']}"
    about.subject = f"Snapshot {told['snapshot']['snapshot_id']}, data as of {told['snapshot']['as_of'][:10]}"
    about.language, about.revision = "en-GB", 1
    about.created = about.modified = created
    file = io.BytesIO()
    deck.save(file)
    return fixed(file.getvalue())


def _draw(deck: Any, slide: Slide, told: Content, created: datetime) -> None:
    layout = deck.slide_layouts[0]
    drawn = deck.slides.add_slide(layout)
    title, topic = drawn.shapes.title, drawn.placeholders[13]
    _say(title.text_frame, fitted(plain(slide.title), TITLE_SIZE, TITLE_WIDTH * POINTS, TITLE_LINES, bold=True))
    title.name, topic.name = "Title", "Topic"
    _say(topic.text_frame, fitted(plain(slide.topic), 12, TITLE_WIDTH * POINTS, 1, bold=True))
    for part in slide.parts:
        if isinstance(part, Words):
            _write(drawn, part)
        elif isinstance(part, Grid):
            _tabulate(drawn, part)
        else:
            _chart(drawn, part, created)
    snapshot = told["snapshot"]
    foot = f"Snapshot {snapshot['snapshot_id']} · data as of {snapshot['as_of'][:10]} · {slide.basis}"
    _foot(drawn, layout, fitted(plain(foot), 12, FOOTER_WIDTH * POINTS, 1))
    _note(drawn.notes_slide.notes_text_frame, slide.notes)


def _say(frame: Any, text: str, **style: Any) -> None:
    """One run of text in a frame that has none."""
    _run(frame.paragraphs[0], text, **style)


def _run(paragraph: Any, text: str, *, size: float | None = None, bold: bool | None = None, ink: str | None = None) -> None:
    run = paragraph.add_run()
    run.text = text
    run.font.language_id = MSO_LANGUAGE_ID.ENGLISH_UK
    if size:
        run.font.size = Pt(size)
    if bold is not None:
        run.font.bold = bold
    if ink:
        run.font.color.rgb = colour(getattr(LIGHT, ink))


def _write(drawn: Any, words: Words) -> None:
    shape = drawn.shapes.add_textbox(*_place(words.box))
    shape.name = coded(words.name)
    if words.filled:
        shape.fill.solid()
        shape.fill.fore_color.rgb = colour(LIGHT.band)
    frame = shape.text_frame
    frame.word_wrap, frame.auto_size = True, MSO_AUTO_SIZE.NONE
    margin = Inches(PADDING if words.filled else 0)
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = margin
    for number, line in enumerate(words.settled().lines):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.space_before = Pt(GAP if number else 0)
        _line(paragraph, line)


def _line(paragraph: Any, line: Line) -> None:
    if line.lead:
        _run(paragraph, f"{line.lead} ", size=line.size, bold=True, ink="accent")
    _run(paragraph, line.text, size=line.size, bold=line.bold, ink=line.ink)


def _place(box: Box) -> tuple[Any, Any, Any, Any]:
    return Inches(box.left), Inches(box.top), Inches(box.width), Inches(box.height)


def _chart(drawn: Any, bars: Bars, created: datetime) -> None:
    frame = drawn.shapes.add_chart(KINDS[bars.stacked], *_place(bars.box), chart_data(bars))
    _describe(frame, bars.name, bars.description)
    dress(frame.chart, bars, created)


def _describe(frame: Any, name: str, description: str) -> None:
    """A name, and the alternative text."""
    frame.name = coded(name)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", coded(description))


def _tabulate(drawn: Any, grid: Grid) -> None:
    height = grid.head_height + grid.row_height * len(grid.rows)
    box = Box(left=grid.left, top=grid.top, width=sum(column.width for column in grid.columns), height=height)
    frame = drawn.shapes.add_table(len(grid.rows) + 1, len(grid.columns), *_place(box))
    _describe(frame, grid.name, grid.description)
    table = frame.table
    table._tbl.tblPr.find("{*}tableStyleId").text = NO_STYLE
    table.horz_banding = False
    for number, column in enumerate(grid.columns):
        table.columns[number].width = Inches(column.width)
    lines = ((grid.head_height, tuple(column.label for column in grid.columns)), *((grid.row_height, row) for row in grid.rows))
    for row, (tall, texts) in enumerate(lines):
        table.rows[row].height = Inches(tall)
        for place, (column, text) in enumerate(zip(grid.columns, texts, strict=True)):
            _cell(table.cell(row, place), text, column, grid.size, head=row == 0)


def _cell(cell: Any, text: str, column: Column, size: float, *, head: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(CELL_MARGIN)
    cell.margin_top = cell.margin_bottom = Inches(0.01)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if column.number else PP_ALIGN.LEFT
    room = (column.width - 2 * CELL_MARGIN) * POINTS
    shown = fitted(plain(text), size, room, 1 if head else column.rows, bold=head)
    _run(paragraph, shown, size=size, bold=head, ink="accent" if head else "ink")
    edge = LIGHT.muted if head else LIGHT.line
    cell._tc.get_or_add_tcPr().append(
        parse_xml(f'<a:lnB {nsdecls("a")} w="{12700 if head else 6350}"><a:solidFill><a:srgbClr val="{edge[1:]}"/></a:solidFill></a:lnB>')
    )


def _foot(drawn: Any, layout: Any, text: str) -> None:
    """The footer and the number of the slide, which python-pptx leaves on the layout."""
    for found in layout.placeholders:
        if found.placeholder_format.idx in (10, 11):
            copied = copy.deepcopy(found._element)
            copied.nvSpPr.cNvPr.set("id", str(1 + max(shape.shape_id for shape in drawn.shapes)))
            drawn.shapes._spTree.append(copied)
    _say(next(shape for shape in drawn.placeholders if shape.placeholder_format.idx == 10).text_frame, text)


def _note(frame: Any, texts: tuple[str, ...]) -> None:
    for number, text in enumerate(texts):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        shown = coded(text)
        _run(paragraph, shown if len(shown) <= NOTE else f"{shown[:NOTE]}… ({len(shown):,} characters)")
