"""The portable subset of SQL that checks are written in, as an allow-list over the database's own syntax tree.

The tree comes from the parser that will run the statement, so nothing can mean one thing here and another there. What is not listed
is refused: functions that read files or the environment, table functions, recursion, and words that other engines do not know.
This keeps checks portable; what keeps them harmless is the locked connection that a user's own checks run on (see scoring.engine).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from inventory.database import Database

EXPRESSIONS = frozenset(
    {
        "BETWEEN", "CASE", "CAST", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "OPERATOR", "PARAMETER", "STAR",
        "SUBQUERY", "TYPE", "WINDOW",
    }
)  # fmt: skip
OPERATORS = frozenset(
    {
        "OPERATOR_NOT",
        "OPERATOR_IS_NULL",
        "OPERATOR_IS_NOT_NULL",
        "OPERATOR_COALESCE",
        "OPERATOR_NULLIF",
        "COMPARE_IN",
        "COMPARE_NOT_IN",
    }
)
QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "CTE_NODE"})
TABLES = frozenset({"BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "SUBQUERY"})
MODIFIERS = frozenset({"DISTINCT_MODIFIER", "LIMIT_MODIFIER", "ORDER_MODIFIER", "ASCENDING", "DESCENDING", "ORDER_DEFAULT"})

FUNCTIONS = frozenset(
    {
        "+", "-", "*", "/", "||", "~~", "!~~", "like_escape", "not_like_escape",
        "count", "count_star", "sum", "min", "max", "avg", "bool_or", "bool_and",
        "row_number", "rank", "dense_rank", "lag", "lead", "first_value", "last_value",
        "list", "list_value", "list_sort", "list_concat", "list_contains", "array_to_string", "len",
        "lower", "upper", "length", "substr", "substring", "strpos", "replace", "trim", "starts_with", "reverse", "concat",
        "abs", "round", "floor", "ceil", "trunc", "nullif",
        "date_diff", "date_trunc", "to_days", "to_hours", "to_months", "to_weeks", "to_years", "to_minutes", "to_seconds",
    }
)  # fmt: skip
"""Known to DuckDB and Spark with one meaning. Left out on purpose: `//`, regular expressions, greatest and least (NULL rules differ),
string_agg (order is lost), split_part, and all that reads anything but columns."""

MUST_BE_EMPTY = {
    "aggregate_handling": "GROUP BY ALL is not portable: name the columns",
    "at_clause": "AT is not portable",
    "columns": "COLUMNS(…) is not portable: name the columns",
    "distinct_on_targets": "DISTINCT ON is not portable: use row_number()",
    "exclude_list": "EXCLUDE is not portable: name the columns",
    "key_targets": "USING KEY is not portable",
    "qualify": "QUALIFY is not portable: filter in an outer SELECT",
    "qualified_exclude_list": "EXCLUDE is not portable: name the columns",
    "rename_list": "RENAME is not portable: name the columns",
    "replace_list": "REPLACE is not portable: name the columns",
    "sample": "TABLESAMPLE is not portable",
    "using_columns": "USING is not portable: write ON",
}
"""Parts of the tree that hold something only when the statement uses what the message says."""

PLAIN_SCHEMAS = (None, "", "main")
"""The parser itself writes `main` before some functions."""

PLAIN = (None, False, "", "STANDARD_HANDLING")


def violations(sql: str, database: Database) -> list[str]:
    """What in one SELECT lies outside the subset, one sentence each, in order and without repeats. `database` parses; nothing is run."""
    parsed = json.loads(database.value("SELECT json_serialize_sql($sql)", {"sql": sql}))
    if parsed.get("error"):
        return [f"not understood: {parsed.get('error_message', 'no SELECT')}"]
    nodes = list(_walk(parsed["statements"]))
    names = {name.lower() for name in database.tables()} | {str(entry["key"]).lower() for node in nodes for entry in _ctes(node)}
    return list(dict.fromkeys(problem for node in nodes for problem in _problems(node, names)))


def _walk(value: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of the tree but the insides of literals and of types."""
    if isinstance(value, list):
        for item in value:
            yield from _walk(item)
    elif isinstance(value, dict):
        yield value
        if value.get("class") in ("CONSTANT", "TYPE"):
            return
        for key, item in value.items():
            if key not in ("cast_type", "expected_types", "named_param_map"):
                yield from _walk(item)


def _ctes(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inside = node.get("cte_map")
    return list(inside["map"]) if isinstance(inside, dict) else []


def _problems(node: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    for key, message in MUST_BE_EMPTY.items():
        if key in node and node[key] not in PLAIN and node[key] != []:
            yield message
    if len(node.get("group_sets") or []) > 1:
        yield "GROUPING SETS are not portable"
    kind = node.get("type")
    if "class" in node:
        yield from _expression_problems(node)
    elif isinstance(kind, str) and kind not in QUERIES | TABLES | MODIFIERS:
        yield f"{_words(kind)} is not allowed"
    elif kind == "BASE_TABLE":
        yield from _table_problems(node, names)
    elif kind == "JOIN" and (node["ref_type"] not in ("REGULAR", "CROSS") or node["join_type"] not in ("INNER", "LEFT")):
        yield f"{_words(node['join_type'])} {_words(node['ref_type'])} join is not portable: use JOIN … ON or LEFT JOIN … ON"


def _expression_problems(node: Mapping[str, Any]) -> Iterator[str]:
    kind = node["class"]
    if kind not in EXPRESSIONS:
        yield f"{_words(kind)} is not allowed"
    elif kind == "OPERATOR" and node["type"] not in OPERATORS:
        yield f"{_words(node['type'])} is not portable"
    elif kind == "CAST" and node.get("try_cast"):
        yield "TRY_CAST is not portable"
    elif kind in ("FUNCTION", "WINDOW") and node["function_name"].lower() not in FUNCTIONS:
        yield f"function {node['function_name']} is not in the portable subset"
    elif kind in ("FUNCTION", "WINDOW") and (node.get("schema") not in PLAIN_SCHEMAS or node.get("catalog")):
        yield f"function {node['function_name']}: write it without a schema"


def _table_problems(node: Mapping[str, Any], names: set[str]) -> Iterator[str]:
    if node.get("catalog_name") or node.get("schema_name", "").lower() not in ("", "main"):
        yield f"table {node['table_name']}: only tables of the snapshot may be read"
    elif node["table_name"].lower() not in names:
        yield f"table {node['table_name']}: no such table; `nhi query` and docs/data-model.md list them"


def _words(name: str) -> str:
    """The parser's name of a thing as people say it."""
    plain = name.removesuffix("_NODE").removesuffix("_REF").removesuffix("_MODIFIER").removeprefix("OPERATOR_")
    return {"RECURSIVE_CTE": "WITH RECURSIVE", "SHOW": "SHOW or DESCRIBE"}.get(plain, plain.replace("_", " ").lower())
