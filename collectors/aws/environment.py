"""Environment variables: which of them hold a credential. Values are looked at here and dropped; names and keyed fingerprints stay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from collectors.document import Document
from inventory.model import Credential, CredentialKind, Status, Storage, StorageBasis

KEY_ID = re.compile(r"\b((?:AKIA|ASIA)[A-Z0-9]{16})\b")

SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|(^|_)PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|ACCOUNT_?KEY|CREDENTIAL|CONN(ECTION)?_?STR|(^|_)DSN$|(^|_)PAT$)",
    re.IGNORECASE,
)
NOT_THE_SECRET = re.compile(
    r"(_ARN|_NAME|_ID|_PATH|_FILE|_URL|_URI|_HOST|_ENDPOINT|_REGION|_VERSION|_TTL|_EXPIRY|_EXPIRES(_IN)?|_LIFETIME|_ALGORITHM|_ALG|_HEADER"
    r"|_ENABLED|_LENGTH|_LIMIT|_PARAM(ETER)?|_PREFIX|_SUFFIX|_ALIAS|_TYPE|_TABLE|_BUCKET|_STORE|_MANAGER|_ISSUER|_AUDIENCE|_REF|_KEY_ROTATION)S?$",
    re.IGNORECASE,
)
REFERENCE = re.compile(
    r"^(arn:|ssm:|ssm/|vault:|secretsmanager:|sm://|projects/|\{\{resolve:|\$\{|aws:secretsmanager|/[\w.-]+/|file:)", re.IGNORECASE
)
PLACEHOLDER = re.compile(r"^(\**|x+|redacted|<.*>|\[.*\]|removed|hidden|masked|null|none)$", re.IGNORECASE)
PLAIN = re.compile(r"^(true|false|yes|no|on|off|enabled|disabled|\d{1,8})$", re.IGNORECASE)

KINDS = (
    (re.compile(r"PASS|PWD", re.IGNORECASE), CredentialKind.PASSWORD),
    (re.compile(r"ACCESS_?KEY", re.IGNORECASE), CredentialKind.ACCESS_KEY),
    (re.compile(r"PRIVATE_?KEY|SIGNING", re.IGNORECASE), CredentialKind.SIGNING_KEY),
    (re.compile(r"WEBHOOK", re.IGNORECASE), CredentialKind.WEBHOOK_SECRET),
    (re.compile(r"CLIENT_?SECRET", re.IGNORECASE), CredentialKind.OAUTH_CLIENT_SECRET),
    (re.compile(r"(^|_)PAT$|GITHUB_TOKEN|GITLAB_TOKEN", re.IGNORECASE), CredentialKind.PAT),
    (re.compile(r"API_?KEY", re.IGNORECASE), CredentialKind.API_KEY),
    (re.compile(r"TOKEN", re.IGNORECASE), CredentialKind.BEARER_TOKEN),
)


def credentials(
    document: Document, workload_id: str, scope: str | None, variables: Mapping[str, str | None], record: str
) -> Iterator[Credential]:
    """Credentials held in a workload's variables. A value of None means the export holds names only: then the basis is `inferred`."""
    has_key_id = any(value and KEY_ID.search(value) for value in variables.values())
    for name, value in sorted(variables.items()):
        key_id = KEY_ID.search(value) if value else None
        if key_id is None and (not looks_secret(name, value) or (has_key_id and re.search(r"SECRET_?(ACCESS_?)?KEY", name, re.IGNORECASE))):
            continue  # the secret half of a key pair is the same credential as its id
        seen = bool(value) and not PLACEHOLDER.match(value or "")
        yield Credential(
            credential_id=f"aws:env:{workload_id}:{name}",
            provider="aws" if key_id else "other",
            scope=scope,
            name=key_id.group(1) if key_id else f"{name} of {workload_id.rsplit(':', 1)[-1]}",
            kind=CredentialKind.ACCESS_KEY if key_id else _kind(name),
            native_id=key_id.group(1) if key_id else None,
            fingerprint=document.fingerprint(key_id.group(1) if key_id else value or "") if seen else None,
            storage=Storage.ENV_VAR,
            storage_basis=StorageBasis.OBSERVED if seen else StorageBasis.INFERRED,
            storage_evidence=document.at(f"{record}/env/{name}"),
            store_id=workload_id,
            status=Status.ACTIVE,
            evidence=document.at(f"{record}/env/{name}"),
        )


def looks_secret(name: str, value: str | None) -> bool:
    """By its name a secret, and by its value (where seen) no reference, flag or number."""
    if not SECRET_NAME.search(name) or NOT_THE_SECRET.search(name):
        return False
    return value is None or bool(PLACEHOLDER.match(value) and value) or not (value == "" or REFERENCE.match(value) or PLAIN.match(value))


def _kind(name: str) -> CredentialKind:
    return next((kind for pattern, kind in KINDS if pattern.search(name)), CredentialKind.UNKNOWN)
