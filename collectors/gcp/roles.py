"""Role definitions: `gcloud iam roles list|describe`. A listing without permissions (view BASIC) names roles and does not say what they allow."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import Record, empty_page, listing, lists, read_all
from collectors.records import Notes, canonical
from inventory.model import Entitlement, PolicyDocument, Row


def roles(document: Document) -> Iterator[Row | Problem]:
    """The text of each role that has one."""
    notes, found = Notes(document), listing(document, "roles")
    if found.records and not any(isinstance(raw, dict) and "includedPermissions" in raw for raw in found.records):
        notes.problem(
            "roles", "listed without their permissions, so what they allow is left unknown: gcloud iam roles describe ROLE, for each"
        )
    else:
        yield from read_all(notes, found, role)
    yield from notes.problems


def role(notes: Notes, raw: Record) -> Iterator[Row]:
    """A definition that grants of the role are joined to by its name. Where others have permissions, one without has none; a deleted one
    grants nothing."""
    name = raw["name"]
    permissions = [] if raw.get("deleted") is True else raw.get("includedPermissions", [])
    if not isinstance(permissions, list) or not all(isinstance(permission, str) for permission in permissions):
        raise ValueError("its includedPermissions are not a list of texts")
    document_id, text = canonical({"includedPermissions": sorted(set(permissions))})
    yield PolicyDocument(document_id=document_id, document=text)
    yield Entitlement(
        identity_id=name,
        document_id=document_id,
        via="definition",
        policy_name=raw.get("title") or name,
        policy_id=name,
        evidence=notes.document.at(f"roles[{name}]"),
    )


def _is_role(raw: Record) -> bool:
    """`roles/x`, `projects/p/roles/x` or `organizations/n/roles/x`."""
    name = raw.get("name")
    return isinstance(name, str) and "roles" in name.split("/")[:-1][-1:] and ("title" in raw or "includedPermissions" in raw)


FORMATS = (
    Format(
        name="gcp-roles",
        title="Roles with their permissions: `gcloud iam roles list --project=P`, `gcloud iam roles describe`",
        matches=lambda document: lists(document, ("roles",), _is_role) or empty_page(document, "roles"),
        rows=roles,
    ),
)
