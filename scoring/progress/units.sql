-- What differs between the two sides, one row per unit of a population: subjects are added when their paths have a cause.
-- An interval says how good a unit is, higher is better: [lo, hi] before and now. v1 to v3 are what headlines count.
CREATE TABLE progress.unit (
    population VARCHAR, part VARCHAR, kind VARCHAR, id VARCHAR, thing_kind VARCHAR, thing_id VARCHAR,
    in_before BOOLEAN, in_now BOOLEAN, lo_before DOUBLE, hi_before DOUBLE, lo_now DOUBLE, hi_now DOUBLE,
    v1_before BIGINT, v2_before BIGINT, v3_before BIGINT, v1_now BIGINT, v2_now BIGINT, v3_now BIGINT,
    needs VARCHAR, ran_before BOOLEAN, ran_now BOOLEAN, evidence VARCHAR[]
);

-- Access paths: lower bound, whether it is exact, whether it is critical. One that only its privilege makes another is compared by that.
INSERT INTO progress.unit BY NAME
WITH path AS (
    SELECT
        coalesce(n.path_id, b.path_id) AS id, b.path_id IS NOT NULL AS in_before, n.path_id IS NOT NULL AS in_now,
        coalesce(n.credential_id, b.credential_id) AS credential_id, coalesce(n.trust_id, b.trust_id) AS trust_id,
        coalesce(n.subject_kind, b.subject_kind) AS subject_kind, coalesce(n.subject_id, b.subject_id) AS subject_id,
        b.stage_lo AS b_lo, b.stage_hi AS b_hi, n.stage_lo AS n_lo, n.stage_hi AS n_hi, b.critical AS b_critical, n.critical AS n_critical,
        b.hi_evidence AS evidence
    FROM earlier.access_path AS b
    FULL JOIN later.access_path AS n ON n.path_id = b.path_id
    WHERE b.path_id IS NULL OR n.path_id IS NULL OR b.stage_lo <> n.stage_lo OR b.stage_hi <> n.stage_hi OR b.critical <> n.critical
), measured AS (
    SELECT p.*, coalesce(p.b_lo = p.n_lo AND p.b_hi = p.n_hi, false) AS same_stage, v.privilege AS b_privilege, w.privilege AS n_privilege
    FROM path AS p
    LEFT JOIN earlier.privilege AS v ON v.identity_id = p.subject_id
    LEFT JOIN later.privilege AS w ON w.identity_id = p.subject_id
)
SELECT
    'path' AS population, 'access_path' AS kind, id,
    CASE WHEN credential_id IS NOT NULL THEN 'credential' WHEN trust_id IS NOT NULL THEN 'trust' ELSE subject_kind END AS thing_kind,
    coalesce(credential_id, trust_id, subject_id) AS thing_id, in_before, in_now,
    CASE WHEN NOT same_stage THEN b_lo WHEN b_privilege IN ('write', 'read', 'none') THEN 1 ELSE 0 END AS lo_before,
    CASE WHEN NOT same_stage THEN b_hi WHEN b_privilege = 'admin' THEN 0 ELSE 1 END AS hi_before,
    CASE WHEN NOT same_stage THEN n_lo WHEN n_privilege IN ('write', 'read', 'none') THEN 1 ELSE 0 END AS lo_now,
    CASE WHEN NOT same_stage THEN n_hi WHEN n_privilege = 'admin' THEN 0 ELSE 1 END AS hi_now,
    b_lo AS v1_before, CAST(b_lo = b_hi AS BIGINT) AS v2_before, CAST(b_critical AS BIGINT) AS v3_before,
    n_lo AS v1_now, CAST(n_lo = n_hi AS BIGINT) AS v2_now, CAST(n_critical AS BIGINT) AS v3_now,
    CASE WHEN same_stage THEN 'policies' END AS needs, evidence
FROM measured;

-- What questions count: pass is [1, 1], fail [0, 0], unknown [0, 1].
INSERT INTO progress.unit BY NAME
WITH item AS (
    SELECT
        coalesce(n.question_id, b.question_id) AS part, coalesce(n.subject_kind, b.subject_kind) AS kind,
        coalesce(n.subject_id, b.subject_id) AS id, b.status AS b_status, n.status AS n_status, b.evidence
    FROM earlier.question_item AS b
    FULL JOIN later.question_item AS n ON n.question_id = b.question_id AND n.subject_kind = b.subject_kind AND n.subject_id = b.subject_id
    WHERE b.status IS NULL OR n.status IS NULL OR b.status <> n.status
), path AS (
    SELECT path_id, credential_id, trust_id, subject_kind, subject_id FROM later.access_path
    UNION
    SELECT b.path_id, b.credential_id, b.trust_id, b.subject_kind, b.subject_id
    FROM earlier.access_path AS b
    LEFT JOIN later.access_path AS n ON n.path_id = b.path_id
    WHERE n.path_id IS NULL
)
SELECT
    'item' AS population, i.part, i.kind, i.id,
    CASE WHEN p.credential_id IS NOT NULL THEN 'credential' WHEN p.trust_id IS NOT NULL THEN 'trust' ELSE coalesce(p.subject_kind, i.kind) END AS thing_kind,
    coalesce(p.credential_id, p.trust_id, p.subject_id, i.id) AS thing_id, i.b_status IS NOT NULL AS in_before, i.n_status IS NOT NULL AS in_now,
    CASE WHEN i.b_status = 'pass' THEN 1 ELSE 0 END AS lo_before, CASE WHEN i.b_status = 'fail' THEN 0 ELSE 1 END AS hi_before,
    CASE WHEN i.n_status = 'pass' THEN 1 ELSE 0 END AS lo_now, CASE WHEN i.n_status = 'fail' THEN 0 ELSE 1 END AS hi_now,
    CASE i.b_status WHEN 'fail' THEN 0 WHEN 'pass' THEN 1 WHEN 'unknown' THEN 2 END AS v1_before,
    CASE i.n_status WHEN 'fail' THEN 0 WHEN 'pass' THEN 1 WHEN 'unknown' THEN 2 END AS v1_now, i.evidence
FROM item AS i
LEFT JOIN path AS p ON i.kind = 'access_path' AND p.path_id = i.id;

-- Findings. A subject that is there on both sides, and is no finding on one, passed there.
INSERT INTO progress.unit BY NAME
WITH finding AS (
    SELECT
        coalesce(n.check_id, b.check_id) AS part, coalesce(n.subject_kind, b.subject_kind) AS kind, coalesce(n.subject_id, b.subject_id) AS id,
        b.check_id IS NOT NULL AS in_before, n.check_id IS NOT NULL AS in_now, b.status AS b_status, n.status AS n_status,
        CASE WHEN b.status = 'fail' THEN b.severity END AS b_severity, CASE WHEN n.status = 'fail' THEN n.severity END AS n_severity, b.evidence
    FROM earlier.finding AS b
    FULL JOIN later.finding AS n ON n.check_id = b.check_id AND n.subject_kind = b.subject_kind AND n.subject_id = b.subject_id
    WHERE b.check_id IS NULL OR n.check_id IS NULL OR b.status <> n.status OR b.severity <> n.severity
)
SELECT
    'finding' AS population, f.part, f.kind, f.id, f.kind AS thing_kind, f.id AS thing_id, f.in_before, f.in_now,
    CASE WHEN f.in_before THEN 0 ELSE 1 END AS lo_before, CASE WHEN f.b_status = 'fail' THEN 0 ELSE 1 END AS hi_before,
    CASE WHEN f.in_now THEN 0 ELSE 1 END AS lo_now, CASE WHEN f.n_status = 'fail' THEN 0 ELSE 1 END AS hi_now,
    CASE f.b_severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 END AS v1_before,
    CASE f.n_severity WHEN 'critical' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 WHEN 'low' THEN 3 END AS v1_now,
    -- Judged then and now? NULL: the check was not among those that ran.
    CASE WHEN b.check_id IS NOT NULL THEN b.population > 0 END AS ran_before,
    CASE WHEN n.check_id IS NOT NULL THEN n.population > 0 END AS ran_now, f.evidence
FROM finding AS f
LEFT JOIN earlier.check_result AS b ON b.check_id = f.part
LEFT JOIN later.check_result AS n ON n.check_id = f.part;

-- Weight granted, unused, and not known to be used. Less unused is better.
INSERT INTO progress.unit BY NAME
WITH held AS (
    SELECT
        coalesce(n.identity_id, b.identity_id) AS id, b.weight IS NOT NULL AS in_before, n.weight IS NOT NULL AS in_now,
        b.weight AS b0, b.weight_unused AS b1, b.weight_open AS b2, n.weight AS n0, n.weight_unused AS n1, n.weight_open AS n2, b.evidence
    FROM (SELECT * FROM earlier.least_privilege WHERE weight IS NOT NULL) AS b
    FULL JOIN (SELECT * FROM later.least_privilege WHERE weight IS NOT NULL) AS n ON n.identity_id = b.identity_id
    WHERE b.identity_id IS NULL OR n.identity_id IS NULL OR b.weight <> n.weight OR b.weight_unused <> n.weight_unused
        OR b.weight_open <> n.weight_open
)
SELECT
    'creep' AS population, 'identity' AS kind, id, 'identity' AS thing_kind, id AS thing_id, in_before, in_now,
    -coalesce((b1 + b2) / nullif(b0, 0), 0) AS lo_before, -coalesce(b1 / nullif(b0, 0), 0) AS hi_before,
    -coalesce((n1 + n2) / nullif(n0, 0), 0) AS lo_now, -coalesce(n1 / nullif(n0, 0), 0) AS hi_now,
    b0 AS v1_before, b1 AS v2_before, b2 AS v3_before, n0 AS v1_now, n1 AS v2_now, n2 AS v3_now, 'policies' AS needs, evidence
FROM held;

-- Static credentials that are active, of those that are a way in.
INSERT INTO progress.unit BY NAME
SELECT
    'static' AS population, 'credential' AS kind, coalesce(n.credential_id, b.credential_id) AS id, 'credential' AS thing_kind,
    coalesce(n.credential_id, b.credential_id) AS thing_id, b.credential_id IS NOT NULL AS in_before, n.credential_id IS NOT NULL AS in_now,
    CASE WHEN b.credential_id IS NULL THEN NULL ELSE 1 END AS v1_before, CASE WHEN n.credential_id IS NULL THEN NULL ELSE 1 END AS v1_now
FROM progress.earlier_static AS b
FULL JOIN progress.later_static AS n ON n.credential_id = b.credential_id
WHERE b.credential_id IS NULL OR n.credential_id IS NULL;

-- Subjects that only one side places: whether they came or left, their paths need not tell.
INSERT INTO progress.unit BY NAME
SELECT
    'presence' AS population, coalesce(n.subject_kind, b.subject_kind) AS kind, coalesce(n.subject_id, b.subject_id) AS id,
    coalesce(n.subject_kind, b.subject_kind) AS thing_kind, coalesce(n.subject_id, b.subject_id) AS thing_id,
    b.subject_id IS NOT NULL AS in_before, n.subject_id IS NOT NULL AS in_now
FROM earlier.placement AS b
FULL JOIN later.placement AS n ON n.subject_kind = b.subject_kind AND n.subject_id = b.subject_id
WHERE b.subject_id IS NULL OR n.subject_id IS NULL;
