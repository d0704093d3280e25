"""Stories of visits as browsers send them: addresses and referrers, and what a person who does this job expects.

Each answer was written before the story was tried.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from tests.oracle.world import Row, at, event
from touchline.ingest.landings import landing_of

SITE = "https://shop.example"
AD = "/?utm_source=google&utm_medium=cpc&utm_campaign=spring&gclid=Cj0KCQiA1"
TAGS = "/?utm_source=google&utm_medium=cpc&utm_campaign=spring"
CLICK = "/?gclid=Cj0KCQiA1"
OTHER_CLICK = "/?gclid=Cj0KCQiA2"
LETTER = "/?utm_source=letter&utm_medium=email&utm_campaign=may"
SUMMER = "/?utm_source=google&utm_medium=cpc&utm_campaign=summer"
BANNER = "/pricing?utm_source=homepage&utm_medium=banner&utm_campaign=hero"
GOOGLE, BLOG, FACEBOOK = "https://www.google.com/", "https://blog.partner.example/a", "https://l.facebook.com/"
PAYPAL, APPLE = "https://www.paypal.com/checkoutnow", "https://appleid.apple.com/"
BANK, SIGN_IN = "https://hooks.stripe.com/3d_secure", "https://accounts.google.com/"
OWN = f"{SITE}/"
NOBODY = "/?utm_source=(direct)&utm_medium=(none)"

View = tuple[float, str, str | None]
"""Minute, path and query, and referrer."""


class Story(NamedTuple):
    """What happens, and what is right."""

    name: str
    views: list[View]
    touches: list[int]
    """The places of the views that are touches."""
    last: int
    """The one that has the credit of the last touch."""
    sessions: int = 1
    uncredited: tuple[str, ...] = ()
    """Why others are none, in their order."""


WEAKER = "weaker_source"
ALWAYS = [
    Story("a search ten minutes after an ad", [(0, AD, None), (10, "/two", GOOGLE)], [0], last=0, uncredited=(WEAKER,)),
    Story(
        "mail of the same giant after an ad",
        [(0, AD, GOOGLE), (5, "/two", "https://mail.google.com/")],
        [0],
        last=0,
        uncredited=(WEAKER,),
    ),
    Story("another network after an ad", [(0, AD, None), (5, "/", FACEBOOK)], [0], last=0, uncredited=(WEAKER,)),
    Story("a click id after a search", [(0, "/", GOOGLE), (10, CLICK, GOOGLE)], [0, 1], last=1),
    Story("two searches", [(0, "/", GOOGLE), (10, "/", "https://duckduckgo.com/")], [0, 1], last=1),
    Story(
        "a search after a blog, and the blog again", [(0, "/", BLOG), (9, "/", GOOGLE), (12, "/", BLOG)], [0, 1], last=1
    ),
    Story("a search first, Direct later", [(0, "/", GOOGLE), (10, "/two", None)], [0], last=0),
    Story("Direct first, a search later", [(0, "/", None), (10, "/", GOOGLE)], [0, 1], last=1),
    Story("Direct first, an ad later", [(0, "/", None), (10, AD, None)], [0, 1], last=1),
    Story("two click ids", [(0, CLICK, None), (10, OTHER_CLICK, None)], [0, 1], last=1),
    Story(
        "two click ids and a search",
        [(0, CLICK, None), (5, OTHER_CLICK, None), (9, "/", GOOGLE)],
        [0, 1],
        last=1,
        uncredited=(WEAKER,),
    ),
    Story("an ad, then its click id on an inner page", [(0, TAGS, None), (5, f"/two{AD[1:]}", OWN)], [0], last=0),
    Story("an ad without its id after the ad", [(0, AD, None), (10, TAGS, None)], [0], last=0),
    Story("a click id, then with its tags", [(0, CLICK, None), (10, AD, None)], [0], last=0),
    Story("a reload of the ad", [(0, AD, GOOGLE), (3, AD, GOOGLE), (9, AD, None)], [0], last=0),
    Story(
        "untagged views with the landing's referrer",
        [(0, AD, BLOG), (1, "/two", BLOG), (2, "/three", BLOG)],
        [0],
        last=0,
    ),
    Story("a poorer hit of the same page", [(0, AD, None), (0.05, "/", GOOGLE)], [0], last=0),
    Story("a poorer hit with half of the tags", [(0, TAGS, None), (0.05, "/?utm_source=google", None)], [0], last=0),
    Story("a poorer hit before the richer one", [(0, "/", GOOGLE), (0.05, AD, GOOGLE)], [0], last=0),
    Story("the same page without and with a click id", [(0, "/", None), (0.05, CLICK, None)], [0], last=0),
    Story(
        "the same page with and without a click id", [(0, AD, None), (0.1, TAGS, None), (5, TAGS, None)], [0], last=0
    ),
    Story("a payment", [(0, AD, None), (5, "/thanks", PAYPAL)], [0], last=0, uncredited=("payment",)),
    Story(
        "a tagged return from a payment",
        [(0, AD, None), (5, "/thanks?utm_source=paypal&utm_medium=referral", PAYPAL)],
        [0],
        last=0,
        uncredited=("payment",),
    ),
    Story(
        "a tagged return from a payment, without an ad",
        [(0, "/", None), (5, "/thanks?utm_source=paypal&utm_medium=referral", PAYPAL)],
        [0],
        last=0,
        uncredited=("payment",),
    ),
    Story(
        "a tagged return from a payment after tags",
        [(0, LETTER, None), (5, "/thanks?utm_source=paypal&utm_medium=referral", PAYPAL)],
        [0],
        last=0,
        uncredited=("payment",),
    ),
    Story("a bank's confirmation", [(0, "/", GOOGLE), (5, "/thanks", BANK)], [0], last=0, uncredited=("payment",)),
    Story("a sign-in", [(0, AD, None), (5, "/welcome", SIGN_IN)], [0], last=0, uncredited=("sign_in",)),
    Story("another sign-in", [(0, LETTER, None), (5, "/welcome", APPLE)], [0], last=0, uncredited=("sign_in",)),
    Story(
        "a sign-in that comes back to the ad's address",
        [(0, AD, None), (5, AD, SIGN_IN)],
        [0],
        last=0,
        uncredited=("sign_in",),
    ),
    Story(
        "a payment's own campaign on a first visit",
        [(0, "/?utm_source=paypal&utm_medium=deals", PAYPAL)],
        [0],
        last=0,
        uncredited=("payment",),
    ),
    Story(
        "a banner of the site's own", [(0, AD, None), (5, BANNER, f"{SITE}{AD}")], [0], last=0, uncredited=("own_link",)
    ),
    Story("a banner after a search", [(0, "/", GOOGLE), (5, BANNER, OWN)], [0], last=0, uncredited=("own_link",)),
    Story("consent on page two", [(0, "/two", f"{SITE}{AD}")], [0], last=0),
    Story(
        "a script's redirect to a language", [(0, "/de/", f"{SITE}{TAGS}"), (3, "/de/two", f"{SITE}/de/")], [0], last=0
    ),
    Story(
        "consent on page two, then a search",
        [(0, "/two", f"{SITE}{AD}"), (8, "/", GOOGLE)],
        [0],
        last=0,
        uncredited=(WEAKER,),
    ),
    Story("an inner page that still names the landing", [(0, AD, GOOGLE), (1, "/two", f"{SITE}{AD}")], [0], last=0),
    Story(
        "a click id in the fragment",
        [(0, "/#gclid=Cj0KCQiA1", None), (9, "/two", GOOGLE)],
        [0],
        last=0,
        uncredited=(WEAKER,),
    ),
    Story("another part of the site", [(0, AD, None), (5, "/two", "https://help.shop.example/")], [0], last=0),
    Story("nobody's tags after a letter", [(0, LETTER, None), (10, NOBODY, None)], [0], last=0),
    Story(
        "nobody's tags after a search",
        [(0, "/", GOOGLE), (10, "/?utm_source=direct&utm_medium=none", None)],
        [0],
        last=0,
    ),
    Story("nobody's tags, then a search", [(0, NOBODY, None), (10, "/", GOOGLE)], [0, 1], last=1),
    Story("nobody's tags on a search", [(0, LETTER, None), (10, NOBODY, GOOGLE)], [0], last=0, uncredited=(WEAKER,)),
    Story("nobody's medium after a search", [(0, "/", GOOGLE), (10, "/?utm_medium=None", None)], [0], last=0),
    Story("an ad, a pause, a search", [(0, AD, None), (31, "/", GOOGLE)], [0, 1], sessions=2, last=1),
    Story("half an hour is no pause", [(0, AD, None), (30, "/", GOOGLE)], [0], last=0, uncredited=(WEAKER,)),
    Story(
        "an ad, then the app's browser",
        [(0, "/?fbclid=IwAR0abcdef123", FACEBOOK), (5, "/", "https://m.facebook.com/")],
        [0],
        last=0,
        uncredited=(WEAKER,),
    ),
]
"""Whatever begins a session."""

WITHIN = [
    Story("an ad after a search", [(0, "/", GOOGLE), (2, AD, GOOGLE)], [0, 1], last=1),
    Story("a letter after an ad", [(0, AD, None), (10, LETTER, None)], [0], last=0, uncredited=(WEAKER,)),
    Story("a letter after a click id", [(0, CLICK, GOOGLE), (10, LETTER, None)], [0], last=0, uncredited=(WEAKER,)),
    Story("two campaigns", [(0, TAGS, None), (10, SUMMER, None)], [0, 1], last=1),
    Story("a campaign after a search", [(0, "/", GOOGLE), (10, LETTER, None)], [0, 1], last=1),
    Story(
        "two campaigns and a search",
        [(0, TAGS, None), (10, LETTER, None), (12, "/", GOOGLE)],
        [0, 1],
        last=1,
        uncredited=(WEAKER,),
    ),
    Story("two campaigns, and the first again", [(0, TAGS, None), (9, LETTER, None), (12, TAGS, None)], [0, 1], last=1),
]
"""Where a new campaign goes on with the session."""

SPLIT = [
    Story("an ad after a search", [(0, "/", GOOGLE), (2, AD, GOOGLE)], [0, 1], sessions=2, last=1),
    Story("a letter after an ad", [(0, AD, None), (10, LETTER, None)], [0, 1], sessions=2, last=1),
    Story("a letter after a click id", [(0, CLICK, GOOGLE), (10, LETTER, None)], [0, 1], sessions=2, last=1),
    Story("two campaigns", [(0, TAGS, None), (10, SUMMER, None)], [0, 1], sessions=2, last=1),
    Story("a campaign after a search", [(0, "/", GOOGLE), (10, LETTER, None)], [0, 1], sessions=2, last=1),
    Story(
        "two campaigns and a search",
        [(0, TAGS, None), (10, LETTER, None), (12, "/", GOOGLE)],
        [0, 1],
        sessions=2,
        last=1,
        uncredited=(WEAKER,),
    ),
    Story(
        "two campaigns, and the first again",
        [(0, TAGS, None), (9, LETTER, None), (12, TAGS, None)],
        [0, 1, 2],
        sessions=3,
        last=2,
    ),
    Story("a direct visit that shows a campaign later", [(0, "/", None), (10, LETTER, None)], [0, 1], last=1),
    Story(
        "a direct return visit that does",
        [(0, TAGS, None), (45, "/", None), (50, LETTER, None)],
        [0, 1, 2],
        sessions=2,
        last=2,
    ),
    Story(
        "the same campaign after a pause and a search",
        [(0, TAGS, None), (45, "/", GOOGLE), (50, TAGS, None)],
        [0, 1, 2],
        sessions=3,
        last=2,
    ),
]
"""Where a new campaign begins a session, unless it was direct so far."""


def events_of(stories: list[Story]) -> list[Row]:
    """Each story with a visitor of its own, who buys a minute after the last view."""
    rows = []
    for number, told in enumerate(stories):
        visitor = f"v{number:02}"
        for place, (minute, path, referrer) in enumerate(told.views):
            rows.append(_view(f"{visitor}-{place}", minute, f"{SITE}{path}", referrer, visitor))
        until = told.views[-1][0] + 1
        rows.append(
            event(f"{visitor}-order", _at(until), type="CONVERSION", visitor_id=visitor, value_micros=1_000_000)
        )
    return rows


def _at(minute: float) -> datetime:
    return at("2026-03-02 10:00") + timedelta(minutes=minute)


def _view(event_id: str, minute: float, url: str, referrer: str | None, visitor: str) -> Row:
    found = landing_of(url, referrer)
    names = ("url", "page_domain", "referrer_host", "referrer_domain", "utm_source", "utm_medium", "utm_campaign",
             "utm_term", "utm_content", "utm_id", "campaign_ref", "adset_ref", "ad_ref", "tags_from")  # fmt: skip
    clicks: Row = {"click_id_names": found.click_id_names, "click_ids": found.click_ids_text} if found.click_ids else {}
    return event(event_id, _at(minute), visitor_id=visitor, **{name: getattr(found, name) for name in names}, **clicks)
