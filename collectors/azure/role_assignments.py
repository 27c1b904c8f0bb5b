"""Azure RBAC: role assignments, eligible and activated ones (PIM), deny assignments. Flat as `az` prints them, or ARM's nested pages.

A subscription's list holds what it inherits from management groups and the root; each row says its own scope.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.azure import grants
from collectors.azure.answers import (
    Record,
    coverage,
    first,
    guid,
    guid_tail,
    one_or_many,
    pages,
    read_all,
    records,
    shortfall,
    subscription_of,
    text,
)
from collectors.azure.role_definitions import permissions_text
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Account, Entitlement, Fact, PolicyDocument, Row

PEOPLE = "user"
EVERYONE = "00000000-0000-0000-0000-000000000000"
"""The principal of a deny assignment that binds everyone but those it excludes."""

ONLY_EXACT = (
    "every assignment is at the subscription itself: without --all the CLI leaves out those inherited and those below "
    "(`az role assignment list --all`)"
)


def role_assignments(document: Document) -> Iterator[Row | Problem]:
    """Assignments, and schedule instances of assignments: `via` role."""
    yield from _assigned(document, "role")


def eligibilities(document: Document) -> Iterator[Row | Problem]:
    """Schedule instances of eligibility: the role is one activation away."""
    yield from _assigned(document, "eligible")


def _assigned(document: Document, via: str) -> Iterator[Row | Problem]:
    notes = Notes(document)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        return role_assignment(notes, raw, via=via)

    yield from read_all(notes, reader)
    if via == "role":
        yield from _covered(document)
    yield from notes.problems


def role_assignment(notes: Notes, raw: Record, *, via: str) -> Iterator[Entitlement]:
    """One assignment. Roles of people are no matter of ours; a principal without a type may be anything."""
    kind = str(raw.get("principalType") or "").lower()
    if kind == PEOPLE:
        return
    principal, role, scope = guid(raw["principalId"]), guid_tail(raw["roleDefinitionId"]), str(raw["scope"]).lower()
    record = f"{via}/{principal}/{role}{scope}"
    changed = [notes.when(raw.get(name), record, name) for name in ("createdOn", "updatedOn")]
    yield Entitlement(
        identity_id=grants.holder(principal, kind),
        document_id=None,
        via=via,
        policy_name=text(raw.get("roleDefinitionName")) or _expanded_name(raw) or role,
        policy_id=role,
        resource=scope,
        conditional=bool(raw["condition"]) if "condition" in raw else None,
        changed_at=max(filter(None, changed), default=None),
        evidence=notes.document.at(record),
    )


def _expanded_name(raw: Record) -> str | None:
    """PIM answers carry the role's name beside the ids."""
    expanded = raw.get("expandedProperties")
    definition = expanded.get("roleDefinition") if isinstance(expanded, dict) else None
    return text(definition.get("displayName")) if isinstance(definition, dict) else None


def _covered(document: Document) -> Iterator[Row]:
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    scopes = [str(raw.get("scope", "")).lower() for raw in found]
    subscriptions = {subscription for scope in scopes if (subscription := subscription_of(scope))}
    if document.scope:
        subscriptions = {document.scope.lower()}
    for subscription in sorted(subscriptions):
        yield Account(scope=subscription, provider="azure", evidence=document.at(f"/subscriptions/{subscription}"))
    missing = shortfall(document)
    is_cli_list = all(not page for page, _ in pages(document))
    if missing is None and is_cli_list and all(scope == f"/subscriptions/{subscription_of(scope)}" for scope in scopes):
        missing = ONLY_EXACT
    if not any(raw.get("assignmentType") for raw in found):  # instances of PIM hold what it manages, not the rest
        yield from coverage(document, (Fact.POLICIES,), subscriptions, missing)


def deny_assignments(document: Document) -> Iterator[Row | Problem]:
    """Deny assignments: what a scope takes away. `conditional` where data below it, or some principals, are exempt."""
    notes = Notes(document)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        name, scope = text(raw.get("denyAssignmentName")) or str(raw["name"]), str(raw["scope"]).lower()
        document_id = None
        if "permissions" in raw:
            document_id, denied = permissions_text(raw)
            yield PolicyDocument(document_id=document_id, document=denied)
        for principal in one_or_many(raw.get("principals")):
            holder = guid(principal["id"])
            yield Entitlement(
                identity_id="*" if holder == EVERYONE else grants.holder(holder, principal.get("type")),
                document_id=document_id,
                via="deny",
                policy_name=name,
                policy_id=str(raw.get("id") or name).rsplit("/", 1)[-1].lower(),
                resource=scope,
                conditional=bool(one_or_many(raw.get("excludePrincipals")) or raw.get("condition") or raw.get("doNotApplyToChildScopes")),
                evidence=notes.document.at(f"deny/{name}/{holder}{scope}"),
            )

    yield from read_all(notes, reader)
    yield from notes.problems


def _is_assignments(document: Document) -> bool:
    found = first(document) or {}
    is_role = {"principalId", "roleDefinitionId", "scope"} <= found.keys()
    return is_role and not _is_eligible(found) and "directoryScopeId" not in found


def _is_eligibilities(document: Document) -> bool:
    found = first(document) or {}
    return {"principalId", "roleDefinitionId", "scope"} <= found.keys() and _is_eligible(found)


def _is_eligible(found: Record) -> bool:
    kind = f"{found.get('type', '')} {found.get('id', '')}".lower()
    return "roleeligibilityschedule" in kind or "roleEligibilityScheduleId" in found


def _is_denials(document: Document) -> bool:
    found = first(document) or {}
    return "denyassignments" in f"{found.get('type', '')} {found.get('id', '')}".lower() and "principals" in found


FORMATS = (
    Format(
        name="azure-role-assignments",
        title=(
            "Azure role assignments: `az role assignment list --all` per subscription, ARM `roleAssignments` pages, "
            "`roleAssignmentScheduleInstances`"
        ),
        matches=_is_assignments,
        rows=role_assignments,
    ),
    Format(
        name="azure-role-eligibilities",
        title="Azure roles one activation away (PIM): ARM `roleEligibilityScheduleInstances` by `az rest`",
        matches=_is_eligibilities,
        rows=eligibilities,
    ),
    Format(
        name="azure-deny-assignments",
        title="Azure deny assignments: ARM `denyAssignments` by `az rest`",
        matches=_is_denials,
        rows=deny_assignments,
    ),
)
