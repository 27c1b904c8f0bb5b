"""The organisation: its accounts, the policies in force (SCP, RCP) and whether use is logged (CloudTrail).

What enforcement means here. Control policy: `enforced` binds the account's identities; `unknown` may or may not (it hangs on a unit whose
members nobody exported, exempts too many, or depends on what else is attached); `off` never does: the management account is exempt.
Trail: `unknown` logs all regions, if its status says that it runs; `audit` logs one region only, so that use elsewhere is known to go unlogged.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from collectors.aws.common import account_of, decoded_policy, parse_arn, readable_policy, statements, texts
from collectors.aws.conditions import demands, parse_conditions
from collectors.document import Document, Format, Problem
from collectors.records import RECORD_ERRORS, Notes, canonical, covered, has_page, is_truncated, pages, read_pages
from inventory.model import Account, Ceiling, Coverage, CoverageStatus, Enforcement, Fact, Guardrail, PolicyDocument, Row

EVERYWHERE = "*"
CONTROL_TYPES = ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
SINGLES_OUT = ("aws:principaltag/", "aws:username", "aws:userid", "aws:principaltype")
"""Condition keys by which a Deny binds some identities only."""


def accounts(document: Document) -> Iterator[Row | Problem]:
    """organizations list-accounts: which accounts are ours."""
    notes, answers = Notes(document), list(pages(document, "Accounts"))
    for locator, raw in notes.records(answers, "Accounts"):
        yield from notes.read(locator, _account, raw)
    if is_truncated(answers):
        notes.problem("Accounts", "the list is truncated: accounts of ours that are not on it look foreign; collect all pages")
    yield from notes.problems


def _account(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    yield Account(scope=raw["Id"], provider="aws", name=raw.get("Name"), evidence=notes.document.at(f"Accounts[{raw['Id']}]"))


def control_policies(document: Document) -> Iterator[Row | Problem]:
    """describe-policy wrapped with list-targets-for-policy: {"Policy": …, "Targets": […]}."""
    notes, answers = Notes(document), list(pages(document, "Targets"))
    scopes: set[str] = set()
    open_at = _open_targets(answers)

    def reader(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
        yield from _control(notes, raw, open_at)
        yield from _ceilings(notes, raw)
        scopes.update(scope for target in raw["Targets"] if (scope := _scope(target)))

    for index, raw in enumerate(answers):
        yield from notes.read(f"[{index}]", reader, raw)
    # A policy on a unit, or one that could not be read, may guard any account: what covers all is then not all.
    unclear = (
        "a policy could not be read, or hangs on an organisational unit whose accounts are not in the evidence" if notes.problems else None
    )
    for scope in sorted(scopes):
        whole = scope != EVERYWHERE or unclear is None
        yield Coverage(
            fact=Fact.GUARDRAILS,
            scope=scope,
            status=CoverageStatus.COLLECTED if whole else CoverageStatus.PARTIAL,
            reason=None if whole else unclear,
            collected_at=document.collected_at,
            evidence=document.source_id,
        )
    yield from notes.problems


def _open_targets(answers: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Targets that have FullAWSAccess or its like: at those, an Allow list beside it takes nothing away."""
    found: set[str] = set()
    for raw in answers:
        try:
            if _allows_everything(statements(decoded_policy(raw["Policy"]["Content"]))):
                found.update(target["TargetId"] for target in raw["Targets"])
        except RECORD_ERRORS:
            continue  # told when its turn comes
    return frozenset(found)


def _scope(target: Mapping[str, Any]) -> str | None:
    """Account a target covers; None for an organisational unit, whose members are not in the answer."""
    return {"ACCOUNT": str(target["TargetId"]), "ROOT": EVERYWHERE}.get(target["Type"])


def _control(notes: Notes, raw: Mapping[str, Any], open_at: frozenset[str]) -> Iterator[Row]:
    summary = raw["Policy"]["PolicySummary"]
    policy = statements(decoded_policy(raw["Policy"]["Content"]))
    for target in raw["Targets"]:
        enforcement = _binding(policy, target["TargetId"], open_at)
        if enforcement is None:
            continue  # FullAWSAccess allows everything: being attached, it guards nothing
        record, scope = f"Policy[{summary['Id']}]/{target['TargetId']}", _scope(target)
        if scope is None:
            notes.problem(record, f"covers the organisational unit {target['TargetId']}: which accounts are in it is not in the evidence")
        if scope is None or summary.get("Type") not in CONTROL_TYPES:
            enforcement = Enforcement.UNKNOWN
        exempt = _management(target)
        for place, how in {
            scope or EVERYWHERE: enforcement,
            **({exempt: Enforcement.OFF} if exempt and scope in (exempt, EVERYWHERE) else {}),
        }.items():
            yield Guardrail(
                guardrail_id=summary["Id"],
                scope=place,
                kind="workload_policy",
                name=summary["Name"],
                enforcement=how,
                basis="observed",
                evidence=notes.document.at(record),
            )


def _ceilings(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    """The policy's text, and where it hangs: FullAWSAccess too, since each level must allow what is to be allowed below it."""
    summary = raw["Policy"]["PolicySummary"]
    if summary.get("Type") not in CONTROL_TYPES:
        return
    document_id, text = canonical(readable_policy(raw["Policy"]["Content"]))
    yield PolicyDocument(document_id=document_id, document=text)
    kind = "scp" if summary["Type"] == CONTROL_TYPES[0] else "rcp"
    # of a unit nobody exported whose accounts it holds: its own id stands for them
    placed = [(_scope(target) or str(target["TargetId"]), kind, str(target["TargetId"])) for target in raw["Targets"]]
    spared = sorted({account for target in raw["Targets"] if (account := _management(target))})
    for scope, what, level in (*placed, *((account, "exempt", account) for account in spared)):
        yield Ceiling(
            scope=scope,
            kind=what,
            level=level,
            policy_id=summary["Id"],
            policy_name=summary["Name"],
            document_id=document_id,
            evidence=notes.document.at(f"Policy[{summary['Id']}]/{level}" if what == kind else f"Policy[{summary['Id']}]"),
        )


def _management(target: Mapping[str, Any]) -> str | None:
    """The management account, which owns the target. No control policy ever binds it.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"""
    arn = parse_arn(target.get("Arn", ""))
    return arn.account if arn and arn.account else None


def _binding(policy: Sequence[Mapping[str, Any]], target: str, open_at: frozenset[str]) -> Enforcement | None:
    """What the policy does to machine identities at its target; None for nothing."""
    reach = {_reach(statement) for statement in policy if statement["Effect"] == "Deny"}
    if Enforcement.ENFORCED in reach:
        return Enforcement.ENFORCED
    if _allows_everything(policy) or not any(statement["Effect"] == "Allow" for statement in policy) or target in open_at:
        return Enforcement.UNKNOWN if Enforcement.UNKNOWN in reach else None
    return Enforcement.ENFORCED if open_at else Enforcement.UNKNOWN  # an Allow list binds where no FullAWSAccess hangs beside it


def _allows_everything(policy: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and "*" in texts(statement.get("Action"))
        and "*" in texts(statement.get("Resource", "*"))
        and not statement.get("Condition")
        for statement in policy
    )


def _reach(statement: Mapping[str, Any]) -> Enforcement | None:
    """Whom a Deny binds: everyone, some of them (unknown whom), or none but root users."""
    if not texts(statement.get("Action", statement.get("NotAction"))):
        raise ValueError("a statement of the policy has no Action")
    demanded = demands(parse_conditions(statement.get("Condition")))
    arns = [value for values in demanded.get("aws:principalarn", ()) for value in values]
    if arns and all(value.endswith(":root") for value in arns):
        return None
    if arns and not any(value == "*" or value.endswith(":role/*") for value in arns):
        return Enforcement.UNKNOWN
    return Enforcement.UNKNOWN if any(key.startswith(SINGLES_OUT) for key in demanded) else Enforcement.ENFORCED


def trails(document: Document) -> Iterator[Row | Problem]:
    """cloudtrail describe-trails: what is meant to be logged. Whether it runs is in get-trail-status."""
    notes, answers = Notes(document), list(pages(document, "trailList"))
    scopes = {document.scope} if document.scope else set()
    for locator, raw in notes.records(answers, "trailList"):
        rows = notes.read(locator, _trail, raw)
        scopes.update(row.scope for row in rows if isinstance(row, Guardrail))
        yield from rows
    yield from covered(document, (Fact.AUDIT_LOG,), scopes)
    yield from notes.problems


def _trail(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    account = account_of(raw["TrailARN"])
    if not isinstance(raw["IsMultiRegionTrail"], bool):
        raise ValueError("IsMultiRegionTrail is neither true nor false")
    yield Guardrail(
        guardrail_id=raw["TrailARN"],
        scope=EVERYWHERE if raw.get("IsOrganizationTrail") is True else account,
        kind="audit_log",
        name=raw["Name"],
        enforcement=Enforcement.UNKNOWN if raw["IsMultiRegionTrail"] else Enforcement.AUDIT,
        basis="observed",
        evidence=notes.document.at(f"trailList[{raw['TrailARN']}]"),
    )


def trail_status(document: Document) -> Iterator[Row | Problem]:
    """cloudtrail get-trail-status, wrapped with the TrailARN that the answer itself lacks."""
    return read_pages(document, "IsLogging", _status)


def _status(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    arn = parse_arn(raw.get("TrailARN") or raw.get("Name") or "")
    if arn is None:
        raise ValueError('does not say which trail it is: wrap the answer as {"TrailARN": "…", "IsLogging": …}')
    logging = {True: Enforcement.ENFORCED, False: Enforcement.OFF}.get(raw["IsLogging"], Enforcement.UNKNOWN)
    if raw.get("LatestDeliveryError"):
        logging = Enforcement.OFF if raw["IsLogging"] is False else Enforcement.UNKNOWN  # it runs, and nothing arrives
    yield Guardrail(
        guardrail_id=arn.text,
        scope=arn.account,
        kind="audit_log_status",
        name=arn.name,
        enforcement=logging,
        basis="observed",
        evidence=notes.document.at(f"TrailARN={arn.text}"),
    )


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
