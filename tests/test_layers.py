"""Imports point down: doors, then reports, then scoring and collectors, then inventory; and what is confined stays where it is.

An exception to a rule is an entry in a table of this file, with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.checkout import DOORS, PACKAGES, ROOT, product_modules

MAY_IMPORT = {
    "inventory": frozenset[str](),
    "collectors": frozenset({"inventory"}),
    "scoring": frozenset({"inventory"}),
    "reports": frozenset({"inventory", "scoring"}),
    "app": frozenset({"inventory", "scoring", "reports"}),
    "nhi": frozenset({"inventory", "scoring", "reports", "collectors"}),
}

CONFINED = {
    "duckdb": ("inventory/database.py",),
    "pyspark": ("inventory/spark.py",),
    "sqlite3": ("inventory/decision_log.py", "collectors/databases.py"),
    "yaml": ("inventory/decision_file.py",),
    "streamlit": ("app.py", "reports/pages/"),
    "typer": ("nhi.py", "reports/commands/"),
    "openpyxl": ("collectors/",),
    "pandas": (),
    "polars": (),
    "plotly.express": (),  # loads pandas; figures are plotly.graph_objects
}
"""Module -> the only places that may import it, at the top or inside a function."""

COMMANDS = "reports/commands/"
"""Part of the door: one file a command, which prints."""

CLOUD = ("boto3", "botocore", "google", "azure", "kubernetes", "hvac")
NETWORK = (
    "socket",
    "ssl",
    "http",
    "urllib.request",
    "urllib3",
    "requests",
    "httpx",
    "aiohttp",
    "websockets",
    "ftplib",
    "smtplib",
    "asyncio",
)
SENDS = "reports/feeds/post.py"
"""The one file that sends: a feed, to the address that `nhi export --post` was given, and only then."""
OUTPUT = ("print", "input", "breakpoint")
LOGGING_SET_UP = ("basicConfig", "dictConfig", "fileConfig", "addHandler", "setLevel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One imported module in one file."""

    module: str
    line: int
    functions: tuple[str, ...]
    """Names of the functions around it, outermost first; empty at the top of the file."""


def imports(source: str) -> list[Import]:
    """Every import of a file: statements at any depth, and modules named to `import_module` or `__import__`."""
    return list(_imports(ast.parse(source), ()))


def _imports(node: ast.AST, functions: tuple[str, ...]) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        for module in _modules(child):
            yield Import(module=module, line=getattr(child, "lineno", 0), functions=functions)
        inside = (child.name,) if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) else ()
        yield from _imports(child, functions + inside)


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = "." * node.level + (node.module or "")
        return [module, *(f"{module}.{alias.name}" for alias in node.names)]
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__"}:
        return [argument.value for argument in node.args[:1] if isinstance(argument, ast.Constant) and isinstance(argument.value, str)]
    return []


def is_of(module: str, names: tuple[str, ...]) -> bool:
    """The module is one of the names or below one."""
    return any(module == name or module.startswith(f"{name}.") for name in names)


def violations(path: str, source: str) -> list[str]:
    """What a file imports against the rules, one sentence each."""
    layer = path.removesuffix(".py").split("/")[0]
    return [f"{path}:{found.line}: {reason}" for found in imports(source) for reason in _reasons(path, layer, found)]


def _reasons(path: str, layer: str, found: Import) -> Iterator[str]:
    root = found.module.split(".")[0]
    if found.module.startswith("."):
        yield f"{found.module}: write imports from the root, so that the layer shows"
    if root in MAY_IMPORT and root != layer and root not in MAY_IMPORT[layer]:
        yield f"{layer} may not import {root}"
    for name, places in CONFINED.items():
        if is_of(found.module, (name,)) and not path.startswith(places or ("nowhere",)):
            yield f"{name} belongs in {' and '.join(places) or 'no file of ours'}"
    fetching = layer == "collectors" and any(name.lstrip("_").startswith("fetch") for name in found.functions)
    if is_of(found.module, CLOUD) and not fetching:
        yield f"{found.module}: cloud clients are imported inside a collector's fetch function"
    if is_of(found.module, NETWORK) and layer in PACKAGES and not fetching and path != SENDS:
        yield f"{found.module}: only a collector's fetch function speaks to the network"


def talk(source: str) -> list[str]:
    """Calls of a file that print, ask or set up logging: what only a door may do."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    printing = [node for node in calls if isinstance(node.func, ast.Name) and node.func.id in OUTPUT]
    logging = [node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr in LOGGING_SET_UP]
    writing = [node for node in calls if ast.unparse(node.func).startswith(("sys.stdout.", "sys.stderr."))]
    return [f"{node.lineno}: {ast.unparse(node.func)}" for node in (*printing, *logging, *writing)]


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_the_walk_finds_every_package_and_both_doors() -> None:
    walked = {path.removesuffix(".py").split("/")[0] for path in product_modules()}

    assert walked == {*PACKAGES, *DOORS}


@pytest.mark.parametrize("path", product_modules())
def test_imports_point_down_and_confined_libraries_stay_in_their_place(path: str) -> None:
    assert violations(path, read(path)) == []


@pytest.mark.parametrize("path", [path for path in product_modules() if "/" in path and not path.startswith(COMMANDS)])
def test_libraries_neither_print_nor_set_up_logging(path: str) -> None:
    assert talk(read(path)) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("inventory/model.py", "import scoring"),
        ("collectors/aws/roles.py", "from scoring.catalogue import Check"),
        ("scoring/engine.py", "from collectors import COLLECTORS"),
        ("scoring/engine.py", "def later():\n    import reports.views"),
        ("reports/views.py", "from collectors.document import Document"),
        ("reports/pages/overview.py", "import nhi"),
        ("app.py", "import collectors"),
        ("scoring/engine.py", "import duckdb"),
        ("inventory/lake.py", "def late():\n    from duckdb import connect"),
        ("reports/views.py", "import streamlit as st"),
        ("reports/charts.py", "from plotly import express"),
        ("reports/charts.py", "import importlib\nimportlib.import_module('pandas')"),
        ("collectors/aws/roles.py", "import boto3"),
        ("collectors/aws/roles.py", "def rows():\n    import boto3"),
        ("scoring/engine.py", "def fetch():\n    import boto3"),
        ("collectors/gcp/roles.py", "from google.cloud import iam_admin_v1"),
        ("reports/render.py", "from urllib.request import urlopen"),
        ("inventory/database.py", "from . import model"),
    ],
)
def test_an_import_against_the_rules_is_found(path: str, source: str) -> None:
    assert violations(path, source) != []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("inventory/database.py", "import duckdb\nfrom inventory.model import Row"),
        ("collectors/aws/roles.py", "async def fetch_roles():\n    import boto3\n    import asyncio"),
        ("reports/pages/overview.py", "import streamlit\nfrom reports.views import stages"),
        ("reports/charts.py", "import plotly.graph_objects as go\nfrom urllib.parse import quote"),
        ("nhi.py", "import typer\nimport socket\nfrom collectors.reading import read"),
    ],
)
def test_an_import_within_the_rules_is_let_through(path: str, source: str) -> None:
    assert violations(path, source) == []


@pytest.mark.parametrize("source", ["print('x')", "def f():\n    logging.basicConfig()", "sys.stderr.write('x')", "log.setLevel(10)"])
def test_talk_in_a_library_is_found(source: str) -> None:
    assert talk(source) != []
