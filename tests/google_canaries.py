"""Exports and stray files of Google Cloud with a secret in every field that may hold one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

PROJECT = "canary-project"
ACCOUNT = f"deploy@{PROJECT}.iam.gserviceaccount.com"
NAMED = f"projects/{PROJECT}/serviceAccounts/{ACCOUNT}"


def exports(planted: Callable[[int], str]) -> dict[str, Any]:
    """Files that are evidence. `planted`: a secret by its number."""
    containers = [
        {
            "image": "shop",
            "args": [f"--password={planted(30)}"],
            "command": ["sh", "-c", planted(31)],
            "env": [{"name": "DB_PASSWORD", "value": planted(32)}, {"name": "NOTE", "value": planted(33)}],
        }
    ]
    task: dict[str, Any] = {"serviceAccountName": ACCOUNT, "containers": containers}
    described = {"namespace": PROJECT, "labels": {"cloud.googleapis.com/location": "europe-west1"}}
    applied = {"kubectl.kubernetes.io/last-applied-configuration": planted(34)}
    made = {
        "accessId": "GOOG1CANARY",
        "projectId": PROJECT,
        "serviceAccountEmail": ACCOUNT,
        "state": "ACTIVE",
        "timeCreated": "2026-01-02T03:04:05Z",
    }
    return {
        "gcp/accounts.json": [{"name": NAMED, "email": ACCOUNT, "projectId": PROJECT, "uniqueId": "101"}],
        "gcp/keys.json": [{"name": f"{NAMED}/keys/0a1b", "keyType": "USER_MANAGED", "validAfterTime": "2026-01-02T03:04:05Z", "privateKeyData": planted(35)}],
        "gcp/hmac.json": {"kind": "storage#hmacKey", "metadata": made, "secret": planted(36)},
        "gcp/api-keys.json": [{"name": f"projects/{PROJECT}/locations/global/keys/k", "uid": "k", "keyString": planted(37)}],
        "gcp/versions.json": [
            {"name": f"projects/{PROJECT}/secrets/db/versions/1", "state": "ENABLED", "createTime": "2026-01-02T03:04:05Z", "payload": {"data": planted(38)}}
        ],
        "gcp/services.json": [
            {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {**described, "name": "shop", "annotations": applied},
             "spec": {"template": {"spec": task}}}
        ],
        "gcp/jobs.json": [
            {"apiVersion": "run.googleapis.com/v1", "kind": "Job", "metadata": {**described, "name": "nightly"},
             "spec": {"template": {"spec": {"template": {"spec": task}}}}}
        ],
        "gcp/functions.json": [
            {"name": f"projects/{PROJECT}/locations/europe-west1/functions/f", "buildConfig": {"environmentVariables": {"NPM_TOKEN": planted(39)}},
             "serviceConfig": {"serviceAccountEmail": ACCOUNT, "environmentVariables": {"API_TOKEN": planted(40)}}}
        ],
        "gcp/instances.json": [
            {"kind": "compute#instance", "name": "vm", "machineType": "e2", "serviceAccounts": [{"email": ACCOUNT}],
             "selfLink": f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/europe-west1-b/instances/vm",
             "metadata": {"items": [{"key": "startup-script", "value": f"export TOKEN={planted(41)}"}]}}
        ],
        "gcp/audit-logs.json": [
            {"insertId": "a1", "logName": f"projects/{PROJECT}/logs/cloudaudit.googleapis.com%2Factivity", "timestamp": "2026-01-02T03:04:05Z",
             "labels": {"note": planted(50)}, "protoPayload": {
                 "@type": "type.googleapis.com/google.cloud.audit.AuditLog", "authenticationInfo": {"principalEmail": ACCOUNT},
                 "authorizationInfo": [{"permission": "secretmanager.versions.add", "granted": True, "resource": planted(51)}],
                 "requestMetadata": {"callerSuppliedUserAgent": planted(52)}, "request": {"payload": {"data": planted(53)}},
                 "response": {"privateKeyData": planted(54)}, "metadata": {"note": planted(55)}, "serviceData": {"note": planted(56)},
                 "status": {"code": 5, "message": planted(57)}}}
        ],
    }  # fmt: skip


def strays(planted: Callable[[int], str]) -> dict[str, Any]:
    """Files that lie about beside the evidence, and are none: a key file, an answer with a value, a token, an error that quotes one."""
    key = f"-----BEGIN PRIVATE KEY-----\n{planted(42)}\n-----END PRIVATE KEY-----\n"  # an example, no key
    return {
        "gcp/deploy-key.json": {"type": "service_account", "project_id": PROJECT, "private_key_id": planted(43), "private_key": key, "client_email": ACCOUNT},
        "gcp/payload.json": {"name": f"projects/{PROJECT}/secrets/db/versions/2", "payload": {"data": planted(44), "dataCrc32c": "1"}},
        "gcp/key-string.json": {"keyString": planted(45)},
        "gcp/token.json": {"access_token": f"ya29.{planted(46)}", "expires_in": 3599, "token_type": "Bearer"},
        "gcp/refused.json": {"error": {"code": 403, "message": planted(47), "details": [{"metadata": {"authorization": f"Bearer {planted(48)}"}}]}},
    }  # fmt: skip
