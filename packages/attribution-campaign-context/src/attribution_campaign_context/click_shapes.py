"""How the values of click ids look, by parameter: what does not look so is a parameter of the page's own, or a test.

A name that any site may use (``rtid``, ``si``, ``affid``) counts only with a value such as its platform writes. A name
that only its platform uses (``gclid``, ``awc``) is believed with anything but a test and a small number: forms are not
documented and change, and a click that is refused is lost, where one that is let in can be seen.
"""

import re
from collections.abc import Iterator

from attribution_campaign_context.registry import CLICK_IDS

SCRUBBED = "redacted"
"""What stands in an address for a subscriber's id that was removed from it."""

_TOKEN = r"(?=[^0-9]*[0-9])(?=[^a-z]*[a-z])[\w.~=+/-]{8,}"  # noqa: S105 - a form of values, and no password
_BASE64 = r"(?=[^0-9=]*[0-9=])[\w+/-]{8,}={0,2}"
_HASHED = r"[0-9a-f]{6,}"
_MIXED = r"(?=[^0-9]*[0-9])(?=[^a-f]*[a-f])[0-9a-f]{6,}"
_LONGER = r".{6,}"
"""Other people's data has ids that were made anonymous: digits of a hash, or longer than what pages write."""
_BY_FORM = {
    _MIXED: "rtid __s si aff_sub afftrack",
    _HASHED: "clickref sscid raneaid",
    rf"{_BASE64}|{_HASHED}": "igsh gspk im_ref",
    r"[0-9]{4,}|[a-z][\w.@-]{2,}|[0-9]+[._-]?[a-z][\w.-]*": "affid aff_id affiliate_id",
    r"[0-9]{6,}|(?=[^0-9]*[0-9])[0-9a-f]{6,}": "campid",
    r"[0-9]{1,2}|(?=[^0-9]*[0-9])[0-9a-f]{6,}": "mkevt mkcid",
    r"[0-9]+(?:-[0-9]+){2,}": "mkrid",
    rf"[0-9]|{_LONGER}": "gad irgwc",
    rf"[0-9]{{1,2}}|{_LONGER}": "gad_source",
    rf"[0-9]+|{_LONGER}": "gad_campaignid hsa_cam",
    rf"[a-z0-9]+(?:[._-][a-z0-9]+)*|{_LONGER}": "gclsrc",
    rf"[0-9]{{3,}}|{_LONGER}": "ranmid n_media",
    rf"[0-9]{{2,}}|{_LONGER}": "elqaid elqcampaignid iterablecampaignid iterabletemplateid",
    r"true|1": "elqtrack",
    rf"[0-9]{{5,}}|{_HASHED}": "elq emci emdi afmc et_rid",
}
"""Forms of values, with the parameters whose values have them; case does not matter."""
_ANY = re.compile(r"(?![0-9]{1,4}\Z)..+|[a-z]", re.IGNORECASE | re.DOTALL)
"""Of all others: more than a small number, and more than one sign."""
_SHAPES = {
    name: re.compile(f"{form}|{_TOKEN}", re.IGNORECASE | re.DOTALL)
    for form, names in _BY_FORM.items()
    for name in names.split()
}
"""By parameter; a generated id, of eight or more signs with letters and digits, has each form."""

_OPAQUE_NAMES = """
    gclid gbraid wbraid fbclid msclkid ttclid li_fat_id sccid qclid epik oppref irclickid irclid cjevent
    ransiteid tblci dicbo ef_id srsltid igshid _kx mkt_tok _hsenc zanpid gdt_vid bd_vid vmcid aleid cto_pld
"""
_OPAQUE = frozenset(_OPAQUE_NAMES.split())
"""Click ids that are long and have letters, so that a few digits are none."""
_FLAGS = frozenset({"elqtrack"})
"""Names of which a word is the whole value."""
_DIGITS = "01234567890123456789"
_SAME = re.compile(r"([^\W_])\1{2,99}")

_TEST_WORDS = """
    test tests tester testing sample dummy example fake demo foo foobar placeholder clickid click value values string
    true false yes no on off debug qwerty asdf asdfg asdfgh asdfghjk asdfasdf
"""
_FILLER_WORDS = """
    my your a some the id bar here abc xyz insert enter param parameter tag todo
"""
_OF_TESTS = frozenset(_TEST_WORDS.split())
_FILLERS = frozenset(_FILLER_WORDS.split())
"""Words next to those of tests; alone they are none."""
_BETWEEN = re.compile(r"[-_ .:]+")
_WORD = re.compile(r"[a-z]+|[0-9]{1,24}")
_LONGEST_TEST = 32
_LONG_NAMES = sorted((name for name in CLICK_IDS if len(name) > 4), key=len, reverse=True)
_NAME = re.compile("|".join(map(re.escape, _LONG_NAMES)))
_STARTS = frozenset(word[:2] for word in (*_OF_TESTS, *_FILLERS, *_LONG_NAMES))


def is_implausible(name: str, value: str) -> bool:
    """Whether the value of a click id is somebody's test, or what its platform does not write.

    >>> is_implausible("rtid", "42"), is_implausible("rtid", "9f8e7d6c5b4a3928"), is_implausible("gclid", "gclid_test")
    (True, False, True)
    """
    shape = _SHAPES.get(name)
    if len(value) > _LONGEST_TEST:
        is_other = shape is not None and not shape.fullmatch(value)
        return is_other or (value[0] == value[1] and _SAME.fullmatch(value) is not None)
    if not (shape or _ANY).fullmatch(value):
        return value != SCRUBBED
    if value.isdigit() and name in _OPAQUE and (len(value) < 6 or value in _DIGITS):
        return True
    lower = value.lower()
    return (len(value) > 2 and lower[0] == lower[1] and _SAME.fullmatch(lower) is not None) or (
        name not in _FLAGS and _is_test(lower)
    )


def _is_test(value: str) -> bool:
    """Whether a value is made of nothing but words of tests, names of click ids, and numbers next to them."""
    if value[:2] not in _STARTS:
        return False
    is_named = _NAME.search(value) is not None
    words = list(_words(_NAME.sub(" ", value) if is_named else value))
    if any(word not in _OF_TESTS and word not in _FILLERS and not word.isdigit() for word in words):
        return False
    return is_named or not _OF_TESTS.isdisjoint(words)


def _words(value: str) -> Iterator[str]:
    """The words and numbers of a value: ``test123`` is two of them."""
    for part in _BETWEEN.split(value.strip("-_ .:")):
        known = _WORD.findall(part)
        yield from known if "".join(known) == part else [part]
