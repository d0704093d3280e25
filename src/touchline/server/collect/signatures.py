"""Signed request bodies: a server vouches for the data that its page will send, without a secret in the page.

``X-Touchline-Signature: key=<id of a secret key>,time=<seconds since 1970>,nonce=<8 to 64 characters>,hmac=<hex>``
The HMAC-SHA256 covers ``<time>.<nonce>.`` and the body before compression. Its key is the SHA-256 of the secret key in
hexadecimal digits, which is the form that the ledger stores.
"""

import hmac
import re
from collections.abc import Callable

from touchline.server.http.keys import Access
from touchline.server.http.problems import Problem
from touchline.signing import signature_of

MAX_AGE_SECONDS = 300
"""The largest difference between a signature's time and the server's. A nonce is stored until its time is too old."""
MOST_NONCES = 100_000
"""The number of nonces stored per key. Above it, further signatures are rejected for now; no nonce is dropped early."""

_FORM = re.compile(r"key=([\w-]{1,64}),time=(\d{1,12}),nonce=([\w-]{8,64}),hmac=([0-9a-f]{64})", re.ASCII)


class Signatures:
    """Verifies signatures, and that each is used only once."""

    def __init__(self) -> None:
        self._nonces: dict[str, dict[str, int]] = {}
        """By key: the nonces, and when each can be dropped."""
        self._swept_at = 0.0

    def check(self, header: str, body: bytes, find: Callable[[str], Access | None], now: float) -> Access:
        """Verify that ``header`` signs ``body``; ``find`` returns the site's secret key with an id.

        :param now: seconds since 1970.
        :returns: the key that signed it.
        :raises Problem: 401 if the signature is not valid.
        """
        match = _FORM.fullmatch(header.strip())
        if match is None:
            raise _refused("Expected key=…,time=…,nonce=…,hmac=….")
        key_id, time, nonce, given = match.groups()
        access = find(key_id)
        if access is None or not {"track", "admin"} & access.scopes:
            raise _refused("It names no secret key of this site that is valid and may send events.")
        if abs(now - int(time)) > MAX_AGE_SECONDS:
            raise _refused(f"Its time is more than {MAX_AGE_SECONDS} seconds away from the server's.")
        if not hmac.compare_digest(signature_of(access.key_hash, time, nonce, body), given):
            raise _refused("It is not that of this body.")
        self._use(access.key_id, nonce, int(time) + MAX_AGE_SECONDS, now)
        return access

    def _use(self, key_id: str, nonce: str, until: int, now: float) -> None:
        nonces = self._nonces.setdefault(key_id, {})
        if nonce in nonces and nonces[nonce] >= now:
            raise _refused("Its nonce was used before.")
        if len(nonces) >= MOST_NONCES or now - self._swept_at > MAX_AGE_SECONDS:
            self._sweep(now)
        nonces = self._nonces.setdefault(key_id, {})
        if len(nonces) >= MOST_NONCES:
            raise Problem(
                503, "busy", "Too many bodies were signed with this key in a short time.", "Send it again later.",
                headers=[("retry-after", "60")],
            )  # fmt: skip
        nonces[nonce] = until

    def _sweep(self, now: float) -> None:
        """Drop expired nonces; at most once a second, because it scans all of them."""
        if now - self._swept_at < 1:
            return
        self._swept_at = now
        for key_id in list(self._nonces):
            left = {nonce: until for nonce, until in self._nonces[key_id].items() if until >= now}
            if left:
                self._nonces[key_id] = left
            else:
                del self._nonces[key_id]


def _refused(why: str) -> Problem:
    return Problem(401, "bad_signature", f"X-Touchline-Signature: {why}", "Sign the body again, with a new nonce.")
