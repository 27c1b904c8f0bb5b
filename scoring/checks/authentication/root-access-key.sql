-- title = "The account's root user has an access key"
-- severity = "critical"
-- subject = "scope"
-- needs = ["access_keys"]
-- rationale = "A root key can do everything, no policy limits it inside the account, and no program needs one."
-- fix = "Delete the root user's access keys; give programs roles."
-- maps_to = [
--     "NHI4:2025", "NIST-800-53r5:AC-6(5)", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "CIS-Controls-8:5.4",
--     "CIS-AWS-7.0:2.4", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access", "CCM-4.0:IAM-05",
--     "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9", "AWS-FSBP:IAM.4",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/root-user-best-practices.html"
--
-- [[example]]
-- why = "the credential report shows an active key"
-- rows.account = [{scope = "111111111111"}]
-- rows.identity = [{identity_id = "root", kind = "root", native_type = "AWS::IAM::Root", human = "unknown"}]
-- rows.credential = [{credential_id = "key", identity_id = "root"}]
-- expect = {"111111111111" = "fail"}
--
-- [[example]]
-- why = "the credential report shows none; the key of a user is not meant"
-- rows.account = [{scope = "111111111111"}]
-- rows.identity = [{identity_id = "root", kind = "root", native_type = "AWS::IAM::Root", human = "human"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "root"}]
-- rows.credential = [{credential_id = "key", identity_id = "svc"}]
-- expect = {"111111111111" = "pass"}
--
-- [[example]]
-- why = "list-access-keys speaks of users only: nobody looked at the root user"
-- rows.account = [{scope = "111111111111"}]
-- rows.credential = [{credential_id = "key", identity_id = "svc"}]
-- expect = {"111111111111" = "unknown"}
--
-- [[example]]
-- why = "the root user has a key, and nobody says whether it is active"
-- rows.account = [{scope = "111111111111"}]
-- rows.identity = [{identity_id = "root", kind = "root", native_type = "AWS::IAM::Root"}]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "root"}]
-- rows.credential = [{credential_id = "key", identity_id = "root", status = "unknown"}]
-- expect = {"111111111111" = "unknown"}

WITH looked_at AS (
    SELECT subject_id, min(evidence) AS evidence FROM sighting WHERE subject_kind = 'access_keys' GROUP BY subject_id
), root AS (
    SELECT
        i.scope,
        count(c.credential_id) FILTER (WHERE c.status = 'active') AS active,
        count(c.credential_id) FILTER (WHERE c.status = 'unknown') AS unclear,
        count(l.subject_id) AS looked_at,
        list_sort(list(DISTINCT coalesce(c.evidence, l.evidence, i.evidence))) AS evidence
    FROM identity AS i
    LEFT JOIN credential AS c ON c.identity_id = i.identity_id AND c.kind = 'access_key'
    LEFT JOIN looked_at AS l ON l.subject_id = i.identity_id
    WHERE i.native_type = 'AWS::IAM::Root'
    GROUP BY i.scope
)
SELECT
    a.scope AS subject_id,
    CASE WHEN r.active > 0 THEN 'fail' WHEN r.looked_at > 0 AND r.unclear = 0 THEN 'pass' ELSE 'unknown' END AS status,
    CASE
        WHEN r.active > 0 THEN 'its root user has ' || r.active || ' active access key(s)'
        WHEN r.unclear > 0 THEN 'its root user has an access key; the evidence does not say whether it is active'
        WHEN r.looked_at > 0 THEN 'its root user has no active access key'
        ELSE 'nobody looked at its root user: supply the credential report'
    END AS reason,
    coalesce(r.evidence, [a.evidence]) AS evidence
FROM account AS a
LEFT JOIN root AS r ON r.scope = a.scope
WHERE a.provider = 'aws'
