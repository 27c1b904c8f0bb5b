"""Feeds held to their published schemas, and what no schema sees: that references lead somewhere and numbers that depend on each other agree."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inventory.database import Database
from tests.command import run
from tests.reports.decided import BUCKET, DEPLOY, accepted, over
from tests.reports.schemas import problems
from tests.reports.test_feeds import FINDINGS, feed, lines, run_of
from tests.reports.workspace import HOSTILE

FORMS = ("sarif", "ocsf", "oscal", "asff")
EXCEPTED = accepted("known-key", DEPLOY, checks=("secret-in-code",))
NAMES = (f"{HOSTILE}\x1b[31m\u202e</script>", "n" * 4096, "مفتاح-الخدمة", "名前", "  ", "", "a\nb\tc")
PLACES = ("a b/ü: #1.json#arn:x:y/z w", "file.json", "c:/x.json#line 0", "dir/€.csv#line=7", "zip!/inner.json#")


def odd(database: Database) -> None:
    """A finding for each odd name and place: of a check of the user's own, on a subject without identity and account."""
    for number, name in enumerate(NAMES):
        place = PLACES[number % len(PLACES)]
        database.execute(
            "INSERT INTO finding SELECT check_id, 'resource', $id, $name, NULL, NULL, 'fail', 'low', $name, [$place] FROM (SELECT 'my-own-check' AS check_id)",
            {"id": f"odd {number} {name}", "name": name, "place": place},
        )
    database.execute("INSERT INTO check_result VALUES ('my-own-check', 'low', 7, 0, 7, 0, NULL)")
    database.execute("UPDATE identity SET name = $name", {"name": NAMES[0]})


@pytest.fixture(scope="module")
def feeds() -> Iterator[dict[str, str]]:
    """Every feed of the hand-made quarter with odd names and places, and an exception."""
    with over() as database:
        odd(database)
        yield {form: feed(database, form, EXCEPTED) for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
def test_a_feed_is_valid_by_its_published_schema_whatever_names_stand_in_it(feeds: dict[str, str], form: str) -> None:
    assert problems(form, feeds[form]) == []
    assert feeds[form].count("my-own-check") >= len(NAMES), "the odd ones are in it"


Change = Callable[[Any], Any]

BROKEN: dict[str, list[tuple[str, Change]]] = {
    "sarif": [
        ("'version' is a required", lambda log: log.pop("version")),
        ("'passed' is not one of", lambda log: log["runs"][0]["results"][0].update(kind="passed")),
        ("'colour' was unexpected", lambda log: log["runs"][0]["results"][0].update(colour="red")),
        ("minimum", lambda log: log["runs"][0]["results"][0].update(ruleIndex=-2)),
        ("1 is not of type", lambda log: log["runs"][0]["results"][0].update(message={"text": 1})),
    ],
    "ocsf": [
        ("'time' is a required", lambda event: event.pop("time")),
        ("is not one of", lambda event: event.update(severity_id=7)),
        ("'colour' was unexpected", lambda event: event.update(colour="red")),
        ("is not of type 'integer'", lambda event: event.update(type_uid="200301")),
        ("'colour' was unexpected", lambda event: event["compliance"].update(colour="red")),
    ],
    "oscal": [
        ("uuid", lambda document: document["assessment-results"].update(uuid="x")),
        ("import-ap", lambda document: document["assessment-results"].pop("import-ap")),
        ("colour", lambda document: document["assessment-results"].update(colour="red")),
        ("state", lambda document: document["assessment-results"]["results"][0]["findings"][0]["target"]["status"].update(state="maybe")),
        ("name", lambda document: document["assessment-results"]["metadata"]["props"][0].update(name="two words")),
        ("last-modified", lambda document: document["assessment-results"]["metadata"].update({"last-modified": "2026-09-30"})),
    ],
    "asff": [
        ("Id", lambda request: request["Findings"][0].pop("Id")),
        ("Severity", lambda request: request["Findings"][0].update(Severity="high")),
        ("colour", lambda request: request["Findings"][0].update(colour="red")),
    ],
}


@pytest.mark.parametrize(("form", "said", "change"), [(form, *one) for form, many in BROKEN.items() for one in many])
def test_what_is_broken_is_refused(feeds: dict[str, str], form: str, said: str, change: Change) -> None:
    text = feeds[form].splitlines()[0] if form in ("ocsf", "asff") else feeds[form]
    document = json.loads(text)
    change(document)
    found = problems(form, json.dumps(document))
    assert any(said in problem for problem in found), found


# --- what no schema sees


def test_every_index_and_id_of_sarif_leads_to_what_it_names(feeds: dict[str, str]) -> None:
    found = run_of(feeds["sarif"])
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert len(found["results"]) == len(FINDINGS) + len(NAMES)
    for result in found["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert (result["level"] == "none") == (result["kind"] != "fail"), "SARIF 3.27.10: another kind has no level"
        for place in [*result["locations"], *result.get("relatedLocations", [])]:
            if "physicalLocation" in place:
                assert place["physicalLocation"]["artifactLocation"]["uriBaseId"] in found["originalUriBaseIds"]


def test_numbers_of_an_ocsf_event_agree(feeds: dict[str, str]) -> None:
    events = lines(feeds["ocsf"])
    assert len(events) == len(FINDINGS) + len(NAMES)
    for event in events:
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["class_uid"] // 1000 == event["category_uid"]
        assert event["severity"] == {1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical"}[event["severity_id"]]
        assert event["compliance"]["status"] == {0: "Unknown", 1: "Pass", 2: "Warning", 3: "Fail"}[event["compliance"]["status_id"]]


def test_every_reference_of_oscal_resolves_and_no_uuid_stands_twice(feeds: dict[str, str]) -> None:
    document = json.loads(feeds["oscal"])["assessment-results"]
    given = list(under(document, "uuid"))
    asked = [*under(document, "subject-uuid"), *under(document, "observation-uuid")]
    assert len(given) == len(set(given))
    assert len(asked) == 2 * (len(FINDINGS) + len(NAMES)), "each finding is about a subject, and an observation of a check"
    assert set(asked) <= set(given)
    assert document["import-ap"]["href"].removeprefix("#") in given


def test_properties_of_oscal_hold_a_line_of_text(feeds: dict[str, str]) -> None:
    values = list(under(json.loads(feeds["oscal"]), "value"))
    assert len(values) > 50
    assert [value for value in values if not re.fullmatch(r"\S(.*\S)?", value)] == []


def under(value: Any, name: str) -> Iterator[str]:
    """Every value of that key, however deep."""
    if isinstance(value, dict):
        yield from (found for key, found in value.items() if key == name)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from under(inner, name)


def test_ids_of_asff_are_unique(feeds: dict[str, str]) -> None:
    found = [finding for request in lines(feeds["asff"]) for finding in request["Findings"]]
    assert len({finding["Id"] for finding in found}) == len(found) == len(FINDINGS) + len(NAMES)
    assert BUCKET not in {finding["AwsAccountId"] for finding in found}


@pytest.mark.heavy
def test_the_feeds_of_the_sample_company_are_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the demo writes its report beside it
    assert run("demo", "--no-serve", "--workspace", "workspace").exit_code == 0
    for form in FORMS:
        hub = ("--aws-account", "111122223333", "--aws-region", "eu-central-1") if form == "asff" else ()
        assert run("export", "--format", form, "--workspace", "workspace", "--out", form, *hub).exit_code == 0
        text = Path(form).read_text(encoding="utf-8")
        assert (form, problems(form, text)) == (form, [])
        assert len(text.splitlines()) > 10
