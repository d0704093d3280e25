"""What a stranger can send who knows the publishable key, as every page shows it, and guesses ids.

Each kind is a function from chance to the bytes of one request. It uses no secret, and no visitor id of an honest
customer: those are random, and only the customer's browser has them.
"""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.adversary.shop import CUSTOMERS, START, customer, order_id
from tests.server.serving import AGENT

Event = dict[str, Any]
_DAY = 86_400_000_000


class Stranger:
    """Makes hostile requests.

    :param guessed_orders: how many order numbers are worth guessing.
    """

    def __init__(self, publishable: str, seed: int, guessed_orders: int) -> None:
        self._key = publishable
        self._chance = Random(f"stranger {seed}")
        self._orders = guessed_orders
        self._number = 0
        self._name = f"x{seed}"

    def request(self) -> bytes:
        """The next request: one of :data:`KINDS`."""
        return self._chance.choice(KINDS)(self)

    # Falsify: who is who, which orders there are, what they are worth.

    def squat_event_ids(self) -> bytes:
        """The ids that the shop's server is going to give its orders."""
        kinds = ("order-{}", "refund-0-{}", "identify-0-{}", "view-0-{}")
        return self._events(
            {"eventId": self._chance.choice(kinds).format(self._order()), "type": "CONVERSION", "value": 0}
            for _ in range(20)
        )

    def refund_orders(self) -> bytes:
        kinds: tuple[Event, ...] = ({"value": 5}, {}, {"name": "cancellation"}, {"value": 3, "currency": "JPY"})
        return self._events(
            {"type": "REFUND", "orderId": self._order(), **self._chance.choice(kinds)} for _ in range(20)
        )

    def take_orders(self) -> bytes:
        return self._events(
            {
                "type": "CONVERSION", "orderId": self._order(), "value": 0, "isTest": self._chance.random() < 0.5,
                "occurredAt": self._early(), "currency": self._chance.choice(("EUR", "JPY", "XAU")),
            }
            for _ in range(20)
        )  # fmt: skip

    def rich_orders(self) -> bytes:
        """Sums of them leave every range."""
        value = self._chance.choice((9_000_000_000, 9_000_000_001, 9_223_372_036_854))
        return self._events({"type": "CONVERSION", "orderId": self._id(), "value": value} for _ in range(20))

    def merge_customers(self) -> bytes:
        who = self._stranger()
        return self._events(
            {"type": "IDENTIFY", "anonId": who, "userId": customer(number)} for number in range(CUSTOMERS)
        )

    def merge_through_mail(self) -> bytes:
        """Two customers share an e-mail address, says one browser of each."""
        one, other = self._chance.sample(range(CUSTOMERS), 2)
        mail = f"{self._chance.getrandbits(256):064x}"
        return self._events(
            {
                "type": "IDENTIFY", "anonId": self._stranger(), "userId": customer(who), "emailHash": mail,
                "emailVerified": self._chance.random() < 0.5,
            }
            for who in (one, other)
        )  # fmt: skip

    def merge_through_nobody(self) -> bytes:
        """Ids that programs send where they know none."""
        nobody = self._chance.choice(("null", "undefined", "0000-0000", "---", "not_authenticated", "[object Object]"))
        return self._events(
            {"type": "IDENTIFY", "anonId": nobody, "userId": customer(self._chance.randrange(CUSTOMERS))}
            for _ in range(20)
        )

    def share_a_session(self) -> bytes:
        return self._events(
            {"sessionId": "s-1", "userId": customer(self._chance.randrange(CUSTOMERS))} for _ in range(20)
        )

    def refuse_for_others(self) -> bytes:
        """Consent is refused in the name of customers."""
        said = ({"consent": "denied", "userId": customer(number)} for number in range(CUSTOMERS))
        return self._events(said, sec_gpc="1")

    def many_names(self) -> bytes:
        """No two rows of a report are alike."""
        page = "https://shop.example/?utm_source={0}&utm_medium={0}&utm_campaign={0}"
        return self._events(
            {"type": "CONVERSION", "name": f"goal-{name}", "url": page.format(name), "value": 1}
            for name in (self._id() for _ in range(20))
        )

    def crowd_a_customer(self) -> bytes:
        who = customer(self._chance.randrange(CUSTOMERS))
        return self._events(
            {"type": "PAGE_VIEW", "anonId": self._stranger(), "userId": who, "url": _AD} for _ in range(60)
        )

    def kiosk(self) -> bytes:
        """One browser that never stops coming and buying."""
        acts = ({"type": "PAGE_VIEW", "url": _AD}, {"type": "CONVERSION", "value": 1})
        return self._events(
            {"anonId": f"kiosk-{self._name}", "occurredAt": self._early(), **acts[number % 2]} for number in range(100)
        )

    # Break: one bad event, one bad request.

    def nul_inside(self) -> bytes:
        places: tuple[Event, ...] = (
            {"metadata": {"city": "a\0b"}}, {"survey": {"answer": "\0"}}, {"properties": {"k\0": "v\0"}},
            {"eventId": "no\0where", "type": "NONE"}, {"title": "\0", "userId": "\0u"}, {"orderId": "a\0"},
        )  # fmt: skip
        return self._events([{"type": "PAGE_VIEW"}, self._chance.choice(places), {"type": "PAGE_VIEW"}])

    def odd_text(self) -> bytes:
        text = self._chance.choice(("\ud800", "\x1b[2J\x1b]0;x\x07", "\u202egnp.exe", "😀" * 40, "=1+1", "\x85\x9b"))
        said = {"anonId": text, "title": text, "name": text, "orderId": text, "properties": {text: text}}
        body = json.dumps({"publicKey": self._key, "eventId": self._id(), "type": "CUSTOM", **said})
        return self._post(body.encode("ascii"))

    def odd_numbers(self) -> bytes:
        for_value = self._chance.choice(("1e999", "-1", "9" * 400, '"1_000"', '"٣٤"', '"NaN"', "0.0000001", "true"))
        body = f'{{"publicKey": "{self._key}", "eventId": "{self._id()}", "type": "CONVERSION", "value": {for_value}}}'
        return self._post(body.encode())

    def odd_times(self) -> bytes:
        time = self._chance.choice(
            ("0001-01-01T00:00:00Z", "9999-12-31T23:59:60Z", "2062-01-01T00:00:00Z", "yesterday", "2026-03-29T02:30:00",
             _ahead(600), _ahead(86_400))
        )  # fmt: skip
        return self._events([{"type": "PAGE_VIEW", "occurredAt": time}])

    def odd_addresses(self) -> bytes:
        url = self._chance.choice(
            ("javascript:alert(1)", "data:text/html,x", "http://[::1", "//", "https://" + "a." * 900)
        )
        return self._events([{"type": "PAGE_VIEW", "url": url, "referrer": url}])

    def long_ids(self) -> bytes:
        return self._events([{"eventId": "é" * 128, "type": "CUSTOM", "userId": "ü" * 256, "orderId": "ß" * 128}])

    def twice_named(self) -> bytes:
        """Which of two keys, ids and types is it?"""
        body = (
            f'{{"publicKey": "pk_x", "eventId": "{self._id()}", "type": "PAGE_VIEW", "events": null, "value": 0,'
            f' "eventId": "order-{self._order()}", "type": "CONVERSION", "publicKey": "{self._key}"}}'
        )
        return self._post(body.encode())

    def too_many(self) -> bytes:
        return self._events([{}] * self._chance.choice((0, 101, 2_000)))

    def no_json(self) -> bytes:
        return self._post(
            self._chance.choice((b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50_000, b'{"a":' * 9_000))
        )

    # Wear out: requests that are dear to refuse, connections that stay.

    def unknown_types(self) -> bytes:
        events = [
            {"eventId": self._id(), "type": "NO_SUCH_TYPE", "title": self._noise(400), "zz": self._noise(3_000)}
            for _ in range(100)
        ]
        return self._post(
            gzip.compress(json.dumps({"publicKey": self._key, "events": events}).encode()), encoding="gzip"
        )

    def bomb(self) -> bytes:
        return self._post(gzip.compress(b"[" + b" " * 8_000_000, 9), encoding="gzip")

    def cut_gzip(self) -> bytes:
        whole = gzip.compress(self._noise(20_000).encode())
        return self._post(self._chance.choice((whole[:-9], whole * 2, whole[1:])), encoding="gzip")

    def odd_encoding(self) -> bytes:
        return self._post(b"{}", encoding=self._chance.choice(("br", "gzip, gzip", "deflate", "zstd")))

    def large_with_its_key_at_the_end(self) -> bytes:
        events = [{"eventId": self._id(), "type": "PAGE_VIEW", "title": self._noise(8_000)} for _ in range(100)]
        return self._post(json.dumps({"events": events, "publicKey": "pk_nobody"}).encode())

    def wrong_key(self) -> bytes:
        event = {"eventId": self._id(), "type": "PAGE_VIEW", "properties": {"p": "x" * 40_000}}
        return self._post(json.dumps({"publicKey": f"pk_{self._chance.getrandbits(128):032x}", **event}).encode())

    def wrong_secret(self) -> bytes:
        return self._post(b"{}", authorization=f"Bearer sk_{self._chance.getrandbits(128):032x}")

    def wrong_signature(self) -> bytes:
        body = json.dumps({"publicKey": self._key, "eventId": self._id(), "type": "CONVERSION", "value": 9}).encode()
        return self._post(body, x_touchline_signature="t=1,key=abc,v1=00")

    def foreign_page(self) -> bytes:
        origin = self._chance.choice(
            ("https://evil.example", "https://evil.example/.shop.example", "null", "x" * 4_000)
        )
        return self._events([{"type": "PAGE_VIEW"}], origin=origin)

    def preflight(self) -> bytes:
        return (
            f"OPTIONS /api/track HTTP/1.1\r\nhost: shop\r\norigin: https://{self._id()}.example\r\n"
            f"access-control-request-method: POST\r\nx-forwarded-for: {self._address()}\r\n\r\n"
        ).encode()

    def another_method(self) -> bytes:
        return self._post(b"{}").replace(b"POST", self._chance.choice((b"PUT", b"DELETE", b"TRACE", b"HEAD")), 1)

    def in_anothers_name(self) -> bytes:
        """A client that writes a customer's address into the header to which the proxy adds its own."""
        body = json.dumps({"publicKey": "pk_nobody", "eventId": self._id(), "type": "PAGE_VIEW"}).encode()
        return self._post(body, x_forwarded_for=f"198.51.100.{self._chance.randrange(256)}, {self._address()}")

    def log_in(self) -> bytes:
        body = json.dumps({"name": "admin", "password": f"{self._chance.random()}"}).encode()
        kind = self._chance.choice(("application/json", "text/plain", "application/x-www-form-urlencoded"))
        return self._post(body, path="/api/login", content_type=kind)

    def ask_for_work(self) -> bytes:
        """Costs and jobs, with the key that every page shows."""
        path = self._chance.choice(("/api/costs", "/api/cron?job=retention", "/api/waste", "/metrics"))
        return self._post(b'day,platform\n"2026-01-01,', path=path, authorization=f"Bearer {self._key}")

    def wander(self) -> bytes:
        path = self._chance.choice(
            ("/", "/readyz", "/metrics", "/api/waste?dateRange=x", "/t.js", "/%00", "/" + "a" * 4_000)
        )
        return f"GET {path} HTTP/1.1\r\nhost: shop\r\nx-forwarded-for: {self._address()}\r\n\r\n".encode()

    def half_a_request(self) -> bytes:
        """The rest never comes."""
        return self._post(b"x" * 1_000)[: self._chance.choice((1, 40, 150, 700))]

    def silence(self) -> bytes:
        """A connection on which nothing comes."""
        return b""

    def another_protocol(self) -> bytes:
        return self._chance.choice((b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\0\x01\0", b"\0" * 900))

    def chunks(self) -> bytes:
        """A body in pieces: endless, broken, or of two lengths."""
        head = self._post(b"{}").replace(b"content-length: 2\r\n", b"transfer-encoding: chunked\r\n")[:-2]
        two = self._post(b"{}").replace(b"\r\n\r\n", b"\r\ntransfer-encoding: chunked\r\n\r\n", 1)
        return self._chance.choice((head + b"5\r\n[1,2,", head + b"zz\r\n", head + b"2\r\n{}\r\n0\r\n\r\n", two))

    def many_at_once(self) -> bytes:
        """Requests on one connection that wait for no answer."""
        return b"".join(self.wrong_secret() for _ in range(50))

    def headers_without_end(self) -> bytes:
        return b"POST /api/track HTTP/1.1\r\n" + b"x-a: b\r\n" * 4_000

    def _events(self, events: Any, **fields: str) -> bytes:
        filled = [
            {"eventId": self._id(), "type": "PAGE_VIEW", "anonId": self._stranger(), "url": _AD, **e} for e in events
        ]
        return self._post(json.dumps({"publicKey": self._key, "events": filled}).encode(), **fields)

    def _post(self, body: bytes, *, path: str = "/api/track", encoding: str = "", **fields: str) -> bytes:
        head = {
            "host": "shop", "content-type": "application/json", "content-length": str(len(body)), "user-agent": AGENT,
            "x-forwarded-for": self._address(), **{name.replace("_", "-"): value for name, value in fields.items()},
        }  # fmt: skip
        if encoding:
            head["content-encoding"] = encoding
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        return f"POST {path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    def _address(self) -> str:
        return f"203.0.{self._chance.randrange(64)}.{self._chance.randrange(256)}"

    def _id(self) -> str:
        self._number += 1
        return f"{self._name}-{self._number}"

    def _order(self) -> str:
        return order_id(self._chance.randrange(self._orders))

    def _noise(self, length: int) -> str:
        """Text that hardly gets smaller."""
        return self._chance.randbytes(length // 2).hex()

    def _early(self) -> str:
        """Before the shop's own report."""
        micros = START - self._chance.randrange(30 * _DAY)
        return datetime.fromtimestamp(micros / 1e6, UTC).isoformat()

    def _stranger(self) -> str:
        return f"{self._name}-{self._chance.getrandbits(40):x}"


def _ahead(seconds: float) -> str:
    """By a clock that is wrong."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


_AD = "https://shop.example/?utm_source=stranger&utm_medium=cpc&utm_campaign=mine"

KINDS: tuple[Callable[[Stranger], bytes], ...] = (
    Stranger.squat_event_ids, Stranger.refund_orders, Stranger.take_orders, Stranger.rich_orders,
    Stranger.merge_customers, Stranger.merge_through_mail, Stranger.merge_through_nobody, Stranger.share_a_session,
    Stranger.refuse_for_others, Stranger.crowd_a_customer, Stranger.many_names, Stranger.kiosk, Stranger.nul_inside,
    Stranger.odd_text, Stranger.odd_numbers, Stranger.odd_times, Stranger.odd_addresses, Stranger.long_ids,
    Stranger.twice_named, Stranger.too_many, Stranger.no_json, Stranger.unknown_types, Stranger.bomb,
    Stranger.cut_gzip, Stranger.odd_encoding, Stranger.large_with_its_key_at_the_end, Stranger.wrong_key,
    Stranger.wrong_secret, Stranger.wrong_signature, Stranger.foreign_page, Stranger.preflight,
    Stranger.another_method, Stranger.in_anothers_name, Stranger.log_in, Stranger.ask_for_work, Stranger.wander,
    Stranger.half_a_request, Stranger.silence, Stranger.another_protocol, Stranger.chunks, Stranger.many_at_once,
    Stranger.headers_without_end,
)  # fmt: skip
