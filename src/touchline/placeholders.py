"""Values that name nobody: what tags, exports and templates send where they have no id."""

import re
import string

REMOVED_CHARACTERS = string.punctuation + " "
"""Quotes, brackets and separators of ASCII, which are removed from a value before it is compared."""
TYPESET_QUOTES = "“”„‟‘’‚‛«»‹›´"  # noqa: RUF001 - these are meant
"""Quotes that word processors and spreadsheets put in the place of ASCII's; they are removed, too."""

_OPEN, _CLOSE = "(?:[{]|%(?:25)*7b)", "(?:[}]|%(?:25)*7d)"
_BEFORE, _LESS, _MORE = "(?:[$#]|%(?:25)*2[34])", "(?:<|%(?:25)*3c)", "(?:>|%(?:25)*3e)"
_TEMPLATES = (
    f"^{_OPEN}{_OPEN}[^{{}}]*{_CLOSE}{_CLOSE}$", f"^{_BEFORE}{_OPEN}[^{{}}]*{_CLOSE}$",
    f"^{_LESS}%(?:25)*[^<>]*%(?:25)*{_MORE}$",
)  # fmt: skip
_ENCODED = "%(?:25)*(?:2[0-9a-f]|3[a-f]|40|5[b-f]|60|7[b-e])"
REMOVED_PATTERN = "|".join((*_TEMPLATES, _ENCODED, f"[ -/:-@[-`{{-~{TYPESET_QUOTES}]"))
"""What is removed from a value in lower case before it is compared, in the regular expressions of Python and of every
engine: a value that is as a whole a template that nobody filled in (``{{user.id}}``, ``${id}``, ``<%= id %>``), else
:data:`REMOVED_CHARACTERS`, as they are or as percent signs and digits, however often they were encoded, and
:data:`TYPESET_QUOTES`."""

_NOTHING = ("nan", "none", "null", "undefined", "unknown", "unset")
"""What stands where a template or a program had no value."""
_FIELDS = (
    "account", "accountid", "anonymousid", "client", "clientid", "contactid", "crm", "crmid", "customer", "customerid",
    "email", "id", "login", "loginid", "memberid", "user", "userid", "visitor", "visitorid",
)  # fmt: skip
_WITHOUT_VALUE = {f"{nothing}{other}" for nothing in _NOTHING for other in (*_NOTHING, *_FIELDS)} | {
    f"{name}{nothing}" for name in _FIELDS for nothing in _NOTHING
}
"""Two missing values after one another, as of a first and a last name, or one before or after the name of its field."""

BLOCKED_IDENTIFIERS = frozenset(
    {
        "",
        # nothing, as programming languages and people write it
        "0", "blank", "empty", "false", "missing", "na", "nan", "nil", "noid", "none", "noone", "nobody",
        "notavailable", "notprovided", "notset", "nouser", "null", "object", "objectobject", "optionalnil", "true",
        "undefined", "unset", "void",
        # somebody who is not known
        "anon", "anonymous", "anonymoususer", "guest", "guestuser", "loggedout", "notauthenticated", "notidentified",
        "notloggedin", "signedout", "unauthenticated", "unidentified", "unknown",
        # the name of the field
        "accountid", "anonid", "anonymousid", "clientid", "contactid", "cookieid", "crmid", "customerid", "deviceid",
        "distinctid", "email", "emailaddress", "emailhash", "guid", "id", "identifier", "loginid", "memberid",
        "personid", "profileid", "sessionid", "uid", "user", "userid", "username", "uuid", "visitorid",
        # written in one way only
        "-1", "\\n",
        "#div/0!", "#name?", "#num!", "#ref!", "#value!",  # the errors of spreadsheets
        "02:00:00:00:00:00", "9774d56d682e549c",  # the address and the id that many Android devices have in common
        "d41d8cd98f00b204e9800998ecf8427e",  # the MD5 of an empty text
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",  # its SHA-1
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",  # its SHA-256
    }
    | _WITHOUT_VALUE
)  # fmt: skip
"""Values that name nobody, in lower case and without :data:`REMOVED_CHARACTERS`, or exactly as they are written."""

REPEATABLE = "0123456789abcdefghijklmnopqrstuvwxyz"
"""A value of one and the same of these names nobody, if it is as long as :data:`REPEATED` requires."""
REPEATED = {"0": 1, "letter": 3, "digit": 6}
"""From how many equal characters on a value names nobody. Numbered users can have an id such as 11 or 2222."""

_USUAL = re.compile(r"([a-z0-9])(?!\1)[a-z0-9].*[0-9]|([a-z])[0-9]|[0-9][a-z]", re.ASCII | re.DOTALL)
"""Two different characters and a digit: neither repeated nor a word. Most ids are, so most need no other check."""
_REMOVED = re.compile(REMOVED_PATTERN)


def names_somebody(value: str | None) -> bool:
    """Whether an id can stand for one person, unlike ``"null"``, ``[User ID]`` or ``0000-0000``.

    >>> names_somebody("42"), names_somebody(" NULL "), names_somebody("'distinct_id'"), names_somebody(None)
    (True, False, False, False)
    >>> names_somebody("{{ visitor.key }}"), names_somebody("%7B%7Buser_id%7D%7D"), names_somebody("ada%40example.com")
    (False, False, True)
    """
    if value is None:
        return False
    exact = value.strip().lower()
    if exact in BLOCKED_IDENTIFIERS:
        return False
    is_usual = "%" not in exact and _USUAL.match(exact)
    return bool(is_usual) or _is_one_of_many(_REMOVED.sub("", exact))


def _is_one_of_many(plain: str) -> bool:
    if plain in BLOCKED_IDENTIFIERS:
        return False
    first = plain[0]
    if first not in REPEATABLE or plain.strip(first):
        return True
    return len(plain) < REPEATED["0" if first == "0" else "digit" if first.isdigit() else "letter"]
