"""The report as Markdown, in GitHub's flavour: to read in a pull request or a wiki. Names come from other people's systems and are text, never markup."""

from __future__ import annotations

import re
from typing import Any

from reports.blocks import NUMBER
from reports.content import Content
from reports.document import sections
from reports.first_page import first_page

SPECIAL = re.compile(
    r"([\\`*\[\]<>#|~$@&]|(?<!\w)_|_(?!\w)|:(?=//)|(?<=\bwww)\.|^[-+=]|(?:(?<=^\d)|(?<=^\d\d)|(?<=^\d\d\d))[.)](?=\s|$))", re.IGNORECASE
)
"""What Markdown, as GitHub reads it, may take for markup, a link, a mention, a formula or the start of a list. A backslash before it prints it."""

STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

LONGEST = 1200
"""Characters of a cell; a longer one is cut where one can see it."""


def render_markdown(content: Content) -> bytes:
    """The report as UTF-8."""
    lines = [*_first(first_page(content)), *(line for section in sections(content) for line in _section(section))]
    snapshot = content["snapshot"]
    foot = f"Snapshot {snapshot['snapshot_id']}, data as of {snapshot['as_of'][:10]}."
    return ("\n".join([*lines, "---", "", escaped(foot)]) + "\n").encode()


def escaped(text: str) -> str:
    """Any text as Markdown text: on one line, steering marks as their code, markup printed."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text):,} characters)"
    line = STEERING.sub(lambda found: " " if found[0] in "\n\r\t" else f"\\u{{{ord(found[0]):x}}}", cut)
    return SPECIAL.sub(r"\\\1", line)


def _first(page: dict[str, Any]) -> list[str]:
    cards = [f"| {escaped(card['title'])} | {escaped(card['text'])} | {escaped(card['says'])} | {card['mark']} |" for card in page["cards"]]
    asked = [
        f"| {row['id']} | {escaped(row['asked'])} | {escaped(row['answer'])} | {escaped(row['share'])} | {row['n']} | {row['unknown']} | {row['mark']} |"
        for row in page["questions"]
    ]
    return [
        *(f"# {escaped(page['title'])}", "", escaped(page["subtitle"]), ""),
        *(f"> **{escaped(page['verdict']['word'])}.** {escaped(page['verdict']['text'])}", ""),
        *("| Figure | Value | What it says | Evidence |", "| --- | ---: | --- | --- |", *cards, ""),
        *(
            (
                "| Id | Question | Control met | Share | n | Unknown | Evidence |",
                "| --- | --- | --- | ---: | ---: | ---: | --- |",
                *asked,
                "",
            )
            if asked
            else ()
        ),
        *(escaped(page["stage_takeaway"]), ""),
        *(line for part in page["parts"] for line in _part(part)),
    ]


def _part(part: dict[str, Any]) -> list[str]:
    mark = [f"{number}." if part["ordered"] else "-" for number in range(1, len(part["items"]) + 1)]
    items = [f"{lead} {escaped(item['text'])}{_mark(item)}" for lead, item in zip(mark, part["items"], strict=True)]
    return [f"## {escaped(part['title'])}", "", *items, ""]


def _mark(item: dict[str, Any]) -> str:
    return f" ({item['mark']})" if item["mark"] else ""


def _section(section: dict[str, Any]) -> list[str]:
    return [f"## {escaped(section['title'])}", "", *(line for block in section["blocks"] for line in _block(block))]


def _block(block: dict[str, Any]) -> list[str]:
    kind = block["kind"]
    if kind == "table":
        return _table(block)
    if kind == "list":
        return [*(f"- {escaped(item)}" for item in block["items"]), ""]
    if kind == "signatures":
        return [f"- {role}: {', '.join(f'{field} ______' for field in block['fields'])}".replace("_", r"\_") for role in block["roles"]] + [
            ""
        ]
    return [] if kind == "chart" else [escaped(block["text"]), ""]


def _table(block: dict[str, Any]) -> list[str]:
    if not block["rows"]:
        return [f"{escaped(block['caption'])}: {escaped(block['none'])}", ""]
    columns = block["columns"]
    head = "| " + " | ".join(escaped(column["label"]) or " " for column in columns) + " |"
    rule = "| " + " | ".join("---:" if column["kind"] == NUMBER else "---" for column in columns) + " |"
    rows = ["| " + " | ".join(_cell(value) for value in row) + " |" for row in block["rows"]]
    left = [escaped(block["left_out"]), ""] if block["left_out"] else []
    return [f"{escaped(block['caption'])}:", "", head, rule, *rows, "", *left]


def _cell(value: str | list[str]) -> str:
    """A cell; records stand on lines of their own."""
    return "<br>".join(escaped(line) for line in value) if isinstance(value, list) else escaped(value)
