"""Figures read back from the files of a report: what a reader of each format sees on its first page, in its evidence index, on its sheets."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from datetime import datetime
from typing import Any
from zipfile import ZipFile

import openpyxl
from pptx import Presentation
from pypdf import PdfReader

from reports.formats import BY_NAME
from reports.pdf import BREAK

Figures = dict[str, tuple[str, ...]]
"""Mark in the evidence index -> what stands at it: a card's value, or a question's answer, share, n and unknown."""

CARDS = ("Attained stage", "Placed exactly", "Non-human identities", "Failed findings")
DRAWN = ("html", "pdf", "json", "md", "pptx")
TABLES = ("xlsx", "csv")
assert {*DRAWN, *TABLES} == set(BY_NAME), "a format that is not read back here is held to nothing"


def first_page(form: str, content: bytes) -> Figures:
    read = {"html": of_html, "pdf": of_pdf, "json": of_json, "md": of_markdown, "pptx": of_deck, "xlsx": of_sheet, "csv": of_sheet}
    return read[form](content)


def of_html(content: bytes) -> Figures:
    text = content.decode()
    cards = re.findall(r'<li>([^<]+) <span class="mark">(E\d+)</span><b>([^<]+)</b>', text)
    rows = re.findall(
        r'<tr><td class="w">([QS]\d) <span class="mark">(E\d+)</span></td><td>[^<]*</td><td>([^<]*)</td>'
        + r'<td class="n(?: w)?">([^<]*)</td>' * 3,
        text,
    )
    return _together([[html.unescape(cell) for cell in row] for row in (*cards, *rows)])


def of_json(content: bytes) -> Figures:
    summary = json.loads(content)["summary"]
    cards = [(card["title"], card["mark"], card["text"]) for card in summary["cards"]]
    return _together([*cards, *((q["id"], q["mark"], q["answer"], q["share"], q["n"], q["unknown"]) for q in summary["questions"])])


def of_markdown(content: bytes) -> Figures:
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in content.decode().splitlines() if line.startswith("| ")]
    cards = [(row[0], row[3], row[1]) for row in rows if row[0] in CARDS and len(row) == 4]
    return _together([*cards, *((row[0], row[6], *row[2:6]) for row in rows if len(row) == 7 and re.fullmatch(r"[QS]\d", row[0]))])


def of_pdf(content: bytes) -> Figures:
    page = PdfReader(io.BytesIO(content)).pages[0].extract_text()
    cards = re.findall(rf"({'|'.join(CARDS)}) (E\d+)\n(.+)", page)
    rows = re.findall(r"^([QS]\d) (E\d+) .+\? (yes|no|partly|unknown|not applicable) (.+) ([\d,]+) ([\d,]+)$", page, flags=re.MULTILINE)
    return _together([*cards, *rows])


def of_deck(content: bytes) -> Figures:
    """The cards of the first slide, and the table of answers of the fourth."""
    slides = Presentation(io.BytesIO(content)).slides
    boxes = [[said(line) for line in shape.text_frame.paragraphs] for shape in slides[0].shapes if shape.name in CARDS]
    cards = [(title, behind.split(" · ")[1], text) for title, text, _, behind, *_ in boxes]
    tables = [shape.table for shape in slides[3].shapes if shape.has_table]
    rows = [[said(cell.text_frame) for cell in row.cells] for table in tables for row in list(table.rows)[1:]]
    return _together([*cards, *((row[0], row[6], *row[2:6]) for row in rows)])


def said(frame: Any) -> str:
    """Text of a slide without what only keeps a number and its sign together."""
    return str(frame.text).replace("\u00a0", " ").replace("−", "-")


def notes_of(content: bytes) -> list[str]:
    """Every paragraph of the notes of a deck."""
    slides = Presentation(io.BytesIO(content)).slides
    return [line.text for slide in slides for line in slide.notes_slide.notes_text_frame.paragraphs]


def of_sheet(content: bytes) -> Figures:
    """Of the sheet Figures, those that the first page leads with: cards, and questions by their id."""
    cards = [(row["Figure"], row["Mark"], row["Value"]) for row in sheet(content, "Figures") if row["Figure"] in CARDS]
    asked = [row for row in sheet(content, "Figures") if re.fullmatch(r"[QS]\d", row["Figure id"])]
    return _together([*cards, *((row["Figure id"], row["Mark"], *row["Value"].split(": "), row["n"], row["Unknown"]) for row in asked)])


def sheet(content: bytes, name: str) -> list[dict[str, str]]:
    """Rows of a sheet of the workbook, or of the ZIP of CSV files, as text: header -> cell."""
    with ZipFile(io.BytesIO(content)) as package:
        if (file := f"{name.lower()}.csv") in package.namelist():
            lines = package.read(file).decode("utf-8-sig")
            return [{label: _grouped(value) for label, value in row.items()} for row in csv.DictReader(io.StringIO(lines, newline=""))]
    head, *rows = openpyxl.load_workbook(io.BytesIO(content), read_only=True)[name].iter_rows(values_only=True)
    return [{str(label): _grouped(value) for label, value in zip(head, row, strict=True)} for row in rows]


def _grouped(value: Any) -> str:
    """A cell as reports print it: thousands apart, a date as its day."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, int) or (isinstance(value, str) and value.isdigit()):
        return f"{int(value):,}"
    return "" if value is None else str(value)


def index(form: str, content: bytes) -> dict[str, tuple[str, ...]]:
    """The evidence index: mark -> title, value, n, unknown, date and the command that lists the rows, as printed."""
    if form in TABLES:
        labels = ("Figure", "Value", "n", "Unknown", "Date of the data", "Command that lists the rows")
        return {row["Mark"]: tuple(row[label] for label in labels) for row in sheet(content, "Figures")}
    if form == "json":
        return {figure["mark"]: _printed(figure) for figure in json.loads(content)["figures"]}
    if form == "html":
        cells = [re.findall(r"<td[^>]*>(.*?)</td>", line) for line in content.decode().splitlines() if re.match(r"<tr><td>E\d", line)]
        return {row[0]: (*map(html.unescape, row[1:6]), html.unescape(re.findall(r">([^<]+)</span>", row[6])[-1])) for row in cells}
    lines = [re.sub(r"\\(.)", r"\1", line).strip("| ").split(" | ") for line in content.decode().splitlines() if re.match(r"\| E\d", line)]
    return {row[0]: (*row[1:6], row[6].split("<br>")[-1]) for row in lines}


def _printed(figure: dict[str, Any]) -> tuple[str, ...]:
    n = "—" if figure["n"] is None else f"{figure['n']:,}"
    return (figure["title"], figure["text"], n, f"{figure['unknown']:,}", figure["date"] or "—", figure["ask"])


def text_of(content: bytes) -> str:
    """All of a PDF as text, without what only allows a line to end."""
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).replace(BREAK, "").replace("\n", "")


def _together(rows: list[tuple[str, ...]] | list[list[str]]) -> Figures:
    return {row[1]: (row[0], *row[2:]) for row in rows}
