"""What kind of credential a scanner's rule speaks of, from the words of its name. A name that says nothing gives `unknown`."""

from __future__ import annotations

import re
from functools import lru_cache

from inventory.model import CredentialKind

KINDS: tuple[tuple[CredentialKind, tuple[str, ...]], ...] = (
    (CredentialKind.SERVICE_SPECIFIC, ("bedrock",)),
    (CredentialKind.WEBHOOK_SECRET, ("webhook",)),
    (CredentialKind.ACCESS_KEY, ("aws", "amazon")),
    (CredentialKind.SSH_KEY, ("ssh", "openssh")),
    (CredentialKind.SIGNING_KEY, ("private key", "rsa pk", "pkcs12", "pkcs8")),
    (CredentialKind.PAT, ("personal access token", "pat")),
    (CredentialKind.BEARER_TOKEN, ("jwt", "json web token", "app token", "app installation", "refresh token", "github oauth", "bearer")),
    (CredentialKind.OAUTH_CLIENT_SECRET, ("client secret",)),
    (
        CredentialKind.PASSWORD,
        (
            "password",
            "passwd",
            "basic auth",
            "credential uri",
            "connection string",
            "uri",
            "jdbc",
            "postgres",
            "mysql",
            "mongodb",
            "auth user",
        ),
    ),
    (CredentialKind.PAT, ("github", "gitlab")),
    (CredentialKind.API_KEY, ("api key", "apikey", "token", "key", "slack", "stripe")),
)
"""First match wins: the telling words first, `key` and `token`, which most names have, last."""

_WORD_STARTS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=4096)  # a report names few rules, very often
def credential_kind(rule: str) -> CredentialKind:
    """Kind of credential a rule looks for, e.g. `aws-access-token` -> access_key, `PrivateKey` -> signing_key."""
    spaced = re.sub(r"[^a-z0-9]+", " ", _WORD_STARTS.sub(" ", rule).lower())
    words = f" {spaced.strip()} ".replace(" git hub ", " github ").replace(" git lab ", " gitlab ")
    return next((kind for kind, phrases in KINDS if any(f" {phrase} " in words for phrase in phrases)), CredentialKind.UNKNOWN)
