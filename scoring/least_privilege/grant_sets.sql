-- GCP and Azure identities by the distinct set of grants they hold, and what each identity's grants are called there.
CREATE SCHEMA IF NOT EXISTS judging;

-- Names of Azure's and the directory's roles: sources often give one by id alone, or by an id of the tenant's own and its name.
CREATE OR REPLACE TABLE judging.role_name AS SELECT unnest($role_ids) AS role_id, unnest($role_names) AS name, unnest($of_directory) AS of_directory;

-- Grants as they count: one through a group is one; what a group that nobody listed grants is a role that nobody knows.
CREATE OR REPLACE TABLE judging.granted AS
SELECT
    e.identity_id, i.provider, e.policy_name, e.resource, e.evidence, e.document_id,
    coalesce(e.conditional, false) AS conditional,
    CASE e.via WHEN 'group_managed' THEN 'role' ELSE regexp_replace(e.via, '^group_', '') END AS via,
    CASE
        WHEN e.via IN ('access_policy', 'group_managed') THEN e.policy_name
        WHEN e.via LIKE '%directory_role' THEN coalesce(d.role_id, n.role_id, lower(coalesce(e.policy_id, e.policy_name)))
        WHEN i.provider = 'azure' THEN lower(coalesce(e.policy_id, e.policy_name))
        ELSE coalesce(e.policy_id, e.policy_name)
    END AS role_id
FROM main.entitlement AS e
JOIN main.identity AS i ON i.identity_id = e.identity_id
LEFT JOIN judging.role_name AS d ON e.via LIKE '%directory_role' AND d.of_directory AND d.role_id = lower(e.policy_id)
LEFT JOIN judging.role_name AS n ON e.via LIKE '%directory_role' AND n.of_directory AND lower(n.name) = lower(e.policy_name)
WHERE i.provider IN ('gcp', 'azure')
    AND regexp_replace(e.via, '^group_', '') IN ('role', 'eligible', 'app_role', 'delegated', 'directory_role', 'access_policy', 'deny', 'managed');

-- How far each place reaches. Azure compares places without regard to case, and so do we.
CREATE OR REPLACE TABLE judging.place AS
WITH named AS (
    SELECT DISTINCT g.provider, g.via, g.resource FROM judging.granted AS g
),
short AS (
    SELECT
        n.*,
        CASE WHEN n.provider = 'gcp' THEN regexp_replace(n.resource, '^//cloudresourcemanager\.googleapis\.com/', '') ELSE lower(n.resource) END AS place
    FROM named AS n
)
SELECT
    s.*,
    CASE
        WHEN s.via = 'app_role' THEN 'root'
        WHEN s.provider = 'gcp' AND s.place LIKE '%/serviceAccounts/%' THEN 'service_account'
        WHEN s.provider = 'gcp' AND regexp_matches(s.place, '^projects/[^/]+$') THEN 'project'
        WHEN s.provider = 'gcp' AND regexp_matches(s.place, '^folders/[^/]+$') THEN 'folder'
        WHEN s.provider = 'gcp' AND regexp_matches(s.place, '^organizations/[^/]+$') THEN 'organization'
        WHEN s.provider = 'gcp' AND (s.place LIKE '//%' OR s.place LIKE '%/%/%') THEN 'resource'
        WHEN s.provider = 'azure' AND s.place = '/' THEN 'root'
        WHEN s.via = 'directory_role' AND s.place IS NULL THEN 'root'
        WHEN s.via = 'directory_role' AND regexp_matches(s.place, '^(/?tenants/)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$') THEN 'root'
        WHEN s.via = 'directory_role' AND s.place LIKE '/%' THEN 'resource'
        WHEN s.provider = 'azure' AND regexp_matches(s.place, '^/providers/microsoft\.management/managementgroups/[^/]+/?$') THEN 'management_group'
        WHEN s.provider = 'azure' AND regexp_matches(s.place, '^/subscriptions/[^/]+/?$') THEN 'subscription'
        WHEN s.provider = 'azure' AND regexp_matches(s.place, '^/subscriptions/[^/]+/resourcegroups/[^/]+/?$') THEN 'resource_group'
        WHEN s.provider = 'azure' AND s.place LIKE '/subscriptions/%/%' THEN 'resource'
        ELSE 'unknown'
    END AS reach
FROM short AS s;

CREATE OR REPLACE TABLE judging.placed_grant AS
SELECT
    g.identity_id, g.provider, g.via, g.policy_name, g.role_id, p.reach, g.resource, g.evidence, g.conditional,
    coalesce(d.document_id, '') AS document_id,
    CASE WHEN p.reach IN ('project', 'folder') THEN p.place END AS place
FROM judging.granted AS g
JOIN judging.place AS p ON p.provider = g.provider AND p.via = g.via AND p.resource IS NOT DISTINCT FROM g.resource
LEFT JOIN (SELECT DISTINCT document_id FROM main.policy_document) AS d ON d.document_id = g.document_id;

-- Projects and folders are numbered within the identity, so that the same roles elsewhere are the same set. Most have grants in one.
CREATE OR REPLACE TABLE judging.place_number AS
WITH several AS (
    SELECT identity_id FROM judging.placed_grant WHERE place IS NOT NULL GROUP BY identity_id HAVING min(place) <> max(place)
),
found AS (
    SELECT DISTINCT g.identity_id, g.reach, g.place
    FROM judging.placed_grant AS g
    JOIN several AS s ON s.identity_id = g.identity_id
    WHERE g.place IS NOT NULL
)
SELECT f.identity_id, f.place, row_number() OVER (PARTITION BY f.identity_id ORDER BY f.reach, f.place) AS number
FROM found AS f;

CREATE OR REPLACE TABLE judging.numbered_grant AS
SELECT g.*, CASE WHEN g.place IS NULL THEN 0 ELSE coalesce(n.number, 1) END AS number
FROM judging.placed_grant AS g
LEFT JOIN judging.place_number AS n ON n.identity_id = g.identity_id AND n.place = g.place;

-- The distinct grants: what sets are made of.
CREATE OR REPLACE TABLE judging.grant_kind AS
WITH kind AS (
    SELECT DISTINCT provider, via, role_id, document_id, reach, number, conditional FROM judging.numbered_grant
)
SELECT row_number() OVER (ORDER BY k.provider, k.via, k.role_id, k.document_id, k.reach, k.number, k.conditional) AS grant_id, k.*
FROM kind AS k;

CREATE OR REPLACE TABLE judging.grant_member AS
SELECT g.identity_id, k.grant_id, g.provider, g.policy_name, g.role_id, g.resource, g.evidence
FROM judging.numbered_grant AS g
JOIN judging.grant_kind AS k
    ON k.provider = g.provider AND k.via = g.via AND k.role_id = g.role_id AND k.document_id = g.document_id AND k.reach = g.reach
    AND k.number = g.number AND k.conditional = g.conditional;

-- steps on the way, as long as all grants
DROP TABLE judging.granted;
DROP TABLE judging.placed_grant;
DROP TABLE judging.numbered_grant;

CREATE OR REPLACE TABLE judging.grant_set AS
WITH held AS (
    SELECT identity_id, provider, list_sort(list(DISTINCT grant_id)) AS grants FROM judging.grant_member GROUP BY identity_id, provider
)
SELECT identity_id, provider, md5(array_to_string(grants, ',')) AS set_id, grants FROM held;

-- The verdict on each set.
CREATE OR REPLACE TABLE judging.grant_verdict (
    set_id    VARCHAR NOT NULL,
    privilege VARCHAR NOT NULL,
    reason    VARCHAR NOT NULL,
    grants    BIGINT[] NOT NULL  -- grants that decide it, the one the reason speaks of first
);
