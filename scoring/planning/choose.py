"""Which things to do, at the least effort: a choice over what the engine showed each of them to do. Pure arithmetic; verified elsewhere.

Things that have nothing to do with each other are solved apart, exactly where they are few, and put together by a knapsack. Where many
hang together, the one that mends most is tried both ways, to a depth; below it, greedily by gain per effort.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

FEW = 10
"""Options of which every combination is tried."""

DEEP = 5
"""How often an option that mends many paths is tried both ways."""

WIDE = 400
"""Points of a front that are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Options that together mend a path."""

    options: frozenset[int]
    path: str
    closes: bool
    """The path is gone; otherwise it stands at the stage or above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A path of the group below the stage."""

    path: str
    critical: bool
    causes: frozenset[str] = frozenset()
    """Paths that hold it down: it is mended when all of them are, or when it is mended itself."""
    above: frozenset[str] = frozenset()
    """All paths of those that may become it: without any of them it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is to be mended, with what, and what counts."""

    efforts: Mapping[int, int]
    """Option -> effort."""
    subjects: Mapping[int, str]
    """Option -> what it is done to: one thing is done to a subject."""
    recipes: Sequence[Recipe]
    needs: Sequence[Need]
    adds: Mapping[int, int] = field(default_factory=dict)
    """Option -> paths of the group that it makes, at the stage or above."""
    percent: float
    there: int
    """Paths of the group at the stage or above."""
    total: int
    margin: float = 0
    """How much more than enough is asked for, in hundredths of a path: what an earlier choice was found to lack."""

    @property
    def lack(self) -> float:
        """What is missing of the share, in hundredths of a path."""
        return self.percent * self.total - 100 * self.there + self.margin


@dataclass(frozen=True, slots=True)
class Point:
    """A combination: what it costs, what it brings toward the share, and which options."""

    cost: int
    gain: float
    options: frozenset[int]


NOTHING = Point(0, 0.0, frozenset())


def solve(problem: Problem) -> Point | None:
    """The cheapest combination found that mends every critical path and reaches the share; None where none does."""
    front = [NOTHING]
    for options, needs in _parts(problem, set(problem.efforts), problem.needs):
        found = _front(problem, options, needs, frozenset(), DEEP)
        if not found:
            return None
        front = _merged(front, found)
    enough = [point for point in front if point.gain >= problem.lack - 1e-6]
    return min(enough, key=lambda point: (point.cost, -point.gain, sorted(point.options)), default=None)


def possible(problem: Problem) -> Problem:
    """Without asking for what nothing mends: a critical path that no recipe reaches counts as any other."""
    fixed = {recipe.path: recipe.closes for recipe in problem.recipes}
    return replace(problem, needs=[replace(need, critical=need.critical and _state(need, fixed) is not None) for need in problem.needs])


def everything(problem: Problem) -> Point:
    """What brings most, whatever it costs: the best that can be had, critical or not."""
    chosen: set[int] = set()
    taken: dict[str, int] = {}
    for recipe in sorted(problem.recipes, key=lambda one: (one.closes, sum(problem.efforts[option] for option in one.options))):
        if all(taken.get(problem.subjects[option], option) == option for option in recipe.options) and recipe.path not in mended(
            problem, chosen
        ):
            chosen |= recipe.options
            taken |= {problem.subjects[option]: option for option in recipe.options}
    return _point(problem, problem.needs, frozenset(chosen))


def mended(problem: Problem, options: Iterable[int]) -> dict[str, bool]:
    """Path -> closed, for every path that these options mend. A path that one closes and another lifts is closed."""
    have = set(options)
    found: dict[str, bool] = {}
    for recipe in problem.recipes:
        if recipe.options <= have:
            found[recipe.path] = found.get(recipe.path, False) or recipe.closes
    return found


def _point(problem: Problem, needs: Sequence[Need], options: frozenset[int]) -> Point:
    fixed = mended(problem, options)
    gain = sum(problem.adds.get(option, 0) for option in options) * (100 - problem.percent)
    for need in needs:
        closed = _state(need, fixed)
        gain += 0 if closed is None else problem.percent if closed else 100
    return Point(sum(problem.efforts[option] for option in options), gain, options)


def _state(need: Need, fixed: Mapping[str, bool]) -> bool | None:
    """Whether a need is closed (True), lifted (False) or left (None)."""
    if need.path in fixed:
        return fixed[need.path]
    if need.causes and need.causes <= fixed.keys():
        return all(fixed.get(path, False) for path in need.above)
    return None


Part = tuple[set[int], list[Need]]


def _parts(problem: Problem, options: set[int], needs: Sequence[Need]) -> list[Part]:
    """Options and needs that hang together, apart from those that do not."""
    ties: list[tuple[object, object]] = [(need.path, cause) for need in needs for cause in need.causes]
    ties += [(("option", option), one.path) for one in problem.recipes if one.options & options for option in one.options]
    ties += [(("option", option), ("subject", problem.subjects[option])) for option in options]
    root = _united(ties)
    parts: dict[object, Part] = {}
    for need in needs:
        parts.setdefault(root.get(need.path, need.path), (set(), []))[1].append(need)
    for option in options:
        if (key := root[("option", option)]) in parts:
            parts[key][0].add(option)
    return list(parts.values())


def _united(ties: Iterable[tuple[object, object]]) -> dict[object, object]:
    """One name for all that is tied together."""
    parent: dict[object, object] = {}

    def root(one: object) -> object:
        while parent.setdefault(one, one) != one:
            one = parent[one]
        return one

    for one, other in ties:
        parent[root(one)] = root(other)
    return {one: root(one) for one in list(parent)}


def _front(problem: Problem, options: set[int], needs: list[Need], have: frozenset[int], depth: int) -> list[Point]:
    """Combinations of which none is dearer and worse than another, all of which mend the critical needs. `have` is given, and paid."""
    if len(options) <= FEW:
        chosen = (frozenset(some) | have for size in range(len(options) + 1) for some in combinations(sorted(options), size))
        return _best(_point(problem, needs, some) for some in chosen if _whole(problem, needs, some))
    if not depth:
        return _greedy(problem, options, needs, have)
    most = max(sorted(options), key=lambda option: sum(option in recipe.options for recipe in problem.recipes))
    left = options - {most}
    without = _split(problem, left, needs, have, depth - 1)
    beside = {option for option in left if problem.subjects[option] != problem.subjects[most]}
    return _best([*without, *_split(problem, beside, needs, have | {most}, depth - 1)])


def _split(problem: Problem, options: set[int], needs: list[Need], have: frozenset[int], depth: int) -> list[Point]:
    """The front with some options decided, part by part."""
    recipes = [replace(one, options=one.options - have) for one in problem.recipes if one.options <= options | have]
    reduced = replace(problem, needs=needs, recipes=recipes)
    made = sum(problem.adds.get(option, 0) for option in have) * (100 - problem.percent)
    front = [Point(sum(problem.efforts[option] for option in have), made, have)]
    for some, part in _parts(reduced, options, needs):
        found = _front(reduced, some, part, frozenset(), depth)
        if not found:
            return []
        front = _merged(front, found)
    return front


def _greedy(problem: Problem, options: set[int], needs: list[Need], have: frozenset[int]) -> list[Point]:
    """One combination after another, each with the recipe that brings most per effort; critical needs first."""
    now, points = have, []
    while True:
        whole = _whole(problem, needs, now)
        if whole:
            points.append(_point(problem, needs, now))
        best = _next(problem, options, [need for need in needs if whole or need.critical], now)
        if best is None:
            return _best(points)
        now = best


def _next(problem: Problem, options: set[int], needs: list[Need], now: frozenset[int]) -> frozenset[int] | None:
    """The options with one more recipe, or with all that one need's causes take; None where nothing is left to mend."""
    here = _point(problem, needs, now)
    steps = [now | recipe.options for recipe in problem.recipes if recipe.options <= options | now]
    for need in needs:
        cheapest = [
            min(
                (one.options for one in problem.recipes if one.path == cause and one.options <= options | now),
                key=lambda some: sum(problem.efforts[option] for option in some - now),
                default=None,
            )
            for cause in sorted(need.causes)
        ]
        if all(some is not None for some in cheapest):
            steps.append(now.union(*(some for some in cheapest if some is not None)))
    better = [point for step in steps if _apart(problem, step) and (point := _point(problem, needs, step)).gain > here.gain]
    return max(
        better, key=lambda point: ((point.gain - here.gain) / max(point.cost - here.cost, 1e-9), -point.cost), default=Point(0, 0, now)
    ).options if better else None  # fmt: skip


def _whole(problem: Problem, needs: Sequence[Need], options: frozenset[int]) -> bool:
    """No critical need is left, and no subject has two things done to it."""
    if not _apart(problem, options):
        return False
    fixed = mended(problem, options)
    return all(_state(need, fixed) is not None for need in needs if need.critical)


def _apart(problem: Problem, options: Iterable[int]) -> bool:
    subjects = [problem.subjects[option] for option in options]
    return len(subjects) == len(set(subjects))


def _merged(some: Sequence[Point], others: Sequence[Point]) -> list[Point]:
    return _best(Point(one.cost + other.cost, one.gain + other.gain, one.options | other.options) for one in some for other in others)


def _best(points: Iterable[Point]) -> list[Point]:
    """Those that bring more than any cheaper one, cheapest first; thinned out where they are many."""
    front: list[Point] = []
    for point in sorted(points, key=lambda one: (one.cost, -one.gain, len(one.options), sorted(one.options))):
        if not front or point.gain > front[-1].gain:
            front.append(point)
    step = -(-len(front) // WIDE) if front else 1
    return front if step == 1 else [*front[::step], front[-1]]
