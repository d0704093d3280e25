"""What a browser sees of pages: when they are painted, what moves, how fast they answer, and their bytes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import brotli  # type: ignore[import-untyped]
from playwright.sync_api import Page, Response, sync_playwright

from tests.server.serving import Server

FIRST_MS, LARGEST_MS, SHIFT, INTERACTION_MS = 800.0, 1200.0, 0.02, 100.0
PAGE_BYTES, SCRIPT_BYTES = 120_000, 20_000
_CHROMIUM, _FLAGS = "/usr/bin/chromium", ["--no-sandbox", "--disable-gpu"]
_OBSERVE = """
window.seen = {largest: 0, shift: 0, slowest: 0};
const watch = (type, note, more) => new PerformanceObserver(list => list.getEntries().forEach(note))
  .observe({type, buffered: true, ...more});
watch('largest-contentful-paint', one => { seen.largest = one.startTime });
watch('layout-shift', one => { if (!one.hadRecentInput) seen.shift += one.value });
watch('event', one => { seen.slowest = Math.max(seen.slowest, one.duration) }, {durationThreshold: 16});
"""
_READ = "() => ({...seen, first: performance.getEntriesByName('first-contentful-paint')[0].startTime})"
_SETTLED = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))"


class Seen(NamedTuple):
    """A page in a browser that keeps nothing of an earlier one."""

    first_ms: float
    """To the first contentful paint, from the beginning of the navigation."""
    largest_ms: float
    shift: float
    """Cumulative layout shift."""
    interaction_ms: float
    """The slowest of the interactions; the browser says nothing of those below 16 ms, which are 0."""
    page_bytes: int
    """Everything that the page loads, compressed with brotli."""
    script_bytes: int

    @property
    def is_past(self) -> bool:
        """Whether it is past a bar."""
        times = self.first_ms > FIRST_MS or self.largest_ms > LARGEST_MS or self.interaction_ms > INTERACTION_MS
        return times or self.shift > SHIFT or self.page_bytes > PAGE_BYTES or self.script_bytes > SCRIPT_BYTES


def browsed(server: Server, cookie: str, addresses: Sequence[str]) -> Iterator[tuple[str, Seen]]:
    """Each address in a browser of its own, whose fold-outs are opened and closed."""
    name, _, value = cookie.partition("=")
    origin = f"http://127.0.0.1:{server.port}"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        for address in addresses:
            with browser.new_context(viewport={"width": 1440, "height": 900}, base_url=origin) as context:
                context.add_cookies([{"name": name, "value": value, "url": origin}])
                yield address, _seen(context.new_page(), address)
        browser.close()


def _seen(page: Page, address: str) -> Seen:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - Playwright marks the function
    page.add_init_script(_OBSERVE)
    page.goto(address, wait_until="load")
    page.evaluate(_SETTLED)
    found: Mapping[str, Any] = page.evaluate(_READ)
    for fold in page.locator("main summary").all()[:5]:
        if fold.is_visible():
            fold.click()
            page.evaluate(_SETTLED)
    slowest = page.evaluate("seen.slowest")
    sizes = [(one.request.resource_type, len(brotli.compress(one.body()))) for one in answers if one.ok]
    return Seen(
        found["first"], found["largest"], found["shift"], slowest, sum(size for _, size in sizes),
        sum(size for kind, size in sizes if kind == "script"),
    )  # fmt: skip
