"""scoring/resolve/secret_exposure.sql: many reports, one row per place, never quieter than the loudest of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collectors.document import Document
from collectors.files import decode
from collectors.secret_scanners import COLLECTOR
from inventory.database import Database
from inventory.model import Credential, CredentialKind, SecretExposure, Validity

ROOT = Path(__file__).parents[2]
SQL = (ROOT / "scoring/resolve/secret_exposure.sql").read_text(encoding="utf-8")
REAL = ROOT.parent / "shared/data/secret-scanners"

FIRST, SECOND = "0ad24aee", "77b2a3e5"


def seen(scanner: str, line: int | None = 2, path: str = "app.py", **fields: Any) -> SecretExposure:
    """One scanner's record, of a rule of its own and in a file of its own."""
    row: dict[str, Any] = {
        "exposure_id": f"{scanner}-{path}-{line}",
        "scope": "acme/billing",
        "path": path,
        "line": line,
        "commit_sha": FIRST,
        "location_kind": "git_history",
        "rules": [f"{scanner}:rule"],
        "evidence": f"{scanner}.json#{path}:{line}",
    }
    return SecretExposure(**{**row, **fields})


def resolve(*rows: SecretExposure, credentials: Iterable[Credential] = ()) -> list[dict[str, Any]]:
    with Database.empty() as database:
        database.insert(rows, schema="seen")
        database.insert(credentials)
        database.execute(SQL)
        return database.rows("SELECT * FROM secret_exposure ORDER BY scope, path, line, commit_sha, exposure_id")


def place(*rows: SecretExposure, credentials: Iterable[Credential] = ()) -> dict[str, Any]:
    (row,) = resolve(*rows, credentials=credentials)
    return row


def key(credential_id: str, fingerprint: str | None) -> Credential:
    return Credential(
        credential_id=credential_id,
        provider="aws",
        name=credential_id,
        kind=CredentialKind.ACCESS_KEY,
        fingerprint=fingerprint,
        evidence="gaad.json#x",
    )


# ------------------------------------------------------------------------------------------------------------ what is a place

PLACES = {
    # path, line -> who reports it; by hand from five real reports of one synthetic repository
    (".mcp.json", 1): ["gitleaks", "trufflehog", "betterleaks", "kingfisher", "detect-secrets", "detect-secrets"],
    ("app.py", 2): ["gitleaks", "trufflehog", "betterleaks", "kingfisher", "detect-secrets"],
    ("app.py", 3): ["gitleaks", "detect-secrets", "detect-secrets", "detect-secrets"],
    ("app.py", 4): ["gitleaks", "trufflehog", "betterleaks", "kingfisher", "detect-secrets", "detect-secrets"],
    ("app.py", 5): ["betterleaks", "kingfisher"],
    ("config.yaml", 1): ["gitleaks", "betterleaks"],
    ("config.yaml", 2): ["gitleaks", "trufflehog", "betterleaks", "kingfisher"],
    ("deploy_key.pem", 1): ["gitleaks", "trufflehog", "betterleaks", "kingfisher", "detect-secrets"],
}
WITHOUT_COMMIT = {"detect-secrets", "kingfisher"}


def test_34_records_of_five_scanners_are_8_places() -> None:
    rows = [
        seen(scanner, line, path, rules=[f"{scanner}:rule-{number}"], commit_sha=None if scanner in WITHOUT_COMMIT else FIRST)
        for (path, line), scanners in PLACES.items()
        for number, scanner in enumerate(scanners)
    ]
    assert len(rows) == 34
    assert [(row["path"], row["line"], row["commit_sha"]) for row in resolve(*rows)] == [
        (path, line, FIRST) for path, line in sorted(PLACES)
    ]


@pytest.mark.skipif(not REAL.is_dir(), reason="the folder of real reports is not here")
def test_five_real_reports_of_one_repository_are_8_places_and_a_sixth_adds_none() -> None:
    reports = ["baseline.json", "betterleaks.json", "gitleaks.json", "kingfisher.json", "trufflehog.jsonl", "gitleaks.sarif"]
    rows = [row for name in reports for row in exposures_of(REAL / name)]
    assert len(rows) == 34 + 7
    assert [(row["path"], row["line"]) for row in resolve(*rows)] == sorted(PLACES)


def exposures_of(path: Path) -> list[SecretExposure]:
    doc = Document(source_id=path.name, values=decode(path.read_bytes()).values, scope="leakrepo", key=b"key")
    form = next(form for form in COLLECTOR.formats if form.matches(doc))
    return [row for row in form.rows(doc) if isinstance(row, SecretExposure)]


def test_repository_path_line_and_commit_each_make_another_place() -> None:
    rows = [seen("a"), seen("a", scope="acme/portal"), seen("a", path="b.py"), seen("a", line=3), seen("a", commit_sha=SECOND)]
    found = resolve(*rows)
    assert len(found) == 5
    assert len({row["exposure_id"] for row in found}) == 5


def test_an_unknown_repository_is_one_place_for_all_who_do_not_name_it_and_no_named_one() -> None:
    assert [row["scope"] for row in resolve(seen("a", scope=None), seen("b", scope=None), seen("c"))] == ["acme/billing", None]


def test_a_record_without_commit_joins_the_only_commit_of_its_line() -> None:
    found = place(seen("gitleaks"), seen("baseline", commit_sha=None, location_kind="source_code"))
    assert (found["commit_sha"], found["location_kind"]) == (FIRST, "source_code")
    assert place(seen("gitleaks", scope=None), seen("baseline", scope=None, commit_sha=None))["commit_sha"] == FIRST


def test_a_record_without_commit_stays_by_itself_where_several_commits_or_none_touched_its_line() -> None:
    several = resolve(seen("gitleaks"), seen("gitleaks", commit_sha=SECOND), seen("baseline", commit_sha=None))
    assert [row["commit_sha"] for row in several] == [FIRST, SECOND, None]
    assert len(resolve(seen("gitleaks", line=9), seen("baseline", commit_sha=None))) == 2


def test_different_secrets_in_one_file_without_lines_are_not_one_place() -> None:
    layer: dict[str, Any] = {"line": None, "commit_sha": None, "path": ".env", "location_kind": "container_image"}
    first, second = seen("a", fingerprints=["f1"], **layer), seen("a", fingerprints=["f2"], **layer)
    assert len(resolve(first, second, dataclasses.replace(first, evidence="other.json#x"))) == 2
    assert len(resolve(seen("a", **layer), seen("b", **layer))) == 2, "nothing says that two rules mean one secret"


def test_a_place_has_the_same_id_whoever_reports_it() -> None:
    assert place(seen("a"))["exposure_id"] == place(seen("b"), seen("c"))["exposure_id"]


# ------------------------------------------------------------------------------------------------------------- what it says


def test_rules_and_fingerprints_are_the_sorted_sum_of_all_reports() -> None:
    found = place(
        seen("b", rules=["b:x"], fingerprints=["f2", "f1"]),
        seen("a", rules=["a:y"], fingerprints=["f2"]),
        seen("a", rules=["a:x"], evidence="a.json#1"),
    )
    assert (found["rules"], found["fingerprints"], found["evidence"]) == (["a:x", "a:y", "b:x"], ["f1", "f2"], "a.json#1")


def test_the_most_telling_kind_wins() -> None:
    kinds = [CredentialKind.UNKNOWN, CredentialKind.API_KEY, CredentialKind.PAT]
    named = [seen(name, credential_kind=kind) for name, kind in zip("abc", kinds, strict=True)]
    assert [place(*named[:count])["credential_kind"] for count in (1, 2, 3)] == ["unknown", "api_key", "pat"]


def test_author_date_and_visibility_come_from_whoever_knows_them() -> None:
    found = place(seen("a"), seen("b", author="Ana", introduced_at=datetime(2026, 5, 4), public=False), seen("c", public=True))
    assert (found["author"], found["introduced_at"], found["public"]) == ("Ana", datetime(2026, 5, 4), True)
    assert place(seen("a"))["public"] is None


ACTIVE, INACTIVE, UNKNOWN = Validity.ACTIVE, Validity.INACTIVE, Validity.UNKNOWN


@pytest.mark.parametrize(
    ("verdicts", "validity"),
    [
        ([UNKNOWN], "unknown"),
        ([INACTIVE], "inactive"),
        ([INACTIVE, UNKNOWN], "inactive"),
        ([ACTIVE, UNKNOWN], "active"),
        ([ACTIVE, INACTIVE], "active"),
    ],
)
def test_active_beats_inactive_beats_unknown(verdicts: Sequence[Validity], validity: str) -> None:
    assert place(*(seen(f"scanner{number}", validity=verdict) for number, verdict in enumerate(verdicts)))["validity"] == validity


def test_a_report_that_leaves_one_secret_of_a_line_open_does_not_call_the_line_dead() -> None:
    alerts = [seen("github", validity=INACTIVE, evidence="alerts.json#1"), seen("github", validity=UNKNOWN, evidence="alerts.json#2")]
    assert place(*alerts)["validity"] == "unknown"


RESOLVED = {"state": "resolved"}


@pytest.mark.parametrize(
    ("reports", "state", "resolution"),
    [
        ([{}], "open", None),
        ([{**RESOLVED, "resolution": "false_positive"}], "resolved", "false_positive"),
        ([{**RESOLVED, "resolution": "used_in_tests"}, {}], "open", None),
        ([{**RESOLVED, "resolution": "revoked", "validity": INACTIVE}, {}], "open", None),
        ([{**RESOLVED, "resolution": "revoked"}, {**RESOLVED, "resolution": "false_positive"}], "resolved", "revoked"),
        ([{**RESOLVED, "resolution": "false_positive", "validity": ACTIVE}], "open", "false_positive"),
        ([{**RESOLVED, "resolution": "wont_fix"}], "open", "wont_fix"),
    ],
)
def test_a_place_is_resolved_only_if_every_report_says_so_and_nothing_contradicts(
    reports: list[dict[str, Any]], state: str, resolution: str | None
) -> None:
    found = place(*(seen(f"scanner{number}", **report) for number, report in enumerate(reports)))
    assert (found["state"], found["resolution"]) == (state, resolution)


# ------------------------------------------------------------------------------------------------------- whose credential


def test_a_credential_is_found_by_fingerprint_and_the_smallest_stands_for_several() -> None:
    credentials = [key("c3", "f2"), key("c2", "f1"), key("c1", None), key("c0", "f9")]
    assert place(seen("a", fingerprints=["f1", "f2"]), credentials=credentials)["credential_id"] == "c2"
    assert place(seen("a", fingerprints=[]), credentials=credentials)["credential_id"] is None


def test_a_declared_credential_stands_where_nothing_matches() -> None:
    assert place(seen("a", credential_id="c7"), credentials=[key("c1", "f1")])["credential_id"] == "c7"
    assert place(seen("a", credential_id="c7", fingerprints=["f1"]), credentials=[key("c1", "f1")])["credential_id"] == "c1"


def test_no_reports_no_places() -> None:
    assert resolve() == []


# ------------------------------------------------------------------------------------------------------------------- laws

records = st.builds(
    seen,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([None, 1, 2]),
    scope=st.sampled_from([None, "acme/billing"]),
    commit_sha=st.sampled_from([None, FIRST, SECOND]),
    location_kind=st.sampled_from(["source_code", "git_history", "other"]),
    credential_kind=st.sampled_from([CredentialKind.UNKNOWN, CredentialKind.API_KEY, CredentialKind.PAT, CredentialKind.ACCESS_KEY]),
    fingerprints=st.lists(st.sampled_from(["f1", "f2"]), max_size=2, unique=True),
    rules=st.lists(st.sampled_from(["a:x", "a:y", "b:x"]), min_size=1, max_size=2, unique=True),
    author=st.sampled_from([None, "Ana", "Bo"]),
    public=st.sampled_from([None, True, False]),
    validity=st.sampled_from(list(Validity)),
    state=st.sampled_from(["open", "resolved"]),
    resolution=st.sampled_from([None, "revoked", "wont_fix"]),
    evidence=st.sampled_from(["a.json#1", "a.json#2", "b.json#1"]),
)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
CREDENTIALS = [key("c1", "f2"), key("c2", "f1")]


@pytest.mark.heavy
@few
@given(rows=st.lists(records, max_size=8), data=st.data())
def test_neither_order_nor_repetition_of_records_changes_anything(rows: list[SecretExposure], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations([*rows, *rows[:2]]))
    assert resolve(*shuffled, credentials=CREDENTIALS) == resolve(*rows, credentials=CREDENTIALS)


@pytest.mark.heavy
@few
@given(rows=st.lists(records, min_size=1, max_size=8))
def test_no_place_is_quieter_than_its_loudest_report(rows: list[SecretExposure]) -> None:
    found = resolve(*rows, credentials=CREDENTIALS)
    assert len({row["exposure_id"] for row in found}) == len(found)
    for row in rows:
        same = [place for place in found if (place["scope"], place["path"], place["line"]) == (row.scope, row.path, row.line)]
        around = [place for place in same if set(row.rules) <= set(place["rules"]) and set(row.fingerprints) <= set(place["fingerprints"])]
        assert around
        if row.state == "open":
            assert any(place["state"] == "open" for place in around)
        if row.validity is Validity.ACTIVE:
            assert any((place["state"], place["validity"]) == ("open", "active") for place in around)
        if row.fingerprints:
            assert all(place["credential_id"] for place in around)
