"""The graph of one identity: ways in on the left, itself, what it reaches, what that gains. The same rows give the same picture.

It is shown as an image, which inherits nothing of the page: it brings its own colours, light or dark.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from reports.palette import palette
from reports.svg import drawing, text_at
from reports.views.reach import GROUPS, IN, Link

UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""What XML does not take, so that one name would cost the picture, and what turns text around."""

MOST = 6
"""Boxes per group; the others are one box that says how many they are, and stand in the table."""

WIDTH, HEIGHT, STEP = 196, 44, 54
COLUMNS = (1, 237, 473, 709)
TITLE_LETTERS, DETAIL_LETTERS = 24, 31
"""As many as most fonts have room for; what is wider is clipped."""

STYLE = Markup(
    "<style>text{{font-family:sans-serif;fill:{ink}}}text.muted{{fill:{muted}}}rect{{fill:{band};stroke:{muted}}}"
    "rect.self{{stroke:{ink};stroke-width:2}}rect.way{{stroke:{warn};stroke-width:2}}"
    ".edge{{fill:none;stroke:{muted}}}.maybe{{stroke-dasharray:5 4}}</style>"
)


@dataclass(frozen=True, slots=True)
class _Box:
    column: int
    row: float
    """From the top, in steps."""
    title: str
    detail: str
    kind: str

    @property
    def x(self) -> int:
        return COLUMNS[self.column]

    @property
    def y(self) -> float:
        return 30 + self.row * STEP


def reach(name: str, links: Sequence[Link], description: str, *, dark: bool = False) -> tuple[Markup, int]:
    """The picture and its natural width in pixels: ways in, the identity, what it reaches, and the privileges at the end of ways to more."""
    colours = palette(dark)
    into, out = ([link for link in links if (link.side == IN) is side] for side in (True, False))
    left, right = _stacked(0, into), _stacked(2, out)
    gains = sorted({link.gains for link in out if link.gains})
    height = max(len(left), len(right), len(gains), 1)
    left, right = _centred(left, height), _centred(right, height)
    centre = _Box(1, (height - 1) / 2, name, "this identity", "self")
    ends = {gain: _Box(3, (height - len(gains)) / 2 + index, f"{gain}", "at the end of a way", "way") for index, gain in enumerate(gains)}
    body = [STYLE.format(ink=colours.ink, muted=colours.muted, band=colours.band, warn=colours.stages[1])]
    body += [_edge(box, centre, certain=True) for _, box in left]
    body += [_edge(centre, box, certain=_certain(group)) for group, box in right]
    body += [
        _edge(box, ends[gain], certain=_certain([link for link in group if link.gains == gain]))
        for group, box in right
        for gain in sorted({link.gains for link in group if link.gains})
    ]
    body += [_drawn(box) for box in (*(box for _, box in left), centre, *(box for _, box in right), *ends.values())]
    heads = [("Ways in", 0), ("Identity", 1), ("Reaches", 2), *([("Gains", 3)] if gains else [])]
    body += [text_at(COLUMNS[column], 14, text, anchor="start", kind="muted", size=12) for text, column in heads]
    width = COLUMNS[3 if gains else 2] + WIDTH + 2
    picture = drawing(width, int(30 + height * STEP), f"What leads to {name[:80]}, and where it leads", description[:2000], body)
    return Markup(UNFIT.sub(" ", picture)), width  # noqa: S704  what was escaped stays escaped


_Placed = list[tuple[list[Link], _Box]]


def _stacked(column: int, links: Sequence[Link]) -> _Placed:
    """A box for each link, and one for those of a group that are too many."""
    found: _Placed = []
    for group, words in GROUPS.items():
        members = [link for link in links if link.group == group]
        shown = members if len(members) <= MOST + 1 else members[:MOST]
        kind = "way" if group == "way" else "node"
        found += [([link], _Box(column, 0, link.title, f"{words}: {link.detail}", kind)) for link in shown]
        if rest := members[len(shown) :]:
            found.append((rest, _Box(column, 0, f"and {len(rest):,} more", f"{words}; see the table", kind)))
    return found or [([], _Box(column, 0, "nothing known", "no source says of any", "node"))]


def _centred(placed: _Placed, height: int) -> _Placed:
    top = (height - len(placed)) / 2
    return [(links, _Box(box.column, top + index, box.title, box.detail, box.kind)) for index, (links, box) in enumerate(placed)]


def _certain(links: Sequence[Link]) -> bool:
    return not any(link.certain is False for link in links)


def _drawn(box: _Box) -> Markup:
    whole = Markup("<title>{}</title>").format(f"{box.title[:300]}\n{box.detail[:600]}")
    frame = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="5" class="{}"/>').format(box.x, box.y, WIDTH, HEIGHT, box.kind)
    inner = Markup('<svg x="{}" y="{}" width="{}" height="{}">').format(box.x, box.y, WIDTH - 4, HEIGHT)
    texts = text_at(9, 18, _cut(box.title, TITLE_LETTERS, keep_end=True), anchor="start", size=13)
    texts += text_at(9, 34, _cut(box.detail, DETAIL_LETTERS), anchor="start", kind="muted", size=11)
    return Markup("<g>") + whole + frame + inner + texts + Markup("</svg></g>")


def _cut(text: str, letters: int, *, keep_end: bool = False) -> str:
    """On one line; of a long name the end is kept, ids differ there."""
    line = " ".join(text.split())
    if len(line) <= letters:
        return line
    return f"{line[: letters * 2 // 3]}…{line[-(letters // 3 - 1) :]}" if keep_end else f"{line[: letters - 1]}…"


def _edge(one: _Box, other: _Box, *, certain: bool) -> Markup:
    start, end = (one.x + WIDTH, one.y + HEIGHT / 2), (other.x, other.y + HEIGHT / 2)
    middle = (start[0] + end[0]) / 2
    return Markup('<path d="M{} {:.1f} C{:.1f} {:.1f} {:.1f} {:.1f} {} {:.1f}" class="edge{}"/>').format(
        start[0], start[1], middle, start[1], middle, end[1], end[0], end[1], "" if certain else " maybe"
    )
