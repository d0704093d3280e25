"""One conversion, explained: what happened, which touches led to it, who got how much credit, and why."""

from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

from touchline.amounts import counted
from touchline.channels.words import sentence
from touchline.engines import Engine
from touchline.errors import UnknownError, UsageError
from touchline.magnitudes import CREDIT, DAY_MICROS
from touchline.reports.causes import cause_in_words, cause_of
from touchline.reports.queries import Row, rows
from touchline.reports.question import Question, asked, without_fit
from touchline.reports.uncredited import Uncredited, uncredited_visits
from touchline.reports.words import correction_in_words, counting

_MARKS = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "utm_id", "click_ids", "campaign_ref",
    "adset_ref", "ad_ref", "referrer",
)  # fmt: skip
_COPIED = (
    "organization_id", "site_id", "conversion_id", "order_id", "goal", "signal_type", "status", "is_counted",
    "currency", "gross_value_micros", "refunded_micros", "value_micros", "is_verified", "event_count",
    "self_reported_source", "person_id", "time_zone", "local_time", "native_currency", "native_value_micros",
    "exchange_rate",
)  # fmt: skip


@dataclass(frozen=True)
class Refund:
    """A refund or cancellation of the conversion's order."""

    event_id: str
    kind: str
    """``refund`` or ``cancellation``."""
    occurred_at: datetime
    local_time: datetime
    """The same by the clock of the site."""
    refunded_micros: int | None
    """``None``: all of it."""
    currency: str | None
    """Of the amount; where the refund names none, the order's."""
    is_verified: bool
    """Whether it came with a secret key or an import."""
    is_applied: bool
    """Whether the conversion's value or status says it."""
    reason: str
    """``applied``, or the code of why not: ``claimed_by_browser`` or ``other_currency``."""
    reason_in_words: str


@dataclass(frozen=True)
class Credit:
    """What one model gives one touch."""

    model: str
    credit: int
    """Billionths of the conversion."""
    weight: float
    value_micros: int
    fit_id: str
    """The fit that the model's weights come from; ``""`` where it needs none."""


@dataclass(frozen=True)
class Touch:
    """One touch of the path."""

    touchpoint_id: str
    person_id: str
    """Whose touch it is: a colleague's, where the account owns the path."""
    occurred_at: datetime
    local_time: datetime
    """The same by the clock of the conversion's site."""
    days_before: float
    """Days from the touch to the conversion."""
    channel: str
    source_class: str
    platform: str
    """Code of the ad platform, or ``""``."""
    marks: dict[str, str]
    """What the landing carried: ``utm_source``, …, ``click_ids``, ``campaign_ref``, ``referrer``; as it was sent."""
    landing_url: str | None
    reason: str
    """The code of the evidence that decided the channel."""
    reason_in_words: str
    rule_version: str
    rule_id: str
    """The channel rule that decided."""
    is_paid: bool | None
    """Whether somebody paid for the click; ``None`` where the evidence comes on paid and unpaid clicks alike."""
    ignored: tuple[str, ...]
    """The evidence that was there and decided nothing."""
    confidence: float
    """How much the answer may be trusted, from 0 to 1: an order of evidence, and no probability."""
    contradictions: tuple[str, ...]
    """Where the evidence disagrees with itself."""
    is_eligible: bool
    eligibility: str
    """Why it may, or may not, get credit."""
    position: int
    """Its place among the eligible touches, from 1; 0 where it is not eligible."""
    credits: tuple[Credit, ...]
    """One per model of the organization, in the order in which they are shown; empty where it is not eligible."""


@dataclass(frozen=True)
class ModelSum:
    """Whether a model's credits of this conversion add up."""

    model: str
    credit: int
    value_micros: int
    is_whole: bool
    """Whether they add up to exactly one conversion and exactly its value."""


@dataclass(frozen=True)
class ConversionExplanation:
    """Everything that is known of one conversion."""

    organization_id: str
    site_id: str
    conversion_id: str
    order_id: str | None
    goal: str
    signal_type: str
    occurred_at: datetime
    local_time: datetime
    """The same by the clock of the site: its date is the date of the reports."""
    time_zone: str
    """The site's."""
    status: str
    is_counted: bool
    counting: str
    """Why it counts, or does not."""
    currency: str
    gross_value_micros: int
    refunded_micros: int
    value_micros: int
    native_currency: str
    """What was paid in; another than ``currency`` where the exchange rate of the day converts it."""
    native_value_micros: int
    """The value less refunds, in that currency."""
    exchange_rate: str | None
    """Units of ``currency`` for one of ``native_currency``; ``None``: none is needed, or none is known."""
    is_verified: bool
    """Whether it was reported with a secret key or an import; else only a publishable key stands for it."""
    event_count: int
    """How many events reported it."""
    self_reported_source: str | None
    refunds: tuple[Refund, ...]
    """What was said about its order afterwards, applied or not; the first hundred, those that are applied first."""
    refund_count: int
    """How many refunds and cancellations there are in all."""
    person_id: str
    account_id: str | None
    """The account that owns the path, whose members' touches are on it; ``None``: the person does."""
    identifiers: tuple[str, ...]
    """The names that the person is known by."""
    corrected_clocks: str
    """How many of the person's events came from a clock that was off, and by how much; ``""`` where none did."""
    lookback_days: int
    touches: tuple[Touch, ...]
    """The path, first touch first."""
    uncredited: tuple[Uncredited, ...]
    """Visits of the lookback whose source is no touch; the newest hundred, in the order of time."""
    uncredited_count: int
    """How many such visits there are in all."""
    credited_count: int
    """How many touches share the credit."""
    eligible_count: int
    """How many touches of the lookback may get credit; more than ``credited_count`` where the path was cut."""
    idle_count: int
    """How many Direct touches of the lookback get no credit; a path keeps as many of them as of the others at most."""
    cut: str
    """Which of the eligible touches share the credit, and why no more; ``""`` where all of them do."""
    outside_lookback: int
    """Touches of the person that lie too far before the conversion."""
    cause: str
    """Why no touch has credit, or Direct ones alone, as a code (``no_visit``, …); ``""`` where another has."""
    cause_in_words: str
    unattributed: tuple[Credit, ...]
    """The credit that no touch gets, per model; empty where the path has a touch."""
    without_fit: tuple[str, ...]
    """Models that give nobody any credit because the organization has no fit for them yet."""
    sums: tuple[ModelSum, ...]
    """One per model; empty where the conversion does not count."""


def explain_conversion(engine: Engine, organization_id: str, conversion_id: str) -> ConversionExplanation:
    """The conversion of this id, or of this order id.

    :raises UnknownError: if there is none; the hint names order ids that look alike.
    :raises UsageError: if several conversions have this order id; the hint names them.
    """
    question = asked(engine, organization_id)
    found = _found(engine, organization_id, conversion_id)
    path = rows(
        engine, "touches_of_conversion", **_of(found, "organization_id", "site_id", "person_id", "conversion_id")
    )
    links = rows(engine, "links_of_conversion", **_of(found, "organization_id", "conversion_id"))
    refunds = _refunds(engine, found)
    counts = _counts(path)
    identifiers = rows(engine, "identifiers_of_person", **_of(found, "organization_id", "person_id"))
    facts = _facts(engine, found)
    uncredited, uncredited_count = uncredited_visits(engine, found, question.lookback_days)
    return ConversionExplanation(
        **_of(found, *_COPIED),
        occurred_at=_utc(found["occurred_at"]),
        counting=counting(found["status"]),
        refunds=tuple(map(_refund, refunds)),
        refund_count=refunds[0]["how_many"] if refunds else 0,
        account_id=facts["account_id"],
        identifiers=tuple(row["identifier"] for row in identifiers),
        corrected_clocks=_corrected_clocks(engine, found),
        lookback_days=question.lookback_days,
        touches=tuple(_touch(row, links, question, found, len(path)) for row in path),
        uncredited=uncredited,
        uncredited_count=uncredited_count,
        credited_count=counts["credited_count"],
        eligible_count=counts["eligible_count"],
        idle_count=counts["idle_count"],
        cut=_cut(counts, question),
        outside_lookback=_outside_lookback(engine, found, counts),
        cause=cause_of(facts),
        cause_in_words=cause_in_words(cause_of(facts)),
        unattributed=_credits(links, "", question.models),
        without_fit=without_fit(question.models),
        sums=tuple(_sum(model, links, found["value_micros"]) for model in question.models)
        if found["is_counted"]
        else (),
    )


def _facts(engine: Engine, found: Row) -> Row:
    names = ("organization_id", "person_id", "conversion_id")
    return rows(engine, "facts_of_conversion", **_of(found, *names))[0]


def _corrected_clocks(engine: Engine, found: Row) -> str:
    clocks = rows(engine, "clocks_of_person", **_of(found, "organization_id", "person_id"))[0]
    if not clocks["events"]:
        return ""
    least, most = clocks["least_seconds"], clocks["most_seconds"]
    added = f"{least:+,}" if least == most else f"between {least:+,} and {most:+,}"
    events = counted(clocks["events"], "event")
    return f"The clock behind {events} of this person was off: {added} seconds were added to what it said."


def _found(engine: Engine, organization_id: str, named: str) -> Row:
    found = rows(engine, "conversions_named", organization_id=organization_id, named=named)
    exact = [row for row in found if row["conversion_id"] == named] or found
    if not exact:
        raise UnknownError(f"There is no conversion or order {named!r}.", _alike(engine, organization_id, named))
    if len(exact) > 1:
        names = ", ".join(f"{row['conversion_id']} ({row['goal']}, {row['occurred_at']:%Y-%m-%d})" for row in exact)
        raise UsageError(f"{counted(len(exact), 'conversion')} have the order id {named!r}.", f"Name one of: {names}.")
    return exact[0]


def _alike(engine: Engine, organization_id: str, named: str) -> str:
    """Order ids like this one, with two letters of doubt at its end."""
    beginning = named[: max(len(named) - 2, 1)].lower()
    parameters = {"organization_id": organization_id, "beginning": beginning, "length": len(beginning)}
    orders = [row["order_id"] for row in rows(engine, "orders_alike", **parameters)]
    close = get_close_matches(named, orders, n=5, cutoff=0.5)
    return f"Do you mean one of these orders: {', '.join(close)}?" if close else "Give a conversion id or an order id."


def _of(row: Row, *names: str) -> Row:
    return {name: row[name] for name in names}


def _refunds(engine: Engine, found: Row) -> list[Row]:
    """What was said about the order afterwards; nothing can be said about a conversion without an order id."""
    if found["order_id"] is None:
        return []
    names = ("organization_id", "site_id", "order_id", "person_id", "native_currency")
    return rows(engine, "refunds_of_order", **_of(found, *names))


def _refund(row: Row) -> Refund:
    return Refund(
        **_of(row, "event_id", "kind", "local_time", "refunded_micros", "currency", "is_verified", "reason"),
        occurred_at=_utc(row["occurred_at"]),
        is_applied=row["reason"] == "applied",
        reason_in_words=correction_in_words(row["reason"]),
    )


def _touch(row: Row, links: list[Row], question: Question, found: Row, touches: int) -> Touch:
    return Touch(
        **_of(
            row,
            "touchpoint_id",
            "person_id",
            "channel",
            "source_class",
            "platform",
            "reason",
            "rule_version",
            "landing_url",
        ),
        **_of(row, "is_eligible", "position", "local_time", "rule_id", "is_paid", "confidence"),
        ignored=tuple((row["ignored"] or "").split()),
        contradictions=tuple((row["contradictions"] or "").split()),
        occurred_at=_utc(row["occurred_at"]),
        days_before=row["age_micros"] / DAY_MICROS,
        marks={name: row[name] for name in _MARKS if row[name] is not None},
        reason_in_words=sentence(row["reason"]),
        eligibility=_eligibility(row, question, found, touches),
        credits=_credits(links, row["touchpoint_id"], question.models),
    )


def _eligibility(row: Row, question: Question, found: Row, touches: int) -> str:
    within = f"within {counted(question.lookback_days, 'day')} before the conversion"
    if row["occurred_at"] > found["occurred_at"]:
        later = (row["occurred_at"] - found["occurred_at"]).total_seconds()
        within = (
            f"it is stamped {later:g} seconds after the conversion, but of its session, whose evidence counts as before"
            f" it up to {question.clock_tolerance_seconds} seconds (setting clock_tolerance_seconds)"
        )
    if not row["is_eligible"]:
        return "No credit: it is Direct, and the path has touches that are not (setting direct = unless_only)."
    if row["channel"] == "Direct" and question.direct == "unless_only":
        others = "the path has nothing else" if touches == 1 else "the path has nothing but Direct"
        return f"Eligible for credit: {within}, and {others}."
    return f"Eligible for credit: {within}."


def _counts(path: list[Row]) -> dict[str, int]:
    """How many touches share the credit, how many might, and how many Direct ones there are."""
    row = path[0] if path else {"touchpoint_count": 0, "eligible_count": 0, "idle_count": 0}
    return {"credited_count": row["touchpoint_count"], **_of(row, "eligible_count", "idle_count")}


def _cut(counts: dict[str, int], question: Question) -> str:
    credited, eligible = counts["credited_count"], counts["eligible_count"]
    if credited == eligible:
        return ""
    touches = counted(eligible, "eligible touch", "eligible touches")
    said = f"{credited:,} of {touches} share the credit: the first and the nearest {credited - 1:,}"
    if credited == question.touches_per_path:
        return f"{said} (setting touches_per_path)."
    return (
        f"{said}. This person has more than {counted(question.crowded_touches, 'touch', 'touches')} or"
        f" {counted(question.crowded_conversions, 'conversion')}; see `touchline doctor`."
    )


def _outside_lookback(engine: Engine, found: Row, counts: dict[str, int]) -> int:
    """How many touches lie before the conversion and are too old for its path."""
    if not found["is_counted"]:
        return 0
    before = rows(engine, "touches_up_to", **_of(found, "organization_id", "conversion_id"))[0]["touches"]
    return int(before - counts["eligible_count"] - counts["idle_count"])


def _credits(links: list[Row], touchpoint_id: str, models: tuple[str, ...]) -> tuple[Credit, ...]:
    by_model = {row["model"]: row for row in links if row["touchpoint_id"] == touchpoint_id}
    return tuple(
        Credit(**_of(by_model[m], "model", "credit", "weight", "value_micros", "fit_id"))
        for m in models
        if m in by_model
    )


def _sum(model: str, links: list[Row], value_micros: int) -> ModelSum:
    mine = [row for row in links if row["model"] == model]
    credit, value = sum(row["credit"] for row in mine), sum(row["value_micros"] for row in mine)
    return ModelSum(model, credit, value, is_whole=(credit, value) == (CREDIT, value_micros))


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)
