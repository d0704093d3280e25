"""The style sheet and the icon, under names that change with their content, so that a browser may keep them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

KEPT = "public, max-age=31536000, immutable"
"""How long a browser may keep a file whose address has its digest: a year."""
_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}
_PREFIX = "/static"


@dataclass(frozen=True)
class StaticFile:
    """A file as it is served."""

    content: bytes
    media_type: str
    address: str


@cache
def static_files() -> Mapping[str, StaticFile]:
    """All of them, by the name that templates use."""
    folder = files(__package__) / "static"
    return {one.name: _file(one.name, one.read_bytes()) for one in sorted(folder.iterdir(), key=lambda one: one.name)}


def _file(name: str, content: bytes) -> StaticFile:
    digest = hashlib.sha256(content).hexdigest()[:16]
    return StaticFile(content, _TYPES[name.rpartition(".")[2]], f"{_PREFIX}/{digest}/{name}")
