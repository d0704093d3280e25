"""What the tables and their columns mean: for the engines' catalogs, and for the pages of the documentation."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache

from touchline.docstrings import attribute_docstrings, plain
from touchline.table import Table
from touchline.tables import TRACKING_EVENTS
from touchline.tracking_event import EVENT_FIELDS, TrackingEvent

TABLES: Mapping[str, str] = {
    "account_members": "Which persons act for which account, by their events and by claims.",
    "account_rollups": "Credit and value of each day by the account of the conversion.",
    "ad_costs": "What each ad cost on each day, as the newest load reported it.",
    "agents": "The kind of device behind each user agent.",
    "app_browsers": "Apps with browsers of their own, by what these write into the user agent.",
    "applied_rules": "The versions of the rules that the derived tables were made with.",
    "attribution_links": "The credit of each touch for each conversion under each model.",
    "blocked_identifiers": "Placeholder values (`null`, `anonymous`) that join nobody.",
    "campaign_aliases": "Further names by which links name a campaign.",
    "campaign_clicks": "Touches that each campaign brought, by day and channel.",
    "campaign_names": "The id of each campaign, ad set and ad, and every name that it ever had, in small letters.",
    "campaigns": "The newest names of campaigns, ad sets and ads.",
    "channel_spend": "Costs of each account, campaign and day by channel.",
    "channel_rules": "The home's own rules of channels, which are asked before Touchline's: one row, or none.",
    "components": "Connected identifiers, as found by the solver.",
    "conversions": "Goals that were reached, with their sessions.",
    "corrections": "Refunds and cancellations, with their orders' owners.",
    "click_freshness": "For how many days a person's first click answers for the person, by ad platform.",
    "cost_sites": "Which site the costs of an advertising account, or of a campaign, are of.",
    "cost_rows": "Rows of every cost report that was loaded, as the ledger keeps them.",
    "crowded_persons": "Persons with more touches or counted conversions than one customer has.",
    "daily_rollups": "Costs, credit and value of each day, at every grain.",
    "definitions": "The definition that each view has, so that a run replaces only views that changed.",
    "erased_events": (
        "The sequence numbers of events removed from the ledger by an erasure, a retention period, or a verified "
        "report of the same id."
    ),
    "evidence_channels": "The channel of each distinct evidence, with the reason.",
    "first_reaches": "When persons first reached the goals that the organization's own models give weight to.",
    "fit_values": "The numbers of each fit.",
    "fits": "The current fits, and the days that each applies to.",
    "goals": "Which events count as conversions.",
    "grains": "The levels of aggregation of costs and credit, the coarsest first.",
    "health_blocks": "The four weeks, from a Monday, in which a site had any event of a visit.",
    "health_limits": "The limits that each day of each measure and volume is held against.",
    "arrivals": "What arrived over HTTP at each site on the newest days, in UTC, as the ledger counted it.",
    "health_notes": "What people noted about days: deploys, campaign starts, changes of a consent banner.",
    "health_measures": "Daily numerators and denominators of the data quality measures.",
    "health_signals": "Measures against the limits of their own history.",
    "health_volumes": "How many landings, and how many conversions of each goal, each day had.",
    "ignored_referrers": "Hosts that the setting of this name says bring nobody, by site.",
    "identifiers": "Every identifier, since when it is known, and how many names unverified events tie to it.",
    "identities": "Which person each identifier belongs to, and when.",
    "identity_claims": "What the owner's own systems said about which identifiers are one person's.",
    "identity_edges": "Pairs of identifiers that events or claims tie together, and those that were refused.",
    "identity_sightings": "When an identifier began to show other names than before, if it shows different ones.",
    "identity_pairs": "Pairs of identifiers on events and in claims, before it is judged which of them join.",
    "merged_accounts": "Accounts that claims call one, each with the name that all of them bear.",
    "models": "The attribution models that are computed.",
    "moved_conversions": "Which conversions the newest runs gave other links, why, and what credit moved.",
    "no_touchpoint": "One row: what stands in a link for the touch that a conversion does not have.",
    "lift_factors": "What lift tests found: conversions caused per conversion credited, by channel or campaign.",
    "organizations": "Organizations and their settings.",
    "own_model_channels": "What share of its weight a touch of a channel keeps under a model of an organization's own.",
    "own_model_milestones": "What touches before milestones weigh under a model of an organization's own.",
    "own_models": "Attribution models of organizations' own, as somebody added them.",
    "parts": "Of identifiers that hang together with several user ids or e-mail hashes: whose each is, and when.",
    "paths": "The touches that precede each conversion.",
    "detours": "Hosts and domains of pages that pay or sign in, from which visitors only come back.",
    "click_kinds": "What each click id says of a click: that it was an ad's, an affiliate's, or none of both.",
    "detour_patterns": "How hosts of pages that pay or sign in are called.",
    "session_events": "Events, each in its session.",
    "refused_pairs": "Pairs that join nobody because one person would have two user ids or e-mail hashes, and why.",
    "reporting_rates": "What one unit of each other currency was worth in the organization's, by day.",
    "retention_values": "What an active day is worth, by the days since the person's first one.",
    "sessions": "Visits.",
    "sites": "Sites, with the time zone of their days.",
    "source_hits": "Hits that show a source, where several of one session do, and what became of each.",
    "targets": "What a conversion may cost, or a unit of spend has to bring, per campaign.",
    "touchpoints": "Moments at which marketing, or its absence, brought somebody.",
    "tracking_events": "Accepted events, as the ledger keeps them.",
    "waste_findings": "Money that earned too little, and why.",
    "withdrawn_claims": "The numbers of identity claims that the ledger has no more: they were withdrawn, or erased.",
}
"""What each table holds."""

COLUMNS: Mapping[str, str] = {
    "accepted": "Events that were accepted and are new.",
    "duplicates": "Events whose id had been received before.",
    "conflicting": "Of the duplicates, those that say something else than the first report.",
    "clock_corrected": "Accepted events of a device whose clock was wrong, with their time corrected.",
    "late_hours": "Accepted events that came an hour or more after they happened.",
    "late_days": "Accepted events that came a day or more after they happened.",
    "robots": "Events of bots, monitors, data centers and prefetched pages, which are not stored.",
    "consent_refusals": "Events that were not stored because their visitor refuses consent.",
    "rejected": "Events that were rejected for a fault in them.",
    "account_id": "The account: a customer's company in events, an advertising account in costs.",
    "ad_id": "The platform's id of an ad; empty where the row is not about one ad.",
    "ad_name": "The ad's name in the cost report.",
    "adset_id": "The platform's id of an ad set (ad group); empty where the row is not about one.",
    "adset_name": "The ad set's name in the cost report.",
    "age_micros": "Microseconds from the moment at which the touch counts to the conversion; never negative.",
    "app": "The app whose own browser opened the page, as a source; only where nothing else tells.",
    "basis": "The day that credit is booked to: `CONVERSION` or `TOUCH`.",
    "baseline_end": "The last day of those that the limits are made of.",
    "block_start": "The first day of the four weeks that are judged together.",
    "baseline_start": "The first day of those that the limits are made of.",
    "between_weight": "What the touches of a path without a weight of their own share evenly.",
    "campaign_id": "The platform's id of a campaign; empty where the row is not about one.",
    "campaign_name": "The campaign's name in the cost report.",
    "center": "The middle of the limits: what is usual on the day, in the unit of numerator by denominator.",
    "centre": "The middle of the measure's history, in the unit of `value`.",
    "channel": "The channel of the touch; empty where there is none.",
    "claim": "Number of the claim in the ledger, rising in the order of commits.",
    "claim_count": "How many claims, each of another source, say it.",
    "claimed_at": "When the source said it.",
    "click_id_names": "Names of the valid click ids on the landing URL, sorted, joined by commas.",
    "clicks": "Clicks that the platform reported.",
    "clock_tolerance_seconds": (
        "Seconds after a conversion at which a touch of its session may be stamped and still counts as before it."
    ),
    "component": "The representative of the identifiers that hang together.",
    "conversion_count": "Counted conversions of a person.",
    "content": "The text of the file.",
    "conversion_date": "The site's date on which the conversion happened.",
    "conversion_id": "The conversion.",
    "cost_date": "The day of the cost, in the advertising account's time zone.",
    "counted_at": (
        "The moment from which a touch counts: its own, or that of a conversion of its session that it follows "
        "within the tolerance of clocks."
    ),
    "country": "The country that the costs are of; empty or null if the export does not say.",
    "claimed_touches": "Whether claimed touches are on paths: `count` or `leave_out`.",
    "click_count": "How many touches with click ids a person has on the platform; of a campaign, all its touches.",
    "credit": "Billionths of a conversion.",
    "credit_after": "Billionths of a conversion that the channel has after the run.",
    "credit_before": "Billionths of a conversion that the channel had before the run.",
    "crowded_by": (
        "The kinds of names of which more is tied to the identifier than may join, by unverified events (`u`, `m`, "
        "`v`) or by verified ones (`U`, `M`, `V`); empty where none."
    ),
    "crowded_conversions": "A person with more counted conversions than this is crowded, too.",
    "crowded_touches": "A person with more touches than this is crowded: a kiosk, a phone-order browser or a script.",
    "crowded_touches_per_path": "The most eligible touches that a crowded person's path keeps.",
    "currency": "Three-letter code of the money in this row.",
    "decay": (
        "The touch's raw TIME_DECAY weight: 2⁴⁰ halved for every half-life that it lies before the newest eligible "
        "touch."
    ),
    "confidence": "How much the channel may be trusted, from 0 to 1: an order of evidence, and no probability.",
    "contradictions": "Where the evidence disagrees with itself, by name; null where it does not.",
    "decay_until": "The raw TIME_DECAY weights of the path up to this touch, added up.",
    "default_model": "The model that reports use where none is named.",
    "default_value_micros": "What reaching the goal is worth where the event names no value.",
    "denominator": "What the measure counts out of; of a volume, the days that its limits are of.",
    "depth": "How many of platform, campaign, ad set and ad a grain tells apart, plus one; 0 for channels.",
    "device_type": (
        "`desktop`, `mobile` or `tablet`: of an event and a session, as client hints or a tag say it; of an agent, "
        "as the user agent tells."
    ),
    "digest": "A hash of the view's definition.",
    "direct": "Whether Direct touches get credit always, or only on paths that hold nothing else.",
    "direction": "On which side of its limits the measure lies.",
    "domain": "The site's registrable domain.",
    "eligible_count": "Eligible touches of the lookback, whether or not the path keeps them.",
    "ended_at": "The session's last event.",
    "entity_id": (
        "What the row is about, in one text: organization, channel, or platform, campaign, ad set and ad joined by "
        "slashes; a slash inside an id is written `%2F`."
    ),
    "event_count": "How many events stand behind the row.",
    "event_name": "The name that an event must bear to reach the goal; empty for any.",
    "event_type": "The type that an event must have to reach the goal.",
    "evidence_id": "Hash of the evidence: touches that show the same share it.",
    "expected_waste_micros": "The expected waste, called waste or not; null where only a target could tell.",
    "explanation": "What was found, against which threshold, and what to do, as JSON.",
    "fresh_days": "Days for which a person's first click on the platform answers for the person there.",
    "finding_id": "The finding; it stays the same while the same entity stays wasteful for the same reason.",
    "first_seen_at": "When the identifier, or the pair, first appeared.",
    "fit_id": "The fit, as `kind/organization/last day of its window/version`; empty in rows that come from none.",
    "first_weight": "The weight of the first touch; empty where it is like any other.",
    "fresh_micros": "Up to which age of the first touch it gets all; empty where age does not decide so.",
    "goal": "The goal.",
    "grain": "What the row is about: organization, platform, campaign, ad set, ad or channel.",
    "gross_value_micros": "The conversion's value before refunds.",
    "half_life_micros": "Microseconds in which a touch's TIME_DECAY weight halves.",
    "has_marks": "Whether the source of the hit has tags or a click id, and is no referrer alone.",
    "has_past_click": "Whether the same person had arrived by a paid click in an earlier session.",
    "identifier": "One name of a visitor, with its kind: `v:` visitor, `u:` user, `m:` e-mail hash, `e:` event.",
    "idle_count": "Direct touches of the lookback that get no credit, whether or not the path keeps them.",
    "ignored": "The evidence that was there and decided nothing.",
    "impressions": "Impressions that the platform reported.",
    "is_applied": "Whether a refund or cancellation changes its order; `reason` says why not.",
    "is_blocked": "Whether one of the two identifiers names nobody.",
    "is_counted": "Whether the conversion counts: neither a test, nor cancelled, nor fully refunded.",
    "is_eligible": "Whether the touch may get credit on this path.",
    "is_id": "Whether the text is the id, and not one of the names.",
    "is_landing": "Whether it is the landing of its session.",
    "is_retention": "Whether each active day of a person is a conversion, worth what `retention_values` says.",
    "day_number": "Days since the person's first active one, from 0.",
    "day_value_micros": "What the day is worth, in millionths of the organization's currency.",
    "is_milestone": "Whether the goal can be reached only once by each person.",
    "is_only": "Whether it is the account of the person's conversions that name none: the person's only one.",
    "is_own_link": (
        "Whether the event's tags bring nobody: it followed a link of the site's own pages, or came back within a "
        "session from a page that pays or signs in."
    ),
    "is_paid": "Whether somebody paid for the click; null where the evidence comes on paid and unpaid clicks alike.",
    "is_refused": "Whether the pair was refused and joins nobody.",
    "is_separated": "Whether `touchline claims separate` says that the two are not one person's.",
    "is_verified": (
        "Whether the event came from somebody who can be held to it: the owner's file, a secret key, or a signature."
    ),
    "is_visit": (
        "Whether the event shows that somebody was there; a server sends others (verified, neither URL nor user "
        "agent nor source)."
    ),
    "alias": "The name, in small letters, that a person gave the campaign in addition.",
    "label": "How the labels before the registrable domain are called, with `%` for any text; empty for any or none.",
    "kind": (
        "`refund` or `cancellation`; of a fit, what is fitted: `MARKOV`, `PROCESS_LIMITS` or `USUAL_CPA`; of a host "
        "from which visitors only come back, `payment` or `sign_in`."
    ),
    "landing_url": "The URL of the session's landing, or of the touch.",
    "linked_identifier": "The other identifier of the pair.",
    "load_number": "The load that the cost came with; a newer load of the same day replaces an older one.",
    "lookback_days": "Days before a conversion in which a touch may lie, inclusive.",
    "lower_limit": "Below this the measure is a signal.",
    "main_account_id": "The account that it is one with: of those that claims call one, the smallest id.",
    "marks": (
        "What an event shows of its source in its URL, as one text: source, medium, campaign, names of click ids; "
        "null where it shows nothing."
    ),
    "match_key": "The text, in small letters, by which links name the campaign, ad set or ad.",
    "maturity_millionths": "The share of the spend's conversions that are in by now, in millionths.",
    "measure": "Which number is watched.",
    "last_weight": "The weight of the last touch; empty where it is like any other.",
    "model": "The attribution model; empty for costs, which have none.",
    "name": (
        "What people call it; of a definition, the view; of a fit's value, what it is of: a channel, a measure, or "
        "a model and a currency."
    ),
    "named_value": "The blocked value, in lower case.",
    "note_id": "The note's number, in the order in which notes were made.",
    "numerator": "What the measure counts.",
    "observed_at": "When, in UTC, both identifiers were seen together.",
    "organization_id": "The organization.",
    "outcome": (
        "What became of the hit: `touch`, `shown_before` where a touch of the session shows the same source, or "
        "`weaker_source` where a stronger source came before it in the session."
    ),
    "p_over_millionths": "The probability of missing the target, in millionths; null where nothing can be said.",
    "page_view_count": "Page views in the session.",
    "part": "The smallest identifier of those that are one person's once user ids and e-mail hashes are kept apart.",
    "path_owner": "Whose touches lead to the goal: `person`, or `account` for all members of the person's account.",
    "pattern": "Text that the user agent contains.",
    "period": "The day that the measure is of.",
    "period_number": "The number of the time in which the identifier is this person's, from 0; 0 for nearly all.",
    "person_id": "The person.",
    "platform": "Where the ad was bought; empty where no ad platform is known.",
    "platform_conversion_micros": "Conversions that the platform reports, in millionths; null if it does not say.",
    "exchange_rate": "Units of the organization's currency for one of the row's; null if none is needed or known.",
    "reporting_micros": "The spend in the organization's currency, in millionths; null if no rate is known.",
    "reporting_value_micros": "The platform's value in the organization's currency, in millionths; null if not known.",
    "native_currency": "The currency in which it was paid.",
    "native_spend_micros": "The spend in the currency in which it was paid, in millionths.",
    "native_value_micros": "The value less what was paid back, in the currency in which it was paid, in millionths.",
    "rate": "Units of the organization's currency for one of the currency.",
    "rate_date": "The day of the rate, in the time zone of the site or the ad account.",
    "start_date": "The first day, in the calendar of the site.",
    "end_date": "The last day, in the calendar of the site; null if there is none.",
    "factor": "Conversions caused for each conversion credited.",
    "low": "The lower end of the factor's interval; null if the test gives none.",
    "high": "The upper end of the factor's interval; null if the test gives none.",
    "number": "Rises in the order in which the ledger committed the rows.",
    "rate_units": "With `rate_scale`: the rate is their quotient.",
    "rate_scale": "With `rate_units`: the rate is their quotient.",
    "platform_value_micros": "The value of conversions that the platform reports, in millionths of the currency.",
    "position": "Place on the path, from 1; 0 for a conversion without a touch.",
    "primary_goal": "The goal that reports count where none is named; empty for all.",
    "priority": "The order in which the rows decide, the lowest number first.",
    "reached_at": "When the person first reached the goal.",
    "reason": "Why: the rule that decided.",
    "referrer_host": (
        "Host of the referrer, lower case, without `www.`; null where the visit came from the site itself."
    ),
    "refunded_micros": "What was paid back; null means all of it.",
    "region": "The region that the costs are of; empty or null if the export does not say.",
    "rich_event_id": "The event that says the most about the hit's source.",
    "rich_site_id": "The site of that event.",
    "rollup_date": "The day that the row adds up.",
    "rule_id": "The channel rule that decided, as the ruleset names it.",
    "ruleset_version": "Ruleset, and version of its rules and facts, that decided.",
    "said": "What people noted.",
    "self_reported_source": "What the customer said when asked where they had heard of the site.",
    "sequence": "Number of the event in the ledger, rising in the order of commits.",
    "serves_from": "First day that the fit serves.",
    "serves_until": "Last day that the fit serves.",
    "session_gap_minutes": "Minutes without a visit after which the next one begins a session, if the pause is longer.",
    "session_id": (
        "The session, as derived from the events; null for a conversion that a server sent outside any visit."
    ),
    "session_cap_hours": "Hours after which a session ends even if its visitor goes on; 0 sets no limit.",
    "session_policy": "What begins a session besides a first visit and a pause.",
    "session_started_at": "First event of the session.",
    "severity": "`high`, `medium` or `low`.",
    "signal_type": "What kind of act the goal is, such as a purchase or a sign-up.",
    "since": "The first day of those in a row that are signals; of a volume, when it stopped or fell.",
    "source": "Which importer brought the cost, which system made the claim, or which site or system shows the pair.",
    "source_class": "The broadest division of visits by origin.",
    "source_count": "How many links that earned something, and how many rows of costs, stand behind the row.",
    "spend_micros": "Money spent.",
    "spread_days": "Over how many days a total was spread evenly, of which this day is one; null otherwise.",
    "started_at": "The session's first event.",
    "next_to_last_weight": "The weight of the touch before the last; empty where it is like any other.",
    "percent": "How many percent of its weight a touch of the channel keeps.",
    "started_because": "Why the session began: `first_visit`, `pause`, `midnight`, `month`, `campaign` or `cap`.",
    "started_date": "The site's date on which the session began.",
    "statistic": "Which number of the fit it is: `removal_effect`, `centre`, `usual_cpa_micros` and the like.",
    "status": "What has become of the conversion: it stands, was refunded in part or in full, or cancelled.",
    "target_cpa_micros": "What a conversion may cost; null where there is no such target.",
    "target_roas": "Value that one unit of spend has to bring; null where there is no such target.",
    "time_zone": "IANA name of the zone that the site's days are reckoned in.",
    "tombstone": (
        "The number of an erased event, or of a withdrawn claim, among its like, in the order in which they went."
    ),
    "touch_count": "Touches of a person.",
    "tier": "The best tier of evidence: `strong_id`, `email_validated`, `claimed`, `single_candidate`, "
    "`email_unvalidated` or `claimed_by_browser`; of an identifier that nothing joins to another, `unresolved`.",
    "touch_date": "The site's date of the touch.",
    "touches_per_path": "The most eligible touches that a path keeps: the first and the nearest.",
    "touchpoint_count": "Touches on the path that may get credit.",
    "touchpoint_id": "The touchpoint; empty for a conversion that nothing is known to have led to.",
    "unverified_emails": "How many e-mail hashes unverified events tie to the identifier.",
    "unverified_goal": "The goal name under which a goal's unverified conversions count where it handles them `apart`.",
    "unverified_handling": "What becomes of a goal's unverified conversions: `count`, `apart` or `leave_out`.",
    "unverified_links": "How many browsers unverified events may tie to one user id or e-mail hash.",
    "unverified_names": "How many user ids, and how many e-mail hashes, unverified events may tie to one identifier.",
    "verified_emails": "How many e-mail hashes verified events and claims tie to the identifier.",
    "verified_links": "How many browsers verified events and claims may tie to one user id or e-mail hash.",
    "verified_links_per_week": "How many of these browsers may be new within any seven days.",
    "verified_names": "How many user ids, and how many e-mail hashes, verified evidence may tie to one browser.",
    "verified_users": "How many user ids verified events and claims tie to the identifier.",
    "verified_visitors": "How many browsers verified events and claims tie to the identifier.",
    "identity_tier": "The tier of the touch's browser, as in `identities`.",
    "is_claimed": "Whether only a page ties the touch's browser to its person, and something better shows other ids.",
    "largest_group": "How many ids may hang together where names conflict before what only browsers say is left out.",
    "unverified_users": "How many user ids unverified events tie to the identifier.",
    "unverified_visitors": "How many browsers unverified events tie to the identifier.",
    "upper_limit": "Above this the measure is a signal.",
    "valid_from": "Since when, in UTC, the identifier is this person's, including that moment; empty: always.",
    "valid_until": "Until when, in UTC, the identifier is this person's, without that moment; empty: permanently.",
    "value": (
        "The measure on that day, numerator by denominator; of an applied rule, its version; of a fit, the number."
    ),
    "value_micros": "Money earned; of a link, the link's share of the conversion's value.",
    "version": "Number of the fit among those of its window; the highest stands.",
    "volume": "How many there were.",
    "waste_high_micros": "What is wasted at most, with the chance that 80 % of cases lie between both ends.",
    "waste_low_micros": "What is wasted at least, with the chance that 80 % of cases lie between both ends.",
    "waste_micros": "The part of the spend that is called wasted: the expected waste where something is to be done.",
    "waste_window_days": "Days that the waste list looks at.",
    "two_first_weight": "The weight of the first of two touches; empty where places decide.",
    "two_last_weight": "The weight of the last of two touches; empty where places decide.",
    "weight": "Credit as a fraction of one.",
    "uncredited_because": (
        "Why what the event shows is no evidence of a source: `payment`, `sign_in` or `ignored_referrer` where its "
        "visitor came back from such a page, `own_link` where it has tags of a link on the site's own pages."
    ),
    "window_end": "Last day of the window.",
    "window_start": "First day of the window.",
}
"""What a column means in whatever table. A field of an event means what :data:`touchline.tracking_event` says of it."""


def meanings_of(table: Table) -> dict[str, str]:
    """What each column of ``table`` means.

    >>> from touchline.tables import AD_COSTS, TRACKING_EVENTS
    >>> meanings_of(AD_COSTS)["spend_micros"], meanings_of(TRACKING_EVENTS)["utm_id"]
    ('Money spent.', 'The `utm_id` parameter.')
    """
    known = {**COLUMNS, **event_fields()} if table is TRACKING_EVENTS else {**event_fields(), **COLUMNS}
    return {name: known[name] for name in table.column_names if name in known}


@cache
def event_fields() -> Mapping[str, str]:
    """What each field of an event means; nothing where there is no source to read it from."""
    explained: Mapping[str, str] = {}
    with suppress(OSError):
        explained = attribute_docstrings(TrackingEvent)
    return {field.name: plain(explained[field.name]) for field in EVENT_FIELDS if field.name in explained}
