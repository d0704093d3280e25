"""Settings: what the organization chose about its numbers, what each means, and what it may be."""

from dataclasses import dataclass
from functools import cache

from touchline.docstrings import attribute_docstrings, plain
from touchline.jobs.managing.numbers import OF_ADMINISTRATORS
from touchline.jobs.own_models import own_models
from touchline.jobs.roles import Role
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.models import FITTED_MODELS, MODELS
from touchline.own_models import names_of
from touchline.reports.words import model_name
from touchline.server.pages.desk import Desk
from touchline.server.pages.screen import Screen
from touchline.server.pages.view import View
from touchline.settings import CHOICES, OrganizationSettings

Choice = tuple[str, str]
"""A value, and its words."""
_LINES = ("redaction_rules", "ignored_referrers", "tag_names")
"""Settings of several lines or many words."""
_FIRST = (
    "primary_goal", "default_model", "lookback_days", "direct", "half_life_days", "waste_window_days",
    "retention_days", "session_gap_minutes", "ignored_referrers", "tag_names",
)  # fmt: skip
"""The main settings; the others follow."""


@dataclass(frozen=True)
class Shown:
    """A setting."""

    name: str
    title: str
    meaning: str
    value: str
    choices: tuple[Choice, ...]
    """What it may be; empty where it is a number or a text."""
    is_long: bool

    @property
    def is_final(self) -> bool:
        """Whether a change can delete what does not come back."""
        return self.name in OF_ADMINISTRATORS

    @property
    def role(self) -> Role:
        """The least role that may change it."""
        return "administrator" if self.is_final else "editor"


@dataclass(frozen=True)
class Settings:
    """What the screen shows."""

    name: str
    currency: str
    first: tuple[Shown, ...]
    others: tuple[Shown, ...]


def settings(desk: Desk, _view: View) -> Settings:
    """What the screen shows."""
    organization = desk.now(Workspace.organization)
    values = vars(desk.now(Workspace.settings))
    choices = {
        **{name: tuple((one, one.replace("_", " ")) for one in said) for name, said in CHOICES.items()},
        "default_model": desk.now(_models), "primary_goal": desk.now(_goals),
    }  # fmt: skip
    found = {
        name: Shown(
            name, _title(name), meaning, str(values[name]), choices.get(name, ()), name in _LINES
        ) for name, meaning in _meanings().items()
    }  # fmt: skip
    first = tuple(found[name] for name in _FIRST)
    return Settings(
        organization["name"], organization["currency"], first, tuple(one for one in found.values() if one not in first)
    )


@cache
def _meanings() -> dict[str, str]:
    return {name: plain(said) for name, said in attribute_docstrings(OrganizationSettings).items()}


def _title(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _models(workspace: Workspace, organization_id: str) -> tuple[Choice, ...]:
    kinds = {row["kind"] for row in workspace.ledger.rows(schema.FITS, organization_id=organization_id)}
    kinds.add(workspace.settings(organization_id).default_model)  # it can stay what it is without a fit
    fitted = (model for model in FITTED_MODELS if model in kinds)
    names = (*MODELS, *fitted, *names_of(own_models(workspace, organization_id)))
    return tuple((name, model_name(name)) for name in names)


def _goals(workspace: Workspace, organization_id: str) -> tuple[Choice, ...]:
    rows = workspace.ledger.rows(schema.GOALS, organization_id=organization_id)
    return (("", "All goals together"), *((row["goal"], row["goal"]) for row in rows))


SCREEN = Screen(name="settings", place=12, title="Settings", set_up=settings)
