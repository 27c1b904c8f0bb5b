"""Holds exports against published JSON schemas that you have: neither the schemas nor their validator belong to this product.

usage: python tests/outside/feed_schemas.py SCHEMA EXPORT   (EXPORT of `nhi export`: one document, or one a line)
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any


def documents(path: Path) -> list[Any]:
    """The documents of a file: one, or one a line."""
    text = path.read_text(encoding="utf-8")
    try:
        return [json.loads(text)]
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines()]


def main(schema_file: str, export_file: str) -> int:
    """Print how many documents were held against the schema, and where they do not fit it."""
    schema = json.loads(Path(schema_file).read_text(encoding="utf-8"))
    validator = importlib.import_module("jsonschema.validators").validator_for(schema)(schema)
    found = documents(Path(export_file))
    errors = [error for document in found for error in validator.iter_errors(document)]
    for error in errors[:20]:
        print(f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}")
    print(f"{export_file}: {len(found)} documents, {len(errors)} errors")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
