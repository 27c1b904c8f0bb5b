"""What the directory itself grants: its roles, and permissions that people consented to on behalf of everybody."""

from __future__ import annotations

from collections.abc import Iterator

from generator.azure.application_list import lines
from generator.azure.directory import page
from generator.azure.places import GRAPH, TENANT
from generator.chance import guid, letters
from generator.company import Quarter, email
from generator.estate import Json

ROLES = {
    # Template ids: https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
    "Global Administrator": "62e90394-69f5-4237-9190-012177145e10",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
    "Directory Readers": "88d8e3e3-8f55-4a1e-953a-9b9898b8876b",
}
HELD = {
    "platform-old-jenkins": "Cloud Application Administrator",
    "data-catalogue-scan": "Directory Readers",
    "portal-sso": "Directory Readers",
}
"""Application -> directory role; the worst of them left with its application after the second quarter."""
CONSENTED = {"portal-sso": "openid profile User.Read", "portal-single-page": "openid profile offline_access User.Read Files.Read"}


def role_assignments(quarter: Quarter) -> Json:
    """Graph's `roleManagement/directory/roleAssignments?$expand=principal`."""
    found = [
        _assignment(line.principal_id, ROLES[HELD[line.name]], "servicePrincipal", {"displayName": line.name})
        for line in lines(quarter)
        if line.name in HELD
    ]
    person = "dana.kovacs"
    found.append(_assignment(guid("person", person), ROLES["Global Administrator"], "user", {"userPrincipalName": email(person)}))
    return page("roleManagement/directory/roleAssignments(principal())", found)


def _assignment(principal: str, role: str, kind: str, more: Json) -> Json:
    return {
        "directoryScopeId": "/",
        "id": f"{letters(30, 'directory role', principal, role)}-1",
        "principal": {"@odata.type": f"#microsoft.graph.{kind}", "id": principal} | more,
        "principalId": principal,
        "principalOrganizationId": TENANT,
        "roleDefinitionId": role,
    }


def permission_grants(quarter: Quarter) -> Iterator[Json]:
    """Records of Graph's `oauth2PermissionGrants`."""
    for line in lines(quarter):
        if line.name in CONSENTED:
            yield {
                "clientId": line.principal_id,
                "consentType": "AllPrincipals",
                "id": letters(40, "consent", line.name),
                "principalId": None,
                "resourceId": guid("service principal of", GRAPH),
                "scope": CONSENTED[line.name],
            }
