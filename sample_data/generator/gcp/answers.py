"""What was planted in Google Cloud, on whom, and which stage follows by the published rules. Written by hand, never by the product.

Prod: in the second quarter its organisation policies were listed and none was enforced, so what runs natively stands at 6; in the third one key
creation is refused and data access is logged: 7. Nonprod: nobody could list organisation policies: 6 or 7; in the second quarter nobody could list
keys either, so any account there may hold one that rests anywhere: 2 to 7. Data: no full log of data access: 6.
"""

from __future__ import annotations

from collections.abc import Iterator

from generator.company import Quarter
from generator.estate import Json
from generator.gcp import accounts, runtime, stored
from generator.gcp.account_list import LINES, Line, lines
from generator.gcp.places import DATA, NONPROD, PROD, PROJECTS, Project
from generator.scans import certain

Stage = tuple[int, int]

NATIVE: dict[Project, tuple[Stage, Stage]] = {PROD: ((6, 6), (7, 7)), NONPROD: ((2, 7), (6, 7)), DATA: ((6, 6), (6, 6))}
"""No key, used where it is attached or federated: second and third quarter."""

KEYED = {
    "code": ("gcp-key-in-code", (2, 2), "its user-managed key is declared to stand in a repository"),
    "shared": ("gcp-key-shared-over-environments", (3, 3), "its key is declared to lie in variables of two environments"),
    "ci": ("gcp-key-in-ci", (3, 4), "its key lies in a CI variable; of how many environments was not said"),
    "isolated": ("gcp-key-in-one-environment", (4, 4), "its key is declared to lie in variables of one environment"),
    "manager": ("gcp-key-in-manager", (6, 6), "its key only signs for short-lived tokens and is declared to rest in a manager"),
    "unknown": ("gcp-key-storage-unknown", (2, 6), "its key only signs for short-lived tokens; nobody said where it rests"),
    "hmac": ("gcp-hmac-key", (2, 5), "a storage HMAC key is used directly; where it rests is not said"),
}
"""A key beside it: the weakest path decides."""

APART = ("tracking-replay", "ci-preview")
"""Told in stories of their own."""


def _subject(address: str) -> str:
    return f"serviceAccount:{address}"


def _story(name: str, stage: Stage | None, what: str, subjects: list[str]) -> Iterator[Json]:
    if subjects:
        yield {"story": name, "stage": list(stage) if stage else None, "what": what, "subjects": sorted(subjects)}


def counts(quarter: Quarter) -> dict[str, int]:
    here = [line for project in PROJECTS for line in lines(quarter, project)]
    machines = [runtime.services, runtime.functions, runtime.machines]
    return {
        "gcp_service_accounts": len(here) + 2 * len(PROJECTS),
        "gcp_disabled_service_accounts": sum(line.rest(quarter) == "off" for line in here),
        "gcp_user_managed_keys_listed": sum(
            line.rest(quarter) in accounts.HOLDS_A_KEY for line in here if quarter.number >= 3 or line.project != NONPROD
        )
        + sum(line.name == "etl-vendor-sync" for line in here),
        "gcp_api_and_hmac_keys": sum(map(len, stored.API_KEYS.values())) + sum(line.rest(quarter) == "hmac" for line in here),
        "gcp_workloads": sum(len(listed(quarter, project)) for listed in machines for project in PROJECTS),
    }


def stories(quarter: Quarter) -> Iterator[Json]:
    here = [line for project in PROJECTS for line in lines(quarter, project) if line.name not in APART]
    hidden = {line for line in here if quarter.number < 3 and line.project == NONPROD}
    for project in PROJECTS:
        found = [
            _subject(line.email)
            for line in here
            if line.project == project and (line in hidden or line.rest(quarter) in ("native", "retired"))
        ]
        found += [_subject(project.compute_default), _subject(project.app_engine_default)]
        what = "no user-managed key in use; attached to what runs, or federated"
        if project == NONPROD and quarter.number < 3:
            what = "nobody listed its keys: it may have one, or none"
        yield from _story(f"gcp-native-{project.alias}", NATIVE[project][quarter.number - 2], what, found)
    for rest, (name, stage, what) in KEYED.items():
        found = [_subject(line.email) for line in here if line.rest(quarter) == rest and line not in hidden]
        yield from _story(name, certain(quarter, stage), what, found)
    yield from _story(
        "gcp-disabled",
        None,
        "the account is disabled: no active path",
        [_subject(line.email) for line in here if line.rest(quarter) == "off"],
    )
    yield from _trusts(quarter)
    yield from _progress(quarter)
    yield from _api_keys()
    yield from _open(quarter)


def _trusts(quarter: Quarter) -> Iterator[Json]:
    third = quarter.number >= 3
    what = "an account of nonprod may act as it: as mature as the weaker of the two"
    yield from _story("gcp-nonprod-into-prod", (6, 7) if third else (2, 6), what, [_subject(PROD.email("tracking-replay"))])
    what = "every repository of GitHub may become it: the pool's provider has no condition and the grant names the whole pool"
    yield from _story("gcp-pool-too-wide", (6, 6) if third else (2, 6), what, [_subject(NONPROD.email("ci-preview"))])


def _progress(quarter: Quarter) -> Iterator[Json]:
    if quarter.number >= 3:
        gone = [
            line
            for line in LINES
            if line.project == PROD and line.rests[1] == "native" and line.rests[0] in ("unknown", "isolated", "shared")
        ]
        yield from _story("gcp-keys-removed", (7, 7), "had a user-managed key in Q2 and has none", list(map(_address, gone)))


def _address(line: Line) -> str:
    return _subject(line.email)


def _api_keys() -> Iterator[Json]:
    """Nobody's identity: a key of the project, used as it is."""
    found = [f"gcp:api_key:{entry['uid']}" for project in PROJECTS for entry in stored.api_keys(project)]
    yield from _story("gcp-api-key", (2, 5), "used directly; where it rests is not said", found)


def _open(quarter: Quarter) -> Iterator[Json]:
    found = ["//storage.googleapis.com/quillhaven-demo-parcels"]
    if quarter.number < 3:
        found.append(f"//run.googleapis.com/projects/{NONPROD.id}/locations/europe-west1/services/hackday-demo")
    yield from _story("gcp-open-resource", (1, 1), "allUsers may read or call it", found)
