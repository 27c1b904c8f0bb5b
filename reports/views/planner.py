"""What if, and what next: the world with moves made beside the world as it is, and a plan toward a stage, as plain values.

Both worlds are judged by the engine; the figures are those of the same views that show what is real.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from inventory.database import Database
from inventory.decision_file import draft
from inventory.decisions import Action, Where
from inventory.lake import Lake, Snapshot
from reports.views.evidence import Rows, located
from reports.views.least_privilege import AccessFilter, access_totals
from reports.views.permissions import judged_by
from reports.views.safe import Findings, failed, known_of, open_findings
from reports.views.stages import attained, by_group, distribution
from reports.views.summary import attained_percent, finding_counts
from scoring.catalogue import load
from scoring.planning.effects import Progress
from scoring.planning.moves import Candidate, move, moves
from scoring.planning.plan import Plan, plan, stands, weakest
from scoring.planning.target import Target, target_of
from scoring.planning.worlds import Paths, Worlds, paths

CAVEAT = "If done as described: expected of the engine on the evidence of this snapshot, not measured."


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """Which checks fail now and neither fail nor are unknown then."""

    before: Findings
    after: Findings

    def of(self, subjects: Iterable[str]) -> list[str]:
        return sorted({check for one in subjects for check in self.before.get(one, set()) - self.after.get(one, set())})


class ChoiceError(Exception):
    """A choice fits no candidate; the message names it."""


def worlds_of(lake: Lake, snapshot: Snapshot) -> Worlds:
    """A snapshot, ready to be judged again by the thresholds that it was judged by."""
    return Worlds(lake=lake, snapshot=snapshot, pack=judged_by(snapshot), checks=load().checks)


def catalogue() -> Rows:
    """Every move with its effort and what it asks."""
    return [
        {
            "move": one.move_id,
            "title": one.title,
            "effort": one.effort,
            "effort_reason": one.effort_reason,
            "stages": f"{one.addresses[0]} to {one.addresses[1]}" if one.addresses else None,
            "settles": one.settles,
            "providers": list(one.providers),
            "asks": one.asks,
            "rollback": one.rollback,
        }
        for one in moves().values()
    ]


def groups(database: Database) -> list[str]:
    """What a target can be for, as it is written: `environment=production`, then teams, providers and accounts."""
    columns = {"environment": "environment", "team": "team", "provider": "provider", "account": "scope"}
    return [
        f"{name}={row['value']}"
        for name, column in columns.items()
        for row in database.rows(
            f"SELECT DISTINCT {column} AS value FROM placement WHERE {column} IS NOT NULL AND stage_lo IS NOT NULL ORDER BY 1"
        )
    ]


def candidate_rows(worlds: Worlds, choices: Sequence[str]) -> Rows:
    """Whom these moves can be done to, ready or not. Raises MoveError."""
    wanted = {move(choice.partition(":")[0]).move_id for choice in choices}
    return [
        {
            "move": one.move.move_id,
            "subject_id": one.subject_id,
            "name": known_of(worlds.base, one)["name"] or one.subject_id,
            "ready": one.ready,
            "reason": one.reason,
            "guards": list(one.guards),
        }
        for one in worlds.candidates
        if one.move.move_id in wanted
    ]


def what_if(worlds: Worlds, choices: Sequence[str], group: str | None = None, *, waiting: bool = False) -> dict[str, Any]:
    """The world with the chosen moves made, beside the world as it is. Raises ChoiceError, MoveError, TargetError.

    `choices`: `MOVE` for all of its candidates, or `MOVE:SUBJECT,SUBJECT`, each an id, the end of one, or a name. `group` as in targets.
    `waiting`: also those that a guard holds back.
    """
    target = target_of(f"1 in {group}", paths(worlds.base).values()) if group else None
    chosen, left = _chosen(worlds, choices, target, waiting=waiting)
    made = [one for one in chosen if not one.move.settles]
    with worlds.judged(made) as after:
        now = paths(worlds.base)
        later = paths(after)
        settled = Settled(before=failed(worlds.base), after=open_findings(after))
        rows = [_change(worlds.base, one, now, _stood(one, now), stands(one, now, later), settled) for one in made]
        return {
            **_worlds(worlds, after),
            "changes": rows,
            "settle": [_settled(one, now) for one in chosen if one.move.settles],
            "group_stages": [],
            "left_out": left,
            "caveat": CAVEAT,
        }  # fmt: skip


def _chosen(worlds: Worlds, choices: Sequence[str], target: Target | None, *, waiting: bool) -> tuple[list[Candidate], list[str]]:
    """Candidates, one move a subject, and in words which were left out and why."""
    taken: dict[tuple[str, str], Candidate] = {}
    left: list[str] = []
    for choice in choices:
        move_id, _, named = choice.partition(":")
        of = move(move_id)
        wanted = [name for name in named.split(",") if name]
        known = paths(worlds.base)
        found = [one for one in worlds.candidates if one.move == of and _fits(one, wanted, known)]
        if wanted and not found:
            raise ChoiceError(f"{choice}: no candidate of {move_id} has this id or name; `nhi what-if {move_id} --list` lists them")
        for one in found:
            inside = target is None or any(target.holds(path) for path in known.touched(one))
            key = (one.subject_id, one.move.move_id if one.subject_kind in ("account", "repository") or of.settles else "")
            if not inside:
                continue
            if not one.ready and not wanted and not waiting:
                left.append(f"{of.title}: {one.subject_id}: {'; '.join(one.guards)}")
            elif key in taken:
                left.append(f"{of.title}: {one.subject_id}: {taken[key].move.title.lower()} comes first")
            else:
                taken[key] = one
    return list(taken.values()), left


def _fits(candidate: Candidate, wanted: Sequence[str], known: Paths) -> bool:
    if not wanted:
        return True
    names = {candidate.subject_id, *(path.name for path in known.touched(candidate))}
    return any(name in names or candidate.subject_id.endswith(name) for name in wanted)


def planned(worlds: Worlds, text: str, by: date | None, efforts: Mapping[str, int], progress: Progress) -> dict[str, Any]:
    """A plan toward `attained 5 in production`. Raises TargetError."""
    found = plan(worlds, target_of(text, paths(worlds.base).values(), by), efforts=efforts, progress=progress)
    progress("the whole of it, with questions and findings", 0, 1)
    with worlds.judged(step.candidate for step in found.steps) as after:
        return _told(worlds, found, after)


def _told(worlds: Worlds, found: Plan, after: Database) -> dict[str, Any]:
    settled = Settled(before=failed(worlds.base), after=open_findings(after))
    steps = [
        {
            **_change(worlds.base, step.candidate, found.before, step.before, step.after, settled),
            "effort": step.effort,
            "mends": sorted({path.name for path in step.mends}),
            "gain_per_effort": round(step.gain_per_effort, 2),
        }
        for step in found.steps
    ]
    target = found.target
    return {
        **_worlds(worlds, after),
        "target": {"stage": target.stage, "group": target.group, "tags": dict(target.tags), "by": target.by.isoformat() if target.by else None},
        "reached": found.reached,
        "percent": found.percent,
        "attained": {"before": found.attained(after=False), "after": found.attained(after=True)},
        "effort": found.effort,
        "changes": steps,
        "blockers": [
            {"name": one.path.name, "subject_id": one.path.subject_id, "stage_lo": one.path.lo, "stage_hi": one.path.hi}
            | {"critical": one.path.critical, "why": one.why}
            for one in found.blockers
        ],
        "settle": [_settled(one, found.before) for one in found.settle],
        "group_stages": _of_group(target, worlds.base, after, found.percent),
        "left_out": [],
        "caveat": CAVEAT,
        "engine_runs": worlds.runs,
    }  # fmt: skip


def _worlds(worlds: Worlds, after: Database) -> dict[str, Any]:
    """Both worlds by the views that show what is real."""
    percent = attained_percent(worlds.snapshot)
    both = (("before", worlds.base), ("after", after))
    now, then = distribution(worlds.base), distribution(after)
    return {
        "snapshot_id": worlds.snapshot.snapshot_id,
        "as_of": worlds.snapshot.as_of.isoformat(),
        "stages": [
            {"stage": new["stage"], "lo": new["lo"], "lo_before": old["lo"], "hi": new["hi"], "hi_before": old["hi"]}
            for new, old in zip(then, now, strict=True)
        ],
        "distribution": {"before": now, "after": then},
        "attained_all": {name: attained(database, percent) for name, database in both},
        "questions": _questions(after, worlds.base),
        "creep": {name: _creep(database) for name, database in both},
        "findings": {name: finding_counts(database)["by_severity"] for name, database in both},
    }


def _questions(after: Database, before: Database) -> Rows:
    sql = "SELECT question_id AS id, literal, met, lo, hi FROM question ORDER BY question_id"
    earlier = {row["id"]: row for row in before.rows(sql)}
    return [{**row, **{f"{name}_before": earlier[row["id"]][name] for name in ("literal", "met", "lo", "hi")}} for row in after.rows(sql)]


def _of_group(target: Target, before: Database, after: Database, percent: float) -> Rows:
    """Stages of the target's group before and after; nothing where it is not one group of the maturity view."""
    if len(target.tags) != 1:
        return []
    ((name, value),) = target.tags.items()
    found = [
        row
        for database in (before, after)
        for row in by_group(database, {"account": "scope"}.get(name, name), percent)
        if row["group"].lower() == value.lower() or row["group"].endswith(f"({value})")
    ]
    return found if len(found) == 2 else []


def _creep(database: Database) -> dict[str, Any]:
    totals = access_totals(database, AccessFilter())
    return {name: totals[name] for name in ("creep_lo", "creep_hi", "judged", "unjudged")}


Interval = tuple[int, int] | None


def _change(base: Database, candidate: Candidate, known: Paths, before: Interval, after: Interval, settled: Settled) -> dict[str, Any]:
    """One move on one subject: what to do, how safe it is, and what it brings."""
    facts = known_of(base, candidate)
    return {
        "move": candidate.move.move_id,
        "title": candidate.move.title,
        "subject_kind": candidate.subject_kind,
        "subject_id": candidate.subject_id,
        "name": facts["name"] or _name(candidate, known),
        "reason": candidate.reason,
        "guards": list(candidate.guards),
        "effort": candidate.move.effort,
        "asks": candidate.move.asks,
        "rollback": candidate.move.rollback,
        "before": before,
        "after": after,
        "findings_settled": settled.of(facts["subjects"]),
        **{name: value for name, value in facts.items() if name not in ("name", "subjects")},
        "evidence": [located(reference) for reference in candidate.evidence],
    }


def _name(candidate: Candidate, known: Paths) -> str:
    """Of whose paths it touches, where they are one's alone; else its id."""
    names = {path.name for path in known.touched(candidate)}
    return names.pop() if len(names) == 1 else candidate.subject_id


def _stood(candidate: Candidate, known: Paths) -> Interval:
    return weakest(known.touched(candidate))


def _settled(candidate: Candidate, known: Paths) -> dict[str, Any]:
    """What would be known. Where it will turn out to stand, nobody can say: only the interval."""
    return {
        "move": candidate.move.move_id,
        "title": candidate.move.title,
        "subject_id": candidate.subject_id,
        "name": _name(candidate, known),
        "reason": candidate.reason,
        "interval": _stood(candidate, known),
    }


def creep_words(creep: Mapping[str, Any]) -> str:
    """The index as an interval to a tenth: what moves take away is often less than a whole point."""
    low, high = creep["creep_lo"], creep["creep_hi"]
    if low is None:
        return "not known"
    return f"{low:.1f}" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f}–{high:.1f}"


def actions_file(found: Mapping[str, Any]) -> str:
    """A plan as YAML that `nhi decisions --import` reads."""
    return draft(actions(found))


def actions(found: Mapping[str, Any]) -> list[Action]:
    """A plan as decisions to record: one action for a move and an owner, over all of its subjects."""
    grouped: dict[tuple[str, str | None], list[dict[str, Any]]] = {}
    for change in found["changes"]:
        grouped.setdefault((change["move"], change["owner"]), []).append(change)
    target = found["target"]
    due = date.fromisoformat(target["by"]) if target["by"] else None
    return [
        Action(
            id=f"{move_id}-{_slug(owner or 'no-owner')}-{target['stage']}-{_slug(target['group'])}",
            title=f"{changes[0]['title']}: {len(changes)} for stage {target['stage']} in {target['group']}",
            move=move_id,
            where=Where(ids=tuple(sorted(change["subject_id"] for change in changes))),
            owner=owner,
            due=due,
            note=f"{changes[0]['asks']} {CAVEAT}",
        )
        for (move_id, owner), changes in grouped.items()
    ]


def _slug(text: str) -> str:
    return "-".join("".join(letter if letter.isalnum() else " " for letter in text.lower()).split())
