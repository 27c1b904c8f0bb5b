"""Build `aws_accounts.tsv`, the AWS accounts that vendors publish as theirs.

Run by a maintainer when the list has grown, never by the product:

    python -m scoring.vendors.build accounts.yaml

The source is `accounts.yaml` of github.com/fwdcloudsec/known_aws_accounts (Apache-2.0): entries of `- name:`, `source:` and `accounts:`.
The same input gives the same bytes. An entry of another shape stops the build, so that no vendor is lost in silence.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

OUT = Path(__file__).with_name("aws_accounts.tsv")
HEADER = "# AWS account\tvendor: from github.com/fwdcloudsec/known_aws_accounts (Apache-2.0), made by build.py"
NAME = re.compile(r"""- name: *(?:'(?P<single>(?:[^']|'')*)'|"(?P<double>[^"]*)"|(?P<bare>[^#\n]*))""")
ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")


def vendors(text: str) -> Iterator[tuple[str, str]]:
    """(account, vendor) of each entry. Raises ValueError for an entry without a name or without an account."""
    for entry in re.split(r"^(?=- )", text, flags=re.MULTILINE)[1:]:
        named = NAME.match(entry)
        if not named:
            raise ValueError(f"no name: {entry[:60]!r}")
        name = (named["single"] or named["double"] or named["bare"] or "").replace("''", "'").strip()
        accounts = ACCOUNT.findall(re.sub(r"#.*", "", entry.partition("accounts:")[2]))
        if not name or not accounts:
            raise ValueError(f"no account: {entry[:60]!r}")
        yield from ((account, name) for account in accounts)


def main(path: str) -> None:
    """Write the list anew."""
    found: dict[str, set[str]] = {}
    for account, name in vendors(Path(path).read_text(encoding="utf-8")):
        found.setdefault(account, set()).add(name)
    lines = [f"{account}\t{' / '.join(sorted(names))}" for account, names in sorted(found.items())]
    OUT.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
