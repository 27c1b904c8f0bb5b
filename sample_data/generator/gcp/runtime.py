"""What runs in a project: Cloud Run services, functions and machines, each with the account it runs as."""

from __future__ import annotations

from collections.abc import Iterator

from generator.chance import between, number
from generator.company import Quarter
from generator.dress import zulu
from generator.estate import Json
from generator.gcp.account_list import Line, lines
from generator.gcp.places import NONPROD, REGION, Project


def services(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud run services list`. One of nonprod's runs as the default account."""
    found = [_service(quarter, project, line.name, line.team, line.email) for line in _running(quarter, project, "run")]
    if project == NONPROD:
        found.append(_service(quarter, project, "hackday-demo", "portal", project.compute_default))
    return found


def _running(quarter: Quarter, project: Project, how: str) -> Iterator[Line]:
    return (line for line in sorted(lines(quarter, project), key=lambda line: line.name) if line.runs == how)


def _labels(project: Project, team: str) -> dict[str, str]:
    return {"environment": project.environment, "team": team}


def _service(quarter: Quarter, project: Project, name: str, team: str, account: str) -> Json:
    image = f"{REGION}-docker.pkg.dev/{project.id}/services/{name}:{quarter.label.lower()}"
    variables = [{"name": "ENVIRONMENT", "value": project.environment}, {"name": "LOG_LEVEL", "value": "info"}]
    container = {"env": variables, "image": image, "resources": {"limits": {"cpu": "1000m", "memory": "512Mi"}}}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {
            "annotations": {"run.googleapis.com/ingress": "internal-and-cloud-load-balancing"},
            "creationTimestamp": zulu(quarter.ago(200 + number("run", name) % 300)),
            "labels": {**_labels(project, team), "cloud.googleapis.com/location": REGION},
            "name": name,
            "namespace": project.number,
        },
        "spec": {"template": {"spec": {"containers": [container], "serviceAccountName": account}}},
        "status": {"url": f"https://{name}-{project.number}.{REGION}.run.app"},
    }


def functions(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud functions list --v2`."""
    return [
        {
            "buildConfig": {"entryPoint": "main", "runtime": "python313"},
            "environment": "GEN_2",
            "labels": _labels(project, line.team),
            "name": f"projects/{project.id}/locations/{REGION}/functions/{line.name}",
            "serviceConfig": {
                "environmentVariables": {"ENVIRONMENT": project.environment, "LOG_LEVEL": "info"},
                "serviceAccountEmail": line.email,
                "uri": f"https://{line.name}-{project.number}.{REGION}.run.app",
            },
            "state": "ACTIVE",
            "updateTime": zulu(quarter.ago(between(5, 80, "function", quarter.number, line.email))),
        }
        for line in _running(quarter, project, "function")
    ]


def machines(quarter: Quarter, project: Project) -> list[Json]:
    """`gcloud compute instances list`. One of nonprod's runs as the default account."""
    accounts = [(line.name, line.team, line.email) for how in ("vm", "gke") for line in _running(quarter, project, how)]
    nodes = [(f"gke-{name}-pool-1" if name.startswith("gke") else f"{name}-1", team, account) for name, team, account in accounts]
    # Pods with an account of their own run on the nodes' machines.
    nodes = [node for node in nodes if "gke-gke-tracking" not in node[0]]
    if project == NONPROD:
        nodes.append(("jumpbox-old", "platform", project.compute_default))
    zone = f"https://www.googleapis.com/compute/v1/projects/{project.id}/zones/{REGION}-b"
    return [
        {
            "creationTimestamp": quarter.ago(100 + number("vm", name) % 300).isoformat(timespec="milliseconds") + "-07:00",
            "id": str(10**18 + number("vm id", project.id, name) % 10**18),
            "kind": "compute#instance",
            "labels": _labels(project, team),
            "machineType": f"{zone}/machineTypes/e2-standard-2",
            "name": name,
            "selfLink": f"{zone}/instances/{name}",
            "serviceAccounts": [{"email": account, "scopes": ["https://www.googleapis.com/auth/cloud-platform"]}],
            "status": "RUNNING",
            "zone": zone,
        }
        for name, team, account in nodes
    ]
