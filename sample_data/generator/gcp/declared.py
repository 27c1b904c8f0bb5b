"""Where keys of service accounts rest and who answers for the accounts: what the platform team typed in."""

from __future__ import annotations

from collections.abc import Iterator

from generator.company import PEOPLE, REGION, Quarter, email
from generator.company import PROD as AWS_PROD
from generator.gcp.account_list import lines
from generator.gcp.accounts import current_key
from generator.gcp.exports import keys_listed
from generator.gcp.places import PROJECTS

PLACES = {
    "code": {"storage": "source_code", "isolation": ""},
    "shared": {"storage": "env_var", "isolation": "shared"},
    "isolated": {"storage": "env_var", "isolation": "isolated"},
    "ci": {"storage": "cicd_store", "isolation": ""},
    "manager": {"storage": "secrets_manager", "isolation": "isolated"},
}


def credentials(quarter: Quarter) -> Iterator[dict[str, str]]:
    """Keys of Google Cloud rest in the manager that the company approved: AWS's."""
    for project in PROJECTS:
        for line in lines(quarter, project):
            key, place = current_key(quarter, line), PLACES.get(line.rest(quarter))
            if key is None or place is None or not keys_listed(quarter, project):
                continue
            store = f"aws:secretsmanager:{AWS_PROD.id}:{REGION}" if line.rest(quarter) == "manager" else ""
            named = {"provider": "gcp", "scope": project.id, "name": f"{line.name} {key[:10]}", "kind": "signing_key", "native_id": key}
            yield named | place | {"store_id": store}


def owners(quarter: Quarter) -> Iterator[dict[str, str]]:
    """The first of a team answers for its accounts, the same person as in AWS and Azure. For the data team's nobody was named in Q2."""
    for project in PROJECTS:
        for line in lines(quarter, project):
            if line.team != "data" or quarter.number >= 3:
                yield {"identity_id": f"serviceAccount:{line.email}", "owner_id": email(PEOPLE[line.team][0])}
