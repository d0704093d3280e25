"""The reports, as people see them on a terminal."""

from typing import TYPE_CHECKING

from rich.text import Text

from touchline.amounts import UNKNOWN, amount, counted, money, price
from touchline.cli.terminal import bar, number, percent, stacked, table, visible
from touchline.reports.dimensions import SPENDING
from touchline.reports.words import (
    WHY_TWO_TOTALS,
    ambiguous_in_words,
    compared_in_words,
    platform_name,
    unassigned_in_words,
    without_visit_in_words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from rich.console import RenderableType

    from touchline.reports.attribution import AttributionReport, AttributionRow, ModelComparison, Verification
    from touchline.reports.explain import ConversionExplanation, Refund, Touch
    from touchline.reports.health import HealthReport
    from touchline.reports.journeys import JourneysReport
    from touchline.reports.overview import Check
    from touchline.reports.person import PersonExplanation, Tie
    from touchline.reports.question import Window
    from touchline.reports.uncredited import Uncredited
    from touchline.reports.waste import WasteFinding, WasteReport


def days(window: "Window") -> str:
    """The window in words."""
    return "no data yet" if window.days is None else f"{window.start} to {window.end}, {counted(window.days, 'day')}"


def about(report: "Any") -> str:
    """The site and the account, where one was requested, and the window."""
    said = [f"{name} {value}, " for name in ("site", "account") if (value := getattr(report, f"{name}_id", ""))]
    return f"{''.join(said)}{days(report.window)}"


def attribution(report: "AttributionReport") -> "RenderableType":
    """Credit by channel or campaign, with a bar of its share."""
    title = f"Attribution by {report.by}: {report.model}, {report.goal or 'all goals'}, {about(report)}"
    has_two = bool(report.totals.ambiguous_share) or report.by == "channel"
    is_split = has_two and bool(report.totals.spend_micros) and report.by in SPENDING
    is_heard, has_own = bool(report.totals.self_reported), report.totals.own_conversions is not None
    rows = [
        [
            *_attribution_row(row, report.currency),
            *(_paid_cells(row, report.currency) if is_split else ()),
            *([number(row.self_reported)] if is_heard else ()),
            *(_change(row) if report.compared else ()),
            *([number(row.own_conversions, 1)] if has_own else ()),
        ]
        for row in (*report.rows, report.totals)
    ]
    costs = ("blended CPA", "blended ROAS", "paid CPA", "paid ROAS", "ambiguous") if is_split else ("CPA", "ROAS")
    costs = (*costs, "named by customers") if is_heard else costs
    costs = (*costs, "before", "change", "change of share") if report.compared else costs
    costs = (*costs, f"{report.model} own total") if has_own else costs
    columns = (report.by, ">conversions", ">share", "", f">value {report.currency}", ">spend")
    share = report.totals.ambiguous_share
    ambiguous = ambiguous_in_words(percent(share)) if share and is_split else ""
    without_visit = "".join(without_visit_in_words(row.key, row.spend_micros) for row in report.rows)
    notes = (unassigned(report, report.by), without_visit, _unverified(report.verification), ambiguous,
             compared_in_words(report.compared, report.window),
             WHY_TWO_TOTALS.format(model=report.model) if has_own else "")  # fmt: skip
    made = table(title, (*columns, *(f">{name}" for name in costs)), rows)
    return with_notes(made, report.other_currencies, *notes)


def _change(row: "AttributionRow") -> "list[RenderableType]":
    """What there was in the compared days, and what changed."""
    points = UNKNOWN if row.share_change is None else f"{row.share_change * 100:+.1f} points"
    change = UNKNOWN if row.conversions_change is None else f"{row.conversions_change:+,.1f}"
    return [number(row.conversions_before, 1), change, points]


def _paid_cells(row: "AttributionRow", currency: str) -> "list[RenderableType]":
    """What the paid touches alone cost and earned, and how many of the touches are ambiguous."""
    return [price(row.paid_cpa, currency), number(row.paid_roas, 2), percent(row.ambiguous_share)]


def _unverified(found: "Verification") -> str:
    """What rests on a publishable key alone; ``""`` where nothing does."""
    said = []
    if found.unverified:
        share, are = percent(found.unverified_share), "is" if found.unverified == 1 else "are"
        said.append(
            f"{found.unverified:,} of {counted(found.conversions, 'conversion')} ({share}) {are} unverified:"
            " only a publishable key reported them."
        )
    if found.unverified_apart:
        said.append(f"Excluded: {counted(found.unverified_apart, 'unverified conversion')}, as their goal specifies.")
    return " ".join(said)


def _attribution_row(row: "AttributionRow", currency: str) -> "list[RenderableType]":
    value, spend = amount(row.value_micros, currency), amount(row.spend_micros, currency)
    return [
        row.name or row.key, number(row.conversions, 1), percent(row.share), bar(row.share), value, spend,
        price(row.cpa, currency), number(row.roas, 2),
    ]  # fmt: skip


def unassigned(report: "AttributionReport | ModelComparison | WasteReport", grain: str) -> str:
    """What was spent on what is of no one site, in words."""
    return unassigned_in_words(report.unassigned_spend_micros, report.currency, grain)


def journeys(report: "JourneysReport") -> "RenderableType":
    """The paths with the most conversions."""
    title = f"Journeys: {report.goal or 'all goals'}, {about(report)}, {counted(report.conversions, 'conversion')}"
    rows = [
        (
            row.name, number(row.conversions), percent(row.share), bar(row.share), number(row.median_days, 1),
            amount(row.value_micros, report.currency),
        )
        for row in report.rows
    ]  # fmt: skip
    columns = ("path", ">conversions", ">share", "", ">median days", f">value {report.currency}")
    return with_notes(table(title, columns, rows), report.other_currencies)


def waste(report: "WasteReport") -> "RenderableType":
    """The findings, most waste first, each with what to do."""
    title = (
        f"Waste by {report.grain.lower()}: {report.model}, {about(report)}: "
        f"{money(report.waste_micros, report.currency)} of {money(report.spend_micros, report.currency)}"
        f" ({percent(report.waste_share)})"
    )
    if not report.findings:
        nothing = Text(visible(f"{title}. Nothing was found."))
        return with_notes(nothing, (), unassigned(report, report.grain))
    has_days = any(one.day for one in report.findings)
    has_decisions = any(one.decision for one in report.findings)
    rows = [
        [
            *([str(one.day)] if has_days else []), one.severity, one.name, one.reason,
            amount(one.waste_micros, report.currency), amount(one.spend_micros, report.currency),
            number(one.conversions, 1), *([_decided(one)] if has_decisions else []),
            *([] if has_days else [one.finding_id]), " ".join(one.recommendations),
        ]
        for one in report.findings
    ]  # fmt: skip
    columns = (
        *(["day"] if has_days else []), "severity", "what", "reason", f">waste {report.currency}", ">spend",
        ">conversions", *(["decided"] if has_decisions else []), *([] if has_days else ["id"]), "what to do",
    )  # fmt: skip
    return with_notes(table(title, columns, rows), report.other_currencies, unassigned(report, report.grain))


def _decided(finding: "WasteFinding") -> str:
    until = f" until {finding.decision_until}" if finding.decision_until else ""
    note = f": {finding.decision_note}" if finding.decision_note else ""
    return f"{finding.decision}{until}{note}" or UNKNOWN


def health(report: "HealthReport", *, is_brief: bool = False) -> "RenderableType":
    """The verdict, the rates, the days that stand out, and (unless brief) what customers say."""
    rates = [
        (one.measure, percent(one.value), bar(one.value), one.meaning, one.owner)
        for one in report.rates
        if one.value is not None or not is_brief
    ]
    parts: list[RenderableType] = [
        Text(visible(f"{report.verdict} ({about(report)})")),
        table("Rates", ("measure", ">", "", "meaning", "ask"), rates),
    ]
    if report.volumes and not is_brief:
        volumes = [
            [
                one.site_id or UNKNOWN, one.measure, one.goal or one.platform or UNKNOWN, number(one.per_day, 1),
                number(one.total), str(one.newest), number(one.days_behind),
            ]
            for one in report.volumes
        ]  # fmt: skip
        columns = ("site", "measure", "goal or platform", ">a day", ">in all", "newest day", ">days behind")
        parts.append(table("Volumes", columns, volumes))
    if report.notes:
        notes = [[str(one.period), one.site_id or "every site", one.said] for one in report.notes]
        parts.append(table("Notes", ("day", "site", "noted"), notes))
    if report.signals:
        signals = [[str(one.period), one.site_id, one.sentence] for one in report.signals]
        parts.append(table("Days that stand out", ("day", "site", "what happened"), signals))
    if report.answers and not is_brief:
        agreed = {True: "yes", False: "no", None: UNKNOWN}
        answers = [[one.answer, one.channel, number(one.conversions), agreed[one.agrees]] for one in report.answers]
        named = counted(report.answered - report.untrackable, "names", "name")
        title = f"Customer survey: {counted(report.answered, 'answer')}, of which {named} a source that can be tracked;"
        title += f" {percent(report.agreement)} of these agree"
        parts.append(table(title, ("answer", "LAST_TOUCH", ">conversions", "agrees"), answers))
    return stacked(*parts)


def conversion(found: "ConversionExplanation") -> "RenderableType":
    """One conversion: what it is, the touches that led to it, and who got how much of it."""
    facts = (
        ("goal", found.goal), ("when", _when(found)), ("order", found.order_id or UNKNOWN),
        ("value", f"{money(found.value_micros, found.currency)} of {amount(found.gross_value_micros, found.currency)}"),
        *_converted(found),
        ("counts", found.counting), ("person", f"{found.person_id}, known by {', '.join(found.identifiers)}"),
        ("said", found.self_reported_source or UNKNOWN),
        *((("account", f"{found.account_id}, whose members' touches count"),) if found.account_id else ()),
    )  # fmt: skip
    parts: list[RenderableType] = [table(f"Conversion {found.conversion_id}", ("", ""), (*facts, *_doubts(found)))]
    if found.refunds:
        refunds = [[*_times(one, found), *_refund_row(one)] for one in found.refunds]
        parts.append(table("Refunds and cancellations", (*_clocks(found), "what", "event", ""), refunds))
    if found.refund_count > len(found.refunds):
        parts.append(Text(f"These are the first {len(found.refunds):,} of {found.refund_count:,}."))
    if found.touches:
        models = [credit.model for credit in next((t.credits for t in found.touches if t.credits), ())]
        whose = ("person",) if found.account_id else ()
        columns = (*_clocks(found), *whose, "channel", "why this channel", "credit", *(f">{name}" for name in models))
        touches = [
            [*_times(touch, found), *(touch.person_id for _ in whose), *_touch_row(touch, len(models))]
            for touch in found.touches
        ]
        parts.append(table("Touches", columns, touches))
        fits = sorted({credit.fit_id for touch in found.touches for credit in touch.credits} - {""})
        if fits:
            parts.append(Text(f"Weights of {', '.join(fits)}: see `touchline fit show`."))
    parts += _uncredited(found)
    if found.cut:
        parts.append(Text(found.cut, "yellow"))
    if found.unattributed:
        parts.append(Text("No touch led to it, so its credit is unattributed under every model."))
    if found.cause_in_words:
        parts.append(Text(found.cause_in_words))
    if found.outside_lookback:
        which = counted(found.outside_lookback, "touch lies", "touches lie")
        parts.append(Text(f"{which} more than {counted(found.lookback_days, 'day')} before it."))
    if found.sums:
        is_whole = all(one.is_whole for one in found.sums)
        parts.append(Text("✓ Credit adds up exactly under every model." if is_whole else "✗ Credit is lost."))
    return stacked(*parts)


def _uncredited(found: "ConversionExplanation") -> "list[RenderableType]":
    """Visits whose source is no touch, with why; nothing where there are none."""
    if not found.uncredited:
        return []
    whose = ("person",) if found.account_id else ()
    rows = [
        [
            *_times(one, found), *(one.person_id for _ in whose), one.url or UNKNOWN, one.referrer or UNKNOWN,
            one.reason_in_words,
        ]
        for one in found.uncredited
    ]  # fmt: skip
    made = table("Visits that are no touches", (*_clocks(found), *whose, "page", "referrer", "why"), rows)
    shown = len(found.uncredited)
    is_cut = found.uncredited_count > shown
    return [made, *([Text(f"These are the newest {shown:,} of {found.uncredited_count:,}.")] if is_cut else [])]


def _doubts(found: "ConversionExplanation") -> tuple[tuple[str, str], ...]:
    """Why what was said of it is not all that there is to know."""
    trust = "" if found.is_verified else "Unverified: only a publishable key reported it."
    return tuple((name, what) for name, what in (("trust", trust), ("clock", found.corrected_clocks)) if what)


def _when(found: "ConversionExplanation") -> str:
    """The time by the site's clock, and in UTC where that is another one."""
    times = [f"{time} {clock}" for time, clock in zip(_times(found, found), (found.time_zone, "UTC"), strict=False)]
    return " = ".join(times)


def _clocks(found: "ConversionExplanation") -> tuple[str, ...]:
    return ("when (UTC)",) if found.time_zone == "UTC" else (f"when ({found.time_zone})", "when (UTC)")


def _times(
    one: "ConversionExplanation | Touch | Refund | Uncredited", found: "ConversionExplanation"
) -> tuple[str, ...]:
    """A time by each of the clocks."""
    utc = f"{one.occurred_at:%F %T}"
    return (utc,) if found.time_zone == "UTC" else (f"{one.local_time:%F %T}", utc)


def _refund_row(refund: "Refund") -> "Sequence[str]":
    whole = refund.kind == "cancellation" or refund.refunded_micros is None
    back = "all of it" if whole else money(refund.refunded_micros, refund.currency or "").rstrip()
    return [f"{refund.kind}: {back}", refund.event_id, refund.reason_in_words]


def person(found: "PersonExplanation") -> "RenderableType":
    """One person: the names, and what ties them together."""
    more = found.identifier_count - len(found.identifiers)
    others = f" and {more:,} more" if more else ""
    title = f"Person {found.person_id}, known by {', '.join(found.identifiers)}{others}"
    return stacked(_ties(found, title), *_periods(found), *_accounts(found), *_clicks(found))


def _periods(found: "PersonExplanation") -> "list[RenderableType]":
    """When the person used what others use, too; nothing where there is no such thing."""
    rows = [
        [one.identifier, *(f"{time:%F %T}" if time else UNKNOWN for time in (one.valid_from, one.valid_until))]
        for one in found.periods
    ]
    columns = ("id", "from (UTC)", "until (UTC)")
    return (
        [table("Others use these, too; they are this person's from a login of theirs until another's", columns, rows)]
        if rows
        else []
    )


def _accounts(found: "PersonExplanation") -> "list[RenderableType]":
    """The accounts for which the person acts; nothing where there is none."""
    rows = [
        [
            one.account_id, f"{one.first_seen_at:%F %T}", number(one.event_count), number(one.claim_count),
            "yes" if one.is_believed else "no: only a browser says so, and others are verified members",
        ]
        for one in found.accounts
    ]  # fmt: skip
    columns = ("account", "since (UTC)", ">events", ">claims", "touches on its paths")
    return [table("Accounts for which this person acts", columns, rows)] if rows else []


def _clicks(found: "PersonExplanation") -> "list[RenderableType]":
    """By platform, the click that answers for the person; nothing where there is none."""
    rows = [
        [platform_name(one.platform), f"{one.occurred_at:%F %T}", one.click_id_names, one.choice_in_words]
        for one in found.clicks
    ]
    columns = ("platform", "clicked (UTC)", "click ids", "why this one")
    return [table("The click that answers for this person", columns, rows)] if rows else []


def _ties(found: "PersonExplanation", title: str) -> "RenderableType":
    """What ties the names of a person together."""
    if not found.ties:
        return Text(visible(f"{title}. No event and no claim names another id of theirs."))
    columns = ("id", "and", "since (UTC)", ">events", "claimed by", "tier", "believed")
    shown = table(title, columns, [_tie_row(tie) for tie in found.ties])
    if found.tie_count == len(found.ties):
        return shown
    return stacked(shown, Text(f"These are the first {len(found.ties):,} of {counted(found.tie_count, 'pair')}."))


def _tie_row(tie: "Tie") -> "Sequence[str]":
    claimed = ", ".join(f"{claim.source} ({claim.claimed_at:%F})" for claim in tie.claims) or UNKNOWN
    believed = f"no: {tie.refusal_in_words}" if tie.is_refused else "yes"
    since = f"{tie.first_seen_at:%F %T}"
    return [tie.identifier, tie.linked_identifier, since, number(tie.event_count), claimed, tie.tier, believed]


def _converted(found: "ConversionExplanation") -> "Sequence[tuple[str, str]]":
    """What was paid, where the value is in another currency."""
    if found.exchange_rate is None:
        return ()
    return (("paid", f"{money(found.native_value_micros, found.native_currency)} at {found.exchange_rate}"),)


def _touch_row(touch: "Touch", models: int) -> "Sequence[str]":
    weights = [percent(credit.weight) for credit in touch.credits] or [UNKNOWN] * models
    return [touch.channel, touch.reason_in_words, touch.eligibility, *weights]


def checks(found: "Sequence[Check]") -> "RenderableType":
    """Whether the numbers add up: the sums that do not, or that all do."""
    broken = [
        Text.assemble(("✗ ", "bold red"), f"{one.name}: {one.found:,} instead of {one.expected:,} ({one.unit})")
        for one in found
        if not one.is_held
    ]
    sums = counted(len(found), "sum is", "sums are")
    all_held = f"All {sums} exact: credit, value and spend, under every model and at every grain."
    return Text("\n").join(broken) if broken else Text.assemble(("✓ ", "green"), all_held)


def with_notes(made: "RenderableType", other_currencies: "Sequence[str]", *notes: str) -> "RenderableType":
    """With what the table leaves out below it; a note without text is none."""
    others = ", ".join(other_currencies)
    steps = "Convert it by touchline import rates FILE…; see it by --currency."
    excluded = f"Excluded: money in {others}. {steps}" if others else ""
    said = [Text(note, "yellow") for note in (excluded, *notes) if note]
    return stacked(made, *said) if said else made
