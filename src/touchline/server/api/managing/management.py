"""What all operations of ``/api/manage`` share: who may ask, how often, and what is said of what cannot be."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar

import msgspec
from litestar import Request, Response
from litestar.params import QueryParameter

from touchline.amounts import counted
from touchline.characters import unstorable
from touchline.errors import UnknownError, UsageError
from touchline.jobs import auditing
from touchline.jobs.managing.manager import Manager
from touchline.jobs.naming import TakenError
from touchline.jobs.roles import Role
from touchline.jobs.workspace import Row, Workspace
from touchline.server.api.asking import Asker, Door
from touchline.server.api.managing.hints import in_requests
from touchline.server.http.options import ServerOptions, name_of
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import KEY, InMemory, Limit
from touchline.settings import Home

P = ParamSpec("P")
T = TypeVar("T")

REQUESTS_PER_MINUTE = 600
"""Of one key or person: a tool that sets up a large home needs a few hundred, and a loop without an end is stopped."""
LONGEST = 10_000
"""Characters of a text, as in a form."""

OrganizationQuery = Annotated[
    str | None,
    QueryParameter(name="organization", max_length=64, description="The organization; needed where there are several."),
]
SECURITY: list[dict[str, list[str]]] = [{"secretKey": []}, {"session": []}]
FOR_KEYS = "For a secret key with the scope manage (of its organization), provision (of all) or admin"
_TELLS: Mapping[Role, str] = {
    "viewer": f"{FOR_KEYS}, or a session.",
    "editor": f"{FOR_KEYS}, or an editor's session with its X-CSRF-Token.",
    "administrator": f"{FOR_KEYS}, or an administrator's session with its X-CSRF-Token.",
}  # fmt: skip
About = Mapping[str, str]
"""By field of the body, a word that a complaint about it has; the first one gets others."""


def tells(role: Role, more: str = "") -> str:
    """What the document says of an operation: who may, and what else is to be known."""
    return f"{_TELLS[role]} {more}".strip()


@dataclass(frozen=True)
class Management:
    """Lets in who manages an organization."""

    home: Home
    door: Door
    options: ServerOptions
    counts: InMemory = field(default_factory=InMemory)
    """Requests by who sent them: of this worker, as a way to Redis for each would be longer than the work."""

    @contextmanager
    def reading(
        self, request: Request[Any, Any, Any], organization: str | None, role: Role = "viewer"
    ) -> Iterator[Manager]:
        """The manager who only looks.

        :param organization: as the request names it.
        :param role: the least role of a person.
        :raises Problem: 401 or 403 if they may not, 429 if they ask too often.
        """
        asker = self._admitted(request, role, is_changing=False)
        with Workspace(self.home, is_read_only=True) as workspace:
            try:
                yield _manager(workspace, asker, asker.organization_named(stored("organization", organization)))
            except (UnknownError, UsageError) as error:
                error.hint = in_requests(error.hint)
                raise

    @contextmanager
    def changing(
        self, request: Request[Any, Any, Any], organization: str | None, about: About, role: Role = "administrator"
    ) -> Iterator[Manager]:
        """As :meth:`reading`, for who changes something; what cannot be is a problem that names the field.

        :raises Problem: 400 with ``field``, 404, or 409 if something stands in the way.
        """
        asker = self._admitted(request, role, is_changing=True)
        with Workspace(self.home, is_read_only=True) as workspace:
            named = asker.organization_named(stored("organization", organization))
            try:
                yield _manager(workspace, asker, named)
            except TakenError as error:
                hint = in_requests(error.hint)
                raise Problem(409, "taken", error.message, hint, field=field_of(about, error)) from None
            except UnknownError as error:
                raise Problem(404, "unknown", error.message, in_requests(error.hint)) from None
            except UsageError as error:
                hint = in_requests(error.hint)
                raise Problem(400, "usage", error.message, hint, field=field_of(about, error)) from None

    def of_all(self, request: Request[Any, Any, Any], *, is_changing: bool) -> Asker:
        """The caller, who may be one that manages all organizations.

        :raises Problem: as :meth:`reading`; 403 if they change something, and manage one organization only.
        """
        asker = self._admitted(request, "administrator" if is_changing else "viewer", is_changing=is_changing)
        if is_changing and asker.organization_id is not None:
            raise Problem(
                403, "one_organization", f"The {asker.kind} belongs to one organization.",
                "Use a secret key with the scope provision, or log in as an administrator of all organizations.",
            )  # fmt: skip
        return asker

    def check_room(self, what: str, there_are: int, option: str) -> None:
        """Refuse one more of something that a caller would make without end who asks again and again.

        :param option: the name of the one that bounds it.
        :raises Problem: 409 if there are as many as there may be.
        """
        most: int = getattr(self.options, option)
        if there_are >= most:
            raise Problem(
                409, "no_room", f"The organization has {there_are:,} {what}, and more than {most:,} are not made here.",
                f"Raise {name_of(option)} on the server, or use the command line there.",
            )  # fmt: skip

    def _admitted(self, request: Request[Any, Any, Any], role: Role, *, is_changing: bool) -> Asker:
        asker = self.door.manager(request, role, is_changing=is_changing)
        ruling = self.counts.taken([Limit(f"{KEY}{asker.kind}:{asker.name}", REQUESTS_PER_MINUTE)], 1)
        if not ruling.is_within:
            seconds = max(1, ruling.retry_seconds)
            raise Problem(
                429, "too_many", f"A {asker.kind} may send {REQUESTS_PER_MINUTE:,} requests a minute here.",
                f"Try again in {counted(seconds, 'second')}.", headers=[("retry-after", str(seconds))],
            )  # fmt: skip
        return asker


def _manager(workspace: Workspace, asker: Asker, organization: str | None) -> Manager:
    """The caller as one who changes things, of an organization that there is."""
    organization_id = str(workspace.organization(organization)["organization_id"])
    return manager_of(workspace, asker, organization_id)


def manager_of(workspace: Workspace, asker: Asker, organization_id: str | None) -> Manager:
    """The caller as one who changes things."""
    is_key = asker.kind == "key"
    return Manager(
        workspace, organization_id, time.time_ns() // 1000,
        auditing.of_key(asker.name) if is_key else auditing.signed_in(asker.name),
        sees_all=asker.organization_id is None, user="" if is_key else asker.name,
    )  # fmt: skip


def field_of(about: About, error: Exception) -> str:
    """The field that a complaint is about.

    >>> field_of({"domain": "domain", "timeZone": "zone"}, UsageError("There is no time zone 'x'."))
    'timeZone'
    """
    said = str(error).casefold()
    return next((name for name, word in about.items() if word in said), next(iter(about), ""))


def stored(name: str, text: str | None) -> str | None:
    """A text of a request, if every database can keep it.

    :raises Problem: 400 with ``field`` if it cannot.
    """
    if text is not None and (len(text) > LONGEST or unstorable(text)):
        raise Problem(400, "usage", f"{name} is a text of up to {LONGEST:,} characters.", field=name)
    return text


def columns_of(kind: type[msgspec.Struct], row: Row) -> dict[str, Any]:
    """What a row of the ledger says of the fields of an answer."""
    return {name: row[name] for name in kind.__struct_fields__}


def check_body(body: msgspec.Struct) -> None:
    """Refuse a body with a text that no database keeps.

    :raises Problem: 400 with ``field``.
    """
    for one in msgspec.structs.fields(body):
        said = getattr(body, one.name)
        for text in said if isinstance(said, list) else [said]:
            if isinstance(text, str):
                stored(one.encode_name, text)


def taken(error: TakenError, about: About, existing: Sequence[Any]) -> NoReturn:
    """Answer that something stands in the way, and what.

    :raises Problem: 409 with ``existing``.
    """
    members = {"existing": msgspec.to_builtins(existing[0])} if existing else {}
    raise Problem(
        409, "taken", error.message, in_requests(error.hint), field=field_of(about, error), **members
    ) from None


def too_deep(_request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    """The answer to a body that is nested beyond all measure."""
    problem = Problem(400, "too_deep", "Expected a JSON object, it is far deeper.")
    return Response(problem.document(), status_code=problem.status, media_type="application/problem+json")


def in_thread(handler: Callable[P, T]) -> Callable[P, Awaitable[T]]:
    """A handler that blocks, run in a thread: Litestar wraps its own way once for each method of a path."""

    @wraps(handler)
    async def answer(*args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.to_thread(handler, *args, **kwargs)

    return answer


WRITING: dict[str, Any] = {"security": SECURITY, "exception_handlers": {RecursionError: too_deep}}
READING: dict[str, Any] = {"security": SECURITY}
