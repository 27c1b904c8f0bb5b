"""Organisation policies that bind machine identities: `gcloud org-policies list` (v2) and `gcloud resource-manager org-policies list` (v1).

A listing shows what is set on one resource and nothing of what that inherits. So a project's listing is whole only where it decides itself
whether keys may be created, the rule that counts most, or where the organisation's listing stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import Record, covers, listing, lists
from collectors.gcp.places import Places, scope_project
from collectors.records import Notes
from inventory.model import Enforcement, Fact, Guardrail, Row

EVERYWHERE = "*"

BINDING = {
    "iam.disableServiceAccountCreation": "no service accounts are created",
    "iam.disableServiceAccountKeyCreation": "no keys are created",
    "iam.disableServiceAccountKeyUpload": "no keys are uploaded",
    "iam.serviceAccountKeyExpiryHours": "keys expire",
    "iam.automaticIamGrantsForDefaultServiceAccounts": "default accounts get no Editor",
    "iam.disableCrossProjectServiceAccountUsage": "accounts are attached in their own project only",
    "iam.allowedPolicyMemberDomains": "only members of named organisations are granted anything",
    "iam.workloadIdentityPoolProviders": "only named issuers are federated",
    "iam.workloadIdentityPoolAwsAccounts": "only named AWS accounts are federated",
    "iam.managed.disableServiceAccountCreation": "no service accounts are created",
    "iam.managed.disableServiceAccountKeyCreation": "no keys are created",
    "iam.managed.disableServiceAccountKeyUpload": "no keys are uploaded",
    "iam.managed.disableServiceAccountApiKeyCreation": "no API keys are bound to accounts",
    "iam.managed.preventPrivilegedBasicRolesForDefaultServiceAccounts": "default accounts get no Editor or Owner",
    "iam.managed.allowedPolicyMembers": "only named members are granted anything",
    "iam.managed.workloadIdentityPoolProviders": "only named issuers are federated",
    "storage.restrictAuthTypes": "no HMAC keys",
}
"""Constraints that bind machine identities, and what they see to.
https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints"""

INHERITED = "what the project inherits from its folders and the organisation is not in it: gcloud org-policies list --organization=N"
NOT_PLACED = "does not say of which project or organisation: name it in manifest.json"


def org_policies(document: Document) -> Iterator[Row | Problem]:
    """Policies of one resource, or of several."""
    notes, found, places = Notes(document), listing(document, "policies"), Places(document=document)
    rows: list[Row] = []
    seen: set[str] = set()
    for index, raw in enumerate(found.records):
        holder = _holder(raw, document)
        if holder is None:
            notes.problem(f"[{index}]", NOT_PLACED)
            continue
        rows += notes.read(_constraint(raw) or f"[{index}]", partial(policy, holder=holder, places=places), raw)
        if (scope := scope_of(holder, places)) is not None:
            seen.add(scope)
    yield from rows
    yield from covered(document, rows, seen, truncated=found.truncated())
    yield from notes.problems


def covered(document: Document, rows: list[Row], seen: set[str], *, truncated: bool = False) -> Iterator[Row]:
    """Which places are known: the organisation as a whole, and projects that decide the rule that counts most."""
    settled = {row.scope for row in rows if isinstance(row, Guardrail) and "disableServiceAccountKeyCreation" in row.name} | {EVERYWHERE}
    everything = EVERYWHERE in seen
    for scope in sorted(seen):
        but = "the answer is truncated: collect all pages" if truncated else None if everything or scope in settled else INHERITED
        yield from covers(document, (Fact.GUARDRAILS,), {scope}, but=but)


def _holder(raw: Any, document: Document) -> str | None:
    """`projects/p`, `folders/n` or `organizations/n`: by the policy's name (v2), or by the manifest (v1)."""
    name = raw.get("name") if isinstance(raw, dict) else None
    if isinstance(name, str) and "/policies/" in name:
        return name.partition("/policies/")[0]
    scope = document.scope
    if not scope:
        return None
    if scope == EVERYWHERE:
        return "organizations/*"
    return scope if scope.startswith(("folders/", "organizations/")) else f"projects/{scope_project(document)}"


def scope_of(holder: str, places: Places) -> str | None:
    """The scope that a resource covers; None for a folder, whose projects nobody names."""
    if "organizations/" in holder:
        return EVERYWHERE
    return places.project(holder)


def _constraint(raw: Any) -> str | None:
    name = raw.get("constraint") or raw.get("name") if isinstance(raw, dict) else None
    return name.rpartition("/")[2] if isinstance(name, str) else None


def policy(notes: Notes, raw: Record, holder: str, places: Places) -> Iterator[Row]:
    """A rule that binds machine identities; others are of no concern. A rule has one id wherever it is set: a project's own setting stands
    against the organisation's."""
    constraint = _constraint(raw)
    if constraint is None:
        raise KeyError("constraint")
    scope = scope_of(holder, places)
    enforcement = _v1(raw) if raw.get("constraint") and "spec" not in raw else _v2(raw)
    if constraint not in BINDING:
        return
    on_folder = scope is None
    if scope is None:
        notes.problem(f"{holder}/{constraint}", "is set on a folder: which projects are in it is not in the evidence")
        scope, enforcement = EVERYWHERE, Enforcement.UNKNOWN
    yield Guardrail(
        guardrail_id=f"gcp:org_policy:{constraint}{f'@{holder}' if on_folder else ''}",
        scope=scope,
        kind="workload_policy",
        name=f"{constraint}: {BINDING[constraint]}",
        enforcement=enforcement,
        basis="observed",
        evidence=notes.document.at(f"policies[{holder}/{constraint}]"),
    )


def _v1(raw: Record) -> Enforcement:
    """booleanPolicy without `enforced` is off: REST leaves false out. restoreDefault is Google's default, which differs by constraint."""
    if isinstance(raw.get("booleanPolicy"), dict):
        return Enforcement.ENFORCED if raw["booleanPolicy"].get("enforced") is True else Enforcement.OFF
    if isinstance(raw.get("listPolicy"), dict):
        held: Mapping[str, Any] = raw["listPolicy"]
        if held.get("allValues") in ("ALLOW", 1):
            return Enforcement.OFF
        limits = held.get("allValues") in ("DENY", 2) or held.get("allowedValues") or held.get("deniedValues")
        return Enforcement.ENFORCED if limits else Enforcement.UNKNOWN
    return Enforcement.UNKNOWN


def _v2(raw: Record) -> Enforcement:
    """A dry run only reports. A rule with a condition binds what is tagged so: how much that is, is not said."""
    spec = raw.get("spec")
    if not isinstance(spec, dict):
        return Enforcement.AUDIT if isinstance(raw.get("dryRunSpec"), dict) else Enforcement.UNKNOWN
    if spec.get("reset") is True:
        return Enforcement.UNKNOWN
    verdicts = {_rule(rule) for rule in spec.get("rules") or []}
    if len(verdicts) == 1:
        return verdicts.pop()
    return Enforcement.UNKNOWN


def _rule(rule: Mapping[str, Any]) -> Enforcement:
    if rule.get("condition"):
        return Enforcement.UNKNOWN
    if "enforce" in rule:
        return Enforcement.ENFORCED if rule["enforce"] is True else Enforcement.OFF
    if rule.get("allowAll") is True:
        return Enforcement.OFF
    return Enforcement.ENFORCED if rule.get("denyAll") is True or rule.get("values") else Enforcement.UNKNOWN


def _is_policy(raw: Record) -> bool:
    v1 = str(raw.get("constraint")).startswith("constraints/") and ({"booleanPolicy", "listPolicy", "restoreDefault"} & raw.keys() != set())
    return v1 or ("/policies/" in str(raw.get("name")) and ("spec" in raw or "dryRunSpec" in raw))


def _unplaced(document: Document) -> bool:
    holders = [_holder(raw, document) for raw in listing(document, "policies").records]
    return any(holder is None or holder.removeprefix("projects/").isdigit() for holder in holders)


FORMATS = (
    Format(
        name="gcp-org-policies",
        title="Organisation policies: `gcloud org-policies list|describe`, `gcloud resource-manager org-policies list`",
        matches=lambda document: lists(document, ("policies",), _is_policy),
        rows=org_policies,
        unplaced=_unplaced,
    ),
)
