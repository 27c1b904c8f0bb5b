"""The default app management policy: what it binds is enforced only where it binds all."""

from __future__ import annotations

from typing import Any

import pytest

from collectors.azure import COLLECTOR
from collectors.document import Document
from inventory.model import Coverage, Enforcement, Guardrail, Row

TENANT = "5f2d9c0e-0000-4000-8000-00000000000a"


def found(scope: str | None = TENANT, **policy: Any) -> list[Row]:
    raw = {
        "@odata.context": "https://graph.microsoft.com/v1.0/$metadata#policies/defaultAppManagementPolicy/$entity",
        "id": "00000000-0000-0000-0000-000000000000",
        "displayName": "Default",
        "isEnabled": True,
        "applicationRestrictions": {},
        "servicePrincipalRestrictions": {},
        **policy,
    }
    document = Document(source_id="policy.json", values=(raw,), scope=scope)
    form = next(form for form in COLLECTOR.formats if form.matches(document))
    assert form.name == "azure-app-management-policy"
    return [row for row in form.rows(document) if isinstance(row, Guardrail | Coverage)]


def of_applications(**policy: Any) -> Enforcement:
    return next(row.enforcement for row in found(**policy) if isinstance(row, Guardrail) and "on applications" in row.name)


def no_secrets(**more: Any) -> dict[str, Any]:
    return {"passwordCredentials": [{"restrictionType": "passwordAddition", "state": "enabled", **more}]}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"applicationRestrictions": no_secrets()}, Enforcement.ENFORCED),
        ({"applicationRestrictions": no_secrets(restrictForAppsCreatedAfterDateTime="2024-01-01T00:00:00Z")}, Enforcement.UNKNOWN),
        ({"applicationRestrictions": no_secrets(excludeActors={"customSecurityAttributes": []})}, Enforcement.UNKNOWN),
        ({"applicationRestrictions": no_secrets(state="disabled")}, Enforcement.OFF),
        ({"applicationRestrictions": no_secrets(), "isEnabled": False}, Enforcement.OFF),
        ({"applicationRestrictions": no_secrets(), "isEnabled": None}, Enforcement.UNKNOWN),
        ({"applicationRestrictions": {"passwordCredentials": [{"restrictionType": "passwordLifetime"}]}}, Enforcement.OFF),
        ({"applicationRestrictions": None}, Enforcement.UNKNOWN),
        ({}, Enforcement.OFF),
    ],
)
def test_only_a_policy_that_spares_nobody_is_enforced(policy: dict[str, Any], expected: Enforcement) -> None:
    assert of_applications(**policy) is expected


def test_a_policy_of_no_known_tenant_covers_nothing() -> None:
    assert found(scope=None) == []
