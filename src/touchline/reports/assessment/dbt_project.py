"""What a dbt project is capable of, from the code of its models."""

from collections.abc import Iterable, Iterator
from operator import attrgetter
from pathlib import Path

from touchline.amounts import counted
from touchline.reports.assessment.dbt_signs import Sign, signs
from touchline.reports.assessment.document import Assessment, Claim, assessment, first_of_each
from touchline.reports.assessment.layers import layers
from touchline.reports.assessment.manifest import Model, Project, read_manifest


def assess_manifest(path: Path, *, now: int) -> Assessment:
    """Assess a dbt project by what its models' code shows; each claim names the model and the line.

    Names and descriptions alone prove nothing, and neither does a staging model that only passes a source on, but where
    passing it on is the capability.

    :param path: the ``manifest.json`` that ``dbt parse`` writes.
    :param now: microseconds since 1970.
    :raises InputError: if it is no manifest.
    """
    project = read_manifest(path)
    claims = [claim for layer in layers() for one in layer.capabilities for claim in _claims(one.name, project.models)]
    return assessment(project.name, "dbt", claims, now=now, notes=_notes(project, claims))


def _claims(capability: str, models: Iterable[Model]) -> list[Claim]:
    """What shows the capability: of each group of its signs something has to."""
    mine = [sign for sign in signs() if sign.capability == capability]
    by_group = {group: list(_found([sign for sign in mine if sign.group == group], models)) for group in
                dict.fromkeys(sign.group for sign in mine)}  # fmt: skip
    found = [claim for claims in by_group.values() for claim in claims]
    return first_of_each(found, attrgetter("model")) if all(by_group.values()) else []


def _found(mine: list[Sign], models: Iterable[Model]) -> Iterator[Claim]:
    for model in models:
        place = next((place for sign in mine if (place := sign.place(model)) is not None), None)
        if place is not None:
            yield _claim(mine[0].capability, model, place)


def _claim(capability: str, model: Model, place: int) -> Claim:
    line = model.code.count("\n", 0, place) + 1
    text = model.code.splitlines()[line - 1].strip()[:120]
    if line > model.lines:
        says = f"{model.name}, column {text.removeprefix('as ')}"
        return Claim(capability, model.name, says, file=model.file)
    return Claim(capability, model.name, f"{model.name}, line {line}: {text}", file=model.file, line=line)


def _notes(project: Project, claims: Iterable[Claim]) -> dict[str, list[str]]:
    """By layer, staging models that hold what it lacks and that no model reads."""
    shown = {claim.capability for claim in claims}
    read = {unique_id for model in project.models for unique_id in model.upstream}
    notes: dict[str, list[str]] = {}
    for layer in layers():
        for one in (one for one in layer.capabilities if one.name not in shown):
            mine = [sign for sign in signs() if sign.capability == one.name]
            unread = [model for model in project.models if model.is_staging and model.unique_id not in read]
            hints = [model.name for model in unread if any(sign.hint(model) is not None for sign in mine)]
            if hints:
                verb = counted(len(hints), "staging model holds", "staging models hold")
                notes.setdefault(layer.name, []).append(
                    f"{verb} something of {one.name}, but no model reads it: {', '.join(hints)}."
                )
    return notes
