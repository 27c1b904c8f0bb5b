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
    SELECT
        l.trust_id, l.lo, l.lo_from, h.hi, h.hi_from,
        coalesce(li.name, 'a principal of ' || replace(l.lo_from, ':', ' ')) AS lo_name,
        coalesce(hi.name, 'a principal of ' || replace(h.hi_from, ':', ' ')) AS hi_name,
        le.lo_evidence, he.hi_evidence
    FROM above AS l
    JOIN above AS h ON h.trust_id = l.trust_id AND h.hi_rank = 1
    LEFT JOIN main.identity AS li ON li.identity_id = l.lo_from
    LEFT JOIN main.identity AS hi ON hi.identity_id = h.hi_from
    LEFT JOIN work.bound_evidence AS le ON le.node = l.lo_from
    LEFT JOIN work.bound_evidence AS he ON he.node = h.hi_from
    WHERE l.lo_rank = 1
)
SELECT
    'identity' AS subject_kind, t.identity_id AS subject_id, t.trust_id, 'chain' AS mechanism, t.role_scope AS scope, t.privilege, 'chain' AS rule,
    least(w.lo, n.lo) AS lo, least(w.hi, n.hi) AS hi,
    CASE WHEN w.lo <= n.lo THEN 'it may be assumed by ' || w.lo_name || ', which may be at stage ' || w.lo ELSE n.lo_reason END AS lo_reason,
    CASE WHEN w.hi <= n.hi THEN 'it may be assumed by ' || w.hi_name || ', which reaches stage ' || w.hi || ' at most' ELSE n.hi_reason END AS hi_reason,
    CASE WHEN w.lo <= n.lo THEN 'settle the stage of ' || w.lo_name || ', which may assume it' ELSE n.to_settle || coalesce(' for ' || t.role_scope, '') END AS to_settle,
    list_sort(list_distinct(list_concat([t.evidence], CASE WHEN w.lo <= n.lo THEN coalesce(w.lo_evidence, []) ELSE t.governance_evidence END))) AS lo_evidence,
    list_sort(list_distinct(list_concat([t.evidence], CASE WHEN w.hi <= n.hi THEN coalesce(w.hi_evidence, []) ELSE t.governance_evidence END))) AS hi_evidence,
    CASE WHEN t.upstream_node LIKE 'account:%' THEN ['whole_account_trusted'] ELSE [] END AS flags
FROM work.trust_kind AS t
JOIN weakest AS w ON w.trust_id = t.trust_id
JOIN work.placement_rule AS n ON n.mechanism = 'native' AND n.qualifier = t.chain_qualifier;
