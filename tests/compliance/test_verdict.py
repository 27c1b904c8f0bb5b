"""What the checks say of a control, on estates whose answer is known by hand, and two laws: evidence taken away meets nothing."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import Database
from inventory.model import Account, Coverage, CoverageStatus, Enforcement, Fact, Row
from scoring.catalogue import load
from scoring.compliance.verdict import Verdict, verdicts
from scoring.judge import judge
from scoring.packs import load_pack
from tests.scoring.clouds import account, project, service_account_key
from tests.scoring.estates import (
    ACCOUNT,
    AS_OF,
    CLAIMS,
    EXPORT,
    FRESH,
    GUARDS,
    RUNS,
    SCAN,
    STORES,
    exposure,
    flat,
    guarded,
    judged,
    key,
    source,
    user,
)
from tests.scoring.test_laws import LAW, people, roles, trusts, users, without_source

OLD = datetime(2026, 1, 31)
CHECKS = load().checks


def said(database: Database, **limits: float) -> dict[str, Verdict]:
    return verdicts(database, CHECKS, {**load_pack("default").thresholds, **limits})


@cache
def clean() -> dict[str, Verdict]:
    """A user with one key, young and used."""
    return said(judged(user(), key(**used())))


@cache
def dirty() -> dict[str, Verdict]:
    """A user with one key, too old."""
    return said(judged(user(), key(**used(created_at=OLD, rotated_at=OLD))))


def used(**more: Any) -> dict[str, Any]:
    return {"last_used_at": FRESH, **more}


def test_every_key_in_time_meets_the_rule_of_rotation_in_every_version_of_the_benchmark() -> None:
    found = clean()
    versions = {"1.4": "1.14", "1.5": "1.14", "2.0": "1.14", "3.0": "1.14", "4.0": "1.14", "5.0": "1.13", "6.0": "2.13", "7.0": "2.12"}
    assert {found[f"CIS-AWS-{version}:{number}"].verdict for version, number in versions.items()} == {"met"}
    assert found["CIS-AWS-7.0:2.12"].reason == "1 pass, as far as these checks measure"
    assert found["CIS-AWS-7.0:2.12"].checks == ["key-older-than-limit"]


def test_one_old_key_is_not_met_and_beside_a_young_one_partly() -> None:
    alone = dirty()["CIS-AWS-7.0:2.12"]
    both = said(judged(user(), key(**used(created_at=OLD, rotated_at=OLD)), user("b"), key("b", 2, **used())))["CIS-AWS-7.0:2.12"]
    assert (alone.verdict, alone.failed, alone.passed, alone.reason) == ("not", 1, 0, "1 fail, none is known to pass")
    assert (both.verdict, both.failed, both.passed) == ("partly", 1, 1)


def test_without_a_covering_source_nothing_is_met_and_nothing_does_not_apply() -> None:
    met = clean()
    blind = said(judged(user(), key(**used()), without=list(Fact), scanned=False))
    assert any(verdict.verdict == "met" for verdict in met.values())
    assert {verdict.verdict for verdict in blind.values()} <= {"unknown", "not", "partly"}
    assert "access_keys" in blind["CIS-AWS-7.0:2.4"].reason or "could not be judged" in blind["CIS-AWS-7.0:2.4"].reason


def test_one_account_that_was_not_read_keeps_a_control_from_being_met() -> None:
    other = Account(scope="444455556666", provider="aws", name="dev", evidence=f"{EXPORT}#444455556666")
    found = said(judged(user(), key(**used()), other))["CIS-AWS-7.0:2.12"]
    assert (found.verdict, found.passed) == ("unknown", 1)
    assert found.reason == "not evidenced: access_keys of 444455556666 missing; 1 pass so far"


def test_what_was_collected_and_holds_nothing_does_not_apply() -> None:
    assert said(judged())["CIS-AWS-7.0:2.12"].verdict == "not_applicable"
    assert said(judged(without=[Fact.ACCESS_KEYS]))["CIS-AWS-7.0:2.12"].verdict == "unknown"


def test_subjects_that_nobody_listed_do_not_make_a_control_inapplicable() -> None:
    # The one check behind it needs the workloads, and judges keys: without a list of keys there may be many.
    found = said(judged(without=[Fact.ACCESS_KEYS]))["NIST-800-53r5:SA-3(1)"]
    assert (found.verdict, found.judged) == ("unknown", 0)
    assert found.reason.startswith("not evidenced: access_keys of 111122223333")


@pytest.mark.heavy
def test_a_looser_pack_passes_nothing_and_a_stricter_one_fails_nothing() -> None:
    # Unused for 60 days: within the default pack's 90, beyond the 45 of the control; at 30 a failure says nothing of 45.
    estate = judged(user(), key(**used(created_at=OLD, rotated_at=OLD, last_used_at=datetime(2026, 8, 1))))
    looser = said(estate)["CIS-AWS-7.0:2.11"]
    assert (looser.verdict, looser.passed, looser.unknown) == ("unknown", 0, 2)
    assert looser.reason == "the control says unused_days = 45, it was judged by 90: a pass does not count"
    gone = key("b", 2, created_at=OLD, rotated_at=OLD, last_used_at=datetime(2026, 3, 1))
    both = said(judged(user(), key(**used()), user("b"), gone))["CIS-AWS-7.0:2.11"]
    assert (both.verdict, both.failed, both.passed, both.unknown) == ("not", 1, 0, 3)
    assert both.reason.startswith("1 fail, none is known to pass; the control says unused_days = 45")
    old = judged(user(), key(**used(created_at=OLD, rotated_at=OLD)))
    assert said(old)["CIS-AWS-7.0:2.12"].verdict == "not"
    stricter = said(old, key_max_age_days=30)["CIS-AWS-7.0:2.12"]
    assert (stricter.verdict, stricter.reason) == (
        "unknown",
        "the control says key_max_age_days = 90, it was judged by 30: a failure does not count",
    )


def test_a_benchmark_of_one_cloud_counts_the_subjects_of_that_cloud_only() -> None:
    rows = [
        user(),
        key(**used(created_at=OLD, rotated_at=OLD)),
        project(),
        account(),
        service_account_key(created_at=FRESH, rotated_at=FRESH),
    ]
    found = said(judged(rows))
    assert found["CIS-AWS-7.0:2.12"].verdict == "not"
    assert (found["CIS-GCP-5.0:1.8"].verdict, found["CIS-GCP-5.0:1.8"].judged) == ("met", 1)
    assert found["NHI7:2025"].verdict == "partly"


def test_a_benchmark_of_a_cloud_that_nobody_supplied_is_unknown_not_met() -> None:
    found = clean()
    assert {found[name].verdict for name in found if name.startswith(("CIS-GCP", "CIS-Azure", "CIS-Kubernetes"))} == {"unknown"}
    assert found["CIS-GCP-5.0:1.8"].reason == "not evidenced: access_keys was not supplied"


def test_what_only_people_can_answer_is_never_met_by_evidence_but_can_fail_by_it() -> None:
    fine, old = clean(), dirty()
    assert fine["PCI-DSS-4.0:8.6.3"].verdict == "unknown"
    assert fine["PCI-DSS-4.0:8.6.3"].ask == "Which change frequency did your targeted risk analysis (12.3.1) set?"
    assert old["PCI-DSS-4.0:8.6.3"].failed > 0
    assert old["PCI-DSS-4.0:8.6.3"].verdict in ("not", "partly")


def test_a_control_without_a_check_is_listed_as_not_assessed() -> None:
    found = clean()
    assert (found["CIS-AWS-7.0:2.17"].verdict, found["CIS-AWS-7.0:2.17"].reason) == (
        "unknown",
        "not assessed: no check of ours measures it",
    )
    assert found["NIST-800-53r5:PM-4"].reason == "not assessed: only people can answer"


def test_a_check_that_was_not_run_leaves_its_control_unknown() -> None:
    estate = judged(user(), key(**used()))
    estate.execute("DELETE FROM main.check_result WHERE check_id = 'key-older-than-limit'")
    found = said(estate)["NIST-800-53r5:IA-5"]
    assert found.verdict != "met"
    estate.execute("DELETE FROM main.check_count WHERE check_id = 'key-older-than-limit'")
    assert said(estate)["CIS-AWS-7.0:2.12"].reason == "the check key-older-than-limit was not run"


def test_a_snapshot_without_counts_per_provider_says_so() -> None:
    estate = judged(user(), key(**used()))
    estate.execute("DROP TABLE main.check_count")
    found = said(estate)
    assert found["CIS-AWS-7.0:2.12"].reason == "this snapshot keeps no counts per provider: assess its evidence again"
    assert {found[name].verdict for name in found if name.startswith("CIS-AWS")} == {"unknown"}


SUPPLIED_BY = {
    Fact.SECRET_SCAN: SCAN,
    Fact.WORKLOADS: RUNS,
    Fact.STORED_SECRETS: STORES,
    Fact.GUARDRAILS: GUARDS,
    Fact.AUDIT_LOG: GUARDS,
    Fact.OWNERSHIP: CLAIMS,
}
"""The source that a fact goes with; all others come from the export of the account."""


def estate(rows: list[Row], gone: str | None = None) -> Database:
    """Judged, each fact told by its own source; without one of the sources, if named. The account itself stays known."""
    facts: list[Row] = [
        Coverage(fact=fact, scope=ACCOUNT, status=CoverageStatus.COLLECTED, evidence=SUPPLIED_BY.get(fact, EXPORT), collected_at=FRESH)
        for fact in Fact
    ]
    kept = [*rows, *facts] if gone is None else without_source([*rows, *facts], gone)
    names = {str(getattr(row, "evidence", "") or "").split("#")[0] for row in kept} - {"", "accounts.json"}
    ours = Account(scope=ACCOUNT, provider="aws", name="prod", evidence=f"accounts.json#{ACCOUNT}")
    database = Database.empty()
    told = [source(name) for name in sorted(names)]
    judge(database, [*flat(kept), *told, ours], as_of=AS_OF, pack=load_pack("default"), checks=CHECKS)
    return database


def of_verdict(database: Database, *wanted: str) -> set[str]:
    return {control for control, found in said(database).items() if found.verdict in wanted}


@pytest.mark.heavy
@settings(LAW, max_examples=8)
@given(users, trusts, st.booleans(), st.sampled_from([EXPORT, CLAIMS, SCAN, GUARDS, STORES, RUNS]))
def test_a_source_taken_away_meets_no_control_and_makes_none_inapplicable(
    shape: list[tuple[int, str]], kinds: list[str], guard: bool, gone: str
) -> None:
    log = Enforcement.ENFORCED if guard else Enforcement.OFF
    rows = [*people(shape), *roles(kinds), *guarded(log=log)]
    before, after = estate(rows), estate(rows, gone)
    assert of_verdict(after, "met") - of_verdict(before, "met") == set()
    assert len(of_verdict(after, "met")) <= len(of_verdict(before, "met"))
    assert of_verdict(after, "not_applicable") - of_verdict(before, "not_applicable") == set()


@pytest.mark.heavy
@settings(LAW, max_examples=8)
@given(users, trusts, st.sampled_from(["old key", "exposed key", "unlogged"]))
def test_one_more_failing_subject_meets_no_control(shape: list[tuple[int, str]], kinds: list[str], worse: str) -> None:
    rows = [*people(shape), *roles(kinds)]
    more: dict[str, list[Any]] = {
        "old key": [user("late"), key("late", 9, created_at=OLD, rotated_at=OLD)],
        "exposed key": [user("late"), key("late", 9), exposure(key("late", 9), line=999)],
        "unlogged": guarded(log=Enforcement.OFF)[1:],  # the log alone: an enforced policy beside it would be a subject that passes
    }
    before = estate(rows)
    after = estate([*rows, *flat(more[worse])])
    gained = of_verdict(after, "met") - of_verdict(before, "met")
    # What was empty before (nothing to judge) may be met by a subject that fails something else: it may not have failed here.
    assert gained <= of_verdict(before, "not_applicable")
    assert {control for control in gained if said(after)[control].failed} == set()
