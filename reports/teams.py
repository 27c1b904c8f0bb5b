"""The report and the worklist of each team in files of their own: what the team runs, counted over that alone, and nothing of others.

A team is what tags or people call it: `placement.team`, which the filter of the dashboard goes by. What no team claims makes one more, so that
nothing falls between them: there alone stand what is about a whole account, and secrets whose identity nobody named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pyarrow as pa

from inventory.database import Database, StoreError
from inventory.decision_log import DecisionLog
from inventory.lake import Lake, Snapshot
from reports.audiences import TEAM
from reports.content import Asked
from reports.formats import write_reports
from reports.limited import CROSSING, EMPTY, OWN_THINGS, RULES, SHOWN_DETAILS, narrow
from reports.views.stages import NOT_STATED
from reports.views.worklist import CANDIDATES, candidates
from scoring.decided import settled

FORMATS = ("html", "pdf", "json", "md", "xlsx", "csv")
"""Of the report's formats those that a team can have."""

_RUN = "SELECT subject_id FROM whole.subject WHERE subject_kind = '{}' AND team IS NOT DISTINCT FROM $team"

OWN = f"""
CREATE SCHEMA own;
CREATE TABLE own.team AS SELECT CAST($team AS VARCHAR) AS team;
CREATE TABLE own.identity AS SELECT identity_id FROM whole.identity WHERE identity_id IN ({_RUN.format("identity")});
CREATE TABLE own.credential AS
SELECT credential_id FROM whole.credential
WHERE identity_id IN (FROM own.identity) OR (identity_id IS NULL AND credential_id IN ({_RUN.format("credential")}));
CREATE TABLE own.workload AS
SELECT workload_id FROM whole.workload
WHERE CASE WHEN identity_id IN (SELECT identity_id FROM whole.identity) THEN identity_id IN (FROM own.identity)
    ELSE team IS NOT DISTINCT FROM $team END;
CREATE TABLE own.resource AS SELECT resource_id FROM whole.resource WHERE resource_id IN ({_RUN.format("resource")});
CREATE TABLE own.exposure AS
SELECT exposure_id FROM whole.secret_exposure
WHERE credential_id IN (FROM own.credential) OR (credential_id IS NULL AND $team IS NULL);
CREATE TABLE own.account AS
SELECT scope FROM whole.account
WHERE $team IS NULL
    OR scope IN (SELECT scope FROM whole.identity WHERE identity_id IN (FROM own.identity))
    OR scope IN (SELECT scope FROM whole.resource WHERE resource_id IN (FROM own.resource))
    OR scope IN (SELECT scope FROM whole.workload WHERE workload_id IN (FROM own.workload))
    OR scope IN (SELECT scope FROM whole.credential WHERE credential_id IN (FROM own.credential))
    OR scope IN (SELECT scope FROM whole.secret_exposure WHERE exposure_id IN (FROM own.exposure));
CREATE TABLE own.subject AS {OWN_THINGS}UNION ALL SELECT DISTINCT 'scope', subject_id FROM whole.finding WHERE subject_kind = 'scope' AND $team IS NULL;
CREATE TABLE own.source AS SELECT source_id FROM whole.source LIMIT 0;
CREATE TABLE own.record AS
SELECT DISTINCT evidence FROM whole.sighting SEMI JOIN own.subject USING (subject_kind, subject_id);
CREATE TABLE own.mine AS
SELECT subject_kind, subject_id FROM own.subject
UNION ALL SELECT 'trust', trust_id FROM whole.trust WHERE identity_id IN (FROM own.identity)
UNION ALL SELECT 'account', scope FROM whole.account WHERE $team IS NULL
UNION ALL SELECT 'repository', target_id FROM whole.scan_target WHERE $team IS NULL;
{CROSSING}
"""
"""What is a team's; what belongs to an identity goes with it. `mine`: what moves are done to. No file is theirs alone, so records are kept one by one
(`source` is empty)."""


def _where(table: str, key: str, kind: str) -> tuple[str, str]:
    """The rule of a table of the whole account, narrowed to a team's rows."""
    return RULES[table][0], f"WHERE {key} IN (FROM own.{kind})"


TEAM_RULES = {
    **RULES,
    "source": ("*", EMPTY),
    "run": ("*", EMPTY),
    "identity": _where("identity", "identity_id", "identity"),
    "workload": _where("workload", "workload_id", "workload"),
    "resource": _where("resource", "resource_id", "resource"),
    "secret_exposure": _where("secret_exposure", "exposure_id", "exposure"),
    "secret_store": ("*", "WHERE store_id IN (SELECT store_id FROM whole.credential WHERE credential_id IN (FROM own.credential))"),
    "scan_target": ("*", "WHERE (SELECT team IS NULL FROM own.team)"),
    "guardrail": ("*", "WHERE (SELECT team IS NULL FROM own.team)"),
    "check_result": (
        """* REPLACE (
            CAST(NULL AS BIGINT) AS population, CAST(NULL AS BIGINT) AS unknown,
            CASE WHEN passed + failed = 0 THEN 0 END AS passed, CASE WHEN passed + failed = 0 THEN 0 END AS failed)""",
        "",
    ),
    "candidate": ("*", "SEMI JOIN own.mine USING (subject_kind, subject_id)"),
    "finding": (
        "*",
        "SEMI JOIN own.subject USING (subject_kind, subject_id) WHERE identity_id IS NULL OR identity_id IN (FROM own.identity)",
    ),
}
"""As for somebody who sees some accounts, by team. What is about a file, an account or the organisation is nobody's but of those without a team.
Which checks ran, and which judged nothing anywhere, is known here too; how many they judged is the whole estate's."""


class NoSuchTeam(LookupError):
    """A team was asked for that no source names; the message says which there are."""


class TeamLake(Lake):
    """The workspace's lake for one team. Every database that it opens holds what the team runs, and no more."""

    def __init__(self, workspace: Path, team: str | None, moves: pa.Table | None = None) -> None:
        """`moves`: whom they can be done to in the whole estate (`all_candidates`); a report needs them."""
        super().__init__(workspace)
        self.team = team
        self.moves = moves

    def snapshot(self, snapshot_id: str) -> Snapshot:
        """One snapshot, without what its manifest says of the whole estate."""
        found = super().snapshot(snapshot_id)
        return replace(found, tables={}, details={name: value for name, value in found.details.items() if name in SHOWN_DETAILS})

    def attach(self, database: Database, snapshot: Snapshot, schema: str, *, kind: str = "VIEW") -> None:
        """The tables of a snapshot, narrowed, as tables of `main`. Raises StoreError for any other schema: nothing whole is given away."""
        if schema != "main":
            raise StoreError("a team's report holds what is theirs, and compares with nothing")
        super().attach(database, snapshot, "whole")
        if self.moves is not None:
            database.create("whole.candidate", self.moves)
        narrow(database, OWN, {"team": self.team}, TEAM_RULES)
        if self.moves is not None:
            database.execute(
                f"CREATE SCHEMA IF NOT EXISTS work; CREATE TABLE {CANDIDATES} AS FROM main.candidate; DROP TABLE main.candidate"
            )

    def load_seen(self, snapshot: Snapshot, database: Database) -> None:
        """Nothing is judged again over a part. Raises StoreError."""
        raise StoreError("judging again takes the whole estate, and a team has a part")


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamReport:
    """What was written for one team."""

    team: str
    """Its name, or that no source states one."""
    identities: int
    paths: tuple[Path, ...]


def teams(database: Database) -> list[tuple[str | None, int]]:
    """Every team with the identities that it runs, the largest first; None, last: those of which no source names a team."""
    found = database.rows(
        "SELECT team, count(*) AS identities FROM subject WHERE subject_kind = 'identity' GROUP BY team ORDER BY identities DESC, team"
    )
    named = {row["team"]: row["identities"] for row in found}
    others = database.rows(
        "SELECT DISTINCT team FROM (SELECT team FROM placement UNION ALL SELECT team FROM resource UNION ALL SELECT team FROM workload) ORDER BY 1"
    )
    for row in others:
        named.setdefault(row["team"], 0)
    unstated = named.pop(None, 0)
    return [*((str(team), count) for team, count in named.items()), (None, unstated)]


def all_candidates(database: Database, snapshot: Snapshot) -> pa.Table:
    """Whom each move can be done to, in a database that holds the whole snapshot."""
    candidates(database, snapshot)
    return database.arrow(f"SELECT * FROM {CANDIDATES}")


def write_team_reports(
    workspace: Path, snapshot: Snapshot, forms: Sequence[str], folder: Path, *, on: date, only: Sequence[str] = ()
) -> Iterator[TeamReport]:
    """Write the report of each team (or of `only` some) into a folder of its own. Raises NoSuchTeam for a team that is not there."""
    with Lake(workspace).open(snapshot.snapshot_id) as database:
        found = teams(database)
        _known(found, only)
        moves = all_candidates(database, snapshot)
        decided = settled(database, DecisionLog(workspace).standing())
    taken: set[str] = set()
    for team, identities in found:
        if only and (team or NOT_STATED) not in only:
            continue
        lake = TeamLake(workspace, team, moves)
        place = folder / _folder(team, taken)
        seen = lake.snapshot(snapshot.snapshot_id)
        asked = Asked(lake=lake, snapshot=seen, on=on, audience=TEAM, part=NOT_STATED if team is None else team, decided=decided)
        paths = tuple(path for _, path in write_reports(asked, list(forms), place))
        yield TeamReport(team=team or NOT_STATED, identities=identities, paths=paths)


def lake_of(workspace: Path, snapshot: Snapshot, name: str) -> TeamLake:
    """The lake for one team, by its name as it is printed. Raises NoSuchTeam for a team that is not there."""
    with Lake(workspace).open(snapshot.snapshot_id) as database:
        _known(teams(database), [name])
    return TeamLake(workspace, None if name == NOT_STATED else name)


def _known(found: Sequence[tuple[str | None, int]], asked: Sequence[str]) -> None:
    known = {team or NOT_STATED for team, _ in found}
    if missing := [team for team in asked if team not in known]:
        raise NoSuchTeam(f"{missing[0]}: no such team; there are {', '.join(sorted(known))}")


def _folder(team: str | None, taken: set[str]) -> str:
    """A folder's name of its own, whatever the team's name holds."""
    words = re.sub(r"[^\w-]+", "-", team or "").strip("-")[:60]
    first = "no-team" if team is None else f"team-{words or 'unnamed'}"
    name, number = first, 2
    while name.lower() in taken:
        name, number = f"{first}-{number}", number + 1
    taken.add(name.lower())
    return name
