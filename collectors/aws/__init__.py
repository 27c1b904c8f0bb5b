"""AWS: exports of the CLI and the raw API. One module per area; formats are tried in this order."""

from __future__ import annotations

from collectors.aws import credential_report, keys, organization, principals, resource_policies, secrets_manager, workloads
from collectors.document import Collector

COLLECTOR = Collector(
    name="aws",
    formats=(
        *principals.FORMATS,
        *credential_report.FORMATS,
        *keys.FORMATS,
        *secrets_manager.FORMATS,
        *workloads.FORMATS,
        *organization.FORMATS,
        *resource_policies.FORMATS,
    ),
)
