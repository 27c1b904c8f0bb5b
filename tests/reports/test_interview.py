"""Declared answers where people meet them: the page, the five questions, findings, the report, and the commands."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from inventory.decision_file import parse
from inventory.decision_log import DecisionLog
from inventory.decisions import Answer, Decisions, Recorded, Share, Where
from inventory.lake import Lake
from reports.interview_file import blank_file
from reports.render import render_html
from reports.serve import app_path
from reports.views import interview as view
from scoring.decided import lay_over
from scoring.interview import asked, interview
from tests.checkout import ROOT
from tests.command import run
from tests.reports.test_pages import html, visit
from tests.reports.workspace import HOSTILE, PROD

GIVEN = datetime(2026, 10, 5, 9)
ON = date(2026, 10, 20)
CHECK = "declared-differs-from-measured"


@pytest.fixture
def own(workspace: Path, tmp_path: Path) -> Path:
    """A copy of the workspace in which one may decide."""
    return Path(shutil.copytree(workspace, tmp_path / "workspace"))


@pytest.fixture
def app(own: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setenv("NHI_WORKSPACE", str(own))
    return AppTest.from_file(str(app_path()), default_timeout=60)


def answer(question: str, share: Share, *, confirmed: bool = True, note: str = "", links: tuple[str, ...] = ()) -> Answer:
    found = asked(question)
    criteria = tuple(found.criteria) if found and confirmed else ()
    return Answer(id=question, question=question, answer=share, criteria=criteria, note=note, links=links)


def recorded(*answers: Answer, who: str = "Ana Sorel") -> Decisions:
    return Decisions(tuple(Recorded(seq=seq, decision=one, who=who, at=GIVEN) for seq, one in enumerate(answers, start=1)))


def decide(workspace: Path, *answers: Answer, who: str = "Ana Sorel") -> None:
    for one in answers:
        DecisionLog(workspace).record(one, who=who, at=datetime.now(UTC))


# --- the page


def test_an_answer_is_saved_with_its_author_and_shown_at_once(app: AppTest, own: Path) -> None:
    visit(app, "interview", question="break-glass")
    app.radio[0].set_value(Share.MOST)
    for box in app.checkbox:
        box.check()
    app.text_area[0].set_value("tried in May")
    app.text_area[1].set_value("https://wiki.example/break-glass\n\n https://wiki.example/drill ")
    app.text_input[0].set_value("Ana Sorel")
    app.button[0].click().run()

    assert not app.exception
    (entry,) = DecisionLog(own).entries()
    links = ("https://wiki.example/break-glass", "https://wiki.example/drill")
    assert (entry.who, entry.decision) == ("Ana Sorel", answer("break-glass", Share.MOST, note="tried in May", links=links))
    assert datetime.now(UTC).replace(tzinfo=None) - entry.at < timedelta(minutes=2)
    shown = html(app)
    assert "break-glass: most or all, by Ana Sorel" in shown
    assert f"<strong>Declared: most or all</strong>, by Ana Sorel on {entry.at:%Y-%m-%d}." in shown
    assert "1 of 26 answered for everything, 1 count, 0 differ" in shown
    assert app.text_input[0].value == "Ana Sorel"


def test_an_answer_without_all_criteria_is_kept_and_not_counted(app: AppTest) -> None:
    visit(app, "interview", question="break-glass")
    app.radio[0].set_value(Share.MOST)
    app.checkbox[0].check()
    app.text_input[0].set_value("Ana Sorel")
    app.button[0].click().run()

    assert "not counted: criteria not confirmed: tried" in html(app)
    assert "1 of 26 answered for everything, 0 count, 0 differ" in html(app)


def test_nothing_is_saved_without_a_name_or_without_a_choice(app: AppTest, own: Path) -> None:
    visit(app, "interview", question="break-glass")
    app.radio[0].set_value(Share.NONE)
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["Write your name: an answer has an author."]

    visit(app, "interview", question="mutual-tls")
    app.text_input[0].set_value("Ana Sorel")
    app.button[0].click().run()
    assert [error.value for error in app.error] == ["Choose how much holds."]
    assert DecisionLog(own).entries() == []


def test_an_answer_for_one_account_is_about_that_account_only(app: AppTest, own: Path) -> None:
    visit(app, "interview", question="Q2", by="account", part=PROD)
    app.radio[0].set_value(Share.NONE)
    app.text_input[0].set_value("Joel Abara")
    app.button[0].click().run()

    (entry,) = DecisionLog(own).entries()
    assert entry.decision.where == Where(tags={"account": PROD})
    assert f"1 of 26 answered for account {PROD}" in html(app)
    app.selectbox(key="by").set_value(None).run()
    assert "0 of 26 answered for everything" in html(app)


def test_one_goes_on_to_the_next_question_without_an_answer(app: AppTest, own: Path) -> None:
    decide(own, answer("Q3", Share.NONE))
    visit(app, "interview", question="Q2")

    app.button[1].click().run()

    assert app.selectbox(key="asked").value == "Q4"
    assert asked_text("Q4") in html(app)


def asked_text(question: str) -> str:
    found = asked(question)
    assert found
    return found.text


def test_the_earlier_answers_stay_in_sight(app: AppTest, own: Path) -> None:
    decide(own, answer("Q2", Share.MOST), who="Ana Sorel")
    decide(own, answer("Q2", Share.SOME), who="Joel Abara")

    shown = html(visit(app, "interview", question="Q2"))

    history = shown[shown.index("Confirmed") :]
    assert history.index("Joel Abara") < history.index("Ana Sorel")


def test_what_people_write_reaches_no_call_that_reads_markdown(app: AppTest, own: Path) -> None:
    decide(own, answer("Q2", Share.MOST, note=HOSTILE, links=(HOSTILE,)), who=HOSTILE)
    for page in ("interview", "questions", "findings"):
        visit(app, page, question="Q2")
        assert not app.exception
        read = [element.value for kind in (app.markdown, app.caption, app.subheader, app.title, app.success) for element in kind]
        assert not [text for text in read if "beacon" in text]
        assert "<img" not in html(app)


# --- beside the measured answers. By hand: Q1 was measured between 0 and 5 % (0 of 20 pass, 1 not known), Q2 not at all (workloads were not
# collected), Q3 at 20 %


def test_the_five_questions_show_who_declared_what_and_that_it_differs(app: AppTest, own: Path) -> None:
    decide(own, answer("Q3", Share.MOST, note="done in spring", links=("https://wiki.example/vault",)))

    shown = html(visit(app, "questions"))

    assert "declared better than measured" in shown
    assert f"Ana Sorel, {datetime.now(UTC):%Y-%m-%d}" in shown
    assert "Declared differs from measured (1)" in [one.value for one in app.subheader]
    assert "https://wiki.example/vault" in shown


def test_findings_have_it_with_both_evidences(own: Path) -> None:
    decide(own, answer("Q1", Share.HALF, links=("https://wiki.example/scan",)))  # measured: 0 to 5 %, svc-deploy's key fails

    found = [row for row in json.loads(run("findings", "--workspace", own, "--json").stdout) if row["check_id"] == CHECK]

    (row,) = found
    assert row["reason"].endswith("; measured 0–5 % (0 of 20 pass, 19 fail, 1 not known)")
    assert (row["status"], row["severity"], row["subject_name"]) == ("fail", "medium", "Q1 for everything")
    assert row["evidence"] == [{"path": "scans/gitleaks.json", "record": "aws.tf:3"}]
    assert (row["declared"]["who"], row["declared"]["links"], row["declared"]["verdict"]) == (
        "Ana Sorel",
        ["https://wiki.example/scan"],
        "better",
    )
    text = run("findings", "--workspace", own).stdout
    assert CHECK in text
    assert "declared better than measured: at least half, by Ana Sorel" in text


def test_findings_of_one_identity_and_without_answers_are_as_they_were(own: Path) -> None:
    before = run("findings", "--workspace", own, "--json").stdout
    decide(own, answer("Q1", Share.SOME, confirmed=False))

    assert run("findings", "--workspace", own, "--json").stdout == before


def test_the_report_shows_the_answer_its_author_and_both_evidences(lake: Lake) -> None:
    snapshot = lake.snapshots()[-1].snapshot_id
    decisions = recorded(answer("Q1", Share.MOST, note="we <b>scan</b> all", links=("https://wiki.example/scan",)), who="Ana <i>Sorel</i>")

    text = render_html(lake, snapshot, decisions=decisions, on=ON)

    section = text[text.index("<h2>Declared answers</h2>") :]
    assert "1 of 26 questions of the interview are answered for everything: 1 of the answers count, 1 differ" in section
    assert "declared better than measured: most or all, by Ana &lt;i&gt;Sorel&lt;/i&gt; on 2026-10-05" in section
    assert "https://wiki.example/scan" in section
    assert "scans/gitleaks.json <b>#</b> aws.tf:3" in section
    assert "we &lt;b&gt;scan&lt;/b&gt; all" in section
    assert render_html(lake, snapshot, decisions=decisions, on=ON) == text


@pytest.mark.heavy
def test_an_answer_given_in_the_app_survives_a_kill_and_the_next_report_names_its_author(own: Path, tmp_path: Path) -> None:
    script = (
        "import os, signal\n"
        "from streamlit.testing.v1 import AppTest\n"
        "from reports.serve import app_path\n"
        "from inventory.decision_log import DecisionLog\n"
        "record = DecisionLog.record\n"
        "def record_and_die(*words, **named):\n"
        "    record(*words, **named)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "DecisionLog.record = record_and_die\n"
        "app = AppTest.from_file(str(app_path()), default_timeout=60).run()\n"
        "app.switch_page('reports/pages/interview.py')\n"
        "app.query_params['question'] = 'Q3'\n"
        "app.run()\n"
        "app.radio[0].set_value('none')\n"
        "app.text_input[0].set_value('Ines Moreau')\n"
        "app.button[0].click().run()\n"
    )
    environment = {**os.environ, "NHI_WORKSPACE": str(own), "PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=False, timeout=120)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()

    report = Path(run("report", "--workspace", own, "--out", tmp_path / "report").stdout.strip()).read_text(encoding="utf-8")

    assert "declared worse than measured: none, by Ines Moreau on" in report


def test_a_part_of_the_estate_has_answers_of_its_own(lake: Lake) -> None:
    snapshot = lake.snapshots()[-1]
    for_prod = Answer(id=f"Q1@account {PROD}", question="Q1", where=Where(tags={"account": PROD}), answer=Share.NONE)
    decisions = recorded(answer("Q1", Share.NONE), for_prod)
    with lake.open(snapshot.snapshot_id) as database:
        lay_over(database, decisions, on=ON)
        everything = view.questions(database, snapshot, decisions, ON)
        prod = view.questions(database, snapshot, decisions, ON, for_prod.where)

    assert view.progress(everything)["answered"] == view.progress(prod)["answered"] == 1
    assert [row["measured"]["n"] for row in prod if row["id"] == "Q1"] == [
        1
    ]  # svc-deploy; the other counted identity is in the other account


# --- the commands


def test_the_interview_is_listed_with_both_answers(own: Path) -> None:
    decide(own, answer("Q2", Share.MOST))

    listed = json.loads(run("interview", "--workspace", own, "--json").stdout)
    text = run("interview", "--workspace", own).stdout

    assert listed["progress"] == {"questions": len(interview()), "answered": 1, "counted": 1, "differ": 0}
    by_id = {row["id"]: row for row in listed["questions"]}
    assert (by_id["Q2"]["declared"]["who"], by_id["Q2"]["measured"]["n"]) == ("Ana Sorel", 20)
    assert by_id["mutual-tls"]["measured"] is None
    assert "1 of 26 answered for everything" in text


@pytest.mark.parametrize("where", ["team", "squad=a", "team="])
def test_a_part_that_cannot_be_named_is_refused_in_one_line(own: Path, where: str) -> None:
    found = run("interview", "--workspace", own, "--where", where)

    assert found.exit_code == 2
    assert f"'{where}': write TAG=VALUE with one of team, environment, provider, account, kind" in found.stderr


def test_the_file_to_fill_in_holds_every_question_and_records_what_was_filled_in(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    assert run("interview", "--workspace", own, "--blank", path, "--where", "team=payments").exit_code == 0
    text = path.read_text(encoding="utf-8")
    assert all(f"- question: {question.id}\n" in text and question.text in text for question in interview())
    assert all(criterion in text for question in interview() for criterion in question.criteria.values())
    assert parse(text, "f") == ([], [])

    blank = '- question: Q2\n    where: {"team": "payments"}\n    answer:'
    assert blank in text
    filled = text.replace(blank, f"{blank} most")
    filled = filled.replace("# - approved ", "- approved ").replace("# - access-logged ", "- access-logged ")
    path.write_text(filled.replace("# - old-copy-revoked ", "- old-copy-revoked "), encoding="utf-8")
    found = run("decisions", "--workspace", own, "--import", path, "--who", "Ana Sorel")

    assert (found.exit_code, found.stdout.strip()) == (0, f"{path}: 1 recorded, 0 already known")
    (entry,) = DecisionLog(own).entries()
    criteria = ("approved", "access-logged", "old-copy-revoked")
    expected = Answer(id="Q2@team payments", question="Q2", where=Where(tags={"team": "payments"}), answer=Share.MOST, criteria=criteria)
    assert (entry.decision, entry.who) == (expected, "Ana Sorel")


def test_a_file_that_is_there_is_not_written_over(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("mine")

    assert run("interview", "--workspace", own, "--blank", path).exit_code == 2
    assert path.read_text() == "mine"


def test_the_file_for_everything_names_no_part() -> None:
    assert "where:" not in blank_file()


def test_an_import_leaves_out_what_fits_no_question_and_says_what_was_meant(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text(
        "answers:\n"
        "  - {question: mutual-tsl, answer: none}\n"
        "  - {question: Q2, answer: most, criteria: [aproved]}\n"
        "  - {question: Q3, answer: none}\n"
    )

    found = run("decisions", "--workspace", own, "--import", path, "--who", "Ana Sorel")

    assert found.exit_code == 3
    assert "question: 'mutual-tsl' is not asked; did you mean mutual-tls?" in found.stderr
    assert "criteria: 'aproved' is none of Q2; did you mean approved?" in found.stderr
    assert [entry.decision.id for entry in DecisionLog(own).entries()] == ["Q3"]


def test_an_import_leaves_out_what_is_dated_in_the_future(own: Path, tmp_path: Path) -> None:
    path = tmp_path / "answers.yaml"
    path.write_text("answers: [{question: Q3, answer: none, who: Ana Sorel, at: 2199-01-01T00:00:00Z}]\n")

    found = run("decisions", "--workspace", own, "--import", path)

    assert found.exit_code == 3
    assert "answers (Q3): at: 2199-01-01T00:00:00 is still to come; write when it was decided, or leave it out" in found.stderr
    assert DecisionLog(own).entries() == []
