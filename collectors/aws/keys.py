"""Access keys with their ids, their last use, service-specific credentials, and services last accessed.

Most of these answers name a user but no account: the account comes from the bundle's manifest, or from the only user of that name.
Such rows carry `user:<account or *>/<name>` as identity, joined when the evidence is merged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.document import Document, Format, Problem
from collectors.records import Notes, has_page, is_truncated, more_to_come, pages
from inventory.model import Coverage, CoverageStatus, Credential, CredentialKind, Fact, Issuance, Row, Sighting, Status, Usage

TRACKING_DAYS = 400
"""AWS keeps service-last-accessed data at least this long.
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html"""


def user_id(document: Document, raw: Mapping[str, Any]) -> str:
    """Stand-in for a user whose account the answer does not name."""
    return f"user:{document.scope or '*'}/{raw['UserName']}"


def access_keys(document: Document) -> Iterator[Row | Problem]:
    """list-access-keys: ids, status and creation."""
    notes = Notes(document)
    answers = list(pages(document, "AccessKeyMetadata"))
    for page in answers:
        records = list(notes.records([page], "AccessKeyMetadata"))
        rows = [row for locator, raw in records for row in notes.read(locator, _key, raw)]
        yield from rows
        if isinstance(page["AccessKeyMetadata"], list) and len(rows) == len(records) and not more_to_come(page):
            yield from _looked_at(document, page, rows)  # a user of whom one key is missing was not looked at
    yield from _dated(document, Fact.ACCESS_KEYS)
    yield from notes.problems


def _looked_at(document: Document, page: Mapping[str, Any], rows: list[Row]) -> Iterator[Row]:
    """The users whose keys an answer lists in full: the one it is about, and those of its keys."""
    if "UserName" in page:
        yield Sighting(subject_kind="access_keys", subject_id=user_id(document, page), evidence=document.at(f"UserName={page['UserName']}"))
    for row in rows:
        if isinstance(row, Credential) and row.identity_id:
            yield Sighting(subject_kind="access_keys", subject_id=row.identity_id, evidence=row.evidence)


def _key(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    key_id, record = raw["AccessKeyId"], f"AccessKeyId={raw['AccessKeyId']}"
    owner, evidence = user_id(notes.document, raw), notes.document.at(record)
    created = notes.when(raw.get("CreateDate"), record, "CreateDate")
    yield Credential(
        credential_id=f"aws:access_key:{key_id}",
        identity_id=owner,
        provider="aws",
        scope=notes.document.scope,
        name=key_id,
        kind=CredentialKind.ACCESS_KEY,
        native_id=key_id,
        fingerprint=notes.document.fingerprint(key_id),
        issuance=Issuance.MANUAL,
        created_at=created,
        rotated_at=created,
        never_expires=True,
        status=status_of(raw.get("Status")),
        evidence=evidence,
    )


def status_of(value: Any) -> Status:
    return {"active": Status.ACTIVE, "inactive": Status.INACTIVE, "expired": Status.EXPIRED}.get(str(value).lower(), Status.UNKNOWN)


def key_last_used(document: Document) -> Iterator[Row | Problem]:
    """get-access-key-last-used, wrapped with the AccessKeyId that the answer itself lacks."""
    notes = Notes(document)
    for index, raw in enumerate(pages(document, "AccessKeyLastUsed")):
        if "AccessKeyId" not in raw:
            notes.problem(f"[{index}]", 'does not say which key it is: wrap the answer as {"AccessKeyId": "…", "AccessKeyLastUsed": …}')
            continue
        yield from notes.read(f"AccessKeyId={raw['AccessKeyId']}", _used, raw)
    yield from _dated(document, Fact.KEY_USAGE)
    yield from notes.problems


def _used(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    used, record = raw["AccessKeyLastUsed"], f"AccessKeyId={raw['AccessKeyId']}"
    service = str(used.get("ServiceName") or "").lower()
    last_used_at, readable = notes.last_use(used.get("LastUsedDate"), record, "LastUsedDate")
    yield Credential(
        credential_id=f"aws:access_key:{raw['AccessKeyId']}",
        identity_id=user_id(notes.document, raw) if raw.get("UserName") else None,
        provider="aws",
        scope=notes.document.scope,
        name=raw["AccessKeyId"],
        kind=CredentialKind.ACCESS_KEY,
        native_id=raw["AccessKeyId"],
        fingerprint=notes.document.fingerprint(raw["AccessKeyId"]),
        last_used_at=last_used_at,
        last_used_known=readable and bool(used),  # AWS says `N/A` of a key never used; an empty answer says nothing
        last_used_service=service if service not in ("", "n/a") else None,
        evidence=notes.document.at(f"{record}/AccessKeyLastUsed"),
    )


def service_credentials(document: Document) -> Iterator[Row | Problem]:
    """list-service-specific-credentials: CodeCommit, Keyspaces, Bedrock and CloudWatch Logs API keys."""
    notes = Notes(document)
    answers = list(pages(document, "ServiceSpecificCredentials"))
    for locator, raw in notes.records(answers, "ServiceSpecificCredentials"):
        yield from notes.read(locator, _service_credential, raw)
    if any("IsTruncated" in page for page in answers) and not is_truncated(answers):  # only `--all-users` answers in pages
        yield from _dated(document, Fact.SERVICE_CREDENTIALS)
    yield from notes.problems


def _service_credential(notes: Notes, raw: Mapping[str, Any]) -> Iterator[Row]:
    native = raw["ServiceSpecificCredentialId"]
    record = f"ServiceSpecificCredentialId={native}"
    created = notes.when(raw.get("CreateDate"), record, "CreateDate")
    yield Credential(
        credential_id=f"aws:service_specific:{native}",
        identity_id=user_id(notes.document, raw),
        provider="aws",
        scope=notes.document.scope,
        name=f"{raw.get('ServiceName') or 'service'} credential {native}",
        kind=CredentialKind.SERVICE_SPECIFIC,
        native_id=native,
        fingerprint=notes.document.fingerprint(native),
        issuance=Issuance.MANUAL,
        created_at=created,
        rotated_at=created,
        last_used_service=str(raw["ServiceName"]).split(".", 1)[0].lower() if raw.get("ServiceName") else None,
        expires_at=notes.when(raw.get("ExpirationDate"), record, "ExpirationDate"),
        never_expires="ExpirationDate" not in raw,
        status=status_of(raw.get("Status")),
        evidence=notes.document.at(record),
    )


def services_last_accessed(document: Document) -> Iterator[Row | Problem]:
    """get-service-last-accessed-details, wrapped with the Arn that the answer itself lacks; service and action level."""
    notes = Notes(document)
    for index, page in enumerate(pages(document, "ServicesLastAccessed")):
        arn = page.get("Arn")
        if not isinstance(arn, str):
            notes.problem(f"[{index}]", 'does not say whose it is: wrap the answer as {"Arn": "…", "ServicesLastAccessed": …}')
            continue
        if page.get("JobStatus") not in (None, "COMPLETED"):
            notes.problem(f"Arn={arn}", f"the job is {page['JobStatus']}, not COMPLETED: fetch it again")
            continue
        yield from notes.read(f"Arn={arn}", _services, page)
    yield from _dated(document, Fact.SERVICE_USAGE)
    yield from notes.problems


def _services(notes: Notes, page: Mapping[str, Any]) -> Iterator[Row]:
    arn, complete = page["Arn"], not more_to_come(page)
    for service in page["ServicesLastAccessed"]:
        name = service["ServiceNamespace"].lower()
        calls = [(None, service.get("LastAuthenticated"))]
        calls += [(action["ActionName"], action.get("LastAccessedTime")) for action in service.get("TrackedActionsLastAccessed") or []]
        for action, value in calls:
            record = f"Arn={arn}/{name}"
            last_at, readable = notes.last_use(value, record, f"last use of {action or name}")
            complete = complete and readable
            if readable:  # a date nobody can read is not the same as never
                evidence = notes.document.at(record)
                yield Usage(identity_id=arn, service=name, action=action, last_at=last_at, window_days=TRACKING_DAYS, evidence=evidence)
    if complete:
        yield Sighting(subject_kind="service_usage", subject_id=arn, evidence=notes.document.at(f"Arn={arn}"))


def _dated(document: Document, fact: Fact) -> Iterator[Row]:
    """When the fact was collected, where the manifest names the account; how much of it, sightings tell."""
    if document.scope:
        yield Coverage(
            fact=fact,
            scope=document.scope,
            status=CoverageStatus.COLLECTED,
            collected_at=document.collected_at,
            evidence=document.source_id,
        )


FORMATS = (
    Format(
        name="aws-access-keys",
        title="Access keys with ids: `aws iam list-access-keys --user-name U`, one answer per user",
        matches=lambda document: has_page(document, "AccessKeyMetadata"),
        rows=access_keys,
    ),
    Format(
        name="aws-access-key-last-used",
        title='Last use of keys: `aws iam get-access-key-last-used`, each wrapped as {"AccessKeyId": …, "AccessKeyLastUsed": …}',
        matches=lambda document: has_page(document, "AccessKeyLastUsed"),
        rows=key_last_used,
    ),
    Format(
        name="aws-service-specific-credentials",
        title="Service-specific credentials: `aws iam list-service-specific-credentials --all-users`",
        matches=lambda document: has_page(document, "ServiceSpecificCredentials"),
        rows=service_credentials,
    ),
    Format(
        name="aws-service-last-accessed",
        title='Services last accessed: `aws iam get-service-last-accessed-details`, each wrapped as {"Arn": …, "ServicesLastAccessed": …}',
        matches=lambda document: has_page(document, "ServicesLastAccessed"),
        rows=services_last_accessed,
    ),
)
