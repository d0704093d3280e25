"""What is wrong with a header that is of no known export of costs, and what to do."""

from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from touchline.errors import InputError
from touchline.spend.cost_formats import OWN, Header, headers_for, may_be_cost
from touchline.spend.costs import OPTIONAL, REQUIRED
from touchline.spend.options import CostOptions

_SHOWN_NAMES = 6
_VISITS = frozenset({"sessions", "engaged sessions", "users", "active users", "total users", "event count"})
"""Columns of reports of visits, such as those of Google Analytics, in lower case."""


def check_header(path: Path, names: Sequence[str], header: Header | None, options: CostOptions) -> Header:
    """The columns of a table, if they are those of one format.

    :raises InputError: if they are of none or of several, lack a column or repeat one, or contradict an option.
    """
    repeated = sorted({name for name in names if names.count(name) > 1})
    if header is None:
        _refuse(path, names, repeated, options)
    read = {name for theirs in header.columns.values() for name in theirs}
    if header.form is not OWN:
        repeated = [name for name in repeated if name in read]
    if repeated:
        raise InputError(f"The header of {path} repeats {', '.join(repeated)}.", "Keep one of the columns.")
    if header.form is OWN:
        _check_own(path, names, options)
    _check_platform(path, header, options)
    return header


def _check_own(path: Path, names: Sequence[str], options: CostOptions) -> None:
    given = {"date": options.day or options.spread, "platform": options.platform}
    missing = [name for name in REQUIRED if name not in names and not given.get(name)]
    if missing:
        raise InputError(f"The header of {path} lacks {', '.join(missing)}.", _expected())


def _check_platform(path: Path, header: Header, options: CostOptions) -> None:
    said = header.form.constants.get("platform", "")
    if options.platform and said and said != options.platform:
        raise InputError(
            f"{path} has the columns of {header.form.says}, so its platform is {said}, not {options.platform}.",
            "Leave --platform out.",
        )
    if not header.has_platform and not options.platform and header.form is not OWN:
        raise InputError(f"{path} does not say whose costs it has.", "Give --platform, such as --platform META.")


def _expected() -> str:
    return (
        f"Expected {', '.join(REQUIRED)} and any of {', '.join(OPTIONAL)}; or an export that is known; "
        "or give --mapping, or --platform for a table of one platform's costs."
    )


def _refuse(path: Path, names: Sequence[str], repeated: Sequence[str], options: CostOptions) -> NoReturn:
    if (mapping := options.mapping) is not None:
        wanted = " or ".join(mapping.columns["cost"])
        raise InputError(
            f"The header of {path} lacks {wanted}, which {mapping.says} reads as cost.",
            f"Its columns are {_some(names)}.",
        )
    fitting = headers_for(names, options.platform)
    if len(fitting) > 1:
        choices = " or ".join(f"--platform {one.form.constants.get('platform', '')}" for one in fitting)
        exports = " and of ".join(one.form.says for one in fitting)
        raise InputError(f"The header of {path} is one of {exports}.", f"Give {choices}.")
    if not {*names} & {*OWN.columns} and len(names) > 1:
        _refuse_foreign(path, names)
    missing = [name for name in REQUIRED if name not in names]
    unknown = [name for name in names if name not in OWN.columns]
    faults = [f"lacks {', '.join(missing)}"] if missing else []
    faults += [f"has unknown {_some(unknown)}"] if unknown else []
    faults += [f"repeats {', '.join(repeated)}"] if repeated else []
    raise InputError(f"The header of {path} {' and '.join(faults)}.", _expected())


def _refuse_foreign(path: Path, names: Sequence[str]) -> None:
    """Refuse a table that has none of our columns, and is no known export."""
    costs = [name for name in names if may_be_cost(name)]
    if costs:
        return
    visits = [name for name in names if name.strip().lower() in _VISITS]
    what = f", and {_some(visits)} count visits, so it is no report of costs" if visits else ""
    raise InputError(
        f"{path} has no column of costs: its columns are {_some(names)}{what}.",
        "Export a report of the ad platform with its cost, or name the column of the cost with --mapping.",
    )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(name[:60] for name in names[:_SHOWN_NAMES])
    return shown + (f" and {len(names) - _SHOWN_NAMES} more" if len(names) > _SHOWN_NAMES else "")
