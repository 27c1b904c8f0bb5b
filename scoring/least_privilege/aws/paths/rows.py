"""A way in words: its steps with the statements that allow them, what stays open, and the records that say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scoring.least_privilege.aws.conditions import Holds
from scoring.least_privilege.aws.documents import Statement
from scoring.least_privilege.aws.paths.access import holds
from scoring.least_privilege.aws.paths.arns import members
from scoring.least_privilege.aws.paths.estate import Principal
from scoring.least_privilege.aws.paths.openings import ASSUME, PASS
from scoring.least_privilege.aws.paths.search import Hop, Search, Way
from scoring.least_privilege.verdict import Privilege

LEVELS = {
    Privilege.ADMIN: "an administrator",
    Privilege.WRITE: "who may change more",
    Privilege.READ: "who may read more",
    Privilege.UNKNOWN: "of which is not known what it may do",
}
GROWN = {
    Privilege.ADMIN: "becomes an administrator",
    Privilege.WRITE: "may change more",
    Privilege.READ: "may read more",
    Privilege.UNKNOWN: "what it may do then is not known",
}
NOT_COLLECTED = {
    "free_key": "how many access keys {} has",
    "two_keys": "how many access keys {} has",
    "password": "whether {} has a password",
    "no_password": "whether {} has a password",
    "profile": "whether {} has an instance profile",
}

Records = Mapping[str, tuple[str, str]]
"""Policy of a principal, as its set names it -> name and record."""


@dataclass(slots=True)
class Told:
    """A way as a row of `escalation` has it."""

    steps: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    evidence: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _Step:
    action: str
    arn: str | None
    """What it must be allowed on; None: some resource of its service."""
    place: str
    service: str | None = None


class Teller:
    """Puts ways into words."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.estate = search.estate
        self.openings = search.openings
        # whoever a way goes through has an opening
        self.records = self.estate.policy_records([self.estate.principals[number].arn for number in search.open])

    def tell(self, way: Way) -> Told:
        """Steps, doubts and records of a way."""
        told = Told()
        for position, hop in enumerate(way.hops):
            self._hop(hop, told, first=position == 0)
        last = way.hops[-1]
        if way.unlisted:
            told.doubts.append(f"not all roles and users of account {last.principal.account} are listed, with whom they trust")
        elif last.target and last.opening.path.gains != "admin":
            told.steps.append(f"{last.target.label} is {way.gains}: {last.target.reason}")
            if way.gains is Privilege.UNKNOWN:
                told.doubts.append(f"what {last.target.label} may do is not known: {self.openings.unsettled(last.target)}")
        told.doubts = list(dict.fromkeys(told.doubts))
        told.steps = [f"{number}. {step}" for number, step in enumerate(told.steps, start=1)]
        if not way.certain and not told.doubts:
            told.doubts.append("a Deny, a limit or the scope of a statement may stand in the way")
        if way.certain:
            told.doubts = []
        return told

    def reason(self, way: Way, told: Told) -> str:
        """One sentence."""
        first, last = way.hops[0], way.hops[-1]
        if first.opening.grows is not None:
            text = f"{first.opening.path.name} and {GROWN[way.gains]}"
        elif way.unlisted:
            text = first.opening.path.name
        elif first.opening.path.gains == "admin":
            text = f"{first.opening.path.name}: {_label(first)}, an administrator then"
        elif len(way.hops) == 1:
            text = f"{first.opening.path.name}: {_label(first)}, {LEVELS[way.gains]}"
        else:
            text = f"{first.opening.path.name}: {_label(first)}, and {len(way.hops) - 1} more on the way to {self._end(last)}, {LEVELS[way.gains]}"
        return text + (f"; open: {'; '.join(told.doubts)}" if told.doubts else "")

    @staticmethod
    def _end(last: Hop) -> str:
        return last.target.label if last.target and last.opening.path.gains != "admin" else last.principal.label

    def _hop(self, hop: Hop, told: Told, *, first: bool) -> None:
        principal, opening = hop.principal, hop.opening
        access = self.openings.access(principal)
        records = self.records.get(principal.arn, {})
        doubt = self.openings.doubt(principal)
        if doubt:
            told.doubts.append(doubt)
        for step in self._steps(hop, told):
            allowing = access.allowing(step.action, step.arn, principal.names, step.service)
            where = f" ({_place(allowing, records)})" if allowing else ": its trust names the caller"
            told.steps.append(f"{'' if first else f'as {principal.label}: '}{step.action}{step.place}{where}")
            if allowing:
                told.evidence.add(records.get(allowing.document_id, ("", principal.evidence))[1])
                told.doubts.extend(self._limits(step, allowing, principal, records))
        if hop.target:
            told.evidence.add(hop.target.evidence)
            told.doubts.extend(self._about(hop, hop.target))
        else:
            told.evidence.add(principal.evidence)
        if opening.path.open:
            told.doubts.append(f"{opening.path.open} is not in the evidence")

    def _limits(self, step: _Step, allowing: Statement, principal: Principal, records: Records) -> Iterator[str]:
        access = self.openings.access(principal)
        if holds(allowing, step.service) is Holds.MAYBE:
            yield f"{_place(allowing, records)} has a condition that the policy alone does not decide"
        elif (
            access.on(step.action, step.arn, principal.names, step.service) if step.arn else access.anywhere(step.action)
        ) is not Holds.ALWAYS:
            yield f"a Deny, a limit or its scope may keep {_place(allowing, records)} from allowing {step.action}"

    def _about(self, hop: Hop, target: Principal) -> Iterator[str]:
        """What stays open about the one that is taken over."""
        path, mask = hop.opening.path, 1 << target.number
        if PASS in path.steps and not self.estate.trusting(path.trusts).certain & mask:
            yield f"the trust of {target.label} has a condition"
        if path.steps == {ASSUME: "role"} and not hop.opening.over.certain & mask and self._trust_limits(hop, mask):
            yield f"the trust of {target.label} has a condition"
        if path.needs:
            held = self.estate.with_profile if path.needs == "profile" else self.estate.users[path.needs]
            if not held.certain & mask:
                yield f"{NOT_COLLECTED[path.needs].format(target.label)} is not in the evidence"
        if path.workload and not self._workload(hop, target):
            yield f"whether any {path.workload.replace('_', ' ')} runs as {target.label} is not in the evidence"
        if path.gains == "admin" and self.estate.bounded & mask:
            yield f"{target.label} has a permission boundary"

    def _trust_limits(self, hop: Hop, mask: int) -> bool:
        estate = self.estate
        trusting = estate.named.get(hop.principal.arn), estate.rooted.get(hop.principal.account), estate.anyone
        return not any(bounds and bounds.certain & mask for bounds in trusting)

    def _steps(self, hop: Hop, told: Told) -> Iterator[_Step]:
        target, opening = hop.target, hop.opening
        for action, thing in opening.path.steps.items():
            if thing == "any" or (target is None and opening.grows is None):
                yield _Step(action, None, "")
            elif thing in ("role", "user") and target:
                yield _Step(action, target.arn, f" on {target.label}", self._service(hop, target) if action == PASS else None)
            elif thing == "own":
                yield _Step(action, hop.principal.arn, " on itself")
            elif thing == "workload" and target:
                workload = self._workload(hop, target)
                if workload:
                    told.evidence.add(workload[2])
                    yield _Step(action, workload[0], f" on {workload[1]}")
                else:
                    yield _Step(action, None, f" on one that runs as {target.label}")
            else:
                arn = opening.thing or (self._policy(hop, action, target) if target else None)
                yield _Step(action, arn, f" on {thing} {(arn or '').rsplit('/', 1)[-1]}")

    def _service(self, hop: Hop, target: Principal) -> str:
        """The service that the role is passed to."""
        access, trusts = self.openings.access(hop.principal), hop.opening.path.trusts
        able = [
            service
            for service in trusts
            if (access.over(PASS, self.estate.arns, service) & self.estate.trusting([service])).possible >> target.number & 1
        ]
        return (able or list(trusts))[0]

    def _workload(self, hop: Hop, target: Principal) -> tuple[str, str, str] | None:
        """ARN, name and record of the workload that runs as the target, one on which every step is allowed for certain if there is one."""
        arns, rows = self.estate.workloads
        access = self.openings.access(hop.principal)
        found = arns.everything, arns.everything
        for action, thing in hop.opening.path.steps.items():
            if thing == "workload":
                over = access.over(action, arns)
                found = found[0] & over.certain, found[1] & over.possible
        for mask in found:
            for number in members(mask):
                row = rows[arns.names[number]]
                if row["number"] == target.number and row["kind"] == hop.opening.path.workload:
                    return arns.names[number], f"{row['kind'].replace('_', ' ')} {row['name']}", row["evidence"]
        return None

    def _policy(self, hop: Hop, action: str, target: Principal) -> str | None:
        """A policy of the target that may be rewritten."""
        arns, _, held = self.estate.customer_policies
        over = self.openings.access(hop.principal).over(action, arns)
        mine = [arn for arn in held.get(target.number, ()) if over.possible & arns.bit(arn)]
        return next((arn for arn in mine if over.certain & arns.bit(arn)), mine[0] if mine else None)


def _label(hop: Hop) -> str:
    return hop.target.label if hop.target else "itself"


def _place(statement: Statement, records: Records) -> str:
    name = records.get(statement.document_id, (statement.document_id, ""))[0]
    return f"policy {name}, statement {statement.number}" + (f" {statement.sid}" if statement.sid else "")
