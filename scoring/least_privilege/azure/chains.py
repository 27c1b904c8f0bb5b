"""Several steps of escalation: what an identity gets by becoming another one first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from scoring.least_privilege.azure.steps import RANK, Edge

CHAIN = "azure-chain"
LONGEST = 5
"""Steps after which nobody goes on; a longer way is a shorter one for somebody else."""


def chains(single: Mapping[str, Sequence[Edge]], privilege: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Edge]:
    """For each identity the best that it gets by two steps or more, where that is more than by any one; the shortest way to it.

    `single`: steps of each identity that is no administrator. Each identity is visited once, so that circles end.
    """
    for identity_id, first in sorted(single.items()):
        direct = max((RANK[edge.gains] for edge in first), default=0)
        best: tuple[tuple[int, bool, int], Edge] | None = None
        for way, last in _ways(identity_id, single):
            rank = (RANK[last.gains], all(edge.certain for edge in (*way, last)), -len(way))
            if rank[0] > max(direct, RANK[privilege[identity_id]] if privilege[identity_id] != "unknown" else 0) and (
                best is None or rank > best[0]
            ):
                best = (rank, _joined(identity_id, (*way, last), names))
        if best is not None:
            yield best[1]


def _ways(start: str, single: Mapping[str, Sequence[Edge]]) -> Iterator[tuple[tuple[Edge, ...], Edge]]:
    """Ways of at least two steps, by breadth: (the steps that lead to an identity, a step of that identity)."""
    seen, waiting = {start}, deque([(start, tuple[Edge, ...]())])
    while waiting:
        at, way = waiting.popleft()
        for edge in sorted(single.get(at, ()), key=lambda edge: (not edge.certain, edge.path_id, edge.target_id or "")):
            if way:
                yield way, edge
            if edge.target_id is not None and edge.target_id not in seen and len(way) + 1 < LONGEST:
                seen.add(edge.target_id)
                waiting.append((edge.target_id, (*way, edge)))


def _joined(identity_id: str, way: Sequence[Edge], names: Mapping[str, str]) -> Edge:
    last = way[-1]
    through = ", then ".join(names.get(edge.target_id or "", edge.target_id or "") for edge in way[:-1])
    end = f"becomes {names.get(last.target_id, last.target_id)}" if last.target_id else "adds to its roles"
    return Edge(
        identity_id=identity_id,
        path_id=CHAIN,
        target_id=last.target_id or way[-2].target_id,
        gains=last.gains,
        certain=all(edge.certain for edge in way),
        steps=tuple(step for edge in way for step in edge.steps),
        reason=f"It becomes {through}, which {end} ({last.gains}).",
        evidence=tuple(dict.fromkeys(record for edge in way for record in edge.evidence)),
    )
