-- title = "Take away permissions that are not used"
-- subject = "identity"
-- effort = 3
-- effort_reason = "the proposed policies are written and checked; they are reviewed and watched for a while"
-- providers = ["aws"]
-- asks = "Apply the proposal of `nhi recommend` for the identity: its policies without what is certainly unused."
-- rollback = "Attach the old policies again; `nhi recommend` writes the commands."
--
-- [[example]]
-- why = "one of two services is used: the proposal keeps it, stage and way in stay"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:role/r", name = "r", created_at = 2024-01-31}]
-- rows.trust = [{trust_id = "t", identity_id = "arn:aws:iam::111111111111:role/r", safety = "safe"}]
-- rows.entitlement = [{identity_id = "arn:aws:iam::111111111111:role/r", document_id = "d", via = "inline", policy_name = "p", changed_at = 2024-01-31}]
-- rows.policy_document = [{document_id = "d", document = '{"Statement":[{"Action":["s3:*","ec2:*"],"Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"}'}]
-- rows.usage = [
--     {identity_id = "arn:aws:iam::111111111111:role/r", service = "s3", last_at = 2026-09-20, window_days = 365},
--     {identity_id = "arn:aws:iam::111111111111:role/r", service = "ec2", window_days = 365},
-- ]
-- rows.sighting = [{subject_kind = "service_usage", subject_id = "arn:aws:iam::111111111111:role/r"}]
-- candidates = {"arn:aws:iam::111111111111:role/r" = true}
-- before = {"arn:aws:iam::111111111111:role/r" = [6, 6]}
-- after = {"arn:aws:iam::111111111111:role/r" = [6, 6]}

-- candidates
SELECT
    'identity' AS subject_kind, l.identity_id AS subject_id, l.reason, l.guards, l.action = 'narrow' AS ready, l.evidence
FROM main.least_privilege AS l
JOIN main.identity AS i ON i.identity_id = l.identity_id AND i.provider = 'aws'
WHERE l.action = 'narrow' OR (l.action = 'wait' AND l.used > 0)

-- amendment
-- The checked proposal in the place of what is attached; boundaries and access to clusters stay.
DELETE FROM seen.entitlement
WHERE via IN ('inline', 'managed', 'group')
    AND identity_id IN (SELECT n.mention FROM was.identity_name AS n JOIN was.proposed AS p ON p.identity_id = n.identity_id);

INSERT INTO seen.policy_document BY NAME
SELECT DISTINCT document_id, document FROM was.proposed WHERE document IS NOT NULL;

INSERT INTO seen.entitlement BY NAME
SELECT
    p.identity_id, p.document_id, p.via, p.policy_name, p.policy_id, CAST($as_of AS TIMESTAMP) AS changed_at, i.evidence
FROM was.proposed AS p
JOIN was.identity AS i ON i.identity_id = p.identity_id
WHERE p.policy_name IS NOT NULL;
