"""Secrets, certificates and federated credentials of applications, as Graph lists them. No secret's value is in such a list, only its first letters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from generator.azure.application_list import Line, lines
from generator.azure.identity_list import Managed, managed
from generator.azure.places import Subscription
from generator.chance import between, guid, letters, on_day
from generator.company import GITHUB, Quarter
from generator.dress import iso, zulu
from generator.estate import Json
from generator.gcp.accounts import unique_id
from generator.gcp.places import PROD as GCP_PROD

STATIC = ("code", "shared", "isolated", "ci", "manager", "unknown", "both", "expired", "off")
ON_THE_PRINCIPAL = ("routing-weather-feed",)
"""Added to the service principal instead of the application, where the portal does not show it."""
REMEMBERED = ("platform-terraform", "payments-report-share")
"""Moved to federation in Q3; the expired secret is still listed."""

AUDIENCE = "api://AzureADTokenExchange"
GITHUB_ISSUER = "https://token.actions.githubusercontent.com"
CLUSTER_ISSUER = f"https://westeurope.oic.prod-aks.azure.com/{guid('tenant')}/{guid('cluster')}/"
REPOSITORIES = {
    "platform-terraform": "infra-terraform:environment:azure-prod",
    "platform-deploy-portal": "portal-web:environment:production",
    "payments-dispute-mailer": "settlement-batch:ref:refs/heads/main",
    "payments-report-share": "settlement-batch:ref:refs/heads/main",
    "ledger-erp-sync": "reconciliation:ref:refs/heads/main",
    "platform-dns-automation": "infra-terraform:ref:refs/heads/main",
    "docai-indexer": "docai-pipeline:environment:production",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret or certificate of one application."""

    key_id: str
    title: str
    certificate: bool
    start: datetime
    end: datetime

    def dressed(self) -> Json:
        named = {"displayName": self.title, "endDateTime": zulu(self.end), "keyId": self.key_id, "startDateTime": zulu(self.start)}
        if self.certificate:
            thumb = letters(10, "thumb", self.key_id) + "SAMPLE"
            return {"customKeyIdentifier": thumb, "key": None, "type": "AsymmetricX509Cert", "usage": "Verify"} | named
        return {"customKeyIdentifier": None, "hint": "Sam", "secretText": None} | named


def secrets(quarter: Quarter, line: Line) -> Iterator[Secret]:
    """What is listed in a quarter, expired ones too."""
    rest = line.rest(quarter)
    certificate = line.by == "cert"
    if rest in STATIC:
        start, end = _span(quarter, line)
        yield Secret(key_id=current_key(quarter, line), title=_title(line, rest), certificate=certificate, start=start, end=end)
    if line.name in ("portal-calendar-sync", "security-access-review") or (line.name in REMEMBERED and rest == "github"):
        start = on_day(datetime(2022, 4, 1), datetime(2023, 5, 1), "old secret", line.name)
        key = guid("old secret", line.name)
        yield Secret(key_id=key, title="first", certificate=False, start=start, end=start + timedelta(days=730))


def _title(line: Line, rest: str) -> str:
    return "hotfix, do not delete" if rest == "both" else "rotated by the vault" if rest == "manager" else f"{line.name} {line.by}"


def current_key(quarter: Quarter, line: Line) -> str:
    """Id of the secret or certificate in use; what a manager keeps is replaced every quarter."""
    return guid("secret", line.name, quarter.number if line.rest(quarter) == "manager" else line.rest(quarter) == "both")


def _span(quarter: Quarter, line: Line) -> tuple[datetime, datetime]:
    rest = line.rest(quarter)
    if rest == "manager":
        start = quarter.ago(between(15, 60, "azure rotated", quarter.number, line.name)).replace(microsecond=0)
        return start, start + timedelta(days=180)
    if rest == "both":  # the regression
        return datetime(2026, 7, 6, 16, 41, 9), datetime(2099, 12, 31)
    start = on_day(datetime(2023, 3, 1), datetime(2024, 2, 1), "secret", line.name)
    if rest == "expired":
        return start, start + timedelta(days=730)
    if rest == "off" or line.name == "test-app-1":
        return start, datetime(2299, 12, 31, 5, 0)
    return start, start.replace(year=2027)


def federated(quarter: Quarter, line: Line) -> list[Json]:
    """`az ad app federated-credential list`."""
    rest = line.rest(quarter)
    if rest in ("github", "both"):
        return [_credential(line.name, "github-actions", GITHUB_ISSUER, f"repo:{GITHUB}/{REPOSITORIES[line.name]}")]
    if rest == "cluster":
        return [_credential(line.name, "aks-tracking", CLUSTER_ISSUER, "system:serviceaccount:customs:customs-docs")]
    if rest == "google":
        return [_credential(line.name, "log-sink-of-google", "https://accounts.google.com", unique_id(GCP_PROD.email("log-sink")))]
    if rest == "wide":
        expression = {"languageVersion": 1, "value": "claims['sub'] matches 'repo:*/portal-web:*'"}
        return [_credential(line.name, "any-preview", GITHUB_ISSUER, None) | {"claimsMatchingExpression": expression}]
    return []


def _credential(owner: str, name: str, issuer: str, subject: str | None) -> Json:
    entry: Json = {"audiences": [AUDIENCE], "description": "", "id": guid("federated", owner, name), "issuer": issuer, "name": name}
    return entry | ({"subject": subject} if subject else {})


def federated_lists(quarter: Quarter) -> Iterator[Json]:
    """Each application's answer, wrapped with its id; most are empty."""
    for line in lines(quarter):
        yield {"appId": line.app_id, "federatedIdentityCredentials": federated(quarter, line)}


def federated_of_managed(quarter: Quarter, subscription: Subscription) -> Iterator[Json]:
    """`az identity federated-credential list`, for each identity, wrapped with its principalId."""
    subjects = {
        "cluster": ("aks-tracking", CLUSTER_ISSUER, "system:serviceaccount:tracking:tracking"),
        "github": ("github-actions", GITHUB_ISSUER, ""),
    }
    for one in managed(quarter, subscription):
        if one.kind == "user":
            held = [_of_managed(one, *subjects[one.runs])] if one.runs in subjects else []
            yield {"principalId": one.principal_id, "federatedIdentityCredentials": held}


def _of_managed(one: Managed, name: str, issuer: str, subject: str) -> Json:
    place = "environment:production" if one.subscription.environment == "production" else "environment:preview"
    return {
        "audiences": [AUDIENCE],
        "id": f"{one.resource_id}/federatedIdentityCredentials/{name}",
        "issuer": issuer,
        "name": name,
        "resourceGroup": one.subscription.group,
        "subject": subject or f"repo:{GITHUB}/portal-web:{place}",
        "systemData": None,
        "type": "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
    }


def sign_ins(quarter: Quarter) -> list[Json]:
    """Records of Graph's appCredentialSignInActivities: only what was used stands in it."""
    found = []
    for line in lines(quarter):
        for secret in secrets(quarter, line):
            if secret.end < quarter.as_of or line.rest(quarter) == "off" or line.name in UNUSED:
                continue
            used = quarter.ago(between(1, 20, "azure key use", quarter.number, secret.key_id)).replace(minute=0, second=0)
            found.append(
                {
                    "appId": line.app_id,
                    "appObjectId": line.object_id,
                    "credentialOrigin": "servicePrincipal" if line.name in ON_THE_PRINCIPAL else "application",
                    "expirationDate": zulu(secret.end),
                    "id": guid("credential sign-in", secret.key_id),
                    "keyId": secret.key_id,
                    "keyType": "certificate" if secret.certificate else "clientSecret",
                    "keyUsage": "verify" if secret.certificate else None,
                    "resourceId": guid("service principal of", "00000003-0000-0000-c000-000000000000"),
                    "servicePrincipalObjectId": line.principal_id,
                    "signInActivity": {"lastSignInDateTime": zulu(used), "lastSignInRequestId": guid("request", secret.key_id)},
                }
            )
    return found


UNUSED = ("test-app-1", "portal-calendar-sync", "routing-weather-feed")
"""Their secret was not used for as long as Entra remembers."""


def cli_time(moment: datetime) -> str:
    """As az prints ARM's times."""
    return iso(moment)
