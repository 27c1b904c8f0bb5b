"""Audit log entries: which permissions service accounts and federated workloads were seen to use.

An entry proves use and nothing proves disuse: reads and data access are logged only where somebody turned that on (collectors/gcp/audit.py).
So there is no Sighting, and the coverage is partial whatever the file holds. Requests, responses, addresses and metadata are never looked at.
https://cloud.google.com/logging/docs/reference/audit/auditlog/rest/Shared.Types/AuditLog

The whole file is in memory, as of every format: above the limit of a file (collectors/files.py), export fewer days or per project.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import Record, covers, listing, lists
from collectors.gcp.members import parse_member
from collectors.gcp.places import Places
from collectors.records import Notes
from inventory.model import Fact, Row, Usage

AUDIT_LOG = "type.googleapis.com/google.cloud.audit.AuditLog"
PROVES_USE = "audit logs show what was used, never what was not: reads and data access are logged only where that was turned on"

SOFTWARE = ("serviceAccount", "pool", "kubernetes")
"""Kinds of member, as in policy insights; people and workforce pools are left out."""
ACCOUNTS = ".gserviceaccount.com"

PERMISSION = re.compile(r"[a-z][a-z0-9]*(\.[A-Za-z0-9]+){2,}")
"""https://cloud.google.com/iam/docs/permissions-reference"""
KUBERNETES_OWN = "io.k8s."
"""Verbs of Kubernetes, which a cluster logs in the same place: no permissions of IAM."""

REFUSED = ("7", "16")
"""PERMISSION_DENIED and UNAUTHENTICATED: https://cloud.google.com/apis/design/errors"""

ACTS_AS = "iam.serviceAccounts.getAccessToken"


@dataclass(slots=True)
class Seen:
    """What the entries of one file add up to."""

    used: dict[tuple[str, str], datetime | None] = field(default_factory=dict)
    """Newest use by identity and permission."""
    projects: set[str] = field(default_factory=set)
    first: datetime | None = None
    last: datetime | None = None

    def span(self, at: datetime | None) -> None:
        if at:
            self.first, self.last = min(self.first or at, at), max(self.last or at, at)

    def use(self, identity_id: str, permission: str, at: datetime | None) -> None:
        before = self.used.get((identity_id, permission))
        self.used[identity_id, permission] = max(filter(None, (before, at)), default=None)

    @property
    def days(self) -> int | None:
        """Whole days from the first entry to the last."""
        return (self.last - self.first).days if self.first and self.last else None


def entries(document: Document) -> Iterator[Row | Problem]:
    """One Usage row per identity and permission, whatever the number of entries."""
    notes, seen, places = Notes(document), Seen(), Places(document=document)

    for index, raw in enumerate(listing(document, "entries").records):
        locator = _locator(raw, index)
        notes.read(locator, partial(_note, seen, places, locator), raw)
    for pair in sorted(seen.used):
        yield from notes.read(_record(pair), lambda notes, pair: [_usage(notes, pair, seen)], pair)
    yield from covers(document, (Fact.SERVICE_USAGE,), seen.projects, but=PROVES_USE)
    yield from notes.problems


def _locator(raw: Any, index: int) -> str:
    name = raw.get("insertId") if isinstance(raw, dict) else None
    return f"insertId={name}" if isinstance(name, str) and name else f"[{index}]"


def _record(pair: tuple[str, str]) -> str:
    return f"entries[{'/'.join(pair)}]"


def _usage(notes: Notes, pair: tuple[str, str], seen: Seen) -> Usage:
    identity_id, permission = pair
    return Usage(
        identity_id=identity_id,
        service=permission.partition(".")[0],
        action=permission,
        last_at=seen.used[pair],
        window_days=seen.days,
        evidence=notes.document.at(_record(pair)),
    )


def _note(seen: Seen, places: Places, locator: str, notes: Notes, raw: Record) -> tuple[Row, ...]:
    """Adds one entry to what is seen; no rows yet. All of it is read before anything is added: a malformed entry adds nothing."""
    if not _is_audit(raw):
        return ()  # another log, in the same export
    payload = raw["protoPayload"]
    at = notes.when(raw["timestamp"], locator, "timestamp")
    caller = payload.get("authenticationInfo") or {}
    used = {(who, ACTS_AS) for who in [_delegator(caller)] if who}
    if who := _software(caller):
        used |= {(who, permission) for permission in _granted(payload)}
    project = places.project(raw.get("logName")) or _labelled(raw)
    seen.span(at)
    for identity_id, permission in used:
        seen.use(identity_id, permission, at)
    if used and project:
        seen.projects.add(project)
    return ()


def _labelled(raw: Record) -> str | None:
    """The project an entry of an organisation's or folder's log speaks of."""
    labels = (raw.get("resource") or {}).get("labels") or {}
    project = labels.get("project_id")
    return project if isinstance(project, str) and project else None


def _software(principal: Mapping[str, Any]) -> str | None:
    """The identity of a principal that is software, as members of bindings are written."""
    email, subject = principal.get("principalEmail"), principal.get("principalSubject")
    if isinstance(email, str) and email.lower().endswith(ACCOUNTS):
        return parse_member(f"serviceAccount:{email}").text
    if not subject:
        return None
    member = parse_member(subject)
    return member.text if member.kind in SOFTWARE else None


def _delegator(caller: Mapping[str, Any]) -> str | None:
    """Who took a token of the account that called: the last of those that the log lists in the order in which they delegated.

    Of those before it the log does not say whether they took a token or delegated implicitly; of Google's agents not by which permission.
    What was done with the token, and whether that was refused, does not matter.
    """
    chain = caller.get("serviceAccountDelegationInfo") or []
    if not chain:
        return None
    last = chain[-1]
    who = _software({"principalSubject": last.get("principalSubject"), **(last.get("firstPartyPrincipal") or {})})
    return None if who is None or parse_member(who).is_agent else who


def _granted(payload: Record) -> Iterator[str]:
    """Permissions that were asked for and granted. JSON leaves out what is false, so an absent `granted` is a refusal."""
    if str((payload.get("status") or {}).get("code")) in REFUSED:
        return
    for asked in payload.get("authorizationInfo") or []:
        permission = asked.get("permission")
        if asked.get("granted") is not True or not isinstance(permission, str) or permission.startswith(KUBERNETES_OWN):
            continue
        if PERMISSION.fullmatch(permission):
            yield permission


def _is_audit(raw: Record) -> bool:
    payload = raw.get("protoPayload")
    return isinstance(payload, dict) and payload.get("@type") == AUDIT_LOG


FORMATS = (
    Format(
        name="gcp-audit-logs",
        title=(
            "Permissions seen in use: `gcloud logging read 'logName:cloudaudit.googleapis.com' --freshness=90d --format=json`, pages of "
            "entries.list or what a log sink wrote to a bucket. Never proves disuse. Not asked for by `nhi collect`: logs may be huge"
        ),
        matches=lambda document: lists(document, ("entries",), _is_audit),
        rows=entries,
    ),
)
