"""Cookies: foreign ones never hide ours, and no value can write a header."""

import pytest

from attribution_campaign_context.cookies import (
    MAX_COOKIE_BYTES,
    MAX_VALUE_BYTES,
    candidates,
    check_name,
    cookie_tail,
    first_cookie,
    set_cookie,
)

OURS = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    ("headers", "values"),
    [
        ([b"sid=x"], ["x"]),
        ([b" sid=x ;a=1"], ["x"]),
        ([b"a=1;sid=x"], ["x"]),
        ([b'a[b]=1; {"json": 1}; sid=x; =;;; b'], ["x"]),
        ([b'prefs={"a":"b;c"}; sid=x'], ["x"]),
        ([b"\xff\xfe=\xff; sid=x"], ["x"]),
        ([b"a=1", b"b=2; sid=x", b"sid=y"], ["x", "y"]),
        ([b"xsid=n; sid.x=n; sid=x"], ["x"]),
        ([b"a=sid=n; sid=x"], ["x"]),
        ([b"a=1 sid=n"], []),
        ([b"SID=n"], []),
        ([b'sid="x"'], ["x"]),
        ([b'sid="'], ['"']),
        ([b"sid="], [""]),
        ([b"sid"], []),
        ([b"sid=\xc3\xa9"], ["é"]),
        ([b"sid=\xff"], []),
        ([b"sid=a=b"], ["a=b"]),
        ([b"sid=" + b"x" * MAX_VALUE_BYTES], ["x" * MAX_VALUE_BYTES]),
        ([b"sid=" + b"x" * (MAX_VALUE_BYTES + 1) + b"; sid=y"], ["y"]),
        ([b"a" * MAX_COOKIE_BYTES + b"; sid=x"], []),
        ([b"a" * MAX_COOKIE_BYTES, b"sid=x"], []),
        ([], []),
    ],
)
def test_our_cookie_is_found_whatever_stands_beside_it(headers: list[bytes], values: list[str]) -> None:
    assert list(candidates(headers, b"sid")) == values


def test_the_first_that_will_do_counts() -> None:
    assert first_cookie([b"sid=bad; sid=" + OURS.encode()], b"sid", lambda value: len(value) == 36) == (OURS, True)
    assert first_cookie([b"sid=bad"], b"sid", lambda value: len(value) == 36) == (None, True)
    assert first_cookie([b"a=1"], b"sid", bool) == (None, False)


@pytest.mark.parametrize("value", ["", "a b", "a;b", "a,b", 'a"b', "a\\b", "a\r\nX: y", "a\0", "é", "\x7f", "x" * 4097])
def test_no_value_can_leave_its_cookie(value: str) -> None:
    with pytest.raises(ValueError, match="id factory gave"):
        set_cookie(b"sid", value, cookie_tail())


@pytest.mark.parametrize("name", ["", "a b", "a;b", "a=b", "a\r\nb", "é", "x" * 129])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(ValueError, match="cookie's name"):
        check_name(name)


@pytest.mark.parametrize("domain", ["", "a b", "a;b", "a\r\nb", "-a.example", "x" * 254])
def test_a_domain_is_a_host(domain: str) -> None:
    with pytest.raises(ValueError, match="cookie's domain"):
        cookie_tail(domain=domain)


@pytest.mark.parametrize("path", ["", "a", "/a;b", "/a b", "/a\r\nb", "/é"])
def test_a_path_stays_in_its_attribute(path: str) -> None:
    with pytest.raises(ValueError, match="cookie's path"):
        cookie_tail(path=path)
