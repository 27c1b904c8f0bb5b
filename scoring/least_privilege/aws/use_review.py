"""Everything that one AWS identity holds, permission by permission, each with the verdict on its use and what says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from inventory.database import Database
from scoring.least_privilege.aws.catalogue import Action, Catalogue
from scoring.least_privilege.aws.conditions import Holds
from scoring.least_privilege.aws.documents import Statement
from scoring.least_privilege.aws.use_subject import Record, Subject, subject
from scoring.least_privilege.aws.use_verdicts import PASS_ROLE, classes, split
from scoring.least_privilege.use import Permission, Review, Use, Weight
from scoring.packs import Pack

BOUNDLESS = "a wildcard or NotAction may also allow what services outside the action catalogue offer"


def review(database: Database, identity_id: str, as_of: datetime, pack: Pack, catalogue: Catalogue | None = None) -> Review:
    """Everything that one identity holds. Raises LookupError where AWS has none of this id."""
    one = subject(database, identity_id, as_of, pack, catalogue)
    gaps = [gap for gap in (one.gap, one.above) if gap]
    if one.held.boundless:
        gaps.append(BOUNDLESS)
    return Review(identity_id=identity_id, permissions=[*_listed(one), *_literals(one)], gaps=gaps)


def _listed(one: Subject) -> Iterator[Permission]:
    """Actions of the catalogue, by service and name."""
    catalogue = one.held.catalogue
    parts = split(one.held.granted, one.verdicts)
    grants = [(grant, _words(one, grant.statement)) for grant in one.held.effective.grants if grant.possible]
    for action in catalogue.members(one.held.granted):
        key = f"{action.service}:{action.name.lower()}"
        bit = catalogue.bit(key)
        giving = [(grant, words) for grant, words in grants if grant.possible & bit]
        use = next(use for use, mask in parts.items() if mask & bit)
        record = _record(one, action, use)
        yield Permission(
            name=f"{action.service}:{action.name}",
            service=action.service,
            weight=next(weight for weight, mask in classes(catalogue).items() if mask & bit),
            use=use,
            granted_by=tuple(dict.fromkeys(words for _, words in giving)),
            conditional=all(grant.statement.holds is not Holds.ALWAYS for grant, _ in giving),
            last_at=record.last_at if record else None,
            window_days=record.window_days if record else None,
            reason=_reason(one, action, use, record, needed=bool(one.verdicts.needed & bit)),
            evidence=(record.evidence,) if record else _of_grant(one, [grant.statement for grant, _ in giving]),
        )


def _literals(one: Subject) -> Iterator[Permission]:
    """Patterns outside the catalogue, as written."""
    idle = one.verdicts.wholly_unused and one.pattern.own_use == "idle"
    for pattern in one.held.literals:
        giving = [grant.statement for grant in one.held.effective.grants if pattern in grant.beyond]
        yield Permission(
            name=pattern,
            service=pattern.partition(":")[0],
            weight=Weight.CHANGE,
            use=Use.LIKELY_UNUSED if idle else Use.UNKNOWN,
            granted_by=tuple(_words(one, statement) for statement in giving),
            conditional=all(statement.holds is not Holds.ALWAYS for statement in giving),
            reason=f"it {one.held.catalogue.gap(pattern)}",
            evidence=_of_grant(one, giving),
        )


def _words(one: Subject, statement: Statement) -> str:
    sid = f" ({statement.sid})" if statement.sid else ""
    return " and ".join(policy.title for policy in one.policies_of(statement)) + f", statement {statement.number}{sid}"


def _of_grant(one: Subject, statements: Sequence[Statement]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(policy.evidence for statement in statements for policy in one.policies_of(statement)))


def _record(one: Subject, action: Action, use: Use) -> Record | None:
    """What decides: the record of the action, or where it is silent that of its service."""
    own = one.records.get((action.service, action.name.lower()))
    if own is not None or use in (Use.USED, Use.UNKNOWN):
        return own
    return one.records.get((action.service, ""))


def _reason(one: Subject, action: Action, use: Use, record: Record | None, *, needed: bool) -> str:
    if use is Use.USED and record and record.last_at:
        return f"called on {record.last_at:%Y-%m-%d}"
    if use is Use.UNKNOWN:
        return _unknown(one, action, needed=needed)
    if record is None or (use is Use.LIKELY_UNUSED and one.pattern.own_use == "idle"):
        return _own_use(one)
    own = (action.service, action.name.lower()) in one.records
    what = "it was not called" if own else f"nothing of {action.service} was called"
    last = f"; last on {record.last_at:%Y-%m-%d}" if record.last_at else ""
    partly = "" if one.pattern.complete else "; the report may leave services out"
    return f"{what} within the limit, in records that look back {record.window_days} days{last}{partly}"


def _unknown(one: Subject, action: Action, *, needed: bool) -> str:
    if f"{action.service}:{action.name.lower()}" == PASS_ROLE:
        return "no record ever shows whether a role was passed"
    if needed:
        return "AWS may check it when actions that are used are called"
    if action.service in one.verdicts.services:
        return (
            f"{action.service} is used, and no record names this action"
            if action.tracked
            else f"{action.service} is used, and IAM does not report this action"
        )
    return f"no record that is young enough and looks back far enough names {action.service}"


def _own_use(one: Subject) -> str:
    last = one.facts["last_used_at"]
    return f"the identity itself was last used on {last:%Y-%m-%d}" if last else "no use of the identity itself was seen"
