"""The tree of channels, their campaigns, ad sets and ads: what each cost and earned, and what is below it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args
from urllib.parse import quote, unquote

from touchline.characters import unstorable
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.grains import UNATTRIBUTED
from touchline.magnitudes import CREDIT
from touchline.reports.both_periods import Both, both_of, costs_of_question
from touchline.reports.dimensions import MISSING, key_and_name
from touchline.reports.periods import Compared, Match, compared_with, earlier
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, Window, asked, rate
from touchline.reports.tally import Tally, entity_name, whole

Level = Literal["channel", "campaign", "adset", "ad"]
LEVELS: tuple[Level, ...] = get_args(Level)
_LEVEL_IN_WORDS: Mapping[Level, str] = {"channel": "channel", "campaign": "campaign", "adset": "ad set", "ad": "ad"}
_PARTS = ("is_unattributed", "channel", "platform", "campaign_id", "adset_id", "ad_id")


@dataclass(frozen=True)
class TreePlace:
    """A place above the rows."""

    key: str
    """Names it, as ``under`` takes it."""
    name: str
    level: Level


@dataclass(frozen=True)
class TreeRow:
    """What one channel, campaign, ad set or ad cost and earned. Money is micros of the report's currency."""

    key: str
    """Names the row, as ``under`` takes it: ``Paid Search/META:123/ad set/ad``."""
    name: str
    platform: str
    """``""``: of no ad platform, or of several."""
    has_children: bool
    """Whether there is more below it than itself."""
    spend_micros: int | None
    """The campaign's costs of each day by the channels of its own visits of the day. ``None`` where no cost was ever
    reported, or where it is not known for which site it was."""
    impressions: int | None
    """``None`` of ad sets and ads, too, as are ``clicks``: those are cut among channels by campaign alone."""
    clicks: int | None
    credit: int
    """Billionths of a conversion: exact, and what adds up."""
    conversions: float
    value_micros: int
    share: float | None
    """Of the credit of the place that the rows are below."""
    cpa: float | None
    """Blended: spend over all conversions of the row, in units of the currency."""
    roas: float | None
    paid_credit: int
    """Of ``credit``, that of touches that somebody surely paid for."""
    paid_conversions: float
    paid_value_micros: int
    paid_cpa: float | None
    paid_roas: float | None
    conversions_before: float | None
    """Of the compared days, as is what follows; ``None`` where nothing is compared."""
    conversions_change: float | None
    value_before_micros: int | None
    spend_before_micros: int | None
    cpa_before: float | None


@dataclass(frozen=True)
class TreeReport:
    """The rows below a place, which add up to it, to the micro."""

    organization_id: str
    model: str
    goal: str
    """``""``: all goals together."""
    site_id: str
    """``""``: all sites together."""
    account_id: str
    """``""``: whatever the account."""
    currency: str
    other_currencies: tuple[str, ...]
    window: Window
    compared: Compared | None
    level: Level
    """What the rows are."""
    above: tuple[TreePlace, ...]
    """The places above the rows, the channel first; none where the rows are channels."""
    totals: TreeRow
    """The place itself: what the rows add up to."""
    rows: tuple[TreeRow, ...]
    """Most credit first, then most spend."""
    unassigned_spend_micros: int
    """Spend on what is of several sites, or of none that is known: it is in no row of one site."""


@dataclass(frozen=True)
class _Place:
    """Where in the tree the rows are."""

    is_unattributed: int = 0
    channel: str = ""
    platform: str = ""
    campaign_id: str = ""
    adset_id: str = ""
    depth: int = 0

    @property
    def level(self) -> Level:
        return LEVELS[self.depth]

    @property
    def parameters(self) -> dict[str, Any]:
        return {**vars(self), "grain": self.level.upper()}


def tree_report(  # noqa: PLR0913 - a report's questions are its arguments
    engine: Engine, organization_id: str, *, under: str = "", model: str | None = None, goal: str | None = None,
    start: date | None = None, end: date | None = None, currency: str | None = None, site: str | None = None,
    account: str | None = None, compare: str | None = None, match: Match = "weekdays",
) -> TreeReport:  # fmt: skip
    """What is below a place of the tree; credit is by the day of the conversion, and spend by its own.

    :param under: the place, as the key of a row names it; ``""``: the rows are channels.
    :raises UnknownError: if there is no such place in the window, organization, model, goal, site or account.
    :raises UsageError: if ``under`` names no place, or the window ends before it starts.
    """
    question = asked(
        engine, organization_id, model=model, goal=goal, start=start, end=end, currency=currency, site=site,
        account=account,
    )  # fmt: skip
    place, compared = place_named(under), compared_with(question, compare, match)
    names = _Names(engine, question, place)
    costs = costs_of_question(engine, question, "channel")
    found = _tallies(engine, question, place, names, has_costs=costs.is_whole)
    both = Both(found, whole(found, has_all_costs=costs.is_whole), None, None)
    if compared is not None:
        past = earlier(question, compared)
        had_costs = costs_of_question(engine, past, "channel").is_whole
        before = _tallies(engine, past, place, names, has_costs=had_costs)
        both = both_of(found, both.totals, before, whole(before, has_all_costs=had_costs), compared)
    if place.depth and not both.rows:
        raise UnknownError(f"There is nothing below {under!r:.80} in these days.", "Go up the tree.")
    ordered = sorted(both.rows, key=lambda one: _order(one, question.model))
    return TreeReport(
        **question.answered,
        model=question.model,
        compared=compared,
        level=place.level,
        above=names.above(place),
        totals=_row(both.totals, question.model, both, place),
        rows=tuple(_row(tally, question.model, both, place) for tally in ordered),
        unassigned_spend_micros=costs.of_no_one_site,
    )


def place_named(under: str) -> "_Place":
    """The place that a key names.

    :raises UsageError: if it names none.

    >>> place_named("Paid Search/META:1%2F2").campaign_id
    '1/2'
    """
    if unstorable(unquote(under)):
        raise UsageError(f"under must be text without a NUL character, not {under!r:.80}.")
    parts = under.split("/") if under else []
    if len(parts) >= len(LEVELS) or "" in parts[:1]:
        raise UsageError(f"There is nothing below {under!r:.80}.", f"Levels are: {', '.join(LEVELS)}.")
    channel, campaign, adset_id = (*map(unquote, parts[:1]), *parts[1:2], *map(unquote, parts[2:]), "", "", "")[:3]
    if len(parts) < 2:
        campaign = ":"
    platform, colon, campaign_id = campaign.partition(":")
    if not colon:
        raise UsageError(f"A campaign is PLATFORM:ID, not {campaign!r:.80}.")
    is_unattributed = int(channel == UNATTRIBUTED)
    own = "" if is_unattributed or channel == MISSING else f"({channel[3:]}" if channel.startswith("%28") else channel
    return _Place(is_unattributed, own, unquote(platform), unquote(campaign_id), adset_id, len(parts))


def key_of(place: Row, level: Level) -> str:
    """The key of a row's place.

    >>> key_of({"is_unattributed": 0, "channel": "Email", "platform": "", "campaign_id": "a/b"}, "campaign")
    'Email/:a%2Fb'
    """
    channel, _ = key_and_name({**place, "value": place["channel"], "is_rest": 0})
    parts = [_quoted(channel)]
    if level != "channel":
        parts.append(f"{_quoted(place['platform'])}:{_quoted(place['campaign_id'])}")
    parts += [_quoted(place[name]) for name in ("adset_id", "ad_id")[: max(LEVELS.index(level) - 1, 0)]]
    return "/".join(parts)


def _quoted(text: str) -> str:
    return quote(text, safe=" ()&,")


class _Names:
    """What campaigns, ad sets and ads are called."""

    def __init__(self, engine: Engine, question: Question, place: _Place) -> None:
        found = rows(engine, "names_of_entities", organization_id=question.organization_id, **place.parameters)
        self._names = {tuple(row[name] for name in ("grain", *_PARTS[2:])): row["name"] for row in found}

    def name(self, row: Row, level: Level) -> str:
        """A row's name."""
        if level == "channel":
            return key_and_name({**row, "value": row["channel"], "is_rest": 0})[1]
        names = {
            "entity_id": "", "name": self._known(row, level), "campaign_name": self._known(row, "campaign"),
        }  # fmt: skip
        return entity_name({**row, **names}, level)

    def _known(self, row: Row, level: Level) -> str | None:
        shown = LEVELS.index(level) + 1
        of_row = (*(row[name] for name in _PARTS[2 : shown + 2]), "", "")[:4]
        return self._names.get((level.upper(), *of_row))

    def above(self, place: _Place) -> tuple[TreePlace, ...]:
        """The places down to one, with their names."""
        row = {**vars(place), "ad_id": ""}
        levels = LEVELS[: place.depth]
        return tuple(TreePlace(key_of(row, level), self.name(row, level), level) for level in levels)


def _tallies(engine: Engine, question: Question, place: _Place, names: _Names, *, has_costs: bool) -> list[Tally]:
    """The sums of the question's window, one for each row."""
    asked_for = {**question.parameters, **place.parameters, "model": question.model, "basis": "CONVERSION"}
    made: dict[str, Tally] = {}
    earned = ({**row, "model": question.model} for row in rows(engine, "paid.credit_of_tree", **asked_for))
    for row in (*earned, *(_spent(engine, place, asked_for) if has_costs else ())):
        key = key_of(row, place.level)
        made.setdefault(key, Tally(key, names.name(row, place.level), row["platform"])).add(row)
    return list(made.values())


def _spent(engine: Engine, place: _Place, asked_for: Row) -> Iterator[Row]:
    """What was spent on each row."""
    if place.is_unattributed or (place.depth and not place.channel):
        return
    more = {"is_unattributed": 0, "model": ""}
    # Of campaigns it is known whether they are of one site alone.
    asked_so = {
        **asked_for,
        "grain": "CAMPAIGN",
        "is_channel": int(place.depth == 0),
        "is_ad": int(place.level == "ad"),
    }
    if place.level in {"channel", "campaign"}:
        for row in rows(engine, "spend_of_tree", **asked_so):
            yield {**row, **more}
        return
    own = {"channel": place.channel, "platform": place.platform, "campaign_id": place.campaign_id}
    for row in rows(engine, "spend_of_ads", **asked_so):
        if place.level == "adset" or row["adset_id"] == place.adset_id:
            yield {**row, **own, **more}


def _order(tally: Tally, model: str) -> tuple[bool, int, int, str]:
    return tally.key == UNATTRIBUTED, -tally.credit[model], -(tally.spend_micros or 0), tally.key


def _row(tally: Tally, model: str, both: Both, place: _Place) -> TreeRow:
    before, credit, value_micros = both.before(tally.key), tally.credit[model], tally.value_micros[model]
    paid, paid_value = tally.paid_credit[model], tally.paid_value_micros[model]
    spend = _units(tally.spend_micros)
    spend_before = before.spend_micros if before else None
    return TreeRow(
        key=tally.key,
        name=tally.name,
        platform=tally.platform,
        has_children=bool(tally.key) and place.level != "ad" and not tally.key.endswith((UNATTRIBUTED, ":", "/")),
        spend_micros=tally.spend_micros,
        impressions=tally.impressions,
        clicks=tally.clicks,
        credit=credit,
        conversions=credit / CREDIT,
        value_micros=value_micros,
        share=rate(credit, both.totals.credit[model]),
        cpa=rate(spend, credit / CREDIT),
        roas=rate(value_micros, tally.spend_micros),
        paid_credit=paid,
        paid_conversions=paid / CREDIT,
        paid_value_micros=paid_value,
        paid_cpa=rate(spend, paid / CREDIT),
        paid_roas=rate(paid_value, tally.spend_micros),
        conversions_before=before.credit[model] / CREDIT if before else None,
        conversions_change=(credit - before.credit[model]) / CREDIT if before else None,
        value_before_micros=before.value_micros[model] if before else None,
        spend_before_micros=spend_before,
        cpa_before=rate(_units(spend_before), before.credit[model] / CREDIT) if before else None,
    )


def _units(micros: int | None) -> float | None:
    return None if micros is None else micros / 1e6
