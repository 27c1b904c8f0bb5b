-- Findings that are accepted, and subjects taken out of stages and questions: one row each, by the exceptions that hold.
CREATE OR REPLACE TABLE decided.excepted_finding AS
SELECT f.check_id, f.subject_kind, f.subject_id, min(e.exception_id) AS exception_id
FROM main.finding AS f
JOIN decided.about AS o ON o.kind = 'exceptions' AND o.subject_kind = f.subject_kind AND o.subject_id = f.subject_id
JOIN decided.exception AS e ON e.exception_id = o.id AND e.holds
WHERE f.status = 'fail' AND (list_contains(e.checks, f.check_id) OR list_contains(e.checks, $every_check))
GROUP BY f.check_id, f.subject_kind, f.subject_id;

CREATE OR REPLACE TABLE decided.excepted_subject AS
SELECT o.subject_kind, o.subject_id, min(e.exception_id) AS exception_id
FROM decided.about AS o
JOIN decided.exception AS e ON e.exception_id = o.id AND e.holds
WHERE o.kind = 'exceptions' AND list_contains(e.checks, $every_check)
GROUP BY o.subject_kind, o.subject_id;
