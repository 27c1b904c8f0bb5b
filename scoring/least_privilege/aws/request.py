"""One request: who asks for what, on which resource, and what is known of its context.

What the principal's ARN says is known of every request: aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType, and a user's aws:username.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from scoring.least_privilege.aws.context import Context, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A question to the policies."""

    principal: str
    """ARN of a user, a role or a role's session."""
    action: str
    """`service:Name`, in any case."""
    resource: str
    """ARN; `*` for an action that works on no resource."""
    context: Mapping[str, Value] = field(default_factory=dict)
    """Condition keys whose values are known."""
    absent: Collection[str] = ()
    """Condition keys that the request is known not to carry."""
    complete: bool = False
    """True: it carries none but those of `context`."""
    resource_account: str | None = None
    """Account that owns the resource; None: as in its ARN, and the principal's own where that names none."""

    @property
    def account(self) -> str:
        """Account of the principal."""
        return _part(self.principal, 4)

    @property
    def owner(self) -> str:
        """Account of the resource."""
        named = self.resource_account or _part(self.resource, 4)
        return self.account if named in ("", "*") else named

    @property
    def role_name(self) -> str | None:
        """Name, without its path, of the role or of the session's role."""
        kind, _, rest = _part(self.principal, 5).partition("/")
        return {"role": rest.rsplit("/", 1)[-1], "assumed-role": rest.split("/", 1)[0]}.get(kind)

    @property
    def service_linked(self) -> bool:
        """Whether the principal is a role of an AWS service, which no control policy binds."""
        return _part(self.principal, 5).startswith("role/aws-service-role/")

    def known(self) -> Context:
        """All that is known of the context. Who acts as a role has a token, which was issued some time."""
        given = {**_of_principal(self), **{key.lower(): value for key, value in self.context.items()}}
        sent = frozenset({"aws:tokenissuetime"}) if self.role_name else frozenset()
        return Context.of(given, self.absent, complete=self.complete, sent=sent)


def _of_principal(request: Request) -> dict[str, Value]:
    arn = request.principal
    kind, _, rest = _part(arn, 5).partition("/")
    found: dict[str, Value] = {"aws:principalaccount": request.account, "aws:principalisawsservice": "false"}
    if kind == "user":
        found |= {"aws:principalarn": arn, "aws:principaltype": "User", "aws:username": rest.rsplit("/", 1)[-1]}
    elif kind == "role":
        # the ARN in the key is the role's, session or not
        found |= {"aws:principalarn": arn, "aws:principaltype": "AssumedRole", "aws:username": ()}
    elif kind == "assumed-role":
        found |= {"aws:principaltype": "AssumedRole", "aws:username": ()}
    return found


def _part(arn: str, number: int) -> str:
    parts = arn.split(":", 5)
    return parts[number] if len(parts) == 6 else ""
