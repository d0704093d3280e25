"""The attribution models: each is a file in ``attribution/weights``, and its header describes it.

>>> MODELS[0], MODELS[-1], FITTED_MODELS, REQUESTED_MODELS[0]
('FIRST_TOUCH', 'POSITION_BASED', ('MARKOV',), 'LAST_NON_DIRECT')
"""

from touchline.sql import branches

_FILES = {
    name.upper(): file
    for name, file in branches("touchline.attribution", "weights").items()
    if file.details.get("needs") != "rows"  # defines the models that are rows, such as an organization's own
}

MODELS: tuple[str, ...] = tuple(
    name for name, file in _FILES.items() if file.details.get("needs") != "fit" and "offered" not in file.details
)
"""The attribution models that every organization has, in display order."""

FITTED_MODELS: tuple[str, ...] = tuple(name for name, file in _FILES.items() if file.details.get("needs") == "fit")
"""The models that require a fit; shown after the others."""

REQUESTED_MODELS: tuple[str, ...] = tuple(name for name, file in _FILES.items() if "offered" in file.details)
"""The models that the Python functions compute if they are named, and that no organization has."""

RULE_MODELS: tuple[str, ...] = MODELS + REQUESTED_MODELS
"""The models that need no fit: those of every organization, then those on request."""

PATH_MODELS: tuple[str, ...] = tuple(
    name for name in RULE_MODELS if _FILES[name].reads == ("paths",) and _FILES[name].details.get("needs") != "times"
)
"""The rule models that look at the order of touches only, not at their times or at settings."""

SAYS = {name: file.details["says"] for name, file in _FILES.items()}
"""By model, its rule in one sentence."""

MEASURES: tuple[str, ...] = ("PARTICIPATION", "INFLUENCED")
"""What Adobe and Amplitude, and PostHog, call one measure of paths: the conversions on whose paths a channel is, each
whole. It is no credit: a conversion counts for each of its channels, so that it is in no link and in no sum."""
