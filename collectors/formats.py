"""The page that lists every format we read, made from COLLECTORS."""

from __future__ import annotations

from collections.abc import Iterator

from collectors import COLLECTORS


def markdown() -> str:
    """docs/formats.md."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Formats"
    yield ""
    yield "Every file is recognised by its content; names and folders do not matter. JSON may be one value, JSON lines, or pages one after the"
    yield "other; text may be UTF-8 or UTF-16; files may be gzipped or in a zip. A `manifest.json` beside them says which account or repository"
    yield "each speaks of (`scope`) and when it was collected; sample_data shows one."
    for collector in COLLECTORS:
        yield from ("", f"## {collector.name}", "", "| format | what it is |", "|---|---|")
        yield from (f"| `{form.name}` | {form.title.replace('|', chr(92) + '|')} |" for form in collector.formats)
