-- Person or machine, by what it can sign in with. Names never decide.
CREATE TABLE work.user_facts AS
SELECT
    i.identity_id,
    bool_or(c.kind IN ('access_key', 'service_specific') AND c.status = 'active') AS has_key,
    bool_or(c.kind = 'password' AND c.status = 'active') AS has_password,
    max(CASE WHEN s.subject_kind = 'access_keys' THEN 1 ELSE 0 END) = 1 AS keys_known,
    max(CASE WHEN s.subject_kind = 'passwords' THEN 1 ELSE 0 END) = 1 AS password_known
FROM main.identity AS i
LEFT JOIN main.credential AS c ON c.identity_id = i.identity_id
LEFT JOIN main.sighting AS s ON s.subject_id = i.identity_id AND s.subject_kind IN ('access_keys', 'passwords')
WHERE i.native_type IN ('AWS::IAM::User', 'AWS::IAM::Root')
GROUP BY i.identity_id;

UPDATE main.identity
SET
    human = CASE
        WHEN identity.native_type = 'AWS::IAM::Root' THEN CASE WHEN f.has_key THEN 'unknown' ELSE 'human' END
        WHEN f.has_key AND f.password_known AND NOT coalesce(f.has_password, false) THEN 'nonhuman'
        WHEN f.has_password AND f.keys_known AND NOT coalesce(f.has_key, false) THEN 'human'
        ELSE 'unknown'
    END,
    human_basis = CASE
        WHEN identity.native_type = 'AWS::IAM::Root' THEN CASE WHEN f.has_key THEN 'the account''s root user, with an active access key' ELSE 'the account''s root user' END
        WHEN f.has_key AND f.has_password THEN 'it has a console password and an active key: a person or a program'
        WHEN f.has_key AND f.password_known THEN 'it has an active key and no console password'
        WHEN f.has_key THEN 'it has an active key; whether it has a password is not known'
        WHEN f.has_password AND f.keys_known THEN 'it has a console password and no active key'
        WHEN f.has_password THEN 'it has a console password; whether it has a key is not known'
        WHEN f.keys_known AND f.password_known THEN 'it has neither a console password nor an active key'
        ELSE 'whether it has a console password or a key is not known'
    END
FROM work.user_facts AS f
WHERE f.identity_id = identity.identity_id AND identity.human = 'unknown';

-- A role that only people may assume is human access: listed, not placed.
UPDATE main.identity
SET
    in_scope = false,
    scope_reason = t.reason
FROM (
    SELECT
        r.identity_id,
        CASE WHEN bool_and(r.principal_kind = 'saml') THEN 'people assume it through SAML' ELSE 'only people assume it' END AS reason
    FROM main.trust AS r
    LEFT JOIN main.identity AS p ON p.identity_id = r.principal
    GROUP BY r.identity_id
    -- An account's root stands for every principal of the account, not for its root user.
    HAVING bool_and(r.human OR (r.principal_kind = 'principal' AND coalesce(p.human, 'unknown') = 'human'))
) AS t
WHERE t.identity_id = identity.identity_id AND identity.in_scope;
