"""A proposal as files that can be applied: policy JSON, Terraform, and the commands that do it and undo it."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Iterator, Sequence

from scoring.least_privilege.aws.propose_policies import New, Place, Replacement
from scoring.least_privilege.aws.propose_statements import Json, pretty
from scoring.least_privilege.use import Change, File

DENY_ALL = "AWSDenyAll"
"""Name of the inline policy that switches an identity off."""
DENIAL: Json = {"Version": "2012-10-17", "Statement": [{"Sid": DENY_ALL, "Effect": "Deny", "Action": "*", "Resource": "*"}]}


def file_name(name: str) -> str:
    """A policy's name as a file name."""
    return re.sub(r"[^\w+=,.@-]", "_", name)


def of_replacements(replaced: Sequence[Replacement], place: Place) -> tuple[list[Change], list[File], str]:
    """What changes, the files, and how to go back."""
    changes = [change for one in replaced for change in _changes(one, place)]
    files = [File(name=f"policy-{file_name(new.name)}.json", text=pretty(new.text)) for one in replaced for new in one.new]
    files += [File(name=_before(one), text=pretty(one.before)) for one in replaced if one.old.via == "inline"]
    files.append(File(name="main.tf", text=_terraform(replaced, place)))
    files.append(File(name="apply.sh", text=_script("Applies the proposal", list(_apply(replaced, place)))))
    return changes, files, "\n".join(_undo(replaced, place)) + "\n"


def of_denial(place: Place) -> tuple[list[Change], list[File], str]:
    """The same for an identity that is switched off."""
    title = f"new inline policy {DENY_ALL} of {place.kind} {place.name}"
    new = New(name=DENY_ALL, text=DENIAL, inline=True, in_place=False)
    files = [
        File(name=f"policy-{DENY_ALL}.json", text=pretty(DENIAL)),
        File(name="main.tf", text="\n".join(_resource(new, place)) + "\n"),
        File(name="apply.sh", text=_script("Switches the identity off", [_put(new, place, f"policy-{DENY_ALL}.json")])),
    ]
    undo = _command(f"delete-{place.kind}-policy", place, "--policy-name", DENY_ALL)
    return [Change(title=title, before="", after=pretty(DENIAL))], files, undo + "\n"


def _before(one: Replacement) -> str:
    """File that keeps an inline policy: no other place does."""
    return f"before-{file_name(one.old.name)}.json"


def _changes(one: Replacement, place: Place) -> Iterator[Change]:
    """The old policy against what takes its place."""
    title = f"{one.old.title} of {place.kind} {place.name}" if not one.old.group else f"{one.old.title}, for {place.kind} {place.name}"
    if one.direct:
        yield Change(title=f"{title}: attached to it directly, unchanged", before=pretty(one.before), after=pretty(one.before))
        return
    if one.new and not one.new[0].in_place:
        title += ": detached, in its stead " + " and ".join(f"managed policy {new.name}" for new in one.new)
    merged = {**one.before, "Statement": [statement for new in one.new for statement in new.text["Statement"]]}
    yield Change(title=title, before=pretty(one.before), after=pretty(merged) if one.new else "")


def unified(change: Change) -> str:
    """The change as a diff that people read."""
    lines = difflib.unified_diff(change.before.splitlines(keepends=True), change.after.splitlines(keepends=True), "today", "proposed", n=2)
    return "".join(lines)


def _terraform(replaced: Sequence[Replacement], place: Place) -> str:
    lines = []
    for one in replaced:
        if one.direct:
            lines += [*_attachment(place, _label(place, one.old.name), f'"{one.old.policy_id}"'), ""]
        elif not (one.new and one.new[0].in_place):
            lines.append(
                f"# Take away where it stands today: {' '.join(one.old.title.split())}" + ("" if one.new else "; nothing of it is used")
            )
        for new in one.new:
            lines += _resource(new, place)
            lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _resource(new: New, place: Place) -> list[str]:
    label = _label(place, new.name)
    text = ["  policy = <<-JSON", *(f"    {_escaped(line)}" for line in pretty(new.text).splitlines()), "  JSON"]
    if new.inline:
        kind = f"aws_iam_{place.kind}_policy"
        found = []
        if new.in_place:
            found = ["import {", f"  to = {kind}.{label}", f'  id = "{_escaped(place.name)}:{_escaped(new.name)}"', "}", ""]
        return [
            *found,
            f'resource "{kind}" "{label}" {{',
            f'  name = "{_escaped(new.name)}"',
            f'  {place.kind} = "{_escaped(place.name)}"',
            *text,
            "}",
        ]
    return [
        f'resource "aws_iam_policy" "{label}" {{',
        f'  name = "{_escaped(new.name)}"',
        *text,
        "}",
        "",
        *_attachment(place, label, f"aws_iam_policy.{label}.arn"),
    ]


def _attachment(place: Place, label: str, arn: str) -> list[str]:
    return [
        f'resource "aws_iam_{place.kind}_policy_attachment" "{label}" {{',
        f'  {place.kind} = "{_escaped(place.name)}"',
        f"  policy_arn = {arn}",
        "}",
    ]


def _label(place: Place, name: str) -> str:
    """Terraform's name of a resource."""
    label = re.sub(r"\W", "_", f"{place.name}_{name}")
    return label if label[0].isalpha() or label[0] == "_" else f"_{label}"


def _escaped(text: str) -> str:
    """Text in which Terraform finds nothing to replace: policy variables look like its own."""
    return text.replace("${", "$${").replace("%{", "%%{")


def _script(purpose: str, commands: Sequence[str]) -> str:
    return f"#!/bin/sh\n# {purpose}. Read it first; ROLLBACK.md says how to go back.\nset -eu\n" + "".join(f"{line}\n" for line in commands)


def _command(operation: str, place: Place, *words: str) -> str:
    return " ".join(["aws iam", operation, f"--{place.kind}-name", shlex.quote(place.name), *map(shlex.quote, words)])


def _put(new: New, place: Place, file: str) -> str:
    return _command(f"put-{place.kind}-policy", place, "--policy-name", new.name, "--policy-document", f"file://{file}")


def _arn(place: Place, name: str) -> str:
    return f"arn:{place.partition}:iam::{place.account}:policy/{name}"


def _apply(replaced: Sequence[Replacement], place: Place) -> Iterator[str]:
    """First what is new is written, then what is old is taken away."""
    for new in (new for one in replaced for new in one.new):
        file = f"policy-{file_name(new.name)}.json"
        if new.inline:
            yield _put(new, place, file)
            continue
        yield f"aws iam create-policy --policy-name {shlex.quote(new.name)} --policy-document {shlex.quote(f'file://{file}')}"
        yield _command(f"attach-{place.kind}-policy", place, "--policy-arn", _arn(place, new.name))
    yield from (_command(f"attach-{place.kind}-policy", place, "--policy-arn", str(one.old.policy_id)) for one in replaced if one.direct)
    for group in dict.fromkeys(one.old.group for one in replaced if one.old.group):
        yield _command("remove-user-from-group", place, "--group-name", group)
    for one in replaced:
        if one.old.via == "managed":
            yield _command(f"detach-{place.kind}-policy", place, "--policy-arn", str(one.old.policy_id))
        elif one.old.via == "inline" and not (one.new and one.new[0].in_place):
            yield _command(f"delete-{place.kind}-policy", place, "--policy-name", one.old.name)


def _undo(replaced: Sequence[Replacement], place: Place) -> Iterator[str]:
    """The way back: first what was is put back, then what was new is taken away."""
    for one in replaced:
        if one.old.via == "managed":
            yield _command(f"attach-{place.kind}-policy", place, "--policy-arn", str(one.old.policy_id))
        elif one.old.via == "inline":
            old = New(name=one.old.name, text=one.before, inline=True, in_place=True)
            yield _put(old, place, _before(one))
    for group in dict.fromkeys(one.old.group for one in replaced if one.old.group):
        yield _command("add-user-to-group", place, "--group-name", group)
    yield from (_command(f"detach-{place.kind}-policy", place, "--policy-arn", str(one.old.policy_id)) for one in replaced if one.direct)
    for new in (new for one in replaced for new in one.new if not new.in_place):
        yield _command(f"detach-{place.kind}-policy", place, "--policy-arn", _arn(place, new.name))
        yield f"aws iam delete-policy --policy-arn {shlex.quote(_arn(place, new.name))}"
