"""The formats of a report. A new one is a line of FORMATS: `nhi report --format` and the page Reports both offer what stands here."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from reports.content import Asked, Content
from reports.machine import render_json
from reports.markdown import render_markdown
from reports.pdf import render_pdf
from reports.render import html
from reports.worklist import write_xlsx
from reports.worklist_csv import write_csv

PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Writer = Callable[[Asked, Path], Path]
"""Writes the report that is asked for into a folder that exists, and returns the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format."""

    name: str
    title: str
    mime: str
    write: Writer


def drawn(ending: str, draw: Callable[[Content], bytes]) -> Writer:
    """The writer of a format that draws the content, which is worked out once for all of them."""

    def write(asked: Asked, folder: Path) -> Path:
        target = folder / asked.file(ending)
        target.write_bytes(draw(asked.content))
        return target

    return write


def deck(asked: Asked, folder: Path) -> Path:
    """The writer of the board deck."""
    from reports.deck import write_deck  # noqa: PLC0415  half a second that most runs do not need

    return write_deck(asked, folder)


FORMATS = (
    Format(name="html", title="HTML: one self-contained file", mime="text/html", write=drawn("html", lambda told: html(told).encode())),
    Format(name="pdf", title="PDF: to print and to sign", mime="application/pdf", write=drawn("pdf", render_pdf)),
    Format(name="json", title="JSON: every figure, for programs", mime="application/json", write=drawn("json", render_json)),
    Format(name="md", title="Markdown: for a pull request or a wiki", mime="text/markdown", write=drawn("md", render_markdown)),
    Format(name="pptx", title="PPTX: five slides for the board, with charts to edit", mime=PPTX, write=deck),
    Format(name="xlsx", title="XLSX: the worklist, a sheet per need", mime=XLSX, write=write_xlsx),
    Format(name="csv", title="CSV: the worklist with all of its rows, a ZIP", mime="application/zip", write=write_csv),
)
BY_NAME = {form.name: form for form in FORMATS}


def write_reports(asked: Asked, names: list[str], folder: Path) -> list[tuple[str, Path]]:
    """Write a report in several formats; format and file of each. Raises StoreError, OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(asked):
        return [(name, BY_NAME[name].write(asked, folder)) for name in names]
