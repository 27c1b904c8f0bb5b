"""The least that the AWS collector needs: one policy that reads no secret, no data and no key.

Made from collectors/aws/operations.py; docs/permissions/aws-policy.json is the same as a file.
"""

from __future__ import annotations

import json
from typing import Any

from collectors.aws.operations import OPERATIONS

LONGEST = 6144
"""Characters of a managed policy, without white space.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""


def actions() -> list[str]:
    """Every IAM action that is asked with. GetCallerIdentity needs none and is named so that the list is whole."""
    return sorted({action for operation in OPERATIONS for action in operation.actions})


def policy() -> dict[str, Any]:
    """The policy to attach to the collecting role, in each account."""
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "NhiCollect", "Effect": "Allow", "Action": actions(), "Resource": "*"}],
    }


def policy_text() -> str:
    """docs/permissions/aws-policy.json."""
    return json.dumps(policy(), indent=2) + "\n"
