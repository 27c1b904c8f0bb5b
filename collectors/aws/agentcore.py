"""Amazon Bedrock AgentCore: its agents' identities, and the API keys and OAuth clients that it keeps for them in Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import account_of, parse_arn
from collectors.aws.secrets_manager import store_id
from collectors.document import Document, Format, Problem
from collectors.records import Notes, has_page, pages, read_list, read_pages
from inventory.model import Credential, CredentialKind, Human, Identity, IdentityKind, Row, Status, Storage, StorageBasis

HELD: Mapping[str, CredentialKind] = {
    "apiKeySecretArn": CredentialKind.API_KEY,
    "clientSecretArn": CredentialKind.OAUTH_CLIENT_SECRET,
}
"""Field that says where the secret is kept, and what it is."""


def agents(document: Document) -> Iterator[Row | Problem]:
    """bedrock-agentcore-control list-workload-identities."""
    return read_list(document, "workloadIdentities", _agent)


def _agent(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = raw["workloadIdentityArn"]
    yield Identity(
        identity_id=arn,
        provider="aws",
        scope=account_of(arn),
        name=raw["name"],
        kind=IdentityKind.AI_AGENT,
        native_type="AWS::BedrockAgentCore::WorkloadIdentity",
        human=Human.NONHUMAN,
        human_basis="a workload identity of an AI agent",
        status=Status.ACTIVE,
        evidence=notes.document.at(f"workloadIdentities[{arn}]"),
    )


def providers(document: Document) -> Iterator[Row | Problem]:
    """get-api-key-credential-provider and get-oauth2-credential-provider: what the secret is that list-secrets shows without a kind.
    Rotation and use are told there."""
    return read_pages(document, "credentialProviderArn", _provider)


def _provider(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    provider = raw["credentialProviderArn"]
    for field, kind in HELD.items():
        arn = parse_arn((raw.get(field) or {}).get("secretArn") or "")
        if arn is None:
            continue
        yield Credential(
            credential_id=f"aws:secret:{arn.text}",
            provider="aws",
            scope=arn.account,
            name=raw["name"],
            kind=kind,
            native_id=arn.text,
            storage=Storage.SECRETS_MANAGER,
            storage_basis=StorageBasis.OBSERVED,
            storage_evidence=notes.document.at(f"credentialProviderArn={provider}"),
            store_id=store_id(arn.account, arn.region),
            evidence=notes.document.at(f"credentialProviderArn={provider}"),
        )


FORMATS = (
    Format(
        name="aws-agents",
        title="AgentCore workload identities: `aws bedrock-agentcore-control list-workload-identities`",
        matches=lambda document: has_page(document, "workloadIdentities"),
        rows=agents,
    ),
    Format(
        name="aws-agent-credentials",
        title="AgentCore credentials: `aws bedrock-agentcore-control get-api-key-credential-provider`, `get-oauth2-credential-provider`",
        matches=lambda document: any(HELD.keys() & page.keys() for page in pages(document, "credentialProviderArn")),
        rows=providers,
    ),
)
