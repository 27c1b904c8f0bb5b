"""AWS: exports of the CLI and the raw API. One module per area; formats are tried in this order."""

from __future__ import annotations

from collectors.aws import (
    access_block,
    account,
    agentcore,
    cloudtrail,
    clusters,
    credential_report,
    federation,
    keys,
    organization,
    parameters,
    principals,
    public_keys,
    resource_policies,
    roles_anywhere,
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
        *public_keys.FORMATS,
        *secrets_manager.FORMATS,
        *workloads.FORMATS,
        *organization.FORMATS,
        *resource_policies.FORMATS,
        *access_block.FORMATS,
        *federation.FORMATS,
        *roles_anywhere.FORMATS,
        *parameters.FORMATS,
        *clusters.FORMATS,
        *unused_access.FORMATS,
        *agentcore.FORMATS,
        *cloudtrail.FORMATS,
        *account.FORMATS,
    ),
)
