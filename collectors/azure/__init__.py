"""Azure and Entra: exports of `az`, Graph and ARM answers, and what assessment tools wrote. Formats are tried in this order."""

from __future__ import annotations

from collectors.azure import (
    accounts,
    activity_log,
    app_management,
    applications,
    azurehound,
    directory_roles,
    empty,
    federated,
    grants,
    guardrails,
    key_vault,
    managed_identities,
    roadrecon,
    role_assignments,
    role_definitions,
    scubagear,
    service_principals,
    sign_ins,
    storage,
    workloads,
)
from collectors.document import Collector

COLLECTOR = Collector(
    name="azure",
    formats=(
        *scubagear.FORMATS,
        *azurehound.FORMATS,
        *roadrecon.FORMATS,
        *applications.FORMATS,
        *service_principals.FORMATS,
        *federated.FORMATS,
        *grants.FORMATS,
        *directory_roles.FORMATS,
        *sign_ins.FORMATS,
        *role_assignments.FORMATS,
        *role_definitions.FORMATS,
        *managed_identities.FORMATS,
        *workloads.FORMATS,
        *key_vault.FORMATS,
        *storage.FORMATS,
        *guardrails.FORMATS,
        *app_management.FORMATS,
        *activity_log.FORMATS,
        *accounts.FORMATS,
        *empty.FORMATS,
    ),
)
