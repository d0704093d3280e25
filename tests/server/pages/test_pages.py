"""Every screen: what is around it, whose numbers it shows, and that they are those of the API."""

import csv
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from litestar import Litestar
from litestar.testing import TestClient

from tests.server.pages.reading import Page
from tests.server.pages.shop import ADA, EVE, HOSTILE, OTHER, OWN, PASSWORD, ROOT, Shop, built
from touchline.amounts import UNKNOWN, amount, price, units
from touchline.cli import app
from touchline.errors import BusyError
from touchline.jobs import running
from touchline.jobs.workspace import Workspace
from touchline.reports import figures
from touchline.reports.words import platform_name
from touchline.server.api.app import litestar
from touchline.server.collect.application import Application
from touchline.server.http.options import ServerOptions
from touchline.server.pages.change import Better, change, signed
from touchline.server.pages.rendering import SECURITY_POLICY
from touchline.server.pages.responses import lost
from touchline.server.pages.routes import routes
from touchline.server.pages.screen import screens
from touchline.server.pages.static_files import static_files

NAMES = list(screens())
CHOICES = [f"/{screen.name}?by={by}" for screen in screens().values() for by in list(screen.by)[1:3]]
VIEWS = [
    *(f"/{name}" for name in NAMES), *CHOICES, "/channels?by=platform&path=META", "/channels?by=platform&path=TIKTOK",
    "/channels?by=platform&path=TIKTOK%2Fc0", "/channels?path=Paid+Social", "/channels?path=Direct",
    "/overview?from=2001-01-01&to=2001-01-07", "/models?from=2001-01-01&to=2001-01-07",
    "/channels?from=2001-01-01&to=2001-01-07", "/journeys?from=2001-01-01&to=2001-01-07", "/models?q=nothing-at-all",
    "/conversions?q=Email", "/conversions?q=nothing", "/conversions?from=2001-01-01&to=2001-01-07",
    "/overview?from=0001-01-01", "/overview?to=9999-12-31&compare=last-year", "/channels?sort=-spend&limit=3",
    "/models?period=all&by=campaign&intervals=yes", "/channels?period=all&intervals=yes",
]  # fmt: skip


@dataclass(frozen=True)
class Visitor:
    """Somebody with a browser."""

    client: "TestClient[Litestar]"
    cookie: str

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self.client.get(path, headers={"cookie": self.cookie, **headers})

    def page(self, path: str) -> Page:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        return Page(answer.text)


@dataclass(frozen=True)
class World:
    """A server over the shop, and people who may look at it."""

    shop: Shop
    client: "TestClient[Litestar]"
    people: dict[str, Visitor]

    @property
    def ada(self) -> Visitor:
        return self.people[ADA]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    shop = built(tmp_path_factory.mktemp("shop"))
    application = Application(shop.home, ServerOptions())
    application.keys.refresh()
    with TestClient(litestar(application, shop.home, shop.home.path / "none.sock", routes, lost)) as client:
        client.follow_redirects = False
        people = {}
        for name in (ADA, EVE, ROOT):
            answer = client.post("/sign-in", data={"name": name, "password": PASSWORD})
            assert answer.status_code == 303
            people[name] = Visitor(client, answer.headers["set-cookie"].partition(";")[0])
            client.cookies.clear()
        yield World(shop, client, people)
    application.ledger.close()


@pytest.mark.parametrize("path", [*VIEWS, "/docs"])
def test_a_page_is_whole_and_holds_nothing_that_acts(world: World, path: str) -> None:
    answer = world.ada.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8"), answer.text
    assert answer.headers["content-security-policy"] == SECURITY_POLICY
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("same-origin", "private, no-cache")
    page = Page(answer.text)
    assert page.faults == []
    assert page.accessibility() == []
    is_wrong = re.search(r"\b(None|Undefined|nan|inf)\b", re.sub(r"<[^>]*>", " ", answer.text))
    assert path == "/docs" or not is_wrong


def test_the_policy_is_the_one_that_was_agreed_on() -> None:
    assert SECURITY_POLICY.startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


@pytest.mark.parametrize("path", [f"/{name}" for name in NAMES])
def test_every_link_of_a_page_leads_somewhere(world: World, path: str) -> None:
    links = {one["href"].partition("#")[0] for one in world.ada.page(path).named("a")} - {""}
    assert {urlsplit(link).path for link in links if not link.startswith(("/api/reports/", "/charts/"))} <= {
        *(f"/{name}" for name in NAMES), "/docs", "/imports/template.csv", "/views", "/password"
    }  # fmt: skip
    for link in (link for link in links if link.startswith("/charts/")):
        chart = world.ada.get(link)
        kind, start = {"svg": ("image/svg+xml", b"<svg xmlns="), "png": ("image/png", b"\x89PNG")}[
            link.split("?")[0][-3:]
        ]
        assert (chart.status_code, chart.headers["content-type"]) == (200, kind)
        assert chart.content.startswith(start)
        assert world.ada.get(link.replace(".", ".x", 1)).status_code == 404
    for link in sorted(link for link in links if link.startswith(("/api/", f"{path}?sort=")))[:5]:
        assert world.ada.get(link).status_code == 200, link


def test_every_command_on_a_page_is_one(world: World) -> None:
    addresses = [
        *VIEWS,
        next(
            one["href"] for one in world.ada.page("/conversions?goal=&period=all").named("a") if "path=" in one["href"]
        ),
    ]
    found = {
        unescape(command)
        for address in [*addresses, "/models?goal=&site=", "/overview?compare=last-year&match=dates&model=LINEAR"]
        for command in re.findall(r"<code>touchline (.*?)</code>", world.ada.get(address).text)
    }
    assert {command.split()[0] for command in found} >= {"report", "waste", "health", "explain"}
    for command in found:
        app.parse_args(shlex.split(command), exit_on_error=False, print_error=False)


def _tiles(page: Page) -> list[str]:
    return [" ".join(re.sub(r"<[^>]*>", " ", one).split()) for one in re.findall(
        r'class="value">(.*?)</p>\s*<p class="was">(.*?)</p>', page.text, re.DOTALL
    ) for one in one]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "is_known"),
    [(-20, -1, False), (-5, 10, True), (0, 20, True), (300, 330, False), (2, 9, True)],
    ids=["before", "from before", "on its first day", "after", "after its first week"],
)
def test_days_that_are_not_tracked_are_not_zero(world: World, first: int, last: int, is_known: bool) -> None:
    with Workspace(world.shop.home, is_read_only=True) as workspace:
        (asked,) = workspace.engine.select("select min(started_at) as first from sessions").to_pylist()
    start = asked["first"].date() + timedelta(days=1)  # by any clock
    window = f"from={start + timedelta(days=first)}&to={start + timedelta(days=last)}"
    for match in ("", "&match=dates"):
        page = world.ada.page(f"/overview?{window}{match}")
        shown = _tiles(page)
        assert [one for one in shown[1::2] if one] == []
        assert "nothing to compare with: " in page.text
        assert (UNKNOWN not in shown[2]) == is_known
    assert [one for one in _tiles(world.ada.page("/overview?period=7d"))[3:5] if one] != []


@pytest.mark.parametrize("name", NAMES)
def test_a_screen_has_the_choices_that_change_it(world: World, name: str) -> None:
    screen = screens()[name]
    page = world.people[ROOT].page(f"/{name}?org={OWN}")
    fields = {one.get("name") for tag in ("select", "input") for one in page.named(tag) if one.get("type") != "hidden"}
    choices = {"goal", "model", "compare", "match", "from", "to"} if screen.answer else set()
    assert fields & choices == {*screen.fields} & choices
    assert ('class="presets"' in page.text) == bool(choices and "days" in screen.uses)
    if not choices:
        return

    def shown(view: str) -> str:
        text = world.people[ROOT].get(f"/{name}?org={OWN}&{view}").text
        words = re.sub(r"<[^>]*>", " ", text.partition("<main")[2].partition('<details class="card keep">')[0])
        return " ".join(words.split())

    if "days" not in screen.uses:
        assert shown("from=2026-08-01&to=2026-08-09") == shown("period=7d")
    if "compare" not in screen.uses:
        assert shown("compare=none") == shown("compare=last-year")
    if "model" not in screen.uses:
        assert shown("model=LINEAR") == shown("model=FIRST_TOUCH")
    if "goal" not in screen.uses:
        assert shown("goal=signup") == shown("goal=purchase")


@pytest.mark.parametrize("path", ["/no-such-page", "/models/x", "/api/none", "/static/x", "/sites/none?x=<b>"])
def test_an_unknown_address_has_a_way_back_in_a_browser(world: World, path: str) -> None:
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json", ""):
        answer = world.ada.get(path, accept=accept)
        assert answer.status_code == 404
        if "html" not in accept:
            assert answer.headers["content-type"] == "application/problem+json"
            continue
        page = Page(answer.text)
        assert (page.faults, page.accessibility()) == ([], [])
        assert answer.headers["content-security-policy"] == SECURITY_POLICY
        assert "/overview" in [one["href"] for one in page.named("a")]


def test_conversions_are_found_by_any_case_of_a_channel_and_by_order(world: World) -> None:
    assert world.ada.page("/conversions?q=email").tables == world.ada.page("/conversions?q=Email").tables != []
    order = world.ada.page("/conversions?period=all").tables[0][1][0]
    found = world.ada.page(f"/conversions?q={order}")
    (link,) = {one["href"] for one in found.named("a") if "path=" in one["href"]}
    assert order in world.ada.page(link).text
    assert "before<br>" in world.ada.get(link).text
    assert "Open the order" not in world.ada.get("/conversions?q=no-such-order").text


@pytest.mark.parametrize("path", ["/models?goal=&period=all", "/channels?goal=&period=all"])
def test_intervals_are_those_of_the_report_and_are_shown_where_they_are_asked_for(world: World, path: str) -> None:
    ends = re.compile(r'<span class="note">([\d.,]+ to [\d.,]+|too few)</span>')
    assert ends.findall(world.ada.get(path).text) == []
    page = world.ada.page(f"{path}&intervals=yes")
    links = {one["href"] for one in page.named("a") if "/api/reports/intervals" in one["href"]}
    (link,) = (one for one in links if "format=csv" in one)
    found = csv.DictReader(io.StringIO(world.ada.get(link).text))
    rows = [
        one
        for one in found
        if one["key"] != "(unattributed)" and not ("channels" in path and one["model"] != "LAST_TOUCH")
    ]
    said = [
        "too few" if one["has_few_conversions"] == "true" else
        " to ".join(figures.conversions(float(one[f"conversions_{end}"])) for end in ("low", "high"))
        for one in rows
    ]  # fmt: skip
    assert sorted(ends.findall(page.text)) == sorted(said)
    assert {*said} > {"too few"}


def test_settings_offer_no_model_that_has_no_fit(world: World) -> None:
    page = world.people[ROOT].get(f"/settings?org={OWN}").text
    assert ">Last touch<" in page
    assert 'value="MARKOV"' not in page


def test_the_rail_names_every_screen_and_marks_this_one(world: World) -> None:
    for name in NAMES:
        links = [one for one in world.ada.page(f"/{name}?period=7d").named("a") if one["href"] in {
            f"/{other}?period=7d" for other in NAMES
        }]  # fmt: skip
        rail = links[: len(NAMES)]
        assert [one["href"] for one in rail] == [f"/{other}?period=7d" for other in NAMES]
        assert [one["href"] for one in rail if one.get("aria-current") == "page"] == [f"/{name}?period=7d"]


def test_an_unchanged_page_is_a_304(world: World) -> None:
    first = world.ada.get("/models")
    again = world.ada.get("/models", **{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert world.ada.get("/models?by=source", **{"if-none-match": first.headers["etag"]}).status_code == 200


def test_nothing_is_asked_twice_until_a_run_changes_something(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.ada.get("/journeys?limit=7")
    opened: list[int] = []

    def opening(*given: Any, **named: Any) -> Workspace:
        opened.append(1)
        return Workspace(*given, **named)

    monkeypatch.setattr("touchline.server.pages.desk.Workspace", opening)
    assert world.ada.get("/journeys?limit=7").status_code == 200
    assert opened == []
    with Workspace(world.shop.home) as workspace:
        running.run(workspace, is_rebuild=True)
    assert world.ada.get("/journeys?limit=7").status_code == 200
    assert opened == [1]


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/models?limit=20&by=source", "/models?by=source&limit=20"), ("/models?by=&q=&goal=", "/models?goal="),
        ("/models?period=28d&compare=previous", "/models"),
        ("/models?from=20260901&period=7d", "/models?from=2026-09-01"),
    ],
)  # fmt: skip
def test_another_spelling_leads_to_the_one_address(world: World, path: str, address: str) -> None:
    answer = world.ada.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, address)


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/overview?colour=red", 400, "There is no parameter"),
        ("/overview?by=channel&by=channel", 400, "is given twice"),
        ("/overview?period=1d", 400, "period must be one of"),
        ("/overview?compare=other", 400, "compare must be one of"),
        ("/overview?from=yesterday", 400, "YYYY-MM-DD"),
        ("/overview?from=2026-02-02&to=2026-02-01", 400, "before it starts"),
        ("/overview?by=channel", 400, "by must be one of none"),
        ("/models?by=moon", 400, "by must be one of channel"),
        ("/models?sort=moon", 400, "sort must be one of name"),
        ("/models?limit=0", 400, "from 1 to 1,000"),
        ("/models?q=%00", 400, "NUL"),
        ("/models?q=" + "x" * 1_025, 400, "1024 characters"),
        ("/channels?by=platform&path=nothing", 404, "There is no ad platform"),
        ("/channels?by=platform&path=META%2Fnothing", 404, "There is no campaign"),
        ("/channels?path=nothing", 404, "There is nothing below"),
        ("/channels?path=a%2Fb%2Fc%2Fd", 400, "There is nothing below"),
        ("/channels?path=Direct%2F%3Aa%252500", 404, "There is nothing below"),
        ("/channels?path=Direct%2F%3A%2500", 400, "without a NUL"),
        ("/channels?path=Direct%2Fnothing", 400, "A campaign is PLATFORM:ID"),
        ("/overview?model=NONE", 404, "There is no model"),
        ("/overview?goal=none", 404, "There is no goal"),
        ("/overview?site=none", 404, "There is no site"),
        ("/overview?org=none", 404, "There is no organization"),
    ],
)
def test_what_cannot_be_asked_is_said_on_a_page(world: World, path: str, status: int, said: str) -> None:
    answer = world.ada.get(path)
    assert (answer.status_code, answer.headers["content-security-policy"]) == (status, SECURITY_POLICY)
    page = Page(answer.text)
    assert (page.faults, page.accessibility()) == ([], [])
    assert said in answer.text


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("choice", ["org=rival", "site=rival-example", "org=rival&site=rival-example"])
def test_another_organization_is_not_there(world: World, name: str, choice: str) -> None:
    answer = world.ada.get(f"/{name}?{choice}")
    assert answer.status_code == 404
    unknown = world.ada.get(f"/{name}?{choice.replace('rival', 'nobody')}")
    assert unknown.text == answer.text.replace("rival", "nobody")


def test_everybody_sees_their_own_organization(world: World) -> None:
    assert "Fernwood" in world.ada.get("/overview").text
    assert "No events yet" in world.people[EVE].get("/overview").text
    assert world.people[EVE].get(f"/overview?org={OWN}").status_code == 404
    of_all = world.people[ROOT]
    assert 'name="org"' in of_all.get("/overview").text
    assert "No events yet" in of_all.get(f"/overview?org={OTHER}").text
    links = Page(of_all.get(f"/overview?org={OTHER}").text).named("a")
    rail = [one["href"] for one in links if one["href"].split("?")[0][1:] in NAMES]
    assert rail[: len(NAMES)] == [f"/{name}?org={OTHER}" for name in NAMES]


def test_hostile_names_stay_names(world: World) -> None:
    assert len(HOSTILE) >= 50
    for path in ("/channels?by=platform&path=TIKTOK&limit=1000", "/waste?limit=1000"):
        page = world.ada.page(path)
        assert page.faults == []
        shown = [cell for table in page.tables for row in table for cell in row]
        assert path.startswith("/waste") or HOSTILE[0] in shown
    names = {row[0] for row in world.ada.page("/channels?by=platform&path=TIKTOK&limit=1000").tables[0]}
    kept = {" ".join(name.split()) for name in HOSTILE}
    assert len(names & kept) >= 50


def test_each_filter_of_a_hostile_name_finds_it(world: World) -> None:
    for name in HOSTILE[::10]:
        query = urlencode({"by": "platform", "path": "TIKTOK", "q": name})
        page = world.ada.page(f"/channels?{query}")
        assert page.faults == []
        assert " ".join(name.split()) in {row[0] for row in page.tables[0]}


VIEW = st.fixed_dictionaries(
    {},
    optional={
        "goal": st.sampled_from(["", "purchase", "signup"]),
        "period": st.sampled_from(["7d", "90d", "month", "last-month", "all"]),
        "compare": st.sampled_from(["last-year", "none"]),
        "match": st.just("dates"),
        "model": st.sampled_from(["FIRST_TOUCH", "LINEAR", "TIME_DECAY"]),
    },
)
VERSUS = st.sampled_from(["", "LAST_TOUCH", "POSITION_BASED"])


def _json_of(world: World, page: Page, report: str) -> Any:
    """The same question, as the page says that the API answers it."""
    address = next(one["href"] for one in page.named("a") if one["href"].startswith(f"/api/reports/{report}?"))
    return world.ada.get(re.sub(r"&format=csv", "", address)).json()


def _address(name: str, view: dict[str, str], **more: str) -> str:
    order = ["org", "site", "goal", "period", "compare", "match", "model", "versus", "by", "path", "limit"]
    chosen = {key: {**view, **more}[key] for key in order if key in {**view, **more}}
    return f"/{name}?{urlencode(chosen)}" if chosen else f"/{name}"


def _change(now: float | None, before: float | None, better: Better = "more") -> str:
    found = change(now, before, better)
    return f"{found.text} {found.words}".replace(" ", "") if found else UNKNOWN


@settings(max_examples=6, deadline=None)
@given(view=VIEW, by=st.sampled_from(["channel", "platform"]))
def test_numbers_of_channels_are_those_of_the_api(world: World, view: dict[str, str], by: str) -> None:
    page = world.ada.page(_address("channels", view, by=by, limit="1000"))
    if not page.tables:
        return
    found = _json_of(world, page, "tree" if by == "channel" else "attribution")
    _, *rows = page.tables[0]
    for shown, row in zip(rows, [*found["rows"], found["totals"]], strict=True):
        expected = [
            amount(row["spendMicros"], "EUR"), figures.whole(row["clicks"]), figures.conversions(row["conversions"]),
            amount(row["valueMicros"], "EUR"), price(row["cpa"], "EUR"), figures.ratio(row["roas"]),
            price(row["paidCpa"], "EUR"), figures.ratio(row["paidRoas"]),
        ]  # fmt: skip
        name = platform_name(row["name"]) if by == "platform" else row["name"]
        assert shown[:9] == [name or "Total", *expected]
        if found["compared"]:
            spend, won = row["spendBeforeMicros"], row["conversionsBefore"]
            changes: list[tuple[float | None, float | None, Better]] = [
                (row["conversions"], won, "more"), (row["spendMicros"], spend, ""),
                (row["valueMicros"], row["valueBeforeMicros"], "more"),
                (row["cpa"], spend / 1e6 / won if spend is not None and won else None, "less"),
            ]  # fmt: skip
            assert [cell.replace(" ", "") for cell in shown[9:]] == [_change(*one) for one in changes]


@settings(max_examples=4, deadline=None)
@given(view=VIEW)
def test_numbers_of_the_overview_are_those_of_the_api(world: World, view: dict[str, str]) -> None:
    page = world.ada.page(_address("overview", view))
    total = _json_of(world, page, "performance")["totals"]
    values = [" ".join(one.split()) for one in re.findall(r'class="value">(.*?)</p>', page.text, re.DOTALL)]
    shown = [re.sub(r" ?<small>.*", "", one) for one in values]
    assert shown[:5] == [
        units(total["spendMicros"], "EUR"), figures.conversions(total["conversions"]),
        units(total["valueMicros"], "EUR"), price(total["blendedCpa"], "EUR"), figures.ratio(total["blendedRoas"]),
    ]  # fmt: skip


@settings(max_examples=4, deadline=None)
@given(view=VIEW, by=st.sampled_from(["channel", "campaign", "source", "device"]), versus=VERSUS)
def test_numbers_of_models_are_those_of_the_api(world: World, view: dict[str, str], by: str, versus: str) -> None:
    page = world.ada.page(_address("models", view, by=by, limit="1000", **({"versus": versus} if versus else {})))
    if not page.tables:
        return
    found = _json_of(world, page, "models")
    place = found["models"].index(view.get("model", "LAST_TOUCH"))
    has_difference = versus not in {"", view.get("model", "LAST_TOUCH")}
    assert (found["baseline"] == versus) or not versus
    if has_difference and found["shareMoved"][place] is not None:
        assert f"gives {figures.percent(found['shareMoved'][place])} of all credit to other rows" in page.text
    shown = {row[0]: [cell.partition("tested")[0].strip() for cell in row[1:]] for row in page.tables[0][1:]}
    intervals = [cell for row in found["rows"] for cell in row["models"] if cell["calibratedLow"] is not None]
    assert page.text.count('class="bar whisker"') == len(intervals)
    for cell in intervals:
        low, high = (figures.conversions(cell[name]) for name in ("calibratedLow", "calibratedHigh"))
        assert f"tested {low} to {high}</span>" in page.text
    for row in found["rows"]:
        counts = [cell["conversions"] for cell in row["models"]]
        name = "Unattributed" if row["key"] == "(unattributed)" else " ".join(row["name"].split())
        assert shown[name][: len(counts)] == [figures.conversions(count) for count in counts]
        if has_difference:
            assert shown[name][len(counts)].startswith(signed(row["models"][place]["difference"]))
    totals = [cell["conversions"] for cell in found["totals"]["models"]]
    assert shown["Total"][: len(totals)] == [figures.conversions(count) for count in totals]


def test_children_add_up_to_the_row_to_the_micro(world: World) -> None:
    def rows(by: str) -> list[dict[str, Any]]:
        answer = world.ada.get(f"/api/reports/attribution?by={by}&organization={OWN}")
        found: list[dict[str, Any]] = answer.json()["rows"]
        return found

    levels = [rows(by) for by in ("platform", "campaign", "adset", "ad")]
    for above, below in pairwise(levels):
        for row in (one for one in above if one["platform"]):
            shown = world.ada.page(
                _address("channels", {"period": "all"}, by="platform", path=row["key"], limit="1000")
            )
            children = [
                one for one in below
                if one["key"].startswith(f"{row['key']}/") or ("/" not in one["key"] and one["platform"] == row["key"])
            ]  # fmt: skip
            for name in ("credit", "valueMicros", "paidCredit"):
                assert sum(one[name] for one in children) == row[name]
            assert sum(one["spendMicros"] or 0 for one in children) == (row["spendMicros"] or 0)
            assert len(shown.tables[0]) == len(children) + 2
            if above is not levels[0]:
                break


_SUMS = ("credit", "valueMicros", "paidCredit", "paidValueMicros")


def test_the_tree_of_a_channel_adds_up_to_the_micro_down_to_its_ads(world: World) -> None:
    def listed(under: str) -> dict[str, Any]:
        query = urlencode({"under": under, "model": "LINEAR", "compare": "2026-08-01..2026-08-20"})
        answer = world.ada.get(f"/api/reports/tree?start=2026-08-21&end=2026-09-20&{query}")
        found: dict[str, Any] = answer.json()
        return found

    def checked(above: dict[str, Any]) -> int:
        below = listed(above["key"])
        if below["totals"]["credit"] or below["totals"]["spendMicros"]:
            view = urlencode({"model": "LINEAR", "path": above["key"], "limit": "1000"})
            page = world.ada.page(f"/channels?from=2026-08-21&to=2026-09-20&{view}")
            assert page.tables[0][-1][1] == amount(below["totals"]["spendMicros"], "EUR")
        assert [row["share"] for row in below["rows"]] == [
            row["credit"] / above["credit"] if above["credit"] else None for row in below["rows"]
        ]
        for row in (above, below["totals"]):
            assert [sum(one[name] for one in below["rows"]) for name in _SUMS] == [row[name] for name in _SUMS]
            for name in ("spendMicros", "spendBeforeMicros"):
                assert sum(one[name] or 0 for one in below["rows"]) == (row[name] or 0)
        parents = [one for one in below["rows"] if one["hasChildren"]]
        return 1 + max((checked(one) for one in parents[:8]), default=0)

    channels = listed("")["rows"]
    compared = "start=2026-08-21&end=2026-09-20&model=LINEAR&compare=2026-08-01..2026-08-20"
    by_channel = world.ada.get(f"/api/reports/attribution?{compared}").json()["rows"]
    names = ("credit", "valueMicros", "spendMicros", "paidCredit", "name")
    assert {row["key"]: [row[name] for name in names] for row in channels} == {
        row["key"]: [row[name] for name in names] for row in by_channel
    }
    assert max(checked(row) for row in channels if row["hasChildren"]) == 3


@pytest.mark.parametrize("model", ["LAST_TOUCH", "LINEAR"])
def test_the_conversions_behind_a_number_add_up_to_it(world: World, model: str) -> None:
    asked = f"model={model}&start=2026-08-01&goal=purchase"
    rows = world.ada.get(f"/api/reports/attribution?{asked}").json()["rows"]
    for row in rows:
        query = urlencode({"channel": row["key"], "limit": 10_000})
        found = world.ada.get(f"/api/reports/conversions?{asked}&{query}").json()
        assert found["conversions"] == pytest.approx(row["conversions"], abs=1e-9)
        assert found["count"] == len(found["rows"])
        assert round(sum(one["conversions"] for one in found["rows"]) * 1e9) == row["credit"]
        assert sum(one["creditedMicros"] for one in found["rows"]) == row["valueMicros"]
    few = world.ada.get(f"/api/reports/conversions?{asked}&limit=3").json()
    assert (len(few["rows"]), few["count"]) == (3, round(sum(row["conversions"] for row in rows)))
    assert [one["day"] for one in few["rows"]] == sorted((one["day"] for one in few["rows"]), reverse=True)
    assert world.ada.get("/api/reports/conversions?limit=0").status_code == 400


def test_lift_tests_with_intervals_are_drawn(world: World) -> None:
    assert world.ada.page("/models?period=all").text.count('class="bar whisker"') > 1
    assert world.ada.page("/models?period=all&by=source").text.count('class="bar whisker"') == 0


def test_pages_of_conversions_hold_each_of_them_once(world: World) -> None:
    address, seen, days = "/conversions?goal=&period=all&limit=7", [], []
    whole = world.ada.get("/api/reports/conversions?goal=&limit=10000").json()
    while address:
        page = world.ada.page(address)
        seen += [row[0] for row in page.tables[0][1:]]
        rows = _json_of(world, page, "conversions")
        assert (rows["count"], rows["conversions"]) == (whole["count"], whole["conversions"])
        days += [row["conversionId"] for row in rows["rows"]]
        address = next((one["href"] for one in page.named("a") if one.get("rel") == "next"), "")
    assert days == [row["conversionId"] for row in whole["rows"]]
    assert seen == [row["orderId"] or row["conversionId"] for row in whole["rows"]]
    assert len(seen) > 7
    last = f"{2**40}.zzz"
    beyond = world.ada.get(f"/api/reports/conversions?goal=&cursor={last}").json()
    assert (beyond["rows"], beyond["nextCursor"], beyond["count"]) == ([], "", whole["count"])
    for wrong in ("x", "12", "x.y", "99999999999999999999.a", "12."):
        assert world.ada.get(f"/api/reports/conversions?cursor={wrong}").status_code == 400
        assert world.ada.get(f"/conversions?after={wrong}").status_code == 400


def test_a_conversion_names_no_person(world: World) -> None:
    with Workspace(world.shop.home, is_read_only=True) as workspace:
        names = {row["identifier"] for row in workspace.engine.select("select identifier from identities").to_pylist()}
    values = {part for name in names for part in (name, name.rpartition(":")[2])}
    pages = [one["href"] for one in world.ada.page("/conversions?goal=&period=all&limit=12").named("a")]
    texts = [world.ada.page(link).text for link in pages if "path=" in link]
    assert any("browser 1" in text.lower() for text in texts)
    for text in texts:
        assert [value for value in values if value in text] == []
        assert "What would change this" in text


def test_a_conversion_is_explained_under_every_model(world: World) -> None:
    listed = world.ada.page("/conversions?goal=&period=all&limit=12")
    links = [one["href"] for one in listed.named("a") if "path=" in one["href"]]
    assert len(links) == 12
    for link in links[::3]:
        page = world.ada.page(link)
        assert (page.faults, page.accessibility()) == ([], [])
        _, *touches, total = page.tables[0]
        assert set(total[1:]) == {"100.0%"}
        for column in range(1, len(total)):
            weights = [float(touch[column].rstrip("%")) for touch in touches if touch[column] != UNKNOWN]
            assert sum(weights) == pytest.approx(100, abs=0.1 * len(weights))
    assert world.ada.get("/conversions?path=no-such-order").status_code == 404
    assert world.people[EVE].get(links[0]).text != world.ada.get(links[0]).text


def test_shares_of_paths_end_at_all(world: World) -> None:
    rows = _json_of(world, world.ada.page("/journeys?limit=3"), "journeys")
    assert sum(row["conversions"] for row in rows["rows"]) == rows["conversions"]
    shown = world.ada.page("/journeys?limit=3").tables[0]
    assert shown[-1][:3] == ["Total", figures.whole(rows["conversions"]), "100.0%"]
    with_touch = sum(row["conversions"] for row in rows["rows"] if row["name"] != "(no touch)")
    _, ways, lags, lengths = world.ada.page("/journeys?limit=3").tables
    assert [sum(int(row[place]) for row in table[1:]) for table, place in ((ways, 3), (lags, 1), (lengths, 1))] == [
        with_touch, with_touch, rows["conversions"]
    ]  # fmt: skip
    assert [row[0].split(" ")[0] for row in shown[-2:-1]] == ["Other"] or shown[-2][0] == "No touch"


def test_an_empty_period_leads_to_one_that_has_data(world: World) -> None:
    page = world.ada.page("/models?from=2001-01-01&to=2001-01-07&by=source")
    assert "/models?by=source" in [one["href"] for one in page.named("a")]
    assert "No conversions in these days" in page.text
    narrow = world.ada.page("/models?q=nothing-at-all")
    assert "Remove the filter" in narrow.text
    assert "/models" in [one["href"] for one in narrow.named("a")]


def test_signed_out_leads_to_the_form_and_back(world: World) -> None:
    answer = world.client.get("/models?by=source")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fmodels%3Fby%3Dsource")
    assert answer.content == b""


def test_files_are_kept_under_an_address_of_their_content(world: World) -> None:
    for one in static_files().values():
        answer = world.client.get(one.address)
        assert (answer.status_code, answer.content) == (200, one.content)
        assert "immutable" in answer.headers["cache-control"]
        assert world.client.get(one.address.replace("/static/", "/static/0")).status_code == 404
    assert world.client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_a_river_that_builds_is_said_on_a_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_given: object, **_named: object) -> None:
        raise BusyError("The numbers are being built.", "Try again later.")

    monkeypatch.setattr("touchline.server.pages.desk.Workspace", busy)
    monkeypatch.setattr("touchline.server.pages.desk._newest_run", lambda _ledger: -1)
    answer = world.ada.get("/waste?by=AD")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "The numbers are being built." in answer.text
