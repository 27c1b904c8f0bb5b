"""Where a secret was seen, written the same way whoever reports it: paths and names of repositories."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import urlsplit

UNTELLING = frozenset({"app", "build", "checkout", "code", "project", "repo", "repository", "source", "src", "tmp", "work", "workspace"})
"""Folder names that every build machine uses: taken as a repository's name they would merge repositories."""

_SCP = re.compile(r"^(?:[\w.-]+@)?([\w-]+(?:\.[\w-]+)+):(?!//)(.+)$")
"""`git@github.com:owner/name.git`"""

_LINK_TAIL = re.compile(r"/(?:-/)?(?:blob|blame|commit|tree|src)/.*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """A repository as a report names it."""

    name: str
    """`owner/name` on github.com; elsewhere with the host in front, since owners of one name are not the same people."""
    exact: bool
    """False: only the folder it was checked out to. The bundle's manifest knows better, where it says anything."""


def clean_path(path: str) -> str:
    """`/` between parts, no leading `./` or `/`: `.\\\\conf\\\\a.tf` and `/conf/a.tf` are both `conf/a.tf`."""
    return "/".join(part for part in path.replace("\\", "/").split("/") if part.strip() not in ("", ".")).strip()


def below(path: str, root: str | None) -> str:
    """A clean path without the folder in front that was given to the scanner, if that is where it starts."""
    prefix = clean_path(root or "")
    return path[len(prefix) + 1 :] if prefix and path.startswith(f"{prefix}/") else path


def repository(address: str | None) -> Repository | None:
    """The repository behind a clone address or a scanned folder; None when that tells nothing.

    Users, tokens and query strings in an address are dropped.
    """
    if not address:
        return None
    scp = _SCP.match(address)
    if scp:
        return _hosted(scp[1], scp[2])
    scheme, separator, rest = address.partition("://")
    if separator and scheme.lower() in ("http", "https", "ssh", "git"):
        return _remote(rest)
    return _folder(rest if separator else address)


def repository_of_link(link: str | None) -> Repository | None:
    """The repository of a link to a line of one of its files, as gitleaks writes it."""
    found = _LINK_TAIL.search(link or "")
    return repository(link[: found.start()]) if link and found else None


def _remote(rest: str) -> Repository | None:
    """`rest` is an address behind its `scheme://`. Everything up to the last `@` may be a password, slashes and all."""
    try:
        parts = urlsplit("//" + rest.rsplit("@", 1)[-1])
    except ValueError:
        return None
    return _hosted(parts.hostname or "", parts.path)


def _hosted(host: str, path: str) -> Repository | None:
    name = clean_path(path).removesuffix(".git")
    if not host or not name:
        return None
    host = host.lower().removeprefix("www.")
    return Repository(name=name if host == "github.com" else f"{host}/{name}", exact=True)


def _folder(path: str) -> Repository | None:
    name = PurePosixPath(clean_path(path)).name.rsplit("@", 1)[-1].removesuffix(".git")
    if not name or name == ".." or name.lower() in UNTELLING or name.startswith("trufflehog-"):
        return None  # trufflehog- … is the temporary clone of trufflehog itself
    return Repository(name=name, exact=False)
