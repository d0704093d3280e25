"""New fits: the links of the conversions that they serve are made again, and nothing else of the river is.

A fit changes no path. What it changes is the links of its own model, of those conversions whose day another fit served
before, and the sums of credit over them. All other readers of fits are recomputed by every run.
"""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from touchline.engines import IncrementalEngine
from touchline.engines.dialect import in_scope
from touchline.models import FITTED_MODELS
from touchline.scope.adding import Added, added_up, deltas
from touchline.sql import Query, query
from touchline.table import Table
from touchline.tables import ATTRIBUTION_LINKS, CONVERSIONS, FIT_TABLES, PATHS

_ATTRIBUTION = "touchline.attribution"
_SCOPE, _MODELS, _NO_COSTS = "scope_refitted", "models_refitted", "costs_refitted"
_LINK = ("conversion_id", "model")


def refit(engine: IncrementalEngine, rows: Mapping[Table, pa.Table], added: Added) -> int:
    """Put ``rows`` in place of the fits that stand, and make the links again that follow from others now.

    The tables must be what the fits that stand, and the ledger as it was, make of them. Whatever else is new comes to
    them afterwards.

    :param rows: the rows of each of :data:`touchline.tables.FIT_TABLES`.
    :param added: the tables of sums, each with the package that defines it. What a link adds to them must not depend on
        another model's links.
    :returns: the number of links made again.
    """
    engine.keep("fits_before", "select * from fits")
    for table in FIT_TABLES:
        engine.remove(table)
        engine.append(table, rows[table])
    if not engine.keep(_SCOPE, query(__package__, "conversions_refitted").text):
        return 0
    engine.keep(_MODELS, f"select distinct organization_id, model from {_SCOPE}")
    sums = [(query(package, table.name), table) for package, table in added]
    of_links = [(defined, table) for defined, table in sums if ATTRIBUTION_LINKS.name in defined.reads]
    for defined, table in of_links:
        engine.keep(_before(table), defined.text, _views(engine, defined))
    links = _make_links(engine)
    for defined, table in of_links:
        _add(engine, defined, table)
    return links


def _make_links(engine: IncrementalEngine) -> int:
    fitted = tuple(name.lower() for name in FITTED_MODELS)
    defined = query(_ATTRIBUTION, ATTRIBUTION_LINKS.name, fitted)
    columns = ", ".join(ATTRIBUTION_LINKS.column_names)
    # Of two fitted models, one may keep its fit where the other has a new one.
    refitted = f"select {columns} from ({defined.text}) as made where {in_scope(_LINK, _SCOPE, 'made')}"
    return engine.replace(replace(ATTRIBUTION_LINKS, unit=_LINK), refitted, _views(engine, defined), _SCOPE)


def _add(engine: IncrementalEngine, defined: Query, table: Table) -> None:
    """Add what these links say now to the sums, and subtract what they said before."""
    changed = f"{table.name}_refitted"
    if not engine.keep(changed, deltas(table, defined, [_before(table)]), _views(engine, defined)):
        return
    engine.keep(f"{changed}_made", added_up(table, changed))
    engine.replace(table, f"select * from {changed}_made", {}, changed)


def _before(table: Table) -> str:
    return f"{table.name}_before_fits"


def _views(engine: IncrementalEngine, defined: Query) -> Mapping[str, str]:
    """What statements about these links see: them, their paths and conversions, their models, and no costs."""
    seen = {"models": _MODELS}
    for table, by in ((ATTRIBUTION_LINKS, _LINK), (PATHS, _LINK[:1]), (CONVERSIONS, _LINK[:1])):
        engine.narrow(f"{table.name}_of_refitted", table, by, _SCOPE)
        seen[table.name] = f"{table.name}_of_refitted"
    engine.bind(_NO_COSTS, "select * from ad_costs where 1 = 0")
    seen["ad_costs"] = _NO_COSTS
    return {name: relation for name, relation in seen.items() if name in defined.reads}
