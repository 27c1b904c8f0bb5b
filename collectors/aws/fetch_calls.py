"""What the calls of the AWS collector are made with: whom they ask, one page or all of them, and a call for one object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from collectors.aws.fetch_session import Session, fetch_answer
from collectors.aws.operations import Operation
from collectors.bundle_files import file_name
from collectors.collecting import Call, CallFailed, Pages, as_it_is, no_more
from inventory.model import CoverageStatus

if TYPE_CHECKING:
    from collectors.aws.fetch import AwsOptions

Asker = Callable[[str | None], Pages]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One account and as whom it is asked."""

    session: Session
    account: str
    options: AwsOptions

    def answer(self, operation: Operation, region: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """One answer of an operation."""
        return fetch_answer(self.session.fetch_client(operation.client, region), operation.name, operation.method, arguments)

    def other(
        self, name: str, operation: Operation, region: str, method: str, arguments: Mapping[str, Any], *nothing: str
    ) -> dict[str, Any]:
        """An answer of a second operation that a call needs; Nothing where there is none."""
        return fetch_answer(self.session.fetch_client(operation.client, region), name, method, arguments, nothing=nothing)


def each(
    target: Target,
    operation: Operation,
    name: str,
    pages: Callable[[str | None], Pages],
    *,
    region: str | None = None,
    clean: Callable[[Any], Any] = as_it_is,
    then: Callable[[Sequence[Any]], Iterable[Call]] = no_more,
) -> Call:
    """A call for one object."""
    path = f"{operation.file.format(name=file_name(name))}.json"
    return Call(
        path="/".join(filter(None, (target.account, region, path))),
        service=operation.service,
        operation=operation.name,
        command=operation.command.format(name=name) + (f" --region {region}" if region else ""),
        scope=target.account,
        facts=operation.facts,
        tells=operation.tells,
        pages=pages,
        clean=clean,
        then=then,
    )


def left_out(target: Target, operation: Operation, path: str, reason: str) -> Call:
    """What was not asked for is told like a call that failed."""

    def pages(_token: str | None) -> Pages:
        raise CallFailed(f"{operation.name}: {reason}", CoverageStatus.MISSING)
        yield  # a generator all the same

    return Call(
        path=f"{target.account}/{path}-left-out.json",
        service=operation.service,
        operation=operation.name,
        command=operation.command,
        scope=target.account,
        facts=operation.facts,
        tells=operation.tells,
        pages=pages,
    )


def one(ask: Callable[[], Any]) -> Callable[[str | None], Pages]:
    """A single page."""

    def pages(_token: str | None) -> Pages:
        yield ask(), None

    return pages


def paged(target: Target, operation: Operation, region: str, arguments: Mapping[str, Any], wrap: Mapping[str, Any] | None = None) -> Asker:
    """All pages of a list of one object, each with what it lacks."""

    def pages(token: str | None) -> Pages:
        asks, tells = operation.paging or ("", "")
        while True:
            answer = target.answer(operation, region, {**arguments, **({asks: token} if token else {})})
            token = answer.get(tells)
            yield {**(wrap or {}), **answer}, token
            if not token:
                return

    return pages
