"""How an identity is come by, and what it reaches: its credentials, what may become it, what it may become or grow into. Rows as they are
stored, each with its record; nothing is concluded here.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from inventory.database import Database
from reports.views.evidence import Rows, located
from reports.views.identity import SubjectDetail

IN, OUT = "way in", "reach"

GROUPS = {
    "credential": "credential",
    "trust": "may become it",
    "workload": "runs as it",
    "itself": "may do itself",
    "becomes": "may become",
    "way": "way to more",
    "resource": "is granted on",
}
"""Kinds of links, as people read them, in the order in which they are drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One thing beside the identity."""

    side: str
    """IN or OUT."""
    group: str
    """Key of GROUPS."""
    title: str
    detail: str
    certain: bool | None = None
    """None: not a matter of certainty, or nothing tells."""
    subject_id: str | None = None
    """Identity that it is, where it has a page of its own."""
    gains: str | None = None
    """Privilege at the end of a way to more."""
    evidence: list[str] = field(default_factory=list)


def links(database: Database, detail: SubjectDetail, ways: Rows) -> list[Link]:
    """Everything beside an identity. `ways`: its rows of `least_privilege.escalations`, certain ones first."""
    identity_id = detail.subject_id
    found = [*_credentials(detail), *_trusts(database, detail), *_workloads(database, identity_id)]
    found += [*_itself(detail), *_becomes(database, identity_id), *_ways(ways), *_resources(database, identity_id)]
    order = list(GROUPS)
    return sorted(found, key=lambda link: order.index(link.group))


def _credentials(detail: SubjectDetail) -> list[Link]:
    rows = sorted(detail.credentials, key=lambda row: (row["status"] != "active", row["kind"], row["name"], row["credential_id"]))
    return [
        Link(side=IN, group="credential", title=row["name"], detail=f"{_said(row['kind'])}, {row['status']}, rests in {_said(row['storage'])}",
             evidence=[row["evidence"]])
        for row in rows
    ]  # fmt: skip


def _trusts(database: Database, detail: SubjectDetail) -> list[Link]:
    names = _names(database, [row["principal"] for row in detail.trusts if row["principal_kind"] == "principal"])
    return [
        Link(
            side=IN,
            group="trust",
            title=names.get(row["principal"]) or row["principal"],
            detail=f"{_said(row['principal_kind'])}{', people' if row['human'] else ''}, {row['safety']}"
            + (f": {row['safety_reason']}" if row["safety_reason"] else ""),
            subject_id=row["principal"] if row["principal"] in names else None,
            evidence=[row["evidence"]],
        )
        for row in detail.trusts
    ]


def _names(database: Database, ids: list[str]) -> dict[str, str]:
    found = database.rows("SELECT identity_id, name FROM identity WHERE list_contains($ids, identity_id)", {"ids": ids}) if ids else []
    return {row["identity_id"]: row["name"] for row in found}


def _workloads(database: Database, identity_id: str) -> list[Link]:
    rows = database.rows(
        "SELECT kind, name, evidence FROM workload WHERE identity_id = $id ORDER BY kind, name, workload_id", {"id": identity_id}
    )
    return [Link(side=IN, group="workload", title=row["name"], detail=_said(row["kind"]), evidence=[row["evidence"]]) for row in rows]


def _itself(detail: SubjectDetail) -> list[Link]:
    row = detail.privilege
    if row is None:
        return []
    return [
        Link(
            side=OUT,
            group="itself",
            title=f"{row['privilege']} by its own permissions",
            detail=row["reason"] or "",
            evidence=row["evidence"],
        )
    ]


def _becomes(database: Database, identity_id: str) -> list[Link]:
    rows = database.rows(
        """
        SELECT t.identity_id, i.name, t.safety, t.conditional, t.evidence, v.privilege FROM trust AS t
        JOIN identity AS i ON i.identity_id = t.identity_id
        LEFT JOIN privilege AS v ON v.identity_id = t.identity_id
        WHERE t.principal = $id ORDER BY i.name, t.identity_id, t.trust_id
        """,
        {"id": identity_id},
    )
    return [
        Link(side=OUT, group="becomes", title=row["name"], detail=f"{_said(row['privilege'] or 'unknown')} privilege; it trusts this one",
             subject_id=row["identity_id"], evidence=[row["evidence"]])
        for row in rows
    ]  # fmt: skip


def _ways(ways: Rows) -> list[Link]:
    """One link per target and gain: several paths may lead to the same."""
    grouped: dict[tuple[str | None, str], Rows] = {}
    for row in ways:
        grouped.setdefault((row["target_id"], row["gains"]), []).append(row)
    return [
        Link(
            side=OUT,
            group="way",
            title=(rows[0]["target"] or target or "its own permissions grow"),
            detail=f"{', '.join(dict.fromkeys(row['path_id'] for row in rows))}: {rows[0]['certainty']}",
            certain=any(row["certainty"] == "certain" for row in rows),
            subject_id=target if rows[0]["target"] else None,
            gains=gains,
            evidence=list(dict.fromkeys(_reference(place) for row in rows for place in row["evidence"])),
        )
        for (target, gains), rows in grouped.items()
    ]


def _reference(place: dict[str, str | None]) -> str:
    return f"{place['path']}#{place['record']}" if place["record"] is not None else str(place["path"])


def _resources(database: Database, identity_id: str) -> list[Link]:
    rows = database.rows(
        """
        SELECT resource, list(DISTINCT policy_name ORDER BY policy_name) AS policies, list(DISTINCT evidence ORDER BY evidence) AS evidence
        FROM entitlement WHERE identity_id = $id AND resource IS NOT NULL AND via NOT IN ('deny', 'requested', 'definition', 'group')
        GROUP BY resource ORDER BY resource
        """,
        {"id": identity_id},
    )
    return [
        Link(side=OUT, group="resource", title=row["resource"], detail=", ".join(row["policies"]), evidence=row["evidence"]) for row in rows
    ]


def link_rows(found: list[Link]) -> Rows:
    """The links as a table, each with the first records behind it."""
    return [
        {
            "side": link.side,
            "group": GROUPS[link.group],
            "title": link.title,
            "detail": link.detail,
            "gains": link.gains,
            "certain": link.certain,
            "evidence": [located(reference) for reference in link.evidence],
        }
        for link in found
    ]


def link_takeaway(name: str, found: list[Link]) -> str:
    """The picture in a sentence, for those who do not see it."""
    into = [link for link in found if link.side == IN]
    becomes = sum(link.group == "becomes" for link in found)
    ways = [link for link in found if link.group == "way"]
    certain = sum(link.certain is True for link in ways)
    more = f"ways to more: {len(ways)}, certain: {certain}" if ways else "no way to more was found"
    return f"{name}: ways in: {len(into)}; identities that it may become: {becomes}; {more}."


def _said(word: str) -> str:
    return word.replace("_", " ")
