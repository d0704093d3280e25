"""Which measures of health there are: each is a file, and its header says what it is.

Rates are in ``health_measures``, volumes in ``health_volumes``. What tables of whole days say already is stored
nowhere: :mod:`touchline.reports.day_measures` has those measures.

>>> MEANINGS["no_touch_rate"], WORSE_SIDE["no_touch_rate"]
('Conversions with no touch at all', 'above')
>>> MEASURES["no_touch_rate"].owner, MEASURES["no_touch_rate"].slices
('engineering', ('goal',))
"""

from dataclasses import dataclass

from touchline.sql import Query, branches

SLICES = ("goal", "channel", "platform")
"""By what a measure's day may be parted: columns of its rows."""

OWNERS = ("marketing", "engineering", "analytics", "ad platform")
"""Who fixes what a measure shows: who has the links and campaigns, the tags and servers, the settings of Touchline, or
sells the ads."""


@dataclass(frozen=True)
class Measure:
    """What the header of a measure's file says."""

    name: str
    meaning: str
    numerator: str
    """What is counted above the line, in words."""
    denominator: str
    worse: str
    """``above`` or ``below``: the side on which less is known than usual."""
    owner: str
    """One of :data:`OWNERS`."""
    slices: tuple[str, ...]
    """Those of :data:`SLICES` by which it is known."""
    is_judged: bool
    """Whether a day outside its usual limits is a signal; else it is shown only."""
    needs_case: bool
    """Whether it is not known before the first case: a home that collects none of it is not at 0 %."""


def measure_of(name: str, file: Query) -> Measure:
    """What the file of a measure says of it."""
    said = file.details
    return Measure(
        name=name,
        meaning=said["says"],
        numerator=said["numerator"],
        denominator=said["denominator"],
        worse=said["worse"],
        owner=said["owner"],
        slices=tuple(said.get("slices", "").split()),
        is_judged="judged" not in said,
        needs_case=said.get("needs") == "a case",
    )


MEASURES = {name: measure_of(name, file) for name, file in branches("touchline.health", "health_measures").items()}
"""Every stored rate by name, in the order in which they are shown."""

MEANINGS = {name: measure.meaning for name, measure in MEASURES.items()}
"""By measure, in the order in which they are shown, what it says."""

WORSE_SIDE = {name: one.worse if one.is_judged else "neither" for name, one in MEASURES.items()}
"""By measure, the side of its limits, ``above`` or ``below``, on which less is known than usual; the other is fine.

``neither``: no day of it is a signal.
"""

_VOLUMES = branches("touchline.health", "health_volumes")

VOLUMES = {name: file.details["says"] for name, file in _VOLUMES.items()}
"""By volume, in the order in which they are shown, what it says. Of volumes, less is worse."""

OWNER_OF = {name: one.owner for name, one in MEASURES.items()} | {
    name: file.details["owner"] for name, file in _VOLUMES.items()
}
"""By measure and volume, who fixes what it shows."""
