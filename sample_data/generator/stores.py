"""What Secrets Manager holds: database passwords, partners' API keys, and the access keys that were taken into it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from generator.chance import between, on_day, percent
from generator.company import PROD, TOOLING, Account, Quarter, services
from generator.estate import Secret
from generator.user_list import MACHINE_LINES

IN_MANAGER = {"manager", "stale", "exchange"}

PARTNERS = (
    ("partners/acquirer-api", "payments", None),
    ("partners/card-scheme-sftp", "payments", 90),
    ("partners/customs-broker-api", "carriers", None),
    ("partners/maps-api", "routing", None),
    ("partners/sms-gateway", "portal", 90),
)
"""(name, team, days between rotations; None: by hand)"""


def secrets(quarter: Quarter, account: Account) -> Iterator[Secret]:
    for service in services(quarter):
        if "secret" in service.needs and account != TOOLING:
            days = 30 if service.team in ("payments", "ledger") else None
            yield _secret(quarter, account, f"{service.name}/database", service.team, days, f"Database password of {service.name}")
    if account == PROD:
        for name, team, rotation in PARTNERS:
            yield _secret(quarter, account, name, team, rotation, "Credential issued by a partner")
    for line in MACHINE_LINES:
        rest = line.rest(quarter.number)
        if line.account == account and rest in IN_MANAGER:
            days = None if rest == "stale" else 60
            yield _secret(quarter, account, f"iam/{line.name}", line.team, days, f"Access key of IAM user {line.name}")


def _secret(quarter: Quarter, account: Account, name: str, team: str, rotation_days: int | None, description: str) -> Secret:
    created = on_day(datetime(2022, 3, 1), datetime(2025, 6, 1), "secret", account.id, name)
    rotated = quarter.ago(between(2, rotation_days - 2, "rotation", quarter.number, account.id, name)) if rotation_days else None
    if rotated is None and percent("changed by hand", account.id, name) < 50:
        rotated = on_day(datetime(2025, 6, 2), datetime(2026, 1, 15), "by hand", account.id, name)
    return Secret(
        account=account, name=name, description=description, created=created, rotated=rotated, rotation_days=rotation_days, team=team
    )
