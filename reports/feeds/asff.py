"""AWS Security Finding Format: a line per request of `BatchImportFindings`, each with at most 100 findings.

Security Hub takes findings of its own product from the account that calls, and knows AWS accounts only. So every finding names that account
(`--aws-account`) and region, whatever the subject's own account, project or subscription is: that stands in `ProductFields` (`nhi/scope`), and
a subject outside AWS is a resource of type `Other`. https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from reports.feeds.feed import Source, as_json, check_words, cut, flat, named_id, stable_id, told
from reports.views.evidence import record_in_words

BATCH = 100
"""Findings of one request at most."""
TITLE, DESCRIPTION, TEXT, IDENTIFIER, VALUE = 256, 1024, 512, 512, 2048
"""Characters that fields hold at most."""
STATUS = {"fail": "FAILED", "unknown": "NOT_AVAILABLE"}
ARN = re.compile(r"arn:(?P<partition>aws[\w-]*):(?P<service>[\w-]+):(?P<region>[\w-]*):(?P<account>\d*):(?P<rest>.+)")
TYPES = {("iam", "role"): "AwsIamRole", ("iam", "user"): "AwsIamUser", ("lambda", "function"): "AwsLambdaFunction"}


def asff(source: Source) -> Iterator[str]:
    """Lines of `{"Findings": […]}`, each a whole request."""
    found = flat(source.findings(), lambda row: _finding(source, row))
    while batch := list(islice(found, BATCH)):
        yield f"{as_json({'Findings': batch})}\n"


def _finding(source: Source, row: dict[str, Any]) -> dict[str, Any]:
    words, accepted, options = check_words(row["check_id"]), source.accepted(row), source.options
    account, region = options.aws_account, options.aws_region
    partition = "aws-cn" if str(region).startswith("cn-") else "aws-us-gov" if str(region).startswith("us-gov-") else "aws"
    at = f"{source.snapshot.as_of:%Y-%m-%dT%H:%M:%S}Z"
    where = record_in_words(row["evidence"])
    fields = {
        "nhi/check": row["check_id"],
        "nhi/status": row["status"],
        "nhi/subject": row["subject_id"],
        "nhi/scope": row["scope"],
        "nhi/evidence": where,
        "nhi/snapshot": source.snapshot.snapshot_id,
        "nhi/exception": accepted,
    }
    return {
        "SchemaVersion": "2018-10-08",
        "Id": stable_id(row),
        "ProductArn": f"arn:{partition}:securityhub:{region}:{account}:product/{account}/default",
        "ProductName": "NHI posture",
        "GeneratorId": cut(f"nhi-posture/{row['check_id']}", IDENTIFIER),
        "AwsAccountId": account,
        "Types": ["Software and Configuration Checks/Non-Human Identities"],
        "CreatedAt": at,
        "UpdatedAt": at,
        "Severity": {"Label": row["severity"].upper(), "Original": row["severity"]},
        "Title": cut(words["title"], TITLE),
        "Description": cut(told(row), DESCRIPTION),
        "Remediation": {"Recommendation": _recommended(words)},
        "ProductFields": {name: cut(text, VALUE) for name, text in fields.items() if text},
        "Resources": [_resource(row)],
        "Compliance": {
            "Status": STATUS[row["status"]],
            **({"RelatedRequirements": [cut(name, 64) for name in row["maps_to"][:32]]} if row["maps_to"] else {}),
        },
        "Workflow": {"Status": "SUPPRESSED" if accepted else "NEW"},
        "RecordState": "ACTIVE",
    }


def _recommended(words: dict[str, Any]) -> dict[str, str]:
    return {"Text": cut(words["fix"], TEXT), **({"Url": words["source"]} if words["source"] else {})}


def _resource(row: dict[str, Any]) -> dict[str, Any]:
    """The subject. An id that is too long is cut and ends in its hash, so that two stay two."""
    name = row["subject_id"]
    short = name if len(name) <= IDENTIFIER else f"{name[: IDENTIFIER - 37]}#{named_id('subject', name)}"
    arn = ARN.fullmatch(name)
    if not arn:
        return {"Type": "Other", "Id": short}
    kind = re.split("[/:]", arn["rest"])[0]
    return {
        "Type": TYPES.get((arn["service"], kind), "Other"),
        "Id": short,
        "Partition": arn["partition"],
        **({"Region": arn["region"]} if arn["region"] else {}),
    }
