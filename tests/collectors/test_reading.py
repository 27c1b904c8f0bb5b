"""Reading a folder: every file is recognised by what it holds, and no bad file or record stops the rest."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import COLLECTORS
from collectors.document import Document, FormatError, Problem
from collectors.files import decode
from collectors.reading import Evidence, read
from inventory.database import Database
from inventory.model import Coverage, CoverageStatus, Credential, Fact, Identity, Row, Sighting
from tests.exports import (
    ACCOUNT,
    KEY_ID,
    OTHER_ACCOUNT,
    REPOSITORY,
    access_key,
    access_keys,
    credential_report,
    credential_report_answer,
    estate,
    function,
    gaad,
    gitleaks,
    inline,
    manifest,
    old_dialect,
    policy,
    report_row,
    role,
    role_arn,
    secret,
    statement,
    task_definition,
    user,
    user_arn,
    write,
)

KEY = b"k" * 32
FORMATS = [form for collector in COLLECTORS for form in collector.formats]


def read_files(folder: Path, files: dict[str, Any]) -> Evidence:
    return read([write(folder, files)], COLLECTORS, key=KEY)


def messages(evidence: Evidence) -> list[str]:
    return [str(warning) for warning in evidence.warnings]


def statuses(evidence: Evidence) -> dict[str, str]:
    return {source.source_id: source.status for source in evidence.sources}


def names(evidence: Evidence) -> set[str]:
    return {row.name for row in evidence.rows if isinstance(row, Identity)}


def coverage(evidence: Evidence, fact: Fact) -> dict[str, CoverageStatus]:
    return {row.scope: row.status for row in evidence.rows if isinstance(row, Coverage) and row.fact is fact}


def storable(evidence: Evidence) -> None:
    """The rows fit into the store."""
    with Database.empty() as database:
        database.insert([*evidence.rows, *evidence.sources], schema="seen")


# --- bad files


BAD_FILES = {
    "binary.json": (b"\x7fELF\x01\x00\x00", "binary, not an export: nothing to read"),
    "empty.json": (b"", "empty: nothing in it"),
    "header.csv": (
        b"user,arn,colour\nana,x,red\n",
        "CSV with the columns user, arn, colour: no format with this header; see docs/formats.md",
    ),
    "keys.json": (b'{"Widgets": []}', "JSON with the keys Widgets: no format that looks like this; see docs/formats.md"),
    "text.txt": (b"hello\n", "plain text: neither JSON, CSV nor XLSX"),
    "truncated.json": (b'{"RoleDetailList": [{"Arn": ', "truncated JSON at line 1, column 29: export it again"),
    "list.json": (b"[]", "an empty list: it does not say of what there is none; nothing is taken"),
    "trail.json": (b'{"Records": []}', "CloudTrail log: not read by this version"),
}


def test_every_bad_file_gets_one_line_and_the_good_one_is_read(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"good.json": gaad(roles=[role("worker")]), **{name: content for name, (content, _) in BAD_FILES.items()}})
    assert names(found) == {"worker"}
    assert messages(found) == [f"{name}: {reason}" for name, (_, reason) in sorted(BAD_FILES.items())]
    assert {name for name, status in statuses(found).items() if status in ("unreadable", "unsupported")} == set(BAD_FILES)


def test_a_credential_report_without_a_column_says_which(tmp_path: Path) -> None:
    report = credential_report([report_row("ana")]).replace("password_enabled", "passwort_an")
    found = read_files(tmp_path, {"report.csv": report})
    assert messages(found) == ["report.csv: a credential report without the column password_enabled: its header is not AWS's"]
    assert statuses(found) == {"report.csv": "unreadable"}


def test_a_table_without_a_header_never_shows_its_first_row(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"keys.csv": "AKIA1234,wJalrXUtnFEMI/K7MDENG\n", "map.json": {"sk_live_51H8": 1, "b": 2}})
    assert messages(found) == [
        "keys.csv: CSV with 2 columns: no format with this header; see docs/formats.md",
        "map.json: JSON with 2 keys: no format that looks like this; see docs/formats.md",
    ]


def test_a_message_stays_one_line_whatever_the_names_hold(tmp_path: Path) -> None:
    (tmp_path / "two\nlines#1.json").write_text("{")
    (tmp_path / os.fsdecode(b"\xff\x1b[31m.json")).write_text(json.dumps(gaad(roles=[role("worker")])))
    found = read([tmp_path], COLLECTORS, key=KEY)
    assert messages(found) == ["two%0Alines%231.json: truncated JSON at line 1, column 2: export it again"]
    assert statuses(found) == {"two%0Alines%231.json": "unreadable", "%FF%1B[31m.json": "read"}
    storable(found)


def test_a_file_of_a_known_kind_and_an_impossible_shape_is_told_alone(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"a.json": {"Functions": 7}, "b.json": gaad(roles=[role("worker")])})
    assert messages(found) == ["a.json#Functions: not read: it is not a list"]
    assert names(found) == {"worker"}


def test_a_path_that_does_not_exist_is_the_callers_mistake(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no such file or folder"):
        read([tmp_path / "gone"], COLLECTORS, key=KEY)


# --- bad records in good files


def test_a_malformed_record_is_named_and_the_others_are_kept(tmp_path: Path) -> None:
    nameless = {key: value for key, value in role("nameless").items() if key != "RoleName"}
    found = read_files(tmp_path, {"gaad.json": gaad(roles=[role("worker"), "no record", nameless, role("other")])})
    assert names(found) == {"worker", "other"}
    assert statuses(found) == {"gaad.json": "partial"}
    lines = messages(found)
    assert len(lines) == 2
    assert lines[0].startswith("gaad.json#RoleDetailList[1]: not read: ")
    assert lines[1] == "gaad.json#RoleDetailList[2]: not read: lacks 'RoleName'"


def test_what_a_file_covers_is_not_whole_when_a_record_of_it_is_lost(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"gaad.json": gaad(roles=[role("worker"), {"RoleName": "lost"}])})
    assert coverage(found, Fact.IDENTITIES) == {ACCOUNT: CoverageStatus.UNREADABLE}
    reasons = {row.reason for row in found.rows if isinstance(row, Coverage)}
    assert reasons == {"1 record of gaad.json could not be read: correct or export again"}


def test_a_field_of_the_wrong_kind_loses_its_record_and_not_the_run(tmp_path: Path) -> None:
    roles = [role("worker"), role("number", RoleName=7), role("list", RoleName=["x"]), role("huge")]
    found = read_files(tmp_path, {"gaad.json": gaad(roles=roles), "leaks.json": [gitleaks("v" * 20, line=10**30), gitleaks("w" * 20)]})
    assert names(found) == {"worker", "huge"}
    assert f"gaad.json#RoleDetailList[{role_arn('number')}]: not read: name is not text" in messages(found)
    storable(found)


def test_half_a_surrogate_pair_in_a_name_is_stored_as_a_question_mark(tmp_path: Path) -> None:
    text = json.dumps(gaad(roles=[role("worker")])).replace('"RoleName": "worker"', '"RoleName": "w\\ud800"')
    found = read_files(tmp_path, {"gaad.json": text})
    assert names(found) == {"w?"}
    storable(found)


def test_a_date_in_the_year_9999_is_named_and_left_unknown(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"gaad.json": gaad(roles=[role("worker", CreateDate="9999-12-31T00:00:00Z")])})
    (worker,) = (row for row in found.rows if isinstance(row, Identity))
    assert worker.created_at is None
    assert messages(found) == [
        f"gaad.json#RoleDetailList[{role_arn('worker')}]: CreateDate: '9999-12-31T00:00:00Z' is not a plausible date "
        "(before 1990 or after 2199); left unknown"
    ]
    assert coverage(found, Fact.IDENTITIES) == {ACCOUNT: CoverageStatus.COLLECTED}


def test_a_report_made_in_the_year_9999_is_read_without_its_date(tmp_path: Path) -> None:
    answer = credential_report_answer(credential_report([report_row("svc")])) | {"GeneratedTime": "9999-01-01T00:00:00Z"}
    found = read_files(tmp_path, {"report.json": answer})
    assert names(found) == {"svc"}
    assert messages(found)[0].startswith("report.json#Content: GeneratedTime: '9999-01-01T00:00:00Z' is not a plausible date")


def test_a_record_nested_too_deeply_loses_itself_alone(tmp_path: Path) -> None:
    deep: Any = "*"
    for _ in range(900):
        deep = [deep]
    bottomless = role("bottomless", RolePolicyList=inline("p", policy({"Effect": "Allow", "Action": "s3:*", "Resource": deep})))
    found = read_files(tmp_path, {"gaad.json": gaad(roles=[role("worker"), bottomless]), "x.json": gaad(roles=[role("other")])})
    assert "other" in names(found)
    storable(found)


def test_a_user_of_whom_one_key_is_unreadable_was_not_looked_at(tmp_path: Path) -> None:
    keys = access_keys(access_key("svc", KEY_ID), {"UserName": "svc", "Status": "Active"})
    found = read_files(tmp_path, {"keys.json": keys, "manifest.json": manifest({"keys.json": ACCOUNT})})
    assert [row for row in found.rows if isinstance(row, Sighting) and row.subject_kind == "access_keys"] == []
    assert coverage(found, Fact.ACCESS_KEYS) == {ACCOUNT: CoverageStatus.UNREADABLE}


def test_a_user_with_keys_beyond_the_reports_columns_was_not_looked_at(tmp_path: Path) -> None:
    rows = [report_row("plain"), report_row("more", additional_credentials_info="1 more access key")]
    found = read_files(tmp_path, {"report.csv": credential_report(rows)})
    looked_at = {row.subject_id for row in found.rows if isinstance(row, Sighting) and row.subject_kind == "access_keys"}
    assert looked_at == {user_arn("plain")}


# --- good files in every dress


@pytest.mark.parametrize(
    "dress",
    [
        lambda report: report,
        old_dialect,
        lambda report: report.replace("\n", "\r\n"),
        lambda report: report.replace(",", ";"),
        lambda report: report.encode("utf-16"),
        lambda report: b"\xef\xbb\xbf" + report.encode(),
        credential_report_answer,
    ],
    ids=["today", "old dialect", "CRLF", "semicolons", "UTF-16", "UTF-8 with BOM", "API answer"],
)
def test_a_credential_report_says_the_same_in_every_dress(tmp_path: Path, dress: Any) -> None:
    report = credential_report([report_row("<root_account>", password_enabled="not_supported"), report_row("svc", mfa_active="true")])
    found = read_files(tmp_path, {"report": dress(report)})
    (key,) = (row for row in found.rows if isinstance(row, Credential) and row.kind == "access_key")
    assert (key.identity_id, key.status, key.created_at, key.last_used_at, key.last_used_service) == (
        user_arn("svc"),
        "active",
        datetime(2024, 3, 1, 9, 5),
        datetime(2026, 9, 25, 8),
        "s3",
    )
    assert names(found) == {"root", "svc"}


def test_three_pages_in_one_file_are_one_account(tmp_path: Path) -> None:
    pages = [gaad(roles=[role(name)], truncated=name != "c") for name in "abc"]
    found = read_files(tmp_path, {"gaad.json": "\n".join(json.dumps(page, indent=1) for page in pages)})
    assert names(found) == {"a", "b", "c"}
    assert coverage(found, Fact.IDENTITIES) == {ACCOUNT: CoverageStatus.COLLECTED}


def test_a_missing_last_page_leaves_the_account_partial(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"page1.json": gaad(roles=[role("a")], truncated=True)})
    assert coverage(found, Fact.IDENTITIES) == {ACCOUNT: CoverageStatus.PARTIAL}


def test_a_broken_line_of_json_lines_is_named_and_the_scan_is_not_whole(tmp_path: Path) -> None:
    lines = [json.dumps(answer) for answer in (function_page("a"), function_page("b"))]
    found = read_files(tmp_path, {"functions.jsonl": f"{lines[0]}\n{lines[1][:40]}\n"})
    assert messages(found) == ["functions.jsonl#line 2: not read: it is not JSON"]
    assert coverage(found, Fact.WORKLOADS) == {ACCOUNT: CoverageStatus.UNREADABLE}


def function_page(name: str) -> dict[str, Any]:
    return {"Functions": [function(name, "worker")]}


def test_several_accounts_in_one_folder_stay_apart(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"one.json": gaad(roles=[role("a")]), "two.json": gaad(roles=[role("b", account=OTHER_ACCOUNT)])})
    assert coverage(found, Fact.IDENTITIES) == {ACCOUNT: CoverageStatus.COLLECTED, OTHER_ACCOUNT: CoverageStatus.COLLECTED}


def test_the_same_file_under_two_names_is_noted(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"a.json": gaad(roles=[role("worker")]), "copy/of-a.json": gaad(roles=[role("worker")])})
    assert messages(found) == ["copy/of-a.json: the same content as a.json: counted once, leave one out"]


def test_the_same_content_about_two_repositories_is_not_the_same(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"a.json": "[]", "b.json": "[]", "manifest.json": manifest({"a.json": "acme/a", "b.json": "acme/b"})})
    assert messages(found) == []


# --- bundles


def test_a_bundle_tells_date_label_and_scope(tmp_path: Path) -> None:
    files = {"leaks.json": [gitleaks("v" * 20)], "manifest.json": manifest({"leaks.json": REPOSITORY}, label="Q3-2026", as_of="2026-09-30")}
    found = read_files(tmp_path, files)
    assert (found.label, found.as_of) == ("Q3-2026", datetime(2026, 9, 30))
    source = next(source for source in found.sources if source.source_id == "leaks.json")
    assert (source.scope, source.collected_at, source.collected_basis) == (REPOSITORY, datetime(2026, 9, 28, 12), "manifest")


def test_a_zipped_bundle_says_as_much_as_its_folder(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "bundle", estate() | {"manifest.json": manifest({"gitleaks.json": REPOSITORY, "gone.json": "x"}, label="Q3-2026")}
    )
    with zipfile.ZipFile(tmp_path / "bundle.zip", "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, f"bundle/{path.name}")
    plain, packed = read([folder], COLLECTORS, key=KEY), read([tmp_path / "bundle.zip"], COLLECTORS, key=KEY)

    assert packed.label == plain.label == "Q3-2026"
    assert [(source.format, source.scope, source.records) for source in packed.sources] == [
        (source.format, source.scope, source.records) for source in plain.sources
    ]
    assert messages(packed) == ["bundle.zip!/bundle/manifest.json: names gone.json, which is not there: what it says is missing"]


def test_a_file_that_the_manifest_names_and_nobody_sent_is_reported(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"manifest.json": manifest({"gaad.json": ACCOUNT})})
    assert messages(found) == ["manifest.json: names gaad.json, which is not there: what it says is missing"]


def test_a_file_changed_since_it_was_collected_is_noted(tmp_path: Path) -> None:
    entry = {"path": "gaad.json", "sha256": "0" * 64}
    found = read_files(tmp_path, {"gaad.json": gaad(roles=[role("a")]), "manifest.json": {"bundle_version": 1, "files": [entry]}})
    assert messages(found) == ["gaad.json: changed since it was collected: its hash is not the manifest's"]


def test_a_manifest_finds_files_whose_names_had_to_be_rewritten(tmp_path: Path) -> None:
    found = read_files(tmp_path, {"a#1.json": [gitleaks("v" * 20)], "manifest.json": manifest({"a#1.json": REPOSITORY})})
    assert messages(found) == []
    assert {source.source_id: source.scope for source in found.sources}["a%231.json"] == REPOSITORY


# --- whatever a file holds


GOOD: dict[str, Any] = {
    **estate(),
    "ecs.json": task_definition("batch", "worker", {"API_TOKEN": "not-a-real-value-4"}),
    "report.json": credential_report_answer(credential_report([report_row("svc")])),
    "last-used.json": {"AccessKeyId": KEY_ID, "AccessKeyLastUsed": {"LastUsedDate": "2026-09-01T00:00:00Z", "ServiceName": "s3"}},
    "accessed.json": {"Arn": role_arn("worker"), "JobStatus": "COMPLETED", "ServicesLastAccessed": [{"ServiceNamespace": "s3"}]},
    "users.json": {"Users": [user("svc")], "Roles": [role("worker")]},
    "special.json": {"ServiceSpecificCredentials": [{"UserName": "svc", "ServiceSpecificCredentialId": "ACCA1", "Status": "Active"}]},
    "policies.json": {"ResourceArn": "arn:aws:s3:::b", "Policy": json.dumps(policy({**statement("s3:*"), "Principal": "*"}))},
    "scp.json": {"Policy": {"PolicySummary": {"Id": "p-1", "Name": "n"}, "Content": json.dumps(policy(statement("*")))}, "Targets": []},
    "trails.json": {
        "trailList": [{"TrailARN": f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/t", "Name": "t", "IsMultiRegionTrail": True}]
    },
    "status.json": {"TrailARN": f"arn:aws:cloudtrail:eu-central-1:{ACCOUNT}:trail/t", "IsLogging": True},
    "accounts.json": {"Accounts": [{"Id": ACCOUNT, "Arn": f"arn:aws:organizations::{ACCOUNT}:account/o-1/{ACCOUNT}"}]},
    "urls.json": {"FunctionUrlConfigs": [{"FunctionArn": f"arn:aws:lambda:eu-central-1:{ACCOUNT}:function:f", "AuthType": "NONE"}]},
    "instances.json": {"Reservations": [{"OwnerId": ACCOUNT, "Instances": [{"InstanceId": "i-1", "State": {"Name": "running"}}]}]},
    "secret.json": {"SecretList": [secret("a", Tags=[{"Key": "team", "Value": "x"}])]},
}
JSON_FILES = {name: content for name, content in GOOD.items() if not isinstance(content, str) and name != "manifest.json"}
JUNK: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 0, -1, 10**30, 1.5, float("nan"), "", "x", "\ud800", "9999-01-01", [], {}, [None], {"a": None}, [[]], {"Arn": 1}]
)


def slots(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON value."""
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from slots(inner, (*path, key))


def replaced(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    if not path:
        return new
    changed = value.copy()
    changed[path[0]] = replaced(value[path[0]], path[1:], new)
    return changed


@pytest.mark.heavy
@given(st.data())
def test_no_spoiled_record_stops_the_run_or_reaches_the_store_half(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(JSON_FILES)))
    value = JSON_FILES[name]
    for _ in range(data.draw(st.integers(1, 3))):
        value = replaced(value, data.draw(st.sampled_from(list(slots(value)))), data.draw(JUNK))
    with tempfile.TemporaryDirectory() as folder:
        found = read_files(Path(folder), {"spoiled.json": json.dumps(value), "good.json": gaad(roles=[role("control")])})
    assert "control" in names(found)
    assert all(len(line.splitlines()) == 1 for line in messages(found))
    storable(found)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(sorted({key for value in JSON_FILES.values() if isinstance(value, dict) for key in value})), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(ANYTHING)
def test_recognising_a_format_never_raises(value: Any) -> None:
    document = Document(source_id="x.json", values=(value,))
    for form in FORMATS:
        assert form.matches(document) in (True, False)


@pytest.mark.parametrize("name", sorted(set(GOOD) - {"manifest.json"}))
def test_every_good_file_belongs_to_exactly_one_format_and_has_no_problems(name: str) -> None:
    content = GOOD[name]
    text = content if isinstance(content, str) else json.dumps(content)
    decoded = decode(text.encode())
    document = Document(source_id=name, values=decoded.values, table=decoded.table, header=decoded.header, key=KEY, scope=ACCOUNT)
    matching = [form for form in FORMATS if form.matches(document)]
    assert len(matching) == 1
    assert [item for item in rows(document) if isinstance(item, Problem)] == []


def rows(document: Document) -> list[Row | Problem]:
    form = next(form for form in FORMATS if form.matches(document))
    try:
        return list(form.rows(document))
    except FormatError as error:
        return [Problem(record="", message=str(error))]
