"""The AWS role that another cloud uses: a service account of Google Cloud copies parcel events into the data lake, in both quarters."""

from __future__ import annotations

from collections.abc import Iterator

from generator import trusts
from generator.company import PROD, Account, Quarter
from generator.estate import Role
from generator.gcp.accounts import unique_id
from generator.gcp.places import PROD as GCP_PROD
from generator.roles import make_role

MIRROR = "gcp-parcel-mirror"
ACCOUNT = GCP_PROD.email("carrier-tracking-feed")


def roles(quarter: Quarter, account: Account) -> Iterator[Role]:
    if account == PROD:
        trust = trusts.google(unique_id(ACCOUNT))
        yield make_role(
            quarter, PROD, MIRROR, team="carriers", environment="production", trust=trust, path="/federated/", managed=("data-lake-read",)
        )
