"""Admin: what the workspace holds, how this installation judges, who may do what, and everything that was decided."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from inventory.lake import SCHEMA_VERSION
from reports.access import RIGHTS, VARIABLE, AccessError, load_access
from reports.pages import shell
from reports.views import workspace as views
from reports.views.methodology import rules_version
from reports.views.summary import offered_files

LISTED = 200


def show() -> None:
    shell.require("administer")
    context = shell.current()
    shell.heading("Admin", context.snapshot)
    rows = views.snapshot_rows(shell.lake())
    _installation(context, rows)
    st.subheader(f"Snapshots ({len(rows)})", anchor=False)
    columns = {
        "label": "Label",
        "as_of": "As of",
        "created_at": "Made",
        "mb": "MB",
        "rows": "Rows",
        "rules_version": "Rules",
        "pack": "Pack",
        "schema_version": "Tables",
        "opens": "Opens",
        "rescored_from": "Judged again from",
        "snapshot_id": "Id",
    }
    shown = [{**row, "mb": round(row["bytes"] / 1e6, 1) if row["bytes"] is not None else "a file is missing"} for row in rows]
    shell.table(shown, columns, alt="Snapshots of the workspace, newest first", tall=len(shown) > 18)
    _access()
    _log()


def _installation(context: shell.Context, rows: list[dict[str, object]]) -> None:
    files = offered_files(context.database)
    kinds = sorted({row["collector"] for row in files if row["status"] in ("read", "partial")})
    facts = [
        ("Workspace", str(shell.lake().workspace.resolve())),
        ("Tool", f"nhi-posture {views.tool_version()}"),
        ("Rules", f"{rules_version()}; the snapshot on show: {context.snapshot.rules_version}"),
        ("Policy pack", context.snapshot.pack),
        ("Version of the tables", f"{SCHEMA_VERSION}; the snapshot on show: {context.snapshot.schema_version}"),
        ("Sources of the snapshot", f"{len(files):,} files, read by: {', '.join(kinds)}"),
        ("Size of all snapshots", f"{sum(int(str(row['bytes'] or 0)) for row in rows) / 1e6:,.1f} MB"),
    ]
    shell.words([{"what": what, "value": value} for what, value in facts], {"what": "What", "value": "Value"})


def _access() -> None:
    """Who may do what, as the access file says now."""
    st.subheader("Access", anchor=False)
    path = os.environ.get(VARIABLE)
    if not path:
        st.caption("Open: no access file is named, so whoever reaches this address of this machine may do everything. See docs/access.md.")
        return
    try:
        access = load_access(Path(path))
    except AccessError as error:
        st.text(str(error))
        return
    groups = [
        {"group": name, "role": str(grant.role), "accounts": sorted(grant.accounts) if grant.accounts is not None else ["all"],
         "may": sorted(str(right) for right in RIGHTS[grant.role])}
        for name, grant in access.groups.items()
    ]  # fmt: skip
    shell.words(groups, {"group": "Group", "role": "Role", "accounts": "Accounts", "may": "May"})
    ends = " or when its token does" if access.end_with_token else ""
    shell.note(f"Groups are those of the claim {access.claim}. A session ends after {access.hours:g} hours{ends}. Nobody else is let in.")


def _log() -> None:
    """Everything ever recorded, newest first."""
    entries = list(reversed(shell.log().entries()))
    st.subheader(f"Log of decisions ({len(entries)})", anchor=False)
    if not entries:
        st.caption("Nothing was decided yet.")
        return
    shown = views.log_rows(entries[:LISTED])
    shell.counted(len(entries), "entries", len(shown))
    columns = {"seq": "No.", "at": "When (UTC)", "who": "Who", "what": "What", "kind": "Kind", "id": "Id", "says": "Says"}
    shell.table(shown, columns, alt="Decisions and withdrawals, newest first", tall=len(shown) > 18)


show()
