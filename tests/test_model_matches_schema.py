"""The dataclasses of inventory/model.py and the tables of inventory/schema.sql are the same tables."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum

import pytest

from inventory.database import Database, schema_sql
from inventory.model import FIELDS, TABLE_OF

COLUMN_TYPE: dict[object, str] = {
    str: "VARCHAR",
    int: "BIGINT",
    float: "DOUBLE",
    bool: "BOOLEAN",
    datetime: "TIMESTAMP",
    list[str]: "VARCHAR[]",
}

JUDGEMENT = {
    "access_path",
    "placement",
    "subject",
    "privilege",
    "least_privilege",
    "escalation",
    "check_result",
    "check_count",
    "finding",
    "question",
    "question_item",
    "metric",
    "vendor",
}
"""Tables that SQL makes: they need no class."""

Column = tuple[str, str, bool]
"""Name, type, may be NULL."""


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    with Database.empty() as made:
        yield made


def columns_of_table(database: Database, schema: str, table: str) -> list[Column]:
    found = database.rows(
        """
        SELECT column_name, data_type, is_nullable FROM information_schema.columns
        WHERE table_schema = $schema AND table_name = $table ORDER BY ordinal_position
        """,
        {"schema": schema, "table": table},
    )
    return [(row["column_name"], row["data_type"], row["is_nullable"] in {"YES", True}) for row in found]


def columns_of_class(row_class: type) -> list[Column]:
    hints = typing.get_type_hints(row_class)
    return [(field.name, *column(hints[field.name])) for field in dataclasses.fields(row_class)]


def column(hint: object) -> tuple[str, bool]:
    members = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    said = [member for member in members if member is not type(None)]
    assert len(said) == 1, f"{hint}: a column has one type"
    [kind] = said
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        kind = str
    return COLUMN_TYPE[kind], type(None) in members


@pytest.mark.parametrize("row_class", TABLE_OF, ids=lambda row_class: row_class.__name__)
def test_a_class_has_the_columns_of_its_table_in_order_with_type_and_null(row_class: type, database: Database) -> None:
    assert columns_of_class(row_class) == columns_of_table(database, "main", TABLE_OF[row_class])


@pytest.mark.parametrize("row_class", TABLE_OF, ids=lambda row_class: row_class.__name__)
def test_rows_as_read_have_the_columns_of_the_merged_table(row_class: type, database: Database) -> None:
    seen = columns_of_table(database, "seen", TABLE_OF[row_class])

    assert [found[:2] for found in seen] == [found[:2] for found in columns_of_class(row_class)]


def test_every_table_is_a_class_or_a_judgement(database: Database) -> None:
    assert set(database.tables()) == set(TABLE_OF.values()) | JUDGEMENT


def test_every_class_is_frozen_slotted_and_takes_names_only() -> None:
    assert set(FIELDS) == set(TABLE_OF)
    for row_class in TABLE_OF:
        assert vars(row_class)["__dataclass_params__"].frozen, row_class
        assert hasattr(row_class, "__slots__"), row_class
        assert all(field.kw_only for field in dataclasses.fields(row_class)), row_class


def test_a_column_that_may_be_null_says_nothing_unless_the_source_does() -> None:
    defaults = {
        (row_class.__name__, field.name): field.default
        for row_class in TABLE_OF
        for field, (_, _, may_be_null) in zip(dataclasses.fields(row_class), columns_of_class(row_class), strict=True)
        if may_be_null and field.default is not dataclasses.MISSING
    }

    assert defaults
    assert {place: default for place, default in defaults.items() if default is not None} == {}


def test_every_table_says_what_it_is() -> None:
    tables = re.findall(r"^-- [^\n]+\nCREATE TABLE (\w+)", schema_sql(), flags=re.MULTILINE)

    assert sorted(tables) == sorted(set(TABLE_OF.values()) | JUDGEMENT)
