"""What of an answer is kept: the fields that are read, and of variables what tells whether they hold a credential, never their values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from collectors.aws.certificates import PEM
from collectors.aws.environment import dropped

Fingerprint = Callable[[str], str]

FUNCTION = ("FunctionName", "FunctionArn", "Runtime", "Role", "LastModified", "PackageType", "Tags")
TASK = ("taskDefinitionArn", "family", "revision", "status", "taskRoleArn", "executionRoleArn", "tags")
CONTAINER = ("name", "image", "secrets", "environmentFiles")
INSTANCE = ("InstanceId", "InstanceType", "LaunchTime", "State", "Placement", "IamInstanceProfile", "MetadataOptions", "Tags")
PARAMETER = ("Name", "ARN", "Type", "KeyId", "LastModifiedDate", "Version", "Tier")
CERTIFICATE = ("UserName", "CertificateId", "Status", "UploadDate")
SUBJECT = ("subjectArn", "subjectId", "enabled", "x509Subject", "lastSeenAt", "createdAt", "updatedAt")
SUBJECT_CERTIFICATE = ("serialNumber", "issuer", "enabled", "seenAt", "failed")
PROVIDER = (
    "name",
    "credentialProviderArn",
    "credentialProviderVendor",
    "apiKeySecretArn",
    "clientSecretArn",
    "createdTime",
    "lastUpdatedTime",
)
ANCHOR = ("trustAnchorId", "trustAnchorArn", "name", "enabled", "createdAt", "updatedAt")


def functions(page: Any, fingerprint: Fingerprint) -> Any:
    """list-functions."""
    return {**page, "Functions": [_function(raw, fingerprint) for raw in page.get("Functions") or []]}


def _function(raw: Mapping[str, Any], fingerprint: Fingerprint) -> dict[str, Any]:
    kept = _only(raw, FUNCTION)
    held = raw.get("Environment")
    if held is None:
        return kept
    environment: dict[str, Any] = {}
    if held.get("Variables") is not None:
        environment["Variables"] = {name: dropped(name, str(value), fingerprint) for name, value in held["Variables"].items()}
    if held.get("Error"):
        environment["Error"] = {"ErrorCode": str(held["Error"].get("ErrorCode"))}
    return {**kept, "Environment": environment}


def task(page: Any, fingerprint: Fingerprint) -> Any:
    """describe-task-definition. Commands, options of log drivers and labels go too: they may hold anything."""
    raw = page["taskDefinition"]
    containers = [
        {
            **_only(container, CONTAINER),
            "environment": [_variable(variable, fingerprint) for variable in container.get("environment") or []],
        }
        for container in raw.get("containerDefinitions") or []
    ]
    return {
        "taskDefinition": {**_only(raw, TASK), "containerDefinitions": containers},
        **({"tags": page["tags"]} if "tags" in page else {}),
    }


def _variable(raw: Mapping[str, Any], fingerprint: Fingerprint) -> dict[str, Any]:
    value = raw.get("value")
    return {"name": raw["name"], **({} if value is None else {"value": dropped(raw["name"], str(value), fingerprint)})}


def instances(page: Any) -> Any:
    """describe-instances."""
    reservations = [
        {"OwnerId": raw.get("OwnerId"), "Instances": [_only(instance, INSTANCE) for instance in raw.get("Instances") or []]}
        for raw in page.get("Reservations") or []
    ]
    return {**page, "Reservations": reservations}


def secrets(page: Any) -> Any:
    """list-secrets: without the descriptions that people wrote."""
    return {**page, "SecretList": [{name: value for name, value in raw.items() if name != "Description"} for raw in page["SecretList"]]}


def parameters(page: Any) -> Any:
    """describe-parameters."""
    return {**page, "Parameters": [_only(raw, PARAMETER) for raw in page["Parameters"]]}


def certificates(page: Any) -> Any:
    """list-signing-certificates: without the certificates."""
    return {**page, "Certificates": [_only(raw, CERTIFICATE) for raw in page.get("Certificates") or []]}


def anchors(page: Any) -> Any:
    """list-trust-anchors: where the certificates come from, not the certificates."""
    kept = [{**_only(raw, ANCHOR), "source": {"sourceType": (raw.get("source") or {}).get("sourceType")}} for raw in page["trustAnchors"]]
    return {**page, "trustAnchors": kept}


def subject(page: Any) -> Any:
    """get-subject: of its certificates all but what is none, without what instances say of themselves."""
    raw = page["subject"]
    return {"subject": {**_only(raw, SUBJECT), "credentials": [_subject_certificate(held) for held in raw.get("credentials") or []]}}


def _subject_certificate(raw: Mapping[str, Any]) -> dict[str, Any]:
    found = PEM.search(str(raw.get("x509CertificateData")))
    return {**_only(raw, SUBJECT_CERTIFICATE), **({"x509CertificateData": found[0]} if found else {})}


def provider(page: Any) -> Any:
    """get-oauth2-credential-provider and its like: where the secret rests; addresses, claims and client ids go."""
    return _only(page, PROVIDER)


def _only(raw: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: raw[name] for name in names if name in raw}
