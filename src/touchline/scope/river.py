"""The river as a stage sees it: whole in a rebuild, narrowed to the changed units in a run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from touchline.engines import Engine, IncrementalEngine
from touchline.engines.protocol import Workbench
from touchline.scope.adding import Added, Sums
from touchline.scope.units import made, part_of, unit_of
from touchline.sql import Query, query
from touchline.table import Table
from touchline.tables import (
    ACCOUNT_MEMBERS,
    AD_COSTS,
    ALL,
    ATTRIBUTION_LINKS,
    COMPONENTS,
    CONVERSIONS,
    CORRECTIONS,
    FIRST_REACHES,
    IDENTIFIERS,
    IDENTITIES,
    IDENTITY_CLAIMS,
    IDENTITY_PAIRS,
    IDENTITY_SIGHTINGS,
    PARTS,
    PATHS,
    REFUSED_PAIRS,
    SESSION_EVENTS,
    SESSIONS,
    SOURCE_HITS,
    TOUCHPOINTS,
    TRACKING_EVENTS,
)

TableWritten = Callable[[str, int], None]
"""Receives the name of each table that was written, and the number of rows written."""


class Rebuild:
    """Every statement sees every row, and every table is replaced whole."""

    def __init__(self, engine: Engine, told: TableWritten) -> None:
        self._engine = engine
        self._told = told

    def write(self, package: str, table: Table) -> None:
        """Replace the rows of ``table`` by the result of ``<package>/<table>.sql``."""
        defined = query(package, table.name)
        self._before(table)
        rows = self._engine.replace(table, defined.text, self._views(defined, table), self._scope(table))
        self._after(table, rows)

    def put(self, table: Table, rows: pa.Table) -> None:
        """Replace the rows of ``table`` by ``rows``, which Python code computed."""
        self._before(table)
        self._engine.remove(table, self._scope(table))
        self._after(table, self._engine.append(table, rows))

    def read(self, package: str, name: str, table: Table) -> pa.Table:
        """The result of ``<package>/<name>.sql``, which reads what a statement that writes ``table`` would read."""
        defined = query(package, name)
        return self._engine.select(defined.text, self._views(defined, table))

    def _before(self, table: Table) -> None:
        """Nothing to prepare where everything is replaced."""

    def _after(self, table: Table, rows: int) -> None:
        self._told(table.name, rows)

    def _scope(self, _table: Table) -> str | None:
        return None

    def _views(self, _defined: Query, _table: Table) -> Mapping[str, str]:
        return {}


class Run(Rebuild):
    """Every statement sees the changed units and what they need, and only those are replaced.

    The units are computed between the writes, each as soon as its input is written: :data:`BEFORE` and :data:`AFTER`
    list them by the table that is written next, or was written last. Rows of a large table that several statements
    need are read once, and kept.

    :param added: the tables of sums, each with the package that defines it.
    """

    def __init__(self, engine: IncrementalEngine, told: TableWritten, added: Added) -> None:
        super().__init__(engine, told)
        self._bench: Workbench = engine
        self._added = added
        self._kept: dict[str, int] = {}
        self._sums = Sums(engine, self._kept)

    def write(self, package: str, table: Table) -> None:
        """Replace the changed units' rows of ``table``; if it is large, they are kept in the relation :func:`made`.

        In a table of sums, add the new amounts of the units and subtract the old ones. If no unit changed, nothing is
        computed: an engine plans a statement at length, however few rows it reads.
        """
        if table.sums:
            self._told(table.name, self._sums.add(query(package, table.name), table))
            return
        self._before(table)
        rows = 0
        if table.sought:
            rows = self._made(query(package, table.name), table)
        elif self._has_units(unit_of(table).scope):
            defined = query(package, table.name)
            rows = self._engine.replace(table, defined.text, self._views(defined, table), self._scope(table))
        self._after(table, rows)

    def _has_units(self, scope: str | None) -> bool:
        """Whether any unit of ``scope`` changed."""
        return scope is None or self._kept[scope] > 0

    def _made(self, defined: Query, table: Table) -> int:
        """Keep the changed units' rows of a large table, and replace those that stand; returns the rows written."""
        columns, name, scope = ", ".join(table.column_names), made(table.name), self._scope(table)
        if self._has_units(unit_of(table).scope):
            select = f"select {columns} from ({defined.text}) as made"
            self._kept[name] = self._bench.keep(name, select, self._views(defined, table))
        else:
            self._kept[name] = self._bench.keep(name, f"select {columns} from {table.name} where 1 = 0")
        rows = self._engine.replace(table, f"select {columns} from {name}", {}, scope) if self._has_units(scope) else 0
        return rows + (self._replace_changed(table) if table in OF_CROWDED else 0)

    def _replace_changed(self, table: Table) -> int:
        """Replace only those rows of crowded persons that differ; returns the number of rows written."""
        columns, by = ", ".join(table.column_names), tuple(dict.fromkeys((*table.unit, *table.key)))
        changed, differing = f"changed_{table.name}", f"select {', '.join(by)} from {table.name} where 1 = 0"
        if self._has_units("scope_crowded"):
            differing = _differing(table, by)
        self._kept[changed] = self._bench.keep(changed, differing)
        if not self._kept[changed]:
            return 0
        return self._engine.replace(
            replace(table, unit=by), f"select {columns} from {made(table.name)}", {}, changed
        )  # fmt: skip

    def _before(self, table: Table) -> None:
        for step in BEFORE.get(table.name, ()):
            self._take(step)
        if table is ATTRIBUTION_LINKS:  # the old rows that the sums are made from are kept already
            for package, summed in self._added:
                self._sums.hold(query(package, summed.name), summed)

    def _after(self, table: Table, rows: int) -> None:
        super()._after(table, rows)
        for step in AFTER.get(table.name, ()):
            self._take(step)

    def _take(self, step: "Step") -> None:
        if isinstance(step, Seek):
            self._bench.narrow(step.view, step.table, step.by, step.scope)
            self._kept.pop(step.view, None)
            if self._kept.get(step.scope) == 0:
                self._kept[step.view] = 0
            return
        if isinstance(step, Bind):
            self._bench.bind(step.view, " union all ".join(f"select * from {part}" for part in step.parts))
            if self._kept.keys() >= {*step.parts}:
                self._kept[step.view] = sum(self._kept[part] for part in step.parts)
            return
        parts = [f"select * from {s[1:]}" if s.startswith("=") else query(__package__, s).text for s in step.selects]
        union = " union ".join(f"select * from ({part}) as part" for part in parts)
        self._kept[step.name] = self._bench.keep(step.name, union)

    def _scope(self, table: Table) -> str | None:
        return "scope_ordinary" if table in OF_CROWDED else unit_of(table).scope

    def _views(self, defined: Query, table: Table) -> Mapping[str, str]:
        parts = {name: part for name in defined.reads if (part := part_of(ALL[name], table))}
        for name, part in parts.items():
            if part.by:
                self._bench.narrow(part.relation, ALL[name], part.by, part.scope)
        return {name: part.relation for name, part in parts.items()}


@dataclass(frozen=True)
class Seek:
    """Define ``view`` as the rows of ``table`` whose columns ``by`` are in ``scope``."""

    view: str
    table: Table
    by: tuple[str, ...]
    scope: str


@dataclass(frozen=True)
class Keep:
    """Keep as ``name`` the union of the named queries' results and of the relations named with an ``=``."""

    name: str
    selects: tuple[str, ...]


@dataclass(frozen=True)
class Bind:
    """Define ``view`` as the rows of all ``parts``, which have no row in common."""

    view: str
    parts: tuple[str, ...]


Step = Seek | Keep | Bind

_ACCOUNT = ("organization_id", "account_id")
_IDENTIFIER = ("organization_id", "identifier")
_LINKED = ("organization_id", "linked_identifier")
_COMPONENT = ("organization_id", "component")
_CONVERSION = ("conversion_id",)
_ORDER = ("site_id", "order_id")
_PERSON = ("person_id",)

OF_CROWDED = (SESSION_EVENTS, SESSIONS, SOURCE_HITS, TOUCHPOINTS, CONVERSIONS)
"""Tables with many rows of one crowded person, who is in every run; their rows are replaced one by one."""


def of_crowded(table: Table) -> str:
    """The view of the crowded persons' stored rows, which do not change until the run replaces those that differ.

    >>> of_crowded(SESSIONS)
    'sessions_of_crowded'
    """
    return f"{table.name}_of_crowded"


def _differing(table: Table, by: tuple[str, ...]) -> str:
    """A query for the keys of the crowded persons' rows that were added, removed, or changed."""
    now = f"select * from {made(table.name)} where person_id in (select person_id from scope_crowded)"
    differs = " or ".join(f"n.{name} is distinct from t.{name}" for name in table.column_names)
    keys = ", ".join(f"coalesce(n.{name}, t.{name}) as {name}" for name in by)
    same = " and ".join(f"n.{name} = t.{name}" for name in by)
    return f"select {keys} from ({now}) as n full join {of_crowded(table)} as t on {same} where {differs}"


BEFORE: Mapping[str, tuple[Step, ...]] = {
    "identity_pairs": (
        Keep("scope_touched", ("identifiers_touched",)),
        Seek("sought_events", TRACKING_EVENTS, _IDENTIFIER, "scope_touched"),
        Keep("events_of_touched", ("events_of_identifiers",)),
        Seek("claims_of_touched", IDENTITY_CLAIMS, _IDENTIFIER, "scope_touched"),
    ),
    "identifiers": (
        Keep("scope_touched_links", ("links_touched",)),
        Seek("sought_pairs", IDENTITY_PAIRS, _LINKED, "scope_touched_links"),
        Keep("pairs_of_touched", ("=made_identity_pairs", "pairs_of_others")),
        Seek("sought_identifiers", IDENTIFIERS, _IDENTIFIER, "scope_touched"),
        Keep("identifiers_before", ("=sought_identifiers",)),
    ),
    "identities": (
        Keep("identifiers_of_closed", ("identifiers_within",)),
        Seek("sought_identities", IDENTITIES, _IDENTIFIER, "scope_closed"),
        Keep("identities_before", ("=sought_identities",)),
    ),
    "corrections": (
        Keep("scope_remerged", ("accounts_remerged",)),
        Seek("members_of_remerged", ACCOUNT_MEMBERS, _ACCOUNT, "scope_remerged"),
        Keep("scope_orders_named", ("orders_named",)),
        Seek("sought_corrections", CORRECTIONS, _ORDER, "scope_orders_named"),
        Keep("scope_orders", ("orders",)),
        Seek("corrections_of_orders", CORRECTIONS, _ORDER, "scope_orders"),
        Keep("scope_persons_first", ("persons_of_identities", "members_remerged")),
        Seek("sought_events", TRACKING_EVENTS, _ORDER, "scope_orders"),
        Keep("events_of_orders", ("events_of_orders",)),
        Keep("scope_identifiers_of_orders", ("identifiers_of_orders",)),
        Seek("sought_identities", IDENTITIES, _IDENTIFIER, "scope_identifiers_of_orders"),
        Keep("identities_of_orders", ("=made_identities", "=sought_identities")),
    ),
    "session_events": (
        Keep("scope_rates", ("rates",)),
        Seek(
            "conversions_rated", CONVERSIONS, ("organization_id", "native_currency", "conversion_date"), "scope_rates"
        ),
        Keep("scope_persons", ("persons", "persons_rated")),
        Keep("scope_persons_added", ("persons_added",)),
        Seek("sought_identities", IDENTITIES, _PERSON, "scope_persons_added"),
        Keep("identities_of_persons", ("identities_of_scope", "=sought_identities")),
        Keep("scope_identifiers_added", ("identifiers_added",)),
        Seek("sought_events", TRACKING_EVENTS, _IDENTIFIER, "scope_identifiers_added"),
        Keep("events_added", ("events_of_identifiers",)),
        Bind("events_of_persons", ("events_of_identifiers", "events_added")),
        Keep("scope_crowded", ("crowded",)),
        Keep("scope_ordinary", ("ordinary",)),
        *(Seek(of_crowded(table), table, _PERSON, "scope_crowded") for table in OF_CROWDED),
        Seek("sought_sessions", SESSIONS, _PERSON, "scope_persons"),
        Keep("sessions_before", ("sessions_before",)),
        Seek("sought_touchpoints", TOUCHPOINTS, _PERSON, "scope_persons"),
        Keep("touchpoints_before", ("touchpoints_before",)),
        Seek("sought_conversions", CONVERSIONS, _PERSON, "scope_persons"),
        Keep("conversions_before", ("=sought_conversions",)),
        Keep("scope_touches_before", ("touches_before",)),
        Keep("evidence_channels_before", ("evidence_before",)),
        Keep("scope_cost_days", ("cost_days",)),
    ),
    "account_members": (
        Seek("claims_of_persons", IDENTITY_CLAIMS, _IDENTIFIER, "identities_of_persons"),
        Seek("sought_members", ACCOUNT_MEMBERS, _PERSON, "scope_persons"),
        Keep("account_members_before", ("=sought_members",)),
    ),
    "paths": (
        Keep(
            "scope_conversions",
            (
                "conversions_of_ordinary",
                "conversions_changed",
                "conversions_of_touches",
                "conversions_uncrowded",
                "conversions_of_accounts",
                "conversions_of_members",
            ),
        ),
        Keep("conversions_of_scope", ("conversions_of_scope",)),
        Keep("conversions_of_scope_before", ("conversions_of_scope_before",)),
        Seek("sought_paths", PATHS, _CONVERSION, "scope_conversions"),
        Keep("paths_before", ("=sought_paths",)),
    ),
    "attribution_links": (
        Seek("sought_links", ATTRIBUTION_LINKS, _CONVERSION, "scope_conversions"),
        Keep("attribution_links_before", ("=sought_links",)),
    ),
    "ad_costs": (
        Seek("sought_costs", AD_COSTS, AD_COSTS.unit, "scope_cost_days"),
        Keep("ad_costs_before", ("ad_costs_before",)),
    ),
    "campaigns": (
        Keep("campaigns_before", ("=campaigns",)),
        Seek("costs_of_days", AD_COSTS, AD_COSTS.unit, "scope_cost_days"),
        Keep("scope_campaigns", ("campaigns",)),
    ),
    "campaign_names": (Keep("campaign_names_before", ("=campaign_names",)),),
    "channel_spend": (Keep("scope_spend_days", ("spend_days",)),),
}
AFTER: Mapping[str, tuple[Step, ...]] = {
    "identifiers": (
        Seek("identifiers_of_touched", IDENTIFIERS, _IDENTIFIER, "scope_touched"),
        Keep("scope_crossed", ("identifiers_crossed",)),
        Keep("scope_crossed_links", ("links_crossed",)),
        Seek("pairs_from_crossed", IDENTITY_PAIRS, _IDENTIFIER, "scope_crossed"),
        Seek("pairs_to_crossed", IDENTITY_PAIRS, _LINKED, "scope_crossed_links"),
        Keep("scope_reached", ("identifiers_reached",)),
        Seek("components_of_reached", COMPONENTS, _IDENTIFIER, "scope_reached"),
        Keep("scope_components", ("components_reached",)),
        Seek("sought_components", COMPONENTS, _COMPONENT, "scope_components"),
        Keep("scope_closed", ("identifiers_closed",)),
        Seek("sought_pairs", IDENTITY_PAIRS, _IDENTIFIER, "scope_closed"),
        Keep("pairs_of_closed", ("=sought_pairs",)),
        Seek("sightings_of_closed", IDENTITY_SIGHTINGS, _IDENTIFIER, "scope_closed"),
        Keep("scope_ends", ("identifiers_of_ends",)),
        Seek("sought_identifiers", IDENTIFIERS, _IDENTIFIER, "scope_ends"),
        Keep("identifiers_of_ends", ("=sought_identifiers",)),
    ),
    "components": (Seek("components_of_closed", COMPONENTS, _IDENTIFIER, "scope_closed"),),
    "parts": (Seek("parts_of_closed", PARTS, _IDENTIFIER, "scope_closed"),),
    "refused_pairs": (Seek("refused_of_closed", REFUSED_PAIRS, _IDENTIFIER, "scope_closed"),),
    "identities": (
        Keep("scope_identifiers", ("identifiers",)),
        Keep("scope_persons_before", ("persons_before",)),
        Keep("scope_moved", ("identifiers_moved",)),
        Seek("sought_events", TRACKING_EVENTS, _IDENTIFIER, "scope_moved"),
        Keep("events_of_moved", ("events_of_identifiers",)),
        Bind("events_of_identifiers", ("events_of_touched", "events_of_moved")),
        Keep("scope_accounts_claimed", ("accounts_claimed",)),
        Keep("scope_merging", ("accounts_merging",)),
        Keep("merged_accounts_before", ("=merged_accounts",)),
        Keep("scope_names_merging", ("names_merging",)),
        Seek("claims_of_merging", IDENTITY_CLAIMS, _IDENTIFIER, "scope_names_merging"),
    ),
    "touchpoints": (
        Keep("scope_evidence", ("evidence",)),
        Keep("scope_agents", ("agents",)),
    ),
    "account_members": (
        Keep("scope_accounts", ("accounts_touched",)),
        Seek("members_of_accounts", ACCOUNT_MEMBERS, _ACCOUNT, "scope_accounts"),
        Keep("scope_members", ("members_of_touched",)),
        Seek("sought_members", ACCOUNT_MEMBERS, _PERSON, "scope_members"),
        Keep("members_of_others", ("=sought_members",)),
        Bind("account_members_of_scope", ("made_account_members", "members_of_others")),
        Bind("account_members_of_scope_before", ("account_members_before", "members_of_others")),
        Keep("scope_accounts_recomputed", ("accounts_recomputed",)),
        Keep("scope_colleagues", ("colleagues",)),
        Bind("scope_persons_credited", ("scope_persons", "scope_colleagues")),
        Seek("first_reaches_of_colleagues", FIRST_REACHES, _PERSON, "scope_colleagues"),
        Seek("sought_conversions", CONVERSIONS, _PERSON, "scope_colleagues"),
        Keep("conversions_of_colleagues", ("=sought_conversions",)),
        Seek("sought_touchpoints", TOUCHPOINTS, _PERSON, "scope_colleagues"),
        Keep("touchpoints_of_colleagues", ("=sought_touchpoints",)),
        Keep("touches_of_colleagues", ("touches_of_colleagues",)),
        Bind("touchpoints_of_scope", ("made_touchpoints", "touchpoints_of_colleagues")),
        Bind("touchpoints_of_scope_before", ("touchpoints_before", "touches_of_colleagues")),
        Keep("evidence_of_colleagues", ("evidence_of_colleagues",)),
        Bind("evidence_channels_held", ("evidence_channels_before", "evidence_of_colleagues")),
    ),
    "first_reaches": (Bind("first_reaches_of_scope", ("made_first_reaches", "first_reaches_of_colleagues")),),
    "campaign_names": (
        Keep("scope_names", ("names",)),
        Keep("scope_touches_renamed", ("touches_renamed",)),
        Keep("scope_conversions_renamed", ("conversions_renamed",)),
        Keep("scope_persons_renamed", ("persons_renamed",)),
        Keep("scope_persons_named", ("persons_named",)),
    ),
}
