"""What leads to an identity and where it leads: rows, picture, and the way back to records."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from inventory.database import Database
from reports.svg_reach import MOST, reach
from reports.views.identity import subject_detail
from reports.views.least_privilege import escalations
from reports.views.reach import IN, OUT, Link, link_rows, link_takeaway, links
from tests.reports.workspace import DEV, HOSTILE, PROD, arn, put

BECOMES, TRUSTED = arn("ci-publisher", PROD), arn("exchange-broker", PROD)


@pytest.fixture
def estate() -> Database:
    """A role with a key, an outside account and a publisher that may become it; it may become another one and run as a function."""
    database = Database.empty()
    for name in ("middle", "other", "publisher"):
        put(
            database,
            "identity",
            {"identity_id": name, "provider": "aws", "scope": PROD, "name": f"the {name}", "kind": "iam_role", "human": "nonhuman",
             "human_basis": "a role", "in_scope": True, "status": "active", "last_used_known": True, "evidence": f"a.json#{name}"},
        )  # fmt: skip
    put(
        database,
        "credential",
        *(
            {"credential_id": f"k{status}", "identity_id": "middle", "provider": "aws", "name": f"KEY-{status}", "kind": "access_key",
             "role": "combined", "storage": "env_var", "storage_basis": "observed", "isolation": "shared", "issuance": "manual",
             "last_used_known": False, "status": status, "evidence": f"a.json#{status}"}
            for status in ("inactive", "active")
        ),
    )  # fmt: skip
    trusts = [
        ("middle", "principal", "publisher", "unknown"),
        ("middle", "account", "999999999999", "unsafe"),
        ("other", "principal", "middle", "safe"),
    ]
    put(
        database,
        "trust",
        *(
            {"trust_id": f"{owner}-{principal}", "identity_id": owner, "principal_kind": kind, "principal": principal, "human": False,
             "external_id": False, "safety": safety, "safety_reason": None, "evidence": f"a.json#{owner}/{principal}"}
            for owner, kind, principal, safety in trusts
        ),
    )  # fmt: skip
    put(
        database,
        "workload",
        {
            "workload_id": "w",
            "provider": "aws",
            "kind": "lambda_function",
            "name": "mailer",
            "identity_id": "middle",
            "evidence": "f.json#w",
        },
    )
    put(
        database,
        "privilege",
        *(
            {"identity_id": who, "privilege": what, "reason": "by a policy", "evidence": ["a.json#p"]}
            for who, what in (("middle", "read"), ("other", "admin"))
        ),
    )
    put(
        database,
        "escalation",
        *(
            {"identity_id": "middle", "path_id": path, "target_id": target, "gains": "admin", "certainty": certainty, "steps": ["1. do"],
             "reason": "it can", "evidence": [f"a.json#{path}"]}
            for path, target, certainty in (("iam-001", None, "possible"), ("lambda-003", "other", "possible"), ("lambda-004", "other", "certain"))
        ),
    )  # fmt: skip
    put(
        database,
        "entitlement",
        *(
            {"identity_id": "middle", "via": via, "policy_name": name, "resource": "//bucket", "evidence": f"a.json#{name}"}
            for via, name in (("role", "reader"), ("role", "writer"), ("deny", "none"))
        ),
    )
    return database


def parsed(picture: str) -> ElementTree.Element:
    return ElementTree.fromstring(picture)  # noqa: S314  our own picture


def beside(database: Database, identity_id: str = "middle") -> list[Link]:
    detail = subject_detail(database, identity_id)
    assert detail is not None
    return links(database, detail, escalations(database, identity_id))


def test_ways_in_are_credentials_those_who_may_become_it_and_what_runs_as_it(estate: Database) -> None:
    found = [(link.group, link.title, link.detail, link.subject_id, link.evidence) for link in beside(estate) if link.side == IN]
    assert found == [
        ("credential", "KEY-active", "access key, active, rests in env var", None, ["a.json#active"]),
        ("credential", "KEY-inactive", "access key, inactive, rests in env var", None, ["a.json#inactive"]),
        ("trust", "999999999999", "account, unsafe", None, ["a.json#middle/999999999999"]),
        ("trust", "the publisher", "principal, unknown", "publisher", ["a.json#middle/publisher"]),
        ("workload", "mailer", "lambda function", None, ["f.json#w"]),
    ]


def test_it_reaches_its_own_privilege_those_that_trust_it_ways_to_more_and_resources(estate: Database) -> None:
    found = [(link.group, link.title, link.certain, link.gains, link.evidence) for link in beside(estate) if link.side == OUT]
    assert found == [
        ("itself", "read by its own permissions", None, None, ["a.json#p"]),
        ("becomes", "the other", None, None, ["a.json#other/middle"]),
        ("way", "the other", True, "admin", ["a.json#lambda-004", "a.json#lambda-003"]),
        ("way", "its own permissions grow", False, "admin", ["a.json#iam-001"]),
        ("resource", "//bucket", None, None, ["a.json#reader", "a.json#writer"]),
    ]


def test_the_sentence_counts_what_is_drawn(estate: Database) -> None:
    said = link_takeaway("the middle", beside(estate))
    assert said == "the middle: ways in: 5; identities that it may become: 1; ways to more: 2, certain: 1."


def test_every_row_of_the_table_leads_to_a_record(estate: Database) -> None:
    rows = link_rows(beside(estate))
    assert len(rows) == 10
    assert all(row["evidence"] and all(place["path"] and place["record"] for place in row["evidence"]) for row in rows)


def test_the_same_rows_give_the_same_picture_and_an_uncertain_way_is_dashed(estate: Database) -> None:
    found = beside(estate)
    picture, width = reach("the middle", found, "said")
    assert picture == reach("the middle", found, "said")[0]
    assert width > 800
    assert picture.count('class="edge maybe"') == 2, "from the identity to the possible way, and from there to what it gains"
    root = parsed(picture)
    assert root.attrib["role"] == "img"
    assert [child.text for child in root[:2]] == ["What leads to the middle, and where it leads", "said"]


def test_too_many_of_a_kind_become_one_box_that_counts_them() -> None:
    many = [Link(side=IN, group="trust", title=f"service-{number:02}", detail="service") for number in range(MOST + 14)]
    picture = str(reach("hub", many, "said")[0])
    assert "and 14 more" in picture
    assert f"service-{MOST - 1:02}" in picture
    assert f"service-{MOST:02}" not in picture


def test_nothing_known_is_said(estate: Database) -> None:
    picture = str(reach("the publisher", [], "said")[0])
    assert picture.count("nothing known") == 2 * 2, "as text and as the title of the box, left and right"


@pytest.mark.parametrize("name", [HOSTILE, "javascript:alert(1)", "\u202egpj.exe", "n" * 4096, "<script>alert(1)</script>", "a\x0bb"])
def test_a_hostile_name_is_text_in_a_picture_of_the_same_size(name: str) -> None:
    plain, width = reach("name", [Link(side=IN, group="trust", title="title", detail="detail")], "said")
    picture, same = reach(name, [Link(side=IN, group="trust", title=name, detail=name, subject_id=arn(HOSTILE, DEV))], name)
    assert same == width
    assert [element.tag for element in parsed(picture).iter()] == [element.tag for element in parsed(plain).iter()]
    assert "\u202e" not in picture
    assert len(picture) < 12_000 + len(plain)
