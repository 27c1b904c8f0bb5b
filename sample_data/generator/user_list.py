"""Every IAM user, one line each: what a person would keep in a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass

from generator.company import ACCOUNTS, Account

MACHINES = """
# account name team environment | where its key rests: second quarter, third quarter | policy | remarks
# Payments: all of these moved to roles in the third quarter.
prod    svc-payment-gateway-prod     payments production  isolated - legacy-tms      -
prod    svc-payout-runner-prod       payments production  shared   - legacy-tms      -
prod    svc-refund-handler-prod      payments production  isolated - legacy-tms      -
prod    svc-settlement-batch-prod    payments production  isolated - exports-writer  -
prod    svc-dispute-intake-prod      payments production  unknown  - exports-writer  old
nonprod svc-payment-gateway-staging  payments staging     isolated - legacy-tms      -
nonprod svc-payout-runner-staging    payments staging     unknown  - legacy-tms      -
nonprod svc-refund-handler-staging   payments staging     isolated - legacy-tms      -
nonprod svc-settlement-batch-staging payments staging     isolated - exports-writer  -
nonprod svc-dispute-intake-staging   payments staging     unknown  - exports-writer  -
nonprod svc-payment-gateway-dev      payments development isolated - legacy-tms      -
nonprod svc-payout-runner-dev        payments development unknown  - legacy-tms      -
nonprod svc-refund-handler-dev       payments development unknown  - legacy-tms      -
nonprod svc-settlement-batch-dev     payments development unknown  - exports-writer  old
nonprod svc-dispute-intake-dev       payments development unknown  - exports-writer  unused
tooling ci-payments-deploy           payments tooling     unknown  - ci-deploy-everything old
# Keys that scanners found in code.
prod    svc-edi-translator           carriers production  code     code     sftp-drop            -
prod    svc-report-builder           data     production  code     manager  data-lake-read       rotated
tooling ci-legacy-jenkins            platform tooling     code     code     ci-deploy-everything old
nonprod svc-demo-seeder              portal   staging     unknown  code     AmazonS3FullAccess   -
# One key in several environments.
prod    svc-geo-cache                routing  production  shared   shared   AmazonS3ReadOnlyAccess old
prod    svc-webhook-dispatcher       portal   production  shared   shared   legacy-tms           -
nonprod svc-notification-sender      portal   staging     shared   shared   app-logging          -
# The regression: the key of customs-docs was copied to staging for the Brokerline integration.
prod    svc-customs-docs             carriers production  isolated shared   data-lake-write      -
# One key in one environment.
prod    svc-label-printer            carriers production  isolated isolated exports-writer       halfinactive
prod    svc-tracking-ingest          carriers production  isolated isolated data-lake-write      -
prod    svc-route-planner            routing  production  isolated isolated exports-writer       -
prod    svc-portal-bff               portal   production  isolated isolated metrics-read         -
nonprod svc-eta-predictor-staging    routing  staging     isolated isolated data-lake-read       -
nonprod svc-feature-store-staging    data     staging     isolated isolated data-lake-write      -
nonprod svc-label-printer-dev        carriers development isolated isolated exports-writer       -
# Declared in the secrets manager and rotated by it.
prod    svc-ledger-export            ledger   production  manager  manager  exports-writer       -
prod    svc-reconciliation-sftp      ledger   production  manager  manager  sftp-drop            -
prod    svc-fx-feed                  ledger   production  manager  manager  exports-writer       -
prod    svc-warehouse-loader         data     production  manager  manager  data-lake-write      -
prod    svc-parcel-events            data     production  manager  manager  data-lake-write      -
prod    svc-backup-offsite           platform production  manager  manager  data-lake-read       -
prod    svc-statement-mailer         ledger   production  manager  manager  app-logging          -
prod    svc-tariff-sync              carriers production  manager  manager  exports-writer       -
tooling svc-registry-mirror          platform tooling     manager  manager  ci-publish           -
tooling svc-artifact-sync            platform tooling     manager  manager  ci-publish           -
# Taken into the manager, with a new key, in the third quarter.
prod    svc-portal-assets            portal   production  unknown  manager  AmazonS3FullAccess   rotated
prod    svc-tracking-archive         carriers production  unknown  manager  data-lake-write      rotated
prod    svc-invoice-render           ledger   production  unknown  manager  exports-writer       rotated
prod    svc-depot-telemetry          routing  production  isolated manager  exports-writer       rotated
tooling ci-mobile-release            portal   tooling     unknown  manager  ci-publish           rotated
# In the manager, but not rotated for more than 90 days.
prod    svc-hr-sync                  platform production  stale    stale    exports-writer       -
prod    svc-bank-statement-fetch     payments production  stale    stale    sftp-drop            -
tooling svc-sonar-export             platform tooling     stale    stale    metrics-read         -
# May only call sts:AssumeRole. Held in the manager, except for the last two.
prod    svc-onprem-wms-bridge        routing  production  exchange exchange -                    -
prod    svc-depot-gateway            routing  production  exchange exchange -                    -
nonprod svc-onprem-wms-bridge-staging routing staging     exchange exchange -                    -
tooling svc-datacentre-backup        platform tooling     exchange exchange -                    -
prod    svc-branch-printer-proxy     routing  production  exchange-unknown exchange-unknown -    -
tooling svc-edge-cache-sync          platform tooling     exchange-unknown exchange-unknown -    -
# Nobody can say where these keys rest.
prod    svc-carrier-sla-export       carriers production  unknown  unknown  exports-writer       -
prod    svc-depot-cameras            routing  production  unknown  unknown  AmazonS3FullAccess   old
prod    svc-fleet-telematics         routing  production  unknown  unknown  data-lake-write      -
prod    svc-geo-tiles                routing  production  unknown  unknown  AmazonS3ReadOnlyAccess two
prod    svc-ledger-archive           ledger   production  unknown  unknown  data-lake-write      old
prod    svc-locker-firmware          carriers production  unknown  unknown  AmazonS3ReadOnlyAccess -
prod    svc-mail-bounce-reader       portal   production  unknown  unknown  legacy-tms           -
prod    svc-pricing-snapshot         data     production  unknown  unknown  data-lake-read       unused
prod    svc-proof-of-delivery        carriers production  unknown  unknown  AmazonS3FullAccess   two
prod    svc-tax-report               ledger   production  unknown  unknown  exports-writer       -
prod    vendor-freightaudit          ledger   production  unknown  unknown  data-lake-read       old
prod    vendor-labelworks            carriers production  unknown  unknown  sftp-drop            -
nonprod svc-carrier-mock             carriers staging     unknown  unknown  exports-writer       -
nonprod svc-contract-tests           platform staging     unknown  unknown  AmazonS3FullAccess   -
nonprod svc-data-anonymiser          data     staging     unknown  unknown  data-lake-write      old
nonprod svc-geo-tiles-dev            routing  development unknown  unknown  AmazonS3ReadOnlyAccess -
nonprod svc-ledger-sandbox           ledger   development unknown  unknown  legacy-tms           -
nonprod svc-perf-metrics             platform staging     unknown  unknown  metrics-read         -
nonprod svc-portal-preview           portal   staging     unknown  unknown  AmazonS3FullAccess   two
nonprod svc-replay-events            data     staging     unknown  unknown  data-lake-write      unused
nonprod svc-screenshot-bot           portal   development unknown  unknown  exports-writer       -
nonprod svc-synthetic-orders         routing  staging     unknown  unknown  legacy-tms           -
nonprod svc-test-data-loader         data     development unknown  unknown  data-lake-write      old
nonprod svc-uat-mailer               portal   staging     unknown  unknown  app-logging          -
tooling ci-data-deploy               data     tooling     unknown  unknown  ci-passrole          old
tooling ci-ledger-deploy             ledger   tooling     unknown  unknown  ci-passrole          two
tooling ci-portal-deploy             portal   tooling     unknown  unknown  ci-passrole          -
tooling ci-routing-deploy            routing  tooling     unknown  unknown  ci-passrole          -
tooling ci-terraform-drift           platform tooling     unknown  unknown  AdministratorAccess  old
tooling svc-chatops-bot              platform tooling     unknown  unknown  metrics-read         -
tooling svc-license-scanner          security tooling     unknown  unknown  inventory-read       -
# Every key inactive, or none at all.
prod    svc-old-tms-export           carriers production  inactive inactive legacy-tms           old
prod    svc-pilot-lockers            carriers production  inactive inactive exports-writer       old
nonprod svc-loadtest-2023            platform staging     inactive inactive AmazonS3FullAccess   old
prod    svc-import-2021              data     production  none     none     data-lake-write      -
nonprod svc-placeholder              platform development none     none     -                    -
tooling ci-unused-bot                platform tooling     none     none     ci-publish           -
# Service-specific credentials: Bedrock API keys and a CodeCommit password.
prod    BedrockAPIKey-k3vd           data     production  service  service  bedrock              never-expires
tooling svc-codecommit-mirror        platform tooling     service  service  ci-publish           codecommit
# New in the third quarter: the document-ai team.
prod    svc-docai-training           document-ai production - unknown data-lake-write      new
nonprod svc-docai-labelling          document-ai staging    - unknown AmazonS3FullAccess   new
nonprod BedrockAPIKey-p9xq           document-ai staging    - service bedrock              new
"""

PEOPLE_WITH_PASSWORDS = """
# account name remarks
prod    dana.kovacs      mfa
prod    joel.abara       mfa
prod    greta.vonholt    mfa
prod    break-glass-01   mfa
prod    piotr.zielak     nomfa
nonprod mina.petrov      mfa
nonprod ravi.menon       mfa
nonprod sam.whitlock     nomfa
nonprod yuki.tanabe      mfa
nonprod lars.engstrom    mfa
tooling nikhil.rao       mfa
tooling dana.kovacs      mfa
tooling break-glass-01   mfa
# With a password and a key: nobody can tell from outside whether a person or a program.
prod    amelia.hart      mfa,key
nonprod tunde.okafor     mfa,key
tooling devops-admin     nomfa,key
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    account: Account
    name: str
    team: str = ""
    environment: str = ""
    rests: tuple[str, str] = ("-", "-")
    """Where the key rests in the second and in the third quarter; `-`: the user is not there."""
    policy: str = "-"
    remarks: frozenset[str] = frozenset()

    def rest(self, quarter: int) -> str:
        return self.rests[quarter - 2]


def _lines(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines() if not line.startswith("#")]


_BY_ALIAS = {account.alias: account for account in ACCOUNTS}

MACHINE_LINES = tuple(
    Line(
        account=_BY_ALIAS[alias],
        name=name,
        team=team,
        environment=environment,
        rests=(second, third),
        policy=policy,
        remarks=frozenset(remarks.split(",")),
    )
    for alias, name, team, environment, second, third, policy, remarks in _lines(MACHINES)
)
PEOPLE_LINES = tuple(
    Line(account=_BY_ALIAS[alias], name=name, remarks=frozenset(remarks.split(",")))
    for alias, name, remarks in _lines(PEOPLE_WITH_PASSWORDS)
)
