"""Proposed changes of grants as files that a reviewer can apply: custom roles, gcloud commands, Terraform, and the way back."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scoring.least_privilege.gcp.effective import Binding
from scoring.least_privilege.gcp.grant_use import words
from scoring.least_privilege.gcp.places import Place
from scoring.least_privilege.use import File

ORGANIZATION = "ORGANIZATION_ID"
"""Stands where the evidence does not name the organisation."""
SUPPORT = "gcloud iam list-testable-permissions"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomRole:
    """A role to be made."""

    name: str
    """`batch_editor`."""
    parent: str
    """`projects/p` or `organizations/1`."""
    title: str
    permissions: Sequence[str]

    @property
    def role_id(self) -> str:
        return f"{self.parent}/roles/{self.name}"

    @property
    def where(self) -> str:
        """As gcloud takes the parent."""
        kind, _, parent_id = self.parent.partition("/")
        return f"--{kind.removesuffix('s')}={parent_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One grant that is replaced or taken away."""

    old: Binding
    place: Place | None
    """None: no command is known here that changes its policy."""
    new_role: str | None
    """None: taken away."""
    custom: CustomRole | None


def custom_role_file(role: CustomRole) -> File:
    """The definition that `gcloud iam roles create --file` takes: https://cloud.google.com/iam/docs/creating-custom-roles"""
    lines = [
        f"title: {json.dumps(role.title)}",
        'description: "What was seen in use of that role"',
        "stage: GA",
        "includedPermissions:",
        *(f"- {permission}" for permission in role.permissions),
    ]
    return File(name=f"{role.name}.yaml", text="\n".join(lines) + "\n")


def condition_file(step: Step, number: int) -> File | None:
    """The condition of a grant, as `--condition-from-file` takes it."""
    if step.old.condition is None:
        return None
    return File(name=f"condition-{number}.json", text=json.dumps(json.loads(step.old.condition), indent=2) + "\n")


def apply_file(member: str, steps: Sequence[Step]) -> File:
    """New grants first, then the old ones go: nothing that is kept is missing in between."""
    lines = ["#!/bin/sh", "# Run in this folder. Stops at the first error: what was granted before is then still granted.", "set -eu"]
    customs = [step.custom for step in steps if step.custom]
    if customs:
        lines += ["", f"# Custom roles. A permission that they cannot hold is refused here; {SUPPORT} shows which can be held."]
        lines += [f"gcloud iam roles create {role.name} {role.where} --file={role.name}.yaml" for role in customs]
    adding = [(number, step) for number, step in enumerate(steps, 1) if step.new_role]
    if adding:
        lines += ["", "# The new grants", *(_binding("add", step, number, member, str(step.new_role)) for number, step in adding)]
    lines += ["", "# The old ones"]
    lines += [_binding("remove", step, number, member, step.old.role_id) for number, step in enumerate(steps, 1)]
    return File(name="apply.sh", text="\n".join(lines) + "\n")


def rollback(member: str, steps: Sequence[Step]) -> str:
    """The commands that restore what was."""
    lines = [_binding("add", step, number, member, step.old.role_id) for number, step in enumerate(steps, 1)]
    lines += [_binding("remove", step, number, member, step.new_role) for number, step in enumerate(steps, 1) if step.new_role]
    lines += [f"gcloud iam roles delete {step.custom.name} {step.custom.where}" for step in steps if step.custom]
    return "\n".join(lines)


def _binding(verb: str, step: Step, number: int, member: str, role: str) -> str:
    if step.place is None:
        return f"# By hand, on {step.old.place or 'the place that the source does not name'}: {verb} the grant of {role} to {member}"
    flag = "--condition=None" if step.old.condition is None else f"--condition-from-file=condition-{number}.json"
    return f"{step.place.command(verb)} --member={shlex.quote(member)} --role={role} {flag}"


def terraform_file(member: str, steps: Sequence[Step]) -> File:
    """The same as resources. What grants the old roles stands in other files, or in none: it has to be taken out there."""
    blocks = [f"# Take out what grants these to {member}:\n" + "".join(f"#   {words(step.old)}\n" for step in steps)]
    for number, step in enumerate(steps, 1):
        if step.custom:
            blocks.append(
                _block(
                    f"google_{step.custom.parent.partition('/')[0].removesuffix('s')}_iam_custom_role",
                    step.custom.name,
                    _custom(step.custom),
                )
            )
        if step.new_role and step.place:
            blocks.append(_block(step.place.terraform, _label(member, number), _member(step, step.place, member)))
        elif step.new_role:
            blocks.append(f"{_binding('add', step, number, member, step.new_role)}\n")
    return File(name="grants.tf", text="\n".join(blocks))


def _custom(role: CustomRole) -> Iterator[str]:
    kind, _, parent_id = role.parent.partition("/")
    yield f"  {'project' if kind == 'projects' else 'org_id'} = {_text(parent_id)}"
    yield f"  role_id = {_text(role.name)}"
    yield f"  title = {_text(role.title)}"
    yield '  stage = "GA"'
    yield "  permissions = ["
    yield from (f"    {_text(permission)}," for permission in role.permissions)
    yield "  ]"


def _member(step: Step, place: Place, member: str) -> Iterator[str]:
    for key, value in place.arguments.items():
        yield f"  {key} = {_text(value)}"
    if step.custom:
        kind = step.custom.parent.partition("/")[0].removesuffix("s")
        yield f"  role = google_{kind}_iam_custom_role.{step.custom.name}.name"
    else:
        yield f"  role = {_text(str(step.new_role))}"
    yield f"  member = {_text(member)}"
    if step.old.condition is not None:
        yield "  condition {"
        condition = {"title": "condition", **json.loads(step.old.condition)}
        yield from (f"    {key} = {_text(str(condition[key]))}" for key in ("title", "description", "expression") if key in condition)
        yield "  }"


def _block(kind: str, label: str, lines: Iterable[str]) -> str:
    return f'resource "{kind}" "{label}" {{\n' + "".join(f"{line}\n" for line in lines) + "}\n"


def _label(member: str, number: int) -> str:
    return f"{slug(member.partition(':')[2].partition('@')[0])}_{number}"


def slug(text: str) -> str:
    """Letters, digits and underlines, beginning with a letter."""
    plain = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
    return plain if re.match(r"[A-Za-z]", plain) else f"g_{plain}"


def _text(value: str) -> str:
    """A string of HCL, in which `${` and `%{` begin templates."""
    return json.dumps(value, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
