"""Secret values in, keyed fingerprints out: the only module that looks at what was leaked. It returns no part of a value."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator

from collectors.document import Document

AWS_KEY_ID = re.compile(r"(?<![A-Z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}")
"""Access key ids by prefix: long-term, temporary, bearer token, context-specific.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids. Nothing is asked of what follows:
trufflehog writes key id and secret as one word.
"""

MASKED = re.compile(r"redacted|\*{3,}|x{6,}|•{3,}|(?:\.\.\.|…)$|^<[^>]*>$", re.IGNORECASE)
"""A value that a scanner blanked out, whole or in part. Its fingerprint would join findings that have nothing in common."""

SHORTEST_VALUE = 6
"""Shorter strings are words of a mask or of a test, not secrets."""


def fingerprints(doc: Document, *, values: Iterable[str], texts: Iterable[str] = ()) -> list[str]:
    """Sorted fingerprints of the values and of every AWS access key id in values or surrounding texts."""
    values = [value for value in values if value]
    whole = {value.strip() for value in values if _is_a_value(value)}
    return sorted({doc.fingerprint(value) for value in whole | key_ids([*values, *texts])})


def key_ids(texts: Iterable[str]) -> set[str]:
    """AWS access key ids in the texts, and in what they decode to: some trufflehog versions write `Raw` in base64."""
    return {found for text in texts for reading in _readings(text) for found in AWS_KEY_ID.findall(reading)}


def _is_a_value(value: str) -> bool:
    return len(value.strip()) >= SHORTEST_VALUE and not MASKED.search(value.strip())


def _readings(text: str) -> Iterator[str]:
    yield text
    try:
        decoded = base64.b64decode(text.strip(), validate=True).decode()
    except ValueError:  # not base64, or not text once decoded
        return
    yield decoded
