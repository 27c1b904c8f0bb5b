"""Who Quillhaven is: accounts, teams, people, services, repositories, vendors and the two quarters. Plain data, no logic beyond look-up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

ORGANISATION = "Quillhaven Freight Payments"
DOMAIN = "quillhaven.example"
GITHUB = "quillhaven"
REGION = "eu-west-1"
MANAGEMENT = "222233334444"
ORGANIZATION_ID = "o-samplequil1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    number: int
    """2 or 3."""
    as_of: datetime

    @property
    def folder(self) -> str:
        return f"q{self.number}-2026"

    @property
    def label(self) -> str:
        return f"Q{self.number}-2026"

    @property
    def collected(self) -> datetime:
        """When the exports were made: two days before the cut-off, early in the morning."""
        return self.as_of - timedelta(days=2) + timedelta(hours=6, minutes=12)

    def ago(self, days: float) -> datetime:
        return self.collected - timedelta(days=days)


QUARTERS = (Quarter(number=2, as_of=datetime(2026, 6, 30)), Quarter(number=3, as_of=datetime(2026, 9, 30)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    alias: str
    """Folder name."""
    id: str
    environments: tuple[tuple[str, str], ...]
    """(value of the environment tag, suffix of names)"""
    joined: datetime

    @property
    def name(self) -> str:
        return f"quillhaven-{self.alias}"


# The ids are those of AWS's own documentation examples: they belong to nobody.
PROD = Account(alias="prod", id="111122223333", environments=(("production", "prod"),), joined=datetime(2019, 4, 2, 8, 14, 9))
NONPROD = Account(
    alias="nonprod",
    id="444455556666",
    environments=(("staging", "staging"), ("development", "dev")),
    joined=datetime(2019, 4, 2, 8, 31, 40),
)
TOOLING = Account(alias="tooling", id="777788889999", environments=(("tooling", "tooling"),), joined=datetime(2020, 11, 17, 10, 2, 55))
ACCOUNTS = (PROD, NONPROD, TOOLING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    name: str
    team: str
    runtime: str
    """ecs or lambda."""
    needs: tuple[str, ...]
    """Kinds of thing it uses: keys of policies.NEEDS."""
    since: int = 2
    """First quarter in which it exists."""


def _services(team: str, *rows: tuple[str, str, str], since: int = 2) -> tuple[Service, ...]:
    return tuple(Service(name=name, team=team, runtime=runtime, needs=tuple(needs.split()), since=since) for name, runtime, needs in rows)


SERVICES = (
    *_services(
        "payments",
        ("payment-gateway", "ecs", "table queue key secret"),
        ("payout-runner", "ecs", "table queue bucket secret"),
        ("card-vault-proxy", "ecs", "key secret"),
        ("refund-handler", "lambda", "table queue"),
        ("settlement-batch", "lambda", "bucket table key"),
        ("dispute-intake", "lambda", "bucket queue mail"),
    ),
    *_services(
        "ledger",
        ("ledger-api", "ecs", "table key secret"),
        ("ledger-posting", "ecs", "table queue stream"),
        ("reconciliation", "lambda", "bucket table"),
        ("fx-rates", "lambda", "table parameter"),
    ),
    *_services(
        "routing",
        ("route-planner", "ecs", "table bucket parameter"),
        ("eta-predictor", "ecs", "bucket stream"),
        ("geo-cache", "ecs", "bucket parameter"),
        ("depot-capacity", "lambda", "table queue"),
    ),
    *_services(
        "carriers",
        ("carrier-gateway", "ecs", "queue secret parameter"),
        ("tracking-ingest", "ecs", "stream bucket"),
        ("edi-translator", "lambda", "bucket queue"),
        ("label-printer", "lambda", "bucket table"),
        ("customs-docs", "lambda", "bucket key secret"),
    ),
    *_services(
        "portal",
        ("portal-web", "ecs", "bucket parameter"),
        ("portal-bff", "ecs", "table secret"),
        ("notification-sender", "lambda", "mail queue"),
        ("webhook-dispatcher", "lambda", "queue secret"),
    ),
    *_services(
        "data",
        ("warehouse-loader", "ecs", "bucket stream secret"),
        ("feature-store", "ecs", "bucket table"),
        ("parcel-events", "lambda", "stream bucket"),
        ("report-builder", "lambda", "bucket mail"),
    ),
    *_services(
        "platform",
        ("image-scanner", "ecs", "bucket registry"),
        ("dns-updater", "lambda", "parameter"),
        ("cert-renewer", "lambda", "secret parameter"),
        ("log-forwarder", "lambda", "stream bucket"),
        ("backup-runner", "lambda", "bucket key"),
    ),
    *_services("security", ("finding-triage", "lambda", "queue table"), ("access-review", "lambda", "bucket mail")),
    *_services("document-ai", ("docai-ocr", "ecs", "bucket queue model"), ("docai-extract", "lambda", "bucket model"), since=3),
)

PEOPLE: dict[str, tuple[str, ...]] = {
    "payments": ("amelia.hart", "tunde.okafor", "ines.moreau"),
    "ledger": ("piotr.zielak", "hanna.lindqvist"),
    "routing": ("marco.bellandi", "yuki.tanabe"),
    "carriers": ("fiona.mcleish", "ravi.menon"),
    "portal": ("chloe.durand", "sam.whitlock"),
    "data": ("oskar.nyberg", "leila.farahani"),
    "platform": ("dana.kovacs", "joel.abara", "mina.petrov"),
    "security": ("greta.vonholt", "nikhil.rao"),
    "document-ai": ("ana.sorel",),
}
DEPARTED: dict[str, str] = {
    "payments": "victor.lang",
    "ledger": "victor.lang",
    "routing": "beth.osgood",
    "carriers": "beth.osgood",
    "portal": "karim.aziz",
    "data": "karim.aziz",
    "platform": "lars.engstrom",
    "security": "lars.engstrom",
}
"""Who used to own the team's things and has left."""

COST_CENTRES = {team: f"CC-{4100 + 10 * index}" for index, team in enumerate(PEOPLE)}


def email(person: str) -> str:
    return f"{person}@{DOMAIN}"


def services(quarter: Quarter) -> tuple[Service, ...]:
    return tuple(service for service in SERVICES if service.since <= quarter.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    name: str
    account: str
    external_id: bool


VENDORS = {
    # Public ids from https://github.com/fwdcloudsec/known_aws_accounts
    "datadog": Vendor(name="datadog", account="464622532012", external_id=True),
    "newrelic": Vendor(name="newrelic", account="754728514883", external_id=True),
    "vanta": Vendor(name="vanta", account="956993596390", external_id=True),
    "cloudhealth": Vendor(name="cloudhealth", account="454464851268", external_id=False),
    # Invented firms
    "fathom-audit": Vendor(name="fathom-audit", account="888877776666", external_id=False),
    "labelworks": Vendor(name="labelworks", account="555544443333", external_id=True),
    "brokerline": Vendor(name="brokerline", account="333344445555", external_id=True),
}
