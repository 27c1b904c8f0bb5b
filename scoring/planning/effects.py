"""What each move would mend, as the engine shows it: one run a kind of move over all of its candidates, which hardly touch each other.

What they do to each other anyway is found when the choice is verified.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from inventory.database import Database
from scoring.planning.choose import Need, Problem, Recipe
from scoring.planning.moves import Candidate
from scoring.planning.target import Target
from scoring.planning.worlds import Path, Paths, Worlds

Progress = Callable[[str, int, int], None]
"""Told what runs, how many runs are done and how many are foreseen."""


def upstream(database: Database) -> Mapping[str, frozenset[str]]:
    """Node -> every identity and account above it, over any number of steps. A node of a cycle stands above itself."""
    above: dict[str, set[str]] = defaultdict(set)
    for row in database.rows("SELECT node, upstream FROM work.edge"):
        above[row["node"]].add(row["upstream"])
    closure: dict[str, frozenset[str]] = {}
    for node in above:
        seen, ahead = set[str](), [*above[node]]
        while ahead:
            one = ahead.pop()
            if one not in seen:
                seen.add(one)
                ahead += above.get(one, ())
        closure[node] = frozenset(seen)
    return closure


def needs_of(worlds: Worlds, paths: Paths, target: Target) -> list[Need]:
    """Paths of the group below the stage, and what holds each down."""
    above = upstream(worlds.base)
    own: dict[str, list[Path]] = defaultdict(list)
    for path in paths.values():
        if path.mechanism != "chain" and path.subject_kind == "identity":
            own[path.subject_id].append(path)
    # An account of which not all principals are known may hold any; nothing mends that.
    unknown = {row["node"] for row in worlds.base.rows("SELECT node, lo FROM work.own_path WHERE node LIKE 'account:%'")}
    needs = []
    for path in target.inside(paths.values()):
        if path.lo < target.stage:
            nodes = above.get(path.subject_id, frozenset()) if path.mechanism == "chain" else frozenset()
            over = [one for node in nodes for one in own.get(node, ())]
            causes = {one.path_id for one in over if one.lo < target.stage} | (nodes & unknown)
            needs.append(
                Need(
                    path=path.path_id,
                    critical=path.critical,
                    causes=frozenset(causes),
                    above=frozenset({one.path_id for one in over} | (nodes & unknown)),
                )
            )
    return needs


def problem_of(
    worlds: Worlds, paths: Paths, target: Target, percent: float, efforts: Mapping[str, int], progress: Progress
) -> tuple[Problem, list[Candidate]]:
    """What is to be mended and what each candidate that is ready would mend. Options are positions in the list."""
    needs = needs_of(worlds, paths, target)
    low = {path_id for need in needs for path_id in (need.path, *need.causes) if path_id in paths}
    found = [
        one
        for one in worlds.candidates
        if one.ready and one.move.lifts_to(target.stage) and any(path.path_id in low for path in paths.touched(one))
    ]
    recipes, adds = _observed(worlds, paths, target, found, low, progress)
    there = target.inside(paths.values())
    return Problem(
        efforts={number: efforts.get(one.move.move_id, one.move.effort) for number, one in enumerate(found)},
        # Two settings of one account are two things to do; two things done to one credential are one too many.
        subjects={number: one.move.move_id + one.subject_id if one.subject_kind == "account" else one.subject_id for number, one in enumerate(found)},
        recipes=recipes,
        needs=needs,
        adds=adds,
        percent=percent,
        there=sum(path.lo >= target.stage for path in there),
        total=len(there),
    ), found  # fmt: skip


def _observed(
    worlds: Worlds, paths: Paths, target: Target, found: Sequence[Candidate], low: set[str], progress: Progress
) -> tuple[list[Recipe], dict[int, int]]:
    kinds = list(dict.fromkeys(one.move.move_id for one in found))
    shared = [number for number, one in enumerate(found) if one.subject_kind == "account"]
    foreseen = 2 * len(kinds) + 1 if shared else len(kinds)
    recipes: list[Recipe] = []
    adds: dict[int, int] = {}
    for done, kind in enumerate(kinds):
        members = [number for number, one in enumerate(found) if one.move.move_id == kind]
        progress(found[members[0]].move.title, done, foreseen)
        after = worlds.placed([found[number] for number in members])
        recipes += _mends(paths, after, target, found, members, low, ())
        adds |= _added(paths, after, target, found, members)
    left = low - {recipe.path for recipe in recipes}
    if not shared or not left:
        return recipes, adds
    # What no move mends by itself, it may mend where the account is guarded as well.
    for done, kind in enumerate(["", *kinds]):
        members = [number for number, one in enumerate(found) if one.move.move_id == kind and one.subject_kind != "account"]
        if kind and not members:
            continue
        progress(f"{found[members[0]].move.title}, with accounts guarded" if members else "accounts guarded", len(kinds) + done, foreseen)
        after = worlds.placed([found[number] for number in {*members, *shared}])
        recipes += _mends(paths, after, target, found, members or shared, left, shared)
        adds |= {number: count for number, count in _added(paths, after, target, found, members).items() if not adds.get(number)}
        left = left if members else left - {recipe.path for recipe in recipes}
    return recipes, adds


def _mends(
    paths: Paths, after: Paths, target: Target, found: Sequence[Candidate], members: Iterable[int], low: set[str], shared: Sequence[int]
) -> list[Recipe]:
    """A recipe for every path that stands at the stage, or is gone, in the world where these candidates were chosen."""
    accounts = {
        found[number].subject_id: {other for other in shared if found[other].subject_id == found[number].subject_id} for number in shared
    }
    recipes = [
        Recipe(
            options=frozenset({number} | accounts.get(path.tags["account"] or "", set())),
            path=path.path_id,
            closes=path.path_id not in after,
        )
        for number in members
        for path in paths.touched(found[number])
        if path.path_id in low and (path.path_id not in after or after[path.path_id].lo >= target.stage)
    ]
    return list(dict.fromkeys(recipes))


def _added(paths: Paths, after: Paths, target: Target, found: Sequence[Candidate], members: Iterable[int]) -> dict[int, int]:
    """Paths of the group that a candidate makes at the stage or above: those of a subject that takes over its name."""
    made = [path for path in target.inside(after.values()) if path.path_id not in paths and path.lo >= target.stage]
    names: dict[str, int] = {}
    for number in members:
        for path in paths.touched(found[number]):
            names.setdefault(path.name, number)
    adds: dict[int, int] = {}
    for path in made:
        if path.name in names:
            adds[names[path.name]] = adds.get(names[path.name], 0) + 1
    return adds
