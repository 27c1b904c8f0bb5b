"""Feeds: the hand-made quarter in the formats of other tools. It has one finding of a secret in code (svc-deploy, critical), two of an old key
that fail and one that could not be judged; see tests/reports/workspace.py."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from prometheus_client.parser import text_string_to_metric_families

from inventory.database import Database
from inventory.decisions import Decision
from reports.feeds import BY_NAME, FEEDS
from reports.feeds.feed import Options, Source
from tests.reports.decided import DAY, DEPLOY, SNAPSHOT, accepted, decided, over
from tests.reports.workspace import HOSTILE, LEAKS

HUB = Options(aws_account="111122223333", aws_region="eu-central-1")
FINDINGS = [
    ("secret-in-code", "fail", "error"),
    ("key-older-than-limit", "fail", "error"),
    ("key-older-than-limit", "fail", "error"),
    ("key-older-than-limit", "open", "none"),
]
"""Check, kind and level of every finding, worst first."""
EXCEPTED = accepted("known-key", DEPLOY, checks=("secret-in-code",))


def feed(database: Database, name: str, *decisions: Decision) -> str:
    return "".join(BY_NAME[name].write(Source(database, SNAPSHOT, decided(*decisions), DAY, HUB)))


@pytest.fixture(scope="module")
def plain() -> Iterator[dict[str, str]]:
    """Every feed without any decision, by name."""
    with over() as database:
        yield {one.name: feed(database, one.name) for one in FEEDS}


@pytest.fixture(scope="module")
def excepted() -> Iterator[dict[str, str]]:
    """Every feed with an exception that holds for the secret in code of svc-deploy."""
    with over() as database:
        yield {one.name: feed(database, one.name, EXCEPTED) for one in FEEDS}


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_the_same_snapshot_and_day_give_the_same_bytes(plain: dict[str, str]) -> None:
    with over() as database:
        assert {one.name: feed(database, one.name) for one in FEEDS} == plain


# --- SARIF


def run_of(text: str) -> dict[str, Any]:
    (found,) = json.loads(text)["runs"]
    assert isinstance(found, dict)
    return found


def test_sarif_has_a_result_for_each_finding_and_unknown_is_open_not_a_pass(plain: dict[str, str]) -> None:
    results = run_of(plain["sarif"])["results"]
    told = [(row["ruleId"], row["kind"], row["level"]) for row in results]
    assert told == FINDINGS
    assert all(row["message"]["text"].split(": ")[1] == "Could not be judged" for row in results if row["kind"] == "open")


def test_sarif_has_a_rule_for_every_check_with_help_and_the_results_point_to_it(plain: dict[str, str]) -> None:
    found = run_of(plain["sarif"])
    rules = found["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["guardrail-missing", "key-older-than-limit", "owner-missing", "secret-in-code"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    assert all(rules[row["ruleIndex"]]["id"] == row["ruleId"] for row in found["results"])


def test_sarif_names_the_file_of_the_evidence_and_its_hash(plain: dict[str, str]) -> None:
    found = run_of(plain["sarif"])
    leaked = next(row for row in found["results"] if row["ruleId"] == "secret-in-code")
    place = leaked["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": LEAKS, "uriBaseId": "EVIDENCE"}
    assert "region" not in place  # the record `aws.tf:3` is no line of the report
    assert {one["location"]["uri"]: one["hashes"]["sha-256"][0] for one in found["artifacts"]}[LEAKS] == "2"


def test_a_record_that_is_a_line_gives_the_region() -> None:
    with over() as database:
        database.execute("UPDATE finding SET evidence = ['scans/a: b.jsonl#line 12'] WHERE check_id = 'secret-in-code'")
        found = run_of(feed(database, "sarif"))["results"]
    (place,) = [row["locations"][0]["physicalLocation"] for row in found if row["ruleId"] == "secret-in-code"]
    assert place == {
        "artifactLocation": {"uri": "scans/a%3A%20b.jsonl", "uriBaseId": "EVIDENCE"},
        "region": {"startLine": 12},
    }


def test_fingerprints_are_of_check_and_subject_alone(plain: dict[str, str]) -> None:
    with over() as database:
        database.execute("UPDATE finding SET reason = 'another reason', evidence = [], severity = 'low', subject_name = 'renamed'")
        later = run_of(feed(database, "sarif"))["results"]
    now = {row["partialFingerprints"]["nhiFinding/v1"] for row in run_of(plain["sarif"])["results"]}
    assert now == {row["partialFingerprints"]["nhiFinding/v1"] for row in later}
    assert len(now) == len(later) == len(FINDINGS)


def test_an_exception_is_a_suppression_with_its_reason_and_the_result_stays(excepted: dict[str, str]) -> None:
    results = run_of(excepted["sarif"])["results"]
    assert [(row["ruleId"], row["kind"]) for row in results] == [row[:2] for row in FINDINGS]
    (one,) = [row for row in results if "suppressions" in row]
    assert (one["ruleId"], one["kind"]) == ("secret-in-code", "fail")
    assert one["suppressions"] == [
        {
            "kind": "external",
            "status": "accepted",
            "justification": "Exception known-key, approved by R. Okafor until 2026-12-31: by design",
        }
    ]


# --- OCSF


def test_ocsf_says_unknown_for_what_could_not_be_judged(plain: dict[str, str]) -> None:
    events = lines(plain["ocsf"])
    told = [(one["compliance"]["control"], one["compliance"]["status_id"], one["compliance"]["status"]) for one in events]
    assert told == [(check, *((3, "Fail") if kind == "fail" else (0, "Unknown"))) for check, kind, _ in FINDINGS]
    assert {(one["class_uid"], one["category_uid"], one["type_uid"], one["time"]) for one in events} == {(2003, 2, 200301, 1790726400000)}
    required = {"activity_id", "category_uid", "class_uid", "compliance", "finding_info", "metadata", "severity_id", "time", "type_uid"}
    assert all(required <= set(one) for one in events)


def test_ocsf_suppresses_what_is_excepted_and_does_not_call_it_a_pass(excepted: dict[str, str]) -> None:
    (one,) = [one for one in lines(excepted["ocsf"]) if one["status_id"] != 1]
    assert (one["status"], one["compliance"]["status"], one["compliance"]["control"]) == ("Suppressed", "Fail", "secret-in-code")


# --- ASFF


def problems(request: dict[str, Any]) -> str:
    """What AWS's own model of `BatchImportFindings` says of a request."""
    shape = botocore.session.get_session().get_service_model("securityhub").operation_model("BatchImportFindings").input_shape
    return str(ParamValidator().validate(request, shape).generate_report())


def test_asff_fits_the_model_of_aws_and_never_says_passed(plain: dict[str, str]) -> None:
    (request,) = lines(plain["asff"])
    assert problems(request) == ""
    assert problems({"Findings": [{"Id": 1}]}) != ""  # the validator does look
    told = [(one["GeneratorId"], one["Compliance"]["Status"]) for one in request["Findings"]]
    assert told == [(f"nhi-posture/{check}", "FAILED" if kind == "fail" else "NOT_AVAILABLE") for check, kind, _ in FINDINGS]


def test_asff_sends_at_most_a_hundred_findings_in_a_request_and_keeps_to_the_limits() -> None:
    with over() as database:
        database.execute(
            """
            INSERT INTO finding SELECT 'key-older-than-limit', 'credential', repeat('x', 600) || n, repeat('n', 400), NULL, 'some-project',
                'unknown', 'high', repeat('r', 3000), [] FROM range(250) AS t (n)
            """
        )
        requests = lines(feed(database, "asff"))
    sizes = [len(one["Findings"]) for one in requests]
    assert sizes == [100, 100, 50 + len(FINDINGS)]
    found = [one for request in requests for one in request["Findings"] if one["ProductFields"].get("nhi/scope") == "some-project"]
    assert [problems(request) for request in requests] == ["", "", ""]
    assert {(len(one["Description"]), one["AwsAccountId"], one["Resources"][0]["Type"]) for one in found} == {
        (1024, "111122223333", "Other")
    }
    assert len({one["Resources"][0]["Id"] for one in found}) == 250
    assert max(len(one["Resources"][0]["Id"]) for one in found) == 512


def test_asff_names_the_partition_of_an_aws_subject_and_none_outside(plain: dict[str, str]) -> None:
    (request,) = lines(plain["asff"])
    kinds = {(one["Type"], one.get("Partition")) for finding in request["Findings"] for one in finding["Resources"]}
    assert kinds <= {("AwsIamUser", "aws"), ("AwsIamRole", "aws"), ("Other", None)}


def test_asff_suppresses_what_is_excepted(excepted: dict[str, str]) -> None:
    (request,) = lines(excepted["asff"])
    (one,) = [one for one in request["Findings"] if one["Workflow"]["Status"] == "SUPPRESSED"]
    assert (one["Compliance"]["Status"], one["GeneratorId"]) == ("FAILED", "nhi-posture/secret-in-code")


# --- OpenGraph


def test_the_graph_has_unique_ids_few_kinds_and_flat_properties(plain: dict[str, str]) -> None:
    graph = json.loads(plain["opengraph"])["graph"]
    ids = [node["id"] for node in graph["nodes"]]
    assert len(ids) == len(set(ids))
    assert sum(node["kinds"][0] == "NHI_Identity" for node in graph["nodes"]) == 13  # twelve, and one outside the scope
    assert all(len(node["kinds"]) <= 3 for node in graph["nodes"])
    for one in [*graph["nodes"], *graph["edges"]]:
        for value in one["properties"].values():
            assert isinstance(value, str | int | float | bool) or all(isinstance(item, str) for item in value)
    assert {edge[side]["value"] for edge in graph["edges"] for side in ("start", "end")} <= set(ids)


def test_edges_point_the_way_access_is_gained() -> None:
    broker = "nhi:identity:arn:aws:iam::111122223333:role/exchange-broker"
    deploy = f"nhi:identity:{DEPLOY}"
    with over() as database:
        database.execute(
            """
            INSERT INTO trust BY NAME SELECT 't9' AS trust_id, $broker AS identity_id, 'principal' AS principal_kind, $deploy AS principal,
                false AS human, false AS external_id, 'unknown' AS safety, 'f#1' AS evidence;
            INSERT INTO escalation VALUES ($deploy, 'iam-001', $broker, 'admin', 'possible', [], 'may', ['f#2']),
                ($deploy, 'iam-002', NULL, 'admin', 'certain', [], 'may', ['f#3'])
            """.replace("$broker", f"'{broker.removeprefix('nhi:identity:')}'").replace("$deploy", f"'{DEPLOY}'")
        )
        graph = json.loads(feed(database, "opengraph"))["graph"]
    edges = {(edge["kind"], edge["start"]["value"], edge["end"]["value"]): edge["properties"] for edge in graph["edges"]}
    assert edges["NHI_CanAssume", deploy, broker] == {"safety": "unknown", "evidence": ["f#1"]}
    assert edges["NHI_EscalatesTo", deploy, broker] == {"paths": ["iam-001"], "gains": ["admin"], "certain": False, "evidence": ["f#2"]}
    assert ("NHI_AuthenticatesAs", "nhi:credential:key:svc-deploy", deploy) in edges
    (node,) = [node for node in graph["nodes"] if node["id"] == deploy]
    assert node["properties"]["escalates_itself_by"] == ["iam-002"]


# --- Prometheus


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    families = list(text_string_to_metric_families(text))
    assert all(one.type == "gauge" and one.documentation for one in families)
    return {(one.name, tuple(sorted(one.labels.items()))): one.value for family in families for one in family.samples}


def test_metrics_are_read_back_and_unknown_is_counted_apart(plain: dict[str, str]) -> None:
    found = samples(plain["prometheus"])
    assert found["nhi_snapshot_timestamp_seconds", ()] == 1790726400
    statuses = ("pass", "fail", "unknown")
    check = (("check", "key-older-than-limit"), ("severity", "high"))
    assert [found["nhi_check_subjects", (*check, ("status", status))] for status in statuses] == [4, 2, 1]
    assert found["nhi_check_unjudged", (("check", "guardrail-missing"),)] == 1
    assert found["nhi_question_subjects", (("question", "Q5"), ("status", "unknown"))] == 12
    assert found["nhi_identities", (("part", "human_unknown"),)] == 1


def test_metrics_tell_excepted_failures_apart(excepted: dict[str, str]) -> None:
    found = samples(excepted["prometheus"])
    assert found["nhi_findings_failed", (("excepted", "yes"), ("severity", "critical"))] == 1
    assert found["nhi_findings_failed", (("excepted", "no"), ("severity", "critical"))] == 0


def test_names_of_metrics_keep_the_rules_and_labels_are_escaped() -> None:
    with over() as database:
        database.execute("""INSERT INTO check_result VALUES ('a"b\\c' || chr(10) || 'd', 'low', 1, 1, 0, 0, NULL)""")
        text = feed(database, "prometheus")
    found = samples(text)
    assert ("nhi_check_unjudged", (("check", 'a"b\\c\nd'),)) in found
    names = {name for name, _ in found}
    assert all(
        name.startswith("nhi_") and name == name.lower() and not name.endswith(("_total", "_count", "_sum", "_bucket")) for name in names
    )
    assert text.endswith("\n")


# --- OSCAL


def result_of(text: str) -> dict[str, Any]:
    (found,) = json.loads(text)["assessment-results"]["results"]
    assert isinstance(found, dict)
    return found


def test_oscal_satisfies_only_what_passed_as_a_whole(plain: dict[str, str]) -> None:
    status = {row["target"]["target-id"]: row["target"]["status"] for row in result_of(plain["oscal"])["findings"]}
    assert {name: (one["state"], one["reason"]) for name, one in status.items()} == {
        "guardrail-missing": ("not-satisfied", "other"),
        "key-older-than-limit": ("not-satisfied", "fail"),
        "owner-missing": ("satisfied", "pass"),
        "secret-in-code": ("not-satisfied", "fail"),
    }
    assert status["key-older-than-limit"]["remarks"] == "1 of 7 subjects could not be judged."
    assert status["guardrail-missing"]["remarks"] == "guardrails were not collected for any account"


def test_oscal_resolves_every_reference_and_links_the_evidence(plain: dict[str, str]) -> None:
    found = result_of(plain["oscal"])
    observed = {row["uuid"]: row for row in found["observations"]}
    assert len(observed) == len(found["observations"]) == len(FINDINGS)
    related = [one["observation-uuid"] for row in found["findings"] for one in row.get("related-observations", [])]
    assert sorted(related) == sorted(observed)
    items = {item["uuid"] for item in found["local-definitions"]["inventory-items"]}
    assert {subject["subject-uuid"] for row in observed.values() for subject in row["subjects"]} == items
    assert {uuid.UUID(name).version for name in [*observed, *items]} == {5}
    leaked = next(row for row in observed.values() if row["title"] == "secret-in-code")
    assert leaked["relevant-evidence"] == [{"href": f"{LEAKS}#aws.tf%3A3", "description": f"{LEAKS}, record aws.tf:3"}]
    document = json.loads(plain["oscal"])["assessment-results"]
    assert document["import-ap"]["href"] == f"#{document['back-matter']['resources'][0]['uuid']}"


# --- tickets


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_tickets_are_of_what_failed_and_nobody_excepted(plain: dict[str, str], excepted: dict[str, str]) -> None:
    rows = records(plain["tickets"])
    assert [row["Check"] for row in rows] == [check for check, kind, _ in FINDINGS if kind == "fail"]
    assert [row["Check"] for row in records(excepted["tickets"])] == [row["Check"] for row in rows if row["Check"] != "secret-in-code"]
    first = rows[0]
    assert (first["Priority"], first["Labels"], first["Team"]) == ("Highest", "nhi-posture secret-in-code", "platform")
    assert uuid.UUID(first["External ID"]).version == 5


def test_no_cell_of_a_ticket_is_a_formula() -> None:
    with over() as database:
        database.execute(
            """UPDATE finding SET reason = '=HYPERLINK("x")', subject_name = '@SUM(1)', subject_id = '+1', identity_id = NULL"""
        )
        cells = [value for row in records(feed(database, "tickets")) for value in row.values()]
    assert not [value for value in cells if value.startswith(("=", "+", "-", "@"))]
    assert "'+1" in cells


# --- all


@pytest.mark.parametrize("name", [one.name for one in FEEDS if one.name != "prometheus"])
def test_a_hostile_name_is_text_in_every_feed(name: str) -> None:
    evil = f"{HOSTILE}\x1b[31m\u202e</script>"
    with over() as database:
        database.execute("UPDATE finding SET subject_name = $name", {"name": evil})
        database.execute("UPDATE identity SET name = $name", {"name": evil})
        text = feed(database, name)
    if name == "tickets":
        assert all(row["Summary"].endswith("</script>") for row in records(text))
        return
    assert text.isascii()
    assert "\x1b" not in text
    assert json.dumps(evil)[1:-1] in text
