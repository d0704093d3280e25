"""What every command takes, and what every command gives back."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from touchline.numerals import date_of, decimal_of, whole_of

if TYPE_CHECKING:
    from cyclopts import Token
    from rich.console import RenderableType

    from touchline.jobs.workspace import Workspace
    from touchline.settings import Home

Switch = Annotated[bool, Parameter(negative="")]
"""An option that is either there or not; there is no ``--no-…`` of it."""


def _whole(_: object, tokens: "Sequence[Token]") -> int:
    found = whole_of(tokens[0].value)
    if found is None:
        raise ValueError(f"expected a whole number such as 30, got {tokens[0].value!r}")
    return found


def _decimal(_: object, tokens: "Sequence[Token]") -> Decimal:
    found = decimal_of(tokens[0].value)
    if found is None:
        raise ValueError(f"expected a number such as 12.50, got {tokens[0].value!r}")
    return found


def _number(kind: object, tokens: "Sequence[Token]") -> float:
    return float(_decimal(kind, tokens))


Whole = Annotated[int, Parameter(converter=_whole)]
"""A whole number in digits 0 to 9; Python's ``int`` takes ``1_000``, ``0x10`` and the digits of every script."""
Number = Annotated[float, Parameter(converter=_number)]
"""As :data:`Whole`, with a decimal point."""


def _day(_: object, tokens: "Sequence[Token]") -> date:
    found = date_of(tokens[0].value)
    if found is None:
        raise ValueError(f"expected a day such as 2026-01-31, got {tokens[0].value!r:.80}")
    return found


Day = Annotated[date, Parameter(converter=_day)]
"""A day, as ``YYYY-MM-DD``."""
Amount = Annotated[Decimal, Parameter(converter=_decimal)]
"""As :data:`Number`, exact."""


@dataclass(frozen=True)
class Answer:
    """A command's answer: a document for programs, and the same for people, made only if people ask."""

    document: Any
    """What ``--json`` prints: dataclasses, mappings, lists, dates, numbers and ``None``."""
    shown: Callable[[], "RenderableType"]
    exit_code: int = 0
    csv: str | None = None
    """What is printed unchanged if CSV is requested."""
    csv_note: str = ""
    """What CSV has no place for, such as that rows are missing: printed as an error is."""


@Parameter(name="*", group="Common options")
@dataclass(frozen=True)
class Options:
    """What every command may be told."""

    home: Path | None = None
    """The folder of the ledger (unless DATABASE_URL is set) and the engine; else TOUCHLINE_HOME, else ~/.touchline."""
    json: Switch = False
    """Print one JSON document on standard output, and nothing else there."""
    debug: Switch = False
    """Show where an unexpected error came from."""

    @property
    def place(self) -> "Home":
        """The home that is meant."""
        from touchline.settings import home_from

        return home_from(folder=self.home)

    def opened(self, *, is_reading: bool = False, seconds: float | None = None) -> "Workspace":
        """The home, open.

        :param is_reading: others may read the numbers meanwhile.
        :param seconds: how long a statement may take; ``None``: as long as it takes.
        """
        from touchline.jobs.workspace import Workspace

        return Workspace(self.place, is_read_only=is_reading, seconds=seconds)


@Parameter(name="*")
@dataclass(frozen=True)
class Scope(Options):
    """What a command of one organization may be told."""

    organization: str | None = None
    """The organization's id; needed where there are several."""


COMMON, SCOPE = Options(), Scope()
"""Nothing said."""
