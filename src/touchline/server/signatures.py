"""Signed bodies: a server vouches for what its page will send, without a secret in the page.

``X-Touchline-Signature: key=<id of a secret key>,time=<seconds since 1970>,nonce=<8 to 64 characters>,hmac=<hex>``
where the HMAC-SHA256 is over ``<time>.<nonce>.`` and the body before it is gzipped, and its key is the SHA-256 of the
secret key in hexadecimal digits, which is what the ledger keeps.
"""

import hmac
import re
from collections.abc import Callable
from hashlib import sha256

from touchline.server.keys import Access
from touchline.server.problems import Problem

MAX_AGE_SECONDS = 300
"""How far a signature's time may lie from the server's; and how long its nonce is remembered."""
MOST_NONCES = 100_000

_FORM = re.compile(r"key=([\w-]{1,64}),time=([0-9]{1,12}),nonce=([\w-]{8,64}),hmac=([0-9a-f]{64})")


class Signatures:
    """Checks signatures, and that none is used twice."""

    def __init__(self) -> None:
        self._nonces: dict[tuple[str, str], float] = {}

    def check(self, header: str, body: bytes, find: Callable[[str], Access | None], now: float) -> None:
        """Make sure that ``body`` is signed as ``header`` says; ``find`` knows the site's secret keys by id.

        :param now: seconds since 1970.
        :raises Problem: 401 if it is not.
        """
        match = _FORM.fullmatch(header.strip())
        if match is None:
            raise _refused("Expected key=…,time=…,nonce=…,hmac=….")
        key_id, time, nonce, given = match.groups()
        access = find(key_id)
        if access is None:
            raise _refused("It names no secret key of this site that is valid.")
        if abs(now - int(time)) > MAX_AGE_SECONDS:
            raise _refused(f"Its time is more than {MAX_AGE_SECONDS} seconds away from the server's.")
        if not hmac.compare_digest(signature_of(access.key_hash, time, nonce, body), given):
            raise _refused("It is not that of this body.")
        self._use((access.key_id, nonce), now)

    def _use(self, name: tuple[str, str], now: float) -> None:
        nonces = self._nonces
        while nonces and (len(nonces) >= MOST_NONCES or next(iter(nonces.values())) < now - 2 * MAX_AGE_SECONDS):
            del nonces[next(iter(nonces))]
        if name in nonces:
            raise _refused("Its nonce was used before.")
        nonces[name] = now


def signature_of(key_hash: str, time: str, nonce: str, body: bytes) -> str:
    """The HMAC of a body.

    >>> from hashlib import sha256
    >>> signature_of(sha256(b"sk_1").hexdigest(), "1800000000", "nonce-01", b"{}")[:12]
    '...'
    """
    return hmac.new(key_hash.encode(), f"{time}.{nonce}.".encode() + body, sha256).hexdigest()


def _refused(why: str) -> Problem:
    return Problem(401, "bad_signature", f"X-Touchline-Signature: {why}", "Sign the body anew, with a new nonce.")
