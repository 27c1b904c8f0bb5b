"""Rewrites what people decided: whom it is about as pseudonyms, who decided too, and nothing of what they wrote."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from inventory.database import Database
from inventory.decision_file import answer_id
from inventory.decision_log import DecisionLog
from inventory.decisions import EVERY_CHECK, Action, Answer, Decision, Decisions, OwnerAssignment, PolicyException, Target, Where
from reports.redaction.pseudonyms import WITHHELD
from scoring.catalogue import load
from scoring.decided import lay_over
from scoring.decided.roadmap import phases
from scoring.interview import asked, fault
from scoring.planning.moves import moves

Rule = Callable[[str], str]

TAG_RULES: Mapping[str, str] = {"team": "name", "environment": "environment", "provider": "kind", "account": "name", "kind": "kind"}
"""Tag of inventory.decisions.TAGS -> the rule of its column."""

ASKED = "SELECT subject_id FROM decided.about WHERE kind = $kind AND id = $id GROUP BY subject_id ORDER BY subject_id"


class DecisionRewriter:
    """Rewrites decisions as the rows they are about are rewritten. What a query finds in the original is named by its ids."""

    def __init__(self, rules: Mapping[str, Rule], renamed: Rule, database: Database, decisions: Decisions, on: date) -> None:
        """`database`: the original judgement; the decisions are laid over it. `renamed`: id of a subject -> its id in the redacted judgement."""
        lay_over(database, decisions, on=on)
        self._rules = rules
        self._name = rules["name"]
        self._renamed = renamed
        self._database = database
        self._checks = {check.check_id for check in load(None).checks} | {EVERY_CHECK}
        self._phases = {phase.name for phase in phases()}

    def rewritten(self, decision: Decision) -> Decision | None:
        """None where nothing is left to say what it is about."""
        where = self._where(decision)
        return None if where is None else self._body(decision, where)

    def _body(self, decision: Decision, where: Where) -> Decision:
        match decision:
            case Answer():
                question = decision.question if asked(decision.question) else self._name(decision.question)
                criteria = tuple(one if fault(decision) is None else self._name(one) for one in decision.criteria)
                answered = replace(decision, question=question, criteria=criteria, where=where, note=_kept(decision.note), links=())
                return replace(answered, id=answer_id(question, where))
            case PolicyException():
                checks = tuple(check if check in self._checks else self._name(check) for check in decision.checks)
                approver = self._name(decision.approver)
                return replace(decision, id=self._name(decision.id), where=where, checks=checks, reason=WITHHELD, approver=approver)
            case OwnerAssignment():
                return replace(
                    decision, id=self._name(decision.id), where=where, owner=self._name(decision.owner), note=_kept(decision.note)
                )
            case Action():
                owner = self._name(decision.owner) if decision.owner else None
                move = decision.move if decision.move is None or decision.move in moves() else self._name(decision.move)
                made = replace(decision, id=self._name(decision.id), title=WITHHELD, move=move, owner=owner)
                return replace(made, where=where, note=_kept(decision.note))
            case Target():
                phase = decision.phase if decision.phase is None or decision.phase in self._phases else WITHHELD
                return replace(decision, id=self._name(decision.id), where=where, phase=phase, note=_kept(decision.note))

    def _where(self, decision: Decision) -> Where | None:
        where = decision.where
        if where.query:
            found = self._database.rows(ASKED, {"kind": str(decision.kind), "id": decision.id})
            return Where(ids=tuple(self._renamed(row["subject_id"]) for row in found)) if found else None
        tags = {tag: self._rules[TAG_RULES[tag]](value) for tag, value in where.tags.items()}
        return Where(ids=tuple(self._renamed(one) for one in where.ids), tags=tags)


def _kept(note: str) -> str:
    return WITHHELD if note else ""


def copy_decisions(original: Path, copy: Path, rewriter: Callable[[Decisions], DecisionRewriter], who: Rule) -> int:
    """Write the decisions that stand into another workspace's log, with who and when; how many could not be taken along."""
    standing = DecisionLog(original).standing()
    if not standing.recorded:
        return 0
    made, log = rewriter(standing), DecisionLog(copy)
    lost = 0
    for recorded in standing.recorded:
        decision = made.rewritten(recorded.decision)
        if decision is None:
            lost += 1
        else:
            log.record(decision, who=who(recorded.who), at=recorded.at)
    return lost
