"""What the estate asks of a judged database, in SQL."""

from __future__ import annotations

TRUST = "SELECT identity_id, principal_kind, principal, principal_scope, conditional FROM main.trust ORDER BY trust_id"

PROFILES = """
    WITH shown AS (
        SELECT DISTINCT i.identity_id
        FROM main.identity AS i
        JOIN main.source AS s ON s.source_id = split_part(i.evidence, '#', 1) AND s.format = 'aws-gaad'
        WHERE i.provider = 'aws'
    )
    SELECT i.identity_id, bool_or(a.alias IS NOT NULL) AS profile, bool_or(s.identity_id IS NOT NULL) AS shown
    FROM main.identity AS i
    LEFT JOIN main.alias AS a ON a.identity_id = i.identity_id AND a.alias LIKE 'arn:%:instance-profile/%'
    LEFT JOIN shown AS s ON s.identity_id = i.identity_id
    WHERE i.provider = 'aws' AND i.kind = 'iam_role'
    GROUP BY i.identity_id
"""

CREDENTIALS = """
    WITH told AS (
        SELECT fact, scope, status FROM main.coverage WHERE fact IN ('access_keys', 'passwords')
    ),
    held AS (
        SELECT
            identity_id,
            count(DISTINCT credential_id) FILTER (WHERE kind = 'access_key') AS access_keys,
            bool_or(kind = 'password') AS listed,
            bool_or(status = 'active') FILTER (WHERE kind = 'password') AS password
        FROM main.credential
        WHERE provider = 'aws' AND identity_id IS NOT NULL
        GROUP BY identity_id
    )
    SELECT
        i.identity_id,
        CASE WHEN k.status = 'collected' THEN coalesce(h.access_keys, 0) END AS access_keys,
        CASE WHEN p.status = 'collected' THEN coalesce(h.password, false) END AS password
    FROM main.identity AS i
    LEFT JOIN held AS h ON h.identity_id = i.identity_id
    LEFT JOIN told AS k ON k.fact = 'access_keys' AND k.scope = i.scope
    LEFT JOIN told AS p ON p.fact = 'passwords' AND p.scope = i.scope
    WHERE i.provider = 'aws' AND i.identity_id LIKE 'arn:%:iam::%:user/%'
"""

CUSTOMER_POLICIES = """
    SELECT DISTINCT identity_id, policy_id
    FROM main.entitlement
    WHERE policy_id LIKE 'arn:%:iam::%:policy/%' AND policy_id NOT LIKE '%:iam::aws:%' AND via IN ('managed', 'group_managed')
    ORDER BY ALL
"""

WORKLOADS = """
    SELECT workload_id, kind, name, scope, region, identity_id, evidence
    FROM main.workload
    WHERE provider = 'aws' AND identity_id IS NOT NULL
    ORDER BY workload_id
"""

GROUPS = """
    SELECT g.identity_id AS group_id, g.policy_name, coalesce(g.document_id, d.document_id) AS document_id, g.policy_id, g.evidence
    FROM work.entitlement_row AS g
    LEFT JOIN work.definition AS d ON d.policy_id = g.policy_id
    WHERE g.identity_id LIKE 'group:%' AND g.identity_id NOT LIKE 'group:azure/%' AND g.via IN ('inline', 'managed')
    ORDER BY ALL
"""

MEMBERSHIPS = """
    SELECT DISTINCT identity_id, policy_id AS group_id
    FROM work.entitlement_row
    WHERE via = 'group' AND policy_id LIKE 'group:%' AND identity_id LIKE 'arn:%:user/%'
    ORDER BY ALL
"""

CEILINGS = "SELECT DISTINCT scope, level, document_id FROM main.ceiling WHERE kind = 'scp' ORDER BY ALL"

COVERAGE = "SELECT fact, scope, status FROM main.coverage WHERE fact IN ('identities', 'trust', 'workloads') ORDER BY ALL"

SEEN_WORKLOADS = """
    SELECT DISTINCT s.format, s.scope FROM main.source AS s WHERE s.status = 'read' AND s.scope IS NOT NULL
    UNION
    SELECT DISTINCT s.format, w.scope
    FROM main.workload AS w
    JOIN main.source AS s ON s.source_id = split_part(w.evidence, '#', 1)
"""

MEMBERS = """
    SELECT m.identity_id, m.member, m.policy_name, m.evidence
    FROM judging.member AS m
    JOIN (SELECT DISTINCT unnest($arns) AS identity_id) AS t ON t.identity_id = m.identity_id
    ORDER BY ALL DESC
"""
"""Policies of some principals: name and record."""
