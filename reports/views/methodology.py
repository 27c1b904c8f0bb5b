"""The rules as data, for people: stages, placement rules, checks and thresholds, read from where scoring reads them."""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import Any

from reports.views.evidence import Rows
from scoring.catalogue import load
from scoring.least_privilege.use import Weight, weights
from scoring.rules import Stage, load_rules


def stages() -> list[Stage]:
    """The seven stages, lowest first."""
    return list(load_rules().stages)


def stage_name(number: int) -> str:
    """`S3 Configuration Secrets`."""
    return next(f"S{stage.number} {stage.name}" for stage in stages() if stage.number == number)


def rules_version() -> str:
    """Version of the placement rules in this installation; a snapshot carries the one it was judged by."""
    return load_rules().version


def placement_rules() -> Rows:
    """Mechanism, storage and qualifier to an interval, each with its reasons."""
    return [dataclasses.asdict(rule) for rule in load_rules().rules]


def bounds_on_copies() -> Rows:
    """How certain a static credential can be while a copy of it may stand where nobody looked."""
    return [dataclasses.asdict(bound) for bound in load_rules().bounds]


def storage_groups() -> Rows:
    """Which places to rest count as code, configuration and manager."""
    groups = load_rules().storage_groups
    return [
        {"group": group, "storage": ", ".join(place for place in groups if groups[place] == group)}
        for group in dict.fromkeys(groups.values())
    ]


@cache
def check_details() -> dict[str, dict[str, Any]]:
    """Check id -> the words of the product's catalogue: title, severity, subject, stage, needs, rationale, fix, maps_to, source."""
    names = ("title", "family", "severity", "subject", "stage", "rationale", "fix", "source")
    return {
        check.check_id: {
            "id": check.check_id,
            **{name: getattr(check, name) for name in names},
            "needs": [str(fact) for fact in check.needs],
            "maps_to": list(check.maps_to),
        }
        for check in load().checks
    }


def mapped_ids() -> dict[str, list[str]]:
    """Check id -> ids of the frameworks it speaks to. A user's own check, not in the product's catalogue, is absent."""
    return {check_id: details["maps_to"] for check_id, details in check_details().items()}


MEANS = {
    Weight.LOOK: "lists, reads, describes",
    Weight.CHANGE: "creates, changes, deletes, tags, runs",
    Weight.CONTROL: "changes who may do what: permissions, policies, keys and tokens of identities, every step of an escalation path",
}


def permission_weights() -> Rows:
    """The published weights of the permission-creep index."""
    return [{"name": weight.value, "weight": value, "means": MEANS[weight]} for weight, value in weights().items()]
