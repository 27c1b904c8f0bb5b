"""The product installs as one wheel with all of its data, from pinned and hashed requirements, under names and licences that clash with nobody."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.checkout import DOORS, PACKAGES, ROOT, product_modules, project_files

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
OURS = {*PACKAGES, *DOORS}

ALLOWED_LICENCES = {
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "HPND", "ISC", "MIT", "MIT-0", "MIT-CMU", "MPL-2.0", "PSF-2.0", "Python-2.0",
    "Unlicense", "Zlib",
}  # fmt: skip
"""SPDX ids that a run-time requirement may carry. MPL-2.0 binds changed files alone, and we change none."""

SPDX_OF = {
    "apache": "Apache-2.0",
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
    "the unlicense (unlicense)": "Unlicense",
}
"""What packages without an SPDX expression write, lower case."""

PIN = re.compile(r"(?P<name>[a-z0-9][a-z0-9.-]*)==(?P<version>[^ ;\\]+)")


def pins(name: str) -> dict[str, str]:
    """Name and version of everything a requirements file pins."""
    lines = (ROOT / "requirements" / name).read_text(encoding="utf-8").splitlines()
    found = [match for line in lines if (match := PIN.match(line))]
    return {canonicalize_name(match["name"]): match["version"] for match in found}


def runtime_closure() -> dict[str, metadata.Distribution]:
    """Every installed distribution that the product needs to run, by name."""
    closure: dict[str, metadata.Distribution] = {}
    waiting = [Requirement(text) for text in PROJECT["dependencies"]]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        if (name, frozenset(wanted.extras)) in seen:
            continue
        seen.add((name, frozenset(wanted.extras)))
        closure[name] = metadata.distribution(name)
        waiting.extend(_needed(closure[name], wanted.extras))
    return closure


def _needed(distribution: metadata.Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for text in distribution.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def licences(about: metadata.PackageMetadata) -> set[str]:
    """SPDX ids of a distribution; the words it uses where we know no id for them; empty when it names no licence."""
    if expressions := about.get_all("License-Expression", []):
        return {part for part in re.split(r"[\s()]+|\bAND\b|\bOR\b", expressions[0]) if part}
    classified = [
        value.rsplit(" :: ", 1)[1] for value in about.get_all("Classifier", []) if value.startswith("License :: OSI Approved :: ")
    ]
    words = classified or [value.strip() for value in about.get_all("License", [])]
    return {SPDX_OF.get(word.lower(), word.splitlines()[0][:80]) for word in words if word}


def claims(distributions: Iterable[metadata.Distribution]) -> dict[str, set[str]]:
    """Our top-level names that other distributions install, and which ones do."""
    found: dict[str, set[str]] = {}
    for distribution in distributions:
        name = canonicalize_name(distribution.metadata["Name"])
        for file in distribution.files or []:
            top = file.parts[0].removesuffix(".py")
            if top in OURS and name != PROJECT["name"]:
                found.setdefault(top, set()).add(name)
    return found


@pytest.fixture(scope="module")
def wheel_names(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names of the files in the wheel that this checkout builds, its metadata apart."""
    folder = tmp_path_factory.mktemp("wheel")
    [built] = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    with zipfile.ZipFile(built) as wheel:
        names = set(wheel.namelist())
    return {name for name in names if ".dist-info/" not in name}


def test_no_other_distribution_installs_one_of_our_names() -> None:
    installed = list(metadata.distributions())

    assert len(installed) > len(PROJECT["dependencies"])
    assert claims(installed) == {}


def test_a_distribution_that_takes_one_of_our_names_is_found(tmp_path: Path) -> None:
    about = tmp_path / "greedy-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: greedy\nVersion: 1.0\n")
    (about / "RECORD").write_text("app.py,,\nreports/__init__.py,,\nreporting/app.py,,\n")

    assert claims(metadata.distributions(path=[str(tmp_path)])) == {"app": {"greedy"}, "reports": {"greedy"}}


def test_the_wheel_holds_every_file_of_the_product_and_no_other(wheel_names: set[str]) -> None:
    product = {name for name in project_files() if name.split("/")[0] in PACKAGES or name in {f"{door}.py" for door in DOORS}}

    assert wheel_names == product


@pytest.mark.parametrize(
    "needed",
    [
        r"inventory/schema\.sql",
        r"scoring/stages\.toml",
        r"scoring/packs/.+\.toml",
        r"scoring/checks/.+/.+\.sql",
        r"scoring/least_privilege/.+\.(json|parquet|csv|tsv|txt)(\.gz|\.xz)?",
        r"reports/templates/.+",
        r"nhi\.py",
        r"app\.py",
    ],
)
def test_the_wheel_holds_the_data_that_the_code_reads(needed: str, wheel_names: set[str]) -> None:
    assert [name for name in wheel_names if re.fullmatch(needed, name)]


def test_the_dashboard_door_is_short() -> None:
    assert len((ROOT / "app.py").read_text(encoding="utf-8").splitlines()) <= 60


@pytest.mark.parametrize("name", ["runtime.txt", "oidc.txt", "dev.txt", "build.txt"])
def test_requirements_are_pinned_and_hashed_and_name_no_index_or_folder(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.sub(r"\\\n", "", text).splitlines() if entry and not entry.lstrip().startswith("#")]

    assert entries
    assert [entry for entry in entries if not re.fullmatch(rf"{PIN.pattern}( ; [^:]+?)? +(--hash=sha256:[0-9a-f]{{64}} *)+", entry)] == []
    assert re.findall(r"://|\bfile:/|--(?:extra-)?index-url|--find-links|--trusted-host", text) == []


def test_the_pins_are_within_what_pyproject_allows() -> None:
    pinned = pins("runtime.txt")
    wanted = [Requirement(text) for text in PROJECT["dependencies"]]

    assert [str(requirement) for requirement in wanted if pinned[canonicalize_name(requirement.name)] not in requirement.specifier] == []


def test_tests_run_on_the_versions_that_users_get() -> None:
    assert pins("runtime.txt").items() <= pins("dev.txt").items()
    assert pins("oidc.txt").items() <= pins("dev.txt").items()
    assert pins("build.txt").items() <= pins("dev.txt").items()


def test_everything_that_runs_is_pinned_as_installed() -> None:
    pinned = pins("runtime.txt")

    assert {name: distribution.version for name, distribution in runtime_closure().items()}.items() <= pinned.items()


def test_what_the_product_imports_is_declared() -> None:
    provided_by = metadata.packages_distributions()
    declared = {canonicalize_name(Requirement(text).name) for text in PROJECT["dependencies"]}
    imported = {module for path in product_modules() for module in _top_level_imports(path)} - OURS - sys.stdlib_module_names

    assert imported
    undeclared = {module for module in imported if not declared & {canonicalize_name(name) for name in provided_by.get(module, [])}}
    assert undeclared == set()


def _top_level_imports(path: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def test_every_run_time_requirement_has_a_licence_that_we_may_ship_with() -> None:
    found = {name: licences(distribution.metadata) for name, distribution in runtime_closure().items()}

    assert len(found) > len(PROJECT["dependencies"])
    assert {name: ids for name, ids in found.items() if not ids or not ids <= ALLOWED_LICENCES} == {}


@pytest.mark.parametrize(
    ("header", "ids"),
    [
        ("License-Expression: MIT AND (Apache-2.0 OR BSD-2-Clause)", {"MIT", "Apache-2.0", "BSD-2-Clause"}),
        ("License-Expression: GPL-3.0-or-later", {"GPL-3.0-or-later"}),
        ("License-Expression: Apache-2.0 WITH LLVM-exception", {"Apache-2.0", "WITH", "LLVM-exception"}),
        ("Classifier: License :: OSI Approved :: MIT License\nLicense: see file", {"MIT"}),
        ("Classifier: License :: OSI Approved :: GNU Affero General Public License v3", {"GNU Affero General Public License v3"}),
        ("License: Apache 2.0", {"Apache-2.0"}),
        ("Summary: none", set()),
    ],
)
def test_a_licence_is_read_from_any_header_and_an_unknown_one_stays_as_written(header: str, ids: set[str], tmp_path: Path) -> None:
    about = tmp_path / "some-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.4\nName: some\nVersion: 1.0\n{header}\n")
    [distribution] = metadata.distributions(path=[str(tmp_path)])

    assert licences(distribution.metadata) == ids
