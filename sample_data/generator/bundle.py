"""Writes a quarter's evidence bundle: the files, and the manifest that says what they are and what is missing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from generator.company import ORGANISATION, Quarter
from generator.dress import pretty, zulu
from generator.estate import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    path: str
    text: str
    source: str
    """aws, gcp, azure, secret_scanners or template."""
    command: str
    scope: str | None
    """Account, project, tenant, subscription or repository; None: several."""
    collected_at: datetime | None = None
    """None: with the rest."""


@dataclass(slots=True, kw_only=True)
class Bundle:
    quarter: Quarter
    files: list[File] = field(default_factory=list)
    not_collected: list[Json] = field(default_factory=list)

    def miss(self, fact: str, scope: str, status: str, reason: str) -> None:
        self.not_collected.append({"fact": fact, "scope": scope, "status": status, "reason": reason})

    def manifest(self) -> Json:
        return {
            "bundle_version": 1,
            "organisation": ORGANISATION,
            "label": self.quarter.label,
            "as_of": zulu(self.quarter.as_of),
            "files": [self._entry(file) for file in self.files],
            "not_collected": self.not_collected,
        }

    def _entry(self, file: File) -> Json:
        return {
            "path": file.path,
            "source": file.source,
            "command": file.command,
            "scope": file.scope,
            "collected_at": zulu(file.collected_at or self.quarter.collected),
            "sha256": hashlib.sha256(file.text.encode()).hexdigest(),
        }

    def write(self, folder: Path) -> None:
        """Write everything below an existing or new folder, the manifest last."""
        for file in self.files:
            path = folder / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file.text, encoding="utf-8", newline="")
        (folder / "manifest.json").write_text(pretty(self.manifest()), encoding="utf-8", newline="")
