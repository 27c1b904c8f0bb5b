"""What people at the sample company declared, held against its exports of the third quarter. Expected by hand from both."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from inventory.decision_file import parse
from inventory.decision_log import DecisionLog
from inventory.decisions import Answer
from scoring.decided import lay_over
from scoring.interview.beside import weigh
from scoring.packs import load_pack
from tests.checkout import ROOT
from tests.test_answer_key import judged

FILE = ROOT / "sample_data" / "decisions.yaml"
ON = date(2026, 11, 1)

TOGETHER = {
    "Q1": "not_counted",  # one criterion is not confirmed: a scan is from July
    "Q2": "better",  # declared most; 25 of 168 keys rest elsewhere for certain
    "Q3@provider aws": "worse",  # declared some; three in four ways in are short-lived for certain
    "Q5": "compatible",
    "S1@environment production": "declared_only",  # no failure there, but some accounts' resource policies were not supplied: there may be more
    "mutual-tls": "declared_only",
    "token-revocation": "declared_only",
    "owner-of-operation": "declared_only",
    "access-certification": "not_counted",  # two criteria are not confirmed
    "anomaly-monitoring": "not_counted",  # given in March of the year before
    "ai-agent-identities@team document-ai": "declared_only",
}


def test_two_of_the_declared_answers_differ_from_what_the_exports_say(tmp_path: Path) -> None:
    entries, problems = parse(FILE.read_text(encoding="utf-8"), FILE.name)
    assert problems == []
    log = DecisionLog(tmp_path)
    log.take(entries, who=None, at=datetime(2026, 11, 1))
    database = judged("q3-2026")
    lay_over(database, log.standing(), on=ON)

    found = weigh(database, log.standing(), load_pack("default").thresholds, ON)

    assert {one.answer.id: str(one.verdict) for one in found} == TOGETHER
    assert {one.answer.id: one.not_counted for one in found if one.not_counted} == {
        "Q1": "criteria not confirmed: recent",
        "access-certification": "criteria not confirmed: evidence-of-use, taken-away",
        "anomaly-monitoring": "too old: given 600 days ago, the limit is 365",
    }


def test_the_demo_records_them_once(tmp_path: Path) -> None:
    entries, _ = parse(FILE.read_text(encoding="utf-8"), FILE.name)
    log = DecisionLog(tmp_path)

    first = log.take(entries, who=None, at=datetime(2026, 11, 1))
    second = log.take(entries, who=None, at=datetime(2026, 12, 1))

    assert len(first[0]) == len(entries)
    assert second == ([], [])
    answers = [entry for entry in entries if isinstance(entry.decision, Answer)]
    assert all(entry.who and entry.at for entry in answers)
