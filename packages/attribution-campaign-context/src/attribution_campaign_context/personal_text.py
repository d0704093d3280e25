r"""Texts without the personal data and secrets in them, and marks where they stood.

A text is searched in its plain form: percent-encoding (of any depth), HTML's character references, escapes such as
``\u0040``, full-width signs and signs of no width are resolved first. Where nothing is found, the text stays as it
came. Each pattern has a condition that is far cheaper and that most texts do not meet. No pattern repeats within a
repetition, and none can start where an earlier attempt of its own has passed, so that the cost is proportional to the
length of the text.
"""

import html
import ipaddress
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import sha256
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import unquote

from attribution_campaign_context.personal_kinds import KINDS, Digits, digits_of_key, kind_of_key


class Found(NamedTuple):
    """Something personal in a text."""

    start: int
    end: int
    kind: str


Replace = Callable[[str, str], str]
"""Says what stands for a piece of text, by its kind and itself."""

_DECODINGS = 4
_WEIGHTLESS = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_ESCAPED = re.compile(r"\\u(?!00(?:[01]|22|5[cC])|[dD][89a-fA-F])([0-9a-fA-F]{4})|\\/")
_REMEMBERED, _REMEMBERED_KIND = 512, 1024
"""Characters of a text whose result is remembered: most texts come again and again, and a look-up costs a tenth."""

_SUSPECT = re.compile(r"[@%+:\\]|&[#a-zA-Z]|[\d.]{7}|\d[\d .()/\-]{5}|[^\x00-\x7f]|[A-Z]{2}\d\d |[_.-][\w-]{12}|\w{16}")
"""Without a match, nothing in a text can be personal; it costs a tenth of the search."""

_LOCAL = r"\w.!#$'*+^`{|}~%-"
_EMAIL = re.compile(
    rf"(?:(?<![{_LOCAL}])[{_LOCAL}]++|(?<!\\)\"(?:[^\"\\\n]|\\.){{1,64}}+\"|\\\"[^\"\\\n]{{1,64}}+\\\")"
    r"@(\[[0-9A-Fa-f.:IPv]{2,45}\]|[\w-]++(?:\.[\w-]++)++)"
)
_TOP = re.compile(r"(?:[^\W\d_]{2,63}|xn--[\w-]{2,59})\Z", re.IGNORECASE)
_IMAGE = re.compile(r"[1-9]x\.(?:avif|gif|jpe?g|png|svg|webp)", re.IGNORECASE)
_GAP = r"[\s().\-/\u2010-\u2015]"
_PHONE = re.compile(rf"(?<![\w+])\+(?=[1-9(])(?:{_GAP}{{0,3}}\d){{8,15}}(?!\w)")
_SAID_PHONE = re.compile(
    r"(?<![^\W_])(?:phone|telephone|telefon|tel|t[ée]l|mobile?|cell|handy|fax|call|whatsapp|sms|rufnummer|fon|tlf)"
    r"[a-zé]{0,8}[^\w(+]{0,4}(?:(?:me|us|my|no|nr|number|nummer|num[ée]ro|is|ist|at|on|under|unter|to)[^\w(+]{1,3}){0,3}"
    rf"((?:\+|\(|\b)\d(?:{_GAP}{{0,3}}\d){{6,15}})(?!\w)",
    re.IGNORECASE,
)
_DATE = re.compile(r"\d{4}[-./]\d\d?[-./]\d\d?|\d\d?[-./]\d\d?[-./]\d{4}")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = re.compile(rf"(?<![\w.-])(?<!\w/)(?:{_OCTET}\.){{3}}{_OCTET}(?![\w-]|\.\d)", re.ASCII)
_VERSION = re.compile(
    r"(?:\bv|\bver|version|release|build|firmware|update|\bos|\brev|kernel|driver|sdk)\W{0,3}\Z", re.IGNORECASE
)
_BEFORE = 24
"""Characters before digits that can say what they are."""
_PERHAPS_IPV6 = re.compile(
    r"(?<![\w:.])[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:.]*+(?:%\w{1,16})?(?!\w)", re.ASCII
)
_FOURS = r"[ .\-\u00a0]"
_CARD = re.compile(
    rf"(?<!\w)(?:(?:\d{{4}}{_FOURS}{{1,2}}){{3}}\d{{1,4}}(?:{_FOURS}\d{{3}})?"
    rf"|\d{{4}}{_FOURS}{{1,2}}\d{{6}}{_FOURS}{{1,2}}\d{{4,5}}|\d{{13,19}})(?![\w])",
    re.ASCII,
)
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|6(?:011|5\d\d|4[4-9]\d)\d{12}|35(?:2[89]|[3-8]\d)\d{12}|3(?:0[0-5]|[68]\d)\d{11}"
)
_NUMBERED = re.compile(
    r"(?:#|\b(?:order|id|ids|no|nr|number|sku|campaign|product|invoice|tracking|item|article|ean|isbn|gtin|ref|reference"
    r"|transaction|ad|adset|bestellung|rechnung))\W{0,3}\Z",
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?:[ ]?[A-Z0-9]){11,30}", re.ASCII)
_SECRET = re.compile(
    r"(?<![\w-])(?:(?<=[Bb]earer )(?=[^\s]{0,80}\d)[\w.~+/=-]{16,}+"
    r"|(?:sk|rk)_(?:live|test)_\w{8,}+|sk_(?=\w{0,80}\d)[\w-]{24,}+|whsec_\w{16,}+"
    r"|sk-(?=[\w-]{0,80}\d)(?=[\w-]{0,80}[A-Z])[\w-]{20,}+"
    r"|gh[oprsu]_\w{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+|npm_\w{30,}+|hf_[A-Za-z]{30,}+"
    r"|xox[abeprs]-[\w-]{10,}+|(?:AKIA|ASIA)[A-Z0-9]{16}(?!\w)|AIza[\w-]{30,}+|ya29\.[\w-]{20,}+"
    r"|SG\.[\w-]{16,}+\.[\w-]{16,}+|EAA[A-Za-z0-9]{40,}+"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[^-]*+(?:-----END [A-Z ]{0,30}-----)?)",
    re.ASCII,
)
_TOKEN = re.compile(r"ey(?<![\w-]ey)[JKI][\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?", re.ASCII)
"""A JSON web token. The pattern begins with letters, which are found quickly, and then says what stands before them."""
_MARKS_OF_SECRETS = (
    "earer ", "k_live_", "k_test_", "sk_", "whsec_", "sk-", "gho_", "ghp_", "ghr_", "ghs_", "ghu_",
    "github_pat_", "glpat-", "npm_", "hf_", "xox", "AKIA", "ASIA", "AIza", "ya29.", "SG.", "EAA", "-----BEGIN",
)  # fmt: skip
"""Each secret of that pattern has one of these in it, and a word is found more quickly than a pattern."""
_HASHED = re.compile(r"\be?mail_?hash\W{1,8}\Z", re.IGNORECASE)
"""Before the hash of an e-mail address, by which an erasure finds what is kept of a person."""
_HEX = re.compile(r"(?<![\w-])[0-9a-fA-F]{32,}+(?![\w-])", re.ASCII)


def scrub_text(text: str, key: str = "", replace: Replace | None = None) -> str:
    """The text with a mark, such as ``[email]``, for each e-mail address, phone number, address, card and secret in it.

    :param key: the name of the field, which says what digits in it are (:class:`Digits`).
    :param replace: what stands for a piece, if not its mark.

    >>> scrub_text("Account of ann+x@corp.example, call 0170 1234567, order 4111111111111111")
    'Account of [email], call [phone], order 4111111111111111'
    >>> scrub_text("ann%2540corp.example from 203.0.113.9 with version 10.0.1.2")
    '[email] from [ip] with version 10.0.1.2'
    """
    if replace is None:
        return marked(text, key)[0]
    plain, found = _search(text, digits_of_key(key))
    return _replaced(plain, found, replace) if found else text


def marked(text: str, key: str = "") -> tuple[str, tuple[str, ...]]:
    """The text as :func:`scrub_text` gives it, and the kind of each piece that was taken out.

    >>> marked("ann@corp.example 203.0.113.9")
    ('[email] [ip]', ('email', 'ip'))
    """
    return (_remembered if len(text) <= _REMEMBERED else _marked)(text, digits_of_key(key) if key else Digits.ANYTHING)


def kind_in(text: str, key: str = "", digits: Digits | None = None) -> str | None:
    """The first kind that a text has something of; ``None`` where there is none.

    :param key: as of :func:`scrub_text`.
    :param digits: what digits in it are, where something else than the field's name says it.

    >>> kind_in("to:ann%40shop.example"), kind_in("120210000000000000"), kind_in("spring@home")
    ('email', None, None)
    """
    if digits is None:
        digits = digits_of_key(key) if key else Digits.ANYTHING
    return (_remembered_kind if len(text) <= _REMEMBERED_KIND else _kind_in)(text, digits)


def kind_of_value(key: str, text: str) -> str | None:
    """The kind of a field's value, by its name or by what it looks like.

    >>> kind_of_value("phone", "7"), kind_of_value("note", "+49 170 1234567"), kind_of_value("note", "fine")
    ('phone', 'phone', None)
    """
    return kind_of_key(key) or kind_in(text, key)


def hashed_id(text: str) -> str:
    """An id with the SHA-256 of each e-mail address, phone number, address and token in its place; any other as it is.

    An e-mail address is hashed in lower case, as e-mail hashes are. Four numbers are an address only if they are the
    whole id.

    >>> hashed_id("42"), hashed_id("Ann@corp.example")[:16], hashed_id("crm:ann%40corp.example")[:20]
    ('42', '25a04c95e5b8390d', 'crm:25a04c95e5b8390d')
    """
    if _PLAIN_ID(text) is not None:
        return text  # the usual case
    is_address = text.count(".") >= _DOTS and scrub_text(text) == KINDS["ip"].mark
    return scrub_text(text, "id" if is_address else "version", _hash_of)


def _hash_of(_kind: str, piece: str) -> str:
    return sha256(piece.lower().encode()).hexdigest()


_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]*+").fullmatch
_DOTS = 3
"""Dots of an IPv4 address."""


def _marked(text: str, digits: Digits) -> tuple[str, tuple[str, ...]]:
    if _SUSPECT.search(text) is None:
        return text, ()
    plain, found = _search(text, digits)
    if not found:
        return text, ()
    return _replaced(plain, found, _mark), tuple(one.kind for one in found)


_remembered = lru_cache(maxsize=2_048)(_marked)


def _kind_in(text: str, digits: Digits) -> str | None:
    if _SUSPECT.search(text) is None:
        return None
    found = _search(text, digits)[1]
    return found[0].kind if found else None


_remembered_kind = lru_cache(maxsize=2_048)(_kind_in)


def _mark(kind: str, _piece: str) -> str:
    return KINDS[kind].mark


def _replaced(text: str, found: list[Found], replace: Replace) -> str:
    pieces, place = list[str](), 0
    for one in found:
        pieces += (text[place : one.start], replace(one.kind, text[one.start : one.end]))
        place = one.end
    return "".join((*pieces, text[place:]))


def _search(text: str, digits: Digits) -> tuple[str, list[Found]]:
    """The text in its plain form, and what is personal in it, in the order in which it stands there."""
    plain = plain_form(text)
    found, end = list[Found](), 0
    searches = _SEARCHES if _DIGITS.search(plain) else _WITHOUT_DIGITS
    for one in sorted((one for search in searches for one in search(plain, digits)), key=_START):
        if one.start >= end:
            found.append(one)
            end = one.end
    return plain, found


_START = itemgetter(0)


def plain_form(text: str) -> str:
    r"""The text without encodings: what a person would read.

    >>> plain_form("ann%2540corp.example"), plain_form("ann&#64;corp.example"), plain_form("ann\uff20corp.example")
    ('ann@corp.example', 'ann@corp.example', 'ann@corp.example')
    """
    for _ in range(_DECODINGS):
        before = text
        if "%" in text:
            text = unquote(text)
        if "&" in text:
            text = html.unescape(text)
        if "\\" in text:
            text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)) if match[1] else "/", text)
        if text == before:
            break
    return text if text.isascii() else unicodedata.normalize("NFKC", _WEIGHTLESS.sub("", text))


def _emails(text: str, _digits: Digits) -> Iterator[Found]:
    if "@" not in text:
        return
    for match in _EMAIL.finditer(text):
        domain = match[1]
        if domain.startswith("["):
            yield Found(match.start(), match.end(), "email")
            continue
        labels = domain.split(".")
        while len(labels) > 1 and not _TOP.match(labels[-1]):
            labels.pop()
        kept = ".".join(labels)
        if len(labels) > 1 and not _IMAGE.fullmatch(kept):
            yield Found(match.start(), match.start(1) + len(kept), "email")


def _secrets(text: str, digits: Digits) -> Iterator[Found]:
    for match in _TOKEN.finditer(text):
        yield Found(match.start(), match.end(), "secret")
    if any(map(text.__contains__, _MARKS_OF_SECRETS)):
        for match in _SECRET.finditer(text):
            yield Found(match.start(), match.end(), "secret")
    if digits is not Digits.ANYTHING or len(text) < 32:
        return
    for match in _HEX.finditer(text):
        is_hash = _HASHED.search(text[max(0, match.start() - _BEFORE) : match.start()]) is not None
        if not is_hash and not match[0].isdecimal() and not match[0].isalpha():
            yield Found(match.start(), match.end(), "secret")


def _phones(text: str, _digits: Digits) -> Iterator[Found]:
    if "+" in text:
        for match in _PHONE.finditer(text):
            if not _DATE.match(match[0].lstrip("+(")):
                yield Found(match.start(), match.end(), "phone")


def _said_phones(text: str, _digits: Digits) -> Iterator[Found]:
    for match in _SAID_PHONE.finditer(text):
        if not _DATE.match(match[1]):
            yield Found(match.start(1), match.end(1), "phone")


_DIGITS = re.compile(r"\d[\d\s().\-/]{5}")


def _addresses(text: str, digits: Digits) -> Iterator[Found]:
    if text.count(":") > 1:
        for match in _PERHAPS_IPV6.finditer(text):
            address = match[0].rstrip(".")
            if _is_ipv6(address):
                yield Found(match.start(), match.start() + len(address), "ip")
    if digits is not Digits.VERSION and text.count(".") >= 3:
        for match in _IPV4.finditer(text):
            if not _VERSION.search(text[max(0, match.start() - _BEFORE) : match.start()]):
                yield Found(match.start(), match.end(), "ip")


def _is_ipv6(text: str) -> bool:
    if text.count(":") == len(text.rstrip("%")):
        return False  # two colons are an address, too, and mean nothing in a text
    try:
        ipaddress.IPv6Address(text)
    except ValueError:  # a time of day, mostly
        return False
    return True


def _cards(text: str, digits: Digits) -> Iterator[Found]:
    place = 0
    while match := _CARD.search(text, place):
        number = "".join(filter(str.isdigit, match[0]))
        is_id = len(number) == len(match[0]) and (
            digits is not Digits.ANYTHING
            or _NUMBERED.search(text[max(0, match.start() - _BEFORE) : match.start()]) is not None
        )
        if not is_id and _ISSUERS.fullmatch(number) and _passes_luhn(number):
            yield Found(match.start(), match.end(), "card")
            place = match.end()
        else:
            place = match.start() + 1


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _accounts(text: str, digits: Digits) -> Iterator[Found]:
    if digits is not Digits.ANYTHING or text == text.lower():  # an account number has capital letters
        return
    for match in _IBAN.finditer(text):
        for end in range(match.end(), match.start() + 15, -1):
            if end < len(text) and text[end].isalnum():
                continue
            compact = text[match.start() : end].replace(" ", "")
            if len(compact) > 14 and _is_iban(compact):
                yield Found(match.start(), end, "card")
                break


def _is_iban(compact: str) -> bool:
    return int("".join(str(int(letter, 36)) for letter in compact[4:] + compact[:4])) % 97 == 1


_SEARCHES = (_emails, _secrets, _addresses, _phones, _said_phones, _cards, _accounts)
"""A piece that is two things is what the first of them calls it."""
_WITHOUT_DIGITS = tuple(search for search in _SEARCHES if search not in (_said_phones, _cards))
"""What a text can have in which no digits stand together."""
