"""What a server that runs on this machine says of itself, asked as anybody may ask it."""

import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from touchline.jobs.ownership import Serving
from touchline.server.api.readiness import Part

_TIMEOUT = 2.0
"""Seconds for each of two questions; a server that takes longer counts as one that does not answer."""


class _Parts(msgspec.Struct):
    parts: dict[str, Part] = {}


@dataclass(frozen=True)
class Heard:
    """What became of asking one server; a status is ``None`` where it did not answer."""

    serving: Serving
    status: int | None
    parts: Mapping[str, Part]
    """Of ``/readyz``: how each part is."""
    waste_status: int | None
    """With which status it refuses a stranger who asks for waste."""

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.serving.url

    def part(self, name: str) -> Part | None:
        """How a part is; ``None`` where the server does not say."""
        return self.parts.get(name)


def ask(serving: Serving) -> Heard:
    """Ask a server how it is."""
    status, body = _answer_of(f"{serving.url}/readyz")
    try:
        parts = msgspec.json.decode(body, type=_Parts).parts
    except msgspec.DecodeError:
        parts = {}
    return Heard(serving, status, parts, _answer_of(f"{serving.url}/api/waste")[0])


def _answer_of(url: str) -> tuple[int | None, bytes]:
    """The status and the body with which our own server answers; no status where it does not."""
    url = url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - the address stands in the lock
            return int(answer.status), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return None, b""
