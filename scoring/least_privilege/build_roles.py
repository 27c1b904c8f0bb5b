"""Build the pinned tables of what Google's, Azure's and Microsoft Graph's own roles allow, against which grants are judged.

Run by a maintainer when the providers have changed their roles, never by the product:

    python -m scoring.least_privilege.build_roles --gcp predefined-roles.json.gz --azure built-in-roles.json.gz \\
        --risky RiskyAppPermissions.json --tiers graph-app-role-tiers.json --date 2026-11-23

Sources: iann0036/iam-dataset (MIT) for `--gcp` (role -> permissions) and `--azure` (as `az role definition list` prints them);
cisagov/ScubaGear (CC0) for `--risky`, and Cloud-Architekt/AzurePrivilegedIAM (MIT) for `--tiers`. The same inputs give the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any

from scoring.least_privilege.azure.entra import AGREED, DISPUTED, Level

HERE = Path(__file__).parent
LOOKS = re.compile(r"[^.]+\.Read(?!Write|Update)")
RISKS = ("Critical", "High", "Medium", "Low")
PARTS = ("actions", "notActions", "dataActions", "notDataActions")

MIT = """\
# Permission is granted, free of charge, to any person obtaining a copy of this software and associated documentation files, to deal in
# the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
# and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following
# conditions: The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
# Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
# WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS
# BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
# CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

GCP_HEADER = """\
# Google Cloud's predefined roles and their permissions. Made by scoring/least_privilege/build_roles.py; do not edit.
# `p`: service and resource, then the last parts of its permissions; permissions are numbered from 0 in this order.
# `r`: role, launch stage, title, its permissions as runs in base 36: permissions left out since the last run, `+` how many follow the first.
# date\t{date}
# counts\t{roles} roles, {permissions} permissions, {grants} grants
# source\tiann0036/iam-dataset, MIT licensed, Copyright (c) Ian Mckay
"""

AZURE_HEADER = """\
# Azure's built-in roles and what they allow. Made by scoring/least_privilege/build_roles.py; do not edit.
# `s`: a service and the patterns that begin with it and a slash (`*`: those of no one service), divided by `|`, numbered from 0 in this order.
# `c`: a condition, numbered from 0.
# `r`: role definition id, name, then a column per permission block: actions, notActions, dataActions, notDataActions as numbers in
# base 36 divided by `;`, and after another `;` the number of its condition.
# date\t{date}
# counts\t{roles} roles, {patterns} patterns, {conditions} conditions
# source\tiann0036/iam-dataset, MIT licensed, Copyright (c) Ian Mckay
"""

ENTRA_HEADER = """\
# Application permissions of Microsoft's APIs and how much each allows. Made by scoring/least_privilege/build_roles.py; do not edit.
# Columns: app role id, API, permission, level, risk in ScubaGear, tier in AzurePrivilegedIAM (`-`: not listed there).
# Level `admin`: ScubaGear and AzurePrivilegedIAM call it critical, and so do others (scoring/least_privilege/azure/entra.py: AGREED).
# Level `open`: both call it critical, others do not, or its reach depends on a group or role that it may change. `write` and `read`: by name.
# date\t{date}
# counts\t{permissions} permissions, {admin} admin, {open} open
# source\tcisagov/ScubaGear RiskyAppPermissions, CC0-1.0
# source\tCloud-Architekt/AzurePrivilegedIAM Classification_AppRoles, MIT licensed, Copyright (c) Thomas Naunheim
"""


def base36(number: int) -> str:
    """A number in few characters."""
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    text = ""
    while number >= 36:
        number, rest = divmod(number, 36)
        text = digits[rest] + text
    return digits[number] + text


def runs(numbers: Iterable[int]) -> str:
    """Ascending numbers as gaps and lengths."""
    coded = []
    after = 0
    for _, group in groupby(enumerate(sorted(numbers)), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        more = f"+{base36(len(run) - 1)}" if len(run) > 1 else ""
        coded.append(base36(run[0] - after) + more)
        after = run[-1] + 1
    return " ".join(coded)


def gcp(roles: Mapping[str, Mapping[str, Any]], date: str) -> str:
    """The text of gcp/roles.tsv."""
    names = sorted({name for role in roles.values() for name in role["permissions"]}, key=lambda name: name.rsplit(".", 1))
    number = {name: position for position, name in enumerate(names)}
    lines = []
    for stem, group in groupby((name.rsplit(".", 1) for name in names), key=lambda parts: parts[0]):
        lines.append(f"p\t{stem}\t{' '.join(last for _, last in group)}")
    for role_id, role in sorted(roles.items()):
        lines.append(f"r\t{role_id}\t{role['stage']}\t{_plain(role['title'])}\t{runs(number[name] for name in role['permissions'])}")
    grants = sum(len(role["permissions"]) for role in roles.values())
    return _text(GCP_HEADER.format(date=date, roles=len(roles), permissions=len(names), grants=grants), lines)


def azure(roles: Iterable[Mapping[str, Any]], date: str) -> str:
    """The text of azure/roles.tsv."""
    listed = sorted(roles, key=lambda role: role["name"])
    blocks = [block for role in listed for block in role["permissions"]]
    patterns = sorted({pattern for block in blocks for part in PARTS for pattern in block[part]}, key=_service)
    number = {pattern: base36(position) for position, pattern in enumerate(patterns)}
    conditions = sorted({block["condition"] for block in blocks if block["condition"]})
    lines = []
    for service, group in groupby(patterns, key=lambda pattern: _service(pattern)[0]):
        lines.append(f"s\t{service}\t{'|'.join(_plain(_service(pattern)[1]) for pattern in group)}")
    lines.extend(f"c\t{_plain(condition)}" for condition in conditions)
    for role in listed:
        coded = [_block(block, number, conditions) for block in role["permissions"]]
        lines.append("\t".join(("r", role["name"], _plain(role["roleName"]), *coded)))
    return _text(AZURE_HEADER.format(date=date, roles=len(listed), patterns=len(patterns), conditions=len(conditions)), lines)


def _service(pattern: str) -> tuple[str, str]:
    service, slash, rest = pattern.partition("/")
    return (service, rest) if slash and "*" not in service else ("*", pattern)


def _block(block: Mapping[str, Any], number: Mapping[str, str], conditions: list[str]) -> str:
    # the order of a block's patterns means nothing: sorted, so that it cannot change the bytes
    parts = [" ".join(number[pattern] for pattern in sorted(block[part])) for part in PARTS]
    return ";".join([*parts, base36(conditions.index(block["condition"])) if block["condition"] else ""])


def entra(risky: Mapping[str, Any], tiers: Iterable[Mapping[str, str]], date: str) -> str:
    """The text of azure/entra_permissions.tsv."""
    found: dict[str, dict[str, str]] = {}
    for api, permissions in risky["permissions"].items():
        for role_id, permission in permissions["Application"].items():
            row = {"api": api, "name": permission["Name"], "risk": permission["RiskLevel"]}
            before = found.get(role_id.lower(), row)  # an id may stand below two APIs: the greater risk counts
            found[role_id.lower()] = min(before, row, key=lambda one: RISKS.index(one["risk"]))
    for role in tiers:
        # ScubaGear lists some of Graph's ids below another API, and by the name that they have there
        row = {"api": "Microsoft Graph", "name": role["AppRoleDisplayName"], "tier": role["EAMTierLevelName"]}
        found.setdefault(role["AppRoleId"].lower(), {}).update(row)
    levels = {role_id: _level(row) for role_id, row in found.items()}
    lines = [
        "\t".join((role_id, row["api"], row["name"], levels[role_id], row.get("risk", "-"), row.get("tier", "-")))
        for role_id, row in sorted(found.items())
    ]
    counts = {level: sum(1 for other in levels.values() if other == level) for level in ("admin", "open")}
    return _text(ENTRA_HEADER.format(date=date, permissions=len(found), **counts), lines)


def _level(row: Mapping[str, str]) -> Level:
    critical = row.get("risk") == "Critical" and row["api"] == "Microsoft Graph" and row.get("tier", "ControlPlane") == "ControlPlane"
    if row["name"] in AGREED and critical:
        return "admin"
    if critical or row["name"] in DISPUTED:
        return "open"
    return "read" if LOOKS.match(row["name"]) else "write"


def _plain(text: str) -> str:
    if set("\t\n\r") & set(text):
        raise ValueError(f"a tab or line break in {text!r}")
    return text


def _text(header: str, lines: Iterable[str]) -> str:
    return header + MIT + "".join(f"{line}\n" for line in lines)


def _read(path: Path) -> Any:
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return json.loads(raw.decode("utf-8-sig"))


def tables(arguments: argparse.Namespace) -> Iterator[tuple[str, str]]:
    """File name and text of each table."""
    yield "gcp/roles.tsv", gcp(_read(arguments.gcp), arguments.date)
    yield "azure/roles.tsv", azure(_read(arguments.azure), arguments.date)
    yield "azure/entra_permissions.tsv", entra(_read(arguments.risky), _read(arguments.tiers), arguments.date)


def main() -> None:
    """Write the tables from the command line's arguments."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    for name in ("gcp", "azure", "risky", "tiers"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--date", required=True, help="day the sources were taken, YYYY-MM-DD")
    parser.add_argument("--out", type=Path, default=HERE)
    arguments = parser.parse_args()
    for name, text in tables(arguments):
        (arguments.out / name).parent.mkdir(exist_ok=True)
        (arguments.out / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
