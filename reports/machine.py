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
    "actions": ("gains", "gain_takeaway", "moves"),
    "least_privilege": ("access",),
    "ownership": ("ownership",),
    "programme": ("programme",),
    "metrics": ("metrics",),
    "findings": ("findings", "checks"),
    "compliance": ("compliance",),
    "coverage": ("gaps", "matrices", "warnings"),
    "methodology": ("rules", "bounds", "percent"),
}
"""Section -> its parts of the content."""

ABOUT = ("schema", "schema_version", "audience", "snapshot", "before", "on", "tool")


def render_json(content: Content) -> bytes:
    """What the report is about, its first page, every figure, and the parts of each section that its audience gets."""
    head = content["headline"]
    document = {
        **{name: content[name] for name in ABOUT},
        "summary": first_page(content),
        "figures": [{name: value for name, value in figure.items() if name != "sql"} for figure in head["figures"]],
        "decisions": head["decisions"],
        "sections": _sections(content),
        "sources": content["summary"]["sources"] if "findings" in content["sections"] else [],
    }
    return (json.dumps(document, ensure_ascii=False, indent=1, default=_plain) + "\n").encode()


def _sections(content: Content) -> dict[str, Any]:
    """The parts as they are; for the board, what its document prints of them, since it gets no lists."""
    if content["audience"] == "board":
        return {section["id"]: {"title": section["title"], "blocks": section["blocks"]} for section in sections(content)}
    return {name: {part: content[part] for part in parts} for name, parts in PARTS.items() if name in content["sections"]}


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__}: not plain data")
