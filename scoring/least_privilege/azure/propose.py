"""What to take away from one Azure identity, as files that somebody can apply, and how to go back.

Only assignments of roles are narrowed. Application permissions, directory roles, delegated permissions and vaults' own policies stay as
they are: no source tells which of them are used. Nothing is ever deleted but an assignment, and the new one is made first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from inventory.database import Database
from scoring.least_privilege.azure.counts import guards_of
from scoring.least_privilege.azure.decide import Decision, decide, subject_to
from scoring.least_privilege.azure.effective import Held
from scoring.least_privilege.azure.narrow import Step
from scoring.least_privilege.azure.reasons import summary
from scoring.least_privilege.azure.roles import Block
from scoring.least_privilege.azure.subject import Subject, subject
from scoring.least_privilege.azure.write import Names, apply_files, disable_files, role_text, rollback
from scoring.least_privilege.use import Change, Proposal, Use
from scoring.packs import Pack


def propose(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Proposal:
    """What to take away from one identity. Raises LookupError where there is no such Azure identity."""
    one = subject(database, identity_id, as_of, pack)
    if one.gap is not None:
        return _nothing(one, "unknown", one.gap)
    if (why := subject_to(one.facts)) is not None:
        return _nothing(one, "none", why)
    decision = decide(one.judge, one.held, one.found, idle=one.facts["idle"])
    if decision.action == "none":
        return _nothing(one, "none", summary(one.found, decision, one.held, one.facts))
    held_back = guards_of(one.facts, _changed_at(one.held), one.window_days, decision.action, as_of, pack)
    names = Names(identity_id.removeprefix("azure:"), one.facts["name"])
    action = "wait" if held_back else decision.action
    if decision.action == "disable":
        return _proposal(one, decision, action, held_back, names, [_switched_off(one)])
    return _proposal(one, decision, action, held_back, names, [_change(one, step) for step in _changed(decision)])


def _nothing(one: Subject, action: str, why: str) -> Proposal:
    return Proposal(identity_id=one.facts["identity_id"], action=action, summary=why, confidence="low", removed={})


def _proposal(one: Subject, decision: Decision, action: str, held_back: Sequence[str], names: Names, changes: Sequence[Change]) -> Proposal:
    off = decision.action == "disable"
    changed = _changed(decision)
    removed = Counter(one.found.use(bit) for bit, _ in one.judge.rights.members(decision.removed))
    if set(removed) - {Use.UNUSED}:
        return _nothing(one, "unknown", "A smaller role would take away more than what is unused: narrow it by hand.")
    return Proposal(
        identity_id=one.facts["identity_id"],
        action=action,
        summary=summary(one.found, decision, one.held, one.facts),
        confidence=decision.confidence or "low",
        guards=tuple(held_back),
        removed=dict(removed),
        changes=tuple(changes),
        files=tuple(disable_files(names) if off else apply_files(names, changed)),
        rollback=rollback(names, changed, off=off),
    )


def _changed(decision: Decision) -> list[Step]:
    return [step for step in decision.steps if step.after != step.before]


def _changed_at(held: Sequence[Held]) -> datetime | None:
    return max((one.changed_at for one in held if one.changed_at is not None), default=None)


def _switched_off(one: Subject) -> Change:
    titles = "\n".join(held.title for held in one.held if held.via != "deny")
    after = "disabled; its grants stay until it is deleted"
    return Change(title=f"service principal {one.facts['name']}", before=f"enabled, with\n{titles}", after=after)


def _change(one: Subject, step: Step) -> Change:
    role = one.judge.role(step.held)
    blocks: Sequence[Block] = (step.block,) if step.block else step.role.blocks if step.role else ()
    after = f"{step.role.name}\n{role_text(blocks)}" if step.role else role_text(blocks)
    return Change(
        title=f"role assignment {step.held.title}",
        before=f"{step.held.name or role.name}\n{role_text(role.blocks)}",
        after=after if step.after else "",
    )
