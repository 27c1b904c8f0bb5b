"""Policy documents: AWS's own managed ones, the company's, and small ones made from what a service needs."""

from __future__ import annotations

from collections.abc import Sequence

from generator.chance import pick
from generator.company import REGION, Account
from generator.estate import Json


def statement(actions: str | Sequence[str], resources: str | Sequence[str] = "*", **more: object) -> Json:
    """One statement; `more` may hold Sid, Effect, Condition."""
    names = actions.split() if isinstance(actions, str) else list(actions)
    return {"Effect": "Allow", "Action": names if len(names) > 1 else names[0], "Resource": resources, **more}


def document(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


NEEDS: dict[str, tuple[str, str]] = {
    "table": ("dynamodb:GetItem dynamodb:PutItem dynamodb:UpdateItem dynamodb:Query", "arn:aws:dynamodb:{region}:{account}:table/{name}*"),
    "queue": ("sqs:SendMessage sqs:ReceiveMessage sqs:DeleteMessage", "arn:aws:sqs:{region}:{account}:{name}-*"),
    "bucket": ("s3:GetObject s3:PutObject s3:ListBucket", "arn:aws:s3:::quillhaven-{name}*"),
    "key": ("kms:Decrypt kms:GenerateDataKey", "arn:aws:kms:{region}:{account}:key/*"),
    "secret": ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:{region}:{account}:secret:{name}/*"),
    "parameter": ("ssm:GetParameter ssm:GetParametersByPath", "arn:aws:ssm:{region}:{account}:parameter/{name}/*"),
    "stream": ("kinesis:GetRecords kinesis:PutRecords kinesis:DescribeStream", "arn:aws:kinesis:{region}:{account}:stream/{name}*"),
    "mail": ("ses:SendEmail ses:SendRawEmail", "arn:aws:ses:{region}:{account}:identity/quillhaven.example"),
    "registry": ("ecr:BatchGetImage ecr:GetDownloadUrlForLayer", "arn:aws:ecr:{region}:{account}:repository/*"),
    "model": ("bedrock:InvokeModel", "arn:aws:bedrock:{region}::foundation-model/*"),
}
"""What a service may need -> (actions, resource)."""


def for_needs(account: Account, name: str, needs: Sequence[str]) -> Json:
    """Least that a service needs; a few ask for a whole service, as people do."""
    found = []
    for need in needs:
        actions, resource = NEEDS[need]
        if pick(range(12), "wide", account.id, name, need) == 0:
            actions, resource = f"{actions.split(':')[0]}:*", "*"
        found.append(statement(actions, resource.format(region=REGION, account=account.id, name=name)))
    return document(*found)


def assume_only(*role_arns: str) -> Json:
    return document(statement("sts:AssumeRole", list(role_arns) if len(role_arns) > 1 else role_arns[0]))


def deploy(account: Account, service: str, runtime: str) -> Json:
    """What a pipeline needs to release one service. PassRole is limited, releases are kept to one region, deletion is denied."""
    one_region = {"StringEquals": {"aws:RequestedRegion": REGION}}
    what = (
        statement(
            "lambda:UpdateFunctionCode lambda:PublishVersion lambda:GetFunction",
            f"arn:aws:lambda:{REGION}:{account.id}:function:{service}-*",
        )
        if runtime == "lambda"
        else statement("ecs:RegisterTaskDefinition ecs:UpdateService ecs:DescribeServices", Condition=one_region)
    )
    to = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com" if runtime == "lambda" else "ecs-tasks.amazonaws.com"}}
    return document(
        what,
        statement("iam:PassRole", f"arn:aws:iam::{account.id}:role/{service}-*", Condition=to),
        statement("ecr:GetAuthorizationToken"),
        statement("lambda:DeleteFunction ecs:DeleteService", Effect="Deny", Sid="NoRemoval"),
    )


ADMIN = document(statement("*"))
STAR = document(statement("*", Sid="TemporaryRemoveAfterMigration"))

AWS_MANAGED: dict[str, tuple[str, Json | None]] = {
    "AdministratorAccess": ("", ADMIN),
    "PowerUserAccess": (
        "",
        document(
            {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*", "account:*"], "Resource": "*"},
            statement(
                "iam:CreateServiceLinkedRole iam:DeleteServiceLinkedRole iam:ListRoles organizations:DescribeOrganization account:ListRegions"
            ),
        ),
    ),
    "IAMFullAccess": (
        "",
        document(statement("iam:* organizations:DescribeAccount organizations:DescribeOrganization organizations:ListPolicies")),
    ),
    "AmazonS3FullAccess": ("", document(statement("s3:* s3-object-lambda:*"))),
    "AmazonS3ReadOnlyAccess": ("", document(statement("s3:Get* s3:List* s3:Describe* s3-object-lambda:Get* s3-object-lambda:List*"))),
    "AmazonSSMManagedInstanceCore": (
        "",
        document(
            statement("ssm:DescribeAssociation ssm:GetDocument ssm:GetParameter ssm:ListAssociations ssm:UpdateInstanceInformation"),
            statement(
                "ssmmessages:CreateControlChannel ssmmessages:CreateDataChannel ssmmessages:OpenControlChannel ssmmessages:OpenDataChannel"
            ),
            statement("ec2messages:AcknowledgeMessage ec2messages:GetEndpoint ec2messages:GetMessages ec2messages:SendReply"),
        ),
    ),
    "AWSLambdaBasicExecutionRole": (
        "service-role/",
        document(statement("logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents")),
    ),
    "AWSLambdaVPCAccessExecutionRole": (
        "service-role/",
        document(
            statement(
                "logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents ec2:CreateNetworkInterface"
                " ec2:DescribeNetworkInterfaces ec2:DeleteNetworkInterface"
            )
        ),
    ),
    "AmazonECSTaskExecutionRolePolicy": (
        "service-role/",
        document(
            statement(
                "ecr:GetAuthorizationToken ecr:BatchCheckLayerAvailability ecr:GetDownloadUrlForLayer ecr:BatchGetImage"
                " logs:CreateLogStream logs:PutLogEvents"
            )
        ),
    ),
    "ViewOnlyAccess": ("job-function/", None),  # attached, but its text is not in the export: what it allows stays unknown
}
"""Name -> (path inside arn:aws:iam::aws:policy/, text). The longer ones of AWS are shortened."""


def own_policies(account: Account) -> dict[str, Json]:
    """The account's customer-managed policies, by name."""
    everything = f"arn:aws:s3:::quillhaven-{account.alias}-*"
    return {
        "boundary-workload": document(
            statement("*", Sid="Ceiling"),
            statement("iam:* organizations:* account:*", Effect="Deny", Sid="NoIdentityChanges"),
        ),
        "app-logging": document(statement("logs:CreateLogGroup logs:CreateLogStream logs:PutLogEvents cloudwatch:PutMetricData")),
        "data-lake-read": document(
            statement("s3:GetObject s3:ListBucket", [everything, f"{everything}/*"]), statement("glue:GetTable glue:GetDatabase")
        ),
        "data-lake-write": document(statement("s3:*", [everything, f"{everything}/*"])),
        "exports-writer": document(
            statement(
                "s3:PutObject", f"arn:aws:s3:::quillhaven-{account.alias}-exports/*", Condition={"Bool": {"aws:SecureTransport": "true"}}
            )
        ),
        "sftp-drop": document(
            statement("s3:PutObject s3:GetObject s3:ListBucket", "arn:aws:s3:::quillhaven-sftp-drop*"),
            statement("s3:DeleteObject", "arn:aws:s3:::quillhaven-sftp-drop/archive/*", Effect="Deny"),
        ),
        "metrics-read": document(statement("cloudwatch:Get* cloudwatch:List* cloudwatch:Describe* logs:FilterLogEvents tag:GetResources")),
        "inventory-read": document(statement("ec2:Describe* ecs:Describe* ecs:List* lambda:ListFunctions iam:List* iam:Get*")),
        "vendor-cost-read": document(statement("ce:Get* cur:DescribeReportDefinitions ec2:Describe* organizations:ListAccounts")),
        "ci-publish": document(
            statement("ecr:GetAuthorizationToken"),
            statement("ecr:PutImage ecr:InitiateLayerUpload ecr:UploadLayerPart ecr:CompleteLayerUpload", "arn:aws:ecr:*:*:repository/*"),
            statement("s3:PutObject", "arn:aws:s3:::quillhaven-tooling-artifacts/*"),
        ),
        "ci-deploy-everything": document(
            {
                "Effect": "Allow",
                "NotAction": ["organizations:*", "account:*", "support:*"],
                "Resource": "*",
                "Sid": "EverythingButTheOrganisation",
            }
        ),
        "ci-passrole": document(statement("iam:PassRole lambda:CreateFunction lambda:InvokeFunction lambda:UpdateFunctionCode")),
        "legacy-tms": document(statement("s3:* dynamodb:* sqs:*")),
        "opsworks-legacy": document(statement("opsworks:* codestar:* ec2:Describe*")),
    }


def policy_arn(account: Account, name: str) -> str:
    if name in AWS_MANAGED:
        return f"arn:aws:iam::aws:policy/{AWS_MANAGED[name][0]}{name}"
    return f"arn:aws:iam::{account.id}:policy/{name}"
