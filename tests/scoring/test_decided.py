"""Decisions laid over a snapshot: what each is about, and what exceptions that hold take out of `kept`. `main` is never touched."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import Database, QueryError
from inventory.decisions import Decisions, Recorded, Where
from inventory.lake import Lake
from scoring import decided as decided_module
from scoring.decided import has_exceptions, lay_over
from scoring.decided.roadmap import after, roadmap_from
from scoring.engine import locked_copy
from tests.reports.decided import BILLING, BUCKET, DAY, DEPLOY, accepted, decided, over
from tests.reports.workspace import DEV, Q3, SUBJECTS, arn, build, fill

TABLES = ("access_path", "placement", "question_item", "finding", "least_privilege")
IDS = [arn(subject[0], subject[2]) for subject in SUBJECTS]


def ids(database: Database, sql: str) -> set[str]:
    return {str(next(iter(row.values()))) for row in database.rows(sql)}


def out(database: Database) -> set[str]:
    return ids(database, "SELECT subject_id FROM decided.excepted_subject")


def problems(database: Database) -> dict[str, str]:
    return {row["id"]: row["problem"] for row in database.rows("SELECT id, problem FROM decided.problem")}


def test_an_identity_takes_what_belongs_to_it_along() -> None:
    with over(accepted("a", DEPLOY)) as database:
        assert out(database) == {DEPLOY, "key:svc-deploy"}
        assert ids(database, "SELECT path_id FROM main.access_path EXCEPT SELECT path_id FROM kept.access_path") == {"path:svc-deploy"}
        gone = "SELECT subject_id FROM main.question_item EXCEPT SELECT subject_id FROM kept.question_item"
        assert ids(database, gone) == {DEPLOY, "path:svc-deploy"}
        assert ids(database, "SELECT check_id FROM kept.finding WHERE subject_id = 'key:svc-deploy'") == set()


def test_a_credential_alone_takes_its_path_and_its_item_but_not_what_its_identity_may_do() -> None:
    with over(accepted("a", "key:svc-deploy")) as database:
        assert out(database) == {"key:svc-deploy"}
        assert ids(database, "SELECT subject_id FROM main.placement EXCEPT SELECT subject_id FROM kept.placement") == {DEPLOY}
        assert "path:svc-deploy" not in ids(database, "SELECT subject_id FROM kept.question_item")
        assert DEPLOY in ids(database, "SELECT identity_id FROM kept.least_privilege")


def test_a_subject_with_another_path_stands_where_that_one_stands() -> None:
    with over() as database:
        database.execute("UPDATE access_path SET subject_id = $id WHERE path_id = 'path:svc-vaulted'", {"id": DEPLOY})
        lay_over(database, decided(accepted("a", "key:svc-deploy")), on=DAY)
        assert database.rows("SELECT stage_lo, stage_hi FROM kept.placement WHERE subject_id = $id", {"id": DEPLOY}) == [
            {"stage_lo": 5, "stage_hi": 5}
        ]


def test_named_checks_accept_their_failures_and_take_nothing_out_of_stages_or_questions() -> None:
    with over(accepted("a", DEPLOY, checks=("secret-in-code",))) as database:
        assert out(database) == set()
        assert ids(database, "SELECT check_id FROM main.finding WHERE subject_id = 'key:svc-deploy'") == {
            "secret-in-code",
            "key-older-than-limit",
        }
        assert ids(database, "SELECT check_id FROM kept.finding WHERE subject_id = 'key:svc-deploy'") == {"key-older-than-limit"}
        for table in ("access_path", "question_item", "least_privilege"):
            assert database.rows(f"SELECT * FROM main.{table} ORDER BY ALL") == database.rows(f"SELECT * FROM kept.{table} ORDER BY ALL")


def test_a_named_check_accepts_no_finding_that_could_not_be_judged() -> None:
    with over(accepted("a", arn("svc-legacy", DEV), checks=("key-older-than-limit",))) as database:
        assert database.value("SELECT count(*) FROM decided.excepted_finding") == 0


def test_an_open_resource_is_out_of_paths_questions_and_placement() -> None:
    with over(accepted("a", BUCKET)) as database:
        assert out(database) == {BUCKET}
        for table in ("access_path", "placement", "question_item"):
            assert BUCKET in ids(database, f"SELECT subject_id FROM main.{table}")
            assert BUCKET not in ids(database, f"SELECT subject_id FROM kept.{table}")


@pytest.mark.parametrize(("day", "holds"), [(date(2026, 10, 15), True), (date(2026, 10, 16), False)])
def test_an_exception_holds_on_its_last_day_and_not_on_the_next(day: date, holds: bool) -> None:
    with over(accepted("a", BUCKET, expires=date(2026, 10, 15)), on=day) as database:
        assert out(database) == ({BUCKET} if holds else set())


def test_tags_must_all_hold_and_are_those_of_the_placement() -> None:
    with over(accepted("a", where=Where(tags={"team": "Payments", "environment": "production"}))) as database:
        found = ids(database, "SELECT subject_id FROM decided.about WHERE subject_kind = 'identity'")
        assert {name.rsplit("/", 1)[-1] for name in found} == {"svc-billing", "svc-vaulted"}


def test_a_query_names_ids() -> None:
    with over(accepted("a", where=Where(query="SELECT identity_id, name FROM identity WHERE name = 'svc-billing';"))) as database:
        assert out(database) == {BILLING, "key:svc-billing"}


HOSTILE_QUERIES = [
    "DROP TABLE main.finding",
    "SELECT 1; DELETE FROM main.finding",
    "COPY finding TO 'stolen.csv'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT getenv('HOME')",
    "ATTACH 'x.duckdb'",
    "SELECT x FROM range(100000000) AS t (x)",
    "SELECT nonsense FROM nowhere",
]


@pytest.mark.parametrize("table", ["Identity", "main.identity", '"identity"', "(SELECT * FROM identity)"])
def test_a_query_finds_its_tables_however_it_writes_them(table: str) -> None:
    with over(accepted("a", where=Where(query=f"SELECT identity_id FROM {table} WHERE name = 'svc-billing'"))) as database:
        assert out(database) == {BILLING, "key:svc-billing"}


def test_a_query_finds_its_tables_in_a_published_snapshot_which_are_views(tmp_path: Path) -> None:
    earlier, _ = build(tmp_path)
    asked = "WITH billing AS (SELECT identity_id FROM identity WHERE name = 'svc-billing') SELECT * FROM billing"
    with Lake(tmp_path).open(earlier.snapshot_id) as database:
        lay_over(database, decided(accepted("a", where=Where(query=asked))), on=DAY)
        assert out(database) == {BILLING, "key:svc-billing"}


def test_a_query_that_asks_for_its_table_by_name_sees_it_whole() -> None:
    asked = "SELECT identity_id FROM identity WHERE NOT EXISTS (SELECT 1 FROM query_table('finding'))"
    with over(accepted("a", where=Where(query=asked))) as database:
        assert out(database) == set()
        assert problems(database)["a"] == "is about nothing in this snapshot"


def test_a_table_that_was_not_copied_is_missing_and_not_empty() -> None:
    with over() as database, locked_copy(database, {"identity"}) as locked:
        assert locked.select_only("SELECT count(*) FROM identity")[1] == [(database.value("SELECT count(*) FROM main.identity"),)]
        with pytest.raises(QueryError, match="finding"):
            locked.select_only("SELECT count(*) FROM finding")


@pytest.mark.parametrize("query", HOSTILE_QUERIES)
def test_a_query_that_does_more_than_name_ids_takes_nothing_out_and_is_told(query: str) -> None:
    with over(accepted("a", where=Where(query=query)), accepted("b", BUCKET)) as database:
        assert out(database) == {BUCKET}
        assert problems(database)["a"].startswith("its query fails: ")
        assert database.value("SELECT count(*) FROM main.finding") == 4


def test_a_query_that_never_ends_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decided_module, "QUERY_SECONDS", 0.2)
    endless = "SELECT count(*) FROM range(10000000) AS a, range(10000000) AS b"
    with over(accepted("a", where=Where(query=endless))) as database:
        assert "stopped after" in problems(database)["a"]


def test_an_exception_about_nothing_is_told_and_takes_nothing_out() -> None:
    with over(accepted("a", "arn:aws:s3:::deleted")) as database:
        assert problems(database) == {"a": "is about nothing in this snapshot"}
        assert out(database) == set()


def test_a_withdrawn_exception_takes_nothing_out() -> None:
    made = accepted("a", BUCKET)
    first, last = (Recorded(seq=seq, decision=made, who="Ana", at=Q3, withdrawn=seq == 2) for seq in (1, 2))
    with over() as database:
        lay_over(database, Decisions.standing([first]), on=DAY)
        assert out(database) == {BUCKET}
        lay_over(database, Decisions.standing([first, last]), on=DAY)
        assert out(database) == set()
        assert not has_exceptions(database)


@pytest.mark.heavy
@settings(max_examples=15)
@given(
    chosen=st.sets(st.sampled_from([*IDS, BUCKET, "key:svc-deploy", "key:svc-report"])), tag=st.sampled_from([None, "platform", "payments"])
)
def test_what_is_kept_counts_no_excepted_subject_and_what_was_measured_stays_to_the_bit(chosen: set[str], tag: str | None) -> None:
    exceptions = [accepted("ids", *sorted(chosen))] if chosen else []
    exceptions += [accepted("tag", where=Where(tags={"team": tag}))] if tag else []
    with over() as bare, over(*exceptions) as database:
        for table in TABLES:
            everything = f"SELECT * FROM main.{table} ORDER BY ALL"
            assert database.rows(everything) == bare.rows(everything)
        if exceptions:
            excepted = out(database)
            for table in ("access_path", "placement", "question_item", "finding"):
                assert not excepted & ids(database, f"SELECT subject_id FROM kept.{table}")
                assert not chosen & ids(database, f"SELECT subject_id FROM kept.{table}")
            assert not excepted & ids(database, "SELECT identity_id FROM kept.least_privilege")
            assert not excepted & ids(database, "SELECT credential_id FROM kept.access_path WHERE credential_id IS NOT NULL")


def test_without_decisions_nothing_is_kept_apart() -> None:
    with Database.empty() as database:
        fill(database, Q3)
        assert not has_exceptions(database)
        lay_over(database, Decisions(), on=DAY)
        assert not has_exceptions(database)


@pytest.mark.parametrize(
    ("start", "months", "expected"),
    [
        (date(2026, 10, 31), 3, date(2027, 1, 31)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
    ],
)
def test_months_are_counted_by_the_calendar(start: date, months: int, expected: date) -> None:
    assert after(start, months) == expected


def test_the_roadmap_rises_and_ends_after_eighteen_months() -> None:
    made = roadmap_from(date(2026, 10, 1))
    assert [(target.stage, target.by) for target in made] == [(3, date(2027, 1, 1)), (5, date(2027, 7, 1)), (6, date(2028, 4, 1))]
