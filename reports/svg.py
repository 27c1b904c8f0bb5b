"""Small inline SVG charts for the HTML report and the pages: no script, no dependency, a title and a description in each.

Colours come from the classes `s1` to `s7`, `ink`, `muted`, `band` and `accent`, so that the page's style decides light or dark.
"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from reports.views.evidence import Rows
from reports.views.methodology import stages
from reports.views.shares import percent, share_text


def drawing(width: int, height: int, title: str, description: str, body: list[Markup]) -> Markup:
    """An SVG with a title and a description, as wide as it is let."""
    head = Markup(
        '<svg viewBox="0 0 {w} {h}" width="100%" role="img" xmlns="http://www.w3.org/2000/svg"><title>{t}</title><desc>{d}</desc>'
    )
    return head.format(w=width, h=height, t=title, d=description) + Markup("").join(body) + Markup("</svg>")


def text_at(x: float, y: float, text: str, *, anchor: str = "middle", kind: str = "ink", size: int = 12) -> Markup:
    """A line of text; its style is that of its class `kind`."""
    return Markup('<text x="{}" y="{}" text-anchor="{}" class="{}" font-size="{}">{}</text>').format(
        round(x, 1), round(y, 1), anchor, kind, size, text
    )


def _box(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return Markup('<rect x="{}" y="{}" width="{}" height="{}" class="{}"/>').format(
        round(x, 1), round(y, 1), round(max(width, 0), 1), round(max(height, 0), 1), kind
    )


def stage_bars(rows: Rows, description: str) -> Markup:
    """Seven pairs of bars: lower bounds filled, upper bounds outlined, each with its count and its stage's name."""
    width, base, tallest = 720, 190, 150
    peak = max([row["lo"] for row in rows] + [row["hi"] for row in rows] + [1])
    step = width / 7
    body: list[Markup] = []
    for row, stage in zip(rows, stages(), strict=True):
        left = (row["stage"] - 1) * step
        for offset, column, kind in ((12.0, "lo", f"s{row['stage']}"), (54.0, "hi", f"o{row['stage']}")):
            height = tallest * row[column] / peak
            body += [
                _box(left + offset, base - height, 38, height, kind),
                text_at(left + offset + 19, base - height - 5, f"{row[column]:,}"),
            ]
        body.append(text_at(left + step / 2, base + 18, f"S{row['stage']}", size=13))
        body += [
            text_at(left + step / 2, base + 33 + 13 * line, part, kind="muted", size=10) for line, part in enumerate(lines(stage.name))
        ]
    return drawing(width, 252, "Stage distribution, lower and upper bounds", description, body)


def stage_rows(rows: Rows, description: str) -> Markup:
    """The same lying, for half of a page: a row per stage with its name, both bars one above the other, and both counts."""
    left, scale, line = 176, 140, 21
    peak = max([row["lo"] for row in rows] + [row["hi"] for row in rows] + [1])
    body: list[Markup] = []
    for row, stage in zip(rows, stages(), strict=True):
        top = 8 + (row["stage"] - 1) * line
        body.append(text_at(0, top + 13, f"S{row['stage']} {stage.name}", anchor="start"))
        for offset, column, kind in ((0, "lo", f"s{row['stage']}"), (9, "hi", f"o{row['stage']}")):
            body.append(_box(left, top + offset, scale * row[column] / peak, 7, kind))
        longest = scale * max(row["lo"], row["hi"]) / peak
        body.append(text_at(left + longest + 8, top + 13, f"{row['lo']:,} · {row['hi']:,}", anchor="start"))
    return drawing(440, 8 + 7 * line, "Stage distribution, lower and upper bounds", description, body)


def gain_bars(rows: Rows, description: str) -> Markup:
    """For each step up the ladder the share of paths that stand above it for certain (filled), and what the step adds (outlined)."""
    left, scale, line = 66, 4.2, 30
    body: list[Markup] = []
    for index, row in enumerate(rows):
        top, before, after = 8 + index * line, row["lo_before"] or 0, row["lo_after"] or 0
        body += [
            text_at(0, top + 13, f"S{row['stage']} → S{row['stage'] + 1}", anchor="start", size=13),
            _box(left, top, 100 * scale, 18, "band"),
            _box(left, top, 100 * scale * before, 18, f"s{row['stage'] + 1}"),
            _box(left + 100 * scale * before, top + 0.75, 100 * scale * (after - before), 16.5, f"o{row['stage'] + 1}"),
            text_at(left + 100 * scale + 10, top + 13, gain_text(row), anchor="start"),
        ]
    bottom = 8 + len(rows) * line
    body += [text_at(left + edge * scale, bottom + 12, f"{edge} %", kind="muted", size=10) for edge in (0, 50, 100)]
    return drawing(720, bottom + 20, "What each step up the ladder would add", description, body)


def gain_text(row: dict[str, Any]) -> str:
    """A step's gain: the share of paths above it, before and after, and how many paths it lifts."""
    paths = "1 path" if row["paths"] == 1 else f"{row['paths']:,} paths"
    return f"{percent(row['lo_before'])} → {percent(row['lo_after'])}, +{paths}"


def lines(name: str, longest: int = 17) -> list[str]:
    """A stage's name on lines of at most about `longest` characters, broken after a space or a hyphen."""
    broken = [""]
    for word in name.replace("-", "- ").split():
        if broken[-1] and len(broken[-1]) + len(word) >= longest:
            broken.append("")
        glue = "" if not broken[-1] or broken[-1].endswith("-") else " "
        broken[-1] += glue + word
    return broken


def question_bars(rows: Rows, description: str) -> Markup:
    """The interval of each question between 0 and 100 %, with the bands at 10 and 90 %."""
    left, scale, line = 44, 4.6, 30
    body: list[Markup] = []
    for index, row in enumerate(rows):
        top = 8 + index * line
        body += [text_at(0, top + 13, row["question_id"], anchor="start", size=13), _box(left, top, 100 * scale, 18, "band")]
        if row["lo"] is not None:
            body.append(_box(left + 100 * scale * row["lo"], top, max(100 * scale * (row["hi"] - row["lo"]), 3), 18, "accent"))
        body.append(text_at(left + 100 * scale + 10, top + 13, _share(row), anchor="start"))
    bottom = 8 + len(rows) * line
    for edge in (0, 10, 90, 100):
        body.append(text_at(left + edge * scale, bottom + 12, f"{edge} %", kind="muted", size=10))
        body.append(_box(left + edge * scale, 4, 0.8, bottom - 8, "edge"))
    return drawing(720, bottom + 20, "The five questions, share of subjects that meet each", description, body)


def _share(row: dict[str, Any]) -> str:
    share = share_text(row["lo"], row["hi"])
    return share if row["lo"] is None else f"{share}, n={row['denominator']:,}, {row['unknown']:,} unknown"


def ladder(low: int, high: int) -> Markup:
    """Seven steps in a row, those inside the interval filled. Styled inline: it stands alone in a page."""
    steps = []
    for stage in range(1, 8):
        inside = low <= stage <= high
        style = "background:#0B5C7A;color:#fff;border-color:#0B5C7A" if inside else "border-color:rgba(128,128,128,.5)"
        steps.append(
            Markup('<span style="flex:1;text-align:center;padding:.3rem 0;border:1px solid;border-radius:.25rem;{}">S{}</span>').format(
                style, stage
            )
        )
    words = f"Stage {low}" if low == high else f"Between stage {low} and stage {high}"
    return Markup('<div role="img" aria-label="{}" style="display:flex;gap:.25rem;font-size:.85rem">{}</div>').format(
        words, Markup("").join(steps)
    )


def escaped(text: str) -> Markup:
    """Any text as HTML text."""
    return escape(text)
