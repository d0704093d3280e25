"""The home's key, without which nobody can try out whose a stored hash is.

A plain SHA-256 of an e-mail address names the person to anyone who has the address. So what is stored of a SHA-256,
wherever it stands in a text, is its HMAC-SHA-256 under a key of the home: ``k1_``, eight hexadecimal digits that say
which key it was, and 48 of the HMAC. An address and its plain hash give the same, so both are accepted at every door.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from touchline.amounts import counted
from touchline.errors import HomeError, UsageError
from touchline.placeholders import names_somebody
from touchline.settings import environment

VARIABLE, FILE_VARIABLE = "TOUCHLINE_HASH_KEY", "TOUCHLINE_HASH_KEY_FILE"
"""The key itself, or the file that has it, where it is not to be in the ledger."""
ID_VARIABLE = "TOUCHLINE_HASH_KEY_ID"
"""Which key it is meant to be; a ledger that has rows and no key takes the given one only if it is this."""
NAME = "hash_key"
"""Of the key's row in ``secrets``."""
PREFIX = "k1_"
"""Of a stored hash: its form. Another key can have the same one, and another form another one."""
DIGEST_LENGTH = 64
"""Hexadecimal digits of a SHA-256."""

Keyed = Callable[[str], str]
"""A text as it is stored: :meth:`HashKey.keyed`."""

_OUTSIDE = "outside "
_KEY_BYTES, _ID_DIGITS, _KEPT_DIGITS = 32, 8, 48
_ESCAPES = ("%{2}", "%25{2}", "%2525{2}", r"\\x{2}", r"\\u{4}")
"""What a hash may follow as well, though it ends with hexadecimal digits: ``%3D`` in a URL within a URL is a ``=``."""
_FIRST = "|".join(["(?<![0-9a-fA-F])", *(f"(?<={one.replace('{', '[0-9a-fA-F]{')})" for one in _ESCAPES)])
_DIGEST = re.compile(rf"(?:{_FIRST})[0-9a-fA-F]{{64}}(?![0-9a-fA-F])")
_MAY_HAVE_DIGEST = re.compile(r"[0-9a-fA-F]{64}").search
"""Takes half as long where there is none, which is usual."""
_REMEMBERED, _SHORT = 4_096, 512
"""Texts, of this many characters at most, whose stored form is remembered: URLs of pages come again and again."""
_BLOCK, _INNER, _OUTER = 64, 0x36, 0x5C
"""Of HMAC-SHA-256 (RFC 2104)."""
FORM = rf"{PREFIX}([0-9a-f]{{{_ID_DIGITS}}})_[0-9a-f]{{{_KEPT_DIGITS}}}"
"""A stored hash, as a regular expression that takes the key's id out of it."""
_STORED = re.compile(FORM)


class HashKey:
    """The key of one home.

    >>> key = HashKey(bytes(32))
    >>> key.keyed("u:" + "0123456789abcdef" * 4)
    'u:k1_2ae6b81e_5509016083ef66788091938f5b22904c3de4b15d2656d4d4'
    >>> key.keyed("u:42"), key.keyed(key.keyed("0123456789abcdef" * 4)) == key.keyed("0123456789abcdef" * 4)
    ('u:42', True)
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        # The hashes of both paddings, from which each HMAC goes on: less than half of the time of hmac.digest.
        self._inner, self._outer = (
            sha256(bytes(byte ^ padding for byte in key.ljust(_BLOCK, b"\0"))) for padding in (_INNER, _OUTER)
        )
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._keyed)
        self.key_id = self._hmac(b"touchline key")[:_ID_DIGITS]
        """Which key it is; it says nothing of the key itself."""
        self._start = f"{PREFIX}{self.key_id}_"

    def keyed(self, text: str) -> str:
        """The text with the keyed form of each SHA-256 in it; a hash of nothing names nobody, and stays."""
        if len(text) < DIGEST_LENGTH:
            return text
        return self._remembered(text) if len(text) <= _SHORT else self._keyed(text)

    def keyed_digest(self, digest: str) -> str:
        """:meth:`keyed` for a text that is a SHA-256 as a whole, or none; it takes a third of the time."""
        return self._form(digest) if len(digest) == DIGEST_LENGTH else digest

    def _keyed(self, text: str) -> str:
        return text if _MAY_HAVE_DIGEST(text) is None else _DIGEST.sub(self._of, text)

    def _of(self, found: re.Match[str]) -> str:
        return self._form(found[0]) if names_somebody(found[0]) else found[0]

    def _form(self, digest: str) -> str:
        return self._start + self._hmac(digest.encode())[:_KEPT_DIGITS]

    def _hmac(self, message: bytes) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.hexdigest()

    @property
    def hexadecimal(self) -> str:
        """The key as :data:`VARIABLE` has it."""
        return self._key.hex()

    def foreign_in(self, text: str) -> str | None:
        """Which other key a stored hash in the text was made with; ``None``: none is.

        >>> HashKey(bytes(32)).foreign_in(HashKey(bytes([1]) * 32).keyed("m:" + "0123456789abcdef" * 4)) is None
        False
        """
        if PREFIX not in text:
            return None
        return next((key_id for key_id in _STORED.findall(text) if key_id != self.key_id), None)


def given_key(variables: Mapping[str, str] | None = None) -> HashKey | None:
    """The key that :data:`VARIABLE` or :data:`FILE_VARIABLE` gives; ``None``: neither is set.

    :raises UsageError: if it is no key, another one than :data:`ID_VARIABLE` says, or the file cannot be read.
    """
    said = environment() if variables is None else variables
    text, file = said.get(VARIABLE, "").strip(), said.get(FILE_VARIABLE, "").strip()
    if file and not text:
        try:
            text = Path(file).read_text(encoding="ascii").strip()
        except (OSError, UnicodeError) as error:
            raise UsageError(f"{FILE_VARIABLE}: {file} cannot be read.", "Name a file with the key in it.") from error
    if not text and not file:
        return None
    key, meant = key_from(text, FILE_VARIABLE if file else VARIABLE), said.get(ID_VARIABLE, "").strip()
    if meant not in {"", key.key_id}:
        raise UsageError(
            f"{VARIABLE} gives the key {key.key_id}, and {ID_VARIABLE} says that it is to be {meant!r:.80}.",
            "Set both of the same key, or only the key.",
        )
    return key


def require_meant() -> None:
    """Refuse that a ledger with rows takes the given key for all time, unless it is said which one it is.

    :raises HomeError: if the environment gives a key and does not say its id.
    """
    given = given_key()
    if given is not None and not environment().get(ID_VARIABLE, "").strip():
        raise HomeError(
            f"This ledger has no key of hashes yet, and would have the key {given.key_id} of {VARIABLE} for all time.",
            f"If that is meant, set {ID_VARIABLE} to {given.key_id}, and keep a copy of the key: nothing opens the"
            f" ledger without it. Else unset {VARIABLE}, and the ledger makes a key and keeps it.",
        )


def key_from(text: str, said_by: str) -> HashKey:
    """The key of 64 hexadecimal digits.

    :raises UsageError: if it has another form; the error does not show it.
    """
    if re.fullmatch(r"[0-9a-fA-F]{64}", text) is None:
        raise UsageError(
            f"{said_by} is no key: expected 64 hexadecimal digits, but it has {counted(len(text), 'character')}.",
            "Make one with `openssl rand -hex 32`.",
        )
    return HashKey(bytes.fromhex(text))


def new_value(key: HashKey | None = None) -> str:
    """The row of a ledger that has no key yet: of the environment's, of ``key``, or of a random one."""
    given = given_key()
    if given is not None:
        return f"{_OUTSIDE}{given.key_id}"
    return (key or HashKey(random_key())).hexadecimal


def random_key() -> bytes:
    """A key that nobody has."""
    return secrets.token_bytes(_KEY_BYTES)


def key_of(value: str) -> HashKey:
    """The key that a ledger's row is of.

    :raises HomeError: if the ledger does not have it, and the environment gives none, or another one.
    """
    given = given_key()
    if value.startswith(_OUTSIDE):
        key_id = value.removeprefix(_OUTSIDE)
        if given is None:
            raise HomeError(
                f"The key {key_id} of this ledger's hashes is not in the ledger, and {VARIABLE} is not set.",
                f"Set {VARIABLE} or {FILE_VARIABLE} to it, as when the ledger was made.",
            )
    else:
        stored = key_from(value, "The ledger's row hash_key")
        if given is None:
            return stored
        key_id = stored.key_id
    if given.key_id != key_id:
        raise HomeError(
            f"This ledger's hashes are made with the key {key_id}, and {VARIABLE} gives {given.key_id}.",
            f"Set {VARIABLE} to the ledger's key, or unset it if the ledger has its key itself.",
        )
    return given


def is_inside(value: str) -> bool:
    """Whether the ledger has its key itself.

    >>> is_inside("outside 2ae6b81e"), is_inside("00" * 32)
    (False, True)
    """
    return not value.startswith(_OUTSIDE)
