"""One request of each way to be refused, with an accepted one of the same size: what both cost is compared."""

import gzip
import itertools
import json
import random
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.server.heads import Head
from tests.server.serving import AGENT

_PAGE = "https://shop.example/"
_NUMBERS = itertools.count()
_MIXED = [
    "https://shop.example/?token=abc&utm_source=x", "ann@example.com", "192.0.2.17", "2001:db8::17", "12:30:45",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.abc", "a.b.c.d.e", "//a.example/?x=1", "::::", "@@@@",
]  # fmt: skip


@dataclass(frozen=True)
class Request:
    """One request to ``/api/track``."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def head(self) -> Head:
        return Head({"content-type": "application/json", "user-agent": AGENT, **self.headers})


Events = list[dict[str, Any]]


def batch_of(key: str | None, events: Events, **headers: str) -> Request:
    """An envelope; each event gets an id of its own, unless it has one."""
    named = [{"eventId": f"e{next(_NUMBERS)}", **event} for event in events]
    return Request(json.dumps({"publicKey": key, "events": named}).encode(), headers)


def zipped(request: Request) -> Request:
    return Request(gzip.compress(request.body, 6), {**request.headers, "content-encoding": "gzip"})


def accepted_like(key: str, request: Request, events: int = 100) -> Request:
    """An accepted request that is as large: as many events, and what lacks is in fields that nobody reads."""
    body = request.body
    is_zipped = request.headers.get("content-encoding") == "gzip"
    size = min(_inflated_size(body) if is_zipped else len(body), 900_000)
    bare = batch_of(key, [_view() for _ in range(events)])
    missing = max(0, size - len(bare.body) - 13 * events) // events
    padded = batch_of(key, [{**_view(), "zz": noise(missing)} for _ in range(events)])
    return zipped(padded) if is_zipped else padded


def _inflated_size(body: bytes) -> int:
    try:
        return len(zlib.decompressobj(wbits=31).decompress(body))
    except zlib.error:
        return len(body)


def filler(length: int) -> str:
    return (" ".join(_MIXED) * (length // 100 + 1))[:length]


def noise(length: int) -> str:
    """Text that hardly gets smaller."""
    return random.Random(length).randbytes(length // 2 + 1).hex()[:length]


def _view(**fields: Any) -> dict[str, Any]:
    return {"type": "PAGE_VIEW", "url": _PAGE, "anonId": "ann", **fields}


def _many(**fields: Any) -> Callable[[str | None], Request]:
    return lambda key: batch_of(key, [_view(**fields) for _ in range(100)])


def _deep(depth: int) -> Any:
    found: Any = 1
    for _ in range(depth):
        found = {"a": found}
    return found


def _random_bytes(key: str) -> Request:
    return Request(random.Random(7).randbytes(80_000), {"content-encoding": "gzip"})


def _cut_gzip(key: str) -> Request:
    whole = zipped(batch_of(key, [_view(title=filler(400)) for _ in range(100)]))
    return Request(whole.body[:-9], whole.headers)


def _bad_utf8(key: str) -> Request:
    whole = batch_of(key, [_view(title="x" * 400) for _ in range(100)])
    return Request(whole.body.replace(b'xx", "anonId', b'\xff\xfe", "anonId'))


def _one_huge(key: str) -> Request:
    return batch_of(key, [{**_view(), "type": filler(700_000)}])


KINDS: dict[str, Callable[[str], Request]] = {
    "unknown type": _many(type="NOTHING", title=filler(400)),
    "unknown type, gzip": lambda key: zipped(_many(type="N", title=noise(400), zz=noise(6_000))(key)),
    "missing id": lambda key: Request(_many(title=filler(400))(key).body.replace(b"eventId", b"eventIx")),
    "empty objects": lambda key: Request(json.dumps({"publicKey": key, "events": [{} for _ in range(100)]}).encode()),
    "no objects": lambda key: Request(json.dumps({"publicKey": key, "events": list(range(100))}).encode()),
    "wrong type of a field": _many(title=7, name=filler(190)),
    "long type": _many(type=filler(5_000)),
    "one long type": _one_huge,
    "one long wrong value": lambda key: batch_of(key, [_view(title=[filler(700_000)])]),
    "wrong values in lists": _many(title=[[1, filler(50)]] * 100),
    "too long": _many(title=filler(6_000)),
    "long keys": _many(type="N", **{"k" * 5_000: 1}),
    "paths in text": _many(type=" - at `$" * 600),
    "one path in text": lambda key: batch_of(key, [_view(type=" - at `$" * 80_000)]),
    "many keys": _many(type="N", **{f"k{n}": n for n in range(400)}),
    "a deep one": lambda key: Request(batch_of(key, [_view(properties={})]).body.replace(b"{}", b"[" * 90_000)),
    "deep ones": _many(properties=_deep(90)),
    "too many properties": _many(properties={f"k{n}": filler(40) for n in range(400)}),
    "time out of range": _many(occurredAt="1999-01-01T00:00:00Z"),
    "no money": _many(type="CONVERSION", value="9e999999"),
    "NUL": _many(title="a\0b", name=filler(190)),
    "scrubbed text": _many(type="N", title=filler(8_000)),
    "addresses": _many(type="N", title="a.b@c.de " * 900),
    "half addresses": _many(type="N", title="a.b" * 2_700),
    "colons": _many(type="N", title=":a" * 4_000),
    "URLs": _many(type="N", title="https://a.example/?token=x " * 300),
    "slashes": _many(type="N", title="//?" * 2_700),
    "foreign keys": _many(publicKey="pk_other"),
    "duplicates": lambda key: batch_of(key, [_view(eventId="same") for _ in range(100)]),
    "bots": lambda key: Request(_many()(key).body, {"user-agent": "Googlebot/2.1"}),
    "bots by the event": _many(userAgent="Googlebot/2.1 " * 30),
    "consent denied": _many(consent="denied"),
    "internal": _many(url=f"{_PAGE}?tl_internal=1"),
    "wrong key": lambda _: _many()("pk_" + "x" * 43),
    "wrong key, gzip": lambda _: zipped(_many(title=noise(400), zz=noise(6_000))("pk_" + "x" * 43)),
    "wrong key, unknown types": lambda _: _many(type="N", title=filler(8_000))("pk_" + "x" * 43),
    "wrong keys": lambda _: Request(_many(publicKey="pk_wrong")("").body),
    "no key": lambda _: Request(_many()(None).body),
    "wrong bearer": lambda _: Request(_many()(None).body, {"authorization": "Bearer sk_" + "x" * 43}),
    "long bearer": lambda _: Request(_many()(None).body, {"authorization": "Bearer " + "x" * 60_000}),
    "wrong signature": lambda key: Request(
        _many()(key).body,
        {"x-touchline-signature": "key=key_x,time=1700000000,nonce=nonce-001,hmac=" + "0" * 64},
    ),
    "foreign origin": lambda key: Request(_many()(key).body, {"origin": "https://evil.example"}),
    "long origin": lambda key: Request(_many()(key).body, {"origin": "https://" + "a." * 30_000}),
    "wrong content type": lambda key: Request(_many()(key).body, {"content-type": "text/html"}),
    "unknown encoding": lambda key: Request(_many()(key).body, {"content-encoding": "br"}),
    "no JSON": lambda key: Request(_many()(key).body[:-2] + b"??"),
    "bad UTF-8": _bad_utf8,
    "no gzip": _random_bytes,
    "cut gzip": _cut_gzip,
    "bomb": lambda _: Request(gzip.compress(b"0" * 20_000_000), {"content-encoding": "gzip"}),
    "too many events": lambda key: batch_of(key, [_view() for _ in range(3_000)]),
    "no events": lambda key: Request(json.dumps({"publicKey": key, "events": [], "zz": filler(100_000)}).encode()),
}  # fmt: skip
"""Each way to be refused: a request that is, by the site's publishable key."""
