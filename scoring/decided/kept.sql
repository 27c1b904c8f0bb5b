-- What the exceptions leave to count: the tables of `main` behind every score, without what is excepted. Under the same names, so that a score
-- with exceptions is the same question asked of the schema `kept`.
CREATE OR REPLACE TABLE kept.access_path AS
SELECT p.*
FROM main.access_path AS p
LEFT JOIN decided.excepted_subject AS s ON s.subject_kind = p.subject_kind AND s.subject_id = p.subject_id
LEFT JOIN decided.excepted_subject AS c ON c.subject_kind = 'credential' AND c.subject_id = p.credential_id
WHERE s.subject_id IS NULL AND c.subject_id IS NULL;

-- A subject stands where the weakest path that is left stands; one that had paths and has none left is not counted.
CREATE OR REPLACE TABLE kept.placement AS
WITH weakest AS (
    SELECT subject_kind, subject_id, min(stage_lo) AS stage_lo, min(stage_hi) AS stage_hi FROM kept.access_path GROUP BY subject_kind, subject_id
)
SELECT p.subject_kind, p.subject_id, p.name, p.kind, p.provider, p.scope, p.environment, p.team, p.privilege, w.stage_lo, w.stage_hi
FROM main.placement AS p
LEFT JOIN weakest AS w ON w.subject_kind = p.subject_kind AND w.subject_id = p.subject_id
LEFT JOIN decided.excepted_subject AS s ON s.subject_kind = p.subject_kind AND s.subject_id = p.subject_id
WHERE s.subject_id IS NULL AND (p.stage_lo IS NULL OR w.stage_lo IS NOT NULL);

CREATE OR REPLACE TABLE kept.question_item AS
SELECT i.*
FROM main.question_item AS i
LEFT JOIN decided.excepted_subject AS s ON s.subject_kind = i.subject_kind AND s.subject_id = i.subject_id
LEFT JOIN kept.access_path AS p ON i.subject_kind = 'access_path' AND p.path_id = i.subject_id
WHERE s.subject_id IS NULL AND (i.subject_kind <> 'access_path' OR p.path_id IS NOT NULL);

CREATE OR REPLACE TABLE kept.finding AS
SELECT f.*
FROM main.finding AS f
LEFT JOIN decided.excepted_finding AS x ON x.check_id = f.check_id AND x.subject_kind = f.subject_kind AND x.subject_id = f.subject_id
WHERE x.subject_id IS NULL;

CREATE OR REPLACE TABLE kept.least_privilege AS
SELECT l.*
FROM main.least_privilege AS l
LEFT JOIN decided.excepted_subject AS s ON s.subject_kind = 'identity' AND s.subject_id = l.identity_id
WHERE s.subject_id IS NULL;
