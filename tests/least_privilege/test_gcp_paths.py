"""Escalation paths of GCP identities: every method by its worked examples, chains, and the rows of a database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.database import Database
from inventory.model import Alias, Coverage, CoverageStatus, Entitlement, Fact, Identity, IdentityKind, PolicyDocument
from scoring.least_privilege.aws.principals import principal_privileges
from scoring.least_privilege.gcp.edges import Account, Edge, Stepper, World
from scoring.least_privilege.gcp.effective import Binding, Evaluator
from scoring.least_privilege.gcp.methods import Path, paths
from scoring.least_privilege.gcp.names import Names
from scoring.least_privilege.gcp.paths import Escalation, escalations, gcp_escalations, steps
from scoring.least_privilege.gcp.roles import standard
from scoring.least_privilege.grantees import grantee_privileges
from scoring.least_privilege.verdict import Privilege

AS_OF = datetime(2026, 11, 1)
MANAGER = "//cloudresourcemanager.googleapis.com/"
NAMES = Names()
RHINOS = 23
"""Methods in the list that ours is made after."""


def email(name: str, project: str = "p") -> str:
    return f"{name}@{project}.iam.gserviceaccount.com"


def sa(name: str, project: str = "p") -> str:
    return f"serviceAccount:{email(name, project)}"


def place(on: str) -> str:
    """`target`, `projects/p` … by their full names."""
    return f"{MANAGER}{on}" if "/" in on else f"//iam.googleapis.com/projects/p/serviceAccounts/{email(on)}"


def account(name: str, privilege: str, project: str = "p") -> Account:
    return Account(identity_id=sa(name, project), name=email(name, project), project=project, privilege=Privilege(privilege))


def agent() -> Account:
    name = "1@cloudservices.gserviceaccount.com"
    return Account(identity_id=f"serviceAccount:{name}", name=name, project="p", privilege=Privilege.WRITE)


def held(permissions: Sequence[str], on: str, texts: dict[str, str], *, conditional: bool = False) -> Binding:
    document_id = f"d{len(texts)}"
    texts[document_id] = json.dumps({"includedPermissions": list(permissions)})
    return Binding(
        role_id=f"projects/p/roles/{document_id}",
        place=place(on),
        document_id=document_id,
        conditional=conditional,
        evidence=f"policy#{document_id}",
    )


def edges(hold: Iterable[Mapping[str, Any]], *more: Binding) -> list[Edge]:
    """What a@p can do in the world of the examples."""
    texts: dict[str, str] = {}
    bindings = [held(one["permissions"], one["on"], texts, conditional=one.get("conditional", False)) for one in hold]
    middle = [held(["iam.serviceAccounts.getAccessToken"], "target", texts)]
    world = World([account("a", "none"), account("target", "admin"), account("middle", "none"), agent()])
    stepper = Stepper(Evaluator(texts, as_of=AS_OF, names=NAMES), world)
    found = steps(stepper, [(sa("a"), email("a"), [*bindings, *more]), (sa("middle"), email("middle"), middle)])
    return found.get(sa("a"), [])


def told(path: Path, found: Iterable[Edge]) -> str:
    mine = [edge for edge in found if edge.path.path_id == path.path_id]
    return "none" if not mine else "certain" if any(edge.certain for edge in mine) else "possible"


EXAMPLES = [(path, example) for path in paths() for example in path.examples]


@pytest.mark.parametrize(("path", "example"), EXAMPLES, ids=[f"{path.path_id}: {example['why']}" for path, example in EXAMPLES])
def test_every_example_comes_out_as_it_says(path: Path, example: Mapping[str, Any]) -> None:
    assert told(path, edges(example["hold"])) == example["expect"]


def test_every_method_of_the_list_is_there_with_an_example_for_and_one_against() -> None:
    assert len(paths()) == RHINOS + 1
    assert len({path.path_id for path in paths()}) == len(paths())
    for path in paths():
        expected = {example["expect"] for example in path.examples}
        assert expected & {"certain", "possible"}, path.path_id
        assert "none" in expected, path.path_id
        assert path.source.startswith("https://")


def test_every_permission_of_a_method_is_in_a_predefined_role() -> None:
    roles = standard()
    known = 0
    for role_id in roles.ids:
        known |= roles.predefined(role_id).mask
    needed = {name for path in paths() for name in (*path.needs, *path.one_of)}
    assert needed
    assert [name for name in sorted(needed) if not roles.bit(name) & known] == []


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.path_id)
def test_a_step_names_the_permissions_the_role_and_the_place(path: Path) -> None:
    example = next(example for example in path.examples if example["expect"] != "none")
    edge = next(edge for edge in edges(example["hold"]) if edge.path.path_id == path.path_id)
    assert edge.step.startswith(email("a"))
    assert all(name in edge.step for name in path.needs)
    assert "projects/p/roles/d0 on " in edge.step
    assert edge.evidence[0] == "policy#d0"


def test_a_deny_policy_that_nobody_can_read_leaves_no_step_certain() -> None:
    hold = [{"permissions": ["iam.serviceAccountKeys.create"], "on": "target"}]
    deny = Binding(role_id="deny[x]", place=place("projects/p"), via="deny")
    assert [edge.certain for edge in edges(hold)] == [True]
    assert [edge.certain for edge in edges(hold, deny)] == [False]


def test_an_account_does_not_escalate_to_itself() -> None:
    assert edges([{"permissions": ["iam.serviceAccountKeys.create"], "on": "a"}]) == []


def test_over_a_project_the_most_privileged_account_is_named() -> None:
    (edge,) = edges([{"permissions": ["iam.serviceAccountKeys.create"], "on": "projects/p"}])
    assert edge.target is not None
    assert (edge.target.name, edge.gains) == (email("target"), Privilege.ADMIN)


def chain(links: Iterable[tuple[str, str, bool]], levels: Mapping[str, str]) -> list[Escalation]:
    """Links (who, whose tokens, certain) between accounts."""
    texts: dict[str, str] = {}
    bindings: dict[str, list[Binding]] = {}
    for who, whose, certain in links:
        bindings.setdefault(who, []).append(held(["iam.serviceAccounts.getAccessToken"], whose, texts, conditional=not certain))
    accounts = [account(name, level) for name, level in levels.items()]
    stepper = Stepper(Evaluator(texts, as_of=AS_OF, names=NAMES), World(accounts))
    holders = [(sa(name), email(name), bindings.get(name, [])) for name, level in levels.items() if level != "admin"]
    return escalations({one.identity_id: one.privilege for one in accounts}, steps(stepper, holders))


def shown(found: Iterable[Escalation]) -> list[tuple[str, str | None, bool, int]]:
    """Who, whom, whether for certain, in how many steps."""
    return [
        (local(one.identity_id), local(one.last.target.identity_id if one.last.target else ""), one.certain, len(one.edges))
        for one in found
    ]


def local(identity_id: str) -> str:
    return identity_id.partition(":")[2].partition("@")[0]


class TestChains:
    def test_a_chain_over_accounts_ends_at_the_administrator(self) -> None:
        found = chain([("a", "b", True), ("b", "c", True)], {"a": "read", "b": "read", "c": "admin"})
        assert shown(found) == [("a", "c", True, 2), ("b", "c", True, 1)]
        assert [len(one.edges) for one in found if one.identity_id == sa("a")] == [2]
        assert found[0].reason == f"it becomes {email('c')} in 2 steps: that gains admin"

    def test_one_possible_step_makes_the_chain_possible(self) -> None:
        found = chain([("a", "b", True), ("b", "c", False)], {"a": "read", "b": "read", "c": "admin"})
        assert shown(found) == [("a", "c", False, 2), ("b", "c", False, 1)]

    def test_a_certain_chain_is_told_before_a_shorter_possible_one(self) -> None:
        links = [("a", "b", True), ("b", "c", True), ("c", "d", True), ("a", "c", False)]
        found = chain(links, {"a": "none", "b": "none", "c": "none", "d": "admin"})
        assert ("a", "d", True, 3) in shown(found)

    def test_over_an_account_of_which_not_all_is_known_the_way_is_certain_all_the_same(self) -> None:
        found = chain([("a", "b", True), ("b", "c", True)], {"a": "write", "b": "unknown", "c": "admin"})
        assert shown(found) == [("a", "b", False, 1), ("a", "c", True, 2), ("b", "c", True, 1)]

    def test_cycles_end(self) -> None:
        found = chain([("a", "b", True), ("b", "a", True)], {"a": "read", "b": "read"})
        assert found == []
        found = chain([("a", "b", True), ("b", "a", True), ("b", "c", True)], {"a": "read", "b": "read", "c": "admin"})
        assert shown(found) == [("a", "c", True, 2), ("b", "c", True, 1)]

    def test_an_account_of_the_same_privilege_is_no_gain(self) -> None:
        assert chain([("a", "b", True)], {"a": "write", "b": "write"}) == []
        assert shown(chain([("a", "b", True)], {"a": "read", "b": "write"})) == [("a", "b", True, 1)]

    def test_what_the_account_may_do_is_not_known_so_the_gain_is_not(self) -> None:
        (found,) = chain([("a", "b", True)], {"a": "write", "b": "unknown"})
        assert (found.last.gains, found.certain) == (Privilege.UNKNOWN, False)

    @settings(max_examples=60)
    @given(
        st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef"), st.booleans()), max_size=14),
        st.lists(st.sampled_from(["none", "read", "write", "admin"]), min_size=6, max_size=6),
    )
    def test_whoever_can_reach_an_administrator_is_told_and_nobody_else(
        self, links: list[tuple[str, str, bool]], levels: list[str]
    ) -> None:
        """Against a plain search forwards, for certain steps and for all."""
        level = dict(zip("abcdef", levels, strict=True))
        found = chain(links, level)
        for name in (name for name in "abcdef" if level[name] != "admin"):
            mine = [one for one in found if one.identity_id == sa(name) and one.last.gains is Privilege.ADMIN]
            assert bool(mine) == _reaches(name, links, level, only_certain=False)
            assert any(one.certain for one in mine) == _reaches(name, links, level, only_certain=True)

    @settings(max_examples=30)
    @given(
        st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from("abcd"), st.booleans()), max_size=8),
        st.lists(st.sampled_from(["none", "read", "write", "admin"]), min_size=4, max_size=4),
        st.randoms(use_true_random=False),
    )
    def test_the_order_of_grants_changes_nothing(self, links: list[tuple[str, str, bool]], levels: list[str], random: Any) -> None:
        level = dict(zip("abcd", levels, strict=True))
        mixed = random.sample(links, len(links))
        assert {(a, b, c) for a, b, c, _ in shown(chain(links, level))} == {(a, b, c) for a, b, c, _ in shown(chain(mixed, level))}


def _reaches(start: str, links: Iterable[tuple[str, str, bool]], level: Mapping[str, str], *, only_certain: bool) -> bool:
    usable = [(who, whose) for who, whose, certain in links if certain or not only_certain]
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if level[here] == "admin":
            return True
        following = {whose for who, whose in usable if who == here} - seen
        seen |= following
        waiting += following
    return False


@pytest.fixture
def database() -> Iterator[Database]:
    with Database.empty() as database:
        yield database


def identity(name: str, **rest: Any) -> Identity:
    facts = {"provider": "gcp", "scope": "p", "kind": IdentityKind.SERVICE_ACCOUNT, "evidence": f"accounts#{name}"}
    return Identity(**{"identity_id": sa(name), "name": email(name), **facts, **rest})


def grant(name: str, role_id: str, on: str, **rest: Any) -> Entitlement:
    facts = {"document_id": None, "via": "role", "conditional": False, "evidence": f"policy#{name}/{role_id}"}
    return Entitlement(**{"identity_id": sa(name), "policy_name": role_id, "policy_id": role_id, "resource": on, **facts, **rest})


def judged(database: Database, *rows: Any) -> list[dict[str, Any]]:
    database.insert([Coverage(fact=Fact.POLICIES, scope="*", status=CoverageStatus.COLLECTED), *rows])
    principal_privileges(database)
    grantee_privileges(database)
    gcp_escalations(database, AS_OF)
    return database.rows("SELECT * FROM main.escalation ORDER BY ALL")


def test_a_row_names_the_path_the_target_and_the_grants(database: Database) -> None:
    rows = judged(
        database,
        identity("a"),
        identity("boss"),
        grant("a", "roles/iam.serviceAccountKeyAdmin", place("boss")),
        grant("boss", "roles/owner", place("projects/p")),
    )
    assert rows == [
        {
            "identity_id": sa("a"),
            "path_id": "CreateServiceAccountKey",
            "target_id": sa("boss"),
            "gains": "admin",
            "certainty": "certain",
            "steps": [
                f"{email('a')} makes a key of {email('boss')} (iam.serviceAccountKeys.create: roles/iam.serviceAccountKeyAdmin on {place('boss')})"
            ],
            "reason": f"it makes a key of {email('boss')}: that gains admin",
            "evidence": ["policy#a/roles/iam.serviceAccountKeyAdmin"],
        }
    ]


def test_a_method_on_two_projects_is_one_row(database: Database) -> None:
    looks = [grant("a", "roles/serviceusage.apiKeysViewer", place(f"projects/{name}")) for name in "pq"]
    rows = judged(database, identity("a"), *looks)
    assert [(row["path_id"], row["gains"], row["reason"]) for row in rows] == [
        ("ViewExistingAPIKeys", "unknown", "it possibly reads the project's API keys: what that gains, the evidence does not tell")
    ]
    assert "projects/q" not in rows[0]["steps"][0]


def test_an_administrator_has_no_rows_and_neither_has_whom_nobody_can_use(database: Database) -> None:
    rows = judged(
        database,
        identity("a"),
        identity("off", status="disabled"),
        identity("boss"),
        grant("a", "roles/iam.serviceAccountTokenCreator", place("projects/p")),
        grant("off", "roles/iam.serviceAccountTokenCreator", place("boss")),
        grant("boss", "roles/owner", place("projects/p")),
    )
    assert rows == []


def test_a_disabled_account_is_no_target(database: Database) -> None:
    held_on = grant("a", "roles/iam.serviceAccountTokenCreator", place("boss"))
    boss = identity("boss", status="disabled")
    assert judged(database, identity("a"), boss, held_on, grant("boss", "roles/owner", place("projects/p"))) == []


def test_an_account_is_found_by_its_number_too(database: Database) -> None:
    on = "//iam.googleapis.com/projects/p/serviceAccounts/100000000000000000001"
    alias = Alias(alias="gcp:account:100000000000000000001", identity_id=sa("boss"), evidence="x#1")
    owner = grant("boss", "roles/owner", place("projects/p"))
    rows = judged(database, identity("a"), identity("boss"), alias, owner, grant("a", "roles/iam.serviceAccountKeyAdmin", on))
    assert {row["target_id"] for row in rows} == {sa("boss")}


def test_a_condition_that_has_run_out_is_no_way(database: Database) -> None:
    def until(date: str) -> dict[str, Any]:
        return {"conditional": True, "condition": json.dumps({"expression": f'request.time < timestamp("{date}T00:00:00Z")'})}

    document = PolicyDocument(document_id="d", document=json.dumps({"includedPermissions": ["iam.serviceAccountKeys.create"]}))
    rows = judged(
        database,
        document,
        identity("a"),
        identity("b"),
        identity("boss"),
        grant("a", "projects/p/roles/k", place("boss"), document_id="d", **until("2026-10-01")),
        grant("b", "projects/p/roles/k", place("boss"), document_id="d", **until("2026-12-01")),
        grant("boss", "roles/owner", place("projects/p")),
    )
    assert [(row["identity_id"], row["certainty"]) for row in rows] == [(sa("b"), "possible")]
