"""Which units a run recomputes, and what each statement sees of the tables.

A rebuild reads and replaces everything. A run replaces the units that new events and costs affect, and shows each
statement only those units and what they need; to daily sums it adds the units' new amounts and subtracts the old ones.
A new fit makes the links again that follow from it, and their sums. No other module handles increments.
"""

from touchline.scope.refitting import refit
from touchline.scope.river import Rebuild, Run, TableWritten
from touchline.scope.units import UNITS, Unit

__all__ = ["UNITS", "Rebuild", "Run", "TableWritten", "Unit", "refit"]
