"""Granted against used in views and charts. Every expected number is counted by hand from HELD in tests/reports/workspace.py."""

from __future__ import annotations

import pytest

from inventory.database import Database
from reports import charts
from reports.views.filters import Filter
from reports.views.least_privilege import (
    AccessFilter,
    access_count,
    access_of,
    access_page,
    access_totals,
    creep_by,
    effort_and_gain,
    escalations,
    interval,
)
from reports.views.permissions import by_service, diff, permission_rows
from reports.views.stages import NOT_STATED
from scoring.least_privilege.use import Change, Permission, Review, Use, Weight
from tests.reports.workspace import DEV, HOSTILE, PROD, arn

ALL = AccessFilter()


def test_the_creep_index_is_unused_weight_among_granted_weight_and_stays_an_interval(now: Database) -> None:
    totals = access_totals(now, ALL)
    # weights: granted 500+40+60+100+50, unused 300+80+50, open 150+60
    assert (totals["creep_lo"], totals["creep_hi"]) == (pytest.approx(100 * 430 / 750), pytest.approx(100 * 640 / 750))
    assert (totals["identities"], totals["judged"], totals["unjudged"], totals["seen"]) == (6, 5, 1, 4)
    assert (totals["granted"], totals["used"], totals["unused"], totals["open"]) == (200, 35, 105, 60)
    # with a window: svc-deploy, svc-billing, the hostile one and role-retired: granted 690, unused 430, open 150
    assert (totals["seen_lo"], totals["seen_hi"]) == (pytest.approx(100 * 430 / 690), pytest.approx(100 * 580 / 690))
    assert totals["actions"] == {"disable": 1, "narrow": 1, "wait": 1, "none": 2, "unknown": 1}


def test_identities_with_a_certain_and_with_only_a_possible_way_to_more_are_told_apart(now: Database) -> None:
    totals = access_totals(now, ALL)
    assert (totals["ways_certain"], totals["ways_possible"]) == (0, 1)  # svc-vaulted, which is certain, has no row in least_privilege
    found = escalations(now)
    assert [(row["name"], row["certainty"], row["target"]) for row in found] == [
        ("svc-vaulted", "certain", "svc-deploy"),
        ("lambda-orders", "possible", None),
    ]
    assert found[0]["evidence"] == [{"path": "prod/gaad.json", "record": "Detail[svc-vaulted]"}]


def test_each_group_has_an_index_of_its_own_and_one_without_a_name_is_shown(now: Database) -> None:
    rows = {row["group"]: row for row in creep_by(now, "team", ALL)}
    assert set(rows) == {"platform", "payments", "orders", NOT_STATED}
    platform = rows["platform"]  # svc-deploy and role-retired
    assert (platform["identities"], platform["granted"], platform["unused"], platform["open"]) == (2, 110, 70, 30)
    assert (platform["creep_lo"], platform["creep_hi"]) == (pytest.approx(100 * 350 / 550), pytest.approx(100 * 500 / 550))
    unstated = rows[NOT_STATED]  # svc-unsettled alone, whose policies are not known
    assert (unstated["identities"], unstated["judged"], unstated["granted"], unstated["creep_lo"]) == (1, 0, None, None)
    with pytest.raises(ValueError, match="not one of"):
        creep_by(now, "reason", ALL)


def test_what_to_act_on_comes_first_and_the_page_is_cut_by_the_database(now: Database) -> None:
    names = [row["name"] for row in access_page(now, ALL, limit=10)]
    assert names == ["role-retired", "svc-deploy", HOSTILE, "svc-unsettled", "lambda-orders", "svc-billing"]
    assert [row["name"] for row in access_page(now, ALL, limit=2, offset=1)] == ["svc-deploy", HOSTILE]
    assert access_count(now, ALL) == 6


def test_filters_narrow_the_identities(now: Database) -> None:
    assert [row["name"] for row in access_page(now, AccessFilter(within=Filter(account=(DEV,)), action="disable"), limit=9)] == [
        "role-retired"
    ]
    assert [row["name"] for row in access_page(now, AccessFilter(within=Filter(team=(NOT_STATED,))), limit=9)] == ["svc-unsettled"]
    assert [row["name"] for row in access_page(now, AccessFilter(text="DEPLOY"), limit=9)] == ["svc-deploy"]


def test_effort_is_the_policies_to_touch_and_gain_the_weight_that_goes(now: Database) -> None:
    assert [(row["name"], row["weight_unused"]) for row in effort_and_gain(now, ALL)] == [("svc-deploy", 300), ("role-retired", 50)]


def test_one_identity_has_its_row_and_people_have_none(now: Database) -> None:
    row = access_of(now, arn("svc-deploy", PROD))
    assert row is not None
    assert (row["creep_lo"], row["creep_hi"]) == (pytest.approx(60.0), pytest.approx(90.0))
    assert access_of(now, arn("ana.person", PROD)) is None


@pytest.mark.parametrize(("low", "high", "text"), [(12.4, 84.6, "12–85"), (50.0, 50.2, "50"), (None, None, "—"), (0.0, 100.0, "0–100")])
def test_an_index_is_printed_as_an_interval_or_as_one_number(low: float | None, high: float | None, text: str) -> None:
    assert interval(low, high) == text


def test_charts_say_in_a_sentence_what_they_show(now: Database) -> None:
    assert charts.use_takeaway(access_totals(now, ALL)) == (
        "Of 200 permissions granted to 5 identities, 18 % are used, 52 % are unused and of 30 % nothing tells. 1 more could not be judged."
    )
    rows = effort_and_gain(now, ALL)
    assert charts.effort_takeaway(rows) == (
        "2 identities can be acted on now. The first, svc-deploy, takes 1 change and removes 86 % of the unused weight shown."
    )
    bars = charts.use_bars(creep_by(now, "team", ALL))
    assert [trace.name for trace in bars.data] == ["used", "not known", "unused"]
    assert (
        charts.use_takeaway(access_totals(now, AccessFilter(within=Filter(team=(NOT_STATED,)))))
        == "Of no identity is it known what it is granted."
    )


def permission(name: str, use: Use) -> Permission:
    service = name.partition(":")[0]
    return Permission(
        name=name,
        service=service,
        weight=Weight.LOOK,
        use=use,
        granted_by=("policy p, statement 0",),
        reason="said so",
        evidence=("a.json#r",),
    )


def test_permissions_are_counted_by_service_and_listed_by_verdict() -> None:
    found = Review(
        identity_id="x",
        permissions=[
            permission("ec2:RunInstances", Use.UNUSED),
            permission("s3:GetObject", Use.USED),
            permission("s3:ListBucket", Use.UNKNOWN),
        ],
    )
    first, second = by_service(found)
    assert (first["service"], first["granted"], first[Use.UNUSED]) == ("ec2", 1, 1)
    assert (second["service"], second["granted"], second[Use.USED], second[Use.UNKNOWN]) == ("s3", 2, 1, 1)
    assert [row["name"] for row in permission_rows(found, service="s3")] == ["s3:GetObject", "s3:ListBucket"]
    assert [row["name"] for row in permission_rows(found, use="not known")] == ["s3:ListBucket"]
    assert permission_rows(found)[0]["evidence"] == [{"path": "a.json", "record": "r"}]


def test_a_change_is_shown_as_a_diff() -> None:
    text = diff(Change(title="policy p", before='[\n  "s3:*"\n]', after='[\n  "s3:GetObject"\n]'))
    assert text.splitlines() == ["--- now", "+++ proposed", "@@ -1,3 +1,3 @@", " [", '-  "s3:*"', '+  "s3:GetObject"', " ]"]
