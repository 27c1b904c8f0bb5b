"""The golden rule of the report: one content, the same figures in every format, each traced to rows and a record; and for whom which sections are."""

from __future__ import annotations

import html
import io
import json
import re
import shlex
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from inventory.database import Database
from inventory.lake import Lake
from reports.content import Asked, Content
from reports.figures_sheet import COLUMNS
from reports.formats import BY_NAME, write_reports
from reports.headline import verdict
from tests.command import run
from tests.reports.drawn import DRAWN, TABLES, first_page, index, notes_of, sheet, text_of
from tests.reports.workspace import Q3, fill, put

ON = date(2026, 11, 29)
LONG = "n" * 4096
ODD = (
    '#panic("x")',
    "*b* $x$ _i_ `c`",
    "=1+1",
    "<script>alert(1)</script>",
    "| a | b |",
    "@here www.beacon.invalid",
    "[l](https://b.invalid)",
)
CODED = {"名前": r"\u{540d}\u{524d}", "abc\u202egnp.exe": r"abc\u{202e}gnp.exe"}


def written(lake: Lake, folder: Path, audience: str = "auditor") -> dict[str, bytes]:
    asked = Asked(lake=lake, snapshot=lake.snapshots()[-1], on=ON, audience=audience)
    return {name: path.read_bytes() for name, path in write_reports(asked, [*DRAWN, *TABLES], folder)}


@pytest.fixture(scope="module")
def files(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return written(lake, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def document(files: dict[str, bytes]) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(files["json"])
    return loaded


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """A report without an earlier quarter, of an estate with names that mean to do harm or do not fit."""
    folder = tmp_path_factory.mktemp("odd")
    with Database.empty() as database:
        fill(database, Q3)
        for number, name in enumerate((*ODD, *CODED, LONG)):
            put(
                database,
                "finding",
                {
                    **{"check_id": "live-key-in-code", "subject_kind": "resource", "subject_id": f"odd{number}", "subject_name": name},
                    **{"status": "fail", "severity": "critical", "reason": f"it is called {name}", "evidence": [f"odd.json#{name}"]},
                },
            )
        Lake(folder).publish(
            database,
            label="*Q3* #1",
            as_of=Q3,
            rules_version="2026.11.1",
            pack="default",
            created_at="2026-09-30T12:00:00+00:00",
            details={},
        )
    return written(Lake(folder), folder / "report")


@pytest.mark.parametrize("form", [*DRAWN, *TABLES])
def test_every_format_prints_the_same_figures_and_they_are_those_counted_by_hand(files: dict[str, bytes], form: str) -> None:
    # Twelve placed subjects of tests/reports/workspace.py: ten identities, the open bucket and the key that nobody owns; seven have one stage.
    assert first_page(form, files[form]) == {
        "E1": ("Attained stage", "S2"),
        "E2": ("Placed exactly", "58.3 %"),
        "E3": ("Non-human identities", "11"),
        "E4": ("Failed findings", "3"),
        "E23": ("Q1", "no", "0–5 %", "20", "1"),
        "E24": ("Q2", "unknown", "5–40 %", "20", "7"),
        "E25": ("Q3", "partly", "20 %", "10", "0"),
        "E26": ("Q4", "yes", "92–100 %", "50", "4"),
        "E27": ("Q5", "unknown", "0–100 %", "12", "12"),
        "E28": ("S1", "no", "5 %", "20", "0"),
        "E29": ("S4", "not applicable", "nothing to count", "0", "0"),
    }


@pytest.mark.parametrize("form", ["html", "md", *TABLES])
def test_every_figure_of_the_evidence_index_is_the_same_in_every_format(files: dict[str, bytes], form: str) -> None:
    figures = index("json", files["json"])
    assert list(figures) == [f"E{number}" for number in range(1, 41)]
    found = index(form, files[form])
    assert {mark: [cell or "—" for cell in row] for mark, row in found.items()} == {mark: list(row) for mark, row in figures.items()}


def test_the_evidence_index_of_the_pdf_holds_each_figure_with_all_that_is_said_of_it(files: dict[str, bytes]) -> None:
    text = text_of(files["pdf"]).replace(" ", "")
    for mark, row in index("json", files["json"]).items():
        assert "".join([mark, *row[:5]]).replace(" ", "") in text
        assert row[5].replace(" ", "") in text


def test_the_notes_of_the_deck_hold_each_figure_with_all_that_is_said_of_it(files: dict[str, bytes], document: dict[str, Any]) -> None:
    notes = notes_of(files["pptx"])
    records = {figure["mark"]: figure["records"] for figure in document["figures"]}
    for mark, (title, text, n, unknown, oldest, ask) in index("json", files["json"]).items():
        (note,) = (line for line in notes if line.startswith(f"{mark} "))
        assert note.startswith(f"{mark} {title}: {text} (n {n}, unknown {unknown}, data of {oldest}).")
        assert note.endswith(f" Its rows: {ask}")
        assert all(f"First record: {place['path']} # {place['record']}." in note for place in records[mark][:1])


def test_bars_of_the_charts_print_the_figures(files: dict[str, bytes], document: dict[str, Any]) -> None:
    figures = {figure["id"]: figure for figure in document["figures"]}
    stages, questions = re.findall(r"<svg.*?</svg>", files["html"].decode(), flags=re.DOTALL)[:2]
    counts = re.findall(r'font-size="12">([\d,]+)<', stages)
    assert counts == [figures[f"stage-{stage}-{bound}"]["text"] for stage in range(1, 8) for bound in ("lo", "hi")]
    shares = re.findall(r'font-size="12">([^<]+)<', questions)
    assert shares[0] == "0–5 %, n=20, 1 unknown"
    asked = {name: figure["text"].split(": ")[1] for name, figure in figures.items() if re.fullmatch(r"[QS]\d", name)}
    assert [share.split(", ")[0] for share in shares] == list(asked.values())


@pytest.mark.parametrize("form", TABLES)
def test_rows_of_the_sheets_are_as_many_as_the_figures_say(files: dict[str, bytes], document: dict[str, Any], form: str) -> None:
    texts = {figure["id"]: figure["text"] for figure in document["figures"]}
    failed = [row for row in sheet(files[form], "Findings") if row["Status"] == "fail"]
    people = [row for row in sheet(files[form], "Identities") if row["In scope"] == "yes" and row["Human"] != "human"]
    idle = [row for row in sheet(files[form], "Proposals") if row["Proposed"].startswith("Disable")]
    assert (len(failed), len(people), len(idle)) == (3, 11, 1), "by hand"
    assert (str(len(failed)), str(len(people)), str(len(idle))) == (texts["failed"], texts["identities"], texts["disable"])
    for severity in ("critical", "high", "medium", "low"):
        assert str(sum(row["Severity"] == severity for row in failed)) == texts[f"failed-{severity}"]


def test_figures_in_the_workbook_are_numbers_and_dates(files: dict[str, bytes]) -> None:
    rows = {row["mark"]: row for row in typed(files["xlsx"])}
    assert [rows["E2"][name] for name in ("lo", "hi", "unit", "n", "unknown")] == [58.3, 58.3, "%", 12, 5]
    assert [rows["E24"][name] for name in ("lo", "hi", "unit", "n", "unknown")] == [0.05, 0.4, "share", 20, 7]
    assert rows["E4"]["date"] == datetime(2026, 9, 30)
    assert rows["E5"]["record"] == "scans/gitleaks.json # aws.tf:3"


def typed(content: bytes) -> list[dict[str, Any]]:
    """Rows of the sheet Figures as they are, by column."""
    lines = openpyxl.load_workbook(io.BytesIO(content))["Figures"].iter_rows(values_only=True)
    assert list(next(lines)) == list(COLUMNS.values())
    return [dict(zip(COLUMNS, line, strict=True)) for line in lines]


def test_words_of_the_first_page_stand_in_every_format(files: dict[str, bytes], document: dict[str, Any]) -> None:
    pdf, page = text_of(files["pdf"]).replace(" ", ""), document["summary"]
    said = [page["verdict"]["text"], page["stage_takeaway"], *(item["text"] for part in page["parts"] for item in part["items"])]
    assert len(said) > 8
    for text in said:
        assert text.replace(" ", "") in pdf
        assert text.replace("'", "&#39;") in files["html"].decode()
        assert text in files["md"].decode().replace("\\", "")


def test_a_figure_has_n_unknown_date_and_the_rows_behind_it(lake: Lake, document: dict[str, Any]) -> None:
    counted = {
        "coverage": 7,
        "identities": 11,
        "failed": 3,
        "failed-critical": 1,
        "stage-2-lo": 3,
        "stage-5-hi": 3,
        "disable": 1,
        "creep": 5,
    }
    figures = {figure["id"]: figure for figure in document["figures"]}
    assert [figure["mark"] for figure in document["figures"]] == [f"E{number}" for number in range(1, len(figures) + 1)]
    assert all({"n", "unknown", "date", "text", "lo", "hi", "unit", "ask", "records"} <= figure.keys() for figure in figures.values())
    with lake.open(lake.snapshots()[-1].snapshot_id) as database:
        for name, rows in counted.items():
            assert len(database.rows(shlex.split(figures[name]["ask"])[2])) == rows
    assert figures["failed-critical"]["records"] == [{"path": "scans/gitleaks.json", "record": "aws.tf:3"}]
    assert figures["identities"] | {"lo": 10, "hi": 11, "n": 13, "unknown": 1, "date": "2026-09-30"} == figures["identities"]


def test_the_same_snapshot_and_day_give_the_same_bytes(lake: Lake, files: dict[str, bytes], tmp_path: Path) -> None:
    assert written(lake, tmp_path) == files


@pytest.mark.parametrize("form", DRAWN)
def test_names_that_mean_to_do_harm_are_text(odd: dict[str, bytes], form: str) -> None:
    if form == "pdf":
        text = text_of(odd["pdf"]).replace(" ", "")
        assert all(name.replace(" ", "") in text for name in (*ODD, *CODED.values()))
        assert f"{'n' * 160}…(4,096characters)" in text
    elif form == "json":
        names = {row["subject_name"] for row in json.loads(odd["json"])["sections"]["findings"]["findings"]}
        assert {*ODD, *CODED, LONG} <= names
    elif form == "pptx":
        text = " ".join(notes_of(odd["pptx"]))  # tests/reports/test_deck.py puts every name on a slide
        assert all(name in text for name in ODD[:2])
    elif form == "html":
        page = odd["html"].decode()
        assert all(html.escape(name, quote=True).replace("&quot;", "&#34;").replace("&#x27;", "&#39;") in page for name in ODD)
        assert "<script" not in page
    else:
        page = odd["md"].decode()
        told = (r"\*b\* \$x\$ \_i\_ \`c\`", r"\<script\>", r"\| a \| b \|", r"\@here www\.beacon.invalid", r"\[l\](https\://b.invalid)")
        assert all(text in page for text in told)
        assert r"abc\\u{202e}gnp.exe" in page
        assert LONG not in page
        assert f"{'n' * 1200}… (4,096 characters)" in page


def test_without_an_earlier_quarter_the_report_says_so(odd: dict[str, bytes]) -> None:
    document = json.loads(odd["json"])
    assert (document["before"], document["sections"]["change"]) == (None, {"change": None})
    assert document["summary"]["verdict"] == {"word": "First look", "text": "There is no earlier snapshot to compare with."}
    assert "Thereisnoearliersnapshottocomparewith." in text_of(odd["pdf"]).replace(" ", "")


def test_a_snapshot_of_nothing_makes_a_report_in_every_format(tmp_path: Path) -> None:
    with Database.empty() as database:
        Lake(tmp_path).publish(
            database, label="empty", as_of=Q3, rules_version="1", pack="default", created_at="2026-09-30T12:00:00+00:00", details={}
        )
    made = written(Lake(tmp_path), tmp_path / "report")
    expected = {
        "E1": ("Attained stage", "none"),
        "E2": ("Placed exactly", "no paths"),
        "E3": ("Non-human identities", "0"),
        "E4": ("Failed findings", "0"),
    }
    assert [first_page(form, made[form]) for form in (*DRAWN, *TABLES)] == [expected] * len(made)


def test_the_board_gets_no_lists_and_a_place_to_sign(lake: Lake, tmp_path: Path) -> None:
    made = written(lake, tmp_path, "board")
    sections = json.loads(made["json"])["sections"]
    assert "sign_off" in sections
    assert not {"findings", "compliance", "methodology", "interview"} & sections.keys()
    assert "Failed: " not in made["html"].decode()
    assert "By account" not in made["md"].decode() + text_of(made["pdf"]) + made["html"].decode()
    assert sorted(path.name for path in tmp_path.iterdir())[0] == f"nhi-posture-{lake.snapshots()[-1].snapshot_id}-board.html"


def test_the_team_gets_the_work_and_no_frameworks(lake: Lake, tmp_path: Path) -> None:
    document = json.loads(written(lake, tmp_path, "team")["json"])
    assert {"findings", "ownership", "actions"} <= document["sections"].keys()
    assert not {"compliance", "methodology", "sign_off"} & document["sections"].keys()


def test_content_is_worked_out_once_for_all_formats(lake: Lake, tmp_path: Path) -> None:
    asked = Asked(lake=lake, snapshot=lake.snapshots()[-1], on=ON)
    first: Content = asked.content
    write_reports(asked, ["json", "md"], tmp_path)
    assert asked.content is first


def headlines(attained: tuple[int, int], share: float, critical: int) -> list[dict[str, Any]]:
    """Three headlines whose whole change is what was made new."""
    changes = (("attained", "up", attained[1] - attained[0]), ("at_or_above_5", "up", share), ("critical", "down", critical))
    zero = dict.fromkeys(("rules", "scope", "evidence", "retired", "new", "moved_down", "moved_up"), 0)
    return [
        {"id": name, "better": better, "before": 1, "now": 1 + change, "parts": zero | {"new": change}} for name, better, change in changes
    ]


@pytest.mark.parametrize(
    ("moved", "rows", "word"),
    [
        ((0, 0), headlines((1, 1), 0, 0), "Unchanged"),
        ((2, 0), headlines((1, 1), 0, 0), "Better"),
        ((0, 0), headlines((1, 1), 0, -3), "Better"),
        ((0, 1), headlines((1, 1), 0, 0), "Worse"),
        ((2, 0), headlines((2, 1), 0, 0), "Mixed"),
        ((0, 0), headlines((1, 1), 0, 4), "Worse"),
    ],
)
def test_the_verdict_is_better_only_where_nothing_watched_got_worse(moved: tuple[int, int], rows: list[dict[str, Any]], word: str) -> None:
    causes = {name: {"subjects": 0} for name in ("new", "retired", "evidence")} | {
        "moved_up": {"subjects": moved[0]},
        "moved_down": {"subjects": moved[1]},
    }
    change = {"unsplit": None, "headlines": rows, "causes": causes}
    assert verdict(change, {"label": "Q2", "as_of": "2026-06-30"})["word"] == word


def test_what_knowing_more_did_is_no_verdict() -> None:
    rows = headlines((1, 1), 0, 0)
    rows[2] |= {"now": 9, "parts": rows[2]["parts"] | {"evidence": 8}}
    causes = {name: {"subjects": 0} for name in ("new", "retired", "evidence", "moved_up", "moved_down")}
    change = {"unsplit": None, "headlines": rows, "causes": causes}
    assert verdict(change, {"label": "Q2", "as_of": "2026-06-30"})["word"] == "Unchanged"
    assert verdict({**change, "unsplit": "no rows kept"}, {"label": "Q2", "as_of": "2026-06-30"})["word"] == "Not comparable"


def test_formats_are_named_once() -> None:
    assert list(BY_NAME)[:4] == ["html", "pdf", "json", "md"]


@pytest.mark.heavy
@pytest.mark.parametrize("audience", ["board", "auditor"])
def test_the_sample_company_reads_the_same_in_every_format(tmp_path: Path, audience: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the demo writes its report beside it
    assert run("demo", "--no-serve", "--workspace", tmp_path / "workspace").exit_code == 0
    made = written(Lake(tmp_path / "workspace"), tmp_path / "report", audience)
    found = {form: first_page(form, made[form]) for form in made}
    assert len(found["json"]) == 11
    assert [form for form in found if found[form] != found["json"]] == []
    indexes = {form: index(form, made[form]) for form in made if form not in ("pdf", "pptx")}
    assert [
        form for form, rows in indexes.items() if [row[:4] for row in rows.values()] != [row[:4] for row in indexes["json"].values()]
    ] == []
