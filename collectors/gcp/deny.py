"""IAM deny policies: `gcloud iam policies get ID --kind=denypolicies`, or the same over REST (v2). They come before every grant.

A list of them leaves the rules out. Cloud Asset Inventory does not hold them. Who is denied something by name gets a row beside its
grants; a rule that denies everyone what makes credentials is a guardrail of the place that it is attached to.
https://cloud.google.com/iam/docs/reference/rest/v2/policies
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import Record, listing, lists, read_all
from collectors.gcp.members import parse_member
from collectors.gcp.org_policies import EVERYWHERE, scope_of
from collectors.gcp.places import MANAGER, Places, needs_scope
from collectors.records import Notes, canonical
from inventory.model import Enforcement, Entitlement, Guardrail, PolicyDocument, Row

NAME = re.compile(r"policies/(?P<at>[^/]+)/denypolicies/(?P<short>[^/]+)")
ACCOUNT = re.compile(r"principal://iam\.googleapis\.com/projects/-/serviceAccounts/([^/]+)")
EVERYONE = "principalSet://goog/public:all"
"""https://cloud.google.com/iam/docs/principal-identifiers#v2"""

BINDING = {
    "iam.googleapis.com/serviceAccounts.create": "no service accounts are created",
    "iam.googleapis.com/serviceAccountKeys.create": "no keys are created",
    "iam.googleapis.com/serviceAccounts.getAccessToken": "nobody takes an account's tokens",
    "iam.googleapis.com/serviceAccounts.setIamPolicy": "nobody changes who may become an account",
    "iam.googleapis.com/workloadIdentityPoolProviders.create": "no issuers are federated",
    "storage.googleapis.com/hmacKeys.create": "no HMAC keys",
    "apikeys.googleapis.com/keys.create": "no API keys",
}
"""Permissions whose denial binds machine identities, and what it sees to. https://cloud.google.com/iam/docs/deny-permissions-support"""

WITHOUT_RULES = "listed without its rules, so whom it denies what is left unknown: gcloud iam policies get, for each"


def deny_policies(document: Document) -> Iterator[Row | Problem]:
    """What each policy denies. A list that a collection wrote, with what it is of, only leads to the policies themselves."""
    notes, found, places = Notes(document), listing(document, "policies"), Places(document=document)
    leads_on = any(isinstance(page, dict) and "resource" in page for page in document.values or ())
    yield from read_all(notes, found, lambda notes, raw: _policy(notes, raw, places, leads_on=leads_on))
    if found.truncated():
        notes.problem("policies", "the answer is truncated: deny policies that are missing may take something away; collect all pages")
    yield from notes.problems


def _policy(notes: Notes, raw: Record, places: Places, *, leads_on: bool) -> Iterator[Row]:
    named = NAME.fullmatch(raw["name"])
    if named is None:
        raise ValueError("its name does not say what it is attached to")
    if "rules" not in raw:
        if not leads_on:
            notes.problem(named["short"], WITHOUT_RULES)
        return
    holder = _holder(unquote(named["at"]), places)
    for number, rule in enumerate(raw["rules"]):
        if isinstance(rule.get("denyRule"), dict):
            locator = f"deny[{holder}/{named['short']}/{number}]"
            yield from _rule(notes, rule["denyRule"], holder, raw.get("displayName") or named["short"], locator, places)


def _holder(attached_to: str, places: Places) -> str:
    """Full name of the project, folder or organisation; a project by its id, wherever its number is explained."""
    holder = f"//{attached_to}"
    project = places.project(holder)
    return f"{MANAGER}projects/{project}" if project else holder


def _rule(notes: Notes, rule: Record, holder: str, name: str, locator: str, places: Places) -> Iterator[Row]:
    """`conditional` where a condition, or an exception, leaves open for whom and for what it holds."""
    conditional = any(rule.get(field) for field in ("denialCondition", "exceptionPrincipals", "exceptionPermissions"))
    principals, evidence = rule.get("deniedPrincipals") or [], notes.document.at(locator)
    named = sorted({member for text in principals if (member := _member(text))})
    denied = {field: sorted(rule.get(field) or []) for field in ("deniedPermissions", "exceptionPermissions")}
    document_id, text = canonical(denied)
    if named:
        yield PolicyDocument(document_id=document_id, document=text)
    for identity_id in named:
        yield Entitlement(
            identity_id=identity_id,
            document_id=document_id,
            via="deny",
            policy_name=name,
            policy_id=locator,
            resource=holder,
            conditional=conditional,
            evidence=evidence,
        )
    if EVERYONE in principals:
        yield from _guardrails(rule, holder, name, evidence, places, sure=not conditional)


def _guardrails(rule: Record, holder: str, name: str, evidence: str, places: Places, *, sure: bool) -> Iterator[Row]:
    scope = scope_of(holder, places)  # of a folder nobody says which projects are in it
    for permission in sorted(set(rule.get("deniedPermissions") or []) & BINDING.keys()):
        yield Guardrail(
            guardrail_id=f"gcp:deny:{permission}@{holder}",
            scope=scope or EVERYWHERE,
            kind="workload_policy",
            name=f"deny policy {name}: {BINDING[permission]}",
            enforcement=Enforcement.ENFORCED if sure and scope else Enforcement.UNKNOWN,
            basis="observed",
            evidence=evidence,
        )


def _member(text: Any) -> str | None:
    """The identity that a denied principal names: an account or a federated workload. Sets of all kinds name none."""
    if found := ACCOUNT.fullmatch(str(text)):
        return f"serviceAccount:{found[1].lower()}"
    member = parse_member(text)
    return member.text if member.kind in ("pool", "kubernetes") else None


def _is_deny(raw: Record) -> bool:
    return NAME.fullmatch(str(raw.get("name"))) is not None


def _unplaced(document: Document) -> bool:
    """It names projects by numbers. Where none is named, there is nothing to place."""
    names = [unquote(str(raw.get("name"))) for raw in listing(document, "policies").records if isinstance(raw, dict)]
    projects = [name for name in names if "/projects/" in name]
    return bool(projects) and needs_scope(document, projects)


FORMATS = (
    Format(
        name="gcp-deny-policies",
        title="Deny policies: `gcloud iam policies get ID --kind=denypolicies --attachment-point=…`, for each of `gcloud iam policies list`",
        matches=lambda document: lists(document, ("policies",), _is_deny),
        rows=deny_policies,
        unplaced=_unplaced,
    ),
)
