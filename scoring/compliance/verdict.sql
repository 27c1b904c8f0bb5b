-- One verdict per control, from what its checks found. A pair of control and check counts every subject, or those of one provider.
WITH mapped AS (
    SELECT
        unnest($controls) AS control, unnest($checks) AS check_id, unnest($providers) AS provider, unnest($fits) AS fit, unnest($notes) AS note
), need AS (
    SELECT unnest($need_checks) AS check_id, unnest($need_facts) AS fact
), asked AS (
    SELECT unnest($all_controls) AS control, unnest($asks) AS ask
), counted AS (
    SELECT
        m.control, m.check_id, m.provider, m.note,
        CASE
            WHEN r.check_id IS NULL THEN 'the check ' || m.check_id || ' was not run'
            WHEN m.provider IS NOT NULL AND NOT $kept THEN 'this snapshot keeps no counts per provider: assess its evidence again'
            WHEN r.reason LIKE 'could not run%' THEN m.check_id || ' ' || r.reason
            WHEN m.provider IS NULL AND r.population = 0 AND r.reason <> $nothing THEN r.reason
        END AS blocked,
        -- A pass under a looser figure than the control's own, and a failure under a stricter one, tell nothing of the control.
        CASE WHEN m.fit = 'looser' THEN 0 ELSE coalesce(c.passed, 0) END AS passed,
        CASE WHEN m.fit = 'stricter' THEN 0 ELSE coalesce(c.failed, 0) END AS failed,
        coalesce(c.unknown, 0) + CASE m.fit WHEN 'looser' THEN coalesce(c.passed, 0) WHEN 'stricter' THEN coalesce(c.failed, 0) ELSE 0 END AS unknown,
        CASE m.fit WHEN 'looser' THEN coalesce(c.passed, 0) WHEN 'stricter' THEN coalesce(c.failed, 0) ELSE 0 END AS misfit
    FROM mapped AS m
    LEFT JOIN check_result AS r ON r.check_id = m.check_id
    LEFT JOIN (
        SELECT check_id, NULL AS provider, passed, failed, unknown FROM check_result
        UNION ALL
        SELECT check_id, provider, passed, failed, unknown FROM check_count WHERE provider IS NOT NULL
    ) AS c ON c.check_id = m.check_id AND c.provider IS NOT DISTINCT FROM m.provider
), place AS (
    -- What is said of a whole organisation stands at each of its accounts, too: `*` counts only where no provider is asked for.
    SELECT v.fact, v.scope, v.status, NULL AS provider FROM coverage AS v
    UNION ALL
    SELECT v.fact, v.scope, v.status, a.provider FROM coverage AS v JOIN account AS a ON a.scope = v.scope
), told AS (
    SELECT provider, fact, min(scope || ' ' || status) FILTER (WHERE status <> 'collected') AS gap FROM place GROUP BY provider, fact
), gap AS (
    SELECT p.provider, p.check_id, min(n.fact || ' ' || coalesce('of ' || t.gap, 'was not supplied')) AS reason
    FROM (SELECT DISTINCT provider, check_id FROM mapped) AS p
    JOIN need AS n ON n.check_id = p.check_id
    LEFT JOIN told AS t ON t.fact = n.fact AND t.provider IS NOT DISTINCT FROM p.provider
    WHERE t.fact IS NULL OR t.gap IS NOT NULL
    GROUP BY p.provider, p.check_id
), total AS (
    SELECT
        c.control, sum(c.passed) AS passed, sum(c.failed) AS failed, sum(c.unknown) AS unknown, sum(c.misfit) AS misfit,
        min(c.note) FILTER (WHERE c.misfit > 0) AS note, min(c.blocked) AS blocked, min(g.reason) AS gap,
        list(c.check_id ORDER BY c.check_id) AS checks
    FROM counted AS c
    LEFT JOIN gap AS g ON g.check_id = c.check_id AND g.provider IS NOT DISTINCT FROM c.provider
    GROUP BY c.control
)
SELECT
    a.control,
    CASE
        WHEN t.control IS NULL THEN 'unknown'
        WHEN t.failed > 0 AND t.passed > 0 THEN 'partly'
        WHEN t.failed > 0 THEN 'not'
        WHEN t.unknown > 0 OR t.gap IS NOT NULL OR t.blocked IS NOT NULL OR a.ask IS NOT NULL THEN 'unknown'
        WHEN t.passed = 0 THEN 'not_applicable'
        ELSE 'met'
    END AS verdict,
    CASE
        WHEN t.control IS NULL AND a.ask IS NOT NULL THEN 'not assessed: only people can answer'
        WHEN t.control IS NULL THEN 'not assessed: no check of ours measures it'
        WHEN t.failed > 0 AND t.passed > 0 THEN t.failed || ' fail, ' || t.passed || ' pass' || coalesce('; ' || t.note, '')
        WHEN t.failed > 0 THEN t.failed || ' fail, none is known to pass' || coalesce('; ' || t.note, '')
        WHEN t.misfit > 0 AND t.misfit = t.unknown THEN t.note
        WHEN t.unknown > 0 THEN t.unknown || ' of ' || (t.passed + t.unknown) || ' could not be judged' || coalesce('; ' || t.note, '')
        WHEN t.blocked IS NOT NULL THEN t.blocked
        WHEN t.gap IS NOT NULL THEN 'not evidenced: ' || t.gap || CASE WHEN t.passed > 0 THEN '; ' || t.passed || ' pass so far' ELSE '' END
        WHEN a.ask IS NOT NULL THEN 'nothing speaks against it, but only people can answer the rest'
        WHEN t.passed = 0 THEN 'collected, and there is nothing to judge'
        ELSE t.passed || ' pass, as far as these checks measure'
    END AS reason,
    CAST(coalesce(t.passed + t.failed + t.unknown, 0) AS BIGINT) AS judged,
    CAST(coalesce(t.passed, 0) AS BIGINT) AS passed,
    CAST(coalesce(t.failed, 0) AS BIGINT) AS failed,
    CAST(coalesce(t.unknown, 0) AS BIGINT) AS unknown,
    coalesce(t.checks, []) AS checks,
    a.ask
FROM asked AS a
LEFT JOIN total AS t ON t.control = a.control
