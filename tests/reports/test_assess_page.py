"""The page Assess: an empty workspace leads there, an upload becomes the snapshot on show, a cloud is asked where there are credentials."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from inventory.lake import Lake
from reports import background
from reports.collected import bundles
from reports.pages.running import WATCHED
from reports.serve import app_path
from tests.collectors.live import moto
from tests.exports import AS_OF, estate, write
from tests.reports.test_pages import column, html, visit

SECRET = "hunter2-is-no-value-to-show"


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("exports"), estate())


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("NHI_WORKSPACE", str(tmp_path / "workspace"))
    st.cache_data.clear()
    return AppTest.from_file(str(app_path()), default_timeout=60)


def until_done(app: AppTest, workspace: Path, seconds: float = 90) -> AppTest:
    deadline = time.monotonic() + seconds
    while (run := background.last(workspace)) is None or run.code is None:
        assert time.monotonic() < deadline, run
        time.sleep(0.2)
    return app.run()


def button(app: AppTest, label: str) -> None:
    next(one for one in app.button if one.label == label).click().run()


def test_an_upload_into_an_empty_workspace_becomes_the_snapshot_on_show(app: AppTest, exports: Path, tmp_path: Path) -> None:
    app.run()
    assert app.title[0].value == "Nothing assessed yet"
    assert "nhi demo" in app.code[0].value
    files = [
        (str(path.relative_to(exports.parent)), path.read_bytes(), "application/json") for path in exports.rglob("*") if path.is_file()
    ]
    app.file_uploader[0].set_value([*files, ("../escape.json", b"{}", "application/json")])
    app.text_input(key="upload_label").set_value("Q3-2026")
    app.date_input(key="upload_as_of").set_value(date.fromisoformat(AS_OF))
    button(app, "Assess")
    assert app.session_state[WATCHED]

    until_done(app, tmp_path / "workspace")
    visit(app, "assess")

    assert not app.exception
    (made,) = Lake(tmp_path / "workspace").snapshots()
    assert app.session_state["snapshot"] == made.snapshot_id
    assert (made.label, made.pack) == ("Q3-2026", "default")
    assert f"data as of {AS_OF}" in html(app)
    texts = [text.value for text in app.text]
    assert "../escape.json: refused, its name leads out of the folder" in texts
    assert f"Snapshot Q3-2026, as of {AS_OF}, is published: {made.snapshot_id}" in texts
    assert sorted(column(app, "File")) == sorted(name.partition("/")[2] for name, _, _ in files)
    assert list((tmp_path / "workspace/uploads").iterdir()) == []
    assert not (tmp_path / "workspace/escape.json").exists()


def test_what_cannot_be_read_is_told_and_nothing_is_published(app: AppTest, tmp_path: Path) -> None:
    app.run()
    hostile = "![x](https://beacon.invalid/p.png).txt"
    app.file_uploader[0].set_value([(hostile, b"a letter", "text/plain")])
    button(app, "Assess")
    until_done(app, tmp_path / "workspace")
    texts = "\n".join(text.value for text in app.text)
    assert "p.png).txt: plain text: neither JSON, CSV nor XLSX" in texts
    assert "It could not run. Nothing was published." in texts
    assert Lake(tmp_path / "workspace").snapshots() == []
    assert not [element.value for kind in (app.markdown, app.caption) for element in kind if "beacon" in element.value]


def test_nothing_chosen_starts_nothing(app: AppTest, tmp_path: Path) -> None:
    app.run()
    button(app, "Assess")
    assert "Choose files first." in [text.value for text in app.text]
    assert background.last(tmp_path / "workspace") is None


def test_without_credentials_the_page_says_what_to_do(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _bare(monkeypatch, tmp_path)
    app.query_params["from"] = "Ask a cloud"
    app.run()
    assert html(app).count("none found") == 3
    assert any("there is nobody to ask" in text.value for text in app.markdown)
    assert "Ask, with read-only rights" not in [one.label for one in app.button]


def test_credentials_are_told_by_their_place_and_never_shown(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _bare(monkeypatch, tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", SECRET)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    app.query_params["from"] = "Ask a cloud"
    app.run()
    assert "an access key in the environment" in html(app)
    assert html(app).count("none found") == 2
    assert SECRET not in html(app) + "".join(text.value for text in app.text)
    assert "Ask, with read-only rights" in [one.label for one in app.button]


def _bare(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """An environment without any credentials."""
    for name in ("AWS", "AZURE", "GOOGLE", "CLOUDSDK", "IDENTITY"):
        for variable in [key for key in os.environ if key.startswith(name)]:
            monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(home))


@pytest.mark.heavy
def test_a_cloud_is_asked_from_the_page_and_what_it_said_is_assessed(app: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("moto")
    workspace = tmp_path / "workspace"
    _bare(monkeypatch, tmp_path)
    with moto.server(tmp_path / "server.log") as address:
        for name, value in {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "AKIA" + "FAKEFAKEFAKEFAKE",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_EC2_METADATA_DISABLED": "true",
        }.items():
            monkeypatch.setenv(name, value)
        app.query_params["from"] = "Ask a cloud"
        app.run()
        app.text_input(key="collect_aws_region").set_value("eu-west-1")
        button(app, "Ask, with read-only rights")
        until_done(app, workspace)
    assert background.last(workspace).code == 0  # type: ignore[union-attr]
    (bundle,) = bundles(workspace)
    assert (bundle["source"], bundle["whole"]) == ("aws", True)
    assert "files in collected/aws-" in html(app)

    button(app, "Assess")
    until_done(app, workspace)
    (made,) = Lake(workspace).snapshots()
    assert made.details["paths"] == [bundle["folder"]]
    kept = [path.read_bytes() for path in workspace.rglob("*") if path.is_file()]
    assert not [content for content in kept if SECRET.encode() in content]
