"""One identity: its access paths with the reasons for both bounds, down to file and record, and everything known about it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from reports import svg
from reports.access import Right
from reports.pages import shell
from reports.pages.reaching import reach_of
from reports.views.evidence import Rows
from reports.views.findings import FindingFilter, findings_page
from reports.views.identity import SubjectDetail, path_evidence, subject_detail
from reports.views.inventory import EVERYTHING, InventoryFilter, inventory_page
from reports.views.methodology import stage_name
from reports.views.programme import assigned_owners
from reports.views.stages import span

RECORD = {
    "path": "File",
    "record": "Record",
    "format": "Format",
    "status": "Read",
    "collected_at": "As of",
    "input_sha256": "SHA-256 of the file",
}
FINDING = {
    "check_id": "Check",
    "status": "Status",
    "severity": "Severity",
    "subject_name": "Subject",
    "reason": "Why",
    "exception": "Exception",
    "evidence": "Evidence",
}


def show() -> None:
    context = shell.current()
    shell.heading("Identity", context.snapshot)
    wanted = st.text_input("Id, ARN or part of a name", key="identity", bind="query-params")
    detail = subject_detail(context.database, wanted) if wanted else None
    if detail:
        _detail(context, detail)
    else:
        _search(context, wanted or "")


def _search(context: shell.Context, wanted: str) -> None:
    """What carries the text in its name or id; findings about a subject that has no page of its own, such as a repository."""
    rows = inventory_page(context.database, InventoryFilter(population=EVERYTHING, text=wanted or None), limit=shell.PAGE_SIZE)
    about = findings_page(context.database, FindingFilter(identity=wanted), limit=shell.PAGE_SIZE) if wanted and not rows else []
    if about:
        st.caption("It is not placed on a stage. These findings are about it.")
        _decide(wanted)
        shell.table(about, FINDING, alt="Findings about this subject", title="Findings")
        return
    st.caption("Nothing in this snapshot matches." if wanted and not rows else "Choose one; the weakest come first.")
    shown = [{**row, "span": span(row["stage_lo"], row["stage_hi"])} for row in rows]
    chosen = shell.table(
        shown, {"name": "Name", "span": "Stage", "kind": "Kind", "subject_id": "Id"}, alt="Matching subjects", key="matches"
    )
    if chosen is not None:
        shell.go_to("identity", identity=rows[chosen]["subject_id"])


def _detail(context: shell.Context, detail: SubjectDetail) -> None:
    row = detail.identity or detail.placement or {}
    facts = _facts(detail, row)
    if assigned := assigned_owners(context.database, detail.subject_id):
        facts["Assigned owner"] = "; ".join(f"{one['owner']} by {one['who']}, {shell.day(one['decided_at'])}" for one in assigned)
    shell.block("subject", detail=detail, row=row, facts=facts)
    _decide(detail.subject_id, owner=detail.identity is not None)
    _standing(detail)
    st.subheader(f"Access paths ({len(detail.paths)})", anchor=False)
    for path in detail.paths:
        _path(context, path)
    if not detail.paths:
        st.caption("No active path: no working credential and no trust that lets anything become it.")
    if detail.identity:
        shell.link("permissions", "What it holds, what it uses, and what to take away", identity=detail.subject_id)
    if detail.identity:
        reach_of(context, detail)
    _findings(context, detail)
    _tables(detail)


def _decide(subject: str, *, owner: bool = False) -> None:
    """Ways to the forms, filled in with this subject, and the check that brought the reader here."""
    if not shell.may(Right.DECIDE):
        return
    check = {"check": st.query_params["check"]} if st.query_params.get("check") else {}
    shell.link("exceptions", "Except…", subject=subject, **check)
    if owner:
        shell.link("ownership", "Assign owner…", subject=subject)


def _facts(detail: SubjectDetail, row: dict[str, Any]) -> dict[str, str | None]:
    """Facts by their labels; None where no source said."""
    identity, owners = detail.identity or {}, ", ".join(owner["owner_id"] for owner in detail.owners)
    never = "never seen" if identity.get("last_used_known") else None
    return {
        "Account": row.get("scope"),
        "Environment": row.get("environment"),
        "Team": row.get("team"),
        "Owners": owners or None,
        "Privilege": (detail.privilege or detail.placement or {}).get("privilege"),
        "Status": identity.get("status"),
        "Last used": shell.day(identity["last_used_at"]) if identity.get("last_used_at") else never,
        "Created": shell.day(identity.get("created_at")),
        "Human": " – ".join(part for part in (identity.get("human"), identity.get("human_basis")) if part),
        "Scope": None if identity.get("in_scope", True) else f"out of scope: {identity.get('scope_reason')}",
        "Purpose": identity.get("purpose"),
    }


def _standing(detail: SubjectDetail) -> None:
    placement = detail.placement
    if placement is None or placement["stage_lo"] is None:
        st.caption("Not placed on a stage.")
        return
    low, high = placement["stage_lo"], placement["stage_hi"]
    st.html(svg.ladder(low, high))
    words = stage_name(low) if low == high else f"{stage_name(low)} to {stage_name(high)}"
    mixed = "; it also has a stronger native path" if placement["mixed"] else ""
    st.caption(f"Its weakest of {placement['paths']} active path(s): {words}{mixed}.")


def _path(context: shell.Context, path: dict[str, Any]) -> None:
    with st.container(border=True):
        shell.block("path", path=path, span=span(path["stage_lo"], path["stage_hi"]))
        records = path_evidence(context.database, path)
        shell.table(records, {"bound": "Sets", **RECORD}, alt=f"{len(records)} records behind this path")


def _findings(context: shell.Context, detail: SubjectDetail) -> None:
    rows = findings_page(context.database, FindingFilter(identity=detail.subject_id), limit=200)
    st.subheader(f"Findings ({len(rows)})", anchor=False)
    if rows:
        shell.table(rows, FINDING, alt="Findings of this subject, failed first", title="Findings")
    else:
        st.caption("No check failed or was left open for it. Checks that could judge nothing are on the Coverage page.")


def _tables(detail: SubjectDetail) -> None:
    parts: list[tuple[str, Rows, dict[str, str]]] = [
        (
            "Credentials",
            detail.credentials,
            {
                "name": "Name",
                "kind": "Kind",
                "role": "Role",
                "status": "Status",
                "storage": "Rests in",
                "storage_basis": "Basis",
                "isolation": "Isolation",
                "issuance": "Issued",
                "created_at": "Created",
                "rotated_at": "Rotated",
                "last_used_at": "Last used",
                "expires_at": "Expires",
                "evidence": "Evidence",
            },
        ),
        (
            "Trust",
            detail.trusts,
            {
                "principal": "Principal",
                "principal_kind": "Kind",
                "safety": "Safety",
                "safety_reason": "Why",
                "external_id": "ExternalId",
                "evidence": "Evidence",
            },
        ),
        (
            "Entitlements",
            detail.entitlements,
            {
                "policy_name": "Policy",
                "via": "Via",
                "group_name": "Group",
                "policy_id": "Policy id",
                "document_id": "Document",
                "evidence": "Evidence",
            },
        ),
        ("Privilege", [detail.privilege] if detail.privilege else [], {"privilege": "Privilege", "reason": "Why", "evidence": "Evidence"}),
        ("Owners", detail.owners, {"owner_id": "Owner", "kind": "Kind", "status": "Status", "basis": "Basis", "evidence": "Evidence"}),
        (
            "Usage",
            detail.usage,
            {"service": "Service", "action": "Action", "last_at": "Last call", "window_days": "Window, days", "evidence": "Evidence"},
        ),
        ("Sightings", detail.sightings, {"about": "About", **RECORD}),
    ]
    for tab, (name, rows, columns) in zip(st.tabs([f"{name} ({len(rows)})" for name, rows, _ in parts]), parts, strict=True):
        with tab:
            if rows:
                shell.table(rows, columns, alt=f"{name} of this subject", title=name)
            else:
                st.caption("No source said anything.")


show()
