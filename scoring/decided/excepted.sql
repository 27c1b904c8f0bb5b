-- Findings that are accepted, and subjects taken out of stages and questions: one row each, by the exceptions that hold. Of a subject that is
-- taken out, what could not be judged goes too; named checks accept only what failed.
CREATE OR REPLACE TABLE decided.excepted_finding AS
SELECT f.check_id, f.subject_kind, f.subject_id, min(e.exception_id) AS exception_id
FROM main.finding AS f
JOIN decided.about AS o ON o.kind = 'exceptions' AND o.subject_kind = f.subject_kind AND o.subject_id = f.subject_id
JOIN decided.exception AS e ON e.exception_id = o.id AND e.holds
WHERE list_contains(e.checks, $every_check) OR (f.status = 'fail' AND list_contains(e.checks, f.check_id))
GROUP BY f.check_id, f.subject_kind, f.subject_id;

CREATE OR REPLACE TABLE decided.excepted_subject AS
SELECT o.subject_kind, o.subject_id, min(e.exception_id) AS exception_id
FROM decided.about AS o
JOIN decided.exception AS e ON e.exception_id = o.id AND e.holds
WHERE o.kind = 'exceptions' AND list_contains(e.checks, $every_check)
GROUP BY o.subject_kind, o.subject_id;

-- Paths of what is taken out, by their subject or by their credential.
CREATE OR REPLACE TABLE decided.excepted_path AS
SELECT p.path_id, p.subject_kind, p.subject_id
FROM main.access_path AS p
WHERE EXISTS (SELECT 1 FROM decided.excepted_subject AS s WHERE s.subject_kind = p.subject_kind AND s.subject_id = p.subject_id)
    OR EXISTS (SELECT 1 FROM decided.excepted_subject AS c WHERE c.subject_kind = 'credential' AND c.subject_id = p.credential_id);

-- Where the subjects that lose a path stand by those that are left: NULL without any.
CREATE OR REPLACE TABLE decided.moved AS
WITH lost AS (
    SELECT DISTINCT subject_kind, subject_id FROM decided.excepted_path
)
SELECT l.subject_kind, l.subject_id, min(p.stage_lo) AS stage_lo, min(p.stage_hi) AS stage_hi
FROM lost AS l
LEFT JOIN (SELECT * FROM main.access_path AS p WHERE NOT EXISTS (SELECT 1 FROM decided.excepted_path AS x WHERE x.path_id = p.path_id)) AS p
    ON p.subject_kind = l.subject_kind AND p.subject_id = l.subject_id
GROUP BY l.subject_kind, l.subject_id;
