"""Key Vaults and the names and dates of what they hold. A listing holds no values."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.azure.answers import Record, coverage, first, guid, read_all, records, shortfall, subscription_of, type_of
from collectors.azure.credentials import expiry
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import (
    Account,
    Credential,
    CredentialKind,
    Entitlement,
    Fact,
    Issuance,
    Row,
    SecretStore,
    Status,
    Storage,
    StorageBasis,
)

TYPE = "microsoft.keyvault/vaults"
OBJECT = re.compile(r"https://([A-Za-z0-9-]+)\.vault\.[a-z.]+/(secrets|keys|certificates)/([^/]+)")
"""An object of a vault; its version may follow."""

PARTS = ("secrets", "keys", "certificates")
ONE_VAULT = "secrets are listed one vault at a time; whether every vault of the subscription was asked is not in the answer"


def store_id(vault: str) -> str:
    """Vault names are unique over all of Azure."""
    return f"azure:keyvault:{vault.lower()}"


def vaults(document: Document) -> Iterator[Row | Problem]:
    """az keyvault list: stores, and who may read them where access policies rather than roles decide."""
    notes = Notes(document)
    yield from read_all(notes, vault)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    for subscription in sorted({value for raw in found if (value := subscription_of(raw.get("id")))}):
        yield Account(scope=subscription, provider="azure", evidence=document.at(f"/subscriptions/{subscription}"))
    yield from notes.problems


def vault(notes: Notes, raw: Record) -> Iterator[Row]:
    """One vault. `az keyvault list` leaves out the access policies, `az keyvault show` does not."""
    resource, name = str(raw["id"]).lower(), str(raw["name"])
    evidence = notes.document.at(f"vault={resource}")
    yield SecretStore(
        store_id=store_id(name),
        provider="azure",
        scope=subscription_of(resource),
        kind="azure_key_vault",
        name=f"Key Vault {name}",
        evidence=evidence,
    )
    if raw.get("enableRbacAuthorization") is True:
        return
    for policy in raw.get("accessPolicies") or []:
        principal, permissions = guid(policy["objectId"]), policy.get("permissions") or {}
        for part in PARTS:
            verbs = sorted({str(verb).lower() for verb in permissions.get(part) or []})
            if verbs:
                yield Entitlement(
                    identity_id=f"azure:{principal}",
                    document_id=None,
                    via="access_policy",
                    policy_name=f"{part}: {', '.join(verbs)}",
                    policy_id=f"keyvault:{part}",
                    resource=resource,
                    evidence=evidence,
                )


def stored_secrets(document: Document) -> Iterator[Row | Problem]:
    """az keyvault secret list, one answer per vault: names and dates."""
    notes = Notes(document)
    yield from read_all(notes, _secret)
    scopes = {document.scope.lower()} if document.scope else set()
    yield from coverage(document, (Fact.STORED_SECRETS,), scopes, shortfall(document) or ONE_VAULT)
    yield from notes.problems


def _secret(notes: Notes, raw: Record) -> Iterator[Row]:
    found = OBJECT.match(str(raw.get("id") or raw["kid"]))
    if found is None:
        raise ValueError("its id is not one of a Key Vault")
    vault_name, _, name = found.groups()
    if raw.get("managed") is True:
        return  # the half of a certificate that the vault keeps; the certificate itself is listed apart
    record = f"secret={vault_name.lower()}/{name}"
    attributes = raw.get("attributes") or {}
    scope = notes.document.scope
    expires_at, never = expiry(notes, attributes.get("expires", attributes.get("exp")), record, "expires")
    updated = notes.when(attributes.get("updated"), record, "updated")
    created = notes.when(attributes.get("created"), record, "created")
    enabled = attributes.get("enabled")
    yield SecretStore(
        store_id=store_id(vault_name),
        provider="azure",
        scope=scope,
        kind="azure_key_vault",
        name=f"Key Vault {vault_name}",
        evidence=notes.document.at(f"vault={vault_name.lower()}"),
    )
    yield Credential(
        credential_id=f"azure:stored:{vault_name.lower()}/{name}",
        provider="azure",
        scope=scope,
        name=name,
        kind=CredentialKind.STORED_SECRET,
        native_id=f"{vault_name.lower()}/{name}",
        storage=Storage.SECRETS_MANAGER,
        storage_basis=StorageBasis.OBSERVED,
        storage_evidence=notes.document.at(record),
        store_id=store_id(vault_name),
        issuance=Issuance.UNKNOWN,
        created_at=created,
        rotated_at=created if created and created == updated else None,  # an update may be of a tag, which changes no value
        expires_at=expires_at,
        never_expires=True if "expires" in attributes and attributes["expires"] is None else never,
        status=Status.ACTIVE if enabled is True else Status.INACTIVE if enabled is False else Status.UNKNOWN,
        evidence=notes.document.at(record),
    )


def _is_vaults(document: Document) -> bool:
    return type_of(first(document) or {}) == TYPE


def _is_secrets(document: Document) -> bool:
    found = first(document) or {}
    of_vault = OBJECT.match(str(found.get("id") or ""))
    return of_vault is not None and of_vault[2] == "secrets" and "attributes" in found


FORMATS = (
    Format(name="azure-key-vaults", title="Key Vaults: `az keyvault list`, `az keyvault show`", matches=_is_vaults, rows=vaults),
    Format(
        name="azure-key-vault-secrets",
        title="Names and dates of secrets: `az keyvault secret list --vault-name V`, one answer per vault",
        matches=_is_secrets,
        rows=stored_secrets,
        settled=frozenset({ONE_VAULT}),
    ),
)
