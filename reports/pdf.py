"""The PDF report: a static typst template, the content as data. Tagged (PDF/UA-1), with the fonts of the compiler's wheel alone, so that the same
content gives the same bytes on every machine.

Data reaches the template as JSON and is never markup. Letters that no font of ours has are printed as their code, since a page that
cannot show a name must not hide it.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import typst

from reports import svg
from reports.blocks import NAME
from reports.content import Content
from reports.document import sections
from reports.first_page import first_page
from reports.palette import LIGHT

LETTERS = (
    *((0x20, 0x7E), (0xA1, 0xAC), (0xAE, 0x34E), (0x350, 0x36F), (0x38E, 0x3A1), (0x3A3, 0x482), (0x48A, 0x4FF), (0x1E00, 0x1EFF)),
    *((0x2010, 0x2027), (0x2030, 0x2040), (0x2044, 0x2052), (0x20A0, 0x20C0), (0x2190, 0x22FF), (0x2500, 0x25FF), (0xFB00, 0xFB06)),
)
"""Letters that the fonts have and that steer nothing. tests/reports/test_pdf.py sets each of them under PDF/UA."""

CODED = re.compile("[^" + "".join(f"\\u{first:04x}-\\u{last:04x}" for first, last in LETTERS) + "]")

LONGEST = 500
"""Characters of one text; a longer one is cut where one can see it."""

LONGEST_RUN = 160
"""Characters without a space, likewise."""

BREAK = "\u200b"
"""May end a line, and shows nothing."""

WIDE, NARROW = (20, 12), (10, 5)
"""Up to how many characters in a row stay together, and after how many a longer row may break: in a sentence, and in a column of names."""

JOINTS = "/:._\\-@,#=|;&?+\\[("
"""After these a word may always break."""


def render_pdf(content: Content) -> bytes:
    """The report as PDF."""
    return bytes(typst.compile(TEMPLATE, **_options(content), pdf_standards=["ua-1"], timestamp=_moment(content)))


def _options(content: Content) -> dict[str, Any]:
    return {"format": "pdf", "ignore_system_fonts": True, "sys_inputs": {"ctx": json.dumps(context(content))}}


TEMPLATE = (files("reports") / "templates" / "report.typ").read_bytes()


def _moment(content: Content) -> datetime:
    """The date of the data: the clock is not read."""
    return datetime.fromisoformat(content["snapshot"]["as_of"]).replace(tzinfo=UTC)


def context(content: Content) -> dict[str, Any]:
    """What the template draws: plain texts that fit the page, and charts."""
    moment, snapshot, first = _moment(content), content["snapshot"], first_page(content)
    words = {
        "title": first["document"],
        "footer": f"snapshot {snapshot['snapshot_id']} · data as of {snapshot['as_of'][:10]}",
        "page": first,
        "sections": [_labelled(section) for section in sections(content)],
    }
    shown: dict[str, Any] = fitted(words)
    charts = {
        "stages": _painted(svg.stage_rows(content["distribution"], content["stage_takeaway"])),
        "gains": _painted(svg.gain_bars(content["gains"], content["gain_takeaway"])),
    }
    if content["part"] is None:
        charts["questions"] = _painted(svg.question_bars(content["questions"], content["question_takeaway"]))
    return {**shown, "charts": charts, "colours": asdict(LIGHT), "date": [moment.year, moment.month, moment.day]}


def _labelled(section: dict[str, Any]) -> dict[str, Any]:
    """Marks of the evidence index are what the first page's links lead to."""
    for block in section["blocks"]:
        if section["id"] == "evidence" and block["kind"] == "table" and block["rows"] and str(block["rows"][0][0]) == "E1":
            block["labels"] = True
    return section


def fitted(value: Any) -> Any:
    """Every text in a structure as the page can show it."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [fitted(item) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("kind") == "table":
        narrow = [column["kind"] == NAME for column in value["columns"]]
        rows = [[_cell(cell, thin) for cell, thin in zip(row, narrow, strict=True)] for row in value["rows"]]
        return {**{name: fitted(item) for name, item in value.items() if name not in ("kind", "rows")}, "kind": "table", "rows": rows}
    return {name: item if name in ("kind", "name", "id") else fitted(item) for name, item in value.items()}


def _cell(cell: Any, narrow: bool) -> Any:
    return shown(cell, NARROW) if narrow and isinstance(cell, str) else fitted(cell)


def shown(text: str, breaks: tuple[int, int] = WIDE) -> str:
    """A text as it is printed: unknown letters as codes, what is long cut, and breaks allowed in what has no spaces."""
    most, step = breaks
    coded = CODED.sub(lambda found: " " if found[0] in "\n\t\u00a0" else f"\\u{{{ord(found[0]):x}}}", text)
    cut = _cut(re.sub(r"\S{20,}", lambda found: _cut(found[0], LONGEST_RUN), coded), LONGEST)
    joints = rf"(?<=\S)[{JOINTS}](?=\S)"
    row = rf"[^\s{JOINTS}]{{{most + 1},}}"
    inside = re.sub(row, lambda found: re.sub(rf"\S{{{step}}}(?=\S)", lambda part: part[0] + BREAK, found[0]), cut)
    return re.sub(rf"\S{{{most + 1},}}", lambda found: re.sub(joints, lambda part: part[0] + BREAK, found[0]), inside)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text):,} characters)"


def _painted(drawing: str) -> str:
    """A chart of the HTML report with the colours and the font that its classes stand for there."""
    rules = "".join(
        f".s{stage}{{fill:{colour}}}.o{stage}{{fill:none;stroke:{colour};stroke-width:1.5}}" for stage, colour in enumerate(LIGHT.stages, 1)
    )
    more = f".ink{{fill:{LIGHT.ink}}}.muted{{fill:{LIGHT.muted}}}.band{{fill:{LIGHT.band}}}.accent{{fill:{LIGHT.accent}}}.edge{{fill:{LIGHT.muted}}}"
    start = drawing.index(">") + 1
    return f"{drawing[:start]}<style>{rules}{more}text{{font-family:'Libertinus Serif'}}</style>{drawing[start:]}"
