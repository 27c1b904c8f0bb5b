"""Text that fits its place on a slide: how wide letters are, on how many lines a text stands, and where it is cut so that one can see it.

A slide cannot grow as a page does, and no program that shows one is here to ask. The deck is set in Arial, whose widths every viewer without it copies
(Liberation Sans, Arimo); what they are is written down below, in thousandths of the letter's size.
"""

from __future__ import annotations

import re
from functools import lru_cache

WIDTHS = {
    191: "'", 222: "ijl", 260: "|", 278: " \u00a0!,./:;I[\\]ft·", 333: "()-`r“”", 355: '"', 389: "*", 469: "^",
    500: "Jcksvxyz", 556: "#$0123456789?L_abdeghnopqu–", 584: "+<=>~−", 611: "FTZ", 667: "&ABEKPSVXY", 722: "CDHNRUw", 778: "GOQ",
    833: "Mm", 889: "%", 944: "W", 1000: "→…",
}  # fmt: skip
"""Width -> letters, from the metrics of Arial (Liberation Sans 2 has the same)."""

WIDTH = {letter: width for width, letters in WIDTHS.items() for letter in letters} | {"{": 334, "}": 334, "@": 1015}

WIDEST = 1015
"""Of a letter that is not listed: as wide as any, so that what fits by our reckoning fits."""

BOLD = 1.1
"""Bold prose is wider by 6 %, and by less than this."""

SAFE = 0.985
"""Share of a line that is filled, since viewers differ by a hair."""

SPACING = 1.2
"""Height of a line, in sizes of its letters."""

STEERING = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
"""Marks that turn text around, hide, or cannot stand in XML."""


SIGN = re.compile(r"(?<=\d) (?=%)| (?=→)|(?<=→) ")
"""Spaces at which no line should end: before a percent sign, around an arrow."""

MINUS = re.compile(r"(?<!\S)-(?=\d)")
"""The hyphen before a negative number."""


def coded(text: str) -> str:
    """Any text on one line: ends of lines as spaces, steering marks as their code."""
    return STEERING.sub(lambda found: " " if found[0] in "\n\r\t" else f"\\u{{{ord(found[0]):x}}}", text)


def plain(text: str) -> str:
    """Any text as a slide shows it: coded, with numbers and their signs on one line (a line may end after a hyphen, and not after a minus)."""
    return MINUS.sub("−", SIGN.sub("\u00a0", coded(text)))


def width(text: str, size: float, *, bold: bool = False) -> float:
    """Width of a text on one line, in points."""
    return sum(WIDTH.get(letter, WIDEST) for letter in text) * size / 1000 * (BOLD if bold else 1)


@lru_cache(maxsize=4096)
def lines(text: str, size: float, room: float, *, bold: bool = False) -> int:
    """On how many lines a text stands in a room so many points wide, less a little; words too long for a line are broken as viewers break them."""
    count, filled, space, room = 1, 0.0, width(" ", size, bold=bold), room * SAFE
    for word in text.split(" "):
        long = width(word, size, bold=bold)
        if filled and filled + space + long <= room:
            filled += space + long
            continue
        count += filled > 0
        filled = long
        if long > room:
            more, filled = _broken(word, size, room, bold)
            count += more
    return count


def _broken(word: str, size: float, room: float, bold: bool) -> tuple[int, float]:
    """How many lines more a word takes that no line holds, and how far it fills the last."""
    more, filled = 0, 0.0
    for letter in word:
        wide = width(letter, size, bold=bold)
        if filled and filled + wide > room:
            more, filled = more + 1, 0.0
        filled += wide
    return more, filled


def fitted(text: str, size: float, room: float, most: int, *, bold: bool = False) -> str:
    """A text that stands on at most so many lines: cut where one can see it, if it has to be."""
    if lines(text, size, room, bold=bold) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if lines(f"{text[:middle].rstrip()}…", size, room, bold=bold) <= most:
            low = middle
        else:
            high = middle - 1
    return f"{text[:low].rstrip()}…"
