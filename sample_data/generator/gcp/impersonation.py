"""Who may become a service account: policies on the accounts themselves, workload identity pools and their providers."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chance import letters
from generator.company import GITHUB, TOOLING, Quarter, email
from generator.estate import Json
from generator.gcp.account_list import lines
from generator.gcp.places import DATA, NONPROD, PROD, Project

GITHUB_POOL = PROD.pool("github")
AWS_POOL = PROD.pool("aws-tooling")
LEGACY_POOL = NONPROD.pool("github-legacy")

USERS = "roles/iam.workloadIdentityUser"
TOKENS = "roles/iam.serviceAccountTokenCreator"
TERRAFORM = f"attribute.aws_role/arn:aws:sts::{TOOLING.id}:assumed-role/terraform-apply"

MAY_BECOME: dict[str, tuple[tuple[str, str], ...]] = {
    # account -> (role, member)
    PROD.email("release-orchestrator"): (
        (USERS, f"principal://iam.googleapis.com/{GITHUB_POOL}/subject/repo:{GITHUB}/infra-terraform:ref:refs/heads/main"),
    ),
    PROD.email("release-deployer"): ((TOKENS, f"serviceAccount:{PROD.email('release-orchestrator')}"),),
    PROD.email("tf-apply"): ((USERS, f"principalSet://iam.googleapis.com/{AWS_POOL}/{TERRAFORM}"),),
    PROD.email("tracking-replay"): ((TOKENS, f"serviceAccount:{NONPROD.email('staging-replay')}"),),
    PROD.email("gke-tracking"): ((USERS, f"serviceAccount:{PROD.id}.svc.id.goog[tracking/tracking]"),),
    NONPROD.email("gke-tracking-stg"): ((USERS, f"serviceAccount:{NONPROD.id}.svc.id.goog[tracking/tracking]"),),
    NONPROD.email("ci-preview"): ((USERS, f"principalSet://iam.googleapis.com/{LEGACY_POOL}/*"),),
    DATA.email("dbt-runner"): ((TOKENS, f"user:{email('oskar.nyberg')}"),),
    DATA.email("warehouse-loader"): ((TOKENS, f"serviceAccount:{DATA.email('airflow-scheduler')}"),),
}


def account_policies(quarter: Quarter, project: Project) -> Iterator[tuple[str, Json]]:
    """(address, answer of `gcloud iam service-accounts get-iam-policy`); most accounts have no binding, and the answer is an etag."""
    own = sorted(line.email for line in lines(quarter, project))
    for address in (project.compute_default, project.app_engine_default, *own):
        allowed = MAY_BECOME.get(address, ())
        if not allowed:
            yield address, {"etag": "ACAB"}
            continue
        bindings = [{"members": [member], "role": role} for role, member in allowed]
        yield address, {"bindings": bindings, "etag": f"BwY{letters(8, 'sa etag', address)}=", "version": 1}


def pools(project: Project) -> list[Json]:
    """`gcloud iam workload-identity-pools list --location=global`."""
    names = {PROD: {GITHUB_POOL: "GitHub Actions", AWS_POOL: "Tooling account of AWS"}, NONPROD: {LEGACY_POOL: "GitHub, first attempt"}}
    return [{"displayName": title, "name": name, "state": "ACTIVE"} for name, title in names.get(project, {}).items()]


def providers(project: Project) -> Iterator[Json]:
    """`gcloud iam workload-identity-pools providers list`, for each pool: the last one lets in every repository of GitHub."""
    github = {"google.subject": "assertion.sub", "attribute.repository": "assertion.repository"}
    if project == PROD:
        yield _provider(f"{GITHUB_POOL}/providers/actions", github, condition=f"assertion.repository_owner == '{GITHUB}'")
        yield {
            "attributeCondition": "attribute.aws_role.startsWith('arn:aws:sts::" + TOOLING.id + ":assumed-role/terraform-')",
            "attributeMapping": {"attribute.aws_role": "assertion.arn.extract('{role_arn}/')", "google.subject": "assertion.arn"},
            "aws": {"accountId": TOOLING.id},
            "displayName": "tooling",
            "name": f"{AWS_POOL}/providers/tooling",
            "state": "ACTIVE",
        }
    if project == NONPROD:
        yield _provider(f"{LEGACY_POOL}/providers/actions", github, condition=None)


def _provider(name: str, mapping: dict[str, str], *, condition: str | None) -> Json:
    entry = {
        "attributeMapping": mapping,
        "displayName": "actions",
        "name": name,
        "oidc": {"issuerUri": "https://token.actions.githubusercontent.com"},
        "state": "ACTIVE",
    }
    return entry if condition is None else {"attributeCondition": condition} | entry
