"""``/charts``: each drawing of a screen as a file, SVG or PNG, with the colors that the page has in the light."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from touchline.server.api.app import Rooms
from touchline.server.http.problems import Problem
from touchline.server.pages.answering import Pages
from touchline.server.pages.charts import FILES, charts_in
from touchline.server.pages.rendering import HEADERS
from touchline.server.pages.responses import Handlers, moved
from touchline.server.pages.screen import Screen, screens


def routes(rooms: Rooms, pages: Pages, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handler."""

    @get("/charts/{screen:str}/{name:str}", include_in_schema=False, exception_handlers=faults)
    async def chart(request: Request[Any, Any, Any], screen: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        known, (chart_name, _, form) = screens().get(screen), name.partition(".")
        if known is None or form not in FILES:
            raise Problem(404, "not_found", "There is no such chart.")
        found = await rooms.reads.answer(lambda: _file(pages, request, known, chart_name, form))
        if isinstance(found, str):
            return moved(found)
        headers = {**HEADERS, "content-disposition": f'attachment; filename="{screen}-{name}"'}
        return Response(found, headers=headers, media_type=FILES[form][0])

    return [chart]


def _file(pages: Pages, request: Request[Any, Any, Any], screen: Screen, name: str, form: str) -> bytes | str:
    """A chart as a file, or the address to go to instead; blocks.

    :raises Problem: 404 if the screen shows no such chart.
    """
    shown = pages.shown(request, screen)
    if isinstance(shown, str):
        return shown
    chart = charts_in(shown).get(name)
    if chart is None:
        raise Problem(404, "not_found", "There is no such chart in these days.", "Open the screen, and take one.")
    return FILES[form][1](chart)
