"""Identity: which visitors, users and e-mail addresses are one person.

Two identifiers seen on one event, or said to be one person's by a claim, are joined; connected identifiers are one
person, named after the identifier that was seen first. Values that name nobody (``"null"``, ``"0"``, …) join nothing.
Unverified events join less: an identifier past its limit nobody, and never two user ids or two e-mail hashes. What is
not believed is kept as a refused edge.
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
    MERGED_ACCOUNTS,
    PARTS,
)


def _run(river: River) -> None:
    river.write(__name__, IDENTITY_PAIRS)
    solve(river)
    merged = components(river.read(__name__, "account_merges", MERGED_ACCOUNTS))
    river.put(MERGED_ACCOUNTS, merged.rename_columns(MERGED_ACCOUNTS.column_names))


def solve(river: River) -> None:
    """Say of the pairs that stand in ``identity_pairs`` which join, and whom."""
    river.write(__name__, IDENTIFIERS)
    pairs = river.read(__name__, "joining_pairs", COMPONENTS)
    connected = components(pairs)
    river.put(COMPONENTS, connected)
    river.put(PARTS, parts(pairs, connected))
    river.write(__name__, IDENTITY_EDGES)
    river.write(__name__, IDENTITIES)


STAGE = Stage("identity", (IDENTITY_PAIRS, IDENTIFIERS, IDENTITY_EDGES, IDENTITIES, MERGED_ACCOUNTS), _run)

__all__ = ["STAGE", "components", "parts", "solve"]
