"""Build `dependents.tsv`: which further actions AWS checks when an action is called.

Run by a maintainer beside build_catalogue, never by the product:

    python -m scoring.least_privilege.aws.build_dependents --reference service-reference.tar.xz --reference-date 2026-02-13

AWS's service reference names for each API operation the actions that may authorise it. For an operation that is called as its action
(RunInstances), the others (CreateTags, iam:PassRole) are what a caller may need besides. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OUT = Path(__file__).with_name("dependents.tsv")

HEADER = """\
# Actions that AWS may check when another one is called. Made by scoring/least_privilege/aws/build_dependents.py; do not edit.
# Columns: action, the further actions separated by blanks; all in lower case.
# source\tAWS service reference of {date}
# counts\t{actions} actions
"""


def services(path: Path) -> Iterator[dict[str, Any]]:
    """The service reference files of a tar."""
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            raw = json.load(content) if content else None
            if isinstance(raw, dict) and "Actions" in raw:
                yield raw


def dependents(path: Path) -> dict[str, set[str]]:
    """Action -> the other actions of the operation that has its name."""
    found: dict[str, set[str]] = {}
    for raw in services(path):
        for operation in raw.get("Operations") or []:
            own = f"{raw['Name']}:{operation['Name']}".lower()
            allowed = {f"{action['Service']}:{action['Name']}".lower() for action in operation.get("AuthorizedActions") or []}
            if own in allowed and len(allowed) > 1:
                found.setdefault(own, set()).update(allowed - {own})
    return found


def main() -> None:
    """Write the table from the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--reference", type=Path, required=True, help="tar of AWS service reference files")
    parser.add_argument("--reference-date", required=True, help="day the reference was taken, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    found = dependents(arguments.reference)
    lines = [f"{action}\t{' '.join(sorted(others))}\n" for action, others in sorted(found.items())]
    text = HEADER.format(date=arguments.reference_date, actions=len(found)) + "".join(lines)
    arguments.out.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
