"""Which measures of health there are: each is a file, and its header says what it is.

Rates are in ``health_measures``, volumes in ``health_volumes``.

>>> MEANINGS["no_touch_rate"], WORSE_SIDE["no_touch_rate"]
('Conversions with no touch at all', 'above')
"""

from touchline.sql import branches

_FILES = branches("touchline.health", "health_measures")

MEANINGS = {name: file.details["says"] for name, file in _FILES.items()}
"""By measure, in the order in which they are shown, what it says."""

WORSE_SIDE = {name: file.details["worse"] for name, file in _FILES.items()}
"""By measure, the side of its limits, ``above`` or ``below``, on which less is known than usual; the other is fine."""

VOLUMES = {name: file.details["says"] for name, file in branches("touchline.health", "health_volumes").items()}
"""By volume, in the order in which they are shown, what it says. Of volumes, less is worse."""
