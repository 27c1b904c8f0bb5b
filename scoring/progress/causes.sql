-- One cause for each unit that differs. Doubt never makes progress: what could have been overlooked is `evidence`.

-- Files of which the later side has no like: the same format for the same scope, read in full. Of what is listed region by region there
-- must be as many.
CREATE TABLE progress.lapsed_source AS
WITH regional AS (
    SELECT DISTINCT s.format
    FROM earlier.source AS s
    JOIN (
        SELECT evidence FROM earlier.workload UNION SELECT evidence FROM earlier.resource UNION SELECT evidence FROM earlier.secret_store
    ) AS e ON split_part(e.evidence, '#', 1) = s.source_id
), told AS (
    SELECT format, coalesce(scope, '') AS scope, count(*) AS files FROM later.source WHERE status = 'read' GROUP BY 1, 2
), wanted AS (
    SELECT format, coalesce(scope, '') AS scope, count(*) AS files FROM earlier.source WHERE status IN ('read', 'partial') GROUP BY 1, 2
)
SELECT s.source_id
FROM earlier.source AS s
JOIN wanted AS w ON w.format = s.format AND w.scope = coalesce(s.scope, '')
LEFT JOIN told AS t ON t.format = w.format AND t.scope = w.scope
LEFT JOIN regional AS r ON r.format = s.format
WHERE t.files IS NULL OR (r.format IS NOT NULL AND t.files < w.files);

-- Credentials that stood in code then, where nobody looked again.
CREATE TABLE progress.unsettled AS
SELECT DISTINCT e.credential_id
FROM earlier.secret_exposure AS e
LEFT JOIN later.secret_exposure AS n ON n.exposure_id = e.exposure_id
LEFT JOIN progress.later_cover AS c ON c.fact = 'secret_scan' AND c.scope = e.scope
WHERE e.state = 'open' AND e.credential_id IS NOT NULL AND n.exposure_id IS NULL AND NOT coalesce(c.whole, false);

-- Credentials of which an exposure is newly seen that is older than the earlier evidence.
CREATE TABLE progress.seen_late AS
SELECT n.credential_id
FROM later.secret_exposure AS n
LEFT JOIN earlier.secret_exposure AS e ON e.exposure_id = n.exposure_id
WHERE n.credential_id IS NOT NULL
GROUP BY n.credential_id
HAVING bool_and(e.exposure_id IS NULL AND n.introduced_at < $as_of) FILTER (WHERE n.state = 'open');

CREATE TABLE progress.told AS
WITH thing AS (
    SELECT
        u.*,
        b.id IS NOT NULL AS listed_before, n.id IS NOT NULL AS listed_now, b.standing AS standing_before, n.standing AS standing_now,
        coalesce(n.scope, b.scope) AS scope, coalesce(n.fact, b.fact) AS fact, n.created_at, b.evidence AS thing_evidence
    FROM progress.unit AS u
    LEFT JOIN progress.earlier_thing AS b ON b.kind = u.thing_kind AND b.id = u.thing_id
    LEFT JOIN progress.later_thing AS n ON n.kind = u.thing_kind AND n.id = u.thing_id
), looked AS (
    -- Only of what left or rose does it matter whether its evidence was supplied again.
    SELECT population, part, kind, id, unnest(list_append(coalesce(evidence, []), thing_evidence)) AS reference
    FROM thing
    WHERE in_before AND (NOT in_now OR lo_now > hi_before)
), lapsed AS (
    SELECT DISTINCT l.population, coalesce(l.part, '') AS part, l.kind, l.id
    FROM looked AS l
    JOIN progress.lapsed_source AS s ON s.source_id = split_part(l.reference, '#', 1)
)
SELECT
    t.* EXCLUDE (evidence, thing_evidence),
    t.scope IS NULL OR sb.scope IS NOT NULL AS covered_before,
    t.scope IS NULL OR sn.scope IS NOT NULL AS covered_now,
    coalesce(cb.whole, false) AS whole_before,
    coalesce(cn.whole, false) AS whole_now,
    coalesce(tn.whole, false) AS trust_now,
    coalesce(tb.whole, false) AS trust_before,
    coalesce(cb.collected_at, CAST($as_of AS TIMESTAMP)) AS looked_at,
    l.id IS NOT NULL OR (t.needs IS NOT NULL AND NOT coalesce(fn.whole, false)) OR (t.thing_kind = 'credential' AND x.credential_id IS NOT NULL) AS lapsed,
    t.thing_kind = 'credential' AND o.credential_id IS NOT NULL AND (t.population = 'path' OR t.part = 'Q1') AS seen_late
FROM thing AS t
LEFT JOIN lapsed AS l ON l.population = t.population AND l.part = coalesce(t.part, '') AND l.kind = t.kind AND l.id = t.id
LEFT JOIN progress.earlier_scope AS sb ON sb.scope = t.scope
LEFT JOIN progress.later_scope AS sn ON sn.scope = t.scope
LEFT JOIN progress.earlier_cover AS cb ON cb.fact = t.fact AND cb.scope = t.scope
LEFT JOIN progress.later_cover AS cn ON cn.fact = t.fact AND cn.scope = t.scope
LEFT JOIN progress.earlier_cover AS tb ON tb.fact = 'trust' AND tb.scope = t.scope
LEFT JOIN progress.later_cover AS tn ON tn.fact = 'trust' AND tn.scope = t.scope
LEFT JOIN progress.later_cover AS fn ON fn.fact = t.needs AND fn.scope = t.scope
LEFT JOIN progress.unsettled AS x ON x.credential_id = t.thing_id
LEFT JOIN progress.seen_late AS o ON o.credential_id = t.thing_id;

CREATE TABLE progress.caused AS
SELECT
    population, part, kind, id, in_before, in_now, v1_before, v2_before, v3_before, v1_now, v2_now, v3_now,
    hi_before, lo_before, hi_now, lo_now, scope, fact,
    CASE
        WHEN in_before AND in_now THEN CASE
            WHEN lo_now > hi_before AND NOT lapsed THEN 'moved_up'
            WHEN hi_now < lo_before AND NOT seen_late THEN 'moved_down'
            ELSE 'evidence'
        END
        -- It came.
        WHEN in_now THEN CASE
            WHEN population = 'finding' AND ran_before IS NULL THEN 'rules'
            WHEN listed_before AND standing_before = 'outside' THEN 'scope'
            WHEN listed_before AND standing_before = 'off' THEN 'new'
            WHEN listed_before AND population = 'finding' AND ran_before AND hi_now < lo_before THEN 'moved_down'
            WHEN listed_before AND part = 'S1' AND kind = 'identity' AND trust_before THEN 'new'
            WHEN listed_before THEN 'evidence'
            WHEN NOT covered_before THEN 'scope'
            WHEN created_at < looked_at THEN 'evidence'
            WHEN created_at IS NOT NULL OR whole_before THEN 'new'
            ELSE 'evidence'
        END
        -- It left.
        WHEN population = 'finding' AND ran_now IS NULL THEN 'rules'
        WHEN listed_now AND standing_now = 'outside' THEN 'scope'
        WHEN listed_now AND standing_now = 'off' THEN 'retired'
        WHEN listed_now AND population = 'finding' AND ran_now AND lo_now > hi_before AND NOT lapsed THEN 'moved_up'
        WHEN listed_now AND part = 'S1' AND kind = 'identity' AND trust_now AND NOT lapsed THEN 'retired'
        WHEN listed_now THEN 'evidence'
        WHEN NOT covered_now THEN 'scope'
        WHEN whole_now AND NOT lapsed THEN 'retired'
        ELSE 'evidence'
    END AS cause
FROM progress.told;

-- Subjects: their cause is that of the paths that made the difference. One that rose did so only where every path that held it below its
-- new floor certainly rose or went; one that fell, where a path below its old floor certainly fell or is new.
INSERT INTO progress.caused BY NAME
WITH subject AS (
    SELECT
        coalesce(n.subject_kind, b.subject_kind) AS kind, coalesce(n.subject_id, b.subject_id) AS id,
        b.subject_id IS NOT NULL AS in_before, n.subject_id IS NOT NULL AS in_now,
        b.stage_lo AS lo_before, b.stage_hi AS hi_before, n.stage_lo AS lo_now, n.stage_hi AS hi_now
    FROM earlier.placement AS b
    FULL JOIN later.placement AS n ON n.subject_kind = b.subject_kind AND n.subject_id = b.subject_id
    WHERE b.subject_id IS NULL OR n.subject_id IS NULL OR b.stage_lo IS DISTINCT FROM n.stage_lo OR b.stage_hi IS DISTINCT FROM n.stage_hi
), path AS (
    SELECT
        coalesce(q.subject_kind, p.subject_kind) AS kind, coalesce(q.subject_id, p.subject_id) AS id,
        p.stage_hi AS hi_before, q.stage_hi AS hi_now, c.cause
    FROM progress.caused AS c
    LEFT JOIN earlier.access_path AS p ON p.path_id = c.id
    LEFT JOIN later.access_path AS q ON q.path_id = c.id
    WHERE c.population = 'path'
), moved AS (
    SELECT
        p.kind, p.id,
        bool_and(p.cause IN ('retired', 'moved_up')) FILTER (WHERE p.hi_before < coalesce(s.lo_now, 8)) AS rose,
        bool_or(p.cause IN ('new', 'moved_down')) FILTER (WHERE p.hi_now < s.lo_before) AS fell,
        bool_or(p.cause = 'new') AS opened
    FROM path AS p
    JOIN subject AS s ON s.kind = p.kind AND s.id = p.id
    GROUP BY p.kind, p.id
)
SELECT
    'subject' AS population, s.kind, s.id, s.in_before, s.in_now,
    CASE WHEN s.in_before THEN coalesce(s.lo_before, 0) END AS v1_before, CASE WHEN s.in_now THEN coalesce(s.lo_now, 0) END AS v1_now,
    s.lo_before, s.hi_before, s.lo_now, s.hi_now, x.scope, x.fact,
    CASE
        WHEN s.in_before AND s.in_now THEN CASE
            WHEN s.lo_now IS NULL THEN CASE WHEN m.rose THEN 'retired' ELSE 'evidence' END
            WHEN s.lo_before IS NULL THEN CASE WHEN m.opened THEN 'new' ELSE 'evidence' END
            WHEN s.lo_now > s.hi_before AND m.rose THEN 'moved_up'
            WHEN s.hi_now < s.lo_before AND m.fell THEN 'moved_down'
            ELSE 'evidence'
        END
        ELSE x.cause
    END AS cause
FROM subject AS s
LEFT JOIN moved AS m ON m.kind = s.kind AND m.id = s.id
LEFT JOIN progress.caused AS x ON x.population = 'presence' AND x.kind = s.kind AND x.id = s.id;
