"""The package of the deck: its template put together from text files, the workbook behind each chart, and a file that is the same whenever written.

A PPTX is a ZIP of XML (ECMA-376). The template is kept as that XML, so that it can be read and reviewed; colours come from the palette.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from importlib.resources import files
from string import Template
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import xlsxwriter

from reports.exports import OPTIONS, write_cell
from reports.palette import LIGHT

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument"


class _Piece(NamedTuple):
    """One part of the template."""

    path: str
    source: str
    """File in reports/templates/deck."""
    kind: str
    """Content type, after what all have in common."""
    leads_to: tuple[tuple[str, str], ...] = ()
    """Kind of relation, and the part it leads to; ids are rId1, rId2, …"""


_LAYOUT, _THEME, _NOTES_THEME = "/ppt/slideLayouts/slideLayout1.xml", "/ppt/theme/theme1.xml", "/ppt/theme/theme2.xml"
_MASTER, _NOTES, _WHOLE = "/ppt/slideMasters/slideMaster1.xml", "/ppt/notesMasters/notesMaster1.xml", "/ppt/presentation.xml"
_EMPTY = ("presProps", "viewProps", "tableStyles")
"""Parts without which PowerPoint offers to repair the file."""

PIECES = (
    _Piece(
        _WHOLE, "presentation.xml", "presentationml.presentation.main+xml",
        (("slideMaster", _MASTER), ("theme", _THEME), ("notesMaster", _NOTES), *((name, f"/ppt/{name}.xml") for name in _EMPTY)),
    ),
    *(_Piece(f"/ppt/{name}.xml", f"{name}.xml", f"presentationml.{name}+xml") for name in _EMPTY),
    _Piece(_MASTER, "master.xml", "presentationml.slideMaster+xml", (("slideLayout", _LAYOUT), ("theme", _THEME))),
    _Piece(_LAYOUT, "layout.xml", "presentationml.slideLayout+xml", (("slideMaster", _MASTER),)),
    _Piece(_NOTES, "notes.xml", "presentationml.notesMaster+xml", (("theme", _NOTES_THEME),)),
    _Piece(_THEME, "theme.xml", "theme+xml"),
    _Piece(_NOTES_THEME, "theme.xml", "theme+xml"),
)  # fmt: skip

_FIRST = (1980, 1, 1, 0, 0, 0)
"""The date of every file in the package, the first that a ZIP can say."""

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def template() -> io.BytesIO:
    """A deck without slides, with one layout."""
    colours = {name: getattr(LIGHT, name)[1:] for name in ("background", "ink", "muted", "line", "band", "accent")}
    colours |= {f"s{stage}": colour[1:] for stage, colour in enumerate(LIGHT.stages, 1)}
    folder = files("reports") / "templates" / "deck"
    parts = {"[Content_Types].xml": _content_types(), "_rels/.rels": _relations((("officeDocument", _WHOLE),))}
    for piece in PIECES:
        parts[piece.path[1:]] = Template((folder / piece.source).read_text(encoding="utf-8")).substitute(colours)
        place, _, name = piece.path[1:].rpartition("/")
        if piece.leads_to:
            parts[f"{place}/_rels/{name}.rels"] = _relations(piece.leads_to)
    return io.BytesIO(_zipped({name: text.encode() for name, text in parts.items()}))


def _content_types() -> str:
    common = (("rels", "application/vnd.openxmlformats-package.relationships+xml"), ("xml", "application/xml"))
    defaults = "".join(f'<Default Extension="{ending}" ContentType="{kind}"/>' for ending, kind in common)
    own = "".join(f'<Override PartName="{piece.path}" ContentType="{_TYPE}.{piece.kind}"/>' for piece in PIECES)
    return f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{defaults}{own}</Types>'


def _relations(leads_to: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{path}"/>' for number, (kind, path) in enumerate(leads_to, 1)
    )
    return f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def workbook(categories: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], created: datetime) -> bytes:
    """The workbook of a chart, as python-pptx lays it out: categories down column A, a series in each column after it. Text is never a formula."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {**OPTIONS, "in_memory": True}) as book:
        book.set_properties({"created": created})
        sheet = book.add_worksheet()
        for row in range(len(categories) + 1):
            cells = [name if row == 0 else values[row - 1] for name, values in series]
            for column, cell in enumerate([None if row == 0 else categories[row - 1], *cells]):
                write_cell(sheet, row, column, cell, None)
    return file.getvalue()


def fixed(package: bytes) -> bytes:
    """A package with its parts in order and without the time at which it was written."""
    with ZipFile(io.BytesIO(package)) as found:
        return _zipped({name: found.read(name) for name in found.namelist()})


def _zipped(parts: dict[str, bytes]) -> bytes:
    """The list of content types stands first, as readers expect it."""
    file = io.BytesIO()
    with ZipFile(file, "w") as package:
        for name in sorted(parts):
            package.writestr(ZipInfo(name, _FIRST), parts[name], compress_type=ZIP_DEFLATED)
    return file.getvalue()
