"""A user's own checks: held to the portable subset, run on a locked copy, interrupted when they take too long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from inventory.database import Database, QueryError
from inventory.model import Coverage, CoverageStatus, Fact, Identity, IdentityKind
from scoring.catalogue import Check, load, parse
from scoring.engine import locked_copy, run_checks
from scoring.packs import load_pack
from scoring.sql_subset import violations

AS_OF = datetime(2026, 9, 30)

HEADER = """-- title = "Name is too long"
-- severity = "low"
-- subject = "identity"
-- needs = ["identities"]
-- rationale = "R"
-- fix = "F"
-- source = "https://example.org/"
"""
SELECT = """SELECT
    identity_id AS subject_id,
    CASE WHEN length(name) > 5 THEN 'fail' ELSE 'pass' END AS status,
    'its name has ' || length(name) || ' characters' AS reason,
    [evidence] AS evidence
FROM identity
"""
REST = "'pass' AS status, 'x' AS reason, ['e'] AS evidence"


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as filled:
        names = ("deploy", "web")
        filled.insert(
            [
                Identity(identity_id=name, provider="aws", scope="111", name=name, kind=IdentityKind.IAM_ROLE, evidence=f"g.json#{name}")
                for name in names
            ]
        )
        filled.insert([Coverage(fact=Fact.IDENTITIES, scope="111", status=CoverageStatus.COLLECTED)])
        yield filled


def own(sql: str) -> Check:
    """A user's check that came past the lint, so that what stops it is the locked copy."""
    return parse(HEADER + sql, file="mine.sql", check_id="mine", family="own", own=True)


def written(folder: Path, sql: str) -> list[str]:
    """What is wrong with a file that holds this statement."""
    (folder / "mine.sql").write_text(HEADER + sql)
    return [str(error) for error in load(folder).errors]


def test_a_user_s_check_judges_like_one_of_ours(database: Database, tmp_path: Path) -> None:
    assert written(tmp_path, SELECT + ";\n") == []

    run_checks(database, [check for check in load(tmp_path).checks if check.own], AS_OF, load_pack("default"))

    assert database.rows("SELECT population, passed, failed, reason FROM check_result") == [
        {"population": 2, "passed": 1, "failed": 1, "reason": None}
    ]
    [finding] = database.rows("SELECT * FROM finding")
    assert (finding["subject_id"], finding["subject_name"], finding["scope"]) == ("deploy", "deploy", "111")
    assert (finding["reason"], finding["evidence"]) == ("its name has 6 characters", ["g.json#deploy"])


def test_the_safety_net_holds_for_a_user_s_check(database: Database) -> None:
    database.execute("UPDATE coverage SET status = 'stale'")

    run_checks(database, [own(SELECT)], AS_OF, load_pack("default"))

    assert database.rows("SELECT passed, failed, unknown FROM check_result") == [{"passed": 0, "failed": 1, "unknown": 1}]


HOSTILE = [
    "COPY identity TO '/tmp/stolen.csv'",
    "COPY (SELECT * FROM identity) TO '/tmp/stolen.parquet'",
    "ATTACH '/tmp/other.duckdb' AS other",
    "EXPORT DATABASE '/tmp/stolen'",
    "PRAGMA database_list",
    "SET enable_external_access = true",
    "RESET lock_configuration",
    "INSTALL httpfs",
    "LOAD httpfs",
    "DROP TABLE identity",
    "DELETE FROM identity",
    "UPDATE identity SET name = 'x'",
    "CREATE TABLE x AS SELECT 1",
    "CREATE SECRET s (TYPE s3)",
    "CALL duckdb_settings()",
    "EXPLAIN SELECT 1",
    "CHECKPOINT",
    "SELECT 1; DROP TABLE identity",
    "SELECT 1; SELECT 2",
    "",
    "-- nothing",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/proc/self/environ')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM 'https://example.org/x.parquet'",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM seen.identity",
    "SELECT * FROM range(1000000000)",
    "SELECT getenv('HOME') AS subject_id",
    "SELECT current_setting('memory_limit') AS subject_id",
    "SELECT getvariable('x') AS subject_id",
    "SELECT repeat('x', 2000000000) AS subject_id",
    "SELECT unnest(['a']) AS subject_id",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT n AS subject_id FROM r",
    "SHOW TABLES",
    "DESCRIBE identity",
    "SUMMARIZE identity",
    "FROM query('SELECT 1')",
    "FROM query_table('identity')",
    "PIVOT identity ON kind",
    "VALUES (getenv('HOME'))",
    "SELECT (SELECT max(content) FROM read_text('/etc/passwd')) AS subject_id FROM identity",
    "SELECT identity_id AS subject_id FROM identity WHERE name IN (SELECT content FROM read_text('/etc/passwd'))",
    "WITH identity AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM identity",
    "SELECT identity_id AS subject_id FROM identity ORDER BY getenv('HOME')",
    "SELECT identity_id AS subject_id FROM identity LIMIT (SELECT count(*) FROM glob('/*'))",
    "SELECT count(*) FILTER (WHERE getenv('HOME') = '') AS subject_id FROM identity",
    "SELECT sum(1) OVER (PARTITION BY getenv('HOME')) AS subject_id FROM identity",
    "SELECT list_transform(['a'], lambda x: getenv(x)) AS subject_id",
    "SELECT name.getenv() AS subject_id FROM identity",
]


@pytest.mark.parametrize("sql", HOSTILE)
def test_a_hostile_statement_is_refused_before_it_can_run(sql: str, tmp_path: Path) -> None:
    [error] = written(tmp_path, sql)

    assert error.startswith(f"{tmp_path}/mine.sql: ")


@pytest.mark.parametrize(
    "sql",
    [sql for sql in HOSTILE if any(word in sql for word in ("/etc/", "/proc/", "https:", "glob(", "COPY", "ATTACH", "SET", "INSTALL"))],
)
def test_the_locked_copy_refuses_it_even_without_the_lint(sql: str, database: Database) -> None:
    with locked_copy(database) as locked, pytest.raises(QueryError):
        locked.select_only(sql)


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("SELECT * EXCLUDE (name) FROM identity", "EXCLUDE is not portable"),
        ("SELECT * REPLACE (1 AS name) FROM identity", "REPLACE is not portable"),
        ("SELECT COLUMNS('n.*') FROM identity", "COLUMNS(…) is not portable"),
        ("SELECT name FROM identity QUALIFY row_number() OVER () = 1", "QUALIFY is not portable"),
        ("SELECT name FROM identity ANTI JOIN trust ON trust.identity_id = identity.identity_id", "anti regular join"),
        ("SELECT name FROM identity SEMI JOIN trust ON trust.identity_id = identity.identity_id", "semi regular join"),
        ("SELECT name FROM identity ASOF JOIN usage ON identity.last_used_at >= usage.last_at", "asof join"),
        ("SELECT name FROM identity NATURAL JOIN trust", "natural join"),
        ("SELECT name FROM identity JOIN trust USING (identity_id)", "USING is not portable"),
        ("SELECT count(*) FROM identity GROUP BY ALL", "GROUP BY ALL is not portable"),
        ("SELECT count(*) FROM identity GROUP BY ROLLUP (kind)", "GROUPING SETS"),
        ("SELECT DISTINCT ON (kind) name FROM identity", "DISTINCT ON is not portable"),
        ("SELECT name FROM identity TABLESAMPLE 10%", "TABLESAMPLE is not portable"),
        ("SELECT 7 // 2", "function // is not"),
        ("SELECT name ~ 'x' FROM identity", "function regexp_"),
        ("SELECT evidence[1] FROM identity", "array extract is not portable"),
        ("SELECT TRY_CAST(name AS BIGINT) FROM identity", "TRY_CAST is not portable"),
        ("SELECT list_transform([1], lambda x: x) FROM identity", "lambda is not allowed"),
        ("SELECT name COLLATE nocase FROM identity", "collate is not allowed"),
        ("SELECT name FROM identities", "table identities: no such table"),
    ],
)
def test_what_other_engines_do_not_know_is_named(sql: str, problem: str, database: Database) -> None:
    assert problem in "; ".join(violations(sql, database))


@pytest.mark.parametrize(
    "sql",
    [
        SELECT,
        "WITH a AS (SELECT scope, count(*) AS n FROM main.identity GROUP BY scope HAVING count(*) > 1) SELECT a.n FROM a CROSS JOIN account AS b",
        "SELECT i.name FROM identity AS i LEFT JOIN trust AS t ON t.identity_id = i.identity_id WHERE t.trust_id IS NULL",
        "SELECT name FROM identity WHERE EXISTS (SELECT 1 FROM account) AND scope IN (SELECT scope FROM account) AND name NOT LIKE 'a%'",
        "SELECT row_number() OVER (PARTITION BY scope ORDER BY created_at DESC) AS n FROM identity UNION ALL SELECT 1 AS n",
        "SELECT list_sort(list(DISTINCT name) FILTER (WHERE in_scope)) AS names FROM identity WHERE created_at < $as_of - INTERVAL 30 DAY",
        "SELECT DISTINCT coalesce(nullif(name, ''), 'x') AS n, CAST(created_at AS DATE) AS d FROM identity ORDER BY n DESC LIMIT 5",
    ],
)
def test_the_subset_is_wide_enough_to_write_checks_in(sql: str, database: Database) -> None:
    assert violations(sql, database) == []


def reason(database: Database, sql: str, seconds: float = 60) -> str:
    """Why a check that came past the lint judged nothing."""
    run_checks(database, [own(sql)], AS_OF, load_pack("default"), seconds=seconds)
    [row] = database.rows("SELECT * FROM check_result")
    assert (row["population"], row["passed"]) == (0, 0)
    return str(row["reason"])


@pytest.mark.parametrize(
    "sql",
    [
        f"WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT CAST(max(n) AS VARCHAR) AS subject_id, {REST} FROM r",
        f"SELECT CAST(sum(a.n * b.n % 7) AS VARCHAR) AS subject_id, {REST} FROM range(10000000) AS a(n) CROSS JOIN range(10000000) AS b(n)",
    ],
    ids=["recursion", "cross join"],
)
def test_a_runaway_check_is_interrupted_and_passes_nobody(sql: str, database: Database) -> None:
    started = time.monotonic()

    assert reason(database, sql, seconds=0.5) == "could not run: stopped after 0.5 s: narrow the query"
    assert time.monotonic() - started < 120


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        (SELECT.replace("AS reason", "AS why"), "the SELECT returns subject_id, status, why, evidence; it must return"),
        (SELECT.replace("AS evidence\n", "AS evidence, name\n"), "it must return subject_id, status, reason, evidence"),
        (SELECT.replace("FROM identity", "FROM identity CROSS JOIN range(10)"), "more rows than there are subjects of the kind identity"),
        (SELECT.replace("identity_id AS", "'one' AS"), "2 rows for the subject one"),
        (SELECT.replace("[evidence]", "evidence"), "could not run: "),
        (SELECT.replace("'pass'", "'good'"), "status good for web"),
        (SELECT.replace("'its name has '", "repeat(repeat('x', 1000000), 100000)"), "could not run: "),
    ],
)
def test_what_is_no_verdict_is_not_recorded_as_one(sql: str, problem: str, database: Database) -> None:
    assert problem in reason(database, sql)


def test_what_a_check_returns_is_read_as_text_and_lists(database: Database) -> None:
    sql = "SELECT identity_id AS subject_id, 'fail' AS status, 5 AS reason, [1] AS evidence FROM identity WHERE name = 'web'"

    run_checks(database, [own(sql)], AS_OF, load_pack("default"))

    assert database.rows("SELECT reason, evidence FROM finding") == [{"reason": "5", "evidence": ["1"]}]


def test_the_copy_holds_every_table_and_cannot_be_unlocked(database: Database) -> None:
    with locked_copy(database) as locked:
        assert locked.tables() == database.tables()
        assert locked.value("SELECT count(*) FROM identity") == 2
        with pytest.raises(QueryError):
            locked.execute("SET enable_external_access = true")


def test_a_check_cannot_see_the_variables_of_the_program(database: Database) -> None:
    import pyarrow as pa

    secrets = pa.table({"subject_id": ["leaked"]})

    assert secrets.num_rows == 1
    assert reason(database, f"SELECT subject_id, {REST} FROM secrets").startswith("could not run: ")
