"""Everything that can be judged, and the facts that were not collected for its scope: what checks, metrics and decisions share."""

from __future__ import annotations

from inventory.database import Database
from inventory.model import Fact

SUBJECTS = """
INSERT INTO main.subject
WITH listed AS (
SELECT 'identity' AS subject_kind, identity_id AS subject_id, name, scope, identity_id, provider FROM main.identity
UNION ALL
SELECT 'credential', c.credential_id, c.name, coalesce(c.scope, i.scope), c.identity_id, c.provider
FROM main.credential AS c
LEFT JOIN main.identity AS i ON i.identity_id = c.identity_id
UNION ALL
SELECT 'workload', workload_id, name, scope, identity_id, provider FROM main.workload
UNION ALL
SELECT 'resource', resource_id, name, scope, NULL, provider FROM main.resource
UNION ALL
SELECT 'exposure', e.exposure_id, e.path || coalesce(':' || e.line, ''), e.scope, c.identity_id, c.provider
FROM main.secret_exposure AS e
LEFT JOIN main.credential AS c ON c.credential_id = e.credential_id
UNION ALL
SELECT 'scope', scope, coalesce(name, scope), scope, NULL, provider FROM main.account
UNION ALL
SELECT 'scope', target_id, target_id, target_id, NULL, NULL FROM main.scan_target
)
SELECT
    s.subject_kind, s.subject_id, s.name, s.scope, s.identity_id, s.provider,
    CASE WHEN p.subject_id IS NOT NULL THEN p.team ELSE coalesce(i.team, w.team, r.team) END,
    CASE WHEN p.subject_id IS NOT NULL THEN p.environment ELSE coalesce(i.environment, w.environment, r.environment, a.environment) END,
    coalesce(i.kind, c.kind, w.kind, r.kind)
FROM listed AS s
LEFT JOIN main.identity AS i ON i.identity_id = s.identity_id
LEFT JOIN main.placement AS p
    ON p.subject_kind = CASE WHEN s.identity_id IS NULL THEN s.subject_kind ELSE 'identity' END AND p.subject_id = coalesce(s.identity_id, s.subject_id)
LEFT JOIN main.credential AS c ON s.subject_kind = 'credential' AND c.credential_id = s.subject_id
LEFT JOIN main.workload AS w ON s.subject_kind = 'workload' AND w.workload_id = s.subject_id
LEFT JOIN main.resource AS r ON s.subject_kind = 'resource' AND r.resource_id = s.subject_id
LEFT JOIN main.account AS a ON a.scope = s.scope
"""
"""A decision for a team or an environment is so about the very subjects that stand there on a stage."""

GAPS = """
CREATE OR REPLACE TABLE work.gap AS
WITH place AS (
    SELECT scope FROM main.subject
    UNION
    SELECT scope FROM main.coverage
    UNION
    SELECT NULL
), fact AS (
    SELECT unnest($facts) AS fact
)
SELECT
    p.scope,
    f.fact,
    'not evidenced: ' || f.fact || CASE WHEN p.scope = '*' THEN '' ELSE ' of ' || coalesce(p.scope, 'an unnamed scope') END || CASE c.status
        WHEN 'denied' THEN ' was denied'
        WHEN 'partial' THEN ' is partial' || coalesce(' (' || c.reason || ')', '')
        WHEN 'unreadable' THEN ' could not be read'
        WHEN 'stale' THEN ' is stale' || coalesce(' (' || c.reason || ')', '')
        ELSE ' was not supplied'
    END AS reason
FROM place AS p
CROSS JOIN fact AS f
LEFT JOIN main.coverage AS c ON c.fact = f.fact AND c.scope = p.scope
LEFT JOIN main.coverage AS everywhere ON everywhere.fact = f.fact AND everywhere.scope = '*' AND everywhere.status = 'collected'
WHERE CASE WHEN c.status IS NULL THEN everywhere.fact IS NULL ELSE c.status <> 'collected' END
"""
"""Facts that were not collected, for every scope of a subject (NULL: the subject's scope is not known)."""


def list_subjects(database: Database) -> None:
    """Fill main.subject from what was merged and placed."""
    database.execute("DELETE FROM main.subject")
    database.execute(SUBJECTS)


def find_gaps(database: Database) -> None:
    """Fill work.gap, on a judged database or on one that a snapshot was opened in."""
    database.execute("CREATE SCHEMA IF NOT EXISTS work")
    database.execute(GAPS, {"facts": sorted(Fact)})
