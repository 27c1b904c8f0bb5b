-- title = "Role still trusts a principal that was deleted"
-- severity = "low"
-- subject = "identity"
-- needs = ["trust"]
-- rationale = "Where AWS shows a bare unique id (AIDA…, AROA…) in a trust policy, the trusted user or role is gone: offboarding stopped half way, and nobody reviews that policy."
-- fix = "Remove the id from the role's trust policy; delete the role if nothing else may assume it."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:AC-2(3)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.18", "CIS-Controls-8:6.2",
--     "HIPAA:164.308(a)(3)(ii)(C)", "NIS2-2024-2690:11.5.4", "ITGC:access-removal", "CCM-4.0:IAM-07",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
--
-- [[example]]
-- why = "the id of a deleted user stands in the trust policy"
-- rows.identity = [{identity_id = "deploy"}]
-- rows.trust = [{identity_id = "deploy", principal_kind = "unknown", principal = "AIDACKCEVSQ6C2EXAMPLE"}]
-- expect = {deploy = "fail"}
--
-- [[example]]
-- why = "it trusts a service"
-- rows.identity = [{identity_id = "orders"}]
-- rows.trust = [{identity_id = "orders"}]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "its trust policy was not in the evidence"
-- rows.identity = [{identity_id = "orders"}]
-- rows.coverage = []
-- expect = {orders = "unknown"}

WITH trusted AS (
    SELECT
        identity_id,
        count(*) AS principals,
        count(*) FILTER (WHERE principal LIKE 'AIDA%' OR principal LIKE 'AROA%') AS deleted,
        min(principal) FILTER (WHERE principal LIKE 'AIDA%' OR principal LIKE 'AROA%') AS deleted_id,
        list_sort(list(DISTINCT evidence)) AS evidence
    FROM trust
    GROUP BY identity_id
)
SELECT
    i.identity_id AS subject_id,
    CASE WHEN t.deleted > 0 THEN 'fail' ELSE 'pass' END AS status,
    CASE
        WHEN t.deleted > 1 THEN 'it trusts ' || t.deleted || ' deleted principals, ' || t.deleted_id || ' among them'
        WHEN t.deleted = 1 THEN 'it trusts ' || t.deleted_id || ', a principal that was deleted'
        ELSE 'none of its ' || coalesce(t.principals, 0) || ' trusted principals was deleted'
    END AS reason,
    coalesce(t.evidence, [i.evidence]) AS evidence
FROM identity AS i
LEFT JOIN trusted AS t ON t.identity_id = i.identity_id
WHERE i.kind = 'iam_role' AND i.in_scope AND i.human <> 'human'
