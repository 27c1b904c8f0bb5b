"""Makes first_party.txt, the application ids of Microsoft's own applications, from MicrosoftApps.json of merill/microsoft-info.

usage: python -m collectors.azure.build_first_party MicrosoftApps.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from collectors.azure.answers import guid_or_none

OUT = Path(__file__).parent / "first_party.txt"
PER_LINE = 4

HEADER = """\
# Application ids of Microsoft's own applications, sorted, without dashes. Made by collectors/azure/build_first_party.py; do not edit.
# source: MicrosoftApps.json of github.com/merill/microsoft-info, MIT licensed, Copyright (c) Merill Fernando; ids only
# count {count}
"""


def render(raw: str) -> str:
    """The list's text."""
    found = sorted({app_id for entry in json.loads(raw) if (app_id := guid_or_none(entry["AppId"]))})
    plain = [app_id.replace("-", "") for app_id in found]
    lines = [" ".join(plain[start : start + PER_LINE]) for start in range(0, len(plain), PER_LINE)]
    return HEADER.format(count=len(plain)) + "\n".join(lines) + "\n"


def main() -> None:
    """Write the list from the file that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("source", type=Path)
    OUT.write_text(render(parser.parse_args().source.read_text(encoding="utf-8-sig")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
