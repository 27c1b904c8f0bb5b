-- One round: roles that only people may assume, be it through other such roles. They are human access: listed, not placed.
CREATE OR REPLACE TABLE work.people_role AS
SELECT
    r.identity_id,
    CASE WHEN bool_and(r.principal_kind = 'saml') THEN 'people assume it through SAML' ELSE 'only people assume it' END AS reason
FROM work.living_trust AS r
LEFT JOIN work.people AS p ON p.identity_id = r.principal
-- Software runs as a service account or a service principal whoever may act as it besides.
JOIN main.identity AS i ON i.identity_id = r.identity_id AND i.provider NOT IN ('gcp', 'azure')
GROUP BY r.identity_id
-- An account's root stands for every principal of the account, not for its root user.
HAVING bool_and(r.human OR (r.principal_kind = 'principal' AND p.identity_id IS NOT NULL));

UPDATE main.identity
SET in_scope = false, scope_reason = r.reason
FROM work.people_role AS r
WHERE r.identity_id = identity.identity_id AND identity.in_scope;

INSERT INTO work.people
SELECT r.identity_id
FROM work.people_role AS r
LEFT JOIN work.people AS p ON p.identity_id = r.identity_id
WHERE p.identity_id IS NULL;
