-- title = "Rotation coverage"
-- unit = "percent"
-- better = "higher"
-- counts = "an active static credential"
-- definition = "Static credentials that are changed without anyone thinking of it: rotated automatically within the pack's limit for their kind, or ending by themselves within it. The name is Cerbos's; the formula is ours, none is published."
-- formula = "100 * credentials rotated automatically, or with a hard expiry, within the limit / active static credentials"
-- needs = ["identities"]
-- lists = ["identities", "access_keys", "service_credentials", "stored_secrets"]
-- source = "https://nhimg.org/community/nhi-best-practices/non-human-identity-security-strategy-where-teams-keep-falling-short/"

SELECT
    subject_kind,
    subject_id,
    CASE
        WHEN doubt IS NOT NULL THEN 'unknown'
        WHEN issuance = 'auto_rotated' AND rotation_days IS NULL AND age_days <= limit_days THEN 'counted'
        WHEN issuance = 'auto_rotated' AND rotation_days IS NULL THEN 'unknown'
        WHEN issuance = 'auto_rotated' THEN CASE WHEN rotation_days <= limit_days THEN 'counted' ELSE 'not' END
        WHEN expires_at IS NOT NULL AND changed_at IS NULL THEN 'unknown'
        WHEN date_diff('day', changed_at, expires_at) <= limit_days THEN 'counted'
        WHEN issuance = 'manual' THEN 'not'
        ELSE 'unknown'
    END AS status,
    CAST(NULL AS DOUBLE) AS value,
    CASE
        WHEN doubt IS NOT NULL THEN doubt
        WHEN issuance = 'auto_rotated' THEN 'rotated automatically' || coalesce(' every ' || rotation_days || ' days', '; how often is not known') || '; the limit is ' || limit_days
        WHEN expires_at IS NOT NULL AND changed_at IS NULL THEN 'it ends, but since when it is valid is not known'
        WHEN expires_at IS NOT NULL THEN 'ends by itself after ' || date_diff('day', changed_at, expires_at) || ' days; the limit is ' || limit_days
        WHEN issuance = 'manual' THEN 'changed by hand only, and does not end'
        ELSE 'whether it is rotated is not known'
    END AS reason,
    evidence
FROM counting.static_credential
