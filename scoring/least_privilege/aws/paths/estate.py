"""What there is to take over: principals, whom they trust, and what hangs on them. Read once from a judged database, as bit sets.

Service-linked roles and those of IAM Identity Center are no targets: AWS lets nobody pass or change them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from inventory.database import Database
from scoring.least_privilege.aws.documents import Policy
from scoring.least_privilege.aws.paths.arns import NOBODY, Arns, Bounds
from scoring.least_privilege.aws.paths.questions import (
    CEILINGS,
    COVERAGE,
    CREDENTIALS,
    CUSTOMER_POLICIES,
    GROUPS,
    MEMBERS,
    MEMBERSHIPS,
    PROFILES,
    SEEN_WORKLOADS,
    TRUST,
    WORKLOADS,
)
from scoring.least_privilege.aws.principals import policies_in, policy_of
from scoring.least_privilege.sql import statement

PROTECTED = (":role/aws-service-role/", ":role/aws-reserved/")
LISTED_BY = {"lambda_function": "aws-lambda-functions", "ec2_instance": "aws-ec2-instances"}
"""Workloads that a path may start from, and the format that lists them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A role or user."""

    number: int
    """Its bit among the principals."""
    arn: str
    name: str
    account: str
    role: bool
    """False: a user."""
    reported: bool
    """Its ways are told: no person, in scope, not disabled."""
    privilege: str
    reason: str
    """Of its privilege."""
    gap: str | None
    """Why its policies may not all be known."""
    set_id: str | None
    """NULL: no policy."""
    members: tuple[str, ...]
    """Its policies, each `side document`."""
    evidence: str

    @property
    def label(self) -> str:
        return f"{'role' if self.role else 'user'} {self.name}"

    @property
    def names(self) -> Mapping[str, str]:
        """What policy variables stand for when it asks."""
        own = {"aws:principalaccount": self.account}
        return own if self.role else {**own, "aws:username": self.name}


@dataclass(kw_only=True)
class Estate:
    """Principals by bit, and sets of them."""

    database: Database
    principals: Sequence[Principal]
    arns: Arns
    accounts: Mapping[str, int]
    """Account -> its principals that can be taken over."""
    roles: int
    policies: Mapping[str, Policy]
    """Policy texts by document."""
    services: dict[str, Bounds] = field(default_factory=lambda: defaultdict(lambda: NOBODY))
    """Service -> roles that trust it; `*`: any service."""
    named: dict[str, Bounds] = field(default_factory=lambda: defaultdict(lambda: NOBODY))
    """Principal -> roles that trust it by name."""
    rooted: dict[str, Bounds] = field(default_factory=lambda: defaultdict(lambda: NOBODY))
    """Account -> roles that leave it to that account who may assume them."""
    anyone: Bounds = NOBODY
    """Roles that trust whoever asks. That is a finding on the role; here it counts only for who may assume roles by its own policies."""

    @classmethod
    def read(cls, database: Database) -> Estate:
        rows = database.rows(statement("aws/paths/principals"))
        principals = [_principal(number, row) for number, row in enumerate(rows)]
        accounts: dict[str, int] = defaultdict(int)
        roles = 0
        for principal in principals:
            if not any(part in principal.arn for part in PROTECTED):
                accounts[principal.account] |= 1 << principal.number
            roles |= principal.role << principal.number
        estate = cls(
            database=database,
            principals=principals,
            arns=Arns(principal.arn for principal in principals),
            accounts=accounts,
            roles=roles,
            policies=policies_in(database),
        )
        estate._read_trust()
        return estate

    def _read_trust(self) -> None:
        by_name = {(p.account, p.name): p.arn for p in self.principals if p.role}
        for row in self.database.rows(TRUST):
            mask = self.arns.bit(row["identity_id"])
            found = Bounds(0 if row["conditional"] is not False else mask, mask)
            kind, name = row["principal_kind"], row["principal"]
            if kind == "service":
                service = "*" if set("*?") & set(name) else name.removesuffix(".cn")
                self.services[service] |= found
            elif kind == "anonymous" or (name == "*" and kind in ("account", "unknown")) or name == "?":
                self.anyone |= found if kind == "anonymous" else (0, mask)
            elif kind == "account":
                self.rooted[row["principal_scope"]] |= found
            elif ":assumed-role/" in name:  # a session's name is chosen by whoever assumes the role
                session = name.split("/")[1]
                self.named[by_name.get((row["principal_scope"], session), "")] |= (0, mask)
            else:
                self.named[name] |= found

    def trusting(self, services: Iterable[str]) -> Bounds:
        """Roles that trust one of the services."""
        found = self.services["*"]
        for service in services:
            found |= self.services[service]
        return found

    def targets(self, account: str) -> int:
        return self.accounts.get(account, 0)

    def members_of(self, members: Iterable[str], side: str) -> list[Policy]:
        """The policies of a set, on one side: identity, boundary."""
        return [policy_of(name, self.policies) for part, _, name in (member.partition(" ") for member in members) if part == side]

    @cached_property
    def privileges(self) -> Mapping[str, int]:
        """Privilege -> principals."""
        found: dict[str, int] = defaultdict(int)
        for principal in self.principals:
            found[principal.privilege] |= 1 << principal.number
        return found

    @cached_property
    def bounded(self) -> int:
        """Principals with a permission boundary."""
        mask = 0
        for principal in self.principals:
            if any(member.startswith("boundary ") for member in principal.members):
                mask |= 1 << principal.number
        return mask

    @cached_property
    def with_profile(self) -> Bounds:
        """Roles that an instance can run as. A source that lists roles by name alone does not show their instance profiles."""
        mask = shown = 0
        for row in self.database.rows(PROFILES):
            bit = self.arns.bit(row["identity_id"])
            mask |= bit if row["profile"] else 0
            shown |= bit if row["shown"] else 0
        return Bounds(mask, mask | self.roles & ~shown)

    @cached_property
    def users(self) -> Mapping[str, Bounds]:
        """Users by what they have of keys and passwords: free_key, two_keys, password, no_password."""
        found: dict[str, Bounds] = defaultdict(lambda: NOBODY)
        for row in self.database.rows(CREDENTIALS):
            mask = self.arns.bit(row["identity_id"])
            keys, password = row["access_keys"], row["password"]
            for word, state in (
                ("free_key", None if keys is None else keys < 2),
                ("two_keys", None if keys is None else keys >= 2),
                ("password", password),
                ("no_password", None if password is None else not password),
            ):
                found[word] |= Bounds(mask if state else 0, mask if state is not False else 0)
        return found

    @cached_property
    def customer_policies(self) -> tuple[Arns, Mapping[str, int], Mapping[int, list[str]]]:
        """Policies of one's own account that can be rewritten; policy -> who holds it; principal -> which it holds."""
        holders: dict[str, int] = defaultdict(int)
        held: dict[int, list[str]] = defaultdict(list)
        for row in self.database.rows(CUSTOMER_POLICIES):
            mask = self.arns.bit(row["identity_id"])
            if mask:
                holders[row["policy_id"]] |= mask
                held[mask.bit_length() - 1].append(row["policy_id"])
        return Arns(holders), holders, held

    @cached_property
    def workloads(self) -> tuple[Arns, Mapping[str, Mapping[str, Any]]]:
        """What runs as one of the principals: ARNs, and ARN -> its row with `number`, the principal's."""
        found = {}
        for row in self.database.rows(WORKLOADS):
            mask = self.arns.bit(row["identity_id"])
            if mask:
                found[_workload_arn(row)] = {**row, "number": mask.bit_length() - 1}
        return Arns(found), found

    @cached_property
    def groups(self) -> tuple[Arns, Mapping[str, Sequence[Mapping[str, Any]]], Mapping[int, list[str]]]:
        """Groups that are listed; group -> its policies; principal -> its groups."""
        held: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for row in self.database.rows(GROUPS):
            held[group_arn(row["group_id"])].append(row)
        joined: dict[int, list[str]] = defaultdict(list)
        for row in self.database.rows(MEMBERSHIPS):
            mask = self.arns.bit(row["identity_id"])
            if mask:
                joined[mask.bit_length() - 1].append(group_arn(row["group_id"]))
        return Arns({*held, *(name for names in joined.values() for name in names)}), held, joined

    @cached_property
    def limits(self) -> Mapping[str, Sequence[Sequence[Policy]]]:
        """Account -> levels of service control policies that bind it; `*`: every account."""
        levels: dict[tuple[str, str], list[Policy]] = defaultdict(list)
        for row in self.database.rows(CEILINGS):
            levels[row["scope"], row["level"]].append(policy_of(row["document_id"], self.policies))
        found: dict[str, list[Sequence[Policy]]] = defaultdict(list)
        for (scope, _), policies in sorted(levels.items()):
            found[scope].append(policies)
        return found

    @cached_property
    def collected(self) -> Mapping[tuple[str, str], bool]:
        """(Fact, account) -> whether it was collected."""
        return {(row["fact"], row["scope"]): row["status"] == "collected" for row in self.database.rows(COVERAGE)}

    def is_collected(self, fact: str, account: str) -> bool:
        return self.collected.get((fact, account), self.collected.get((fact, "*"), False))

    @cached_property
    def _workload_kinds(self) -> set[tuple[str, str]]:
        return {(row["format"], row["scope"]) for row in self.database.rows(SEEN_WORKLOADS)}

    def lists(self, kind: str, account: str) -> bool:
        """Whether all workloads of a kind are known."""
        return self.is_collected("workloads", account) and (LISTED_BY.get(kind, ""), account) in self._workload_kinds

    def policy_records(self, arns: Sequence[str]) -> Mapping[str, Mapping[str, tuple[str, str]]]:
        """Principal -> policy (as in its set) -> name and record, of some principals."""
        found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        for row in self.database.rows(MEMBERS, {"arns": arns}):
            found[row["identity_id"]][row["member"]] = (row["policy_name"], row["evidence"])
        return found


def _principal(number: int, row: Mapping[str, Any]) -> Principal:
    arn = row["identity_id"]
    rest = {name: row[name] for name in ("name", "reported", "privilege", "reason", "gap", "set_id", "evidence")}
    return Principal(number=number, arn=arn, account=arn.split(":")[4], role=":role/" in arn, members=tuple(row["members"] or ()), **rest)


def group_arn(group_id: str) -> str:
    """`group:account/name` as ARN. Its path is not in the tables: taken to have none."""
    account, _, name = group_id.removeprefix("group:").partition("/")
    return f"arn:aws:iam::{account}:group/{name}"


def _workload_arn(row: Mapping[str, Any]) -> str:
    if row["kind"] != "ec2_instance":
        return str(row["workload_id"])
    region, instance = row["region"] or "unknown", re.sub(r".*:", "", row["workload_id"])
    return f"arn:aws:ec2:{region}:{row['scope']}:instance/{instance}"
