"""Service accounts, their keys and policies, and roles: what google-cloud-iam answers over gRPC, as REST and gcloud print it.

`MessageToDict` of a message is its REST JSON: camelCase, RFC 3339, what is at its default left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from collectors.collecting import Pages
from collectors.gcp.fetch_clients import fetch_patiently
from collectors.gcp.fetch_errors import ODD_ANSWER, Refused
from collectors.gcp.fetch_pages import Asked, policy_of

ACCOUNTS_A_PAGE = 100
"""The most that the API gives. https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts/list"""
ROLES_A_PAGE = 300

Message = Any


def fetch_service_accounts(asked: Asked, project: str, token: str | None) -> Pages:
    """Pages of `{"accounts": […]}`."""

    def ask(iam: Any, page_token: str) -> Message:
        request = {"name": f"projects/{project}", "page_size": ACCOUNTS_A_PAGE, "page_token": page_token}
        return next(iam.list_service_accounts(request=request, retry=None, timeout=asked.clients.timeout_seconds).pages)

    return _fetch_pages(asked, ask, "accounts", f"//iam.googleapis.com/projects/{project}", token)


def fetch_roles(asked: Asked, parent: str, token: str | None) -> Pages:
    """Pages of `{"roles": […]}` with their permissions, of `projects/p` or `organizations/n`."""

    def ask(iam: Any, page_token: str) -> Message:
        from google.cloud.iam_admin_v1.types import RoleView  # noqa: PLC0415 - the SDK is loaded only where it is asked for something

        request = {"parent": parent, "view": RoleView.FULL, "page_size": ROLES_A_PAGE, "page_token": page_token}
        return next(iam.list_roles(request=request, retry=None, timeout=asked.clients.timeout_seconds).pages)

    return _fetch_pages(asked, ask, "roles", f"//iam.googleapis.com/{parent}", token)


def fetch_role(asked: Asked, role: str, token: str | None) -> Pages:
    """One role, as `gcloud iam roles describe` prints it."""
    del token
    yield _fetch_message(asked, lambda iam: iam.get_role(request={"name": role}, retry=None, timeout=asked.clients.timeout_seconds)), None


def fetch_keys(asked: Asked, account: str, token: str | None) -> Pages:
    """`{"keys": […]}`: the keys of a service account that somebody holds; those that Google holds are no credentials of anyone's."""
    del token

    def ask(iam: Any) -> Message:
        from google.cloud.iam_admin_v1.types import ListServiceAccountKeysRequest  # noqa: PLC0415

        request = {"name": account, "key_types": [ListServiceAccountKeysRequest.KeyType.USER_MANAGED]}
        return iam.list_service_account_keys(request=request, retry=None, timeout=asked.clients.timeout_seconds)

    page = _fetch_message(asked, ask)
    yield {"resource": f"//iam.googleapis.com/{account}", **page, "keys": page.get("keys", [])}, None


def fetch_account_policy(asked: Asked, account: str, token: str | None) -> Pages:
    """Who may become a service account."""
    del token

    def ask(iam: Any) -> Message:
        request = {"resource": account, "options": {"requested_policy_version": 3}}
        return iam.get_iam_policy(request=request, retry=None, timeout=asked.clients.timeout_seconds)

    yield policy_of(f"//iam.googleapis.com/{account}", _fetch_message(asked, ask)), None


def _fetch_pages(asked: Asked, ask: Callable[..., Message], key: str, resource: str, token: str | None) -> Pages:
    token = token or ""
    seen = {token}
    while True:
        page = _fetch_message(asked, partial(ask, page_token=token))
        following = page.get("nextPageToken")
        if following in seen:
            raise asked.failed(Refused(ODD_ANSWER))
        yield {"resource": resource, **page, key: page.get(key, [])}, following
        if following is None:
            return
        seen.add(following)
        token = following


def _fetch_message(asked: Asked, ask: Callable[[Any], Message]) -> dict[str, Any]:
    from google.protobuf.json_format import MessageToDict  # noqa: PLC0415

    try:
        message = fetch_patiently(asked.clients, lambda: ask(asked.clients.iam()))
    except Refused as refused:
        raise asked.failed(refused) from refused
    page: dict[str, Any] = MessageToDict(getattr(message, "_pb", message))
    return page
