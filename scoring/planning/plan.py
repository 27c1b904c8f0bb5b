"""A cheap set of moves by which a group attains a stage, verified by the engine; or what stands in the way.

The choice is arithmetic over what the engine showed of each move (effects); the verdict is the engine's, over all of them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from scoring.packs import limit
from scoring.planning.choose import Problem, everything, mended, possible, solve
from scoring.planning.effects import Progress, problem_of
from scoring.planning.moves import Candidate
from scoring.planning.target import Target
from scoring.planning.worlds import Path, Paths, Worlds, paths

ROUNDS = 4
"""How often a choice that falls short is made again."""

TRIES = 8
"""How many moves are tried to be left out at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One move on one subject, as chosen."""

    candidate: Candidate
    effort: int
    mends: tuple[Path, ...]
    """Paths of the group that stood below the stage and do no longer, because of it or among others because of it."""
    before: tuple[int, int] | None
    """Weakest stage interval of the subject's own paths; None: it has none."""
    after: tuple[int, int] | None

    @property
    def gain_per_effort(self) -> float:
        return len(self.mends) / max(self.effort, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """A path that stays below the stage, and why nothing in the plan lifts it."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, and where the engine says it leads: if done as described."""

    target: Target
    percent: float
    reached: bool
    steps: tuple[Step, ...]
    """Most paths mended per effort first."""
    before: Paths
    after: Paths
    blockers: tuple[Blocker, ...]
    """Empty where the target is reached."""
    settle: tuple[Candidate, ...]
    """Evidence that might show that a path already stands high enough. Nobody knows before."""
    runs: int

    @property
    def effort(self) -> int:
        return sum(step.effort for step in self.steps)

    def attained(self, *, after: bool) -> int | None:
        """The stage that the group has attained before or after."""
        return self.target.attained((self.after if after else self.before).values(), self.percent)


def plan(worlds: Worlds, target: Target, *, efforts: Mapping[str, int] | None = None, progress: Progress = lambda *_: None) -> Plan:
    """Find it. `efforts` overrides the published effort of moves, by id."""
    percent = float(limit(worlds.pack.thresholds, "attained_percent"))
    before = paths(worlds.base)
    if target.reached(before.values(), percent):
        return _told(worlds, target, percent, before, before, [], {}, reached=True)
    problem, found = problem_of(worlds, before, target, percent, efforts or {}, progress)
    chosen, after = _verified(worlds, before, target, problem, found, progress)
    if target.reached(after.values(), percent):
        chosen, after = _pruned(worlds, target, problem, found, chosen, after, progress)
    steps = {number: problem.efforts[number] for number in chosen}
    return _told(worlds, target, percent, before, after, found, steps, reached=target.reached(after.values(), percent))


def _verified(
    worlds: Worlds, before: Paths, target: Target, problem: Problem, found: list[Candidate], progress: Progress
) -> tuple[frozenset[int], Paths]:
    """A choice and the world that it makes. Where the world falls short of what was counted on, it is chosen again with that known."""
    for round_ in range(ROUNDS):
        point = solve(problem)
        chosen = (point or solve(possible(problem)) or everything(problem)).options
        progress("all chosen moves together", round_, ROUNDS)
        after = worlds.placed([found[number] for number in chosen])
        if point is None or target.reached(after.values(), problem.percent):
            return chosen, after
        problem = _corrected(problem, chosen, after, target)
    chosen = everything(problem).options
    return chosen, worlds.placed([found[number] for number in chosen])


def _corrected(problem: Problem, chosen: frozenset[int], after: Paths, target: Target) -> Problem:
    """Without the recipes that did not hold; where all held, asking for more by what is missing."""
    failed = {
        path for path in mended(problem, chosen) if path in after and after[path].lo < target.stage
    }  # fmt: skip
    recipes = [one for one in problem.recipes if not (one.path in failed and one.options <= chosen)]
    there = target.inside(after.values())
    lack = problem.percent * len(there) - 100 * sum(path.lo >= target.stage for path in there)
    return replace(problem, recipes=recipes, margin=problem.margin + (max(lack, 0) if not failed else 0))


def _pruned(
    worlds: Worlds, target: Target, problem: Problem, found: list[Candidate], chosen: frozenset[int], after: Paths, progress: Progress
) -> tuple[frozenset[int], Paths]:
    """Without moves that the target does not need, dearest first: only those are tried that the arithmetic calls spare."""
    for tried, number in enumerate(sorted(_spare(problem, chosen), key=lambda one: -problem.efforts[one])[:TRIES]):
        progress("leaving out what is not needed", tried, TRIES)
        less = chosen - {number}
        world = worlds.placed([found[one] for one in less])
        if target.reached(world.values(), problem.percent):
            chosen, after = less, world
    return chosen, after


def _spare(problem: Problem, chosen: frozenset[int]) -> list[int]:
    """Options that mend nothing which the others do not, or not enough to matter."""
    critical = {path for need in problem.needs if need.critical for path in (need.path, *need.causes)}
    whole = mended(problem, chosen)
    spare = []
    for number in sorted(chosen):
        lost = whole.keys() - mended(problem, chosen - {number}).keys()
        if not lost & critical and (not lost or problem.margin):
            spare.append(number)
    return spare


def _told(
    worlds: Worlds, target: Target, percent: float, before: Paths, after: Paths, found: list[Candidate], efforts: Mapping[int, int], *,
    reached: bool,
) -> Plan:  # fmt: skip
    steps = [_step(found[number], effort, before, after, target) for number, effort in efforts.items()]
    low = [path for path in target.inside(after.values()) if path.lo < target.stage]
    return Plan(
        target=target,
        percent=percent,
        reached=reached,
        steps=tuple(sorted(steps, key=lambda step: (-step.gain_per_effort, step.candidate.move.move_id, step.candidate.subject_id))),
        before=before,
        after=after,
        blockers=() if reached else _blockers(low, before, worlds.candidates, target),
        settle=tuple(one for one in worlds.candidates if one.move.settles and any(_open(path, target) for path in before.touched(one))),
        runs=worlds.runs,
    )


def _first_critical(low: list[Path]) -> list[Path]:
    return sorted(low, key=lambda path: (not path.critical, path.lo, path.name, path.path_id))


def _open(path: Path, target: Target) -> bool:
    return target.holds(path) and path.lo < target.stage <= path.hi


def _step(candidate: Candidate, effort: int, before: Paths, after: Paths, target: Target) -> Step:
    own = before.touched(candidate)
    mends = tuple(path for path in own if target.holds(path) and path.lo < target.stage and _lifted(path, after, target))
    return Step(candidate=candidate, effort=effort, mends=mends, before=weakest(own), after=stands(candidate, before, after))


def stands(candidate: Candidate, before: Paths, after: Paths) -> tuple[int, int] | None:
    """Where the candidate's own paths stand afterwards, or those of what takes over their name. None: all are closed."""
    own = before.touched(candidate)
    ids, names = {path.path_id for path in own}, {path.name for path in own}
    return weakest([path for path in after.values() if path.path_id in ids or (path.path_id not in before and path.name in names)])


def _lifted(path: Path, after: Paths, target: Target) -> bool:
    now = after.get(path.path_id)
    return now is None or now.lo >= target.stage


def weakest(some: list[Path]) -> tuple[int, int] | None:
    """The interval of the weakest of some paths; None of none."""
    return (min(path.lo for path in some), min(path.hi for path in some)) if some else None


def _blockers(low: list[Path], before: Paths, candidates: tuple[Candidate, ...], target: Target) -> tuple[Blocker, ...]:
    waiting: dict[str, Candidate] = {}
    for one in candidates:
        if not one.ready and one.guards and one.move.lifts_to(target.stage):
            for path in before.touched(one):
                waiting.setdefault(path.path_id, one)
    return tuple(Blocker(path=path, why=_why(path, waiting.get(path.path_id), target)) for path in _first_critical(low))


def _why(path: Path, waiting: Candidate | None, target: Target) -> str:
    """Why a path stays where it is: a guard, missing evidence, or nothing that can be done."""
    if path.hi >= target.stage and path.to_settle:
        return f"{path.lo_reason}: {path.to_settle}"
    if waiting:
        return f"{path.lo_reason}; {waiting.move.title.lower()}, once this is settled: {waiting.guards[0]}"
    return f"{path.lo_reason}; no move of the catalogue lifts it to stage {target.stage}"
