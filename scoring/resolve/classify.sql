-- Person or machine, by what it can sign in with. Names never decide.
-- A listing that is too old shows what there was, not that there is nothing more.
CREATE TABLE work.user_facts AS
WITH known AS (
    SELECT s.subject_id, bool_or(s.subject_kind = 'access_keys') AS keys, bool_or(s.subject_kind = 'passwords') AS password
    FROM main.sighting AS s
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(s.evidence, '#', 1)
    WHERE s.subject_kind IN ('access_keys', 'passwords') AND NOT coalesce(r.stale, false)
    GROUP BY s.subject_id
)
SELECT
    i.identity_id,
    bool_or(c.kind IN ('access_key', 'service_specific', 'x509_certificate') AND c.status = 'active') AS has_key,
    bool_or(c.kind IN ('access_key', 'service_specific', 'x509_certificate') AND c.status = 'unknown') AS may_have_key,
    bool_or(c.credential_id LIKE 'aws:password:%' AND c.status = 'active') AS has_password,
    coalesce(bool_or(k.keys), false) AS keys_known,
    coalesce(bool_or(k.password), false) AS password_known
FROM main.identity AS i
LEFT JOIN main.credential AS c ON c.identity_id = i.identity_id
LEFT JOIN known AS k ON k.subject_id = i.identity_id
WHERE i.native_type IN ('AWS::IAM::User', 'AWS::IAM::Root')
GROUP BY i.identity_id;

UPDATE main.identity
SET
    human = CASE
        WHEN identity.native_type = 'AWS::IAM::Root' THEN CASE WHEN f.has_key THEN 'unknown' ELSE 'human' END
        WHEN f.has_key AND f.password_known AND NOT coalesce(f.has_password, false) THEN 'nonhuman'
        WHEN f.has_password AND f.keys_known AND NOT coalesce(f.has_key OR f.may_have_key, false) THEN 'human'
        ELSE 'unknown'
    END,
    human_basis = CASE
        WHEN identity.native_type = 'AWS::IAM::Root' THEN CASE WHEN f.has_key THEN 'the account''s root user, with an active access key' ELSE 'the account''s root user' END
        WHEN f.has_key AND f.has_password THEN 'it has a console password and an active key: a person or a program'
        WHEN f.has_key AND f.password_known THEN 'it has an active key and no console password'
        WHEN f.has_key THEN 'it has an active key; whether it has a password is not known'
        WHEN f.has_password AND f.may_have_key THEN 'it has a console password and a key of unknown status'
        WHEN f.has_password AND f.keys_known THEN 'it has a console password and no active key'
        WHEN f.has_password THEN 'it has a console password; whether it has a key is not known'
        WHEN f.keys_known AND f.password_known THEN 'it has neither a console password nor an active key'
        ELSE 'whether it has a console password or a key is not known'
    END
FROM work.user_facts AS f
WHERE f.identity_id = identity.identity_id AND (identity.human = 'unknown' OR coalesce(f.has_key, false));

-- Trust in a principal that was deleted lets no one in: AWS then shows its unique id in the place of its ARN. Nor does a closed pool.
CREATE TABLE work.living_trust AS
SELECT *
FROM main.trust
WHERE NOT (principal_kind = 'unknown' AND safety = 'safe' AND principal LIKE 'A%' AND principal NOT LIKE '%:%' AND length(principal) >= 16)
    AND trust_id NOT IN (SELECT trust_id FROM work.pool_trust WHERE closed);

-- People, and (by scoring/resolve/people.sql) the roles that only they may assume.
CREATE TABLE work.people AS
SELECT identity_id FROM main.identity WHERE human = 'human';
