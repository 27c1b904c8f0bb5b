-- One row per place where a credential was seen, out of one row per scanner's record (five scanners of one repository gave 34
-- records of 8 places). Wherever reports disagree, the more alarming one stands: a place is never quieter than its loudest report.
--
-- A place is repository, path, line and commit; an unknown repository is a repository of its own.
--  * A record without a commit (detect-secrets, any scan of plain files) belongs to the place with the same repository, path and
--    line if exactly one commit is known there; with several it cannot be told which, and it stays a place of its own.
--  * Without a line, one file may hold many secrets: records are then one place only if they show the same secrets, or, where
--    they show none, come from the same rule.
INSERT INTO main.secret_exposure
WITH lone_commit AS (
    SELECT seen.scope, seen.path, seen.line, min(seen.commit_sha) AS commit_sha
    FROM seen.secret_exposure AS seen
    WHERE seen.commit_sha IS NOT NULL AND seen.line IS NOT NULL
    GROUP BY seen.scope, seen.path, seen.line
    HAVING count(DISTINCT seen.commit_sha) = 1
),
located AS (
    SELECT
        seen.*,
        coalesce(seen.commit_sha, lone_commit.commit_sha) AS place_commit,
        split_part(seen.evidence, '#', 1) AS source_id,
        CASE
            WHEN seen.line IS NOT NULL THEN ''
            WHEN len(seen.fingerprints) > 0 THEN array_to_string(list_sort(seen.fingerprints), ' ')
            ELSE array_to_string(list_sort(seen.rules), ' ')
        END AS secrets
    FROM seen.secret_exposure AS seen
    LEFT JOIN lone_commit
        ON lone_commit.path = seen.path
        AND lone_commit.line = seen.line
        AND lone_commit.scope IS NOT DISTINCT FROM seen.scope
),
report AS (
    -- Each file's own word on a place.
    SELECT
        located.scope,
        located.path,
        located.line,
        located.place_commit,
        located.secrets,
        bool_or(located.validity = 'active') AS says_active,
        bool_or(located.validity = 'inactive') AS says_inactive,
        -- A file that calls one secret of a line dead and leaves another open speaks of two secrets: the line is not dead.
        bool_and(located.validity = 'inactive') AS says_all_inactive,
        bool_and(located.state = 'resolved') AS says_resolved,
        bool_or(coalesce(located.resolution, '') = 'wont_fix') AS says_wont_fix,
        -- The worst by chance of the alphabet: wont_fix, used_in_tests, revoked, false_positive.
        max(located.resolution) AS resolution,
        flatten(list(located.rules)) AS rules,
        flatten(list(located.fingerprints)) AS fingerprints,
        min(located.credential_kind) FILTER (WHERE located.credential_kind NOT IN ('unknown', 'api_key')) AS telling_kind,
        bool_or(located.credential_kind = 'api_key') AS says_api_key,
        bool_or(located.location_kind = 'source_code') AS says_source_code,
        min(located.location_kind) AS location_kind,
        min(located.credential_id) AS declared_credential_id,
        min(located.author) AS author,
        min(located.introduced_at) AS introduced_at,
        bool_or(located.public) AS public,
        min(located.evidence) AS evidence
    FROM located
    GROUP BY located.scope, located.path, located.line, located.place_commit, located.secrets, located.source_id
),
place AS (
    SELECT
        md5(concat(
            CASE WHEN report.scope IS NULL THEN '-' ELSE concat('+', report.scope) END, chr(10),
            report.path, chr(10),
            coalesce(CAST(report.line AS VARCHAR), '-'), chr(10),
            coalesce(report.place_commit, '-'), chr(10),
            report.secrets
        )) AS exposure_id,
        report.scope,
        report.path,
        report.line,
        report.place_commit AS commit_sha,
        -- Seen in the files as they are: that outranks `somewhere in history`.
        CASE WHEN bool_or(report.says_source_code) THEN 'source_code' ELSE min(report.location_kind) END AS location_kind,
        list_sort(list_distinct(flatten(list(report.rules)))) AS rules,
        -- The rule that knows most about the value: any kind before `api_key`, that before nothing.
        coalesce(min(report.telling_kind), CASE WHEN bool_or(report.says_api_key) THEN 'api_key' END, 'unknown') AS credential_kind,
        list_sort(list_distinct(flatten(list(report.fingerprints)))) AS fingerprints,
        min(report.declared_credential_id) AS declared_credential_id,
        min(report.author) AS author,
        min(report.introduced_at) AS introduced_at,
        -- Open until every report says resolved; and open all the same if one found the credential alive (`revoked` or
        -- `false_positive` was then wrong), or if it was only resolved as `wont_fix`, which changes nothing about the secret.
        -- A revoked credential that other scanners still report stays open: what clears it is its validity, not its state.
        CASE
            WHEN bool_or(report.says_active) OR bool_or(report.says_wont_fix) THEN 'open'
            WHEN bool_and(report.says_resolved) THEN 'resolved'
            ELSE 'open'
        END AS state,
        CASE WHEN bool_and(report.says_resolved) THEN max(report.resolution) END AS resolution,
        -- Not verified is not dead: inactive needs a report that says so of all it saw here, and no report to the contrary.
        CASE
            WHEN bool_or(report.says_active) THEN 'active'
            WHEN bool_or(report.says_inactive AND NOT report.says_all_inactive) THEN 'unknown'
            WHEN bool_or(report.says_all_inactive) THEN 'inactive'
            ELSE 'unknown'
        END AS validity,
        bool_or(report.public) AS public,
        min(report.evidence) AS evidence
    FROM report
    GROUP BY report.scope, report.path, report.line, report.place_commit, report.secrets
),
shown AS (
    SELECT place.exposure_id, UNNEST(place.fingerprints) AS fingerprint
    FROM place
),
matched AS (
    -- By key id or value. Several credentials on one line: the smallest id stands for them; `fingerprints` still holds them all.
    SELECT shown.exposure_id, min(credential.credential_id) AS credential_id
    FROM shown
    JOIN main.credential AS credential ON credential.fingerprint = shown.fingerprint
    GROUP BY shown.exposure_id
)
SELECT
    place.exposure_id,
    place.scope,
    place.path,
    place.line,
    place.commit_sha,
    place.location_kind,
    place.rules,
    place.credential_kind,
    place.fingerprints,
    coalesce(matched.credential_id, place.declared_credential_id) AS credential_id,
    place.author,
    place.introduced_at,
    place.state,
    place.resolution,
    place.validity,
    place.public,
    place.evidence
FROM place
LEFT JOIN matched ON matched.exposure_id = place.exposure_id
