"""Identity: which visitors, users and e-mail addresses are one person.

Two identifiers seen on one event, or said to be one person's by a claim, are joined; connected identifiers are one
person, named after the identifier that was seen first. Values that name nobody (``"null"``, ``"0"``, …) join nothing.
Two user ids are never one person's: a browser that several people use belongs to each in their own time.
Unverified events join less: an identifier past its limit nobody, and never two e-mail hashes. What is not believed is
kept as a refused edge.
"""

from touchline.identity.components import components
from touchline.identity.parts import parts
from touchline.stage import River, Stage
from touchline.tables import (
    COMPONENTS,
    IDENTIFIERS,
    IDENTITIES,
    IDENTITY_EDGES,
    IDENTITY_PAIRS,
    IDENTITY_SIGHTINGS,
    MERGED_ACCOUNTS,
    PARTS,
    REFUSED_PAIRS,
)


def _run(river: River) -> None:
    river.write(__name__, IDENTITY_PAIRS)
    river.write(__name__, IDENTITY_SIGHTINGS)
    solve(river)
    merged = components(river.read(__name__, "account_merges", MERGED_ACCOUNTS))
    river.put(MERGED_ACCOUNTS, merged.rename_columns(MERGED_ACCOUNTS.column_names))


def solve(river: River) -> None:
    """Say of the pairs that stand in ``identity_pairs`` which join, and whom."""
    river.write(__name__, IDENTIFIERS)
    river.put(COMPONENTS, components(river.read(__name__, "joining_pairs", COMPONENTS)))
    parted, refused = parts(river.read(__name__, "disputed_edges", PARTS))
    river.put(PARTS, parted)
    river.put(REFUSED_PAIRS, refused)
    river.write(__name__, IDENTITY_EDGES)
    river.write(__name__, IDENTITIES)


STAGE = Stage(
    "identity", (IDENTITY_PAIRS, IDENTITY_SIGHTINGS, IDENTIFIERS, IDENTITY_EDGES, IDENTITIES, MERGED_ACCOUNTS), _run
)

__all__ = ["STAGE", "components", "parts", "solve"]
