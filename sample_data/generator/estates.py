"""Puts each account of a quarter together."""

from __future__ import annotations

from generator import cross_cloud
from generator.company import ACCOUNTS, Account, Quarter
from generator.estate import Estate
from generator.foreign_roles import foreign_roles
from generator.resources import resources
from generator.roles import deploy_roles, service_roles
from generator.shared_roles import shared_roles
from generator.stores import secrets
from generator.users import machine_users, people
from generator.workloads import functions, machines, tasks, tooling_functions


def estates(quarter: Quarter) -> list[Estate]:
    return [_estate(quarter, account) for account in ACCOUNTS]


def _estate(quarter: Quarter, account: Account) -> Estate:
    runs_services = len(account.environments) > 1 or account.alias == "prod"
    own = [*(service_roles(quarter, account) if runs_services else ()), *deploy_roles(quarter, account), *shared_roles(quarter, account)]
    own += cross_cloud.roles(quarter, account)
    return Estate(
        account=account,
        roles=sorted([*own, *foreign_roles(quarter, account)], key=lambda role: role.name),
        users=sorted([*machine_users(quarter, account), *people(quarter, account)], key=lambda user: user.name),
        functions=[*functions(quarter, account, own), *tooling_functions(quarter, own)],
        tasks=list(tasks(quarter, account, own)),
        machines=list(machines(account)),
        secrets=list(secrets(quarter, account)),
        resources=list(resources(quarter, account)),
    )
