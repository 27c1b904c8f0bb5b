"""Where credentials are found: by names of settings and files, never by a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from collectors.credentials import found
from collectors.live import PROVIDERS

NONE: dict[str, list[str]] = {"aws": [], "gcp": [], "azure": []}


def test_every_provider_that_can_be_asked_is_looked_for(tmp_path: Path) -> None:
    assert found({}, tmp_path) == NONE
    assert list(NONE) == list(PROVIDERS)


@pytest.mark.parametrize(
    ("variables", "provider", "where"),
    [
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "aws", "an access key in the environment"),
        (("AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"), "aws", "a web identity token"),
        (("AWS_CONTAINER_CREDENTIALS_FULL_URI",), "aws", "the role of a container"),
        (("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET"), "azure", "a secret in the environment"),
        (("AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_FEDERATED_TOKEN_FILE"), "azure", "a workload identity"),
    ],
)
def test_settings_count_together_only(variables: tuple[str, ...], provider: str, where: str, tmp_path: Path) -> None:
    assert found(dict.fromkeys(variables, "value"), tmp_path) == {**NONE, provider: [where]}
    if len(variables) > 1:
        assert found(dict.fromkeys(variables[:-1], "value"), tmp_path) == NONE
        assert found({**dict.fromkeys(variables, "value"), variables[0]: ""}, tmp_path) == NONE


@pytest.mark.parametrize(
    ("path", "provider", "where"),
    [
        (".aws/credentials", "aws", "the credentials file"),
        (".aws/config", "aws", "the configuration file"),
        (".config/gcloud/application_default_credentials.json", "gcp", "gcloud's application default login"),
        (".azure/azureProfile.json", "azure", "the login of az"),
    ],
)
def test_a_file_in_the_home_folder_counts(path: str, provider: str, where: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    assert found({}, tmp_path) == NONE
    file.write_text("never read")
    assert found({}, tmp_path) == {**NONE, provider: [where]}


def test_a_file_counts_where_a_setting_says_it_is_and_only_there(tmp_path: Path) -> None:
    (tmp_path / ".aws").mkdir()
    (tmp_path / ".aws/credentials").write_text("never read")
    (tmp_path / "key.json").write_text("never read")
    elsewhere = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"), "GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "key.json")}
    assert found(elsewhere, tmp_path) == {**NONE, "gcp": ["a credentials file"]}
    assert found({"GOOGLE_APPLICATION_CREDENTIALS": str(tmp_path / "gone.json")}, tmp_path)["gcp"] == []
