"""Figures read back from the files of a report: what a reader of each format sees on its first page."""

from __future__ import annotations

import html
import io
import json
import re

from pypdf import PdfReader

from reports.formats import BY_NAME
from reports.pdf import BREAK

Figures = dict[str, tuple[str, ...]]
"""Mark in the evidence index -> what stands at it: a card's value, or a question's answer, share, n and unknown."""

CARDS = ("Attained stage", "Placed exactly", "Non-human identities", "Failed findings")
DRAWN = ("html", "pdf", "json", "md")
assert set(DRAWN) <= set(BY_NAME)


def first_page(form: str, content: bytes) -> Figures:
    return {"html": of_html, "pdf": of_pdf, "json": of_json, "md": of_markdown}[form](content)


def of_html(content: bytes) -> Figures:
    text = content.decode()
    cards = re.findall(r'<li>([^<]+) <span class="mark">(E\d+)</span><b>([^<]+)</b>', text)
    rows = re.findall(r'<tr><td>([QS]\d) <span class="mark">(E\d+)</span></td><td>([^<]*)</td>' + r'<td class="n">([^<]*)</td>' * 3, text)
    return _together([[html.unescape(cell) for cell in row] for row in (*cards, *rows)])


def of_json(content: bytes) -> Figures:
    summary = json.loads(content)["summary"]
    cards = [(card["title"], card["mark"], card["text"]) for card in summary["cards"]]
    return _together([*cards, *((q["id"], q["mark"], q["answer"], q["share"], q["n"], q["unknown"]) for q in summary["questions"])])


def of_markdown(content: bytes) -> Figures:
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in content.decode().splitlines() if line.startswith("| ")]
    cards = [(row[0], row[3], row[1]) for row in rows if row[0] in CARDS and len(row) == 4]
    return _together([*cards, *((row[0], row[5], *row[1:5]) for row in rows if len(row) == 6 and re.fullmatch(r"[QS]\d", row[0]))])


def of_pdf(content: bytes) -> Figures:
    page = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    cards = re.findall(rf"({'|'.join(CARDS)}) (E\d+)\n(.+)", page)
    rows = re.findall(r"^([QS]\d) (E\d+) (yes|no|partly|unknown|not applicable) (.+) ([\d,]+) ([\d,]+)$", page, flags=re.MULTILINE)
    return _together([*cards, *rows])


def text_of(content: bytes) -> str:
    """All of a PDF as text, without what only allows a line to end."""
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace(BREAK, "").replace("\n", "")


def _together(rows: list[tuple[str, ...]] | list[list[str]]) -> Figures:
    return {row[1]: (row[0], *row[2:]) for row in rows}
