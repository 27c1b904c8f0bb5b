"""What the views say of the hand-made workspace. Every expected number is counted by hand from tests/reports/workspace.py."""

from __future__ import annotations

import json

import pytest

from inventory.database import Database
from inventory.lake import Lake
from reports import views
from reports.views import stages
from reports.views.coverage import coverage_matrices, repositories, to_supply
from reports.views.evidence import located
from reports.views.filters import Filter
from reports.views.findings import FindingFilter, check_results, finding_count, findings_page
from reports.views.identity import path_evidence, subject_detail
from reports.views.inventory import (
    EVERYTHING,
    HUMAN,
    NO_PATH,
    OUT_OF_SCOPE,
    InventoryFilter,
    inventory_count,
    inventory_page,
)
from reports.views.questions import question_item_count, question_items
from tests.reports.workspace import DEV, HOSTILE, PROD, arn, put


def test_the_summary_has_exactly_the_documented_keys_and_is_plain_json(lake: Lake, now: Database) -> None:
    summary = views.summary(now, lake.snapshots()[-1])
    assert list(summary) == [
        *("snapshot_id", "label", "as_of", "rules_version", "pack", "identities", "stages", "attained"),
        *("coverage", "questions", "least_privilege", "findings", "metrics", "unknown_checks", "sources", "warnings"),
    ]
    assert json.loads(json.dumps(summary)) == summary


def test_identities_are_counted_in_four_parts_that_add_up(lake: Lake, now: Database) -> None:
    counted = views.summary(now, lake.snapshots()[-1])["identities"]
    assert counted == {"total": 13, "nonhuman": 10, "human": 1, "human_unknown": 1, "out_of_scope": 1}


def test_stages_count_every_placed_subject_by_both_bounds(lake: Lake, now: Database) -> None:
    counted = views.summary(now, lake.snapshots()[-1])["stages"]
    assert counted["lo"] == {"1": 1, "2": 3, "3": 2, "4": 1, "5": 1, "6": 3, "7": 1}
    assert counted["hi"] == {"1": 1, "2": 1, "3": 1, "4": 2, "5": 3, "6": 1, "7": 3}
    assert counted["subjects"] == {"identities": 10, "credentials": 1, "resources": 1}
    assert counted["no_active_path"] == 1


def test_coverage_is_the_share_of_paths_with_a_single_stage(now: Database) -> None:
    assert stages.exactness(now) == {"exact_pct": 58.3, "exact": 7, "paths": 12}


def test_failed_findings_are_counted_apart_from_those_that_could_not_be_judged(lake: Lake, now: Database) -> None:
    summary = views.summary(now, lake.snapshots()[-1])
    assert summary["findings"]["by_severity"] == {"critical": 1, "high": 2, "medium": 0, "low": 0}
    assert summary["findings"]["by_check"] == {"key-older-than-limit": 2, "secret-in-code": 1}
    assert summary["findings"]["unknown_by_check"] == {"key-older-than-limit": 1}
    assert summary["unknown_checks"] == [{"check": "guardrail-missing", "reason": "guardrails were not collected for any account"}]


PATH = {"subject_kind": "identity", "subject_id": "i", "mechanism": "native", "rule": "r", "lo_reason": "-", "hi_reason": "-"}


@pytest.mark.parametrize(
    ("bounds", "critical_at", "expected"),
    [
        ([], None, None),
        ([6] * 9 + [2], None, 6),  # nine of ten are 90 %
        ([6] * 8 + [2] * 2, None, 2),
        ([6] * 9 + [2], 2, 2),  # one critical path holds everything back
        ([7] * 10, 5, 5),
        ([1], None, 1),
    ],
)
def test_attained_asks_for_ninety_percent_and_no_critical_path_below(
    bounds: list[int], critical_at: int | None, expected: int | None
) -> None:
    with Database.empty() as database:
        for number, low in enumerate(bounds):
            row = {
                **PATH,
                "path_id": str(number),
                "stage_lo": low,
                "stage_hi": 7,
                "lo_evidence": [],
                "hi_evidence": [],
                "flags": [],
                "critical": low == critical_at,
            }
            put(database, "access_path", row)
        if critical_at == 5:
            put(
                database,
                "access_path",
                {**PATH, "path_id": "c", "stage_lo": 5, "stage_hi": 7, "lo_evidence": [], "hi_evidence": [], "flags": [], "critical": True},
            )
        assert stages.attained(database) == expected


def test_an_empty_snapshot_claims_nothing(lake: Lake) -> None:
    with Database.empty() as database:
        summary = views.summary(database, lake.snapshots()[-1])
        assert summary["attained"] is None
        assert summary["coverage"]["exact_pct"] is None
        assert views.top_risks(database) == []
        assert views.next_moves(database).settle == []


@pytest.mark.parametrize(("counts", "expected"), [([], None), ([(2, 1), (6, 1)], 2), ([(2, 1), (6, 2)], 6), ([(4, 5)], 4)])
def test_the_median_of_a_tie_is_the_lower_value(counts: list[tuple[int, int]], expected: int | None) -> None:
    assert stages.median(counts) == expected


def test_a_group_without_a_name_is_shown_as_not_stated(now: Database) -> None:
    groups = {row["group"]: row for row in stages.by_group(now, "team")}
    assert set(groups) == {"payments", "platform", "orders", stages.NOT_STATED}
    assert groups[stages.NOT_STATED]["subjects"] == 4
    assert groups["platform"]["no_active_path"] == 1


@pytest.mark.parametrize("dimension", list(stages.DIMENSIONS))
def test_every_split_counts_each_placed_subject_once(now: Database, dimension: str) -> None:
    assert sum(row["subjects"] for row in stages.by_group(now, dimension)) == 12


def test_a_split_by_something_else_is_refused(now: Database) -> None:
    with pytest.raises(ValueError, match="not a dimension"):
        stages.by_group(now, "name")


def test_top_risks_put_the_worst_failed_check_first_with_its_record(now: Database) -> None:
    risks = views.top_risks(now)
    assert [(row["subject_name"], row["check_id"], row["failed"]) for row in risks] == [
        ("svc-deploy", "secret-in-code", 2),
        ("svc-billing", "key-older-than-limit", 1),
    ]
    assert risks[0]["evidence"] == [{"path": "scans/gitleaks.json", "record": "aws.tf:3"}]


def test_evidence_to_supply_says_how_many_paths_it_settles(now: Database) -> None:
    moves = views.next_moves(now)
    storage = next(row for row in moves.settle if "where the key rests" in row["to_settle"])
    assert (storage["paths"], storage["critical"]) == (2, 1)
    assert storage["text"].endswith("2 paths would move from [2,5] to a point")
    assert [row["stage"] for row in moves.climb] == [1, 2, 3, 4, 5, 6]


def test_findings_carry_file_and_record_and_can_be_asked_for_by_name(now: Database) -> None:
    rows = views.findings(now, "svc-deploy")
    assert [row["check_id"] for row in rows] == ["secret-in-code", "key-older-than-limit"]
    assert rows[0]["evidence"] == [{"path": "scans/gitleaks.json", "record": "aws.tf:3"}]
    assert {"check_id", "subject_id", "subject_name", "status", "severity", "evidence", "maps_to", "reason"} <= set(rows[0])
    assert len(views.findings(now)) == 4


def test_findings_are_filtered_and_paged_by_the_database(now: Database) -> None:
    failed = FindingFilter(status="fail")
    assert finding_count(now, failed) == 3
    assert [row["severity"] for row in findings_page(now, failed, limit=2, offset=1)] == ["high", "high"]
    assert {row["check_id"] for row in check_results(now)} == {
        "secret-in-code",
        "key-older-than-limit",
        "guardrail-missing",
        "owner-missing",
    }


def test_the_inventory_lists_all_populations_and_loses_nobody(now: Database) -> None:
    parts = [inventory_count(now, InventoryFilter(population=part)) for part in ("placed", NO_PATH, HUMAN, OUT_OF_SCOPE)]
    assert parts == [12, 1, 1, 1]
    assert inventory_count(now, InventoryFilter(population=EVERYTHING)) == sum(parts)


def test_inventory_filters_combine_and_pages_do_not_overlap(now: Database) -> None:
    assert [row["name"] for row in inventory_page(now, InventoryFilter(within=Filter(stage=("2",))), limit=10)] == [
        "svc-deploy",
        "svc-legacy",
        "svc-unsettled",
    ]
    assert [row["name"] for row in inventory_page(now, InventoryFilter(within=Filter(stage=("2",), account=(DEV,)), most=5), limit=10)] == [
        "svc-legacy"
    ]
    assert [row["name"] for row in inventory_page(now, InventoryFilter(text="DEPLOY"), limit=10)] == ["svc-deploy"]
    pages = [inventory_page(now, InventoryFilter(), limit=5, offset=offset) for offset in (0, 5, 10)]
    assert len({row["subject_id"] for page in pages for row in page}) == 12


def test_a_name_with_percent_or_quote_is_searched_as_written(now: Database) -> None:
    assert inventory_count(now, InventoryFilter(text="%")) == 0
    assert inventory_count(now, InventoryFilter(text="' OR 1=1 --")) == 0


def test_an_identity_is_traced_to_file_and_record_for_each_bound(now: Database) -> None:
    detail = subject_detail(now, arn("svc-deploy", PROD))
    assert detail is not None
    records = path_evidence(now, detail.paths[0])
    assert [(row["bound"], row["path"], row["record"]) for row in records] == [
        ("lower and upper", "prod/gaad.json", "Detail[svc-deploy]"),
        ("upper", "prod/credential-report.csv", "user=svc-deploy"),
    ]
    assert records[0]["input_sha256"] == "0" * 64
    assert {row["path"] for row in detail.sightings} == {"prod/gaad.json", "prod/credential-report.csv"}


def test_a_key_leads_to_the_identity_that_holds_it(now: Database) -> None:
    detail = subject_detail(now, "key:svc-deploy")
    assert detail is not None
    assert detail.name == "svc-deploy"


def test_an_open_resource_has_a_page_and_an_unknown_id_has_none(now: Database) -> None:
    bucket = subject_detail(now, "arn:aws:s3:::public-assets")
    assert bucket is not None
    assert (bucket.subject_kind, len(bucket.paths)) == ("resource", 1)
    assert subject_detail(now, "nobody") is None


def test_the_coverage_matrix_keeps_repositories_apart(now: Database) -> None:
    (matrix,) = coverage_matrices(now)
    assert matrix.facts == ["access_keys", "guardrails", "identities"]
    assert list(matrix.scopes) == [PROD, DEV]
    assert matrix.cells["access_keys", DEV]["status"] == "unreadable"
    assert [(row["target_id"], row["scanned"]) for row in repositories(now)] == [("corp/legacy", False), ("corp/orders", True)]


def test_where_two_sources_disagree_about_a_fact_the_worse_status_is_shown() -> None:
    with Database.empty() as database:
        for status in ("collected", "denied", "partial"):
            put(database, "coverage", {"fact": "policies", "scope": PROD, "status": status})
        (matrix,) = coverage_matrices(database)
        assert matrix.cells["policies", PROD]["status"] == "denied"


def test_each_provider_has_a_coverage_matrix_of_its_own_facts_and_names() -> None:
    with Database.empty() as database:
        for scope, provider, fact in ((PROD, "aws", "passwords"), ("shop-prod", "gcp", "access_keys")):
            put(database, "account", {"scope": scope, "provider": provider, "name": "shop", "evidence": "a.json#x"})
            put(database, "coverage", {"fact": fact, "scope": scope, "status": "collected"})
        put(database, "coverage", {"fact": "guardrails", "scope": "*", "status": "partial"})
        found = [(matrix.title, matrix.facts, matrix.scopes) for matrix in coverage_matrices(database)]
    assert found == [
        ("AWS", ["passwords"], {PROD: "shop"}),
        ("Google Cloud", ["access_keys"], {"shop-prod": "shop"}),
        ("Elsewhere", ["guardrails"], {"*": "all accounts"}),
    ]


def test_gaps_are_listed_with_what_to_supply(now: Database) -> None:
    assert [(row["facts"], row["scopes"], row["pairs"]) for row in to_supply(now)] == [
        (["guardrails"], [PROD, DEV], 2),
        (["secret_scan"], ["corp/legacy"], 1),
        (["access_keys"], [DEV], 1),
    ]


def test_subjects_of_a_question_come_failed_first(now: Database) -> None:
    assert [row["status"] for row in question_items(now, "Q1")] == ["fail", "unknown"]
    assert question_item_count(now, "Q1", "unknown") == 1
    assert question_items(now, "Q1", "unknown")[0]["subject_name"] == HOSTILE


@pytest.mark.parametrize(
    ("reference", "path", "record"),
    [("a/b.json#user=x", "a/b.json", "user=x"), ("a.json", "a.json", None), ("a.json#x#y", "a.json", "x#y")],
)
def test_a_reference_is_split_at_its_first_mark(reference: str, path: str, record: str | None) -> None:
    assert located(reference) == {"path": path, "record": record}
