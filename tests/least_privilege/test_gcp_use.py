"""Used against granted on Google Cloud: verdicts, counts and the review. roles/storage.admin and others are counted by hand from their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from inventory.database import Database
from inventory.lake import Lake
from inventory.model import Coverage, CoverageStatus, Credential, CredentialKind, Fact, Human, Row, Status, Usage
from scoring.least_privilege.gcp.use import counts, review
from scoring.least_privilege.use import Permission, Use
from tests.least_privilege.gcp_estate import (
    AS_OF,
    BUCKET,
    KNOWN,
    MANAGER,
    PACK,
    PROJECT,
    UNTIL,
    account,
    conditional,
    custom,
    days_ago,
    filled,
    grant,
    insight,
    sa,
    watched,
)

MINE = ("storage.objects.create", "storage.objects.get", "storage.buckets.setIamPolicy", "newservice.things.frobnicate")
"""Look, change, control, and one that the catalogue lacks: weights 1 + 5 + 25 + 5 = 36."""
ROLE = "projects/p/roles/mine"


def mine(resource: str | None = PROJECT, **rest: Any) -> list[Row]:
    return [custom(*MINE), grant(ROLE, resource, document_id="d", **rest)]


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as database:
        yield database


def counted(database: Database, *rows: Row) -> dict[str, Any]:
    filled(database, [KNOWN, *rows])
    counts(database, AS_OF, PACK)
    return {row["identity_id"]: row for row in database.rows("SELECT * FROM main.least_privilege")}[sa()]


def verdicts(database: Database, *rows: Row) -> dict[str, Permission]:
    filled(database, [KNOWN, *rows])
    return {held.name: held for held in review(database, sa(), AS_OF, PACK).permissions}


def uses(database: Database, *rows: Row) -> dict[str, str]:
    return {name: str(held.use) for name, held in verdicts(database, *rows).items()}


def test_an_insight_settles_every_permission_of_its_grant(database: Database) -> None:
    looks = insight("storage.objects.get", role_id=ROLE, inferred=["storage.objects.create"])
    assert uses(database, account(), *mine(), looks) == {
        "storage.objects.get": "used",
        "storage.objects.create": "likely_unused",
        "storage.buckets.setIamPolicy": "unused",
        "newservice.things.frobnicate": "unused",
    }


def test_counts_and_weights_add_up(database: Database) -> None:
    looks = insight("storage.objects.get", role_id=ROLE, inferred=["storage.objects.create"])
    row = counted(database, account(), *mine(), looks)
    assert {name: row[name] for name in ("granted", "used", "unused", "likely_unused", "unknown")} == {
        "granted": 4,
        "used": 1,
        "unused": 2,
        "likely_unused": 1,
        "unknown": 0,
    }
    assert (row["weight"], row["weight_unused"], row["weight_open"], row["window_days"]) == (36, 30, 5, 90)
    assert (row["action"], row["confidence"], row["guards"]) == ("narrow", "high", [])
    assert row["reason"] == "of 4 permissions in its grants 2 were not used in the 90 days to 2026-10-30"
    assert row["evidence"] == [looks.evidence]


@pytest.mark.parametrize(
    ("look", "why"),
    [
        (None, "no policy insight is about this grant"),
        (insight("storage.objects.get", role_id="roles/viewer"), "no policy insight is about this grant"),
        (insight("storage.objects.get", role_id=ROLE, resource=f"{MANAGER}projects/q"), "no policy insight is about this grant"),
        (insight("storage.objects.get", role_id=ROLE, condition="true"), "no policy insight is about this grant"),
        (insight(role_id=ROLE, until=None), "the policy insight does not say what period it looked at"),
        (insight(role_id=ROLE, window_days=None), "the policy insight does not say what period it looked at"),
        (insight(role_id=ROLE, until=days_ago(36)), "the newest policy insight is of 2026-09-26: collect it again"),
    ],
)
def test_without_a_fresh_look_at_this_very_grant_nothing_is_unused(database: Database, look: Any, why: str) -> None:
    found = verdicts(database, account(), *mine(), *([look] if look else []))
    assert {(str(held.use), held.reason) for held in found.values()} == {("unknown", why)}
    counts(database, AS_OF, PACK)
    row = database.rows("SELECT * FROM main.least_privilege")[0]
    assert (row["action"], row["unused"], row["unknown"], row["window_days"]) == ("unknown", 0, 4, None)


def test_what_a_stale_look_saw_in_use_within_the_limit_is_in_use(database: Database) -> None:
    found = uses(database, account(), *mine(), insight("storage.objects.get", role_id=ROLE, until=days_ago(60)))
    assert Counter(found.values()) == {"used": 1, "unknown": 3}


def test_what_was_last_seen_in_use_before_the_limit_is_unknown(database: Database) -> None:
    found = uses(database, account(), *mine(), insight("storage.objects.get", role_id=ROLE, until=days_ago(120)))
    assert set(found.values()) == {"unknown"}


def test_a_permission_that_was_used_is_granted_even_where_the_catalogue_does_not_know(database: Database) -> None:
    found = uses(database, account(), grant("roles/pubsub.publisher"), insight("pubsub.topics.newThing", role_id="roles/pubsub.publisher"))
    assert found == {"pubsub.topics.newThing": "used", "pubsub.topics.publish": "unused"}


def test_used_through_one_grant_is_used_and_unknown_through_one_is_not_unused(database: Database) -> None:
    rows = [account(), *mine(), grant(ROLE, BUCKET, document_id="d"), insight("storage.objects.get", role_id=ROLE)]
    assert Counter(uses(database, *rows).values()) == {"used": 1, "unknown": 3}


def test_a_look_at_one_binding_says_nothing_of_the_same_role_under_a_condition(database: Database) -> None:
    look = insight(condition="resource.name.startsWith('projects/_/buckets/b')")
    found = verdicts(database, account(), conditional(), look)
    assert {held.use for held in found.values()} == {Use.UNUSED}
    assert all(held.conditional for held in found.values())


def test_use_that_a_log_saw_counts_wherever_it_is_granted(database: Database) -> None:
    call = Usage(identity_id=sa(), service="storage", action="storage.objects.get", last_at=days_ago(5), window_days=30, evidence="log#1")
    assert uses(database, account(), *mine(), call)["storage.objects.get"] == "used"


def test_old_use_in_a_log_is_unknown(database: Database) -> None:
    call = Usage(
        identity_id=sa(), service="storage", action="storage.objects.get", last_at=days_ago(100), window_days=400, evidence="log#1"
    )
    assert set(uses(database, account(), *mine(), call).values()) == {"unknown"}


class TestAnAccountThatDoesNotAuthenticate:
    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            ({}, "it has not authenticated in the 400 days to 2026-10-30"),
            ({"last_used_at": datetime(2026, 5, 2)}, "it has not authenticated since 2026-05-02"),
        ],
    )
    def test_uses_nothing(self, database: Database, facts: dict[str, Any], reason: str) -> None:
        row = counted(database, account(last_used_known=True, **facts), *mine(), watched())
        assert (row["action"], row["confidence"], row["unused"], row["unknown"], row["reason"]) == ("disable", "medium", 4, 0, reason)
        assert row["window_days"] == 400

    @pytest.mark.parametrize(
        ("facts", "more"),
        [
            ({"last_used_known": False}, [watched()]),
            ({"last_used_known": True}, []),
            ({"last_used_known": True}, [watched(days=89)]),
            ({"last_used_known": True}, [watched(until=days_ago(36))]),
            ({"last_used_known": True, "last_used_at": days_ago(89)}, [watched()]),
            ({"last_used_known": True, "called": "1@cloudservices.gserviceaccount.com"}, [watched()]),
            (
                {"last_used_known": True},
                [
                    watched(),
                    Credential(
                        credential_id="k",
                        identity_id=sa(),
                        provider="gcp",
                        name="k",
                        kind=CredentialKind.SIGNING_KEY,
                        last_used_at=days_ago(3),
                        last_used_known=True,
                        evidence="keys#k",
                    ),
                ],
            ),
            (
                {"last_used_known": True},
                [
                    watched(),
                    Usage(identity_id=sa(), service="storage", action="storage.objects.get", last_at=days_ago(1), evidence="log#1"),
                ],
            ),
        ],
        ids=["nobody tracked it", "no period", "too short", "stale", "it did lately", "Google runs it", "its key did", "a log saw it"],
    )
    def test_is_not_told_from_one_that_may(self, database: Database, facts: dict[str, Any], more: list[Row]) -> None:
        row = counted(database, account(**facts), *mine(), *more)
        assert (row["action"], row["unused"]) == ("unknown", 0)

    def test_a_permission_in_use_speaks_against_it(self, database: Database) -> None:
        row = counted(database, account(last_used_known=True), *mine(), watched(), insight("storage.objects.get", role_id=ROLE))
        assert (row["action"], row["used"], row["unused"]) == ("narrow", 1, 3)

    def test_insights_that_agree_make_it_surer(self, database: Database) -> None:
        row = counted(database, account(last_used_known=True), *mine(), watched(), insight(role_id=ROLE))
        assert (row["action"], row["confidence"]) == ("disable", "high")


@pytest.mark.parametrize(
    ("facts", "action", "reason"),
    [
        ({"in_scope": False}, "none", "it is not in scope"),
        ({"human": Human.HUMAN}, "none", "it is a person's"),
        ({"status": Status.DISABLED}, "none", "it is disabled: delete it once nobody has missed it"),
        ({"human": Human.UNKNOWN}, "narrow", "of 4 permissions in its grants 4 were not used in the 90 days to 2026-10-30"),
    ],
)
def test_for_whom_something_is_proposed(database: Database, facts: dict[str, Any], action: str, reason: str) -> None:
    row = counted(database, account(**facts), *mine(), insight(role_id=ROLE))
    assert (row["action"], row["reason"]) == (action, reason)


def test_grants_that_may_be_missing_leave_it_all_unknown(database: Database) -> None:
    gap = Coverage(fact=Fact.POLICIES, scope="p", status=CoverageStatus.DENIED, reason="no right")
    row = counted(database, account(), *mine(), insight(role_id=ROLE), gap)
    assert row["reason"] == "not all of its grants may be known: denied: no right"
    assert (row["action"], row["granted"], row["unused"], row["weight"]) == ("unknown", None, None, None)
    assert review(database, sa(), AS_OF, PACK).gaps == ["not all of its grants may be known: denied: no right"]


def test_a_role_without_text_leaves_it_unknown_and_stands_in_the_review(database: Database) -> None:
    row = counted(database, account(), grant("projects/p/roles/lost"), insight(role_id="projects/p/roles/lost"))
    assert (row["action"], row["granted"]) == ("unknown", None)
    assert row["reason"] == (
        "a role cannot be judged: projects/p/roles/lost, a custom role whose text was not in the evidence; "
        "supply its text: gcloud iam roles describe"
    )
    (held,) = review(database, sa(), AS_OF, PACK).permissions
    assert (held.name, held.use, held.granted_by) == ("projects/p/roles/lost", Use.UNKNOWN, ("projects/p/roles/lost on projects/p",))


def test_an_identity_without_grants_needs_nothing(database: Database) -> None:
    row = counted(database, account())
    assert (row["action"], row["granted"], row["reason"], row["evidence"]) == ("none", 0, "no role is granted to it", ["accounts#app"])


def test_all_in_use_is_fine(database: Database) -> None:
    row = counted(database, account(), grant("roles/pubsub.publisher"), insight("pubsub.topics.publish", role_id="roles/pubsub.publisher"))
    assert (row["action"], row["used"], row["granted"]) == ("none", 1, 1)


def test_what_is_denied_for_certain_is_not_granted(database: Database) -> None:
    denied = custom(document_id="no")
    denied = type(denied)(document_id="no", document='{"deniedPermissions": ["storage.googleapis.com/objects.get"]}')
    deny = grant("deny[x]", via="deny", document_id="no")
    assert counted(database, account(), *mine(), deny, denied)["granted"] == 3


def test_a_guard_makes_it_wait(database: Database) -> None:
    row = counted(database, account(purpose="disaster recovery"), *mine(), insight(role_id=ROLE, window_days=30))
    assert (row["action"], row["confidence"], len(row["guards"])) == ("wait", "low", 2)


def test_a_condition_that_has_run_out_grants_nothing(database: Database) -> None:
    row = counted(database, account(), conditional(expression="request.time < timestamp('2026-10-01T00:00:00Z')"))
    assert (row["granted"], row["action"]) == (0, "narrow")
    assert row["reason"] == "a grant's condition has run out: it grants nothing any more"


def test_the_same_grants_and_use_in_other_projects_are_judged_once(database: Database) -> None:
    rows: list[Row] = [custom(*MINE)]
    for number in range(30):
        name, where = f"a{number}", f"{MANAGER}projects/p{number}"
        rows += [account(name), grant(ROLE, where, name, document_id="d"), insight(role_id=ROLE, resource=where, name=name)]
    rows += [account(), grant(ROLE, document_id="d"), insight("storage.objects.get", role_id=ROLE)]
    filled(database, [KNOWN, *rows])
    counts(database, AS_OF, PACK)
    assert database.value("SELECT count(DISTINCT pattern) FROM judging.gcp_pattern") == 2
    assert database.rows("SELECT used, unused, count(*) AS n FROM main.least_privilege GROUP BY used, unused ORDER BY used") == [
        {"used": 0, "unused": 4, "n": 30},
        {"used": 1, "unused": 3, "n": 1},
    ]
    evidence = database.rows("SELECT evidence FROM main.least_privilege WHERE identity_id = $id", {"id": sa("a7")})
    assert evidence == [{"evidence": [f"insights#a7/{ROLE}/{MANAGER}projects/p7"]}]


def test_the_review_names_grants_weights_windows_and_records(database: Database) -> None:
    found = verdicts(database, account(), *mine(), insight("storage.objects.get", role_id=ROLE))
    held = found["storage.objects.get"]
    assert (held.service, str(held.weight), held.granted_by, held.window_days, held.last_at) == (
        "storage",
        "look",
        ("projects/p/roles/mine on projects/p",),
        90,
        UNTIL,
    )
    assert held.reason == "used, by the policy insight on projects/p/roles/mine on projects/p"
    assert held.evidence == (f"insights#app/{ROLE}/{PROJECT}",)
    assert [one.name for one in review(database, sa(), AS_OF, PACK).permissions] == sorted(MINE)


def test_review_answers_from_a_published_snapshot(database: Database, tmp_path: Path) -> None:
    filled(database, [KNOWN, account(), *mine(), insight("storage.objects.get", role_id=ROLE)])
    here = review(database, sa(), AS_OF, PACK)
    lake = Lake(tmp_path)
    snapshot = lake.publish(database, label="t", as_of=AS_OF, rules_version="1", pack="default", created_at="x", details={})
    with lake.open(snapshot.snapshot_id) as published:
        assert review(published, sa(), AS_OF, PACK) == here


def test_an_identity_that_is_not_there_is_told(database: Database) -> None:
    with pytest.raises(LookupError, match="no such identity"):
        review(database, "serviceAccount:nobody", AS_OF, PACK)


def test_nothing_is_written_where_there_is_no_gcp(database: Database) -> None:
    counts(database, AS_OF, PACK)
    assert database.value("SELECT count(*) FROM main.least_privilege") == 0


def test_the_whole_of_a_predefined_role_is_counted(database: Database) -> None:
    row = counted(database, account(), grant("roles/pubsub.admin"), insight("pubsub.topics.publish", role_id="roles/pubsub.admin"))
    assert row["granted"] == row["used"] + row["unused"]
    assert row["used"] == 1
