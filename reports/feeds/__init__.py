"""Feeds: one snapshot in the formats of other tools. A new one is a file here and a line of FEEDS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reports.feeds.asff import asff
from reports.feeds.feed import Source
from reports.feeds.ocsf import ocsf
from reports.feeds.opengraph import opengraph
from reports.feeds.oscal import oscal
from reports.feeds.prometheus import prometheus
from reports.feeds.sarif import sarif
from reports.feeds.tickets import tickets


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One format."""

    name: str
    title: str
    mime: str
    write: Callable[[Source], Iterator[str]]
    """Yields the text in pieces."""
    by_line: bool = False
    """Each line is a document of its own."""
    needs_aws: bool = False
    """Asks for an account and a region to send to."""


FEEDS = (
    Feed(name="sarif", title="SARIF 2.1.0: code scanning", mime="application/sarif+json", write=sarif),
    Feed(name="ocsf", title="OCSF Compliance Finding, JSON lines", mime="application/x-ndjson", write=ocsf, by_line=True),
    Feed(name="asff", title="AWS Security Hub, a request a line", mime="application/x-ndjson", write=asff, by_line=True, needs_aws=True),
    Feed(name="opengraph", title="BloodHound OpenGraph", mime="application/json", write=opengraph),
    Feed(name="prometheus", title="Prometheus textfile", mime="text/plain; version=0.0.4; charset=utf-8", write=prometheus),
    Feed(name="oscal", title="OSCAL assessment results", mime="application/json", write=oscal),
    Feed(name="tickets", title="CSV for Jira and ServiceNow", mime="text/csv; charset=utf-8", write=tickets),
)
BY_NAME = {feed.name: feed for feed in FEEDS}
