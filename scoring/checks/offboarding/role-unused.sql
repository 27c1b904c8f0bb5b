-- title = "Role or service account has not been used for too long"
-- severity = "medium"
-- subject = "identity"
-- needs = ["identities", "role_usage"]
-- absence = true
-- rationale = "A role or service account that nobody uses any more still opens everything it was granted, and nobody notices when someone else starts to use it."
-- fix = "Ask the owner whether it is still needed. Deny everything to it or disable it for two weeks, then delete it with its grants."
-- maps_to = [
--     "NHI1:2025", "NIST-800-53r5:AC-2(3)", "CSF-2.0:PR.AA-01", "ISO-27001-2022:5.18", "SOC2:CC6.2", "PCI-DSS-4.0:7.2.5.1",
--     "CIS-Controls-8:5.3", "HIPAA:164.308(a)(3)(ii)(C)", "NIS2-2024-2690:11.5.4", "ITGC:access-removal", "CCM-4.0:IAM-07",
--     "NIST-800-53r5:AC-2",
-- ]
-- source = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed.html"
--
-- [[example]]
-- why = "last assumed 121 days ago; the limit is 90"
-- rows.identity = [{identity_id = "old-batch", last_used_known = true, last_used_at = 2026-06-01}]
-- expect = {old-batch = "fail"}
--
-- [[example]]
-- why = "assumed last week"
-- rows.identity = [{identity_id = "orders", last_used_known = true, last_used_at = 2026-09-23}]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "list-roles does not say when a role was last assumed"
-- rows.identity = [{identity_id = "reports", last_used_known = false}]
-- expect = {reports = "unknown"}
--
-- [[example]]
-- why = "the export is old: it may have been assumed since"
-- rows.identity = [{identity_id = "old-batch", last_used_known = true, last_used_at = 2026-01-01}]
-- rows.coverage = [
--     {fact = "identities", scope = "*", status = "collected"},
--     {fact = "role_usage", scope = "111111111111", status = "stale", reason = "the newest evidence is of 2026-03-01: collect it again"},
-- ]
-- expect = {old-batch = "unknown"}
--
-- [[example]]
-- why = "never assumed: identity-never-used judges it; the other role AWS owns, and the last only people use"
-- rows.identity = [
--     {identity_id = "new", last_used_known = true},
--     {identity_id = "linked", in_scope = false, last_used_known = true, last_used_at = 2025-01-01},
--     {identity_id = "sso", human = "human", last_used_known = true, last_used_at = 2025-01-01},
--     {identity_id = "orders", last_used_known = true, last_used_at = 2026-09-23},
-- ]
-- expect = {orders = "pass"}
--
-- [[example]]
-- why = "a service account without any authentication in the last months; of the application no sign-in report speaks, which is not: unused"
-- rows.identity = [
--     {identity_id = "batch", provider = "gcp", kind = "service_account", native_type = "iam.googleapis.com/ServiceAccount", last_used_known = true, last_used_at = 2026-02-01},
--     {identity_id = "portal", provider = "azure", kind = "service_principal", native_type = "microsoft.graph.servicePrincipal"},
-- ]
-- expect = {batch = "fail", portal = "unknown"}

WITH role AS (
    SELECT
        identity_id,
        last_used_known,
        last_used_at,
        evidence,
        date_diff('day', last_used_at, $as_of) AS idle_days
    FROM identity
    WHERE (kind = 'iam_role' OR provider IN ('gcp', 'azure')) AND in_scope AND human <> 'human' AND status <> 'disabled'
        AND NOT (last_used_known AND last_used_at IS NULL)
)
SELECT
    identity_id AS subject_id,
    CASE WHEN last_used_at IS NULL THEN 'unknown' WHEN idle_days > $unused_days THEN 'fail' ELSE 'pass' END AS status,
    CASE
        WHEN last_used_at IS NULL THEN 'the evidence does not say when it was last used'
        ELSE 'last used on ' || CAST(last_used_at AS DATE) || ', ' || idle_days || ' days ago; the limit is ' || $unused_days
    END AS reason,
    [evidence] AS evidence
FROM role
