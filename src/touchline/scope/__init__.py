"""Which units a run recomputes, and what each statement sees of the tables.

A rebuild sees everything and replaces everything. A run replaces the units that new events and costs touch, and shows
each statement those units and what they need; to sums by day it adds what those units give, less what they gave.
Nothing else in Touchline knows about increments.
"""

from touchline.scope.river import Rebuild, Run, TableWritten
from touchline.scope.units import UNITS, Unit

__all__ = ["UNITS", "Rebuild", "Run", "TableWritten", "Unit"]
