"""Where secrets and certificates of applications rest: what the platform team typed in."""

from __future__ import annotations

from collections.abc import Iterator

from generator.azure.application_list import lines
from generator.azure.credentials import current_key
from generator.azure.places import TENANT
from generator.company import Quarter
from generator.gcp.declared import PLACES


def credentials(quarter: Quarter) -> Iterator[dict[str, str]]:
    for line in lines(quarter):
        rest = line.rest(quarter)
        place = PLACES.get("ci" if rest == "both" else rest)
        if place is None:
            continue
        kind = "x509_certificate" if line.by == "cert" else "oauth_client_secret"
        named = {
            "provider": "azure",
            "scope": TENANT,
            "name": f"{line.name} {line.by}",
            "kind": kind,
            "native_id": current_key(quarter, line),
        }
        yield named | place | {"store_id": ""}
