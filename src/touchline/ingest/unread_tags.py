"""Tags in a URL that have no usable value, counted by the kind of fault, so that the number of names is small."""

from collections.abc import Mapping

from attribution_campaign_context.broken_links import SHAPES
from attribution_campaign_context.parsing import Landing
from attribution_campaign_context.vocabularies import COMMON_WORDS
from touchline.ingest.scrubbing import message_of_kind

PREFIX = "url: "
"""The prefix of the names under which tags are counted, among the fields that Touchline does not read."""

_REFUSED: Mapping[str, str] = {
    "placeholder": "a tag has a word for nothing, such as null, (not set) or (organic), as its value. Remove the tag.",
    "template": "a tag has a placeholder of an ad platform's that was not filled in, such as {campaignid}. Correct the"
    " template of the ad.",
    "too_long": "a tag is longer than 256 characters, or a click id than 512. Shorten it.",
    "control_character": "a tag has a control character in it. Write the link without it.",
    "bad_encoding": "a click id is not encoded as UTF-8. It was changed on its way; look at the redirects.",
    "implausible": "a click id is one that no ad platform writes, such as a test's. No click is counted for it.",
}
_SHAPES: Mapping[str, str] = {
    "missing_equals": "Write name=value.",
    "second_equals": "Write one equals sign for each tag, and & between tags.",
    "other_site": "They are the other site's, and count nothing here.",
    "single_in_path": "Write tags after a question mark.",
}


def unread_tags(landing: Landing) -> tuple[str, ...]:
    """The names under which a landing's tags without a usable value are counted, each once.

    A parameter such as ``si`` that pages have for other things is none of them.

    >>> from attribution_campaign_context.parsing import parse_landing
    >>> unread_tags(parse_landing("/?utm_source={source}&gclid=123&utm_term={term}"))
    ('url: implausible', 'url: template')
    """
    refused = {kind for name, kind in landing.refused.items() if name not in COMMON_WORDS}
    return tuple(f"{PREFIX}{kind}" for kind in sorted({*refused, *landing.unread}))


def message_of(name: str) -> str | None:
    """The message about a name of :func:`unread_tags`, or of what was scrubbed; ``None`` for any other name.

    >>> message_of("url: missing_equals"), message_of("sku")
    ('url: In the address is a tag without an equals sign. Write name=value.', None)
    """
    if scrubbed := message_of_kind(name):
        return scrubbed
    kind = name.removeprefix(PREFIX) if name.startswith(PREFIX) else ""
    if kind in _REFUSED:
        return f"{PREFIX}In the address, {_REFUSED[kind]}"
    return f"{PREFIX}In the address is {SHAPES[kind]}. {_SHAPES[kind]}" if kind in SHAPES else None
