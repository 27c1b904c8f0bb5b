"""Some audit log entries of a project, as `gcloud logging read` prints them: newest first, no more than the policy insights know of."""

from __future__ import annotations

from datetime import datetime, timedelta

from generator.chance import between, hexadecimal
from generator.company import DOMAIN, Quarter
from generator.dress import zulu
from generator.estate import Json
from generator.gcp import accounts
from generator.gcp.organization import USED
from generator.gcp.places import Project

REFUSED = 7


def entries(quarter: Quarter, project: Project) -> list[Json]:
    """One use of each permission that the insights tell, an attempt that was refused, and a person's."""
    last = _last_authentications(quarter, project)
    found: list[Json] = []
    for (where, name, _), permissions in USED.items():
        if where == project:
            address = project.email(name)
            days = [between(0, 40, "gcp audit log", address, permission) for permission in permissions]
            found += [
                _entry(project, address, each, last[address] - timedelta(days=ago)) for each, ago in zip(permissions, days, strict=True)
            ]
    tiles = project.email("route-tiles")
    found.append(_entry(project, tiles, "storage.objects.delete", last[tiles], refused=True))
    found.append(_entry(project, f"dana.kovacs@{DOMAIN}", "resourcemanager.projects.setIamPolicy", quarter.ago(20)))
    return sorted(found, key=lambda entry: (entry["timestamp"], entry["insertId"]), reverse=True)


def _last_authentications(quarter: Quarter, project: Project) -> dict[str, datetime]:
    """When each account that signed in did so last: no entry of its is younger."""
    told = (
        (each["fullResourceName"], each["activity"].get("lastAuthenticatedTime")) for each in accounts.authentications(quarter, project)
    )
    return {name.rsplit("/", 1)[-1]: datetime.fromisoformat(at.removesuffix("Z")) for name, at in told if at}


def _entry(project: Project, address: str, permission: str, at: datetime, *, refused: bool = False) -> Json:
    service, resource, verb = permission.split(".")
    asked: Json = {"permission": permission, "resource": f"projects/{project.id}", "resourceAttributes": {}}
    return {
        "insertId": hexadecimal(14, "gcp audit log", address, permission),
        "logName": f"projects/{project.id}/logs/cloudaudit.googleapis.com%2F{'data_access' if _reads(verb) else 'activity'}",
        "protoPayload": {
            "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
            "authenticationInfo": {"principalEmail": address},
            "authorizationInfo": [asked if refused else asked | {"granted": True}],
            "methodName": f"{resource}.{verb}",
            "requestMetadata": {"callerIp": "203.0.113.24", "destinationAttributes": {}, "requestAttributes": {}},
            "resourceName": f"projects/{project.id}",
            "serviceName": "cloudresourcemanager.googleapis.com" if service == "resourcemanager" else f"{service}.googleapis.com",
            "status": {"code": REFUSED, "message": f"Permission '{permission}' denied"} if refused else {},
        },
        "receiveTimestamp": zulu(at + timedelta(seconds=1)),
        "resource": {"labels": {"project_id": project.id}, "type": "audited_resource"},
        "severity": "ERROR" if refused else "INFO" if _reads(verb) else "NOTICE",
        "timestamp": zulu(at),
    }


def _reads(verb: str) -> bool:
    return verb.startswith(("get", "list"))
