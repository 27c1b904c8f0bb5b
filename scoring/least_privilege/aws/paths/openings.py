"""The paths that a principal's policies open, and over whom.

What depends on policies and account alone is found once for all who share them; trust by name, own objects and groups are added for each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from scoring.least_privilege.aws.conditions import Holds
from scoring.least_privilege.aws.documents import Policy, read
from scoring.least_privilege.aws.paths.access import Access
from scoring.least_privilege.aws.paths.arns import NOBODY, Bounds, members
from scoring.least_privilege.aws.paths.catalogue import Path, beyond, bit, paths
from scoring.least_privilege.aws.paths.estate import Estate, Principal
from scoring.least_privilege.aws.principals import ADMINISTRATOR, policy_of
from scoring.least_privilege.aws.privilege import privilege_of
from scoring.least_privilege.verdict import RANK, Privilege

ASSUME = "sts:AssumeRole"
PASS = "iam:PassRole"
BOUNDARIES = sum(bit(f"iam:{verb}{kind}PermissionsBoundary") for verb in ("Put", "Delete") for kind in ("Role", "User"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A path that is open to a principal."""

    path: Path
    shared: Bounds = NOBODY
    """Principals that whoever has these policies may take over; kept once for all of them."""
    own: int = 0
    """Its own bit."""
    grows: Privilege | None = None
    """What its own permissions become; None: it takes over another."""
    certain: bool = False
    """With `grows`: nothing stands in the way."""
    thing: str | None = None
    """With `grows`: the policy or group that it happens by, or its own ARN."""
    unlisted: bool = False
    """Not all that it may take over is listed."""

    @property
    def over(self) -> Bounds:
        """Principals that it may take over: others, not itself."""
        return self.shared & (~self.own, ~self.own) if self.shared.possible & self.own else self.shared


@lru_cache(maxsize=65536)
def _within(mask: int) -> tuple[Path, ...]:
    """Paths of which every action is in a set; a role's own trust may do in place of sts:AssumeRole."""
    held = mask | bit(ASSUME)
    return tuple(path for path in paths() if path.mask & ~held == 0)


class Openings:
    """Answers for one estate, each set of policies once."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate
        self.takeable = 0
        for mask in estate.accounts.values():
            self.takeable |= mask
        self._access: dict[tuple[str | None, str], Access] = {}
        self._shared: dict[tuple[str | None, str, str], Bounds] = {}
        self._perhaps: dict[tuple[str | None, str, str], bool] = {}
        self._unread: dict[str | None, str | None] = {}
        self._grown: dict[tuple[str, ...], Privilege] = {}
        self._groups: dict[tuple[str, tuple[str, ...]], Privilege] = {}
        self._runners: dict[tuple[str, int], int] = {}

    def access(self, principal: Principal) -> Access:
        """What its policies allow."""
        key = (principal.set_id, principal.account)
        if key not in self._access:
            levels = [[policy] for policy in self.estate.members_of(principal.members, "boundary")]
            limits = self.estate.limits
            # whether the account is the organisation's management account, which no policy binds, is not known
            perhaps = [[_doubtful(policy) for policy in level] for level in limits.get("*", ())]
            every = [*levels, *limits.get(principal.account, ()), *perhaps]
            self._access[key] = Access(self.estate.members_of(principal.members, "identity"), every)
        return self._access[key]

    def doubt(self, principal: Principal) -> str | None:
        """Why what its policies show may not be all, and a Deny may be among the rest."""
        if principal.gap:
            return principal.gap
        if principal.set_id not in self._unread:
            policies = self.estate.members_of(principal.members, "identity")
            self._unread[principal.set_id] = next((policy.problem for policy in policies if policy.problem and not policy.harmless), None)
        unread = self._unread[principal.set_id]
        return f"a policy cannot be judged: {unread}" if unread else None

    def unsettled(self, principal: Principal) -> str | None:
        """Why it may come to more by ways that are not looked at here."""
        doubt = self.doubt(principal)
        if doubt or principal.privilege != Privilege.UNKNOWN:
            return doubt
        loose = beyond() if self._boundary(principal) else beyond() & ~BOUNDARIES
        return principal.reason if self.access(principal).mask & loose else None

    def of(self, principal: Principal) -> Iterator[Opening]:
        """Its openings, in the order of the paths."""
        access = self.access(principal)
        assumed: Bounds | None = None
        for path in _within(access.mask):
            if path.takes in ("own", "group"):
                yield from self._growing(path, principal, access)
                continue
            over = self._over(path, principal, access)
            if ASSUME in path.steps:
                assumed = self._assumable(principal, access) if assumed is None else assumed
                over = self.estate.arns.kept(over & assumed)
            opening = Opening(path=path, shared=over, own=1 << principal.number, unlisted=self._unlisted(path, principal, access))
            if opening.unlisted or opening.over.possible:
                yield opening

    def _unlisted(self, path: Path, principal: Principal, access: Access) -> bool:
        """Whether there may be more to take over than is listed."""
        key = (principal.set_id, principal.account, path.id)
        if key not in self._perhaps:
            known = all(self.estate.is_collected(fact, principal.account) for fact in ("identities", "trust"))
            self._perhaps[key] = not known and all(access.anywhere(action) is not Holds.NEVER for action in path.steps)
        return self._perhaps[key]

    def _over(self, path: Path, principal: Principal, access: Access) -> Bounds:
        key = (principal.set_id, principal.account, path.id)
        if key not in self._shared:
            self._shared[key] = self.estate.arns.kept(self._find(path, principal.account, access))
        return self._shared[key]

    def _find(self, path: Path, account: str, access: Access) -> Bounds:
        elsewhere = [access.anywhere(action) for action, thing in path.steps.items() if thing == "any"]
        if Holds.NEVER in elsewhere:
            return NOBODY
        found = self._run(path, account, access) if path.takes == "workload" else self._reached(path, account, access)
        if path.gains == "admin":
            found = Bounds(found.certain & ~self.estate.bounded, found.possible)
        if path.needs:
            found &= self.estate.with_profile if path.needs == "profile" else self.estate.users[path.needs]
        return Bounds(0, found.possible) if path.open or Holds.MAYBE in elsewhere else found

    def _reached(self, path: Path, account: str, access: Access) -> Bounds:
        """Roles or users on which every step is allowed, but for assuming."""
        kind = ~self.estate.roles if path.takes == "user" else self.estate.roles
        within = self.takeable if path.id == "sts-001" else self.estate.targets(account)
        found = Bounds(within & kind, within & kind)
        for action, thing in path.steps.items():
            if action == PASS:
                found &= self._passed(path, access)
            elif thing == "policy":
                found &= self._holding(action, access)
            elif action != ASSUME and thing != "any":
                found &= access.over(action, self.estate.arns)
        return found

    def _passed(self, path: Path, access: Access) -> Bounds:
        found = NOBODY
        for service in path.trusts:
            found |= access.over(PASS, self.estate.arns, service) & self.estate.trusting([service])
        return found

    def _holding(self, action: str, access: Access) -> Bounds:
        """Principals that hold a policy which it may rewrite."""
        arns, holders, _ = self.estate.customer_policies
        masks = [0, 0]
        for side, found in enumerate(access.over(action, arns)):
            for number in members(found):
                masks[side] |= holders[arns.names[number]]
        return Bounds(*masks)

    def _run(self, path: Path, account: str, access: Access) -> Bounds:
        """Roles of workloads on which every step is allowed; where workloads are not listed, roles that one could run as."""
        steps = [action for action, thing in path.steps.items() if thing == "workload"]
        arns, _ = self.estate.workloads
        known = Bounds(arns.everything, arns.everything)
        for action in steps:
            known &= access.over(action, arns)
        kind = path.workload or ""
        roles = Bounds(*(self._runner(kind, mask) for mask in known)) & (self.estate.targets(account),) * 2
        if self.estate.lists(kind, account) or any(access.anywhere(action) is Holds.NEVER for action in steps):
            return roles
        return roles | (0, self.estate.trusting(path.trusts).possible & self.estate.targets(account) & self.estate.roles)

    def _runner(self, kind: str, mask: int) -> int:
        key = (kind, mask)
        if key not in self._runners:
            arns, rows = self.estate.workloads
            found = 0
            for row in (rows[arns.names[number]] for number in members(mask)):
                found |= 1 << row["number"] if row["kind"] == kind else 0
            self._runners[key] = found
        return self._runners[key]

    def _assumable(self, principal: Principal, access: Access) -> Bounds:
        """Roles that trust it, with what is needed on its own side."""
        estate = self.estate
        by_name = estate.named.get(principal.arn, NOBODY)
        found = NOBODY
        if access.mask & bit(ASSUME):
            trusting = estate.rooted.get(principal.account, NOBODY) | by_name | estate.anyone
            found = access.over(ASSUME, estate.arns) & trusting
        if by_name.possible:  # in one's own account, a role that names the caller needs no policy beside it
            found |= by_name & access.undenied(ASSUME, estate.arns) & (estate.targets(principal.account),) * 2
        return found & (self.takeable,) * 2

    def _growing(self, path: Path, principal: Principal, access: Access) -> Iterator[Opening]:
        """Own permissions grow by itself, a policy of its own, or a group."""
        ((action, thing),) = path.steps.items()
        if path.by and (path.by == "role") is not principal.role:
            return
        if path.takes == "group":
            yield from self._joining(path, action, principal, access)
            return
        own = {
            "own": lambda: [principal.arn],
            "policy": lambda: self.estate.customer_policies[2].get(principal.number, []),
            "group": lambda: self.estate.groups[2].get(principal.number, []),
        }[thing]()
        states = [(access.on(action, arn, principal.names), arn) for arn in own]
        grows = self._grown_within(principal)
        for wanted in (Holds.ALWAYS, Holds.MAYBE):
            for state, arn in states:
                if state is wanted:
                    yield Opening(path=path, grows=grows, certain=state is Holds.ALWAYS, thing=arn)
                    return

    def _joining(self, path: Path, action: str, principal: Principal, access: Access) -> Iterator[Opening]:
        arns, held, joined = self.estate.groups
        found = access.over(action, arns)
        mine = set(joined.get(principal.number, []))
        best: Opening | None = None
        for number in members(found.possible):
            name = arns.names[number]
            if name in mine or f":{principal.account}:" not in name:
                continue
            grows = self._group_privilege(name, principal, held)
            opening = Opening(path=path, grows=grows, certain=bool(found.certain >> number & 1), thing=name)
            if best is None or _better(opening, best):
                best = opening
        if best:
            yield best

    def _boundary(self, principal: Principal) -> tuple[str, ...]:
        return tuple(member for member in principal.members if member.startswith("boundary "))

    def _grown_within(self, principal: Principal) -> Privilege:
        """What it may do once it holds every permission: its boundary still limits it."""
        boundary = self._boundary(principal)
        if boundary not in self._grown:
            everything = [read("everything", ADMINISTRATOR)]
            self._grown[boundary] = privilege_of(everything, self.estate.members_of(boundary, "boundary")).privilege
        return self._grown[boundary]

    def _group_privilege(self, name: str, principal: Principal, held: Mapping[str, Sequence[Mapping[str, Any]]]) -> Privilege:
        boundary = self._boundary(principal)
        key = (name, boundary)
        if key not in self._groups:
            policies = [
                policy_of(row["document_id"] or f"?{row['policy_id'] or row['policy_name']}", self.estate.policies)
                for row in held.get(name, ())
            ]
            limits = self.estate.members_of(boundary, "boundary")
            self._groups[key] = privilege_of(policies, limits, account=principal.account).privilege
        return self._groups[key]


def _better(one: Opening, other: Opening) -> bool:
    def order(opening: Opening) -> tuple[float, bool]:
        # what is not known may be administration
        return (2.5 if opening.grows is Privilege.UNKNOWN else RANK[opening.grows or Privilege.NONE], opening.certain)

    return order(one) > order(other)


def _doubtful(policy: Policy) -> Policy:
    """The policy of a limit that may not bind: it takes away certainty, and allows anything."""
    statements = tuple(replace(s, holds=Holds.MAYBE) if not s.allow and s.holds is Holds.ALWAYS else s for s in policy.statements)
    return replace(policy, statements=statements, problem=policy.problem or "it may not bind this account")
