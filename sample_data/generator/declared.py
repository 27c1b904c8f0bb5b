"""What no export says and people typed into the product's template: where keys rest, which repositories count, who has left."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from generator.azure import declared as azure
from generator.chance import key_id
from generator.company import ACCOUNTS, DEPARTED, GITHUB, NONPROD, PEOPLE, REGION, Account, Quarter, email
from generator.estate import Estate
from generator.gcp import declared as gcp
from generator.scans import repositories
from generator.stores import IN_MANAGER
from generator.user_list import MACHINE_LINES


def table(name: str, rows: Iterable[dict[str, str]]) -> str:
    """CSV with the table's name in the first column."""
    listed = [{"nhi_table": name, **row} for row in rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=list(listed[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue()


def store_id(account: Account) -> str:
    return f"aws:secretsmanager:{account.id}:{REGION}"


def credentials(quarter: Quarter, estates: list[Estate]) -> str:
    """Access keys that rest in the secrets manager."""
    current = {key.id for estate in estates for user in estate.users for key in user.keys if key.active}
    rows = []
    for line in MACHINE_LINES:
        rest = line.rest(quarter.number)
        if rest not in IN_MANAGER:
            continue
        key = key_id(line.name, 1 if rest == "stale" else quarter.number)
        if key not in current:
            raise ValueError(f"user_list: {line.name}: the key said to be in the manager is not an active one")
        place = {"storage": "secrets_manager", "isolation": "isolated", "store_id": store_id(line.account)}
        rows.append({"provider": "aws", "scope": line.account.id, "name": key, "kind": "access_key", "native_id": key, **place})
    return table("credential", rows)


def cloud_credentials(quarter: Quarter) -> str:
    """Keys of Google Cloud's service accounts, secrets and certificates of Azure's applications."""
    return table("credential", [*gcp.credentials(quarter), *azure.credentials(quarter)])


def cloud_owners(quarter: Quarter) -> str:
    """Google Cloud's labels hold no e-mail address, so its owners are typed in."""
    return table("ownership", gcp.owners(quarter))


def scan_targets(quarter: Quarter) -> str:
    return table(
        "scan_target", ({"target_id": f"{GITHUB}/{name}", "kind": "repository", "in_scope": "true"} for name in repositories(quarter))
    )


def owners() -> str:
    here = sorted({person for people in PEOPLE.values() for person in people})
    gone = sorted(set(DEPARTED.values()))
    return table(
        "owner",
        [{"owner_id": email(person), "kind": "person", "status": "active"} for person in here]
        + [{"owner_id": email(person), "kind": "person", "status": "departed"} for person in gone],
    )


def secret_stores() -> str:
    """The manager is approved in every account; whether nonprod logs reads, nobody said."""
    rows = []
    for account in ACCOUNTS:
        name = f"Secrets Manager {REGION} of {account.name}"
        logged = "" if account == NONPROD else "true"
        kept = {"store_id": store_id(account), "provider": "aws", "scope": account.id, "kind": "aws_secrets_manager", "name": name}
        rows.append({**kept, "approved": "true", "access_logged": logged})
    return table("secret_store", rows)
