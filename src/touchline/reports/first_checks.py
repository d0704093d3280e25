"""For each measure and direction: what to check first, what it touches, and who knows."""

from collections.abc import Mapping

from touchline.health.measures import MEANINGS, VOLUMES
from touchline.sql import branches

_CHECKS: Mapping[tuple[str, str], str] = {
    ("arrival", "below"): "Check first that the server runs, that the pages load the tag, and that its key is valid.",
    ("landings", "below"): "Check first that the pages still load the tag and that the collector accepts its events.",
    ("conversions", "below"): (
        "Check first that the event is still sent, by the page that confirms it or by your server."
    ),
    ("behavioural_coverage", "below"): (
        "Check first that landing pages still load the tag before the consent banner or a redirect drops the visit."
    ),
    ("direct_only_rate", "above"): (
        "Check first that campaign links keep their tags and click ids on the way to the landing page."
    ),
    ("no_touch_rate", "above"): (
        "Check first that conversions still name the visitor (anonId or userId) that the pages name."
    ),
    ("cut_path_rate", "above"): "Check first whether a script or a shared browser makes touches: touchline doctor.",
    ("direct_landing_rate", "above"): (
        "Check first that redirects and the consent banner keep the referrer and the query of the landing page."
    ),
    ("unresolved_visit_rate", "above"): "Check first that logins and forms still send userId or emailHash.",
    ("claimed_visit_rate", "above"): "Check first that your server, and not only the page, reports who logged in.",
    ("several_browsers_rate", "above"): "Check first that the page sends no constant value as userId or emailHash.",
    ("further_browsers_rate", "above"): "Check first that the tag's cookie is kept from page to page.",
    ("merged_browsers_rate", "above"): "Check first that the page sends no constant value as userId or emailHash.",
    ("passed_browsers_rate", "above"): "Check first whether a shared device or a logout changed: touchline doctor.",
    ("referred_visit_rate", "below"): (
        "Check first that the tag or the file still has a referrer, and that redirects and Referrer-Policy keep it."
    ),
    ("unidentified_visit_rate", "above"): (
        "Check first that events still have anonId under its name, and that the consent banner did not change."
    ),
    ("crowded_browsers_rate", "above"): "Check first that the page sends a different userId for each person.",
}
_TOUCHES: Mapping[str, str] = {
    "arrival": "Nothing is known of these days",
    "landings": "Conversions after visits that were not seen have no source",
    "conversions": "Results per channel and costs per conversion lack what was not reported",
}
_OF_RATES = "Credit of these days may be with the wrong channel, or with none"
_OWNERS = {
    name: file.details.get("owner", "")
    for folder in ("health_measures", "health_volumes")
    for name, file in branches("touchline.health", folder).items()
}


def first_check(measure: str, direction: str) -> str:
    """What to look at first, in a sentence.

    >>> first_check("landings", "below")
    'Check first that the pages still load the tag and that the collector accepts its events.'
    """
    meaning = {**MEANINGS, **VOLUMES}.get(measure, measure)
    return _CHECKS.get((measure, direction), f"Check first what changed on that day in: {meaning}.")


def touches(measure: str) -> str:
    """What the results lack."""
    return _TOUCHES.get(measure, _OF_RATES)


def owner_of(measure: str) -> str:
    """Who knows about a measure, as its file says; ``""`` where it does not."""
    return _OWNERS.get(measure, "")
