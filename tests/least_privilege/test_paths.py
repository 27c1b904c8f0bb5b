"""Escalation paths of AWS principals: the worked cases of paths.toml, one account each, and chains."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from collectors import COLLECTORS
from collectors.reading import read
from inventory.database import Database
from inventory.model import Ceiling, PolicyDocument
from scoring.judge import judge
from scoring.least_privilege.aws.catalogue import standard
from scoring.least_privilege.aws.paths.catalogue import BEYOND, paths
from scoring.packs import load_pack
from tests import exports
from tests.exports import ACCOUNT, Export, gaad, managed_policy, policy, role, role_arn, user, user_arn

Json = dict[str, Any]
Row = dict[str, Any]
Evidence = Ceiling | PolicyDocument

CASES: list[Json] = tomllib.loads(Path(__file__).with_name("paths.toml").read_text(encoding="utf-8"))["case"]
SOURCE = Path(__file__).parents[3] / "shared/data/aws/privilege-escalation-paths.json"
LEVELS = {"admin": ("*", "*"), "write": ("s3:PutObject", "*")}


def judged(folder: Path, files: Mapping[str, Export], *more: Evidence) -> Database:
    """A judged database of exports, without checks; `more`: rows beside them."""
    evidence = read([exports.write(folder, files)], COLLECTORS, key=b"k" * 32)
    database = Database.empty()
    judge(database, [*evidence.hand_over(), *more], as_of=datetime(2026, 9, 30), pack=load_pack("default"), checks=())
    return database


def escalations(database: Database) -> list[Row]:
    return database.rows("SELECT * FROM main.escalation ORDER BY identity_id, path_id")


def account_of(number: int) -> str:
    return f"{100_000_000_000 + number}"


def statements(case: Json, name: str, effect: str = "Allow") -> list[Json]:
    """One statement an action. A condition is that of iam:PassRole where it is among them: no other request says whom a role is passed to."""
    passes = "iam:PassRole" in case.get(name, {})
    found = []
    for action, on in case.get(name, {}).items():
        limited = name == "allow" and "when" in case and (action == "iam:PassRole" or not passes)
        condition = {"Condition": case["when"]} if limited else {}
        found.append({**exports.statement(action, resource=on, effect=effect), **condition})
    return found


def policy_lists(kind: str, found: list[Json]) -> Json:
    return {f"{kind}PolicyList": exports.inline("own", policy(*found)) if found else []}


def caller(case: Json) -> tuple[list[Json], list[Json]]:
    """ci, as entries of UserDetailList and RoleDetailList."""
    kind = case.get("by", "user").title()
    own = policy_lists(kind, [*statements(case, "allow"), *statements(case, "deny", "Deny")])
    held: Json = {"AttachedManagedPolicies": exports.attached(*case.get("attached", []))}
    limit: Json = {"PermissionsBoundary": {"PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/limit"}} if "boundary" in case else {}
    if kind == "Role":
        return [], [role("ci", trusts=exports.trust({"Service": "backup.amazonaws.com"}), **own, **held, **limit)]
    return [user("ci", GroupList=["team"] if case.get("member") else [], **own, **held, **limit)], []


def target(case: Json) -> tuple[list[Json], list[Json]]:
    """boss, likewise."""
    boss = case.get("boss")
    if not boss:
        return [], []
    action, on = LEVELS[boss["is"]]
    own = policy_lists("User" if boss.get("user") else "Role", [exports.statement(action, resource=on)])
    rest: Json = {"AttachedManagedPolicies": exports.attached(*([boss["holds"]] if "holds" in boss else []))}
    if boss.get("user"):
        return [user("boss", **own, **rest)], []
    if boss.get("boundary"):
        rest["PermissionsBoundary"] = {"PermissionsBoundaryArn": f"arn:aws:iam::{ACCOUNT}:policy/limit"}
    if boss.get("profile") or case.get("runs", "").startswith("instance"):
        rest["InstanceProfileList"] = [{"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/boss"}]
    if "path" in boss:
        rest["Arn"] = f"arn:aws:iam::{ACCOUNT}:role{boss['path']}boss"
    return [], [role("boss", trusts=trust_of(case, boss), **own, **rest)]


def trust_of(case: Json, boss: Json) -> Json:
    arns = {"root": f"arn:aws:iam::{ACCOUNT}:root", "caller": (role_arn if case.get("by") == "role" else user_arn)("ci")}
    name = boss["trusts"]
    principal = {"Service": name} if "." in name else {"AWS": arns.get(name, f"arn:aws:iam::{name}:root")}
    trust = exports.trust(principal)
    if "if" in boss:
        trust["Statement"][0]["Condition"] = boss["if"]
    return trust


def files_of(case: Json) -> dict[str, Export]:
    """The exports of a case's account."""
    users, roles = (ours + theirs for ours, theirs in zip(caller(case), target(case), strict=True))
    level = case.get("group", "write")
    team = exports.group("team", **policy_lists("Group", [exports.statement(LEVELS[level][0], resource=LEVELS[level][1])]))
    limit = managed_policy("limit", policy(*statements(case, "boundary"))) if "boundary" in case else managed_policy("limit", policy())
    shared = [managed_policy(name, policy(exports.statement("s3:GetObject"))) for name in ("shared", "theirs")]
    found: dict[str, Export] = {"gaad.json": gaad(users=users, groups=[team], roles=[*roles, other_role()], policies=[limit, *shared])}
    boss = case.get("boss", {})
    if {"keys", "password"} & boss.keys():
        found["report.csv"] = exports.credential_report([exports.report_row("ci"), reported(boss)])
    if "runs" in case:
        found["runs.json"] = running(case["runs"].split()[0], "app" if case["runs"].endswith("of another role") else "boss")
    return found


def other_role() -> Json:
    """A role without rights, as which functions and instances run."""
    return role("app", InstanceProfileList=[{"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/app"}])


def running(what: str, name: str) -> Json:
    if what == "function":
        return {"Functions": [exports.function("job", name)]}
    profile = {"Arn": f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}"}
    instance = {"InstanceId": "i-0bbbbbbbbbbbbbbb2", "IamInstanceProfile": profile, "Placement": {"AvailabilityZone": "eu-west-1a"}}
    return {"Reservations": [{"OwnerId": ACCOUNT, "Instances": [instance]}]}


def reported(boss: Json) -> dict[str, str]:
    keys = boss.get("keys", 0)
    row = {"password_enabled": str(boss.get("password", False)).lower()}
    for slot in ("1", "2"):
        active = int(slot) <= keys
        row[f"access_key_{slot}_active"] = str(active).lower()
        row[f"access_key_{slot}_last_rotated"] = "2026-03-01T09:05:00Z" if active else "N/A"
    return exports.report_row("boss", **row)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[str, Row]]:
    """Case -> path -> ci's row: every case in an account of its own, all judged at once."""
    files = {}
    for number, case in enumerate(CASES):
        for name, content in files_of(case).items():
            text = content if isinstance(content, str) else json.dumps(content)
            files[f"{number:03}-{name}"] = text.replace(ACCOUNT, account_of(number))
    found: dict[int, dict[str, Row]] = {number: {} for number in range(len(CASES))}
    with judged(tmp_path_factory.mktemp("cases"), files) as database:
        for row in escalations(database):
            if row["identity_id"].endswith("/ci"):
                found[int(row["identity_id"].split(":")[4]) - 100_000_000_000][row["path_id"]] = row
    return found


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case['path']}: {case['why']}" for case in CASES])
def test_a_path_is_open_as_its_worked_case_says(number: int, rows: dict[int, dict[str, Row]]) -> None:
    case = CASES[number]
    row = rows[number].get(case["path"])
    if case["expect"] == "none":
        assert row is None
        return
    assert row is not None, rows[number]
    assert (row["certainty"], row["gains"]) == (case["expect"], "admin"), row
    assert len(row["steps"]) >= len(case.get("allow", {}))
    assert all(action in " ".join(row["steps"]) for action in case.get("allow", {}))
    assert row["evidence"]
    assert ("; open: " in row["reason"]) == (case["expect"] == "possible")
    if "boss" in case:
        kind = "user" if case["boss"].get("user") else "role"
        assert row["target_id"] == f"arn:aws:iam::{account_of(number)}:{kind}/boss"


def test_every_path_has_a_case_that_opens_it_and_one_that_does_not() -> None:
    shown = {(case["path"], case["expect"] == "none") for case in CASES}
    assert shown == {(path.id, closed) for path in paths() for closed in (True, False)}


@pytest.mark.skipif(not SOURCE.is_file(), reason="the public catalogue is not here")
def test_the_paths_are_those_of_the_public_catalogue() -> None:
    source = {path["id"]: {needed["permission"] for needed in path["permissions"]["required"]} for path in json.loads(SOURCE.read_text())}
    assert len(source) == 65
    assert {path.id: set(path.steps) for path in paths() if not path.id.startswith("x-")} == source


def test_every_action_of_a_path_is_in_the_catalogue_of_actions() -> None:
    named = {action.lower() for path in paths() for action in path.steps} | {action.lower() for action in BEYOND}
    assert named - standard().actions.keys() == set()


def assumer(name: str, *targets: str, trusted_by: Iterable[str] = (), **more: Any) -> Json:
    """A role that may assume others, and whom it trusts."""
    allowed = policy(*(exports.statement("sts:AssumeRole", resource=role_arn(target)) for target in targets))
    trusts = exports.trust(*({"AWS": role_arn(other)} for other in trusted_by)) if trusted_by else None
    return role(name, trusts=trusts, RolePolicyList=exports.inline("assume", allowed) if targets else [], **more)


ADMIN = exports.inline("all", policy(exports.statement("*")))


def ways(folder: Path, *roles: Json, users: Iterable[Json] = ()) -> dict[tuple[str, str], Row]:
    with judged(folder, {"gaad.json": gaad(users=list(users), roles=roles)}) as database:
        return {(row["identity_id"].rsplit("/", 1)[-1], row["path_id"]): row for row in escalations(database)}


def test_a_chain_of_roles_is_told_step_by_step_with_the_shortest_way_first(tmp_path: Path) -> None:
    found = ways(
        tmp_path,
        assumer("a", "b", "c"),
        assumer("b", "c", trusted_by=["a"]),
        assumer("c", "boss", trusted_by=["a", "b"]),
        role("boss", trusts=exports.trust({"AWS": role_arn("c")}), RolePolicyList=ADMIN),
    )
    assert {key: (row["certainty"], row["target_id"]) for key, row in found.items()} == {
        ("a", "sts-001"): ("certain", role_arn("c")),
        ("b", "sts-001"): ("certain", role_arn("c")),
        ("c", "sts-001"): ("certain", role_arn("boss")),
    }
    assert found["a", "sts-001"]["steps"] == [
        "1. sts:AssumeRole on role c (policy assume, statement 1)",
        "2. as role c: sts:AssumeRole on role boss (policy assume, statement 0)",
        "3. role boss is admin: policy all: statement 0 allows * on all resources",
    ]
    assert found["a", "sts-001"]["gains"] == "admin"


def test_roles_that_assume_each_other_in_a_circle_gain_nothing(tmp_path: Path) -> None:
    found = ways(tmp_path, assumer("a", "b", trusted_by=["b"]), assumer("b", "a", trusted_by=["a"]))
    assert found == {}


def test_a_circle_with_a_way_out_leads_out_of_it(tmp_path: Path) -> None:
    found = ways(
        tmp_path,
        assumer("a", "b", trusted_by=["b"]),
        assumer("b", "a", "boss", trusted_by=["a"]),
        role("boss", trusts=exports.trust({"AWS": role_arn("b")}), RolePolicyList=ADMIN),
    )
    assert len(found["a", "sts-001"]["steps"]) == 3
    assert found["b", "sts-001"]["target_id"] == role_arn("boss")


def test_a_role_that_is_passed_may_go_on_from_there(tmp_path: Path) -> None:
    starts = policy(exports.statement("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"))
    rewrites = policy(exports.statement("iam:PutRolePolicy", resource=role_arn("worker")))
    found = ways(
        tmp_path,
        role("ci", trusts=exports.trust({"Service": "ec2.amazonaws.com"}), RolePolicyList=exports.inline("start", starts)),
        role("worker", RolePolicyList=exports.inline("self", rewrites)),
    )
    row = found["ci", "lambda-001"]
    assert (row["target_id"], row["gains"], row["certainty"]) == (role_arn("worker"), "admin", "certain")
    assert row["steps"][-1] == "4. as role worker: iam:PutRolePolicy on itself (policy self, statement 0)"
    assert found["worker", "iam-005"]["target_id"] is None


def test_a_role_of_another_account_is_reached_only_where_both_sides_say_so(tmp_path: Path) -> None:
    other = "444455556666"
    boss = role("boss", account=other, trusts=exports.trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), RolePolicyList=ADMIN)
    allowed = exports.inline("assume", policy(exports.statement("sts:AssumeRole", resource=role_arn("boss", other))))
    with judged(
        tmp_path,
        {
            "ours.json": gaad(roles=[role("a", RolePolicyList=allowed), role("b")]),
            "theirs.json": gaad(roles=[boss]),
        },
    ) as database:
        found = [(row["identity_id"], row["target_id"], row["certainty"]) for row in escalations(database)]
    assert found == [(role_arn("a"), role_arn("boss", other), "certain")]


def test_a_lateral_move_counts_only_where_it_gains_something(tmp_path: Path) -> None:
    reads, writes = (exports.inline("p", policy(exports.statement(action))) for action in ("s3:GetObject", "s3:PutObject"))
    found = ways(
        tmp_path,
        role("reader", RolePolicyList=reads),
        role("writer", RolePolicyList=writes),
        role("app", trusts=exports.trust({"AWS": role_arn("reader")}, {"AWS": role_arn("writer")}), RolePolicyList=writes),
    )
    assert {key: row["gains"] for key, row in found.items()} == {("reader", "sts-001"): "write"}


def test_people_and_administrators_have_no_rows_but_others_reach_administration_over_people(tmp_path: Path) -> None:
    keys = exports.inline("keys", policy(exports.statement("iam:CreateAccessKey")))
    person = user("ana.lopez", Tags=[{"Key": "type", "Value": "human"}], UserPolicyList=ADMIN)
    found = ways(tmp_path, role("helper", RolePolicyList=keys), users=[person])
    assert {key: row["target_id"] for key, row in found.items()} == {("helper", "iam-002"): user_arn("ana.lopez")}


def test_where_roles_are_not_all_listed_a_path_stays_possible(tmp_path: Path) -> None:
    starts = policy(exports.statement("iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"))
    export = gaad(roles=[role("ci", RolePolicyList=exports.inline("start", starts))], truncated=True)
    with judged(tmp_path, {"gaad.json": export}) as database:
        found = {row["path_id"]: row for row in escalations(database)}
    assert (found["lambda-001"]["gains"], found["lambda-001"]["certainty"]) == ("unknown", "possible")
    assert "not all roles and users" in found["lambda-001"]["reason"]
    assert found["any"]["reason"].startswith("which paths are open to it is not known: not all of its policies may be known")


def test_a_policy_without_text_leaves_open_which_paths_are_open(tmp_path: Path) -> None:
    held = [{"PolicyName": "lost", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/lost"}]
    found = ways(
        tmp_path,
        role("ci", AttachedManagedPolicies=held),
        role("boss", trusts=exports.trust({"AWS": role_arn("ci")}), RolePolicyList=ADMIN),
    )
    assert found["ci", "sts-001"]["certainty"] == "possible"
    assert "policy/lost was not in the evidence" in found["ci", "any"]["reason"]


def test_who_may_become_what_is_not_known_may_gain_what_is_not_known(tmp_path: Path) -> None:
    held = [{"PolicyName": "lost", "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/lost"}]
    found = ways(tmp_path, assumer("a", "b"), role("b", trusts=exports.trust({"AWS": role_arn("a")}), AttachedManagedPolicies=held))
    row = found["a", "sts-001"]
    assert (row["gains"], row["certainty"], row["target_id"]) == ("unknown", "possible", role_arn("b"))
    assert "what role b may do is not known" in row["reason"]


def test_each_policy_that_allows_a_step_is_evidence(tmp_path: Path) -> None:
    passes, starts = (policy(exports.statement(*actions)) for actions in (["iam:PassRole"], ["glue:CreateDevEndpoint"]))
    lists = [*exports.inline("pass", passes), *exports.inline("start", starts)]
    found = ways(
        tmp_path,
        role("boss", trusts=exports.trust({"Service": "glue.amazonaws.com"}), RolePolicyList=ADMIN),
        users=[user("ci", UserPolicyList=lists)],
    )
    row = found["ci", "glue-001"]
    assert row["steps"][:2] == [
        "1. iam:PassRole on role boss (policy pass, statement 0)",
        "2. glue:CreateDevEndpoint (policy start, statement 0)",
    ]
    assert row["evidence"] == [f"gaad.json#RoleDetailList[{role_arn('boss')}]", f"gaad.json#UserDetailList[{user_arn('ci')}]"]


@pytest.mark.parametrize(
    ("scope", "text", "expected"),
    [
        (ACCOUNT, policy(exports.statement("*"), exports.statement("iam:Put*", effect="Deny")), None),
        (ACCOUNT, policy(exports.statement("s3:*")), None),
        (ACCOUNT, policy(exports.statement("*")), "certain"),
        ("*", policy(exports.statement("*"), exports.statement("iam:Put*", effect="Deny")), "possible"),
    ],
)
def test_a_service_control_policy_closes_a_path_where_it_is_known_to_bind(
    tmp_path: Path, scope: str, text: Json, expected: str | None
) -> None:
    rewrites = exports.inline("self", policy(exports.statement("iam:PutRolePolicy", resource=role_arn("ci"))))
    facts = {"level": "root", "policy_id": "p-1", "policy_name": "limit", "document_id": "scp", "evidence": "organization.json#p-1"}
    limit = Ceiling(scope=scope, kind="scp", **facts)
    rows = (limit, PolicyDocument(document_id="scp", document=json.dumps(text)))
    with judged(tmp_path, {"gaad.json": gaad(roles=[role("ci", RolePolicyList=rewrites)])}, *rows) as database:
        found = [row["certainty"] for row in escalations(database) if row["path_id"] == "iam-005"]
    assert found == ([expected] if expected else [])


def test_a_deny_added_to_a_policy_never_opens_a_path(tmp_path: Path) -> None:
    denies = [exports.statement(action, effect="Deny") for action in ("iam:*", "lambda:*", "sts:AssumeRole", "iam:PassRole")]
    boss_only = exports.statement("iam:UpdateAssumeRolePolicy", resource=role_arn("boss"))
    starts = [exports.statement("iam:PassRole", "lambda:*", "sts:AssumeRole"), boss_only]
    names = {f"ci-{number}": [*starts, deny] for number, deny in enumerate(denies)} | {"ci": starts}
    boss = role("boss", trusts=exports.trust({"Service": "lambda.amazonaws.com"}), RolePolicyList=ADMIN)
    users = [user(name, UserPolicyList=exports.inline("p", policy(*found))) for name, found in names.items()]
    opened: dict[str, set[str]] = {name: set() for name in names}
    for name, path in ways(tmp_path, boss, users=users):
        opened[name].add(path)
    assert opened["ci"] >= {"lambda-001", "iam-012"}
    assert all(opened[name] < opened["ci"] for name in ("ci-0", "ci-1", "ci-3"))
    assert opened["ci-2"] <= opened["ci"]
