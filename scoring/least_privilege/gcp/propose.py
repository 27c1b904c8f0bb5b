"""What to take away from a GCP identity. Every proposal is evaluated against today's grants before it is handed out."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from inventory.database import Database
from scoring.least_privilege.gcp.effective import Binding, Evaluator, project_of, short
from scoring.least_privilege.gcp.files import (
    ORGANIZATION,
    CustomRole,
    Step,
    apply_file,
    condition_file,
    custom_role_file,
    rollback,
    slug,
    terraform_file,
)
from scoring.least_privilege.gcp.grant_use import GrantUse, limits, words
from scoring.least_privilege.gcp.holdings import Holding
from scoring.least_privilege.gcp.places import place_of
from scoring.least_privilege.gcp.replacement import ONLY_ABOVE, Replacement, replacement
from scoring.least_privilege.gcp.standing import Standing, held_back, standing
from scoring.least_privilege.gcp.use import one
from scoring.least_privilege.use import Change, File, Proposal, Use
from scoring.packs import Pack

SHOWN = 3
"""Workloads that a summary names."""
Plan = Sequence[tuple[GrantUse, Step]]


def propose(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Proposal:
    """What to take away from one identity. Reads `main` alone. Raises LookupError for an unknown identity."""
    holding, evaluator = one(database, identity_id, as_of)
    limit = limits(as_of, pack)
    found = standing(holding, evaluator, limit)
    reasons = held_back(holding, found, limit, pack)
    if found.action == "disable":
        return _disable(holding, found, reasons, limit.unused_days, _attached(database, identity_id))
    if found.action == "narrow":
        return _narrow(holding, found, evaluator, reasons, _organization(database))
    return _nothing(holding, found.action, f"{holding.name}: {found.reason}.")


def _nothing(holding: Holding, action: str, summary: str) -> Proposal:
    return Proposal(identity_id=holding.identity_id, action=action, summary=summary, confidence="low", removed={})


def _attached(database: Database, identity_id: str) -> list[str]:
    """What runs as it."""
    sql = "SELECT DISTINCT kind, name FROM main.workload WHERE identity_id = $id ORDER BY kind, name"
    return [f"{row['kind'].replace('_', ' ')} {row['name']}" for row in database.rows(sql, {"id": identity_id})]


def _disable(holding: Holding, found: Standing, reasons: Sequence[str], days: int, attached: Sequence[str]) -> Proposal:
    account = shlex.quote(holding.name)
    project = f" --project={holding.scope}" if holding.scope else ""
    held = ", ".join(words(grant.binding) for grant in found.grants) or "no role"
    more = f" and {len(attached) - SHOWN} more" if len(attached) > SHOWN else ""
    runs = f"What runs as it will get no tokens: {', '.join(attached[:SHOWN])}{more}. " if attached else ""
    return Proposal(
        identity_id=holding.identity_id,
        action="wait" if reasons else "disable",
        summary=f"Disable {holding.name}: {found.reason}. {runs}Delete it only when nobody has missed it for {days} days.",
        confidence=found.confidence or "low",
        guards=reasons,
        removed={Use.UNUSED: found.masks[Use.UNUSED].bit_count()},
        changes=[
            Change(
                title=f"service account {holding.name}", before=f"enabled, with {held}", after="disabled; its grants stay for the way back"
            )
        ],
        files=[
            File(name="apply.sh", text=f"#!/bin/sh\nset -eu\ngcloud iam service-accounts disable {account}{project}\n"),
            File(name="account.tf", text=f"# In the resource google_service_account of {holding.name}:\ndisabled = true\n"),
        ],
        rollback=f"gcloud iam service-accounts enable {account}{project}",
    )


def _narrow(holding: Holding, found: Standing, evaluator: Evaluator, reasons: Sequence[str], organization: str) -> Proposal:
    plan = planned(holding, found, evaluator, organization)
    if wrong := fails(holding, found.grants, plan, evaluator):
        return _nothing(holding, "unknown", f"{holding.name}: the proposal does not hold its own check: {wrong}.")
    steps = [step for _, step in plan]
    files = [
        *(custom_role_file(step.custom) for step in steps if step.custom),
        *(file for number, step in enumerate(steps, 1) if (file := condition_file(step, number))),
        apply_file(holding.identity_id, steps),
        terraform_file(holding.identity_id, steps),
    ]
    gone = 0
    for grant, step in plan:
        gone |= grant.mask & ~_new_mask(step, evaluator)
    what = "; ".join(_words(step) for step in steps)
    rest = sum((_new_mask(step, evaluator) & grant.unused).bit_count() for grant, step in plan)
    stays = f" The new roles bring {rest} of them along." if rest else ""
    return Proposal(
        identity_id=holding.identity_id,
        action="wait" if reasons else "narrow",
        summary=f"{holding.name}: {what}. {found.reason[0].upper()}{found.reason[1:]}.{stays}",
        confidence=found.confidence or "low",
        guards=reasons,
        removed={Use.UNUSED: gone.bit_count()},
        changes=[_change(grant, step, evaluator) for grant, step in plan],
        files=files,
        rollback=rollback(holding.identity_id, steps),
    )


def planned(holding: Holding, found: Standing, evaluator: Evaluator, organization: str = ORGANIZATION) -> Plan:
    """The grants to change, each with what takes its place."""
    plan: list[tuple[GrantUse, Step]] = []
    taken = set[str]()
    for grant in found.grants:
        fitting = replacement(grant, evaluator.names)
        if not fitting.changes:
            continue
        home = _project(grant.binding, holding, evaluator)
        custom = _custom(holding, grant, fitting, evaluator, home or "PROJECT_ID", organization, taken) if fitting.custom else None
        new_role = custom.role_id if custom else fitting.role_id
        plan.append((grant, Step(old=grant.binding, place=place_of(grant.binding.place, home), new_role=new_role, custom=custom)))
    return plan


def _custom(
    holding: Holding, grant: GrantUse, fitting: Replacement, evaluator: Evaluator, project: str, organization: str, taken: set[str]
) -> CustomRole:
    permissions = evaluator.names.members(fitting.mask)
    place = short(grant.binding.place or "")
    above = place.startswith(("folders/", "organizations/")) or any(ONLY_ABOVE.fullmatch(name) for name in permissions)
    parent = place if place.startswith("organizations/") else f"organizations/{organization}" if above else f"projects/{project}"
    account = holding.name.partition("@")[0]
    base = slug(f"{account}_{grant.binding.role_id.rpartition('/')[2]}")[:58]
    name = next(one for one in (base, *(f"{base}_{number}" for number in range(2, 1000))) if one not in taken)
    taken.add(name)
    return CustomRole(name=name, parent=parent, title=f"{account} in place of {grant.binding.role_id}"[:100], permissions=permissions)


def _project(binding: Binding, holding: Holding, evaluator: Evaluator) -> str | None:
    place = binding.place or ""
    return project_of(place) or evaluator.hierarchy.homes.get(place) or (holding.scope if "/serviceAccounts/" in place else None)


def _organization(database: Database) -> str:
    """The only organisation that the evidence names."""
    named = database.rows("SELECT DISTINCT resource FROM main.entitlement WHERE resource LIKE '%organizations/%'")
    ids = {found[1] for row in named if (found := re.search(r"organizations/(\d+)$", row["resource"]))}
    return ids.pop() if len(ids) == 1 else ORGANIZATION


def proposed(holding: Holding, plan: Plan, evaluator: Evaluator) -> tuple[list[Binding], Evaluator]:
    """The grants as they would be, and what evaluates them."""
    texts = dict(evaluator.texts)
    by_old = {step.old: step for _, step in plan}
    bindings = []
    for binding in holding.bindings:
        step = by_old.get(binding)
        if step is None:
            bindings.append(binding)
            continue
        if step.new_role is None:
            continue
        document_id = f"proposed:{step.custom.role_id}" if step.custom else None
        if step.custom:
            texts[str(document_id)] = json.dumps({"includedPermissions": list(step.custom.permissions)})
        bindings.append(replace(binding, role_id=step.new_role, document_id=document_id, also=frozenset()))
    after = Evaluator(texts, as_of=evaluator.as_of, names=evaluator.names, hierarchy=evaluator.hierarchy)
    return bindings, after


def fails(holding: Holding, grants: Sequence[GrantUse], plan: Plan, evaluator: Evaluator) -> str | None:
    """What is wrong with a plan: it allows something new somewhere, or takes away what a grant has to keep, as surely as that grant held it."""
    bindings, after = proposed(holding, plan, evaluator)
    for place in dict.fromkeys(binding.place for binding in holding.bindings):
        then, now = evaluator.on(holding.bindings, place), after.on(bindings, place)
        if wider := (now.sure & ~then.sure) | (now.possible & ~then.possible):
            return f"it would add {evaluator.names.members(wider)[0]} on {place}"
        for grant in grants:
            less = then.possible & ~now.possible | (0 if grant.binding.conditional else then.sure & ~now.sure)
            if grant.binding.place == place and (lost := grant.kept & less):
                return f"it would take {evaluator.names.members(lost)[0]} away from {place}"
    return None


def _new_mask(step: Step, evaluator: Evaluator) -> int:
    if step.custom:
        return evaluator.names.mask_of(step.custom.permissions)
    return evaluator.names.roles.predefined(step.new_role).mask if step.new_role else 0


def _words(step: Step) -> str:
    if step.new_role is None:
        return f"take {words(step.old)} away"
    return f"put {step.new_role} in place of {words(step.old)}"


def _change(grant: GrantUse, step: Step, evaluator: Evaluator) -> Change:
    condition = f"\ncondition: {grant.binding.expression}" if grant.binding.condition else ""
    before = f"{grant.binding.role_id} ({grant.mask.bit_count()} permissions){condition}"
    after = ""
    if step.new_role:
        listed = evaluator.names.members(_new_mask(step, evaluator))
        after = "\n".join([f"{step.new_role} ({len(listed)} permissions){condition}", *listed])
    return Change(title=words(grant.binding), before=before, after=after)
