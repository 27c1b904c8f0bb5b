"""Files as they come: what is opened, what is refused and why, and what the bytes of the others mean."""

from __future__ import annotations

import gzip
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors import files
from collectors.files import Blob, Content, UnreadableError, blobs, decode, source_name, walk

GIB = 1024**3
NOBODY = 65534


def only(path: Path) -> Blob:
    """The one blob behind a path."""
    (found,) = blobs(path.name, path)
    return found


def refusal(content: bytes) -> str:
    with pytest.raises(UnreadableError) as error:
        decode(content)
    return str(error.value)


def zipped(members: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def names(paths: list[Path], **options: Any) -> list[str]:
    return [source_id for source_id, _ in walk(paths, **options)]


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder, and a process that may open only what its modes allow: root may open everything, so root steps down."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        root = os.geteuid() == 0
        if root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if root:
                os.seteuid(0)


# --- which files there are


def test_a_folder_is_walked_in_a_fixed_order_with_paths_below_it(tmp_path: Path) -> None:
    for name in ("b.json", "a/z.json", "a/c.json", ".hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert names([tmp_path]) == [".hidden", "b.json", "a/c.json", "a/z.json"]


def test_a_single_file_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "gaad.json").write_text("{}")
    assert names([tmp_path / "gaad.json"]) == ["gaad.json"]


def test_several_paths_keep_as_much_of_their_names_as_tells_them_apart(tmp_path: Path) -> None:
    for name in ("q2/aws/gaad.json", "q3/aws/gaad.json"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("{}")
    assert names([tmp_path / "q2", tmp_path / "q3"]) == ["q2/aws/gaad.json", "q3/aws/gaad.json"]
    assert names([tmp_path / "q2/aws", tmp_path / "q3/aws"]) == ["q2/aws/gaad.json", "q3/aws/gaad.json"]
    assert names([tmp_path / "q2/aws/gaad.json", tmp_path / "q3/aws/gaad.json"]) == ["q2/aws/gaad.json", "q3/aws/gaad.json"]


def test_a_path_given_twice_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    assert names([tmp_path, tmp_path / "." / ""]) == ["a.json"]


def test_the_workspace_inside_the_assessed_folder_is_left_out(tmp_path: Path) -> None:
    for name in ("a.json", "workspace/fingerprint.key", "workspace/lake/CURRENT"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("{}")
    assert names([tmp_path], besides=tmp_path / "workspace") == ["a.json"]


def test_a_loop_of_folders_ends_and_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "up").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "x.json").write_text("{}")
    assert names([tmp_path]) == ["a/x.json", "a/up"]
    assert only(tmp_path / "a" / "up").problem == "a link to a folder: not followed, name the folder itself"


def test_a_link_to_a_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("{}")
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    assert only(tmp_path / "link.json").content == b"{}"


def test_a_dangling_link_is_reported(tmp_path: Path) -> None:
    (tmp_path / "gone.json").symlink_to(tmp_path / "nowhere")
    assert names([tmp_path]) == ["gone.json"]
    assert only(tmp_path / "gone.json").problem == "cannot be opened: No such file or directory"


def test_a_link_to_itself_is_reported(tmp_path: Path) -> None:
    (tmp_path / "me.json").symlink_to(tmp_path / "me.json")
    assert str(only(tmp_path / "me.json").problem).startswith("cannot be opened: ")


def test_a_folder_that_may_not_be_opened_is_reported_not_skipped(unprivileged: Path) -> None:
    (unprivileged / "open.json").write_text("{}")
    closed = unprivileged / "closed"
    closed.mkdir(mode=0o000)
    try:
        assert names([unprivileged]) == ["open.json", "closed"]
        assert only(closed).problem == "a folder that may not be opened: nothing read"
    finally:
        closed.chmod(0o700)


def test_a_file_that_may_not_be_read_is_reported(unprivileged: Path) -> None:
    path = unprivileged / "secret.json"
    path.write_text("{}")
    path.chmod(0o000)
    assert only(path).problem == "cannot be opened: Permission denied"


# --- names


@pytest.mark.parametrize(
    ("name", "known_as"),
    [
        ("plain name.json", "plain name.json"),
        ("Prüfung-日本.json", "Prüfung-日本.json"),
        ("a#b.json", "a%23b.json"),
        ("a%23b.json", "a%2523b.json"),
        ("100%.json", "100%.json"),
        ("two\nlines.json", "two%0Alines.json"),
        ("\x1b[31mred.json", "%1B[31mred.json"),
        (os.fsdecode(b"latin-\xe9.json"), "latin-%E9.json"),
        ("nosj.\u202egnp", "nosj.%E2%80%AEgnp"),
    ],
)
def test_a_name_is_written_so_that_it_can_be_stored_and_printed(name: str, known_as: str) -> None:
    assert source_name(name) == known_as


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_names_stay_different(one: str, other: str) -> None:
    try:
        bytes_differ = one.encode("utf-8", "surrogateescape") != other.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return  # no file can have such a name
    assert (source_name(one) != source_name(other)) == bytes_differ
    source_name(one).encode()
    assert "#" not in source_name(one)
    assert len(source_name(one).splitlines()) <= 1 or "\x85" not in source_name(one)


# --- what is refused unopened


def test_a_sparse_file_of_two_gigabytes_is_refused_without_being_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "huge.json"
    path.touch()
    os.truncate(path, 2 * GIB)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path.name} was read"))
    assert only(path).problem == "2,048 MB is over the limit of 512 MB: split the export"


def test_a_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert only(tmp_path / "pipe").problem == "not a regular file"


def test_a_device_is_refused() -> None:
    assert only(Path("/dev/zero")).problem == "not a regular file"


# --- archives


def test_members_of_an_archive_are_read_in_a_fixed_order(tmp_path: Path) -> None:
    path = tmp_path / "exports.zip"
    path.write_bytes(zipped({"b/gaad.json": b"{}", "a.json": b"[]", "empty/": b""}))
    assert [(blob.source_id, blob.content) for blob in blobs("exports.zip", path)] == [
        ("exports.zip!/a.json", b"[]"),
        ("exports.zip!/b/gaad.json", b"{}"),
    ]


@pytest.mark.parametrize("name", ["../evil.json", "a/../../evil.json", "/etc/evil.json", "..\\evil.json"])
def test_a_member_that_leaves_the_archive_is_refused_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zipped({name: b"{}", "good.json": b"{}"}))
    found = {blob.source_id: blob.problem for blob in blobs("x.zip", path)}
    assert found == {f"x.zip!/{name}": "refused: its path leaves the archive", "x.zip!/good.json": None}


def test_a_members_name_cannot_pass_for_a_record(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    path.write_bytes(zipped({"a#b\n.json": b"{}"}))
    assert [blob.source_id for blob in blobs("x.zip", path)] == ["x.zip!/a%23b%0A.json"]


def test_two_members_of_one_name_stay_two(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", "[1]")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.json", "[2]")
    assert [(blob.source_id, blob.content) for blob in blobs("x.zip", path)] == [("x.zip!/a.json", b"[1]"), ("x.zip!/a.json~2", b"[2]")]


def test_a_member_that_unpacks_beyond_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10_000)
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({"zeros.json": bytes(20_000), "good.json": b"{}"}))
    found = {blob.source_id: blob.problem for blob in blobs("bomb.zip", path)}
    assert found == {"bomb.zip!/good.json": None, "bomb.zip!/zeros.json": "refused: unpacks to more than the limit"}


def test_an_archive_that_unpacks_beyond_the_limit_as_a_whole_is_refused_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_ARCHIVE_BYTES", 25_000)
    path = tmp_path / "bomb.zip"
    path.write_bytes(zipped({f"{number}.json": bytes(10_000) for number in range(4)}))
    assert [blob.problem is None for blob in blobs("bomb.zip", path)] == [True, True, False, False]


def test_an_archive_of_too_many_members_is_refused_before_its_list_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_MEMBERS", 3)
    (few := tmp_path / "few.zip").write_bytes(zipped({f"{number}.json": b"{}" for number in range(3)}))
    (many := tmp_path / "many.zip").write_bytes(zipped({f"{number}.json": b"{}" for number in range(4)}))
    assert [blob.problem for blob in blobs("few.zip", few)] == [None, None, None]
    assert [blob.problem for blob in blobs("many.zip", many)] == ["an archive of more than 3 files: split it"]


def test_an_encrypted_member_is_named(tmp_path: Path) -> None:
    content = bytearray(zipped({"locked.json": b"{}"}))
    content[6] |= 1  # general purpose flag, bit 0, in the member's own header …
    content[content.index(b"PK\x01\x02") + 8] |= 1  # … and in the directory
    path = tmp_path / "locked.zip"
    path.write_bytes(content)
    assert [blob.problem for blob in blobs("locked.zip", path)] == ["encrypted: unpack it first"]


def test_an_archive_inside_an_archive_is_named_as_one(tmp_path: Path) -> None:
    path = tmp_path / "outer.zip"
    path.write_bytes(zipped({"inner.zip": zipped({"gaad.json": b"{}"})}))
    (blob,) = blobs("outer.zip", path)
    assert "an archive inside an archive" in refusal(blob.content)


def test_an_archive_without_files_says_so(tmp_path: Path) -> None:
    (tmp_path / "folders.zip").write_bytes(zipped({"a/": b""}))
    (tmp_path / "empty.zip").write_bytes(zipped({}))
    assert only(tmp_path / "folders.zip").problem == "an archive without files: nothing to read"
    assert "unpack it" in refusal(only(tmp_path / "empty.zip").content)


def test_a_tar_archive_says_what_to_do() -> None:
    import tarfile

    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("gaad.json"))
    assert "make a zip" in refusal(gzip.decompress(target.getvalue()))


@given(st.data())
def test_a_damaged_archive_never_stops_the_run(data: st.DataObject) -> None:
    content = bytearray(zipped({"a.json": b'{"Functions": []}' * 20, "b.csv": b"a,b\n1,2\n"}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.zip"
        path.write_bytes(content[: data.draw(st.integers(4, len(content)))])
        found = list(blobs("x.zip", path))
    assert found
    for blob in found:
        if blob.problem is None:
            decoded_or_refused(blob.content)


def test_a_gzip_file_is_unpacked_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(gzip.compress(b'{"a": 1}'))
    assert only(tmp_path / "report.json").content == b'{"a": 1}'


def test_a_truncated_gzip_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "x.gz").write_bytes(gzip.compress(b'{"a": 1}' * 100)[:-12])
    assert only(tmp_path / "x.gz").problem == "a damaged or truncated gzip file: fetch it again"


def test_a_gzip_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 100_000)
    (tmp_path / "x.gz").write_bytes(gzip.compress(bytes(200_000)))
    assert only(tmp_path / "x.gz").problem == "unpacks to more than the limit: split the export"


# --- JSON


def test_pages_written_one_after_the_other_are_all_read() -> None:
    pages = [{"Marker": "1", "RoleDetailList": []}, {"Marker": "2"}, {"IsTruncated": False}]
    assert decode("\n".join(json.dumps(page, indent=2) for page in pages).encode()).values == tuple(pages)


def test_json_lines_are_read_line_by_line() -> None:
    assert decode(b'{"a": 1}\r\n\n{"a": 2}\n').values == ({"a": 1}, {"a": 2})


def test_a_broken_line_among_json_lines_is_named_and_the_others_are_kept() -> None:
    found = decode(b'{"a": 1}\n{"a": \n{"a": 3}\n{"a"')
    assert (found.values, found.lost) == (({"a": 1}, {"a": 3}), (2, 4))


def test_truncated_json_says_where_it_breaks_off() -> None:
    assert refusal(b'{\n "RoleDetailList": [{"Arn": "arn:aws') == "truncated JSON at line 2, column 29: export it again"


def test_a_page_that_breaks_off_refuses_the_file() -> None:
    assert "truncated JSON" in refusal(b'{\n"a": 1\n}\n{\n"b": ')


@pytest.mark.parametrize("content", [b"[" * 200_000, b'{"a":' * 200_000, b'{"a": 1}\n' + b"[" * 200_000, b"{\n}\n" + b"[" * 200_000])
def test_json_nested_too_deeply_is_refused_or_the_line_is_lost(content: bytes) -> None:
    found = decoded_or_refused(content)
    assert "nested too deeply" in found if isinstance(found, str) else found.lost == (2,)


def test_a_number_of_ten_thousand_digits_is_refused() -> None:
    assert "a number too long" in refusal(b'{"a": ' + b"9" * 10_000 + b"}")


def test_half_a_surrogate_pair_becomes_a_question_mark_and_a_whole_one_stays() -> None:
    assert decode(rb'{"a\ud800": ["x\udfff", "\ud83d\ude00", 1, null]}').values == ({"a?": ["x?", "😀", 1, None]},)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_every_usual_encoding_of_json_is_read(encoding: str) -> None:
    text = '{"name": "Prüfung 日本"}'
    content = (b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(encoding)
    assert decode(content).values == ({"name": "Prüfung 日本"},)


def test_utf_16_is_noted() -> None:
    assert decode('{"a": 1}'.encode("utf-16")).note == "UTF-16 text, read as such"


# --- CSV


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_tables_are_read_with_any_usual_delimiter_and_line_end(delimiter: str, newline: str) -> None:
    text = newline.join([delimiter.join(["user", "arn"]), delimiter.join(["ana", "x"]), ""])
    found = decode(text.encode())
    assert (found.header, found.table) == (("user", "arn"), ({"user": "ana", "arn": "x"},))


def test_a_table_saved_by_excel_is_read() -> None:
    found = decode(b'\xef\xbb\xbfsep=;\r\nuser;arn\r\n"a;na";x\r\n;\r\n')
    assert found.table == ({"user": "a;na", "arn": "x"},)


def test_a_table_with_an_open_quote_is_refused() -> None:
    assert "not valid CSV" in refusal(b'a,b\n"1,2\n3,4\n')


# --- the rest


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\x00" * 50])
def test_an_empty_file_is_named_as_one(content: bytes) -> None:
    assert refusal(content) == "empty: nothing in it"


def test_white_space_is_named_as_such() -> None:
    assert refusal(b" \r\n\t ") == "holds only white space"


@pytest.mark.parametrize(
    "content", [b"\x7fELF\x02\x01\x01\x00\x00", b"\x89PNG\r\n\x1a\n\x00", b"PAR1\x15\x04\x15", "{}".encode("utf-16-le")]
)
def test_a_binary_is_named_as_one(content: bytes) -> None:
    assert refusal(content) == "binary, not an export: nothing to read"


def test_latin_1_is_not_guessed() -> None:
    assert refusal("name,Prüfung\n".encode("latin-1")) == "neither UTF-8 nor UTF-16 with a byte-order mark (byte 7): save it as UTF-8"


def test_text_is_named_as_text() -> None:
    assert refusal(b"dear client\nsee attached\n") == "plain text: neither JSON, CSV nor XLSX"


def workbook() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "identity"
    sheet.append(["name", None, "kind"])
    sheet.append(["svc", "lost", 7])
    sheet.append([None, None, None])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_a_workbook_is_read_by_sheet_and_header() -> None:
    assert decode(workbook()).sheets == {"identity": ({"name": "svc", "kind": "7"},)}


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 1000)
    assert "unpacks to more than the limit" in refusal(workbook())


@given(st.data())
def test_a_damaged_workbook_is_refused_in_one_line(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(workbook())) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    spoiled = bytearray(parts[name])
    for _ in range(data.draw(st.integers(1, 3))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(32, 126))
    decoded_or_refused(zipped({**parts, name: bytes(spoiled)}))


def decoded_or_refused(content: bytes) -> Content | str:
    """What was decoded, or the one line that says why not."""
    try:
        found = decode(content)
    except UnreadableError as error:
        return one_line(str(error))
    assert sum(part is not None for part in (found.values, found.table, found.sheets)) == 1
    return found


def one_line(message: str) -> str:
    assert len(message.splitlines()) == 1
    return message


@given(st.binary(max_size=200) | st.text(alphabet='[]{}",:;0a\\\n\r\t\ufeff', max_size=60).map(str.encode))
def test_any_bytes_are_decoded_or_refused_in_one_line(content: bytes) -> None:
    decoded_or_refused(content)
