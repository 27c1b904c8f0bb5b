"""AgentCore's credential providers: what the secrets are that Secrets Manager shows without a kind."""

from __future__ import annotations

import pytest

from inventory.model import Credential, CredentialKind, Storage, StorageBasis
from tests.collectors.aws.shapes import ACCOUNT, document, only, rows

SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:bedrock-agentcore-identity!default/apikey/maps-AbCdEf"
PROVIDER = {
    "name": "maps",
    "credentialProviderArn": f"arn:aws:bedrock-agentcore:eu-west-1:{ACCOUNT}:token-vault/default/apikeycredentialprovider/maps",
}


@pytest.mark.parametrize(
    ("field", "kind"), [("apiKeySecretArn", CredentialKind.API_KEY), ("clientSecretArn", CredentialKind.OAUTH_CLIENT_SECRET)]
)
def test_a_provider_says_what_the_secret_is_that_it_keeps(field: str, kind: CredentialKind) -> None:
    (held,) = only(Credential, rows("aws-agent-credentials", document({**PROVIDER, field: {"secretArn": SECRET}})))
    (listed,) = only(Credential, rows("aws-secrets", document({"SecretList": [{"ARN": SECRET, "Name": "maps"}]})))

    assert (held.kind, held.storage, held.storage_basis) == (kind, Storage.SECRETS_MANAGER, StorageBasis.OBSERVED)
    assert (held.credential_id, held.native_id, held.store_id) == (listed.credential_id, listed.native_id, listed.store_id)


def test_a_provider_without_a_secret_is_no_credential() -> None:
    assert rows("aws-agent-credentials", document({**PROVIDER, "clientSecretArn": None})) == []


def test_a_list_of_providers_only_leads_on() -> None:
    assert rows("aws-lists", document({"credentialProviders": [PROVIDER], "nextToken": "n"})) == []
