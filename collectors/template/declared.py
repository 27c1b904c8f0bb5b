"""What follows from what a person typed: ids, references between sheets, and what may honestly be called collected.

Ids of things that no export names are `declared:<scope or ->/<name>`; an AWS access key id takes the AWS collector's id, so that the row
only adds what the export cannot know, such as where the key rests.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from collectors.document import Document
from collectors.template.sheets import SHEETS
from inventory.model import (
    Coverage,
    CoverageStatus,
    CredentialKind,
    Enforcement,
    Fact,
    Guardrail,
    Human,
    IdentityKind,
    Owner,
    Ownership,
    Row,
    Storage,
    StorageBasis,
)

AWS_ACCESS_KEY = re.compile(r"AKIA[A-Z0-9]{12,124}")
NATIVE_ID = re.compile(r".*[:@/].*|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")
"""ARN, e-mail, path or GUID: a provider's id rather than a name."""
DECLARED = "declared in the template"
OWNERS_IN_PART = "owners declared in the template: nothing says that the list is complete"
NOT_SAID_ENFORCED = "declared without saying whether it is enforced: fill the column enforcement"

OWN_ID = {
    "identity": "identity_id",
    "credential": "credential_id",
    "trust": "trust_id",
    "workload": "workload_id",
    "secret_store": "store_id",
    "secret_exposure": "exposure_id",
    "resource": "resource_id",
    "guardrail": "guardrail_id",
}
REFERENCES = {"identity_id": "identity", "store_id": "secret_store", "credential_id": "credential"}
"""Columns that name a row of another sheet, by id or by name."""
RECORD = {
    "account": ("scope",),
    "scan_target": ("target_id",),
    "owner": ("owner_id",),
    "usage": ("identity_id", "service", "action"),
    "ownership": ("identity_id", "owner_id"),
}
"""What tells rows apart in a table whose id is not made here."""


class Index:
    """The rows that other sheets may refer to, by id and by name."""

    def __init__(self) -> None:
        self._ids: dict[str, set[str]] = {table: set() for table in REFERENCES.values()}
        self._names: dict[tuple[str, str], set[tuple[str | None, str]]] = {}
        self._scopes: dict[str, str] = {}

    def add(self, table: str, values: dict[str, Any]) -> None:
        own = values.get(OWN_ID.get(table, ""))
        if table not in self._ids or own is None:
            return
        self._ids[table].add(own)
        for label in filter(None, (values.get("name"), values.get("native_id"))):
            self._names.setdefault((table, label), set()).add((values.get("scope"), own))
        if table == "identity" and values.get("scope"):
            self._scopes[own] = values["scope"]

    def find(self, table: str, text: str, scope: str | None) -> set[str]:
        """Ids of the rows that `text` can mean, those of the same scope first."""
        if text in self._ids[table]:
            return {text}
        named = self._names.get((table, text), set())
        return {own for where, own in named if where == scope} or {own for _, own in named}

    def scope_of(self, identity_id: str) -> str | None:
        return self._scopes.get(identity_id) or account_of(identity_id)


def account_of(text: str) -> str | None:
    """AWS account in an ARN, or the scope in an id of ours."""
    match text.split(":", 5):
        case ["arn", _, _, _, account, _]:
            return account or None
        case ["declared", *rest]:
            scope = ":".join(rest).partition("/")[0]
            return None if scope == "-" else scope
    return None


def declared_id(scope: str | None, name: str) -> str:
    """Id of a thing that only the template names."""
    return f"declared:{scope or '-'}/{name}"


def identify(table: str, values: dict[str, Any], doc: Document) -> None:
    """Set scope and own id of a row that other rows may refer to."""
    if "scope" in SHEETS[table].columns and values.get("scope") is None:
        known = account_of(values.get(OWN_ID.get(table, "")) or values.get("identity_id") or "")
        values["scope"] = known or doc.scope
    if table == "credential":
        _identify_credential(values)
    own = OWN_ID.get(table)
    if own and table in REFERENCES.values() and values.get(own) is None and values.get("name"):
        values[own] = declared_id(values["scope"], values["name"])


def _identify_credential(values: dict[str, Any]) -> None:
    native = values.get("native_id")
    if native is None:
        return
    values.setdefault("name", native)
    if AWS_ACCESS_KEY.fullmatch(native):
        values.setdefault("kind", CredentialKind.ACCESS_KEY)
        values.setdefault("provider", "aws")
        values.setdefault("credential_id", f"aws:access_key:{native}")


def refer(table: str, values: dict[str, Any], index: Index, doc: Document) -> Iterator[str]:
    """Turn names in reference columns into ids; yields what could not be told. A reference that cannot be told is left out."""
    for column, target in REFERENCES.items():
        text = values.get(column)
        if target == table or text is None:
            continue
        if target == "credential" and AWS_ACCESS_KEY.fullmatch(text):
            values["fingerprints"] = [doc.fingerprint(text)]
        found = index.find(target, text, values.get("scope"))
        if len(found) == 1:
            values[column] = found.pop()
        elif len(found) > 1:
            values[column] = None
            yield f"column {column}: several rows of {target} are called {text[:40]!r}, left out: write the {column} instead"
        else:
            values[column] = _foreign(target, text, values.get("scope"), alone=doc.table is not None)
            if values[column] is None:
                yield f"column {column}: no row of {target} is called {text[:40]!r}, left out: write the id of the export, for AWS the ARN"


def _foreign(target: str, text: str, scope: str | None, *, alone: bool) -> str | None:
    """Id of something that this file does not list; None for a mere name, unless the file stands alone and its rows may be in another."""
    if target == "credential" and AWS_ACCESS_KEY.fullmatch(text):
        return f"aws:access_key:{text}"
    if NATIVE_ID.fullmatch(text):
        return text
    return declared_id(scope, text) if alone else None


def complete(table: str, values: dict[str, Any], doc: Document) -> Iterator[str]:
    """Set what follows from the rest of the row; yields what contradicts itself."""
    if "provider" in SHEETS[table].columns:
        ids = (str(text) for name, text in values.items() if name.endswith("_id"))
        values.setdefault("provider", "aws" if any(text.startswith("arn:aws") for text in ids) else "other")
    label, own = _label(table, values), OWN_ID.get(table)
    if own and label and values.get(own) is None:
        values[own] = declared_id(values.get("identity_id") if table == "trust" else values.get("scope"), label)
    record = "/".join(str(values.get(name) or "-") for name in ((own,) if own else RECORD[table]))
    values["evidence"] = doc.at(f"{table}[{record}]")
    yield from _follow(table, values, doc)


def _label(table: str, values: dict[str, Any]) -> str | None:
    if table == "trust":
        parts = [values.get("principal"), values.get("subject_pattern")]
    elif table == "secret_exposure":
        parts = [values.get("path"), values.get("line"), values.get("commit_sha")]
    else:
        parts = [values.get("name")]
    return ":".join(str(part) for part in parts if part is not None) if parts[0] else None


def _follow(table: str, values: dict[str, Any], doc: Document) -> Iterator[str]:
    if table == "identity":
        yield from _identity(values)
    elif table == "credential":
        _credential(values, doc)
    elif table == "secret_exposure":
        values["path"] = re.sub(r"^(\./|/)+", "", values.get("path", "").replace("\\", "/")) or None
        values.setdefault("rules", ["template:declared"])
    elif table == "resource":
        values.setdefault("public_reason", DECLARED)
    elif table == "trust" and values.get("safety"):
        values.setdefault("safety_reason", DECLARED)
    elif table == "usage" and values.get("service"):
        values["service"] = values["service"].lower()
    if table in ("guardrail", "ownership"):
        values["basis"] = StorageBasis.DECLARED.value


def _identity(values: dict[str, Any]) -> Iterator[str]:
    if values.get("kind") is IdentityKind.HUMAN:
        values.setdefault("human", Human.HUMAN)
    if values.get("human"):
        values.setdefault("human_basis", DECLARED)
    if values.get("last_used_at"):
        values["last_used_known"] = True
    if values.get("in_scope") is False and not values.get("scope_reason"):
        del values["in_scope"]
        yield "column in_scope: `no` needs a scope_reason, kept in scope"


def _credential(values: dict[str, Any], doc: Document) -> None:
    if values.get("native_id"):
        values["fingerprint"] = doc.fingerprint(values["native_id"])
    if values.get("storage") not in (None, Storage.UNKNOWN):
        values |= {"storage_basis": StorageBasis.DECLARED, "storage_evidence": values["evidence"]}
    if values.get("last_used_at"):
        values["last_used_known"] = True
    if values.get("last_used_service"):
        values["last_used_service"] = values["last_used_service"].lower()


def coverage(rows: Iterable[Row], index: Index, doc: Document) -> Iterator[Coverage]:
    """What the declared rows let us call collected: the organisation's rules per scope; owners only in part; lists of things, never."""
    found: dict[tuple[Fact, str], str | None] = {}
    for row in rows:
        if isinstance(row, Guardrail):
            fact = Fact.AUDIT_LOG if row.kind == "audit_log" else Fact.GUARDRAILS
            gap = NOT_SAID_ENFORCED if row.enforcement is Enforcement.UNKNOWN else None
            found[fact, row.scope] = found.get((fact, row.scope)) or gap
        elif isinstance(row, Owner | Ownership):
            scope = index.scope_of(row.identity_id) if isinstance(row, Ownership) else None
            found[Fact.OWNERSHIP, scope or doc.scope or "*"] = OWNERS_IN_PART
    for (fact, scope), reason in sorted(found.items()):
        yield Coverage(
            fact=fact,
            scope=scope,
            status=CoverageStatus.PARTIAL if reason else CoverageStatus.COLLECTED,
            reason=reason,
            collected_at=doc.collected_at,
            evidence=doc.source_id,
        )
