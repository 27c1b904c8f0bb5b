"""How our evaluation of AWS requests compares with another evaluator's: the same made-up questions to both, and why answers differ.

    python -m tests.outside.agree_with_iam_simulate FOLDER [--questions 20000] [--seed 1]

FOLDER holds the node modules with @cloud-copilot/iam-simulate, which you install yourself: it is under the AGPL, no part of this product and
run here as a process of its own. Without FOLDER there is nothing to compare. Each difference is cut down to the least question that still
shows it, and sorted under a cause that docs/agreement.md explains; one without a cause ends the run with an error.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from scoring.least_privilege.aws.documents import Policy, read, read_resource_policy
from scoring.least_privilege.aws.evaluate import Outcome, evaluate
from scoring.least_privilege.aws.request import Request
from tests.outside.causes import UNEXPLAINED, cause
from tests.outside.questions import Json, Question, Questions
from tests.outside.shrink import shrunk

SHOWN = 8
"""Questions printed of each kind of difference that has no cause."""

RUNNER = Path(__file__).with_name("iam_simulate.mjs")
WORDS = {"Allowed": "allowed", "ExplicitlyDenied": "denied by a Deny", "ImplicitlyDenied": "denied for want of an Allow"}


Differences = dict[tuple[str, str, str], list[Question]]
"""Least questions by cause, our answer and theirs."""


class Outside:
    """The other evaluator, as a process that answers line by line."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(["node", RUNNER, folder.resolve()], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answer(self, question: Question) -> str:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(question._asdict()) + "\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().strip()
        return WORDS.get(said, said or "nothing: the process ended")

    def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait()


def ours(question: Question) -> str:
    decision = evaluate(
        Request(
            principal=question.principal,
            action=question.action,
            resource=question.resource,
            context=question.context,
            complete=True,
            resource_account=question.owner,
        ),
        identity=[_read(policy, f"identity{number}") for number, policy in enumerate(question.identity)],
        boundaries=[_read(question.boundary, "boundary")] if question.boundary else [],
        scps=[[_read(policy, f"scp{number}") for number, policy in enumerate(level)] for level in question.scps],
        resource_policy=read_resource_policy("resource", json.dumps(question.resource_policy)) if question.resource_policy else None,
    )
    if decision.outcome is Outcome.DENIED:
        return "denied by a Deny" if decision.explicit else "denied for want of an Allow"
    return str(decision.outcome)


def _read(policy: Json, name: str) -> Policy:
    return read(name, json.dumps(policy))


def compare(outside: Outside, seed: int, count: int) -> tuple[Counter[str], Differences]:
    """Answers given alike, and the least questions that were answered differently, by cause and both answers."""
    questions = Questions(seed)
    agreed: Counter[str] = Counter()
    differing: Differences = {}
    for _ in range(count):
        question = questions.ask()
        answers = (ours(question), outside.answer(question))
        if answers[0] == answers[1]:
            agreed[answers[0]] += 1
            continue
        least = shrunk(question, lambda one, answers=answers: (ours(one), outside.answer(one)) == answers)  # type: ignore[misc]
        differing.setdefault((cause(least), *answers), []).append(least)
    return agreed, differing


def main() -> int:
    """Ask, count, explain."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", nargs="?", type=Path)
    arguments.add_argument("--questions", type=int, default=20_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    if given.folder is None:
        print("skipped: name the folder of node modules that holds @cloud-copilot/iam-simulate")
        return 0
    version = json.loads((given.folder / "@cloud-copilot/iam-simulate/package.json").read_text(encoding="utf-8"))["version"]
    outside = Outside(given.folder)
    agreed, differing = compare(outside, given.seed, given.questions)
    outside.close()
    alike = sum(agreed.values())
    print(f"iam-simulate {version}, seed {given.seed}: {given.questions:,} questions, {alike:,} answered alike")
    print("\n".join(f"  {count:>7,}  {answer}" for answer, count in agreed.most_common()))
    for (why, own, other), found in sorted(differing.items(), key=lambda entry: (entry[0][0], -len(entry[1]))):
        print(f"  {len(found):>7,}  {why}: ours {own}, theirs {other}")
    unexplained = [(own, other, one) for (why, own, other), found in differing.items() if why == UNEXPLAINED for one in found[:SHOWN]]
    for own, other, question in unexplained:
        print(json.dumps({"ours": own, "theirs": other, **{name: value for name, value in question._asdict().items() if value}}))
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
