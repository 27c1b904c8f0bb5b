-- Who is meant: sources that name a user without an account, and instance profiles.
CREATE TABLE work.source_rank AS
SELECT
    s.source_id,
    s.collector = 'template' AS declared,
    s.collected_at,
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

-- Every name under which an identity is spoken of. An ambiguous name stays a name.
CREATE TABLE work.identity_name AS
SELECT mention AS mention, CASE WHEN candidates = 1 THEN found_id ELSE mention END AS identity_id FROM work.user_name
UNION
SELECT alias AS mention, min(identity_id) AS identity_id FROM seen.alias GROUP BY alias;

INSERT INTO main.source SELECT * FROM seen.source;
INSERT INTO main.run SELECT * FROM seen.run;
INSERT INTO main.alias SELECT alias, min(identity_id), min(evidence) FROM seen.alias GROUP BY alias;

-- Ours: accounts that someone lists, and those that an export shows from inside. Two environments for one account are none.
INSERT INTO main.account
WITH spoken AS (
    SELECT scope, provider, name, environment, true AS listed, evidence FROM seen.account
    UNION ALL
    SELECT i.scope, i.provider, NULL AS name, NULL AS environment, false AS listed, i.evidence
    FROM seen.identity AS i
    LEFT JOIN work.source_rank AS r ON r.source_id = split_part(i.evidence, '#', 1)
    WHERE i.scope IS NOT NULL AND i.provider = 'aws' AND NOT coalesce(r.declared, false)
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
GROUP BY i.identity_id, v.fact;
