-- One path per trust that makes a chain: bounded by the weakest principal above, and by what a native role in this account could reach.
-- A chain whose principals have no active path is no path.
CREATE TABLE work.chain_path AS
WITH above AS (
    SELECT
        e.trust_id, e.node, b.lo, b.hi, b.lo_from, b.hi_from,
        row_number() OVER (PARTITION BY e.trust_id ORDER BY b.lo, b.lo_from) AS lo_rank,
        row_number() OVER (PARTITION BY e.trust_id ORDER BY b.hi, b.hi_from) AS hi_rank
    FROM work.chain_edge AS e
    JOIN work.bound AS b ON b.node = e.upstream AND b.lo IS NOT NULL
), weakest AS (
    SELECT l.trust_id, l.lo, l.lo_from, h.hi, h.hi_from
    FROM above AS l
    JOIN above AS h ON h.trust_id = l.trust_id AND h.hi_rank = 1
    WHERE l.lo_rank = 1
)
SELECT
    'identity' AS subject_kind, t.identity_id AS subject_id, t.trust_id, 'chain' AS mechanism, t.role_scope AS scope, t.privilege, 'chain' AS rule,
    least(w.lo, n.lo) AS lo, least(w.hi, n.hi) AS hi,
    'it may be assumed by ' || coalesce(li.name, w.lo_from) || ', which may be at stage ' || w.lo AS lo_reason,
    CASE WHEN w.hi <= n.hi THEN 'it may be assumed by ' || coalesce(hi.name, w.hi_from) || ', which reaches stage ' || w.hi || ' at most' ELSE n.hi_reason END AS hi_reason,
    CASE WHEN least(w.lo, n.lo) < least(w.hi, n.hi) THEN 'settle the stage of ' || coalesce(li.name, w.lo_from) || ', which may assume it' END AS to_settle,
    list_filter([t.evidence, li.evidence], lambda v: v IS NOT NULL) AS lo_evidence,
    list_filter([t.evidence, hi.evidence], lambda v: v IS NOT NULL) AS hi_evidence,
    CASE WHEN t.principal_kind = 'account' THEN ['whole_account_trusted'] ELSE [] END AS flags
FROM work.trust_kind AS t
JOIN weakest AS w ON w.trust_id = t.trust_id
JOIN work.placement_rule AS n ON n.mechanism = 'native' AND n.qualifier = t.governance
LEFT JOIN main.identity AS li ON li.identity_id = w.lo_from
LEFT JOIN main.identity AS hi ON hi.identity_id = w.hi_from;
