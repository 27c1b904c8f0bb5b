-- Identities by what their records say of their use: most share a pattern with others, and each pair of policies and pattern is judged once.
CREATE OR REPLACE TABLE judging.use_term AS
SELECT row_number() OVER (ORDER BY t.service, t.action, t.seen) AS term, t.service, t.action, t.seen
FROM (SELECT DISTINCT service, action, seen FROM judging.use_seen) AS t;

CREATE OR REPLACE TABLE judging.use_of AS
WITH listed AS (
    SELECT s.identity_id, list_sort(list(t.term)) AS terms
    FROM judging.use_seen AS s
    JOIN judging.use_term AS t ON t.service = s.service AND t.action = s.action AND t.seen = s.seen
    GROUP BY s.identity_id
)
SELECT
    f.identity_id, coalesce(p.set_id, '') AS set_id, coalesce(c.ceiling, 0) AS ceiling, coalesce(l.terms, []) AS terms, f.complete, f.own_use,
    md5(array_to_string(coalesce(l.terms, []), ' ') || ' ' || f.complete || f.own_use) AS pattern_id
FROM judging.use_fact AS f
LEFT JOIN judging.policy_set AS p ON p.identity_id = f.identity_id
LEFT JOIN judging.use_ceiling AS c ON c.account = p.account
LEFT JOIN listed AS l ON l.identity_id = f.identity_id;

CREATE OR REPLACE TABLE judging.use_pair AS
SELECT row_number() OVER (ORDER BY d.set_id, d.ceiling, d.pattern_id) AS pair, d.set_id, d.ceiling, d.pattern_id
FROM (SELECT DISTINCT set_id, ceiling, pattern_id FROM judging.use_of) AS d;

CREATE OR REPLACE TABLE judging.use_count (
    pair          BIGINT NOT NULL,
    granted       BIGINT NOT NULL,
    used          BIGINT NOT NULL,
    unused        BIGINT NOT NULL,
    likely_unused BIGINT NOT NULL,
    unknown       BIGINT NOT NULL,
    weight        BIGINT NOT NULL,
    weight_unused BIGINT NOT NULL,
    weight_open   BIGINT NOT NULL,
    action        VARCHAR NOT NULL,  -- what the pair alone comes to: narrow, disable, none, unknown
    confidence    VARCHAR,
    gap           VARCHAR            -- why its policies cannot be judged
);

CREATE OR REPLACE TABLE judging.use_guard (
    identity_id   VARCHAR NOT NULL,
    guards        VARCHAR[] NOT NULL
);
