"""Service accounts and their user-managed keys, as `gcloud iam service-accounts list` and `… keys list` print them, and when they last signed in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from generator.chance import between, hexadecimal, number, on_day
from generator.company import Quarter
from generator.dress import zulu
from generator.estate import Json
from generator.gcp.account_list import Line, lines
from generator.gcp.places import Project

HOLDS_A_KEY = ("code", "shared", "isolated", "ci", "manager", "unknown", "retired")
UNUSED = ("qa-e2e", "etl-vendor-sync", "docs-sandbox", "loadtest", "old-translate", "portal-push-dev")
"""No sign-in in the period that Google looks back on."""
FOREVER = "9999-12-31T23:59:59Z"
DEFAULTS = {"compute_default": "Compute Engine default service account", "app_engine_default": "App Engine default service account"}


def unique_id(name: str) -> str:
    """21 digits, as Google gives; the zeros say that it is nobody's."""
    return f"1000000000{number('unique', name) % 10**11:011d}"


def key_id(line: Line, generation: int) -> str:
    """40 hexadecimal digits, the first of which read as a word."""
    return f"5a3b1e{generation:02d}{hexadecimal(32, 'gcp key', line.email, generation)}"


def current_key(quarter: Quarter, line: Line) -> str | None:
    """Id of the key in use, or None."""
    rest = line.rest(quarter)
    return key_id(line, _generation(quarter, line)) if rest in HOLDS_A_KEY and rest != "retired" else None


def service_accounts(quarter: Quarter, project: Project) -> list[Json]:
    """Defaults first, then by name: `gcloud iam service-accounts list`. `disabled` is absent when false."""
    found = [_account(project, getattr(project, which), title) for which, title in DEFAULTS.items()]
    for line in sorted(lines(quarter, project), key=lambda line: line.name):
        title = line.name.replace("-", " ").capitalize()
        entry = _account(project, line.email, title) | {"description": f"Team {line.team}"}
        found.append(entry | {"disabled": True} if line.rest(quarter) == "off" else entry)
    return found


def _account(project: Project, address: str, title: str) -> Json:
    return {
        "displayName": title,
        "email": address,
        "etag": "MDEwMjE5MjA=",
        "name": f"projects/{project.id}/serviceAccounts/{address}",
        "oauth2ClientId": unique_id(address),
        "projectId": project.id,
        "uniqueId": unique_id(address),
    }


def key_lists(quarter: Quarter, project: Project) -> Iterator[Json]:
    """One answer per account, wrapped with it: most hold no key, and an empty list would not say whose it is."""
    for which in DEFAULTS:
        yield {"serviceAccount": getattr(project, which), "keys": []}
    for line in sorted(lines(quarter, project), key=lambda line: line.name):
        yield {"serviceAccount": line.email, "keys": list(_keys(quarter, line))}


def _keys(quarter: Quarter, line: Line) -> Iterator[Json]:
    rest = line.rest(quarter)
    if rest not in HOLDS_A_KEY:
        return
    yield _key(quarter, line, _generation(quarter, line), disabled=rest == "retired")
    if line.name == "etl-vendor-sync":
        yield _key(quarter, line, 7, disabled=False, uploaded=True)


def _generation(quarter: Quarter, line: Line) -> int:
    """Keys in the manager are replaced every quarter."""
    return quarter.number if line.rest(quarter) == "manager" else 1


def _key(quarter: Quarter, line: Line, generation: int, *, disabled: bool, uploaded: bool = False) -> Json:
    since = key_created(quarter, line, generation)
    entry: Json = {
        "keyAlgorithm": "KEY_ALG_RSA_2048",
        "keyOrigin": "USER_PROVIDED" if uploaded else "GOOGLE_PROVIDED",
        "keyType": "USER_MANAGED",
        "name": f"projects/{line.project.id}/serviceAccounts/{line.email}/keys/{key_id(line, generation)}",
        "validAfterTime": zulu(since),
        "validBeforeTime": zulu(since + timedelta(days=365)) if uploaded else FOREVER,
    }
    return entry | {"disabled": True} if disabled else entry


def key_created(quarter: Quarter, line: Line, generation: int) -> datetime:
    if line.rest(quarter) == "manager":
        return quarter.ago(between(15, 60, "gcp rotated", quarter.number, line.email)).replace(microsecond=0)
    if generation == 7:
        return datetime(2026, 4, 14, 11, 5, 33)
    return on_day(datetime(2022, 3, 1), datetime(2025, 11, 1), "gcp key", line.email, generation)


def authentications(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud policy-intelligence query-activity` for accounts. Who never signed in has no `lastAuthenticatedTime`."""
    people = [project.compute_default, *(line.email for line in lines(quarter, project))]
    found = []
    for address in people:
        about = {"projectNumber": project.number, "serviceAccountId": unique_id(address)}
        resource = f"//iam.googleapis.com/projects/{project.id}/serviceAccounts/{address}"
        subject = {"serviceAccount": about | {"fullResourceName": resource}}
        used = None if address.split("@")[0] in UNUSED else between(2, 25, "gcp use", quarter.number, address)
        found.append(_activity(quarter, resource, "serviceAccountLastAuthentication", subject, used))
    return found


def key_authentications(quarter: Quarter, project: Project) -> list[Json]:
    """The same for keys."""
    found = []
    for line in lines(quarter, project):
        for key in _keys(quarter, line):
            resource = f"//iam.googleapis.com/{key['name']}"
            about = {"fullResourceName": resource, "projectNumber": project.number, "serviceAccountId": unique_id(line.email)}
            subject = {"serviceAccountKey": about}
            idle = key.get("disabled") or line.name in UNUSED
            used = None if idle else between(2, 25, "gcp key use", quarter.number, key["name"])
            found.append(_activity(quarter, resource, "serviceAccountKeyLastAuthentication", subject, used))
    return found


def _activity(quarter: Quarter, resource: str, kind: str, subject: Json, used: int | None) -> Json:
    midnight = quarter.collected.replace(hour=7, minute=0, second=0) - timedelta(days=2)
    activity: Json = {} if used is None else {"lastAuthenticatedTime": zulu(midnight - timedelta(days=used))}
    return {
        "activity": activity | subject,
        "activityType": kind,
        "fullResourceName": resource,
        "observationPeriod": {"endTime": zulu(midnight), "startTime": zulu(midnight - timedelta(days=400))},
    }
