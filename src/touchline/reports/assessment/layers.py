"""The five layers of an attribution system, and what makes each complete."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Capability:
    """Something that a layer must be capable of."""

    name: str
    impact: int
    """Its place among all of them where they are missing: 1 first."""
    advice: str
    is_core: bool = True
    """Whether a layer without it is not complete."""

    @property
    def file_name(self) -> str:
        """What its files are called.

        >>> Capability("click ID detection", 6, "").file_name
        'click_id_detection'
        """
        return re.sub("[^a-z]+", "_", self.name.lower())


@dataclass(frozen=True)
class Layer:
    """One layer, with its capabilities in the order in which they are named."""

    name: str
    capabilities: tuple[Capability, ...]

    def status(self, present: frozenset[str]) -> str:
        """``complete`` with all that is core, ``missing`` with nothing, else ``partial``."""
        if not any(one.name in present for one in self.capabilities):
            return "missing"
        is_complete = all(one.name in present for one in self.capabilities if one.is_core)
        return "complete" if is_complete else "partial"


@cache
def layers() -> tuple[Layer, ...]:
    """The layers of ``layers.toml``, from who somebody is to whether the numbers can be trusted.

    >>> [layer.name for layer in layers()][:2]
    ['identity_resolution', 'signal_touchpoint']
    """
    text = (files("touchline.reports.assessment") / "layers.toml").read_text(encoding="utf-8")
    return tuple(
        Layer(layer["name"], tuple(Capability(**one) for one in layer["capability"]))
        for layer in tomllib.loads(text)["layer"]
    )
