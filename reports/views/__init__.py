"""The questions that pages, reports and the command line ask of a snapshot, answered with plain rows.

All SQL of the reports layer is here, and no Streamlit: a view is a function of a database. Views count and arrange what
scoring judged; they never judge, and a value nobody knows stays None.
"""

from reports.views.evidence import located
from reports.views.findings import findings
from reports.views.moves import next_moves
from reports.views.risks import top_risks
from reports.views.summary import summary

__all__ = ["findings", "located", "next_moves", "summary", "top_risks"]
