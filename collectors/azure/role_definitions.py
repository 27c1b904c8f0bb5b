"""Azure role definitions: what each role allows. Custom roles are known from nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.azure.answers import Record, first, guid_tail, one_or_many, read_all
from collectors.document import Document, Format, Problem
from collectors.records import Notes, canonical
from inventory.model import Entitlement, PolicyDocument, Row

PARTS = ("actions", "notActions", "dataActions", "notDataActions")


def role_definitions(document: Document) -> Iterator[Row | Problem]:
    """One document per role."""
    notes = Notes(document)
    yield from read_all(notes, role_definition)
    yield from notes.problems


def role_definition(notes: Notes, raw: Record) -> Iterator[Row]:
    """A role's permissions as a document, and the row that joins assignments to it by its id."""
    role = guid_tail(raw.get("id") or raw["name"])
    is_custom = str(raw.get("roleType")).lower() == "customrole"  # Microsoft changes its own roles all the time, and adds to them
    document_id, text = permissions_text(raw)
    yield PolicyDocument(document_id=document_id, document=text)
    yield Entitlement(
        identity_id=role,
        document_id=document_id,
        via="definition",
        policy_name=str(raw.get("roleName") or raw.get("displayName") or role),
        policy_id=role,
        changed_at=notes.when(raw.get("updatedOn"), f"roleDefinition={role}", "updatedOn") if is_custom else None,
        evidence=notes.document.at(f"roleDefinition={role}"),
    )


def permissions_text(raw: Record) -> tuple[str, str]:
    """What a role allows or a deny assignment denies: (document id, canonical text). Raises ValueError for anything but lists of texts."""
    return canonical({"permissions": [_permission(permission) for permission in one_or_many(raw["permissions"])]})


def _permission(raw: Record) -> dict[str, list[str] | str]:
    """The four lists, an absent one empty, as ARM leaves out what is; and the condition that some of Microsoft's own roles carry, without
    which they would allow far more. Raises ValueError for anything but texts."""
    found = {part: one_or_many(raw.get(part)) for part in PARTS}
    if not all(isinstance(action, str) for actions in found.values() for action in actions):
        raise ValueError("a permission holds something else where an action belongs")
    condition = raw.get("condition")
    return {**found, **({"condition": str(condition)} if condition else {})}


def _is_definitions(document: Document) -> bool:
    found = first(document) or {}
    return "permissions" in found and bool({"roleName", "assignableScopes"} & found.keys())


FORMATS = (
    Format(
        name="azure-role-definitions",
        title="Azure role definitions: `az role definition list`, ARM `roleDefinitions` pages",
        matches=_is_definitions,
        rows=role_definitions,
    ),
)
