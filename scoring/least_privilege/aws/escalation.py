"""The actions by which an identity makes itself an administrator: data, with what each one works on.

Only what the identity's own policies can show, for the verdict on a policy set. Whether a target is there, and what an identity comes to
over others, is found by `paths`. Facts from the public catalogue https://pathfinding.cloud (Apache-2.0).
"""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """An action that is needed, and the kind of IAM object it must be allowed on."""

    action: str
    """Lower case."""
    on: str
    """user, group, role, policy"""


SELF: tuple[tuple[Step, ...], ...] = (
    (Step("iam:putrolepolicy", "role"),),
    (Step("iam:attachrolepolicy", "role"),),
    (Step("iam:putuserpolicy", "user"),),
    (Step("iam:attachuserpolicy", "user"),),
    (Step("iam:putgrouppolicy", "group"),),
    (Step("iam:attachgrouppolicy", "group"),),
    (Step("iam:createpolicyversion", "policy"),),
    (Step("iam:updateassumerolepolicy", "role"), Step("sts:assumerole", "role")),
)
"""Writing permissions at will: on all objects of the kind, one of these is administration of the account."""

TARGETED: tuple[Step, ...] = (
    Step("iam:createaccesskey", "user"),
    Step("iam:createloginprofile", "user"),
    Step("iam:updateloginprofile", "user"),
    Step("iam:addusertogroup", "group"),
    Step("iam:setdefaultpolicyversion", "policy"),
    Step("iam:updateassumerolepolicy", "role"),
)
"""Taking over another identity or an older policy: administration if the target is one."""

PASS_ROLE = Step("iam:passrole", "role")

PASSED = (
    "apprunner:createservice",
    "bedrock-agentcore:createcodeinterpreter",
    "cloudformation:createchangeset",
    "cloudformation:createstack",
    "cloudformation:createstackset",
    "cloudformation:updatestackset",
    "codebuild:createproject",
    "codebuild:updateproject",
    "datapipeline:putpipelinedefinition",
    "ec2:associateiaminstanceprofile",
    "ec2:replaceiaminstanceprofileassociation",
    "ec2:requestspotinstances",
    "ec2:runinstances",
    "ecs:registertaskdefinition",
    "ecs:runtask",
    "ecs:starttask",
    "glue:createdevendpoint",
    "glue:createjob",
    "glue:updatejob",
    "lambda:createfunction",
    "lambda:updatefunctionconfiguration",
    "sagemaker:createnotebookinstance",
    "sagemaker:createprocessingjob",
    "sagemaker:createtrainingjob",
    "scheduler:createschedule",
    "states:createstatemachine",
    "states:updatestatemachine",
)
"""With iam:PassRole on every role, each starts code under a role of choice: administration if such a role is one."""

UNBOUND: tuple[Step, ...] = (
    Step("iam:deleterolepermissionsboundary", "role"),
    Step("iam:deleteuserpermissionsboundary", "user"),
    Step("iam:putrolepermissionsboundary", "role"),
    Step("iam:putuserpermissionsboundary", "user"),
)
"""Lifting a permission boundary, perhaps one's own."""

WATCHED = frozenset(
    [*(step.action for path in SELF for step in path), *(step.action for step in (*TARGETED, PASS_ROLE, *UNBOUND)), *PASSED],
)
"""Every action named here."""
