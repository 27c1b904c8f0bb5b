"""A project with one of everything: as gcloud prints it, and as the APIs answer."""

from __future__ import annotations

from typing import Any

from tests.collectors.live.google_server import Google, paged

PROJECT, NUMBER, ORGANIZATION = "demo-prod", "123456789012", "415104041262"
DEPLOY = f"deploy@{PROJECT}.iam.gserviceaccount.com"
REPORT = f"report@{PROJECT}.iam.gserviceaccount.com"
POOL = f"projects/{NUMBER}/locations/global/workloadIdentityPools/ci"
MEMBER = f"serviceAccount:{DEPLOY}"


def name(email: str) -> str:
    return f"projects/{PROJECT}/serviceAccounts/{email}"


ACCOUNTS: list[dict[str, Any]] = [
    {"name": name(DEPLOY), "projectId": PROJECT, "uniqueId": "101", "email": DEPLOY, "displayName": "Deploys"},
    {"name": name(REPORT), "projectId": PROJECT, "uniqueId": "102", "email": REPORT, "disabled": True},
]
KEY = {
    "name": f"{name(DEPLOY)}/keys/0a1b2c3d",
    "validAfterTime": "2024-03-01T00:00:00Z",
    "validBeforeTime": "9999-12-31T23:59:59Z",
    "keyAlgorithm": "KEY_ALG_RSA_2048",
    "keyOrigin": "GOOGLE_PROVIDED",
    "keyType": "USER_MANAGED",
}
GITHUB = f"principalSet://iam.googleapis.com/{POOL}/attribute.repository/acme/shop"
POLICIES: dict[str, dict[str, Any]] = {
    DEPLOY: {"version": 1, "etag": "BwXXwOptVuE=", "bindings": [{"role": "roles/iam.workloadIdentityUser", "members": [GITHUB]}]},
    REPORT: {"etag": "ACAB"},
}
ABOVE: list[dict[str, Any]] = [
    {
        "id": PROJECT,
        "type": "project",
        "policy": {
            "version": 3,
            "etag": "BwX1",
            "bindings": [
                {"role": f"projects/{PROJECT}/roles/deployer", "members": [MEMBER]},
                {"role": "roles/storage.admin", "members": [MEMBER], "condition": {"title": "t", "expression": "request.time < x"}},
            ],
            "auditConfigs": [{"service": "allServices", "auditLogConfigs": [{"logType": "DATA_READ"}, {"logType": "DATA_WRITE"}]}],
        },
    },
    {"id": "12", "type": "folder", "policy": {"etag": "BwX2", "bindings": [{"role": "roles/viewer", "members": ["group:a@b.c"]}]}},
    {"id": ORGANIZATION, "type": "organization", "policy": {"etag": "BwX3", "bindings": [{"role": "roles/browser", "members": [MEMBER]}]}},
]
DEPLOYER = {
    "name": f"projects/{PROJECT}/roles/deployer",
    "title": "Deployer",
    "includedPermissions": ["run.services.update"],
    "stage": "GA",
}
PREDEFINED = {
    role: {"name": role, "title": role, "includedPermissions": [f"{role.split('/')[1]}.get"], "stage": "GA"}
    for role in ("roles/storage.admin", "roles/viewer", "roles/browser")
}
PROVIDER = {
    "name": f"{POOL}/providers/github",
    "state": "ACTIVE",
    "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
    "attributeCondition": "assertion.repository_owner == 'acme'",
}
API_KEY = {"name": f"projects/{NUMBER}/locations/global/keys/k1", "uid": "k1", "displayName": "maps", "createTime": "2023-01-01T00:00:00Z"}
HMAC = {
    "kind": "storage#hmacKeyMetadata",
    "accessId": "GOOG1EXAMPLE",
    "projectId": PROJECT,
    "serviceAccountEmail": DEPLOY,
    "state": "ACTIVE",
    "timeCreated": "2022-05-01T00:00:00.000Z",
}
SECRET = {"name": f"projects/{NUMBER}/secrets/db", "createTime": "2025-01-02T03:04:05Z", "replication": {"automatic": {}}}
VERSIONS = [
    {"name": f"projects/{NUMBER}/secrets/db/versions/2", "createTime": "2026-10-02T03:04:05Z", "state": "DISABLED", "etag": "x"},
    {"name": f"projects/{NUMBER}/secrets/db/versions/1", "createTime": "2025-06-02T03:04:05Z", "state": "ENABLED", "etag": "y"},
]
PERIOD = {"startTime": "2026-08-01T07:00:00Z", "endTime": "2026-11-20T07:00:00Z"}
ACTIVITIES = {
    kind: {
        "fullResourceName": f"//iam.googleapis.com/{what}",
        "activityType": kind,
        "observationPeriod": PERIOD,
        "activity": {"lastAuthenticatedTime": "2026-11-02T08:00:00Z", key: {"fullResourceName": f"//iam.googleapis.com/{what}"}},
    }
    for kind, key, what in (
        ("serviceAccountLastAuthentication", "serviceAccount", name(DEPLOY)),
        ("serviceAccountKeyLastAuthentication", "serviceAccountKey", KEY["name"]),
    )
}
INSIGHT = {
    "name": f"projects/{NUMBER}/locations/global/insightTypes/google.iam.policy.Insight/insights/i1",
    "insightSubtype": "PERMISSIONS_USAGE",
    "targetResources": [f"//cloudresourcemanager.googleapis.com/projects/{NUMBER}"],
    "lastRefreshTime": "2026-11-20T07:00:00Z",
    "observationPeriod": "7776000s",
    "content": {"role": "roles/storage.admin", "member": MEMBER, "exercisedPermissions": [{"permission": "storage.objects.get"}]},
}
CONSTRAINT = "iam.disableServiceAccountKeyCreation"
RULE = {"name": f"projects/{NUMBER}/policies/{CONSTRAINT}", "spec": {"rules": [{"enforce": True}]}}
DENIED = "policies/cloudresourcemanager.googleapis.com%2Fprojects%2F123456789012/denypolicies/no-keys"
DENIAL: dict[str, Any] = {
    "name": DENIED,
    "kind": "DenyPolicy",
    "displayName": "No keys",
    "rules": [
        {
            "denyRule": {
                "deniedPrincipals": ["principalSet://goog/public:all"],
                "deniedPermissions": ["iam.googleapis.com/serviceAccountKeys.create"],
            }
        },
        {
            "denyRule": {
                "deniedPrincipals": [f"principal://iam.googleapis.com/projects/-/serviceAccounts/{DEPLOY}"],
                "deniedPermissions": ["storage.googleapis.com/buckets.delete"],
            }
        },
    ],
}
MACHINE = {
    "kind": "compute#instance",
    "name": "vm",
    "selfLink": f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/europe-west1-b/instances/vm",
    "zone": f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/zones/europe-west1-b",
    "machineType": "e2-small",
    "serviceAccounts": [{"email": DEPLOY, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}],
}
VARIABLES: list[dict[str, Any]] = [
    {"name": "LOG_LEVEL", "value": "info"},
    {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "latest"}}},
]
SERVICE: dict[str, Any] = {
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {"name": "shop", "namespace": NUMBER, "labels": {"cloud.googleapis.com/location": "europe-west1"}},
    "spec": {"template": {"spec": {"serviceAccountName": DEPLOY, "containers": [{"image": "shop", "env": VARIABLES}]}}},
}
JOB: dict[str, Any] = {
    "apiVersion": "run.googleapis.com/v1",
    "kind": "Job",
    "metadata": {"name": "nightly", "namespace": NUMBER, "labels": {"cloud.googleapis.com/location": "europe-west1", "team": "data"}},
    "spec": {
        "template": {
            "spec": {
                "taskCount": 1,
                "template": {"spec": {"serviceAccountName": REPORT, "containers": [{"image": "nightly", "env": VARIABLES}]}},
            }
        }
    },
}
FUNCTION = {
    "name": f"projects/{PROJECT}/locations/europe-west1/functions/f",
    "serviceConfig": {"serviceAccountEmail": REPORT, "environmentVariables": {"LOG_LEVEL": "info"}},
}
DESCRIBED = {"name": f"projects/{NUMBER}", "projectId": PROJECT, "state": "ACTIVE", "displayName": "Demo", "labels": {"env": "prod"}}
BUCKET = {
    "resource": "//storage.googleapis.com/shop-public",
    "assetType": "storage.googleapis.com/Bucket",
    "project": f"projects/{NUMBER}",
    "policy": {"bindings": [{"role": "roles/storage.objectViewer", "members": ["allUsers"]}]},
}
OF_PROJECT = {
    "resource": f"//cloudresourcemanager.googleapis.com/projects/{PROJECT}",
    "assetType": "cloudresourcemanager.googleapis.com/Project",
    "project": f"projects/{NUMBER}",
    "policy": {"bindings": ABOVE[0]["policy"]["bindings"]},
}

EXPORTS: dict[str, Any] = {
    "activity/accounts.json": [ACTIVITIES["serviceAccountLastAuthentication"]],
    "activity/keys.json": [ACTIVITIES["serviceAccountKeyLastAuthentication"]],
    "api-keys.json": [API_KEY],
    "assets/search.json": [OF_PROJECT, BUCKET],
    "compute/instances.json": [MACHINE],
    "deny-policy.json": DENIAL,
    "functions.json": [FUNCTION],
    "hmac.json": [HMAC],
    "iam-ancestors.json": ABOVE,
    "iam/keys.json": [{"serviceAccount": name(DEPLOY), "keys": [KEY]}, {"serviceAccount": name(REPORT), "keys": []}],
    "iam/policies.json": [{"resource": f"//iam.googleapis.com/{name(email)}", "policy": policy} for email, policy in POLICIES.items()],
    "iam/providers.json": [PROVIDER],
    "iam/roles.json": [DEPLOYER, *PREDEFINED.values()],
    "iam/service-accounts.json": ACCOUNTS,
    "iam/workload-identity-pools.json": [{"name": POOL, "state": "ACTIVE"}],
    "org-policies.json": [RULE],
    "policy-insights.json": [INSIGHT],
    "project.json": DESCRIBED,
    "run/jobs.json": [JOB],
    "run/services.json": [SERVICE],
    "secrets.json": [SECRET],
    "secrets/db.json": VERSIONS,
}
"""What the commands of the plan print. The files stand in the order of the plan's: of two records that say the same, evidence names that
of the first file."""


def answer(google: Google) -> None:
    """The same facts as the APIs give them."""
    google.grpc |= {
        "ListServiceAccounts": [paged({"accounts": ACCOUNTS[:1], "nextPageToken": "2"}, {"accounts": ACCOUNTS[1:]})],
        "ListServiceAccountKeys": [lambda asked: {"keys": [KEY] if asked["name"] == name(DEPLOY) else []}],
        "GetIamPolicy": [lambda asked: POLICIES[asked["resource"].rsplit("/", 1)[1]]],
        "ListRoles": [{"roles": [DEPLOYER]}],
        "GetRole": [lambda asked: PREDEFINED[asked["name"]]],
    }
    manager, named = "cloudresourcemanager.googleapis.com", f"projects/{PROJECT}"
    everywhere = f"{named}/locations/global"
    google.rest |= {
        f"{manager}/v3/{named}": [DESCRIBED],
        f"{manager}/v1/{named}:getAncestry": [{"ancestor": [{"resourceId": {"type": one["type"], "id": one["id"]}} for one in ABOVE]}],
        **{f"{manager}/v3/{one['type']}s/{one['id']}:getIamPolicy": [one["policy"]] for one in ABOVE},
        f"iam.googleapis.com/v1/{everywhere}/workloadIdentityPools": [{"workloadIdentityPools": [{"name": POOL, "state": "ACTIVE"}]}],
        f"iam.googleapis.com/v1/{POOL}/providers": [{"workloadIdentityPoolProviders": [PROVIDER]}],
        f"apikeys.googleapis.com/v2/{everywhere}/keys": [{"keys": [API_KEY]}],
        f"storage.googleapis.com/storage/v1/{named}/hmacKeys": [{"kind": "storage#hmacKeysMetadata", "items": [HMAC]}],
        f"secretmanager.googleapis.com/v1/{named}/secrets": [paged({"secrets": [SECRET], "nextPageToken": "2"}, {})],
        **{
            f"policyanalyzer.googleapis.com/v1/{everywhere}/activityTypes/{kind}/activities:query": [{"activities": [activity]}]
            for kind, activity in ACTIVITIES.items()
        },
        f"secretmanager.googleapis.com/v1/projects/{NUMBER}/secrets/db/versions": [{"versions": VERSIONS, "totalSize": 2}],
        f"iam.googleapis.com/v2/policies/cloudresourcemanager.googleapis.com%2F{named.replace('/', '%2F')}/denypolicies": [
            {"policies": [{key: DENIAL[key] for key in ("name", "kind", "displayName")}]}
        ],
        f"iam.googleapis.com/v2/{DENIED}": [DENIAL],
        f"recommender.googleapis.com/v1/{everywhere}/insightTypes/google.iam.policy.Insight/insights": [{"insights": [INSIGHT]}],
        f"orgpolicy.googleapis.com/v2/{named}/policies/{CONSTRAINT}:getEffectivePolicy": [RULE],
        f"compute.googleapis.com/compute/v1/{named}/aggregated/instances": [
            {"items": {"zones/europe-west1-b": {"instances": [MACHINE]}, "zones/x": {"warning": {"code": "NO_RESULTS_ON_PAGE"}}}}
        ],
        f"run.googleapis.com/v1/{named}/locations/-/services": [{"items": [SERVICE]}],
        f"run.googleapis.com/apis/run.googleapis.com/v1/namespaces/{PROJECT}/jobs": [{"kind": "JobList", "items": [JOB]}],
        f"cloudfunctions.googleapis.com/v2/{named}/locations/-/functions": [{"functions": [FUNCTION]}],
        f"cloudasset.googleapis.com/v1/{named}:searchAllIamPolicies": [
            paged({"results": [OF_PROJECT], "nextPageToken": "2"}, {"results": [BUCKET]})
        ],
    }
