"""Whether use is logged: the auditConfigs of a project's or an organisation's policy.

Admin activity is always logged; reads and data access only where the policy says so, so without them use goes partly unlogged.
https://cloud.google.com/logging/docs/audit/configure-data-access
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.records import Notes
from inventory.model import Enforcement, Guardrail, Row

NEEDED = {"DATA_READ", "DATA_WRITE"}
BY_NUMBER = {"1": "ADMIN_READ", "2": "DATA_WRITE", "3": "DATA_READ"}
"""As protocol buffers number them, where an export writes numbers."""
EVERYWHERE = "*"


def audit_log(notes: Notes, level: str, project: str | None, name: str, policy: Mapping[str, Any]) -> Iterator[Row]:
    """What the policy of a project or an organisation says of logging. A folder's binds projects that it does not name."""
    scope = {"project": project, "organization": EVERYWHERE}.get(level)
    if scope is None:
        return
    whole = logs_everything(policy)
    if level == "organization" and not whole:
        return  # each project decides for itself
    yield Guardrail(
        guardrail_id=f"gcp:audit:{name}",
        scope=scope,
        kind="audit_log",
        name=f"data access logs of {name.rsplit('/', 2)[-2].removesuffix('s')} {name.rsplit('/', 1)[-1]}",
        enforcement=Enforcement.ENFORCED if whole else Enforcement.AUDIT,
        basis="observed",
        evidence=notes.document.at(f"policy[{name}]/auditConfigs"),
    )


def logs_everything(policy: Mapping[str, Any]) -> bool:
    """Reads and writes of all services are logged, and nobody is exempt."""
    for config in policy.get("auditConfigs") or []:
        if not isinstance(config, dict) or config.get("service") != "allServices":
            continue
        logs = [log for log in config.get("auditLogConfigs") or [] if isinstance(log, dict) and not log.get("exemptedMembers")]
        kinds = {BY_NUMBER.get(str(log.get("logType")), str(log.get("logType"))) for log in logs}
        if kinds >= NEEDED:
            return True
    return False
