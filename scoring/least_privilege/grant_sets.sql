-- GCP and Azure identities by the distinct set of grants they hold, and what each identity's grants are called there.
CREATE SCHEMA IF NOT EXISTS judging;

-- How far the place of each grant reaches. Azure compares places without regard to case, and so do we.
CREATE OR REPLACE TABLE judging.placed_grant AS
WITH granted AS (
    SELECT
        e.identity_id, i.provider, e.via, e.policy_name, coalesce(e.policy_id, e.policy_name) AS role_id, d.document_id,
        e.resource, coalesce(e.conditional, false) AS conditional, e.evidence,
        CASE WHEN i.provider = 'gcp' THEN regexp_replace(e.resource, '^//cloudresourcemanager\.googleapis\.com/', '') ELSE lower(e.resource) END AS place
    FROM main.entitlement AS e
    JOIN main.identity AS i ON i.identity_id = e.identity_id AND i.provider IN ('gcp', 'azure')
    LEFT JOIN main.policy_document AS d ON d.document_id = e.document_id
    WHERE e.via IN ('role', 'eligible', 'app_role', 'delegated', 'directory_role', 'deny')
)
SELECT
    *,
    CASE
        WHEN via = 'app_role' THEN 'root'
        WHEN provider = 'gcp' AND place LIKE '%/serviceAccounts/%' THEN 'service_account'
        WHEN provider = 'gcp' AND regexp_matches(place, '^projects/[^/]+$') THEN 'project'
        WHEN provider = 'gcp' AND regexp_matches(place, '^folders/[^/]+$') THEN 'folder'
        WHEN provider = 'gcp' AND regexp_matches(place, '^organizations/[^/]+$') THEN 'organization'
        WHEN provider = 'gcp' AND place LIKE '//%' THEN 'resource'
        WHEN provider = 'gcp' AND place LIKE '%/%/%' THEN 'resource'
        WHEN provider = 'azure' AND place = '/' THEN 'root'
        WHEN provider = 'azure' AND place IS NULL AND via = 'directory_role' THEN 'root'
        WHEN provider = 'azure' AND via = 'directory_role' AND regexp_matches(place, '^/?tenants/[^/]+$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') THEN 'root'
        WHEN provider = 'azure' AND via = 'directory_role' AND place LIKE '/%' THEN 'resource'
        WHEN provider = 'azure' AND regexp_matches(place, '^/providers/microsoft\.management/managementgroups/[^/]+/?$') THEN 'management_group'
        WHEN provider = 'azure' AND regexp_matches(place, '^/subscriptions/[^/]+/?$') THEN 'subscription'
        WHEN provider = 'azure' AND regexp_matches(place, '^/subscriptions/[^/]+/resourcegroups/[^/]+/?$') THEN 'resource_group'
        WHEN provider = 'azure' AND place LIKE '/subscriptions/%/%' THEN 'resource'
        ELSE 'unknown'
    END AS reach
FROM granted;

-- One row per grant of an identity. Projects and folders are numbered within the identity: the same roles elsewhere are the same set.
CREATE OR REPLACE TABLE judging.grant_member AS
WITH number AS (
    SELECT p.identity_id, p.place, row_number() OVER (PARTITION BY p.identity_id ORDER BY p.reach, p.place) AS number
    FROM (SELECT DISTINCT identity_id, reach, place FROM judging.placed_grant WHERE reach IN ('project', 'folder')) AS p
)
SELECT
    g.identity_id, g.provider, g.policy_name, g.role_id, g.resource, g.evidence,
    concat_ws(
        chr(31), g.via, CASE WHEN g.provider = 'azure' THEN lower(g.role_id) ELSE g.role_id END, coalesce(g.document_id, ''), g.reach,
        coalesce(CAST(n.number AS VARCHAR), ''), CASE WHEN g.conditional THEN 'conditional' ELSE '' END
    ) AS member
FROM judging.placed_grant AS g
LEFT JOIN number AS n ON n.identity_id = g.identity_id AND n.place = g.place;

CREATE OR REPLACE TABLE judging.grant_set AS
WITH held AS (
    SELECT identity_id, provider, list_sort(list(DISTINCT member)) AS members FROM judging.grant_member GROUP BY identity_id, provider
)
SELECT identity_id, provider, md5(array_to_string(members, chr(30))) AS set_id, members FROM held;

-- The verdict on each set.
CREATE OR REPLACE TABLE judging.grant_verdict (
    provider  VARCHAR NOT NULL,
    set_id    VARCHAR NOT NULL,
    privilege VARCHAR NOT NULL,
    reason    VARCHAR NOT NULL,
    members   VARCHAR[] NOT NULL  -- grants that decide it, the one the reason speaks of first
);

-- Readable names of roles that a source gives by id alone.
CREATE OR REPLACE TABLE judging.role_name (role_id VARCHAR NOT NULL, name VARCHAR NOT NULL);
