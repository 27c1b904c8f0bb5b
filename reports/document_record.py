"""Sections of a report that are its record: the evidence index and the lines to sign on. As blocks."""

from __future__ import annotations

from typing import Any

from reports import document_part
from reports.blocks import NAME, NUMBER, RECORD, TEXT, Block, day, number, paragraph, records, table

Content = dict[str, Any]


def evidence(told: Content, lists: bool) -> list[Block]:
    """Which snapshot, by which program and rules; where every figure of the first page comes from; the files behind all of it."""
    snapshot, whole = told["snapshot"], told["part"] is None
    facts = [
        *([] if whole else document_part.facts(told)),
        ["Snapshot", snapshot["snapshot_id"]],
        ["SHA-256 of its rows' files", snapshot["rows_sha256"]],
        ["Data as of", day(snapshot["as_of"])],
        *([["Compared with", told["before"]["snapshot_id"] if told["before"] else "nothing"]] if whole else []),
        ["Rules, policy pack", f"{snapshot['rules_version']}, {snapshot['pack']}"],
        ["Tool", f"nhi-posture {told['tool']}"],
        ["Exceptions as of", day(told["on"])],
        *([["Files offered", _offered(told["summary"]["sources"])]] if whole else []),
    ]
    figures = [
        [
            *(figure["mark"], figure["title"], figure["text"], number(figure["n"]), number(figure["unknown"]), day(figure["date"])),
            [*(line for line in records(figure["records"])), figure["ask"]],
        ]
        for figure in told["headline"]["figures"]
    ]
    blocks = [
        table("This report", {"What": (TEXT, 2), "Value": (NAME, 6)}, facts),
        table(
            "Figures of the first page: one record of each, and the command that lists every row behind it",
            {"": (TEXT, 0.7), "Figure": (TEXT, 3.2), "Value": (TEXT, 1.4), "n": (NUMBER, 1.1), "Unknown": (NUMBER, 1.2), "Date": (TEXT, 1.5),
             "Evidence": (RECORD, 5.8)},
            figures, limit=60,
        ),
    ]  # fmt: skip
    if not whole:
        return [blocks[0], *document_part.index_notes(told), *blocks[1:]]
    return [*blocks, _files(told["summary"]["sources"])] if lists else blocks


def _offered(sources: list[Content]) -> str:
    return f"{len(sources):,}, of which {sum(row['status'] == 'read' for row in sources):,} were read"


def _files(sources: list[Content]) -> Block:
    columns = {
        "File": (NAME, 4),
        "Format": (NAME, 2),
        "Status": (TEXT, 1.3),
        "Records": (NUMBER, 1.1),
        "As of": (TEXT, 1.4),
        "SHA-256": (RECORD, 4),
    }
    rows = [
        [
            *(row["source_id"], row["format"] or "—", row["status"], number(row["records"])),
            day(row["collected_at"]) + (" (assumed)" if row["collected_at"] and row["collected_basis"] == "assumed" else ""),
            [row["input_sha256"] or "—"],
        ]
        for row in sorted(sources, key=_unread_first)
    ]
    caption = "Files that were offered: those that were not read first, then the oldest"
    return table(caption, columns, rows, limit=120, rest='`nhi query "SELECT * FROM source"` lists all')


def _unread_first(row: Content) -> tuple[Any, ...]:
    """What was not read, then what nobody dated, then the oldest."""
    return row["status"] == "read", row["collected_basis"] not in (None, "assumed"), str(row["collected_at"] or ""), row["source_id"]


def sign_off(told: Content, lists: bool) -> list[Block]:
    """Lines to sign on: who answers for what the report says, and who decided."""
    return [
        paragraph(
            f"By signing, each of us has read the report of snapshot {told['snapshot']['snapshot_id']} (SHA-256 {told['snapshot']['rows_sha256']})"
            " with what it says is not known."
        ),
        {
            "kind": "signatures",
            "roles": ["Prepared by", "Reviewed by (security)", "Accepted by (board)"],
            "fields": ["Name", "Date", "Signature"],
        },
    ]
