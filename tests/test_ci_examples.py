"""examples/ci and the Containerfile: what can be said of them without running them. Every `nhi` command in them is parsed as `nhi` parses it."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterator

import pytest
import typer.main
import yaml

import nhi
from tests.checkout import ROOT

FOLDER = ROOT / "examples" / "ci"
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
EXAMPLES = sorted(path for path in FOLDER.iterdir())
ENDS = {"||", "&&", "|", ";", ">", ">>"}


def commands(text: str) -> Iterator[list[str]]:
    """The words after each `nhi` that is called."""
    for line in text.replace("\\\n", " ").splitlines():
        if line.lstrip().startswith("#"):
            continue
        for found in re.finditer(r"(?:^|[\s=/`])nhi (?=[a-z])([^`]*)", line.replace("\\%", "%").replace("'", " ")):
            for part in re.split(r"\snhi (?=[a-z])", f" nhi {found[1]}")[1:]:
                words = [*shlex.split(part, comments=True), ";"]
                yield words[: next(place for place, word in enumerate(words) if word in ENDS or word.startswith((">", "2>")))]


def parses(words: list[str]) -> None:
    """As the command line parses it, without running it; an option that it does not have raises."""
    group = typer.main.get_command(nhi.app)
    assert isinstance(group, nhi.Door)
    group.commands[words[0]].make_context(words[0], words[1:])


def test_the_examples_are_there() -> None:
    assert {path.name for path in EXAMPLES} == {
        "crontab",
        "github-actions.yml",
        "gitlab-ci.yml",
        "nhi-posture.service",
        "nhi-posture.timer",
    }


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("examples/ci/github-actions.yml", ["assess", "collect", "export"]),
        ("examples/ci/gitlab-ci.yml", ["assess", "export", "report"]),
        ("examples/ci/nhi-posture.service", ["assess", "collect", "export"]),
        ("examples/ci/crontab", ["assess", "collect"]),
        ("docs/ci.md", ["assess", "export"]),
    ],
)
def test_every_command_of_an_example_exists_with_its_options(name: str, wanted: list[str]) -> None:
    found = [words for words in commands((ROOT / name).read_text(encoding="utf-8")) if len(words) > 1]
    assert sorted({words[0] for words in found}) == wanted
    for words in found:
        parses(words)


def test_an_option_that_does_not_exist_is_seen() -> None:
    (words,) = commands("run: nhi assess evidence --no-such-option 3 || code=$?")
    assert words == ["assess", "evidence", "--no-such-option", "3"]
    with pytest.raises(Exception, match="no-such-option"):
        parses(words)


def test_workflows_are_yaml_and_upload_only_what_was_assessed() -> None:
    github = yaml.safe_load((FOLDER / "github-actions.yml").read_text(encoding="utf-8"))
    steps = github["jobs"]["assess"]["steps"]
    used = [step["uses"].partition("@")[0] for step in steps if "uses" in step]
    assert used.index("github/codeql-action/upload-sarif") < used.index("actions/upload-artifact")
    assert (
        used[-1] == steps[-1]["uses"].partition("@")[0] == "actions/upload-artifact"
    )  # after the step that fails: a failed run is no baseline
    assert not [step for step in steps if "if" in step or step.get("continue-on-error")]
    assert github["permissions"]["contents"] == "read"
    gitlab = yaml.safe_load((FOLDER / "gitlab-ci.yml").read_text(encoding="utf-8"))["nhi-posture"]
    assert gitlab["cache"]["when"] == "on_success"
    assert 'exit "$code"' in gitlab["script"][0].splitlines()[-1]


@pytest.mark.parametrize("name", ["nhi-posture.service", "nhi-posture.timer"])
def test_units_are_of_known_sections(name: str) -> None:
    parser = configparser.ConfigParser(strict=False, interpolation=None, delimiters=("=",))
    parser.read_string((FOLDER / name).read_text(encoding="utf-8"))
    assert set(parser.sections()) <= {"Unit", "Service", "Timer", "Install"}
    assert "Unit" in parser.sections()


def test_the_image_holds_what_the_wheel_needs_from_files_that_exist() -> None:
    copied = [word for line in re.findall(r"^COPY (?!--)(.+)$", CONTAINERFILE, re.MULTILINE) for word in line.split()[:-1]]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    needed = re.search(r"only-include = \[([^\]]+)\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert needed
    assert set(re.findall(r'"([^"]+)"', needed[1])) <= set(copied)
    assert {"pyproject.toml", "README.md", "LICENSE"} <= set(copied)


def test_the_image_installs_hashed_requirements_and_runs_as_an_ordinary_user() -> None:
    installs = [line for line in re.split(r"&&|\n", CONTAINERFILE.replace("\\\n", " ")) if re.search(r"pip (install|wheel) ", line)]
    assert len(installs) == 4
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    stage = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)", stage, re.MULTILINE) == ["10001:10001"]
    assert stage.index("USER ") > stage.index("RUN ")
    assert re.findall(r"^(?:HEALTHCHECK|VOLUME|WORKDIR) (\S+)", stage, re.MULTILINE) == ["/workspace", "/workspace", "NONE"]
