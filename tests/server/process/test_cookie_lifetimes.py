"""Which case of Safari's limits a site is."""

import pytest

from touchline.server.process.cookie_lifetimes import Found, lifetimes, looked_up

HOSTS = {
    "shop.com": Found("shop.com", frozenset({"192.0.2.1", "2001:db8::1"})),
    "near.shop.com": Found("near.shop.com", frozenset({"192.0.77.9"})),
    "six.shop.com": Found("six.shop.com", frozenset({"2001:db8::ffff"})),
    "far.shop.com": Found("far.shop.com", frozenset({"192.1.2.1", "2001:db9::1"})),
    "alias.shop.com": Found("edge.collector.net", frozenset({"192.0.2.1"})),
    "own.shop.com": Found("www.shop.com", frozenset({"192.0.2.7"})),
}


@pytest.mark.parametrize(
    ("server", "status", "why"),
    [
        ("near.shop.com", "ok", "395 days"),
        ("six.shop.com", "ok", "395 days"),
        ("own.shop.com", "ok", "395 days"),
        ("far.shop.com", "warning", "different networks"),
        ("alias.shop.com", "warning", "CNAME for edge.collector.net"),
        ("t.collector.net", "warning", "not below shop.com"),
        ("gone.shop.com", "ok", "gone.shop.com could not be looked up"),
    ],
)
def test_the_case_of_a_site(server: str, status: str, why: str) -> None:
    (check,) = lifetimes(f"https://{server}:8443/x", [{"domain": "shop.com"}], HOSTS.get)
    assert (check.name, check.status, why in check.message) == ("cookies of shop.com", status, True)


def test_without_an_address_of_the_server_nothing_is_said_and_reserved_names_are_not_asked_for() -> None:
    assert list(lifetimes("", [{"domain": "shop.com"}], HOSTS.get)) == []
    assert (looked_up("shop.example"), looked_up("localhost")) == (None, None)
