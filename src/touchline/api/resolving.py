"""Who is who, on any table of identifiers that were seen together."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from touchline.api.given import ArrowTable, is_text, table_of
from touchline.errors import InputError, UsageError
from touchline.identity.disputes import OPEN
from touchline.identity.graphs import Integers
from touchline.identity.limits import DEVICES_LIMIT, NAMES_LIMIT, Edges, limits_of
from touchline.identity.naming_nobody import naming_nobody
from touchline.identity.numbering import Nodes, numbered
from touchline.identity.person_names import person_ids
from touchline.identity.solving import REASONS, Rules, Solved, solve
from touchline.identity.tiers import TIERS, rank_of
from touchline.settings import OrganizationSettings

_ENDS = ("id_type_a", "id_a", "id_type_b", "id_b")
_COLUMNS = (*_ENDS, "observed_at", "tier")


@dataclass(frozen=True)
class ResolvedIdentities:
    """Who is who, and what was not believed."""

    identities: pa.Table
    """One row per id and period: ``id_type``, ``id``, ``person_id``, ``from`` and ``until`` (without the moment
    itself; null where there is no bound)."""
    refused: pa.Table
    """The edges that join nobody, as they were given, and their ``reason``: ``blocked_value``, ``unresolved``,
    ``over_limit``, ``two_unique_ids``, ``two_contacts``, ``too_many_changes`` or ``too_large``."""


def resolve_identities(
    edges: ArrowTable,
    *,
    unique_types: Sequence[str] = ("user", "user_id"),
    contact_types: Sequence[str] = ("email", "email_hash", "phone", "phone_hash"),
    limits: Mapping[str, tuple[int | None, int | None]] | None = None,
    blocked: Collection[str] = (),
    largest_group: int = OrganizationSettings.largest_group,
) -> ResolvedIdentities:
    """The person behind each id, from ids that were seen together.

    Connected ids are one person, but two ids of a unique type never are. Where they would be, an id of any type other
    than ``unique_types`` and ``contact_types`` is a device that several people use, each in their own time: it changes
    its person at the moment of an edge that names the other, and what was before the first belongs to the first. All
    else is decided in the order of tier, time and ids, whatever the order of the rows; see
    ``docs/explanation/identity.md``.

    :param edges: one row per observation: ``id_type_a``, ``id_a``, ``id_type_b``, ``id_b`` (text; ids can be integers;
        both of ``b`` null for an id that was seen alone), ``observed_at`` (timestamp) and ``tier``: ``strong_id``,
        ``email_validated``, ``claimed``, ``single_candidate``, ``email_unvalidated``, ``claimed_by_browser`` (what a
        page says without a signature: it joins no two persons who both have an id of one of the ``contact_types``) or
        ``unresolved`` (also ``unresolved_<source>``), which joins nobody. ``email_only``, ``single_id_exists`` and
        ``email_validated_…`` are read, too.
    :param unique_types: types of which a person has at most one id each.
    :param contact_types: types of which a person can have several ids, and each belongs to one person at all times.
    :param limits: for an id type, how many ids of it one other id may be linked with, ever and newly within any seven
        days; ``None``: any number. By default (100, None) for ``unique_types`` and ``contact_types`` and (1000, 200)
        for others. An id over a limit is not joined with any id of that type.
    :param blocked: your own values that name nobody, in addition to those that
        :func:`touchline.placeholders.names_somebody` recognizes, such as ``null`` or ``0000-0000``.
    :param largest_group: how many ids may hang together where rules decide; in a larger group, what only browsers claim
        joins nobody.
    :returns: the persons and the refused edges. A person is named after an id: the smallest of the first type that the
        person has, of ``unique_types``, ``contact_types``, and then the others by name, e.g. ``user:42``. Rows are in
        no particular order.
    :raises InputError: if a column is missing, has the wrong type, or contains nulls, or a tier is unknown.
    :raises UsageError: if an argument is out of range.

    Do not use it with fingerprints or IP addresses as ids: different people share them.

    >>> from datetime import datetime
    >>> seen = pa.table(
    ...     {
    ...         "id_type_a": ["device"] * 2,
    ...         "id_a": ["tablet"] * 2,
    ...         "id_type_b": ["user"] * 2,
    ...         "id_b": ["ada", "bob"],
    ...         "observed_at": [datetime(2026, 1, day) for day in (1, 2)],
    ...         "tier": ["strong_id"] * 2,
    ...     }
    ... )
    >>> people = resolve_identities(seen).identities.to_pylist()
    >>> [(row["person_id"], str(row["from"])) for row in people if row["id"] == "tablet"]
    [('user:ada', 'None'), ('user:bob', '2026-01-02 00:00:00')]
    """
    names = _checked_types(unique_types, contact_types)
    checked_limits = _checked_limits(limits or {})
    _require_texts("blocked", blocked)
    if type(largest_group) is not int or largest_group < 1:
        raise UsageError(
            f"largest_group is a whole number from 1 on, not {largest_group!r}.", "Leave it out for 10000."
        )
    rows = _edges(edges)
    nodes, one, other = numbered(rows)
    observed_at = np.asarray(rows["observed_at"].cast(pa.int64()), dtype=np.int64)
    types = nodes.types.to_pylist()
    rules = Rules(
        unique=[types.index(name) for name in unique_types if name in types],
        contacts=[types.index(name) for name in contact_types if name in types],
        is_device=np.array([name not in names for name in types], dtype=bool),
        limits=limits_of(types, names, checked_limits),
        largest=np.full(len(one), largest_group, dtype=np.int64),
    )
    names_nobody = naming_nobody(nodes.texts, blocked)[nodes.text_of]
    solved = solve(nodes, Edges(one, other, observed_at, _ranks(rows["tier"])), names_nobody, rules)
    by_rank = [types.index(name) for name in names if name in types]
    by_rank += np.flatnonzero(rules.is_device).tolist()
    return ResolvedIdentities(_identities(nodes, solved, by_rank), _refused(rows, solved))


def _checked_types(unique_types: Sequence[str], contact_types: Sequence[str]) -> list[str]:
    """All types of names, in the order in which persons are named by them."""
    _require_texts("unique_types", unique_types)
    _require_texts("contact_types", contact_types)
    names = [*unique_types, *contact_types]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"{', '.join(twice)} is listed twice in unique_types and contact_types.", "List each once.")
    return names


def _require_texts(name: str, given: Collection[str]) -> None:
    if isinstance(given, str) or not {type(value) for value in given} <= {str}:
        raise UsageError(f"{name} is a list of texts, not {given!r}.", f'Write e.g. {name}=["{"user"}"].')


def _checked_limits(
    given: Mapping[str, tuple[int | None, int | None]],
) -> Mapping[str, tuple[int | None, int | None]]:
    for kind, limit in given.items():
        if not _is_limit(limit):
            raise UsageError(
                f"The limit of {kind} is two numbers from 0 on, or None for any number, not {limit!r}.",
                f"Write (ever, within seven days), e.g. ({DEVICES_LIMIT.ever}, {DEVICES_LIMIT.per_week}) "
                f"or ({NAMES_LIMIT.ever}, None).",
            )
    return given


def _is_limit(given: object) -> bool:
    is_pair = isinstance(given, tuple | list) and len(given) == 2
    numbers = [number for number in given if number is not None] if isinstance(given, tuple | list) else []
    return is_pair and [number for number in numbers if type(number) is not int or number < 0] == []


def _edges(given: ArrowTable) -> pa.Table:
    """The checked edges, with ids as text; an id that was seen alone has an edge to itself."""
    rows = table_of("edges", given, _COLUMNS, time="observed_at").select(_COLUMNS)
    rows = _with_alone(rows)
    for name in _COLUMNS:
        kind = rows.schema.field(name).type
        if rows[name].null_count:
            raise InputError(f"{rows[name].null_count} of {rows.num_rows} edges have no {name}.", "Fill it.")
        if name in {"id_a", "id_b"} and pa.types.is_integer(kind):
            rows = rows.set_column(rows.column_names.index(name), name, rows[name].cast(pa.string()))
        elif name != "observed_at" and not is_text(kind):
            expected = "text or an integer" if name.startswith("id_") and "type" not in name else "text"
            raise InputError(f"edges.{name} is {expected}, not {kind}.", "Convert it.")
    return rows


def _with_alone(rows: pa.Table) -> pa.Table:
    """Ids that were seen alone, as edges to themselves."""
    if not rows["id_b"].null_count:
        return rows
    is_alone = pc.and_(pc.is_null(rows["id_b"]), pc.is_null(rows["id_type_b"]))
    for name in ("id_type", "id"):
        one, other = rows[f"{name}_a"], rows[f"{name}_b"]
        other = other.cast(one.type) if pa.types.is_null(other.type) else other
        if other.type != one.type:
            one, other = one.cast(pa.large_string()), other.cast(pa.large_string())
        rows = rows.set_column(rows.column_names.index(f"{name}_b"), f"{name}_b", pc.if_else(is_alone, one, other))
    return rows


def _ranks(tiers: pa.ChunkedArray) -> Integers:
    encoded = tiers.cast(pa.large_string()).dictionary_encode().unify_dictionaries().combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):  # no rows
        return np.zeros(0, dtype=np.int64)
    names = encoded.dictionary.to_pylist()
    unknown = sorted(name for name in names if rank_of(name) is None)
    if unknown:
        raise InputError(
            f"{', '.join(map(repr, unknown[:5]))} is no tier of identity.",
            f"Expected one of {', '.join(tier.name for tier in TIERS)}.",
        )
    ranks: Integers = np.array([rank_of(name) for name in names], dtype=np.int64)[np.asarray(encoded.indices)]
    return ranks


def _identities(nodes: Nodes, solved: Solved, types_by_rank: Sequence[int]) -> pa.Table:
    names = person_ids(nodes, solved.node, solved.person, types_by_rank)
    bounds = [pa.array(times, pa.timestamp("us"), mask=times == OPEN) for times in (solved.starts_at, solved.ends_at)]
    return pa.table(
        {
            "id_type": nodes.type_names(solved.node).cast(pa.string()),
            "id": nodes.ids(solved.node),
            "person_id": names.take(pa.array(solved.person)),
            "from": bounds[0],
            "until": bounds[1],
        }
    )


def _refused(rows: pa.Table, solved: Solved) -> pa.Table:
    refused = np.flatnonzero(solved.refusals)
    reasons = pa.array(REASONS, pa.string()).take(pa.array(solved.refusals[refused]))
    return rows.take(pa.array(refused)).append_column("reason", reasons)
