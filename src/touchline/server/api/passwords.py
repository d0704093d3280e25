"""Checking passwords without harm to others: few at a time, after all else in the processor's queue, never without end.

Argon2 takes 64 MiB and tens of milliseconds of every attempt. An attempt waits for its turn for so long as others of
its address do not wait already; more than :data:`MOST_WAITING` in all are told to come again.
"""

import asyncio
import os
import secrets
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TypeVar

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from touchline.ledger import Ledger, schema
from touchline.server.http.problems import Problem

T = TypeVar("T")
AT_ONCE = 2
MOST_WAITING = 32
MOST_WAITING_OF_ADDRESS = 4
_NICE = 10

log = structlog.get_logger("touchline.server")


class Passwords:
    """Checks who somebody is; to be used on one event loop."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._hasher = PasswordHasher()
        self._nobody = self._hasher.hash(secrets.token_hex(16))
        """Checked where there is no such person, so that the time says nothing."""
        self._threads = ThreadPoolExecutor(AT_ONCE, "password", initializer=_be_nice)
        self._waiting: Counter[str] = Counter()

    async def are_right(self, name: str, password: str, address: str) -> bool:
        """Whether ``password`` is that of the person ``name``.

        :param address: a name of the part of the network that asks.
        :raises Problem: 503 if too many attempts wait already.
        """
        return await self.in_turn(address, partial(self._is_right, name, password))

    async def fits(self, password_hash: str, password: str, address: str) -> bool:
        """Whether a password is the one of a hash; arguments and errors as for :meth:`are_right`."""
        return await self.in_turn(address, partial(self._verified, password_hash, password))

    async def in_turn(self, address: str, work: Callable[[], T]) -> T:
        """What ``work`` answers, which checks or hashes a password; arguments and errors as for :meth:`are_right`."""
        async with self._place(address):
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    @asynccontextmanager
    async def _place(self, address: str) -> AsyncIterator[None]:
        if self._waiting.total() >= MOST_WAITING or self._waiting[address] >= MOST_WAITING_OF_ADDRESS:
            raise Problem(
                503, "busy", "Too many people are logging in right now.", "Try again in a few seconds.",
                headers=[("retry-after", "3")],
            )  # fmt: skip
        self._waiting[address] += 1
        try:
            yield
        finally:
            self._waiting[address] -= 1
            if not self._waiting[address]:
                del self._waiting[address]

    def _is_right(self, name: str, password: str) -> bool:
        rows = self._ledger.rows(schema.USERS, name=name)
        return self._verified(rows[0]["password_hash"] if rows else self._nobody, password) and bool(rows)

    def _verified(self, password_hash: str, password: str) -> bool:
        try:
            self._hasher.verify(password_hash, password)
        except InvalidHashError:
            log.error("password_hash_unreadable", next_step="touchline user password NAME")
            return False
        except VerificationError:
            return False
        return True


def _be_nice() -> None:
    """Let this thread, and those that Argon2 starts from it, compute when nothing else does."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
