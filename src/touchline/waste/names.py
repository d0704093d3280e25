"""What the units of an account are called: never blank, and no two alike."""

from collections import Counter
from collections.abc import Sequence

from touchline.waste.accounts import Unit

_PARENTS = {"ADSET": ("campaign_name",), "AD": ("campaign_name", "adset_name")}


def names(units: Sequence[Unit]) -> list[str]:
    """The name of each: its id where it has none, with its parents' where several have the same, then with its id.

    >>> ad = {"grain": "AD", "name": "Living Room", "adset_name": "Broad", "entity_id": "META/1/2/3"}
    >>> names([ad | {"campaign_name": "Spring"}, ad | {"campaign_name": "Fall"}])
    ['Spring / Broad / Living Room', 'Fall / Broad / Living Room']
    """
    found = [unit["name"].strip() or str(unit["entity_id"]) for unit in units]
    found = [_with_parents(unit, name) if often else name for unit, name, often in _repeated(units, found)]
    return [f"{name} ({unit['entity_id']})" if often else name for unit, name, often in _repeated(units, found)]


def _repeated(units: Sequence[Unit], found: list[str]) -> list[tuple[Unit, str, bool]]:
    counts = Counter(found)
    return [(unit, name, counts[name] > 1) for unit, name in zip(units, found, strict=True)]


def _with_parents(unit: Unit, name: str) -> str:
    parents = (unit[parent].strip() for parent in _PARENTS.get(unit["grain"], ()))
    return " / ".join([*filter(None, parents), name])
