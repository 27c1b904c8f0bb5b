"""The verdict on a policy set: admin, write, read, none or unknown, with the statement that decides it.

`admin` is kept for what is certain: writing permissions at will over the whole account. What may come to that, depending on a condition,
a target or a text that nobody supplied, is `unknown`. `write` and `read` say what is allowed at most, on some resource or under some
condition. What the identity may reach through other identities is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from scoring.least_privilege.aws.catalogue import Catalogue, standard
from scoring.least_privilege.aws.ceilings import NOTHING, Ceiling
from scoring.least_privilege.aws.conditions import Holds
from scoring.least_privilege.aws.documents import Policy, Statement
from scoring.least_privilege.aws.effective import Effective, Grant
from scoring.least_privilege.aws.escalation import PASS_ROLE, PASSED, SELF, TARGETED, UNBOUND, Step
from scoring.least_privilege.aws.resources import Reach
from scoring.least_privilege.verdict import Privilege, Verdict

REACHED = (Reach.ALL, Reach.SOME, Reach.NAMED, Reach.OWN)


class _Open(NamedTuple):
    """Why a verdict stays open."""

    reason: str
    documents: tuple[str, ...]


def privilege_of(
    policies: Sequence[Policy],
    boundaries: Sequence[Policy] = (),
    *,
    account: str | None = None,
    catalogue: Catalogue | None = None,
    ceiling: Ceiling = NOTHING,
) -> Verdict:
    """Judge what identity policies allow within a permission boundary and what the organisation leaves.

    `account` is the identity's account: a statement about IAM objects of another one gives it nothing.
    """
    effective = Effective(policies=policies, boundaries=boundaries, catalogue=catalogue or standard(), account=account, ceiling=ceiling)
    return _Judgement(effective).verdict()


@lru_cache(maxsize=4)
def _bits(catalogue: Catalogue) -> tuple[int, int]:
    """Actions that start code under a passed role; those of one who only assumes roles."""
    passed = 0
    for action in PASSED:
        passed |= catalogue.bit(action)
    assumes = 0
    for pattern in ("sts:assumerole*", "sts:get*", "sts:tagsession", "sts:setsourceidentity"):
        assumes |= catalogue.expand(pattern).mask
    return passed, assumes


class _Judgement:
    def __init__(self, effective: Effective) -> None:
        self.effective = effective
        self.catalogue = effective.catalogue
        self.passed, self.assumes = _bits(effective.catalogue)

    def verdict(self) -> Verdict:
        unread = [policy for policy in self.effective.policies if policy.problem]
        limits = [policy for policy in self.effective.boundaries if policy.problem]
        level = self.level()
        if self.effective.possible & self.catalogue.watched:
            admin = self.certain_admin()
            if admin:
                return admin
        open_to_admin = self.open_to_admin(unread)
        if open_to_admin:
            return Verdict(
                privilege=Privilege.UNKNOWN, at_most=Privilege.ADMIN, reason=open_to_admin.reason, documents=open_to_admin.documents
            )
        if limits and level.privilege is not Privilege.NONE:
            reason = f"its permission boundary cannot be judged: {limits[0].problem}"
            return Verdict(privilege=Privilege.UNKNOWN, at_most=Privilege.WRITE, reason=reason, documents=(limits[0].document_id,))
        if level.privilege is Privilege.WRITE:
            return level
        return self.open_to_write(unread) or level

    def level(self) -> Verdict:
        """The level that the listed actions give."""
        possible = self.effective.possible
        for mask, privilege, text in ((self.catalogue.writes, Privilege.WRITE, "changes"), (-1, Privilege.READ, "reads")):
            if not self.catalogue.count(possible & mask):
                continue
            deciding = [grant for grant in self.effective.grants if self.catalogue.count(grant.possible & mask)]
            # the plainest grant speaks: without a condition, on all resources, with most actions
            lead = max(deciding, key=lambda grant: (*_plainness(grant), self.catalogue.count(grant.possible & mask)))
            reason = f"{_place(lead.statement)} {text}: {self.what(lead, mask)}{_where(lead.statement)}"
            documents = _documents([lead, *deciding])
            return Verdict(privilege=privilege, at_most=privilege, reason=reason, documents=documents, only_assumes=self.only_assumes())
        within = " that the organisation's policies leave" if not self.effective.ceiling.empty else ""
        reason = f"its policies allow nothing{within}" if self.effective.grants else "its policies hold no Allow that applies"
        documents = tuple(policy.document_id for policy in (*self.effective.policies, *self.effective.boundaries))
        return Verdict(privilege=Privilege.NONE, at_most=Privilege.NONE, reason=reason, documents=documents)

    def only_assumes(self) -> bool:
        possible = self.effective.possible
        closed = not self.effective.beyond and not any(policy.problem for policy in (*self.effective.policies, *self.effective.boundaries))
        return closed and possible & ~self.assumes == 0 and possible & self.catalogue.expand("sts:assumerole*").mask != 0

    def certain_admin(self) -> Verdict | None:
        certain = {kind: self.effective.certain(kind) for kind in ("user", "group", "role", "policy")}
        for path in SELF:
            if all(certain[step.on] & self.catalogue.bit(step.action) for step in path):
                grants = [self.grant_of(step, (Reach.ALL,)) for step in path]
                reason = f"{_place(grants[0].statement)} allows {self.how(grants, path)} on all resources"
                return Verdict(privilege=Privilege.ADMIN, at_most=Privilege.ADMIN, reason=reason, documents=_documents(grants))
        return None

    def open_to_admin(self, unread: Sequence[Policy]) -> _Open | None:
        """What may yet make it an administrator."""
        opaque = [policy for policy in unread if not policy.harmless]
        if opaque:
            return _Open(f"a policy cannot be judged: {opaque[0].problem}", tuple(policy.document_id for policy in opaque))
        if not self.effective.possible & self.catalogue.watched:
            return None
        return self.open_path() or self.open_target() or self.open_pass() or self.open_boundary()

    def open_path(self) -> _Open | None:
        for path in SELF:
            if all(self.effective.reaching(step.on, REACHED) & self.catalogue.bit(step.action) for step in path):
                grants = [self.grant_of(step, REACHED) for step in path]
                lead, step = min(zip(grants, path, strict=True), key=lambda pair: _plainness(pair[0]))
                doubt = self.doubt(lead.statement, step.on)
                return _Open(f"{_place(lead.statement)} allows {self.how(grants, path)}{doubt}", _documents([lead, *grants]))
        return None

    def open_target(self) -> _Open | None:
        reached = (Reach.ALL, Reach.SOME, Reach.NAMED)
        for step in TARGETED:
            if self.effective.reaching(step.on, reached) & self.catalogue.bit(step.action):
                grant = self.grant_of(step, reached)
                reason = f"{_place(grant.statement)} allows {self.how([grant], [step])}: admin if it may be used on one that is"
                return _Open(reason, _documents([grant]))
        return None

    def open_pass(self) -> _Open | None:
        if not self.effective.possible & self.passed or not self.effective.reaching(PASS_ROLE.on, (Reach.ALL,)) & self.catalogue.bit(
            PASS_ROLE.action
        ):
            return None
        grant = self.grant_of(PASS_ROLE, (Reach.ALL,))
        starter = next(other for other in self.effective.grants if other.possible & self.passed)
        started = next(action for action in PASSED if starter.possible & self.catalogue.bit(action))
        reason = f"{_place(grant.statement)} allows iam:passrole on every role, with {started}: admin if a role that can be passed is"
        return _Open(reason, _documents([grant, starter]))

    def open_boundary(self) -> _Open | None:
        if not self.effective.boundaries:
            return None
        lifting = [step for step in UNBOUND if self.effective.reaching(step.on, REACHED) & self.catalogue.bit(step.action)]
        if not lifting:
            return None
        effective = self.effective
        without = privilege_of(effective.policies, account=effective.account, catalogue=self.catalogue, ceiling=effective.ceiling)
        if without.at_most is not Privilege.ADMIN:
            return None
        grant = self.grant_of(lifting[0], REACHED)
        return _Open(f"{_place(grant.statement)} allows {lifting[0].action}: its permission boundary may not hold", _documents([grant]))

    def open_to_write(self, unread: Sequence[Policy]) -> Verdict | None:
        """What may yet raise it above what the listed actions give."""
        if unread:
            reason = f"a policy cannot be judged: {unread[0].problem}"
            return Verdict(privilege=Privilege.UNKNOWN, at_most=Privilege.WRITE, reason=reason, documents=(unread[0].document_id,))
        for grant in self.effective.grants:
            for pattern in grant.beyond:
                what = f"allows {pattern}, which {self.catalogue.gap(pattern)}"
                if grant.statement.negated:
                    what = "allows everything but what it names, services outside the action catalogue included"
                return Verdict(
                    privilege=Privilege.UNKNOWN,
                    at_most=Privilege.WRITE,
                    reason=f"{_place(grant.statement)} {what}",
                    documents=_documents([grant]),
                )
        return None

    def grant_of(self, step: Step, reaches: Sequence[Reach]) -> Grant:
        """The plainest grant of an action."""
        bit = self.catalogue.bit(step.action)
        able = [
            grant for grant in self.effective.grants if grant.possible & bit and self.effective.reach(grant.statement, step.on) in reaches
        ]
        return max(
            able, key=lambda grant: (*_plainness(grant), len(reaches) - reaches.index(self.effective.reach(grant.statement, step.on)))
        )

    def how(self, grants: Sequence[Grant], path: Sequence[Step]) -> str:
        """The patterns, as written, by which grants allow actions."""
        return " and ".join(
            dict.fromkeys(_pattern(grant.statement, step.action, self.catalogue) for grant, step in zip(grants, path, strict=True))
        )

    def what(self, grant: Grant, mask: int) -> str:
        """The actions that give a level or, where they are more than three, the patterns as written."""
        giving = grant.possible & mask
        if self.catalogue.count(giving) <= 3:
            return ", ".join(f"{action.service}:{action.name}" for action in self.catalogue.members(giving))
        if grant.statement.negated:
            return f"everything but {_few(grant.statement.patterns)}"
        patterns = [p for p in grant.statement.patterns if self.catalogue.count(self.catalogue.expand(p).mask & giving)]
        return _few(patterns)

    def doubt(self, statement: Statement, kind: str) -> str:
        """Why a statement that allows administration does not decide it."""
        if statement.holds is not Holds.ALWAYS:
            return " under a condition that the policy alone does not decide: conditional"
        if self.effective.reach(statement, kind) is not Reach.ALL:
            return " on some resources: admin if they include the right one"
        above = "the permission boundary" if self.effective.ceiling.empty else "the permission boundary or the organisation"
        return f", but a Deny or {above} may take it away"


def _pattern(statement: Statement, action: str, catalogue: Catalogue) -> str:
    if statement.negated:
        return f"everything but {_few(statement.patterns)}"
    bit = catalogue.bit(action)
    return next((pattern for pattern in statement.patterns if catalogue.expand(pattern).mask & bit), action)


def _few(patterns: Sequence[str]) -> str:
    more = len(patterns) - 3
    return ", ".join(patterns[:3]) + (f" and {more} more" if more > 0 else "")


def _plainness(grant: Grant) -> tuple[bool, bool]:
    return (grant.statement.holds is Holds.ALWAYS, grant.statement.resources.everything)


def _place(statement: Statement) -> str:
    return f"statement {statement.number}" + (f" ({statement.sid})" if statement.sid else "")


def _where(statement: Statement) -> str:
    resources = " on all resources" if statement.resources.everything else " on some resources"
    return resources + (" under a condition" if statement.holds is not Holds.ALWAYS else "")


def _documents(grants: Iterable[Grant]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(grant.statement.document_id for grant in grants))[:5]
