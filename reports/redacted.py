"""Takes the names of what lies outside somebody's accounts out of the sentences and records of what lies inside.

A sentence that explains one subject may name another: who may become it, what it gets hold of. Every word of every sentence is looked up among the
names and ids of what is ours and not theirs. A name that is one plain word ("payroll") cannot be told from that word, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from inventory.database import Database

OUTSIDE = "(not yours)"

NAMED = {
    "account": ("scope", "name"),
    "alias": ("alias",),
    "identity": ("identity_id", "name"),
    "credential": ("credential_id", "name", "native_id"),
    "workload": ("workload_id", "name"),
    "resource": ("resource_id", "name"),
    "secret_store": ("store_id", "name"),
    "trust": ("principal_scope",),
    "subject": ("name",),
}
"""Tables and columns that hold names of what is ours."""

WORDS = 6
"""Words that a name has at most, to be found whole in a sentence."""

OWN_NAMES = ("identity_id", "credential_id", "workload_id", "resource_id", "store_id", "subject_id", "subject_name", "path_id", "trust_id")
"""Columns that name the row's own subject, or what the rules of the tables took care of."""

PLAIN = re.compile(r"[A-Za-z]*|.{1,2}")
QUOTES = ".,;:'\"“”„"
EDGES = ".,;:()[]{}'\"“”„"
PARTS = re.compile(r"[/:=,;#|'\"()\[\]]+")


def redact(database: Database) -> None:
    """Clean every text and every list of records in `main`. Reads names from `whole`, and what is theirs from `own`."""
    columns = [(row["table_name"], row["column_name"], row["data_type"]) for row in database.rows(COLUMNS)]
    texts = [
        (table, column, kind)
        for table, column, kind in columns
        if not (_is_record(column) or column in NAMED.get(table, ()) or column.endswith(OWN_NAMES))
    ]
    found = {where: _texts(database, *where) for where in texts}
    everything = set().union(*found.values())
    firsts = {row["first"] for row in database.rows(FIRSTS.format(names=_names("whole")))}
    outside = _outside(database, candidates(everything, firsts))
    named = {text: names for text in everything if (names := candidates([text], firsts) & outside)} if outside else {}
    changed = {text: without(text, names) for text, names in named.items()}
    for where, there in found.items():
        if here := there & changed.keys():
            _replace(database, where, {text: changed[text] for text in here})
    for table, column, kind in columns:
        if _is_record(column) and kind.endswith("[]"):
            _drop_records(database, table, column)


COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'main' AND data_type IN ('VARCHAR', 'VARCHAR[]') ORDER BY ALL
"""


def _is_record(column: str) -> bool:
    """Columns of `file#record`, and of files: one that sets a row of theirs is theirs."""
    return column.endswith("evidence") or column in ("source_id", "input_sha256")


def _texts(database: Database, table: str, column: str, kind: str) -> set[str]:
    """Every distinct text in a column."""
    value = f"unnest({column})" if kind.endswith("[]") else column
    return {row["text"] for row in database.rows(f"SELECT DISTINCT {value} AS text FROM main.{table}") if row["text"]}


def candidates(texts: Iterable[str], firsts: Collection[str]) -> set[str]:
    """What in the texts may be a name: words, the parts of an id, and runs of words that begin as a name of several words does (`firsts`)."""
    found, words = set(), set()
    for text in texts:
        row = text.split()
        words.update(row)
        for start, word in enumerate(row if firsts else ()):
            if word.lstrip(EDGES) in firsts:
                for end in range(start + 2, min(start + WORDS, len(row)) + 1):
                    run = " ".join(row[start:end])
                    found |= {run, run.strip(EDGES), run.strip(QUOTES)}
    for word in words:
        found |= {word, word.strip(EDGES), word.strip(QUOTES), *(part.strip(EDGES) for part in PARTS.split(word))}
    return found


def _outside(database: Database, found: set[str]) -> set[str]:
    """Those that name something that is not theirs, and nothing that is."""
    asked = sorted(token for token in found if not PLAIN.fullmatch(token))
    database.execute("CREATE OR REPLACE TABLE own.token AS SELECT unnest($tokens) AS token", {"tokens": asked})
    sql = f"""
        SELECT token FROM own.token
        WHERE token IN (SELECT name FROM ({_names("whole")}) AS ours)
            AND token NOT IN (SELECT name FROM ({_names("main")}) AS theirs WHERE name IS NOT NULL)
    """
    return {row["token"] for row in database.rows(sql)}


FIRSTS = "SELECT DISTINCT split_part(name, ' ', 1) AS first FROM ({names}) AS named WHERE contains(name, ' ')"
"""First words of the names that are several."""


def _names(schema: str) -> str:
    """SQL of all names in the tables of a schema."""
    return " UNION ALL ".join(f"SELECT {column} AS name FROM {schema}.{table}" for table, columns in NAMED.items() for column in columns)


def without(text: str, outside: Iterable[str]) -> str:
    """A text with these names taken out, the longest first."""
    for name in sorted(outside, key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w@-])", OUTSIDE, text)
    return text


def _replace(database: Database, where: tuple[str, str, str], changed: dict[str, str]) -> None:
    """Put the cleaned texts into one column."""
    table, column, kind = where
    database.execute(
        "CREATE OR REPLACE TABLE own.changed AS SELECT unnest($old) AS old, unnest($new) AS new",
        {"old": list(changed), "new": list(changed.values())},
    )
    if not kind.endswith("[]"):
        database.execute(f"UPDATE main.{table} SET {column} = changed.new FROM own.changed WHERE {column} = changed.old")
        return
    _rewrite(database, table, column, "coalesce(changed.new, parts.part)", "LEFT JOIN own.changed ON changed.old = parts.part")


def _drop_records(database: Database, table: str, column: str) -> None:
    """Records of others out of a list of evidence: kept are files of theirs, and records that speak of what is theirs."""
    theirs = "parts.part IN (FROM own.record) OR split_part(parts.part, '#', 1) IN (FROM own.source)"
    _rewrite(database, table, column, "parts.part", f"WHERE {theirs}")


def _rewrite(database: Database, table: str, column: str, told: str, which: str) -> None:
    """Make each list of a column anew, in its order, of what is `told` of those of its parts that are left by `which`. All rows at once: there are
    as many foreign records as rows, and looking for each in each takes hours."""
    sql = f"""
        CREATE OR REPLACE TABLE own.lists AS
        WITH parts AS (
            SELECT rowid AS row_number, unnest({column}) AS part, generate_subscripts({column}, 1) AS place FROM main.{table}
        )
        SELECT row_number, list({told} ORDER BY place) AS parts FROM parts {which} GROUP BY row_number
    """
    database.execute(sql)
    database.execute(
        f"""
        UPDATE main.{table} SET {column} = found.parts
        FROM (
            SELECT held.rowid AS row_number, coalesce(lists.parts, []) AS parts
            FROM main.{table} AS held LEFT JOIN own.lists ON lists.row_number = held.rowid
            WHERE held.{column} IS NOT NULL AND held.{column} IS DISTINCT FROM coalesce(lists.parts, [])
        ) AS found
        WHERE {table}.rowid = found.row_number
        """
    )
