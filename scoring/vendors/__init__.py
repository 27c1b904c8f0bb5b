"""Who is behind an outside account, as far as vendors publish it: `aws_accounts.tsv`, made by build.py.

A name tells people whom to ask. It judges nothing: a vendor that is known is not thereby trusted.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def aws_vendors() -> Mapping[str, str]:
    """Vendor by AWS account id."""
    text = (files("scoring.vendors") / "aws_accounts.tsv").read_text(encoding="utf-8")
    pairs = (line.partition("\t") for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType({account: vendor for account, _, vendor in pairs})
