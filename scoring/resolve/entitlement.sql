-- Policies of each identity: its own, and those of its groups; managed policies get their text from wherever it was exported.
-- Where two files list the same principal, the newer one tells what it may do.
INSERT INTO main.policy_document SELECT DISTINCT document_id, document FROM seen.policy_document;

CREATE TABLE work.entitlement_row AS
WITH named AS (
    SELECT e.* REPLACE (coalesce(n.identity_id, e.identity_id) AS identity_id)
    FROM seen.entitlement AS e
    LEFT JOIN work.alias_name AS n ON n.alias = e.identity_id
), ranked AS (
    SELECT
        e.*, coalesce(r.rank, 0) AS rank,
        coalesce(n.rank, min(CASE WHEN e.via <> 'eks_access' THEN coalesce(r.rank, 0) END) OVER (PARTITION BY e.identity_id)) AS newest,
        -- Whom a cluster lets in is listed by the cluster, beside all that IAM lists.
        e.via <> 'eks_access' AND (e.via IN ('inline', 'managed', 'boundary') OR e.identity_id LIKE 'arn:%' OR e.identity_id LIKE 'user:%') AS aws
    FROM named AS e
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(e.evidence, '#', 1)
    LEFT JOIN work.newest_listing AS n ON n.identity_id = e.identity_id AND n.fact = 'policies'
)
SELECT * FROM ranked WHERE rank = newest OR NOT aws;

-- The newest source that shows the text of a policy or role.
CREATE TABLE work.definition AS
SELECT policy_id, document_id, policy_name, changed_at
FROM (
    SELECT
        identity_id AS policy_id, document_id, policy_name, changed_at,
        row_number() OVER (PARTITION BY identity_id ORDER BY document_id IS NULL, rank, document_id, policy_name) AS copy
    FROM work.entitlement_row
    WHERE via = 'definition'
) AS texts
WHERE copy = 1;

INSERT INTO main.entitlement BY NAME
WITH direct AS (
    SELECT identity_id, document_id, via, policy_name, policy_id, group_name, resource, conditional, condition, changed_at, evidence
    FROM work.entitlement_row
    WHERE (via IN ('inline', 'managed', 'boundary') AND identity_id NOT LIKE 'group:%')
        OR via IN ('role', 'eligible', 'deny', 'app_role', 'delegated', 'directory_role', 'access_policy', 'eks_access')
    UNION ALL
    SELECT
        m.identity_id, g.document_id, 'group_' || g.via AS via, g.policy_name, g.policy_id, m.group_name, g.resource, g.conditional, g.condition, g.changed_at, g.evidence
    FROM work.entitlement_row AS m
    JOIN work.entitlement_row AS g ON g.identity_id = m.policy_id AND g.via IN ('inline', 'managed')
    WHERE m.via = 'group'
    UNION ALL
    SELECT m.identity_id, g.document_id, g.via, g.policy_name, g.policy_id, m.group_name, g.resource, g.conditional, g.condition, g.changed_at, g.evidence
    FROM work.entitlement_row AS m
    JOIN work.entitlement_row AS g ON g.identity_id = m.policy_id AND g.via IN ('role', 'eligible', 'deny', 'app_role', 'directory_role', 'access_policy')
    WHERE m.via = 'group'
    UNION ALL
    -- A group that nobody listed grants something; what, nobody said.
    SELECT m.identity_id, NULL, 'group_managed', 'policies of group ' || m.group_name, NULL, m.group_name, NULL, NULL, NULL, NULL, m.evidence
    FROM work.entitlement_row AS m
    LEFT JOIN work.entitlement_row AS g ON g.identity_id = m.policy_id
    WHERE m.via = 'group' AND g.identity_id IS NULL AND m.policy_id NOT LIKE 'group:azure/%'
)
SELECT
    d.identity_id, coalesce(d.document_id, p.document_id) AS document_id, d.via,
    CASE WHEN d.policy_name = d.policy_id THEN coalesce(p.policy_name, d.policy_name) ELSE d.policy_name END AS policy_name, d.policy_id, d.group_name, d.resource, d.conditional, d.condition,
    max(greatest(d.changed_at, p.changed_at)) AS changed_at,
    min(d.evidence) AS evidence
FROM direct AS d
LEFT JOIN work.definition AS p ON p.policy_id = d.policy_id
JOIN main.identity AS i ON i.identity_id = d.identity_id
GROUP BY ALL;
