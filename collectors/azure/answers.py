"""The dresses in which Azure and Entra answers come: `az` lists, Graph and ARM pages, PowerShell's PascalCase; and what a list leaves out.

Nothing here knows what a record means.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from collectors.document import Document, Problem
from collectors.records import TRUNCATED, Notes, Reader
from inventory.model import Coverage, CoverageStatus, Fact, Row

Record = Mapping[str, Any]

GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SUBSCRIPTION = re.compile(r"^/subscriptions/([^/]+)", re.IGNORECASE)

CLI_CAP = 100
"""`az ad app list` and `az ad sp list` stop there without --all, with a warning on stderr only.
https://learn.microsoft.com/cli/azure/ad/app#az-ad-app-list"""

NEXT = ("@odata.nextLink", "nextLink")
SINGLE = "single objects, which may be some of many: export the whole list"
EMPTY = "the list is empty: there is none, or the caller lacked the right to see them (the answer is the same)"
CAPPED = f"exactly {CLI_CAP} records, where the CLI stops without --all: export again with --all"

MODEL_ROW = "isZtModelRow"
"""Zero Trust Assessment writes one made-up row per entity, so that its columns have types. It names nothing."""


def guid(value: Any) -> str:
    """A GUID in lower case: AzureHound writes upper case, ids are compared without. Raises ValueError."""
    text = value.strip().lower() if isinstance(value, str) else ""
    if not GUID.fullmatch(text):
        raise ValueError("its id is missing, or no GUID")
    return text


def guid_or_none(value: Any) -> str | None:
    try:
        return guid(value)
    except ValueError:
        return None


def guid_tail(value: Any) -> str:
    """The GUID at the end of a resource id, e.g. of a role definition. Raises ValueError."""
    return guid(value.rsplit("/", 1)[-1] if isinstance(value, str) else value)


def subscription_of(resource_id: Any) -> str | None:
    """Subscription of a resource id or scope; None for management groups, the root and whatever is no id."""
    found = SUBSCRIPTION.match(resource_id) if isinstance(resource_id, str) else None
    return found[1].lower() if found else None


def type_of(raw: Record) -> str:
    """The ARM type of a resource in lower case: as said, or as its id has it."""
    parts = str(raw.get("id", "")).lower().rpartition("/providers/")[2].split("/")
    return (text(raw.get("type")) or "/".join(parts[:1] + parts[1::2])).lower()


def text(value: Any) -> str | None:
    """A text that says something."""
    return value.strip() or None if isinstance(value, str) else None


def one_or_many(value: Any) -> list[Any]:
    """PowerShell writes a list of one as its item, and an empty one as null or `{}`."""
    if value in (None, {}, ""):
        return []
    return [item for item in value if item is not None] if isinstance(value, list) else [value]


def camel(value: Any) -> Any:
    """PowerShell's PascalCase keys as Graph writes them, all the way down."""
    if isinstance(value, dict):
        return {key[:1].lower() + key[1:]: camel(item) for key, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def pages(document: Document) -> Iterator[tuple[Record, list[Any]]]:
    """(page, its records) of every JSON value: a bare list is a page without a frame, an object without `value` a list of itself."""
    for answer in document.values or ():
        for page in answer if isinstance(answer, list) and _is_frame(next(iter(answer), None)) else [answer]:
            if isinstance(page, list):
                yield {}, page
            elif _is_frame(page):
                yield page, one_or_many(page["value"])
            elif isinstance(page, dict):
                yield {"single": True}, [page]


def _is_frame(value: Any) -> bool:
    if not isinstance(value, dict) or "value" not in value:
        return False
    framed = any(key.startswith("@odata.") or key == "nextLink" for key in value)
    return framed or (isinstance(value["value"], list) and "name" not in value and "id" not in value)


def records(document: Document) -> Iterator[tuple[str, Any]]:
    """(position, record) of every page; ARM's nested `properties` stand beside the rest, PascalCase is undone, model rows left out."""
    number = 0
    for _, held in pages(document):
        for raw in held:
            number += 1
            if not isinstance(raw, dict):
                yield f"[{number - 1}]", raw
            elif not raw.get(MODEL_ROW):
                yield f"[{number - 1}]", flat(raw)


def flat(raw: Record) -> Record:
    """One record in the flat shape that `az` prints; `properties` stay, for the names that both levels use."""
    if any(key[:1].isupper() for key in raw) and not any(key[:1].islower() for key in raw):
        raw = camel(raw)
    inner = raw.get("properties")
    return {**inner, **raw} if isinstance(inner, dict) else raw


def looks(*keys: str, without: Sequence[str] = ()) -> Callable[[Document], bool]:
    """A test that the first record of a document has all the keys, and none of some others."""

    def matches(document: Document) -> bool:
        found = first(document)
        return found is not None and all(key in found for key in keys) and not any(key in found for key in without)

    return matches


def first(document: Document) -> Record | None:
    """The first record, model rows included: they have the shape."""
    for _, held in pages(document):
        for raw in held:
            if isinstance(raw, dict):
                return flat(raw)
    return None


def context(document: Document) -> str:
    """What the first Graph page says it is about: the tail of `@odata.context`, e.g. `applications`."""
    # Asked for every record, so nothing is copied here.
    answer = next(iter(document.values or ()), None)
    page = next(iter(answer), None) if isinstance(answer, list) else answer
    found = page.get("@odata.context") if isinstance(page, dict) else None
    return found.split("$metadata#", 1)[1] if isinstance(found, str) and "$metadata#" in found else ""


def is_about(document: Document, *entities: str) -> bool:
    """The Graph context names one of the entities: `applications`, `applications(owners())`, `applications/microsoft.graph.…`."""
    said = context(document)
    return any(
        re.fullmatch(rf"{re.escape(entity)}(\([^/]*\))?(/microsoft\.graph\.\w+(\([^/]*\))?)?(/\$entity)?", said) for entity in entities
    )


def shortfall(document: Document, *, cap: int | None = None) -> str | None:
    """Why the document does not hold the whole list; None when it does."""
    framed = list(pages(document))
    held = [raw for _, items in framed for raw in items if not (isinstance(raw, dict) and raw.get(MODEL_ROW))]
    if not held:
        return EMPTY
    if framed and all(any(page.get(name) for name in NEXT) for page, _ in framed):
        return TRUNCATED
    if any(page.get("single") for page, _ in framed):
        return SINGLE
    bare = all(not page for page, _ in framed)
    return CAPPED if bare and cap is not None and len(held) == cap else None


def coverage(
    document: Document, facts: Iterable[Fact], scopes: Iterable[str | None], shortfall: str | None, *, at: datetime | None = None
) -> Iterator[Coverage]:
    """One row per fact and scope that is known: collected, or partial for the reason given. `at`: the date that the content says."""
    status = CoverageStatus.PARTIAL if shortfall else CoverageStatus.COLLECTED
    for fact in facts:
        for scope in sorted({scope for scope in scopes if scope}):
            yield Coverage(
                fact=fact,
                scope=scope,
                status=status,
                reason=shortfall,
                collected_at=document.collected_at or at,
                evidence=document.source_id,
            )


def read_all(notes: Notes, reader: Reader) -> Iterator[Row]:
    """The rows of every record; one that cannot be read is told and the rest goes on."""
    for locator, raw in records(notes.document):
        yield from notes.read(locator, reader, raw)


def unscoped(document: Document, what: str, known: str | None = None) -> Iterator[Problem]:
    """Told where a list of something does not say whose it is."""
    if known is None and next(records(document), None):
        yield Problem(
            record=what, message=f"the answer does not say which {what} it is of: name it as scope in manifest.json, or nothing passes"
        )
