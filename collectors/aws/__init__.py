"""AWS: exports of the CLI and the raw API. One module per area; formats are tried in this order."""

from __future__ import annotations

from collectors.aws import (
    account,
    cloudtrail,
    credential_report,
    federation,
    keys,
    organization,
    parameters,
    pods,
    principals,
    resource_policies,
    secrets_manager,
    unused_access,
    workloads,
)
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
        *federation.FORMATS,
        *parameters.FORMATS,
        *pods.FORMATS,
        *unused_access.FORMATS,
        *cloudtrail.FORMATS,
        *account.FORMATS,
    ),
)
