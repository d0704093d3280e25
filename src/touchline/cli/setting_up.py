"""``init``, ``site``, ``key``, ``goal``, ``target``, ``settings``: what a person sets up."""

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import App, Parameter
from rich.text import Text

from touchline.amounts import UNKNOWN, money
from touchline.cli.answer import COMMON, SCOPE, Amount, Answer, Number, Options, Scope, Switch
from touchline.cli.terminal import number, shown, table
from touchline.errors import UsageError
from touchline.settings import UnverifiedHandling

if TYPE_CHECKING:
    from rich.console import RenderableType

    from touchline.jobs.access_keys import Made

site = App(name="site", help="The sites whose events are collected.")
key = App(name="key", help="The keys with which a site's pages and servers send events.")
goal = App(name="goal", help="What counts as a conversion.")
target = App(name="target", help="What a conversion may cost, and what spend must bring.")
settings = App(name="settings", help="What an organization chose about its numbers.")


def now_micros() -> int:
    """The time, in microseconds since 1970."""
    return time.time_ns() // 1000


def micros(amount: Decimal | None, option: str) -> int | None:
    """An amount as micros; raises :class:`UsageError` if it is no amount of money."""
    from touchline.files.money import micros_of

    found = None if amount is None else micros_of(amount)
    if amount is not None and found is None:
        raise UsageError(f"{option} is an amount of money such as 12.50, not {amount}.")
    return found


def init(*, domain: str, currency: str, name: str = "", time_zone: str = "UTC", options: Options = COMMON) -> Answer:
    """Make a new home with one organization, its site, a key for its pages, and the goal `conversion`.

    :param domain: the site's host name, such as shop.example.
    :param currency: three letters, such as EUR: the currency of events and costs that name none.
    :param name: what the organization is called; its domain if it has no other name.
    :param time_zone: the zone whose dates the site's days are, such as Europe/Berlin.
    """
    from touchline.jobs import setup

    made = setup.init(
        options.place, name=name or domain, domain=domain, currency=currency, time_zone=time_zone, now=now_micros()
    )
    document = {"home": str(options.place.path), **made._asdict()}
    return Answer(
        document,
        lambda: Text(
            f"{options.place.path} is ready: organization {made.organization_id}, site {made.site_id}.\n"
            f"Its pages send events with the key {made.key}, which is shown this once.\n"
            "Next: touchline import events FILE…, then touchline run."
        ),
    )


@site.command(name="add")
def add_site(domain: str, /, *, name: str = "", time_zone: str = "UTC", scope: Scope = SCOPE) -> Answer:
    """Add a site to the organization.

    :param domain: its host name, such as shop.example.
    :param name: what it is called; its domain if it has no other name.
    :param time_zone: the zone whose dates the site's days are, such as Europe/Berlin.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        site_id = setup.add_site(
            workspace, organization_id, name=name or domain, domain=domain, time_zone=time_zone, now=now_micros()
        )
    return _said({"site_id": site_id}, f"Site {site_id} is added.")


@site.command(name="list")
def list_sites(*, options: Options = COMMON) -> Answer:
    """List the sites."""
    columns = ("site_id", "organization_id", "name", "domain", "time_zone")
    return _listed("sites", _rows(options, "SITES", columns), columns)


@site.command(name="snippet")
def show_snippet(
    *, server: str, key: str = "", domain: Sequence[str] = (), consent_required: Switch = False,
    site: str | None = None, options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Show the lines of HTML that load the tracker; they belong into the head of every page.

    :param server: the address at which browsers reach Touchline, such as https://t.shop.example.
    :param key: the site's publishable key; without one a place is left for it.
    :param domain: another domain of the site's, to which links take the visitor along; can be given several times.
    :param consent_required: nothing is stored or sent before touchline('consent', 'granted').
    :param site: the site's id; needed where there are several.
    """
    from touchline.server.tracker.snippet import NO_KEY, snippet

    with options.opened() as workspace:
        own = workspace.site(site)["domain"]
    lines = snippet(server, key or NO_KEY, [own, *domain], needs_consent=consent_required)
    return _said({"html": lines}, lines)


@key.command(name="create")
def create_key(
    *, kind: str = "publishable", scope: Sequence[str] = (), origin: Sequence[str] = (), site: str | None = None,
    options: Options = COMMON,
) -> Answer:  # fmt: skip
    """Make a key, and show it this once.

    :param kind: publishable (may only send events, and can stand in a page) or secret (stays on a server).
    :param scope: what a secret key is for: track, costs, read, admin; can be given several times.
    :param origin: a page beside the site's own that may send with it, such as https://pay.example; likewise.
    :param site: the site's id; needed where there are several.
    """
    from touchline.jobs import access_keys

    with options.opened() as workspace:
        site_id = workspace.site(site)["site_id"]
        made = access_keys.create_key(workspace, site_id, kind, scopes=scope, origins=origin, now=now_micros())
    return _shown_once(made)


@key.command(name="list")
def list_keys(*, options: Options = COMMON) -> Answer:
    """List the keys (not what they are: only hashes are kept)."""
    columns = ("key_id", "site_id", "kind", "scopes", "origins", "created_at", "revoked_at")
    rows = [{**row, **{at: _instant(row[at]) for at in columns[5:]}} for row in _rows(options, "KEYS", columns)]
    return _listed("keys", rows, columns)


@key.command(name="rotate")
def rotate_key(key_id: str, /, *, overlap_hours: Number = 24, options: Options = COMMON) -> Answer:
    """Make a key in the place of another, which stays good for a while.

    :param key_id: the old key's id, as `key list` shows it.
    :param overlap_hours: how long the old key stays good.
    """
    from touchline.jobs import access_keys

    with options.opened() as workspace:
        made = access_keys.rotate_key(workspace, key_id, overlap_hours=overlap_hours, now=now_micros())
    return _shown_once(made)


@key.command(name="revoke")
def revoke_key(key_id: str, /, *, options: Options = COMMON) -> Answer:
    """Refuse a key from now on.

    :param key_id: the key's id, as `key list` shows it.
    """
    from touchline.jobs import access_keys

    with options.opened() as workspace:
        access_keys.revoke_key(workspace, key_id, now=now_micros())
    return _said({"key_id": key_id}, f"Key {key_id} is revoked.")


def _shown_once(made: "Made") -> Answer:
    shown = ("key_id", "site_id", "kind", "scopes", "origins")
    document = {**{name: made.row[name] for name in shown}, "key": made.key}
    return _said(
        document,
        f"{made.key}\nThis is key {made.key_id} of site {made.row['site_id']}. It is shown this once; keep it.",
    )


@goal.command(name="set")
def set_goal(  # noqa: PLR0913 - a goal's fields are the command's options
    name: str, /, *, signal: str = "other", event_type: str = "CONVERSION", event_name: str = "",
    milestone: Switch = False, default_value: Amount = Decimal(0), unverified: UnverifiedHandling = "count",
    scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Add a goal, or replace the one of this name.

    :param name: the goal's name.
    :param signal: what reaching it signals: lead, signup, first_use, payment or other.
    :param event_type: the type of the events that reach it: CONVERSION, CUSTOM, PAGE_VIEW or IDENTIFY.
    :param event_name: the name of the events that reach it; without one, any.
    :param milestone: a person reaches it once only, such as a signup.
    :param default_value: the value of one that comes without, in currency units.
    :param unverified: what becomes of conversions that only a publishable key reported: count; apart, under a goal name
        of their own; or leave_out.
    """
    from touchline.jobs import setup

    value = micros(default_value, "--default-value") or 0
    made = setup.Goal(name, signal, event_type, event_name, milestone, value, unverified)
    with scope.opened() as workspace:
        setup.set_goal(workspace, workspace.organization(scope.organization)["organization_id"], made)
    return _said(made, f"Goal {name} is set; the numbers follow at the next `touchline run`.")


@goal.command(name="list")
def list_goals(*, scope: Scope = SCOPE) -> Answer:
    """List the goals."""
    columns = (
        "goal", "signal_type", "event_type", "event_name", "is_milestone", "default_value_micros",
        "unverified_handling",
    )  # fmt: skip
    rows = _rows_of_organization(scope, "GOALS", columns)
    return _listed("goals", rows, columns)


@goal.command(name="remove")
def remove_goal(name: str, /, *, scope: Scope = SCOPE) -> Answer:
    """Forget a goal; its conversions go at the next run.

    :param name: the goal's name.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        setup.remove_goal(workspace, workspace.organization(scope.organization)["organization_id"], name)
    return _said({"goal": name}, f"Goal {name} is removed; the numbers follow at the next `touchline run`.")


@target.command(name="set")
def set_target(
    *, cpa: Amount | None = None, roas: Number | None = None, platform: str = "", campaign: str = "",
    scope: Scope = SCOPE,
) -> Answer:  # fmt: skip
    """Set what a conversion may cost, or what a unit of spend must bring.

    :param cpa: the most that a conversion may cost, in currency units.
    :param roas: the least value that a unit of spend must bring.
    :param platform: the ad platform, such as GOOGLE_ADS; without one, all that have no target of their own.
    :param campaign: the campaign's id; without one, all of the platform that have no target of their own.
    """
    from touchline.jobs import setup

    document = {
        "platform": platform, "campaign_id": campaign, "target_cpa_micros": micros(cpa, "--cpa"), "target_roas": roas,
    }  # fmt: skip
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        setup.set_target(
            workspace, organization_id, platform=platform, campaign_id=campaign,
            target_cpa_micros=micros(cpa, "--cpa"), target_roas=roas,
        )  # fmt: skip
    return _said(document, "The target is set; the waste list follows at the next `touchline run`.")


@target.command(name="list")
def list_targets(*, scope: Scope = SCOPE) -> Answer:
    """List the targets."""
    columns = ("platform", "campaign_id", "target_cpa_micros", "target_roas")
    return _listed("targets", _rows_of_organization(scope, "TARGETS", columns), columns)


@target.command(name="remove")
def remove_target(*, platform: str = "", campaign: str = "", scope: Scope = SCOPE) -> Answer:
    """Forget a target.

    :param platform: the ad platform that it was set for; without one, that of all platforms.
    :param campaign: the campaign that it was set for; without one, that of all campaigns.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        setup.remove_target(workspace, organization_id, platform=platform, campaign_id=campaign)
    document = {"platform": platform, "campaign_id": campaign}
    return _said(document, "The target is removed; the waste list follows at the next `touchline run`.")


@settings.default
@settings.command(name="list")
def list_settings(*, scope: Scope = SCOPE) -> Answer:
    """List the organization's settings."""
    with scope.opened() as workspace:
        chosen = vars(workspace.settings(workspace.organization(scope.organization)["organization_id"]))
    rows = [(name, UNKNOWN if value == "" else str(value)) for name, value in chosen.items()]
    return Answer(chosen, lambda: table("Settings", ("setting", "value"), rows))


@settings.command(name="set")
def set_setting(
    name: str, value: Annotated[str, Parameter(allow_leading_hyphen=True)], /, *, scope: Scope = SCOPE
) -> Answer:
    """Change one of the organization's settings.

    :param name: the setting, as `settings list` shows it.
    :param value: what it shall be.
    """
    from touchline.jobs import setup

    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
        setup.change_setting(workspace, organization_id, name, value, now=now_micros())
    return _said(
        {"setting": name, "value": value}, f"{name} is {value}; the numbers follow at the next `touchline run`."
    )


def _said(document: Any, text: str) -> Answer:
    return Answer(document, lambda: shown(text))


def _rows(options: Options, name: str, columns: Sequence[str], **where: Any) -> list[dict[str, Any]]:
    """The columns of the ledger's table of that name."""
    from touchline.ledger import schema

    with options.opened() as workspace:
        rows = workspace.ledger.rows(getattr(schema, name), **where)
    return [{column: row[column] for column in columns} for row in rows]


def _rows_of_organization(scope: Scope, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    with scope.opened() as workspace:
        organization_id = workspace.organization(scope.organization)["organization_id"]
    return _rows(scope, name, columns, organization_id=organization_id)


def _listed(what: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> Answer:
    return Answer({what: rows}, partial(_table, what, rows, columns))


def _table(what: str, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> "RenderableType":
    cells = [[_cell(column, row[column]) for column in columns] for row in rows]
    return table(what.capitalize(), [column.removesuffix("_micros") for column in columns], cells)


def _cell(column: str, value: object) -> str:
    if column.endswith("_micros") and (value is None or isinstance(value, int)):
        return money(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, 2)
    return UNKNOWN if value in {None, ""} else str(value)


def _instant(micros_since_1970: int | None) -> str | None:
    from datetime import UTC, datetime

    return None if micros_since_1970 is None else f"{datetime.fromtimestamp(micros_since_1970 / 1e6, UTC):%F %TZ}"


COMMANDS = (init, site, key, goal, target, settings)
