"""``model``: the attribution models that an organization has, and its own among them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cyclopts import App
from rich.text import Text

from touchline.cli.answer import SCOPE, Answer, Scope
from touchline.cli.clock import now_micros
from touchline.cli.listing import said
from touchline.cli.terminal import stacked, table

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.own_models import OwnModel

model = App(name="model", help="Manage the attribution models, and add models of your own.")
_NEXT = "The next `touchline run` gives credit under it."


@model.command(name="list")
def list_models(*, scope: Scope = SCOPE) -> Answer:
    """List the models that a run computes, and what each gives credit to."""
    from touchline.jobs.running import models_of_organization

    with scope.opened() as workspace:
        found = models_of_organization(workspace, workspace.organization(scope.organization)["organization_id"])
    rows = [(one["model"], one["kind"], one["says"]) for one in found]
    return Answer({"models": found}, lambda: table("Models", ("model", "kind", "gives credit"), rows))


@model.command(name="presets")
def list_presets() -> Answer:
    """List the models of other products, which `model add` takes by name."""
    from touchline.own_models import presets, vendors

    found = [
        {"product": vendor, "model": name, "says": presets()[name].says} for vendor, names in vendors().items()
        for name in names
    ]  # fmt: skip
    rows = [(one["product"], one["model"], one["says"]) for one in found]
    return Answer({"presets": found}, lambda: table("Presets", ("product", "model", "gives credit"), rows))


@model.command(name="add")
def add_model(file: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Add models of your own. Every report shows them, next to the others.

    :param file: a TOML file with a table [[model]] for each, a product such as adobe, or a model such as
        ADOBE_J_SHAPED, from `model presets`. Its text is kept, and a later change of the file does nothing.
    """
    from touchline.jobs import own_models

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        added = own_models.add_models(workspace, organization_id, file, now=now_micros())
    return Answer({"added": added}, lambda: stacked(_shown(added), Text(_NEXT)))


@model.command(name="remove")
def remove_model(name: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Remove a model of your own; the next run removes its credit.

    :param name: the model's name.
    """
    from touchline.jobs import own_models

    with scope.opened() as workspace:
        own_models.remove_model(workspace, workspace.organization(scope.organization)["organization_id"], name)
    return said({"model": name}, f"{name} is removed. The next `touchline run` updates the numbers.")


def _shown(models: "Sequence[OwnModel]") -> "RenderableType":
    return table("Added", ("model", "gives credit"), [(one.name, one.says) for one in models])


COMMAND = model
