"""Codes of the tables in the words of the trade: pure functions from a code to what people call it."""

from typing import TYPE_CHECKING

from touchline.amounts import counted, money
from touchline.reports.dimensions import NO_VISIT

if TYPE_CHECKING:
    from touchline.reports.periods import Compared
    from touchline.reports.question import Window

_PLATFORMS = {
    "ADROLL": "AdRoll", "APPLOVIN": "AppLovin", "LINKEDIN": "LinkedIn", "OPENAI": "OpenAI", "TIKTOK": "TikTok",
    "YAHOO_JAPAN": "Yahoo! Japan",
}  # fmt: skip
_GRAINS = {"platform": "platforms", "campaign": "campaigns", "adset": "ad sets", "ad": "ads"}
_GOALS = {"": "all goals"}
REASONS = {
    "no_conversions": "No conversions",
    "high_cpa": "Costs more per conversion than the target",
    "low_roas": "Earns less value per unit of spend than the target",
    "efficiency_shift": "Its raised budget brings less than the target",
    "invalid_traffic": "Hardly any of its paid visitors stays for a second",
    "already_customer": "Most of its paid visitors had bought before",
    "click_leak": "Few of its clicks arrive",
    "duplicate_costs": "Two sources state the same costs",
    "model_dependent": "Another model finds it within its target",
    "insufficient_data": "Too little spend to tell",
    "untagged": "No visit names it",
    "tracking_break": "Conversions were not recorded for a while",
    "late_costs": "Its costs end before its conversions",
    "ambiguous_platform": "All its visits may be unpaid",
}
"""Why findings of waste are some, in words."""
_STATUSES = {
    "completed": "Counted in full.",
    "partially_refunded": "Counted with the value left after a partial refund.",
    "refunded": "Not counted: fully refunded.",
    "cancelled": "Not counted: the order was canceled.",
    "test": "Not counted: marked as a test.",
    "unverified": "Not counted: only a publishable key reported it, and its goal excludes unverified conversions.",
}
_CORRECTIONS = {
    "applied": "Applied.",
    "claimed_by_browser": (
        "Reported by a browser, not applied: it came with a publishable key, which is public,"
        " so it can change only an unverified order from the same visitor."
    ),
    "other_currency": "Not applied: its currency differs from the order's, and there is no exchange rate.",
}
_UNCREDITED = {
    "weaker_source": "A stronger source came before it in its session: a click id, or tags before a referrer.",
    "own_link": "It is a tagged link on the site's own pages.",
    "payment": "The visitor came back from a payment page.",
    "sign_in": "The visitor came back from a sign-in or verification page.",
    "ignored_referrer": "Its host is in the setting ignored_referrers.",
}

WHY_TWO_TOTALS = (
    "{model}'s own totals give a channel a share of all conversions. Links share each conversion among its own touches,"
    " and only links add up with money, so the two totals differ."
)
"""Why reports by channel show both."""


def uncredited_in_words(reason: str) -> str:
    """Why what a visit shows is no touch.

    >>> uncredited_in_words("payment")
    'The visitor came back from a payment page.'
    """
    return _UNCREDITED[reason]


def platform_name(platform: str) -> str:
    """An ad platform's code as people write it.

    >>> platform_name("GOOGLE_ADS"), platform_name("META"), platform_name("LINKEDIN")
    ('Google Ads', 'Meta', 'LinkedIn')
    """
    known = _PLATFORMS.get(platform)
    return known or (platform.replace("_", " ").title() if platform.isupper() else platform)


def model_name(model: str) -> str:
    """A model's code as people write it.

    >>> model_name("LAST_TOUCH")
    'Last touch'
    """
    return model.replace("_", " ").capitalize()


def goal_name(goal: str) -> str:
    """A goal, or the word for all of them.

    >>> goal_name(""), goal_name("purchase")
    ('all goals', 'purchase')
    """
    return _GOALS.get(goal, goal)


def measure_name(measure: str) -> str:
    """A measure's code as people write it.

    >>> measure_name("behavioural_coverage")
    'Behavioural coverage'
    """
    return measure.replace("_", " ").capitalize()


def unassigned_in_words(micros: int, currency: str, grain: str) -> str:
    """What a report of one site leaves out because nothing says that it is of that site; ``""`` where it is nothing.

    >>> unassigned_in_words(0, "EUR", "campaign")
    ''
    >>> unassigned_in_words(20_000_000, "EUR", "adset")
    'Not included: 20.00 EUR spent on ad sets with visits or conversions on several sites, or with none.'
    """
    if not micros:
        return ""
    return (
        f"Not included: {money(micros, currency)} spent on {_GRAINS[grain.lower()]} with visits or conversions on"
        " several sites, or with none."
    )


def without_visit_in_words(channel: str, spend_micros: int | None) -> str:
    """Why the spend of a row is of no channel; ``""`` where it is of one.

    >>> without_visit_in_words("Email", 5_000_000), without_visit_in_words("(no visit)", 0)
    ('', '')
    >>> without_visit_in_words("(no visit)", 5_000_000).partition(":")[2]
    ' on these days no visit names the campaigns: nobody came, or links lack tags; see `touchline report tagging`.'
    """
    if channel != NO_VISIT or not spend_micros:
        return ""
    return (
        f"{NO_VISIT}: on these days no visit names the campaigns: nobody came, or links lack tags; see `touchline"
        " report tagging`."
    )


def ambiguous_in_words(percentage: str) -> str:
    """What ambiguous touches mean for the numbers next to costs.

    >>> ambiguous_in_words("25.0%").partition(". ")[0]
    'Ambiguous: 25.0% of the touches, such as a click with an fbclid and no tags, may be paid or not'
    """
    return (
        f"Ambiguous: {percentage} of the touches, such as a click with an fbclid and no tags, may be paid or not."
        " Blended numbers count them; paid numbers do not."
    )


def reason_in_words(reason: str) -> str:
    """Why a finding is one."""
    return REASONS.get(reason, reason)


def counting(status: str) -> str:
    """Why a conversion of this status counts, or does not."""
    return _STATUSES[status]


def correction_in_words(reason: str) -> str:
    """Whether a refund or cancellation of an order is applied, and why not."""
    return _CORRECTIONS[reason]


def compared_in_words(compared: "Compared | None", window: "Window") -> str:
    """Which days a report is compared with, and whether they can be compared; ``""`` where nobody asked.

    >>> from datetime import date
    >>> from touchline.reports.periods import Compared
    >>> from touchline.reports.question import Window
    >>> earlier, week = Compared(date(2026, 1, 1), date(2026, 1, 7), True), Window(date(2026, 2, 1), date(2026, 2, 7))
    >>> compared_in_words(earlier, week)
    'Compared with 2026-01-01 to 2026-01-07.'
    """
    if compared is None:
        return ""
    said = f"Compared with {compared.start} to {compared.end}."
    if compared.days != window.days:
        said += f" Those are {counted(compared.days, 'day')}, these are {window.days}: totals are of unlike periods."
    return said if compared.is_covered else f"{said} The data begins within these days: a part of the change is that."
