"""Attribution models that are rows: an organization's own, from a TOML file, and those of other products.

Each says what a touch weighs by its place on the path, by its age, or by the milestones before the conversion;
``attribution/weights/own.sql`` gives the weights.
"""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from touchline.amounts import counted
from touchline.errors import InputError
from touchline.magnitudes import DAY_MICROS
from touchline.models import FITTED_MODELS, MEASURES, RULE_MODELS
from touchline.settings import RANGES

MOST_OWN_MODELS = 20
"""How many models of its own an organization may have: each adds a link for every touch of every conversion."""
LARGEST_WEIGHT = 10_000
"""The largest weight of a place or a milestone, so that the weights of the longest path add up exactly."""
LONGEST_FILE = 100_000
"""Bytes of a file of models."""
_LONGEST_TEXT = 300
_MOST_NAMES = 20
_NAME = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
RESERVED = frozenset({*RULE_MODELS, *FITTED_MODELS, "SHAPLEY", *MEASURES})
"""Names of Touchline's own models and measures."""

_PLACES = ("first", "next_to_last", "last", "between")
_KNOWN = ("name", "says", "source", *_PLACES, "two", "milestones", "half_life_days", "fresh_days", "channels")


@dataclass(frozen=True)
class OwnModel:
    """A model as one table ``[[model]]`` says it. Weights are relative: the touches of a path share one conversion."""

    name: str
    says: str
    """The rule in one sentence."""
    source: str = ""
    """Who defined it."""
    first: int | None = None
    """The weight of the first touch; ``None``: it is one of those between, as any other without a place of its own."""
    next_to_last: int | None = None
    last: int | None = None
    between: int = 0
    """What all touches without a place of their own share evenly."""
    two: tuple[int, int] | None = None
    """The weights where the path has two touches; ``None``: those of their places."""
    milestones: Mapping[str, int] = field(default_factory=dict)
    """By goal, what the last touch up to the person's first conversion of the goal weighs in addition; ``""``: every
    goal that is a milestone."""
    half_life_days: float | None = None
    """A touch's weight halves with each of these before the newest touch; in the place of weights by place."""
    fresh_days: int | None = None
    """All goes to the first touch if it is no older than this, else to the last; in the place of weights by place."""
    channels: Mapping[str, int] = field(default_factory=dict)
    """By channel, how many percent of its weight a touch keeps; 0: it has no place where there is anything else."""

    @property
    def needs_times(self) -> bool:
        """Whether it looks at when touches were, and not at their order alone."""
        return self.half_life_days is not None or self.fresh_days is not None or bool(self.milestones)


def own_models_of(text: str, file: str) -> tuple[OwnModel, ...]:
    r"""The models that a TOML text defines, in its order.

    :param file: the name of the text in error messages.
    :raises InputError: if it is no TOML, has another table or key, or a value that is none of its choices.

    >>> own_models_of('[[model]]\nname = "ENDS"\nsays = "Half to each."\nfirst = 1\nlast = 1', "m.toml")[0].last
    1
    """
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file} is not valid TOML: {error}.") from error
    tables = read.get("model")
    others = sorted(set(read) - {"model"})
    if others or not isinstance(tables, list) or not tables:
        found = f"it has {', '.join(map(repr, others))}" if others else "there is none"
        raise InputError(f"{file}: expected one or more tables [[model]], but {found}.")
    if len(tables) > MOST_OWN_MODELS:
        raise InputError(f"{file}: expected at most {MOST_OWN_MODELS} models, but there are {len(tables)}.")
    models = tuple(_model(table, f"{file}: model {number}") for number, table in enumerate(tables, 1))
    repeated = next((model.name for place, model in enumerate(models) if model.name in names_of(models[:place])), None)
    if repeated:
        raise InputError(f"{file}: {repeated} is there twice.", "Give each model a name of its own.")
    return models


def read_models(file: Path) -> tuple[OwnModel, ...]:
    """The models that a TOML file defines.

    :raises InputError: if it cannot be read, is too long or no UTF-8 text, or as :func:`own_models_of` says.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.", "Name a TOML file of models.") from error
    if len(content) > LONGEST_FILE:
        raise InputError(
            f"{file.name} has {counted(len(content), 'byte')}; a file of models has at most {LONGEST_FILE:,}."
        )
    try:
        return own_models_of(content.decode(), file.name)
    except UnicodeDecodeError as error:
        raise InputError(f"{file.name} is not UTF-8 text: byte {error.start + 1} cannot be read.") from error


def names_of(models: Iterable[OwnModel]) -> tuple[str, ...]:
    """The names, in order."""
    return tuple(model.name for model in models)


def _model(given: object, place: str) -> OwnModel:
    if not isinstance(given, dict):
        raise InputError(f"{place}: expected a table, not {given!r:.80}.")
    for key in given:
        if key not in _KNOWN:
            close = get_close_matches(key, _KNOWN, 1)
            raise InputError(
                f"{place}: there is no key {key!r:.80}" + (f"; did you mean {close[0]}?" if close else "."),
                f"Keys are: {', '.join(_KNOWN)}.",
            )
    place = f"{place} ({given['name']})" if isinstance(given.get("name"), str) else place
    model = OwnModel(
        name=_name(given.get("name"), place),
        says=_text(given.get("says"), f"{place}: says", is_needed=True),
        source=_text(given.get("source", ""), f"{place}: source"),
        **{name: _weight(given[name], f"{place}: {name}") for name in _PLACES if name in given},
        two=_two(given.get("two"), f"{place}: two"),
        milestones=_milestones(given.get("milestones", {}), f"{place}: milestones"),
        half_life_days=_days(given.get("half_life_days"), f"{place}: half_life_days"),
        fresh_days=_whole_days(given.get("fresh_days"), f"{place}: fresh_days"),
        channels=_percents(given.get("channels", {}), f"{place}: channels"),
    )
    _require_one_kind(model, given, place)
    return model


def _require_one_kind(model: OwnModel, given: Mapping[str, object], place: str) -> None:
    """Weights by place and milestones, or by age, or by freshness."""
    by_place = [name for name in (*_PLACES, "two", "milestones") if name in given]
    by_age = [name for name in ("half_life_days", "fresh_days") if name in given]
    if len(by_age) + bool(by_place) != 1:
        said = ", ".join([*by_place, *by_age]) or "neither"
        raise InputError(
            f"{place}: expected weights of places, or half_life_days, or fresh_days, but there is {said}.",
            "Such as first = 40, between = 20, last = 40.",
        )
    weights = [model.first, model.next_to_last, model.last, model.between, *model.milestones.values()]
    if by_place and not any(weights):
        raise InputError(f"{place}: every weight is 0.", "Give at least one place a weight above 0.")
    if model.two and model.milestones:
        raise InputError(f"{place}: two and milestones do not go together.", "Leave out two.")


def _name(given: object, place: str) -> str:
    if not isinstance(given, str) or not _NAME.fullmatch(given):
        raise InputError(
            f"{place}: expected name, in 2 to 40 capitals, digits and underscores such as BOTH_ENDS, not {given!r:.80}."
        )
    if given in RESERVED:
        raise InputError(f"{place}: {given} is a name of Touchline's own.", "Choose another name.")
    return given


def _text(given: object, place: str, *, is_needed: bool = False) -> str:
    is_text = isinstance(given, str) and len(given) <= _LONGEST_TEXT and given.isprintable()
    if not is_text or (is_needed and not str(given).strip()):
        raise InputError(f"{place} is a text of up to {_LONGEST_TEXT} letters in one line, not {given!r:.80}.")
    return str(given).strip()


def _whole(given: object, place: str, least: int, most: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise InputError(f"{place} is a whole number from {least} to {most}, not {given!r:.80}.")
    return given


def _weight(given: object, place: str) -> int:
    return _whole(given, place, 0, LARGEST_WEIGHT)


def _two(given: object, place: str) -> tuple[int, int] | None:
    if given is None:
        return None
    if not isinstance(given, list) or len(given) != 2 or not any(given):
        raise InputError(f"{place} is a list of two weights such as [60, 40], not {given!r:.80}.")
    return _weight(given[0], place), _weight(given[1], place)


def _milestones(given: object, place: str) -> dict[str, int]:
    if not isinstance(given, dict):
        return {"": _whole(given, place, 1, LARGEST_WEIGHT)}
    return {goal: _whole(weight, f"{place}.{goal:.80}", 1, LARGEST_WEIGHT) for goal, weight in _few(given, place)}


def _percents(given: object, place: str) -> dict[str, int]:
    if not isinstance(given, dict):
        raise InputError(f"{place} is a table of channels and percent such as Direct = 0, not {given!r:.80}.")
    return {channel: _whole(percent, f"{place}.{channel:.80}", 0, 100) for channel, percent in _few(given, place)}


def _few(given: Mapping[str, Any], place: str) -> Iterable[tuple[str, Any]]:
    if len(given) > _MOST_NAMES:
        raise InputError(f"{place} names at most {_MOST_NAMES}, not {len(given)}.")
    for name in given:
        _text(name, f"{place}: a name", is_needed=True)
    return given.items()


def _days(given: object, place: str) -> float | None:
    if given is None:
        return None
    within = RANGES["half_life_days"]
    if isinstance(given, bool) or not isinstance(given, int | float) or given not in within:
        raise InputError(f"{place} is a number of days {within}, not {given!r:.80}.")
    return float(given)


def _whole_days(given: object, place: str) -> int | None:
    within = RANGES["lookback_days"]
    return None if given is None else _whole(given, place, int(within.low), int(within.high))


@cache
def presets() -> Mapping[str, OwnModel]:
    """The models of other products by name, as ``data/model_presets.toml`` has them.

    >>> presets()["AMPLITUDE_J_SHAPED"].two
    (30, 70)
    """
    found: dict[str, OwnModel] = {}
    for vendor, tables in _preset_tables().items():
        found |= {model.name: model for model in (_model(table, f"{vendor} {table['name']}") for table in tables)}
    return found


@cache
def vendors() -> Mapping[str, tuple[str, ...]]:
    """By product, the names of its presets.

    >>> vendors()["tasman"]
    ('TASMAN_W_SHAPED',)
    """
    return {vendor: tuple(table["name"] for table in tables) for vendor, tables in _preset_tables().items()}


@cache
def _preset_tables() -> Mapping[str, list[dict[str, Any]]]:
    return tomllib.loads((files("touchline") / "data" / "model_presets.toml").read_text(encoding="utf-8"))


def definition_of(model: OwnModel) -> str:
    """The model as the ledger keeps it.

    >>> own_model_from(definition_of(presets()["ADOBE_J_SHAPED"])) == presets()["ADOBE_J_SHAPED"]
    True
    """
    return json.dumps(asdict(model), sort_keys=True)


def own_model_from(definition: str) -> OwnModel:
    """The model that the ledger keeps."""
    read = json.loads(definition)
    return OwnModel(**{**read, "two": tuple(read["two"]) if read["two"] else None})


Row = dict[str, object]


def model_rows(organization_id: str, models: Sequence[OwnModel]) -> list[Row]:
    """The models as rows of the table ``own_models``."""
    return [
        {
            "organization_id": organization_id,
            "model": model.name,
            "first_weight": model.first,
            "next_to_last_weight": model.next_to_last,
            "last_weight": model.last,
            "between_weight": model.between,
            "two_first_weight": model.two[0] if model.two else None,
            "two_last_weight": model.two[1] if model.two else None,
            "half_life_micros": None if model.half_life_days is None else round(model.half_life_days * DAY_MICROS),
            "fresh_micros": None if model.fresh_days is None else model.fresh_days * DAY_MICROS,
        }
        for model in models
    ]


def channel_rows(organization_id: str, models: Sequence[OwnModel]) -> list[Row]:
    """What the models say of channels, as rows of the table ``own_model_channels``."""
    return [
        {"organization_id": organization_id, "model": model.name, "channel": channel, "percent": percent}
        for model in models
        for channel, percent in model.channels.items()
    ]


def milestone_rows(organization_id: str, models: Sequence[OwnModel]) -> list[Row]:
    """What the models say of milestones, as rows of the table ``own_model_milestones``."""
    return [
        {"organization_id": organization_id, "model": model.name, "goal": goal, "weight": weight}
        for model in models
        for goal, weight in model.milestones.items()
    ]
