"""Collects an account of many roles from a moto server: once with our one paged call, once role by role as other tools do, in one run.

`python benchmarks/collect.py [--roles 2000] [--workers 8]` from the root of a checkout, in its development environment. Counts calls and
wall time; the server is the same process for both, and answers on loopback.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from collectors.aws.fetch import AwsOptions, listing
from collectors.aws.fetch_calls import Target
from collectors.aws.fetch_session import Session
from collectors.aws.operations import DETAILS
from collectors.bundle import collect
from collectors.collecting import Call
from tests.collectors.live import moto

TRUST = moto.trust({"Service": "lambda.amazonaws.com"})


class Details:
    """A plan of the one call that tells all of the roles."""

    source = "aws"

    def __init__(self, target: Target) -> None:
        self.target, self.pages = target, 0

    def calls(self) -> list[Call]:
        return [
            Call(
                path="details.json", service="IAM", operation=DETAILS.name, command=DETAILS.command, scope=self.target.account,
                facts=DETAILS.facts, pages=self._pages,
            )
        ]  # fmt: skip

    def _pages(self, token: str | None) -> Any:
        for page in listing(self.target, DETAILS, None, token):
            self.pages += 1
            yield page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--roles", type=int, default=2000)
    parser.add_argument("--workers", type=int, default=8, help="threads of the role-by-role run")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as held, moto.server(Path(held) / "moto.log") as address:
        os.environ.update(
            AWS_ENDPOINT_URL=address,
            AWS_ACCESS_KEY_ID="fake",
            AWS_SECRET_ACCESS_KEY="fake",
            AWS_DEFAULT_REGION=moto.REGION,
            AWS_CONFIG_FILE=held,
        )
        _fill(arguments.roles)
        ours, pages = _paged(Path(held))
        theirs, calls = _by_role(arguments.workers)
    print(f"{arguments.roles:,} roles; {os.cpu_count()} processors")
    print(f"one paged call   {ours:8.1f} s wall {pages:8,} calls")
    print(f"role by role     {theirs:8.1f} s wall {calls:8,} calls, {arguments.workers} at a time")
    print(f"ratio            {theirs / ours:8.1f}        {calls / pages:8,.0f}")


def _fill(roles: int) -> None:
    iam = moto.client("iam")
    document = moto.allow("dynamodb:PutItem", "sqs:SendMessage")
    policy = iam.create_policy(PolicyName="shared", PolicyDocument=moto.allow("s3:GetObject"))["Policy"]["Arn"]

    for number in range(roles):  # one after the other: moto loses its place when several write
        name = f"role-{number}"
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        iam.put_role_policy(RoleName=name, PolicyName="work", PolicyDocument=document)
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)


def _paged(folder: Path) -> tuple[float, int]:
    """Seconds and calls of ours, the bundle written."""
    plan = Details(Target(session=Session(), account=moto.ACCOUNT, options=AwsOptions()))
    start = time.perf_counter()
    done = collect(plan, folder / "bundle")
    if done.warnings:
        raise SystemExit(f"not collected: {done.warnings}")
    return time.perf_counter() - start, plan.pages


def _by_role(workers: int) -> tuple[float, int]:
    """Seconds and calls of the same facts asked role by role."""
    iam = moto.client("iam")
    calls = 0

    def ask(name: str) -> int:
        json.dumps(iam.get_role(RoleName=name), default=str)
        iam.list_attached_role_policies(RoleName=name)
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        for policy in inline:
            iam.get_role_policy(RoleName=name, PolicyName=policy)
        return 3 + len(inline)

    start = time.perf_counter()
    names = []
    for page in iam.get_paginator("list_roles").paginate():
        calls += 1
        names += [role["RoleName"] for role in page["Roles"]]
    with ThreadPoolExecutor(workers) as pool:
        calls += sum(pool.map(ask, names))
    return time.perf_counter() - start, calls


if __name__ == "__main__":
    main()
