"""Whether the text of a parameter is a value: what tags and tools send when they have nothing to say is none."""

import re
import unicodedata

from attribution_campaign_context.click_shapes import is_implausible
from attribution_campaign_context.registry import CLICK_IDS, NORMALIZED_LOWER_KEYS

MAX_UTM_LENGTH = 256
"""Characters that a UTM value or an ad platform's id may have."""
MAX_CLICK_ID_LENGTH = 512
"""Characters that a click id may have. A longer one is refused: half a click id matches nothing."""

PLACEHOLDERS = frozenset(
    {
        "null", "undefined", "none", "unknown", "n/a", "na", "nil", "nan", "not set", "not_set", "notset", "(not set)",
        "(none)", "(null)", "(undefined)", "(unknown)", "(empty)", "[]", "()", "[object object]", "<na>", "nat",
        "(organic)", "(referral)", "(direct)", "(other)", "(not provided)", "not provided", "(not available)",
        "(data deleted)", "(data not available)", "(ai-assistant)", "(entrance)", "(automatic matching)",
        "(content targeting)", "(user vertical targeting)", "(remarketing/content targeting)",
    }
)  # fmt: skip
"""Values (lower case) that tags and reports send when they have nothing to say."""

MEANINGFUL = {
    "utm_source": frozenset({"(direct)", "(ai-assistant)"}),
    "utm_medium": frozenset({"(none)", "(ai-assistant)"}),
}
"""Words of reports that do say something in these two: that nobody sent the visitor, or that an assistant did."""

CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no value may have: C0 and C1 control characters, and halves of surrogate pairs, which no UTF-8 can say."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
"""Characters without width, which come with a copied link; they and full-width letters are no other word."""
_TEMPLATE_SIGN = re.compile(r"[{}%\[*$<#@!:]")
_TEMPLATE = re.compile(
    r"[{}]|%7[bd]|\[[%\[]|%%|\*\||\$\(|\A(?:"
    r"__\w+__|\[(?=[^\]]*[a-z_])[\w .:-]+\]|<[^<>]*>|\$[\w.]+\$?|%[\w.]+%|#+[a-z_]\w*#+|@@\w+@@|!\w+!|:[a-z]+_[a-z_]+"
    r")\Z",
    re.IGNORECASE,
)
_TEMPLATE_WORD = re.compile(
    r"(?:insert|enter|your|replace)(?:[-_ ][a-z0-9]+)*"
    r"[-_ ](?:campaign|source|medium|name|keyword|term|content|here|id|value|gclid)"
    r"|(?:campaign|ad ?set|ad ?group|ad)[._](?:name|id)|campaignid|adgroupid|campaignname|lpurl|utm_\w+",
    re.IGNORECASE,
)
_TEMPLATE_STARTS = frozenset("ieyrcaluIEYRCALU")
_EMPTY_DIGESTS = re.compile(
    r"d41d8c[0-9a-f]*|da39a3ee5e[0-9a-f]*|e3b0c44298[0-9a-f]*"  # MD5, SHA-1 and SHA-256 of nothing
    r"|37a6259cc0[0-9a-f]*|5e543256c4[0-9a-f]*|(?:0{8}-(?:0{4}-){3}0{12})"  # MD5 of "null" and "undefined"; a nil UUID
)
_NOTHING = re.compile(r"[-_.*?!/#|,:;+~=@\\'\"`<>()\[\]\s]+")

_QUOTES = '"\u201c\u201d\u201e\u00ab\u00bb\uff02`'
_PAIRED = {")": "(", "]": "[", ">": "<"}
_ENDS = frozenset(f"{_QUOTES}'\u2018\u2019\\)]>\u300d\u3011")


def checked_value(name: str, text: str) -> tuple[str | None, str | None]:
    """The valid value of a parameter from its decoded text, and else the reason for which it is refused.

    Both are ``None`` where the text is empty.

    >>> checked_value("utm_source", " Google "), checked_value("gclid", "{gclid}"), checked_value("gclid", "123")
    (('google', None), (None, 'template'), (None, 'implausible'))
    >>> checked_value("utm_campaign", "spring>"), checked_value("utm_campaign", "(organic)")
    (('spring', None), (None, 'placeholder'))
    """
    value = text.strip()
    if name in NORMALIZED_LOWER_KEYS and not value.isascii():
        value = _INVISIBLE.sub("", unicodedata.normalize("NFKC", value)).strip()
    if not value:
        return None, None
    if not value.isprintable() and CONTROL_CHARACTER.search(value):
        return None, "control_character"
    if len(value) > (MAX_CLICK_ID_LENGTH if name in CLICK_IDS else MAX_UTM_LENGTH):
        return None, "too_long"
    reason = _says_nothing(name, value)
    if reason is None and (value[-1] in _ENDS or value[0] in _QUOTES):
        value = _unwrapped(value)
        reason = _says_nothing(name, value) if value else "placeholder"
    if reason is not None:
        return None, reason
    if name in CLICK_IDS:
        return (None, "implausible") if is_implausible(name, value) else (value, None)
    return (_word(value) if name in NORMALIZED_LOWER_KEYS else value), None


def _word(value: str) -> str:
    """A word without case; a server that adds a slash to every address adds it to the last word, too."""
    value = value.lower().rstrip("?") or value
    return value[:-1] if len(value) > 1 and value.find("/") == len(value) - 1 else value


def _says_nothing(name: str, value: str) -> str | None:
    """Why a value is none, whatever the parameter."""
    lower = value.lower()
    if lower in PLACEHOLDERS:
        return None if lower in MEANINGFUL.get(name, ()) else "placeholder"
    start = value[0]
    if (start == "_" or _TEMPLATE_SIGN.search(value) is not None) and _TEMPLATE.search(value) is not None:
        return "template"
    if start in _TEMPLATE_STARTS and _TEMPLATE_WORD.fullmatch(value) is not None:
        return "template"
    is_empty = start in "de357DE0" and _EMPTY_DIGESTS.fullmatch(lower)
    return "placeholder" if is_empty or (not start.isalnum() and _NOTHING.fullmatch(value)) else None


def _unwrapped(value: str) -> str:
    """The value without the quotes and brackets that the text around a link left on it."""
    for _ in range(4):
        last = value[-1:]
        if (last in _PAIRED and value.count(last) > value.count(_PAIRED[last])) or (
            last and (last in _QUOTES or last in "\\\u300d\u3011")
        ):
            value = value[:-1].rstrip()
        elif len(value) > 1 and last in "'\u2018\u2019" and value[0] in "'\u2018\u2019":
            value = value[1:-1].strip()
        else:
            break
    return value.lstrip(_QUOTES + " ")
