"""Federated identity credentials: which outside token may become an application or a managed identity.

Entra compares `subject` with the token's sub letter by letter; only a claims matching expression may hold wildcards.
https://learn.microsoft.com/entra/workload-id/workload-identities-flexible-federated-identity-credentials
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from collectors.aws.subjects import GITHUB, GITHUB_TENANT, TENANTS  # what a subject of these issuers looks like is no matter of AWS
from collectors.azure.answers import Record, context, coverage, guid_or_none, one_or_many, read_all, records, subscription_of, text
from collectors.azure.tenants import tenant_of
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Fact, PrincipalKind, Row, Safety, Sighting, Trust

NATIVE = "azure.managed-identity"

OWNER = re.compile(r"(applications|servicePrincipals)\('([^']+)'\)/federatedIdentityCredentials")
EXPRESSION = re.compile(r"claims\['sub'\]\s+(eq|matches)\s+'([^']*)'\s*", re.IGNORECASE)
PER_APPLICATION = "federated credentials are listed one application at a time; whether every one was asked is not in the answers"


def trust(identity_id: str, evidence: str, kind: PrincipalKind, principal: str, safety: Safety, reason: str, **more: Any) -> Trust:
    """One way to become the identity; its id stays the same whatever else the answer holds."""
    key = json.dumps([identity_id, kind, principal, more.get("subject_pattern"), more.get("audience")], separators=(",", ":"))
    return Trust(
        trust_id=hashlib.sha256(key.encode()).hexdigest()[:24],
        identity_id=identity_id,
        principal_kind=kind,
        principal=principal,
        safety=safety,
        safety_reason=reason,
        evidence=evidence,
        **more,
    )


def native(identity_id: str, evidence: str) -> Trust:
    """A managed identity: Azure gives its tokens to the resources it is attached to, and to nobody else."""
    reason = "Azure gives its tokens only to the resources it is attached to"
    return trust(identity_id, evidence, PrincipalKind.SERVICE, NATIVE, Safety.SAFE, reason)


def trusts(notes: Notes, identity_id: str, raw: Any, record: str) -> Iterator[Row]:
    """Rows of the federated credentials of one identity, one or a list of them."""
    for entry in one_or_many(raw):
        try:
            yield _one(notes, identity_id, entry, record)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            notes.problem(record, f"a federated credential is not read ({error}): who may become it is left unknown", lost=True)
            reason = "its federated credential could not be read"
            yield trust(identity_id, notes.document.at(record), PrincipalKind.UNKNOWN, "?", Safety.UNKNOWN, reason)


def _one(notes: Notes, identity_id: str, raw: Record, record: str) -> Trust:
    issuer = text(raw["issuer"])
    if issuer is None:
        raise ValueError("it names no issuer")
    expression = raw.get("claimsMatchingExpression")
    pattern = text(expression.get("value")) if isinstance(expression, dict) else text(expression)
    subject = text(raw.get("subject"))
    safety, reason = judged(issuer, subject, pattern)
    audiences = sorted({value for item in one_or_many(raw.get("audiences")) if (value := text(item))})
    return trust(
        identity_id,
        notes.document.at(f"{record}/{raw.get('name') or raw.get('id') or issuer}"),
        PrincipalKind.OIDC,
        issuer.removeprefix("https://").rstrip("/"),
        safety,
        reason,
        subject_pattern=subject or pattern,
        audience="; ".join(audiences) or None,
    )


def judged(issuer: str, subject: str | None, expression: str | None) -> tuple[Safety, str]:
    """Whether only known workloads of the issuer get in."""
    if expression is None:
        if subject is None:
            return Safety.UNKNOWN, "neither a subject nor an expression is in the evidence"
        if "*" in subject:
            return Safety.UNKNOWN, "a wildcard in an exact subject: Entra takes it literally, so that it lets nobody in or was misread"
        return Safety.SAFE, "the subject names one workload exactly"
    found = EXPRESSION.match(expression)
    if found is None:
        return Safety.UNKNOWN, "its claims matching expression is not understood"
    operator, pattern = found[1].lower(), found[2]
    if operator == "eq" or not {"*", "?"} & set(pattern):
        return Safety.SAFE, "the expression names one workload exactly"
    name = issuer.removeprefix("https://").rstrip("/")
    tenant = GITHUB_TENANT if name.startswith(GITHUB) else next((shape for start, shape in TENANTS if name.startswith(start)), None)
    if tenant is not None:
        if tenant.match(pattern):
            return Safety.SAFE, "the expression names the tenant before its first wildcard"
        return Safety.UNSAFE, f"the expression is too wide: {pattern}"
    if pattern[:1] in "*?":
        return Safety.UNSAFE, f"the expression names nothing before its first wildcard: {pattern}"
    return Safety.UNKNOWN, f"whether the expression is too wide is not decided here: {pattern}"


def federated_credentials(document: Document) -> Iterator[Row | Problem]:
    """Answers about one identity each, or wrapped as {"appId" | "principalId" | "id": …, "federatedIdentityCredentials": […]}."""
    notes = Notes(document)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    subscriptions = {subscription for raw in found if (subscription := subscription_of(raw.get("id")))}
    yield from read_all(notes, _wrapped if any("federatedIdentityCredentials" in raw for raw in found) else _bare)
    yield from coverage(document, (Fact.TRUST,), subscriptions or {tenant_of(document, ())}, PER_APPLICATION)
    yield from notes.problems


def owner_id(raw: Record) -> str | None:
    """The identity that a wrapped answer is about."""
    app_id, principal = guid_or_none(raw.get("appId", raw.get("clientId"))), guid_or_none(raw.get("principalId"))
    return f"azure:{principal}" if principal else f"azure:app:{app_id}" if app_id else None


def _wrapped(notes: Notes, raw: Record) -> Iterator[Row]:
    identity_id = owner_id(raw)
    if identity_id is None:
        raise KeyError("appId or principalId")
    yield from trusts(notes, identity_id, raw["federatedIdentityCredentials"], identity_id)
    yield Sighting(subject_kind="trust", subject_id=identity_id, evidence=notes.document.at(identity_id))


def _bare(notes: Notes, raw: Record) -> Iterator[Row]:
    """The answer itself: the Graph context or the ARM id says whose it is, the manifest may."""
    resource, separator, _ = str(raw.get("id", "")).rpartition("/federatedIdentityCredentials/")
    owner = OWNER.search(context(notes.document))
    if separator and resource.startswith("/subscriptions/"):
        identity_id = resource.lower()
    elif owner is not None:
        identity_id = f"azure:object:{owner[2].lower()}" if owner[1] == "applications" else f"azure:{owner[2].lower()}"
    else:
        raise ValueError('it does not say whose it is: wrap the answer as {"appId": …, "federatedIdentityCredentials": […]}')
    yield from trusts(notes, identity_id, raw, identity_id)


def _is_credentials(document: Document) -> bool:
    found = next((raw for _, raw in records(document) if isinstance(raw, dict)), {})
    if "federatedIdentityCredentials" in found:
        return "displayName" not in found and "type" not in found
    return {"issuer", "audiences"} <= found.keys() or OWNER.search(context(document)) is not None


FORMATS = (
    Format(
        name="azure-federated-credentials",
        title=(
            "Federated credentials: `az ad app federated-credential list`, `az identity federated-credential list`, Graph pages; wrapped as "
            '{"appId": …, "federatedIdentityCredentials": […]} where the answer lacks the application'
        ),
        matches=_is_credentials,
        rows=federated_credentials,
        settled=frozenset({PER_APPLICATION}),
    ),
)
