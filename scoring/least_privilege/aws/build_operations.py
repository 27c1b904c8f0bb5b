"""Build the two pinned tables of which actions authorise an API operation, from AWS's service reference.

Run by a maintainer beside build_catalogue, never by the product:

    python -m scoring.least_privilege.aws.build_operations --reference service-reference.tar.xz --reference-date 2026-02-13

`dependents.tsv`: for an operation that is called as its action (RunInstances), the other actions that AWS may check (CreateTags,
iam:PassRole). `collectors/aws/authorized_actions.tsv`: for an operation without an action of its name (s3 ListBuckets), the action that
authorises it (s3:ListAllMyBuckets), by which records of CloudTrail are read; none where several may (s3 CopyObject), as a record does not
say which of them did. The same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
COLLECTOR = HERE.parents[2] / "collectors" / "aws"

HEADER = """\
# {title}. Made by scoring/least_privilege/aws/build_operations.py; do not edit.
# Columns: {columns}. All in lower case.
# source\tAWS service reference of {date}
# counts\t{rows} rows
"""


def operations(path: Path) -> Iterator[tuple[str, str, set[str]]]:
    """Service, operation, and the actions that authorise it, of a tar of service reference files."""
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            raw: Any = json.load(content) if content else None
            for operation in (raw.get("Operations") or []) if isinstance(raw, dict) else []:
                actions = {f"{action['Service']}:{action['Name']}".lower() for action in operation.get("AuthorizedActions") or []}
                yield raw["Name"].lower(), operation["Name"].lower(), actions


def tables(path: Path) -> tuple[Mapping[str, set[str]], Mapping[str, set[str]]]:
    """The rows of both tables: what is checked beside an action, and what authorises an operation that has no action of its name."""
    beside: dict[str, set[str]] = {}
    instead: dict[str, set[str]] = {}
    for service, name, actions in operations(path):
        own = f"{service}:{name}"
        if own in actions and len(actions) > 1:
            beside.setdefault(own, set()).update(actions - {own})
        elif actions and own not in actions:
            # another service's action shows no use of this one, unless there is nothing else
            instead.setdefault(own, set()).update({action for action in actions if action.startswith(f"{service}:")} or actions)
    return beside, {own: actions if len(actions) == 1 else set() for own, actions in instead.items()}


def _write(path: Path, rows: Mapping[str, set[str]], **words: str) -> None:
    lines = [f"{name}\t{' '.join(sorted(actions))}\n" for name, actions in sorted(rows.items())]
    path.write_text(HEADER.format(rows=len(rows), **words) + "".join(lines), encoding="utf-8", newline="\n")


def main() -> None:
    """Write the tables from the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--reference", type=Path, required=True, help="tar of AWS service reference files")
    parser.add_argument("--reference-date", required=True, help="day the reference was taken, YYYY-MM-DD")
    arguments = parser.parse_args()
    beside, instead = tables(arguments.reference)
    date = arguments.reference_date
    _write(
        HERE / "dependents.tsv",
        beside,
        date=date,
        title="Actions that AWS may check when another one is called",
        columns="action, the others separated by blanks",
    )
    _write(
        COLLECTOR / "authorized_actions.tsv",
        instead,
        date=date,
        title="API operations that have no action of their name",
        columns="operation, the one action that authorises it; empty: one of several does",
    )


if __name__ == "__main__":
    main()
