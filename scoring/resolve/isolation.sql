-- Isolated: every workload that holds it is of one known environment, all workloads of all our accounts were listed, and it does not
-- lead from outside production into production. Shared needs no such proof. A variable whose value was not seen proves neither: the
-- same value may stand elsewhere.
CREATE TABLE work.unlisted_workloads AS
SELECT count(*) + CASE WHEN (SELECT count(*) FROM main.account) = 0 THEN 1 ELSE 0 END AS accounts
FROM main.account AS a
LEFT JOIN main.coverage AS v ON v.fact = 'workloads' AND v.status = 'collected' AND v.scope IN (a.scope, '*')
WHERE v.fact IS NULL;

CREATE TABLE work.credential_isolation AS
WITH held AS (
    SELECT
        c.credential_id, r.evidence,
        coalesce(x.environment, w.environment) AS environment,
        coalesce(y.environment, i.environment, lower(a.environment)) AS reached
    FROM work.credential_row AS r
    JOIN main.credential AS c ON c.credential_id = r.credential_id
    LEFT JOIN main.workload AS w ON w.workload_id = r.store_id
    LEFT JOIN work.environment_word AS x ON x.word = w.environment
    LEFT JOIN main.identity AS i ON i.identity_id = c.identity_id
    LEFT JOIN main.account AS a ON a.scope = i.scope
    LEFT JOIN work.environment_word AS y ON y.word = coalesce(i.environment, lower(a.environment))
    WHERE r.in_workload AND r.fingerprint IS NOT NULL
)
SELECT
    h.credential_id,
    CASE
        WHEN count(DISTINCT h.environment) > 1 THEN 'shared'
        WHEN bool_or(h.reached = 'production' AND h.environment <> 'production') THEN 'shared'
        WHEN count(DISTINCT h.environment) = 1 AND count(*) = count(h.environment) AND min(u.accounts) = 0 THEN 'isolated'
        ELSE 'unknown'
    END AS isolation,
    list_sort(list(DISTINCT h.evidence)) AS evidence
FROM held AS h
CROSS JOIN work.unlisted_workloads AS u
GROUP BY h.credential_id;

UPDATE main.credential
SET isolation = i.isolation
FROM work.credential_isolation AS i
WHERE i.credential_id = credential.credential_id AND i.isolation <> 'unknown' AND credential.isolation <> 'shared';
