"""The fill-in template: what a person types becomes rows that say they are declared, and nothing more."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.document import Document, Problem
from collectors.files import decode
from collectors.template import COLLECTOR, write_template
from collectors.template.sheets import NOT_ASKED, SHEETS, WORDS
from inventory.database import Database, schema_sql
from inventory.model import FIELDS, TABLE_OF, Coverage, CoverageStatus, Credential, Fact, Identity

(FORMAT,) = COLLECTOR.formats

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
ROLE = "arn:aws:iam::111122223333:role/deploy"


def sheets(**filled: list[dict[str, str]]) -> Document:
    """A workbook as it is decoded, with the template's Read me."""
    read_me = ({"NHI posture template": "How to fill, 1"},)
    return Document(source_id="declared.xlsx", sheets={"Read me": read_me, **{n: tuple(r) for n, r in filled.items()}}, key=b"k")


def csv_of(text: str) -> Document:
    content = decode(text.encode())
    return Document(source_id="declared.csv", table=content.table, header=content.header, key=b"k")


def read(doc: Document) -> tuple[list[Any], list[str]]:
    """Rows, and problems as `record: message`."""
    items = list(FORMAT.rows(doc))
    problems = [f"{item.record}: {item.message}" for item in items if isinstance(item, Problem)]
    return [item for item in items if not isinstance(item, Problem)], problems


def one(doc: Document) -> Any:
    rows, problems = read(doc)
    assert problems == []
    (row,) = rows
    return row


def document(path: Path) -> Document:
    content = decode(path.read_bytes())
    return Document(source_id=path.name, table=content.table, header=content.header, sheets=content.sheets, key=b"k")


# ---------------------------------------------------------------------------------------------------- the form


def test_every_sheet_asks_for_the_columns_of_its_table_and_no_others() -> None:
    for sheet in SHEETS.values():
        assert sheet.table == TABLE_OF[sheet.kind]
        assert set(sheet.columns) == set(FIELDS[sheet.kind]) - NOT_ASKED
        assert set(sheet.required) <= set(sheet.columns)


def test_there_is_a_sheet_for_everything_a_person_could_know() -> None:
    asked = "account identity credential trust workload secret_store secret_exposure scan_target resource guardrail usage owner ownership"
    assert list(SHEETS) == asked.split()


def test_an_identity_needs_only_a_name_and_a_kind() -> None:
    assert SHEETS["identity"].required == ("name", "kind")


def test_every_table_and_every_column_is_explained_in_the_words_of_the_data_model() -> None:
    assert SHEETS["ownership"].meaning == "Who answers for an identity."
    assert SHEETS["credential"].columns["rotation_days"].meaning == "automatic rotation interval"
    assert SHEETS["identity"].columns["created_at"].meaning == "empty: not said"


def test_words_that_the_model_keeps_as_text_are_the_words_of_the_data_model() -> None:
    for (table, column), words in WORDS.items():
        body = re.search(rf"CREATE TABLE {table} \((.*?)^\);", schema_sql(), re.DOTALL | re.MULTILINE)
        assert body is not None
        (comment,) = re.findall(rf"^ +{column} .*?-- (.*)$", body[1], re.MULTILINE)
        # `workload_policy (SCP, RCP, permission guard), audit_log`
        assert tuple(re.sub(r" \([^)]*\)", "", comment).split(", ")) == words, f"{table}.{column}"


# ------------------------------------------------------------------------------------------------ write and read back


def test_an_empty_workbook_is_recognised_and_says_nothing(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx")
    doc = document(tmp_path / "template.xlsx")
    assert FORMAT.matches(doc)
    assert read(doc) == ([], [])


def test_an_empty_folder_of_csv_files_is_recognised_and_says_nothing(tmp_path: Path) -> None:
    write_template(tmp_path / "forms")
    written = sorted((tmp_path / "forms").iterdir())
    assert [path.stem for path in written] == sorted([*SHEETS, "read_me"])
    for path in written:
        assert FORMAT.matches(document(path)), path.name
        assert read(document(path)) == ([], []), path.name


def test_a_workbook_filled_in_a_spreadsheet_comes_back_as_rows(tmp_path: Path) -> None:
    path = tmp_path / "filled.xlsx"
    write_template(path)
    book: Any = openpyxl.load_workbook(path)
    fill(book["identity"], name="robot-7", kind="Bot user", scope="005511223344", created_at=datetime(2025, 3, 1, 9, 30))
    fill(book["credential"], identity_id="robot-7", name="robot password", kind="password", storage="config_file", rotation_days=90)
    fill(book["secret_store"], kind="vault", name="vault-prod", approved=True)
    book.save(path)

    rows, problems = read(document(path))

    assert problems == []
    identity, credential, store = rows
    assert (identity.identity_id, identity.kind, identity.created_at) == (
        "declared:005511223344/robot-7",
        "bot_user",
        datetime(2025, 3, 1, 9, 30),
    )
    assert (credential.identity_id, credential.storage, credential.rotation_days) == (identity.identity_id, "config_file", 90)
    assert (store.approved, store.access_logged) == (True, None)


def fill(page: Any, **cells: object) -> None:
    headers = [str(cell.value).rstrip(" *") for cell in page[1]]
    page.append([cells.pop(header, None) for header in headers])
    assert not cells, f"no such columns: {cells}"


@pytest.mark.parametrize("table", SHEETS)
def test_every_example_row_is_a_good_row_once_its_mark_is_gone(table: str) -> None:
    filled = {name: [dict(SHEETS[name].example)] for name in SHEETS}
    rows, problems = read(sheets(**filled))
    assert problems == []
    assert sum(isinstance(row, SHEETS[table].kind) for row in rows) == 1


def test_declared_rows_fit_the_tables_of_the_store() -> None:
    rows, _ = read(sheets(**{name: [dict(sheet.example)] for name, sheet in SHEETS.items()}))
    with Database.empty() as database:
        database.insert(rows, schema="seen")
        assert database.value("SELECT count(*) FROM seen.ownership") == 1


def test_a_template_never_overwrites_a_file(tmp_path: Path) -> None:
    write_template(tmp_path / "template.xlsx")
    write_template(tmp_path / "forms")
    with pytest.raises(FileExistsError, match=r"template\.xlsx"):
        write_template(tmp_path / "template.xlsx")
    with pytest.raises(FileExistsError, match=r"read_me\.csv"):
        write_template(tmp_path / "forms")


def test_only_a_workbook_or_a_folder_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.xlsx workbook or a folder"):
        write_template(tmp_path / "template.ods")


def test_two_templates_are_equal_byte_for_byte(tmp_path: Path) -> None:
    write_template(tmp_path / "a.xlsx")
    write_template(tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


# ------------------------------------------------------------------------------------------------------ recognising


@pytest.mark.parametrize(
    "doc",
    [
        Document(source_id="x", values=({"Roles": []},)),
        Document(source_id="x", table=({"user": "a"},), header=("user", "arn")),
        Document(source_id="x", table=(), header=()),
        Document(source_id="x", sheets={}),
        Document(source_id="x", sheets={"Read me": ({"Notes": "ours"},), "Servers": ({"name": "a"},)}),
        Document(source_id="x", sheets={"identity": ({"user": "a"},)}),
    ],
)
def test_files_of_others_are_left_to_others(doc: Document) -> None:
    assert not FORMAT.matches(doc)


def test_a_workbook_without_its_read_me_is_recognised_by_a_sheet_with_the_required_columns() -> None:
    assert FORMAT.matches(Document(source_id="x", sheets={"Identity": ({"name": "a", "kind": "machine"},)}))


# -------------------------------------------------------------------------------------------------------------- rows


def test_an_identity_that_no_export_names_gets_an_id_from_its_scope_and_name() -> None:
    row = one(sheets(identity=[{"name": "svc-a", "kind": "service_account"}]))
    assert row == Identity(
        identity_id="declared:-/svc-a",
        provider="other",
        scope=None,
        name="svc-a",
        kind=row.kind,
        evidence="declared.xlsx#identity[declared:-/svc-a]",
    )


def test_the_bundles_scope_stands_in_where_the_row_has_none() -> None:
    row = one(replace(sheets(identity=[{"name": "svc-a", "kind": "machine"}]), scope="111122223333"))
    assert row.identity_id == "declared:111122223333/svc-a"


def test_an_arn_tells_provider_and_account() -> None:
    row = one(sheets(identity=[{"identity_id": ROLE, "name": "deploy", "kind": "iam_role"}]))
    assert (row.identity_id, row.provider, row.scope) == (ROLE, "aws", "111122223333")


def test_a_declared_place_of_an_access_key_joins_the_key_of_the_export() -> None:
    doc = sheets(credential=[{"native_id": ACCESS_KEY, "storage": "env_var"}])
    row = one(doc)
    assert row == Credential(
        credential_id=f"aws:access_key:{ACCESS_KEY}",
        provider="aws",
        scope=None,
        name=ACCESS_KEY,
        kind=row.kind,
        native_id=ACCESS_KEY,
        fingerprint=doc.fingerprint(ACCESS_KEY),
        storage=row.storage,
        storage_basis=row.storage_basis,
        storage_evidence=f"declared.xlsx#credential[aws:access_key:{ACCESS_KEY}]",
        evidence=f"declared.xlsx#credential[aws:access_key:{ACCESS_KEY}]",
    )
    assert (row.kind, row.storage, row.storage_basis) == ("access_key", "env_var", "declared")


@pytest.mark.parametrize("storage", ["", "unknown", "in the safe"])
def test_without_a_place_a_credential_has_no_basis_for_one(storage: str) -> None:
    rows, _ = read(sheets(credential=[{"name": "db", "kind": "password", "storage": storage}]))
    assert (rows[0].storage, rows[0].storage_basis, rows[0].storage_evidence) == ("unknown", "unknown", None)


def test_empty_cells_say_nothing() -> None:
    row = one(sheets(credential=[{"name": "db", "kind": "password", "never_expires": "", "last_used_at": "", "ttl_seconds": " "}]))
    assert (row.never_expires, row.last_used_at, row.last_used_known, row.ttl_seconds) == (None, None, False, None)
    assert (row.status, row.isolation, row.issuance, row.role) == ("unknown",) * 4


def test_a_named_last_use_means_that_use_is_known() -> None:
    row = one(sheets(identity=[{"name": "a", "kind": "machine", "last_used_at": "2026-05-01T10:00:00+02:00"}]))
    assert (row.last_used_at, row.last_used_known) == (datetime(2026, 5, 1, 8), True)


@pytest.mark.parametrize(
    ("text", "meant"), [("YES", True), ("true", True), ("1", True), ("No", False), ("FALSE", False), ("0", False), ("", None)]
)
def test_yes_and_no_are_read_in_every_usual_form(text: str, meant: bool | None) -> None:
    assert one(sheets(secret_store=[{"kind": "vault", "name": "v", "approved": text}])).approved is meant


def test_lists_are_separated_by_semicolons() -> None:
    assert one(sheets(workload=[{"kind": "vm", "name": "w", "env_names": "DB_HOST; DB_PASSWORD ;"}])).env_names == [
        "DB_HOST",
        "DB_PASSWORD",
    ]


def test_words_are_read_in_any_case() -> None:
    assert one(sheets(identity=[{"name": "a", "kind": "Service Account", "human": "NonHuman"}])).human == "nonhuman"


def test_other_sheets_may_call_an_identity_by_its_name() -> None:
    rows, problems = read(
        sheets(
            identity=[{"identity_id": ROLE, "name": "deploy", "kind": "iam_role"}],
            usage=[{"identity_id": "deploy", "service": "S3"}],
        )
    )
    assert problems == []
    assert (rows[1].identity_id, rows[1].service) == (ROLE, "s3")


def test_a_name_in_two_accounts_means_the_one_in_the_rows_own_scope() -> None:
    twins = [{"name": "svc", "kind": "machine", "scope": "1"}, {"name": "svc", "kind": "machine", "scope": "2"}]
    rows, problems = read(sheets(identity=twins, credential=[{"name": "k", "kind": "api_key", "scope": "2", "identity_id": "svc"}]))
    assert (rows[2].identity_id, problems) == ("declared:2/svc", [])


def test_a_name_that_can_mean_two_identities_is_no_answer() -> None:
    twins = [{"name": "svc", "kind": "machine", "scope": "1"}, {"name": "svc", "kind": "machine", "scope": "2"}]
    rows, problems = read(sheets(identity=twins, credential=[{"name": "k", "kind": "api_key", "identity_id": "svc"}]))
    assert rows[2].identity_id is None
    assert problems == [
        "sheet credential, row 2: column identity_id: several rows of identity are called 'svc', left out: write the identity_id instead"
    ]


def test_a_name_that_no_sheet_has_is_reported_and_the_credential_is_kept_without_an_owner() -> None:
    rows, problems = read(sheets(credential=[{"name": "k", "kind": "api_key", "identity_id": "svc"}]))
    assert rows[0].identity_id is None
    assert problems == [
        "sheet credential, row 2: column identity_id: no row of identity is called 'svc', left out: write the id of the export, for AWS the ARN"
    ]


def test_a_csv_file_may_name_an_identity_that_stands_in_another_file() -> None:
    row = one(csv_of("nhi_table,name,kind,scope,identity_id\ncredential,k,api_key,1,svc\n"))
    assert row.identity_id == "declared:1/svc"


def test_rows_of_different_tables_may_share_a_csv_file() -> None:
    rows, problems = read(csv_of("nhi_table;name;kind;owner_id\nidentity;a;machine;\nowner;;team;payments\n"))
    assert problems == []
    assert [type(row).__name__ for row in rows] == ["Identity", "Owner", "Coverage"]


def test_an_exposure_names_the_key_by_its_id() -> None:
    doc = sheets(secret_exposure=[{"path": "./conf/prod.ini", "location_kind": "git_history", "credential_id": ACCESS_KEY, "line": "3"}])
    row = one(doc)
    assert (row.path, row.credential_id, row.fingerprints) == (
        "conf/prod.ini",
        f"aws:access_key:{ACCESS_KEY}",
        [doc.fingerprint(ACCESS_KEY)],
    )
    assert row.rules == ["template:declared"]


def test_a_repository_cannot_be_declared_as_scanned() -> None:
    rows, problems = read(sheets(scan_target=[{"target_id": "org/app", "in_scope": "yes", "scanned": "yes"}]))
    assert (rows[0].in_scope, rows[0].scanned) == (True, False)
    assert len(rows) == 1
    assert problems[0].startswith("scan_target: unknown column scanned")


def test_leaving_the_scope_needs_a_reason() -> None:
    rows, problems = read(sheets(identity=[{"name": "a", "kind": "machine", "in_scope": "no"}]))
    assert rows[0].in_scope is True
    assert problems == ["sheet identity, row 2: column in_scope: `no` needs a scope_reason, kept in scope"]


def test_the_order_of_rows_does_not_matter() -> None:
    people = [{"name": name, "kind": "machine"} for name in "abc"]
    keys = [{"name": f"key of {name}", "kind": "api_key", "identity_id": name} for name in "abc"]
    forward, _ = read(sheets(identity=people, credential=keys))
    backward, _ = read(sheets(credential=keys[::-1], identity=people[::-1]))
    assert set(map(repr, forward)) == set(map(repr, backward))


# ---------------------------------------------------------------------------------------------------------- problems


def test_a_wrong_word_is_named_with_its_place_and_the_words_that_are_allowed() -> None:
    rows, problems = read(sheets(owner=[{"owner_id": "a"}, {"owner_id": "b", "kind": "crowd"}]))
    assert problems == ["sheet owner, row 3: column kind: 'crowd' is not one of: person, team, unknown"]
    assert [row.kind for row in rows if not isinstance(row, Coverage)] == ["unknown", "unknown"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"created_at": "31.12.2025"}, "column created_at: '31.12.2025' is not a date: write 2026-03-31 or 2026-03-31T14:00:00Z"),
        ({"created_at": "9999-01-01"}, "column created_at: '9999-01-01' is not a plausible date"),
        ({"never_expires": "maybe"}, "column never_expires: 'maybe' is neither yes nor no"),
        ({"ttl_seconds": "-5"}, "column ttl_seconds: '-5' is not a whole number of 0 or more"),
        ({"rotation_days": "1.5"}, "column rotation_days: '1.5' is not a whole number of 0 or more"),
    ],
)
def test_a_bad_cell_is_reported_and_the_row_is_read_without_it(cell: dict[str, str], message: str) -> None:
    rows, problems = read(sheets(credential=[{"name": "k", "kind": "api_key", **cell}]))
    (name,) = cell
    assert problems[0].startswith(f"sheet credential, row 2: {message}")
    assert getattr(rows[0], name) is None


def test_a_row_without_a_required_column_is_reported_and_not_read() -> None:
    rows, problems = read(sheets(identity=[{"name": "a"}, {"kind": "machine"}, {"name": "b", "kind": "servcie"}]))
    assert rows == []
    assert [problem for problem in problems if "required" in problem] == [
        "sheet identity, row 2: column kind: required and not filled, row not read",
        "sheet identity, row 3: column name: required and not filled, row not read",
        "sheet identity, row 4: column kind: required and not filled, row not read",
    ]


def test_unknown_columns_are_named_once_per_sheet() -> None:
    _, problems = read(sheets(owner=[{"owner_id": "a", "floor": "3", "desk": "9"}, {"owner_id": "b", "floor": "4"}]))
    assert problems == ["owner: unknown column desk, floor, not read: the columns are owner_id, kind, status"]


def test_unknown_sheets_and_tables_are_named() -> None:
    _, problems = read(sheets(Servers=[{"name": "a"}], owner=[{"owner_id": "a"}]))
    assert [problem.partition(": name the")[0] for problem in problems] == ["sheet Servers: no such table, not read"]
    _, problems = read(csv_of("nhi_table,name\nserver,a\n,b\n"))
    assert [problem.partition(":")[0] for problem in problems] == ["row 2", "row 3"]


def test_two_different_rows_that_would_become_one_object_are_reported() -> None:
    _, problems = read(
        sheets(credential=[{"name": "db", "kind": "password", "storage": place} for place in ("env_var", "secrets_manager")])
    )
    assert problems == [
        "sheet credential, row 3: counts as the same object as sheet credential, row 2: if it is another one, give it another name, scope or id"
    ]


def test_a_changed_example_row_is_reported_because_it_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path)
    book: Any = openpyxl.load_workbook(path)
    book["identity"].cell(2, 4).value = "svc-payments"
    book.save(path)
    rows, problems = read(document(path))
    assert rows == []
    assert problems == ["sheet identity, row 2: is marked '# example' but was changed, not read: replace its first cell to have it read"]


# ----------------------------------------------------------------------------------------------------------- secrets


@pytest.mark.parametrize("header", ["password", "Secret", "client_secret", "value", "secret value"])
def test_columns_that_may_hold_secrets_are_refused(header: str) -> None:
    doc = sheets(credential=[{"name": "db", "kind": "password", header: "correct horse"}])
    rows, problems = read(doc)
    assert "may hold secret values, not read" in problems[0]
    assert "correct horse" not in repr((rows, problems))


SECRETS = {
    "aws": "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYEXAMPLEKEY",
    "github": "gh" + "p_0123456789abcdefABCDEF0123456789abcd",
    "pem": "-----BEGIN " + "PRIVATE KEY-----",
    "url": "postgres://app:hunter2" + "@db.example.com/app",
    "slack": "xox" + "b-123456789012-abcdefABCDEF",
    "jwt": "ey" + "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2ln",
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("column", ["native_id", "name", "kind", "storage", "rotated_at", "rotation_days", "never_expires", "identity_id"])
def test_a_secret_typed_into_a_cell_reaches_neither_row_nor_message(column: str, name: str) -> None:
    rows, problems = read(sheets(credential=[{"name": "db", "kind": "password", column: SECRETS[name]}]))
    assert f"column {column}: looks like a secret value, not read" in problems[0]
    assert SECRETS[name][-12:] not in repr((rows, problems))


def test_values_of_environment_variables_are_refused() -> None:
    rows, problems = read(sheets(workload=[{"kind": "vm", "name": "w", "env_names": "DB_PASSWORD=hunter2"}]))
    assert rows[0].env_names is None
    assert "hunter2" not in repr((rows, problems))


@pytest.mark.parametrize(
    "name",
    [ROLE, ACCESS_KEY, "3f786850e387550fdab836ed7e6dc881de23001b", "sk-learn-pipeline-runner-production", "npm_publish_token_of_billing"],
)
def test_names_and_ids_are_not_taken_for_secrets(name: str) -> None:
    assert one(sheets(credential=[{"name": name, "kind": "api_key"}])).name == name


# ---------------------------------------------------------------------------------------------------------- coverage


def test_declared_things_never_make_a_list_complete() -> None:
    filled = {name: [dict(sheet.example)] for name, sheet in SHEETS.items() if name not in ("guardrail", "owner", "ownership")}
    rows, _ = read(sheets(**filled))
    assert len(rows) == len(filled)
    assert not [row for row in rows if isinstance(row, Coverage)]


def test_rules_of_the_organisation_cover_the_accounts_they_name() -> None:
    rows, _ = read(
        sheets(
            guardrail=[
                {"scope": "1", "kind": "workload_policy", "name": "deny keys", "enforcement": "enforced"},
                {"scope": "2", "kind": "workload_policy", "name": "deny keys"},
                {"scope": "1", "kind": "audit_log", "name": "trail", "enforcement": "off"},
            ]
        )
    )
    found = {(row.fact, row.scope): row.status for row in rows if isinstance(row, Coverage)}
    assert found == {
        (Fact.GUARDRAILS, "1"): CoverageStatus.COLLECTED,
        (Fact.GUARDRAILS, "2"): CoverageStatus.PARTIAL,
        (Fact.AUDIT_LOG, "1"): CoverageStatus.COLLECTED,
    }
    assert {row.basis for row in rows if not isinstance(row, Coverage)} == {"declared"}


def test_owners_are_never_more_than_partly_known() -> None:
    rows, _ = read(sheets(ownership=[{"identity_id": ROLE, "owner_id": "payments"}]))
    (coverage,) = [row for row in rows if isinstance(row, Coverage)]
    assert (coverage.fact, coverage.scope, coverage.status, coverage.evidence) == ("ownership", "111122223333", "partial", "declared.xlsx")


# -------------------------------------------------------------------------------------------------------------- laws

CELLS = st.sampled_from(["yes", "3", "2026-01-01", "unknown", "active", "password", "a;b", "-", ROLE, ACCESS_KEY]) | st.text(max_size=10)


@pytest.mark.parametrize("table", SHEETS)
@given(data=st.data())
def test_whatever_is_typed_gives_rows_or_problems_and_evidence_that_points_at_the_file(table: str, data: st.DataObject) -> None:
    columns = st.sampled_from(sorted(SHEETS[table].columns))
    typed = data.draw(st.lists(st.dictionaries(columns, CELLS, max_size=5), max_size=3))
    doc = sheets(**{table: typed})
    assert FORMAT.matches(doc)
    for item in FORMAT.rows(doc):
        if not isinstance(item, Problem | Coverage):
            assert isinstance(item, SHEETS[table].kind)
            assert str(getattr(item, "evidence", "")).startswith(f"declared.xlsx#{table}[")


@given(st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=4))
def test_any_csv_is_read_or_reported_without_an_error(row: dict[str, str]) -> None:
    doc = Document(source_id="x", table=({"nhi_table": "identity", **row},), header=("nhi_table", *row))
    assert FORMAT.matches(doc)
    assert all(isinstance(item, Problem | Identity) for item in FORMAT.rows(doc))
