"""What an identity holds on a place: the cases of docs/agreement-gcp.md, and laws."""

from __future__ import annotations

import json
import re
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.least_privilege.gcp.effective import Binding, Effective, Evaluator, Hierarchy, Holds
from scoring.least_privilege.gcp.names import Names, weight_of
from scoring.least_privilege.gcp.roles import standard
from scoring.least_privilege.use import Weight
from tests.checkout import ROOT

AS_OF = datetime(2026, 11, 1)
MANAGER = "//cloudresourcemanager.googleapis.com/"
PLACES = {
    "topic t": "//pubsub.googleapis.com/projects/p/topics/t",
    "bucket b": "//storage.googleapis.com/b",
    "account a": "//iam.googleapis.com/projects/-/serviceAccounts/a@p.iam.gserviceaccount.com",
}
KNOWN = Hierarchy(
    above={"p": ("folders/1", "organizations/1"), "q": ("folders/2", "organizations/1")}, homes={"//storage.googleapis.com/b": "p"}
)
NAMES = Names()
GRANT = re.compile(r"(?P<what>.+?) on (?P<place>\w+[ /]\w+)(?: if (?P<condition>.+))?")


def place(words: str) -> str:
    return PLACES.get(words) or f"{MANAGER}{words}"


def binding(words: str, texts: dict[str, str]) -> Binding:
    """One grant or denial of the table."""
    found = GRANT.fullmatch(words)
    assert found, words
    what, condition = found["what"], found["condition"]
    denied = what.removeprefix("deny ").split(" except ")
    document_id = None
    if what.startswith("deny "):
        document_id = f"d{len(texts)}"
        texts[document_id] = json.dumps({"deniedPermissions": [denied[0]], "exceptionPermissions": denied[1:]})
    return Binding(
        role_id=what,
        place=place(found["place"]),
        document_id=document_id,
        via="deny" if document_id else "role",
        conditional=condition is not None,
        condition=json.dumps({"expression": condition}) if condition else None,
    )


def cases() -> list[tuple[str, str, str, str]]:
    lines = [line for line in (ROOT / "docs" / "agreement-gcp.md").read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[1:]]
    assert all(len(row) == 5 and "](https://cloud.google.com/" in row[4] for row in rows)
    return [(row[0], row[1], row[2], row[3]) for row in rows]


@pytest.mark.parametrize(("says", "granted", "asked", "held"), cases(), ids=lambda text: text[:40])
def test_what_is_held_is_what_the_page_says(says: str, granted: str, asked: str, held: str) -> None:
    texts: dict[str, str] = {}
    bindings = [binding(words, texts) for words in granted.split("; ")]
    permission, _, on = asked.partition(" on ")
    assert Evaluator(texts, as_of=AS_OF, names=NAMES, hierarchy=KNOWN).holds(bindings, permission, place(on)) == held, says


def test_the_table_has_cases_of_every_answer() -> None:
    assert len(cases()) >= 25
    assert {case[3] for case in cases()} == {"yes", "no", "conditional"}


@pytest.mark.parametrize(
    ("granted", "asked", "held"),
    [
        ("roles/viewer on folders/1", "projects/p", Holds.CONDITIONAL),
        ("roles/viewer on organizations/1", "projects/p", Holds.CONDITIONAL),
        ("roles/viewer on organizations/1", "folders/1", Holds.CONDITIONAL),
        ("roles/viewer on projects/p", "bucket b", Holds.CONDITIONAL),
        ("roles/viewer on folders/1", "organizations/1", Holds.NO),
        ("roles/viewer on projects/p", "projects/q", Holds.NO),
        ("roles/viewer on bucket b", "projects/p", Holds.NO),
    ],
)
def test_a_hierarchy_that_nobody_showed_is_never_certain(granted: str, asked: str, held: Holds) -> None:
    evaluator = Evaluator({}, as_of=AS_OF, names=NAMES)
    assert evaluator.holds([binding(granted, {})], "compute.instances.get", place(asked)) is held


def test_a_denial_without_text_takes_nothing_away_and_one_above_that_may_count_leaves_no_certainty() -> None:
    owner = binding("roles/owner on projects/p", {})
    silent = Binding(role_id="deny", place=place("projects/p"), via="deny")
    assert Evaluator({}, as_of=AS_OF, names=NAMES).holds([owner, silent], "iam.roles.get", place("projects/p")) is Holds.YES
    texts: dict[str, str] = {}
    above = binding("deny iam.googleapis.com/roles.* on folders/1", texts)
    assert Evaluator(texts, as_of=AS_OF, names=NAMES).holds([owner, above], "iam.roles.get", place("projects/p")) is Holds.CONDITIONAL


def test_a_role_that_nobody_can_read_is_told() -> None:
    found = Evaluator({}, as_of=AS_OF, names=NAMES).on([binding("projects/p/roles/x on projects/p", {})], place("projects/p"))
    assert found == Effective(0, 0, ("projects/p/roles/x, a custom role whose text was not in the evidence",))


def test_permissions_that_the_catalogue_lacks_are_kept_by_name() -> None:
    names = Names()
    mask = names.mask_of(["newservice.things.frobnicate", "storage.objects.get"])
    assert names.members(mask) == ["newservice.things.frobnicate", "storage.objects.get"]
    assert names.of_weight(Weight.CHANGE) & names.bit("newservice.things.frobnicate")
    assert not NAMES.roles.bit("newservice.things.frobnicate")


@pytest.mark.parametrize(
    ("permission", "weight"),
    [
        ("storage.objects.get", "look"),
        ("storage.objects.create", "change"),
        ("storage.buckets.setIamPolicy", "control"),
        ("storage.buckets.getIamPolicy", "look"),
        ("iam.roles.update", "control"),
        ("iam.roles.list", "look"),
        ("iam.serviceAccountKeys.create", "control"),
        ("iam.serviceAccountKeys.list", "look"),
        ("iam.serviceAccounts.getAccessToken", "control"),
        ("iam.serviceAccounts.create", "change"),
        ("container.clusters.getCredentials", "control"),
        ("apikeys.keys.getKeyString", "control"),
        ("storage.hmacKeys.create", "control"),
        ("run.services.create", "control"),
        ("cloudkms.cryptoKeys.create", "change"),
        ("iam.googleapis.com/workloadIdentityPoolProviders.create", "control"),
        ("iam.googleapis.com/workloadIdentityPoolProviders.get", "look"),
    ],
)
def test_weights(permission: str, weight: str) -> None:
    roles = standard()
    assert weight_of(permission, frozenset(roles.members(roles.watched))) == weight


def test_every_permission_has_one_weight() -> None:
    names = Names()
    masks = [names.of_weight(weight) for weight in Weight]
    assert sum(mask.bit_count() for mask in masks) == len(standard().names) == (masks[0] | masks[1] | masks[2]).bit_count()


ROLES = st.sampled_from(["roles/viewer", "roles/storage.admin", "roles/iam.roleAdmin", "roles/pubsub.editor"])
SPOTS = st.sampled_from(["projects/p", "projects/q", "folders/1", "organizations/1", "bucket b", "topic t"])
GRANTS = st.lists(st.tuples(ROLES, SPOTS, st.booleans()), max_size=5)
DENIED = st.sampled_from(["iam.googleapis.com/roles.*", "storage.googleapis.com/buckets.delete", "pubsub.googleapis.com/*"])
DENIALS = st.lists(st.tuples(DENIED, SPOTS, st.booleans()), max_size=3)


def made(grants: list[tuple[str, str, bool]], denials: list[tuple[str, str, bool]], texts: dict[str, str]) -> list[Binding]:
    found = []
    for what, on, conditional in [*grants, *((f"deny {name}", on, conditional) for name, on, conditional in denials)]:
        found.append(binding(f"{what} on {on}" + (" if resource.name == 'x'" if conditional else ""), texts))
    return found


@settings(max_examples=80)
@given(
    GRANTS,
    DENIALS,
    st.tuples(ROLES, SPOTS, st.booleans()),
    st.tuples(DENIED, SPOTS, st.booleans()),
    SPOTS,
    st.randoms(use_true_random=False),
)
def test_a_grant_only_adds_a_denial_only_takes_and_order_does_not_matter(
    grants: list[tuple[str, str, bool]],
    denials: list[tuple[str, str, bool]],
    grant: tuple[str, str, bool],
    denial: tuple[str, str, bool],
    on: str,
    random: object,
) -> None:
    texts: dict[str, str] = {}
    bindings = made(grants, denials, texts)
    more, less = made([grant], [], texts), made([], [denial], texts)
    evaluator = Evaluator(texts, as_of=AS_OF, names=NAMES, hierarchy=KNOWN)
    now, wider, narrower = (evaluator.on(held, place(on)) for held in (bindings, bindings + more, bindings + less))
    for before, after in ((now, wider), (narrower, now)):
        assert before.sure & ~after.sure == 0
        assert before.possible & ~after.possible == 0
    assert now.sure & ~now.possible == 0
    assert evaluator.on(random.sample(bindings, len(bindings)), place(on)) == now  # type: ignore[attr-defined]  # hypothesis's Random
