"""Which providers can be asked from here: where their SDKs would find credentials. Looks for names and files only.

No value is read and nothing is asked, so what is found may have expired. A role that a machine or container has of itself is only seen where
the environment names it; an SDK would find more by asking the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place where an SDK looks."""

    title: str
    variables: tuple[str, ...] = ()
    """All of them must be set."""
    file: tuple[str, str] | None = None
    """A variable that names the file or its folder, and where it is otherwise, below the home folder (empty: nowhere)."""
    inside: str = ""
    """Name of the file in the folder that the variable names; empty: it names the file itself."""


PLACES: Mapping[str, tuple[Place, ...]] = {
    "aws": (
        Place(title="an access key in the environment", variables=("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")),
        Place(title="a web identity token", variables=("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN")),
        Place(title="the role of a container", variables=("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",)),
        Place(title="the role of a container", variables=("AWS_CONTAINER_CREDENTIALS_FULL_URI",)),
        Place(title="the credentials file", file=("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")),
        Place(title="the configuration file", file=("AWS_CONFIG_FILE", ".aws/config")),
    ),
    "gcp": (
        Place(title="a credentials file", file=("GOOGLE_APPLICATION_CREDENTIALS", "")),
        Place(
            title="gcloud's application default login",
            file=("CLOUDSDK_CONFIG", ".config/gcloud/application_default_credentials.json"),
            inside="application_default_credentials.json",
        ),
    ),
    "azure": (
        Place(title="a secret in the environment", variables=("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET")),
        Place(title="a certificate", variables=("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_CERTIFICATE_PATH")),
        Place(title="a workload identity", variables=("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE")),
        Place(title="a managed identity", variables=("IDENTITY_ENDPOINT",)),
        Place(title="the login of az", file=("AZURE_CONFIG_DIR", ".azure/azureProfile.json"), inside="azureProfile.json"),
    ),
}
"""Provider -> places, in the order of its SDK."""


def found(environment: Mapping[str, str], home: Path) -> dict[str, list[str]]:
    """Places by provider where there are credentials, in words; an empty list where there are none."""
    return {provider: _there(places, environment, home) for provider, places in PLACES.items()}


def _there(places: Sequence[Place], environment: Mapping[str, str], home: Path) -> list[str]:
    return list(dict.fromkeys(place.title for place in places if _is_there(place, environment, home)))


def _is_there(place: Place, environment: Mapping[str, str], home: Path) -> bool:
    if place.file is None:
        return all(environment.get(name) for name in place.variables)
    variable, otherwise = place.file
    named = environment.get(variable)
    path = Path(named).expanduser() / place.inside if named else home / otherwise
    return path.is_file()  # the home folder itself, where there is no other place, is none
