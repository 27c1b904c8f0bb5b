"""Every page on the hand-made workspace, run by Streamlit without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from reports.pages.shell import PAGES
from reports.serve import ADDRESS, app_path, command
from tests.reports.workspace import DEV, HOSTILE, PROD, arn


@pytest.fixture
def app(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("NHI_WORKSPACE", str(workspace))
    return AppTest.from_file(str(app_path()), default_timeout=60)


def visit(app: AppTest, page: str, **query: str) -> AppTest:
    app.run()
    app.switch_page(f"reports/pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def html(app: AppTest) -> str:
    """All of our own HTML on the page."""
    return "\n".join(str(element.proto.body) for element in app.get("html"))


def column(app: AppTest, name: str, index: int = 0) -> list[str]:
    """A column of one of the page's grids."""
    return [str(value) for value in app.dataframe[index].value[name]]


@pytest.mark.parametrize("page", list(PAGES))
def test_every_page_runs_and_says_which_data_it_shows(app: AppTest, page: str) -> None:
    visit(app, page)
    assert not app.exception
    assert app.title[0].value == PAGES[page].title
    assert "data as of 2026-09-30" in html(app)
    assert f">{PAGES[page].asks}<" in html(app), "a page says which question it answers"


@pytest.mark.parametrize("page", list(PAGES))
def test_no_page_passes_a_name_to_a_call_that_reads_markdown(app: AppTest, page: str) -> None:
    hostile = {"identity": arn(HOSTILE, DEV)}
    query = {"identity": hostile, "permissions": hostile, "questions": {"question": "Q1"}}.get(page, {})
    visit(app, page, **query)
    read = [element.value for kind in (app.markdown, app.caption, app.subheader, app.title, app.header) for element in kind]
    assert not [text for text in read if "beacon" in text]
    assert "<img" not in html(app)


def test_the_overview_puts_coverage_beside_the_attained_stage(app: AppTest) -> None:
    app.run()
    cards = html(app)
    assert "<b>S2</b>" in cards
    assert "7 of 12 paths have one stage" in cards
    assert "58.3 %" in cards


def test_every_chart_has_a_sentence_for_those_who_cannot_see_it(app: AppTest) -> None:
    app.run()
    assert app.get("plotly_chart")[0].proto.alt.startswith("Of 12 placed subjects")


def test_the_inventory_takes_its_filters_from_the_address(app: AppTest) -> None:
    visit(app, "inventory", stage="2", account=DEV)
    assert column(app, "Name") == ["svc-legacy"]
    assert "1 subjects" in [caption.value for caption in app.caption]


def test_the_identity_page_shows_both_reasons_and_every_record(app: AppTest) -> None:
    visit(app, "identity", identity=arn("svc-deploy", PROD))
    assert "Lower bound S2: why not above 2" in html(app)
    assert column(app, "File") == ["prod/gaad.json", "prod/credential-report.csv"]
    assert column(app, "Record") == ["Detail[svc-deploy]", "user=svc-deploy"]


def test_part_of_a_name_offers_those_that_match(app: AppTest) -> None:
    visit(app, "identity", identity="svc-bill")
    assert column(app, "Name") == ["svc-billing"]


def test_an_id_that_is_not_there_is_said_plainly(app: AppTest) -> None:
    visit(app, "identity", identity="nobody-at-all")
    assert "Nothing in this snapshot matches." in [caption.value for caption in app.caption]


def test_least_privilege_shows_the_index_as_an_interval_with_what_stands_behind_it(app: AppTest) -> None:
    visit(app, "least_privilege")
    cards = html(app)
    assert "<b>57–85</b>" in cards
    assert "62–84 over the 4 with evidence of use" in cards
    assert column(app, "Name")[:2] == ["role-retired", "svc-deploy"]


def test_the_permissions_page_of_an_identity_says_why_nothing_is_proposed(app: AppTest) -> None:
    visit(app, "permissions", identity=arn("svc-unsettled", PROD))
    assert not app.exception
    assert "svc-unsettled" in html(app)
    assert next(subheader.value for subheader in app.subheader).startswith("Proposal: ")


def test_part_of_a_name_offers_the_identities_whose_permissions_are_counted(app: AppTest) -> None:
    visit(app, "permissions", identity="retired")
    assert column(app, "Name") == ["role-retired"]


def test_findings_can_be_narrowed_to_what_could_not_be_judged(app: AppTest) -> None:
    visit(app, "findings", status="unknown")
    assert column(app, "Subject") == ["AKIALEGACY"]


def test_another_snapshot_is_chosen_by_the_address(app: AppTest) -> None:
    app.run()
    picker = app.sidebar.selectbox(key="snapshot")
    picker.select_index(1).run()
    assert "data as of 2026-06-30" in html(app)
    assert "There is no earlier snapshot to compare with." in [caption.value for caption in app.caption]


def test_an_empty_workspace_says_what_to_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NHI_WORKSPACE", str(tmp_path))
    app = AppTest.from_file(str(app_path()), default_timeout=60).run()
    assert app.title[0].value == "Nothing assessed yet"
    assert "nhi demo" in app.code[0].value


def test_a_broken_manifest_is_named_instead_of_a_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = tmp_path / "lake" / "_snapshots" / "2026-01-01-broken.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text("{", encoding="utf-8")
    monkeypatch.setenv("NHI_WORKSPACE", str(tmp_path))
    app = AppTest.from_file(str(app_path()), default_timeout=60).run()
    assert not app.exception
    assert "2026-01-01-broken.json" in app.text[0].value


def test_the_dashboard_listens_on_the_loopback_address_only() -> None:
    line = command(8501)
    assert line[line.index("--server.address") + 1] == ADDRESS == "127.0.0.1"
    assert app_path().is_file()
