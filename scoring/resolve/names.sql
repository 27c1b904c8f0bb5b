-- Who is meant: sources that name a user without an account, and instance profiles.
CREATE TABLE work.source_rank AS
SELECT
    source_id,
    collector = 'template' AS declared,
    -- What people declare never overrides what an export says.
    row_number() OVER (ORDER BY collector = 'template', coalesce(collected_at, newest_at) DESC NULLS LAST, source_id) AS rank
FROM seen.source;

-- `user:<account>/<name>` means that user; `user:*/<name>` the only user of that name, if there is only one.
CREATE TABLE work.named_user AS
SELECT DISTINCT scope, name, identity_id
FROM seen.identity
WHERE native_type = 'AWS::IAM::User' AND identity_id NOT LIKE 'user:%';

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
SELECT s.mention, s.scope, s.name, s.evidence, min(u.identity_id) AS found_id, count(DISTINCT u.identity_id) AS candidates
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
INSERT INTO main.account
SELECT scope, min(provider), max(name), max(environment), min(evidence) FROM seen.account GROUP BY scope;
