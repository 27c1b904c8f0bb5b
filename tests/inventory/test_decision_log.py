"""The log of decisions: what was recorded stays, whoever is killed or writes at the same time; a file brings in only what is new."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from inventory.database import StoreError
from inventory.decision_file import DecisionError, Entry, dump, parse
from inventory.decision_log import FILE, DecisionLog
from inventory.decisions import Answer, PolicyException, Share, Target, Where
from tests.checkout import ROOT

MORNING, NOON, EVENING = datetime(2026, 10, 1, 8), datetime(2026, 10, 1, 12), datetime(2026, 10, 1, 20)

RECORD_AND_DIE = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from inventory.decision_log import DecisionLog
from inventory.decisions import Answer, Share
answer = Answer(id="Q2", question="Q2", answer=Share.NONE, note="kept")
DecisionLog(Path(sys.argv[1])).record(answer, who="Ana Sorel", at=datetime(2026, 10, 1))
os.kill(os.getpid(), signal.SIGKILL)
"""

RECORD_MANY = """
import sys
from datetime import datetime
from pathlib import Path
from inventory.decision_log import DecisionLog
from inventory.decisions import Answer, Share
log = DecisionLog(Path(sys.argv[1]))
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{number}"
    log.record(Answer(id=name, question=name, answer=Share.NONE), who=sys.argv[2], at=datetime(2026, 10, 1))
"""


def answer(share: Share = Share.NONE, note: str = "") -> Answer:
    return Answer(id="Q2", question="Q2", answer=share, note=note)


def entry(share: Share, who: str | None = None, at: datetime | None = None) -> Entry:
    return Entry(decision=answer(share), who=who, at=at)


def start(script: str, *words: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, *map(str, words)]
    return subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, stdin=subprocess.PIPE, text=True)


def test_nothing_decided_yet_is_an_empty_log_and_makes_no_file(tmp_path: Path) -> None:
    assert DecisionLog(tmp_path).entries() == []
    assert list(tmp_path.iterdir()) == []


def test_a_decision_is_there_after_its_process_was_killed_the_moment_that_it_was_recorded(tmp_path: Path) -> None:
    process = start(RECORD_AND_DIE, tmp_path)
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert [(one.who, one.decision) for one in DecisionLog(tmp_path).entries()] == [("Ana Sorel", answer(note="kept"))]


def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    writers = [start(RECORD_MANY, tmp_path, name, 30) for name in ("ana", "joel", "ines")]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0, 0]

    found = DecisionLog(tmp_path).entries()

    assert [one.seq for one in found] == list(range(1, 91))
    assert {one.decision.id for one in found} == {f"{name}-{number}" for name in ("ana", "joel", "ines") for number in range(30)}
    assert all(one.decision.id.startswith(one.who) for one in found)


@pytest.mark.parametrize(
    "statement", ["UPDATE decision SET who = 'somebody else'", "DELETE FROM decision", "UPDATE decision SET body = '{}'"]
)
def test_the_database_itself_refuses_to_change_or_delete_what_was_recorded(tmp_path: Path, statement: str) -> None:
    DecisionLog(tmp_path).record(answer(), who="Ana", at=NOON)
    connection = sqlite3.connect(tmp_path / FILE)

    with pytest.raises(sqlite3.IntegrityError, match="decisions are append-only"):
        connection.execute(statement)

    connection.close()
    assert [one.who for one in DecisionLog(tmp_path).entries()] == ["Ana"]


def test_the_last_word_stands_and_the_earlier_ones_stay_in_the_log(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    log.record(answer(Share.MOST), who="Ana", at=MORNING)
    log.record(answer(Share.SOME), who="Joel", at=NOON)

    assert [(one.decision, one.who) for one in log.standing().recorded] == [(answer(Share.SOME), "Joel")]
    assert [one.who for one in log.entries()] == ["Ana", "Joel"]


def test_what_is_withdrawn_no_longer_stands_until_it_is_decided_again(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    log.record(answer(), who="Ana", at=MORNING)
    log.withdraw(answer(), who="Joel", at=NOON)
    assert log.standing().recorded == ()

    log.record(answer(), who="Ines", at=EVENING)

    assert [(one.who, one.withdrawn) for one in log.entries()] == [("Ana", False), ("Joel", True), ("Ines", False)]
    assert [one.who for one in log.standing().recorded] == ["Ines"]


@pytest.mark.parametrize("who", ["", "  "])
def test_a_decision_without_an_author_is_refused(tmp_path: Path, who: str) -> None:
    with pytest.raises(DecisionError, match="answers Q2: say who decides"):
        DecisionLog(tmp_path).record(answer(), who=who, at=NOON)
    assert DecisionLog(tmp_path).entries() == []


# --- from a file


def test_taking_the_same_file_twice_records_it_once(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    entries = [entry(Share.MOST, "Ana", NOON), Entry(decision=Target(id="t", stage=5, by=date(2026, 12, 31)), who="Ana", at=None)]

    first, second = log.take(entries, who=None, at=EVENING), log.take(entries, who=None, at=EVENING)

    assert ([one.id for one in first[0]], second) == (["Q2", "t"], ([], []))
    assert [(one.decision.id, one.at) for one in log.entries()] == [("Q2", NOON), ("t", EVENING)]


def test_an_exported_file_brings_nothing_new_into_its_own_workspace_and_all_into_another(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path / "one")
    log.record(answer(Share.MOST, "a note"), who="Ana", at=NOON)
    exception = PolicyException(
        id="page", where=Where(ids=("a",)), checks=("*",), reason="on purpose", approver="R. Okafor", expires=date(2027, 3, 31)
    )
    log.record(exception, who="Joel", at=EVENING)
    entries, _ = parse(dump(log.standing()), "f")

    assert log.take(entries, who=None, at=EVENING) == ([], [])
    other = DecisionLog(tmp_path / "other")
    other.take(entries, who=None, at=EVENING)
    assert [(one.decision, one.who, one.at) for one in other.entries()] == [(one.decision, one.who, one.at) for one in log.entries()]


def test_an_older_entry_of_a_file_does_not_take_the_place_of_a_newer_one(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    log.record(answer(Share.SOME), who="Joel", at=NOON)

    taken, older = log.take([entry(Share.MOST, "Ana", MORNING)], who=None, at=EVENING)

    assert (taken, older) == ([], [answer(Share.MOST)])
    assert [one.who for one in log.standing().recorded] == ["Joel"]


def test_a_newer_entry_of_a_file_takes_the_place_of_an_older_one(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    log.record(answer(Share.SOME), who="Joel", at=NOON)

    taken, _ = log.take([entry(Share.MOST, "Ana", EVENING)], who=None, at=EVENING)

    assert taken == [answer(Share.MOST)]
    assert [one.who for one in log.standing().recorded] == ["Ana"]


def test_the_author_is_the_files_else_the_one_given_and_nobody_is_refused_with_the_whole_file(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    with pytest.raises(DecisionError, match="answers Q2: who decided it\\? Write `who:` into the file, or give --who"):
        log.take([Entry(decision=Target(id="t", stage=5, by=date(2026, 12, 31)), who="Ana", at=None), entry(Share.MOST)], who=None, at=NOON)
    assert log.entries() == []

    log.take([entry(Share.MOST)], who="Ines", at=NOON)

    assert [(one.who, one.at) for one in log.entries()] == [("Ines", NOON)]


# --- a damaged file


def test_a_file_that_is_no_database_is_told_by_its_path(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("not a database, and long enough to be looked at " * 10)

    with pytest.raises(StoreError, match=f"{FILE}: decisions cannot be read or written .*; restore the file, or move it away"):
        DecisionLog(tmp_path).entries()


def test_an_entry_that_cannot_be_understood_is_told_by_its_number(tmp_path: Path) -> None:
    log = DecisionLog(tmp_path)
    log.record(answer(), who="Ana", at=NOON)
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("INSERT INTO decision (kind, id, at, who, withdrawn, body) VALUES ('answers', 'Q3', '2026-10-01', 'Ana', 0, '{}')")
    connection.commit()
    connection.close()

    with pytest.raises(StoreError, match=f"{FILE}: entry 2 \\(answers Q3\\): question: missing"):
        log.entries()
