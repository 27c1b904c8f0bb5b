"""Lists page by page, each page as REST prints it, with what gcloud's flags would have said: of which resource it speaks.

An empty list is written as an empty list. REST leaves the field out, and then nobody can tell of what there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from collectors.collecting import CallFailed, Pages
from collectors.gcp.fetch_clients import Clients, Params, fetch_json
from collectors.gcp.fetch_errors import ODD_ANSWER, Refused, failed
from collectors.gcp.fetch_operations import Operation
from inventory.model import CoverageStatus

RESOURCE_MANAGER = "cloudresourcemanager.googleapis.com"

PLACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_.-]{0,120}")
"""What is repeated of an answer: names of places that did not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks what of whom."""

    clients: Clients
    operation: Operation
    scope: str

    def failed(self, refused: Refused) -> CallFailed:
        return failed(self.operation, self.scope, refused.refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list that REST gives in pages."""

    host: str
    path: str
    """Below the host, names quoted."""
    resource: str
    """Full name of what the list is of: `//apikeys.googleapis.com/projects/p/locations/global`."""
    key: str
    """Field that holds the list."""
    empty: Any = field(default_factory=list)
    params: Params = field(default_factory=dict)
    token_param: str = "pageToken"
    token_of: Callable[[dict[str, Any]], Any] = lambda page: page.get("nextPageToken")
    written: Callable[[dict[str, Any]], Any] = lambda page: page
    """The page as gcloud prints it, where REST differs in more than the field around the list."""
    bare: bool = False
    """The records name what they are of: write them as gcloud does, without anything around them. Unless there are none."""
    nothing_means: str | None = None
    """What it means when the list is empty, where that is not that there is nothing."""


def name_in_path(name: str) -> str:
    """A name as a part of an address or of a file's path: it cannot leave its place."""
    return quote(name, safe="@:") if name.strip(".") else quote(name, safe="").replace(".", "%2E")


def fetch_list(asked: Asked, listing: Listing, token: str | None) -> Pages:
    """The pages from the token on. Raises CallFailed, also at the end when places did not answer."""
    silent: set[str] = set()
    seen = {token}
    found = token is not None
    while True:
        page = _fetch_page(asked, listing, token)
        silent.update(_unreachable(page))
        following = listing.token_of(page) or None
        found = found or bool(page[listing.key]) or following is not None
        if listing.nothing_means and not found:
            raise CallFailed(f"{asked.operation.name} for {asked.scope}: {listing.nothing_means}", CoverageStatus.MISSING)
        if following is not None and (not isinstance(following, str) or following in seen):
            raise asked.failed(Refused(ODD_ANSWER))
        seen.add(following)
        yield (page[listing.key] if listing.bare and found else listing.written(page)), following
        if following is None:
            break
        token = following
    if silent:
        places = ", ".join(sorted(silent)[:5]) + (" …" if len(silent) > 5 else "")
        raise CallFailed(f"{asked.operation.name} for {asked.scope}: no answer from {places}: run it again", CoverageStatus.MISSING)


def _fetch_page(asked: Asked, listing: Listing, token: str | None) -> dict[str, Any]:
    params: Params = {**listing.params, **({listing.token_param: token} if token else {})}
    url = f"{asked.clients.address(listing.host)}/{listing.path}"
    try:
        page = fetch_json(asked.clients, "GET", url, params)
    except Refused as refused:
        raise asked.failed(refused) from refused
    held = page.get(listing.key, listing.empty)
    if not isinstance(held, type(listing.empty)):
        raise asked.failed(Refused(ODD_ANSWER))
    return {"resource": listing.resource, **page, listing.key: held}


def _unreachable(page: dict[str, Any]) -> Iterator[str]:
    """Places that are missing from the answer: `unreachable` of Run and Functions, `unreachables` and warnings of Compute."""
    yield from map(_place, [*_list(page.get("unreachable")), *_list(page.get("unreachables"))])
    items = page.get("items")
    for place, held in items.items() if isinstance(items, dict) else ():
        warning = held.get("warning") if isinstance(held, dict) else None
        if isinstance(warning, dict) and warning.get("code") not in (None, "NO_RESULTS_ON_PAGE"):
            yield _place(place)


def _place(name: Any) -> str:
    return name if isinstance(name, str) and PLACE.fullmatch(name) else "a place"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def fetch_policy(asked: Asked, path: str) -> dict[str, Any]:
    """The bindings of a project, folder or organisation, with conditions and audit configuration. Raises Refused."""
    url = f"{asked.clients.address(RESOURCE_MANAGER)}/v3/{path}:getIamPolicy"
    return fetch_json(asked.clients, "POST", url, {}, {"options": {"requestedPolicyVersion": 3}})


def fetch_policy_of(asked: Asked, path: str, token: str | None) -> Pages:
    """One such policy."""
    del token  # one answer
    try:
        policy = fetch_policy(asked, path)
    except Refused as refused:
        raise asked.failed(refused) from refused
    yield policy_of(f"//{RESOURCE_MANAGER}/{path}", policy), None


def policy_of(resource: str, policy: dict[str, Any]) -> dict[str, Any]:
    """getIamPolicy does not say whose policy it is."""
    return {"resource": resource, "policy": policy}


def fetch_object(asked: Asked, host: str, path: str, token: str | None) -> Pages:
    """One object as it is."""
    del token
    try:
        page = fetch_json(asked.clients, "GET", f"{asked.clients.address(host)}/{path}", {})
    except Refused as refused:
        raise asked.failed(refused) from refused
    yield page, None
