"""``serve``: the server."""

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Whole


def serve(
    *, host: str | None = None, port: Whole | None = None, workers: Whole | None = None, options: Options = COMMON
) -> Answer:
    """Collect events over HTTP, keep the numbers up to date, and serve reports, until SIGTERM or Ctrl-C.

    Every other command still works while the server runs.

    :param host: the address to listen on; default: TOUCHLINE_HOST, or 127.0.0.1.
    :param port: the port to listen on; default: TOUCHLINE_PORT, or 8484.
    :param workers: the number of collecting processes; more than one requires DATABASE_URL.
    """
    from touchline.server.http.options import options_from
    from touchline.server.process.serving import serve as serve_home
    from touchline.settings import environment

    serve_home(options.place, options_from(environment(), host=host, port=port, workers=workers))
    return Answer({"stopped": True}, lambda: Text("Stopped; all acknowledged events are stored."))


COMMAND = serve
