"""IAM policies: what service accounts and federated workloads are granted, who may become an account, what is open to anyone, what is logged.

`get-iam-policy` does not say of what it is the policy. It is placed by the manifest's scope, by a wrapper ({"resource": …, "policy": …}),
or by `gcloud projects get-ancestors-iam-policy`; one that nothing places is told and not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp import trust
from collectors.gcp.audit import audit_log
from collectors.gcp.listing import Record, covers, listing, lists
from collectors.gcp.members import Member, identity, is_managed, parse_member
from collectors.gcp.places import IAM, MANAGER, UNIQUE_ID, Places, project_part, scope_project
from collectors.records import Notes, canonical
from inventory.model import Enforcement, Entitlement, Fact, Guardrail, Public, Resource, Row, Sighting

ABOVE = (
    "what folders and the organisation above grant is not in it: gcloud projects get-ancestors-iam-policy, or asset search-all-iam-policies"
)
LOGS_ABOVE = "what the organisation logs is not in it: gcloud projects get-ancestors-iam-policy"
NOT_ALL = "the policy of one account: whether those of all accounts were asked for is not said"
FILTERED = "no person, group or allUsers is in the answer: a query left them out, ask without one"
NOT_PLACED = (
    'does not say of what it is the policy: name its project in manifest.json, or wrap it: {"resource": "projects/ID", "policy": …}'
)

OF_PROJECTS = re.compile(r"roles/(owner|editor|viewer|browser|resourcemanager\.\w+|.*[sS]erviceAgent)$")

NOT_A_RESOURCE = ("cloudresourcemanager.googleapis.com/", "cloudbilling.googleapis.com/", "iam.googleapis.com/")
"""Asset types whose policy does not answer callers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """What a policy hangs on."""

    name: str
    """Full resource name: `//cloudresourcemanager.googleapis.com/projects/demo`."""
    asset_type: str | None = None
    project: str | None = None

    @property
    def account(self) -> str | None:
        """The service account it is, if it is one. An asset's name holds its number: that is an alias of its address."""
        found = re.search(r"/serviceAccounts/([^/]+)$", self.name)
        if found is None:
            return None
        return f"serviceAccount:{found[1].lower()}" if "@" in found[1] else f"{UNIQUE_ID}{found[1]}"

    @property
    def level(self) -> str:
        """project, folder, organization, account or resource."""
        if self.name.startswith(MANAGER):
            return self.name.removeprefix(MANAGER).split("/")[0].removesuffix("s")
        return "account" if "/serviceAccounts/" in self.name else "resource"


def granted(notes: Notes, holder: Holder, policy: Mapping[str, Any], places: Places, *, searched: bool = False) -> Iterator[Row]:
    """Everything one policy says. A malformed binding is told and the others are read. Searches leave auditConfigs out."""
    bindings = policy.get("bindings") or []
    if not isinstance(bindings, list):
        raise ValueError("its bindings are no list")
    if holder.account:
        yield Sighting(subject_kind="trust", subject_id=holder.account, evidence=notes.document.at(f"policy[{holder.name}]"))
    rows: dict[tuple[str, ...], Row] = {}
    for index, binding in sorted(enumerate(bindings), key=_by_role):  # of two roles that say the same, the same one is the evidence
        locator = f"policy[{holder.name}].bindings[{index}]"
        for row in notes.read(locator, lambda notes, raw: _binding(notes, raw, holder, places), binding):
            rows.setdefault(_key(row), row)
    yield from rows.values()
    yield from notes.read(f"policy[{holder.name}]", lambda notes, raw: _beside_grants(notes, raw, holder, searched=searched), policy)


def _beside_grants(notes: Notes, policy: Mapping[str, Any], holder: Holder, *, searched: bool) -> Iterator[Row]:
    """Whether anyone may call the resource, and what is logged."""
    if holder.level == "resource" and not (holder.asset_type or "").startswith(NOT_A_RESOURCE):
        yield _resource(notes, holder, policy.get("bindings") or [])
    if not searched:
        yield from audit_log(notes, holder.level, holder.project, holder.name, policy)


def _by_role(numbered: tuple[int, Any]) -> str:
    return str(numbered[1].get("role")) if isinstance(numbered[1], dict) else ""


def _key(row: Row) -> tuple[str, ...]:
    """One identity row, and one grant of a role, however many bindings repeat it."""
    if isinstance(row, Entitlement):
        return ("grant", row.identity_id, row.policy_id or "", str(row.conditional), row.condition or "")
    return (type(row).__name__, str(getattr(row, "trust_id", None) or getattr(row, "identity_id", row)))


def _binding(notes: Notes, raw: Record, holder: Holder, places: Places) -> Iterator[Row]:
    role, condition = raw["role"], raw.get("condition") or {}
    conditional = bool(condition.get("expression"))
    evidence = notes.document.at(f"policy[{holder.name}]/{role}")
    for text in raw.get("members") or []:
        member = parse_member(text)
        if member.kind in ("serviceAccount", "pool", "kubernetes"):
            # A Kubernetes or pool member that may only become an account is a way in to it, and no identity of its own.
            way_in = member.kind != "serviceAccount" and holder.level == "account" and trust.becomes(role, member)
            if not way_in:
                yield from _granted_to(member, places, notes.document.at(f"policy[{holder.name}]/{member.text}"))
                yield Entitlement(
                    identity_id=member.text,
                    document_id=None,
                    via="role",
                    policy_name=role,
                    policy_id=role,
                    resource=holder.name,
                    conditional=conditional,
                    condition=condition_text(condition) if conditional else None,
                    evidence=evidence,
                )
                if member.kind != "serviceAccount":
                    yield trust.federated(member.text, member, evidence)
        if holder.account:
            yield from trust.trusts(holder.account, holder.project, role, member, places, evidence)


def condition_text(condition: Mapping[str, Any]) -> str:
    """A condition as `--condition-from-file` takes it."""
    return canonical({key: condition[key] for key in ("title", "description", "expression") if condition.get(key)})[1]


def _granted_to(member: Member, places: Places, evidence: str) -> Iterator[Row]:
    """Who is granted something. Of an account that Google runs, no listing tells keys or trust: there are none."""
    yield from identity(member, places, evidence)
    if is_managed(member.email):
        yield trust.managed(member.text, evidence)
        yield from (Sighting(subject_kind=kind, subject_id=member.text, evidence=evidence) for kind in ("access_keys", "trust"))


def _resource(notes: Notes, holder: Holder, bindings: Iterable[Any]) -> Resource:
    public, reason = Public.NO, "its policy grants nothing to allUsers or allAuthenticatedUsers"
    for binding in bindings:
        members = binding.get("members") if isinstance(binding, dict) else None
        everyone = [text for text in members or [] if text in ("allUsers", "allAuthenticatedUsers")]
        if everyone and binding.get("condition"):
            public, reason = Public.UNKNOWN, f"{everyone[0]} hold {binding.get('role')}, limited by a condition that is not judged here"
        elif everyone:
            public, reason = Public.YES, f"{everyone[0]} hold {binding.get('role')}"
            break
    return Resource(
        resource_id=holder.name,
        provider="gcp",
        scope=holder.project,
        kind=resource_kind(holder.asset_type or holder.name.removeprefix("//")),
        name=holder.name.rsplit("/", 1)[-1],
        public=public,
        public_reason=reason,
        evidence=notes.document.at(f"policy[{holder.name}]"),
    )


def resource_kind(asset_type: str) -> str:
    """`storage.googleapis.com/Bucket` as `storage_bucket`."""
    service, _, kind = asset_type.partition(".googleapis.com/")
    return f"{service}_{re.sub(r'(?<=[a-z])(?=[A-Z])', '_', kind.split('/')[0]).lower()}" if kind else service


def full_name(text: str) -> str:
    """Full name of what a wrapper names: a full or relative resource name, an address of an account, a project id."""
    if text.startswith("//"):
        return text
    if "/serviceAccounts/" in text:
        return IAM + text
    if "@" in text:
        return f"{IAM}projects/-/serviceAccounts/{text.lower()}"
    if re.match(r"(projects|folders|organizations)/[^/]+$", text):
        return MANAGER + text
    return f"{MANAGER}projects/{text}" if "/" not in text else f"//{text}"


def _entries(document: Document) -> Iterator[tuple[str, Holder | None, Any]]:
    """(locator, what it hangs on, policy) of every policy in the document."""
    found = listing(document)
    places = Places(document=document, ids=_numbers(found.records))
    for index, raw in enumerate(found.records):
        if not isinstance(raw, dict):
            continue
        if "policy" not in raw:
            yield f"[{index}]", _holder_of_bare(document, raw), raw
            continue
        name = raw.get("resource") or raw.get("serviceAccount") or raw.get("name") or raw.get("project")
        if "type" in raw and "id" in raw:
            name = f"{raw['type']}s/{raw['id']}"
        if not isinstance(name, str) or not name:
            yield f"[{index}]", None, raw["policy"]
            continue
        name = full_name(name)
        project = places.project(name) or places.project(raw.get("project"))
        if project is None and "/serviceAccounts/" in name:
            project = places.by_email(name.rsplit("/", 1)[-1]) or scope_project(document)
        if name.startswith(f"{MANAGER}projects/") and project:
            name = f"{MANAGER}projects/{project}"
        yield name, Holder(name=name, asset_type=raw.get("assetType"), project=project), raw["policy"]


def _numbers(records: Iterable[Any]) -> dict[str, str]:
    """Search results of a project carry its id in the resource and its number in `project`."""
    found = {}
    for raw in records:
        if isinstance(raw, dict) and isinstance(raw.get("resource"), str) and raw["resource"].startswith(f"{MANAGER}projects/"):
            number, name = project_part(raw.get("project")), project_part(raw["resource"])
            if number and name and number.isdigit() and not name.isdigit():
                found[number] = name
    return found


def _holder_of_bare(document: Document, policy: Mapping[str, Any]) -> Holder | None:
    """By the scope of the file. That it speaks of a project does not make it the project's: it may be that of a bucket or account there."""
    scope = document.scope
    if not scope or scope == "*":
        return None
    name = full_name(scope)
    if name.startswith(f"{MANAGER}projects/") and not _looks_like_a_projects(policy):
        return None
    return Holder(name=name, project=project_part(name))


def _looks_like_a_projects(policy: Mapping[str, Any]) -> bool:
    """It sets up logging, or grants what no single bucket, account or service is granted: basic roles, agents' roles, roles of two services."""
    roles = [str(binding.get("role")) for binding in policy.get("bindings") or [] if isinstance(binding, dict)]
    services = {role.removeprefix("roles/").partition(".")[0] for role in roles if role.startswith("roles/")} - {"iam"}
    return "auditConfigs" in policy or len(services) > 1 or any(OF_PROJECTS.match(role) for role in roles)


def policies(document: Document) -> Iterator[Row | Problem]:
    """Every policy of the document."""
    notes, holders, rows = Notes(document), list[Holder](), list[Row]()
    found = listing(document)
    searched = any(isinstance(raw, dict) and "assetType" in raw for raw in found.records)
    places = Places(document=document, ids=_numbers(found.records))
    for locator, holder, policy in _entries(document):
        if holder is None:
            notes.problem(locator, NOT_PLACED)
            continue
        reader = partial(_granted, holder=holder, places=places, searched=searched)
        rows += notes.read(locator, reader, policy)
        holders.append(holder)
    yield from rows
    yield from _covered_by_search(document, holders, rows) if searched else covered(document, holders, rows)
    yield from notes.problems


def _granted(notes: Notes, policy: Any, *, holder: Holder, places: Places, searched: bool) -> Iterator[Row]:
    return granted(notes, holder, policy, places, searched=searched)


def covered(document: Document, holders: list[Holder], rows: Iterable[Row]) -> Iterator[Row]:
    """What policies that were asked for one by one tell of their projects."""
    everything = any(holder.level == "organization" for holder in holders)
    projects = _projects(holders)
    yield from covers(document, (Fact.POLICIES,), projects, but=None if everything else ABOVE)
    yield from covered_logs(document, holders, rows)
    of_accounts = [holder for holder in holders if holder.account]
    home = {holder.project for holder in of_accounts if holder.project}
    if len(home) == 1:
        # Answers that are wrapped, in a file of which the manifest says that it is the project's, are those of all its accounts.
        yield from covers(document, (Fact.TRUST,), home, but=None if scope_project(document) else NOT_ALL)


def _projects(holders: Iterable[Holder]) -> set[str]:
    return {holder.project for holder in holders if holder.level == "project" and holder.project}


def _covered_by_search(document: Document, holders: list[Holder], rows: Iterable[Row]) -> Iterator[Row]:
    """search-all-iam-policies finds every policy in its scope; the organisation's own shows that the scope was the organisation."""
    projects = {holder.project for holder in holders if holder.project}
    levels = {holder.level for holder in holders}
    if "resource" in levels:
        yield from covers(document, (Fact.RESOURCE_POLICIES,), projects, but=FILTERED if _only_accounts(document) else None)
    if levels & {"organization", "project"}:
        yield from covers(document, (Fact.POLICIES,), projects, but=None if "organization" in levels else ABOVE)
        yield from covers(document, (Fact.TRUST,), projects, but=FILTERED if _only_accounts(document) else None)


def _only_accounts(document: Document) -> bool:
    """Not one person, group or `allUsers` among the members: a query left them out."""
    bindings = (
        binding
        for raw in listing(document).records
        if isinstance(raw, dict) and isinstance(raw.get("policy"), dict)
        for binding in raw["policy"].get("bindings") or []
        if isinstance(binding, dict)
    )
    return all(str(member).startswith("serviceAccount:") for binding in bindings for member in binding.get("members") or [])


def covered_logs(document: Document, holders: list[Holder], rows: Iterable[Row]) -> Iterator[Row]:
    """What a project logs is known when it logs everything itself, or when the organisation's policy is there too."""
    whole = {row.scope for row in rows if isinstance(row, Guardrail) and row.enforcement is Enforcement.ENFORCED}
    everything = any(holder.level == "organization" for holder in holders)
    for project in sorted(_projects(holders)):
        yield from covers(document, (Fact.AUDIT_LOG,), {project}, but=None if everything or project in whole else LOGS_ABOVE)


def _is_policy(raw: Record) -> bool:
    """A bare policy: bindings of roles, or nothing but an etag where there are none."""
    bindings = raw.get("bindings")
    if isinstance(bindings, list) and "kind" not in raw and "metadata" not in raw:
        return all(isinstance(binding, dict) and "role" in binding for binding in bindings[:3]) and "etag" in raw
    return raw.keys() <= {"etag", "version"} and raw.get("etag") == "ACAB"


def _is_wrapped(raw: Record) -> bool:
    policy = raw.get("policy")
    names = ("resource", "serviceAccount", "name", "project", "id")
    return isinstance(policy, dict) and (policy.keys() & {"bindings", "etag"} != set()) and any(name in raw for name in names)


def _is_bare(document: Document) -> bool:
    return lists(document, (), _is_policy)


def _no_scope(document: Document) -> bool:
    """A bare policy; or one of a project that is named by a number only."""
    records = [raw for raw in listing(document).records if isinstance(raw, dict)]
    known = _numbers(records)
    parts = {project_part(raw.get("resource") or raw.get("name")) or project_part(raw.get("project")) for raw in records if "policy" in raw}
    return _is_bare(document) or any(part is None or (part.isdigit() and part not in known) for part in parts)


FORMATS = (
    Format(
        name="gcp-iam-policies",
        title="IAM policies: `gcloud asset search-all-iam-policies`, `projects get-ancestors-iam-policy`, `… get-iam-policy`, wrapped or alone",
        matches=lambda document: lists(document, (), _is_wrapped) or _is_bare(document),
        rows=policies,
        unplaced=_no_scope,
    ),
)
