"""API keys, storage HMAC keys and the secrets of Secret Manager: names and dates only, no value is in these listings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from generator.chance import guid, hexadecimal, on_day
from generator.company import Quarter
from generator.dress import zulu
from generator.estate import Json
from generator.gcp.account_list import lines
from generator.gcp.places import DATA, NONPROD, PROD, Project

API_KEYS = {
    # project -> (title, restricted to, referrers)
    PROD: (
        ("Maps key of the portal", "maps-backend.googleapis.com", ("https://portal.quillhaven.example/*",)),
        ("Geocoding batch", None, ()),
    ),
    NONPROD: (("Maps key of staging", "maps-backend.googleapis.com", ()),),
    DATA: (),
}

SECRETS = {
    # project -> (name, days between rotations or None)
    PROD: (
        ("carrier-sftp-password", 90),
        ("fcm-legacy-token", None),
        ("fraud-model-signing", 60),
        ("portal-session-pepper", None),
        ("tracking-db", 30),
    ),
    NONPROD: (("carrier-sftp-password-stg", None), ("tracking-db-stg", 90)),
    DATA: (("looker-database", 90), ("etl-vendor-token", None), ("airflow-fernet", None), ("warehouse-db", 30)),
}


def api_keys(project: Project) -> Iterator[Json]:
    """`gcloud services api-keys list`: the key strings themselves are not in it."""
    for title, service, referrers in API_KEYS[project]:
        created = on_day(datetime(2022, 1, 10), datetime(2024, 6, 1), "api key", project.id, title)
        uid = guid("api key", project.id, title)
        entry: Json = {
            "createTime": zulu(created),
            "displayName": title,
            "etag": 'W/"sampleetag=="',
            "name": f"projects/{project.number}/locations/global/keys/{uid}",
            "uid": uid,
            "updateTime": zulu(created),
        }
        restrictions: Json = {"apiTargets": [{"service": service}]} if service else {}
        if referrers:
            restrictions["browserKeyRestrictions"] = {"allowedReferrers": list(referrers)}
        yield entry | {"restrictions": restrictions} if restrictions else entry


def hmac_keys(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud storage hmac list`."""
    found = []
    for line in lines(quarter, project):
        if line.rest(quarter) != "hmac":
            continue
        access = f"GOOG1ESAMPLE{hexadecimal(20, 'hmac', line.email).upper()}"
        created = zulu(on_day(datetime(2023, 1, 1), datetime(2023, 9, 1), "hmac", line.email))
        found.append(
            {
                "accessId": access,
                "etag": "c2FtcGxl",
                "id": f"{project.id}/{access}",
                "kind": "storage#hmacKeyMetadata",
                "projectId": project.id,
                "serviceAccountEmail": line.email,
                "state": "ACTIVE",
                "timeCreated": created,
                "updated": created,
            }
        )
    return found


def secrets(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud secrets list`. Without `rotation` nobody is reminded; a next rotation in the past was missed."""
    found: list[Json] = []
    for name, days in SECRETS[project]:
        created = on_day(datetime(2022, 5, 1), datetime(2025, 3, 1), "gcp secret", project.id, name)
        entry: Json = {
            "createTime": zulu(created),
            "etag": '"162a5sample"',
            "labels": {"environment": project.environment},
            "name": f"projects/{project.number}/secrets/{name}",
            "replication": {"automatic": {}},
        }
        if days:
            due = quarter.collected.replace(hour=3, minute=0) + timedelta(days=days // 3)
            entry["rotation"] = {"nextRotationTime": zulu(due), "rotationPeriod": f"{days * 86400}s"}
            entry["topics"] = [{"name": f"projects/{project.id}/topics/secret-rotation"}]
        found.append(entry)
    return found
