"""What to take away from one AWS identity: its policies without what is certainly unused, checked before they are handed out.

Nothing that is used, likely unused or unknown goes. An identity of which nothing was used is switched off first; it is deleted only when
nobody missed it. A guard holds a proposal back, but does not hide it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from inventory.database import Database
from scoring.least_privilege.aws.catalogue import Catalogue
from scoring.least_privilege.aws.documents import Policy, read
from scoring.least_privilege.aws.propose_check import fault
from scoring.least_privilege.aws.propose_files import of_denial, of_replacements
from scoring.least_privilege.aws.propose_policies import Place, Plan, place_of, plan
from scoring.least_privilege.aws.propose_statements import Narrowing, compact
from scoring.least_privilege.aws.use_subject import Subject, subject
from scoring.least_privilege.guards import guards
from scoring.least_privilege.use import Proposal, Use
from scoring.packs import Pack


def propose(database: Database, identity_id: str, as_of: datetime, pack: Pack, catalogue: Catalogue | None = None) -> Proposal:
    """What to take away from one identity. Raises LookupError where AWS has none of this id."""
    one = subject(database, identity_id, as_of, pack, catalogue)
    if one.facts["left_out"]:
        return _nothing(one, "none", f"Nothing is proposed: {one.facts['left_out']}.")
    if one.gap:
        return _nothing(one, "unknown", f"Nothing can be proposed: {one.gap}.")
    numbers = one.held.numbers(one.pattern, one.verdicts)
    action, confidence = one.held.decide(one.pattern, one.verdicts, numbers)
    if action not in ("narrow", "disable"):
        return _nothing(one, action, SAID[action])
    held_back = guards(
        **{name: one.facts[name] for name in ("created_at", "changed_at", "window_days", "name", "purpose")}, as_of=as_of, pack=pack
    )
    place = place_of(identity_id)
    days = int(pack.thresholds["unused_days"])
    if action == "disable":
        return _disable(one, place, numbers, str(confidence), held_back, days)
    return _narrow(one, place, str(confidence), held_back, days)


SAID = {
    "none": "Nothing that it is granted is known to be unused: there is nothing to take away.",
    "unknown": "No record says which of its permissions it uses: collect its services last accessed, and assess again.",
}


def _nothing(one: Subject, action: str, summary: str) -> Proposal:
    return Proposal(identity_id=one.identity_id, action=action, summary=summary, confidence="low", removed={})


def _disable(one: Subject, place: Place, numbers: Mapping[Use, int], confidence: str, held_back: list[str], days: int) -> Proposal:
    changes, files, undo = of_denial(place)
    summary = (
        f"Nothing of {place.kind} {place.name} was used in the last {days} days: switch it off with a policy that denies everything, "
        "and delete it when nobody has missed it."
    )
    return Proposal(
        identity_id=one.identity_id,
        action="wait" if held_back else "disable",
        summary=_waiting(summary, held_back),
        confidence=confidence,
        guards=held_back,
        removed={use: count for use, count in numbers.items() if use in (Use.UNUSED, Use.LIKELY_UNUSED) and count},
        changes=changes,
        files=files,
        rollback=undo,
    )


def _narrow(one: Subject, place: Place, confidence: str, held_back: list[str], days: int) -> Proposal:
    catalogue = one.held.catalogue
    narrowing = Narrowing(catalogue=catalogue, unused=one.verdicts.unused, foreign=one.verdicts.foreign, services=one.verdicts.services)
    found = plan(one.attached, narrowing, place)
    if not found.replaced:
        return _nothing(
            one, "unknown", "What is unused cannot be taken away by itself: " + "; ".join(found.left or ["nothing would change"]) + "."
        )
    after = list(proposed(found, one.held.policies))
    unused = one.verdicts.unused
    problem = fault(one.held.policies, after, one.held.boundaries, catalogue, unused=unused, foreign=one.verdicts.foreign)
    if problem:
        return _nothing(one, "unknown", f"No proposal passed its own check: {problem}.")
    changes, files, undo = of_replacements(found.replaced, place)
    gone = one.held.lost(after)
    partly = "".join(f" {sentence[0].upper()}{sentence[1:]}." for sentence in found.left)
    count = catalogue.count(gone)
    summary = (
        f"Take {count:,} of {catalogue.count(one.held.granted):,} permissions from {place.kind} {place.name}: "
        f"they were not used in the last {days} days.{partly}"
    )
    return Proposal(
        identity_id=one.identity_id,
        action="wait" if held_back else "narrow",
        summary=_waiting(summary, held_back),
        confidence=confidence,
        guards=held_back,
        removed={Use.UNUSED: count},
        changes=changes,
        files=files,
        rollback=undo,
    )


def _waiting(summary: str, held_back: list[str]) -> str:
    return f"Wait: {held_back[0]}. Then: {summary[0].lower()}{summary[1:]}" if held_back else summary


def proposed(found: Plan, today: Iterable[Policy]) -> Iterable[Policy]:
    """The policies after a plan, as the evaluation reads them."""
    texts = {policy.document_id: policy for policy in today}
    for one in found.kept:
        if one.via != "boundary":
            yield texts[one.document_id]
    for entry in found.replaced:
        if entry.direct:
            yield texts[entry.old.document_id]
        for new in entry.new:
            yield read(f"new {new.name}", compact(new.text))
