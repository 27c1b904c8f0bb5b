-- title = "Require authentication"
-- subject = "resource"
-- addresses = [1, 7]
-- effort = 3
-- effort_reason = "the policy is one line; its callers need an identity first"
-- providers = ["aws", "gcp", "azure"]
-- asks = "Give the callers identities of their own, then take anyone out of the policy: of a resource, or of an identity that anyone may become."
-- rollback = "Put the statement back."
--
-- [[example]]
-- why = "an open bucket is closed, and with it the path is gone"
-- rows.resource = [{resource_id = "b", public = "yes"}]
-- candidates = {b = true}
-- before = {b = [1, 1]}
-- after = {b = []}
--
-- [[example]]
-- why = "a role that anyone may assume keeps the workload that it is for"
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [
--     {trust_id = "any", identity_id = "r", principal_kind = "anonymous", principal = "*", safety = "unsafe"},
--     {trust_id = "own", identity_id = "r", safety = "safe"},
-- ]
-- candidates = {any = true}
-- before = {r = [1, 1]}
-- after = {r = [6, 6]}

-- candidates
SELECT 'resource' AS subject_kind, r.resource_id AS subject_id, r.public_reason AS reason, ['who calls it without an identity is not known: ask before it is closed'] AS guards,
    true AS ready, [r.evidence] AS evidence
FROM main.resource AS r
WHERE r.public = 'yes'
UNION ALL
SELECT 'trust', t.trust_id, coalesce(t.safety_reason, 'anyone may become it'), ['who becomes it without an identity is not known: ask before it is closed'], true, [t.evidence]
FROM main.trust AS t
JOIN main.access_path AS p ON p.trust_id = t.trust_id AND p.mechanism = 'anonymous'

-- amendment
UPDATE seen.resource SET public = 'no', public_reason = 'callers need an identity' WHERE list_contains($subjects, resource_id);

DELETE FROM seen.trust WHERE list_contains($subjects, trust_id);
