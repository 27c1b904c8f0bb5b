"""What is dropped from Azure's answers before anything is written: secret values, and what a person did that no question needs.

Pure: a page in, a page without them out. `customKeyIdentifier` stays: it is a certificate's thumbprint.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SECRET_FIELDS = frozenset(
    {
        "accesskey",
        "adminpassword",
        "appsettings",
        "clientsecret",
        "connectionstring",
        "connectionstrings",
        "customdata",
        "definition",
        "globalparameters",
        "hint",
        "machinekey",
        "password",
        "primarykey",
        "protectedsettings",
        "publishingpassword",
        "secondarykey",
        "secret",
        "secrettext",
        "settings",
        "userdata",
    }
)
"""Fields (lower case) whose values are secrets, hold them or may: command lines of extensions, definitions of workflows."""

VALUES = {
    "keyCredentials": {"key"},
    "env": {"value"},
    "environmentVariables": {"value", "secureValue"},
    "secrets": {"value"},
}
"""Lists of named things, and where their records hold the value itself."""

SECRET_DATES = {"created": "created", "updated": "updated", "exp": "expires", "nbf": "notBefore"}
FAR = 253_402_300_800
"""Seconds until the year 10000; beyond it there is no date to print."""

PEOPLE = frozenset({"owners", "principal", "sponsors"})
"""Where people stand in an answer, with more about them than who they are."""

PERSONAL_FIELDS = {"businessPhones", "givenName", "jobTitle", "mobilePhone", "officeLocation", "preferredLanguage", "surname"}

CLAIMS = frozenset(
    {
        "appid",
        "idtyp",
        "http://schemas.microsoft.com/identity/claims/objectidentifier",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    }
)
"""Claims of an event that tell which software acted, or that a person did, as `caller` says too. The others say where and how."""


def clean(page: Any) -> Any:
    """The page without secret values, at any depth."""
    if isinstance(page, list):
        return [clean(value) for value in page]
    if not isinstance(page, Mapping):
        return page
    return {name: _cleaned(name, value) for name, value in page.items() if name.lower() not in SECRET_FIELDS}


def clean_secret(page: Any) -> Any:
    """A list of a vault's secrets as `az keyvault secret list` prints it: the vault's own interface and the management side, which is the one
    that needs no right to data, dress the same facts differently. The provider gives no values here; were it to, they would go.
    """
    return _each(clean(page), _listed_secret)


def _listed_secret(record: Any) -> Any:
    properties = record.get("properties")
    if not isinstance(properties, Mapping) or not isinstance(properties.get("secretUri"), str):
        return _without(record, {"properties"})
    return {
        "id": properties["secretUri"],
        "name": record.get("name"),
        "attributes": _attributes(properties.get("attributes")),
        "contentType": properties.get("contentType"),
        "tags": record.get("tags"),
    }


def _attributes(raw: Any) -> Any:
    """Azure leaves out the end of a secret without one; the command line prints null."""
    if not isinstance(raw, Mapping):
        return raw
    return {"enabled": raw.get("enabled")} | {name: _moment(raw.get(short)) for short, name in SECRET_DATES.items()}


def _moment(seconds: Any) -> Any:
    return datetime.fromtimestamp(seconds, UTC).isoformat() if isinstance(seconds, int) and abs(seconds) < FAR else seconds


def clean_container(page: Any) -> Any:
    """A list of containers without what people noted beside them."""
    return _each(clean(page), lambda record: {**record, "properties": _without(record.get("properties"), {"metadata"})})


def clean_event(page: Any) -> Any:
    """Events of the activity log, without the bodies, addresses and people in them."""
    return _each(clean(page), lambda event: {**_without(event, {"properties", "httpRequest"}), "claims": _claims(event.get("claims"))})


def _cleaned(name: str, value: Any) -> Any:
    if name in VALUES and isinstance(value, list):
        return [clean(_without(record, VALUES[name])) for record in value]
    if name in PEOPLE:
        return clean(
            [_without(person, PERSONAL_FIELDS) for person in value] if isinstance(value, list) else _without(value, PERSONAL_FIELDS)
        )
    if name == "parameters" and isinstance(value, Mapping):  # of an Azure Policy assignment: anything; only the effect is asked about
        return {parameter: clean(given) for parameter, given in value.items() if parameter.lower() == "effect"}
    return clean(value)


def _claims(value: Any) -> Any:
    return {name: claim for name, claim in value.items() if name in CLAIMS} if isinstance(value, Mapping) else None


def _without(record: Any, names: set[str]) -> Any:
    return {name: value for name, value in record.items() if name not in names} if isinstance(record, Mapping) else record


def _each(page: Any, change: Any) -> Any:
    """The page with each of its records changed."""
    records = page.get("value") if isinstance(page, dict) else None
    if not isinstance(records, list):
        return page
    return {**page, "value": [change(record) if isinstance(record, dict) else record for record in records]}
