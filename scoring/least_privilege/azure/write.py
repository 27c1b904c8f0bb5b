"""Proposals in Azure's own formats: role definitions as JSON, commands of the CLI, Terraform.

https://learn.microsoft.com/azure/role-based-access-control/custom-roles-cli, azurerm_role_definition, azurerm_role_assignment
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scoring.least_privilege.azure.effective import Held
from scoring.least_privilege.azure.narrow import MANAGEMENT_GROUP, Step
from scoring.least_privilege.azure.roles import Block
from scoring.least_privilege.use import File

LISTS = ("Actions", "NotActions", "DataActions", "NotDataActions")
NAME_LIMIT = 512
"""Of a custom role. https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties"""


PARTS_OF_EVERY_PLACE = frozenset({"subscriptions", "resourcegroups", "providers", "microsoft.management", "managementgroups"})


class Names(NamedTuple):
    """Who a proposal is for."""

    object_id: str
    name: str

    def role(self, held: Held) -> str:
        """Name of the custom role that takes the place of an assignment: no two in a tenant may be called alike."""
        words = (f"{held.name or held.role_id} for {self.name}", f"({self.object_id[:8]}) on", *_telling(held.place))
        return " ".join(words)[:NAME_LIMIT]


def _telling(place: str) -> list[str]:
    """The parts of a place that tell it from others: `<subscription> rg`."""
    return [part for part in place.split("/") if part and part not in PARTS_OF_EVERY_PLACE]


def role_text(blocks: Iterable[Block]) -> str:
    """The permissions of a role as lines to read and to compare."""
    lines = []
    for block in blocks:
        for word, patterns in zip(LISTS, _lists(block), strict=True):
            lines += [f"{word}: {pattern}" for pattern in patterns]
        lines += [f"Condition: {block.condition}"] if block.condition else []
    return "\n".join(lines)


def _lists(block: Block) -> tuple[tuple[str, ...], ...]:
    return (block.actions, block.not_actions, block.data_actions, block.not_data_actions)


def apply_files(names: Names, steps: Sequence[Step]) -> Iterator[File]:
    """Role definitions, the commands that use them, and the same as Terraform."""
    custom = [(number, step) for number, step in enumerate(steps, 1) if step.block]
    for number, step in custom:
        yield File(name=_role_file(number), text=json.dumps(definition(names, step), indent=2) + "\n")
    yield File(name="apply.sh", text=_script(_apply(names, steps)))
    yield File(name="main.tf", text="\n".join(_terraform(names, number, step) for number, step in enumerate(steps, 1) if step.after))


def definition(names: Names, step: Step) -> dict[str, object]:
    """A custom role as `az role definition create --role-definition` reads it."""
    block = step.block or Block()
    return {
        "Name": names.role(step.held),
        "IsCustom": True,
        "Description": f"{step.held.name or step.held.role_id} without what {names.name} was not seen to use.",
        **{word: list(patterns) for word, patterns in zip(LISTS, _lists(block), strict=True)},
        "AssignableScopes": [assignable(step.held.place)],
    }


def assignable(place: str) -> str:
    """Where a custom role may be offered: a management group, a subscription or a resource group, never one resource."""
    if place.startswith(MANAGEMENT_GROUP):
        return place
    return "/".join(place.split("/")[:5]) if "/resourcegroups/" in place else "/".join(place.split("/")[:3])


def _role_file(number: int) -> str:
    return f"role-{number}.json"


def _script(lines: Iterable[str]) -> str:
    return (
        "\n".join(["#!/bin/sh", "# Read it before you run it: the new assignment comes first, the old one goes last.", "set -eu", *lines])
        + "\n"
    )


def _apply(names: Names, steps: Sequence[Step]) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        if step.block:
            yield f"az role definition create --role-definition @{_role_file(number)}"
        if new := new_role(names, step):
            yield assign(names, new, step.held.place)
    for step in steps:
        yield unassign(names, step.held.role_id, step.held.place)


def new_role(names: Names, step: Step) -> str | None:
    """The role that takes the place of an assignment, as the CLI knows it; None: it goes."""
    if step.role:
        return step.role.role_id
    return names.role(step.held) if step.block else None


def assign(names: Names, role: str, place: str) -> str:
    """The command that gives a role. With the object id and its type no directory is asked, and a new principal is found at once."""
    return _command(
        "az role assignment create", "--assignee-object-id", names.object_id, "--assignee-principal-type", "ServicePrincipal",
        "--role", role, "--scope", place,
    )  # fmt: skip


def unassign(names: Names, role: str, place: str) -> str:
    """The command that takes a role away on one place."""
    return _command("az role assignment delete", "--assignee", names.object_id, "--role", role, "--scope", place)


def _command(words: str, *arguments: str) -> str:
    return " ".join([words, *map(shlex.quote, arguments)])


def disable_files(names: Names) -> Iterator[File]:
    """A service principal that is switched off gets no tokens; everything that it holds stays for the way back."""
    yield File(name="apply.sh", text="#!/bin/sh\nset -eu\n" + _switch(names, on=False) + "\n")
    yield File(name="main.tf", text=_terraform_off(names))


def _switch(names: Names, *, on: bool) -> str:
    return _command("az ad sp update", "--id", names.object_id, "--set", f"accountEnabled={str(on).lower()}")


def rollback(names: Names, steps: Sequence[Step], *, off: bool) -> str:
    """Commands that restore what was, in order: the old assignment comes first."""
    if off:
        return _switch(names, on=True)
    lines = [assign(names, step.held.role_id, step.held.place) for step in steps]
    for step in steps:
        if new := new_role(names, step):
            lines.append(unassign(names, new, step.held.place))
        if step.block:
            lines.append(_command("az role definition delete", "--name", names.role(step.held), "--scope", assignable(step.held.place)))
    return "\n".join(lines)


def _label(names: Names, number: int) -> str:
    return f"{re.sub(r'[^a-z0-9]+', '_', names.name.lower()).strip('_') or 'identity'}_{number}"


def _terraform(names: Names, number: int, step: Step) -> str:
    label, place = _label(names, number), _text(step.held.place)
    role = f"role_definition_id = azurerm_role_definition.{label}.role_definition_resource_id"
    if step.role:
        role = f"role_definition_name = {_text(step.role.name)}"
    assignment = (
        f'resource "azurerm_role_assignment" "{label}" {{\n  scope = {place}\n  {role}\n'
        f'  principal_id = {_text(names.object_id)}\n  principal_type = "ServicePrincipal"\n}}\n'
    )
    return assignment if not step.block else _terraform_role(names, label, step, step.block) + "\n" + assignment


def _terraform_role(names: Names, label: str, step: Step, block: Block) -> str:
    where = _text(assignable(step.held.place))
    lists = zip(("actions", "not_actions", "data_actions", "not_data_actions"), _lists(block), strict=True)
    inner = "\n".join(f"    {word} = [{', '.join(map(_text, patterns))}]" for word, patterns in lists if patterns)
    return (
        f'resource "azurerm_role_definition" "{label}" {{\n  name = {_text(names.role(step.held))}\n  scope = {where}\n'
        f"  permissions {{\n{inner}\n  }}\n  assignable_scopes = [{where}]\n}}\n"
    )


def _terraform_off(names: Names) -> str:
    return (
        f"# {' '.join(names.name.split())} is not disabled by a resource of its own: set this where azuread_service_principal manages it\n"
        f"# (object id {names.object_id}).\n"
        "# account_enabled = false\n"
    )


def _text(value: str) -> str:
    """A string of Terraform: `${` and `%{` would begin a template."""
    return json.dumps(value).replace("${", "$${").replace("%{", "%%{")
