"""What the organisation's policies leave to an account's identities: the levels that bind it, and what of that is not known.

An account lies below the root, below units, and is a level itself; each level must allow an action, and any may deny it. Which accounts
a unit holds no export says, so a policy that hangs on one binds nobody here: `gap` says that it may. The management account is bound by none.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from inventory.database import Database
from scoring.least_privilege.aws.documents import Policy, Statement, read
from scoring.least_privilege.aws.evaluate import RCP_SERVICES
from scoring.least_privilege.aws.holds import Holds
from scoring.least_privilege.sql import statement

Levels = tuple[tuple[Policy, ...], ...]

NOT_SEEN = "policies of the organisation were not supplied: what they forbid is not seen"
ON_UNITS = "a policy hangs on an organisational unit, and which accounts that holds is not in the evidence"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The policies above an account's identities."""

    scps: Levels = ()
    """By level, for `evaluate`. A level that may lack a policy holds one that cannot be judged."""
    rcps: Levels = ()
    limits: Levels = ()
    """The levels of which every policy is known: what none of a level's policies allows, nobody there may do."""
    denying: tuple[Policy, ...] = ()
    """Every policy that binds, for its Deny statements."""
    gap: str | None = None
    """Why there may be more that binds; None: all of it is known."""

    @property
    def empty(self) -> bool:
        """Whether nothing is known to bind."""
        return not self.denying and not self.limits


NOTHING = Ceiling(gap=NOT_SEEN)


class Ceilings:
    """The ceilings of all accounts of a database."""

    def __init__(self, rows: Iterable[Mapping[str, object]], policies: Mapping[str, Policy], gaps: Mapping[str, str] | None = None) -> None:
        """`rows`: of `ceiling`, each with `complete` and `stale` (ceilings.sql). `gaps`: by account, what was not collected."""
        self.rows = list(rows)
        self.gaps = gaps or {}
        self.policies = policies
        self.exempt = {str(row["scope"]) for row in self.rows if row["kind"] == "exempt"}
        self.named = {str(row["scope"]) for row in self.rows if row["kind"] != "exempt"}
        self.on_units = any(self._binds_beyond_all(row) for row in self.rows if str(row["scope"]).startswith("ou-"))
        self._found: dict[str, Ceiling] = {}

    def of(self, account: str) -> Ceiling:
        """What binds an account; the same object for all accounts that nothing of their own binds."""
        if not self.rows:
            return NOTHING
        key = "exempt" if account in self.exempt else account if account in self.named else "*"
        if key not in self._found:
            self._found[key] = Ceiling() if key == "exempt" else self._ceiling(key)
        return self._found[key]

    def gap(self, account: str) -> str | None:
        """Why more may bind an account than its ceiling holds: what could not be collected of it, or the ceiling's own gap."""
        own = self.gaps.get(account) if account not in self.exempt and self.rows else None
        return own or self.of(account).gap

    def _ceiling(self, account: str) -> Ceiling:
        levels: dict[tuple[str, str], list[Mapping[str, object]]] = {}
        for row in self.rows:
            if row["kind"] != "exempt" and row["scope"] in ("*", account):
                levels.setdefault((str(row["kind"]), str(row["level"])), []).append(row)
        scps = [self._level(rows) for (kind, _), rows in sorted(levels.items()) if kind == "scp"]
        rcps = [self._level(rows) for (kind, _), rows in sorted(levels.items()) if kind == "rcp"]
        stale = any(row["stale"] for rows in levels.values() for row in rows)
        own = [policy for level, _ in scps for policy in level]
        denying = [_doubtful(policy) if stale else policy for policy in own]
        denying += [_doubtful(policy) for level, _ in rcps for policy in level if any(map(_reaches_rcp_services, policy.statements))]
        return Ceiling(
            scps=tuple((*(() if stale else level), *(() if whole else (_rest(level),))) for level, whole in scps),
            rcps=() if stale else tuple(level for level, _ in rcps),
            limits=tuple(level for level, whole in scps if whole and not any(map(allows_everything, level))),
            denying=tuple(policy for policy in denying if any(not one.allow for one in policy.statements)),
            gap=ON_UNITS if self.on_units else None if all(whole for _, whole in scps) else NOT_SEEN,
        )

    def _level(self, rows: Sequence[Mapping[str, object]]) -> tuple[tuple[Policy, ...], bool]:
        """A level's policies, and whether they are all of them and can all be read.

        One without any Allow would stop all work below it: there the export lacks a policy, most likely AWS's own.
        """
        found = tuple(self._policy(str(row["document_id"])) for row in sorted(rows, key=lambda row: str(row["document_id"])))
        working = any(one.allow for policy in found for one in policy.statements)
        return found, working and all(row["complete"] for row in rows) and not any(policy.problem for policy in found)

    def _policy(self, document_id: str) -> Policy:
        missing = Policy(document_id=document_id, problem="the text of a policy of the organisation was not in the evidence")
        return self.policies.get(document_id, missing)

    def _binds_beyond_all(self, row: Mapping[str, object]) -> bool:
        return not allows_everything(self._policy(str(row["document_id"])))


def allows_everything(policy: Policy) -> bool:
    """FullAWSAccess and its like, which take nothing away."""
    return any(_is_everything(one) for one in policy.statements) and all(one.allow for one in policy.statements)


def _is_everything(one: Statement) -> bool:
    every = any(pattern.strip("*:") == "" and pattern for pattern in one.patterns)
    return one.allow and not one.negated and every and one.resources.everything and not one.resources.negated and one.holds is Holds.ALWAYS


def _rest(level: Sequence[Policy]) -> Policy:
    name = level[0].document_id if level else ""
    return Policy(document_id=f"?beside {name}", problem="not all policies of one level of the organisation may be in the evidence")


def _doubtful(policy: Policy) -> Policy:
    """A policy whose Deny settles nothing: one that binds resources, and so some of what identities do, or one that may be gone by now."""
    return replace(policy, statements=tuple(replace(one, holds=Holds.MAYBE) for one in policy.statements if not one.allow))


def _reaches_rcp_services(one: Statement) -> bool:
    return one.negated or any(
        pattern.strip("*:") == "" or "*" in pattern.partition(":")[0] or pattern.partition(":")[0] in RCP_SERVICES
        for pattern in one.patterns
    )


def ceilings(database: Database, policies: Mapping[str, Policy] | None = None) -> Ceilings:
    """Of a database's main tables. `policies`: documents already read, by id."""
    rows = database.rows(statement("aws/ceilings"))
    if policies is None:
        wanted = {row["document_id"] for row in rows}
        texts = database.rows("SELECT document_id, document FROM main.policy_document") if wanted else []
        policies = {row["document_id"]: read(row["document_id"], row["document"]) for row in texts if row["document_id"] in wanted}
    gaps = {row["scope"]: row["gap"] for row in database.rows(GAPS)} if rows else {}
    return Ceilings(rows, policies, gaps)


GAPS = """
    SELECT c.scope, min('policies of the organisation: ' || c.status || coalesce(': ' || c.reason, '')) AS gap
    FROM main.coverage AS c
    JOIN main.account AS a ON a.scope = c.scope AND a.provider = 'aws'
    WHERE c.fact = 'guardrails' AND c.status <> 'collected'
    GROUP BY c.scope
"""
