"""What a report is asked, and about which days, goal and money, with the organization's own choices filled in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.models import FITTED_MODELS, MODELS
from touchline.numerals import currency_of
from touchline.reports.queries import rows


@dataclass(frozen=True)
class Window:
    """Days of the site's own calendar, both inclusive; ``None`` on both sides where there is no data at all."""

    start: date | None
    end: date | None

    @property
    def days(self) -> int | None:
        """How many days the window holds."""
        return None if self.start is None or self.end is None else (self.end - self.start).days + 1

    def __contains__(self, day: date) -> bool:
        """Whether the window holds a day.

        >>> date(2026, 3, 1) in Window(date(2026, 3, 1), date(2026, 3, 2)), date(2026, 3, 1) in Window(None, None)
        (True, False)
        """
        return self.start is not None and self.end is not None and self.start <= day <= self.end


@dataclass(frozen=True)
class Question:
    """A question with nothing left open."""

    organization_id: str
    name: str
    currency: str
    other_currencies: tuple[str, ...]
    """Further currencies whose money is not in the answer: no exchange rate of the day converts it."""
    model: str
    models: tuple[str, ...]
    """The models that the organization has, in the order in which they are shown."""
    goal: str
    """The goal whose conversions count; ``""``: all goals together."""
    window: Window
    data_from: date | None
    """The first day with data; ``None`` where there is none."""
    site_id: str
    """The site whose conversions count; ``""``: all sites together."""
    has_other_sites: bool
    """Whether the organization has sites that are not in the answer; costs name no site."""
    account_id: str
    """The account whose conversions count, by the name that all accounts have that are one with it; ``""``: whatever
    the account. Costs are of no account."""
    lookback_days: int
    direct: str
    touches_per_path: int
    crowded_touches: int
    crowded_conversions: int
    """A person with more touches or counted conversions than this has shorter paths."""
    clock_tolerance_seconds: int

    @property
    def answered(self) -> dict[str, Any]:
        """What a report repeats of its question, by the names of its fields."""
        names = ("organization_id", "goal", "site_id", "account_id", "currency", "other_currencies", "window")
        return {name: getattr(self, name) for name in names}

    @property
    def parameters(self) -> dict[str, Any]:
        """The question as parameters of the ``.sql`` files, for which an only site is all sites."""
        return {
            "organization_id": self.organization_id,
            "currency": self.currency,
            "goal": self.goal,
            "site_id": self.site_id if self.has_other_sites else "",
            "account_id": self.account_id,
            "start": self.window.start or date.min,
            "end": self.window.end or date.min,
        }


def asked(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, model: str | None = None, goal: str | None = None,
    start: date | None = None, end: date | None = None, currency: str | None = None, site: str | None = None,
    account: str | None = None,
) -> Question:  # fmt: skip
    """The question, checked, with what is left open taken from the organization's settings and data.

    :param model: one of :func:`models_of` the organization; ``None``: the setting ``default_model``.
    :param goal: a goal's name; ``""``: all goals; ``None``: the setting ``primary_goal``.
    :param start: first day; ``None``: the first day with data. ``end`` likewise.
    :param currency: whose money is reported; ``None``: the organization's own.
    :param site: the site whose conversions count; ``None``: all sites.
    :param account: the account whose conversions count, by any of its names; ``None``: whatever the account.
    :raises UnknownError: if there is no such organization, goal, model, site or account, or no money in the currency.
    :raises UsageError: if the window ends before it starts, the model has no fit yet, or the currency is none.
    """
    organization = _organization(engine, organization_id)
    model, goal = model or organization["default_model"], organization["primary_goal"] if goal is None else goal
    models = models_of(engine, organization_id)
    _check_model(model, models)
    _check_goal(engine, organization_id, goal)
    sites = _sites(engine, organization_id, site)
    span = rows(engine, "span", organization_id=organization_id)[0]
    window = Window(start or span["first_day"], end or span["last_day"])
    if window.start and window.end and window.start > window.end and (start or end):
        days = (
            f"The data is of {span['first_day']} to {span['last_day']}." if span["first_day"] else "There is no data."
        )
        raise UsageError(f"The window ends on {window.end}, before it starts on {window.start}.", days)
    found = {row["currency"] for row in rows(engine, "currencies", organization_id=organization_id)}
    currency = _currency(currency, organization["currency"], found)
    return Question(
        organization_id=organization_id,
        name=organization["name"],
        currency=currency,
        other_currencies=tuple(sorted(found - {currency})),
        model=model,
        models=models,
        goal=goal,
        window=window,
        data_from=span["first_day"],
        site_id=site or "",
        has_other_sites=site is not None and len(sites) > 1,
        account_id=_account(engine, organization_id, account),
        **{name: organization[name] for name in _OF_PATHS},
    )


_OF_PATHS = (
    "lookback_days", "direct", "touches_per_path", "crowded_touches", "crowded_conversions", "clock_tolerance_seconds",
)  # fmt: skip
"""What an organization chose that decides which touches a path holds."""


def _currency(text: str | None, own: str, found: set[str]) -> str:
    """The currency that is reported: a report in one without a cost or conversion would show zeros as if measured."""
    if text is None:
        return own
    code = currency_of(text)
    if code is None:
        raise UsageError(f"A currency is three letters such as EUR, not {text!r:.80}.")
    known = found | {own}
    if code not in known:
        listed = f"Currencies are: {_listed(sorted(known))}."
        raise UnknownError(f"There is no money in {code}.", f"{listed} What has an exchange rate is in {own}.")
    return code


def _organization(engine: Engine, organization_id: str) -> dict[str, Any]:
    found = rows(engine, "settings_chosen", organization_id=organization_id)
    if not found:
        raise UnknownError(
            f"There are no numbers of an organization {organization_id!r}.",
            "Check the id with `touchline organization list`; numbers of a new one come with the next `touchline run`.",
        )
    return found[0]


def models_of(engine: Engine, organization_id: str) -> tuple[str, ...]:
    """The organization's models in the order in which they are shown: the fitted ones last, once they have a fit."""
    used = {row["model"] for row in rows(engine, "models_used", organization_id=organization_id)}
    known = MODELS + FITTED_MODELS
    return (*(model for model in known if model in used), *sorted(used - set(known)))


def without_fit(models: tuple[str, ...]) -> tuple[str, ...]:
    """The fitted models that are not among these.

    >>> without_fit(("LINEAR",))
    ('MARKOV',)
    """
    return tuple(model for model in FITTED_MODELS if model not in models)


def _check_model(model: str, models: tuple[str, ...]) -> None:
    if model in without_fit(models):
        raise UsageError(f"{model} has no fit yet.", f"Run `touchline fit make --kind {model}`, then `touchline run`.")
    if model not in models:
        raise UnknownError(f"There is no model {model!r}.", f"Models are: {', '.join(models)}.")


def _check_goal(engine: Engine, organization_id: str, goal: str) -> None:
    goals = [row["goal"] for row in rows(engine, "goals_set", organization_id=organization_id)]
    if goal and goal not in goals:
        raise UnknownError(f"There is no goal {goal!r}.", f"Goals are: {_listed(goals)}.")


def _sites(engine: Engine, organization_id: str, site: str | None) -> list[str]:
    """The organization's sites, of which ``site`` has to be one."""
    sites = [row["site_id"] for row in rows(engine, "sites_of", organization_id=organization_id)]
    if site is not None and site not in sites:
        raise UnknownError(f"There is no site {site!r:.80}.", f"Sites are: {_listed(sites)}.")
    return sites


def _account(engine: Engine, organization_id: str, account: str | None) -> str:
    """The name that an account has since it is one with others."""
    if account is None:
        return ""
    found = rows(engine, "account_named", organization_id=organization_id, named=account)
    if not found:
        raise UnknownError(
            f"Nobody acts for an account {account!r:.80}.", "`touchline report accounts` lists those that there are."
        )
    return str(found[0]["account_id"])


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def rate(part: float | None, whole: float | None) -> float | None:
    """``part / whole``; ``None`` where either is unknown or there is nothing to divide by.

    >>> rate(1, 4), rate(1, 0), rate(None, 4)
    (0.25, None, None)
    """
    return None if part is None or not whole else part / whole
