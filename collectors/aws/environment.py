"""Environment variables: which of them hold a credential. Values are looked at here and dropped; names and keyed fingerprints stay.

A value that was seen decides: a reference, a flag or a URL without a password is no secret, whatever its name says. A value that the export
left out leaves the name, and that only hints.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from collectors.document import Document
from inventory.model import Credential, CredentialKind, Status, Storage, StorageBasis

KEY_ID = re.compile(r"(?<![A-Za-z0-9])((?:AKIA|ASIA)[A-Z0-9]{16})(?![A-Za-z0-9])")
KEY_ID_NAME = re.compile(r"_?(ACCESS_?)?KEY(_?ID)?$", re.IGNORECASE)

SECRET_NAME = re.compile(
    r"(PASSWORD|PASSWD|PASSPHRASE|(^|_)PASS(_|$)|(^|_)PWD|SECRET|TOKEN|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|ACCOUNT_?KEY|SIGNING_?KEY"
    r"|ENCRYPTION_?KEY|CREDENTIAL|CONN(ECTION)?_?STR|(^|_)DSN$|(^|_)PAT$)",
    re.IGNORECASE,
)
NOT_THE_SECRET = re.compile(
    r"(_ARN|_NAME|_ID|_PATH|_FILE|_URL|_URI|_HOST|_ENDPOINT|_REGION|_VERSION|_TTL|_EXPIRY|_EXPIRES(_IN)?|_EXPIRATION|_LIFETIME|_AGE|_DAY|_HOUR"
    r"|_MINUTE|_SECOND|_TIMEOUT|_INTERVAL|_ROUND|_ALGORITHM|_ALG|_HEADER|_ENABLED|_REQUIRED|_LENGTH|_LIMIT|_SIZE|_COUNT|_POLICY|_TEMPLATE"
    r"|_PARAM(ETER)?|_PREFIX|_SUFFIX|_ALIAS|_TYPE|_TABLE|_BUCKET|_STORE|_MANAGER|_PROVIDER|_ISSUER|_AUDIENCE|_REF|_FIELD|_KEY_ROTATION"
    r"|_PARALLELISM|PASSFILE)S?$|^(MAX|MIN|USE|ENABLE|DISABLE|REQUIRE|SKIP|NUM)_|(^|_)(MAX|MIN)_|PASSWORDLESS|TOKENIZER",
    re.IGNORECASE,
)
CARRIER_NAME = re.compile(
    r"WEBHOOK_?URL$|(^|_)(DATABASE|DB|MONGO(DB)?|POSTGRES(QL)?|PG|MYSQL|AMQP|RABBITMQ|BROKER|JDBC(_DATABASE)?)_?(URL|URI)$", re.IGNORECASE
)
"""Names of URLs that as a rule carry a password, or are one: they count where the value was left out."""

REFERENCE = re.compile(
    r"^(arn:|ssm:|ssm/|vault:|secretsmanager:|sm://|op://|projects/|\{\{|\$\{|\$\(|%\(|aws:secretsmanager|file:)"
    r"|^(?![A-Za-z0-9/+]{40}$)/[\w.-]+(/[\w.-]+)+$",
    re.IGNORECASE,
)
PLACEHOLDER = re.compile(r"^(\*+|x+|redacted|<.*>|\[.*\]|removed|hidden|masked|null|none)$", re.IGNORECASE)
PLAIN = re.compile(r"^(true|false|yes|no|on|off|enabled|disabled|\d{1,8})$", re.IGNORECASE)
PASSWORD_NAME = re.compile(r"(PASSWORD|PASSWD|PASS|PWD)$", re.IGNORECASE)

URL = re.compile(r"^(jdbc:[a-z0-9]+:|[a-z][a-z0-9+.-]*://)", re.IGNORECASE)
CARRIER = (
    r"(?:password|passwd|pwd|secret|client_?secret|token|access_?token|auth_?token|api_?key|account_?key|shared_?access_?key"
    r"|sharedaccesssignature|sig)"
)
CARRIED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"^[a-z][a-z0-9+.:-]*://[^/?#\s:@]*:(?P<secret>[^/?#\s]+)@",
        r"^jdbc:oracle:[a-z]+:[^/\s:@]+/(?P<secret>[^@\s]+)@",
        rf"(?:^|[?&;,\s]){CARRIER}=(?P<secret>[^\s&;,]+)",
        rf"[\"'](?:[a-z]+_)?{CARRIER}[\"']\s*:\s*[\"'](?P<secret>[^\"']+)[\"']",
    )
)
"""A secret inside a value: in a URL, a JDBC or connection string, or JSON. https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1"""
WEBHOOK = re.compile(
    r"https://(hooks\.slack\.com/(services|workflows|triggers)/|discord(app)?\.com/api/webhooks/|[\w.-]+\.webhook\.office\.com/)\S+",
    re.IGNORECASE,
)

MADE_OUT = (
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), CredentialKind.SIGNING_KEY),
    (re.compile(r"(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,})"), CredentialKind.PAT),
    (re.compile(r"^xox[abeoprs]-[\w-]{10,}$"), CredentialKind.BEARER_TOKEN),
    (re.compile(r"^((sk|rk)_live_\w{16,}|AIza[\w-]{35}|SG\.[\w-]{16,}\.[\w-]{16,})$"), CredentialKind.API_KEY),
)
"""Values that say themselves what they are."""

KINDS = (
    (re.compile(r"PASS|PWD", re.IGNORECASE), CredentialKind.PASSWORD),
    (re.compile(r"ACCESS_?KEY", re.IGNORECASE), CredentialKind.ACCESS_KEY),
    (re.compile(r"PRIVATE_?KEY|SIGNING", re.IGNORECASE), CredentialKind.SIGNING_KEY),
    (re.compile(r"WEBHOOK", re.IGNORECASE), CredentialKind.WEBHOOK_SECRET),
    (re.compile(r"CLIENT_?SECRET", re.IGNORECASE), CredentialKind.OAUTH_CLIENT_SECRET),
    (re.compile(r"(^|_)PAT$|GITHUB_TOKEN|GITLAB_TOKEN", re.IGNORECASE), CredentialKind.PAT),
    (re.compile(r"API_?KEY", re.IGNORECASE), CredentialKind.API_KEY),
    (re.compile(r"TOKEN", re.IGNORECASE), CredentialKind.BEARER_TOKEN),
    (re.compile(r"_UR[IL]$", re.IGNORECASE), CredentialKind.PASSWORD),
)


DROPPED = re.compile(r"nhi-dropped:(?P<kind>[a-z0-9_]+):(?P<what>[0-9a-f]{64}|(?:AKIA|ASIA)[A-Z0-9]{16}|):[0-9a-f]{16}")
"""What a live collection leaves of a value: its kind, the keyed fingerprint of the secret (or the key id) in it, and a mark of the whole
value, by which two that differ still do."""
NO_SECRET = "no_secret"
ENVIRONMENT_NAMES = ("ENVIRONMENT", "ENV", "STAGE", "APP_ENV")
"""Many workloads carry their environment's name as a variable; it is configuration, not a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A credential that a variable holds."""

    kind: CredentialKind
    secret: str | None = field(repr=False)
    """The value, for its fingerprint alone; None when the export left it out."""
    key_id: str | None = None
    fingerprint: str | None = None
    """Of a value that was dropped when it was collected."""


def credentials(
    document: Document, workload_id: str, scope: str | None, variables: Mapping[str, str | None], record: str
) -> Iterator[Credential]:
    """Credentials held in a workload's variables. A value of None means the export holds names only: then the basis is `inferred`."""
    found = {name: held for name, value in sorted(variables.items()) if (held := _held(name, value))}
    halves = {half for name, held in found.items() if held.key_id for half in found if _is_other_half(name, half)}
    for name, held in found.items():
        if name in halves and not held.key_id:
            continue  # the secret half of a key pair is the same credential as its id
        seen = held.key_id or held.secret
        fingerprint = document.fingerprint(seen) if seen else held.fingerprint
        yield Credential(
            credential_id=f"aws:env:{workload_id}:{name}",
            provider="aws" if held.key_id else "other",
            scope=scope,
            name=held.key_id or f"{name} of {workload_id.rsplit(':', 1)[-1]}",
            kind=held.kind,
            native_id=held.key_id,
            fingerprint=fingerprint,
            storage=Storage.ENV_VAR,
            storage_basis=StorageBasis.OBSERVED if fingerprint else StorageBasis.INFERRED,
            storage_evidence=document.at(f"{record}/env/{name}"),
            store_id=workload_id,
            status=Status.ACTIVE,
            evidence=document.at(f"{record}/env/{name}"),
        )


def dropped(name: str, value: str, fingerprint: Callable[[str], str]) -> str:
    """What is kept of a value: text that is judged as the value itself would be, and tells it to nobody who has not the key."""
    held = _held(name, value)
    if held is None and environment_name(name, value):
        return value
    kind = NO_SECRET if held is None else held.kind.value
    what = "" if held is None else held.key_id or (fingerprint(held.secret) if held.secret else "")
    return f"nhi-dropped:{kind}:{what}:{fingerprint(value)[:16]}"


def environment_name(name: str, value: str | None) -> str | None:
    """The environment that a variable names."""
    return value.lower() if name in ENVIRONMENT_NAMES and value and value.isalpha() and len(value) <= 20 else None


def _remains(kind: str, what: str) -> Held | None:
    """What a dropped value was. Raises ValueError for a kind that there is not."""
    if kind == NO_SECRET:
        return None
    key_id = what if KEY_ID.fullmatch(what) else None
    return Held(kind=CredentialKind(kind), secret=None, key_id=key_id, fingerprint=None if key_id else what or None)


def looks_secret(name: str, value: str | None) -> bool:
    """Whether a variable holds a credential, as far as its name and, where seen, its value tell."""
    return _held(name, value) is not None


def _held(name: str, value: str | None) -> Held | None:
    """What a variable holds; None for no credential."""
    if value is None or PLACEHOLDER.match(value):
        hints = SECRET_NAME.search(name) and not NOT_THE_SECRET.search(name)
        return Held(kind=_kind(name), secret=None) if hints or CARRIER_NAME.search(name) else None
    if gone := DROPPED.fullmatch(value):
        return _remains(gone["kind"], gone["what"])
    key_id = KEY_ID.search(value)
    if key_id:
        return Held(kind=CredentialKind.ACCESS_KEY, secret=None, key_id=key_id[1])
    return _seen(name, value)


def _seen(name: str, value: str) -> Held | None:
    for pattern, kind in MADE_OUT:
        if pattern.search(value):
            return Held(kind=kind, secret=value)
    if WEBHOOK.match(value):
        return Held(kind=CredentialKind.WEBHOOK_SECRET, secret=value)
    for secret in _carried(value):
        kind = CredentialKind.PASSWORD if URL.match(value) else _kind(name)
        return Held(kind=kind, secret=None if PLACEHOLDER.match(secret) else secret)
    if URL.match(value) or not value or REFERENCE.match(value):
        return None
    if not SECRET_NAME.search(name) or NOT_THE_SECRET.search(name):
        return None
    if PLAIN.match(value) and not (value.isdigit() and len(value) >= 6 and PASSWORD_NAME.search(name)):
        return None
    return Held(kind=_kind(name), secret=value)


def _carried(value: str) -> Iterator[str]:
    """Secrets inside a value, unless they are references or filled in at run time."""
    for pattern in CARRIED:
        for found in pattern.finditer(value):
            secret = unquote(found["secret"])
            if not REFERENCE.match(secret) and not PLAIN.match(secret) and not secret.startswith(("$", "{", "%")):
                yield secret


def _is_other_half(key_id_name: str, other: str) -> bool:
    """`S3_SECRET_ACCESS_KEY` beside `S3_ACCESS_KEY_ID`; `STRIPE_SECRET_KEY` beside it is another credential."""
    stem = re.escape(KEY_ID_NAME.sub("", key_id_name))
    return re.fullmatch(rf"{stem}_?SECRET(_?ACCESS)?(_?KEY)?", other, re.IGNORECASE) is not None


def _kind(name: str) -> CredentialKind:
    return next((kind for pattern, kind in KINDS if pattern.search(name)), CredentialKind.UNKNOWN)
