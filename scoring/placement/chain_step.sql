-- One round: a node is no better than the weakest node above it. `*_from` names the identity whose own path sets the bound.
DROP TABLE IF EXISTS work.next_bound;
CREATE TABLE work.next_bound AS
WITH candidate AS (
    SELECT node, lo, hi, lo_from, hi_from, 0 AS distance FROM work.bound WHERE lo IS NOT NULL
    UNION ALL
    SELECT e.node, least(b.lo, e.cap_lo) AS lo, least(b.hi, e.cap_hi) AS hi, b.lo_from, b.hi_from, 1 AS distance
    FROM work.edge AS e
    JOIN work.bound AS b ON b.node = e.upstream AND b.lo IS NOT NULL
), low AS (
    SELECT node, lo, lo_from, row_number() OVER (PARTITION BY node ORDER BY lo, distance, lo_from) AS rank FROM candidate
), high AS (
    SELECT node, hi, hi_from, row_number() OVER (PARTITION BY node ORDER BY hi, distance, hi_from) AS rank FROM candidate
)
SELECT b.node, l.lo, h.hi, l.lo_from, h.hi_from
FROM work.bound AS b
LEFT JOIN low AS l ON l.node = b.node AND l.rank = 1
LEFT JOIN high AS h ON h.node = b.node AND h.rank = 1;
