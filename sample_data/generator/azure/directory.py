"""Applications and service principals, as `az ad app list --all` and Graph print them, with owners, permissions and last sign-ins."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from generator.azure.application_list import Line, lines
from generator.azure.credentials import ON_THE_PRINCIPAL, UNUSED, secrets
from generator.azure.identity_list import Managed, managed
from generator.azure.places import FIRST_PARTY, GRAPH, MICROSOFT, OTHER_FIRMS, PERMISSIONS, TENANT
from generator.chance import between, guid, on_day
from generator.company import DOMAIN, ORGANISATION, PEOPLE, Quarter, email
from generator.dress import zulu
from generator.estate import Json

V1 = "https://graph.microsoft.com/v1.0/$metadata#"
BETA = "https://graph.microsoft.com/beta/$metadata#"
OWNERLESS = {2: ("portal", "data", "platform"), 3: ("data",)}
"""Teams whose applications had no owner, by quarter."""


def page(context: str, records: list[Json], *, graph: str = V1) -> Json:
    return {"@odata.context": f"{graph}{context}", "value": records}


def organization() -> Json:
    """Graph's `organization`: what the tenant is called."""
    domain = {"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": True, "isInitial": False, "name": DOMAIN, "type": "Managed"}
    tenant = {"countryLetterCode": "IE", "displayName": ORGANISATION, "id": TENANT, "tenantType": "AAD", "verifiedDomains": [domain]}
    return page("organization", [tenant])


def applications(quarter: Quarter) -> list[Json]:
    return [_application(quarter, line) for line in lines(quarter)]


def _application(quarter: Quarter, line: Line) -> Json:
    held = [] if line.name in ON_THE_PRINCIPAL else list(secrets(quarter, line))
    access = [{"id": PERMISSIONS[line.permission], "type": "Role"}] if line.permission else []
    return {
        "appId": line.app_id,
        "appRoles": [],
        "createdDateTime": zulu(_created(line)),
        "deletedDateTime": None,
        "description": None,
        "disabledByMicrosoftStatus": None,
        "displayName": line.name,
        "id": line.object_id,
        "identifierUris": [],
        "isFallbackPublicClient": None,
        "keyCredentials": [secret.dressed() for secret in held if secret.certificate],
        "notes": f"Team {line.team}",
        "passwordCredentials": [secret.dressed() for secret in held if not secret.certificate],
        "publicClient": {"redirectUris": []},
        "publisherDomain": DOMAIN,
        "requiredResourceAccess": [{"resourceAccess": access, "resourceAppId": GRAPH}] if access else [],
        "servicePrincipalLockConfiguration": {"allProperties": True, "isEnabled": True} if quarter.number >= 3 else None,
        "signInAudience": "AzureADMyOrg",
        "spa": {"redirectUris": [f"https://portal.{DOMAIN}"] if line.name == "portal-single-page" else []},
        "tags": [],
        "web": {"homePageUrl": None, "redirectUris": [f"https://portal.{DOMAIN}/signin"] if line.name == "portal-sso" else []},
    }


def _created(line: Line) -> datetime:
    if line.rests[0] == "-":
        return on_day(datetime(2026, 7, 8), datetime(2026, 8, 20), "application", line.name)
    return on_day(datetime(2020, 3, 1), datetime(2023, 2, 1), "application", line.name)


def owned_applications(quarter: Quarter) -> list[Json]:
    """Graph's `applications?$select=id,appId,displayName&$expand=owners`. The first of a team owns its applications."""
    return [
        {"appId": line.app_id, "displayName": line.name, "id": line.object_id, "owners": _owners(quarter, line)} for line in lines(quarter)
    ]


def _owners(quarter: Quarter, line: Line) -> list[Json]:
    if line.team in OWNERLESS[quarter.number]:
        return []
    person = PEOPLE[line.team][0]
    name = person.replace(".", " ").title()
    found = {"@odata.type": "#microsoft.graph.user", "displayName": name, "id": guid("person", person), "mail": email(person)}
    return [found | {"userPrincipalName": email(person)}]


def service_principals(quarter: Quarter) -> list[Json]:
    """Graph's `servicePrincipals?$expand=appRoleAssignments`: own applications, managed identities, other firms' and Microsoft's."""
    found = [_own(quarter, line) for line in lines(quarter)]
    found += [_managed(one, quarter) for one in managed(quarter)]
    found += [_foreign(name) for name, since in OTHER_FIRMS.items() if since <= quarter.number]
    found += [
        _principal(guid("service principal of", app_id), app_id, name, MICROSOFT, "AzureADMultipleOrgs")
        for app_id, name in FIRST_PARTY.items()
    ]
    return found


def _principal(object_id: str, app_id: str, name: str, owner: str | None, audience: str | None) -> Json:
    return {
        "accountEnabled": True,
        "alternativeNames": [],
        "appDisplayName": name,
        "appId": app_id,
        "appOwnerOrganizationId": owner,
        "appRoleAssignments": [],
        "displayName": name,
        "id": object_id,
        "keyCredentials": [],
        "passwordCredentials": [],
        "servicePrincipalType": "Application",
        "signInAudience": audience,
        "tags": [],
    }


def _own(quarter: Quarter, line: Line) -> Json:
    entry = _principal(line.principal_id, line.app_id, line.name, TENANT, "AzureADMyOrg")
    if line.name in ON_THE_PRINCIPAL:
        entry["passwordCredentials"] = [secret.dressed() for secret in secrets(quarter, line)]
    granted = [_granted(line.principal_id, line.name, line.permission)] if line.permission else []
    return entry | {"accountEnabled": line.rest(quarter) != "off", "appRoleAssignments": granted}


def _granted(principal: str, name: str, permission: str) -> Json:
    return {
        "appRoleId": PERMISSIONS[permission],
        "createdDateTime": zulu(on_day(datetime(2023, 3, 1), datetime(2024, 3, 1), "consent", name)),
        "id": guid("grant", name, permission),
        "principalDisplayName": name,
        "principalId": principal,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": "Microsoft Graph",
        "resourceId": guid("service principal of", GRAPH),
    }


def _managed(one: Managed, quarter: Quarter) -> Json:
    """Azure keeps a certificate for each and replaces it by itself: nobody holds it."""
    entry = _principal(one.principal_id, one.client_id, one.name, None, None)
    start = quarter.ago(between(5, 40, "platform certificate", quarter.number, one.principal_id))
    kept = {"customKeyIdentifier": None, "displayName": f"CN={one.client_id}", "endDateTime": zulu(start.replace(year=2027)), "key": None}
    kept |= {"keyId": guid("platform certificate", quarter.number, one.name), "startDateTime": zulu(start)}
    return entry | {
        "alternativeNames": [f"isExplicit={one.kind == 'user'}", one.resource_id],
        "keyCredentials": [kept | {"type": "AsymmetricX509Cert", "usage": "Verify"}],
        "servicePrincipalType": "ManagedIdentity",
    }


def _foreign(name: str) -> Json:
    entry = _principal(foreign_principal(name), guid("application of", name), name, guid("tenant of", name), "AzureADMultipleOrgs")
    permission = "Directory.Read.All" if name.startswith("Fathom") else "User.Read.All"
    return entry | {"appRoleAssignments": [_granted(entry["id"], name, permission)]}


def foreign_principal(name: str) -> str:
    """Object id of the service principal of another firm's application."""
    return guid("service principal of", name)


def sign_ins(quarter: Quarter) -> Iterator[Json]:
    """Records of Graph's servicePrincipalSignInActivities; who did not sign in lately is not there."""
    names = {
        line.app_id: line.name
        for line in lines(quarter)
        if line.rest(quarter) not in ("off", "expired", "none") and line.name not in UNUSED
    }
    names |= {guid("application of", name): name for name, since in OTHER_FIRMS.items() if since <= quarter.number}
    for app_id, name in names.items():
        used = quarter.ago(between(1, 20, "azure use", quarter.number, name)).replace(minute=0, second=0)
        activity = {"lastSignInDateTime": zulu(used), "lastSignInRequestId": guid("request", name)}
        nothing = {"lastSignInDateTime": None, "lastSignInRequestId": None}
        yield {
            "appId": app_id,
            "applicationAuthenticationClientSignInActivity": activity,
            "applicationAuthenticationResourceSignInActivity": nothing,
            "delegatedClientSignInActivity": nothing,
            "delegatedResourceSignInActivity": nothing,
            "id": guid("sign-in", name),
            "lastSignInActivity": activity,
        }
