-- title = "Scan a repository"
-- subject = "repository"
-- settles = true
-- effort = 1
-- effort_reason = "one run of a scanner over the whole history"
-- providers = ["aws", "gcp", "azure", "other"]
-- asks = "Run a secret scanner over all of its history and supply the report."
-- rollback = "Nothing is changed."
--
-- [[example]]
-- why = "what a scan will find nobody knows: no stage moves"
-- rows.scan_target = [{target_id = "app", kind = "repository", in_scope = true, scanned = false}, {target_id = "web", kind = "repository", in_scope = true, scanned = true, scanned_at = 2026-09-25}]
-- rows.identity = [{identity_id = "r", name = "r"}]
-- rows.trust = [{trust_id = "t", identity_id = "r", safety = "safe"}]
-- candidates = {app = true}
-- before = {r = [6, 6]}
-- after = {r = [6, 6]}

-- candidates
SELECT
    'repository' AS subject_kind, s.target_id AS subject_id,
    CASE WHEN s.scanned_at IS NULL THEN 'no report of a scan was supplied' ELSE 'last scanned ' || strftime(s.scanned_at, '%Y-%m-%d') END AS reason,
    [] AS guards, true AS ready, [s.evidence] AS evidence
FROM main.scan_target AS s
WHERE s.in_scope AND (NOT s.scanned OR s.scanned_at IS NULL OR date_diff('day', s.scanned_at, $as_of) > $scan_max_age_days)
