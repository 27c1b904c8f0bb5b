"""The company's Google Cloud: organisation, projects and workload identity pools. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ORGANISATION_NUMBER = "100000000001"
"""Numbers of this round form are nobody's."""
REGION = "europe-west1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    alias: str
    """Folder name."""
    number: str
    environment: str
    created: datetime
    owner: str
    """Label: labels hold no @ and no dot."""

    @property
    def id(self) -> str:
        return f"quillhaven-{self.alias}"

    @property
    def compute_default(self) -> str:
        return f"{self.number}-compute@developer.gserviceaccount.com"

    @property
    def app_engine_default(self) -> str:
        return f"{self.id}@appspot.gserviceaccount.com"

    def email(self, name: str) -> str:
        return f"{name}@{self.id}.iam.gserviceaccount.com"

    def pool(self, name: str) -> str:
        return f"projects/{self.number}/locations/global/workloadIdentityPools/{name}"


PROD = Project(alias="prod", number="120000000101", environment="production", created=datetime(2021, 6, 8, 9, 2, 11), owner="dana-kovacs")
NONPROD = Project(
    alias="nonprod", number="120000000202", environment="staging", created=datetime(2021, 6, 8, 9, 14, 40), owner="joel-abara"
)
DATA = Project(
    alias="data", number="120000000303", environment="production", created=datetime(2022, 2, 21, 13, 30, 5), owner="oskar-nyberg"
)
PROJECTS = (PROD, NONPROD, DATA)
