"""Every screen in a real browser: without a script, on a phone and a desk, in light and dark."""

import csv
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.server.conftest import WIDE
from tests.server.pages.shop import ADA, PASSWORD, built
from tests.server.serving import Server, serving
from touchline.server.pages.screen import screens

VIEWS = [
    *(screen.path for screen in screens().values()), "/channels?by=platform&path=TIKTOK", "/channels?by=campaign",
    "/models?by=campaign",
    "/overview?from=2001-01-01&to=2001-01-07", "/docs", "/views",
    "/models?versus=LINEAR&period=all", "/journeys?period=all",
]  # fmt: skip
MOST_CLICKS = 4
"""With which each task of a newcomer is done, from the first page on."""
_CUT = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  const cut = [...document.querySelectorAll('.value, .stake strong, td')].filter(one => {
    const box = one.getBoundingClientRect(), region = one.closest('.scroll');
    return box.width && !region && (box.right > window.innerWidth + 1 || one.scrollWidth > one.clientWidth + 1);
  });
  return [wide, cut.map(one => one.textContent)];
}"""
_CONTRAST = """() => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = one => {
    for (; one; one = one.parentElement) {
      const found = parse(getComputedStyle(one).backgroundColor);
      if (found.length === 3 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const one of document.querySelectorAll('body *')) {
    const own = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if (!own || box.width < 2 || style.visibility === 'hidden' || one.closest('svg')) continue;
    const [a, b] = [light(parse(style.color)), light(ground(one))].sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(`${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`);
  }
  return poor;
}"""

_OPERABLE = """() => [...document.querySelectorAll(
  'a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]'
)].filter(one => one.checkVisibility()).length"""


class Seat(NamedTuple):
    """Where somebody sits: a screen of a width, in light or dark."""

    scheme: str
    width: int


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    made = built(tmp_path_factory.mktemp("pages"))
    with serving(made.home.path, WIDE, application="served:whole") as server:
        yield server


def entered(
    browser: Browser, server: Server, seat: Seat, said: list[str], *, has_script: bool = False
) -> BrowserContext:
    """A browser in which Ada is signed in, which notes whatever it complains of."""
    context = browser.new_context(
        viewport={"width": seat.width, "height": 900}, color_scheme=seat.scheme,  # type: ignore[arg-type] # light or dark
        java_script_enabled=has_script, base_url=f"http://127.0.0.1:{server.port}",
    )  # fmt: skip
    context.on("console", lambda message: said.append(message.text))
    context.on("weberror", lambda error: said.append(str(error.error)))
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Name").fill(ADA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"http://127.0.0.1:{server.port}/overview")
    page.close()
    return context


@pytest.mark.parametrize("seat", [Seat("light", 1440), Seat("dark", 360), Seat("light", 360), Seat("dark", 1440)])
def test_every_screen_fits_and_nothing_is_refused(chromium: Browser, shop: Server, seat: Seat, tmp_path: Path) -> None:
    said: list[str] = []
    with entered(chromium, shop, seat, said, has_script=True) as context:
        page = context.new_page()
        for path in VIEWS:
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            assert page.evaluate(_CUT) == [0, []], (path, page.screenshot(path=tmp_path / "cut.png", full_page=True))
            assert page.evaluate(_CONTRAST) == [], path
    assert said == []


def test_five_tasks_without_a_script(chromium: Browser, shop: Server) -> None:
    said: list[str] = []
    with entered(chromium, shop, Seat("light", 1440), said) as context:
        page = context.new_page()
        for task in (
            _find_the_best_channel_of_a_model,
            _find_why_an_order_was_credited_so,
            _find_the_wasted_money,
            _find_whether_yesterday_is_complete,
            _save_the_campaigns,
        ):
            page.goto("/overview")
            with clicks() as made:
                task(page)
            assert 1 <= len(made) <= MOST_CLICKS, (task.__name__, made)
        _share_a_view_with_somebody_who_is_nobody_here(page, chromium, said)
        page.get_by_role("link", name="Channels", exact=True).first.click()
        _go_back_and_forward(page)
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert said == []


@contextmanager
def clicks() -> Iterator[list[str]]:
    """What is clicked meanwhile."""
    made: list[str] = []
    click = Locator.click

    def noted(self: Locator, *given: Any, **named: Any) -> None:
        made.append(str(self))
        click(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Locator, "click", noted)
        yield made


def _find_the_best_channel_of_a_model(page: Page) -> None:
    page.get_by_role("link", name="Models").click()
    page.get_by_role("table").get_by_role("link", name="Linear").click()
    cells = page.locator("tbody td:nth-child(4)").all()
    counts = [float(one.inner_text().partition("tested")[0].replace(",", "")) for one in cells]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 0
    page.get_by_role("navigation", name="Compare Last touch with another model").get_by_role(
        "link", name="Linear"
    ).click()
    expect(page.get_by_role("main")).to_contain_text("of all credit to other rows than Linear")


def _find_why_an_order_was_credited_so(page: Page) -> None:
    page.get_by_role("link", name="Conversions", exact=True).first.click()
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="What would change this")).to_be_visible()


def _share_a_view_with_somebody_who_is_nobody_here(page: Page, browser: Browser, said: list[str]) -> None:
    page.get_by_text("Save or share this view").click()
    page.get_by_label("Name of the link").fill("For the agency")
    page.get_by_role("button", name="Make a link").click()
    address = page.locator("pre code").inner_text()
    with browser.new_context(java_script_enabled=False) as other:
        other.on("console", lambda message: said.append(message.text))
        shared = other.new_page()
        shared.goto(address)
        expect(shared.get_by_role("heading", level=1, name="Channels")).to_be_visible()
        assert shared.get_by_role("link").count() == 0


def _find_the_wasted_money(page: Page) -> None:
    page.get_by_role("link", name="Waste").click()
    expect(page.get_by_role("article").first).to_contain_text("EUR")


def _find_whether_yesterday_is_complete(page: Page) -> None:
    page.get_by_role("link", name="Is yesterday complete?").click()
    answer = page.get_by_role("region", name="What a whole day needs")
    waiting = re.compile(
        r"^Waiting for a run (yes Nothing waits for a run|no [\d,]+ rows of costs wait for the next run)\.$"
    )
    expect(answer.get_by_role("row", name=waiting)).to_be_visible()  # another test stores costs in this home
    expect(answer.get_by_role("row", name=re.compile("^Costs "))).not_to_have_count(0)
    expect(page.get_by_text(re.compile(r"^(Yes|No|That is not known)\.$"))).to_be_visible()  # by the day of the run


def _save_the_campaigns(page: Page) -> None:
    page.get_by_role("link", name="Channels", exact=True).first.click()
    page.get_by_role("link", name="All campaigns").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV").first.click()
    found = list(csv.DictReader(Path(saved.value.path()).read_text(encoding="utf-8").splitlines()))
    assert {"name", "spend", "conversions", "value", "cpa", "roas"} <= found[0].keys()
    assert {"META", "GOOGLE_ADS", "TIKTOK"} <= {row["platform"] for row in found if row["spend"]}


def _go_back_and_forward(page: Page) -> None:
    page.get_by_label("Model").select_option("LINEAR")
    page.get_by_role("button", name="Apply").click()
    there = page.url
    assert "model=LINEAR" in there
    page.get_by_role("link", name="Last 7 days").click()
    assert "period=7d" in page.url
    page.go_back(wait_until="commit")
    assert page.url == there
    expect(page.get_by_label("Model")).to_have_value("LINEAR")
    page.go_forward(wait_until="commit")
    assert "period=7d" in page.url


def test_the_keyboard_reaches_everything_and_shows_where_it_is(chromium: Browser, shop: Server) -> None:
    with entered(chromium, shop, Seat("light", 1440), [], has_script=True) as context:
        page = context.new_page()
        page.goto("/channels")
        wanted = page.evaluate(_OPERABLE)
        seen = set()
        for _ in range(wanted + 20):
            page.keyboard.press("Tab")
            seen.add(page.evaluate(
                """() => { const one = document.activeElement; if (one === document.body) return null;
                const all = [...document.querySelectorAll('*')]; const style = getComputedStyle(one);
                return [all.indexOf(one), style.outlineStyle !== 'none' || style.outlineWidth !== '0px'].join() }"""
            ))  # fmt: skip
        found = {one for one in seen if one}
        assert len(found) == wanted
        assert [one for one in found if one.endswith("false")] == []


def test_forms_work_by_keyboard_and_back_does_not_send_them_again(
    chromium: Browser, shop: Server, tmp_path: Path
) -> None:
    file = tmp_path / "costs.csv"
    days = "".join(f"2026-09-{day:02},QUORA,q,{number},5\n" for day in range(1, 29) for number in range(160))
    file.write_text(f"date,platform,account_id,campaign_id,cost\n{days}")
    assert file.stat().st_size > 100_000  # more than other forms may bring
    said: list[str] = []
    with entered(chromium, shop, Seat("light", 360), said, has_script=True) as context:
        page = context.new_page()
        page.goto("/goals")
        _reach(page, "goals-target-cpa")
        page.keyboard.type("25")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("The target is set")
        page.goto("/imports")
        page.get_by_label("File, at most").set_input_files(file)
        page.get_by_role("button", name="Show what it holds").press("Enter")
        expect(page.get_by_role("heading", name="4,480 rows can be stored")).to_be_visible()
        assert page.evaluate(_CUT) == [0, []]
        page.get_by_role("button", name="Store 4,480 rows").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("4,480 rows of costs.csv stored")
        page.go_back(wait_until="commit")
        expect(page.get_by_text("Nothing is stored yet.")).to_be_visible()
        page.go_back(wait_until="commit")
        expect(page.get_by_role("heading", name="Imports so far")).to_be_visible()
        page.reload()
        expect(page.get_by_role("rowheader", name="costs.csv", exact=True)).to_have_count(1)
    assert said == []


def _reach(page: Page, wanted: str) -> None:
    """Press Tab until an element of this id has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == wanted:
            return
    raise AssertionError(wanted)
