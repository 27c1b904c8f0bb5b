"""Pages of one operation, to the last, and whether the list can be the whole one.

Azure leaves out of a list what the caller may not see, and says nothing. So an empty list that cannot be empty, and a list of a subscription
where the caller's own roles do not allow the reading, are handed over and then told as denied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from collectors.azure.fetch_failures import Asked, Refused, advice
from collectors.azure.fetch_session import Session, is_of_server
from collectors.azure.operations import EXPANDED, OF_SUBSCRIPTION, ORGANIZATION, OWN_RIGHTS, Plane
from collectors.collecting import CallFailed, Pages
from inventory.model import CoverageStatus

NOTHING: Mapping[str, Any] = {"value": []}


class Pager:
    """Asks page by page over a session."""

    def __init__(self, session: Session, tenant: str | None) -> None:
        self.session = session
        self._tenant = tenant

    def pages(self, asked: Asked, values: Mapping[str, str], start: str | None) -> Pages:
        """All pages with the address of the next, then a failure where the list cannot be whole. Raises CallFailed."""
        operation = asked.operation
        self._same_tenant(asked)
        found = 0
        try:
            for page, following in self._walk(asked, values, start):
                found += len(page.get("value", ()))
                yield page, following
        except Refused as refusal:
            if refusal.code not in operation.empty_when:
                raise
            yield dict(NOTHING), None
            return
        if operation.never_empty and not found and start is None:
            reason = f"the list is empty: {operation.never_empty}, so the right to read is missing"
            raise CallFailed(f"{asked}: {reason}: {advice(operation)}", CoverageStatus.DENIED)
        self._allowed(asked, values)

    def _walk(self, asked: Asked, values: Mapping[str, str], start: str | None) -> Pages:
        token, before = start, {start}
        while True:
            page = self._page(asked, values, token)
            token = next_page(page)
            yield self._with_related(asked, page), token
            if token is None:
                return
            if token in before:
                raise CallFailed(f"{asked}: the next page is one that was already read: run again later", CoverageStatus.MISSING)
            before.add(token)

    def _page(self, asked: Asked, values: Mapping[str, str], token: str | None) -> Any:
        operation = asked.operation
        if token is not None and not is_of_server(token, self.session.wire.base(operation.plane)):
            raise CallFailed(f"{asked}: the next page is said to be on another server: not asked there", CoverageStatus.MISSING)
        if operation.client is not None:
            return self.session.fetch_client_page(asked, operation.client, values, token)
        return self.session.fetch_page(asked, token or operation.url.format_map(values))

    def _with_related(self, asked: Asked, page: Any) -> Any:
        """The page with the related objects that $expand may have cut off; their number stands beside them, as OData writes it."""
        name = asked.operation.expands
        if name is None:
            return page
        return {**page, "value": [self._related(asked, name, record) if is_cut_off(record, name) else record for record in page["value"]]}

    def _related(self, asked: Asked, name: str, record: Mapping[str, Any]) -> dict[str, Any]:
        path = asked.operation.url.partition("?")[0]
        found: list[Any] = []
        token: str | None = f"{path}/{record['id']}/{name}?$top=999"
        while token is not None:
            page = self.session.fetch_page(asked, token)
            found += page["value"]
            token = next_page(page)
            if token is not None and not is_of_server(token, self.session.wire.base(asked.operation.plane)):
                raise CallFailed(f"{asked}: the next page is said to be on another server: not asked there", CoverageStatus.MISSING)
        whole = {**record, name: found, f"{name}@odata.count": len(found)}
        whole.pop(f"{name}@odata.nextLink", None)
        return whole

    def _same_tenant(self, asked: Asked) -> None:
        """Raises CallFailed when the credential is of another tenant than the one asked for: its facts would stand under the wrong name."""
        if self._tenant is None or asked.operation.plane is not Plane.GRAPH:
            return
        actual = self.session.once("tenant", self._actual_tenant)
        if actual not in (None, self._tenant):
            raise CallFailed(
                f"{asked}: the caller is signed in to tenant {actual}: az login --tenant {self._tenant}", CoverageStatus.MISSING
            )

    def _actual_tenant(self) -> str | None:
        try:
            page = self.session.fetch_page(Asked(operation=ORGANIZATION, scope=str(self._tenant)), ORGANIZATION.url)
        except CallFailed:
            return None  # the call for the organization itself tells why
        ids = [str(record.get("id")).lower() for record in page["value"] if isinstance(record, dict)]
        return ids[0] if len(ids) == 1 else None

    def _allowed(self, asked: Asked, values: Mapping[str, str]) -> None:
        """Raises CallFailed when the caller's roles on the subscription do not allow the reading."""
        operation, subscription = asked.operation, values["subscription"]
        if operation.name not in OF_SUBSCRIPTION:
            return
        rights = self.session.once(("rights", subscription), lambda: self._rights(subscription))
        if isinstance(rights, CallFailed):
            reason = f"the list may lack what the caller cannot see, for its own rights are not known ({rights})"
            raise CallFailed(f"{asked}: {reason}", rights.status)
        if not allows(rights, operation.name):
            reason = "the caller's own roles on the subscription do not allow it, so the list may lack what it cannot see"
            raise CallFailed(f"{asked}: {reason}: {advice(operation)}", CoverageStatus.DENIED)

    def _rights(self, subscription: str) -> list[Any] | CallFailed:
        """What the caller may do on the subscription, or why Azure does not say."""
        asked = Asked(operation=OWN_RIGHTS, scope=subscription)
        try:
            return [right for page, _ in self._walk(asked, {"subscription": subscription}, None) for right in page["value"]]
        except CallFailed as failure:
            return failure


def next_page(page: Mapping[str, Any]) -> str | None:
    """Address of the next page."""
    link = page.get("nextLink") or page.get("@odata.nextLink")
    return link if isinstance(link, str) else None


def is_cut_off(record: Any, name: str) -> bool:
    """$expand stops at a number of related objects, with or without a link to the rest."""
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        return False
    related = record.get(name)
    return f"{name}@odata.nextLink" in record or (isinstance(related, list) and len(related) >= EXPANDED)


def allows(rights: list[Any], action: str) -> bool:
    """Some role of the caller's has the action and does not take it away again."""
    return any(
        isinstance(right, dict) and _matches(right.get("actions"), action) and not _matches(right.get("notActions"), action)
        for right in rights
    )


def _matches(patterns: Any, action: str) -> bool:
    """Some pattern is the action; `*` stands for anything, and case says nothing (learn.microsoft.com/azure/role-based-access-control)."""
    return any(_matcher(pattern).fullmatch(action) for pattern in patterns or () if isinstance(pattern, str))


def _matcher(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(piece) for piece in pattern.split("*")), re.IGNORECASE)
