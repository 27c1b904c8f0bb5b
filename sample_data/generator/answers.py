"""The answer key: what was planted, on whom, and which stage follows from it by the published rules. Written by hand, never by the product.

A stage of null says that the rules give no interval (nothing active), or that it hangs on the weakest of many and is better read off the run.
"""

from __future__ import annotations

from collections.abc import Iterable

from generator.azure import answers as azure
from generator.company import NONPROD, PROD, REGION, TOOLING, Account, Quarter
from generator.cross_cloud import MIRROR
from generator.estate import Estate, Json
from generator.gcp import answers as gcp
from generator.roles import MOVED_IN_Q3
from generator.scans import certain
from generator.user_list import MACHINE_LINES

WHERE_KEYS_REST = {
    # where -> (story, expected stage, what it shows)
    "code": ("key-in-code", (2, 2), "an active access key stands in a repository"),
    "shared": ("key-shared-over-environments", (3, 3), "one access key in variables of workloads of two environments"),
    "isolated": ("key-in-one-environment", (4, 4), "an access key in variables of one environment"),
    "manager": ("key-in-manager", (5, 5), "in the approved manager, reads logged, replaced within 90 days"),
    "stale": ("key-in-manager-not-rotated", (4, 5), "in the manager, but older than 90 days"),
    "exchange": ("key-buys-tokens", (6, 6), "may only call sts:AssumeRole, held in the manager"),
    "exchange-unknown": ("key-buys-tokens-storage-unknown", (2, 6), "may only call sts:AssumeRole; where the key rests is not said"),
    "unknown": ("key-storage-unknown", (2, 5), "nobody can say where the key rests"),
    "service": ("service-specific-credential", (2, 5), "a Bedrock API key or CodeCommit password; where it rests is not said"),
    "inactive": ("all-keys-inactive", None, "no active path: hygiene, not a stage"),
    "none": ("no-credential", None, "neither key nor password"),
}


def _user(account: Account, path: str, name: str) -> str:
    return f"arn:aws:iam::{account.id}:user{path}{name}"


def _role(account: Account, name: str, path: str = "/") -> str:
    return f"arn:aws:iam::{account.id}:role{path}{name}"


def _story(name: str, stage: tuple[int, int] | None, what: str, subjects: Iterable[str]) -> Json:
    return {"story": name, "stage": list(stage) if stage else None, "what": what, "subjects": sorted(subjects)}


def answer_key(quarter: Quarter, estates: list[Estate]) -> Json:
    return {
        "label": quarter.label,
        "counts": _counts(estates) | gcp.counts(quarter) | azure.counts(quarter),
        "stories": [
            *_key_stories(quarter, estates),
            *_role_stories(quarter, estates),
            *_resource_stories(quarter),
            *_cross_cloud(quarter),
            *gcp.stories(quarter),
            *azure.stories(quarter),
        ],
    }


def _counts(estates: list[Estate]) -> Json:
    roles = [role for estate in estates for role in estate.roles]
    users = [user for estate in estates for user in estate.users]
    foreign = [role for role in roles if role.path.startswith("/aws-") or role.name.startswith("ADFS-")]
    people = [user for user in users if user.has_password and not user.keys]
    return {
        "nonhuman_identities": len(roles) + len(users) - len(foreign) - len(people),
        "roles": len(roles),
        "service_linked_roles": sum(role.path.startswith("/aws-service-role/") for role in roles),
        "reserved_sso_roles": sum(role.path.startswith("/aws-reserved/") for role in roles),
        "saml_roles": sum(role.name.startswith("ADFS-") for role in roles),
        "users": len(users),
        "people_with_password_only": len(people),
        "users_with_password_and_key": sum(user.has_password and bool(user.keys) for user in users),
        "active_access_keys": sum(key.active for user in users for key in user.keys),
        "users_with_two_active_keys": sum(sum(key.active for key in user.keys) == 2 for user in users),
        "roles_never_used_or_not_for_90_days": sum(role not in foreign and _unused(role.last_used) for role in roles),
        "workloads": sum(len(estate.functions) + len(estate.tasks) + len(estate.machines) for estate in estates),
        "stored_secrets_listed": sum(len(estate.secrets) for estate in estates if estate.account != NONPROD),
    }


def _unused(last_used: object) -> bool:
    return last_used is None or str(last_used) < "2026-03-01"


def _key_stories(quarter: Quarter, estates: list[Estate]) -> Iterable[Json]:
    arns = {(estate.account, user.name): user.arn for estate in estates for user in estate.users}
    for rest, (name, stage, what) in WHERE_KEYS_REST.items():
        found = (arns[line.account, line.name] for line in MACHINE_LINES if line.rest(quarter.number) == rest)
        yield _story(name, certain(quarter, stage) if stage else None, what, found)
    people = [user.arn for estate in estates for user in estate.users if user.has_password and user.keys]
    yield _story("password-and-key", (2, 5), "person or program: nobody can tell from outside", people)
    two = [user.arn for estate in estates for user in estate.users if sum(key.active for key in user.keys) == 2]
    yield _story("two-active-keys", None, "two active keys at once", two)
    copied = [_user(PROD, "/service/", "svc-customs-docs")]
    if quarter.number >= 3:
        yield _story(
            "regression",
            (3, 3),
            "at most 4 in the second quarter, and 3 now: its key was copied to staging for the Brokerline integration",
            copied,
        )


def _role_stories(quarter: Quarter, estates: list[Estate]) -> Iterable[Json]:
    third = quarter.number >= 3
    yield _story("role-open-to-anyone", (1, 1), "trust policy with Principal * and no condition", [_role(NONPROD, "partner-file-drop")])
    unsafe = [_role(TOOLING, "gha-shared-artifacts", "/ci/"), _role(PROD, "irsa-notebook-users", "/eks/")]
    mended = _role(PROD, "gha-tracking-ingest-deploy", "/ci/")
    yield _story(
        "federation-too-wide", (6, 6), "OIDC trust without a sub condition, or for any pod", unsafe if third else [*unsafe, mended]
    )
    vendors = [role.arn for estate in estates for role in estate.roles if role.path == "/vendor/"]
    yield _story("vendor-role", (2, 6), "a vendor's account may assume it; how the vendor keeps its credentials is not known", vendors)
    yield _story(
        "vendor-without-external-id",
        (2, 6),
        "the trust asks for no ExternalId",
        [_role(PROD, f"vendor-{name}", "/vendor/") for name in ("cloudhealth", "fathom-audit")],
    )
    yield _story("session-role", certain(quarter, (6, 6)), "only a key in the manager may assume it", _session_roles())
    yield _story("nonprod-into-prod", None, "a staging role may assume a production role", [_role(PROD, "orders-replica-reader")])
    roots = [_role(PROD, "audit-read"), _role(NONPROD, "developer-power")]
    yield _story("trusts-a-whole-account", None, "at most as mature as the weakest principal of the account", roots)
    yield _story("shared-role", (7, 7), "one role behind several functions", [_role(PROD, "shared-lambda-execution")])
    yield _story("governed", (7, 7), "a service's role, guarded by a service control policy, logged", _native(estates, PROD))
    yield _story(
        "tooling-native", (7, 7) if third else (6, 7), "as above; in Q2 policies and trail were not exported", _native(estates, TOOLING)
    )
    yield _story("nonprod-native", (6, 7), "no service control policy was exported for the account", _native(estates, NONPROD))
    if third:
        moved = [_role(PROD, f"{name}-prod-task") for name in MOVED_IN_Q3[:2]]
        moved += [_role(PROD, f"gha-{name}-deploy", "/ci/") for name in MOVED_IN_Q3]
        yield _story("payments-moved", (7, 7), "took the place of the payments team's access keys", moved)


def _cross_cloud(quarter: Quarter) -> Iterable[Json]:
    """The account of Google Cloud stands at 6 in Q2 and at 7 in Q3; AWS alone would say 7 in both."""
    what = "a service account of Google Cloud (carrier-tracking-feed) may assume it: as mature as the weaker of the two"
    yield _story("cross-cloud-google-into-aws", (7, 7) if quarter.number >= 3 else (6, 6), what, [_role(PROD, MIRROR, "/federated/")])


def _session_roles() -> list[str]:
    return [
        _role(PROD, "onprem-wms-bridge-session"),
        _role(PROD, "depot-gateway-session"),
        _role(NONPROD, "onprem-wms-bridge-session"),
        _role(TOOLING, "datacentre-backup-session"),
    ]


def _native(estates: list[Estate], account: Account) -> list[str]:
    """Roles that only AWS services may assume."""
    return [
        role.arn
        for estate in estates
        if estate.account == account
        for role in estate.roles
        if not role.path.startswith("/aws-") and set(role.trust["Statement"][0]["Principal"]) == {"Service"}
    ]


def _resource_stories(quarter: Quarter) -> Iterable[Json]:
    found = [
        "arn:aws:s3:::quillhaven-public-tracking-assets",
        f"arn:aws:sqs:{REGION}:{NONPROD.id}:partner-simulator",
        f"arn:aws:lambda:{REGION}:{PROD.id}:function:webhook-dispatcher-prod",
    ]
    if quarter.number < 3:
        found += ["arn:aws:s3:::quillhaven-dev-fixtures", f"arn:aws:lambda:{REGION}:{NONPROD.id}:function:notification-sender-dev"]
    yield _story("open-resource", (1, 1), "answers callers without an identity (functions: through their URL)", found)
    limited = [
        "arn:aws:s3:::quillhaven-partner-downloads",
        f"arn:aws:sns:{REGION}:{PROD.id}:shipment-events",
        f"arn:aws:sqs:{REGION}:{PROD.id}:carrier-events",
    ]
    yield _story("looks-open-is-not", None, "Principal * with a condition that limits it: a false alarm if reported", limited)
