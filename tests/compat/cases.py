"""What both versions are asked: requests as browsers, proxies, frameworks and attackers make them, always the same."""

import random
from typing import Any

from attribution_campaign_context import CLICK_ID_KEYS, UTM_KEYS

Case = dict[str, Any]
"""One question, as JSON; ``kind`` names the function of ``answers.py`` that asks it."""

TEXTS = (
    "News", " NEWSLETTER ", "cpc", "spring_launch", "Été 2024", "日本", "a,b;c", "<script>alert(1)</script>",
    "'; drop --", "{gclid}", "(not set)", "null", "\N{ZERO WIDTH SPACE}", "İstanbul", "ΑΣ", "%zz", "a+b", "x" * 256,
    "x" * 257,
    "é" * 5_000, "", " ", "\t\r\n", " trimmed\n", "a\x00b", "line\r\nSet-Cookie: x=1", "\x7f", "\x85x", "half \ud800",
)  # fmt: skip
OTHERS: tuple[Any, ...] = (
    None, 0, 7, 1.5, True, False, [], ["first", "second"], ["", "second"], [None], [["nested"]], {"a": 1},
    {"tuple": ["First", "second"]}, {"tuple": []}, {"tuple": [" ", "second"]},
)  # fmt: skip
KEYS = (*sorted(UTM_KEYS), *sorted(CLICK_ID_KEYS), "UTM_SOURCE", "dclid", "affiliate_id", "page", "amp;utm_source", "")
REFERERS = (
    "https://ref.example/a?b=c", "https://shop.example/cart", "http://shop.example:8080/", "android-app://com.x/", "",
    "about:blank", "no url at all", "https://ref.example/" + "y" * 4_000, " https://ref.example ", "https://é.example",
)  # fmt: skip
PATHS = ("/", "/signup", "", "/a b", "/été", "/" + "p" * 3_000, "/a\nb", "/\x00", "//evil.example", "*", "/%2e%2e")
ODD_COOKIES = (
    "a[b]=1", 'prefs={"a":1,"b":[2]}', "ünïcode=1", "flag", "=empty", "a=b=c", "x y=z", "k@v=1", "q=\x01", "$Version=1",
    "path=/x", "expires=Wed, 21 Oct", "secure", "(x)=1",
)  # fmt: skip
PLAIN_COOKIES = ("theme=dark", "_ga=GA1.2.3", "lang=en-GB", "cart=1|2", "tok=abc%20def")
QUERIES = (
    "", "utm_source=News", "utm_source=News&utm_medium=CPC&utm_campaign=Spring+Sale&gclid=Cj0_x-y", "page=2",
    "utm_source=a&utm_source=b", "utm_source=&utm_source=b", "utm_source=", "utm_source", "=x", "&&&", "?", "#", "&=&",
    "utm_source=%00x", "utm_source=a%0D%0Ab", "utm_source=%zz", "utm_source=%", "utm_source=%E9", "utm_source=%C3%A9",
    "utm_term=caf\xc3\xa9", "utm_term=\xe9", "gclid=a+b", "gclid=a%2Bb", "utm%5Fsource=x", "UTM_Source=x",
    "utm_source=a;utm_medium=b", "utm_source=x&amp;utm_medium=y", "utm_term=" + "x" * 300, "gclid=" + "x" * 300,
    "gclid=" + "x" * 256, "fbclid=" + "y" * 5_000, "utm_source=%ED%A0%80", "utm_term=%F0%9F%8C%8D",
    "a=1&" * 500 + "utm_id=7", "utm_source=" + "%20" * 300 + "z", "ttclid=1&ttclid=2&li_fat_id=3",
    "utm_content=%26%3D", "utm_source=+news+",
)  # fmt: skip
COOKIE_HEADERS: tuple[list[str], ...] = (
    [], ["tigrbl_vid=v1; sid=s1"], ["sid=s1"], ["tigrbl_vid=v1"], ["tigrbl_vid=v1", "sid=s1"], ["sid=s1", "theme=dark"],
    ["tigrbl_vid=v1;sid=s1"], ["  tigrbl_vid=v1 ;  sid=s1  "], ['tigrbl_vid="v1"; sid="s1"'], ["tigrbl_vid=; sid=s1"],
    ["tigrbl_vid=v1; tigrbl_vid=v2; sid=s1"], ["tigrbl_vid=" + "v" * 300 + "; sid=s1"], ["TIGRBL_VID=v1; SID=s1"],
    ['tigrbl_vid="a\\073 b"; sid=s1'], ["tigrbl_vid=a=b; sid=s1"], ["visitor_id=v9; session_id=s9"], [""], [";;;"],
    ["xtigrbl_vid=v1; sid=s1"], ["tigrbl_vid=v1; sid=s1; Path=/; Secure"], ["tigrbl_vid=\xc3\xa9; sid=s1"],
)  # fmt: skip

SEED = 20_240_101
RELATIONS = ("first_touch", "last_touch", "conversion", "assist")


def all_cases() -> list[Case]:
    """Every case, in an order and with contents that never change."""
    chance = random.Random(SEED)
    found = [*_extracts(chance), *_plans(chance), *_records(), *_hooks(chance), *_middlewares(chance), *_behind(chance)]
    own_ids = {"kind": "ids", "scope": _scope(chance, "utm_source=News", [], None)}
    return [*found, own_ids, *({"kind": "signature", "name": name} for name in NAMES)]


NAMES = (
    "AttributionContext", "AttributionRuntimeState", "AttributionSubjectLink", "AttributionTouch", "PublicSurface",
    "SubjectRef", "SubjectResolver", "SubjectValidationError", "attribution_post_commit", "attribution_post_handler",
    "attribution_pre_handler", "extract_attribution", "plan_subject_touch_links", "subject_link", "subject_ref",
    "touch_from_context", "validate_subject_ref", "AttributionMiddleware",
)  # fmt: skip
"""The public names of 0.1.0 that can be called; the other three are constants."""


def _request(chance: random.Random) -> dict[str, Any]:
    """A request object, with any of its parts odd or missing."""
    values = (*TEXTS, *OTHERS)
    query = {chance.choice(KEYS): chance.choice(values) for _ in range(chance.randrange(5))}
    request = {
        "query_params": query,
        "headers": {"referer": chance.choice((*REFERERS, *OTHERS))} if chance.random() < 0.6 else {},
        "cookies": {name: chance.choice(values) for name in ("tigrbl_vid", "sid") if chance.random() < 0.6},
        "path": chance.choice(PATHS),
        "url": "https://shop.example" + chance.choice(PATHS),
    }
    for name in list(request):
        if chance.random() < 0.08:
            request.pop(name)
        elif chance.random() < 0.04:
            request[name] = chance.choice(OTHERS)
    return request


def _extracts(chance: random.Random) -> list[Case]:
    one_by_one: list[Case] = [
        {"kind": "extract", "request": {"query_params": {"utm_source": value, "gclid": value, "utm_term": value}}}
        for value in (*TEXTS, *OTHERS)
    ]
    cookies: list[Case] = [
        {"kind": "extract", "request": {"cookies": {"tigrbl_vid": value, "sid": "s"}}} for value in (*TEXTS, *OTHERS)
    ]
    places: list[Case] = [{"kind": "extract", "request": {"path": path, "url": path}} for path in PATHS]
    referers: list[Case] = [
        {"kind": "extract", "request": {"headers": {"referer": text}}} for text in (*REFERERS, *TEXTS)
    ]
    frameworks: list[Case] = [
        {
            "kind": "extract",
            "request": {
                "query_params": {"several": pairs},
                "headers": {"referer": "https://ref.example/"},
                "cookies": {"tigrbl_vid": "v1"},
                "url": {"address": "https://shop.example/signup?x", "path": "/signup"},
            },
        }
        for pairs in (
            [["utm_source", "News"]], [["utm_source", "a"], ["utm_source", "b"]], [],
            [["gclid", "1"], ["page", "2"], ["gclid", "3"]], [["utm_source", ""]],
        )
    ]  # fmt: skip
    limits: list[Case] = [
        {
            "kind": "extract",
            "request": {"query_params": {"utm_source": "İstanbul", "gclid": "abc"}, "url": None},
            **more,
        }
        for more in ({}, {"options": {"max_value_length": 3}}, {"options": {"max_value_length": 2}})
    ]
    anything = [{"kind": "extract", "request": _request(chance), "options": _options(chance)} for _ in range(150)]
    return [*one_by_one, *cookies, *places, *referers, *frameworks, *limits, *anything]


def _options(chance: random.Random) -> dict[str, Any]:
    return {
        name: value
        for name, value in (
            ("max_value_length", chance.choice((0, 1, 3, 64, 10_000))),
            ("extra_keys", ["affiliate_id", "page"]),
            ("visitor_cookie", "sid"),
            ("session_cookie", "other"),
        )
        if chance.random() < 0.25
    }


def _plans(chance: random.Random) -> list[Case]:
    def link(number: int) -> dict[str, Any]:
        relation = chance.choice(RELATIONS)
        return {"touch_id": f"t{number}", "subject_resource": "lead", "subject_id": "7", "relation": relation}

    return [
        {
            "kind": "links",
            "touch_id": "t9",
            "subject": {"resource": "lead", "subject_id": "7", "tenant_id": chance.choice((None, "a"))},
            "existing": [link(number) for number in range(chance.randrange(4))],
            "options": {
                name: value
                for name, value in (("conversion", True), ("assist", True), ("snapshot", {"a": [1]}))
                if chance.random() < 0.5
            },
        }
        for _ in range(40)
    ]


def _records() -> list[Case]:
    subject = {"subject_resource": "lead", "subject_id": "7"}
    fields: list[tuple[str, dict[str, Any]]] = [
        ("AttributionTouch", {}),
        ("AttributionTouch", {"id": 7}),
        ("AttributionTouch", {"click_ids": {"gclid": 1}}),
        ("AttributionTouch", {"created_at": "2024-01-01T00:00:00Z", "expires_at": 0, "unknown": 1}),
        ("AttributionTouch", {"created_at": "soon"}),
        ("AttributionSubjectLink", {}),
        ("AttributionSubjectLink", subject),
        ("AttributionSubjectLink", {"touch_id": "t", **subject}),
        ("AttributionSubjectLink", {"touch_id": "t", **subject, "relation": "unknown"}),
        ("AttributionSubjectLink", {"touch_id": None, **subject, "snapshot": None}),
        *(("AttributionSubjectLink", {"touch_id": "t", **subject, "relation": relation}) for relation in RELATIONS),
        ("SubjectRef", {"resource": "lead"}),
        ("SubjectRef", {"resource": "lead", "subject_id": "7", "table": "leads"}),
        ("SubjectValidationError", {"resource": "lead"}),
    ]
    return [{"kind": "record", "record": name, "fields": values} for name, values in fields]


def _hook_parts(chance: random.Random) -> dict[str, Any]:
    subjects = (["Lead", "7"], ["lead", "no-7"], ["order", 9], ["Lead", {"id": 5}], ["", None])
    parts: dict[str, Any] = {"resolver": chance.random() < 0.5, "post": chance.choice(({}, {"tenant_id": "a"}))}
    if chance.random() < 0.8:
        parts["subject"] = chance.choice(subjects)
    options = [
        {
            name: value
            for name, value in (
                ("touch_id", chance.choice(("t5", ""))), ("relation", chance.choice(RELATIONS)), ("db", "db"),
                ("strict", True), ("snapshot", {"stage": "won"}),
            )
            if chance.random() < 0.5
        }
        for _ in range(chance.randrange(1, 3))
    ]  # fmt: skip
    return parts | {"commits": options}


def _hooks(chance: random.Random) -> list[Case]:
    plain = {"query_params": {"utm_source": "News"}, "cookies": {"tigrbl_vid": "v1"}, "path": "/", "url": "/"}
    return [
        {"kind": "hooks", "request": plain, "pre": chance.choice(({}, {"touch_id": "t1"})), **_hook_parts(chance)}
        for _ in range(60)
    ]


def _scope(chance: random.Random, query: str, cookies: list[str], referer: str | None) -> dict[str, Any]:
    headers = [["host", chance.choice(("shop.example", "shop.example:443", "SHOP.example"))]]
    headers += [["cookie", value] for value in cookies]
    headers += [["referer", referer]] if referer is not None else []
    headers += [["X-Odd", "\xff"]] if chance.random() < 0.2 else []
    return {
        "type": "http", "scheme": "https", "server": ["10.0.0.1", 8000], "path": "/signup", "query_string": query,
        "headers": headers, "method": chance.choice(("GET", "POST", "HEAD")),
    }  # fmt: skip


def _middlewares(chance: random.Random) -> list[Case]:
    marked, none = "utm_source=News&gclid=Cj0", "https://ref.example/"
    scopes = [_scope(chance, query, COOKIE_HEADERS[1], None) for query in QUERIES]
    scopes += [_scope(chance, marked, cookies, None) for cookies in COOKIE_HEADERS]
    scopes += [_scope(chance, "", [f"{odd}; tigrbl_vid=v1; sid=s1"], none) for odd in (*ODD_COOKIES, *PLAIN_COOKIES)]
    scopes += [_scope(chance, "", [f"tigrbl_vid=v1; sid=s1; {odd}"], none) for odd in (*ODD_COOKIES, *PLAIN_COOKIES)]
    scopes += [_scope(chance, "", [], _wire(text)) for text in REFERERS]
    scopes += [_scope(chance, marked, [], none) | {"path": path} for path in PATHS]
    odd_scopes: list[dict[str, Any]] = [
        {"type": "websocket"}, {"type": "lifespan", "state": {}}, {"type": "websocket", "headers": [], "path": "/"},
        {"type": "http"}, {"type": "http", "headers": [["host", "h"]], "path": "/", "state": {"mine": 1}},
        {"type": "http", "path": "/", "headers": [], "server": None},
        {"type": "http", "path": "/", "server": ["u", None]},
        {"type": "http", "path": "/", "headers": [["Referer", "https://ref.example/"], ["HOST", "h"]]},
        {"type": "http", "path": "/", "headers": [["Cookie", "tigrbl_vid=v1; sid=s1"]], "scheme": "http"},
        {"type": "http", "path": "/", "headers": [["referer", "https://a.example/"], ["referer", "https://b.example/"]]},
        {"type": "http", "path": "/", "headers": [["host", ""]], "query_string": "utm_id=1"},
    ]  # fmt: skip
    scopes += [{"headers": [], **scope} if scope["type"] == "http" else scope for scope in odd_scopes]
    scopes += [
        _scope(chance, chance.choice(QUERIES), chance.choice(COOKIE_HEADERS), chance.choice((None, none)))
        for _ in range(60)
    ]
    return [_middleware(chance, scope) for scope in scopes]


def _wire(text: str) -> str:
    """A text as the bytes that a browser sends, which JSON holds as Latin-1."""
    return text.encode().decode("latin-1")


def _middleware(chance: random.Random, scope: dict[str, Any]) -> Case:
    case: Case = {"kind": "middleware", "scope": scope}
    if chance.random() < 0.6:
        case["recorder"] = chance.choice(("none", "kept", "raise"))
    if chance.random() < 0.2:
        case["options"] = {"visitor_cookie": "visitor_id", "session_cookie": "session_id"}
    return case


def _behind(chance: random.Random) -> list[Case]:
    request = {
        "query_params": {"utm_source": "News"},
        "headers": {},
        "path": "/signup",
        "url": "/signup?utm_source=News",
    }
    return [
        {
            "kind": "behind",
            "scope": _scope(chance, "utm_source=News", cookies, None),
            "request": request | {"cookies": {"tigrbl_vid": "v1", "sid": "s1"} if cookies else {}},
            **_hook_parts(chance),
        }
        for cookies in ([], COOKIE_HEADERS[1])
        for _ in range(10)
    ]
