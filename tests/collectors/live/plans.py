"""A plan without a provider: the answers stand in the test. Run as a program, it collects slowly, so that it can be killed."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from collectors.bundle import collect
from collectors.collecting import Call, Pages
from inventory.model import Fact

ACCOUNT = "111122223333"
AT = datetime(2026, 9, 30, 12, tzinfo=UTC)

Step = Any
"""A page, or the exception that comes instead of it."""


@dataclass
class FakePlan:
    """Calls by path, each with its pages; remembers what was asked for."""

    source: str = "aws"
    first: list[Call] = field(default_factory=list)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def calls(self) -> Iterable[Call]:
        return self.first

    def call(self, path: str, *steps: Step, resumable: bool = True, pause: float = 0, **more: Any) -> Call:
        """A call that answers with the steps."""

        def pages(token: str | None) -> Pages:
            self.asked.append((path, token))
            for number in range(int(token or 0), len(steps)):
                time.sleep(pause)
                if isinstance(steps[number], Exception):
                    raise steps[number]
                yield steps[number], str(number + 1) if resumable and number + 1 < len(steps) else None

        given = {"service": "IAM", "operation": f"iam:{path}", "command": f"aws iam {path}", "scope": ACCOUNT, "facts": (Fact.IDENTITIES,)}
        return Call(path=path, pages=pages, **{**given, **more})


def users(plan: FakePlan, count: int, pause: float) -> Callable[[Sequence[Any]], Iterable[Call]]:
    """One call per user that the answers name."""

    def then(answers: Sequence[Any]) -> Iterable[Call]:
        for number in range(count):
            yield plan.call(f"keys/user-{number}.json", {"UserName": f"user-{number}"}, {"last": True}, pause=pause, service="Keys")

    return then


def slow_plan(pause: float) -> FakePlan:
    """Twelve pages of a listing that can be gone on with, six of one that cannot, then a call per user."""
    plan = FakePlan()
    listing = [{"page": number, "text": "x" * 5_000} for number in range(12)]
    plan.first = [
        plan.call("iam/details.json", *listing, pause=pause, then=users(plan, 10, pause)),
        plan.call("iam/report.json", *listing[:6], pause=pause, resumable=False, service="Report"),
    ]
    return plan


if __name__ == "__main__":
    made = slow_plan(float(sys.argv[2]))
    collect(made, Path(sys.argv[1]), workers=3, label="Q3", clock=lambda: AT)
    sys.stdout.write(json.dumps(made.asked))
