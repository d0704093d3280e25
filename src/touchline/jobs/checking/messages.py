"""Messages between an import and its processes: the length in bytes, then the content."""

from typing import IO

_SIZE_BYTES = 8


def send(stream: IO[bytes], content: bytes) -> None:
    """Send one message."""
    stream.write(len(content).to_bytes(_SIZE_BYTES, "big"))
    stream.write(content)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes:
    """Wait for the next message.

    :raises EOFError: if the other side is gone.
    """
    head = stream.read(_SIZE_BYTES)
    size = int.from_bytes(head, "big")
    content = stream.read(size)
    if len(head) < _SIZE_BYTES or len(content) < size:
        raise EOFError
    return content
