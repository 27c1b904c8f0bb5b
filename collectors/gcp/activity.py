"""What was used: last authentications of accounts and keys (Policy Intelligence), and permissions exercised (IAM recommender).

Activity is observed with a delay of days and goes back a limited period: no date means that none was seen in it. Each insight
is an Observation of the whole binding that it is about: what it does not name as exercised was not, within its window.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.gcp.listing import TRUNCATED, Record, covers, listing, lists, read_all
from collectors.gcp.members import BASIS, NATIVE_TYPE, is_agent, parse_member
from collectors.gcp.places import Places, needs_scope, scope_project
from collectors.records import Notes
from inventory.model import (
    Credential,
    CredentialKind,
    CredentialRole,
    Fact,
    Human,
    Identity,
    IdentityKind,
    Issuance,
    Observation,
    Row,
    Sighting,
    Usage,
)

ACCOUNTS = "serviceAccountLastAuthentication"
KEYS = "serviceAccountKeyLastAuthentication"
DEFAULT_LIMIT = 1000
"""Records after which `query-activity` stops unless told otherwise."""
STOPPED = f"exactly {DEFAULT_LIMIT} records: the default limit of query-activity; ask with --limit=unlimited"
SOME = "Google gives insights for the bindings that it looked at: not for all accounts"

INSIGHT = "/insightTypes/google.iam.policy.Insight/"
RECOMMENDATION = "/recommenders/google.iam.policy.Recommender/"


def activities(document: Document) -> Iterator[Row | Problem]:
    """query-activity, for accounts or keys."""
    notes, found, places = Notes(document), listing(document, "activities"), Places(document=document)
    rows = list(read_all(notes, found, lambda notes, raw: _activity(notes, raw, places)))
    yield from rows
    own = scope_project(document)
    for fact, kind in ((Fact.ROLE_USAGE, ACCOUNTS), (Fact.KEY_USAGE, KEYS)):
        records = [raw for raw in found.records if isinstance(raw, dict) and raw.get("activityType") == kind]
        scopes = {_project(raw, places) for raw in records} | ({own} if own and records else set())
        but = TRUNCATED if found.truncated(len(scopes)) else STOPPED if len(records) == DEFAULT_LIMIT else None
        yield from covers(document, (fact,), {scope for scope in scopes if scope}, but=but)
    yield from notes.problems


def _project(raw: Record, places: Places) -> str | None:
    return places.project(raw.get("fullResourceName"))


def _activity(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    kind, activity, name = raw["activityType"], raw["activity"], raw["fullResourceName"]
    if not isinstance(activity, dict):
        raise TypeError("its activity is not an object")
    email, _, key_id = name.partition("/serviceAccounts/")[2].lower().partition("/keys/")
    if "@" not in email:
        raise ValueError("it names no service account by its address")
    record = f"activities[{email}{f'/{key_id}' if key_id else ''}]"
    last, readable = notes.last_use(activity.get("lastAuthenticatedTime"), record, "lastAuthenticatedTime")
    known = readable and isinstance(raw.get("observationPeriod"), dict)
    evidence, scope = notes.document.at(record), places.project(name) or places.by_email(email)
    if kind == KEYS and key_id:
        yield Credential(
            credential_id=f"gcp:key:{email}/{key_id}",
            identity_id=f"serviceAccount:{email}",
            provider="gcp",
            scope=scope,
            name=f"key {key_id[:8]} of {email}",
            kind=CredentialKind.SIGNING_KEY,
            role=CredentialRole.IDENTITY,
            native_id=key_id,
            fingerprint=notes.document.fingerprint(key_id),
            issuance=Issuance.UNKNOWN,
            last_used_at=last,
            last_used_known=known,
            evidence=evidence,
        )
    elif kind == ACCOUNTS:
        yield Identity(
            identity_id=f"serviceAccount:{email}",
            provider="gcp",
            scope=scope,
            name=email,
            kind=IdentityKind.SERVICE_ACCOUNT,
            native_type=NATIVE_TYPE,
            human=Human.NONHUMAN,
            human_basis=BASIS,
            in_scope=not is_agent(email),
            scope_reason="a service agent of Google's" if is_agent(email) else None,
            last_used_at=last,
            last_used_known=known,
            evidence=evidence,
        )
        if known:
            until, window_days = _period(notes, raw["observationPeriod"], record)
            yield Observation(identity_id=f"serviceAccount:{email}", until=until, window_days=window_days, evidence=evidence)


def _period(notes: Notes, period: Record, record: str) -> tuple[datetime | None, int | None]:
    """End and whole days of the period that was watched."""
    start, end = (notes.when(period.get(name), record, name) for name in ("startTime", "endTime"))
    return end, (end - start).days if start and end else None


def insights(document: Document) -> Iterator[Row | Problem]:
    """Policy insights: the permissions of a binding that its member exercised."""
    notes, found, places = Notes(document), listing(document, "insights"), Places(document=document)
    yield from read_all(notes, found, lambda notes, raw: _insight(notes, raw, places))
    own = scope_project(document)
    names = [_target(raw) for raw in found.records if isinstance(raw, dict)]
    scopes = {scope for name in names if (scope := places.project(name))} | ({own} if own else set())
    yield from covers(document, (Fact.SERVICE_USAGE,), scopes, but=TRUNCATED if found.truncated(len(scopes)) else SOME)
    yield from notes.problems


def _target(raw: Record) -> Any:
    targets = raw.get("targetResources")
    return next(iter(targets), None) if isinstance(targets, list) else raw.get("name")


def _insight(notes: Notes, raw: Record, places: Places) -> Iterator[Row]:
    if raw.get("insightSubtype", "PERMISSIONS_USAGE") != "PERMISSIONS_USAGE":
        return
    content: Mapping[str, Any] = raw["content"]
    member, role = parse_member(content["member"]), content["role"]
    if member.kind not in ("serviceAccount", "pool", "kubernetes"):
        return
    evidence = notes.document.at(f"insights[{member.text}/{role}]")
    window = _days(raw.get("observationPeriod"))
    refreshed = notes.when(raw.get("lastRefreshTime"), f"insights[{member.text}/{role}]", "lastRefreshTime")
    used, condition = _permissions(content.get("exercisedPermissions")), content.get("condition")
    yield Sighting(subject_kind="service_usage", subject_id=member.text, evidence=evidence)
    yield Observation(
        identity_id=member.text,
        policy_id=role,
        resource=places.holder(_target(raw)),
        condition=(condition.get("expression") if isinstance(condition, dict) else None) or None,
        used=used,
        inferred=_permissions(content.get("inferredPermissions")),
        until=refreshed,
        window_days=window,
        evidence=evidence,
    )
    for permission in used:
        # The day of use is not told: by the day of the last refresh it was used.
        yield Usage(
            identity_id=member.text,
            service=permission.partition(".")[0].lower(),
            action=permission,
            last_at=refreshed,
            window_days=window,
            evidence=evidence,
        )


def _permissions(listed: Any) -> list[str]:
    """Names, from objects or as they are. Raises KeyError or TypeError when something else is listed."""
    return sorted({str(one["permission"]) if not isinstance(one, str) else one for one in listed or []})


def _days(period: Any) -> int | None:
    """Whole days of a duration such as `7776000s`; rounded down, a shorter look back claims less."""
    seconds = re.fullmatch(r"(\d{1,12})(\.\d+)?s", str(period))
    return int(seconds[1]) // 86400 if seconds else None


def recommendations(document: Document) -> Iterator[Row | Problem]:
    """Recommendations follow from the insights, which hold the facts; nothing is taken from them."""
    return iter(())


def _is_insight(raw: Record) -> bool:
    return INSIGHT in str(raw.get("name"))


def _unplaced_insights(document: Document) -> bool:
    return needs_scope(document, [_target(raw) for raw in listing(document, "insights").records if isinstance(raw, dict)])


FORMATS = (
    Format(
        name="gcp-activity",
        title=f"Last authentications: `gcloud policy-intelligence query-activity --activity-type={ACCOUNTS}|{KEYS} --limit=unlimited`",
        matches=lambda document: lists(document, ("activities",), lambda raw: raw.get("activityType") in (ACCOUNTS, KEYS)),
        rows=activities,
    ),
    Format(
        name="gcp-policy-insights",
        title="Permissions exercised: `gcloud recommender insights list --insight-type=google.iam.policy.Insight --location=global`",
        matches=lambda document: lists(document, ("insights",), _is_insight),
        rows=insights,
        unplaced=_unplaced_insights,
    ),
    Format(
        name="gcp-recommendations",
        title="IAM recommendations, known and not needed (the insights hold the facts): `gcloud recommender recommendations list`",
        matches=lambda document: lists(document, ("recommendations",), lambda raw: RECOMMENDATION in str(raw.get("name"))),
        rows=recommendations,
    ),
)
