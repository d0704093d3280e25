"""The attribution models: each is a file in ``attribution/weights``, and its header describes it.

>>> MODELS[0], MODELS[-1], FITTED_MODELS
('FIRST_TOUCH', 'POSITION_BASED', ('MARKOV',))
"""

from touchline.sql import branches

_FILES = branches("touchline.attribution", "weights")

MODELS: tuple[str, ...] = tuple(name.upper() for name, file in _FILES.items() if file.details.get("needs") != "fit")
"""The attribution models that every organization has, in display order."""

FITTED_MODELS: tuple[str, ...] = tuple(name.upper() for name in _FILES if name.upper() not in MODELS)
"""The models that require a fit; shown after the others."""

SAYS = {name.upper(): file.details["says"] for name, file in _FILES.items()}
"""By model, its rule in one sentence."""
