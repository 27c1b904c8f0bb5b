"""One request, decided by AWS's documented logic: allowed, denied, or what it depends on.

Three-valued throughout: what nobody said of the request leaves the decision CONDITIONAL, a policy that could not be read leaves it UNKNOWN.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Session policies, endpoint policies and a
bucket's block on public access are not seen. docs/agreement.md: how this compares with another evaluator.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from scoring.least_privilege.aws.conditions import met
from scoring.least_privilege.aws.context import Context
from scoring.least_privilege.aws.documents import Policy, Statement
from scoring.least_privilege.aws.escalation import WATCHED
from scoring.least_privilege.aws.holds import Holds, all_of, any_of, opposite
from scoring.least_privilege.aws.named import Named, denies, ways
from scoring.least_privilege.aws.patterns import lacks_value, like_action, like_resource
from scoring.least_privilege.aws.request import Request

RCP_SERVICES = frozenset({"ecr", "kms", "s3", "secretsmanager", "sqs", "sts"})
"""Where resource control policies are known to count; whether elsewhere, AWS changes over time.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"""

AWS_OWNED = frozenset(f"iam:{name}policy{rest}" for name in ("create", "delete") for rest in ("", "version")) | {
    "iam:setdefaultpolicyversion",
    "iam:tagpolicy",
    "iam:untagpolicy",
}
"""What nobody may do to an AWS-managed policy."""


class Outcome(StrEnum):
    ALLOWED = "allowed"
    DENIED = "denied"
    CONDITIONAL = "conditional"
    """It depends on what is not known of the request."""
    UNKNOWN = "unknown"
    """A policy could not be read, or is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """A statement that speaks of the request."""

    side: str
    """identity, boundary, scp, rcp, resource"""
    statement: Statement
    holds: Holds
    """Never NEVER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer to a request."""

    outcome: Outcome
    explicit: bool = False
    """Denied by a Deny statement, not for want of an Allow."""
    reason: str
    """One clause."""
    statements: tuple[Deciding, ...] = ()
    """Those that decide it: Deny statements, else what allows it; where it stays open, all that may."""


def evaluate(
    request: Request,
    *,
    identity: Sequence[Policy],
    boundaries: Sequence[Policy] = (),
    scps: Sequence[Sequence[Policy]] = (),
    rcps: Sequence[Sequence[Policy]] = (),
    resource_policy: Policy | None = None,
) -> Decision:
    """Decide a request.

    `identity`: managed, inline and group policies. `boundaries`: each must allow. `scps`, `rcps`: what hangs on each level from the root to
    the account, of which every level must allow (that RCPs allow everything is AWS's own default, which cannot be taken away); of the
    management account none. `resource_policy`: the resource's own, for sts:AssumeRole the role's trust; None: it has none.
    """
    return _Evaluation(request, identity, boundaries, scps, rcps, resource_policy).decision()


@dataclass(frozen=True, slots=True)
class _Side:
    """The statements of one kind of policy that speak of the request."""

    found: tuple[Deciding, ...]
    unread: tuple[Policy, ...]

    @property
    def allowing(self) -> tuple[Deciding, ...]:
        return tuple(one for one in self.found if one.statement.allow)

    @property
    def denying(self) -> tuple[Deciding, ...]:
        return tuple(one for one in self.found if not one.statement.allow)

    @property
    def allows(self) -> Holds:
        """MAYBE where a policy that could not be read may."""
        return any_of([*(one.holds for one in self.allowing), Holds.MAYBE if self.unread else Holds.NEVER])


class _Evaluation:
    def __init__(
        self,
        request: Request,
        identity: Sequence[Policy],
        boundaries: Sequence[Policy],
        scps: Sequence[Sequence[Policy]],
        rcps: Sequence[Sequence[Policy]],
        resource_policy: Policy | None,
    ) -> None:
        self.request = request
        self.action = request.action.lower()
        self.context = request.known()
        bound = not request.service_linked
        self.identity = self.side("identity", identity)
        self.boundaries = [self.side("boundary", [policy]) for policy in boundaries]
        self.scps = [self.side("scp", level) for level in scps] if bound else []
        self.rcps = [self.side("rcp", level) for level in rcps] if bound else []
        self.resource = self.side("resource", [resource_policy] if resource_policy else [])
        self.has_policy = resource_policy is not None

    def side(self, name: str, policies: Iterable[Policy]) -> _Side:
        listed = list(policies)
        found = tuple(
            Deciding(side=name, statement=statement, holds=holds)
            for policy in listed
            for statement in policy.statements
            if (holds := applies(statement, self.action, self.request.resource, self.context)) is not Holds.NEVER
        )
        return _Side(found, tuple(policy for policy in listed if policy.problem and not (policy.harmless and self.action in WATCHED)))

    def decision(self) -> Decision:
        if self.action == "sts:getcalleridentity":
            return Decision(outcome=Outcome.ALLOWED, reason="no permission is needed to ask who one is, and none can be denied")
        denying = tuple(self.denying())
        sure = tuple(one for one in denying if one.holds is Holds.ALWAYS)
        if sure:
            return Decision(outcome=Outcome.DENIED, explicit=True, reason=f"{place(sure[0])} denies it", statements=sure)
        if self.request.owner == "aws" and self.action in AWS_OWNED:
            return Decision(outcome=Outcome.DENIED, reason="what AWS manages nobody can change")
        if self.trusts() and not self.has_policy:
            what = "a key's policy" if self.action.startswith("kms:") else "a role's trust policy"
            return Decision(outcome=Outcome.UNKNOWN, reason=f"{what} decides over it too, and was not supplied")
        allowed = self.allowed()
        if allowed is Holds.NEVER:
            return Decision(outcome=Outcome.DENIED, reason=self.missing())
        return self.allowing(allowed, denying)

    def allowing(self, allowed: Holds, denying: tuple[Deciding, ...]) -> Decision:
        """The decision where something may allow the request and no Deny certainly strikes it."""
        speaking = (*denying, *self.identity.allowing, *self.resource.allowing)
        unread = [policy for side in self.sides() for policy in side.unread]
        if allowed is Holds.ALWAYS and not denying and not unread:
            sure = tuple(one for one in speaking if one.holds is Holds.ALWAYS)
            return Decision(outcome=Outcome.ALLOWED, reason=f"{place(sure[0])} allows it", statements=sure)
        if unread:
            return Decision(outcome=Outcome.UNKNOWN, reason=f"a policy cannot be judged: {unread[0].problem}", statements=speaking)
        open_ones = [*denying, *(one for side in self.sides() for one in side.allowing if one.holds is Holds.MAYBE)]
        reason = f"{place(open_ones[0])} depends on what is not known of the request" if open_ones else "who it speaks of is not decided"
        return Decision(outcome=Outcome.CONDITIONAL, reason=reason, statements=speaking)

    def sides(self) -> list[_Side]:
        return [self.identity, *self.boundaries, *self.scps, *self.rcps, self.resource]

    def denying(self) -> Iterator[Deciding]:
        """Deny statements that strike the request, or may."""
        for side in (self.identity, *self.boundaries, *self.scps):
            yield from side.denying
        counts = Holds.ALWAYS if self.action.partition(":")[0] in RCP_SERVICES else Holds.MAYBE
        for side in self.rcps:
            yield from (replace(one, holds=all_of((one.holds, counts))) for one in side.denying)
        for one in self.resource.denying:
            principals = one.statement.principals
            speaks = denies(principals, self.request, bounded=bool(self.boundaries)) if principals else Holds.ALWAYS
            if speaks is not Holds.NEVER:
                yield replace(one, holds=all_of((one.holds, speaks)))

    def allowed(self) -> Holds:
        """Whether everything that must allow the request does, Deny aside."""
        within = all_of(side.allows for side in self.boundaries)
        own = all_of((self.identity.allows, within))
        granted = {way: self.granted(way) for way in Named}
        direct = any_of((granted[Named.DIRECT], all_of((granted[Named.ROLE], within))))
        if self.request.owner not in (self.request.account, "aws"):
            core = all_of((own, any_of(granted.values())))
        elif self.trusts():
            core = any_of((direct, all_of((own, granted[Named.ACCOUNT]))))
        else:
            core = any_of((direct, own))
        return all_of((core, *(level.allows for level in self.scps)))

    def granted(self, way: Named) -> Holds:
        """What the resource's policy grants to one who is named in a way."""
        found = [Holds.MAYBE] if self.resource.unread else []
        for one in self.resource.allowing:
            principals = one.statement.principals
            if principals is None:
                continue
            named = ways(principals, self.request)
            if not principals.negated and way in named:
                found.append(one.holds)
            elif principals.negated and not named and way is Named.DIRECT:
                found.append(Holds.MAYBE)  # AWS does not support NotPrincipal with Allow, and does not say what becomes of it
        return any_of(found)

    def trusts(self) -> bool:
        """Whether the resource's own policy must speak for identity policies to count: a key's, a role's trust."""
        kind = self.request.resource.split(":", 5)[-1].partition("/")[0]
        assuming = self.action.startswith("sts:assumerole") or self.action in ("sts:tagsession", "sts:setsourceidentity")
        return (self.action.startswith("kms:") and kind == "key") or (assuming and kind == "role")

    def missing(self) -> str:
        """Whose Allow is wanting."""
        if any(side.allows is Holds.NEVER for side in self.scps):
            return "no service control policy of one level allows it"
        if self.identity.allows is Holds.NEVER:
            return "no policy allows it"
        if any(side.allows is Holds.NEVER for side in self.boundaries):
            return "its permission boundary does not allow it"
        return "the policy of the resource does not allow it"


def applies(statement: Statement, action: str, resource: str, context: Context) -> Holds:
    """Whether a statement speaks of an action (lower case) on a resource in a context; whom a resource's policy names is not asked."""
    found = like_action(statement.patterns, action)
    if (opposite(found) if statement.negated else found) is Holds.NEVER:
        return Holds.NEVER
    filling = context if statement.variables else None
    return all_of(
        (
            opposite(found) if statement.negated else found,
            _reaches(statement, resource, filling),
            met(statement.condition, "Allow" if statement.allow else "Deny", context, variables=statement.variables),
        )
    )


def _reaches(statement: Statement, resource: str, filling: Context | None) -> Holds:
    patterns = statement.resources.patterns
    reached = any_of(like_resource(pattern, resource, filling) for pattern in patterns)
    if not statement.resources.negated:
        return reached
    if reached is Holds.NEVER and any(lacks_value(pattern, filling) for pattern in patterns):
        return Holds.MAYBE  # what NotResource leaves out when its variable has no value, AWS does not say
    return opposite(reached)


def place(one: Deciding) -> str:
    """A statement in words: `statement 0 (Base) of identity policy 3f…`."""
    sid = f" ({one.statement.sid})" if one.statement.sid else ""
    return f"statement {one.statement.number}{sid} of {one.side} policy {one.statement.document_id}"
