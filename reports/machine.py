"""The report as JSON: the content as it is, for programs. docs/reports.md tells its shape, and what `schema_version` promises."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from reports.content import Content
from reports.document import sections
from reports.first_page import first_page

PARTS = {
    "distribution": ("distribution", "groups", "stages", "stage_takeaway"),
    "change": ("change",),
    "questions": ("questions", "question_takeaway", "bands"),
    "interview": ("interview",),
    "risks": ("risks",),
    "actions": ("gains", "gain_takeaway", "moves", "to_do"),
    "least_privilege": ("access",),
    "credentials": ("credentials",),
    "ownership": ("ownership",),
    "programme": ("programme",),
    "metrics": ("metrics",),
    "findings": ("findings", "checks", "failing", "ran"),
    "compliance": ("compliance",),
    "coverage": ("gaps", "matrices", "warnings"),
    "methodology": ("rules", "bounds", "percent"),
}
"""Section -> its parts of the content, as far as there are any: some are of the whole estate alone, some of a part."""

ABOUT = ("schema", "schema_version", "audience", "part", "snapshot", "before", "on", "tool")


def render_json(content: Content) -> bytes:
    """What the report is about, its first page, every figure, and the parts of each section that its audience gets."""
    head = content["headline"]
    document = {
        **{name: content[name] for name in ABOUT},
        "summary": first_page(content),
        "figures": [{name: value for name, value in figure.items() if name != "sql"} for figure in head["figures"]],
        "decisions": head["decisions"],
        "sections": _sections(content),
        "sources": _sources(content),
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, default=_plain) + "\n").encode()


def _sections(content: Content) -> dict[str, Any]:
    """The parts as they are; for the board, what its document prints of them, since it gets no lists."""
    if content["audience"] == "board":
        return {section["id"]: {"title": section["title"], "blocks": section["blocks"]} for section in sections(content)}
    wanted = {name: parts for name, parts in PARTS.items() if name in content["sections"]}
    return {name: {part: content[part] for part in parts if part in content} for name, parts in wanted.items()}


def _sources(content: Content) -> list[Any] | None:
    """Every file offered; none for the board, and None of a part: no file is theirs alone."""
    if content["part"] is not None:
        return None
    return list(content["summary"]["sources"]) if "findings" in content["sections"] else []


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__}: not plain data")
