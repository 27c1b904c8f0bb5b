"""The same facts through both doors: answers of the live calls, and what gcloud prints, end in the same rows."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.collecting import Call
from collectors.gcp.fetch import GcpOptions, plan
from collectors.gcp.fetch_lists import CONSTRAINTS
from collectors.reading import Evidence, read
from inventory.model import Coverage, CoverageStatus, Fact, Row, Run, Source
from tests.collectors.live.gcp_project import (
    ABOVE,
    ACCOUNTS,
    BUCKET,
    CONSTRAINT,
    DENIAL,
    DEPLOY,
    DEPLOYER,
    DESCRIBED,
    EXPORTS,
    FUNCTION,
    KEY,
    NUMBER,
    OF_PROJECT,
    ORGANIZATION,
    PROJECT,
    REPORT,
    RULE,
    SECRET,
    SERVICE,
    answer,
)
from tests.collectors.live.google_server import Google, Ran, run, serving


def collected(google: Google) -> Ran:
    found = run(plan(GcpOptions(projects=(PROJECT,)), google.clients))
    assert {path: str(failure) for path, failure in found.failures.items()} == {}
    return found


def bundle(folder: Path, files: Mapping[str, Iterable[Any]], scope: str = PROJECT) -> Evidence:
    """Written as the runner writes it, one value a line, and read."""
    for path, values in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    manifest = {"bundle_version": 1, "source": "gcp", "as_of": "2026-11-23T00:00:00Z"}
    entries = [{"path": path, "scope": scope} for path in files]
    (folder / "manifest.json").write_text(json.dumps({**manifest, "files": entries}), encoding="utf-8")
    return read([folder], COLLECTORS, key=b"0" * 32)


def facts(evidence: Evidence) -> set[str]:
    """Rows without the file they stand in."""
    return {_fact(row) for row in evidence.rows if not isinstance(row, Run | Source)}


def _fact(row: Row) -> str:
    held = {key: value for key, value in dataclasses.asdict(row).items() if "evidence" not in key}
    return f"{type(row).__name__} {json.dumps(held, default=str, sort_keys=True)}"


@pytest.fixture(scope="module")
def found() -> Ran:
    with serving() as google:
        answer(google)
        return collected(google)


@pytest.fixture(scope="module")
def doors(found: Ran, tmp_path_factory: pytest.TempPathFactory) -> tuple[Evidence, Evidence]:
    """(live, exported)."""
    live = bundle(tmp_path_factory.mktemp("live"), found.pages)
    return live, bundle(tmp_path_factory.mktemp("exported"), {path: [value] for path, value in EXPORTS.items()})


def test_live_answers_and_exports_end_in_the_same_rows(doors: tuple[Evidence, Evidence]) -> None:
    live, exported = map(facts, doors)

    assert live - exported == set()
    assert exported - live == set()
    assert {row.split(" ", 1)[0] for row in live} == {
        *("Account", "Alias", "Coverage", "Credential", "Entitlement", "Federation", "Guardrail", "Identity", "Observation"),
        *("PolicyDocument", "Resource", "SecretStore", "Sighting", "Trust", "Usage", "Workload"),
    }


def test_both_doors_name_the_same_records(doors: tuple[Evidence, Evidence]) -> None:
    """Locators do not depend on the file's shape, so that what was decided about a record still holds when the door changes."""
    live, exported = ({str(getattr(row, "evidence", None)).partition("#")[2] for row in door.rows} for door in doors)

    assert live == exported


def test_every_live_file_is_recognised(doors: tuple[Evidence, Evidence]) -> None:
    live, _ = doors

    assert [str(warning) for warning in live.warnings] == []
    assert {source.status for source in live.sources} == {"read"}


def untold(calls: Mapping[str, Call], evidence: Evidence) -> set[tuple[str, str]]:
    """(path, fact) of files that make a fact look whole which their calls do not name: when another call for it fails, nobody would know
    that something is missing."""
    whole = {(str(row.evidence), row.fact) for row in evidence.rows if isinstance(row, Coverage) and row.status is CoverageStatus.COLLECTED}
    assert whole
    return {(path, fact) for path, fact in whole if fact not in _named(calls[path])}


def _named(call: Call) -> tuple[Fact, ...]:
    return call.facts if call.tells is None else call.tells


def test_a_file_makes_no_fact_whole_that_its_call_does_not_name(found: Ran, doors: tuple[Evidence, Evidence]) -> None:
    assert untold(found.calls, doors[0]) == set()


def asset(kind: str, resource: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"name": f"//{kind.split('/')[0]}/{resource}", "assetType": kind, "resource": {"version": "v1", "data": data}, "ancestors": []}


def test_an_organisation_reads_the_same_through_both_doors(tmp_path: Path) -> None:
    project = asset(
        "cloudresourcemanager.googleapis.com/Project", f"projects/{NUMBER}", {**DESCRIBED, "lifecycleState": "DELETE_REQUESTED"}
    )
    held = [
        asset("iam.googleapis.com/ServiceAccount", f"projects/{PROJECT}/serviceAccounts/101", ACCOUNTS[0]),
        asset("iam.googleapis.com/ServiceAccountKey", KEY["name"], KEY),
        asset("secretmanager.googleapis.com/Secret", SECRET["name"], SECRET),  # type: ignore[arg-type]
    ]
    top, rule = ABOVE[2]["policy"], {**RULE, "name": f"organizations/{ORGANIZATION}/policies/{CONSTRAINT}"}
    named = f"organizations/{ORGANIZATION}"
    denial = {**DENIAL, "name": f"policies/cloudresourcemanager.googleapis.com%2Forganizations%2F{ORGANIZATION}/denypolicies/no-keys"}
    role = {**DEPLOYER, "name": f"{named}/roles/deployer"}
    with serving() as google:
        google.grpc["ListRoles"] = [{"roles": [role]}]
        google.rest |= {
            f"cloudresourcemanager.googleapis.com/v3/{named}:getIamPolicy": [top],
            f"orgpolicy.googleapis.com/v2/{named}/policies": [{"policies": [rule]}],
            f"iam.googleapis.com/v2/policies/cloudresourcemanager.googleapis.com%2F{named.replace('/', '%2F')}/denypolicies": [
                {"policies": [{"name": denial["name"]}]}
            ],
            f"iam.googleapis.com/v2/{denial['name']}": [denial],
            f"cloudasset.googleapis.com/v1/{named}:searchAllIamPolicies": [{"results": [OF_PROJECT, BUCKET], "nextPageToken": "2"}, {}],
            f"cloudasset.googleapis.com/v1/{named}/assets": [
                {"assets": [project]},
                {"assets": held[:1], "nextPageToken": "2"},
                {"assets": held[1:]},
            ],
        }
        found = run(plan(GcpOptions(organization=ORGANIZATION), google.clients))
    exports = {
        "projects.json": [project],
        "assets.json": held,
        "search.json": [OF_PROJECT, BUCKET],
        "policy.json": [{"resource": named, "policy": top}],
        "org-policies.json": [rule],
        "deny-policy.json": denial,
        "roles.json": [role],
    }

    live = bundle(tmp_path / "live", found.pages, scope="*")
    exported = bundle(tmp_path / "exported", {path: [value] for path, value in exports.items()}, scope="*")

    assert found.failures == {}
    assert [str(warning) for warning in live.warnings] == []
    assert facts(live) == facts(exported)
    assert untold(found.calls, live) == set()


def test_a_variable_whose_value_was_dropped_is_still_taken_for_a_credential(tmp_path: Path) -> None:
    container = {"image": "shop", "env": [{"name": "DB_PASSWORD", "value": "canary-hunter2"}]}
    service = {**SERVICE, "spec": {"template": {"spec": {"serviceAccountName": DEPLOY, "containers": [container]}}}}
    function = {**FUNCTION, "serviceConfig": {"serviceAccountEmail": REPORT, "environmentVariables": {"API_TOKEN": "canary-hunter2"}}}
    with serving() as google:
        answer(google)
        google.rest[f"run.googleapis.com/v1/projects/{PROJECT}/locations/-/services"] = [{"items": [service]}]
        google.rest[f"cloudfunctions.googleapis.com/v2/projects/{PROJECT}/locations/-/functions"] = [{"functions": [function]}]
        live = bundle(tmp_path, collected(google).pages)

    found = {fact for fact in facts(live) if "gcp:env:" in fact}
    assert len(found) == 2
    assert all('"storage_basis": "inferred"' in fact for fact in found)


def test_a_project_that_holds_nothing_is_known_to(tmp_path: Path) -> None:
    with serving() as google:
        answer(google)
        google.grpc |= {"ListServiceAccounts": [{}], "ListRoles": [{}]}
        for address in [address for address in google.rest if address.startswith(EMPTIED)]:
            google.rest[address] = [{}]
        found = run(plan(GcpOptions(projects=(PROJECT,)), google.clients))
        live = bundle(tmp_path, found.pages)

    assert set(found.failures) == {f"projects/{PROJECT}/policy-insights.json"}
    assert [str(warning) for warning in live.warnings if "policy-insights" not in str(warning)] == []
    covered = {row.fact for row in live.rows if isinstance(row, Coverage) and row.status is CoverageStatus.COLLECTED}
    assert covered >= {Fact.IDENTITIES, Fact.SERVICE_CREDENTIALS, Fact.STORED_SECRETS, Fact.WORKLOADS}
    assert covered.isdisjoint({Fact.ROLE_USAGE, Fact.KEY_USAGE, Fact.SERVICE_USAGE, Fact.SECRET_SCAN})


EMPTIED = tuple(
    f"{api}.googleapis.com/"
    for api in "iam apikeys storage secretmanager policyanalyzer recommender compute run cloudfunctions cloudasset".split()
)


def test_every_constraint_that_is_read_is_asked_for() -> None:
    from collectors.gcp.org_policies import BINDING

    assert set(CONSTRAINTS) == set(BINDING)
