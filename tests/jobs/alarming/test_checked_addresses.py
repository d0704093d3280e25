"""Which addresses a webhook may reach: written before the code, each row one way to reach what is not public."""

from collections.abc import Callable
from typing import Any

import pytest

from touchline.errors import UsageError
from touchline.jobs.alarming.checked_addresses import AddressRefusedError, checked_address, require_url

REFUSED = (
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.192", "192.0.2.1", "198.18.0.1", "198.51.100.7",
    "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001:0:7f00:1::", "fec0::1", "64:ff9b:1::1",
)  # fmt: skip
PUBLIC = ("8.8.8.8", "93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")


def resolving(*addresses: str) -> Callable[..., Any]:
    return lambda *_asked, **_more: [(0, 0, 0, "", (address, 443)) for address in addresses]


@pytest.mark.parametrize("address", REFUSED)
def test_what_is_not_public_is_refused_alone_and_among_others(address: str) -> None:
    for found in ((address,), (PUBLIC[0], address), (address, PUBLIC[0])):
        with pytest.raises(AddressRefusedError, match="not public"):
            checked_address("hooks.example", 443, resolve=resolving(*found))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_the_one_to_connect_to(address: str) -> None:
    assert checked_address("hooks.example", 443, resolve=resolving(address)) == address


@pytest.mark.parametrize(
    "spelled", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "localhost", "127.0.0.1", "::1"]
)
def test_every_spelling_of_this_machine_is_refused_by_what_it_resolves_to(spelled: str) -> None:
    with pytest.raises(AddressRefusedError):
        checked_address(spelled, 443)


def test_a_host_that_the_operator_allows_is_not_looked_at() -> None:
    assert checked_address("127.0.0.1", 80, is_allowed=True) == "127.0.0.1"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "https"), ("ftp://hooks.example/", "https"), ("//hooks.example/", "https"),
        ("file:///etc/passwd", "https"), ("https://", "host"), ("https:///path", "host"),
        ("https://user:secret@hooks.example/", "user"), ("https://hooks.example/#part", "fragment"),
        ("https://hooks.example:99999/", "port"), ("https://hooks.example:0/", "port"),
        ("https://hooks.example/\r\nHost: other", "character"), ("https://hooks.example/ a", "character"),
        ("https://hooks.example/\x00", "character"), ("https://hooks.exämple/", "character"),
        ("https://hooks.example/" + "a" * 2_100, "characters"), ("https://[::1", "URL"),
    ],
)  # fmt: skip
def test_a_url_that_says_more_than_an_https_place_is_refused(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        require_url(url, allowed=())


@pytest.mark.parametrize(
    ("url", "allowed", "is_taken"),
    [
        ("https://hooks.example/x?y=1", (), True), ("https://hooks.example:8443/", (), True),
        ("http://127.0.0.1:9000/", ("127.0.0.1:9000",), True), ("http://127.0.0.1:9000/", ("127.0.0.1",), True),
        ("http://127.0.0.1:9001/", ("127.0.0.1:9000",), False), ("http://hooks.lan/", ("HOOKS.lan",), True),
        ("http://other.lan/", ("hooks.lan",), False), ("http://[::1]:9000/", ("[::1]:9000",), True),
    ],
)  # fmt: skip
def test_plain_http_needs_a_host_that_the_operator_allows(url: str, allowed: tuple[str, ...], is_taken: bool) -> None:
    if is_taken:
        assert require_url(url, allowed=allowed).geturl() == url
    else:
        with pytest.raises(UsageError, match="https"):
            require_url(url, allowed=allowed)
