-- title = "Machine identity can make itself an administrator"
-- severity = "high"
-- subject = "identity"
-- needs = ["policies", "trust"]
-- rationale = "Its own permissions look modest, but by a known path, perhaps over other identities, it comes to administration. Whoever takes it over takes the same way."
-- fix = "Cut the path at its narrowest step: name the roles or accounts that may be passed, assumed or acted as, take away rights over policies, keys and trust, or take administration from the target. The table `escalation` lists every step with its statement."
-- maps_to = [
--     "NHI5:2025", "NIST-800-53r5:AC-6", "CSF-2.0:PR.AA-05", "ISO-27001-2022:8.2", "SOC2:CC6.3", "PCI-DSS-4.0:7.2.5",
--     "CIS-Controls-8:5.4", "HIPAA:164.308(a)(4)(i)", "NIS2-2024-2690:11.2.2.a", "ITGC:privileged-access", "CCM-4.0:IAM-05",
--     "ASVS-5.0:V13.2.2", "GDPR:Art.32", "DORA:Art.9",
-- ]
-- source = "https://pathfinding.cloud/"
--
-- [[example]]
-- why = "it may start a function as a role that is an administrator"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:user/ci", provider = "aws", kind = "service_account", native_type = "AWS::IAM::User"}]
-- rows.privilege = [{identity_id = "arn:aws:iam::111111111111:user/ci", privilege = "write", reason = "lambda:CreateFunction"}]
-- rows.escalation = [
--     {identity_id = "arn:aws:iam::111111111111:user/ci", path_id = "lambda-001", target_id = "arn:aws:iam::111111111111:role/boss", gains = "admin", certainty = "certain", reason = "a new function runs as role boss, an administrator", evidence = ["gaad.json#ci"]},
--     {identity_id = "arn:aws:iam::111111111111:user/ci", path_id = "lambda-003", target_id = "arn:aws:iam::111111111111:role/boss", gains = "admin", certainty = "possible", reason = "a function runs other code", evidence = ["gaad.json#ci"]},
-- ]
-- expect = {"arn:aws:iam::111111111111:user/ci" = "fail"}
--
-- [[example]]
-- why = "no path leads on, or no further than to rights like its own; an administrator needs no path"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:role/reports", provider = "aws"}, {identity_id = "arn:aws:iam::111111111111:role/app", provider = "aws"}, {identity_id = "arn:aws:iam::111111111111:role/boss", provider = "aws"}]
-- rows.privilege = [
--     {identity_id = "arn:aws:iam::111111111111:role/reports", privilege = "read", reason = "s3:GetObject"},
--     {identity_id = "arn:aws:iam::111111111111:role/app", privilege = "read", reason = "s3:GetObject"},
--     {identity_id = "arn:aws:iam::111111111111:role/boss", privilege = "admin", reason = "AdministratorAccess allows * on *"},
-- ]
-- rows.escalation = [{identity_id = "arn:aws:iam::111111111111:role/app", path_id = "sts-001", target_id = "arn:aws:iam::111111111111:role/worker", gains = "write", certainty = "certain", reason = "it assumes a role: role worker"}]
-- expect = {"arn:aws:iam::111111111111:role/reports" = "pass", "arn:aws:iam::111111111111:role/app" = "pass"}
--
-- [[example]]
-- why = "a path may be open, or not all of its policies are known"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:role/build", provider = "aws"}, {identity_id = "arn:aws:iam::111111111111:role/batch", provider = "aws"}]
-- rows.privilege = [
--     {identity_id = "arn:aws:iam::111111111111:role/build", privilege = "write", reason = "codebuild:StartBuild"},
--     {identity_id = "arn:aws:iam::111111111111:role/batch", privilege = "unknown", reason = "the text of BatchPolicy is not in the evidence"},
-- ]
-- rows.escalation = [
--     {identity_id = "arn:aws:iam::111111111111:role/build", path_id = "codebuild-002", target_id = "arn:aws:iam::111111111111:role/boss", gains = "admin", certainty = "possible", reason = "whether a project runs as role boss is not in the evidence", evidence = ["gaad.json#build"]},
--     {identity_id = "arn:aws:iam::111111111111:role/batch", path_id = "any", gains = "unknown", certainty = "possible", reason = "a policy cannot be judged", evidence = ["gaad.json#batch"]},
-- ]
-- expect = {"arn:aws:iam::111111111111:role/build" = "unknown", "arn:aws:iam::111111111111:role/batch" = "unknown"}
--
-- [[example]]
-- why = "in every cloud: it may make itself a key of an owner's account; and where what it may do is not known, nothing is passed"
-- rows.identity = [{identity_id = "serviceAccount:ci@shop.iam.gserviceaccount.com", provider = "gcp"}, {identity_id = "azure:0000", provider = "azure"}]
-- rows.privilege = [
--     {identity_id = "serviceAccount:ci@shop.iam.gserviceaccount.com", privilege = "write", reason = "roles/iam.serviceAccountKeyAdmin"},
--     {identity_id = "azure:0000", privilege = "unknown", reason = "the text of a custom role is not in the evidence"},
-- ]
-- rows.escalation = [{identity_id = "serviceAccount:ci@shop.iam.gserviceaccount.com", path_id = "CreateServiceAccountKey", target_id = "serviceAccount:boss@shop.iam.gserviceaccount.com", gains = "admin", certainty = "certain", reason = "it makes a key of boss, an owner", evidence = ["policy.json#ci"]}]
-- expect = {"serviceAccount:ci@shop.iam.gserviceaccount.com" = "fail", "azure:0000" = "unknown"}

WITH way AS (
    -- the path that speaks: those that certainly end in administration first
    SELECT
        identity_id, certainty = 'certain' AND gains = 'admin' AS sure, reason, evidence,
        count(*) OVER (PARTITION BY identity_id, certainty = 'certain' AND gains = 'admin') AS ways,
        row_number() OVER (PARTITION BY identity_id ORDER BY CASE WHEN certainty = 'certain' AND gains = 'admin' THEN 0 ELSE 1 END, gains, path_id) AS position
    FROM escalation
    WHERE gains IN ('admin', 'unknown')
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN w.sure THEN 'fail' WHEN w.identity_id IS NOT NULL OR p.privilege = 'unknown' THEN 'unknown' ELSE 'pass' END AS status,
    CASE
        WHEN w.sure THEN w.reason || CASE WHEN w.ways > 1 THEN '; ' || w.ways || ' paths in all' ELSE '' END
        WHEN w.identity_id IS NOT NULL THEN w.reason
        WHEN p.privilege = 'unknown' THEN 'what it may do is not known: ' || p.reason
        ELSE 'no known path leads from it to administration'
    END AS reason,
    list_concat([i.evidence], coalesce(w.evidence, p.evidence, [])) AS evidence
FROM identity AS i
JOIN privilege AS p ON p.identity_id = i.identity_id
LEFT JOIN way AS w ON w.identity_id = i.identity_id AND w.position = 1
WHERE i.in_scope AND i.human <> 'human' AND i.kind <> 'root' AND i.status <> 'disabled' AND p.privilege <> 'admin'
    AND (i.provider IN ('gcp', 'azure') OR i.identity_id LIKE 'arn:%:iam::%:role/%' OR i.identity_id LIKE 'arn:%:iam::%:user/%')
