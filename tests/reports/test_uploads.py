"""Uploads: what is taken, where it is put, what is refused, and that nothing stays behind."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

import pytest

from collectors import files
from reports import uploads
from reports.uploads import Upload, UploadError, sweep, take
from tests.checkout import ROOT


def put(workspace: Path, *names: str) -> Upload:
    """An upload of files that hold their own number."""
    return take(workspace, [(name, io.BytesIO(str(number).encode())) for number, name in enumerate(names)])


def there(upload: Upload) -> dict[str, str]:
    return {path.relative_to(upload.folder).as_posix(): path.read_text() for path in upload.folder.rglob("*") if path.is_file()}


def test_files_stand_in_a_folder_that_only_its_owner_may_open(tmp_path: Path) -> None:
    upload = put(tmp_path, "gaad.json")
    assert there(upload) == {"gaad.json": "0"}
    assert stat.S_IMODE(upload.folder.stat().st_mode) == 0o700
    upload.remove()
    assert list((tmp_path / "uploads").iterdir()) == []
    upload.remove()


def test_the_folder_that_was_dragged_is_left_out_of_the_names(tmp_path: Path) -> None:
    assert there(put(tmp_path, "q3/prod/gaad.json", "q3/dev/gaad.json")) == {"prod/gaad.json": "0", "dev/gaad.json": "1"}


def test_of_two_folders_both_names_stay(tmp_path: Path) -> None:
    assert set(there(put(tmp_path, "prod/gaad.json", "dev/gaad.json", "a.json"))) == {"prod/gaad.json", "dev/gaad.json", "a.json"}


def test_two_files_of_one_name_are_two_files(tmp_path: Path) -> None:
    assert there(put(tmp_path, "gaad.json", "gaad.json", "gaad.json")) == {
        "gaad.json": "0",
        "~2/gaad.json": "1",
        "~3/gaad.json": "2",
    }


def test_a_file_and_a_folder_of_one_name_are_both_kept(tmp_path: Path) -> None:
    assert there(put(tmp_path, "x", "a/x/b.json", "x/b.json")) == {"x": "0", "a/x/b.json": "1", "~2/x/b.json": "2"}


@pytest.mark.parametrize("name", ["../../etc/cron.d/x", "/etc/passwd", "..\\..\\x", "a/../../x", "", "..", "a\nb", "x\x00y", "n" * 4000])
def test_a_name_that_leads_elsewhere_or_nowhere_is_refused_and_the_others_are_taken(tmp_path: Path, name: str) -> None:
    upload = put(tmp_path / "workspace", name, "good.json")
    assert there(upload) == {"good.json": "1"}
    assert len(upload.refused) == 1
    assert len(upload.refused[0]) < 300
    assert [path.name for path in tmp_path.iterdir()] == ["workspace"]


def test_too_many_files_are_refused_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_FILES", 2)
    with pytest.raises(UploadError, match="3 files are more than 2"):
        put(tmp_path, "a", "b", "c")
    assert list(tmp_path.iterdir()) == []


def test_too_many_bytes_are_refused_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MAX_MB", 0)
    with pytest.raises(UploadError, match="more than 0 MB"):
        put(tmp_path, "a")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_leaves_no_folder_behind(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        take(tmp_path, [("good.json", io.BytesIO(b"{}")), ("bad.json", Broken(b"{}"))])
    assert list((tmp_path / "uploads").iterdir()) == []


def test_what_a_killed_server_left_is_swept_and_what_is_being_read_is_not(tmp_path: Path) -> None:
    left, read = put(tmp_path, "left.json"), put(tmp_path, "read.json")
    os.close(left.lock)  # as the kernel does for a process that is killed
    uploads._HELD.discard(left.lock)
    sweep(tmp_path)
    assert not left.folder.exists()
    assert there(read) == {"read.json": "0"}


def test_the_limits_that_the_page_states_are_the_ones_that_hold() -> None:
    stated = f"an archive may hold {files.MAX_MEMBERS:,} files and unpack to {files.MAX_ARCHIVE_BYTES // 1024**3} GB"
    assert f"{stated}, {files.MAX_FILE_BYTES // 1024**2} MB each" == uploads.ARCHIVE_LIMITS
    assert f"maxUploadSize = {uploads.MAX_FILE_MB} " in (ROOT / ".streamlit" / "config.toml").read_text()
    assert f"client_max_body_size {uploads.MAX_FILE_MB}m;" in (ROOT / "docs" / "access.md").read_text()  # of nginx, which counts in MiB
