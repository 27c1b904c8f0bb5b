"""One filter for all lists: what it lets through is counted by hand from SUBJECTS in tests/reports/workspace.py; and the bar on the pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.database import Database
from inventory.decisions import OwnerAssignment, Where
from reports.serve import app_path
from reports.views import stages
from reports.views.filters import ALL, NAMES, NOT_PLACED, Filter, condition, in_words, options
from reports.views.findings import FindingFilter, finding_counts, findings_page
from reports.views.inventory import EVERYTHING, InventoryFilter, inventory_batches, inventory_page
from reports.views.least_privilege import AccessFilter, access_page, escalations
from reports.views.questions import question_item_counts, question_items
from tests.reports.decided import over
from tests.reports.test_pages import column, html, visit
from tests.reports.workspace import DEV, HOSTILE, PROD, arn

SEVEN = ["svc-deploy", "svc-billing", "svc-vaulted", "svc-unsettled", "exchange-broker", "ci-publisher", "lambda-orders"]
"""Those in the first account with a way in."""


def names(database: Database, **wanted: tuple[str, ...]) -> list[str]:
    rows = inventory_page(database, InventoryFilter(within=Filter(**wanted), population=EVERYTHING), limit=50)
    return sorted(row["name"] for row in rows)


def test_each_name_narrows_to_exactly_its_value(now: Database) -> None:
    assert names(now, team=("payments",)) == ["svc-billing", "svc-report", "svc-vaulted"]
    assert names(now, environment=("development",)) == sorted([HOSTILE, "svc-report"])
    assert names(now, stage=("2",)) == ["svc-deploy", "svc-legacy", "svc-unsettled"]
    assert names(now, privilege=("admin",)) == ["svc-deploy"]
    assert names(now, kind=("s3_bucket",)) == ["public-assets"]
    assert names(now, provider=("gcp",)) == []
    assert names(now, account=(DEV,)) == sorted([HOSTILE, "svc-report", "svc-legacy", "role-retired"])


def test_values_are_taken_as_they_are_and_never_as_a_pattern_or_sql(now: Database) -> None:
    assert names(now, team=("Payments",)) == []
    assert names(now, team=("pay%",)) == []
    assert names(now, team=("' OR 1=1 --",)) == []


def test_values_of_one_name_are_alternatives_and_names_are_joined(now: Database) -> None:
    assert names(now, team=("payments", "orders"), account=(PROD,)) == ["lambda-orders", "svc-billing", "svc-vaulted"]


def test_what_no_source_said_can_be_asked_for(now: Database) -> None:
    # no team: the unsettled one, the legacy one, Ana, AWS's own role; and the secret and the bucket that nobody owns
    unsaid = ["AWSServiceRoleForSupport", "DB_PASSWORD", "ana.person", "public-assets", "svc-legacy", "svc-unsettled"]
    assert names(now, team=(stages.NOT_STATED,)) == sorted(unsaid)
    assert names(now, stage=(NOT_PLACED,)) == ["AWSServiceRoleForSupport", "ana.person", "role-retired"]


def test_an_owner_is_whom_a_source_names_or_whom_people_assigned(now: Database) -> None:
    with_keys = ["exchange-broker", "svc-billing", "svc-deploy", "svc-legacy", "svc-report", "svc-unsettled", "svc-vaulted"]
    assert names(now, owner=("platform@corp.example",)) == with_keys
    assert "svc-deploy" not in names(now, owner=(stages.NOT_STATED,))
    assert "ci-publisher" in names(now, owner=(stages.NOT_STATED,))
    given = OwnerAssignment(id="ci", where=Where(ids=(arn("ci-publisher", PROD),)), owner="Release team")
    with over(given) as database:
        assert names(database, owner=("Release team",)) == ["ci-publisher"]
        assert "ci-publisher" not in names(database, owner=(stages.NOT_STATED,))


def test_a_finding_is_found_by_the_values_of_the_identity_that_it_belongs_to(now: Database) -> None:
    within = Filter(team=("payments",))
    assert [row["subject_name"] for row in findings_page(now, FindingFilter(within=within), limit=9)] == ["AKIAILLING"]
    assert finding_counts(now, FindingFilter(within=Filter(stage=("2",)))) == {"n": 3, "unknown": 1}
    assert finding_counts(now, FindingFilter(within=Filter(owner=(stages.NOT_STATED,)))) == {"n": 0, "unknown": 0}


def test_proposals_escalations_and_answers_are_narrowed_alike(now: Database) -> None:
    within = Filter(team=("orders",), account=(PROD,))
    assert [row["name"] for row in access_page(now, AccessFilter(within=within), limit=9)] == ["lambda-orders"]
    assert [row["name"] for row in escalations(now, within=within)] == ["lambda-orders"]
    assert [row["status"] for row in question_items(now, "Q1", within=Filter(stage=("6",)))] == ["unknown"]
    assert question_item_counts(now, "Q1", within=Filter(account=(PROD,))) == {"n": 1, "unknown": 0}


def test_groups_count_what_the_filter_lets_through_and_the_paths_of_it(now: Database) -> None:
    only = condition(now, Filter(account=(PROD,)), identity="subject_id")
    rows = {row["value"]: row for row in stages.by_group(now, "environment", only=only)}
    assert {name: row["subjects"] for name, row in rows.items()} == {"production": 8, stages.NOT_STATED: 1}
    assert rows["production"]["paths"] == 8  # six identities, the bucket and the secret
    everything = stages.by_group(now, "environment", only=condition(now, ALL))
    assert sum(row["subjects"] for row in everything) == 12


def test_an_export_goes_over_all_that_the_pages_show_in_their_order(now: Database) -> None:
    paged = inventory_page(now, InventoryFilter(within=Filter(account=(PROD,))), limit=50)
    assert [row for batch in inventory_batches(now, InventoryFilter(within=Filter(account=(PROD,)))) for row in batch] == paged
    assert sorted(row["name"] for row in paged if row["subject_kind"] == "identity") == sorted(SEVEN)


def test_options_are_the_values_that_there_are(now: Database) -> None:
    found = options(now)
    assert list(found) == list(NAMES)
    assert found["team"] == ["orders", "payments", "platform", stages.NOT_STATED]
    assert found["account"] == [PROD, DEV]
    assert found["owner"] == ["platform@corp.example", stages.NOT_STATED]


def test_what_is_asked_for_is_said_in_words_with_the_name_of_the_account(now: Database) -> None:
    with over() as database:
        database.insert_rows(
            "account", [{"scope": PROD, "provider": "aws", "name": "corp-prod", "environment": None, "evidence": "org.json#1"}]
        )
        wanted = Filter(account=(PROD, DEV), team=("payments",))
        assert in_words(database, wanted) == [("Account", f"corp-prod ({PROD}) or {DEV}"), ("Team", "payments")]


@pytest.fixture
def app(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("NHI_WORKSPACE", str(workspace))
    return AppTest.from_file(str(app_path()), default_timeout=60)


def shown(app: AppTest) -> str:
    return "\n".join(str(element.value) for element in app.text)


def test_the_address_alone_sets_the_filter_and_the_page_prints_it(app: AppTest) -> None:
    visit(app, "inventory", team="payments", account=PROD)
    assert column(app, "Name") == ["svc-billing", "svc-vaulted"]
    assert f"Only account: {PROD}; team: payments" in shown(app)


def test_several_values_of_one_name_stand_in_the_address_side_by_side(app: AppTest) -> None:
    app.run()
    app.switch_page("reports/pages/inventory.py")
    app.query_params["team"] = ["payments", "orders"]
    app.run()
    assert sorted(column(app, "Name")) == sorted(["svc-billing", "svc-vaulted", "svc-report", "lambda-orders", HOSTILE])


def test_the_filter_stays_on_the_way_over_a_page_that_does_not_filter(app: AppTest) -> None:
    visit(app, "inventory", team="payments")
    app.query_params.clear()
    app.switch_page("reports/pages/coverage.py").run()
    assert "Only team" not in shown(app)
    app.switch_page("reports/pages/findings.py").run()
    assert column(app, "Subject") == ["AKIAILLING"]
    assert app.query_params["team"] == "payments"


def test_an_address_that_asks_for_something_forgets_what_was_asked_before(app: AppTest) -> None:
    visit(app, "inventory", team="payments")
    app.query_params.clear()
    app.switch_page("reports/pages/coverage.py").run()
    app.switch_page("reports/pages/inventory.py")
    app.query_params["stage"] = "2"
    app.run()
    assert column(app, "Name") == ["svc-deploy", "svc-legacy", "svc-unsettled"]


def test_a_number_leads_to_as_many_rows_whatever_the_page_listed_before(app: AppTest) -> None:
    visit(app, "inventory", list="human", text="ana")
    assert column(app, "Name") == ["ana.person"]
    app.query_params.clear()
    app.switch_page("reports/pages/overview.py").run()
    app.switch_page("reports/pages/inventory.py")
    app.query_params["stage"] = "2"
    app.run()
    assert column(app, "Name") == ["svc-deploy", "svc-legacy", "svc-unsettled"]


def test_a_value_that_this_snapshot_does_not_have_lists_nothing_and_says_so(app: AppTest) -> None:
    visit(app, "inventory", team="marketing")
    assert "(not in this snapshot: marketing)" in shown(app)
    assert "0 subjects" in [caption.value for caption in app.caption]


def test_clear_shows_everything_again(app: AppTest) -> None:
    visit(app, "inventory", team="payments")
    app.button(key="clear_filters").click().run()
    assert "Everything is shown." in shown(app)
    assert "12 subjects" in [caption.value for caption in app.caption]
    assert "team" not in app.query_params


@pytest.mark.parametrize("page", ["findings", "least_privilege", "permissions", "maturity", "questions"])
def test_every_page_that_lists_says_what_it_narrows(app: AppTest, page: str) -> None:
    visit(app, page, team="orders")
    assert not app.exception
    assert "Only team: orders" in shown(app)


def test_the_snapshot_to_compare_with_is_picked_for_all_pages(app: AppTest) -> None:
    app.run()
    assert "Against Q2-2026, 2026-06-30" in html(app)
    app.sidebar.selectbox(key="compare").select("nothing").run()
    told = "Nothing is compared. Choose a snapshot beside “Compare with”."
    assert told in [caption.value for caption in app.caption]
    app.switch_page("reports/pages/progress.py").run()
    assert told in [caption.value for caption in app.caption]


def test_the_comparison_is_taken_from_the_address(app: AppTest) -> None:
    app.query_params["compare"] = "nothing"
    app.run()
    assert "Nothing is compared. Choose a snapshot beside “Compare with”." in [caption.value for caption in app.caption]
