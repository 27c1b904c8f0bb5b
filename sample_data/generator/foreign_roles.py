"""Roles that are not the company's machines: AWS's own and those of people. They must be there, and out of scope."""

from __future__ import annotations

from collections.abc import Iterator

from generator import trusts
from generator.chance import hexadecimal, on_day
from generator.company import PROD, Account, Quarter
from generator.estate import Role
from generator.roles import make_role

LINKED = {
    "ECS": "ecs",
    "ElasticLoadBalancing": "elasticloadbalancing",
    "AutoScaling": "autoscaling",
    "Support": "support",
    "TrustedAdvisor": "trustedadvisor",
    "Organizations": "organizations",
    "CloudTrail": "cloudtrail",
    "AmazonGuardDuty": "guardduty",
}
"""AWSServiceRoleFor… -> service."""

PERMISSION_SETS = ("AdministratorAccess", "Developer", "ReadOnly", "Billing")


def foreign_roles(quarter: Quarter, account: Account) -> Iterator[Role]:
    for name, service in LINKED.items():
        host = f"{service}.amazonaws.com"
        yield Role(
            account=account,
            name=f"AWSServiceRoleFor{name}",
            path=f"/aws-service-role/{host}/",
            trust=trusts.service(host),
            created=on_day(account.joined, account.joined.replace(year=account.joined.year + 1), "linked", account.id, name),
            last_used=quarter.ago(0.5),
        )
    for name in PERMISSION_SETS:
        yield Role(
            account=account,
            name=f"AWSReservedSSO_{name}_{hexadecimal(16, 'sso', account.id, name)}",
            path="/aws-reserved/sso.amazonaws.com/eu-west-1/",
            trust=trusts.single_sign_on(account),
            created=on_day(account.joined.replace(year=2022), account.joined.replace(year=2023), "sso", account.id, name),
            last_used=quarter.ago(1),
            managed=("AdministratorAccess",) if name == "AdministratorAccess" else ("ViewOnlyAccess",),
        )
    if account == PROD:
        for name in ("ADFS-Operators", "ADFS-ReadOnly"):
            yield make_role(
                quarter, account, name, team="platform", environment="production", trust=trusts.saml(account), managed=("ViewOnlyAccess",)
            )
