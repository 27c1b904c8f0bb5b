"""Every managed identity, one line each: of its own (`user`), or of one machine or function (`system`)."""

from __future__ import annotations

from dataclasses import dataclass

from generator.azure.places import SUBSCRIPTIONS, Subscription
from generator.chance import guid
from generator.company import Quarter

IDENTITIES = """
# subscription name     kind   team        runs     since role
prod id-portal-web      user   portal      function 2 Storage_Blob_Data_Reader
prod id-portal-api      user   portal      function 2 Key_Vault_Secrets_User
prod id-teams-bot       user   portal      function 2 Azure_Service_Bus_Data_Sender
prod id-payments-recon  user   payments    function 2 Storage_Blob_Data_Contributor
prod id-ledger-close    user   ledger      vm       2 Storage_Blob_Data_Contributor
prod id-edi-hub         user   carriers    function 2 Azure_Service_Bus_Data_Receiver
prod id-customs-archive user   carriers    function 2 Storage_Blob_Data_Contributor
prod id-aks-tracking    user   carriers    cluster  2 Azure_Service_Bus_Data_Receiver
prod id-github-release  user   platform    github   2 Contributor
prod id-spare           user   platform    -        2 Reader
prod vm-fileshare-1     system platform    vm       2 Storage_Blob_Data_Contributor
prod vm-erp-gateway     system ledger      vm       2 Owner
prod func-invoice-mailer system ledger     function 2 Invoice_Mailer_Operator
prod func-label-render  system carriers    function 2 Storage_Blob_Data_Reader
prod func-tracking-push system carriers    function 2 Azure_Service_Bus_Data_Sender
prod func-docai-extract system document-ai function 3 Storage_Blob_Data_Reader
nonprod id-portal-web-stg user portal      function 2 Storage_Blob_Data_Reader
nonprod id-portal-api-stg user portal      function 2 Key_Vault_Secrets_User
nonprod id-edi-hub-stg  user   carriers    function 2 Azure_Service_Bus_Data_Receiver
nonprod id-loadtest     user   platform    vm       2 Contributor
nonprod id-github-preview user platform    github   2 Website_Contributor
nonprod vm-qa-runner    system portal      vm       2 Contributor
nonprod vm-devbox       system platform    vm       2 User_Access_Administrator
nonprod func-tracking-push-stg system carriers function 2 Azure_Service_Bus_Data_Sender
nonprod func-edi-dev    system carriers    function 2 Azure_Service_Bus_Data_Receiver
"""

KINDS = {"vm": "Microsoft.Compute/virtualMachines", "function": "Microsoft.Web/sites"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    subscription: Subscription
    name: str
    kind: str
    """user or system."""
    team: str
    runs: str
    """function, vm, cluster, github or -."""
    since: int
    role: str

    @property
    def client_id(self) -> str:
        return guid("managed client", self.subscription.alias, self.name)

    @property
    def principal_id(self) -> str:
        return guid("managed principal", self.subscription.alias, self.name)

    @property
    def resource_id(self) -> str:
        """Of the identity, or of the machine or function whose identity it is."""
        kind = "Microsoft.ManagedIdentity/userAssignedIdentities" if self.kind == "user" else KINDS[self.runs]
        return self.subscription.resource(kind, self.name)


_BY_ALIAS = {subscription.alias: subscription for subscription in SUBSCRIPTIONS}
MANAGED = tuple(
    Managed(subscription=_BY_ALIAS[alias], name=name, kind=kind, team=team, runs=runs, since=int(since), role=role.replace("_", " "))
    for alias, name, kind, team, runs, since, role in (line.split() for line in IDENTITIES.strip().splitlines()[1:])
)


def managed(quarter: Quarter, subscription: Subscription | None = None) -> tuple[Managed, ...]:
    return tuple(one for one in MANAGED if one.since <= quarter.number and subscription in (None, one.subscription))
