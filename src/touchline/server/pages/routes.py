"""The handlers of the pages: one for each screen, signing in and out, and the files that pages load."""

from collections.abc import Iterable
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from touchline.server.api.app import Rooms
from touchline.server.http.problems import Problem
from touchline.server.pages import (
    acting,
    chart_files,
    entering,
    first_administrator,
    keeping,
    mail_forms,
    operations_listed,
    own_password,
    sharing,
)
from touchline.server.pages.answering import Pages, Source
from touchline.server.pages.cost_form import COST_TEMPLATE
from touchline.server.pages.responses import Handlers, handlers, moved, page_once
from touchline.server.pages.screen import Screen, screens
from touchline.server.pages.static_files import KEPT, static_files


def routes(rooms: Rooms) -> list[HTTPRouteHandler]:
    """Every handler of the pages."""
    application = rooms.application
    source = Source(rooms.home, application.ledger, rooms.reads.seconds, application.options.public_url)
    pages, faults = Pages(source, rooms.door), handlers()
    return [
        *(_screen(rooms, pages, one, faults) for one in screens().values()),
        *_files(),
        *acting.routes(rooms, pages, faults),
        *entering.routes(rooms, faults),
        *first_administrator.routes(rooms, faults),
        *keeping.routes(rooms, pages, faults),
        *mail_forms.routes(rooms, pages, faults),
        *own_password.routes(rooms, pages, faults),
        *sharing.routes(rooms, pages, faults),
        *chart_files.routes(rooms, pages, faults),
        operations_listed.route(faults),
    ]


def _screen(rooms: Rooms, pages: Pages, screen: Screen, faults: Handlers) -> HTTPRouteHandler:
    @get(screen.path, include_in_schema=False, exception_handlers=faults)
    async def answer(request: Request[Any, Any, Any]) -> Response[bytes]:
        found = await rooms.reads.answer(lambda: pages.answered(request, screen))
        if isinstance(found, str):
            return moved(found)
        return page_once(request, found, is_secure=rooms.signing_in.is_secure(request))

    return answer


def _files() -> Iterable[HTTPRouteHandler]:
    @get("/static/{digest:str}/{name:str}", include_in_schema=False, sync_to_thread=False)
    def static(digest: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        found = static_files().get(name)
        if found is None or found.address != f"/static/{digest}/{name}":
            raise Problem(404, "not_found", "There is no such file.")
        return Response(found.content, media_type=found.media_type, headers={"cache-control": KEPT})

    @get("/favicon.ico", include_in_schema=False, sync_to_thread=False)
    def icon() -> Response[bytes]:
        found = static_files()["icon.svg"]
        return Response(found.content, media_type=found.media_type, headers={"cache-control": "public, max-age=86400"})

    @get("/imports/template.csv", include_in_schema=False, sync_to_thread=False)
    def template() -> Response[bytes]:
        headers = {"content-disposition": 'attachment; filename="costs-template.csv"'}
        return Response(COST_TEMPLATE, media_type="text/csv", headers=headers)

    return [static, icon, template]
