"""Attribution: the touches that led to each conversion, and the credit that each model gives them.

Credit is an integer number of billionths of a conversion, and value an integer number of micros; both come from
cumulative rounding along the path, so that they add up to one conversion and its value exactly, on every engine.
"""

from touchline.stage import River, Stage
from touchline.tables import ACCOUNT_MEMBERS, ATTRIBUTION_LINKS, CROWDED_PERSONS, FIRST_REACHES, PATHS

_TABLES = (ACCOUNT_MEMBERS, CROWDED_PERSONS, FIRST_REACHES, PATHS, ATTRIBUTION_LINKS)


def _run(river: River) -> None:
    for table in _TABLES:
        river.write(__name__, table)


STAGE = Stage("attribution", _TABLES, _run)
