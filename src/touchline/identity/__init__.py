"""Identity: which visitors, users and e-mail addresses are one person.

Two identifiers seen on one event, or said to be one person's by a claim, are joined; connected identifiers are one
person, named after the identifier that was seen first. Values that name nobody (``"null"``, ``"0"``, …) join nothing:
their edges are kept, refused.
"""

from touchline.identity.components import components
from touchline.stage import River, Stage
from touchline.tables import COMPONENTS, IDENTITIES, IDENTITY_EDGES


def _run(river: River) -> None:
    river.write(__name__, IDENTITY_EDGES)
    river.put(COMPONENTS, components(river.read(__name__, "joined_identifiers", IDENTITIES)))
    river.write(__name__, IDENTITIES)


STAGE = Stage("identity", (IDENTITY_EDGES, IDENTITIES), _run)

__all__ = ["STAGE", "components"]
