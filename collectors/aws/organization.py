"""The organisation: its accounts, the policies in force (SCP, RCP) and whether use is logged (CloudTrail)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.aws.common import RECORD_ERRORS, Notes, covered, decoded_policy, has_page, listed, pages, parse_arn, statements
from collectors.document import Document, Format, Problem
from inventory.model import Account, Coverage, CoverageStatus, Enforcement, Fact, Guardrail, Row

EVERYWHERE = "*"
CONTROL_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")


def accounts(document: Document) -> Iterator[Row | Problem]:
    """organizations list-accounts: which accounts are ours."""
    notes = Notes(document)
    for page in pages(document, "Accounts"):
        for index, raw in enumerate(page["Accounts"] or []):
            try:
                row = Account(scope=raw["Id"], provider="aws", name=raw.get("Name"), evidence=document.at(f"Accounts[{raw['Id']}]"))
            except RECORD_ERRORS as error:
                notes.lost(f"Accounts[{index}]", error)
                continue
            yield row
    yield from notes.problems


def control_policies(document: Document) -> Iterator[Row | Problem]:
    """describe-policy wrapped with list-targets-for-policy: {"Policy": …, "Targets": […]}."""
    notes = Notes(document)
    scopes: set[str] = set()
    for index, raw in enumerate(pages(document, "Targets")):
        try:
            rows = list(_control(notes, raw))
            scopes.update(filter(None, (_scope(target) for target in raw["Targets"])))
        except RECORD_ERRORS as error:
            notes.lost(f"[{index}]", error)
            continue
        yield from rows
    # A policy on a unit, or one that could not be read, may guard any account: what covers all is then not all.
    yield from covered(document, (Fact.GUARDRAILS,), scopes - {EVERYWHERE})
    if EVERYWHERE in scopes:
        status = CoverageStatus.PARTIAL if notes.problems else CoverageStatus.COLLECTED
        reason = "which accounts belong to an organisational unit is not in the evidence" if notes.problems else None
        yield Coverage(
            fact=Fact.GUARDRAILS,
            scope=EVERYWHERE,
            status=status,
            reason=reason,
            collected_at=document.collected_at,
            evidence=document.source_id,
        )
    yield from notes.problems


def _scope(target: Mapping[str, Any]) -> str | None:
    """Account a target covers; None for an organisational unit, whose members are not in the answer."""
    return {"ACCOUNT": target["TargetId"], "ROOT": EVERYWHERE}.get(target["Type"])


def _control(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    summary = raw["Policy"]["PolicySummary"]
    if not _restricts(decoded_policy(raw["Policy"]["Content"])):
        return  # FullAWSAccess allows everything: being attached, it guards nothing
    for target in raw["Targets"]:
        record = f"Policy[{summary['Id']}]/{target['TargetId']}"
        scope = _scope(target)
        if scope is None:
            notes.problem(record, f"covers the organisational unit {target['TargetId']}: which accounts are in it is not in the evidence")
            continue
        yield Guardrail(
            guardrail_id=summary["Id"],
            scope=scope,
            kind="workload_policy",
            name=summary["Name"],
            enforcement=Enforcement.ENFORCED if summary.get("Type") in CONTROL_TYPES else Enforcement.UNKNOWN,
            basis="observed",
            evidence=notes.document.at(record),
        )


def _restricts(policy: Mapping[str, Any]) -> bool:
    """It denies something, or allows less than everything."""
    for statement in statements(policy):
        if statement.get("Effect") == "Deny":
            return True
        if "*" not in listed(statement.get("Action")) or "*" not in listed(statement.get("Resource", "*")):
            return True
    return False


def trails(document: Document) -> Iterator[Row | Problem]:
    """cloudtrail describe-trails: what is meant to be logged. Whether it runs is in get-trail-status."""
    notes = Notes(document)
    scopes = {document.scope} if document.scope else set()
    for page in pages(document, "trailList"):
        for index, raw in enumerate(page["trailList"] or []):
            try:
                row = _trail(notes, raw)
            except RECORD_ERRORS as error:
                notes.lost(f"trailList[{index}]", error)
                continue
            scopes.add(row.scope)
            yield row
    yield from covered(document, (Fact.AUDIT_LOG,), scopes)
    yield from notes.problems


def _trail(notes: Notes, raw: Mapping[str, Any]) -> Guardrail:
    arn = parse_arn(raw["TrailARN"])
    if arn is None:
        raise ValueError("TrailARN is not an ARN")
    return Guardrail(
        guardrail_id=raw["TrailARN"],
        scope=EVERYWHERE if raw.get("IsOrganizationTrail") else arn.account,
        kind="audit_log",
        name=raw["Name"],
        enforcement=Enforcement.UNKNOWN if raw.get("IsMultiRegionTrail") else Enforcement.AUDIT,
        basis="observed",
        evidence=notes.document.at(f"trailList[{raw['TrailARN']}]"),
    )


def trail_status(document: Document) -> Iterator[Row | Problem]:
    """cloudtrail get-trail-status, wrapped with the TrailARN that the answer itself lacks."""
    notes = Notes(document)
    for index, raw in enumerate(pages(document, "IsLogging")):
        name = raw.get("TrailARN") or raw.get("Name")
        arn = parse_arn(name) if isinstance(name, str) else None
        if arn is None:
            notes.problem(f"[{index}]", 'does not say which trail it is: wrap the answer as {"TrailARN": "…", "IsLogging": …}')
            continue
        yield Guardrail(
            guardrail_id=str(name),
            scope=arn.account,
            kind="audit_log_status",
            name=arn.name,
            enforcement=Enforcement.ENFORCED if raw["IsLogging"] is True else Enforcement.OFF,
            basis="observed",
            evidence=document.at(f"TrailARN={name}"),
        )
    yield from notes.problems


def _is_accounts(document: Document) -> bool:
    for page in pages(document, "Accounts"):
        entries = page["Accounts"]
        return isinstance(entries, list) and bool(entries) and isinstance(entries[0], dict) and {"Id", "Arn"} <= entries[0].keys()
    return False


def _is_control(document: Document) -> bool:
    return any(isinstance(page.get("Policy"), dict) and "PolicySummary" in page["Policy"] for page in pages(document, "Targets"))


FORMATS = (
    Format(
        name="aws-accounts", title="Accounts of the organisation: `aws organizations list-accounts`", matches=_is_accounts, rows=accounts
    ),
    Format(
        name="aws-control-policies",
        title='SCPs and RCPs: `aws organizations describe-policy` with `list-targets-for-policy`, wrapped as {"Policy": …, "Targets": …}',
        matches=_is_control,
        rows=control_policies,
    ),
    Format(
        name="aws-trails",
        title="Audit trails: `aws cloudtrail describe-trails`",
        matches=lambda document: has_page(document, "trailList"),
        rows=trails,
    ),
    Format(
        name="aws-trail-status",
        title='Whether a trail logs: `aws cloudtrail get-trail-status`, wrapped as {"TrailARN": …, "IsLogging": …}',
        matches=lambda document: has_page(document, "IsLogging"),
        rows=trail_status,
    ),
)
