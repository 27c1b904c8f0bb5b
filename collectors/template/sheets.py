"""What the template asks: the sheets, their columns, allowed words and meanings, all taken from `inventory`.

Nothing here reads or writes files. Written by hand are only the facts that the model does not hold: what a person must fill, the words
of columns that are plain text there (a test holds them against `schema.sql`), and one example row per sheet.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from typing import Any

from inventory import model
from inventory.model import FIELDS, TABLE_OF

READ_ME = "Read me"
MARKER = "NHI posture template"
"""First header of the Read me sheet: how a workbook is recognised."""
TABLE_COLUMN = "nhi_table"
"""First column of the CSV form: names each row's table."""
EXAMPLE = "# example"
"""Starts the first cell of a row that only shows how to fill the sheet."""
READ_ME_ROW = "# read me"
"""The same for a row of explanation in the CSV form."""

NOT_ASKED = frozenset({"evidence", "basis", "fingerprint", "fingerprints", "storage_basis", "storage_evidence", "scanned"})
"""Columns that the import sets itself. `scanned` means that a scanner's report was supplied, which no one can declare."""

WORDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("identity", "status"): ("active", "disabled", "unknown"),
    ("credential", "status"): ("active", "inactive", "expired", "unknown"),
    ("owner", "status"): ("active", "departed", "unknown"),
    ("owner", "kind"): ("person", "team", "unknown"),
    ("scan_target", "kind"): ("repository", "image"),
    ("guardrail", "kind"): ("workload_policy", "audit_log"),
    ("secret_exposure", "location_kind"): ("source_code", "git_history", "container_image", "ci_log", "collab", "other"),
    ("secret_exposure", "state"): ("open", "resolved"),
}
"""Words of columns whose closed set the model keeps as text, or as part of a wider enum."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column a person may fill."""

    name: str
    form: type[Any]
    """str, int, bool, datetime or a StrEnum."""
    many: bool
    """A list: several values separated by `;`."""
    words: tuple[str, ...]
    """Allowed words; empty when any text will do."""
    required: bool
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One table a person may fill."""

    table: str
    kind: type[Any]
    """Row class of inventory.model."""
    meaning: str
    columns: Mapping[str, Column]
    example: Mapping[str, str]

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns.values() if column.required)


ACCOUNT = "123456789012"
ASKED: tuple[tuple[type[Any], tuple[str, ...], dict[str, str]], ...] = (
    (
        model.Account,
        ("scope", "provider"),
        {"scope": ACCOUNT, "provider": "aws", "name": "billing-prod", "environment": "production"},
    ),
    (
        model.Identity,
        ("name", "kind"),
        {"scope": ACCOUNT, "name": "svc-invoice-export", "kind": "service_account", "human": "nonhuman", "environment": "production"},
    ),
    (
        model.Credential,
        ("name", "kind"),
        {
            "identity_id": "svc-invoice-export",
            "scope": ACCOUNT,
            "name": "invoice database password",
            "kind": "password",
            "storage": "config_file",
            "isolation": "shared",
            "issuance": "manual",
            "rotated_at": "2025-11-30",
            "status": "active",
        },
    ),
    (
        model.Trust,
        ("identity_id", "principal_kind", "principal"),
        {"identity_id": "svc-invoice-export", "principal_kind": "oidc", "principal": "ci.example.com", "audience": "sts.example.com"},
    ),
    (
        model.Workload,
        ("kind", "name"),
        {"scope": ACCOUNT, "kind": "virtual_machine", "name": "billing-batch", "env_names": "DB_HOST; DB_PASSWORD"},
    ),
    (
        model.SecretStore,
        ("kind", "name"),
        {"scope": ACCOUNT, "kind": "vault", "name": "vault-prod", "approved": "yes", "access_logged": "yes"},
    ),
    (
        model.SecretExposure,
        ("path", "location_kind"),
        {
            "scope": "example/billing",
            "path": "config/prod.ini",
            "line": "12",
            "location_kind": "source_code",
            "credential_kind": "password",
        },
    ),
    (model.ScanTarget, ("target_id",), {"target_id": "example/billing", "kind": "repository", "in_scope": "yes"}),
    (
        model.Resource,
        ("kind", "name"),
        {"scope": ACCOUNT, "kind": "database", "name": "invoices", "public": "no", "public_reason": "reachable from the VPN only"},
    ),
    (
        model.Guardrail,
        ("scope", "kind", "name"),
        {"scope": ACCOUNT, "kind": "audit_log", "name": "central trail", "enforcement": "enforced"},
    ),
    (
        model.Usage,
        ("identity_id", "service"),
        {"identity_id": "svc-invoice-export", "service": "s3", "action": "GetObject", "last_at": "2026-06-30", "window_days": "90"},
    ),
    (model.Owner, ("owner_id",), {"owner_id": "billing@example.com", "kind": "team", "status": "active"}),
    (
        model.Ownership,
        ("identity_id", "owner_id"),
        {"identity_id": "svc-invoice-export", "owner_id": "billing@example.com"},
    ),
)
"""Row class, columns without which a row says nothing, example."""


def _sheet(kind: type[Any], required: tuple[str, ...], example: dict[str, str]) -> Sheet:
    table, hints = TABLE_OF[kind], typing.get_type_hints(kind)
    meaning, meanings = _meanings(table)
    columns = {
        name: _column(table, name, hints[name], name in required, meanings.get(name, "")) for name in FIELDS[kind] if name not in NOT_ASKED
    }
    return Sheet(table=table, kind=kind, meaning=meaning, columns=columns, example=example)


def _column(table: str, name: str, hint: Any, required: bool, meaning: str) -> Column:
    if isinstance(hint, types.UnionType):
        hint = next(part for part in typing.get_args(hint) if part is not type(None))
    many = typing.get_origin(hint) is list
    form: type[Any] = typing.get_args(hint)[0] if many else hint
    if form not in (str, int, bool, datetime) and not issubclass(form, StrEnum):
        raise TypeError(f"template: {table}.{name}: cannot be typed in as {form}")
    words = WORDS.get((table, name)) or (tuple(form) if issubclass(form, StrEnum) else ())
    return Column(name=name, form=form, many=many, words=tuple(map(str, words)), required=required, meaning=meaning)


def _meanings(table: str) -> tuple[str, dict[str, str]]:
    """What `schema.sql` says of a table and of its columns."""
    text = (files("inventory") / "schema.sql").read_text(encoding="utf-8")
    found = re.search(rf"^-- (?P<meaning>[^\n]*)\nCREATE TABLE {table} \((?P<body>.*?)^\);", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise LookupError(f"template: schema.sql has no table {table} with a comment above it")
    columns = re.findall(r"^ {4}(\w+) .*?-- (.*)$", found["body"], re.MULTILINE)
    return found["meaning"], {name: _plainly(comment) for name, comment in columns}


def _plainly(comment: str) -> str:
    """A column's comment for people who fill a sheet: `empty` for NULL, no names of classes."""
    return re.sub(r" \((inventory\.model\.)?[A-Z]\w+\)", "", comment).replace("NULL", "empty")


SHEETS: Mapping[str, Sheet] = {sheet.table: sheet for sheet in (_sheet(*asked) for asked in ASKED)}
"""Sheets by table name, in the order of the workbook."""
