-- Every record that spoke of each subject.
INSERT INTO main.sighting
SELECT DISTINCT * FROM (
    SELECT 'identity' AS subject_kind, identity_id AS subject_id, evidence FROM work.identity_row
    UNION ALL SELECT 'credential', credential_id, evidence FROM work.credential_row
    UNION ALL SELECT 'workload', workload_id, evidence FROM seen.workload
    UNION ALL SELECT 'resource', resource_id, evidence FROM seen.resource
    UNION ALL SELECT s.subject_kind, coalesce(n.identity_id, s.subject_id), s.evidence
    FROM seen.sighting AS s
    LEFT JOIN work.identity_name AS n ON n.mention = s.subject_id
    UNION ALL
    SELECT 'exposure', m.exposure_id, s.evidence
    FROM seen.secret_exposure AS s
    JOIN main.secret_exposure AS m
        ON m.path = s.path AND coalesce(m.scope, '') = coalesce(s.scope, '') AND coalesce(m.line, -1) = coalesce(s.line, -1)
        AND (s.commit_sha IS NULL OR m.commit_sha IS NULL OR m.commit_sha = s.commit_sha)
) AS sightings;
