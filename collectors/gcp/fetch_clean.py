"""Takes secret values out of answers before anything is written. Names stay: what is read from them is that something is there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


def without_values(page: Any) -> Any:
    """The page without what may be secret: values of variables and of metadata, arguments, key material, signed addresses.

    The value of a variable becomes null: there was one, and it was not kept. References to a secret manager stay.
    """
    if isinstance(page, list):
        return [without_values(one) for one in page]
    if not isinstance(page, dict):
        return page
    dropped = DROPPED | {"secret"} if HMAC_KEY & page.keys() else DROPPED
    return {name: _field(name, value) for name, value in page.items() if name not in dropped}


def _field(name: str, value: Any) -> Any:
    return CLEANED.get(name, without_values)(value)


def _variables(value: Any) -> Any:
    """`env` of a container: [{name, value | valueFrom}]."""
    if not isinstance(value, list):
        return None
    return [{key: None if key == "value" else held for key, held in one.items()} for one in value if isinstance(one, dict)]


def _names(value: Any) -> Any:
    """Variables of a function: {name: value}."""
    return dict.fromkeys(value) if isinstance(value, dict) else None  # of another shape: nobody knows what is in it


def _metadata(value: Any) -> Any:
    """Metadata of an instance, {items: [{key, value}]}: start-up scripts, SSH keys, tokens. Other `metadata` is left."""
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return without_values(value)
    return {**without_values(value), "items": [{"key": one.get("key")} for one in value["items"] if isinstance(one, dict)]}


def _annotations(value: Any) -> Any:
    """kubectl keeps the whole object, variables and all, in an annotation."""
    if not isinstance(value, dict):
        return without_values(value)
    return {name: held for name, held in value.items() if not name.endswith("/last-applied-configuration")}


def _as_they_are(value: Any) -> Any:
    """Names of labels are anyone's choice: one may be called `env`."""
    return value


CLEANED: Mapping[str, Callable[[Any], Any]] = {
    "env": _variables,
    "environmentVariables": _names,
    "buildEnvironmentVariables": _names,
    "metadata": _metadata,
    "annotations": _annotations,
    "labels": _as_they_are,
}
"""Field -> what is left of it."""

DROPPED = frozenset(
    {"args", "command", "keyString", "privateKeyData", "privateKey", "clientSecret", "payload", "sourceUploadUrl", "uploadUrl", "rawKey"}
)
"""Fields that carry a value, or may. `secret` is not one: with Google it is the name of a secret, but for that of an HMAC key."""

HMAC_KEY = {"accessId"}
"""What tells one: its listing holds no secret, the answer to its creation does."""
