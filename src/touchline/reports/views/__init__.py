"""Read-only views for SQL and BI tools, named as people who know the trade expect: one ``.sql`` file each.

A view may read another one: its statement takes that one's in, so that no view in an engine depends on another of ours.
"""

from functools import cache

from touchline.applied import define_changed
from touchline.engines import Engine
from touchline.reports.views.meanings import columns_of
from touchline.sql import Query, queries
from touchline.view import View

EARLIER = f"{__name__}.earlier"
"""Views under the names of earlier releases, in the schema of the tables."""


@cache
def views() -> tuple[View, ...]:
    """Every view, by name, those of earlier releases first."""
    return (*_views(EARLIER, is_public=False), *_views(__name__, is_public=True))


def define_views(engine: Engine) -> None:
    """Define the views whose definition changed.

    :raises BlockedError: if a reader keeps the engine from it; the views stand as before.
    """
    define_changed(engine, views())


def _views(package: str, *, is_public: bool) -> list[View]:
    return [_view(name, query, is_public=is_public) for name, query in queries(package).items() if not query.writes]


def _view(name: str, query: Query, *, is_public: bool) -> View:
    grain = f"One row is {query.grain}. " if query.grain else ""
    columns = columns_of(query.text) if is_public else {}
    return View(query.details.get("named", name), query.text, grain + query.sentence, columns, is_public)
