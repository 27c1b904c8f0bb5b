-- Every scope that holds something, with its provider.
CREATE TABLE work.place AS
SELECT scope, min(provider) AS provider
FROM (
    SELECT scope, provider FROM main.account
    UNION ALL
    SELECT scope, provider FROM main.identity WHERE scope IS NOT NULL
) AS spoken
GROUP BY scope;
