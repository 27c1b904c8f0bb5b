"""Control ids are literal lists per framework version: what only looks like an id is refused."""

from __future__ import annotations

import pytest

from scoring.catalogue import load
from scoring.compliance import UnknownControlError, frameworks, known, title
from scoring.compliance.mapping import evidence_for_controls, mapping_version
from scoring.packs import load_pack


@pytest.mark.parametrize(
    "reference",
    [
        "NHI7:2025",
        "NIST-800-53r5:IA-5",
        "NIST-800-53r5:IA-5(7)",
        "CSF-2.0:PR.AA-01",
        "ISO-27001-2022:5.17",
        "SOC2:CC6.1",
        "PCI-DSS-4.0:8.6.3",
        "CIS-Controls-8:5.3",
        "CIS-AWS-1.4:1.14",
        "CIS-AWS-4.0:1.14",
        "CIS-AWS-5.0:1.13",
        "CIS-AWS-6.0:2.13",
        "CIS-AWS-7.0:2.12",
        "HIPAA:164.312(d)",
        "NIS2-2024-2690:11.6.2.b",
    ],
)
def test_a_control_of_a_framework_version_is_known(reference: str) -> None:
    assert known(reference)


@pytest.mark.parametrize(
    ("reference", "why"),
    [
        ("CSF-2.0:PR.AC-04", "looks like 2.0; PR.AC is a category of 1.1"),
        ("CSF-2.0:PR.AC-4", "CSF 1.1"),
        ("CSF-1.1:PR.AA-01", "no list for this version"),
        ("CIS-AWS-7.0:1.14", "the number of version 4.0"),
        ("CIS-AWS-5.0:1.21", "the number of version 4.0"),
        ("CIS-AWS:1.14", "no version"),
        ("PCI-DSS-4.0:8.6.3.1", "a sub-id that a tool made up"),
        ("NIST-800-53r5:IA-9(1)", "withdrawn"),
        ("NIST-800-53r5:IA-9(2)", "withdrawn"),
        ("NIST-800-53r5:IA-13", "not in the list that we could verify"),
        ("CIS-Kubernetes-1.12:5.1.99", "no such recommendation"),
        ("CIS-Azure-6.0:6.23", "the number of version 4.0"),
        ("ITGC:APD-01", "the themes have names, no ids"),
        ("NIST-800-53r5:ia-5", "ids are written exactly"),
        ("NHI8:2024", "a typing error in the source; the list is of 2025"),
        ("NHI11:2025", "there are ten"),
        ("OWASP-NHI-2025:NHI7:2025", "OWASP ids carry their own year"),
        ("5.17", "no framework"),
        ("SOX:404", "the law names no controls"),
        ("", "nothing"),
    ],
)
def test_what_only_looks_like_a_control_is_refused(reference: str, why: str) -> None:
    assert not known(reference), why
    with pytest.raises(UnknownControlError, match="no framework version has this control"):
        title(reference)


def test_the_same_rule_has_another_number_in_each_cis_aws_version() -> None:
    numbers = ["CIS-AWS-4.0:1.14", "CIS-AWS-5.0:1.13", "CIS-AWS-6.0:2.13", "CIS-AWS-7.0:2.12"]
    assert {title(number) for number in numbers} == {"Keys rotated within 90 days"}


def test_cis_aws_7_has_dropped_the_rule_of_one_key_per_user() -> None:
    with_rule = [framework.key for framework in frameworks() if "One active key per user" in framework.controls.values()]
    assert with_rule == [f"CIS-AWS-{version}" for version in ("1.4", "1.5", "2.0", "3.0", "4.0", "5.0", "6.0")]


def test_owasp_has_ten_risks() -> None:
    assert list(frameworks()[0].controls) == [f"NHI{number}:2025" for number in range(1, 11)]


def test_every_framework_version_and_every_reference_stands_once() -> None:
    keys = [framework.key for framework in frameworks()]
    references = [reference for framework in frameworks() for reference in framework.controls]
    assert len(keys) == len(set(keys))
    assert len(references) == len(set(references))
    assert all(framework.controls and framework.name and framework.url.startswith("https://") for framework in frameworks())


def test_titles_are_short_words_of_our_own() -> None:
    for framework in frameworks():
        for reference, words in framework.controls.items():
            assert 5 <= len(words) <= 70, reference
            assert title(reference) == words
            assert not words.lower().startswith("ensure"), f"{reference}: reads like the publisher's text"


def test_what_is_said_of_a_control_is_said_of_one_that_exists() -> None:
    for each in frameworks():
        assert each.scope_note
        for table in (each.asks, each.outside, each.limits):
            assert set(table) <= set(each.controls), each.key
        assert all(question.endswith(("?", ".")) for question in each.asks.values())


def test_a_figure_that_a_control_names_is_a_threshold_of_a_check_behind_it() -> None:
    checks = {check.check_id: check for check in load().checks}
    behind: dict[str, set[str]] = {}
    for pair in evidence_for_controls(checks.values(), load_pack("default").thresholds):
        behind.setdefault(pair.control, set()).update(checks[pair.check_id].parameters)
    limits = {control: set(figures) for each in frameworks() for control, figures in each.limits.items()}
    assert limits["CIS-AWS-7.0:2.11"] == {"unused_days"}
    assert {control for control, names in limits.items() if not names <= behind.get(control, set())} == set()


def test_a_rule_is_carried_to_the_other_versions_by_its_title_within_its_family_only() -> None:
    pairs = {(pair.control, pair.check_id) for pair in evidence_for_controls(load().checks, {})}
    root = {control for control, check in pairs if check == "root-access-key" and control.startswith("CIS-AWS")}
    assert root == {
        *("CIS-AWS-1.4:1.4", "CIS-AWS-1.5:1.4", "CIS-AWS-2.0:1.4", "CIS-AWS-3.0:1.4", "CIS-AWS-4.0:1.4"),
        *("CIS-AWS-5.0:1.3", "CIS-AWS-6.0:2.3", "CIS-AWS-7.0:2.4"),
    }
    two_keys = {control for control, check in pairs if check == "user-with-two-active-keys" and control.startswith("CIS-AWS")}
    assert "CIS-AWS-6.0:2.12" in two_keys
    assert not [control for control in two_keys if control.startswith("CIS-AWS-7.0")]


def test_the_version_of_the_mapping_changes_with_what_a_check_speaks_of() -> None:
    checks = load().checks
    assert mapping_version(checks) == mapping_version(tuple(reversed(checks)))
    assert mapping_version(checks) != mapping_version(checks[1:])
