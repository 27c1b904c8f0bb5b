"""Deny policies of a project or an organisation: a list that names them, and each with its rules.

What a policy is attached to stands in its address as one part, with its slashes quoted.
https://cloud.google.com/iam/docs/reference/rest/v2/policies
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from collectors.gcp.fetch_pages import Listing, name_in_path

HOST = "iam.googleapis.com"
MANAGER = "cloudresourcemanager.googleapis.com"


def denials(parent: str) -> Listing:
    """Of `projects/p` or `organizations/n`. Their rules are not in it."""
    attached_to = quote(f"{MANAGER}/{parent}", safe="")
    return Listing(
        host=HOST,
        path=f"v2/policies/{attached_to}/denypolicies",
        resource=f"//{HOST}/policies/{parent}/denypolicies",
        key="policies",
        params={"pageSize": "1000"},
    )


def parts(name: str) -> tuple[str, str]:
    """What a policy is attached to, and its id. Raises ValueError for another name."""
    first, attached_to, kind, short = name.split("/")
    if (first, kind) != ("policies", "denypolicies"):
        raise ValueError("no name of a deny policy")
    return unquote(attached_to), short


def address(name: str) -> str:
    """Below the host, of the policy with that name."""
    attached_to, short = parts(name)
    return f"v2/policies/{quote(attached_to, safe='')}/denypolicies/{name_in_path(short)}"
