"""The same facts collected live and exported by hand give the same rows, whichever format reads them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from collectors.azure import COLLECTOR
from collectors.azure.fetch_session import Wire
from collectors.document import Document, Problem
from inventory.model import Row
from tests.collectors.live.azure_exports import EXPORTS
from tests.collectors.live.azure_fake import CANARY, Fake, make_certificate, serving
from tests.collectors.live.azure_tenant import SUBSCRIPTION, TENANT, fill_arm, fill_graph
from tests.collectors.live.test_azure import Bundle, Cloud, Credential, collect

ONLY_LIVE = {
    f"{TENANT}/arm/sign-in-diagnostic-settings.json": "the same page by az rest",
    f"{TENANT}/graph/default-app-management-policy.json": "the same object by az rest",
    f"{TENANT}/graph/directory-role-definitions.json": "the same page by az rest",
    f"{TENANT}/graph/directory-role-eligibility.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/deny-assignments.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/role-eligibility.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/role-assignment-schedules.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/scale-sets.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/container-app-jobs.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/container-groups.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/kubernetes-clusters.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/automation-accounts.json": "nothing in this tenant",
    f"{SUBSCRIPTION}/arm/data-factories.json": "nothing in this tenant",
}
"""Files without a hand-written export, and why."""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundle]:
    certificate = make_certificate(tmp_path_factory.mktemp("tls") / "server.pem")
    with serving(Fake(), certificate) as arm, serving(Fake(link="@odata.nextLink"), certificate) as graph:
        fill_arm(arm)
        fill_graph(graph)
        cloud = Cloud(
            arm=arm,
            graph=graph,
            wire=Wire(arm_url=arm.url, graph_url=graph.url, credential=Credential(), certificates=str(certificate)),
        )
        made = cloud.plan()
        yield collect(made)
        made.close()


def live(bundle: Bundle, name: str) -> tuple[str, list[Any]]:
    """Path and pages of the live file that has the name or starts with it."""
    (path,) = [path for path in bundle.pages if path == name or (name.endswith("/") and path.startswith(name))]
    return path, bundle.pages[path]


def rows(path: str, values: list[Any]) -> list[Row | Problem]:
    """What is read of the file. Its name is the same through both doors, so that evidence can be compared."""
    document = Document(source_id=path, values=tuple(values), scope=path.partition("/")[0], key=b"k")
    form = next(form for form in COLLECTOR.formats if form.matches(document))
    return sorted(form.rows(document), key=repr)


@pytest.mark.parametrize("name", EXPORTS)
def test_live_then_read_equals_export_then_read(bundle: Bundle, name: str) -> None:
    path, pages = live(bundle, name)

    through_live, through_export = rows(path, pages), rows(path, [EXPORTS[name]])

    assert through_live == through_export
    assert any(not isinstance(row, Problem) for row in through_live)
    assert CANARY not in repr(through_live)


def test_every_live_file_is_compared_or_named_here(bundle: Bundle) -> None:
    assert {live(bundle, name)[0] for name in EXPORTS} | set(ONLY_LIVE) == set(bundle.pages)


@pytest.mark.parametrize("path", [path for path, reason in ONLY_LIVE.items() if "az rest" in reason])
def test_what_az_rest_prints_is_recognised(bundle: Bundle, path: str) -> None:
    assert rows(path, bundle.pages[path])
