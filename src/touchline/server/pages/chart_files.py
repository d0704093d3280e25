"""``/charts``: each drawing of a screen as a file of its own, with the colors that the page has in the light."""

from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from touchline.server.api.app import Rooms
from touchline.server.http.problems import Problem
from touchline.server.pages.answering import Pages
from touchline.server.pages.charts import alone, charts_in
from touchline.server.pages.rendering import HEADERS
from touchline.server.pages.responses import Handlers, moved
from touchline.server.pages.screen import screens


def routes(rooms: Rooms, pages: Pages, faults: Handlers) -> list[HTTPRouteHandler]:
    """The handler."""

    @get("/charts/{screen:str}/{name:str}", include_in_schema=False, exception_handlers=faults)
    async def chart(request: Request[Any, Any, Any], screen: FromPath[str], name: FromPath[str]) -> Response[bytes]:
        known = screens().get(screen)
        if known is None:
            raise Problem(404, "not_found", "There is no such chart.")
        shown = await rooms.reads.answer(lambda: pages.shown(request, known))
        if isinstance(shown, str):
            return moved(shown)
        found = charts_in(shown).get(name.removesuffix(".svg"))
        if found is None:
            raise Problem(404, "not_found", "There is no such chart in these days.", "Open the screen, and take one.")
        headers = {**HEADERS, "content-disposition": f'attachment; filename="{screen}-{name}"'}
        return Response(alone(found), headers=headers, media_type="image/svg+xml")

    return [chart]
