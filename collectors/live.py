"""The providers that can be asked live: their plans, what they would ask, and what they must be allowed. Loaded when they are wanted."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from collectors.collecting import CallFailed, Plan
from collectors.document import fingerprint_of

Given = Mapping[str, Any]
"""Options by their name on the command line; None, False and empty ones were not given."""


class LiveError(Exception):
    """The collection cannot begin; `option` is the one that is wrong."""

    def __init__(self, message: str, option: str | None = None) -> None:
        super().__init__(message)
        self.option = option


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One provider."""

    fetch: str
    """Module with `plan(options)` and the class of its options."""
    options: str
    arguments: Callable[[Given, bytes], dict[str, Any]]
    """The options' fields from what was given, and the workspace's key."""
    takes: tuple[str, ...]
    operations: str
    """Module with OPERATIONS: all that may be asked."""
    permissions: Mapping[str, tuple[str, str]]
    """File below docs/permissions -> module and function that makes it."""
    loggers: tuple[str, ...] = ()
    """Loggers of its clients that tell in a page what the failure of the call tells in a line: the door silences them."""


def _aws(given: Given, key: bytes) -> dict[str, Any]:
    from collectors.aws.fetch import roles_in  # noqa: PLC0415  only who collects needs it

    roles: tuple[str, ...] = ()
    if given.get("roles"):
        try:
            roles = roles_in(Path(given["roles"]).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise LiveError(f"{given['roles']}: cannot be read ({type(error).__name__})", "--roles") from error
        if not roles:
            raise LiveError(f"{given['roles']}: names no role; write one ARN a line", "--roles")
    return {
        "profile": given.get("profile"),
        "regions": tuple(given.get("region") or ()),
        "roles": roles,
        "usage": not given.get("no_usage"),
        "fingerprint": partial(fingerprint_of, key=key),
    }


def _gcp(given: Given, _key: bytes) -> dict[str, Any]:
    return {"projects": tuple(given.get("project") or ()), "organization": given.get("organization")}


def _azure(given: Given, _key: bytes) -> dict[str, Any]:
    return {"subscriptions": tuple(given.get("subscription") or ()), "tenant": given.get("tenant")}


PROVIDERS: Mapping[str, Provider] = {
    "aws": Provider(
        fetch="collectors.aws.fetch",
        options="AwsOptions",
        arguments=_aws,
        takes=("profile", "region", "roles", "no_usage"),
        operations="collectors.aws.operations",
        permissions={"aws-policy.json": ("collectors.aws.permissions", "policy_text")},
    ),
    "gcp": Provider(
        fetch="collectors.gcp.fetch",
        options="GcpOptions",
        arguments=_gcp,
        takes=("project", "organization"),
        operations="collectors.gcp.fetch_operations",
        permissions={
            "gcp-role.yaml": ("collectors.gcp.fetch_permissions", "project_role"),
            "gcp-role-organization.yaml": ("collectors.gcp.fetch_permissions", "organization_role"),
        },
    ),
    "azure": Provider(
        fetch="collectors.azure.fetch",
        options="AzureOptions",
        arguments=_azure,
        takes=("subscription", "tenant"),
        operations="collectors.azure.operations",
        permissions={
            "azure-role.json": ("collectors.azure.permissions", "role"),
            "graph-permissions.md": ("collectors.azure.permissions", "graph_page"),
        },
        loggers=("azure.identity",),
    ),
}


def plan_of(name: str, given: Given, key: bytes) -> Plan:
    """The plan of a provider. Asks nothing. Raises LiveError."""
    provider = _provider(name)
    for option, value in given.items():
        if value and option not in provider.takes:
            raise LiveError(f"is not for {name}; it takes {', '.join(map(_flag, provider.takes))}", _flag(option))
    module = _loaded(name, provider.fetch)
    try:
        made: Plan = module.plan(getattr(module, provider.options)(**provider.arguments(given, key)))
    except (ValueError, CallFailed) as error:
        raise LiveError(str(error)) from error
    except ImportError as error:
        raise LiveError(f"{name} cannot be asked by this installation ({error.name} is not there)", "SOURCE") from error
    return made


def loggers(name: str) -> tuple[str, ...]:
    """Loggers to silence while the provider is asked. Raises LiveError."""
    return _provider(name).loggers


def questions(name: str) -> list[dict[str, str]]:
    """Everything that may be asked: operation, command, and how often (per account, region or object)."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for operation in _loaded(name, _provider(name).operations).OPERATIONS:
        scope = str(getattr(operation, "reach", ""))
        found.setdefault((operation.name, operation.command), {"operation": operation.name, "command": operation.command, "scope": scope})
    return list(found.values())


def permissions(name: str) -> dict[str, str]:
    """The least that must be allowed, as the files of docs/permissions."""
    return {file: _text(getattr(_loaded(name, module), function)()) for file, (module, function) in _provider(name).permissions.items()}


def _text(made: Any) -> str:
    return made if isinstance(made, str) else json.dumps(made, indent=2) + "\n"


def _flag(option: str) -> str:
    return f"--{option.replace('_', '-')}"


def _provider(name: str) -> Provider:
    if name not in PROVIDERS:
        raise LiveError(f"{name!r} cannot be asked live; say one of {', '.join(PROVIDERS)}", "SOURCE")
    return PROVIDERS[name]


def _loaded(name: str, module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise LiveError(f"{name} cannot be asked by this installation ({error.name} is not there)", "SOURCE") from error
