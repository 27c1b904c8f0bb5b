"""Vendors by the AWS accounts that they publish."""

from __future__ import annotations

import pytest

from scoring.vendors import aws_vendors
from scoring.vendors.build import vendors

LIST = """# a comment with 123456789012
- name: 'Watchers'
  source: ['https://example.org/210987654321/']
  accounts: ['111111111111', '222222222222'] # 333333333333
- name: "O'Neil"
  accounts:
    - '444444444444'
"""


def test_the_committed_list_names_vendors_by_account() -> None:
    assert len(aws_vendors()) > 400
    assert aws_vendors()["464622532012"] == "Datadog"
    assert all(account.isdigit() and len(account) == 12 and vendor.strip() for account, vendor in aws_vendors().items())


def test_accounts_are_read_from_their_list_only() -> None:
    assert list(vendors(LIST)) == [("111111111111", "Watchers"), ("222222222222", "Watchers"), ("444444444444", "O'Neil")]


@pytest.mark.parametrize("entry", ["- source: ['x']\n", "- name: 'Nobody'\n  accounts: []\n"])
def test_an_entry_of_another_shape_stops_the_build(entry: str) -> None:
    with pytest.raises(ValueError, match="no (name|account)"):
        list(vendors(entry))
