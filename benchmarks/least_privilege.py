"""Times what an assessment spends on least privilege: effective permissions, and used against granted, of many AWS identities.

`python benchmarks/least_privilege.py [--identities 450000] [--documents 20000] [--sets 40000] [--patterns 3]`. An estate is made in memory:
identities that share policy documents, each with a report of its services and actions. Nothing is read from files and nothing published.
`--patterns`: in how many ways the identities of one policy set use it; each pair of set and way is judged once.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.generate_account import ACCOUNT, LIMITS, NEEDS, RISKS
from inventory.database import Database
from scoring.least_privilege.aws.catalogue import standard
from scoring.least_privilege.aws.paths.escalations import aws_escalations
from scoring.least_privilege.aws.principals import principal_privileges
from scoring.least_privilege.recommend import count_use
from scoring.packs import load_pack

AS_OF = datetime(2026, 9, 30)
BATCH = 50_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--identities", type=int, default=450_000)
    parser.add_argument("--documents", type=int, default=20_000)
    parser.add_argument("--sets", type=int, default=40_000, help="distinct sets of two policies each")
    parser.add_argument("--patterns", type=int, default=3, help="ways in which the identities of a set use it")
    arguments = parser.parse_args()
    size = f"{arguments.identities:,} identities, {arguments.documents:,} documents, {arguments.sets:,} sets"
    print(f"{size}, Python {sys.version.split()[0]}, {os.cpu_count()} processors")
    with Database.empty() as database:
        timed("estate made", lambda: fill(database, arguments))
        standard()
        timed("privileges", lambda: principal_privileges(database))
        timed("escalation paths", lambda: aws_escalations(database))
        timed("used against granted", lambda: count_use(database, AS_OF, load_pack("default")))
        for row in database.rows(
            "SELECT action, count(*) AS n, sum(granted) AS granted FROM least_privilege GROUP BY action ORDER BY n DESC"
        ):
            print(f"  {row['action']:<8} {row['n']:>9,} identities, {row['granted'] or 0:>13,} permissions")
        pairs, records = (database.value(f"SELECT count(*) FROM {table}") for table in ("judging.use_pair", "main.usage"))
        print(f"  {pairs:,} pairs of policies and use, {records:,} records of use")


def timed(what: str, work: Callable[[], object]) -> None:
    """Run and print wall time, CPU time and the peak memory of the process so far."""
    wall, cpu = time.monotonic(), time.process_time()
    work()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    print(f"{what:<22}{time.monotonic() - wall:8.1f} s wall {time.process_time() - cpu:8.1f} s CPU {peak:8.0f} MB peak", flush=True)


def fill(database: Database, arguments: argparse.Namespace) -> None:
    """The estate, in the tables where reading and merging leave it."""
    documents = [document(number) for number in range(arguments.documents)]
    database.insert_rows(
        "policy_document", [{"document_id": f"d{number}", "document": json.dumps(one)} for number, one in enumerate(documents)]
    )
    services = [sorted({action for statement in one["Statement"] for action in patterns(statement)}) for one in documents]
    told = {"collector": "aws", "format": "aws-services-last-accessed", "collected_at": AS_OF, "collected_basis": "manifest", "records": 1}
    database.insert_rows("source", [{"source_id": "usage.json", "status": "read", **told}])
    database.insert_rows(
        "coverage", [{"fact": fact, "scope": ACCOUNT, "status": "collected"} for fact in ("policies", "role_usage", "identities")]
    )
    for first in range(0, arguments.identities, BATCH):
        numbers = range(first, min(first + BATCH, arguments.identities))
        for table, rows in estate(numbers, arguments, services).items():
            database.insert_rows(table, rows)


def document(number: int) -> dict[str, Any]:
    """A policy as a busy account holds it, its own by the resources that it names."""
    chance = _chance("document", number)
    found = []
    for actions, resources in chance.sample(NEEDS, k=chance.choice((1, 2, 2, 3, 4))):
        places = [resource.format(name=f"app-{number}", account=ACCOUNT) for resource in resources]
        found.append({"Effect": "Allow", "Action": list(actions), "Resource": places})
    if chance.random() < 0.02:
        found.append(dict(chance.choice(RISKS)))
    if chance.random() < 0.08:
        found.append(dict(chance.choice(LIMITS)))
    return {"Version": "2012-10-17", "Statement": found}


def patterns(statement: dict[str, Any]) -> Iterator[str]:
    if statement["Effect"] == "Allow" and "Action" in statement:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        yield from (action for action in actions if action != "*")


def estate(numbers: Sequence[int], arguments: argparse.Namespace, services: Sequence[Sequence[str]]) -> dict[str, list[dict[str, Any]]]:
    """Identities with two policies each, and a record for each service and some actions of them."""
    found: dict[str, list[dict[str, Any]]] = {"identity": [], "entitlement": [], "usage": [], "sighting": []}
    for number in numbers:
        arn = f"arn:aws:iam::{ACCOUNT}:role/app-{number:06d}"
        chosen = _chance("set", number % arguments.sets)
        held = chosen.sample(range(arguments.documents), k=2)
        found["identity"].append(
            {
                "identity_id": arn, "provider": "aws", "scope": ACCOUNT, "name": f"app-{number:06d}", "kind": "iam_role",
                "native_type": "AWS::IAM::Role", "human": "nonhuman", "in_scope": True, "status": "active", "last_used_known": False,
                "created_at": datetime(2024, 1, 1), "evidence": f"gaad.json#{number}",
            }
        )  # fmt: skip
        found["entitlement"] += [
            {"identity_id": arn, "document_id": f"d{one}", "via": "inline", "policy_name": f"p{one}", "evidence": f"gaad.json#{number}"}
            for one in held
        ]
        found["sighting"].append({"subject_kind": "service_usage", "subject_id": arn, "evidence": f"usage.json#{number}"})
        actions = sorted({action for one in held for action in services[one]})
        way = _chance("way", number % arguments.sets, number // arguments.sets % arguments.patterns)
        found["usage"] += usage(arn, actions, way, number)
    return found


def usage(arn: str, actions: Sequence[str], way: Random, number: int) -> Iterator[dict[str, Any]]:
    used = {service: way.random() < 0.6 for service in sorted({action.split(":")[0] for action in actions})}
    for service, recent in used.items():
        yield record(arn, service, None, recent, number)
    for action in actions:
        service, name = action.split(":")
        if "*" not in name and way.random() < 0.4:
            yield record(arn, service, name, used[service] and way.random() < 0.5, number)


def record(arn: str, service: str, action: str | None, recent: bool, number: int) -> dict[str, Any]:
    last_at = AS_OF - timedelta(days=10) if recent else None
    return {
        "identity_id": arn,
        "service": service,
        "action": action,
        "last_at": last_at,
        "window_days": 400,
        "evidence": f"usage.json#{number}",
    }


def _chance(*parts: object) -> Random:
    return Random("|".join(map(str, parts)))  # noqa: S311  a benchmark needs the same estate every time, not secrets


if __name__ == "__main__":
    main()
