"""Sessions: visits, the touchpoints in them, and the conversions of the goals that the organization named.

A session is a run of one visitor's events without a pause; the organization's settings say how long one is, and what
else begins a session. A touchpoint is a landing, or new evidence of a source inside a session, whatever the type of the
event. A conversion is a goal reached, corrected by refunds, cancellations and tests; the evidence of its session counts
as before it.
"""

from touchline.stage import River, Stage
from touchline.tables import CONVERSIONS, CORRECTIONS, SESSION_EVENTS, SESSIONS, SOURCE_HITS, TOUCHPOINTS

_TABLES = (CORRECTIONS, SESSION_EVENTS, SESSIONS, CONVERSIONS, SOURCE_HITS, TOUCHPOINTS)


def _run(river: River) -> None:
    for table in _TABLES:
        river.write(__name__, table)


STAGE = Stage("sessions", _TABLES, _run)
