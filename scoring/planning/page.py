"""docs/moves.md: every move with its effort, what it asks, and its worked examples."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scoring.catalogue import EXAMPLE_AS_OF
from scoring.planning.moves import Example, Move, moves


def markdown() -> str:
    """The page."""
    return "\n".join(_page()) + "\n"


def _page() -> Iterator[str]:
    yield from ("# Moves", "")
    yield f"{len(moves())} moves: what people can do. `nhi what-if` supposes that some were made, `nhi plan` finds a cheap set that attains a stage."
    yield "A move is one file of `scoring/moves`: a SELECT that finds whom it can be made to, and the change to the evidence that it stands for."
    yield "The evidence is then judged anew by the same engine: no figure has a formula of its own. What it shows is expected, if done as described."
    yield "Effort is a small number (1: an hour with one person; 8: a project); change it in the file, or per run with `--effort MOVE=NUMBER`."
    yield f"The worked examples are run as tests; all of them are of {EXAMPLE_AS_OF:%Y-%m-%d}."
    yield from ("", "| move | what | stages | effort | works on |", "|---|---|---|---|---|")
    for one in moves().values():
        yield f"| [{one.move_id}](#{one.move_id}) | {one.title} | {_stages(one)} | {one.effort} | {', '.join(one.providers)} |"
    for one in moves().values():
        yield from _section(one)


def _stages(one: Move) -> str:
    if one.settles:
        return "settles: makes known"
    return f"{one.addresses[0]} to {one.addresses[1]}" if one.addresses else "none: less risk"


def _section(one: Move) -> Iterator[str]:
    yield from ("", f"## {one.move_id}", "", f"**{one.title}.** {one.asks}", "")
    yield f"Made to each {one.subject}. Effort {one.effort}: {one.effort_reason}. *The way back:* {one.rollback}"
    yield from ("", "| example | candidates | before | after |", "|---|---|---|---|")
    for example in one.examples:
        yield f"| {example.why} | {_ready(example)} | {_placed(example.before)} | {_placed(example.after)} |"
    yield from ("", "```sql", one.candidates, "```")
    if one.amendment:
        yield from ("", "```sql", one.amendment, "```")


def _ready(example: Example) -> str:
    return ", ".join(f"`{name}`{'' if ready else ' (waits)'}" for name, ready in example.candidates.items()) or "none"


def _placed(some: Mapping[str, Sequence[int]]) -> str:
    return ", ".join(f"`{name}` {_interval(stood)}" for name, stood in some.items())


def _interval(stood: Sequence[int]) -> str:
    return "closed" if not stood else str(stood[0]) if stood[0] == stood[1] else f"{stood[0]}-{stood[1]}"
