"""What a request says of who sends it, and what it only claims."""

import random
import re
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.server.heads import Head
from tests.server.serving import AGENT
from touchline.errors import UsageError
from touchline.ingest import Reason
from touchline.ingest.steps import KEPT_USER_AGENT
from touchline.jobs.daily_keys import DailyKeys
from touchline.server.http import places
from touchline.server.http.addresses import UNKNOWN, Addresses, networks_of, trusted_of
from touchline.server.http.options import ServerOptions
from touchline.server.http.request_context import RequestContext, Sight, sight_of

PROXY = "10.0.0.1:443"


def sight(folder: Path, **options: str) -> Sight:
    return sight_of(folder, ServerOptions(**options))  # type: ignore[arg-type]


def seen(folder: Path, peer: str, fields: dict[str, str | list[str]] | None = None, **options: str) -> RequestContext:
    return sight(folder, **options)(Head(fields), peer)


FORWARDED = "x-forwarded-for"
CLIENTS = [
    ("203.0.113.9:1", [], {}, "203.0.113.9"),
    ("203.0.113.9:1", ["6.6.6.6"], {}, "203.0.113.9"),  # nobody is trusted
    (PROXY, ["6.6.6.6, 198.51.100.7"], {"trusted_proxies": "1"}, "198.51.100.7"),
    (PROXY, ["6.6.6.6", "198.51.100.7"], {"trusted_proxies": "1"}, "198.51.100.7"),  # a proxy that adds a line
    (PROXY, [], {"trusted_proxies": "1"}, None),
    (PROXY, ["198.51.100.7"], {"trusted_proxies": "2"}, None),
    (PROXY, ["6.6.6.6, 198.51.100.7, 10.2.3.4"], {"trusted_proxies": "10.0.0.0/8"}, "198.51.100.7"),
    ("203.0.113.9:1", ["6.6.6.6"], {"trusted_proxies": "10.0.0.0/8"}, "203.0.113.9"),  # a stranger who claims
    ("[::ffff:10.0.0.1]:443", ["[2001:DB8:0::7]:99"], {"trusted_proxies": "10.0.0.0/8"}, "2001:db8::7"),
    (PROXY, ["nonsense"], {"trusted_proxies": "10.0.0.0/8"}, None),
    ("[2001:db8::9]:1", [], {}, "2001:db8::9"),
    ("", [], {}, None),  # a Unix socket
]


@pytest.mark.parametrize(("peer", "forwarded", "options", "address"), CLIENTS, ids=range(len(CLIENTS)))
def test_the_address_is_what_trusted_proxies_say(
    tmp_path: Path, peer: str, forwarded: list[str], options: dict[str, str], address: str | None
) -> None:
    found = seen(tmp_path, peer, {FORWARDED: forwarded} if forwarded else {}, **options)
    assert found.address == address
    assert (found.ip_hash is None) == (address is None)
    assert (found.client_prefix == UNKNOWN) == (address is None)


def test_forwarded_is_believed_where_proxies_write_it_and_never_both(tmp_path: Path) -> None:
    fields: dict[str, str | list[str]] = {
        "x-forwarded-for": "6.6.6.6",
        "forwarded": ['for="[2001:db8::6]"', 'for="[2001:db8::7]:4711";proto=https, for=10.0.0.3'],
    }
    trusted = {"trusted_proxies": "10.0.0.0/8"}
    assert seen(tmp_path, PROXY, fields, **trusted, forwarding_header="forwarded").address == "2001:db8::7"
    assert seen(tmp_path, PROXY, fields, **trusted).address == "6.6.6.6"
    opened: dict[str, str | list[str]] = {"forwarded": 'for="6.6.6.6, for=198.51.100.7'}  # a quote left open
    assert seen(tmp_path, PROXY, opened, **trusted, forwarding_header="forwarded").address == "198.51.100.7"


def _spoofed(chance: random.Random) -> dict[str, str | list[str]]:
    """Header fields that a client may send to look like somebody else."""

    def address() -> str:
        v4 = ".".join(str(chance.randrange(256)) for _ in range(4))
        v6 = ":".join(f"{chance.randrange(65536):x}" for _ in range(8))
        odd = ("unknown", "", "_hidden", "127.0.0.1", "10.0.0.7", "::1", "a" * 300, "1.2.3.4:99", '"', "\x00")
        return chance.choice((v4, v6, f"[{v6}]:80", chance.choice(odd)))

    hops = [", ".join(address() for _ in range(chance.randrange(1, 40))) for _ in range(chance.randrange(1, 4))]
    others = ("x-real-ip", "forwarded", "true-client-ip", "cf-connecting-ip", "x-client-ip", "x-cluster-client-ip")
    fields: dict[str, str | list[str]] = {name: f"for={address()}" for name in others if chance.random() < 0.5}
    return fields | {FORWARDED: hops}


@pytest.mark.parametrize("trusted", ["", "1", "10.0.0.0/8"])
def test_a_thousand_spoofed_headers_are_one_client(tmp_path: Path, trusted: str) -> None:
    look, chance = sight(tmp_path, trusted_proxies=trusted), random.Random(7)
    peer, clients = (PROXY if trusted else "198.51.100.7:1"), set()
    for _ in range(1_000):
        fields = _spoofed(chance)
        if trusted:
            assert isinstance(fields[FORWARDED], list)
            last = fields[FORWARDED]
            fields[FORWARDED] = (
                [*last[:-1], f"{last[-1]}, 198.51.100.7"] if chance.random() < 0.5 else [*last, "198.51.100.7"]
            )
        found = look(Head(fields), peer)
        clients.add((found.client_prefix, found.ip_hash))
    assert len(clients) == 1


def test_what_was_known_of_an_address_ends_with_its_day(tmp_path: Path) -> None:
    """The next day nobody finds out that the same address came again, though it was just looked at."""
    now = [1_800_000_000.0]
    addresses = Addresses(DailyKeys(tmp_path, clock=lambda: now[0]))
    first, again = (addresses.client_of("198.51.100.7", ()) for _ in range(2))
    now[0] += 86_400
    later = addresses.client_of("198.51.100.7", ())
    assert first == again
    assert first.ip_hash != later.ip_hash
    assert first.prefix != later.prefix


def test_only_the_newest_hops_are_looked_at(tmp_path: Path) -> None:
    """A client may send a header of any length before what the proxy adds to it."""
    endless = ", ".join(["6.6.6.6"] * 500)
    found = seen(tmp_path, PROXY, {FORWARDED: [f"{endless}, 198.51.100.7"]}, trusted_proxies="1")
    assert found.address == "198.51.100.7"


def test_an_ipv6_client_is_its_network(tmp_path: Path) -> None:
    look = sight(tmp_path)
    one, other, stranger = (look(Head(), f"[2001:db8:0:{n}::{m}]:1") for n, m in ((1, 7), (1, 8), (2, 7)))
    assert one.client_prefix == other.client_prefix != stranger.client_prefix
    assert one.ip_hash != other.ip_hash
    assert look(Head(), "192.0.2.7:1").client_prefix != look(Head(), "192.0.2.8:1").client_prefix


@pytest.mark.parametrize("text", ["17", "10.0.0.0/33", "10.0.0.1/8", "proxy.example", "1;2"])
def test_options_that_name_no_proxies_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        trusted_of(text)


def test_headers_of_places_only_from_trusted_proxies(tmp_path: Path) -> None:
    fields: dict[str, str | list[str]] = {"x-city": "Evil", "cf-ipcity": "\u00c4\u00b0zmir".encode().decode("latin-1"),
        "x-district": "  Konak\x1b "}  # fmt: skip
    assert seen(tmp_path, "203.0.113.9:1", fields)[3:5] == (None, None)
    assert seen(tmp_path, "203.0.113.9:1", fields, trusted_proxies="10.0.0.0/8")[3:5] == (None, None)
    assert seen(tmp_path, PROXY, fields, trusted_proxies="10.0.0.0/8")[3:5] == ("\u00c4\u00b0zmir", "Konak")
    assert seen(tmp_path, PROXY, {"x-forwarded-city": "x" * 900}, trusted_proxies="1").city == "x" * 128
    assert seen(tmp_path, PROXY, {"cf-ipcity": "", "x-city": "Bursa"}, trusted_proxies="1").city == "Bursa"


def test_a_file_of_places_tells_where_no_proxy_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Reader:
        def get(self, address: str) -> object:
            return {"203.0.113.9": {"city": {"names": {"en": "Ankara"}}}, "203.0.113.8": {"city": {}}}.get(address)

    maxminddb = pytest.importorskip("maxminddb")
    with pytest.raises(UsageError, match="cannot be read"):
        sight(tmp_path, places_file=str(tmp_path / "missing.mmdb"))
    (tmp_path / "bad.mmdb").write_bytes(b"nonsense" * 100)
    with pytest.raises(UsageError, match="cannot be read"):
        places.Places(tmp_path / "bad.mmdb")
    monkeypatch.setattr(maxminddb, "open_database", lambda *_: Reader())
    look = sight(tmp_path, places_file="cities.mmdb", trusted_proxies="1")
    cities = [look(Head({FORWARDED: f"203.0.113.{n}"}), PROXY).city for n in (9, 8, 7)]
    assert cities == ["Ankara", None, None]
    assert look(Head({FORWARDED: "203.0.113.9", "x-city": "Bursa"}), PROXY).city == "Bursa"


NOISE = [
    ({"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, Reason.BOT),
    ({"user-agent": "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)"}, Reason.MONITORING),
    ({"user-agent": AGENT, "sec-purpose": "prefetch;prerender"}, Reason.PREFETCH),
    ({"user-agent": AGENT, "purpose": "prefetch"}, Reason.PREFETCH),
    ({"user-agent": AGENT, "x-moz": "prefetch"}, Reason.PREFETCH),
    ({"user-agent": AGENT, "cookie": "a=1; tl_internal=1"}, Reason.INTERNAL),
    ({"user-agent": AGENT, "cookie": "tl_internal=0", "sec-purpose": "x"}, None),
    ({"user-agent": AGENT}, None),
    ({"user-agent": "curl/8.5.0"}, None),
    ({"user-agent": "Acme-Checkout/1.4.2"}, None),  # somebody's backend
    ({"user-agent": "Acme checkout"}, None),
    ({"user-agent": "Symfony HttpClient/Curl"}, None),
    ({"user-agent": "Dart/3.2 (dart:io)"}, None),
    ({"user-agent": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient)"}, Reason.BOT),
    ({}, None),
]


@pytest.mark.parametrize(("fields", "reason"), NOISE, ids=range(len(NOISE)))
def test_noise_has_a_reason(tmp_path: Path, fields: dict[str, str | list[str]], reason: Reason | None) -> None:
    noise = seen(tmp_path, "203.0.113.9:1", fields).noise
    assert (noise and noise.reason) == reason


def test_networks_of_the_owners_and_of_data_centres(tmp_path: Path) -> None:
    look = sight(tmp_path, internal_networks="192.0.2.0/24, 2001:db8:7::/48", datacentre_networks="198.51.100.0/24")
    reasons = [
        noise and noise.reason
        for noise in (
            look(Head(), peer).noise for peer in ("192.0.2.7:1", "[2001:db8:7::1]:1", "198.51.100.1:1", "203.0.113.1:1")
        )
    ]
    assert reasons == [Reason.INTERNAL, Reason.INTERNAL, Reason.DATACENTRE, None]
    assert networks_of("") == ()


HINTS = [
    ({}, None),
    ({"sec-ch-ua-mobile": "?1"}, "mobile"),
    ({"sec-ch-ua-mobile": "?0", "sec-ch-ua-platform": '"Android"'}, "tablet"),
    ({"sec-ch-ua-mobile": "?0", "sec-ch-ua-platform": '"Windows"'}, "desktop"),
    ({"sec-ch-ua-mobile": "?0"}, None),
    ({"sec-ch-ua-mobile": "?1", "sec-ch-ua-form-factors": '"Tablet"'}, "tablet"),
    ({"sec-ch-ua-mobile": "?0", "sec-ch-ua-form-factors": '"XR"'}, None),
]


@pytest.mark.parametrize(("hints", "device"), HINTS, ids=range(len(HINTS)))
def test_client_hints_tell_the_device(
    tmp_path: Path, hints: dict[str, str | list[str]], device: str | None
) -> None:  # fmt: skip
    assert seen(tmp_path, "203.0.113.9:1", {"user-agent": AGENT, **hints}).device_class == device


def test_who_asks_not_to_be_followed(tmp_path: Path) -> None:
    assert seen(tmp_path, "203.0.113.9:1", {"sec-gpc": "1"}).is_consent_refused
    assert not seen(tmp_path, "203.0.113.9:1", {"sec-gpc": "0"}).is_consent_refused


def test_the_user_agent_is_as_it_is_kept(tmp_path: Path) -> None:
    said, kept = "Mozilla/5.0\x0b at 203.0.113.9", "Mozilla/5.0\N{REPLACEMENT CHARACTER} at redacted"
    assert seen(tmp_path, "203.0.113.9:1", {"user-agent": said}).user_agent == kept
    short = "Mozilla/5.0 (198.51.100.1) " + "x" * (KEPT_USER_AGENT - 34) + "9.9.9.9"
    assert seen(tmp_path, "9.9.9.9:1", {"user-agent": short}).user_agent == short[:-7] + "redacte"


BODIES = [
    ("203.0.113.9:1", b'{"properties":{"ip":"203.0.113.9"}}', b'{"properties":{"ip":"redacted"}}'),
    ("203.0.113.9:1", b"at 203.0.113.9. Not 1203.0.113.9, 203.0.113.90 or 203.0.113.9.1",
     b"at redacted. Not 1203.0.113.9, 203.0.113.90 or 203.0.113.9.1"),
    ("[2001:db8::9]:1", b"[2001:db8::9]:80 2001:db8::91", b"[redacted]:80 2001:db8::91"),
    ("203.0.113.9:1", b"http://203.0.113.9:8080 ::ffff:203.0.113.9", b"http://redacted:8080 ::ffff:redacted"),
    ("127.0.0.1:1", b"http://127.0.0.1:8000/", b"http://127.0.0.1:8000/"),
]  # fmt: skip


@pytest.mark.parametrize(("peer", "body", "kept"), BODIES, ids=range(len(BODIES)))
def test_pages_that_send_the_address_along(tmp_path: Path, peer: str, body: bytes, kept: bytes) -> None:
    assert seen(tmp_path, peer).without_address(body) == kept


@given(agent=st.text(max_size=700), hint=st.text(max_size=80), hops=st.lists(st.text(max_size=80), max_size=5))
def test_no_header_is_an_error(
    tmp_path_factory: pytest.TempPathFactory, agent: str, hint: str, hops: list[str]
) -> None:
    look = sight(tmp_path_factory.getbasetemp(), trusted_proxies="10.0.0.0/8")
    fields: dict[str, str | list[str]] = {
        "user-agent": agent, "sec-ch-ua-platform": hint, "x-city": hint, "sec-purpose": hint, FORWARDED: hops
    }  # fmt: skip
    found = look(Head(fields), PROXY)
    assert len(found.user_agent or "") <= KEPT_USER_AGENT
    assert re.fullmatch("[0-9a-f]{24}|unknown", found.client_prefix)


ATTACKS = ["SM-" * 21_800, "Mozilla/5.0 " * 5_400, "a" * 65_536, "(" * 65_536, " " * 65_536, "Android;" * 8_192]


@pytest.mark.parametrize("agent", ATTACKS, ids=range(len(ATTACKS)))
def test_a_user_agent_of_64_kilobytes_costs_less_than_a_millisecond(tmp_path: Path, agent: str) -> None:
    look = sight(tmp_path, trusted_proxies="1")
    look(Head({"user-agent": "warm"}), PROXY)
    costs = []
    for number in range(20):  # each is new to every cache
        fields: dict[str, str | list[str]] = {"user-agent": f"{number}{agent}", FORWARDED: f"198.51.100.{number}"}
        began = time.thread_time_ns()
        look(Head(fields), PROXY)
        costs.append(time.thread_time_ns() - began)
    assert sorted(costs)[10] < 1_000_000


def test_a_request_that_was_seen_before_costs_little(tmp_path: Path) -> None:
    """In calls, which no other load on the machine changes: the second look must not read anything again."""
    look = sight(tmp_path, trusted_proxies="1")

    def calls(number: int) -> int:
        head = Head({"user-agent": f"{AGENT} {number}", FORWARDED: f"198.51.{number // 250}.{number % 250}"})
        made = Counter[str]()
        sys.setprofile(lambda _frame, event, _argument: made.update((event,)))
        try:
            look(head, PROXY)
        finally:
            sys.setprofile(None)
        return made["call"] + made["c_call"]

    look(Head({"user-agent": "warm"}), PROXY)
    first = [calls(number) for number in range(20)]
    again = [calls(number) for number in range(20)]
    assert max(again) * 3 < min(first)
