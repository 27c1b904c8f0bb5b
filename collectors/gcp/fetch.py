"""What is asked of Google Cloud, live: for each project, and for the organisation above them where one is named.

The bindings of the folders and the organisation above a project are asked for with its own, because they hold in it too. Nothing here is
understood: the answers are what gcloud and REST print, and the formats beside this module read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from collectors.collecting import Call, Pages, no_more
from collectors.gcp import fetch_iam, fetch_operations
from collectors.gcp.fetch_bindings import Above, fetch_bindings
from collectors.gcp.fetch_clean import without_values
from collectors.gcp.fetch_clients import Clients, fetch_clients
from collectors.gcp.fetch_deny import address, denials, parts
from collectors.gcp.fetch_lists import fetch_effective_constraints, project_listings, secret_versions
from collectors.gcp.fetch_operations import Operation
from collectors.gcp.fetch_organization import assets, policies_within
from collectors.gcp.fetch_organization import listings as organization_listings
from collectors.gcp.fetch_pages import RESOURCE_MANAGER, Asked, Listing, fetch_list, fetch_object, fetch_policy_of, name_in_path


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpOptions:
    """What to collect."""

    projects: tuple[str, ...] = ()
    """Project ids. None: those that the organisation's list of assets names."""
    organization: str | None = None
    """Its number."""
    quota_project: str | None = None
    """The project that calls are counted on; None: as the login says."""


class Fetch(Protocol):
    """Asks one thing, from a page token on."""

    def __call__(self, asked: Asked, token: str | None) -> Pages: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpPlan:
    """Calls of a collection. Raises ValueError when neither a project nor an organisation is named."""

    options: GcpOptions
    clients: Clients
    above: Above = field(default_factory=Above)
    source: str = "gcp"

    def __post_init__(self) -> None:
        if not self.options.projects and not self.options.organization:
            raise ValueError("name at least one project, or the organisation")

    def calls(self) -> Iterable[Call]:
        for project in self.options.projects:
            yield from self._project(project)
        if self.options.organization:
            yield from self._organization(self.options.organization.removeprefix("organizations/"))

    # Projects

    def _project(self, project: str) -> Iterator[Call]:
        named = {"project": project, "parent": f"projects/{project}"}
        within = f"projects/{name_in_path(project)}"
        yield self._call(
            fetch_operations.PROJECT_GET,
            f"{within}/project.json",
            project,
            named,
            _object(RESOURCE_MANAGER, f"v3/{within}"),
        )
        yield from self._project_bindings(project, named, within)
        yield from self._project_identities(project, named, within)
        for operation, file, listing in project_listings(project, within):
            follow = self._following(operation, project)
            yield self._call(operation, f"{within}/{file}", project, named, _listing(listing), follow)
        yield self._call(
            fetch_operations.EFFECTIVE_CONSTRAINTS,
            f"{within}/org-policies-effective.json",
            project,
            named,
            lambda asked, token: fetch_effective_constraints(asked, within, token),
        )

        yield self._call(
            fetch_operations.PROJECT_DENIALS,
            f"{within}/deny-policies.json",
            project,
            named,
            _listing(denials(f"projects/{project}")),
            self._denials(project, within),
        )

    def _following(self, operation: Operation, project: str) -> Callable[[Sequence[Any]], Iterable[Call]]:
        """What is asked of each thing that a list of a project names."""
        if operation is fetch_operations.POOLS:
            return self._providers(project)
        return self._versions(project) if operation is fetch_operations.SECRETS else no_more

    def _project_bindings(self, project: str, named: dict[str, str], within: str) -> Iterator[Call]:
        yield self._call(
            fetch_operations.PROJECT_POLICY,
            f"{within}/iam-policy.json",
            project,
            named,
            lambda asked, token: fetch_bindings(asked, project, self.above, token),
            self._roles_in_use(project, within),
        )
        if not self.options.organization:
            search = policies_within(f"projects/{project}", within)
            path = f"{within}/assets/iam-policies.json"
            yield self._call(fetch_operations.PROJECT_POLICIES_WITHIN, path, project, named, _listing(search))

    def _project_identities(self, project: str, named: dict[str, str], within: str) -> Iterator[Call]:
        yield self._call(
            fetch_operations.SERVICE_ACCOUNTS,
            f"{within}/iam/service-accounts.json",
            project,
            named,
            lambda asked, token: fetch_iam.fetch_service_accounts(asked, project, token),
            self._of_accounts(project, within),
        )
        yield self._call(
            fetch_operations.PROJECT_ROLES,
            f"{within}/iam/roles.json",
            project,
            named,
            lambda asked, token: fetch_iam.fetch_roles(asked, f"projects/{project}", token),
        )

    def _of_accounts(self, project: str, within: str) -> Callable[[Sequence[Any]], Iterable[Call]]:
        """Keys and policy of each service account."""

        def calls(answers: Sequence[Any]) -> Iterator[Call]:
            for account in _records(answers, "accounts"):
                name, email = str(account["name"]), str(account["email"])
                file, named = f"{name_in_path(email)}.json", {"project": project, "email": email}
                yield self._call(fetch_operations.KEYS, f"{within}/iam/keys/{file}", project, named, _of(fetch_iam.fetch_keys, name))
                policy = _of(fetch_iam.fetch_account_policy, name)
                yield self._call(fetch_operations.ACCOUNT_POLICY, f"{within}/iam/policies/{file}", project, named, policy)

        return calls

    def _providers(self, project: str) -> Callable[[Sequence[Any]], Iterable[Call]]:
        """Providers of each workload identity pool."""

        def calls(answers: Sequence[Any]) -> Iterator[Call]:
            for pool in _records(answers, "workloadIdentityPools"):
                name = str(pool["name"])
                short = name.rsplit("/", 1)[-1]
                listing = Listing(
                    host="iam.googleapis.com",
                    path=f"v1/{'/'.join(map(name_in_path, name.split('/')))}/providers",
                    resource=f"//iam.googleapis.com/{name}",
                    key="workloadIdentityPoolProviders",
                    params={"pageSize": "100"},
                )
                path = f"projects/{name_in_path(project)}/iam/providers/{name_in_path(short)}.json"
                yield self._call(fetch_operations.PROVIDERS, path, project, {"project": project, "pool": short}, _listing(listing))

        return calls

    def _versions(self, project: str) -> Callable[[Sequence[Any]], Iterable[Call]]:
        """Versions of each secret."""

        def calls(answers: Sequence[Any]) -> Iterator[Call]:
            for secret in _records(answers, "secrets"):
                name = str(secret["name"])
                short = name.rsplit("/", 1)[-1]
                path = f"projects/{name_in_path(project)}/secrets/{name_in_path(short)}.json"
                named = {"project": project, "secret": short}
                yield self._call(fetch_operations.SECRET_VERSIONS, path, project, named, _listing(secret_versions(name)))

        return calls

    def _denials(self, scope: str, within: str) -> Callable[[Sequence[Any]], Iterable[Call]]:
        """Each deny policy with its rules."""

        def calls(answers: Sequence[Any]) -> Iterator[Call]:
            for policy in _records(answers, "policies"):
                name = str(policy["name"])
                attached_to, short = parts(name)
                path, named = f"{within}/deny-policies/{name_in_path(short)}.json", {"policy": short, "attached_to": attached_to}
                yield self._call(fetch_operations.DENIAL, path, scope, named, _object("iam.googleapis.com", address(name)))

        return calls

    def _roles_in_use(self, project: str, within: str) -> Callable[[Sequence[Any]], Iterable[Call]]:
        """What the roles permit that are bound but not the project's own, as of today. Predefined ones are the same everywhere; where an
        organisation's cannot be read, that is unknown of each project that uses it.
        """

        def calls(answers: Sequence[Any]) -> Iterator[Call]:
            bindings = (binding for answer in answers for binding in answer["policy"].get("bindings", []))
            for role in sorted({str(binding["role"]) for binding in bindings}):
                short = name_in_path(role.rsplit("/", 1)[-1])
                if role.startswith("roles/"):
                    operation, path = fetch_operations.PREDEFINED_ROLE, f"roles/{short}.json"
                elif role.startswith("organizations/"):
                    operation, path = fetch_operations.ORGANIZATION_ROLE, f"{within}/iam/roles/{short}.json"
                else:
                    continue
                yield self._call(operation, path, project, {"role": role}, _of(fetch_iam.fetch_role, role))

        return calls

    # The organisation

    def _organization(self, number: str) -> Iterator[Call]:
        named = {"organization": number, "parent": f"organizations/{number}"}
        within = f"organizations/{name_in_path(number)}"
        yield self._call(
            fetch_operations.ORGANIZATION_POLICY,
            f"{within}/iam-policy.json",
            "*",
            named,
            lambda asked, token: fetch_policy_of(asked, within, token),
        )
        yield self._call(
            fetch_operations.ORGANIZATION_ROLES,
            f"{within}/iam/roles.json",
            "*",
            named,
            lambda asked, token: fetch_iam.fetch_roles(asked, within, token),
        )
        yield self._call(
            fetch_operations.ORGANIZATION_DENIALS,
            f"{within}/deny-policies.json",
            "*",
            named,
            _listing(denials(within)),
            self._denials("*", within),
        )
        for operation, file, listing in organization_listings(number, within):
            yield self._call(operation, f"{within}/{file}", "*", named, _listing(listing))
        for file, types, listing in assets(within):
            follow = self._projects_found if file == "assets/projects.json" and not self.options.projects else no_more
            yield self._call(fetch_operations.ASSETS, f"{within}/{file}", "*", {**named, "types": types}, _listing(listing), follow)

    def _projects_found(self, answers: Sequence[Any]) -> Iterator[Call]:
        """Every active project of the organisation."""
        found = {
            str(data["projectId"]) for data in _project_data(answers) if data.get("lifecycleState", data.get("state")) in (None, "ACTIVE")
        }
        for project in sorted(found):
            yield from self._project(project)

    def _call(
        self,
        operation: Operation,
        path: str,
        scope: str,
        named: dict[str, str],
        fetch: Fetch,
        then: Callable[[Sequence[Any]], Iterable[Call]] = no_more,
    ) -> Call:
        asked = Asked(clients=self.clients, operation=operation, scope=scope)
        return Call(
            path=path,
            service=operation.service,
            operation=operation.name,
            command=operation.command.format(**named),
            scope=scope,
            facts=operation.facts,
            tells=operation.tells,
            pages=lambda token: fetch(asked, token),
            clean=without_values,
            then=then,
        )


def plan(options: GcpOptions, clients: Clients | None = None) -> GcpPlan:
    """The calls for the options. Nothing is asked and no login is looked for until they are run."""
    return GcpPlan(options=options, clients=clients or fetch_clients(options.quota_project))


def _listing(listing: Listing) -> Fetch:
    return lambda asked, token: fetch_list(asked, listing, token)


def _object(host: str, path: str) -> Fetch:
    return lambda asked, token: fetch_object(asked, host, path, token)


def _of(fetch: Callable[[Asked, str, str | None], Pages], name: str) -> Fetch:
    return lambda asked, token: fetch(asked, name, token)


def _records(answers: Sequence[Any], key: str) -> Iterator[Any]:
    for answer in answers:
        yield from answer.get(key, [])


def _project_data(answers: Sequence[Any]) -> Iterator[Any]:
    for asset in _records(answers, "assets"):
        data = asset.get("resource", {}).get("data", {})
        if "projectId" in data:
            yield data
