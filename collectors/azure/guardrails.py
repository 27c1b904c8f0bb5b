"""Azure Policy assignments and diagnostic settings: what binds identities, and whether their use is logged.

`enforced` needs proof: a built-in policy that is known to bind identities, with Deny as its effect. Any other policy in force may bind
them or not. Logging: a subscription must export Administrative events, a tenant the sign-ins of service principals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from collectors.azure.answers import Record, coverage, first, guid_or_none, one_or_many, read_all, records, shortfall, subscription_of, text
from collectors.azure.key_vault import store_id
from collectors.document import Document, Format, Problem
from collectors.records import Notes
from inventory.model import Enforcement, Fact, Guardrail, Row, SecretStore

BINDS_IDENTITIES = {
    "2571b7c3-3056-4a61-b00a-9bc5232234f5",  # Managed Identity Federated Credentials should be from allowed issuer types
    "fd1a8e20-2c4f-4a6c-9354-b58d786d9a1f",  # … from GitHub should be from trusted repository owners
    "ae62c456-33de-4dc8-b100-7ce9028a7d99",  # … from Azure Kubernetes should be from trusted sources
}
"""Built-in policies on who may become a managed identity.
https://learn.microsoft.com/azure/governance/policy/samples/built-in-policies#managed-identity"""

DENIES = ("deny", "denyaction")

OF_SUBSCRIPTION = ("administrative",)
OF_TENANT = ("serviceprincipalsigninlogs", "managedidentitysigninlogs")
OF_VAULT = ("auditevent",)
ALL_CATEGORIES = ("alllogs", "audit")

DESTINATIONS = ("workspaceId", "storageAccountId", "eventHubAuthorizationRuleId", "marketplacePartnerId", "serviceBusRuleId")


def policy_assignments(document: Document) -> Iterator[Row | Problem]:
    """az policy assignment list, of one subscription: what it inherits is in its list."""
    notes = Notes(document)
    found = [raw for _, raw in records(document) if isinstance(raw, dict)]
    own = {subscription for raw in found if (subscription := subscription_of(raw.get("scope")))}
    listed = (document.scope or "").lower() or (next(iter(own)) if len(own) == 1 else None)

    def reader(notes: Notes, raw: Record) -> Iterator[Row]:
        return _policy(notes, raw, listed)

    yield from read_all(notes, reader)
    yield from coverage(document, (Fact.GUARDRAILS,), {listed} if listed else own, shortfall(document))
    yield from notes.problems


def _policy(notes: Notes, raw: Record, listed: str | None) -> Iterator[Row]:
    assignment, place = str(raw["id"]).lower(), str(raw["scope"]).lower()
    scope = subscription_of(place) or listed
    if scope is None:
        notes.problem(assignment, f"is in force at {place}: which subscriptions are below it is not in the answer")
        return
    enforcement = _enforcement(raw)
    narrowed = (subscription_of(place) is not None and place.count("/") > 2) or one_or_many(raw.get("notScopes"))
    if narrowed and enforcement is Enforcement.ENFORCED:
        enforcement = Enforcement.UNKNOWN  # a part of the subscription is not bound
    yield Guardrail(
        guardrail_id=assignment,
        scope=scope,
        kind="workload_policy",
        name=text(raw.get("displayName")) or str(raw["name"]),
        enforcement=enforcement,
        basis="observed",
        evidence=notes.document.at(f"assignment={assignment}"),
    )


def _enforcement(raw: Record) -> Enforcement:
    mode = str(raw.get("enforcementMode")).lower()
    if mode == "donotenforce":
        return Enforcement.AUDIT
    definition = guid_or_none(str(raw.get("policyDefinitionId")).rsplit("/", 1)[-1])
    if mode != "default" or definition not in BINDS_IDENTITIES:
        return Enforcement.UNKNOWN
    return Enforcement.ENFORCED if _effect(raw) in DENIES else Enforcement.AUDIT


def _effect(raw: Record) -> str | None:
    """The effect that the assignment chose; built-in policies come with Audit."""
    parameters = raw.get("parameters")
    chosen: Any = parameters.get("effect") if isinstance(parameters, Mapping) else None
    return str(chosen.get("value")).lower() if isinstance(chosen, Mapping) else None


def diagnostic_settings(document: Document) -> Iterator[Row | Problem]:
    """Diagnostic settings of subscriptions, of the tenant, of Key Vaults."""
    notes = Notes(document)
    yield from read_all(notes, _setting)
    scopes = {_scope(document, str(raw.get("id", "")).lower()) for _, raw in records(document) if isinstance(raw, dict)}
    yield from coverage(document, (Fact.AUDIT_LOG,), scopes, shortfall(document))
    yield from notes.problems


def _setting(notes: Notes, raw: Record) -> Iterator[Row]:
    setting = str(raw["id"]).lower()
    kept = {name for name, enabled in _categories(raw) if enabled} if any(text(raw.get(name)) for name in DESTINATIONS) else set()
    everything = bool(kept & set(ALL_CATEGORIES))
    vault = setting.partition("/providers/microsoft.keyvault/vaults/")[2].partition("/")[0]
    evidence = notes.document.at(f"setting={setting}")
    if vault:
        logged = everything or bool(kept & set(OF_VAULT))
        yield SecretStore(
            store_id=store_id(vault),
            provider="azure",
            scope=subscription_of(setting),
            kind="azure_key_vault",
            name=f"Key Vault {vault}",
            access_logged=logged or None,  # another setting of the same vault may log it
            evidence=evidence,
        )
        return
    scope = _scope(notes.document, setting)
    if scope is None:
        return
    wanted = OF_TENANT if _of_tenant(setting) else OF_SUBSCRIPTION
    logged = everything or set(wanted) <= kept
    yield Guardrail(
        guardrail_id=setting,
        scope=scope,
        kind="audit_log",
        name=str(raw["name"]),
        enforcement=Enforcement.ENFORCED if logged else Enforcement.AUDIT if kept else Enforcement.OFF,
        basis="observed",
        evidence=evidence,
    )


def _categories(raw: Record) -> Iterator[tuple[str, bool]]:
    for log in one_or_many(raw.get("logs")):
        yield str(log.get("category") or log.get("categoryGroup")).lower(), log.get("enabled") is True


def _of_tenant(setting: str) -> bool:
    return "/providers/microsoft.aadiam/" in setting


def _scope(document: Document, setting: str) -> str | None:
    """What a setting speaks of: the tenant, or a subscription as a whole; None for a single resource."""
    if _of_tenant(setting):
        return guid_or_none(document.scope)
    subscription = subscription_of(setting)
    below = setting.partition(f"/subscriptions/{subscription}")[2]
    return subscription if below.startswith("/providers/microsoft.insights/") else None


def _is_policies(document: Document) -> bool:
    return {"policyDefinitionId", "scope", "id"} <= (first(document) or {}).keys()


def _is_settings(document: Document) -> bool:
    found = first(document) or {}
    return "/diagnosticsettings/" in str(found.get("id", "")).lower() and "logs" in found


FORMATS = (
    Format(
        name="azure-policy-assignments",
        title="Azure Policy in force: `az policy assignment list --disable-scope-strict-match` per subscription",
        matches=_is_policies,
        rows=policy_assignments,
    ),
    Format(
        name="azure-diagnostic-settings",
        title=(
            "What is logged: `az monitor diagnostic-settings subscription list`, `az monitor diagnostic-settings list --resource VAULT`, "
            "`az rest` on `/providers/microsoft.aadiam/diagnosticSettings`"
        ),
        matches=_is_settings,
        rows=diagnostic_settings,
    ),
)
