"""What the columns of the views mean: one name means the same in every view."""

import re
from collections.abc import Mapping

COLUMNS: Mapping[str, str] = {
    "account_id": "The account: a customer's company in conversions, an advertising account in costs.",
    "ad": "The ad's newest name, or its id.",
    "ad_id": "The platform's id of the ad; null if unknown.",
    "adset": "The ad set's newest name, or its id.",
    "adset_id": "The platform's id of the ad set (ad group); null if unknown.",
    "as_of_utc": "The person's last sign of life, by which freshness is judged, in UTC.",
    "attribution_source": "The strongest source class of the session, which a later and weaker one does not replace.",
    "basis": "The day that credit is booked to: `CONVERSION` or `TOUCH`.",
    "campaign": "The campaign's newest name, or its id.",
    "campaign_id": "The platform's id of the campaign, found by its id or name in the link; null if unknown.",
    "campaign_ref": "The campaign's id as the landing URL gave it.",
    "channel": "The channel, such as Paid Search; `(unattributed)` where no touch led to a conversion.",
    "city": "The visitor's city; null if unknown.",
    "click_count": "How many touches with click ids the person has on the platform.",
    "click_id_names": "Names of the valid click ids on the landing URL, sorted, joined by commas.",
    "click_ids": "The click ids and their values, as JSON with sorted names.",
    "clicks": "Clicks that the platform reported.",
    "conversion_count": "The person's counted conversions, in the organization's currency.",
    "conversion_date": "The site's date of the conversion.",
    "conversion_id": "The conversion.",
    "confidence": "How much the channel may be trusted, from 0 to 1: an order of evidence.",
    "contradictions": "Where the evidence disagrees with itself; null where it does not.",
    "conversions": "Credit as a number of conversions.",
    "created_month": "The first day of the month in which the session began, by the site's date.",
    "credit": "Billionths of a conversion, an integer: exact, and what adds up.",
    "currency": "Three-letter code of the money in this row; never add up different ones.",
    "date": "The site's date; of costs, that of the advertising account.",
    "days_before": "Days from the touch to the conversion.",
    "device_type": "`desktop`, `mobile` or `tablet`; null if unknown.",
    "district": "The visitor's district; null if unknown.",
    "email_count": "How many e-mail hashes the person has.",
    "ended_at": "The session's last event, by the site's clock.",
    "ended_at_utc": "The session's last event, in UTC.",
    "entity_id": "What the row is about, in one text: the organization, or platform, campaign, ad set and ad.",
    "event_count": "How many events stand behind the row.",
    "first_date": "First day with costs.",
    "first_seen_at_utc": "When the first of the person's ids appeared, in UTC.",
    "fresh_days": "Days for which the first click answers for the person, as the setting `fresh_click_days` says.",
    "gclid": "The first gclid of the session; null where it has none.",
    "goal": "The goal; null in costs.",
    "grain": "`ORGANIZATION`, `PLATFORM`, `CAMPAIGN`, `ADSET` or `AD`: each adds up to the same totals.",
    "gross_value_micros": "The value before refunds, in millionths of the currency.",
    "ignored": "The evidence that decided nothing.",
    "impressions": "Impressions that the platform reported.",
    "initial_touch_id": "The touch of the person's first click on the platform.",
    "is_counted": "Whether reports count the conversion.",
    "is_crowded": "Whether the person has more touches or conversions than one customer has.",
    "is_default_model": "Whether it is the model that reports use by default; true for costs.",
    "is_eligible": "Whether the touch may get credit; Direct usually may not.",
    "is_initial": "Whether the click is the first one, which is still fresh; else it is the newest.",
    "is_landing": "Whether the touch is the landing of its session.",
    "is_own_currency": "Whether the money is in the organization's currency.",
    "is_paid": "Whether somebody paid for the click; null where nobody can tell.",
    "is_primary_goal": "Whether reports count the goal by default; true for costs.",
    "is_verified": "Whether a file, a secret key or a signature reports it; a browser alone proves nothing.",
    "landing_url": "The page's URL.",
    "last_date": "Last day with costs.",
    "model": "The attribution model; null in costs.",
    "newest_touch_id": "The touch of the person's newest click on the platform.",
    "occurred_at": "When, by the site's clock: its date is the date of the reports.",
    "occurred_at_utc": "When, in UTC.",
    "order_id": "The shop's order number.",
    "organization_id": "The organization.",
    "page_view_count": "Page views of the session.",
    "person_id": "The person.",
    "platform": "Code of the ad platform, such as `GOOGLE_ADS`; null where there is none.",
    "position": "Place among the eligible touches of the path, from 1; null without credit.",
    "reason": "The evidence that decided the channel.",
    "referrer_host": "Host of the referring page.",
    "refunded_micros": "What was paid back, in millionths of the currency.",
    "rule_id": "The channel rule that decided.",
    "rule_version": "Version of the channel rules.",
    "self_reported_source": "What the customer said when asked how they found the shop.",
    "session_count": "The person's sessions.",
    "session_id": "The session; null if an event belongs to none.",
    "signal_type": "What kind of goal it is, such as `payment`.",
    "site_id": "The site; null in costs, which belong to no site.",
    "source": "Which importer brought the costs.",
    "source_class": "The broadest division: paid, organic, referral, direct; `(unattributed)` without a touch.",
    "spend": "Money spent, in units of the currency.",
    "spend_micros": "Money spent, in millionths of the currency: exact, and what adds up.",
    "started_at": "The session's first event, by the site's clock.",
    "started_at_utc": "The session's first event, in UTC.",
    "started_because": "Why the session began.",
    "status": "`completed`, `partially_refunded`, `refunded`, `cancelled`, `test`, `unverified`; the first two count.",
    "tier": (
        "The best tier of evidence that ties the person's ids together: `strong_id`, `email_validated`, `claimed` or "
        "`email_unvalidated`; `unresolved` for a person with one id only."
    ),
    "touch_count": "Of a path, all touches of the lookback; of a link, those that share the credit; of a person, all.",
    "touch_date": "The site's date of the touch; without a touch, of the conversion.",
    "touch_id": "The touch; null where no touch led to a conversion.",
    "user_id_count": "How many of the shop's own user ids the person has.",
    "utm_campaign": "The `utm_campaign` parameter.",
    "utm_content": "The `utm_content` parameter.",
    "utm_id": "The `utm_id` parameter.",
    "utm_medium": "The `utm_medium` parameter.",
    "utm_source": "The `utm_source` parameter.",
    "utm_term": "The `utm_term` parameter.",
    "value": "Money earned after refunds, in units of the currency; of a link, the touch's share.",
    "value_micros": "The same in millionths of the currency: exact, and what adds up.",
    "visitor_id_count": "How many browsers or devices the person has.",
    "weight": "Credit as a fraction of one.",
}
"""By name. Times by the site's clock and in UTC are two columns, so that a cast to a date gives the reports' date."""


def columns_of(statement: str) -> dict[str, str]:
    r"""The columns of a view's statement that have a meaning of their own, in its order.

    The last ``select`` says them: an alias at the end of each line, or bare names.

    >>> list(columns_of("select\n  c.goal as goal, 'x' as other,\n  coalesce(c.a, c.b) as currency\nfrom c"))
    ['goal', 'currency']
    """
    listed = statement.rpartition("select\n")[2].partition("\nfrom ")[0]
    names = re.findall(r"(\w+)(?:,\s|$)", listed)
    return {name: COLUMNS[name] for name in names if name in COLUMNS}
