"""What a capture package answers to the cases of a file: run by the Python of an environment that holds one version.

``python answers.py cases.json answers.json``. It uses nothing but the standard library and the public names of 0.1.0.
"""

import asyncio
import dataclasses
import inspect
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import attribution_campaign_context as package


class Several(Mapping[str, Any]):
    """A mapping as frameworks have it for parameters: ``get`` answers with the last of several values."""

    def __init__(self, pairs: list[list[Any]]) -> None:
        self.pairs = pairs

    def __getitem__(self, key: str) -> Any:
        return dict(map(tuple, self.pairs))[key]

    def __iter__(self) -> Iterator[str]:
        return iter({name for name, _ in self.pairs})

    def __len__(self) -> int:
        return len({name for name, _ in self.pairs})

    def getlist(self, key: str) -> list[Any]:
        return [value for name, value in self.pairs if name == key]


@dataclasses.dataclass
class Address:
    """A URL as frameworks have it: an object that knows its parts."""

    text: str
    path: str

    def __str__(self) -> str:
        return self.text


class Resolver:
    """Knows leads whose id does not start with "no"."""

    def canonical_resource(self, model_or_resource: Any) -> str:
        name = str(model_or_resource).lower()
        if name != "lead":
            raise ValueError(name)
        return name

    def canonical_id(self, obj_or_payload: Any) -> str:
        return str(obj_or_payload["id"] if isinstance(obj_or_payload, dict) else obj_or_payload)

    async def exists(self, resource: str, subject_id: str, db: Any) -> bool:
        return resource == "lead" and db == "db" and not subject_id.startswith("no")


def built(value: Any) -> Any:
    """A value of a case as Python has it: ``{"tuple": […]}`` and ``{"several": […]}`` are what JSON cannot say."""
    if isinstance(value, dict) and value.keys() == {"tuple"}:
        return tuple(value["tuple"])
    if isinstance(value, dict) and value.keys() == {"several"}:
        return Several(value["several"])
    if isinstance(value, dict) and value.keys() == {"address", "path"}:
        return Address(value["address"], value["path"])
    return {key: built(inner) for key, inner in value.items()} if isinstance(value, dict) else value


def plain(value: Any) -> Any:
    """A value of the package as JSON."""
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return fields | ({"has_signal": value.has_signal} if hasattr(value, "has_signal") else {})
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value]


def request_of(case: dict[str, Any]) -> Any:
    return SimpleNamespace(**{name: built(value) for name, value in case["request"].items()})


def extract(case: dict[str, Any]) -> Any:
    options = dict(case.get("options", {}))
    if "extra_keys" in options:
        options["extra_keys"] = frozenset(options["extra_keys"])
    context = package.extract_attribution(request_of(case), **options)
    return {"context": plain(context), "touch": plain(package.touch_from_context(context, touch_id="t", ip_hash="h"))}


def links(case: dict[str, Any]) -> Any:
    subject = package.SubjectRef(**case["subject"])
    existing = [package.AttributionSubjectLink(**link) for link in case["existing"]]
    planned = package.plan_subject_touch_links(
        touch_id=case["touch_id"], subject=subject, existing_links=existing, **case["options"]
    )
    return {
        "planned": plain(planned),
        "existing": plain(existing),
        "fields": [sorted(x.model_fields_set) for x in planned],
    }


def record(case: dict[str, Any]) -> Any:
    return plain(getattr(package, case["record"])(**case["fields"]))


def signature(case: dict[str, Any]) -> Any:
    given = inspect.signature(getattr(package, case["name"])).parameters.values()
    return [[one.name, str(one.kind), _default(one.default)] for one in given]


def _default(value: Any) -> str:
    return repr(sorted(value)) if isinstance(value, frozenset) else "…" if "factory" in repr(value) else repr(value)


def hooks(case: dict[str, Any]) -> Any:
    state = package.attribution_pre_handler(request_of(case), **case.get("pre", {}))
    return _linked(case, state)


def _linked(case: dict[str, Any], state: Any) -> Any:
    resolver = Resolver() if case.get("resolver") else None
    if "subject" in case:
        package.attribution_post_handler(state, *case["subject"], resolver=resolver, **case.get("post", {}))
    made = [
        asyncio.run(package.attribution_post_commit(state, resolver=resolver, **options))
        for options in case.get("commits", [{}])
    ]
    return {"made": plain(made), "state": plain(state)}


def behind(case: dict[str, Any]) -> Any:
    """The hooks of a handler that stands behind the middleware, as the seed draws it."""
    answer = middleware(case)
    scope = case["scope"] | {"state": answer.pop("live")}
    request = SimpleNamespace(scope=scope, **{name: built(value) for name, value in case["request"].items()})
    return {"middleware": answer, "hooks": _linked(case, package.attribution_pre_handler(request))}


def middleware(case: dict[str, Any]) -> Any:
    scope = _scope(case["scope"])
    numbers = itertools.count(1)
    sent: list[Any] = []
    recorded: list[Any] = []
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(plain(scope.get("state")))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x-app", b"1")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async def send(message: Any) -> None:
        sent.append(plain(message))

    options = case.get("options", {}) | {"id_factory": lambda: f"id-{next(numbers)}"}
    if "recorder" in case:
        options["record_touch"] = _recorder(case["recorder"], recorded)
    asyncio.run(package.AttributionMiddleware(app, **options)(scope, _receive, send))
    answer = {"seen": seen, "sent": sent, "recorded": recorded, "ids": next(numbers) - 1}
    return answer | ({"live": scope.get("state")} if case["kind"] == "behind" else {})


def ids(case: dict[str, Any]) -> Any:
    """What ids look like when the app does not make them: every digit as 0."""
    scope = _scope(case["scope"])

    async def app(scope: Any, receive: Any, send: Any) -> None:
        """Answers nothing."""

    asyncio.run(package.AttributionMiddleware(app)(scope, _receive, _send_nowhere))
    touch = scope["state"]["attribution_touch"]
    return ["".join("0" if one in "0123456789abcdef" else one for one in text) for text in (touch.id, touch.visitor_id)]


async def _receive() -> dict[str, Any]:
    return {"type": "http.request", "body": b"", "more_body": False}


async def _send_nowhere(message: Any) -> None:
    """For apps that answer nothing."""


def _scope(given: dict[str, Any]) -> dict[str, Any]:
    scope = dict(given)
    if "headers" in scope:
        scope["headers"] = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in scope["headers"]]
    if "query_string" in scope:
        scope["query_string"] = scope["query_string"].encode("latin-1")
    if isinstance(scope.get("server"), list):
        scope["server"] = tuple(scope["server"])
    return scope


def _recorder(kind: str, recorded: list[Any]) -> Callable[..., Any]:
    async def record_touch(touch: Any, scope: Any) -> Any:
        recorded.append([plain(touch), plain(scope["state"])])
        if kind == "raise":
            raise RuntimeError(kind)
        return None if kind == "none" else touch.model_copy(update={"id": "kept"})

    return record_touch


def answer(case: dict[str, Any]) -> Any:
    """What the package makes of a case, or which error."""
    try:
        return globals()[case["kind"]](case)
    except Exception as error:  # noqa: BLE001 — which error it is, is the answer
        details = error.errors(include_url=False, include_input=False) if hasattr(error, "errors") else None
        known = {name: getattr(error, name) for name in ("resource", "subject_id") if hasattr(error, name)}
        return {"raised": type(error).__name__, "known": known, "errors": plain(details)}


if __name__ == "__main__":
    cases = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps([answer(case) for case in cases]), encoding="utf-8")
