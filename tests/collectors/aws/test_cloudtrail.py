"""CloudTrail: what was used."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.aws.cloudtrail import FORMATS, authorized
from collectors.document import Document, Problem
from collectors.reading import read
from inventory.model import Usage

(FORMAT,) = FORMATS
ROLE = "arn:aws:iam::111122223333:role/app"
SECRET = "a-value-that-must-not-be-kept"


def event(
    name: str = "RunInstances", *, source: str = "ec2", at: str = "2026-09-01T10:00:00Z", number: int = 1, **rest: Any
) -> dict[str, Any]:
    """A record of a call by a session of a role."""
    caller = {
        "type": "AssumedRole",
        "arn": "arn:aws:sts::111122223333:assumed-role/app/session-1",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": ROLE}},
    }
    return {
        "eventVersion": "1.08",
        "userIdentity": caller,
        "eventTime": at,
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventType": "AwsApiCall",
        "eventID": f"e{number}",
        "requestParameters": {"password": SECRET},
        "responseElements": {"token": SECRET},
        "sourceIPAddress": SECRET,
        **rest,
    }


def rows(*records: dict[str, Any]) -> list[Any]:
    document = Document(source_id="trail.json", values=({"Records": list(records)},))
    assert FORMAT.matches(document)
    return list(FORMAT.rows(document))


def used(*records: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(row.service, row.action) for row in rows(*records) if isinstance(row, Usage)]


def test_an_identity_has_one_row_per_action_with_its_last_call_and_one_per_service() -> None:
    found = rows(event(at="2026-09-01T10:00:00Z", number=1), event(at="2026-09-03T10:00:00Z", number=2), event("StopInstances", number=3))
    assert {row.identity_id for row in found} == {ROLE}
    assert [(row.service, row.action, f"{row.last_at:%d}", row.window_days, row.evidence) for row in found] == [
        ("ec2", None, "03", None, "trail.json#eventID=e2"),
        ("ec2", "runinstances", "03", None, "trail.json#eventID=e2"),
        ("ec2", "stopinstances", "01", None, "trail.json#eventID=e3"),
    ]


@pytest.mark.parametrize(
    ("source", "name", "action"),
    [
        ("s3", "ListBuckets", "listallmybuckets"),
        ("s3", "HeadBucket", "listbucket"),
        ("s3", "PutObject", "putobject"),
        ("lambda", "ListFunctions20150331", "listfunctions"),
        ("lambda", "GetFunction20150331v2", "getfunction"),
        ("lambda", "Invoke", "invokefunction"),
        ("cloudfront", "CreateDistribution2020_05_31", "createdistribution"),
    ],
)
def test_an_operation_is_the_action_that_authorises_it(source: str, name: str, action: str) -> None:
    assert used(event(name, source=source)) == [(source, None), (source, action)]


def test_an_operation_that_one_of_several_actions_may_authorise_shows_the_service_alone() -> None:
    assert authorized()["s3:copyobject"] is None
    assert used(event("CopyObject", source="s3")) == [("s3", None)]


def test_an_event_source_is_read_as_the_prefix_of_its_actions() -> None:
    assert used(event("PutMetricData", source="monitoring")) == [("cloudwatch", None), ("cloudwatch", "putmetricdata")]


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "Client.UnauthorizedOperation"])
def test_a_refused_call_is_no_use(code: str) -> None:
    assert used(event(errorCode=code)) == []


def test_a_call_that_failed_after_it_was_allowed_is_use() -> None:
    assert used(event(errorCode="Client.InvalidVpcID.NotFound")) == [("ec2", None), ("ec2", "runinstances")]


@pytest.mark.parametrize(
    "rest",
    [
        {"eventType": "AwsServiceEvent"},
        {"eventType": "AwsConsoleSignIn"},
        {"userIdentity": {"type": "Root", "arn": "arn:aws:iam::111122223333:root"}},
        {"userIdentity": {"type": "AWSService", "invokedBy": "ec2.amazonaws.com"}},
        {"userIdentity": {"type": "AWSAccount", "accountId": "999999999999"}},
        {
            "userIdentity": {
                "type": "AssumedRole",
                "sessionContext": {
                    "sessionIssuer": {"arn": "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_x"}
                },
            }
        },
    ],
)
def test_events_of_aws_of_the_root_user_and_of_people_are_left_out(rest: dict[str, Any]) -> None:
    assert rows(event(**rest)) == []


def test_a_user_is_itself() -> None:
    arn = "arn:aws:iam::111122223333:user/svc"
    found = rows(event(userIdentity={"type": "IAMUser", "arn": arn}))
    assert {row.identity_id for row in found} == {arn}


def test_lookup_events_holds_the_record_as_text() -> None:
    document = Document(source_id="e.json", values=({"Events": [{"EventId": "e1", "CloudTrailEvent": json.dumps(event())}]},))
    assert FORMAT.matches(document)
    assert [row.action for row in FORMAT.rows(document) if isinstance(row, Usage)] == [None, "runinstances"]


def test_a_record_that_cannot_be_read_is_named_and_the_rest_goes_on() -> None:
    broken = {key: value for key, value in event().items() if key != "eventTime"}
    found = rows(broken, event(number=2))
    assert [one.message for one in found if isinstance(one, Problem)] == ["not read: lacks 'eventTime'"]
    assert len([one for one in found if isinstance(one, Usage)]) == 2


def test_a_gzipped_trail_file_is_read_and_no_value_of_it_is_kept(tmp_path: Path) -> None:
    (tmp_path / "111122223333_CloudTrail.json.gz").write_bytes(gzip.compress(json.dumps({"Records": [event()]}).encode()))
    evidence = read([tmp_path], COLLECTORS, key=b"k" * 32)
    kept = [row for row in evidence.rows if isinstance(row, Usage)]
    assert [row.action for row in kept] == [None, "runinstances"]
    assert SECRET not in repr(evidence.rows)
