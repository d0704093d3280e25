"""What the server says of itself to systemd, by the socket that ``NOTIFY_SOCKET`` names."""

import socket
from collections.abc import Mapping

import structlog

log = structlog.get_logger("touchline.server")


def say(environment: Mapping[str, str], **fields: object) -> None:
    """Say something, such as ``READY=1``, in one datagram; nothing where nobody wants to know, as in a shell.

    That it cannot be said is logged, and is no reason to stop.

    >>> say({}, READY=1)
    """
    named = environment.get("NOTIFY_SOCKET", "")
    if not named:
        return
    address = f"\0{named[1:]}" if named.startswith("@") else named  # a name that begins with @ is of no file
    message = "\n".join(f"{name}={value}" for name, value in fields.items()).encode()
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as speaking:
            speaking.sendto(message, address)
    except OSError as error:
        log.warning("service_manager_not_reached", error=error.strerror)
