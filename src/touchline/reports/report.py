"""A report as a value: its name, its question, its parameters, its answer and its table."""

import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from functools import cached_property
from importlib import import_module
from inspect import signature
from types import NoneType, UnionType
from typing import Any, Literal

from touchline.characters import unstorable
from touchline.errors import UsageError
from touchline.numerals import date_of, decimal_of, whole_of

_MICROS = "_micros"
_SHARED = {
    "goal": 'The goal whose conversions count; "" is all goals. Else the setting primary_goal.',
    "start": "The first day. Default: the first day with data.",
    "end": "The last day. Default: the last day with data.",
    "currency": "The currency to report; the organization's currency by default.",
    "compare": "Compare with earlier days: previous, last-year, or days such as 2026-01-01..2026-01-31.",
    "match": "Compare with days of the same weekdays or of the same dates.",
    "account": "Only conversions of this account, by any of its names, without spend. Default: all accounts.",
    "site": "Only conversions of this site, with all their touches. Default: all sites.",
}
"""What parameters mean that many reports have."""
MOST_UNITS = 2**53 // 1_000_000
"""Currency units that an amount may have."""
MOST_ROWS = 10_000
"""Rows or days that may be asked for at a time."""

Scalar = str | int | float | bool | date | None


def is_money(name: str) -> bool:
    """Whether a column or a parameter of this name holds micros.

    >>> is_money("spend_micros"), is_money("clicks")
    (True, False)
    """
    return name.endswith(_MICROS)


def without_unit(name: str) -> str:
    """The name of a column or a parameter whose money is in currency units.

    >>> without_unit("spend_micros"), without_unit("clicks")
    ('spend', 'clicks')
    """
    return name.removesuffix(_MICROS)


@dataclass(frozen=True)
class ReportTable:
    """A report's rows under the names of their columns; money is micros under a name that ends in ``_micros``."""

    columns: tuple[str, ...]
    kinds: tuple[type, ...]
    """Of each column: ``str``, ``int``, ``float``, ``bool`` or ``date``, whether there are rows or none."""
    rows: Sequence[Sequence[Scalar]]

    @property
    def titles(self) -> tuple[str, ...]:
        """The columns as people read them, whose money is in currency units."""
        return tuple(map(without_unit, self.columns))


@dataclass(frozen=True)
class Parameter:
    """What a report may be asked.

    :param name: of the argument of the report's function.
    :param kind: ``str``, ``int`` or ``date``.
    :param choices: what it may be, where not everything of its kind; else empty.
    :param says: what it means, for people.
    """

    name: str
    kind: type
    default: Any
    choices: tuple[str, ...]
    says: str

    @property
    def is_money(self) -> bool:
        """Whether it is an amount, which people give in currency units and the report takes in micros."""
        return is_money(self.name)

    @property
    def asked_name(self) -> str:
        """Its name, before it is spelled for the command line or for HTTP.

        >>> Parameter("min_waste_micros", int, 0, (), "").asked_name
        'min_waste'
        """
        return without_unit(self.name)

    def read(self, text: str) -> Any:
        """The value that a text says.

        :raises UsageError: if it says none.
        """
        found, expected = self._read(text)
        if found is None:
            raise UsageError(f"{camel(self.asked_name)} must be {expected}, not {text!r:.80}.")
        return found

    def _read(self, text: str) -> tuple[Any, str]:
        if self.choices:
            return (text if text in self.choices else None), f"one of {', '.join(self.choices)}"
        if self.is_money:
            amount = decimal_of(text)
            is_known = amount is not None and 0 <= amount < MOST_UNITS
            return (int(amount * 1_000_000) if is_known and amount is not None else None), "an amount such as 12.50"
        if self.kind is date:
            return date_of(text), "a day, YYYY-MM-DD"
        if self.kind is int:
            number = whole_of(text)
            is_known = number is not None and abs(number) <= MOST_ROWS
            return (number if is_known else None), f"a whole number up to {MOST_ROWS:,}"
        return (None if unstorable(text) else text), "text without a NUL character"


@dataclass(frozen=True)
class Report:
    """One question that the tables answer.

    The command line, ``GET /api/reports/{name}`` and the OpenAPI document are made of it. What it is made of is loaded
    when it is asked, so that a list of all reports costs nothing.

    :param name: in small letters.
    :param question: what it answers, for people; one sentence.
    :param answer: ``module:function``, from an engine, an organization's id and the parameters by keyword to a
        dataclass.
    :param rows: the field of that dataclass that holds the table's rows, dataclasses too.
    :param more: further columns of the table, each made of a row by a function that says what it returns.
    :param table: the table of an answer, where it is another than ``rows`` and ``more`` make.
    :param words: by parameter, what it means; those that many reports have need none.
    :param is_alone: whether its command stands alone, such as ``touchline waste``, and not under ``touchline report``.
    """

    name: str
    question: str
    answer: str
    rows: str = "rows"
    more: Mapping[str, Callable[[Any], Scalar]] = field(default_factory=dict)
    table: Callable[[Any], ReportTable] | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    is_alone: bool = False

    @property
    def command(self) -> str:
        """The command that shows it, without options."""
        return f"touchline {self.name}" if self.is_alone else f"touchline report {self.name}"

    @cached_property
    def function(self) -> Callable[..., Any]:
        """What answers."""
        module, _, name = self.answer.partition(":")
        found: Callable[..., Any] = getattr(import_module(module), name)
        return found

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What may be asked: the keyword arguments of the report's function.

        :raises KeyError: if there are no words for one.
        """
        hints, words = typing.get_type_hints(self.function), {**_SHARED, **self.words}
        asked = (one for one in signature(self.function).parameters.values() if one.kind is one.KEYWORD_ONLY)
        return tuple(Parameter(one.name, *_kind(hints[one.name], one.default), words[one.name]) for one in asked)

    def choices(self, query: Mapping[str, str]) -> dict[str, Any]:
        """The arguments that a query asks for, by the parameters' names in camelCase.

        :raises UsageError: if there is no such parameter, or a value is none.
        """
        known = {camel(one.asked_name): one for one in self.parameters}
        unknown = sorted(set(query) - set(known))
        if unknown:
            raise UsageError(f"There is no parameter {unknown[0]!r:.80}.", f"It accepts: {', '.join(known)}.")
        return {known[name].name: known[name].read(text) for name, text in query.items()}

    def table_of(self, answer: Any) -> ReportTable:
        """The rows of an answer: their fields that hold one value each, then ``more``."""
        if self.table is not None:
            return self.table(answer)
        (kind, *_) = typing.get_args(typing.get_type_hints(type(answer))[self.rows])
        hints = typing.get_type_hints(kind)
        names = tuple(one.name for one in fields(kind) if _is_scalar(hints[one.name]))
        rows = [
            (*(getattr(row, name) for name in names), *(make(row) for make in self.more.values()))
            for row in getattr(answer, self.rows)
        ]
        made = (typing.get_type_hints(make)["return"] for make in self.more.values())
        kinds = (*(plain_kind(hints[name]) for name in names), *map(plain_kind, made))
        return ReportTable((*names, *self.more), kinds, rows)


def _kind(hint: Any, default: Any) -> tuple[type, Any, tuple[str, ...]]:
    """The type, the default and the choices of an argument."""
    choices = [part for part in _alternatives(hint) if typing.get_origin(part) is Literal]
    return plain_kind(hint), default, (typing.get_args(choices[0]) if choices else ())


def camel(name: str) -> str:
    """A name as JSON and queries spell it.

    >>> camel("min_waste"), camel("by")
    ('minWaste', 'by')
    """
    head, *tail = name.split("_")
    return head + "".join(map(str.capitalize, tail))


def _is_scalar(hint: Any) -> bool:
    return all(part in {str, int, float, bool, date, NoneType} for part in _alternatives(hint))


def plain_kind(hint: Any) -> type:
    """The type of a column's values, of those that may be missing, too.

    >>> plain_kind(int | None)
    <class 'int'>
    """
    (kind,) = (part for part in _alternatives(hint) if part is not NoneType)
    return str if typing.get_origin(kind) is Literal else kind


def _alternatives(hint: Any) -> tuple[Any, ...]:
    """The types that a union names; of any other type, itself."""
    return typing.get_args(hint) if typing.get_origin(hint) in {UnionType, typing.Union} else (hint,)


def document(value: Any) -> Any:
    """An answer as JSON: dataclasses become objects with camelCase names; the keys of mappings stay.

    >>> document(Parameter("limit", int, 9, (), "How many."))["default"]
    9
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {camel(one.name): document(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): document(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [document(one) for one in value]
    return value
