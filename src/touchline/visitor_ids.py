"""By what a site recognizes a browser: a cookie, a hash of one day, or nothing."""

from typing import Literal, get_args

from touchline.errors import UsageError

VisitorIds = Literal["cookies", "cookieless", "anonymous"]
"""``cookies``: the ids that browsers keep. ``cookieless``: browsers keep nothing, and a hash of address and user agent
with the key of the day is the visitor. ``anonymous``: that hash only holds the visit together, and no id is kept."""

DEFAULT: VisitorIds = "cookies"
_EXAMPLE = "Write cookies, cookieless or anonymous, and blog=anonymous for the site blog alone."


def visitor_ids_of(text: str) -> tuple[tuple[str, VisitorIds], ...]:
    """The choices in the setting ``visitor_ids``, each after the id of its site, which is empty for all others.

    :raises UsageError: if it is anything but choices, or a site has two.

    >>> visitor_ids_of("cookieless, blog=anonymous")
    (('', 'cookieless'), ('blog', 'anonymous'))
    """
    found: dict[str, VisitorIds] = {}
    for entry in filter(None, (entry.strip() for entry in text.split(","))):
        site, equals, said = (part.strip() for part in entry.rpartition("="))
        choice = next((one for one in get_args(VisitorIds) if one == said), None)
        if choice is None or (equals and not site):
            raise UsageError(f"visitor_ids: {entry[:80]!r} is no choice.", _EXAMPLE)
        if found.setdefault(site, choice) != choice:
            raise UsageError(f"visitor_ids: {site or 'all sites'} has two choices.", _EXAMPLE)
    return tuple(found.items())


def visitor_ids_at(text: str, site_id: str) -> VisitorIds:
    """What the setting says of a site.

    >>> visitor_ids_at("blog=anonymous", "blog"), visitor_ids_at("blog=anonymous", "shop")
    ('anonymous', 'cookies')
    """
    choices = dict(visitor_ids_of(text))
    return choices.get(site_id, choices.get("", DEFAULT))
