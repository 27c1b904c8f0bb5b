"""What a live collector says to the one who runs it: which calls to make, and the raw answers, page by page.

A collector only asks and hands over. Order, parallelism, retries after a stop, files and the manifest belong to the runner
(collectors/bundle.py); what an answer means belongs to the format that reads the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from inventory.model import CoverageStatus, Fact

Pages = Iterator[tuple[Any, str | None]]
"""Raw answers in the shape of the provider's CLI, each with the token that asks for the next one (None: it was the last, or pages cannot
be resumed)."""


class CallFailed(Exception):
    """A call gave no answer. The message names the call and says what to do; never a token, a header or a body."""

    def __init__(self, message: str, status: CoverageStatus) -> None:
        """`status`: denied, or missing when it timed out, is not implemented or broke off."""
        super().__init__(message)
        self.status = status


class NoLogin(CallFailed):
    """There are no credentials to ask with, or they are no longer good."""


def no_more(_answers: Sequence[Any]) -> Iterable[Call]:
    """No call follows from the answers."""
    return ()


def as_it_is(page: Any) -> Any:
    """Nothing in the page is secret."""
    return page


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One thing to ask of one scope; its answers become one file of the bundle, one JSON value a line."""

    path: str
    """File below the bundle, unique: `111122223333/iam/authorization-details.json`. The checkpoint goes by it."""
    service: str
    """What progress is shown for: `IAM`."""
    operation: str
    """As the provider calls it: `iam:GetAccountAuthorizationDetails`."""
    command: str
    """The command that prints the same, for people and for --dry-run."""
    scope: str
    """Account, project, subscription or tenant."""
    facts: tuple[Fact, ...] = ()
    """What is not known when the call fails."""
    tells: tuple[Fact, ...] | None = None
    """What its answers say something of. None: of all of `facts`; fewer where they only lead to the calls that do."""
    pages: Callable[[str | None], Pages]
    """Ask, from a page token on or from the start. Raises CallFailed."""
    clean: Callable[[Any], Any] = as_it_is
    """Drop secret values from a page, before anything is written."""
    then: Callable[[Sequence[Any]], Iterable[Call]] = no_more
    """Calls that follow from all (cleaned) answers: one per user, per application … Their facts of its scope are among its own, so that they
    are known to be missing when it fails; one without facts leaves everything of its scope open."""
    fresh: bool = False
    """Asked in every run, whatever an earlier one wrote: who we are."""


class Plan(Protocol):
    """A collector's first calls. Constructing one may open clients; it asks nothing until calls are run."""

    @property
    def source(self) -> str:
        """aws, gcp or azure."""
        ...

    def calls(self) -> Iterable[Call]:
        """Calls that depend on no answer. The rest follow by `then`."""
        ...
