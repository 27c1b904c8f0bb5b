"""What stays: the public words of vocabulary.toml and sentences.txt, and the catalogues that scoring judges by. Reads data, decides nothing."""

from __future__ import annotations

import inspect
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from inventory import model
from scoring.least_privilege.aws.catalogue import standard as aws_actions
from scoring.least_privilege.azure.entra import standard as entra_permissions
from scoring.least_privilege.azure.privilege import DIRECTORY
from scoring.least_privilege.azure.roles import standard as azure_roles
from scoring.least_privilege.gcp.roles import standard as gcp_roles
from scoring.vendors import aws_vendors


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything is lower case, but for sentences, titles and kinds, which stay only as they are written here."""

    words: frozenset[str]
    conditions: frozenset[str]
    kinds: frozenset[str]
    environments: frozenset[str]
    titles: frozenset[str]
    sentences: frozenset[str]
    hosts: frozenset[str]
    regions: frozenset[str]
    arn_types: frozenset[str]
    google_projects: frozenset[str]
    aws_services: frozenset[str]
    """First parts of actions and of service principals."""
    gcp_services: frozenset[str]
    aws_actions: frozenset[str]
    """`s3:getobject`."""
    permissions: frozenset[str]
    """GCP's."""
    roles: frozenset[str]
    """Ids of GCP's predefined roles, names of Azure's and Entra's."""
    scopes: frozenset[str]
    """Parts of the permissions of Microsoft's APIs: `user`, `readwrite`, `all`."""
    guids: frozenset[str]
    """Ids of Azure's and Entra's built-in roles and of the permissions of Microsoft's APIs."""
    vendors: frozenset[str]
    """AWS account numbers that vendors publish as theirs."""


@cache
def standard() -> Vocabulary:
    """The vocabulary that comes with the product."""
    told = {name: text.split() for name, text in tomllib.loads(_file("vocabulary.toml")).items()}
    actions, gcp, azure, entra = aws_actions().actions, gcp_roles(), azure_roles(), entra_permissions()
    lines = (line for line in _file("sentences.txt").splitlines() if not line.startswith("#"))
    return Vocabulary(
        words=_low(told["words"], told["idle"], (region for region in told["regions"] if "-" not in region)),
        conditions=_low(told["conditions"]),
        kinds=frozenset(told["kinds"]) | _enumerated(),
        environments=_low(told["environments"]),
        titles=frozenset(told["titles"]),
        sentences=frozenset(" ".join(lines).split()),
        hosts=_low(told["hosts"]),
        regions=_low(told["regions"]),
        arn_types=_low(told["arn_types"]),
        google_projects=_low(told["google_projects"]),
        aws_services=_low((key.partition(":")[0] for key in actions), told["aws_services"]),
        gcp_services=_low(name.partition(".")[0] for name in gcp.names),
        aws_actions=_low(actions),
        permissions=_low(gcp.names),
        roles=_low(gcp.ids, (role.name for role in azure.by_id.values()), DIRECTORY.values()),
        scopes=_low(told["scopes"], *(one.name.split(".") for one in entra.by_id.values())),
        guids=_low(azure.by_id, entra.by_id, DIRECTORY),
        vendors=frozenset(aws_vendors()),
    )


def _file(name: str) -> str:
    return (files("reports.redaction") / name).read_text(encoding="utf-8")


def _low(*lists: object) -> frozenset[str]:
    return frozenset(word.lower() for words in lists for word in words)  # type: ignore[attr-defined]


def _enumerated() -> frozenset[str]:
    """Every value of every enumeration of the model."""
    enums = [found for _, found in inspect.getmembers(model, inspect.isclass) if issubclass(found, StrEnum) and found is not StrEnum]
    return frozenset(str(value) for found in enums for value in found)
