"""Models that are rows, own ones and those of other products, where tables come from a caller."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from touchline.api.given import ArrowTable, arrow_of, in_utc, require_filled
from touchline.engines import DuckDB
from touchline.errors import InputError
from touchline.models import RULE_MODELS
from touchline.own_models import (
    OwnModel,
    channel_rows,
    milestone_rows,
    model_rows,
    names_of,
    own_models_of,
    presets,
    read_models,
)
from touchline.tables import OWN_MODEL_CHANNELS, OWN_MODEL_MILESTONES, OWN_MODELS

ROWS = "own"
"""The file of ``attribution/weights`` that gives their weights."""
_MILESTONES = "milestones"
_OF_MILESTONES = "(milestones)"
"""The organization of milestones, which has no models: they are conversions that nobody is credited for."""


def own_models_given(given: str | Path | None) -> tuple[OwnModel, ...]:
    """The models of a TOML file, or of its text.

    :raises InputError: if it cannot be read, or is no file of models.
    """
    if given is None:
        return ()
    if isinstance(given, str) and "\n" in given:
        return own_models_of(given, "own_models")
    return read_models(Path(given))


def names_known(own: Sequence[OwnModel]) -> tuple[str, ...]:
    """The names that a caller may ask for."""
    return (*RULE_MODELS, *presets(), *names_of(own))


def without_times(own: Sequence[OwnModel]) -> tuple[str, ...]:
    """The names of presets and own models that look at the order of touches only."""
    return names_of(model for model in _by_name(own).values() if not model.needs_times)


def rows_chosen(models: Sequence[str], own: Sequence[OwnModel]) -> tuple[OwnModel, ...]:
    """Of the chosen models, those that are rows."""
    by_name = _by_name(own)
    return tuple(by_name[name] for name in models if name not in RULE_MODELS)


def _by_name(own: Sequence[OwnModel]) -> dict[str, OwnModel]:
    """Presets and own models; an own one takes the place of a preset of its name."""
    return {**presets(), **{model.name: model for model in own}}


def files_of(models: Sequence[str]) -> tuple[str, ...]:
    """The files of ``attribution/weights`` that the chosen models need."""
    rules = [name.lower() for name in models if name in RULE_MODELS]
    return (*rules, *([ROWS] if len(rules) < len(models) else []))


def fill_rows(engine: DuckDB, rows: Sequence[OwnModel]) -> None:
    """Put the models where their SQL reads them."""
    for table, made in ((OWN_MODELS, model_rows), (OWN_MODEL_CHANNELS, channel_rows)):
        engine.register(table.name, table.arrow(made("", rows)))
    engine.register(OWN_MODEL_MILESTONES.name, OWN_MODEL_MILESTONES.arrow(milestone_rows("", rows)))


def read_milestones(given: ArrowTable | None, time_zone: str | None, persons: pa.DataType) -> pa.Table:
    """When persons reached milestones: ``person_id``, ``goal``, ``occurred_at``.

    :raises InputError: if a column is missing, has the wrong type, or contains nulls.
    """
    columns = ("person_id", "milestone", "occurred_at")
    if given is None:
        kinds = (persons, pa.string(), pa.timestamp("us"))
        return pa.table({name: pa.array([], kind) for name, kind in zip(_GOAL_COLUMNS, kinds, strict=True)})
    read = in_utc(arrow_of(_MILESTONES, given, columns), _MILESTONES, time_zone or "UTC").select(columns)
    require_filled(read, _MILESTONES)
    try:
        read = read.set_column(0, "person_id", read["person_id"].cast(persons))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise InputError(
            f"person_id is {read['person_id'].type} in milestones and {persons} in conversions.", "Give both one type."
        ) from None
    return read.rename_columns(_GOAL_COLUMNS)


_GOAL_COLUMNS = ["person_id", "goal", "occurred_at"]


def fill_milestones(engine: DuckDB, reached: pa.Table) -> None:
    """Put the milestones where the models' SQL reads conversions and goals."""
    engine.register("given_milestones", reached)
    engine.bind("goals", f"select distinct '{_OF_MILESTONES}' as organization_id, goal, true as is_milestone"
                " from given_milestones")  # fmt: skip


MILESTONES_AS_CONVERSIONS = (
    f" union all by name select '{_OF_MILESTONES}' as organization_id, 'person' as path_owner, true as is_counted,"
    " person_id, goal, occurred_at"
    " from given_milestones"
)
"""What the relation of conversions has in addition."""
MILESTONES_FIRST_REACHED = (
    "select g.organization_id as organization_id, r.person_id as person_id, r.goal as goal,"
    " min(r.occurred_at) as reached_at"
    " from given_milestones as r join goals as g on g.goal = r.goal"
    " where r.person_id not in (select person_id from crowded_persons)"
    " group by g.organization_id, r.person_id, r.goal"
)
"""When each person who is not crowded first reached a milestone."""
