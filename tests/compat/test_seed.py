"""Every piece of Python in the document that describes the package runs on it as it stands there."""

import ast
import asyncio
import inspect
import re
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import attribution_campaign_context as package
from attribution_campaign_context import AttributionSubjectLink, AttributionTouch

pytestmark = pytest.mark.local_data

# The text has lost its fences and all indentation: code is glued to the prose and to the code around it.
GLUED = re.compile(r'(?<=\))(?=from |[A-Z]|- )|(?<=")(?=[A-Z][a-z]+ [a-z])|(?<=\.\.\.)(?=[A-Z])')
BEGINS = re.compile(r"from attribution_campaign_context import |\w+ = |AttributionSubjectLink\($")
LONGEST = 40
MARKED = {"utm_source": "News", "utm_id": "42", "gclid": "Cj0", "affiliate_id": "a7", "creative_id": "c1"}
VISITOR = {"tigrbl_vid": "v1", "sid": "s1", "visitor_id": "v2", "session_id": "s2"}


def indented(lines: list[str]) -> str:
    """Code as it was: what follows a colon belongs to it, up to the next method or import."""
    depth, found = 0, []
    for line in lines:
        if line.startswith(("from ", "class ")):
            depth = 0
        elif line.startswith(("def ", "async def ")):
            depth = 1
        found.append("    " * depth + line)
        depth += line.endswith(":")
    return "\n".join(found)


def is_python(lines: list[str]) -> bool:
    try:
        ast.parse(indented(lines))
    except SyntaxError:
        return False
    return True


def python_of(text: str) -> list[str]:
    """The pieces of code in a text: from a line that begins one, as many lines as are Python together."""
    lines = GLUED.sub("\n\n", text).splitlines()
    found: list[str] = []
    at = 0
    while at < len(lines):
        last = lines.index("", at) if "" in lines[at:] else len(lines)
        ends = [end for end in range(at + 1, min(at + LONGEST, last) + 1) if is_python(lines[at:end])]
        if BEGINS.match(lines[at]) and ends:
            found.append(indented(lines[at : ends[-1]]))
            at = ends[-1]
        else:
            at += 1
    return found


@pytest.fixture(scope="module")
def text(shared: Path) -> str:
    return (shared.parent / "seeds" / "attribution-campaign-context.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def pieces(text: str) -> list[str]:
    return python_of(text)


class Database:
    async def subject_exists(self, resource: str, subject_id: str) -> bool:
        return (resource, subject_id) == ("lead", "lead_456")


class Resolver:
    def canonical_resource(self, model_or_resource: Any) -> str:
        return str(model_or_resource).lower()

    def canonical_id(self, obj_or_payload: Any) -> str:
        return str(getattr(obj_or_payload, "id", obj_or_payload))

    async def exists(self, resource: str, subject_id: str, db: Database) -> bool:
        return await db.subject_exists(resource, subject_id)


def executed(piece: str) -> dict[str, Any]:
    """What a piece leaves behind, where everything that it takes for granted is there; ``_`` are its values."""
    names: dict[str, Any] = {
        "_": [],
        "request": SimpleNamespace(
            query_params=MARKED, headers={"referer": "https://ref.example/"}, cookies=VISITOR,
            path="/signup", url="https://shop.example/signup",
        ),
        "resolver": Resolver(), "db": Database(), "created_lead": SimpleNamespace(id="lead_456"),
        "signup": SimpleNamespace(id="signup_1"), "lead": SimpleNamespace(id="lead_1"),
        "opportunity": SimpleNamespace(id="opportunity_1"), "AttributionSubjectLink": AttributionSubjectLink,
        **{f"{which}_touch_id": f"{which}_1" for which in ("current", "first", "last", "assist")},
    }  # fmt: skip
    tree = ast.parse(piece)
    for number, statement in enumerate(tree.body):
        if isinstance(statement, ast.Expr):
            kept = ast.parse("_.append(0)").body[0]
            assert isinstance(kept, ast.Expr)
            assert isinstance(kept.value, ast.Call)
            kept.value.args = [statement.value]
            tree.body[number] = kept
    code = compile(ast.fix_missing_locations(tree), "piece", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(eval(code, names))
    else:
        exec(code, names)
    return names


def test_glue_is_undone() -> None:
    said = (
        'print(x)from attribution_campaign_context import a\nif a:\nb = a(\n1,\n)Use this when\n\nc = "d"Then it\n- id'
    )
    assert python_of(said) == [
        "from attribution_campaign_context import a\nif a:\n    b = a(\n    1,\n    )", 'c = "d"',
    ]  # fmt: skip


def test_no_piece_is_missed(text: str, pieces: list[str]) -> None:
    found = "\n".join(pieces)
    for sign in ("from attribution_campaign_context import", "AttributionSubjectLink(", "AttributionTouch(", "await "):
        assert found.count(sign) == text.count(sign) > 0, sign
    assert len(pieces) >= 12


def test_every_piece_runs(pieces: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    left = [executed(piece) for piece in pieces]
    contexts = [names["context"] for names in left if "context" in names]
    assert [context.visitor_id for context in contexts] == ["v1", "v2", "v1", "v1", "v1"]
    assert [context.raw_params.get("affiliate_id") for context in contexts] == [None, "a7", None, None, None]
    assert "{'gclid': 'Cj0'}" in capsys.readouterr().out
    touches = [names["touch"] for names in left if isinstance(names.get("touch"), AttributionTouch)]
    assert [(touch.visitor_id, touch.utm_source, touch.click_ids["gclid"]) for touch in touches] == [
        ("v1", "news", "Cj0"), ("v1", None, "Cj0"),
    ]  # fmt: skip
    assert [subject_of(link) for link in linked(left)] == [
        ("touch_123", "lead", "lead_456", "conversion"), ("touch_123", "signup", "signup_456", "conversion"),
        ("current_1", "signup", "signup_1", "conversion"), ("first_1", "lead", "lead_1", "first_touch"),
        ("last_1", "lead", "lead_1", "last_touch"), ("assist_1", "opportunity", "opportunity_1", "assist"),
    ]  # fmt: skip


def linked(left: list[dict[str, Any]]) -> list[AttributionSubjectLink]:
    values = (value for names in left for value in (names.get("link"), *names["_"]))
    return [value for value in values if isinstance(value, AttributionSubjectLink)]


def subject_of(link: AttributionSubjectLink) -> tuple[str, str, str, str]:
    return link.touch_id, link.subject_resource, link.subject_id, link.relation


def test_its_resolver_serves_the_hooks(pieces: list[str]) -> None:
    names = next(executed(piece) for piece in pieces if "class AppSubjectResolver" in piece)
    resolver: package.SubjectResolver = names["AppSubjectResolver"]()
    state = package.AttributionRuntimeState(touch=AttributionTouch(id="t1"))
    package.attribution_post_handler(state, "Lead", SimpleNamespace(id="lead_456"), resolver=resolver)
    link = asyncio.run(package.attribution_post_commit(state, resolver=resolver, db=Database(), strict=True))
    assert link is not None
    assert subject_of(link) == ("t1", "lead", "lead_456", "conversion")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("Allowlisted UTM keys:", "Allowlisted click-ID keys:"),
        ("Allowlisted click-ID keys:", "extract_attribution(...)"),
    ],
)
def test_keys_are_those_of_the_document(text: str, start: str, end: str) -> None:
    glued = text.partition(start)[2].partition(end)[0].strip()
    keys = package.UTM_KEYS if "UTM" in start else package.CLICK_ID_KEYS
    assert len("".join(keys)) == len(glued)
    assert [key for key in keys if key not in glued] == []


def test_signature_is_that_of_the_document(text: str) -> None:
    said = text.partition("\nextract_attribution(\n")[2].partition("-> AttributionContext")[0]
    names: dict[str, Any] = {}
    exec(f"def extract_attribution(\n{said}: pass", names)
    ours, theirs = (
        [(one.name, one.kind, one.default) for one in inspect.signature(function).parameters.values()]
        for function in (package.extract_attribution, names["extract_attribution"])
    )
    assert ours == theirs


def test_fields_are_those_of_the_document(text: str) -> None:
    records: Mapping[str, tuple[str, type[Any]]] = {
        "AttributionTouch is the canonical": ("AttributionSubjectLink is the generic", AttributionTouch),
        "AttributionSubjectLink is the generic": ("Supported relation values", AttributionSubjectLink),
    }
    for start, (end, record) in records.items():
        section = text.partition(start)[2].partition(end)[0].partition("Primary fields:")[2]
        assert section.strip() == "".join(record.model_fields)
