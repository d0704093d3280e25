"""Webhooks: one signed POST to a checked address, in bounded time, of which only the status is read."""

import http.client
import secrets
import socket
import ssl
import threading
import time
from contextlib import suppress
from urllib.parse import SplitResult

from touchline.errors import UsageError
from touchline.jobs.alarming.checked_addresses import (
    AddressRefusedError,
    checked_address,
    is_allowed,
    port_of,
    require_url,
)
from touchline.jobs.alarming.delivery_settings import DeliverySettings
from touchline.jobs.alarming.failures import DeliveryFailedError
from touchline.signing import HEADER, header_of

SECONDS = 10.0
"""How long a receiver may take, from the first byte to the last."""
_ANSWER_BYTES = 16_384
"""How much of an answer is read; what it says is not used."""


def send(
    url: str, name: str, key_hash: str, delivery_id: str, body: bytes, settings: DeliverySettings,
    seconds: float | None = None,
) -> None:  # fmt: skip
    """Send one delivery.

    :param name: of the destination, which the signature names as its key.
    :param seconds: how long the receiver may take; ``None``: :data:`SECONDS`.
    :raises DeliveryFailedError: unless the receiver answers 2xx in time.
    """
    try:
        parts = require_url(url, allowed=settings.webhook_hosts)
        may_be_private = is_allowed(parts, settings.webhook_hosts)
        address = checked_address(str(parts.hostname), port_of(parts), is_allowed=may_be_private)
    except (AddressRefusedError, UsageError) as error:
        raise DeliveryFailedError(str(error)) from error
    connection = _Checked(parts, address, SECONDS if seconds is None else seconds)
    headers = {
        "content-type": "application/json",
        "user-agent": "touchline",
        "x-touchline-delivery": delivery_id,
        HEADER.lower(): header_of(name, key_hash, int(time.time()), secrets.token_urlsafe(12), body),
    }
    with connection.ending():
        _post(connection, parts, body, headers)


def _post(connection: "_Checked", parts: SplitResult, body: bytes, headers: dict[str, str]) -> None:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, body, headers)
        answer = connection.getresponse()
        answer.read(_ANSWER_BYTES)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryFailedError(f"The receiver did not answer: {type(error).__name__}.") from error
    if 300 <= answer.status < 400:
        raise DeliveryFailedError(f"The receiver answered {answer.status}: redirects are not followed.")
    if not 200 <= answer.status < 300:
        raise DeliveryFailedError(f"The receiver answered {answer.status}.")


class _Checked(http.client.HTTPConnection):
    """A connection to the address that was checked, which the certificate's host need not resolve to any more."""

    def __init__(self, parts: SplitResult, address: str, seconds: float) -> None:
        super().__init__(str(parts.hostname), port_of(parts), timeout=seconds)
        self._is_secure = parts.scheme == "https"
        self._address = address
        self._seconds = seconds

    def connect(self) -> None:
        """Connect to the checked address, whatever the host resolves to now."""
        self.sock = socket.create_connection((self._address, self.port), self.timeout)
        if self._is_secure:
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)

    def ending(self) -> "_Ending":
        """Closes the connection at the end, and when its time is over."""
        return _Ending(self, self._seconds)


class _Ending:
    """A receiver that sends a byte now and then is cut off: each of its bytes alone would be in time."""

    def __init__(self, connection: _Checked, seconds: float) -> None:
        self._connection = connection
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def _cut(self) -> None:
        connected = self._connection.sock
        if connected is not None:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_error: object) -> None:
        self._timer.cancel()
        self._connection.close()
