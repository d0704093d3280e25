"""The lines of HTML for the head of every page."""

from html.parser import HTMLParser

import pytest

from touchline.errors import UsageError
from touchline.server.tracker.snippet import NO_KEY, snippet


class _Scripts(HTMLParser):
    """The script elements of a page, and what stands in them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[dict[str, str | None]] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag == "script"
        self.found.append(dict(attrs))

    def handle_data(self, data: str) -> None:
        self.inside += data


def read(text: str) -> _Scripts:
    scripts = _Scripts()
    scripts.feed(text)
    return scripts


def attributes(server: str = "https://t.shop.example", key: str = "pk_1", *, needs_consent: bool = False) -> object:
    return read(snippet(server, key, ["shop.example", "shop.test"], needs_consent=needs_consent)).found[1]


def test_what_is_called_before_the_tracker_is_there_waits_for_it() -> None:
    first, _, _ = snippet("https://t.shop.example", "pk_1", [], needs_consent=False).partition("\n")
    assert first == (
        "<script>window.touchline=window.touchline||function(){(touchline.q=touchline.q||[]).push(arguments)}</script>"
    )


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("https://t.shop.example", "https://t.shop.example/t.js"),
        ("https://t.shop.example/", "https://t.shop.example/t.js"),
        ("http://localhost:8484", "http://localhost:8484/t.js"),
        ("https://shop.example/data/", "https://shop.example/data/t.js"),
        ("https://shop.example/~", "https://shop.example/~/t.js"),
    ],
)
def test_the_tracker_is_named_with_the_key_and_the_domains(server: str, address: str) -> None:
    assert attributes(server) == {
        "async": None, "src": address, "data-key": "pk_1", "data-domains": "shop.example shop.test",
    }  # fmt: skip


def test_consent_is_required_where_the_site_says_so() -> None:
    assert attributes(needs_consent=True) == {**dict(attributes()), "data-consent": "required"}  # type: ignore[call-overload]


def test_a_value_stays_inside_its_attribute() -> None:
    said = read(snippet("https://t.shop.example", 'pk_"><b>', [], needs_consent=False))
    assert said.found[1]["data-key"] == 'pk_"><b>'


@pytest.mark.parametrize(
    "server",
    [
        "t.shop.example",
        "ftp://t.shop.example",
        "https://",
        "https:///x",
        "https://t.example?a=1",
        "https://t.example#a",
    ],
)
def test_what_is_no_address_is_named(server: str) -> None:
    with pytest.raises(UsageError) as refused:
        snippet(server, "pk_1", [], needs_consent=False)
    assert refused.value.message == f"--server is an address such as https://t.shop.example, not {server}."


def test_a_secret_key_is_for_no_page() -> None:
    with pytest.raises(UsageError, match=r"anyone can read a secret key in a page\.") as refused:
        snippet("https://t.shop.example", "sk_1", [], needs_consent=False)
    assert refused.value.hint == "Create one with `touchline key create`."


def test_where_no_key_was_given_its_place_is_shown() -> None:
    assert NO_KEY == "pk_…"
    assert read(snippet("https://t.shop.example", NO_KEY, [], needs_consent=False)).found[1]["data-key"] == NO_KEY
