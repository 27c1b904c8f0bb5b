"""The template: whatever no export tells, a person can type in. One sheet per table of evidence, as XLSX or CSV.

What is typed in is declared: each row's evidence points at the template, storage carries the basis `declared`, and no row claims that
a list is complete. `nhi template` writes an empty one.
"""

from __future__ import annotations

from collectors.document import Collector, Format
from collectors.template.rows import matches, rows
from collectors.template.writing import write_template

COLLECTOR = Collector(
    name="template",
    formats=(
        Format(
            name="nhi-template",
            title="The fill-in template, XLSX or CSV: `nhi template FILE.xlsx` or `nhi template FOLDER` writes one",
            matches=matches,
            rows=rows,
        ),
    ),
)

__all__ = ["COLLECTOR", "write_template"]
