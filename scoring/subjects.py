"""Everything that can be judged, and the facts that were not collected for its scope: what checks and metrics share."""

from __future__ import annotations

from inventory.model import Fact
from inventory.store import Database

SUBJECTS = """
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
"""
"""Everything that can be judged, with the scope whose coverage counts for it, and its provider where it has one."""

GAPS = """
CREATE OR REPLACE TABLE work.gap AS
WITH place AS (
    SELECT scope FROM work.subject
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


def subjects_and_gaps(database: Database) -> None:
    """Fill work.subject and work.gap, on a judged database or on one that a snapshot was opened in."""
    database.execute("CREATE SCHEMA IF NOT EXISTS work")
    database.execute(f"CREATE OR REPLACE TABLE work.subject AS {SUBJECTS}")
    database.execute(GAPS, {"facts": sorted(Fact)})
