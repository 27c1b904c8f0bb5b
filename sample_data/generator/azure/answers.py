"""What was planted in Azure, on whom, and which stage follows by the published rules. Written by hand, never by the product.

Applications: sign-ins are logged; the tenant's application policy could not be read in the second quarter and refuses new secrets in the third.
Managed identities: production logs who did what; of its one policy nothing says that it binds identities until a second one refuses foreign issuers
in the third quarter. Nonprod exports health only, not who did what: 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.azure import credentials, resources
from generator.azure.application_list import LINES, lines
from generator.azure.directory import foreign_principal
from generator.azure.identity_list import managed
from generator.azure.places import FIRST_PARTY, NONPROD, OTHER_FIRMS, PROD, SUBSCRIPTIONS
from generator.company import Quarter
from generator.estate import Json

Stage = tuple[int, int]

SIGNS_IN_WITH: dict[str, tuple[str, tuple[Stage, Stage] | None, str]] = {
    # word of application_list -> (story, stage in the second and third quarter, what it shows)
    "github": ("azure-federated", ((6, 7), (7, 7)), "only a federated credential whose subject names one workload"),
    "cluster": ("azure-federated", ((6, 7), (7, 7)), "only a federated credential whose subject names one workload"),
    "wide": ("azure-federation-too-wide", ((6, 6), (6, 6)), "the expression lets in a repository of that name of any owner"),
    "code": ("azure-secret-in-code", ((2, 2), (2, 2)), "its secret is declared to stand in a repository"),
    "shared": ("azure-secret-shared-over-environments", ((2, 3), (3, 3)), "its secret lies in variables of two environments"),
    "ci": ("azure-secret-in-ci", ((2, 4), (3, 4)), "its secret lies in a CI variable; of how many environments was not said"),
    "isolated": ("azure-secret-in-one-environment", ((2, 4), (4, 4)), "its secret lies in variables of one environment"),
    "manager": (
        "azure-secret-in-manager",
        ((2, 6), (6, 6)),
        "a secret or certificate only buys tokens, and is declared to rest in Key Vault",
    ),
    "unknown": ("azure-secret-storage-unknown", ((2, 6), (2, 6)), "a secret or certificate only buys tokens; nobody said where it rests"),
    "both": (
        "azure-regression",
        ((3, 4), (3, 4)),
        "federated in Q2; in July somebody added a secret that is valid until 2099 and put it into a CI variable",
    ),
    "expired": ("azure-only-expired", None, "its secret has expired: no active path"),
    "none": ("azure-no-credential", None, "nothing to sign in with"),
    "off": ("azure-disabled", None, "its service principal is disabled, its secret is not"),
}


def _subject(object_id: str) -> str:
    return f"azure:{object_id}"


def _story(name: str, stage: Stage | None, what: str, subjects: list[str]) -> Iterator[Json]:
    if subjects:
        yield {"story": name, "stage": list(stage) if stage else None, "what": what, "subjects": sorted(subjects)}


def counts(quarter: Quarter) -> dict[str, int]:
    here = lines(quarter)
    vendors = sum(since <= quarter.number for since in OTHER_FIRMS.values())
    held = [secret for line in here for secret in credentials.secrets(quarter, line)]
    machines = [resources.machines, resources.functions]
    return {
        "azure_applications": len(here),
        "azure_managed_identities": len(managed(quarter)),
        "azure_service_principals": len(here) + len(managed(quarter)) + vendors + len(FIRST_PARTY),
        "azure_first_party_service_principals": len(FIRST_PARTY),
        "azure_secrets_and_certificates": len(held),
        "azure_expired_secrets_and_certificates": sum(secret.end < quarter.as_of for secret in held),
        "azure_workloads": sum(len(listed(quarter, subscription)) for listed in machines for subscription in SUBSCRIPTIONS),
    }


def stories(quarter: Quarter) -> Iterator[Json]:
    told: dict[str, list[str]] = {}
    for word, (name, _, _) in SIGNS_IN_WITH.items():
        told.setdefault(name, []).extend(_subject(line.principal_id) for line in lines(quarter) if line.rest(quarter) == word)
    for name, stage, what in dict.fromkeys(SIGNS_IN_WITH.values()):
        yield from _story(name, stage[quarter.number - 2] if stage else None, what, told[name])
    third = quarter.number >= 3
    prod, nonprod = ([_subject(one.principal_id) for one in managed(quarter, where)] for where in (PROD, NONPROD))
    yield from _story("azure-managed-prod", (7, 7) if third else (6, 7), "a managed identity; policy as said, use logged", prod)
    yield from _story("azure-managed-nonprod", (6, 6), "a managed identity; who did what is not exported", nonprod)
    vendors = [_subject(foreign_principal(name)) for name, since in OTHER_FIRMS.items() if since <= quarter.number]
    yield from _story("azure-vendor", (2, 6), "another firm's application; how it keeps its credentials is not known", vendors)
    if third:
        moved = [_subject(line.principal_id) for line in LINES if line.rests[1] == "github" and line.rests[0] in ("ci", "unknown")]
        yield from _story("azure-secrets-replaced", (7, 7), "had a secret in Q2 and is federated now", moved)
    yield from _from_google(quarter)


def _from_google(quarter: Quarter) -> Iterator[Json]:
    """The account of Google Cloud stands at 6 in Q2 and at 7 in Q3; the tenant alone would say 6 or 7 in Q2."""
    found = [_subject(line.principal_id) for line in lines(quarter) if line.rest(quarter) == "google"]
    what = "a service account of Google Cloud (log-sink) becomes it: as mature as the weaker of the two"
    yield from _story("cross-cloud-google-into-azure", (7, 7) if quarter.number >= 3 else (6, 6), what, found)
