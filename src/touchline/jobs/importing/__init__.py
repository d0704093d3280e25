"""Files in: events, which are checked as a whole and stored in short transactions, and ad costs."""

from touchline.jobs.importing.costs import COST_SOURCE, CostQuery, import_costs, import_from, load_costs
from touchline.jobs.importing.events import KEPT_OF_NOISE, Format, import_events, intake
from touchline.jobs.importing.overlaps import Overlap, OverlapError
from touchline.jobs.importing.report import ImportReport
from touchline.jobs.importing.workers import chunked

__all__ = [
    "COST_SOURCE", "KEPT_OF_NOISE", "CostQuery", "Format", "ImportReport", "Overlap", "OverlapError", "chunked",
    "import_costs", "import_events", "import_from", "intake", "load_costs",
]  # fmt: skip
