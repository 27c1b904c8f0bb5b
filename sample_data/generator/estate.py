"""What one account holds in one quarter, before it is dressed as AWS prints it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from generator.chance import letters
from generator.company import REGION, Account

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    account: Account
    name: str
    path: str = "/"
    trust: Json
    created: datetime
    last_used: datetime | None
    """None: AWS saw no use in the 400 days it looks back."""
    tags: dict[str, str] = field(default_factory=dict)
    managed: tuple[str, ...] = ()
    """Names of managed policies: keys of policies.AWS_MANAGED or of the account's own."""
    inline: dict[str, Json] = field(default_factory=dict)
    boundary: str | None = None
    instance_profile: bool = False
    needs: tuple[str, ...] = ()
    """What it uses, for the service-last-accessed export."""

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account.id}:role{self.path}{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    id: str
    created: datetime
    active: bool = True
    last_used: datetime | None = None
    service: str = "s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceKey:
    """A service-specific credential, such as a Bedrock API key."""

    service: str
    id: str
    alias: str
    created: datetime
    expires: datetime | None
    status: str = "Active"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    account: Account
    name: str
    path: str = "/"
    created: datetime
    keys: tuple[Key, ...] = ()
    service_keys: tuple[ServiceKey, ...] = ()
    password_used: datetime | None = None
    has_password: bool = False
    mfa: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()
    inline: dict[str, Json] = field(default_factory=dict)
    needs: tuple[str, ...] = ()

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{self.account.id}:user{self.path}{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A Lambda function."""

    account: Account
    name: str
    role_arn: str
    variables: dict[str, str]
    modified: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """An ECS task definition."""

    account: Account
    family: str
    environment: str
    team: str
    task_role: str | None
    execution_role: str
    variables: dict[str, str]
    secrets: dict[str, str]
    """Variable name -> secret ARN."""
    registered: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """An EC2 instance."""

    account: Account
    name: str
    profile: str | None
    old_metadata: bool
    """Answers metadata requests without a token."""
    environment: str
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    account: Account
    name: str
    description: str
    created: datetime
    rotated: datetime | None
    rotation_days: int | None
    team: str

    @property
    def arn(self) -> str:
        return secret_arn(self.account, self.name)


def secret_arn(account: Account, name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{account.id}:secret:{name}-{letters(6, 'secret', account.id, name)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource and its policy; None: it has none."""

    account: Account
    kind: str
    """s3, sqs, sns, kms, function-url."""
    arn: str
    policy: Json | None
    url_auth: str | None = None


@dataclass(slots=True, kw_only=True)
class Estate:
    """One account in one quarter."""

    account: Account
    roles: list[Role] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    tasks: list[Task] = field(default_factory=list)
    machines: list[Machine] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)

    @property
    def principals(self) -> list[Role | User]:
        return [*self.roles, *self.users]
