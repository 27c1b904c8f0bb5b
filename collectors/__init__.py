"""Where evidence comes from. COLLECTORS is the whole list: a new source is a module and one line here."""

from __future__ import annotations

from collectors import aws, gcp, secret_scanners, template
from collectors.document import Collector

COLLECTORS: tuple[Collector, ...] = (
    aws.COLLECTOR,
    gcp.COLLECTOR,
    secret_scanners.COLLECTOR,
    template.COLLECTOR,
)
