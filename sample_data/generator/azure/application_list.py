"""Every application that the company registered, one line each, and what it signs in with in the second and in the third quarter.

Words for a quarter: `github`, `cluster`, `google` a federated credential with an exact subject, `wide` one for repositories of anyone's; `code`,
`shared`, `isolated`, `ci`, `manager` a secret or certificate, declared to rest there; `unknown` one of which nobody said where it rests; `both` a
federated credential and a secret in `ci`; `expired` only expired ones; `none` none; `off` the service principal is disabled; `-` not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.chance import guid
from generator.company import Quarter

APPLICATIONS = """
# name                      team        by     Q2       Q3       Graph permission                   role
portal-sso                  portal      secret manager  manager  User.Read.All                      -
portal-teams-notifier       portal      secret unknown  manager  Mail.Send                          -
portal-calendar-sync        portal      secret unknown  unknown  Calendars.ReadWrite                -
portal-single-page          portal      -      none     none     -                                  -
test-app-1                  portal      secret unknown  unknown  Application.ReadWrite.All          -
payments-dispute-mailer     payments    secret ci       github   Mail.Send                          -
payments-report-share       payments    secret ci       github   Sites.ReadWrite.All                -
payments-chargeback-bot     payments    secret shared   shared   Mail.ReadWrite                     -
ledger-erp-sync             ledger      secret github   both     Files.ReadWrite.All                Storage_Blob_Data_Contributor
ledger-dynamics-export      ledger      cert   manager  manager  Sites.Read.All                     -
ledger-invoice-archive      ledger      cert   unknown  unknown  Files.ReadWrite.All                -
ledger-month-close          ledger      secret expired  expired  -                                  Reader
routing-fleet-telematics    routing     secret isolated isolated -                                  Azure_Service_Bus_Data_Sender
routing-weather-feed        routing     secret unknown  unknown  -                                  Storage_Blob_Data_Reader
carriers-edi-hub            carriers    secret code     code     -                                  Azure_Service_Bus_Data_Receiver
carriers-customs-docs       carriers    -      cluster  cluster  -                                  Storage_Blob_Data_Contributor
carriers-brokerline-gateway carriers    secret -        manager  -                                  Azure_Service_Bus_Data_Sender
carriers-legacy-ftp         carriers    secret off      off      -                                  Contributor
data-powerbi-refresh        data        cert   unknown  manager  -                                  Storage_Blob_Data_Reader
data-catalogue-scan         data        cert   manager  manager  Directory.Read.All                 Reader
platform-terraform          platform    secret ci       github   Application.ReadWrite.All          Owner
platform-deploy-portal      platform    -      github   github   -                                  Website_Contributor
platform-deploy-preview     platform    -      wide     wide     -                                  -
platform-backup-vault       platform    cert   manager  manager  -                                  Backup_Contributor
platform-dns-automation     platform    secret unknown  github   -                                  DNS_Zone_Contributor
platform-old-jenkins        platform    secret unknown  -        -                                  Contributor
platform-provisioning       platform    secret expired  expired  Directory.Read.All                 -
security-sentinel-connector security    secret manager  manager  AuditLog.Read.All                  Security_Reader
security-access-review      security    secret unknown  unknown  RoleManagement.ReadWrite.Directory -
security-log-relay          security    -      google   google   -                                  Monitoring_Metrics_Publisher
docai-indexer               document-ai -      -        github   -                                  Storage_Blob_Data_Reader
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    name: str
    team: str
    by: str
    """secret, cert or -."""
    rests: tuple[str, str]
    permission: str | None
    role: str | None
    """Granted on the production subscription."""

    def rest(self, quarter: Quarter) -> str:
        return self.rests[quarter.number - 2]

    @property
    def app_id(self) -> str:
        return guid("application", self.name)

    @property
    def object_id(self) -> str:
        """Of the application; the service principal has another."""
        return guid("application object", self.name)

    @property
    def principal_id(self) -> str:
        return guid("service principal", self.name)


LINES = tuple(
    Line(
        name=name,
        team=team,
        by=by,
        rests=(second, third),
        permission=None if permission == "-" else permission,
        role=None if role == "-" else role.replace("_", " "),
    )
    for name, team, by, second, third, permission, role in (line.split() for line in APPLICATIONS.strip().splitlines()[1:])
)


def lines(quarter: Quarter) -> tuple[Line, ...]:
    return tuple(line for line in LINES if line.rest(quarter) != "-")
