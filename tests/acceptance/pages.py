"""A site to visit: pages that a test writes, under any host name that the browser believes in."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

STUB = "window.touchline=window.touchline||function(){(touchline.q=touchline.q||[]).push(arguments)}"
"""The command queue of the printed snippet."""


class Pages:
    """What the site's server answers, by path; every other path has the page of ``/``."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.html: dict[str, str] = {}
        self.headers: Mapping[str, str] = {}

    def url(self, path: str = "/", host: str = "shop.example") -> str:
        return f"http://{host}:{self.port}{path}"

    def write(self, tag: str, body: str = "", path: str = "/", head: str = "") -> None:
        """A page with the tracker's ``tag``."""
        self.html[path] = (
            f"<!doctype html><html><head><title>Page {path}</title>{head}{tag}</head><body>{body}</body></html>"
        )


@contextmanager
def serving_pages() -> Iterator[Pages]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            found = pages.html.get("/asked" if path.startswith("/asked/") else path, pages.html.get("/"))
            content = (found or "").encode()
            self.send_response(200 if found and path != "/favicon.ico" else 404)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("content-length", str(len(content)))
            for name, value in pages.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, code: object = "-", size: object = "-") -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    pages = Pages(server.server_address[1])
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield pages
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
