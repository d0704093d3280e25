"""Hashes nobody can turn back, addresses nobody can claim, URLs that name nobody."""

import ipaddress
import re
from pathlib import Path

import pytest

from attribution_campaign_context.key_folder import KeyFolder
from attribution_campaign_context.privacy import DAY_SECONDS, RotatingKeys, client_address, is_trusted_peer
from attribution_campaign_context.scrub import is_secret_key, scrub_url, split_url

NETWORKS = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"


def test_a_key_lives_a_day_and_is_destroyed_after_two() -> None:
    now = [0.0]
    keys = RotatingKeys(clock=lambda: now[0])
    first = keys.digest("ip", "192.0.2.1")
    assert re.fullmatch("[0-9a-f]{64}", first)
    now[0] = DAY_SECONDS - 0.001
    assert keys.digest("ip", "192.0.2.1") == first
    now[0] = DAY_SECONDS
    assert keys.digest("ip", "192.0.2.1") != first
    assert list(keys.days) == [0, 1]
    now[0] = 2 * DAY_SECONDS
    keys.digest("ip", "192.0.2.1")
    assert list(keys.days) == [1, 2]
    now[0] = 9 * DAY_SECONDS
    keys.digest("ip", "192.0.2.1")
    assert list(keys.days) == [9]
    now[0] = 0
    assert keys.digest("ip", "192.0.2.1") != first


def test_two_processes_agree_by_their_source_only() -> None:
    one, other = (RotatingKeys(lambda day: b"%032d" % day, clock=lambda: 0.0) for _ in range(2))
    assert one.digest("ip", "a") == other.digest("ip", "a")
    assert RotatingKeys(clock=lambda: 0.0).digest("ip", "a") != RotatingKeys(clock=lambda: 0.0).digest("ip", "a")


def test_a_pepper_changes_hashes_and_is_never_the_only_key() -> None:
    source, pepper = (lambda _: b"k" * 32), b"p" * 16
    plain, peppered = RotatingKeys(source), RotatingKeys(source, pepper=pepper)
    assert plain.digest("ip", "a") != peppered.digest("ip", "a")
    now = [0.0]
    keys = RotatingKeys(pepper=pepper, clock=lambda: now[0])
    before = keys.digest("ip", "a")
    now[0] = DAY_SECONDS
    assert keys.digest("ip", "a") != before


def test_short_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes"):
        RotatingKeys(pepper=b"short")
    with pytest.raises(ValueError, match="at least 16 bytes"):
        RotatingKeys(lambda _: b"short").digest("ip", "a")


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("203.0.113.9", [], 0, "203.0.113.9"),
        ("203.0.113.9", [b"6.6.6.6"], 0, "203.0.113.9"),
        ("203.0.113.9", [b"6.6.6.6"], (), "203.0.113.9"),
        ("10.0.0.1", [b"6.6.6.6, 192.0.2.7"], 1, "192.0.2.7"),
        ("10.0.0.1", [b"6.6.6.6", b"192.0.2.7"], 1, "192.0.2.7"),
        ("10.0.0.1", [b"6.6.6.6, 192.0.2.7, 10.0.0.2"], 2, "192.0.2.7"),
        ("10.0.0.1", [], 1, None),
        ("10.0.0.1", [b"192.0.2.7"], 2, None),
        ("10.0.0.1", [b"nonsense"], 1, None),
        ("10.0.0.1", [b"6.6.6.6, 192.0.2.7, 10.9.9.9"], NETWORKS, "192.0.2.7"),
        ("203.0.113.9", [b"6.6.6.6"], NETWORKS, "203.0.113.9"),
        ("10.0.0.1", [b"6.6.6.6, nonsense, 10.0.0.2"], NETWORKS, None),
        ("10.0.0.1", [b"10.0.0.3"], NETWORKS, "10.0.0.3"),
        ("fd00::1", [b"[2001:db8::7]:443"], NETWORKS, "2001:db8::7"),
        ("::ffff:10.0.0.1", [b"192.0.2.7:1234"], NETWORKS, "192.0.2.7"),
        ("fe80::1%eth0", [], 0, "fe80::1"),
        (None, [b"192.0.2.7"], 0, None),
        (None, [b"192.0.2.7"], NETWORKS, None),
        ("testclient", [], 0, None),
        ("10.0.0.1", [b"\xff" * 9_000], 1, None),
    ],
)
def test_only_what_trusted_proxies_wrote_is_believed(
    peer: str | None, forwarded: list[bytes], trusted: int, client: str | None
) -> None:
    assert client_address(peer, forwarded, trusted) == client


def test_who_is_a_trusted_proxy() -> None:
    assert is_trusted_peer("10.1.2.3", NETWORKS)
    assert not is_trusted_peer("203.0.113.9", NETWORKS)
    assert not is_trusted_peer(None, NETWORKS)
    assert is_trusted_peer(None, 1)
    assert not is_trusted_peer("10.1.2.3", 0)


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://shop.example/a?utm_source=x&page=2#top", None),
        ("https://shop.example/a?a=1&a=2&b=&c&&=d", None),
        ("https://shop.example/a?promo_code=SPRING&keyword=shoes&statement=1", None),
        ("https://shop.example:8443/", None),
        ("http://shop.example:443/", None),
        ("https://shop.example:443/", "https://shop.example/"),
        ("http://SHOP.example:80/a", "http://SHOP.example/a"),
        ("https://ann@shop.example/", "https://shop.example/"),
        ("https://ann:p@ss@shop.example/", "https://shop.example/"),
        ("//ann:pw@shop.example/", "//shop.example/"),
        ("/a?token=1", "/a?token=redacted"),
        ("/a?Access-Token=1&accessToken=2", "/a?Access-Token=redacted&accessToken=redacted"),
        ("/a?code=1&password=2;session=3", "/a?code=redacted&password=redacted;session=redacted"),
        ("/a?p%61ssword=1", "/a?p%61ssword=redacted"),
        ("/a?token=", None),
        ("/a#access_token=1&x=2", "/a#access_token=redacted&x=2"),
        ("/a#/route?token=1", "/a#/route?token=redacted"),
        (f"/a?x={JWT}", "/a?x=redacted"),
        (f"/a/{JWT}/b", "/a/redacted/b"),
        ("/a?x=ann@shop.example", "/a?x=redacted"),
        ("/a?x=ann%40shop.example&y=1", "/a?x=redacted&y=1"),
        ("/a?x=ann%2540shop.example", "/a?x=redacted"),
        ("/a?ann@shop.example", "/a?redacted"),
        ("/a?ann@shop.example=1", "/a?redacted=1"),
        ("/u/ann%40shop.example/b", "/u/redacted/b"),
        ("/a?next=%2Fb%3Ftoken%3D7", "/a?next=redacted"),
        ("/a?next=https%3A%2F%2Fann%3Apw%40b.example%2F", "/a?next=redacted"),
        ("/a?next=%2Fb%3Fpage%3D7", None),
        ("/a;jsessionid=7/b", "/a;jsessionid=redacted/b"),
        ("/reset-password/0123456789abcdef", "/reset-password/redacted"),
        ("/reset-password/help", None),
        ("/reset-password/token=1", "/reset-password/redacted"),
        ("/articles/0123456789abcdef", None),
        ("/a?mkt_tok=abc&mc_cid=1", "/a?mkt_tok=redacted&mc_cid=1"),
        ("/a?gclid=Cj0KCQ_x&fbclid=IwAR0", None),
        ("", None),
        ("?", None),
    ],
)
def test_what_is_taken_out_of_a_url(url: str, clean: str | None) -> None:
    assert scrub_url(url) == (url if clean is None else clean)
    assert "".join(split_url(url)) == url
    assert scrub_url(scrub_url(url)) == scrub_url(url)


def test_an_app_can_name_further_secrets() -> None:
    assert scrub_url("/a?Member-No=7&page=2", frozenset({"memberno"})) == "/a?Member-No=redacted&page=2"
    assert is_secret_key("k" * 100 + "token")
    assert not is_secret_key("k" * 100)


SECRETS = """
    access_token accessKey api-key auth bearer code confirmation credential csrf email email_address hash iban id_hint
    jwt key mail magic mobile msisdn new-password nonce oauth_verifier otp pass passphrase passwd password phone
    phone_number pin pwd reset_key SAMLResponse secret session sessid sessionid sid sig signature ssn state tel ticket
    token totp user userEmail username xsrf JSESSIONID PHPSESSID ASPSESSIONID RelayState X-Amz-Signature q name
    first_name lastName address client_ip
"""
HARMLESS = "pins spin pinned page utm_source gclid color keyboard mailing city states users"


@pytest.mark.parametrize("name", [*SECRETS.split(), "PIN", "Pin", "authcode", "authorization", "credentials"])
def test_a_parameter_that_holds_a_secret_is_taken_out_of_urls(name: str) -> None:
    assert scrub_url(f"https://shop.example/?a=1&{name}=4711&b=2") == (f"https://shop.example/?a=1&{name}=redacted&b=2")


@pytest.mark.parametrize("name", HARMLESS.split())
def test_a_parameter_that_only_looks_like_one_is_kept(name: str) -> None:
    assert scrub_url(f"https://shop.example/?{name}=4711") == f"https://shop.example/?{name}=4711"


def test_workers_that_name_one_folder_hash_alike_and_no_key_outlives_two_days(tmp_path: Path) -> None:
    now = [20_500 * 86_400.0]
    one, other = (RotatingKeys(KeyFolder(tmp_path / "keys", clock=lambda: now[0]), clock=lambda: now[0]) for _ in "12")
    found = set()
    for day in range(4):
        now[0] = (20_500 + day) * 86_400.0
        assert one.digest("ip", "192.0.2.1") == other.digest("ip", "192.0.2.1")
        found.add(one.digest("ip", "192.0.2.1"))
        kept = sorted(int(file.name) for file in (tmp_path / "keys").iterdir())
        assert kept == list(range(max(20_500, 20_499 + day), 20_501 + day))
        assert {file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()} == {0o600}
    assert len(found) == 4
