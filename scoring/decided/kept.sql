-- What the exceptions leave to count: the tables of `main` behind every score, without what is excepted. Under the same names, so that a score
-- with exceptions is the same question asked of the schema `kept`. They are views: little of much is excepted, and nothing is copied.
CREATE OR REPLACE VIEW kept.access_path AS
SELECT p.*
FROM main.access_path AS p
LEFT JOIN decided.excepted_path AS x ON x.path_id = p.path_id
WHERE x.path_id IS NULL;

-- A subject stands where the weakest path that is left stands; one that had paths and has none left is not counted.
CREATE OR REPLACE VIEW kept.placement AS
SELECT
    p.subject_kind, p.subject_id, p.name, p.kind, p.provider, p.scope, p.environment, p.team, p.privilege,
    CASE WHEN m.subject_id IS NULL THEN p.stage_lo ELSE m.stage_lo END AS stage_lo,
    CASE WHEN m.subject_id IS NULL THEN p.stage_hi ELSE m.stage_hi END AS stage_hi
FROM main.placement AS p
LEFT JOIN decided.moved AS m ON m.subject_kind = p.subject_kind AND m.subject_id = p.subject_id
LEFT JOIN decided.excepted_subject AS s ON s.subject_kind = p.subject_kind AND s.subject_id = p.subject_id
WHERE s.subject_id IS NULL AND (m.subject_id IS NULL OR m.stage_lo IS NOT NULL);

CREATE OR REPLACE VIEW kept.question_item AS
SELECT i.*
FROM main.question_item AS i
LEFT JOIN decided.excepted_subject AS s ON s.subject_kind = i.subject_kind AND s.subject_id = i.subject_id
LEFT JOIN decided.excepted_path AS x ON i.subject_kind = 'access_path' AND x.path_id = i.subject_id
WHERE s.subject_id IS NULL AND x.path_id IS NULL;

CREATE OR REPLACE VIEW kept.finding AS
SELECT f.*
FROM main.finding AS f
LEFT JOIN decided.excepted_finding AS x ON x.check_id = f.check_id AND x.subject_kind = f.subject_kind AND x.subject_id = f.subject_id
WHERE x.subject_id IS NULL;

CREATE OR REPLACE VIEW kept.least_privilege AS
SELECT l.*
FROM main.least_privilege AS l
LEFT JOIN decided.excepted_subject AS s ON s.subject_kind = 'identity' AND s.subject_id = l.identity_id
WHERE s.subject_id IS NULL;
