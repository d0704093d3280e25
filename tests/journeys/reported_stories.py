"""Stories of the kinds that users of other products report: what came between a click and its order.

Each answer was written before the story was tried.
"""

from tests.journeys.stories import (
    AD,
    APPLE,
    BANNER,
    BLOG,
    CLICK,
    FACEBOOK,
    GOOGLE,
    LETTER,
    OTHER_CLICK,
    OWN,
    PAYPAL,
    SIGN_IN,
    SITE,
    TAGS,
    WEAKER,
    Story,
    View,
)

PLAIN_LETTER = "/?utm_source=letter&utm_medium=email"
SHARED = "/?fbclid=IwAR0abcdef123456789"
MEMORY = "/?utm_source=partner&utm_medium=referral&utm_campaign=memory"
FULL = "/?gad_source=1&gad_campaignid=12345678&gbraid=0AAAAAabcdefghijkl&gclid=Cj0KCQiA1"
OTHER_FULL = "/?gad_source=1&gad_campaignid=12345678&gbraid=0AAAAAmnopqrstuvwx&gclid=Cj0KCQiA2"


def _return(name: str, referrer: str, reason: str, path: str = "/thanks") -> Story:
    """A campaign's visit that pays or signs in elsewhere: the campaign goes on."""
    return Story(name, [(0, TAGS, None), (6, path, referrer)], [0], last=0, uncredited=(reason,))


def _one(name: str, *views: View, weaker: int = 0) -> Story:
    """One source, whatever came after it."""
    return Story(name, list(views), [0], last=0, uncredited=(WEAKER,) * weaker)


def _two(name: str, *views: View) -> Story:
    """Two sources of one session, of which the second is the last."""
    return Story(name, list(views), [0, 1], last=1)


def _direct_later(name: str, *views: View, uncredited: tuple[str, ...] = ()) -> Story:
    """A second session that nobody brought: the first one's source is the last."""
    return Story(name, list(views), [0, 1], last=0, sessions=2, uncredited=uncredited)


REPORTED = [
    _return("PayPal with its own parameters", PAYPAL, "payment", "/done?token=EC-1&PayerID=9&utm_nooverride=1"),
    _return("PayPal that tags its return", PAYPAL, "payment", "/done?utm_source=PayPal&utm_medium=checkout"),
    _return("Klarna", "https://pay.klarna.com/eu/", "payment"),
    _return("Stripe's checkout", "https://checkout.stripe.com/c/pay/cs_1", "payment"),
    _return("a bank's confirmation by its host's name", "https://acs.bank.example/challenge", "payment"),
    _return("Okta", "https://acme.okta.com/app/home", "sign_in"),
    _return("Auth0", "https://acme.eu.auth0.com/u/login", "sign_in"),
    _return("Microsoft's sign-in", "https://login.microsoftonline.com/", "sign_in"),
    _return("a sign-in on a site that otherwise refers", "https://github.com/login/oauth/authorize", "sign_in"),
    _return("Apple's sign-in that comes back to the landing's address", APPLE, "sign_in", TAGS),
    _return("a sign-in that brings the click id back", SIGN_IN, "sign_in", "/welcome"),
    Story("a sign-in of a direct visit", [(0, "/", None), (3, "/in", SIGN_IN)], [0], last=0, uncredited=("sign_in",)),
    Story("a sign-in that is all there is", [(0, "/in", SIGN_IN)], [0], last=0, uncredited=("sign_in",)),
    Story(
        "a sign-in, then a payment",
        [(0, AD, None), (4, "/in", SIGN_IN), (9, "/thanks", PAYPAL)],
        [0],
        last=0,
        uncredited=("sign_in", "payment"),
    ),
    _direct_later(
        "a payment that takes forty minutes", (0, AD, None), (40, "/thanks", PAYPAL), uncredited=("payment",)
    ),
    _direct_later("a direct visit after a letter", (0, LETTER, None), (45, "/", None)),
    _direct_later("an inner link after a pause", (0, "/", BLOG), (45, "/two", OWN)),
    _direct_later("an own banner after a pause", (0, AD, None), (45, BANNER, OWN), uncredited=("own_link",)),
    Story("a bookmark of the ad's address", [(0, AD, None), (1440, AD, None)], [0, 1], last=1, sessions=2),
    Story("the tagged address again after a pause", [(0, TAGS, None), (31, TAGS, None)], [0, 1], last=1, sessions=2),
    Story("the blog again after a pause", [(0, "/", BLOG), (45, "/", BLOG)], [0, 1], last=1, sessions=2),
    _one("the tagged address again before it", (0, TAGS, None), (29, TAGS, None)),
    _one(
        "tags in other letters",
        (0, "/?utm_source=Google&utm_medium=CPC&utm_campaign=Spring", None),
        (5, "/?utm_source=google&utm_medium=cpc&utm_campaign=spring", None),
    ),
    _one(
        "tags in another order",
        (0, "/?utm_source=a&utm_medium=email", None),
        (5, "/two?utm_medium=email&utm_source=a", None),
    ),
    _one("the site with www", (0, AD, None), (1, "/two", "https://www.shop.example/")),
    _one("the site without encryption", (0, AD, None), (1, "/two", "http://shop.example/")),
    _one("the site's own blog", (0, "/", BLOG), (5, "/two", "https://blog.shop.example/")),
    _one("the site's own payment host", (0, TAGS, None), (5, "/thanks", "https://pay.shop.example/")),
    _one("a search engine in capitals", (0, "/", GOOGLE), (4, "/two", "https://WWW.GOOGLE.COM/")),
    _one("a translated page", (0, AD, None), (2, "/two", "https://shop-example.translate.goog/"), weaker=1),
    _one("a redirect to a language that keeps the referrer", (0, AD, GOOGLE), (0.02, "/de/", GOOGLE)),
    _one("a tag that fires twice", (0, AD, GOOGLE), (0, AD, GOOGLE)),
    _one("the source alone, then a search", (0, "/?utm_source=partner", None), (5, "/", GOOGLE), weaker=1),
    _one("the medium alone, then a search", (0, "/?utm_medium=email", None), (5, "/", GOOGLE), weaker=1),
    _one("the campaign alone, then a search", (0, "/?utm_campaign=may", None), (5, "/", GOOGLE), weaker=1),
    _one("tags behind a router's #", (0, "/#/?utm_source=letter&utm_medium=email", None), (5, "/", GOOGLE), weaker=1),
    _one("Google's aggregate id", (0, "/?gbraid=0AAAAAabcdefghijkl", None), (5, "/", GOOGLE), weaker=1),
    _one("Microsoft's click id", (0, "/?msclkid=0123456789abcdef0123456789abcdef", None), (5, "/", GOOGLE), weaker=1),
    _one("Google's campaign alone", (0, "/?gad_source=1&gad_campaignid=12345678", None), (5, "/", GOOGLE), weaker=1),
    _one("an ad and a search in two tabs", (0, AD, None), (2, "/", GOOGLE), (3, "/two", OWN), weaker=1),
    _one("a mailing tool's id", (0, "/?mc_cid=abcdef1234&mc_eid=1234567890", None), (5, "/", GOOGLE), weaker=1),
    _one("a chat's window", (0, TAGS, None), (5, "/two", "https://widget.intercom.io/"), weaker=1),
    _one("two links of one letter", (0, f"{LETTER}&utm_content=a", None), (5, f"{LETTER}&utm_content=b", None)),
    _one("a letter in a webmail", (0, LETTER, "https://mail.google.com/"), (5, "/two", OWN)),
    _one("an unrecorded landing on a first visit", (0, BANNER, OWN)),
    _one("an ad, then a link shared by a friend", (0, CLICK, GOOGLE), (10, SHARED, FACEBOOK), weaker=1),
    _one("all of Google's ids, then its click id", (0, FULL, GOOGLE), (0.1, CLICK, None)),
    _one("all of Google's ids, then its click id on an inner page", (0, FULL, GOOGLE), (9, f"/two{CLICK[1:]}", OWN)),
    _one("all of Google's ids and tags", (0, f"{FULL}&{TAGS[2:]}", None), (9, AD, None), (10, CLICK, None)),
    _one("a click id, then all of Google's", (0, CLICK, None), (5, FULL, None), (9, CLICK, None)),
    _one(
        "two aggregate ids of one click id", (0, f"{CLICK}&gbraid=0AAAAAabc", None), (5, f"{CLICK}&wbraid=Cj8K", None)
    ),
    _one("where Google's ad stood, after the ad", (0, FULL, None), (5, "/?gad_source=1", None)),
    _one("Google's campaign after its ad", (0, FULL, None), (5, "/?gad_campaignid=12345678", None)),
    _one("where Google's ad stood, before the ad", (0, "/?gad_source=1", None), (5, FULL, None)),
    _one("an aggregate id after both", (0, f"{CLICK}&wbraid=Cj8KCAjw", None), (5, "/?wbraid=Cj8KCAjw", None)),
    _one(
        "an aggregate id and a click id by both",
        *((n, q, None) for n, q in enumerate((CLICK, "/?wbraid=Cj8KCAjw", f"{CLICK}&wbraid=Cj8KCAjw"))),
    ),
    _one("a click id without its source", (0, f"{CLICK}&gclsrc=aw.ds", None), (5, CLICK, None)),
    _one(
        "an affiliate's id after both",
        (0, "/?awc=1234_5678_abcdef&gclid=Cj0KCQiA1", None),
        (5, "/?awc=1234_5678_abcdef", None),
    ),
    _one("one of two ids of a mail", (0, "/?_hsenc=p2ANqtz-abc&_hsmi=12345678", None), (5, "/?_hsmi=12345678", None)),
    _one(
        "a mailing without its reader",
        (0, "/?mc_cid=abcdef1234&mc_eid=1234567890", None),
        (5, "/?mc_cid=abcdef1234", None),
    ),
    _two("two ads of one campaign", (0, FULL, None), (5, OTHER_FULL, None), (6, "/?gad_source=1", None)),
    _two("two ads of one campaign, by their click ids", (0, FULL, None), (5, OTHER_CLICK, None), (6, CLICK, None)),
    _two(
        "two mailings to one reader",
        (0, "/?mc_cid=abcdef1234&mc_eid=1234567890", None),
        (5, "/?mc_cid=abcdef1235&mc_eid=1234567890", None),
    ),
    _two("a term alone, then a search", (0, "/?utm_term=shoes", None), (5, "/", GOOGLE)),
    _two("the same result of a search, another ad", (0, CLICK, GOOGLE), (3, OTHER_CLICK, GOOGLE)),
    _two("an app, then a search", (0, "/", "android-app://com.google.android.gm/"), (10, "/", GOOGLE)),
    _two("two networks", (0, "/", "https://t.co/abc"), (9, "/", "https://www.linkedin.com/feed/")),
    _two("a page that hides where it is", (0, "/", "about:blank"), (9, "/", GOOGLE)),
]
"""Whatever begins a session."""

REPORTED_WITHIN = [
    _two("a mailing tool's id, then an ad", (0, "/?mc_cid=abcdef1234", None), (9, AD, None)),
    _two("a friend's link, then an ad", (0, SHARED, FACEBOOK), (9, AD, None)),
    _two("a friend's link, then a letter", (0, SHARED, FACEBOOK), (10, LETTER, None)),
    _two("an unpaid listing, then a letter", (0, "/?srsltid=AfmBOorabcdefgh1234567", GOOGLE), (10, LETTER, None)),
    _two("a video's share link, then a letter", (0, "/?si=AbCdEfGh12345678", None), (10, LETTER, None)),
    _two("Yandex's free result, then a letter", (0, "/?ysclid=lq1abc2def345678", None), (10, LETTER, None)),
    _two("a story's share link, then a partner", (0, "/?igshid=MzRlODBiNWFlZA==", None), (10, MEMORY, None)),
    _two(
        "a letter without, then with its campaign",
        (0, "/?utm_source=letter&utm_medium=email", None),
        (10, LETTER, None),
    ),
    _two("a search between two letters", (0, "/", GOOGLE), (5, LETTER, None), (8, "/", GOOGLE)),
    _two("a partner after a letter", (0, LETTER, None), (10, MEMORY, BLOG)),
    _one("a letter over midnight", (830, LETTER, None), (845, "/two", OWN)),
    Story(
        "an ad over midnight, and its page again by an inner link",
        [(835, AD, None), (850, TAGS, f"{SITE}/two")],
        [0],
        last=0,
        uncredited=("own_link",),
    ),
]
"""Where a new campaign goes on with the session."""
