"""Organizations, sites, keys, goals, targets and settings: what a person sets up."""

import math
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, get_args

from attribution_campaign_context.registry import CLICK_IDS, PARAMETER_SETS
from touchline.ad_platforms import nearest_platforms
from touchline.amounts import counted
from touchline.characters import MAX_AD_ID_BYTES
from touchline.click_freshness import USUAL, click_freshness_of
from touchline.errors import HomeError, StorageError, TouchlineError, UnknownError, UsageError
from touchline.ignored_referrers import ignored_referrers_of
from touchline.ingest import EventType
from touchline.jobs import access_keys
from touchline.jobs.naming import TakenError, check_name, checked_currency, checked_site_id, site_values, slug
from touchline.jobs.own_models import own_models
from touchline.jobs.whose import require_own
from touchline.jobs.workspace import Workspace, make_folder
from touchline.ledger import ClashError, Ledger, schema
from touchline.ledger.hash_key import HashKey
from touchline.models import FITTED_MODELS, MODELS
from touchline.own_models import names_of
from touchline.retention import LEAST_EXPONENT, MOST_EXPONENT
from touchline.settings import Home, PathOwner, UnverifiedHandling, is_unverified_goal
from touchline.visitor_ids import visitor_ids_of

Rows = Sequence[tuple[Any, Mapping[str, object]]]
"""Rows of the ledger, each with its table."""

DEFAULT_GOAL = "conversion"
"""The goal of a new organization: every CONVERSION event, whatever its name."""

SIGNAL_TYPES = ("lead", "signup", "first_use", "payment", "other")
"""What reaching a goal signals."""


@dataclass(frozen=True)
class Goal:
    """A goal by what reaches it: events of ``event_type`` with the name ``event_name`` (``""``: any)."""

    goal: str
    signal_type: str = "other"
    event_type: str = "CONVERSION"
    event_name: str = ""
    is_milestone: bool = False
    """Whether a person reaches it once only, such as a signup."""
    default_value_micros: int = 0
    """The value of one that comes without."""
    unverified_handling: UnverifiedHandling = "count"
    """What becomes of its conversions that no verified event reports."""
    path_owner: PathOwner = "person"
    """Whose touches are on the paths to it."""
    retention_exponent: float | None = None
    """Each day with such events is one conversion, worth the default value times ``(1 + days since the first one)`` to
    the power of this; ``None``: the goal is no retention."""


class Initial(NamedTuple):
    """What a new organization has; its key is shown this once."""

    organization_id: str
    site_id: str
    key: str


def init(
    home: Home, *, name: str, domain: str, currency: str, time_zone: str, now: int, hash_key: bytes | None = None
) -> Initial:
    """A new home with one organization, one site with a publishable key, and the default goal.

    :param hash_key: the key of stored hashes, if the environment gives none; by default, a random one.
    :raises HomeError: if the home is already a Touchline home, or its folder another user's.
    """
    require_own(home)
    if home.exists and not home.database_url:
        raise _taken(str(home.path), "TOUCHLINE_HOME to another folder", _organizations_in(home.ledger_file))
    _check_organization_name(name)
    made, rows = _organization(
        name=name, domain=domain, site_id=slug(domain), currency=currency, time_zone=time_zone, now=now
    )
    make_folder(home.path)
    key = None if hash_key is None else HashKey(hash_key)
    if home.database_url:
        _write_into(home.database_url, rows, key)
    else:
        _write_whole(home.ledger_file, rows, key)
    return made


def add_organization(
    workspace: Workspace, *, name: str, domain: str, currency: str, time_zone: str, now: int
) -> Initial:
    """A further organization of the home, with what :func:`init` gives the first one.

    :raises TakenError: if there is one of this name.
    """
    _check_organization_name(name)
    site_id = _free_site_id(workspace, slug(name), domain)
    made, rows = _organization(
        name=name, domain=domain, site_id=site_id, currency=currency, time_zone=time_zone, now=now
    )
    try:
        with workspace.ledger.transaction() as entry:
            for table, values in rows:
                entry.add(table, **values)
    except ClashError:
        raise TakenError(
            f"There is an organization {made.organization_id} or a site {made.site_id} already.",
            "Choose another name; see `touchline organization list`.",
        ) from None
    return made


def _organization(
    *, name: str, domain: str, site_id: str, currency: str, time_zone: str, now: int
) -> tuple[Initial, Rows]:
    """What a new organization has, and its rows in the ledger."""
    site = site_values(domain, time_zone)
    organization_id = slug(name)
    values = {"organization_id": organization_id, "name": name, "currency": checked_currency(currency)}
    told = (
        (schema.ORGANIZATIONS, values),
        (schema.SITES, {"site_id": site_id, "organization_id": organization_id, "name": name, **site}),
    )
    goal = {"organization_id": organization_id, **vars(Goal(DEFAULT_GOAL))}
    key = access_keys.made(site_id, "publishable", now=now)
    rows: Rows = [
        *((table, {**row, "created_at": now}) for table, row in told), (schema.GOALS, goal), (schema.KEYS, key.row)
    ]  # fmt: skip
    return Initial(organization_id, site_id, key.key), rows


def _check_organization_name(name: str) -> None:
    check_name("An organization's name", name, 200)


def _free_site_id(workspace: Workspace, organization_id: str, domain: str) -> str:
    """The id of a new site: by its domain, and by its organization too where another one has a site of that id."""
    wanted = slug(domain)
    others = workspace.ledger.rows(schema.SITES, site_id=wanted)
    is_free = not others or others[0]["organization_id"] == organization_id
    return wanted if is_free else slug(f"{organization_id} {domain}")


def _organizations_in(place: Path) -> list[str]:
    """The organizations of a ledger; none where it cannot be read."""
    with suppress(TouchlineError), closing(Ledger(place)) as ledger:
        return [row["organization_id"] for row in ledger.rows(schema.ORGANIZATIONS)]
    return []


def _taken(what: str, elsewhere: str, organizations: Sequence[str]) -> HomeError:
    listed = f"It has {counted(len(organizations), 'organization')}: {', '.join(organizations)}. "
    return HomeError(
        f"{what} is already a Touchline home.",
        f"{listed if organizations else ''}Add one with `touchline organization add NAME`, or set {elsewhere}.",
    )


def _write_into(database_url: str, rows: Rows, key: HashKey | None) -> None:
    """A new ledger with these rows in a database that has none: all of them, or none where another came first."""
    ledger = Ledger.create(database_url, key)
    try:
        known = [row["organization_id"] for row in ledger.rows(schema.ORGANIZATIONS)]
        if known:
            raise _taken("The database", "DATABASE_URL to another database", known)
        with ledger.transaction() as entry:
            for table, values in rows:
                entry.add(table, **values)
    except ClashError:
        raise _taken("The database", "DATABASE_URL to another database", ()) from None
    finally:
        ledger.close()


def _write_whole(file: Path, rows: Rows, key: HashKey | None) -> None:
    """A new ledger with these rows, under its name only once it is complete: a full disk or a kill leaves none."""
    draft = file.with_name(f"{file.name}.new")
    try:
        _forget(draft)
        ledger = Ledger.create(draft, key)
        try:
            with ledger.transaction() as entry:
                for table, values in rows:
                    entry.add(table, **values)
        finally:
            ledger.close()
        if Path(f"{draft}-wal").exists():
            raise StorageError(f"{file} cannot be written to its end.", "Free some space and run the command again.")
        draft.replace(file)
    except BaseException:
        _forget(draft)
        raise


def _forget(draft: Path) -> None:
    for name in (draft, Path(f"{draft}-wal"), Path(f"{draft}-shm"), Path(f"{draft}-journal")):
        name.unlink(missing_ok=True)


def add_site(
    workspace: Workspace, organization_id: str, *, name: str, domain: str, time_zone: str, now: int,
    site_id: str | None = None,
) -> str:  # fmt: skip
    """A further site of the organization; returns its id.

    :param site_id: the id that it is to have; by default one is made of its domain.
    :raises UnknownError: if there is no such organization.
    :raises TakenError: if it has a site of this domain, or there is one of this id.
    """
    check_name("A site's name", name, 200)
    workspace.organization(organization_id)
    values = site_values(domain, time_zone)
    site_id = _free_site_id(workspace, organization_id, domain) if site_id is None else checked_site_id(site_id)
    try:
        with workspace.ledger.transaction() as entry:
            entry.add(
                schema.SITES, site_id=site_id, organization_id=organization_id, name=name, **values, created_at=now
            )
    except ClashError:
        raise TakenError(
            f"{organization_id} has a site for {values['domain']} already.", "See `touchline site list`."
        ) from None
    return site_id


def set_goal(workspace: Workspace, organization_id: str, goal: Goal) -> None:
    """Add the goal, or replace the one of its name; the next run updates the numbers.

    :raises UsageError: if a field has a value that is none of its choices.
    :raises TakenError: if another goal takes the same events.
    """
    if is_unverified_goal(goal.goal):
        raise UsageError(f"{goal.goal!r} is reserved for a goal's unverified conversions.", "Choose another name.")
    if goal.unverified_handling not in get_args(UnverifiedHandling):
        choices = ", ".join(get_args(UnverifiedHandling))
        raise UsageError(f"Unverified conversions are handled by {choices}, not {goal.unverified_handling!r}.")
    if goal.path_owner not in get_args(PathOwner):
        choices = " or ".join(get_args(PathOwner))
        raise UsageError(f"The paths to a goal are owned by the {choices}, not {goal.path_owner!r}.")
    _check_retention(goal)
    if goal.signal_type not in SIGNAL_TYPES:
        raise UsageError(f"A signal type is one of {', '.join(SIGNAL_TYPES)}, not {goal.signal_type!r}.")
    if goal.event_type not in {EventType.CONVERSION, EventType.CUSTOM, EventType.PAGE_VIEW, EventType.IDENTIFY}:
        raise UsageError(f"A goal is reached by CONVERSION, CUSTOM, PAGE_VIEW or IDENTIFY, not {goal.event_type!r}.")
    check_name("A goal", goal.goal, 200)
    check_name("An event's name", goal.event_name, 200, may_be_empty=True)
    try:
        with workspace.ledger.transaction() as entry:
            entry.put(schema.GOALS, organization_id=organization_id, **vars(goal))
    except ClashError:
        raise TakenError(
            f"Another goal takes {goal.event_type} events named {goal.event_name or 'anything'!r}.",
            "An event reaches one goal: remove that one first, or name another event.",
        ) from None


def _check_retention(goal: Goal) -> None:
    exponent = goal.retention_exponent
    if exponent is None:
        return
    if not LEAST_EXPONENT <= exponent <= MOST_EXPONENT:
        raise UsageError(
            f"The exponent of retention is from {LEAST_EXPONENT:g} to {MOST_EXPONENT:g}, not {exponent:g}.",
            "Below 0, later days are worth less than the first; 0: as much.",
        )
    if goal.is_milestone:
        raise UsageError("A milestone is reached once, and retention day by day.", "Choose one of them.")
    if goal.default_value_micros <= 0:
        raise UsageError("A goal of retention needs what its first day is worth.", "Add a default value.")


def remove_goal(workspace: Workspace, organization_id: str, goal: str) -> None:
    """Forget the goal; its conversions go at the next run.

    :raises UsageError: if it is the primary goal: reports and the waste list would count nothing.
    """
    if workspace.settings(organization_id).primary_goal == goal:
        raise UsageError(f"{goal!r} is the primary goal.", "Set another with `touchline settings set primary_goal …`.")
    with workspace.ledger.transaction() as entry:
        if not entry.remove(schema.GOALS, organization_id=organization_id, goal=goal):
            raise UnknownError(f"There is no goal {goal!r}.", "See `touchline goal list`.")


def set_target(
    workspace: Workspace, organization_id: str, *, platform: str = "", campaign_id: str = "",
    target_cpa_micros: int | None = None, target_roas: float | None = None,
) -> None:  # fmt: skip
    """What a conversion may cost, or what a unit of spend must bring; ``""`` stands for all platforms or campaigns."""
    if target_cpa_micros is None and target_roas is None:
        raise UsageError("A target is a CPA, a ROAS or both.", "Give --cpa or --roas.")
    if target_cpa_micros is not None and target_cpa_micros <= 0:
        raise UsageError("A target is greater than zero.")
    if target_roas is not None and not 0 < target_roas < math.inf:
        raise UsageError(f"A target is a number greater than zero, not {target_roas}.")
    check_name("A platform", platform, 64, may_be_empty=True)
    most = MAX_AD_ID_BYTES // 4  # a character takes up to four
    check_name("A campaign's id", campaign_id, most, may_be_empty=True)
    if campaign_id and not platform:
        raise UsageError("A campaign's target needs its platform, too.", "Give --platform.")
    with workspace.ledger.transaction() as entry:
        entry.put(
            schema.TARGETS, organization_id=organization_id, platform=platform, campaign_id=campaign_id,
            target_cpa_micros=target_cpa_micros, target_roas=target_roas,
        )  # fmt: skip


def remove_target(workspace: Workspace, organization_id: str, *, platform: str = "", campaign_id: str = "") -> None:
    """Forget the target of this platform and campaign; findings follow at the next run."""
    with workspace.ledger.transaction() as entry:
        if not entry.remove(
            schema.TARGETS, organization_id=organization_id, platform=platform, campaign_id=campaign_id
        ):
            raise UnknownError(
                f"There is no target of {platform or 'all platforms'} {campaign_id or '(all campaigns)'}.",
                "See `touchline target list`.",
            )


def change_setting(workspace: Workspace, organization_id: str, name: str, value: str, *, now: int) -> None:
    """Set one of the organization's settings; the next run updates the numbers."""
    workspace.settings(organization_id).changed(name, value)
    goals = [row["goal"] for row in workspace.ledger.rows(schema.GOALS, organization_id=organization_id)]
    if name == "primary_goal" and value not in {"", *goals}:
        raise UnknownError(f"There is no goal {value!r}.", f"There are: {', '.join(goals)}.")
    if name == "ignored_referrers":
        _require_sites(workspace, organization_id, {site for site, _ in ignored_referrers_of(value) if site})
    if name == "visitor_ids":
        _require_sites(workspace, organization_id, {site for site, _ in visitor_ids_of(value) if site})
    if name == "fresh_click_days":
        _require_click_platforms(value)
    if name == "default_model":
        _require_model(workspace, organization_id, value)
    with workspace.ledger.transaction() as entry:
        entry.put(schema.SETTINGS, organization_id=organization_id, name=name, value=value, changed_at=now)


def _require_click_platforms(value: str) -> None:
    """Days of a platform that no click id is of would hold for no click."""
    known = frozenset(click.platform for click in (*CLICK_IDS.values(), *PARAMETER_SETS.values()))
    for platform in click_freshness_of(value):
        if platform not in {USUAL, *known}:
            nearest = [code for code in nearest_platforms(platform, known) if code in known]
            raise UnknownError(
                f"fresh_click_days: no click id is of a platform {platform!r}.",
                f"Did you mean {' or '.join(nearest)}?" if nearest else f"There are: {', '.join(sorted(known))}.",
            )


def _require_sites(workspace: Workspace, organization_id: str, named: set[str]) -> None:
    """What is chosen for a site that does not exist would hold nowhere."""
    sites = sorted(row["site_id"] for row in workspace.ledger.rows(schema.SITES, organization_id=organization_id))
    unknown = sorted(named.difference(sites))
    if unknown:
        raise UnknownError(f"There is no site {unknown[0]!r}.", f"There are: {', '.join(sites)}.")


def _require_model(workspace: Workspace, organization_id: str, model: str) -> None:
    """A model that would make every report empty is no default."""
    own = names_of(own_models(workspace, organization_id))
    if model not in (*MODELS, *FITTED_MODELS, *own):
        raise UsageError(f"default_model is one of {', '.join((*MODELS, *FITTED_MODELS, *own))}, not {model!r}.")
    if model in FITTED_MODELS and not workspace.ledger.rows(
        schema.FITS, organization_id=organization_id, kind=model, limit=1
    ):
        raise UsageError(f"{model} has no fit yet.", f"Run `touchline fit make --kind {model}` first.")
