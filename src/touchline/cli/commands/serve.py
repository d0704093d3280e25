"""``serve``: the server."""

from rich.text import Text

from touchline.cli.answer import COMMON, Answer, Options, Whole


def serve(
    *, host: str | None = None, port: Whole | None = None, workers: Whole | None = None, options: Options = COMMON
) -> Answer:
    """Collect events over HTTP, keep the numbers up to date, and answer, until stopped with SIGTERM or Ctrl-C.

    Every other command goes on working meanwhile.

    :param host: the address to listen at; else TOUCHLINE_HOST, else 127.0.0.1.
    :param port: the port to listen at; else TOUCHLINE_PORT, else 8484.
    :param workers: how many processes collect; more than one needs DATABASE_URL.
    """
    from touchline.server.http.options import options_from
    from touchline.server.process.serving import serve as serve_home
    from touchline.settings import environment

    serve_home(options.place, options_from(environment(), host=host, port=port, workers=workers))
    return Answer({"stopped": True}, lambda: Text("Stopped; everything that was acknowledged is stored."))


COMMAND = serve
