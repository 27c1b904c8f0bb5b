"""The company's tenant and subscriptions, Microsoft's and other firms' tenants, and built-in roles. Plain data."""

from __future__ import annotations

from dataclasses import dataclass

from generator.chance import guid

TENANT = guid("tenant")
REGION = "westeurope"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    alias: str
    """Folder name."""
    environment: str

    @property
    def id(self) -> str:
        return guid("subscription", self.alias)

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.id}"

    @property
    def group(self) -> str:
        """Resource group in which everything lies."""
        return f"rg-quillhaven-{self.alias}"

    def resource(self, kind: str, name: str) -> str:
        return f"{self.scope}/resourceGroups/{self.group}/providers/{kind}/{name}"


PROD = Subscription(alias="prod", environment="production")
NONPROD = Subscription(alias="nonprod", environment="staging")
SUBSCRIPTIONS = (PROD, NONPROD)

MICROSOFT = "f8cdef31-a31e-4b4a-93e4-5f571e91255a"
"""Tenant in which Microsoft registers its services."""
GRAPH = "00000003-0000-0000-c000-000000000000"
FIRST_PARTY = {
    GRAPH: "Microsoft Graph",
    "00000002-0000-0ff1-ce00-000000000000": "Office 365 Exchange Online",
    "c44b4083-3bb0-49c1-b47d-974e53cbdf3c": "Azure Portal",
    "cfa8b339-82a2-471a-a3c9-0fc0be7a4093": "Azure Key Vault",
    "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe": "Microsoft Teams Services",
    "797f4846-ba00-4fd7-ba43-dac1f8f63013": "Azure Resource Manager",
}

OTHER_FIRMS = {"Fathom Audit Connector": 2, "Labelworks Print": 2, "Brokerline Connect": 3}
"""Applications of invented firms, registered in tenants of their own -> quarter in which consent was given."""

ROLES = {
    # https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "User Access Administrator": "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    "Security Reader": "39bc4728-0917-49c7-9d2c-d95423bc2eb4",
    "Log Analytics Reader": "73c42c96-874c-492b-b04d-ab87d138a893",
    "Monitoring Metrics Publisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Key Vault Secrets User": "4633458b-17de-408a-b874-0445c86b69e6",
    "Website Contributor": "de139f84-1756-47ae-9be6-808fbbe84772",
    "DNS Zone Contributor": "befefa01-2a29-4197-83a8-272ff33ce314",
    "Azure Service Bus Data Sender": "69a216fc-b8fb-44d8-bc22-1f3c2cd27a39",
    "Azure Service Bus Data Receiver": "4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0",
    "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "Backup Contributor": "5e467623-bb1f-42f4-a55d-6e525e11384b",
}
CUSTOM_ROLE = ("Invoice Mailer Operator", guid("role", "invoice mailer"))

PERMISSIONS = {
    # Application permissions of Microsoft Graph
    "User.Read.All": "df021288-bdef-4463-88db-98f22de89214",
    "Mail.Send": "b633e1c5-b582-4048-a93e-9f11b44c7e96",
    "Mail.ReadWrite": "e2a3a72e-5f79-4c64-b1b1-878b674786c9",
    "Calendars.ReadWrite": "ef54d2bf-783f-4e0f-bca1-3210c0444d99",
    "Sites.Read.All": "332a536c-c7ef-4017-ab91-336970924f0d",
    "Sites.ReadWrite.All": "9492366f-7969-46a4-8d15-ed1a20078fff",
    "Files.ReadWrite.All": "75359482-378d-4052-8f01-80520e7db3cd",
    "Directory.Read.All": "7ab1d382-f21e-4acd-a863-ba3e13f7da61",
    "AuditLog.Read.All": "b0afded3-3588-46d8-8b3d-9842eff778da",
    "Application.ReadWrite.All": "1bfefb4e-e0b5-418b-a88f-73c46d2cc8e9",
    "RoleManagement.ReadWrite.Directory": "9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8",
}
