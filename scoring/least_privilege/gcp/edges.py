"""What one GCP identity can get hold of in a single step, from its grants: the edges of which escalation paths are made.

A step is certain when every permission that it needs is held without a condition, on a place where it has an effect, over the same
project, and no deny policy that nobody can read names the identity. Otherwise it is possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from scoring.least_privilege.gcp.effective import Binding, Evaluator, short
from scoring.least_privilege.gcp.grant_use import words
from scoring.least_privilege.gcp.methods import Kind, Path, paths, steps_permissions
from scoring.least_privilege.grants import Reach
from scoring.least_privilege.verdict import Privilege

ORDER = (Privilege.ADMIN, Privilege.UNKNOWN, Privilege.WRITE, Privilege.READ, Privilege.NONE)
"""Of several accounts within reach, the first of these is named."""
AGENT, BUILDERS = ("@cloudservices.gserviceaccount.com",), ("@cloudbuild.gserviceaccount.com", "-compute@developer.gserviceaccount.com")
ACT_AS = "iam.serviceAccounts.actAs"
TOKENS = "GetServiceAccountAccessToken"
ELSEWHERE = "if accounts may be attached to what runs in another project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A service account that may be reached."""

    identity_id: str
    name: str
    project: str | None
    privilege: Privilege


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """One step."""

    path: Path
    target: Account | None
    """None: its own permissions grow, or nobody can tell whom it reaches."""
    gains: Privilege
    certain: bool
    """That it is taken; whether its gain is known is another question."""
    step: str
    evidence: tuple[str, ...]


class World:
    """The accounts that there are, by what names them."""

    def __init__(self, accounts: Iterable[Account], aliases: Mapping[str, str] | None = None) -> None:
        """`aliases`: identity id by an account's number, `gcp:account:<number>`."""
        listed = sorted(accounts, key=lambda one: (ORDER.index(one.privilege), one.identity_id))
        self.by_id = {one.identity_id: one for one in listed}
        self.aliases = aliases or {}
        self.everywhere = listed
        self.by_project: dict[str | None, list[Account]] = {}
        for one in listed:
            self.by_project.setdefault(one.project, []).append(one)

    def on(self, place: str | None) -> Account | None:
        """The account that a place is."""
        last = (place or "").partition("/serviceAccounts/")[2]
        found = f"serviceAccount:{last.lower()}" if "@" in last else self.aliases.get(f"gcp:account:{last}", "")
        return self.by_id.get(found)


Way = Callable[[Path, "_Held", Sequence[Edge]], Iterator[Edge]]


class Stepper:
    """Finds the edges of identities."""

    def __init__(self, evaluator: Evaluator, world: World) -> None:
        self.evaluator = evaluator
        self.world = world
        self.tokens: dict[str, list[tuple[Account, bool]]] = {}
        """Account -> those of which it takes tokens, and whether for certain: filled before delegation is asked for."""
        self._watched = evaluator.names.mask_of(steps_permissions())
        self._masks: dict[tuple[str, ...], int] = {}
        self._needs = {path.path_id: evaluator.names.mask_of(path.needs) for path in paths()}

    def edges(self, holder: str, name: str, bindings: Sequence[Binding], *, delegated: bool = False) -> list[Edge]:
        """Every step of one identity; with `delegated`, those by way of accounts that take others' tokens, and no other."""
        every = 0
        for one in bindings:
            every |= self.evaluator.role(one)[0] & self._watched if one.via == "role" else 0
        if not every:
            return []
        held = _Held(self.evaluator, holder, name, bindings, self._masks)
        ways: Mapping[Kind, Way] = {
            Kind.OWN: partial(self._own, gains=Privilege.ADMIN),
            Kind.OPEN: partial(self._own, gains=Privilege.UNKNOWN),
            Kind.ACCOUNT: self._account,
            Kind.DELEGATE: self._delegate,
            Kind.ATTACH: self._attach,
            Kind.AGENT: partial(self._agent, ending=AGENT, sure=True),
            Kind.BUILD: partial(self._agent, ending=BUILDERS, sure=False),
            Kind.STORAGE: self._storage,
        }
        found: list[Edge] = []
        for path in paths():
            if (path.kind is Kind.DELEGATE) is delegated and not self._needs[path.path_id] & ~every:
                found.extend(ways[path.kind](path, held, found) if path.one_of else ways[path.kind](path, held, ()))
        return found

    def _own(self, path: Path, held: _Held, _: Sequence[Edge], *, gains: Privilege) -> Iterator[Edge]:
        """The surest place is told, once."""
        places = [(place, held.level(path.needs, place)) for place in held.places(path.reach)]
        best = max((level for _, level in places), default=0)
        if best:
            place = next(place for place, level in places if level == best)
            certain = best == SURE and gains is not Privilege.UNKNOWN
            yield held.edge(path, None, gains, certain, place, path.needs)

    def _account(self, path: Path, held: _Held, _: Sequence[Edge]) -> Iterator[Edge]:
        for target, place, certain in self._within(path, held, path.needs):
            yield held.edge(path, target, target.privilege, certain, place, path.needs)

    def _storage(self, path: Path, held: _Held, _: Sequence[Edge]) -> Iterator[Edge]:
        for target, place, _certain in self._within(path, held, path.needs):
            yield held.edge(path, target, Privilege.UNKNOWN, False, place, path.needs)

    def _delegate(self, path: Path, held: _Held, _: Sequence[Edge]) -> Iterator[Edge]:
        best: dict[str, tuple[bool, Account, Account, str | None]] = {}
        for middle, place, certain in self._within(path, held, path.needs, every=True):
            for target, sure in self.tokens.get(middle.identity_id, []):
                old = best.get(target.identity_id)
                if target.identity_id != held.holder and (old is None or (certain and sure and not old[0])):
                    best[target.identity_id] = (certain and sure, target, middle, place)
        for certain, target, middle, place in best.values():
            yield held.edge(path, target, target.privilege, certain, place, path.needs, also=f" by way of {middle.name}")

    def _within(self, path: Path, held: _Held, needs: Sequence[str], *, every: bool = False) -> Iterator[tuple[Account, str | None, bool]]:
        """Accounts over which permissions are held: each that is named, and of those below a project or above the most privileged one."""
        told = set()
        for place in held.places({Reach.SERVICE_ACCOUNT} & path.reach | ({Reach.SERVICE_ACCOUNT} if path.kind is Kind.ATTACH else set())):
            target, level = self.world.on(place), held.level(needs, place)
            if target is not None and level and target.identity_id != held.holder:
                told.add(target.identity_id)
                yield target, place, level == SURE
        for place in held.places(path.reach - {Reach.SERVICE_ACCOUNT}):
            level = held.level(needs, place)
            below = self._below(place) if level else []
            fresh = [one for one in below if one.identity_id != held.holder and one.identity_id not in told]
            for target in fresh if every else fresh[:1]:
                told.add(target.identity_id)
                yield target, place, level == SURE and reach_of(place) is Reach.PROJECT

    def _below(self, place: str | None) -> Sequence[Account]:
        """Accounts of a project; of folders, whose projects nobody tells, any."""
        if place is not None and reach_of(place) is Reach.PROJECT:
            return self.world.by_project.get(short(place).removeprefix("projects/"), [])
        return self.world.everywhere

    def _attach(self, path: Path, held: _Held, before: Sequence[Edge]) -> Iterator[Edge]:
        """actAs on the account, the rest on its project; elsewhere only if accounts are attached across projects."""
        done = {edge.target.identity_id for edge in before if edge.target and edge.path.kind is Kind.ATTACH}
        rest = [name for name in path.needs if name != ACT_AS]
        for target, place, certain in self._within(path, held, (ACT_AS,)):
            if target.identity_id in done:
                continue
            home = f"projects/{target.project}" if target.project else None
            for needs in [[*rest, name] for name in path.one_of] if path.one_of else [rest]:
                at_home = held.level(needs, home)
                if at_home or any(held.level(needs, other) for other in held.places(frozenset({Reach.PROJECT}))):
                    also = "" if at_home else f", {ELSEWHERE}"
                    sure = certain and at_home == SURE
                    yield held.edge(path, target, target.privilege, sure, place, (ACT_AS, *needs), home=home, also=also)
                    break

    def _agent(self, path: Path, held: _Held, _: Sequence[Edge], *, ending: tuple[str, ...], sure: bool) -> Iterator[Edge]:
        for place in held.places(path.reach):
            if not held.name.endswith(ending) and (level := held.level(path.needs, place)):
                fitting = [one for one in self._below(place) if one.name.endswith(ending) and one.identity_id != held.holder]
                target = fitting[0] if fitting else None
                certain = sure and level == SURE and target is not None and reach_of(place) is Reach.PROJECT
                yield held.edge(path, target, target.privilege if target else Privilege.UNKNOWN, certain, place, path.needs)


SURE, MAYBE = 2, 1
"""How surely permissions are held; 0: not."""


class _Held:
    """One identity's grants, asked place by place."""

    def __init__(
        self, evaluator: Evaluator, holder: str, name: str, bindings: Sequence[Binding], masks: dict[tuple[str, ...], int]
    ) -> None:
        """`masks`: bits of the permissions that methods need, kept from one identity to the next."""
        self.evaluator = evaluator
        self._masks = masks
        self.holder = holder
        self.name = name
        self.bindings = bindings
        self._effective: dict[str | None, tuple[int, int]] = {}
        self._placed = [(place, reach_of(place)) for place in dict.fromkeys(one.place for one in bindings if one.via == "role")]
        self._doubted = any(one.via == "deny" and one.document_id not in evaluator.texts for one in bindings)

    def places(self, reaches: Iterable[Reach]) -> list[str | None]:
        """Places of its grants that reach so far; one that nobody named may reach anywhere."""
        wanted = {*reaches}
        return [place for place, reach in self._placed if wanted and (place is None or reach in wanted)]

    def level(self, needs: Sequence[str], place: str | None) -> int:
        """How surely all of the permissions are held on a place."""
        if place not in self._effective:
            found = self.evaluator.on(self.bindings, place)
            self._effective[place] = (found.sure, found.possible)
        sure, possible = self._effective[place]
        mask = self._mask(tuple(needs))
        if mask & ~possible:
            return 0
        return MAYBE if mask & ~sure or self._doubted or place is None else SURE

    def _mask(self, needs: tuple[str, ...]) -> int:
        if needs not in self._masks:
            self._masks[needs] = self.evaluator.names.mask_of(needs)
        return self._masks[needs]

    def edge(
        self,
        path: Path,
        target: Account | None,
        gains: Privilege,
        certain: bool,
        place: str | None,
        needs: Sequence[str],
        *,
        home: str | None = None,
        also: str = "",
    ) -> Edge:
        """A step with the grants that allow it."""
        anywhere = ELSEWHERE in also
        by = [one for one in self.bindings if self._helps(one, needs, (place, home), anywhere=anywhere)]
        whom = f" {target.name}" if target else "" if path.kind in (Kind.OWN, Kind.OPEN) else " account, which the evidence does not name"
        granted = ", ".join(dict.fromkeys(words(one) for one in by))
        return Edge(
            path=path,
            target=target,
            gains=gains,
            certain=certain,
            step=f"{self.name} {path.does}{whom}{also} ({' with '.join(needs)}: {granted})",
            evidence=tuple(dict.fromkeys(one.evidence for one in by)),
        )

    def _helps(self, binding: Binding, needs: Sequence[str], places: tuple[str | None, str | None], *, anywhere: bool) -> bool:
        """Whether a grant holds one of the permissions on one of the places; on any project where it counts from elsewhere."""
        if binding.via != "role" or not self.evaluator.role(binding)[0] & self._mask(tuple(needs)):
            return False
        covers = [self.evaluator.hierarchy.covers(binding.place, place) for place in places if place is not None]
        return any(one is not False for one in covers) or not covers or (anywhere and reach_of(binding.place) is Reach.PROJECT)


def reach_of(place: str | None) -> Reach:
    """How much a place covers."""
    if place is None:
        return Reach.UNKNOWN
    name = short(place)
    if "/serviceAccounts/" in name:
        return Reach.SERVICE_ACCOUNT
    for start, reach in (("projects/", Reach.PROJECT), ("folders/", Reach.FOLDER), ("organizations/", Reach.ORGANIZATION)):
        if name.startswith(start) and name.count("/") == 1:
            return reach
    return Reach.RESOURCE
