-- title = "Trust named roles instead of a whole account"
-- subject = "trust"
-- addresses = [1, 7]
-- effort = 3
-- effort_reason = "the log says who assumes it; the trust then names them, and whoever comes with a key gets a role first"
-- providers = ["aws"]
-- asks = "Read in the log who assumes the role. Let its trust name them, and only workloads with an identity of the platform, in the place of the whole account."
-- rollback = "Put the account back into the trust."
--
-- [[example]]
-- why = "the account also holds a user with a key: afterwards only its function gets in"
-- rows.identity = [
--     {identity_id = "arn:aws:iam::111111111111:role/target", name = "target"},
--     {identity_id = "arn:aws:iam::111111111111:role/function", name = "function"},
--     {identity_id = "arn:aws:iam::111111111111:user/u", name = "u", kind = "service_account", native_type = "AWS::IAM::User"},
-- ]
-- rows.sighting = [{subject_kind = "access_keys", subject_id = "arn:aws:iam::111111111111:user/u"}, {subject_kind = "passwords", subject_id = "arn:aws:iam::111111111111:user/u"}]
-- rows.credential = [{credential_id = "k", identity_id = "arn:aws:iam::111111111111:user/u", created_at = 2024-01-31}]
-- rows.trust = [
--     {trust_id = "all", identity_id = "arn:aws:iam::111111111111:role/target", principal_kind = "account", principal = "arn:aws:iam::111111111111:root", principal_scope = "111111111111", safety = "safe"},
--     {trust_id = "own", identity_id = "arn:aws:iam::111111111111:role/function", safety = "safe"},
-- ]
-- candidates = {all = true}
-- before = {"arn:aws:iam::111111111111:role/target" = [2, 5]}
-- after = {"arn:aws:iam::111111111111:role/target" = [6, 6], "arn:aws:iam::111111111111:user/u" = [2, 5]}
--
-- [[example]]
-- why = "one role is named already"
-- rows.identity = [{identity_id = "arn:aws:iam::111111111111:role/target", name = "target"}, {identity_id = "arn:aws:iam::111111111111:role/function", name = "function"}]
-- rows.trust = [
--     {trust_id = "one", identity_id = "arn:aws:iam::111111111111:role/target", principal_kind = "principal", principal = "arn:aws:iam::111111111111:role/function", principal_scope = "111111111111", safety = "safe"},
--     {trust_id = "own", identity_id = "arn:aws:iam::111111111111:role/function", safety = "safe"},
-- ]
-- candidates = {}

-- candidates
WITH native AS (
    SELECT i.scope, i.identity_id
    FROM main.identity AS i
    JOIN main.access_path AS p ON p.subject_kind = 'identity' AND p.subject_id = i.identity_id
    GROUP BY i.scope, i.identity_id
    HAVING bool_and(p.mechanism = 'native')
),
-- First and last of an account's: where neither is another than the one that is assumed, no other is there. Not each with each, they are many.
ends AS (
    SELECT scope, min(identity_id) AS first_id, max(identity_id) AS last_id FROM native GROUP BY scope
)
SELECT DISTINCT
    'trust' AS subject_kind, t.trust_id AS subject_id, p.lo_reason AS reason,
    ['who assumes it today is not known here: read it in the log first, and give a role to whoever comes with a key'] AS guards,
    true AS ready, p.lo_evidence AS evidence
FROM main.trust AS t
JOIN main.access_path AS p ON p.trust_id = t.trust_id
JOIN ends AS n ON n.scope = t.principal_scope AND (n.first_id <> t.identity_id OR n.last_id <> t.identity_id)
WHERE t.principal_kind = 'account' AND p.mechanism = 'chain'

-- amendment
-- The weakest of those that may be named stands for all of them: the trust is then no better than that.
INSERT INTO seen.trust BY NAME
WITH native AS (
    SELECT i.scope, i.identity_id, min(p.stage_lo) AS lo, min(p.stage_hi) AS hi
    FROM was.identity AS i
    JOIN was.access_path AS p ON p.subject_kind = 'identity' AND p.subject_id = i.identity_id
    GROUP BY i.scope, i.identity_id
    HAVING bool_and(p.mechanism = 'native')
), named AS (
    SELECT w.trust_id, n.identity_id, row_number() OVER (PARTITION BY w.trust_id ORDER BY n.lo, n.hi, n.identity_id) AS rank
    FROM was.trust AS w
    JOIN native AS n ON n.scope = w.principal_scope AND n.identity_id <> w.identity_id
    WHERE list_contains($subjects, w.trust_id)
)
SELECT t.* REPLACE ('what-if:' || t.trust_id AS trust_id, 'principal' AS principal_kind, n.identity_id AS principal)
FROM seen.trust AS t
JOIN named AS n ON n.trust_id = t.trust_id AND n.rank = 1;

DELETE FROM seen.trust WHERE list_contains($subjects, trust_id);
