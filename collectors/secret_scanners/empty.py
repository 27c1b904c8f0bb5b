"""An empty list. gitleaks and GitHub write one when they found nothing, and so does a failed export of anything else.

Alone it says nothing, and nobody reads it. Where the bundle's manifest names the repository it speaks of, somebody vouches that
this is a scan of it: only scanners' reports are about a repository. Which scanner it was stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.document import Document, Format, Problem
from collectors.secret_scanners.report import Scan, rows_of
from inventory.model import Row

_REPOSITORY = re.compile(r"(?!(projects|folders|organizations|subscriptions)/)[^/]+(/[^/]+)+/?|\S+\.git|[a-z+]+://\S+")
"""A repository has an owner or a path. A bare name may be a project of Google Cloud, a number an account: an empty list about one of
those is no scan."""


def matches(doc: Document) -> bool:
    """Nothing but empty lists, and a manifest that names a repository."""
    empty = bool(doc.values) and all(isinstance(value, list) and not value for value in doc.values or ())
    return empty and _REPOSITORY.fullmatch(doc.scope or "") is not None


def rows(doc: Document) -> Iterator[Row | Problem]:
    """The repository was scanned, on the manifest's word, and nothing was found."""
    yield from rows_of(doc, Scan(scanner="unnamed"), ())


FORMAT = Format(
    name="secret-scan-empty",
    title="Empty list of a secret scanner that found nothing: `[]`, with its repository as scope in manifest.json",
    matches=matches,
    rows=rows,
)
