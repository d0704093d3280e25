"""Formats of costs: which column of an export is which of ours. Each is one file of ``spend/formats``.

.. code-block:: toml

    says = "Name of the export, for people"
    source = "https://…"                          # where its columns are described
    since = "0.2"
    tells = ["Swipes"]                            # at least one of these columns is there, if any is named
    ignored = ["conversions", "video_*", "*"]     # columns that say nothing of costs; see below
    unit = "micros"                               # of the cost; else units of the currency
    value_unit = "micros"                         # of the value of conversions
    written = true                                # for people: localized numbers and dates, lines above, totals
    zone = "UTC"                                  # of times of day, where it is not the ad account's
    order = "DMY"                                 # of dates such as 02/03/2026, where the cells need not show it
    decimal = ","                                 # the decimal mark, where the cells need not show it

    [columns]                                     # ours = "theirs", or a list: the first that is not empty counts
    date = "Day"
    cost = ["Amount", "Amount ({currency})"]

    [constants]                                   # ours = what every row says
    platform = "META"

    [values.platform]                             # of one of our columns: "theirs" = "ours"; other values stay
    "FB" = "META"

A column that is both the ``date`` and the ``first_day`` is the day where a file has no ``last_day``.

A file is recognized by its columns; there is no option that names its format. Case, spaces and underscores of a name do
not matter. ``*`` in ``ignored`` stands for any text; alone, it is every column but those that may be a cost.
"""

import re
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

from touchline.spend.costs import OPTIONAL, REQUIRED
from touchline.spend.written_dates import Order
from touchline.spend.written_numbers import Mark

RANGE = ("first_day", "last_day")
"""Columns of exports whose rows are totals over several days."""
FIELDS = (*REQUIRED, *OPTIONAL, *RANGE)
_PARTS = ("columns", "constants", "values")
_KEYS = frozenset(
    {
        "says",
        "source",
        "since",
        "tells",
        "ignored",
        "unit",
        "value_unit",
        "written",
        "zone",
        "order",
        "decimal",
        *_PARTS,
    }
)
_CHOICES = {
    "unit": ("units", "micros"),
    "value_unit": ("units", "micros"),
    "order": ("", "DMY", "MDY"),
    "decimal": ("", ".", ","),
}
_EVERY = "?*"
_ENOUGH = 4
"""Columns that make a file look like an export, although it has none that only that export has."""
_ANY = "*"
_MAY_BE_COST = re.compile(
    r"\b(costs?|spen[dt]|amount|charged?|kosten|ausgaben|betrag|co[uû]ts?|d[eé]penses?|montant|co?st[eo]s?|gastos?"
    r"|importe|spesa|custo|uitgegeven|koszt|kwota|kostnad(er)?|belopp|maliyet|tutar)\b|費用|消化金額|利用金額|広告費|コスト|支出"
)
_IS_RATE = re.compile(
    r"/|単価|平均|予算|\b(per|pro|par|por|avg|average|mean|ø|durchschn|moyen|moy|promedio|medio|cp[acmv]|bid|cap|budget|limit|goal|target|"
    r"średni|share|roas|return|estimated|measurable|credits?|type|strategy|objective|currency|invalid)\b|%|on ad spend"
)
_CURRENCY = "{currency}"
NAMED_CURRENCY = "currency of the column"
"""Next to our columns in a row: the currency in the name of the column that had the cost."""


def plain(name: str) -> str:
    """The name of a column as names are compared.

    >>> plain(" Campaign_Name "), plain("Impr.")
    ('campaign name', 'impr.')
    """
    return " ".join(name.replace("_", " ").replace("\ufeff", "").casefold().split())


def may_be_cost(name: str) -> bool:
    """Whether a column's name sounds like an amount of money spent, and not like a rate or a budget.

    >>> may_be_cost("Amount spent (EUR)"), may_be_cost("Cost / conv."), may_be_cost("COST_PER_RESULT")
    (True, False, False)
    """
    return bool(_MAY_BE_COST.search(plain(name))) and not _IS_RATE.search(plain(name))


def is_bookkeeping(name: str) -> bool:
    """Whether a column is a loader's own, such as ``_dlt_id`` or ``_fivetran_synced``, and says nothing of costs.

    >>> is_bookkeeping("_dlt_load_id"), is_bookkeeping("_airbyte_extracted_at"), is_bookkeeping("_cost")
    (True, True, False)
    """
    return name.startswith("_") and not may_be_cost(name.strip("_"))


@dataclass(frozen=True)
class CostFormat:
    """How an export of costs is read; the comment above has the parts.

    :param columns: by our name of a column, the export's, in the order in which they count.
    :param constants: by our name, what every row says.
    :param values: by our name, what stands for a value of the export.
    """

    says: str
    columns: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...] = ()
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    tells: tuple[str, ...] = ()
    unit: str = "units"
    is_written: bool = False
    zone: str = ""
    order: Order | None = None
    decimal: Mark | None = None
    value_unit: str = "units"

    def header(self, names: Sequence[str]) -> "Header | None":
        """A file's columns as this format has them; ``None``: it is no such export."""
        return self.header_of({plain(name): name for name in reversed(names)}, names)

    def header_of(self, theirs: Mapping[str, str], names: Sequence[str]) -> "Header | None":
        """As :meth:`header`, of names whose plain forms are known; it may be that none of :attr:`tells` is there."""
        if not _those_of(self.columns["cost"], theirs):
            return None
        told = _those_of(self.tells, theirs)
        found = {ours: there for ours, said in self.columns.items() if (there := _those_of(said, theirs))}
        if found.get("date", ()) == found.get("first_day"):
            del found["date" if "last_day" in found else "first_day"]
        read = {name for columns in found.values() for name in columns}
        others = tuple(name for name in names if name and name not in read)
        if any(not self._is_ignored(name) for name in others):
            return None
        return Header(self, found, tuple(names), others, len(found) + len(told), bool(told or not self.tells))

    def _is_ignored(self, name: str) -> bool:
        if any(fnmatchcase(plain(name), one) for one in self._patterns):
            return True
        return _ANY in self.ignored and not may_be_cost(name)

    @cached_property
    def _patterns(self) -> tuple[str, ...]:
        return tuple(plain(one) for one in self.ignored if one != _ANY)


def _those_of(said: Sequence[str], theirs: Mapping[str, str]) -> tuple[str, ...]:
    """The columns of a file that a format reads for one of ours, as the file spells them."""
    found: list[str] = []
    for one in said:
        if _CURRENCY not in one:
            found += [theirs[plain(one)]] if plain(one) in theirs else []
        else:
            found += [name for key, name in theirs.items() if _currency_in(one, key)]
    return tuple(dict.fromkeys(found))


def _is_spelled(said: str, name: str) -> bool:
    start, _, end = said.partition(_CURRENCY)
    return name.startswith(start) and name.endswith(end)


def _currency_in(said: str, name: str) -> str:
    """The currency that the plain name of a column has where a format says ``{currency}``; ``""``: it is another name.

    >>> _currency_in("Amount spent ({currency})", "amount spent (eur)"), _currency_in("Spend", "spend")
    ('EUR', '')
    """
    start, braces, end = plain(said).partition(_CURRENCY)
    found = re.fullmatch(re.escape(start) + r"([a-z]{3})" + re.escape(end), name) if braces else None
    return found[1].upper() if found else ""


@dataclass(frozen=True)
class Header:
    """The columns of one file, and what each is.

    :param columns: by our name, the file's in the order in which they count.
    :param names: all columns of the file.
    :param unread: those that are not read.
    :param weight: how much of the format is there.
    """

    form: CostFormat
    columns: Mapping[str, tuple[str, ...]]
    names: tuple[str, ...]
    unread: tuple[str, ...] = ()
    weight: int = 0
    is_told: bool = True
    """Whether a column is there that only this export has."""

    @property
    def has_platform(self) -> bool:
        """Whether the format or the file says whose costs they are."""
        return "platform" in self.form.constants or "platform" in self.columns

    @property
    def has_days(self) -> bool:
        """Whether a column says of which day, or days, a row is."""
        return "date" in self.columns or "first_day" in self.columns

    @property
    def is_spelled(self) -> bool:
        """Whether the file has its columns to the letter as the format says them."""
        return all(
            any(_is_spelled(one, name) for one in self.form.columns[ours])
            for ours, theirs in self.columns.items() for name in theirs
        )  # fmt: skip

    @cached_property
    def kind(self) -> str:
        """What a row is the cost of: ``search term``, ``keyword``, ``ad``, ``ad set``, ``campaign`` or ``account``."""
        names = {plain(name) for name in self.unread}
        for word in ("search term", "keyword"):
            if any(name in (word, f"customer {word}", "search keyword", "targeting") for name in names):
                return word
        for grain, words in (("ad", "ad"), ("adset", "ad set"), ("campaign", "campaign")):
            if f"{grain}_id" in self.columns or f"{grain}_name" in self.columns:
                return words
        return "account"

    def is_free_text(self, name: str) -> bool:
        """Whether a column of the file holds what somebody typed, which may have line breaks."""
        return name in self.unread or any(
            name in theirs for ours, theirs in self.columns.items() if ours.endswith("_name")
        )

    def cells(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row by our names: of several columns the first that is not empty; and the cost's :data:`NAMED_CURRENCY`."""
        found: dict[str, Any] = {}
        for ours, theirs in self.columns.items():
            there = [name for name in theirs if name in row]
            if there:
                read = next((name for name in there if row[name] not in ("", None)), there[0])
                found[ours] = row[read]
                if ours == "cost" and (code := self._currencies.get(read)):
                    found[NAMED_CURRENCY] = code
        for ours, spelled in self.form.values.items():
            if ours in found:
                found[ours] = spelled.get(str(found[ours]), found[ours])
        return {**self.form.constants, **found}

    @cached_property
    def _currencies(self) -> dict[str, str]:
        """By the columns of costs, the currencies that stand in their names."""
        return {name: code for name in self.columns["cost"] for said in self.form.columns["cost"]
                if (code := _currency_in(said, plain(name)))}  # fmt: skip


OWN = CostFormat("", {name: (name,) for name in (*REQUIRED, *OPTIONAL)})
"""The columns as our documentation names them."""


def own_header(names: Collection[str]) -> Header:
    """A table or an object by our own names, which are to the letter; what is unknown or missing is refused later."""
    there = {name: (name,) for name in OWN.columns if name in names}
    return Header(OWN, there, tuple(names), tuple(name for name in names if name not in OWN.columns))


def parse_format(text: str, origin: str, *, is_mapping: bool = False) -> CostFormat:
    r"""A format as its file says it.

    :param origin: the file's name, for complaints.
    :param is_mapping: whether it is of one person's file: it needs no name, and ignores what it does not read.
    :raises ValueError: if the file is no format.

    >>> parse_format('says = "X"\n[columns]\ndate = "Day"\ncost = "Spent"\n[constants]\nplatform = "X"', "x").says
    'X'
    """
    return format_of_document(tomllib.loads(text), origin, is_mapping=is_mapping)


def format_of_document(document: dict[str, Any], origin: str, *, is_mapping: bool = False) -> CostFormat:
    """As :func:`parse_format`, of what such a file says.

    :raises ValueError: if it is no format.
    """
    if is_mapping:
        document = {"says": Path(origin).name, "ignored": [_EVERY], "written": True, **document}
    parts = {part: document.get(part, {}) for part in _PARTS}
    fields = {name for part in parts.values() for name in part}
    unknown = sorted((fields - {*FIELDS}) | (set(document) - _KEYS))
    if unknown:
        raise ValueError(f"{origin}: there is no {', '.join(unknown)}; ours are {', '.join(FIELDS)}.")
    missing = [name for name, there in (("says", document.get("says")), ("cost", "cost" in parts["columns"]))
               if not there]  # fmt: skip
    if missing:
        raise ValueError(f"{origin} lacks {', '.join(missing)}.")
    for key, choices in _CHOICES.items():
        if document.get(key, choices[0]) not in choices:
            raise ValueError(f"{origin}: {key} is {' or '.join(filter(None, choices))}, not {document[key]!r}.")
    named = {ours: (said,) if isinstance(said, str) else tuple(said) for ours, said in parts["columns"].items()}
    return CostFormat(
        document["says"], named, tuple(document.get("ignored", ())), parts["constants"], parts["values"],
        tuple(document.get("tells", ())), document.get("unit", "units"), document.get("written", False),
        document.get("zone", ""), document.get("order") or None, document.get("decimal") or None,
        document.get("value_unit", "units"),
    )  # fmt: skip


@cache
def known_formats() -> tuple[CostFormat, ...]:
    """Those of ``spend/formats``, by name."""
    found = sorted(
        (file for file in (files(__package__) / "formats").iterdir() if file.name.endswith(".toml")),
        key=lambda f: f.name,
    )
    return tuple(parse_format(file.read_text(encoding="utf-8"), file.name) for file in found)


@cache
def declared_platforms() -> frozenset[str]:
    """The codes of the platforms that formats name."""
    return frozenset(
        code for form in known_formats()
        for code in (form.constants.get("platform", ""), *form.values.get("platform", {}).values()) if code
    )  # fmt: skip


def headers_for(names: Sequence[str], platform: str = "") -> list[Header]:
    """The columns of a file as the formats that they fit best have them; several where nothing tells them apart.

    :param platform: the code of the platform that the file is known to be of; ``""``: any.
    """
    if "cost" in names and {name for name in names if not is_bookkeeping(name)} <= set(OWN.columns):
        return [own_header(names)]
    theirs = {plain(name): name for name in reversed(names)}
    fitting = [header for form in known_formats() if (header := form.header_of(theirs, names))]
    told = [one for one in fitting if one.is_told]
    if platform:
        of_platform = [one for one in fitting if one.form.constants.get("platform") == platform]
        choices = (
            [one for one in of_platform if one.is_told],
            [one for one in told if not one.has_platform],
            of_platform,
            told,
        )
        with_days = ([one for one in of_choice if one.has_days] for of_choice in choices)
        return _best(next(filter(None, (*with_days, *choices)), []), 0)
    fitting = [one for one in fitting if one.has_platform]
    screens = [one for one in fitting if one.form.is_written]
    return _best([one for one in fitting if one.is_told], 0) or _undecided(screens)


def _undecided(fitting: Sequence[Header]) -> list[Header]:
    """The screens of several platforms that a file may be of, as none has a column that only one of them has.

    Where one of those that have most spells every column as the file does, to the letter, it is that one.
    """
    spelled = [one for one in _best(fitting, 0) if one.is_spelled and one.weight >= _ENOUGH - 1]
    if len(spelled) == 1:
        return spelled
    best = _best([one for one in fitting if one.weight >= _ENOUGH], 1)
    return best if len(best) > 1 else []


def _best(fitting: Sequence[Header], less: int) -> list[Header]:
    """For each platform the best, of those that have most of their format.

    :param less: by how many columns one may have less than the one that has most.
    """
    most = max((one.weight for one in fitting), default=0)
    found: dict[str, Header] = {}
    for one in sorted(fitting, key=lambda one: -one.weight):
        if one.weight >= most - less:
            found.setdefault(one.form.constants.get("platform", ""), one)
    return list(found.values())
