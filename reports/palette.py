"""Colours of the stages and statuses, light and dark, and the ink that can be read on them. Colour is never the only sign.

Stages 1 to 3 are orange, 4 to 7 blue; lightness is strictly ordered and contrast with the background rises with the stage.
Checked for protan, deutan and tritan vision (OKLab distance under Machado 2009, at full severity).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """Colours for one background."""

    background: str
    ink: str
    muted: str
    """For secondary text: at least 4.5:1."""
    line: str
    band: str
    """A quiet fill: gridlines, empty cells."""
    accent: str
    stages: tuple[str, str, str, str, str, str, str]


LIGHT = Palette(
    background="#FFFFFF",
    ink="#14171A",
    muted="#565C63",
    line="#D9DDE1",
    band="#F1F3F5",
    accent="#0B5C7A",
    stages=("#DF7320", "#BA632D", "#9B512D", "#005C76", "#004366", "#002A5B", "#100B4A"),
)
DARK = Palette(
    background="#171614",
    ink="#F2F1EE",
    muted="#ABA9A4",
    line="#3A3835",
    band="#242220",
    accent="#5BB8D4",
    stages=("#B04613", "#C4620F", "#D18223", "#5FBBDD", "#70D5ED", "#A4EAF2", "#DDFAFB"),
)


def palette(dark: bool) -> Palette:
    """The colours for a background."""
    return DARK if dark else LIGHT


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB` (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2): 1 to 21."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour."""
    return max(("#000000", "#FFFFFF"), key=lambda ink: contrast(ink, colour))
