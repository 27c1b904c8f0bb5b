"""Google Cloud: exports of gcloud, REST pages and Cloud Asset Inventory. One module per area; formats are tried in this order."""

from __future__ import annotations

from collectors.document import Collector
from collectors.gcp import (
    activity,
    assets,
    audit_logs,
    deny,
    empty,
    federation,
    org_policies,
    policies,
    projects,
    roles,
    service_accounts,
    stored,
    versions,
    workloads,
)

COLLECTOR = Collector(
    name="gcp",
    formats=(
        *assets.FORMATS,
        *service_accounts.FORMATS,
        *policies.FORMATS,
        *roles.FORMATS,
        *federation.FORMATS,
        *stored.FORMATS,
        *versions.FORMATS,
        *activity.FORMATS,
        *audit_logs.FORMATS,
        *org_policies.FORMATS,
        *deny.FORMATS,
        *projects.FORMATS,
        *workloads.FORMATS,
        *empty.FORMATS,
    ),
)
