"""What must not be committed: the addresses of package registries, paths of one machine, and anything that looks like a secret."""

from __future__ import annotations

import os
import re

import pytest

from tests.checkout import ROOT, project_files

REGISTRY_HOST = re.compile(r"(?i)\b(?:[\w-]+\.)*(?:pypi|pythonhosted|npmjs|debian|crates|golang)" r"\.(?:org|com|io)\b")

MACHINE_PATH = re.compile(
    r"(?<![\w.~-])/(?:root|home|Users)/[\w.-]+"  # a person's folder
    r"|(?<![\w.-])/(?:work|farm)/\w+"  # where a build machine keeps its checkouts
    r"|(?<![\w.-])/opt/(?:pypi|wheels)\b"
)

SECRET = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"|\bgh[opsur]_[A-Za-z0-9]{36,}|\bgithub_pat_\w{60,}|\bglpat-[\w-]{20,}"
    r"|\bxox[abeoprs]-\d{6,}-[\w-]{10,}|\bhooks\.slack\.com/services/T\w+/B\w+/\w+"
    r"|\b[rs]k_live_\w{16,}|\bAIza[\w-]{35}\b|\bya29\.[\w-]{40,}"
    r"|\beyJ[\w-]{16,}\.eyJ[\w-]{16,}\.[\w-]{16,}"
    r"|(?i:secret_?access_?key)[\"']?\s*[:=]\s*[\"']?[A-Za-z0-9/+]{40}\b"
)
"""Values that open something. Ids of access keys (AKIA…) open nothing and stand in true exports, so they are not among them."""

SAID_TO_BE_FALSE = re.compile(r"(?i)example|canary|fake|dummy|do-?not-?use")
"""A planted value names itself one, inside the value or on its line."""


def text_of(name: str) -> str | None:
    """Text of a file, or None for a binary one."""
    content = (ROOT / name).read_bytes()
    return None if b"\0" in content[:8192] else content.decode("utf-8", errors="replace")


def lines_with(pattern: re.Pattern[str], text: str) -> list[str]:
    return [line.strip()[:200] for line in text.splitlines() if pattern.search(line)]


def offenders(pattern: re.Pattern[str]) -> dict[str, list[str]]:
    texts = {name: text_of(name) for name in project_files() if name != "tests/test_repository.py"}
    found = {name: lines_with(pattern, text) for name, text in texts.items() if text is not None}
    return {name: lines for name, lines in found.items() if lines}


def test_the_look_through_the_files_sees_them() -> None:
    assert {"LICENSE", "Makefile", "pyproject.toml", ".ci/run", "inventory/schema.sql"} <= set(project_files())


def test_no_file_names_a_package_registry() -> None:
    assert offenders(REGISTRY_HOST) == {}


def test_no_file_names_a_path_of_one_machine() -> None:
    assert offenders(MACHINE_PATH) == {}


def test_no_file_holds_what_looks_like_a_secret() -> None:
    found = {name: [line for line in lines if not SAID_TO_BE_FALSE.search(line)] for name, lines in offenders(SECRET).items()}

    assert {name: len(lines) for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY_HOST, "https://files.pythonhosted.org/packages/x"),
        (REGISTRY_HOST, "deb http://deb.debian.org/debian bookworm main"),
        (MACHINE_PATH, "see /home/ada/project/notes.md"),
        (MACHINE_PATH, "find-links = /opt/wheels"),
        (SECRET, "-----BEGIN RSA PRIVATE KEY-----"),
        (SECRET, "token: ghp_" + "a1B2" * 9),
        (SECRET, '"SecretAccessKey": "' + "a1B2" * 10 + '"'),
    ],
)
def test_what_must_not_be_committed_is_seen(pattern: re.Pattern[str], text: str) -> None:
    assert lines_with(pattern, text) == [text]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (REGISTRY_HOST, "https://docs.aws.amazon.com/IAM/latest/"),
        (MACHINE_PATH, "arn:aws:iam::123456789012:role/work/deploy and path/home/x"),
        (SECRET, "AccessKeyId: AKIAIOSFODNN7EXAMPLE, SecretAccessKey is never kept"),
    ],
)
def test_what_may_be_committed_is_let_through(pattern: re.Pattern[str], text: str) -> None:
    assert lines_with(pattern, text) == []


def test_commands_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
