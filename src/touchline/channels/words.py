"""Reasons in words for people: pure functions from a reason's code to a sentence."""

from attribution_campaign_context.registry import PARAMETER_SETS
from touchline.channels.facts import PROOFS
from touchline.channels.sources import source_of_platform

_PLACES = {
    "search": "a search engine",
    "social": "a social network",
    "video": "a video site",
    "shopping": "a shopping site",
    "display": "an ad server",
    "native": "an ad network",
    "email": "a mail program",
    "ai": "an AI assistant",
    "affiliate": "an affiliate network",
    "referral": "a site or app that links here",
    "sms": "a text message",
    "push": "a push notification",
    "unknown": "a site that is on no list",
}
_DETOURS = {"payment": "takes payments", "sign_in": "signs visitors in", "ignored_referrer": "is to be ignored"}
_PROOFS = {
    "ad": "which {sender} adds to the clicks of its ads",
    "affiliate": "which an affiliate network adds",
    "email": "which a sender of e-mails adds",
    "organic": "which marks an unpaid result or a shared link",
    "ambiguous": "which {sender} adds to paid and unpaid clicks alike, so it does not prove an ad",
}


def sentence(reason: str) -> str:
    """A reason as a sentence.

    >>> sentence("medium:cpc source:google")
    'The medium is tagged as “cpc”, and the source is tagged as “google”.'
    >>> sentence("referrer:search:google.com")
    'The visitor came from google.com, a search engine.'
    """
    said = ", and ".join(_clause(mark) for mark in reason.split(" ") if mark)
    return f"{said[:1].upper()}{said[1:]}." if said else sentence("none")


def _clause(mark: str) -> str:
    kind, _, value = mark.partition(":")
    match kind:
        case "click_id" | "detour":
            first, _, rest = value.partition(":")
            return _click_id(first, rest) if kind == "click_id" else _detour(first, rest)
        case "medium" | "source" | "campaign":
            return f"the {kind} is {'named' if kind == 'campaign' else 'tagged as'} “{value}”"
        case "referrer":
            category, _, host = value.partition(":")
            return f"the visitor came from {host}, {_PLACES.get(category, category)}"
        case "app":
            return f"the page was opened in the app of {value}, and nothing else tells where the visit came from"
        case "none":
            return "there is no campaign tag, no click id and no referrer"
        case _:
            return mark


def _detour(kind: str, host: str) -> str:
    return f"the visitor came back from {host}, a page that {_DETOURS.get(kind, kind)}, which brings nobody"


def _click_id(name: str, note: str) -> str:
    if note not in {"", "ambiguous"}:
        return f"the page's URL contains {name} with a value that is no click's, so it says nothing"
    meaning = PROOFS.get(name)
    if meaning is None:
        return f"the page's URL contains {name}"
    sender = source_of_platform(meaning.platform).name or "the ad's network"
    if name in PARAMETER_SETS:
        return f"the page's URL contains parameters that {sender} fills in for its ads"
    return f"the page's URL contains {name}, {_PROOFS[meaning.kind].format(sender=sender)}"
