"""Which URLs may be a page's, one by one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from touchline.ingest.page_urls import page_url

NO_PAGE = [
    "about", "blob", "cid", "data", "feed", "file", "filesystem", "ftp", "ftps", "intent", "jar", "javascript",
    "livescript", "mailto", "mhtml", "mocha", "ms-appinstaller", "resource", "search-ms", "shell", "sms", "smsto",
    "ssh", "tel", "telnet", "vbscript", "view-source", "wyciwyg", "ms-word", "ms-settings", "web+coffee", "chrome",
    "chrome-extension", "moz-extension",
]  # fmt: skip
PAGES = [
    "https://shop.example/a", "HTTP://shop.example", "android-app://com.google.android.gm", "myshop://product/7",
    "shop.example:8080/a", "shop.example:8080", "localhost:80", "localhost:80?a", "shop.example:1#a", "/a/b", "a/b?c=d",
    "shop.example:65535/", "x-web+coffee://a", "abouts://a", "ms://a", "mozilla://a", "1https://a",
    "https://shop.example/!",
]  # fmt: skip
NONE = [
    "", " ", "\t\n\r", "\0", "localhost:x", "shop:8080/a", "shop.example:", "shop.example:123456", "shop.example:80a",
    "example:80", "unknown:path", "\ufffd",
]  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
def test_a_page_stays_as_it_is(url: str) -> None:
    assert page_url(url) == url


@pytest.mark.parametrize("url", NONE, ids=ascii)
def test_what_is_no_page_is_none(url: str) -> None:
    assert page_url(url) is None


@pytest.mark.parametrize("scheme", NO_PAGE)
@pytest.mark.parametrize("form", ["{}:alert(1)", "{}://host/path", " \x01{}:a", "\ufffd{}:a"])
def test_what_runs_code_or_opens_a_file_is_none_however_it_is_spelled(scheme: str, form: str) -> None:
    for spelled in (scheme, scheme.upper(), scheme[0] + "\n" + scheme[1:], scheme[:2] + "\t" + scheme[2:]):
        assert page_url(form.format(spelled)) is None


@given(st.text(max_size=3), st.sampled_from([*map(chr, range(0x21)), "\ufffd"]), st.sampled_from("\t\n\r"))
def test_what_browsers_leave_out_is_left_out(text: str, edge: str, inside: str) -> None:
    assert page_url(f"{edge}https://shop.example/{inside}a{edge}") == "https://shop.example/a"
    assert page_url(edge + text) == page_url(text)
