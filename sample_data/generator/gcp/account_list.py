"""Every service account, one line each, and where its user-managed key rests in the second and in the third quarter.

Words for a quarter: `native` no user-managed key; `code`, `shared`, `isolated`, `ci`, `manager` a key, declared to rest there; `unknown` a key of
which nobody said where it rests; `retired` only a disabled or expired key; `hmac` a storage HMAC key; `off` the account is disabled; `-` not there.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.company import Quarter
from generator.gcp.places import PROJECTS, Project

ACCOUNTS = """
# project name            team        runs     Q2       Q3       role
prod route-tiles          routing     run      native   native   roles/storage.objectViewer
prod eta-vertex           routing     run      native   native   roles/aiplatform.user
prod address-geocoder     routing     run      unknown  native   roles/storage.objectViewer
prod traffic-ingest       routing     function isolated native   roles/pubsub.publisher
prod depot-heatmap        routing     function native   native   roles/bigquery.dataViewer
prod carrier-tracking-feed carriers   run      native   native   roles/pubsub.publisher
prod carrier-sftp-bridge  carriers    vm       isolated isolated roles/storage.objectAdmin
prod customs-forms-ocr    carriers    function native   native   roles/documentai.apiUser
prod label-archive        carriers    run      native   native   roles/storage.objectCreator
prod gke-tracking         carriers    gke      native   native   roles/pubsub.subscriber
prod tracking-replay      carriers    run      native   native   roles/pubsub.editor
prod portal-maps          portal      run      native   native   roles/storage.objectViewer
prod portal-push          portal      function retired  retired  roles/firebasecloudmessaging.admin
prod mobile-config        portal      -        code     code     roles/firebase.admin
prod payments-fraud-score payments    run      native   native   roles/aiplatform.user
prod settlement-export    payments    -        manager  manager  roles/storage.objectCreator
prod dispute-archive      payments    function shared   native   roles/storage.objectAdmin
prod ledger-bq-export     ledger      -        unknown  manager  roles/bigquery.dataEditor
prod release-orchestrator platform    github   native   native   roles/run.developer
prod release-deployer     platform    -        native   native   roles/editor
prod tf-apply             platform    aws      native   native   roles/owner
prod log-sink             platform    function native   native   roles/logging.configWriter
prod backup-verifier      platform    vm       native   native   roles/storage.objectViewer
prod gke-nodes            platform    gke      native   native   roles/container.nodeServiceAccount
prod image-scan           security    run      native   native   roles/artifactregistry.reader
prod old-translate        carriers    -        off      off      roles/cloudtranslate.user
prod docai-batch          document-ai run      -        native   roles/documentai.apiUser
prod docai-review         document-ai function -        native   roles/storage.objectViewer
nonprod route-tiles-stg   routing     run      native   native   roles/storage.objectViewer
nonprod eta-vertex-stg    routing     run      native   native   roles/aiplatform.user
nonprod address-geocoder-dev routing  function unknown  unknown  roles/storage.objectViewer
nonprod carrier-feed-stg  carriers    run      native   native   roles/pubsub.publisher
nonprod staging-replay    carriers    run      native   native   roles/pubsub.editor
nonprod gke-tracking-stg  carriers    gke      native   native   roles/pubsub.subscriber
nonprod customs-ocr-dev   carriers    function native   native   roles/documentai.apiUser
nonprod portal-maps-stg   portal      run      native   native   roles/storage.objectViewer
nonprod portal-push-dev   portal      function native   native   roles/firebasecloudmessaging.admin
nonprod qa-e2e            portal      -        shared   shared   roles/editor
nonprod fraud-score-stg   payments    run      native   native   roles/aiplatform.user
nonprod loadtest          platform    vm       native   native   roles/owner
nonprod ci-preview        platform    github   native   native   roles/run.developer
nonprod devbox            platform    vm       native   native   roles/compute.instanceAdmin.v1
nonprod gke-nodes-stg     platform    gke      native   native   roles/container.nodeServiceAccount
nonprod ci-legacy         platform    -        ci       ci       roles/artifactregistry.writer
nonprod docs-sandbox      document-ai function -        native   roles/documentai.apiUser
data warehouse-loader     data        run      native   native   roles/bigquery.dataEditor
data dbt-runner           data        run      native   native   roles/bigquery.admin
data looker-connector     data        -        manager  manager  roles/bigquery.dataViewer
data report-exporter      data        run      hmac     hmac     roles/storage.objectAdmin
data feature-store-sync   data        function native   native   roles/bigquery.dataEditor
data airflow-worker       data        vm       native   native   roles/dataproc.editor
data airflow-scheduler    data        vm       native   native   roles/composer.worker
data notebook-users       data        vm       unknown  unknown  roles/bigquery.jobUser
data dataform-runner      data        function native   native   roles/dataform.editor
data pii-scrubber         security    run      native   native   roles/dlp.user
data etl-vendor-sync      data        -        unknown  unknown  roles/bigquery.dataOwner
data parcel-events-stream data        function native   native   roles/pubsub.subscriber
data ledger-mart          ledger      run      native   native   roles/bigquery.dataViewer
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    project: Project
    name: str
    team: str
    runs: str
    """run, function, vm, gke, github, aws or -: what uses the account."""
    rests: tuple[str, str]
    role: str
    """Granted on the project."""

    def rest(self, quarter: Quarter) -> str:
        return self.rests[quarter.number - 2]

    @property
    def email(self) -> str:
        return self.project.email(self.name)


_BY_ALIAS = {project.alias: project for project in PROJECTS}
LINES = tuple(
    Line(project=_BY_ALIAS[alias], name=name, team=team, runs=runs, rests=(second, third), role=role)
    for alias, name, team, runs, second, third, role in (line.split() for line in ACCOUNTS.strip().splitlines()[1:])
)


def lines(quarter: Quarter, project: Project) -> tuple[Line, ...]:
    """Accounts of a project that exist in a quarter."""
    return tuple(line for line in LINES if line.project == project and line.rest(quarter) != "-")
