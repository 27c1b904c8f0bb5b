"""What the AWS collector asks, as data: the calls, the facts that are unknown without them, and the permissions they need.

The policy of docs/permissions is made from it, so that nothing is asked without being named there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from collectors.aws import cleaning
from collectors.collecting import as_it_is
from inventory.model import Fact


class Reach(StrEnum):
    """How often an operation is asked."""

    CALLER = "once"
    ACCOUNT = "per account"
    REGION = "per region"
    EACH = "per object"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One list, or one object, that is asked for."""

    name: str
    """As AWS calls it. Its IAM action has the same name unless `action` says otherwise."""
    client: str
    """boto3's name of the service."""
    method: str
    service: str
    """What progress is shown for."""
    file: str
    """Below the folder of the account (and region), with {name} of the object."""
    command: str
    reach: Reach = Reach.EACH
    facts: tuple[Fact, ...] = ()
    """What is not known without it."""
    tells: tuple[Fact, ...] | None = None
    """What its answers say something of. None: of all of `facts`; fewer where they only lead to the calls that do."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    paging: tuple[str, str] | None = None
    """Parameter that asks for the next page, and the field of the answer that names it."""
    clean: Callable[[Any], Any] = as_it_is
    action: str | None = None
    """IAM action, where it is not the name."""
    absent: Mapping[str, Any] = field(default_factory=dict)
    """What an answer without any leaves out."""
    also: tuple[str, ...] = ()
    """Further IAM actions that the call makes."""

    @property
    def actions(self) -> tuple[str, ...]:
        return (self.action or self.name, *self.also)


def _listed(name: str, client: str, method: str, service: str, file: str, *, paging: tuple[str, str] | None, **more: Any) -> Operation:
    command = more.pop("command", f"aws {client} {method.replace('_', '-')}")
    return Operation(name=name, client=client, method=method, service=service, file=file, command=command, paging=paging, **more)


MARKER, NEXT, TOKEN = ("Marker", "Marker"), ("NextToken", "NextToken"), ("nextToken", "nextToken")
REGIONAL_FACTS = (Fact.STORED_SECRETS, Fact.WORKLOADS, Fact.RESOURCE_POLICIES)

CALLER = _listed(
    "sts:GetCallerIdentity",
    "sts",
    "get_caller_identity",
    "Account",
    "sts/caller-identity",
    paging=None,
    tells=(),
    reach=Reach.CALLER,
    facts=tuple(fact for fact in Fact if fact is not Fact.SECRET_SCAN),
)
DETAILS = _listed(
    "iam:GetAccountAuthorizationDetails",
    "iam",
    "get_account_authorization_details",
    "IAM",
    "iam/authorization-details",
    paging=MARKER,
    arguments={"MaxItems": 1000},
    tells=(Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.ROLE_USAGE, Fact.OWNERSHIP),
    reach=Reach.ACCOUNT,
    facts=(
        *(Fact.IDENTITIES, Fact.POLICIES, Fact.TRUST, Fact.ROLE_USAGE, Fact.OWNERSHIP),
        *(Fact.ACCESS_KEYS, Fact.SERVICE_CREDENTIALS, Fact.SERVICE_USAGE),
    ),
)
REPORT = _listed(
    "iam:GetCredentialReport",
    "iam",
    "get_credential_report",
    "IAM",
    "iam/credential-report",
    paging=None,
    reach=Reach.ACCOUNT,
    facts=(Fact.PASSWORDS, Fact.ACCESS_KEYS, Fact.KEY_USAGE),
    also=("iam:GenerateCredentialReport",),
    command="aws iam generate-credential-report; aws iam get-credential-report",
)
KEYS = _listed(
    "iam:ListAccessKeys",
    "iam",
    "list_access_keys",
    "Access keys",
    "iam/access-keys/{name}",
    paging=MARKER,
    tells=(Fact.ACCESS_KEYS,),
    facts=(Fact.ACCESS_KEYS, Fact.KEY_USAGE),
    command="aws iam list-access-keys --user-name {name}",
)
KEY_USED = _listed(
    "iam:GetAccessKeyLastUsed",
    "iam",
    "get_access_key_last_used",
    "Access keys",
    "iam/access-key-last-used/{name}",
    paging=None,
    facts=(Fact.KEY_USAGE,),
    command="aws iam get-access-key-last-used --access-key-id {name}",
)
SERVICE_CREDENTIALS = _listed(
    "iam:ListServiceSpecificCredentials",
    "iam",
    "list_service_specific_credentials",
    "IAM",
    "iam/service-specific-credentials",
    paging=MARKER,
    arguments={"AllUsers": True},
    reach=Reach.ACCOUNT,
    facts=(Fact.SERVICE_CREDENTIALS,),
    command="aws iam list-service-specific-credentials --all-users",
)
SSH_KEYS = _listed(
    "iam:ListSSHPublicKeys",
    "iam",
    "list_ssh_public_keys",
    "SSH keys and certificates",
    "iam/ssh-public-keys/{name}",
    paging=MARKER,
    tells=(),
    facts=(Fact.SERVICE_CREDENTIALS,),
    command="aws iam list-ssh-public-keys --user-name {name}",
)
CERTIFICATES = _listed(
    "iam:ListSigningCertificates",
    "iam",
    "list_signing_certificates",
    "SSH keys and certificates",
    "iam/signing-certificates/{name}",
    paging=MARKER,
    tells=(),
    facts=(Fact.SERVICE_CREDENTIALS,),
    clean=cleaning.certificates,
    command="aws iam list-signing-certificates --user-name {name}",
)
LAST_ACCESSED = _listed(
    "iam:GetServiceLastAccessedDetails",
    "iam",
    "get_service_last_accessed_details",
    "Last accessed",
    "iam/service-last-accessed/{name}",
    paging=MARKER,
    facts=(Fact.SERVICE_USAGE,),
    also=("iam:GenerateServiceLastAccessedDetails",),
    command="aws iam generate-service-last-accessed-details --arn {name} --granularity ACTION_LEVEL, then get-service-last-accessed-details",
)
OIDC_PROVIDERS = _listed(
    "iam:ListOpenIDConnectProviders", "iam", "list_open_id_connect_providers", "IAM", "iam/oidc-providers", paging=None, reach=Reach.ACCOUNT
)
OIDC_PROVIDER = _listed(
    "iam:GetOpenIDConnectProvider",
    "iam",
    "get_open_id_connect_provider",
    "IAM",
    "iam/oidc-provider/{name}",
    paging=None,
    command="aws iam get-open-id-connect-provider --open-id-connect-provider-arn {name}",
)
SAML_PROVIDERS = _listed(
    "iam:ListSAMLProviders", "iam", "list_saml_providers", "IAM", "iam/saml-providers", paging=None, reach=Reach.ACCOUNT
)

BUCKETS = _listed(
    "s3:ListBuckets",
    "s3",
    "list_buckets",
    "S3",
    "s3/buckets",
    paging=None,
    tells=(),
    reach=Reach.ACCOUNT,
    facts=(Fact.RESOURCE_POLICIES,),
    action="s3:ListAllMyBuckets",
    command="aws s3api list-buckets",
)
BUCKET = _listed(
    "s3:GetBucketPolicy",
    "s3",
    "get_bucket_policy",
    "S3",
    "s3/policy/{name}",
    paging=None,
    facts=(Fact.RESOURCE_POLICIES,),
    also=("s3:GetBucketPublicAccessBlock",),
    command="aws s3api get-bucket-policy --bucket {name}, and get-public-access-block",
)

ACCOUNT_BLOCK = _listed(
    "s3control:GetPublicAccessBlock",
    "s3control",
    "get_public_access_block",
    "S3",
    "s3/account-public-access-block",
    paging=None,
    reach=Reach.ACCOUNT,
    action="s3:GetAccountPublicAccessBlock",
    command="aws s3control get-public-access-block --account-id {name}",
)

ACCOUNTS = _listed(
    "organizations:ListAccounts",
    "organizations",
    "list_accounts",
    "Organizations",
    "organizations/accounts",
    paging=NEXT,
    reach=Reach.CALLER,
)
CONTROL_POLICIES = tuple(
    _listed(
        "organizations:ListPolicies",
        "organizations",
        "list_policies",
        "Organizations",
        f"organizations/{kind.lower().replace('_', '-').replace('policy', 'policies')}",
        paging=NEXT,
        arguments={"Filter": kind},
        tells=(),
        reach=Reach.CALLER,
        facts=(Fact.GUARDRAILS,),
        command=f"aws organizations list-policies --filter {kind}",
    )
    for kind in ("SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY")
)
CONTROL_POLICY = _listed(
    "organizations:DescribePolicy",
    "organizations",
    "describe_policy",
    "Organizations",
    "organizations/policy/{name}",
    paging=None,
    facts=(Fact.GUARDRAILS,),
    also=("organizations:ListTargetsForPolicy",),
    command="aws organizations describe-policy --policy-id {name}, and list-targets-for-policy",
)

REGIONS = _listed(
    "ec2:DescribeRegions",
    "ec2",
    "describe_regions",
    "Account",
    "ec2/regions",
    paging=None,
    tells=(),
    reach=Reach.ACCOUNT,
    facts=(*REGIONAL_FACTS, Fact.AUDIT_LOG),
)
SECRETS = _listed(
    "secretsmanager:ListSecrets",
    "secretsmanager",
    "list_secrets",
    "Secrets Manager",
    "secretsmanager/secrets",
    paging=NEXT,
    reach=Reach.REGION,
    tells=(Fact.STORED_SECRETS,),
    facts=(Fact.STORED_SECRETS, Fact.RESOURCE_POLICIES),
    arguments={"MaxResults": 100},
    clean=cleaning.secrets,
)
SECRET_POLICY = _listed(
    "secretsmanager:GetResourcePolicy",
    "secretsmanager",
    "get_resource_policy",
    "Secrets Manager",
    "secretsmanager/policy/{name}",
    paging=None,
    facts=(Fact.RESOURCE_POLICIES,),
    command="aws secretsmanager get-resource-policy --secret-id {name}",
)
PARAMETERS = _listed(
    "ssm:DescribeParameters",
    "ssm",
    "describe_parameters",
    "Parameter Store",
    "ssm/parameters",
    paging=NEXT,
    reach=Reach.REGION,
    facts=(Fact.STORED_SECRETS,),
    arguments={"MaxResults": 50, "ParameterFilters": [{"Key": "Type", "Values": ["SecureString"]}]},
    clean=cleaning.parameters,
    command="aws ssm describe-parameters --parameter-filters Key=Type,Values=SecureString",
)
FUNCTIONS = _listed(
    "lambda:ListFunctions",
    "lambda",
    "list_functions",
    "Lambda",
    "lambda/functions",
    paging=("Marker", "NextMarker"),
    tells=(Fact.WORKLOADS,),
    reach=Reach.REGION,
    facts=(Fact.WORKLOADS, Fact.RESOURCE_POLICIES),
)
FUNCTION_URLS = _listed(
    "lambda:ListFunctionUrlConfigs",
    "lambda",
    "list_function_url_configs",
    "Lambda",
    "lambda/urls/{name}",
    paging=("Marker", "NextMarker"),
    facts=(Fact.RESOURCE_POLICIES,),
    command="aws lambda list-function-url-configs --function-name {name}",
)
FUNCTION_POLICY = _listed(
    "lambda:GetPolicy",
    "lambda",
    "get_policy",
    "Lambda",
    "lambda/policy/{name}",
    paging=None,
    facts=(Fact.RESOURCE_POLICIES,),
    command="aws lambda get-policy --function-name {name}",
)
TASK_FAMILIES = _listed(
    "ecs:ListTaskDefinitionFamilies",
    "ecs",
    "list_task_definition_families",
    "ECS",
    "ecs/families",
    paging=TOKEN,
    tells=(),
    reach=Reach.REGION,
    facts=(Fact.WORKLOADS,),
    arguments={"status": "ACTIVE"},
    command="aws ecs list-task-definition-families --status ACTIVE",
)
TASK = _listed(
    "ecs:DescribeTaskDefinition",
    "ecs",
    "describe_task_definition",
    "ECS",
    "ecs/task-definition/{name}",
    paging=None,
    facts=(Fact.WORKLOADS,),
    command="aws ecs describe-task-definition --task-definition {name} --include TAGS",
)
INSTANCES = _listed(
    "ec2:DescribeInstances",
    "ec2",
    "describe_instances",
    "EC2",
    "ec2/instances",
    paging=NEXT,
    reach=Reach.REGION,
    facts=(Fact.WORKLOADS,),
    arguments={"MaxResults": 1000},
    clean=cleaning.instances,
)
CLUSTERS = _listed(
    "eks:ListClusters", "eks", "list_clusters", "EKS", "eks/clusters", paging=TOKEN, tells=(), reach=Reach.REGION, facts=(Fact.WORKLOADS,)
)
POD_IDENTITIES = _listed(
    "eks:ListPodIdentityAssociations",
    "eks",
    "list_pod_identity_associations",
    "EKS",
    "eks/pod-identities/{name}",
    paging=TOKEN,
    tells=(),
    facts=(Fact.WORKLOADS,),
    command="aws eks list-pod-identity-associations --cluster-name {name}",
)
POD_IDENTITY = _listed(
    "eks:DescribePodIdentityAssociation",
    "eks",
    "describe_pod_identity_association",
    "EKS",
    "eks/pod-identity/{name}",
    paging=None,
    facts=(Fact.WORKLOADS,),
    command="aws eks describe-pod-identity-association --association-id {name}",
)
ACCESS_ENTRIES = _listed(
    "eks:ListAccessEntries",
    "eks",
    "list_access_entries",
    "EKS",
    "eks/access-entries/{name}",
    paging=TOKEN,
    command="aws eks list-access-entries --cluster-name {name}",
)
ACCESS_ENTRY = _listed(
    "eks:DescribeAccessEntry",
    "eks",
    "describe_access_entry",
    "EKS",
    "eks/access-entry/{name}",
    paging=None,
    command="aws eks describe-access-entry --cluster-name and --principal-arn of {name}",
)
ACCESS_POLICIES = _listed(
    "eks:ListAssociatedAccessPolicies",
    "eks",
    "list_associated_access_policies",
    "EKS",
    "eks/access-policies/{name}",
    paging=TOKEN,
    command="aws eks list-associated-access-policies --cluster-name and --principal-arn of {name}",
)
QUEUES = _listed(
    "sqs:ListQueues",
    "sqs",
    "list_queues",
    "SQS",
    "sqs/queues",
    absent={"QueueUrls": []},
    paging=NEXT,
    tells=(),
    reach=Reach.REGION,
    facts=(Fact.RESOURCE_POLICIES,),
    arguments={"MaxResults": 1000},
)
QUEUE = _listed(
    "sqs:GetQueueAttributes",
    "sqs",
    "get_queue_attributes",
    "SQS",
    "sqs/policy/{name}",
    paging=None,
    facts=(Fact.RESOURCE_POLICIES,),
    command="aws sqs get-queue-attributes --queue-url {name} --attribute-names Policy QueueArn",
)
TOPICS = _listed(
    "sns:ListTopics", "sns", "list_topics", "SNS", "sns/topics", paging=NEXT, tells=(), reach=Reach.REGION, facts=(Fact.RESOURCE_POLICIES,)
)
TOPIC = _listed(
    "sns:GetTopicAttributes",
    "sns",
    "get_topic_attributes",
    "SNS",
    "sns/policy/{name}",
    paging=None,
    facts=(Fact.RESOURCE_POLICIES,),
    command="aws sns get-topic-attributes --topic-arn {name}",
)
KMS_KEYS = _listed(
    "kms:ListKeys",
    "kms",
    "list_keys",
    "KMS",
    "kms/keys",
    paging=("Marker", "NextMarker"),
    tells=(),
    reach=Reach.REGION,
    facts=(Fact.RESOURCE_POLICIES,),
)
KMS_KEY = _listed(
    "kms:GetKeyPolicy",
    "kms",
    "get_key_policy",
    "KMS",
    "kms/policy/{name}",
    paging=None,
    facts=(Fact.RESOURCE_POLICIES,),
    command="aws kms get-key-policy --key-id {name} --policy-name default",
)
REPOSITORIES = _listed(
    "ecr:DescribeRepositories",
    "ecr",
    "describe_repositories",
    "ECR",
    "ecr/repositories",
    paging=TOKEN,
    tells=(),
    reach=Reach.REGION,
    facts=(Fact.RESOURCE_POLICIES,),
)
REPOSITORY = _listed(
    "ecr:GetRepositoryPolicy",
    "ecr",
    "get_repository_policy",
    "ECR",
    "ecr/policy/{name}",
    paging=None,
    facts=(Fact.RESOURCE_POLICIES,),
    command="aws ecr get-repository-policy --repository-name {name}",
)
TRAILS = _listed(
    "cloudtrail:DescribeTrails",
    "cloudtrail",
    "describe_trails",
    "CloudTrail",
    "cloudtrail/trails",
    paging=None,
    reach=Reach.REGION,
    facts=(Fact.AUDIT_LOG,),
)
TRAIL_STATUS = _listed(
    "cloudtrail:GetTrailStatus",
    "cloudtrail",
    "get_trail_status",
    "CloudTrail",
    "cloudtrail/status/{name}",
    paging=None,
    facts=(Fact.AUDIT_LOG,),
    command="aws cloudtrail get-trail-status --name {name}",
)
ANCHORS = _listed(
    "rolesanywhere:ListTrustAnchors",
    "rolesanywhere",
    "list_trust_anchors",
    "Roles Anywhere",
    "rolesanywhere/trust-anchors",
    paging=TOKEN,
    reach=Reach.REGION,
    clean=cleaning.anchors,
)
SUBJECTS = _listed(
    "rolesanywhere:ListSubjects",
    "rolesanywhere",
    "list_subjects",
    "Roles Anywhere",
    "rolesanywhere/subjects",
    paging=TOKEN,
    reach=Reach.REGION,
)
SUBJECT = _listed(
    "rolesanywhere:GetSubject",
    "rolesanywhere",
    "get_subject",
    "Roles Anywhere",
    "rolesanywhere/subject/{name}",
    paging=None,
    clean=cleaning.subject,
    command="aws rolesanywhere get-subject --subject-id {name}",
)
ANALYZERS = _listed(
    "access-analyzer:ListAnalyzers",
    "accessanalyzer",
    "list_analyzers",
    "Access Analyzer",
    "accessanalyzer/analyzers",
    paging=TOKEN,
    reach=Reach.REGION,
)
UNUSED = _listed(
    "access-analyzer:ListFindingsV2",
    "accessanalyzer",
    "list_findings_v2",
    "Access Analyzer",
    "accessanalyzer/findings/{name}",
    paging=TOKEN,
    command="aws accessanalyzer list-findings-v2 --analyzer-arn {name}",
)
UNUSED_DETAILS = _listed(
    "access-analyzer:GetFindingV2",
    "accessanalyzer",
    "get_finding_v2",
    "Access Analyzer",
    "accessanalyzer/finding/{name}",
    paging=TOKEN,
    command="aws accessanalyzer get-finding-v2 --id {name}",
)
AGENTS = _listed(
    "bedrock-agentcore:ListWorkloadIdentities",
    "bedrock-agentcore-control",
    "list_workload_identities",
    "AgentCore",
    "bedrock-agentcore/workload-identities",
    paging=TOKEN,
    reach=Reach.REGION,
)

API_KEYS, OAUTH_CLIENTS = (
    _listed(
        f"bedrock-agentcore:List{name}CredentialProviders",
        "bedrock-agentcore-control",
        f"list_{kind}_credential_providers",
        "AgentCore",
        f"bedrock-agentcore/{kind}-credential-providers",
        paging=TOKEN,
        reach=Reach.REGION,
    )
    for name, kind in (("ApiKey", "api_key"), ("Oauth2", "oauth2"))
)
API_KEY, OAUTH_CLIENT = (
    _listed(
        f"bedrock-agentcore:Get{name}CredentialProvider",
        "bedrock-agentcore-control",
        f"get_{kind}_credential_provider",
        "AgentCore",
        f"bedrock-agentcore/{kind}-credential-provider/{{name}}",
        paging=None,
        clean=cleaning.provider,
        command=f"aws bedrock-agentcore-control get-{kind.replace('_', '-')}-credential-provider --name {{name}}",
    )
    for name, kind in (("ApiKey", "api_key"), ("Oauth2", "oauth2"))
)

PER_ACCOUNT = (DETAILS, REPORT, SERVICE_CREDENTIALS, OIDC_PROVIDERS, SAML_PROVIDERS, BUCKETS, ACCOUNT_BLOCK, REGIONS)
PER_ORGANIZATION = (ACCOUNTS, *CONTROL_POLICIES)
PER_REGION = (
    SECRETS,
    PARAMETERS,
    FUNCTIONS,
    TASK_FAMILIES,
    INSTANCES,
    CLUSTERS,
    QUEUES,
    TOPICS,
    KMS_KEYS,
    REPOSITORIES,
    TRAILS,
    ANCHORS,
    SUBJECTS,
    ANALYZERS,
    AGENTS,
    API_KEYS,
    OAUTH_CLIENTS,
)
FOLLOWING = (
    KEYS,
    KEY_USED,
    SSH_KEYS,
    CERTIFICATES,
    LAST_ACCESSED,
    OIDC_PROVIDER,
    BUCKET,
    CONTROL_POLICY,
    SECRET_POLICY,
    FUNCTION_URLS,
    FUNCTION_POLICY,
    TASK,
    POD_IDENTITIES,
    POD_IDENTITY,
    ACCESS_ENTRIES,
    ACCESS_ENTRY,
    ACCESS_POLICIES,
    QUEUE,
    TOPIC,
    KMS_KEY,
    REPOSITORY,
    TRAIL_STATUS,
    SUBJECT,
    UNUSED,
    UNUSED_DETAILS,
    API_KEY,
    OAUTH_CLIENT,
)
OPERATIONS = (CALLER, *PER_ACCOUNT, *PER_ORGANIZATION, *PER_REGION, *FOLLOWING)
