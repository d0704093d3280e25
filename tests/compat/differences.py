"""Where ours answers otherwise than 0.1.0, and why: the whole list.

Each difference says what the question would have to be for 0.1.0 to answer as it should (``repair``), or what is wrong
in its answer (``mend``). Whatever neither of them touches has to be the same, to the byte.
"""

import copy
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus

from attribution_campaign_context import CLICK_ID_KEYS
from tests.compat.cases import Case


def _as_it_is(_: Case) -> None:
    """The question is right."""


def _as_it_was(_: Case, answer: Any) -> Any:
    return answer


@dataclass(frozen=True)
class Difference:
    """One thing that 0.1.0 does wrong."""

    name: str
    reason: str
    """What it did, and why that cannot be relied on."""
    repair: Callable[[Case], None] = _as_it_is
    """Changes a question, in place, into one that 0.1.0 understands."""
    mend: Callable[[Case, Any], Any] = _as_it_was
    """The right answer, from the question and that of 0.1.0."""


def repaired(case: Case, differences: Iterable[Difference]) -> Case:
    """The question that 0.1.0 would have to be asked."""
    question = copy.deepcopy(case)
    for difference in differences:
        difference.repair(question)
    return question


def mended(case: Case, answer: Any, differences: Iterable[Difference]) -> Any:
    """The answer that is expected of ours."""
    for difference in differences:
        answer = difference.mend(case, answer)
    return answer


def _is_odd(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs"} for character in text.strip())


def _first(value: Any) -> str:
    value = value["tuple"] if isinstance(value, dict) and "tuple" in value else value
    return str((value or [""])[0] if isinstance(value, list) else value)


def _asked(case: Case, part: str) -> dict[str, Any]:
    """A part of the request object, if it is one that is read."""
    found = case.get("request", {}).get(part)
    return found if isinstance(found, dict) and "several" not in found and "tuple" not in found else {}


def _leave_out(values: dict[str, Any], is_wrong: Callable[[str, str], bool]) -> None:
    for key in [key for key, value in values.items() if is_wrong(key, _first(value))]:
        del values[key]


def _filter_query(case: Case, is_wrong: Callable[[str, str], bool]) -> None:
    """Leaves parameters out; a raw query keeps its length, so that what a URL is cut to stays the same."""
    _leave_out(_asked(case, "query_params"), is_wrong)
    scope = case.get("scope", {})
    if "query_string" in scope:
        pairs = [pair.partition("=") for pair in scope["query_string"].split("&")]
        wrong = [is_wrong(unquote_plus(key), unquote_plus(value)) for key, _, value in pairs]
        kept = ["0" * is_odd + "".join(pair)[is_odd:] for pair, is_odd in zip(pairs, wrong, strict=True)]
        scope["query_string"] = "&".join(kept)


def _query_as_it_came(case: Case, answer: Any) -> Any:
    """The landing URL still has the parameters that were left out."""
    asked = copy.deepcopy(case)
    _without_odd_parameters(asked)
    _without_long_click_ids(asked)
    query, came = (one.get("scope", {}).get("query_string", "") for one in (asked, case))
    return _with_query(answer, query, came)


def _with_query(answer: Any, query: str, came: str) -> Any:
    """``came`` in the place of ``query``, or of as much of it as a URL has kept."""
    if isinstance(answer, str):
        place, mark, rest = answer.partition("?")
        return place + mark + came[: len(rest)] if mark and query.startswith(rest) else answer
    if isinstance(answer, list):
        return [_with_query(inner, query, came) for inner in answer]
    if isinstance(answer, dict):
        return {key: _with_query(inner, query, came) for key, inner in answer.items()}
    return answer


def _without_odd_parameters(case: Case) -> None:
    _filter_query(case, lambda _, text: _is_odd(text))


def _without_long_click_ids(case: Case) -> None:
    limit = case.get("options", {}).get("max_value_length", 256)
    _filter_query(case, lambda key, text: key in CLICK_ID_KEYS and len(text.strip()) > limit)


def _without_odd_headers(case: Case) -> None:
    for part in ("cookies", "headers"):
        _leave_out(_asked(case, part), lambda _, text: _is_odd(text))


def _written_addresses(case: Case) -> None:
    for part, name in (("request", "path"), ("request", "url"), ("scope", "path")):
        place = case.get(part, {})
        if isinstance(place.get(name), str):
            place[name] = "".join(quote(one) if _is_odd(f"_{one}_") else one for one in place[name])


def _lists_for_tuples(case: Case) -> None:
    for values in (_asked(case, part) for part in ("query_params", "cookies", "headers")):
        for key, value in values.items():
            if isinstance(value, dict) and "tuple" in value:
                values[key] = value["tuple"]


def _first_of_several(case: Case) -> None:
    query = case.get("request", {}).get("query_params")
    if isinstance(query, dict) and "several" in query:
        case["request"]["query_params"] = dict(reversed(query["several"]))


def _path_of_the_url(case: Case) -> None:
    request = case.get("request", {})
    if "path" not in request and isinstance(request.get("url"), dict):
        request["path"] = request["url"]["path"]


def _without_url(case: Case) -> None:
    if case.get("request", {}).get("url", "") is None:
        del case["request"]["url"]


def _lowered(case: Case) -> None:
    query = _asked(case, "query_params")
    for key in query.keys() & {"utm_source", "utm_medium"}:
        if isinstance(query[key], str):
            query[key] = query[key].strip().lower()


def _names(case: Case) -> tuple[str, str]:
    options = case.get("options", {})
    return options.get("visitor_cookie", "tigrbl_vid"), options.get("session_cookie", "sid")


def _cookies(case: Case) -> Iterator[tuple[list[str], int]]:
    """The places where a ``Cookie`` header stands."""
    for header in case.get("scope", {}).get("headers", []):
        if header[0].lower() == "cookie":
            yield header, 1


def _one_cookie_header(case: Case) -> None:
    found = [header for header, _ in _cookies(case)]
    for header in found[1:]:
        found[0][1] += "; " + header[1]
        case["scope"]["headers"].remove(header)


def _keep_cookies(case: Case, is_kept: Callable[[str, str, list[str]], bool]) -> None:
    for header, at in _cookies(case):
        kept: list[str] = []
        for cookie in header[at].split(";"):
            name, _, value = cookie.strip().partition("=")
            if is_kept(name, value, [one.partition("=")[0] for one in kept]):
                kept.append(cookie.strip())
        header[at] = "; ".join(kept)


def _without_foreign_cookies(case: Case) -> None:
    _keep_cookies(case, lambda name, _, __: name in _names(case))


def _without_empty_ids(case: Case) -> None:
    _keep_cookies(case, lambda _, value, __: value != "")


def _first_cookie_of_a_name(case: Case) -> None:
    _keep_cookies(case, lambda name, _, before: name not in before)


# What the cookie parser of 0.1.0 cannot be made to read, and words in their place that it can.
_UNREADABLE = {'"a\\073 b"': ("xOctal", "a\\073 b"), "\xc3\xa9": ("xAccent", "é")}


def _readable_ids(case: Case) -> None:
    for header, at in _cookies(case):
        for raw, (word, _) in _UNREADABLE.items():
            header[at] = header[at].replace("=" + raw, "=" + word)


def _raw_ids(case: Case, answer: Any) -> Any:
    if isinstance(answer, str):
        return next((raw for word, raw in _UNREADABLE.values() if answer == word), answer)
    if isinstance(answer, list):
        return [_raw_ids(case, inner) for inner in answer]
    return {key: _raw_ids(case, inner) for key, inner in answer.items()} if isinstance(answer, dict) else answer


def _touch_of_the_middleware(case: Case, answer: Any) -> Any:
    if case["kind"] != "behind" or "hooks" not in answer:
        return answer
    seen = answer["middleware"]["seen"][0]
    state = answer["hooks"]["state"] | {"context": seen["attribution_context"], "touch": seen["attribution_touch"]}
    return answer | {"hooks": answer["hooks"] | {"state": state}}


def _named_touch(case: Case) -> None:
    """Says by hand which touch it is, as an app of 0.1.0 has to."""
    if case["kind"] == "behind":
        touch_id = "id-1" if case["request"]["cookies"] else "id-3"
        for options in case["commits"]:
            options["touch_id"] = options.get("touch_id") or touch_id


def _more_options(case: Case, answer: Any) -> Any:
    if case.get("name") != "AttributionMiddleware":
        return answer
    return [*answer, *([name, "KEYWORD_ONLY", "None"] for name in ("policy", "recorder", "counters"))]


DIFFERENCES = (
    Difference(
        "tuple",
        "A tuple of values became its own Python notation, where a list gives its first value.",
        _lists_for_tuples,
    ),
    Difference(
        "repeated parameter",
        "Of a repeated parameter a framework's mapping gave the last value, and the middleware's own the first.",
        _first_of_several,
    ),
    Difference(
        "path of a URL object",
        "A request whose path is known to its URL only, as Starlette's, had no landing path.",
        _path_of_the_url,
    ),
    Difference(
        "no URL",
        "A request whose URL is None got the landing URL 'None'.",
        _without_url,
    ),
    Difference(
        "control character in a parameter",
        "It was kept, and went into logs, headers and databases; half a surrogate pair cannot even be stored.",
        _without_odd_parameters,
        _query_as_it_came,
    ),
    Difference("control character in an id or a referrer", "As in a parameter.", _without_odd_headers),
    Difference(
        "control character in an address",
        "It was kept; ours writes it as URLs do, in percent.",
        _written_addresses,
    ),
    Difference(
        "long click id",
        "It was cut, and half a click id matches nothing; the documentation of 0.1.0 says that it is ignored.",
        _without_long_click_ids,
    ),
    Difference(
        "limit of a lowered value",
        "It was cut first and lowered then, which can make it longer than the limit.",
        _lowered,
    ),
    Difference(
        "several Cookie headers",
        "Only the last counted, but HTTP/2 splits them as it likes: ids were lost and recreated with every request.",
        _one_cookie_header,
    ),
    Difference(
        "quoted and non-ASCII ids",
        "A foreign escape was decoded to an id that no header can carry, and an accent hid all cookies.",
        _readable_ids,
        _raw_ids,
    ),
    Difference(
        "foreign cookie",
        "One cookie that its parser does not like hid all others: new ids, and new cookies, with every request.",
        _without_foreign_cookies,
    ),
    Difference(
        "empty id",
        "A cookie that is there and empty was no id and was not replaced: that visitor never got one.",
        _without_empty_ids,
    ),
    Difference(
        "two cookies of one name",
        "The last counted; browsers send the one of the longest path first, which is the one that the page sees.",
        _first_cookie_of_a_name,
    ),
    Difference(
        "touch of the middleware",
        "The hooks read the request again: on a first visit without ids, as a second touch that nobody recorded.",
        mend=_touch_of_the_middleware,
    ),
    Difference(
        "id of the touch",
        "So the documented flow had no touch id, and linked nothing.",
        _named_touch,
    ),
    Difference(
        "options", "The middleware takes what 0.1.0 did not have; all of it may be left out.", mend=_more_options
    ),
)
"""In the order in which they are applied."""
