-- Azure identities by what their counts depend on: the distinct set of grants, the pattern of use, and whether they are idle.
-- Places are reduced to what matters, except for an identity that a deny assignment names.
CREATE OR REPLACE TABLE judging.azure_grant AS
WITH denied AS (
    SELECT DISTINCT identity_id FROM judging.azure_held WHERE via = 'deny'
),
reduced AS (
    SELECT
        h.identity_id, h.via, h.role_id, coalesce(h.document_id, '') AS document_id, h.conditional, h.group_name IS NOT NULL AS grouped,
        h.window_days, h.covered,
        CASE
            WHEN d.identity_id IS NOT NULL OR h.place IN ('', '/') THEN h.place
            WHEN h.place LIKE '/providers/microsoft.management/managementgroups/%' THEN '/providers/microsoft.management/managementgroups/any'
            ELSE '/any'
        END AS place
    FROM judging.azure_held AS h
    LEFT JOIN denied AS d ON d.identity_id = h.identity_id
),
kind AS (
    SELECT DISTINCT via, role_id, document_id, conditional, grouped, window_days, covered, place FROM reduced
),
numbered AS (
    SELECT row_number() OVER (ORDER BY via, role_id, document_id, conditional, grouped, window_days NULLS FIRST, covered, place) AS grant_id, * FROM kind
)
SELECT r.identity_id, n.*
FROM reduced AS r
JOIN numbered AS n
    ON n.via = r.via AND n.role_id = r.role_id AND n.document_id = r.document_id AND n.conditional = r.conditional AND n.grouped = r.grouped
    AND n.window_days IS NOT DISTINCT FROM r.window_days AND n.covered = r.covered AND n.place = r.place;

CREATE OR REPLACE TABLE judging.azure_set AS
WITH held AS (
    SELECT identity_id, list_sort(list(DISTINCT grant_id)) AS grants FROM judging.azure_grant GROUP BY identity_id
),
keyed AS (
    SELECT i.identity_id, coalesce(h.grants, []) AS grants, i.used, i.idle, i.absent
    FROM judging.azure_idle AS i
    LEFT JOIN held AS h ON h.identity_id = i.identity_id
)
SELECT
    k.identity_id, k.grants, k.used, k.idle, k.absent,
    md5(array_to_string(k.grants, ',') || '|' || array_to_string(k.used, ',') || '|' || CASE WHEN k.idle THEN 'idle' WHEN k.absent THEN 'absent' ELSE '' END) AS set_id
FROM keyed AS k;
