"""An organization's own attribution models: which it has, and how others come to be."""

from pathlib import Path

from touchline.amounts import counted
from touchline.errors import UnknownError, UsageError
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.own_models import (
    MOST_OWN_MODELS,
    OwnModel,
    definition_of,
    names_of,
    own_model_from,
    presets,
    read_models,
    vendors,
)


def own_models(workspace: Workspace, organization_id: str) -> tuple[OwnModel, ...]:
    """The models of an organization's own, by name."""
    rows = workspace.ledger.rows(schema.OWN_MODELS, organization_id=organization_id)
    return tuple(own_model_from(row["definition"]) for row in sorted(rows, key=lambda row: str(row["model"])))


def add_models(workspace: Workspace, organization_id: str, source: str, *, now: int) -> tuple[OwnModel, ...]:
    """Add the models of a file or of another product; one of the same name takes the place of that one.

    The ledger keeps what the file says: a later change of the file does nothing.

    :param source: a TOML file, the name of a product (``adobe``), or of one of its models (``ADOBE_J_SHAPED``).
    :raises InputError: if it is no file of models; those that there are stay.
    :raises UnknownError: if there is no such file, product or preset.
    :raises UsageError: if there would be too many.
    """
    added = _named(source)
    names = {*names_of(added), *names_of(own_models(workspace, organization_id))}
    if len(names) > MOST_OWN_MODELS:
        raise UsageError(
            f"There would be {counted(len(names), 'model')} of your own; {MOST_OWN_MODELS} are the most.",
            "Remove some with `touchline model remove`.",
        )
    with workspace.ledger.transaction() as entry:
        for model in added:
            entry.put(
                schema.OWN_MODELS, organization_id=organization_id, model=model.name, definition=definition_of(model),
                added_at=now,
            )  # fmt: skip
    return added


def _named(source: str) -> tuple[OwnModel, ...]:
    if source.lower() in vendors():
        return tuple(presets()[name] for name in vendors()[source.lower()])
    if source.upper() in presets():
        return (presets()[source.upper()],)
    if not Path(source).exists():
        raise UnknownError(
            f"There is no file {source!r:.80}, and no product or preset of that name.",
            f"Name a TOML file, a product out of {', '.join(vendors())}, or one of its models.",
        )
    return read_models(Path(source))


def remove_model(workspace: Workspace, organization_id: str, name: str) -> None:
    """Forget a model of the organization's own; its credit goes at the next run.

    :raises UsageError: if it is the default model.
    :raises UnknownError: if there is none of this name.
    """
    if workspace.settings(organization_id).default_model == name:
        raise UsageError(
            f"{name} is the default model.", "Set another with `touchline settings set default_model LAST_TOUCH`."
        )
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.OWN_MODELS, organization_id=organization_id, model=name):
            raise UnknownError(f"There is no model {name!r:.80} of your own.", "See `touchline model list`.")
