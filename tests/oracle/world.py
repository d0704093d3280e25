"""What one organization is told: settings, events and ad costs, as the judges and the engine both take them."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import wraps
from typing import Any, TypeVar

from attribution_campaign_context.registry import CLICK_IDS, PARAMETER_SETS
from touchline.grains import GRAIN_ROWS
from touchline.jobs.fitting import standing
from touchline.models import FITTED_MODELS, MODELS
from touchline.own_models import OwnModel, channel_rows, milestone_rows, model_rows
from touchline.placeholders import BLOCKED_IDENTIFIERS, REMOVED_CHARACTERS, TYPESET_QUOTES
from touchline.retention import retention_rows
from touchline.tables import COST_ROWS, TRACKING_EVENTS

Row = dict[str, Any]
"""One row of any table, by column name; times are naive ``datetime`` in UTC, as the engine gives them back."""

Tables = dict[str, list[Row]]

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the tables' times are UTC without saying so
APP_BROWSERS = (("Pho", "instagram.com"), ("hone", "facebook.com"), ("Instagram ", "instagram.com"))
"""What user agents contain, the first that does decides."""
FRESH_DAYS = {"": 90, "META": 28}
"""For how many days a first click answers; of other platforms than the named ones, the first."""
DETOURS = {
    "paypal.com": "payment", "klarna.com": "payment", "stripe.com": "payment", "accounts.google.com": "sign_in",
    "appleid.apple.com": "sign_in", "login.microsoftonline.com": "sign_in", "okta.com": "sign_in",
    "cardinalcommerce.com": "sign_in", "auth0.com": "sign_in",
}  # fmt: skip
DETOUR_PATTERNS = (("payment", "acs", ""), ("sign_in", "login", ""), ("sign_in", "id", ".de"), ("none", "docs", ""))
"""Kind, a label of the host, and the end of its registrable domain."""
CLICK_KINDS = {name: known.kind for name, known in {**CLICK_IDS, **PARAMETER_SETS}.items()}
_PLAIN: Row = dict.fromkeys(TRACKING_EVENTS.column_names) | {
    "is_test": False,
    "is_email_verified": False,
    "is_verified": True,
    "type": "PAGE_VIEW",
}
_REPORTED = (
    "platform_conversion_micros", "platform_value_micros", "spread_days", "exchange_rate", "reporting_micros",
    "reporting_value_micros",
)  # fmt: skip
_NO_COST: Row = dict.fromkeys(COST_ROWS.column_names, "") | {"impressions": 0, "clicks": 0} | dict.fromkeys(_REPORTED)


@dataclass(frozen=True)
class World:
    """One organization and everything that it was told. ``loads`` are ad-cost loads in the order in which they came."""

    organization: Row
    sites: list[Row]
    goals: list[Row]
    targets: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    loads: list[list[Row]] = field(default_factory=list)
    claims: list[Row] = field(default_factory=list)
    fits: list[Row] = field(default_factory=list)
    ignored: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By site, the hosts that a setting names as bringing nobody."""
    aliases: list[Row] = field(default_factory=list)
    cost_sites: list[Row] = field(default_factory=list)
    lifts: list[Row] = field(default_factory=list)
    notes: list[Row] = field(default_factory=list)
    arrivals: list[Row] = field(default_factory=list)
    own_models: tuple[OwnModel, ...] = ()
    """Models that somebody added."""
    rates: list[Row] = field(default_factory=list)
    """What a currency was worth in the organization's on a day; the last of a day stands."""

    @property
    def name(self) -> str:
        return str(self.organization["organization_id"])

    def __repr__(self) -> str:
        """Only what was said, one line an event or cost, so that a failing example can be read."""
        settings = {k: v for k, v in self.organization.items() if k not in {"organization_id", "name"}}
        lines = [f"World {self.name}: {settings}"]
        lines += [f"  site {site['site_id']}: {site['domain']} {site['time_zone']}" for site in self.sites]
        lines += [f"  goal {_said(goal, {})}" for goal in self.goals]
        lines += [
            f"  fit {fit['fit_id']} {[(v['site_id'], v['name'], v['value']) for v in fit['values']]}"
            for fit in self.fits
        ]
        lines += [f"  {model}" for model in self.own_models]
        lines += [f"  target {_said(target, {})}" for target in self.targets]
        lines += [f"  alias {_said(row, {})}" for row in self.aliases]
        lines += [f"  costs {_said(row, {})}" for row in self.cost_sites]
        lines += [f"  event {_said(row, _PLAIN)}" for row in self.events]
        lines += [f"  load {n}: {_said(row, _NO_COST)}" for n, rows in enumerate(self.loads, 1) for row in rows]
        lines += [f"  rate {_said(rate, {})}" for rate in self.rates]
        lines += [f"  claim {_said(claim, {})}" for claim in self.claims]
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """What Hypothesis shows of a failing example."""
        printer.text(repr(self))


Answer = TypeVar("Answer")


def once(definition: Callable[[World], Answer]) -> Callable[[World], Answer]:
    """Definitions ask one another, over and over: what one says of a world is worked out once; nobody may change it."""

    @wraps(definition)
    def answered(world: World) -> Answer:
        answers = vars(world).setdefault("answers", {})
        if definition not in answers:
            answers[definition] = definition(world)
        answer: Answer = answers[definition]
        return answer

    return answered


def _said(row: Row, silence: Row) -> str:
    hidden = {"organization_id", "received_at"}
    return " ".join(f"{k}={v}" for k, v in row.items() if k not in hidden and v != silence.get(k))


def organization(name: str = "o", **settings: Any) -> Row:
    """An organization with the product's usual settings, but for the named ones."""
    return {
        "organization_id": name, "name": name, "currency": "EUR", "direct": "unless_only", "claimed_touches": "count",
        "default_model": "LAST_TOUCH", "primary_goal": "", "lookback_days": 30,
        "half_life_micros": 7 * 86_400_000_000, "waste_window_days": 30, "touches_per_path": 200,
        "unverified_links": 100, "unverified_names": 3, "verified_links": 1_000, "verified_links_per_week": 200,
        "verified_names": 100, "largest_group": 10_000,
        "crowded_touches": 2_000, "crowded_conversions": 500, "crowded_touches_per_path": 10,
        "clock_tolerance_seconds": 60, "session_gap_minutes": 30, "session_policy": "ga4", "session_cap_hours": 0,
        **settings,
    }  # fmt: skip


def rate(day: date, units: int, scale: int = 1, owner: str = "o", currency: str = "USD") -> Row:
    """What one of a currency is worth in the organization's on a day: ``units`` by ``scale``."""
    said = {"organization_id": owner, "currency": currency, "rate_date": day, "rate": f"{units}/{scale}"}
    return said | {"rate_units": units, "rate_scale": scale}


def site(owner: str = "o", site_id: str = "s", domain: str = "shop.example", time_zone: str = "Europe/Berlin") -> Row:
    """A site of the organization ``owner``."""
    return {
        "organization_id": owner, "site_id": site_id, "name": site_id, "domain": domain, "time_zone": time_zone,
    }  # fmt: skip


def goal(owner: str = "o", name: str = "purchase", event_name: str = "", **values: Any) -> Row:
    """A goal that CONVERSION events with ``event_name`` (``""``: any) reach."""
    return {
        "organization_id": owner, "goal": name, "signal_type": "payment", "event_type": "CONVERSION",
        "event_name": event_name, "is_milestone": False, "default_value_micros": 0, "retention_exponent": None,
        "is_retention": values.get("retention_exponent") is not None,
        "unverified_handling": "count", "unverified_goal": f"{name} (unverified)",
        "path_owner": "person", **values,
    }  # fmt: skip


def event(event_id: str, occurred_at: datetime, owner: str = "o", site_id: str = "s", **said: Any) -> Row:
    """An accepted event. ``identifier`` is what the product's rule makes of the ids that are said.

    The rule: the browser's id, else the user's, else the e-mail's, else the event's own; "null" and its like are none.
    """
    row = _PLAIN | {"organization_id": owner, "site_id": site_id, "event_id": event_id, "occurred_at": occurred_at}
    row |= {"received_at": occurred_at} | said
    if row["click_id_names"] and not row["click_ids"]:
        clicked = {name: f"{name}-of-{event_id}" for name in row["click_id_names"].split(",")}
        row["click_ids"] = json.dumps(clicked, separators=(",", ":"), sort_keys=True)
    if names_somebody(row["visitor_id"]):
        row["identifier"] = f"v:{site_id}:{row['visitor_id']}"
    elif names_somebody(row["user_id"]):
        row["identifier"] = f"u:{row['user_id']}"
    elif row["email_hash"]:
        row["identifier"] = f"m:{row['email_hash']}"
    else:
        row["identifier"] = f"e:{site_id}:{event_id}"
    return row


def cost(cost_date: date, spend_micros: int, owner: str = "o", **said: Any) -> Row:
    """One row of a cost report; the load gives it its number."""
    usual = {"source": "csv", "account_id": "a", "platform": "GOOGLE_ADS", "currency": "EUR"}
    return _NO_COST | usual | {"organization_id": owner, "cost_date": cost_date, "spend_micros": spend_micros} | said


def claim(identifier: str, linked_identifier: str, claimed_at: datetime, owner: str = "o", source: str = "crm") -> Row:
    """A claim that two names are one person's: a visitor's before a user's before an e-mail address's.

    An account comes last: next to a person's name it says that the person is a member.
    """
    first, second = sorted((identifier, linked_identifier), key=lambda name: ("vuma".index(name[0]), name))
    return {
        "organization_id": owner, "identifier": first, "linked_identifier": second, "source": source,
        "claimed_at": claimed_at,
    }  # fmt: skip


def alias(name: str, campaign_id: str, owner: str = "o", platform: str = "GOOGLE_ADS") -> Row:
    """A further name, in small letters, by which links name a campaign."""
    return {"organization_id": owner, "platform": platform, "alias": name, "campaign_id": campaign_id}


def cost_site(
    site_id: str, owner: str = "o", platform: str = "GOOGLE_ADS", account: str = "", campaign: str = ""
) -> Row:
    """Which site the costs of an account, a campaign, or both are of."""
    place = {"platform": platform, "account_id": account, "campaign_id": campaign}
    return {"organization_id": owner, **place, "site_id": site_id}


def at(text: str) -> datetime:
    """A UTC time such as ``2026-03-28 22:30``."""
    return datetime.fromisoformat(text).replace(tzinfo=None)


def micros(time: datetime) -> int:
    """Microseconds since 1970."""
    return (time - EPOCH) // timedelta(microseconds=1)


def aware(time: datetime) -> datetime:
    """The same time, saying that it is UTC."""
    return time.replace(tzinfo=UTC)


def _decoded(text: str) -> str:
    """With punctuation and spaces in the place of a percent sign and digits, however often the sign was encoded."""
    for times in (4, 3, 2, 1, 0):
        for character in REMOVED_CHARACTERS:
            text = text.replace(f"%{'25' * times}{ord(character):02x}", character)
    return text


def _is_template(text: str, before: str, after: str) -> bool:
    inner = text[len(before) : -len(after)]
    ends = text.startswith(before) and text.endswith(after) and len(text) >= len(before + after)
    return ends and not set(inner) & set("<>" if before == "<%" else "{}")


def names_somebody(value: str | None) -> bool:
    """No entry of the list, in any quoting, and not one character again and again."""
    written = (value or "").strip().lower()
    decoded = _decoded(written)
    plain = "".join(character for character in decoded if character not in REMOVED_CHARACTERS + TYPESET_QUOTES)
    ends = (("{{", "}}"), ("${", "}"), ("#{", "}"), ("<%", "%>"))
    if any(_is_template(decoded, before, after) for before, after in ends):
        return False
    is_listed = not BLOCKED_IDENTIFIERS.isdisjoint({written, plain})
    few = 1 if plain.startswith("0") else 6 if plain[:1].isdigit() else 3
    is_repeated = plain.isascii() and plain.isalnum() and len(set(plain)) == 1 and len(plain) >= few
    return not is_listed and not is_repeated


def fit(window_end: date, values: dict[tuple[str, str, str], float], owner: str = "o", kind: str = "MARKOV",
        version: int = 1) -> Row:  # fmt: skip
    """A fit; ``values`` by site (``""``: all), name and statistic."""
    name = f"{kind}/{owner}/{window_end}/v{version}"
    return {
        "fit_id": name, "organization_id": owner, "kind": kind, "version": version,
        "window_start": window_end - timedelta(days=89), "window_end": window_end,
        "values": [
            {"fit_id": name, "site_id": site_id, "name": of, "statistic": statistic, "value": value}
            for (site_id, of, statistic), value in values.items()
        ],
    }  # fmt: skip


def _headers(world: World) -> list[Row]:
    return [{name: value for name, value in row.items() if name != "values"} for row in world.fits]


def models_of(world: World) -> list[str]:
    """The models that the organization has: those without fits, those of which it has one, and its own."""
    kinds = {row["kind"] for row in world.fits}
    own = [model.name for model in world.own_models]
    return [*MODELS, *(model for model in FITTED_MODELS if model in kinds), *own]


def serving(world: World, kind: str, day: date) -> Row | None:
    """The fit that a day is judged by: the newest that was fitted to days before it, else the earliest of all."""
    mine = [row for row in world.fits if row["kind"] == kind]
    before = [row["window_end"] for row in mine if row["window_end"] < day]
    if not mine:
        return None
    end = max(before) if before else min(row["window_end"] for row in mine)
    return max((row for row in mine if row["window_end"] == end), key=lambda row: int(row["version"]))


def reference(worlds: list[World]) -> Tables:
    """The small tables that the engine is given whole."""
    return {
        "organizations": [world.organization for world in worlds],
        "sites": [row for world in worlds for row in world.sites],
        "goals": [row for world in worlds for row in world.goals],
        "retention_values": list(retention_rows(row for world in worlds for row in world.goals)),
        "targets": [row for world in worlds for row in world.targets],
        "fits": standing(fit for world in worlds for fit in _headers(world)),
        "fit_values": [value for world in worlds for fit in world.fits for value in fit["values"]],
        "models": [{"organization_id": world.name, "model": model} for world in worlds for model in models_of(world)],
        "grains": GRAIN_ROWS,
        "campaign_aliases": [row for world in worlds for row in world.aliases],
        "cost_sites": [row for world in worlds for row in world.cost_sites],
        "lift_factors": [row for world in worlds for row in world.lifts],
        "health_notes": [row for world in worlds for row in world.notes],
        "arrivals": [row for world in worlds for row in world.arrivals],
        "no_touchpoint": [{"touchpoint_id": "", "channel": ""}],
        "detours": [{"referrer": host, "kind": kind} for host, kind in DETOURS.items()],
        "detour_patterns": [
            {"kind": kind, "label": f"%.{label}.%", "domain": f"%{end}"} for kind, label, end in DETOUR_PATTERNS
        ],
        "click_kinds": [{"name": name, "kind": kind} for name, kind in CLICK_KINDS.items()],
        "click_freshness": [
            {"organization_id": world.name, "platform": platform, "fresh_days": days}
            for world in worlds
            for platform, days in FRESH_DAYS.items()
        ],
        "ignored_referrers": [
            {"organization_id": world.name, "site_id": site_id, "referrer": host}
            for world in worlds
            for site_id, hosts in world.ignored.items()
            for host in hosts
        ],
        "app_browsers": [{"priority": n, "pattern": p, "app": s, "source": s} for n, (p, s) in enumerate(APP_BROWSERS)],
        "channel_rules": [],
        "own_models": [row for world in worlds for row in model_rows(world.name, world.own_models)],
        "own_model_channels": [row for world in worlds for row in channel_rows(world.name, world.own_models)],
        "own_model_milestones": [row for world in worlds for row in milestone_rows(world.name, world.own_models)],
        "blocked_identifiers": [{"named_value": value} for value in sorted(BLOCKED_IDENTIFIERS)],
    }
