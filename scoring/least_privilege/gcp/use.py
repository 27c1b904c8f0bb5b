"""Used against granted on Google Cloud: counts for all identities at once, and the review of one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from inventory.database import Database
from scoring.least_privilege.gcp.effective import Binding, Evaluator
from scoring.least_privilege.gcp.grant_use import GrantUse, Limits, limits, words
from scoring.least_privilege.gcp.holdings import Holding, hierarchy, holdings, role_texts
from scoring.least_privilege.gcp.names import Names
from scoring.least_privilege.gcp.standing import Standing, held_back, standing
from scoring.least_privilege.sql import statement
from scoring.least_privilege.use import Permission, Review, Use, Weight, weights
from scoring.packs import Pack

SHOWN = 5
"""Records named as evidence of a count."""


def counts(database: Database, as_of: datetime, pack: Pack) -> None:
    """Add one row per GCP identity to `main.least_privilege`. Needs `judging.known_grants`. Each pattern of grants and use is judged once."""
    if not database.value("SELECT count(*) FROM main.identity WHERE provider = 'gcp'"):
        return
    database.script(statement("gcp/patterns"))
    members = database.rows(MEMBERS)
    chosen = {row["pattern"]: row["identity_id"] for row in reversed(members)}
    found = holdings(database, sorted(chosen.values()))
    limit = limits(as_of, pack)
    evaluator = evaluator_of(database, found.values(), as_of)
    judged = {pattern: standing(found[identity_id], evaluator, limit) for pattern, identity_id in chosen.items()}
    numbers = {pattern: _numbers(one, evaluator.names) for pattern, one in judged.items()}
    rows = [_row(row, judged[row["pattern"]], numbers[row["pattern"]], found[chosen[row["pattern"]]], limit, pack) for row in members]
    database.insert_rows("least_privilege", rows)


def review(database: Database, identity_id: str, as_of: datetime, pack: Pack) -> Review:
    """Everything that one identity holds, with the verdict on its use. Reads `main` alone. Raises LookupError for an unknown identity."""
    holding, evaluator = one(database, identity_id, as_of)
    found = standing(holding, evaluator, limits(as_of, pack))
    permissions = [
        _permission(name, use, found, evaluator.names) for use, mask in found.masks.items() for name in evaluator.names.members(mask)
    ]
    unread = [_unread(grant) for grant in found.grants if grant.problem]
    silent = [binding for binding in holding.bindings if binding.via == "deny" and binding.document_id not in evaluator.texts]
    gaps = [
        *([found.gap] if found.gap else []),
        *(f"a deny policy names it and may take some of this away: {binding.role_id}" for binding in silent),
    ]
    return Review(
        identity_id=identity_id, permissions=sorted([*permissions, *unread], key=lambda held: (held.service, held.name)), gaps=gaps
    )


def one(database: Database, identity_id: str, as_of: datetime) -> tuple[Holding, Evaluator]:
    """One identity and what evaluates its grants."""
    holding = holdings(database, [identity_id]).get(identity_id)
    if holding is None:
        raise LookupError(f"{identity_id}: no such identity")
    return holding, evaluator_of(database, [holding], as_of)


def evaluator_of(database: Database, found: Iterable[Holding], as_of: datetime) -> Evaluator:
    """An evaluator that has the texts of all their roles."""
    bindings: list[Binding] = [binding for holding in found for binding in holding.bindings]
    return Evaluator(role_texts(database, bindings), as_of=as_of, names=Names(), hierarchy=hierarchy(database))


def _numbers(found: Standing, names: Names) -> Mapping[str, int | None]:
    """The figures of a pattern; none where what it holds is not known."""
    keys = {"granted": None, "used": Use.USED, "unused": Use.UNUSED, "likely_unused": Use.LIKELY_UNUSED, "unknown": Use.UNKNOWN}
    if found.gap is not None:
        return dict.fromkeys((*keys, "weight", "weight_unused", "weight_open"))
    masks = {key: found.granted if use is None else found.masks[use] for key, use in keys.items()}
    figures: dict[str, int | None] = {key: mask.bit_count() for key, mask in masks.items()}
    figures["weight"] = _weight(masks["granted"], names)
    figures["weight_unused"] = _weight(masks["unused"], names)
    figures["weight_open"] = _weight(masks["likely_unused"] | masks["unknown"], names)
    return figures


def _weight(mask: int, names: Names) -> int:
    return sum(points * (mask & names.of_weight(weight)).bit_count() for weight, points in weights().items())


def _row(
    member: Mapping[str, Any], found: Standing, numbers: Mapping[str, int | None], like: Holding, limit: Limits, pack: Pack
) -> dict[str, Any]:
    """`like`: an identity of the same pattern; names and purposes are each identity's own."""
    own = _own(like, member)
    reasons = held_back(own, found, limit, pack)
    return {
        "identity_id": member["identity_id"],
        **numbers,
        "window_days": found.window_days,
        "action": "wait" if reasons else found.action,
        "confidence": found.confidence,
        "guards": reasons,
        "reason": found.reason,
        "evidence": member["evidence"][:SHOWN],
    }


def _own(like: Holding, member: Mapping[str, Any]) -> Holding:
    return replace(
        like,
        identity_id=member["identity_id"],
        name=member["name"],
        purpose=member["purpose"],
        created_at=member["created_at"],
        changed_at=member["changed_at"],
    )


def _permission(name: str, use: Use, found: Standing, names: Names) -> Permission:
    bit = names.bit(name)
    holding = [grant for grant in found.grants if grant.mask & bit]
    deciding = next(grant for grant in holding if grant.mask_of(use) & bit)
    watched = deciding.watched
    return Permission(
        name=name,
        service=service_of(name),
        weight=next(weight for weight in Weight if names.of_weight(weight) & bit),
        use=use,
        granted_by=tuple(words(grant.binding) for grant in holding),
        conditional=all(grant.binding.conditional for grant in holding),
        last_at=watched.until if watched and use is Use.USED else None,
        window_days=watched.window_days if watched else None,
        reason=_reason(use, deciding),
        evidence=(watched.evidence if watched else deciding.binding.evidence,),
    )


def _reason(use: Use, grant: GrantUse) -> str:
    if use is Use.USED:
        return f"used, by the policy insight on {words(grant.binding)}" if grant.watched else "used, by the log"
    if use is Use.LIKELY_UNUSED:
        return f"{grant.why}, but Google takes it to be needed"
    return grant.why


def _unread(grant: GrantUse) -> Permission:
    """A role that nobody can read, as it stands."""
    return Permission(
        name=grant.binding.role_id,
        service="*",
        weight=Weight.CONTROL,
        use=Use.UNKNOWN,
        granted_by=(words(grant.binding),),
        conditional=grant.binding.conditional,
        reason=f"{grant.problem}",
        evidence=(grant.binding.evidence,),
    )


def service_of(permission: str) -> str:
    """`storage` of storage.objects.get."""
    return permission.partition(".")[0].lower()


MEMBERS = """
    WITH grants AS (
        SELECT identity_id, max(changed_at) AS changed_at, list_sort(list(DISTINCT evidence)) AS evidence
        FROM main.entitlement
        GROUP BY identity_id
    ),
    looks AS (
        SELECT identity_id, list_sort(list(DISTINCT evidence)) AS evidence FROM main.observation GROUP BY identity_id
    )
    SELECT
        p.identity_id, p.pattern, i.name, i.purpose, i.created_at, g.changed_at, coalesce(l.evidence, g.evidence, [i.evidence]) AS evidence
    FROM judging.gcp_pattern AS p
    JOIN main.identity AS i ON i.identity_id = p.identity_id
    LEFT JOIN grants AS g ON g.identity_id = p.identity_id
    LEFT JOIN looks AS l ON l.identity_id = p.identity_id
    ORDER BY p.identity_id
"""
