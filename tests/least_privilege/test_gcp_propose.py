"""Proposals for Google Cloud: the role that takes a grant's place, the files that apply it, the way back, and laws that hold for all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import Database
from inventory.lake import Lake
from inventory.model import Row, Status, Workload
from scoring.least_privilege.gcp.effective import NOTHING_KNOWN, Binding, Evaluator, Hierarchy
from scoring.least_privilege.gcp.files import Step
from scoring.least_privilege.gcp.grant_use import folded, grants_used, limits
from scoring.least_privilege.gcp.holdings import Holding, Watched
from scoring.least_privilege.gcp.names import Names
from scoring.least_privilege.gcp.propose import fails, planned, propose, proposed
from scoring.least_privilege.gcp.replacement import MOST_PERMISSIONS, smallest, too_large
from scoring.least_privilege.gcp.standing import standing
from scoring.least_privilege.gcp.use import counts
from scoring.least_privilege.use import Proposal, Use
from tests.least_privilege.gcp_estate import (
    ADMIN,
    AS_OF,
    BUCKET,
    CONDITION,
    KNOWN,
    MANAGER,
    PACK,
    PROJECT,
    UNTIL,
    account,
    conditional,
    custom,
    filled,
    grant,
    insight,
    sa,
    watched,
)

NAMES = Names()
READ = ("storage.objects.get", "storage.objects.list")
MEMBER = f"--member={sa()}"


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as database:
        yield database


def proposal(database: Database, *rows: Row) -> Proposal:
    """Checked on the way: counts come to the same action."""
    filled(database, [KNOWN, *rows])
    counts(database, AS_OF, PACK)
    found = propose(database, sa(), AS_OF, PACK)
    assert database.value("SELECT action FROM main.least_privilege WHERE identity_id = $id", {"id": sa()}) == found.action
    return found


def texts(found: Proposal) -> dict[str, str]:
    return {file.name: file.text for file in found.files}


def commands(found: Proposal) -> list[str]:
    return [line for line in texts(found)["apply.sh"].splitlines() if line.startswith("gcloud")]


class TestThePredefinedRole:
    @pytest.mark.parametrize(
        ("today", "kept", "expected"),
        [
            ("roles/storage.admin", READ, "roles/storage.objectViewer"),
            ("roles/pubsub.admin", ("pubsub.topics.publish",), "roles/pubsub.publisher"),
            ("roles/owner", ("secretmanager.versions.access",), "roles/secretmanager.secretAccessor"),
            ("roles/editor", ("logging.logEntries.create",), "roles/logging.logWriter"),
            ("roles/owner", ("iam.roles.create", "iam.roles.list", "iam.roles.update"), "roles/iam.roleAdmin"),
            ("roles/pubsub.publisher", ("pubsub.topics.publish",), "roles/pubsub.publisher"),
        ],
    )
    def test_is_the_smallest_that_holds_what_is_kept(self, today: str, kept: Sequence[str], expected: str) -> None:
        assert smallest(NAMES.mask_of(kept), NAMES.roles.predefined(today).mask, NAMES) == expected

    @pytest.mark.parametrize(
        ("today", "kept"),
        [
            ("roles/storage.objectViewer", ("storage.objects.create",)),  # nothing within it holds that
            ("roles/owner", ("compute.instances.start", "compute.instances.stop")),  # only with the start of machines as any account
            ("roles/owner", ("pubsub.topics.publish", "logging.logEntries.create")),  # of two services
        ],
    )
    def test_is_none_where_it_would_bring_more_control_or_lie_outside(self, today: str, kept: Sequence[str]) -> None:
        assert smallest(NAMES.mask_of(kept), NAMES.roles.predefined(today).mask, NAMES) is None


def test_a_custom_role_has_its_quotas() -> None:
    assert not too_large(["a.b.c"] * MOST_PERMISSIONS)
    assert too_large(["a.b.c"] * (MOST_PERMISSIONS + 1))
    assert too_large(["x" * 100] * 650)


def test_a_smaller_role_is_granted_first_and_the_old_one_goes_then(database: Database) -> None:
    found = proposal(database, account(), grant(), insight(*READ))
    assert (found.action, found.confidence, found.guards) == ("narrow", "high", [])
    assert commands(found) == [
        f"gcloud projects add-iam-policy-binding p {MEMBER} --role=roles/storage.objectViewer --condition=None",
        f"gcloud projects remove-iam-policy-binding p {MEMBER} --role={ADMIN} --condition=None",
    ]
    assert found.rollback.splitlines() == [
        f"gcloud projects add-iam-policy-binding p {MEMBER} --role={ADMIN} --condition=None",
        f"gcloud projects remove-iam-policy-binding p {MEMBER} --role=roles/storage.objectViewer --condition=None",
    ]
    admin, viewer = (NAMES.roles.predefined(role_id).mask.bit_count() for role_id in (ADMIN, "roles/storage.objectViewer"))
    assert found.removed == {Use.UNUSED: admin - viewer}
    assert f"put roles/storage.objectViewer in place of {ADMIN} on projects/p" in found.summary
    assert f"The new roles bring {viewer - 2} of them along." in found.summary
    assert [change.title for change in found.changes] == [f"{ADMIN} on projects/p"]
    assert 'role = "roles/storage.objectViewer"' in texts(found)["grants.tf"]


def test_what_no_role_fits_gets_a_custom_one(database: Database) -> None:
    used = ("compute.instances.stop", "compute.instances.start")
    found = proposal(database, account(), grant("roles/editor"), insight(*used, role_id="roles/editor", inferred=["compute.instances.get"]))
    assert texts(found)["app_editor.yaml"] == (
        'title: "app in place of roles/editor"\ndescription: "What was seen in use of that role"\nstage: GA\nincludedPermissions:\n'
        "- compute.instances.get\n- compute.instances.start\n- compute.instances.stop\n"
    )
    assert commands(found) == [
        "gcloud iam roles create app_editor --project=p --file=app_editor.yaml",
        f"gcloud projects add-iam-policy-binding p {MEMBER} --role=projects/p/roles/app_editor --condition=None",
        f"gcloud projects remove-iam-policy-binding p {MEMBER} --role=roles/editor --condition=None",
    ]
    assert found.rollback.splitlines()[-1] == "gcloud iam roles delete app_editor --project=p"
    terraform = texts(found)["grants.tf"]
    assert 'resource "google_project_iam_custom_role" "app_editor" {' in terraform
    assert "  role = google_project_iam_custom_role.app_editor.name\n" in terraform


def test_a_grant_that_is_not_used_at_all_goes(database: Database) -> None:
    rows: list[Row] = [grant("roles/pubsub.publisher"), insight("pubsub.topics.publish", role_id="roles/pubsub.publisher")]
    found = proposal(database, account(), grant(), insight(), *rows)
    assert commands(found) == [f"gcloud projects remove-iam-policy-binding p {MEMBER} --role={ADMIN} --condition=None"]
    assert [(change.title, change.after) for change in found.changes] == [(f"{ADMIN} on projects/p", "")]
    assert found.summary.startswith(f"app@p.iam.gserviceaccount.com: take {ADMIN} on projects/p away.")


def test_an_account_that_is_not_used_is_disabled_and_never_deleted(database: Database) -> None:
    runs = Workload(workload_id="w", provider="gcp", kind="gce_instance", name="vm-1", scope="p", identity_id=sa(), evidence="vms#1")
    found = proposal(database, account(last_used_known=True), grant(), watched(), runs)
    assert commands(found) == ["gcloud iam service-accounts disable app@p.iam.gserviceaccount.com --project=p"]
    assert found.rollback == "gcloud iam service-accounts enable app@p.iam.gserviceaccount.com --project=p"
    assert not any(word in text for text in texts(found).values() for word in ("delete", "remove-iam"))
    assert "What runs as it will get no tokens: gce instance vm-1." in found.summary
    assert found.confidence == "medium"


def test_the_condition_stays_on_the_new_grant(database: Database) -> None:
    found = proposal(database, account(), conditional(), insight(*READ, condition=CONDITION["expression"]))
    assert json.loads(texts(found)["condition-1.json"]) == CONDITION
    assert [line.rpartition(" ")[2] for line in commands(found)] == ["--condition-from-file=condition-1.json"] * 2
    assert f"    expression = {json.dumps(CONDITION['expression'])}\n" in texts(found)["grants.tf"]
    assert CONDITION["expression"] in found.changes[0].after


def test_a_condition_that_the_source_leaves_out_is_never_guessed(database: Database) -> None:
    found = proposal(database, account(), grant(conditional=True), insight(*READ))
    assert (found.action, found.files, found.removed) == ("unknown", (), {})


def test_a_condition_that_has_run_out_is_taken_away(database: Database) -> None:
    found = proposal(database, account(), conditional(expression="request.time < timestamp('2026-10-01T00:00:00Z')"))
    assert (found.action, len(commands(found))) == ("narrow", 1)
    assert found.removed == {Use.UNUSED: 0}


@pytest.mark.parametrize(
    ("place", "command", "terraform"),
    [
        (f"{MANAGER}folders/7", "gcloud resource-manager folders remove-iam-policy-binding 7", 'folder = "folders/7"'),
        (f"{MANAGER}organizations/1", "gcloud organizations remove-iam-policy-binding 1", 'org_id = "1"'),
        (BUCKET, "gcloud storage buckets remove-iam-policy-binding gs://b", 'bucket = "b"'),
        (
            "//iam.googleapis.com/projects/-/serviceAccounts/x@q.iam.gserviceaccount.com",
            "gcloud iam service-accounts remove-iam-policy-binding x@q.iam.gserviceaccount.com --project=q",
            'service_account_id = "projects/q/serviceAccounts/x@q.iam.gserviceaccount.com"',
        ),
        (
            "//run.googleapis.com/projects/p/locations/l/services/s",
            "gcloud run services remove-iam-policy-binding s --region=l --project=p",
            'name = "s"',
        ),
        (
            "//secretmanager.googleapis.com/projects/p/secrets/s",
            "gcloud secrets remove-iam-policy-binding s --project=p",
            'secret_id = "s"',
        ),
        (
            "//pubsub.googleapis.com/projects/p/topics/t",
            "gcloud pubsub topics remove-iam-policy-binding t --project=p",
            'topic = "t"',
        ),
        (
            "//cloudkms.googleapis.com/projects/p/locations/l/keyRings/r/cryptoKeys/k",
            "gcloud kms keys remove-iam-policy-binding k --keyring=r --location=l --project=p",
            'crypto_key_id = "projects/p/locations/l/keyRings/r/cryptoKeys/k"',
        ),
    ],
)
def test_every_kind_of_place_has_its_command_and_resource(database: Database, place: str, command: str, terraform: str) -> None:
    found = proposal(database, account(), grant(resource=place), insight(*READ, resource=place))
    assert any(line.startswith(f"{command} {MEMBER} --role={ADMIN}") for line in commands(found))
    assert f"  {terraform}\n" in texts(found)["grants.tf"]


def test_a_place_without_a_command_is_told_as_a_step_by_hand(database: Database) -> None:
    place = "//bigquery.googleapis.com/projects/p/datasets/d"
    found = proposal(database, account(), grant(resource=place), insight(*READ, resource=place))
    assert commands(found) == []
    assert f"# By hand, on {place}: remove the grant of {ADMIN} to {sa()}" in texts(found)["apply.sh"].splitlines()


@pytest.mark.parametrize(
    ("place", "permissions", "more", "role"),
    [
        (PROJECT, ("compute.instances.start",), [], "projects/p/roles/app_owner"),
        (PROJECT, ("compute.instances.start", "resourcemanager.projects.list"), [], "organizations/ORGANIZATION_ID/roles/app_owner"),
        (f"{MANAGER}folders/7", ("compute.instances.start",), [], "organizations/ORGANIZATION_ID/roles/app_owner"),
        (
            f"{MANAGER}folders/7",
            ("compute.instances.start",),
            [account("b"), grant("roles/viewer", f"{MANAGER}organizations/42", "b")],
            "organizations/42/roles/app_owner",
        ),
        (f"{MANAGER}organizations/1", ("compute.instances.start",), [], "organizations/1/roles/app_owner"),
    ],
)
def test_a_custom_role_is_made_where_it_can_hold_and_be_granted(
    database: Database, place: str, permissions: tuple[str, ...], more: list[Row], role: str
) -> None:
    look = insight(*permissions, role_id="roles/owner", resource=place)
    found = proposal(database, account(), grant("roles/owner", place), look, *more)
    assert f"--role={role} " in texts(found)["apply.sh"]


def test_what_a_group_is_granted_is_left_to_the_group(database: Database) -> None:
    found = proposal(database, account(), grant(group_name="ops"), insight(*READ))
    assert found.files == ()


def test_a_grant_that_two_files_tell_is_taken_away_once(database: Database) -> None:
    found = proposal(database, account(), grant(), grant(policy_name="Storage Admin"), insight())
    assert len(commands(found)) == 1


def test_two_roles_of_the_same_name_get_two_names(database: Database) -> None:
    use = "compute.instances.start"
    rows: list[Row] = []
    for project in "pq":
        place = f"{MANAGER}projects/{project}"
        rows += [grant("roles/editor", place), insight(use, role_id="roles/editor", resource=place)]
    found = proposal(database, account(), *rows)
    assert sorted(name for name in texts(found) if name.endswith(".yaml")) == ["app_editor.yaml", "app_editor_2.yaml"]


def test_the_smallest_predefined_role_stays_with_what_it_brings_along(database: Database) -> None:
    found = proposal(
        database,
        account(),
        grant("roles/storage.objectViewer"),
        insight("storage.objects.get", "storage.objects.list", role_id="roles/storage.objectViewer"),
    )
    assert (found.action, found.files) == ("none", ())
    assert "roles/storage.objectViewer is the smallest predefined role for what is used" in found.summary


def test_a_guard_holds_it_back_and_it_is_shown_all_the_same(database: Database) -> None:
    found = proposal(database, account(purpose="break glass"), grant(), insight(*READ))
    assert found.action == "wait"
    assert len(found.guards) == 1
    assert commands(found)


@pytest.mark.parametrize("facts", [{"in_scope": False}, {"status": Status.DISABLED}])
def test_nothing_is_proposed_for_whom_nothing_is_to_be_done(database: Database, facts: dict[str, Any]) -> None:
    found = proposal(database, account(**facts), grant(), insight(*READ))
    assert (found.action, found.changes, found.files, found.rollback) == ("none", (), (), "")


def test_terraform_takes_no_text_for_a_template(database: Database) -> None:
    condition = {"title": "${x}", "expression": "resource.name == '%{y}'"}
    found = proposal(database, account(), conditional(**condition), insight(*READ, condition=condition["expression"]))
    assert '    title = "$${x}"\n' in texts(found)["grants.tf"]
    assert "'%%{y}'" in texts(found)["grants.tf"]


def test_it_answers_from_a_published_snapshot(database: Database, tmp_path: Path) -> None:
    here = proposal(database, account(), grant(), insight(*READ))
    lake = Lake(tmp_path)
    snapshot = lake.publish(database, label="t", as_of=AS_OF, rules_version="1", pack="default", created_at="x", details={})
    with lake.open(snapshot.snapshot_id) as published:
        assert propose(published, sa(), AS_OF, PACK) == here


def test_custom_roles_with_permissions_of_no_catalogue_are_narrowed_by_name(database: Database) -> None:
    role = "projects/p/roles/mine"
    rows: list[Row] = [custom("a.b.c", "a.b.d"), grant(role, document_id="d"), insight("a.b.c", role_id=role)]
    found = proposal(database, account(), *rows)
    assert texts(found)["app_mine.yaml"].endswith("includedPermissions:\n- a.b.c\n")


# ------------------------------------------------------------------------------------------------------------------------------ laws

SPOTS = ("//cloudresourcemanager.googleapis.com/projects/p", "//cloudresourcemanager.googleapis.com/folders/1", BUCKET)
POOL = (*READ, "storage.objects.create", "storage.buckets.setIamPolicy", "pubsub.topics.publish", "iam.roles.update", "new.things.do")
KNOWN_PLACES = Hierarchy(above={"p": ("folders/1",)}, homes={BUCKET: "p"})
LIMIT = limits(AS_OF, PACK)
ROLE_IDS = st.one_of(
    st.sampled_from(["roles/storage.admin", "roles/pubsub.admin", "roles/editor", "roles/viewer"]), st.sets(st.sampled_from(POOL))
)
"""A predefined role, or the permissions of a custom one."""
LOOK = st.one_of(st.none(), st.tuples(st.sets(st.sampled_from(POOL)), st.sets(st.sampled_from(POOL)), st.sampled_from([90, 30, None])))
"""What an insight names as used and as needed, and how far back it looks."""
GRANTS = st.lists(st.tuples(ROLE_IDS, st.sampled_from(SPOTS), st.booleans(), LOOK), min_size=1, max_size=4)
DENIED = st.one_of(
    st.none(), st.tuples(st.sampled_from(["storage.googleapis.com/objects.*", "iam.googleapis.com/roles.update"]), st.booleans())
)


def held(grants: Any, denied: Any = None) -> tuple[Holding, dict[str, str]]:
    """An identity with grants; of two that are the same, the first."""
    documents: dict[str, str] = {}
    bindings: dict[Any, Binding] = {}
    observed = {}
    for role, place, has_condition, look in grants:
        role_id, document_id = (
            (role, None) if isinstance(role, str) else (f"projects/p/roles/r{'_'.join(sorted(role))}", f"d{len(documents)}")
        )
        condition = json.dumps(CONDITION) if has_condition else None
        key = (role_id, place, CONDITION["expression"] if has_condition else None)
        if key in bindings:
            continue
        if document_id:
            documents[document_id] = json.dumps({"includedPermissions": sorted(role)})
        bindings[key] = Binding(role_id=role_id, place=place, document_id=document_id, conditional=has_condition, condition=condition)
        if look is not None:
            used, inferred, window = look
            observed[key] = Watched(used=frozenset(used), inferred=frozenset(inferred), until=UNTIL, window_days=window, evidence="i")
            bindings[key] = replace(bindings[key], also=frozenset(used))
    every = list(bindings.values())
    if denied is not None:
        documents["deny"] = json.dumps({"deniedPermissions": [denied[0]]})
        every.append(Binding(role_id="deny", place=SPOTS[0], document_id="deny", via="deny", conditional=denied[1]))
    return holding(every, observed), documents


def holding(bindings: Sequence[Binding], observed: Any) -> Holding:
    return Holding(
        identity_id=sa(),
        name="app@p.iam.gserviceaccount.com",
        kind="service_account",
        scope="p",
        human="nonhuman",
        in_scope=True,
        status="active",
        purpose=None,
        created_at=None,
        last_used_at=None,
        last_used_known=False,
        evidence="e",
        bindings=bindings,
        observed=observed,
        calls={},
    )


def applied(owner: Holding, evaluator: Evaluator) -> tuple[Holding, Evaluator, Any]:
    """The identity after its proposal, watched as before."""
    plan = planned(owner, standing(owner, evaluator, LIMIT), evaluator)
    bindings, after = proposed(owner, plan, evaluator)
    moved = {step.old: step.new_role for _, step in plan}
    observed = {}
    for binding in owner.bindings:
        look = owner.watched(binding)
        if look is not None:
            observed[moved.get(binding, binding.role_id) or "gone", binding.place, binding.expression] = look
    return holding(bindings, observed), after, plan


@settings(max_examples=120)
@given(GRANTS, DENIED, st.sampled_from([NOTHING_KNOWN, KNOWN_PLACES]))
def test_a_proposal_adds_nothing_and_keeps_what_is_used_unknown_or_likely(grants: Any, denied: Any, hierarchy: Hierarchy) -> None:
    owner, documents = held(grants, denied)
    evaluator = Evaluator(documents, as_of=AS_OF, names=NAMES, hierarchy=hierarchy)
    uses = grants_used(owner, evaluator, LIMIT)
    new, after, _ = applied(owner, evaluator)
    for place in SPOTS:
        then, now = evaluator.on(owner.bindings, place), after.on(new.bindings, place)
        assert now.sure & ~then.sure == 0
        assert now.possible & ~then.possible == 0
        for use in (use for use in uses if use.binding.place == place):
            kept = use.mask_of(Use.USED) | use.mask_of(Use.UNKNOWN) | use.mask_of(Use.LIKELY_UNUSED)
            assert kept & then.possible & ~now.possible == 0
            if not use.binding.conditional:
                assert kept & then.sure & ~now.sure == 0


@pytest.mark.parametrize(
    ("new_role", "wrong"),
    [
        ("roles/storage.objectViewer", None),
        ("roles/storage.objectAdmin", "it would add "),
        ("roles/storage.objectCreator", "it would add "),
        (None, "it would take storage.objects.get away from "),
    ],
)
def test_a_plan_that_adds_or_takes_what_it_must_not_fails_its_check(new_role: str | None, wrong: str | None) -> None:
    owner, documents = held([("roles/storage.objectViewer", SPOTS[0], False, ({"storage.objects.get"}, set(), 90))])
    evaluator = Evaluator(documents, as_of=AS_OF, names=NAMES)
    (use,) = grants_used(owner, evaluator, LIMIT)
    step = Step(old=use.binding, place=None, new_role=new_role, custom=None)
    found = fails(owner, [use], [(use, step)], evaluator)
    assert found is None if wrong is None else str(found).startswith(wrong)


@settings(max_examples=80)
@given(GRANTS)
def test_once_is_enough(grants: Any) -> None:
    owner, documents = held(grants)
    new, after, _ = applied(owner, Evaluator(documents, as_of=AS_OF, names=NAMES))
    assert applied(new, after)[2] == []


@settings(max_examples=60)
@given(GRANTS, DENIED)
def test_only_a_look_makes_anything_unused(grants: Any, denied: Any) -> None:
    blind = [(role, place, conditional, None if look is None else (*look[:2], None)) for role, place, conditional, look in grants]
    owner, documents = held(blind, denied)
    assert applied(owner, Evaluator(documents, as_of=AS_OF, names=NAMES))[2] == []


@settings(max_examples=60)
@given(GRANTS, st.sets(st.sampled_from(POOL)), st.randoms(use_true_random=False))
def test_more_use_takes_less_away_and_order_does_not_matter(grants: Any, more: set[str], random: Any) -> None:
    owner, documents = held(grants)
    evaluator = Evaluator(documents, as_of=AS_OF, names=NAMES)
    unused = folded(grants_used(owner, evaluator, LIMIT))[Use.UNUSED]
    busier, _ = held([(role, place, conditional, look and (look[0] | more, *look[1:])) for role, place, conditional, look in grants])
    assert folded(grants_used(busier, evaluator, LIMIT))[Use.UNUSED] & ~unused == 0
    mixed = replace(owner, bindings=random.sample(owner.bindings, len(owner.bindings)))
    assert folded(grants_used(mixed, evaluator, LIMIT))[Use.UNUSED] == unused


@settings(max_examples=60)
@given(st.sets(st.sampled_from(POOL), min_size=1), st.sets(st.sampled_from(POOL)), st.sets(st.sampled_from(POOL)))
def test_a_role_split_in_two_is_judged_the_same(role: set[str], used: set[str], first: set[str]) -> None:
    one, texts_of_one = held([(role, SPOTS[0], False, (used & role, set(), 90))])
    parts = [part for part in (role & first, role - first) if part]
    two, texts_of_two = held([(part, SPOTS[0], False, (used & part, set(), 90)) for part in parts])
    whole = folded(grants_used(one, Evaluator(texts_of_one, as_of=AS_OF, names=NAMES), LIMIT))
    assert folded(grants_used(two, Evaluator(texts_of_two, as_of=AS_OF, names=NAMES), LIMIT)) == whole
