"""A smaller role for each assignment: what it may lose, and what it becomes.

A smaller role keeps whatever is used, likely unused or unknown. Reads are unknown as long as the identity lives, so a wildcard keeps its
reads as a pattern; so it does with what Azure checks silently beside a write, once anything is written, and with what services take at
endpoints of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from scoring.least_privilege.aws.resources import contains, overlap
from scoring.least_privilege.azure.effective import Held, Judge, of_directory, sum_of
from scoring.least_privilege.azure.rights import ELSEWHERE, LINKED, Plane
from scoring.least_privilege.azure.roles import Block, Role
from scoring.least_privilege.azure.verdicts import Verdicts

MANAGEMENT_GROUP = "/providers/microsoft.management/managementgroups/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What becomes of one assignment."""

    held: Held
    before: int
    after: int
    """Empty: it goes."""
    role: Role | None = None
    """The built-in role that takes its place."""
    block: Block | None = None
    """Else the permissions of a custom one."""
    left: str = ""
    """Why it stays as it is; empty where it does not."""


def steps(judge: Judge, held: Sequence[Held], found: Verdicts) -> list[Step]:
    """One per assignment of a role; other grants are not narrowed, as nothing tells of their use."""
    assigned = [one for one in held if one.via == "role" and not of_directory(one)]
    return [_step(judge, one, judge.given(one, held), found) for one in assigned]


def _step(judge: Judge, one: Held, before: int, found: Verdicts) -> Step:
    kept = before & ~found.unused
    same = Step(held=one, before=before, after=before)
    if kept == before:
        return replace(same, left="nothing that it gives is known to be unused")
    role = judge.role(one)
    if reason := _fixed(one, role):
        return replace(same, left=reason)
    if not kept:
        return replace(same, after=0)
    block, builtin = _smaller(judge, role, kept)
    if block is None:
        return replace(same, left="no smaller role could be shown to keep what is used and to add nothing")
    if builtin is not None:
        return replace(same, after=sum_of(judge.rights.block(part) for part in builtin.blocks) & before, role=builtin)
    own = judge.rights.block(block) & before
    if own == before:
        return replace(same, left="nothing that it gives can be told apart from what it must keep")
    if one.place == "/":
        return replace(same, left="a custom role cannot be assigned at the root: assign it per management group")
    if one.place.startswith(MANAGEMENT_GROUP) and block.data_actions:
        return replace(same, left="a custom role with data actions cannot be assigned at a management group: assign it per subscription")
    return replace(same, after=own, block=block)


def _smaller(judge: Judge, role: Role, kept: int) -> tuple[Block | None, Role | None]:
    """The permissions that are left of a role, and the built-in role that gives them, where one does; found out once."""
    key = (role, kept)
    if key not in judge.smaller:
        whole = sum_of(judge.rights.block(block) for block in role.blocks)
        block = narrowed(judge, role.blocks, kept)
        if block is not None and not sound(judge, [block], role.blocks, kept=kept, whole=whole):
            block = None
        own = judge.rights.block(block) & whole if block else 0
        judge.smaller[key] = (block, smallest(judge, role, block, whole=whole, kept=kept, own=own) if block else None)
    return judge.smaller[key]


def _fixed(one: Held, role: Role) -> str:
    if one.group:
        return f"it comes through the group {one.group}: narrowing it would narrow every member"
    if one.conditional:
        return "it carries a condition whose text is not in the evidence: narrow it by hand"
    if role.problem or any(block.condition for block in role.blocks):
        return "its role carries conditions, or its text is not known"
    return ""


def narrowed(judge: Judge, blocks: Sequence[Block], kept: int) -> Block | None:
    """The permissions of a role that gives no more than some blocks and still all of `kept`; None where no one block can say it."""
    if len({(block.not_actions, block.not_data_actions) for block in blocks}) != 1:
        return None
    gone, gone_data = blocks[0].not_actions, blocks[0].not_data_actions
    actions = tuple(
        sorted(dict.fromkeys(part for block in blocks for pattern in block.actions for part in _parts(judge, pattern, block, kept)))
    )
    actions = tuple(part for part in actions if not any(other != part and contains(other.lower(), part.lower()) for other in actions))
    data = tuple(dict.fromkeys(pattern for block in blocks for pattern in block.data_actions))
    return Block(
        actions=actions,
        not_actions=tuple(name for name in gone if any(overlap(name.strip().lower(), part.strip().lower()) for part in actions)),
        data_actions=data,
        not_data_actions=gone_data if data else (),
    )


def _parts(judge: Judge, pattern: str, block: Block, kept: int) -> Iterator[str]:
    """What is left of one pattern."""
    rights, written = judge.rights, pattern.strip()
    low = written.lower()
    found = rights.giving(Plane.CONTROL, low)
    given = found & ~sum_of(rights.matching(Plane.CONTROL, name) for name in block.not_actions)
    if not found or given & ~kept == 0 or low.endswith("/read"):
        yield written
        return
    if "*" not in low:
        return
    chosen = []
    if low.endswith("*"):
        base = written.rstrip("*")
        own = (
            [f"{base}read"] if base.count("/") > 1 and base.endswith("/") else []
        )  # a zone's own read, which `zones/*` gives and no list may name
        chosen = [f"{base}*/read", *own, *(other for other in ELSEWHERE if contains(low, other.lower()))]
        unsaid = given & kept & ~sum_of(rights.giving(Plane.CONTROL, part) for part in chosen)
        linked = (f"{base}*/{verb}/action" for verb in LINKED)
        chosen += [part for part in linked if rights.giving(Plane.CONTROL, part) & unsaid]
    yield from chosen
    rest = given & kept & ~sum_of(rights.giving(Plane.CONTROL, part) for part in chosen)
    yield from (right.name for _, right in rights.members(rest))


def smallest(judge: Judge, role: Role, block: Block, *, whole: int, kept: int, own: int) -> Role | None:
    """The built-in role with the fewest actions that gives all of `block` and nothing beyond `role`; None where a custom one is better.

    A built-in role is preferred as long as it takes away at least half of what the custom one would.
    """
    listed, all_of_it = _listed(judge, kept), _listed(judge, whole)
    possible = (all_of_it & ~own).bit_count()
    for mask, other in judge.built_in:
        if 2 * (all_of_it.bit_count() - mask.bit_count()) < possible or mask == all_of_it:
            return None  # this one and all that follow take away too little
        if listed & ~mask or mask & ~all_of_it or other.role_id == role.role_id:
            continue
        if within([block], other.blocks) and within(other.blocks, role.blocks):
            return other
    return None


def sound(judge: Judge, blocks: Sequence[Block], today: Sequence[Block], *, kept: int, whole: int) -> bool:
    """The laws, checked: nothing beyond today's role, and all of what is kept."""
    mask = sum_of(judge.rights.block(block) for block in blocks)
    return within(blocks, today) and not _listed(judge, mask) & ~whole and not kept & ~mask


def _listed(judge: Judge, mask: int) -> int:
    """Without wildcards that stand for nothing that is listed."""
    return mask & ~judge.rights.patterns


def within(small: Iterable[Block], wide: Iterable[Block]) -> bool:
    """Whether blocks certainly allow nothing that others do not, whatever operations there are: by their patterns alone."""
    outer = [block for block in wide if not block.condition]
    return all(any(_inside(block, other, part) for other in outer) for block in small for part in _allowed(block))


def _allowed(block: Block) -> Iterator[tuple[bool, str]]:
    yield from ((False, pattern.strip().lower()) for pattern in block.actions)
    yield from ((True, pattern.strip().lower()) for pattern in block.data_actions)


def _inside(block: Block, other: Block, part: tuple[bool, str]) -> bool:
    is_data, pattern = part
    mine, theirs = (block.not_data_actions, other.not_data_actions) if is_data else (block.not_actions, other.not_actions)
    removed = [name.strip().lower() for name in mine]
    if any(contains(name, pattern) for name in removed):
        return True
    if not any(contains(name.strip().lower(), pattern) for name in (other.data_actions if is_data else other.actions)):
        return False
    lost = (name.strip().lower() for name in theirs)
    return all(any(contains(own, name) for own in removed) for name in lost if overlap(name, pattern))
