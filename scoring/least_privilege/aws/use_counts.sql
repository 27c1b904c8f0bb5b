-- One row of `least_privilege` per AWS identity. What may not be all that it holds is not counted.
INSERT INTO main.least_privilege BY NAME
WITH root AS (
    SELECT identity_id FROM main.identity WHERE kind = 'root'
),
joined AS (
    SELECT
        f.identity_id, f.evidence, f.report, f.complete, f.own_use, f.left_out, f.window_days, c.*, coalesce(w.guards, []) AS guards,
        CASE
            WHEN r.identity_id IS NOT NULL THEN f.left_out
            WHEN k.gap IS NOT NULL THEN k.gap
            WHEN c.gap IS NOT NULL THEN c.gap
            WHEN NOT (f.identity_id LIKE 'arn:%:iam::%:user/%' OR f.identity_id LIKE 'arn:%:iam::%:role/%')
                THEN 'it is neither an IAM user nor a role: its permissions are kept elsewhere'
        END AS not_known
    FROM judging.use_fact AS f
    JOIN judging.use_of AS o ON o.identity_id = f.identity_id
    JOIN judging.use_pair AS p ON p.set_id = o.set_id AND p.ceiling = o.ceiling AND p.pattern_id = o.pattern_id
    JOIN judging.use_count AS c ON c.pair = p.pair
    LEFT JOIN judging.known_policies AS k ON k.identity_id = f.identity_id
    LEFT JOIN judging.use_guard AS w ON w.identity_id = f.identity_id
    LEFT JOIN root AS r ON r.identity_id = f.identity_id
),
decided AS (
    SELECT
        j.*,
        CASE
            WHEN j.left_out IS NOT NULL THEN 'none'
            WHEN j.not_known IS NOT NULL THEN 'unknown'
            WHEN j.action IN ('narrow', 'disable') AND len(j.guards) > 0 THEN 'wait'
            ELSE j.action
        END AS decision
    FROM joined AS j
)
SELECT
    d.identity_id,
    CASE WHEN d.not_known IS NULL THEN d.granted END AS granted,
    CASE WHEN d.not_known IS NULL THEN d.used END AS used,
    CASE WHEN d.not_known IS NULL THEN d.unused END AS unused,
    CASE WHEN d.not_known IS NULL THEN d.likely_unused END AS likely_unused,
    CASE WHEN d.not_known IS NULL THEN d.unknown END AS unknown,
    CASE WHEN d.not_known IS NULL THEN d.weight END AS weight,
    CASE WHEN d.not_known IS NULL THEN d.weight_unused END AS weight_unused,
    CASE WHEN d.not_known IS NULL THEN d.weight_open END AS weight_open,
    d.window_days,
    d.decision AS action,
    CASE WHEN d.decision IN ('narrow', 'disable', 'wait') THEN d.confidence END AS confidence,
    CASE WHEN d.decision = 'wait' THEN d.guards ELSE [] END AS guards,
    CASE
        WHEN d.left_out IS NOT NULL THEN d.left_out
        WHEN d.not_known IS NOT NULL THEN d.not_known
        WHEN d.decision = 'wait' THEN 'wait: ' || d.guards[1]
        WHEN d.decision = 'disable' THEN 'nothing of it was used in the last ' || $unused_days || ' days: disable it, and delete it later'
        WHEN d.decision = 'narrow' THEN d.unused || ' of ' || d.granted || ' permissions were not used in the last ' || $unused_days || ' days: take them away'
        WHEN d.granted = 0 THEN 'it is granted nothing'
        WHEN d.decision = 'unknown' THEN 'no record says which of its permissions it uses: collect its services last accessed'
        WHEN d.likely_unused > 0 THEN d.likely_unused || ' permissions are likely unused, but its records do not watch all of its use: collect its services last accessed'
        ELSE 'nothing that it is granted is known to be unused'
    END AS reason,
    CASE WHEN d.report IS NULL THEN [d.evidence] ELSE list_sort([d.evidence, d.report]) END AS evidence
FROM decided AS d;
