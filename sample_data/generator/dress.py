"""How AWS and its command line write dates and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from generator.estate import Json


def iso(moment: datetime) -> str:
    """As the command line prints a time."""
    return f"{moment.isoformat(timespec='seconds')}+00:00"


def zulu(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='seconds')}Z"


def pretty(value: Any) -> str:
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def one_after_another(values: Iterable[Any]) -> str:
    """Answers of a shell loop: JSON values without anything between them."""
    return "".join(pretty(value) for value in values)


def lines(values: Iterable[Any]) -> str:
    """One compact JSON value a line, as `jq -c` prints."""
    return "".join(json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n" for value in values)


def url_encoded(document: Json) -> str:
    """A policy as the raw API returns it: JSON, percent-encoded after RFC 3986."""
    return quote(json.dumps(document, separators=(",", ":")), safe="-_.~")


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
