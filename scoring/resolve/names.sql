-- Who is meant: sources that name a user without an account, and instance profiles.
CREATE TABLE work.source_rank AS
SELECT
    s.source_id,
    s.collector = 'template' AS declared,
    s.collected_at,
    -- The provider that a whole-organisation statement of this source can speak of; NULL: of any.
    CASE WHEN s.collector IN ('aws', 'gcp', 'azure') THEN s.collector END AS provider,
    -- Too old to prove anything good. An export without a date is as old as its newest record; without any, of the day of assessment.
    coalesce(date_diff('day', CASE WHEN s.collector = 'template' THEN s.collected_at ELSE coalesce(s.collected_at, s.newest_at) END, t.as_of) > $max_age_days, false) AS stale,
    -- What people declare never overrides what an export says.
    row_number() OVER (ORDER BY s.collector = 'template', coalesce(s.collected_at, s.newest_at) DESC NULLS LAST, s.source_id) AS rank
FROM seen.source AS s
CROSS JOIN work.assessment AS t;

-- `user:<account>/<name>` means that user; `user:*/<name>` the only user of that name, if there is only one.
CREATE TABLE work.named_user AS
SELECT i.scope, i.name, i.identity_id, bool_and(coalesce(r.declared, false)) AS declared
FROM seen.identity AS i
LEFT JOIN work.source_rank AS r ON r.source_id = split_part(i.evidence, '#', 1)
WHERE i.native_type = 'AWS::IAM::User' AND i.identity_id NOT LIKE 'user:%'
GROUP BY i.scope, i.name, i.identity_id;

CREATE TABLE work.user_name AS
WITH mentioned AS (
    SELECT identity_id AS mention, min(evidence) AS evidence FROM seen.credential WHERE identity_id LIKE 'user:%' GROUP BY identity_id
    UNION ALL
    SELECT subject_id AS mention, min(evidence) AS evidence FROM seen.sighting WHERE subject_id LIKE 'user:%' GROUP BY subject_id
), distinct_mention AS (
    SELECT mention, min(evidence) AS evidence FROM mentioned GROUP BY mention
), split AS (
    SELECT
        mention,
        evidence,
        substr(mention, 6, strpos(mention, '/') - 6) AS scope,
        substr(mention, strpos(mention, '/') + 1) AS name
    FROM distinct_mention
)
SELECT
    s.mention, s.scope, s.name, s.evidence, min(u.identity_id) AS found_id, count(DISTINCT u.identity_id) AS candidates,
    coalesce(bool_and(u.declared), false) AS only_declared
FROM split AS s
LEFT JOIN work.named_user AS u ON u.name = s.name AND (u.scope = s.scope OR s.scope = '*')
GROUP BY s.mention, s.scope, s.name, s.evidence;

-- Whom an alias means. An application that has a service principal in several tenants is the one of the tenant that it is registered in.
CREATE TABLE work.alias_name AS
WITH candidate AS (
    SELECT DISTINCT a.alias, a.identity_id, coalesce(h.scope = o.scope, false) AS home
    FROM seen.alias AS a
    LEFT JOIN (SELECT identity_id, min(scope) AS scope FROM seen.identity WHERE scope IS NOT NULL GROUP BY identity_id) AS h ON h.identity_id = a.identity_id
    LEFT JOIN (
        SELECT identity_id, min(scope) AS scope FROM seen.identity WHERE native_type = 'microsoft.graph.application' GROUP BY identity_id
    ) AS o ON o.identity_id = a.alias
), chosen AS (
    SELECT alias, coalesce(min(identity_id) FILTER (WHERE home), min(identity_id)) AS identity_id
    FROM candidate
    WHERE alias <> identity_id
    GROUP BY alias
)
-- An application's object id means its application id, and that its service principal.
SELECT c.alias, coalesce(n.identity_id, c.identity_id) AS identity_id, c.identity_id AS said
FROM chosen AS c
LEFT JOIN chosen AS n ON n.alias = c.identity_id;

-- Every name under which an identity is spoken of. An ambiguous name stays a name.
CREATE TABLE work.identity_name AS
SELECT mention AS mention, CASE WHEN candidates = 1 THEN found_id ELSE mention END AS identity_id FROM work.user_name
UNION
SELECT alias AS mention, identity_id FROM work.alias_name;

INSERT INTO main.source SELECT * FROM seen.source;
INSERT INTO main.run SELECT * FROM seen.run;
INSERT INTO main.alias
SELECT n.alias, n.identity_id, min(a.evidence)
FROM work.alias_name AS n
JOIN seen.alias AS a ON a.alias = n.alias AND a.identity_id = n.said
GROUP BY n.alias, n.identity_id;

-- Ours: accounts that someone lists, and those that an export shows from inside. Two environments for one account are none.
INSERT INTO main.account
WITH spoken AS (
    SELECT scope, provider, name, environment, true AS listed, evidence FROM seen.account
    UNION ALL
    SELECT i.scope, i.provider, NULL AS name, NULL AS environment, false AS listed, i.evidence
    FROM seen.identity AS i
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(i.evidence, '#', 1)
    WHERE i.scope IS NOT NULL AND i.provider = 'aws' AND NOT coalesce(r.declared, false)
    UNION ALL
    -- Elsewhere a grant may name an identity of a stranger's project: ours is what an export lists from inside.
    SELECT v.scope, r.provider, NULL AS name, NULL AS environment, false AS listed, v.evidence || '#' || v.scope AS evidence
    FROM seen.coverage AS v
    JOIN work.source_rank AS r ON r.source_id = v.evidence AND r.provider IN ('gcp', 'azure')
    WHERE v.scope <> '*' AND v.status IN ('collected', 'partial')
    UNION ALL
    SELECT i.scope, i.provider, NULL AS name, NULL AS environment, false AS listed, i.evidence
    FROM seen.identity AS i
    JOIN work.source_rank AS r ON r.source_id = split_part(i.evidence, '#', 1)
    JOIN seen.coverage AS v ON v.evidence = r.source_id AND v.fact = 'identities' AND v.status IN ('collected', 'partial') AND v.scope = '*'
    WHERE i.scope IS NOT NULL AND i.provider IN ('gcp', 'azure') AND i.in_scope AND i.status <> 'unknown' AND NOT r.declared
)
SELECT
    scope, min(provider), max(name),
    CASE WHEN count(DISTINCT lower(environment)) = 1 THEN min(environment) END,
    coalesce(min(evidence) FILTER (WHERE listed), min(evidence))
FROM spoken
GROUP BY scope;

-- The newest source that lists an identity with its policies (or with its trust) tells all of them, even if that is none.
CREATE TABLE work.newest_listing AS
SELECT i.identity_id, v.fact, min(r.rank) AS rank
FROM seen.identity AS i
JOIN work.source_rank AS r ON r.source_id = split_part(i.evidence, '#', 1)
JOIN seen.coverage AS v ON v.evidence = r.source_id AND v.fact IN ('policies', 'trust')
WHERE i.provider NOT IN ('gcp', 'azure')
GROUP BY i.identity_id, v.fact;

-- GCP and Azure tell it in many listings (per project, per subscription, per application), which add up.
CREATE TABLE work.listed_in_parts AS
SELECT DISTINCT coalesce(n.identity_id, i.identity_id) AS identity_id
FROM seen.identity AS i
LEFT JOIN work.alias_name AS n ON n.alias = i.identity_id
WHERE i.provider IN ('gcp', 'azure');
