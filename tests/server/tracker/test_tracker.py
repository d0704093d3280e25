"""The tracker as it is served: the source's build, small, cached, compressed; and the cookie that goes with answers."""

import gzip
import re
import time
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from attribution_campaign_context.registry import CLICK_IDS, UTM_KEYS
from scripts.build_tracker import RARE, built, marks, pattern
from tests.server.conftest import Place
from tests.server.serving import Server
from touchline.server.tracker.cookie import AGE_SECONDS, visitor_cookie

MOST_BYTES = 3 * 1024
ID = "01890a5d-ac96-774b-bcce-b302099a8057"
MADE = int(ID[:8] + ID[9:13], 16) * 1000
"""When it was made, in microseconds since 1970."""


def test_what_is_served_is_what_the_source_builds(repository: Path) -> None:
    folder = repository / "src" / "touchline" / "server" / "tracker"
    assert {name: (folder / name).read_bytes() for name in built()} == built(), "run `make tracker`"


def test_it_is_small(server: Server) -> None:
    answer = server.send(method="GET", path="/t.js", accept_encoding="gzip, deflate, br, zstd")
    assert answer.headers["content-encoding"] == "br"
    assert len(answer.body) < MOST_BYTES, f"{len(answer.body):,} bytes"


def test_the_pattern_of_marks_knows_each_of_them_and_nobody_by_name() -> None:
    known = {name for name in CLICK_IDS.keys() | UTM_KEYS if re.fullmatch(pattern(), name)}
    assert set(marks()) - known == set()
    families = {"sznclid", "irclid", "irclickid", "ysclid", "utm_affiliate"}  # of families that others of them made
    assert known - set(marks()) == families
    assert {CLICK_IDS[name].kind for name in families} == {"ad", "affiliate", "organic"}
    assert RARE & known == {"sznclid"}
    others = ("clid", "id", "orderid", "utm_", "client_id", "bsft_clkid")
    assert [name for name in others if re.fullmatch(pattern(), name)] == ["clid"]


def test_every_form_says_the_same(server: Server) -> None:
    forms = {
        "br": brotli.decompress, "gzip": gzip.decompress, "identity": bytes, "": bytes, "gzip;q=0": bytes,
        "br;q=0.0, gzip;q=0.5": gzip.decompress,
    }  # fmt: skip
    found = {accepted: server.send(method="GET", path="/t.js", accept_encoding=accepted) for accepted in forms}
    texts = {forms[accepted](answer.body) for accepted, answer in found.items()}
    assert len(texts) == 1
    assert b"sendBeacon" in texts.pop()
    assert {answer.headers["content-type"] for answer in found.values()} == {"text/javascript; charset=utf-8"}
    assert {answer.headers["vary"] for answer in found.values()} == {"Accept-Encoding"}
    assert len({answer.headers["etag"] for answer in found.values()}) == 3


def test_a_browser_asks_again_only_whether_it_is_the_same(server: Server) -> None:
    first = server.send(method="GET", path="/t.js", accept_encoding="br")
    assert "max-age=3600" in first.headers["cache-control"]
    tag = first.headers["etag"]
    for said in (tag, f'W/{tag}, "other"'):
        again = server.send(method="GET", path="/t.js", accept_encoding="br", if_none_match=said)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert server.send(method="GET", path="/t.js", accept_encoding="gzip", if_none_match=tag).status == 200
    head = server.send(method="HEAD", path="/t.js", accept_encoding="br")
    assert (head.status, head.body) == (200, b"")
    posted = server.send(method="POST", path="/t.js")
    assert (posted.status, posted.headers["allow"]) == (405, "GET, HEAD")


def headers(**fields: str) -> dict[str, str]:
    return {"origin": "https://www.shop.example", "host": "t.shop.example:8443", **fields}


def said(fields: dict[str, str], visitor_ids: list[str | None], now: int = MADE, domain: str = "shop.example") -> str:
    found = visitor_cookie(fields, [domain], visitor_ids, now)
    return found[0][1] if found else ""


def test_the_cookie_is_for_the_domain_and_ends_thirteen_months_after_the_id_was_made() -> None:
    assert said(headers(), [ID, ID]) == (
        f"tl_vid={ID}; Max-Age={AGE_SECONDS}; Domain=shop.example; Path=/; Secure; SameSite=Lax"
    )
    later = said(headers(cookie=f"a=b; tl_vid={ID}"), [ID], MADE + 86_400_000_000)
    assert f"Max-Age={AGE_SECONDS - 86_400};" in later
    assert "Secure" not in said(headers(origin="http://shop.example"), [ID])
    alone = said(headers(origin="http://localhost:8000", host="localhost:8001"), [ID], domain="localhost")
    assert "Domain" not in alone
    assert "Path=/" in alone


@pytest.mark.parametrize(
    ("fields", "visitor_ids", "now"),
    [
        ({}, [], MADE),
        ({}, [None], MADE),
        ({}, [ID, ID[:-1] + "0"], MADE),
        ({}, ["x; Path=/a"], MADE),
        ({}, ["0f8fad5b-d9cb-469f-a165-70867728950e"], MADE),
        ({}, [ID], MADE + AGE_SECONDS * 1_000_000),
        ({}, [ID], MADE - 3 * 86_400_000_000),
        ({"host": "t.other.example"}, [ID], MADE),
        ({"host": "notshop.example"}, [ID], MADE),
        ({"origin": "https://pay.example"}, [ID], MADE),
        ({"origin": "null"}, [ID], MADE),
        ({"cookie": "tl_vid=0f8fad5b-d9cb-469f-a165-70867728950e"}, [ID], MADE),
    ],
    ids=[
        "no event", "nobody", "two visitors", "no id", "no time in the id", "over", "not yet made", "other server",
        "other domain", "other page", "no page", "another cookie",
    ],
)  # fmt: skip
def test_no_cookie_is_set(fields: dict[str, str], visitor_ids: list[str | None], now: int) -> None:
    assert said(headers(**fields), visitor_ids, now) == ""


def test_whoever_is_no_page_or_refuses_gets_no_cookie(server: Server, place: Place) -> None:
    now = f"{time.time_ns() // 1_000_000:012x}"
    visitor_id = f"{now[:8]}-{now[8:]}-7000-8000-000000000000"
    event = {"publicKey": place.publishable, "eventId": "e1", "type": "PAGE_VIEW", "anonId": visitor_id}
    page, host = "https://shop.example", "t.shop.example"
    assert visitor_id in server.send(event, origin=page, host=host).headers["set-cookie"]
    assert "set-cookie" not in server.send({**event, "consent": "denied"}, origin=page, host=host).headers
    assert "set-cookie" not in server.send(event).headers


def test_a_cookie_header_that_is_no_text_gainsays_nothing() -> None:
    """A browser may send any byte."""
    assert said(headers(cookie="other=\udcff; x=\ud800"), [ID]) != ""
    assert said(headers(cookie="tl_vid=\udcff"), [ID]) == ""
