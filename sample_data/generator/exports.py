"""Which files a quarter's bundle holds, and what nobody could collect."""

from __future__ import annotations

from datetime import timedelta

from generator import authorization, credentials, declared, inventories, organization, scans
from generator.azure import exports as azure
from generator.bundle import Bundle, File
from generator.company import GITHUB, MANAGEMENT, NONPROD, PROD, TOOLING, Quarter
from generator.dress import lines, one_after_another, pretty
from generator.estate import Estate
from generator.estates import estates
from generator.gcp import exports as gcp

KEYS_COMMAND = "aws iam list-access-keys --user-name U, for each user, wrapped with the UserName"
LAST_USED_COMMAND = "aws iam get-access-key-last-used --access-key-id K, for each key, wrapped with the AccessKeyId"
SERVICES_COMMAND = "aws iam get-service-last-accessed-details --job-id J, for some principals, wrapped with the Arn"


def bundle(quarter: Quarter) -> Bundle:
    found = Bundle(quarter=quarter)
    holdings = estates(quarter)
    for estate in holdings:
        _principals(found, estate)
        _credentials(found, estate)
        _inventories(found, estate)
        _trails(found, estate)
    _organization(found)
    gcp.add_files(found)
    azure.add_files(found)
    _scans(found)
    _declared(found, holdings)
    _gaps(found)
    return found


def _add(found: Bundle, estate: Estate, name: str, text: str, command: str) -> None:
    path = f"aws/{estate.account.alias}/{name}"
    found.files.append(File(path=path, text=text, source="aws", command=command, scope=estate.account.id))


def _principals(found: Bundle, estate: Estate) -> None:
    """One answer as the command line prints it; for nonprod the two raw pages."""
    command = "aws iam get-account-authorization-details"
    if estate.account != NONPROD:
        _add(found, estate, "account-authorization-details.json", pretty(authorization.one_answer(estate)), command)
        return
    for number, page in enumerate(authorization.two_pages(estate), start=1):
        _add(found, estate, f"account-authorization-details-page-{number}.json", pretty(page), f"{command} (raw API, page {number} of 2)")


def _credentials(found: Bundle, estate: Estate) -> None:
    quarter, account = found.quarter, estate.account
    in_loop = one_after_another if account == NONPROD else lines
    _add(found, estate, "access-keys/access-keys.json", in_loop(credentials.access_keys(estate)), KEYS_COMMAND)
    if account == PROD or (account == TOOLING and quarter.number >= 3):
        _add(found, estate, "access-keys/access-key-last-used.json", lines(credentials.keys_last_used(estate)), LAST_USED_COMMAND)
    if account != TOOLING:
        _add(
            found,
            estate,
            "credential-report.csv",
            credentials.credential_report(quarter, estate),
            "aws iam get-credential-report, Content decoded",
        )
        _add(found, estate, "service-last-accessed.json", one_after_another(credentials.services_used(quarter, estate)), SERVICES_COMMAND)
    elif quarter.number >= 3:
        _add(found, estate, "credential-report.json", pretty(credentials.raw_report(quarter, estate)), "aws iam get-credential-report")
    command = "aws iam list-service-specific-credentials --all-users"
    _add(found, estate, "service-specific-credentials.json", pretty(credentials.service_specific(estate)), command)


def _inventories(found: Bundle, estate: Estate) -> None:
    quarter, account = found.quarter, estate.account
    _add(found, estate, "lambda-functions.json", pretty(inventories.functions(estate)), "aws lambda list-functions")
    if estate.tasks:
        command = "aws ecs describe-task-definition --include TAGS, for each"
        _add(found, estate, "ecs-task-definitions.json", one_after_another(inventories.task_definitions(estate)), command)
    _add(found, estate, "ec2-instances.json", pretty(inventories.instances(quarter, estate)), "aws ec2 describe-instances")
    if account != NONPROD:
        _add(found, estate, "secrets.json", pretty(inventories.secrets(quarter, estate)), "aws secretsmanager list-secrets")
    if estate.resources:
        command = "aws s3api get-bucket-policy and its like, wrapped with the ResourceArn"
        _add(found, estate, "resource-policies.json", lines(inventories.resource_policies(estate)), command)
        command = "aws lambda get-function-url-config, for each"
        _add(found, estate, "function-urls.json", one_after_another(inventories.function_urls(estate)), command)


def _trails(found: Bundle, estate: Estate) -> None:
    if estate.account == TOOLING and found.quarter.number < 3:
        return
    _add(found, estate, "cloudtrail/trails.json", pretty(organization.trail(estate.account)), "aws cloudtrail describe-trails")
    command = "aws cloudtrail get-trail-status, wrapped with the TrailARN"
    _add(found, estate, "cloudtrail/trail-status.json", pretty(organization.trail_status(found.quarter, estate.account)), command)


def _organization(found: Bundle) -> None:
    command = "aws organizations list-accounts"
    found.files.append(
        File(path="aws/organization/accounts.json", text=pretty(organization.accounts()), source="aws", command=command, scope=None)
    )
    command = "aws organizations describe-policy, wrapped with list-targets-for-policy"
    text = one_after_another(organization.control_policies(found.quarter))
    found.files.append(File(path="aws/organization/service-control-policies.json", text=text, source="aws", command=command, scope=None))
    # The management account was not opened to the assessment; that it runs nothing is all that was shown.
    path = "aws/organization/management-lambda-functions.json"
    found.files.append(File(path=path, text=pretty({"Functions": []}), source="aws", command="aws lambda list-functions", scope=MANAGEMENT))


def _scans(found: Bundle) -> None:
    quarter = found.quarter
    old = quarter.collected - timedelta(days=71)
    for repository, report in scans.gitleaks(quarter).items():
        _scan(found, f"{repository}/gitleaks.json", pretty(report), "gitleaks git . -f json", repository)
    for repository in (*scans.CLEAN[quarter.number], *scans.STALE[quarter.number]):
        text = pretty(scans.clean_sarif())
        path = f"secrets/{repository}/gitleaks.sarif"
        at = old if repository in scans.STALE[quarter.number] else None
        command = "gitleaks git . -f sarif"
        found.files.append(
            File(path=path, text=text, source="secret_scanners", command=command, scope=f"{GITHUB}/{repository}", collected_at=at)
        )
    _scan(
        found, "legacy-jenkins-jobs/trufflehog.jsonl", lines(scans.trufflehog(quarter)), "trufflehog git URL --json", "legacy-jenkins-jobs"
    )
    command = f"gh api --paginate /orgs/{GITHUB}/secret-scanning/alerts"
    _scan(found, "github-secret-scanning-alerts.json", pretty(scans.github_alerts(quarter)), command, None)


def _scan(found: Bundle, path: str, text: str, command: str, repository: str | None) -> None:
    scope = f"{GITHUB}/{repository}" if repository else None
    found.files.append(File(path=f"secrets/{path}", text=text, source="secret_scanners", command=command, scope=scope))


def _declared(found: Bundle, holdings: list[Estate]) -> None:
    """One CSV per table of the template, the first of them being what the platform team keeps of its keys."""
    tables = {
        "platform-inventory": declared.credentials(found.quarter, holdings),
        "cloud-keys": declared.cloud_credentials(found.quarter),
        "cloud-owners": declared.cloud_owners(found.quarter),
        "repositories": declared.scan_targets(found.quarter),
        "people": declared.owners(),
        "secret-stores": declared.secret_stores(),
    }
    for name, text in tables.items():
        found.files.append(
            File(path=f"declared/{name}.csv", text=text, source="template", command="filled in by the platform team", scope=None)
        )


def _gaps(found: Bundle) -> None:
    denied = "AccessDenied: the assessment's role may not call "
    found.miss("service_usage", TOOLING.id, "denied", denied + "iam:GenerateServiceLastAccessedDetails")
    found.miss("stored_secrets", NONPROD.id, "denied", denied + "secretsmanager:ListSecrets")
    found.miss("resource_policies", TOOLING.id, "missing", "not asked for: the account was thought to hold no data")
    found.miss("guardrails", NONPROD.id, "denied", denied + "organizations:ListPoliciesForTarget and ListAccountsForParent there")
    found.miss("identities", MANAGEMENT, "missing", "the management account was not opened to the assessment")
    if found.quarter.number < 3:
        found.miss("guardrails", TOOLING.id, "denied", denied + "organizations:ListPoliciesForTarget there")
        found.miss("audit_log", TOOLING.id, "denied", denied + "cloudtrail:DescribeTrails")
        found.miss("passwords", TOOLING.id, "denied", denied + "iam:GenerateCredentialReport")
        found.miss("key_usage", TOOLING.id, "denied", denied + "iam:GetAccessKeyLastUsed")
    for account in (PROD, NONPROD):
        found.miss("service_usage", account.id, "partial", "asked for a part of the principals only")
