"""One landing, classified on the spot: the same ladder that the stage uses, for notebooks and other programs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import msgspec

from attribution_campaign_context.parsing import Landing, checked_value, host_of, parse_landing
from attribution_campaign_context.registry import CLICK_IDS
from touchline.app_browsers import app_browser
from touchline.channels import ladder
from touchline.channels.devices import DeviceType, device_type
from touchline.channels.evidence import Evidence
from touchline.detours import detour_kind
from touchline.domains import registrable_domain
from touchline.errors import UsageError

_NO_VALUES = frozenset({"", "nan", "<na>", "nat", "none"})
"""How missing values of pandas and NumPy print."""
_NOT_SET = frozenset({"utm_source", "utm_medium"})
"""What Google Analytics reports with any text at all, also with one that names nothing."""


@dataclass(frozen=True)
class LandingEvidence:
    """What the landing said, and what of it was refused."""

    utm: Mapping[str, str]
    click_ids: Mapping[str, str]
    campaign_ref: str | None
    adset_ref: str | None
    ad_ref: str | None
    referrer_host: str | None
    """``None`` also where the referrer is the site itself, a page that pays or signs in, or ignored, and so is no
    evidence."""
    device_type: DeviceType
    refused: Mapping[str, str]
    """Parameters that came without a valid value, and why."""


@dataclass(frozen=True)
class TouchClassification:
    """A landing's classification, field by field as in :class:`touchline.channels.ladder.Classification`."""

    source_class: str
    channel: str
    platform: str
    is_paid: bool | None
    reason: str
    rule_id: str
    evidence: tuple[str, ...]
    ignored: tuple[str, ...]
    confidence: float
    contradictions: tuple[str, ...]
    ruleset_version: str
    landing: LandingEvidence


def classify(  # noqa: PLR0913 - the public questions about one visit, each optional
    url: object = None,
    referrer: object = None,
    user_agent: object = None,
    *,
    params: Mapping[str, object] | str | None = None,
    source: object = None,
    medium: object = None,
    campaign: object = None,
    past_click_ids: Iterable[str] | str | None = (),
    own_hosts: Iterable[str] | str | None = (),
    ignored_referrers: Iterable[str] | str | None = (),
    ruleset: str = "touchline",
    own_rules: str = "",
) -> TouchClassification:
    """Where a visit came from, and why. No data makes it raise: what cannot be read counts as absent.

    Args:
        url: Address of the page the visit landed on. ``None``, NaN and ``pandas.NA`` are absent, here as elsewhere.
        referrer: Address of the page it came from.
        user_agent: The browser's user agent.
        params: URL parameters, as a mapping or a query string; they go before those of ``url``.
        source: The source, where it is known apart from an address; it goes before ``utm_source``.
        medium: The medium, likewise.
        campaign: The campaign's name, likewise.
        past_click_ids: Names of click ids with which the same person came before, e.g. ``["gclid"]``, or a
            text such as ``"gclid,fbclid"``.
        own_hosts: Your own hosts, in addition to that of ``url``; a referrer on one of their domains is no evidence,
            but for the tags in its address where ``url`` has none: those are of the landing that it was.
        ignored_referrers: Hosts that bring nobody, in addition to the known pages that pay or sign in, as in the
            setting of this name: ``["acs.bank.example"]``, or a text with commas.
        ruleset: ``"touchline"``, ``"ga4"`` or ``"seed"``.
        own_rules: The text of a TOML file of rules that are asked first: see ``docs/howto/add-a-channel-rule.md``.

    Raises:
        UsageError: If there is no such ruleset.
        InputError: If ``own_rules`` cannot be read.

    Do not use it for many rows: :func:`classify_columns` reads each distinct row once.

    >>> answer = classify("https://shop.example/?gclid=Cj0KCQ", "https://www.google.com/")
    >>> answer.channel, answer.source_class, answer.platform, answer.is_paid
    ('Paid Search', 'First Click (Paid)', 'GOOGLE_ADS', True)
    >>> classify(source="Newsletter", medium="email", ruleset="ga4").rule_id
    'ga4-email'
    """
    landing, evidence, dropped = landing_evidence(
        text_of(url),
        text_of(referrer),
        query=_query(params),
        words=(text_of(source), text_of(medium), text_of(campaign)),
        own=own_domains(own_hosts),
        ignored=ignored_hosts(ignored_referrers),
        user_agent=text_of(user_agent),
        has_past_click=has_google_click(past_click_ids),
        keeps_not_set=ruleset == "ga4",
    )
    answer = with_dropped(ladder.classify(evidence, rules_called(ruleset, own_rules)), dropped)
    return TouchClassification(
        **{name: getattr(answer, name) for name in answer.__struct_fields__},
        landing=LandingEvidence(
            utm=landing.utm,
            click_ids=landing.click_ids,
            campaign_ref=landing.campaign_ref,
            adset_ref=landing.adset_ref,
            ad_ref=landing.ad_ref,
            referrer_host=evidence.referrer_host,
            device_type=device_type(text_of(user_agent)),
            refused=landing.refused,
        ),
    )


def rules_called(name: str, own_rules: str = "") -> ladder.Ruleset:
    """The ruleset of this name.

    :raises UsageError: if there is none.
    :raises InputError: if ``own_rules`` cannot be read.
    """
    if not isinstance(own_rules, str):
        raise UsageError(
            f"own_rules is the text of a TOML file, not a {type(own_rules).__name__}.", "Read the file first."
        )
    if name not in ladder.RULESETS:
        raise UsageError(f"There is no ruleset {name!r}. Expected one of: {', '.join(ladder.RULESETS)}.")
    return ladder.ruleset(name, own_rules)


def text_of(value: object) -> str:
    """Any value as text; ``""`` where it is missing, in Python, NumPy or pandas.

    >>> text_of(None), text_of(float("nan")), text_of("a"), text_of(b"a")
    ('', '', 'a', 'a')
    """
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode("utf-8", "replace")
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 - whatever an object of somebody else's raises, it is no text
        return ""
    return "" if text.lower() in _NO_VALUES else text


def _listed(values: object) -> list[object]:
    """The values of a list; a text is a list with commas, and a missing value an empty list."""
    if isinstance(values, Iterable) and not isinstance(values, (str, bytes, bytearray)):
        return list(values)
    return [part.strip() for part in text_of(values).split(",")]


def has_google_click(past_click_ids: Iterable[str] | str | None) -> bool:
    """Whether a Google ad click (``gclid``) is among the names of past click ids.

    >>> has_google_click("fbclid, GCLID"), has_google_click(["gclid"]), has_google_click(None)
    (True, True, False)
    """
    return "gclid" in {text_of(name).strip().lower() for name in _listed(past_click_ids)}


def own_domains(hosts: Iterable[str] | str | None) -> frozenset[str]:
    """The registrable domains of a site's own hosts."""
    return frozenset(registrable_domain(text) for text in map(text_of, _listed(hosts)) if text)


def ignored_hosts(hosts: Iterable[str] | str | None) -> frozenset[str]:
    """Hosts that bring nobody, as the setting ``ignored_referrers`` names them; what is no host is left out.

    >>> sorted(ignored_hosts("https://www.Bank.example/pay, acs.card.example"))
    ['acs.card.example', 'bank.example']
    """
    texts = (text for text in map(text_of, _listed(hosts)) if text)
    return frozenset(filter(None, (host_of(text if "//" in text else f"//{text}") for text in texts)))


def landing_evidence(  # noqa: PLR0913 - each part of what one visit shows
    url: str,
    referrer: str,
    *,
    query: str = "",
    words: tuple[str, str, str] = ("", "", ""),
    user_agent: str = "",
    own: frozenset[str] = frozenset(),
    ignored: frozenset[str] = frozenset(),
    has_past_click: bool = False,
    keeps_not_set: bool = False,
) -> tuple[Landing, Evidence, tuple[str, ...]]:
    """What a landing says, what of it a ladder is asked, and the marks of what is no evidence.

    :param query: parameters that go before those of ``url``.
    :param words: source, medium and campaign that go before the tags; empty where there is none.
    :param user_agent: names the app that opened the page, where nothing else tells.
    :param own: the site's own registrable domains, in addition to that of ``url``.
    :param ignored: hosts, or registrable domains, that bring nobody.
    :param keeps_not_set: whether a source or medium that names nothing is one that is not known, and not absent.
    """
    landing = parse_landing(url or None, referrer or None)
    is_own, host, dropped = _judged(landing, own, ignored)
    if is_own and not landing.has_marks:
        landing = _with_marks_of(landing, parse_landing(referrer))
    if query:
        landing = _with_marks_of(landing, parse_landing("/?" + query))
    named = dict(landing.utm)
    for name, word in zip(("utm_source", "utm_medium", "utm_campaign"), words, strict=True):
        value = checked_value(name, word)[0] if word else None
        if (
            value is None
            and keeps_not_set
            and name in _NOT_SET
            and name not in named
            and (word or name in landing.refused)
        ):
            value = "(not set)"
        if value is not None:
            named[name] = value
    source, medium, campaign = (named.get(name) for name in ("utm_source", "utm_medium", "utm_campaign"))
    clicks = ",".join(landing.proofs) or None
    is_silent = not (source or medium or campaign or clicks or host)
    app = app_browser(user_agent) if is_silent and user_agent else None
    evidence = Evidence(source, medium, campaign, clicks, host, has_past_click, app.source if app else None)
    if landing.refused:
        dropped = (*(f"click_id:{name}:{why}" for name, why in landing.refused.items() if name in CLICK_IDS), *dropped)
    return landing._replace(utm=named), evidence, dropped


def with_dropped(answer: ladder.Classification, dropped: tuple[str, ...]) -> ladder.Classification:
    """An answer that also says what was there and is no evidence: it is the reason where there is no other."""
    if not dropped:
        return answer
    reason = " ".join(dropped) if answer.reason == "none" else answer.reason
    return msgspec.structs.replace(answer, ignored=(*answer.ignored, *dropped), reason=reason)


def _query(params: Mapping[str, object] | str | None) -> str:
    if isinstance(params, Mapping):
        return urlencode({text_of(name): text_of(value) for name, value in params.items()}, errors="replace")
    return text_of(params).lstrip("?#")


def _with_marks_of(landing: Landing, other: Landing) -> Landing:
    """A landing with the marks of another before its own."""
    return landing._replace(
        utm=landing.utm | other.utm,
        click_ids=landing.click_ids | other.click_ids,
        campaign_ref=other.campaign_ref or landing.campaign_ref,
        adset_ref=other.adset_ref or landing.adset_ref,
        ad_ref=other.ad_ref or landing.ad_ref,
        refused=landing.refused | other.refused,
        platform=other.platform or landing.platform,
        parameter_set=other.parameter_set or landing.parameter_set,
    )


def _judged(landing: Landing, own: frozenset[str], ignored: frozenset[str]) -> tuple[bool, str | None, tuple[str, ...]]:
    """Whether the referrer is the site itself, its host where it is evidence, and its mark where it is a detour."""
    host = landing.referrer_host
    if host is None:
        return False, None, ()
    domain = registrable_domain(host)
    if domain in own or (landing.host is not None and domain == registrable_domain(landing.host)):
        return True, None, ()
    kind = detour_kind(host) if ignored.isdisjoint((host, domain)) else "ignored_referrer"
    return (False, host, ()) if kind is None else (False, None, (f"detour:{kind}:{host}",))
