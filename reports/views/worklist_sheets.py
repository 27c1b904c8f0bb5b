"""The sheets of the worklist: for each which rows there are, what stands first, and what is told of them."""

from __future__ import annotations

from inventory.database import Database
from inventory.lake import Snapshot
from reports.views.findings import marked, severity_rank
from reports.views.least_privilege import ACTIONS
from reports.views.methodology import check_details
from reports.views.worklist import Sheet
from scoring.planning.moves import moves

AT_BEST = "At best, if done as described: nhi what-if judges what a move does to one subject."

WHOSE = {"team": "Team", "owner": "Owner", "account": "Account", "environment": "Environment"}
STAGES = {"stage_lo": "Stage at least", "stage_hi": "Stage at most", "privilege": "Privilege"}

_STANDING = """
    LEFT JOIN placement AS p
        ON p.subject_kind = CASE WHEN x.identity_id IS NULL THEN x.subject_kind ELSE 'identity' END AND p.subject_id = coalesce(x.identity_id, x.subject_id)
    LEFT JOIN privilege AS v ON v.identity_id = x.identity_id
"""
"""Where a row `x` stands: that of its identity, else of the subject itself."""

_PRIVILEGE = "CASE coalesce(p.privilege, v.privilege, 'unknown') WHEN 'admin' THEN 0 WHEN 'unknown' THEN 1 WHEN 'write' THEN 2 WHEN 'read' THEN 3 ELSE 4 END"
_NOT_A_POINT = "p.stage_lo IS NULL OR p.stage_lo < p.stage_hi"


def _told(columns: str, more: str = "", scope: str = "i.scope") -> str:
    """A SELECT for the picked rows `x`: whose they are, where they stand, and these columns from what is joined besides."""
    return f"""
        WITH held AS (
            SELECT identity_id, string_agg(owner, '; ' ORDER BY owner) AS owner FROM work.owned
            WHERE identity_id IN (SELECT identity_id FROM work.picked) GROUP BY identity_id
        )
        SELECT x.n, {columns}, p.stage_lo, p.stage_hi, coalesce(p.privilege, v.privilege) AS privilege,
               CASE WHEN p.subject_id IS NOT NULL THEN p.team ELSE coalesce(i.team, o.team) END AS team, held.owner,
               coalesce(a.name || ' (' || a.scope || ')', {scope}) AS account,
               CASE WHEN p.subject_id IS NOT NULL THEN p.environment ELSE coalesce(i.environment, o.environment, a.environment) END AS environment
        FROM work.picked AS x {_STANDING}
        LEFT JOIN identity AS i ON i.identity_id = x.identity_id
        LEFT JOIN workload AS o ON x.subject_kind = 'workload' AND o.workload_id = x.subject_id
        LEFT JOIN held ON held.identity_id = x.identity_id
        {more}
        LEFT JOIN account AS a ON a.scope = {scope}
    """


def _told_of_its_own(columns: str, more: str, scope: str) -> str:
    """The same with the stages of the picked subject's own ways in, `own_lo` and `own_hi`: its identity may have weaker ones."""
    return (
        f"SELECT * REPLACE (own_lo AS stage_lo, own_hi AS stage_hi) FROM ({_told(f'x.own_lo, x.own_hi, {columns}', more, scope)}) AS told"
    )


def _records(column: str) -> str:
    """SQL of records as text; the first `#` parts the file from the record."""
    return f"nullif(array_to_string(list_transform({column}, lambda e: regexp_replace(e, '#', ' # ')), '; '), '')"


def sheets(database: Database, snapshot: Snapshot) -> tuple[Sheet, ...]:
    """Every sheet, in the order of the file."""
    return (_moves(), _actions(), _findings(database), _identities(), _credentials(snapshot), _proposals(), _coverage())


def _moves() -> Sheet:
    catalogue = list(moves().values())
    told = """
        SELECT x.n, $titles[x.place] AS title, x.candidates, x.ready, x.candidates - x.ready AS waiting, $efforts[x.place] AS effort,
               $from_stages[x.place] AS from_stage, $to_stages[x.place] AS to_stage, $asks[x.place] AS asks, $whys[x.place] AS why,
               $rollbacks[x.place] AS rollback, x.move_id
        FROM work.picked AS x
    """
    places = ", ".join(f"('{one.move_id}', {place}, {one.effort})" for place, one in enumerate(catalogue, start=1))
    return Sheet(
        title="Moves",
        about=f"Every move, with the subjects that it can be done to. {AT_BEST}",
        columns={
            "title": "Move", "candidates": "Subjects", "ready": "Ready", "waiting": "Held back", "effort": "Effort (1 to 8)",
            "from_stage": "From stage", "to_stage": "To stage at best", "asks": "What to do", "why": "Why that effort",
            "rollback": "The way back", "move_id": "Move id",
        },
        keys="move_id, place, candidates, ready",
        rows=f"""(
            SELECT m.move_id, m.place, m.effort, count(c.subject_id) AS candidates, count(c.subject_id) FILTER (WHERE c.ready) AS ready
            FROM (VALUES {places}) AS m (move_id, place, effort) LEFT JOIN work.candidate AS c ON c.move_id = m.move_id GROUP BY ALL
        )""",
        order="candidates = 0, effort, move_id",
        unknown="false",
        told=told,
        params={
            "titles": [one.title for one in catalogue],
            "efforts": [one.effort for one in catalogue],
            "from_stages": [one.addresses[0] if one.addresses else None for one in catalogue],
            "to_stages": [one.addresses[1] if one.addresses else None for one in catalogue],
            "asks": [one.asks for one in catalogue],
            "whys": [one.effort_reason for one in catalogue],
            "rollbacks": [one.rollback for one in catalogue],
        },
    )  # fmt: skip


def _actions() -> Sheet:
    catalogue = list(moves().values())
    ids, efforts = [one.move_id for one in catalogue], [one.effort for one in catalogue]
    to_stages = ", ".join(str(one.addresses[1]) if one.addresses else "NULL" for one in catalogue)
    own = "CASE WHEN x.subject_kind IN ('credential', 'trust') THEN w.{0} ELSE p.stage_{0} END"
    low, high = own.format("lo"), own.format("hi")
    to = f"CASE WHEN x.to_stage > {low} THEN x.to_stage END"
    named = """
        LEFT JOIN work.candidate AS c ON c.move_id = x.move_id AND c.subject_kind = x.subject_kind AND c.subject_id = x.subject_id
        LEFT JOIN credential AS k ON x.subject_kind = 'credential' AND k.credential_id = x.subject_id
        LEFT JOIN trust AS t ON x.subject_kind = 'trust' AND t.trust_id = x.subject_id
        LEFT JOIN resource AS r ON x.subject_kind = 'resource' AND r.resource_id = x.subject_id
        LEFT JOIN account AS y ON x.subject_kind = 'account' AND y.scope = x.subject_id
    """
    return Sheet(
        title="Actions",
        about=f"A row for each move and subject: ready ones first, then the lowest stage, the highest privilege, the most gain for the effort. {AT_BEST}",
        columns={
            "title": "Move", "subject": "Subject", "state": "State", "effort": "Effort (1 to 8)", **STAGES, "to_stage": "To stage at best",
            "gain": "Stages gained at best", **WHOSE, "reason": "Why", "guards": "First settle", "evidence": "Evidence",
            "subject_kind": "Kind of subject", "subject_id": "Subject id", "move_id": "Move id",
        },
        keys=f"x.move_id, x.place, x.effort, x.subject_kind, x.subject_id, x.identity_id, x.ready, {low} AS own_lo, {high} AS own_hi, {to} AS to_stage",
        rows=f"""(
            SELECT c.move_id, c.place, {efforts}[c.place] AS effort, [{to_stages}][c.place] AS to_stage, c.subject_kind, c.subject_id, c.ready,
                   coalesce(k.identity_id, t.identity_id, CASE c.subject_kind WHEN 'identity' THEN c.subject_id END) AS identity_id
            FROM (SELECT *, list_position({ids}, move_id) AS place FROM work.candidate) AS c
            LEFT JOIN credential AS k ON c.subject_kind = 'credential' AND k.credential_id = c.subject_id
            LEFT JOIN trust AS t ON c.subject_kind = 'trust' AND t.trust_id = c.subject_id
        ) AS x {_STANDING} LEFT JOIN (
            SELECT 'credential' AS kind, credential_id AS id, min(stage_lo) AS lo, min(stage_hi) AS hi FROM access_path GROUP BY credential_id
            UNION ALL
            SELECT 'trust', trust_id, min(stage_lo), min(stage_hi) FROM access_path GROUP BY trust_id
        ) AS w ON w.kind = x.subject_kind AND w.id = x.subject_id""",
        order=f"""
            NOT x.ready, {low} NULLS LAST, {_PRIVILEGE}, ({to} - {low}) / x.effort DESC NULLS LAST, x.effort, x.move_id, x.subject_kind, x.subject_id
        """,
        unknown=f"{low} IS NULL OR {low} < {high}",
        told=_told_of_its_own(
            f"""
            $titles[x.place] AS title, CASE WHEN x.ready THEN 'ready' ELSE 'held back' END AS state, x.effort, x.to_stage,
            x.to_stage - x.own_lo AS gain, c.reason, nullif(array_to_string(c.guards, '; '), '') AS guards, {_records("c.evidence")} AS evidence,
            coalesce(i.name || ': ' || k.name, k.name, i.name || ' trusts ' || t.principal, r.name, y.name, i.name, x.subject_id) AS subject,
            x.subject_kind, x.subject_id, x.move_id
            """,
            named,
            "coalesce(i.scope, k.scope, r.scope, y.scope)",
        ),
        params={"titles": [one.title for one in catalogue]},
    )  # fmt: skip


def _findings(database: Database) -> Sheet:
    known = check_details()
    return Sheet(
        title="Findings",
        about="Subjects for which a check failed or could not tell: failed first, excepted ones after the others, then by severity and privilege.",
        columns={
            "severity": "Severity", "status": "Status", "title": "Finding", "subject_name": "Subject", "reason": "Why", **WHOSE, **STAGES,
            "exception": "Exception", "evidence": "Evidence", "check_id": "Check", "subject_kind": "Kind of subject", "subject_id": "Subject id",
            "identity_id": "Identity id",
        },
        keys="x.check_id, x.subject_kind, x.subject_id, x.identity_id, x.exception",
        rows=f"{marked(database)} AS x {_STANDING}",
        order=f"""
            CASE x.status WHEN 'fail' THEN 0 ELSE 1 END, x.exception IS NOT NULL,
            {severity_rank('x.severity')},
            {_PRIVILEGE}, p.stage_lo NULLS LAST, x.check_id, x.subject_kind, x.subject_id
        """,
        unknown="x.status = 'unknown'",
        told=_told(
            f"""
            f.severity, f.status, coalesce($titles[list_position($checks, x.check_id)], x.check_id) AS title, f.subject_name, f.reason,
            'excepted: ' || x.exception AS exception, {_records("f.evidence")} AS evidence, x.check_id, x.subject_kind, x.subject_id, x.identity_id
            """,
            "JOIN finding AS f ON f.check_id = x.check_id AND f.subject_kind = x.subject_kind AND f.subject_id = x.subject_id",
            "coalesce(f.scope, i.scope)",
        ),
        params={"checks": list(known), "titles": [details["title"] for details in known.values()]},
    )  # fmt: skip


def _identities() -> Sheet:
    return Sheet(
        title="Identities",
        about="Every identity: the weakest first, then the highest privilege; those without a way in, people and those out of scope last.",
        columns={
            "name": "Identity", "kind": "Kind", **STAGES, **WHOSE, "last_used_at": "Last used", "last_used_known": "Use is tracked",
            "status": "Status", "human": "Human", "in_scope": "In scope", "paths": "Ways in", "lo_reason": "What holds it down",
            "to_settle": "Evidence that would settle it", "missing": "Not collected for its account", "evidence": "Evidence",
            "identity_id": "Identity id",
        },
        keys="x.identity_id, x.subject_kind, x.subject_id",
        rows=f"(SELECT *, 'identity' AS subject_kind, identity_id AS subject_id FROM identity) AS x {_STANDING}",
        order=f"p.stage_lo NULLS LAST, {_PRIVILEGE}, p.stage_hi, x.name, x.identity_id",
        unknown=_NOT_A_POINT,
        told=_told(
            """
            i.name, i.kind, coalesce(i.last_used_at, u.last_used_at) AS last_used_at, i.last_used_known, i.status, i.human,
            CASE WHEN i.in_scope THEN 'yes' ELSE 'no: ' || coalesce(i.scope_reason, 'not said why') END AS in_scope,
            p.paths, w.lo_reason, w.to_settle, g.missing, regexp_replace(i.evidence, '#', ' # ') AS evidence, x.identity_id
            """,
            """
            LEFT JOIN access_path AS w ON w.path_id = p.lo_path_id
            LEFT JOIN (
                SELECT identity_id, max(last_used_at) AS last_used_at FROM credential
                WHERE identity_id IN (SELECT identity_id FROM work.picked) GROUP BY identity_id
            ) AS u ON u.identity_id = x.identity_id
            LEFT JOIN work.gap AS g ON g.scope = i.scope
            """,
        ),
    )  # fmt: skip


def _credentials(snapshot: Snapshot) -> Sheet:
    when = f"CAST('{snapshot.as_of.isoformat()}' AS TIMESTAMP)"
    age = f"date_diff('day', coalesce(x.rotated_at, x.created_at), {when})"
    return Sheet(
        title="Credentials",
        about="Every credential: what still stands where a scanner saw it first, then the weakest, the highest privilege, the oldest; inactive ones last.",
        columns={
            "name": "Credential", "kind": "Kind", "identity": "Identity", **STAGES, "age_days": "Age in days", "created_at": "Created",
            "rotated_at": "Last rotated", "expires_at": "Expires", "never_expires": "Never expires", "last_used_at": "Last used",
            "last_used_known": "Use is tracked", "storage": "Where it rests", "storage_basis": "How that is known",
            "places": "Places seen by scanners", "open": "Of them open", "issuance": "Issued", "isolation": "Isolation", "status": "Status",
            **WHOSE, "evidence": "Evidence", "credential_id": "Credential id",
        },
        keys=f"x.subject_kind, x.subject_id, x.identity_id, w.stage_lo AS own_lo, w.stage_hi AS own_hi, {age} AS age_days",
        rows=f"""(SELECT *, 'credential' AS subject_kind, credential_id AS subject_id FROM credential) AS x {_STANDING}
            LEFT JOIN (
                SELECT credential_id, min(stage_lo) AS stage_lo, min(stage_hi) AS stage_hi FROM access_path
                WHERE credential_id IS NOT NULL GROUP BY credential_id
            ) AS w ON w.credential_id = x.credential_id
            LEFT JOIN (SELECT DISTINCT credential_id FROM secret_exposure WHERE state = 'open') AS e ON e.credential_id = x.credential_id""",
        order=f"""
            x.status = 'inactive', e.credential_id IS NULL, w.stage_lo NULLS LAST, {_PRIVILEGE}, {age} DESC NULLS FIRST, x.name, x.credential_id
        """,
        unknown="w.stage_lo IS NULL OR w.stage_lo < w.stage_hi",
        told=_told_of_its_own(
            """
            c.name, c.kind, i.name AS identity, x.age_days, c.created_at, c.rotated_at, c.expires_at, c.never_expires,
            c.last_used_at, c.last_used_known, c.storage, c.storage_basis, coalesce(e.places, 0) AS places, coalesce(e.open, 0) AS open,
            c.issuance, c.isolation, c.status, regexp_replace(c.evidence, '#', ' # ') AS evidence, c.credential_id
            """,
            """
            JOIN credential AS c ON c.credential_id = x.subject_id
            LEFT JOIN (
                SELECT credential_id, count(*) AS places, count(*) FILTER (WHERE state = 'open') AS open FROM secret_exposure GROUP BY credential_id
            ) AS e ON e.credential_id = x.subject_id
            """,
            "coalesce(c.scope, i.scope)",
        ),
    )  # fmt: skip


def _proposals() -> Sheet:
    says = " ".join(f"WHEN '{name}' THEN '{words}'" for name, words in ACTIONS.items())
    return Sheet(
        title="Proposals",
        about="Least privilege, for every identity with something to take away or to find out: disable, narrow, wait, then what cannot be judged; most unused"
        " weight first. nhi recommend writes the policies.",
        columns={
            "name": "Identity", "proposed": "Proposed", "confidence": "Confidence", "granted": "Granted", "used": "Used", "unused": "Unused",
            "likely_unused": "Likely unused", "not_known": "Not known", "creep_lo": "Creep at least, %", "creep_hi": "Creep at most, %",
            "window_days": "Days watched", "reason": "Why", "guards": "First settle", **STAGES, **WHOSE, "evidence": "Evidence",
            "identity_id": "Identity id",
        },
        keys="x.identity_id, x.subject_kind, x.subject_id",
        rows="(SELECT *, 'identity' AS subject_kind, identity_id AS subject_id FROM least_privilege WHERE action <> 'none') AS x",
        order="CASE x.action WHEN 'disable' THEN 0 WHEN 'narrow' THEN 1 WHEN 'wait' THEN 2 ELSE 3 END, x.weight_unused DESC NULLS LAST, x.identity_id",
        unknown="x.granted IS NULL",
        told=_told(
            f"""
            i.name, CASE l.action {says} END AS proposed, l.confidence, l.granted, l.used, l.unused, l.likely_unused, l.unknown AS not_known,
            CASE WHEN l.weight > 0 THEN round(100.0 * l.weight_unused / l.weight, 1) END AS creep_lo,
            CASE WHEN l.weight > 0 THEN round(100.0 * (l.weight_unused + l.weight_open) / l.weight, 1) END AS creep_hi,
            l.window_days, l.reason, nullif(array_to_string(l.guards, '; '), '') AS guards, {_records("l.evidence")} AS evidence, x.identity_id
            """,
            "JOIN least_privilege AS l ON l.identity_id = x.identity_id",
        ),
    )  # fmt: skip


def _coverage() -> Sheet:
    return Sheet(
        title="Coverage",
        about="What was asked for and what came of it: gaps first. Where a fact was not collected, no check that needs it can pass.",
        columns={
            "status": "Status", "fact": "Fact", "account": "Account or repository", "provider": "Provider", "reason": "Why, and what to supply",
            "collected_at": "Collected", "evidence": "Evidence",
        },
        keys="x.*",
        rows="(SELECT * FROM coverage WHERE coalesce(reason, '') NOT LIKE 'does not apply:%') AS x",
        order="x.status = 'collected', x.status, x.fact, x.scope, x.evidence, x.reason",
        unknown="x.status <> 'collected'",
        told="""
            SELECT x.n, x.status, x.fact, coalesce(a.name || ' (' || a.scope || ')', CASE x.scope WHEN '*' THEN 'all accounts' ELSE x.scope END) AS account,
                   a.provider, x.reason, x.collected_at, regexp_replace(x.evidence, '#', ' # ') AS evidence
            FROM work.picked AS x LEFT JOIN account AS a ON a.scope = x.scope
        """,
    )  # fmt: skip
