"""Signed bodies: the HMAC that requests to Touchline, and webhooks from it, carry in ``X-Touchline-Signature``.

``key=<name of the key>,time=<seconds since 1970>,nonce=<8 to 64 characters>,hmac=<hex>``
The HMAC-SHA256 covers ``<time>.<nonce>.`` and the body. Its key is the SHA-256 of the secret in hexadecimal digits,
which is the form that the ledger stores.
"""

import hmac
from hashlib import sha256

HEADER = "X-Touchline-Signature"


def signature_of(key_hash: str, time: str, nonce: str, body: bytes) -> str:
    """The HMAC of a body.

    >>> signature_of(sha256(b"sk_1").hexdigest(), "1800000000", "nonce-01", b"{}")[:12]
    '70a30890dd9e'
    """
    return hmac.new(key_hash.encode(), f"{time}.{nonce}.".encode() + body, sha256).hexdigest()


def header_of(name: str, key_hash: str, time: int, nonce: str, body: bytes) -> str:
    """The header's value for a body."""
    return f"key={name},time={time},nonce={nonce},hmac={signature_of(key_hash, str(time), nonce, body)}"
