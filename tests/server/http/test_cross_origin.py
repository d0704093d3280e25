"""From which pages a browser may send: a table."""

import pytest

from touchline.jobs.access_keys import checked_origin
from touchline.server.http.cross_origin import Origins, allowing, origins_of, preflight
from touchline.server.tracker.cookie import visitor_cookie

ALLOWED = origins_of("shop.example", ["https://pay.example:8443", "http://[2001:db8::1]:8080", "https://only.example"])


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://shop.example", True),
        ("http://shop.example", True),
        ("https://www.shop.example", True),
        ("https://a.b.shop.example", True),
        ("https://shop.example:443", True),
        ("https://shop.example:8443", True),
        ("HTTPS://SHOP.EXAMPLE", True),
        ("https://Shop.Example", True),
        ("https://xn--bcher-kva.shop.example", True),
        ("https://pay.example:8443", True),
        ("http://[2001:db8::1]:8080", True),
        ("http://[2001:DB8:0::1]:8080", True),
        ("https://only.example:443", True),
        ("https://pay.example", False),
        ("http://pay.example:8443", False),
        ("https://a.pay.example:8443", False),
        ("http://only.example", False),
        ("http://[2001:db8::2]:8080", False),
        ("http://[2001:db8::1]", False),
        ("https://[shop.example]", False),
        ("https://evil.com/.shop.example", False),
        ("https://evil.com/shop.example", False),
        ("https://evil.com?.shop.example", False),
        ("https://evil.com#.shop.example", False),
        ("https://evil.com\\.shop.example", False),
        ("https://evil.com:443@shop.example", False),
        ("https://shop.example@evil.com", False),
        ("https://user:pw@shop.example", False),
        ("https://shop.example.evil.com", False),
        ("https://notshop.example", False),
        ("https://shop.example.", False),
        ("https://.shop.example", False),
        ("https://evil..shop.example", False),
        ("https://shop.example/", False),
        ("https://shop.example:", False),
        ("https://shop.example:0", False),
        ("https://shop.example:65536", False),
        ("https://shop.example:8a", False),
        ("https://shop.example:٤٤٣", False),
        ("https://b\u00fccher.shop.example", False),
        ("https://evil.com%2f.shop.example", False),
        ("https://evil.com .shop.example", False),
        ("https://evil.com\t.shop.example", False),
        ("https://evil.com,https://shop.example", False),
        ("ftp://shop.example", False),
        ("file://shop.example", False),
        ("javascript://shop.example", False),
        ("//shop.example", False),
        ("shop.example", False),
        ("null", False),
        ("", False),
        (f"https://{'a' * 64}.shop.example", False),
        (f"https://{'a.' * 130}shop.example", False),
    ],
)
def test_an_origin_is_read_whole_and_compared_label_by_label(origin: str, is_allowed: bool) -> None:
    assert ALLOWED.allows(origin) is is_allowed
    headers = {"origin": origin, "host": "t.shop.example"}
    visitor_id = "01890a5d-ac96-774b-bcce-b302099a8057"
    sets_cookie = bool(visitor_cookie(headers, ["shop.example"], [visitor_id], 1_700_000_000_000_000))
    assert sets_cookie <= is_allowed


def test_international_domains_are_compared_as_browsers_send_them() -> None:
    assert origins_of("Bücher.example", []).allows("https://www.xn--bcher-kva.example")
    assert checked_origin("https://Bücher.example") == "https://xn--bcher-kva.example"
    assert checked_origin("https://[2001:DB8::1]:8443/") == "https://[2001:db8::1]:8443"


def test_the_fields_of_a_preflight_and_of_an_answer() -> None:
    """Word for word: a browser lets a page read what these say, and nothing else."""
    origin, allowed = "https://www.shop.example", origins_of("shop.example", [])
    answered = [
        ("vary", "Origin"),
        ("access-control-allow-origin", origin),
        ("access-control-allow-credentials", "true"),
        (
            "access-control-expose-headers",
            "Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
        ),
    ]
    assert allowing(origin) == answered
    assert allowing(None) == answered[:1]
    assert preflight(origin, allowed) == [
        *answered,
        ("access-control-allow-methods", "POST, OPTIONS"),
        ("access-control-allow-headers", "Content-Type, Content-Encoding, Authorization, X-Touchline-Signature"),
        ("access-control-max-age", "7200"),
    ]
    assert preflight(None, allowed) is preflight("https://evil.example", allowed) is None


def test_a_page_without_an_origin_may_send_where_a_key_says_so() -> None:
    named = origins_of("shop.example", [checked_origin(" null ")])
    assert [named.allows(text) for text in ("null", "NULL", "null/", "", "https://null")] == [True, *[False] * 4]
    assert named.allows("https://www.shop.example")
    assert not origins_of("", []).allows("null")
    assert dict(allowing("null"))["access-control-allow-origin"] == "null"


def test_origins_of_several_keys_are_those_of_each() -> None:
    several = [origins_of("shop.example", ["https://pay.example/", "nonsense"]), origins_of("other.example", [])]
    together = Origins.all_of(several)
    assert together.domains == {"shop.example", "other.example"}
    assert {origin.host for origin in together.exact} == {"pay.example"}
    assert [together.allows(o) for o in ("https://pay.example", "http://pay.example", "https://a.pay.example")] == [
        True, False, False,
    ]  # fmt: skip
