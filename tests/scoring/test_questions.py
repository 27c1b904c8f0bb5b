"""The questions, answered for estates whose numbers are stated by hand."""

from __future__ import annotations

from typing import Any

import pytest

from inventory.model import Coverage, CoverageStatus, Fact, Public, Resource, ScanTarget, Storage, Validity
from scoring.questions import band
from tests.scoring.estates import (
    ACCOUNT,
    FRESH,
    SCAN,
    claimed,
    exposure,
    guarded,
    judged,
    key,
    native,
    policy,
    role,
    role_arn,
    user,
    user_arn,
    vault,
    workload,
)

BANDS = {"yes": 90.0, "no": 10.0}
KEPT = [row for name in ("a", "b", "c") for row in (*user(name), key(name), *policy(user_arn(name), "s3:GetObject"))]
SCANNED = [
    ScanTarget(target_id="acme/app", in_scope=True, scanned=True, scanned_at=FRESH, evidence=f"{SCAN}#acme/app"),
    Coverage(fact=Fact.SECRET_SCAN, scope="acme/app", status=CoverageStatus.COLLECTED, collected_at=FRESH, evidence=SCAN),
]


def answer(question: str, *rows: Any, **more: Any) -> dict[str, Any]:
    (found,) = judged(*rows, **more).rows("SELECT * FROM main.question WHERE question_id = $id", {"id": question})
    return found


def counted(found: dict[str, Any]) -> tuple[str, str, int, int, int]:
    return found["literal"], found["met"], found["numerator"], found["denominator"], found["unknown"]


@pytest.mark.parametrize(("part", "expected"), [(0, "no"), (99, "no"), (100, "partly"), (899, "partly"), (900, "yes"), (1000, "yes")])
def test_bands_begin_at_exactly_ten_and_ninety_percent(part: int, expected: str) -> None:
    assert band(part, 1000, BANDS) == expected


def test_no_scanner_report_is_not_scanned_and_never_clean() -> None:
    assert counted(answer("Q1", KEPT, scanned=False)) == ("unknown", "unknown", 0, 3, 3)


def test_a_fresh_scan_of_everything_that_found_nothing_answers_no_to_hardcoded_credentials() -> None:
    assert counted(answer("Q1", KEPT, SCANNED)) == ("no", "yes", 3, 3, 0)


def test_a_scan_of_half_the_repositories_answers_nothing() -> None:
    other = ScanTarget(target_id="acme/other", in_scope=True, evidence=f"{SCAN}#acme/other")
    assert answer("Q1", KEPT, SCANNED, other)["literal"] == "unknown"


def test_a_scan_without_a_date_answers_nothing() -> None:
    undated = ScanTarget(target_id="acme/app", in_scope=True, scanned=True, evidence=f"{SCAN}#acme/app")
    assert answer("Q1", KEPT, undated)["literal"] == "unknown"


def test_one_live_key_in_code_is_enough_for_a_yes_which_is_bad() -> None:
    assert counted(answer("Q1", KEPT, SCANNED, exposure(key("a")))) == ("yes", "no", 2, 3, 0)


def test_an_unverified_finding_that_matches_nothing_keeps_the_answer_open() -> None:
    found = answer("Q1", KEPT, SCANNED, exposure(None, validity=Validity.UNKNOWN))
    assert found["literal"] != "no"
    assert found["unknown"] == 1


def test_a_manager_counts_for_what_is_known_to_rest_in_it() -> None:
    claims = [claimed(key(name), Storage.SECRETS_MANAGER, store="vault") for name in ("a", "b")]
    assert counted(answer("Q2", KEPT, claims, vault())) == ("unknown", "unknown", 2, 3, 1)
    third = claimed(key("c"), Storage.CONFIG_FILE)
    assert counted(answer("Q2", KEPT, claims, vault(), third)) == ("partly", "partly", 2, 3, 0)


def test_a_manager_that_nobody_approved_proves_nothing() -> None:
    claims = [claimed(key(name), Storage.SECRETS_MANAGER, store="vault") for name in ("a", "b", "c")]
    assert counted(answer("Q2", KEPT, claims, vault(approved=None)))[2:] == (0, 3, 3)


def test_keys_used_directly_do_not_separate_identity_from_access_and_roles_do() -> None:
    assert counted(answer("Q3", KEPT, role("worker", native()))) == ("partly", "partly", 1, 4, 0)


def test_stale_evidence_answers_nothing() -> None:
    assert counted(answer("Q3", KEPT, stale=list(Fact)))[2:] == (0, 3, 3)


def test_workloads_that_nobody_listed_leave_the_fourth_question_open() -> None:
    assert answer("Q4", KEPT, without=(Fact.WORKLOADS,))["literal"] == "unknown"


def test_workloads_that_were_listed_and_are_none_do_not_apply() -> None:
    assert answer("Q4", KEPT)["literal"] == "not_applicable"


def test_a_workload_with_a_role_and_no_key_is_native() -> None:
    rows = [*role("worker", native()), workload("f", identity_id=role_arn("worker"))]
    assert counted(answer("Q4", rows)) == ("yes", "yes", 1, 1, 0)


def test_guarded_logged_and_managed_passes_and_inline_fails() -> None:
    inline = [*role("other", native("other")), *policy(role_arn("other"), "s3:GetObject")]
    assert counted(answer("Q5", role("worker", native()), inline, guarded())) == ("partly", "partly", 1, 2, 0)
    assert counted(answer("Q5", role("worker", native()), without=(Fact.GUARDRAILS, Fact.AUDIT_LOG))) == ("unknown", "unknown", 0, 1, 1)


def bucket(name: str, public: Public) -> Resource:
    return Resource(
        resource_id=name, provider="aws", scope=ACCOUNT, kind="s3_bucket", name=name, public=public, public_reason="r", evidence=f"p#{name}"
    )


def test_one_open_resource_is_a_yes_and_none_of_all_is_a_no() -> None:
    closed = [bucket(str(number), Public.NO) for number in range(4)]
    assert counted(answer("S1", closed)) == ("no", "yes", 4, 4, 0)
    assert counted(answer("S1", closed, bucket("open", Public.YES))) == ("yes", "no", 4, 5, 0)
    assert answer("S1", closed, without=(Fact.RESOURCE_POLICIES,))["literal"] == "unknown"
    assert answer("S1", closed, bucket("x", Public.UNKNOWN))["literal"] == "unknown"
