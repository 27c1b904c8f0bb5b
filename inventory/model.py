"""What a source can say, as rows: one frozen dataclass per evidence table of `schema.sql`, and the closed sets of words.

Columns are explained in `schema.sql` (a test keeps the two equal). A field left at its default means "the source did not say";
no default ever improves a judgement. Judgement tables (access_path, finding …) are made by SQL and need no class.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Fact(StrEnum):
    """What evidence can be about. A check names the facts it needs; coverage says which were collected for which scope."""

    IDENTITIES = "identities"
    """All principals of the account are listed."""
    POLICIES = "policies"
    """Their policies, with text."""
    TRUST = "trust"
    """Who may become them."""
    ACCESS_KEYS = "access_keys"
    """Which static credentials each identity has: access keys of users, keys of service accounts, secrets and certificates of applications."""
    PASSWORDS = "passwords"
    """Whether each user has a console password."""
    KEY_USAGE = "key_usage"
    """When each of these was last used."""
    ROLE_USAGE = "role_usage"
    """When each role, service account or application was last used."""
    SERVICE_USAGE = "service_usage"
    """Which services or actions each principal called."""
    SERVICE_CREDENTIALS = "service_credentials"
    """Service-specific credentials (Bedrock, CodeCommit, SMTP …), API keys and HMAC keys."""
    STORED_SECRETS = "stored_secrets"
    """What the secrets manager holds."""
    WORKLOADS = "workloads"
    """What runs, and with which identity."""
    RESOURCE_POLICIES = "resource_policies"
    """Who may call the resources."""
    SECRET_SCAN = "secret_scan"
    """Findings of a secret scanner. Scope: repository."""
    GUARDRAILS = "guardrails"
    """Organisation policies in force."""
    AUDIT_LOG = "audit_log"
    """Whether use is logged."""
    OWNERSHIP = "ownership"
    """Tags or a list that name owners."""


class CoverageStatus(StrEnum):
    COLLECTED = "collected"
    PARTIAL = "partial"
    DENIED = "denied"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    STALE = "stale"


class IdentityKind(StrEnum):
    WORKLOAD = "workload"
    SERVICE_ACCOUNT = "service_account"
    """A user-like account for software, such as an AWS IAM user."""
    IAM_ROLE = "iam_role"
    SERVICE_PRINCIPAL = "service_principal"
    MANAGED_IDENTITY = "managed_identity"
    OAUTH_CLIENT = "oauth_client"
    MACHINE = "machine"
    CICD_PIPELINE = "cicd_pipeline"
    BOT_USER = "bot_user"
    AI_AGENT = "ai_agent"
    MCP_SERVER = "mcp_server"
    DATABASE_ACCOUNT = "database_account"
    CERTIFICATE_SUBJECT = "certificate_subject"
    ROOT = "root"
    """The account's root user."""
    HUMAN = "human"
    UNKNOWN = "unknown"


class Human(StrEnum):
    HUMAN = "human"
    NONHUMAN = "nonhuman"
    UNKNOWN = "unknown"


class CredentialKind(StrEnum):
    PASSWORD = "password"
    API_KEY = "api_key"
    ACCESS_KEY = "access_key"
    SERVICE_SPECIFIC = "service_specific"
    PAT = "pat"
    OAUTH_CLIENT_SECRET = "oauth_client_secret"
    BEARER_TOKEN = "bearer_token"
    SIGNING_KEY = "signing_key"
    X509_CERTIFICATE = "x509_certificate"
    SSH_KEY = "ssh_key"
    WEBHOOK_SECRET = "webhook_secret"
    STORED_SECRET = "stored_secret"
    """A secret in a manager whose type the manager does not tell."""
    UNKNOWN = "unknown"


class CredentialRole(StrEnum):
    IDENTITY = "identity"
    ACCESS = "access"
    COMBINED = "combined"
    UNKNOWN = "unknown"


class Storage(StrEnum):
    """Where a credential rests. scoring/stages.toml groups these into code, config and manager."""

    HARDWARE = "hardware"
    SECRETS_MANAGER = "secrets_manager"
    DIRECTORY_MANAGED = "directory_managed"
    CICD_STORE = "cicd_store"
    ORCHESTRATOR_SECRET = "orchestrator_secret"
    OS_KEYSTORE = "os_keystore"
    ENV_VAR = "env_var"
    USER_DEVICE = "user_device"
    CONFIG_FILE = "config_file"
    COLLAB_TOOL = "collab_tool"
    SOURCE_CODE = "source_code"
    UNKNOWN = "unknown"


class StorageBasis(StrEnum):
    OBSERVED = "observed"
    INFERRED = "inferred"
    DECLARED = "declared"
    UNKNOWN = "unknown"


class Isolation(StrEnum):
    ISOLATED = "isolated"
    SHARED = "shared"
    UNKNOWN = "unknown"


class Issuance(StrEnum):
    MANUAL = "manual"
    AUTO_ROTATED = "auto_rotated"
    DYNAMIC = "dynamic"
    FEDERATED = "federated"
    PLATFORM_ATTESTED = "platform_attested"
    UNKNOWN = "unknown"


class Status(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    DISABLED = "disabled"
    EXPIRED = "expired"
    DEPARTED = "departed"
    UNKNOWN = "unknown"


class PrincipalKind(StrEnum):
    SERVICE = "service"
    ACCOUNT = "account"
    PRINCIPAL = "principal"
    OIDC = "oidc"
    SAML = "saml"
    ANONYMOUS = "anonymous"
    UNKNOWN = "unknown"


class Safety(StrEnum):
    SAFE = "safe"
    UNSAFE = "unsafe"
    UNKNOWN = "unknown"


class Public(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Enforcement(StrEnum):
    ENFORCED = "enforced"
    AUDIT = "audit"
    OFF = "off"
    UNKNOWN = "unknown"


class Validity(StrEnum):
    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    source_id: str
    collector: str
    format: str
    scope: str | None = None
    collected_at: datetime | None = None
    collected_basis: str = "assumed"
    newest_at: datetime | None = None
    records: int = 0
    status: str = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    source_id: str
    input_sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    fact: Fact
    scope: str
    status: CoverageStatus
    reason: str | None = None
    collected_at: datetime | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    subject_kind: str
    subject_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    scope: str
    provider: str
    name: str | None = None
    environment: str | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    alias: str
    identity_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    identity_id: str
    provider: str
    scope: str | None
    name: str
    kind: IdentityKind
    native_type: str | None = None
    human: Human = Human.UNKNOWN
    human_basis: str | None = None
    in_scope: bool = True
    scope_reason: str | None = None
    status: Status = Status.UNKNOWN
    environment: str | None = None
    team: str | None = None
    purpose: str | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_known: bool = False
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    credential_id: str
    identity_id: str | None = None
    provider: str
    scope: str | None = None
    name: str
    kind: CredentialKind
    role: CredentialRole = CredentialRole.UNKNOWN
    native_id: str | None = None
    fingerprint: str | None = None
    storage: Storage = Storage.UNKNOWN
    storage_basis: StorageBasis = StorageBasis.UNKNOWN
    storage_evidence: str | None = None
    store_id: str | None = None
    isolation: Isolation = Isolation.UNKNOWN
    issuance: Issuance = Issuance.UNKNOWN
    ttl_seconds: int | None = None
    created_at: datetime | None = None
    rotated_at: datetime | None = None
    last_used_at: datetime | None = None
    last_used_known: bool = False
    last_used_service: str | None = None
    expires_at: datetime | None = None
    never_expires: bool | None = None
    rotation_days: int | None = None
    status: Status = Status.UNKNOWN
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entitlement:
    identity_id: str
    document_id: str | None
    via: str
    policy_name: str
    policy_id: str | None = None
    group_name: str | None = None
    resource: str | None = None
    conditional: bool | None = None
    condition: str | None = None
    changed_at: datetime | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ceiling:
    scope: str
    kind: str
    level: str
    policy_id: str
    policy_name: str
    document_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourcePolicy:
    resource_id: str
    provider: str
    scope: str | None
    document_id: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDocument:
    document_id: str
    document: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPermission:
    document_id: str
    statement: int
    sid: str | None
    effect: str
    action_pattern: str
    negated: bool
    service: str | None
    known: bool
    actions: int
    access_levels: list[str]
    all_resources: bool
    conditional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    trust_id: str
    identity_id: str
    principal_kind: PrincipalKind
    principal: str
    principal_scope: str | None = None
    human: bool = False
    external_id: bool = False
    subject_pattern: str | None = None
    audience: str | None = None
    conditional: bool | None = None
    safety: Safety = Safety.UNKNOWN
    safety_reason: str | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Federation:
    federation_id: str
    provider: str
    scope: str | None
    pool: str | None = None
    name: str
    kind: str
    issuer: str | None = None
    audiences: list[str] | None = None
    condition: str | None = None
    safety: Safety = Safety.UNKNOWN
    safety_reason: str | None = None
    status: Status = Status.UNKNOWN
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    workload_id: str
    provider: str
    scope: str | None
    kind: str
    name: str
    region: str | None = None
    environment: str | None = None
    team: str | None = None
    identity_id: str | None = None
    env_names: list[str] | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretStore:
    store_id: str
    provider: str
    scope: str | None
    kind: str
    name: str
    approved: bool | None = None
    access_logged: bool | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretExposure:
    exposure_id: str
    scope: str | None
    path: str
    line: int | None = None
    commit_sha: str | None = None
    location_kind: str = "source_code"
    rules: list[str] = field(default_factory=list)
    credential_kind: CredentialKind = CredentialKind.UNKNOWN
    fingerprints: list[str] = field(default_factory=list)
    credential_id: str | None = None
    author: str | None = None
    introduced_at: datetime | None = None
    state: str = "open"
    resolution: str | None = None
    validity: Validity = Validity.UNKNOWN
    public: bool | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanTarget:
    target_id: str
    kind: str = "repository"
    in_scope: bool | None = None
    scanned_at: datetime | None = None
    scanned: bool = False
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    resource_id: str
    provider: str
    scope: str | None
    kind: str
    name: str
    environment: str | None = None
    team: str | None = None
    public: Public = Public.UNKNOWN
    public_reason: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    guardrail_id: str
    scope: str
    kind: str
    name: str
    enforcement: Enforcement = Enforcement.UNKNOWN
    basis: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    identity_id: str
    service: str
    action: str | None = None
    last_at: datetime | None = None
    window_days: int | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    identity_id: str
    policy_id: str | None = None
    resource: str | None = None
    condition: str | None = None
    used: list[str] | None = None
    inferred: list[str] | None = None
    until: datetime | None = None
    window_days: int | None = None
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    owner_id: str
    kind: str = "unknown"
    status: Status = Status.UNKNOWN
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ownership:
    identity_id: str
    owner_id: str
    basis: str
    evidence: str


Row = (
    Source
    | Run
    | Coverage
    | Sighting
    | Account
    | Alias
    | Identity
    | Credential
    | Entitlement
    | Ceiling
    | ResourcePolicy
    | PolicyDocument
    | PolicyPermission
    | Trust
    | Federation
    | Workload
    | SecretStore
    | SecretExposure
    | ScanTarget
    | Resource
    | Guardrail
    | Usage
    | Observation
    | Owner
    | Ownership
)

TABLE_OF: dict[type, str] = {
    Source: "source",
    Run: "run",
    Coverage: "coverage",
    Sighting: "sighting",
    Account: "account",
    Alias: "alias",
    Identity: "identity",
    Credential: "credential",
    Entitlement: "entitlement",
    Ceiling: "ceiling",
    ResourcePolicy: "resource_policy",
    PolicyDocument: "policy_document",
    PolicyPermission: "policy_permission",
    Trust: "trust",
    Federation: "federation",
    Workload: "workload",
    SecretStore: "secret_store",
    SecretExposure: "secret_exposure",
    ScanTarget: "scan_target",
    Resource: "resource",
    Guardrail: "guardrail",
    Usage: "usage",
    Observation: "observation",
    Owner: "owner",
    Ownership: "ownership",
}
"""Table that holds each kind of row."""

FIELDS: dict[type, tuple[str, ...]] = {cls: tuple(f.name for f in dataclasses.fields(cls)) for cls in TABLE_OF}
"""Column names of each kind of row, in order."""
