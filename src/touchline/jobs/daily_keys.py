"""The random keys of a home, under which addresses are hashed: a folder of it, which its processes share."""

import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from attribution_campaign_context.key_folder import KeyFolder
from attribution_campaign_context.privacy import DAY_SECONDS, RotatingKeys

FOLDER = "daily_keys"
"""Of the home; keep it out of backups."""


class DailyKeys:
    """The keys of one home; the processes that share the folder share them.

    :param pepper: a secret that is mixed in (``IP_HASH_SALT``), of any length; without the day's key it is worth
        nothing.
    :param clock: gives Unix seconds.
    """

    def __init__(self, home: Path, *, pepper: str = "", clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._files = KeyFolder(home / FOLDER, clock=clock)
        mixed_in = sha256(pepper.encode()).digest() if pepper else b""
        self._keys = RotatingKeys(self._files, pepper=mixed_in, clock=clock)

    def digest(self, kind: str, text: str) -> str:
        """The keyed hash of a text, 64 hexadecimal digits; ``kind`` keeps hashes of different things apart."""
        return self._keys.digest(kind, text)

    def keyed_address(self, ip_hash: str) -> str:
        """What is stored of the hash of an address, no matter what made it: only the key of the day leads to it.

        A server may send a plain SHA-256, and of IPv4 addresses all of them can be tried out.
        """
        return self.digest("told ip", ip_hash)

    @property
    def day(self) -> int:
        """The day whose key is used now: days since 1970 (UTC)."""
        return int(self._clock()) // DAY_SECONDS

    def destroy_old(self) -> int:
        """Destroy the keys of all days before yesterday, in this process and in the folder; returns how many files.

        To be called at the start, and every few minutes from then on.
        """
        destroyed = self._files.destroy_old()
        self._keys.digest("", "")  # lets go of the keys in memory, where the day has turned
        return destroyed
