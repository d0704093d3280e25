"""People log in: a password (argon2id), a session in the ledger, a cookie that no script can read."""

import asyncio
import secrets
import time
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from touchline.amounts import counted
from touchline.errors import UsageError
from touchline.jobs import auditing
from touchline.jobs.access_keys import hash_of
from touchline.jobs.managing import users
from touchline.jobs.managing.manager import Manager
from touchline.jobs.users import MOST_LETTERS, SESSION_SECONDS, new_session
from touchline.jobs.workspace import Workspace
from touchline.ledger import schema
from touchline.server.api.asking import COOKIE, LOGOUT, Door, Person, csrf_of
from touchline.server.api.own_pages import check_own_json
from touchline.server.api.passwords import Passwords
from touchline.server.collect.application import Application
from touchline.server.http.problems import Problem
from touchline.server.http.rate_limits import CLIENT, InMemory, Limit, RateLimits
from touchline.settings import Home

ATTEMPTS_PER_MINUTE = 10
"""For one name, of one part of the network: nobody is locked out by what others try elsewhere."""
ATTEMPTS_OF_ADDRESS = 30
"""Of one part of the network, for all names together."""
ATTEMPTS_ON_LINK = 30
"""A minute for one link with a password, from everywhere: only who was sent it can try, and then at most so often."""

ATTEMPTS_OF_SESSION = 30
"""A minute to change the password in one session, from everywhere: who has stolen it can guess no faster."""


class Credentials(msgspec.Struct):
    """What a person logs in with."""

    name: Annotated[str, msgspec.Meta(max_length=128, examples=["admin"])]
    password: Annotated[str, msgspec.Meta(max_length=MOST_LETTERS, examples=["correct horse battery staple"])]


class OwnPassword(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    """A person's own new password, and the old one as a proof."""

    password: Annotated[str, msgspec.Meta(max_length=MOST_LETTERS, examples=["correct horse battery staple"])]
    """The old one."""
    new_password: Annotated[str, msgspec.Meta(max_length=MOST_LETTERS, examples=["another horse battery staple"])]


class Session(msgspec.Struct, rename="camel"):
    """Who is logged in, and the token that changes have to bring in ``X-CSRF-Token``."""

    name: str
    csrf_token: str
    organization_id: str | None
    """The only organization that the person sees; null: all of them."""
    role: str
    """What the person may do there: viewer, editor or administrator."""


class SigningIn:
    """Begins and ends sessions, for the API and for the page: their attempts count together."""

    def __init__(self, application: Application, door: Door) -> None:
        self._application = application
        self._door = door
        self._passwords = Passwords(application.ledger)
        self._attempts = login_limits(application)

    async def begin(self, request: Request[Any, Any, Any], name: str, password: str) -> tuple[str, Cookie]:
        """The token of a new session, and its cookie; the browser's earlier session ends.

        :raises Problem: 401 if the name or the password is wrong, 429 or 503 where there are too many attempts.
        """
        address = await self._admitted(request, name)
        if not await self._passwords.are_right(name, password, address):
            raise Problem(
                401, "wrong_password", "The name or the password is wrong.", "Try again, or ask the administrator."
            )
        token = secrets.token_urlsafe(32)
        former, _ = await asyncio.to_thread(self._door.session_of, request)
        await asyncio.to_thread(_begin, self._application, name, token, former)
        return token, _cookie(token, SESSION_SECONDS, is_secure=self.is_secure(request))

    async def change_password(
        self, request: Request[Any, Any, Any], home: Home, person: Person, old: str, new: str
    ) -> tuple[str, Cookie]:
        """Change a person's own password: their sessions end. Returns the token of a new one, and its cookie.

        :param home: where the person is kept.
        :param old: what they say is the password; attempts count as those to log in do.
        :raises Problem: 403 if it is not, 429 or 503 where there are too many attempts.
        :raises UsageError: if the new password cannot be one.
        """
        address = await self._admitted(request, person.name)
        session, _ = await asyncio.to_thread(self._door.session_of, request)
        limit = Limit(f"{CLIENT}login::{hash_of(f'session {session}')}", ATTEMPTS_OF_SESSION)
        await _counted(self._attempts, [limit], "in this session")
        known = await asyncio.to_thread(self._application.ledger.rows, schema.USERS, name=person.name)
        if len(old) > MOST_LETTERS or not await self._passwords.are_right(person.name, old, address):
            raise Problem(403, "wrong_password", "The old password is wrong.", "Try again, or ask an administrator.")
        if new == old:
            raise UsageError("The new password is the old one.", "Choose another one.")
        token = secrets.token_urlsafe(32)
        before = known[0]["password_hash"] if known else ""
        await self._passwords.in_turn(address, partial(_change_own, home, person, new, before, hash_of(token)))
        return token, _cookie(token, SESSION_SECONDS, is_secure=self.is_secure(request))

    def is_secure(self, request: Request[Any, Any, Any]) -> bool:
        """Whether browsers reach the server by TLS, so that cookies are for TLS alone."""
        return self._application.options.public_url.startswith("https:") or request.scope["scheme"] == "https"

    async def opens(self, request: Request[Any, Any, Any], name: str, password_hash: str, password: str) -> bool:
        """Whether a password is right for what is no person; attempts count as those to log in do.

        :param name: under which they count.
        :raises Problem: 429 or 503 where there are too many attempts.
        """
        address = await self._admitted(request, name)
        await _counted(self._attempts, [Limit(f"{CLIENT}login::{hash_of(name)}", ATTEMPTS_ON_LINK)], "at this link")
        return await self._passwords.fits(password_hash, password, address)

    async def _admitted(self, request: Request[Any, Any, Any], name: str) -> str:
        """Count an attempt; returns the part of the network that it comes from."""
        address = self._application.sight(_Fields(request), _peer(request)).client_prefix
        await _throttled(self._attempts, address, name)
        return address

    def end(self, request: Request[Any, Any, Any], token: str) -> Cookie:
        """End a session; returns the cookie that makes the browser forget it. Blocks."""
        with self._application.ledger.transaction() as entry:
            entry.remove(schema.SERVER_SESSIONS, session_hash=hash_of(token))
        return _cookie("", 0, is_secure=self.is_secure(request))


def routes(application: Application, home: Home, door: Door, signing_in: SigningIn) -> list[HTTPRouteHandler]:
    """``/api/login``, ``/api/logout``, ``/api/session`` and ``/api/session/password``."""

    def is_own_json(request: Request[Any, Any, Any]) -> None:
        check_own_json(request, application.options.public_url)

    @post(
        "/api/login", status_code=200, before_request=is_own_json, summary="Log in", operation_id="login",
        description="Answers with a session cookie and the CSRF token of the session. Takes application/json, from the"
        " server's own pages and from programs. Attempts are limited.",
        response_description="Logged in: the cookie is set.", exception_handlers={RecursionError: _too_deep},
    )  # fmt: skip
    async def login(request: Request[Any, Any, Any], data: JSONBody[Credentials]) -> Response[Session]:
        token, cookie = await signing_in.begin(request, data.name, data.password)
        person = await asyncio.to_thread(door.person_of, token)
        seen, role = (person.organization_id, person.role) if person else (None, "viewer")
        return Response(Session(data.name, csrf_of(token), seen, role), cookies=[cookie])

    @post("/api/logout", status_code=204, summary="Log out", operation_id="logout", sync_to_thread=True,
          description="Wants the session's X-CSRF-Token.", response_description="The session has ended.")  # fmt: skip
    def logout(request: Request[Any, Any, Any]) -> Response[None]:
        door.asker(request, LOGOUT, is_changing=True)
        token, _ = door.session_of(request)
        return Response(None, status_code=204, cookies=[signing_in.end(request, token)])

    @get("/api/session", summary="Who is logged in", operation_id="session", sync_to_thread=True,
         response_description="A person, and the CSRF token of the session.")  # fmt: skip
    def session(request: Request[Any, Any, Any]) -> Session:
        token, person = _who(door, request)
        return _session(token, person)

    @post(
        "/api/session/password", status_code=200, before_request=is_own_json, summary="Change one's own password",
        operation_id="changeOwnPassword", description="For a session, with its X-CSRF-Token, whatever the role. It ends"
        " all sessions of the person, and answers with a new one. Attempts count as those to log in do; 403 with the"
        " code wrong_password: the old one is wrong.",
        response_description="The password is changed: the cookie of the new session is set.",
        exception_handlers={RecursionError: _too_deep},
    )  # fmt: skip
    async def change(request: Request[Any, Any, Any], data: JSONBody[OwnPassword]) -> Response[Session]:
        await asyncio.to_thread(door.asker, request, LOGOUT, is_changing=True)
        _, person = await asyncio.to_thread(_who, door, request)
        token, cookie = await signing_in.change_password(request, home, person, data.password, data.new_password)
        return Response(_session(token, person), cookies=[cookie])

    return [login, logout, session, change]


def _who(door: Door, request: Request[Any, Any, Any]) -> tuple[str, Person]:
    """The session of a request, and whose it is."""
    token, person = door.session_of(request)
    if person is None:
        raise Problem(401, "not_logged_in", "There is no session.", "Log in at /api/login.")
    return token, person


def _session(token: str, person: Person) -> Session:
    return Session(person.name, csrf_of(token), person.organization_id, person.role)


def _change_own(home: Home, person: Person, new: str, before: str, session_hash: str) -> None:
    with Workspace(home, is_read_only=True) as workspace:
        manager = Manager(
            workspace, person.organization_id, time.time_ns() // 1000, auditing.signed_in(person.name),
            sees_all=person.organization_id is None, user=person.name,
        )  # fmt: skip
        users.change_own_password(manager, new, before=before, session_hash=session_hash)


def _too_deep(_request: Request[Any, Any, Any], _error: Exception) -> Response[bytes]:
    problem = Problem(400, "too_deep", "Expected a JSON object of texts, it is far deeper.")
    return Response(problem.document(), status_code=problem.status, media_type="application/problem+json")


def _begin(application: Application, name: str, token: str, former: str) -> None:
    """Begin a session; the browser's earlier one ends, no matter who began it."""
    now = time.time_ns() // 1000
    with application.ledger.transaction() as entry:
        if former:
            entry.remove(schema.SERVER_SESSIONS, session_hash=hash_of(former))
        entry.remove_before(schema.SERVER_SESSIONS, "ends_at", now)
        entry.add(schema.SERVER_SESSIONS, **new_session(name, hash_of(token), now=now))


def login_limits(application: Application) -> RateLimits:
    """What counts attempts: Redis where processes share it, else memory that what pages send cannot crowd."""
    return application.limits if application.options.redis_url else InMemory()


async def _throttled(attempts: RateLimits, address: str, name: str) -> None:
    limits = [
        Limit(f"{CLIENT}login:{address}", ATTEMPTS_OF_ADDRESS),
        Limit(f"{CLIENT}login:{address}:{hash_of(name)}", ATTEMPTS_PER_MINUTE),
    ]
    await _counted(attempts, limits, "to log in from your network")


async def _counted(attempts: RateLimits, limits: Sequence[Limit], where: str) -> None:
    if not await attempts.reach():  # whether or not events are accepted without rate limits then: guesses are not
        raise Problem(
            503, "limits_away", "Nobody can log in while Redis, which counts the attempts, does not answer.",
            "Start Redis, or fix REDIS_URL; /readyz says when it answers.", headers=[("retry-after", "5")],
        )  # fmt: skip
    ruling = await attempts.take(limits, 1)
    if not ruling.is_within:
        seconds = max(1, ruling.retry_seconds)
        raise Problem(
            429, "too_many_attempts", f"There were too many attempts {where}.",
            f"Try again in {counted(seconds, 'second')}.", headers=[("retry-after", str(seconds))],
        )  # fmt: skip


class _Fields:
    """A request's header fields, as the hot path has them."""

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self._fields = request.headers

    def get(self, key: str, default: str | None = None) -> str | None:
        """The value of a field."""
        return self._fields.get(key, default)

    def get_all(self, key: str) -> list[str]:
        """All values of a field."""
        return self._fields.getall(key, [])


def _peer(request: Request[Any, Any, Any]) -> str:
    return f"{request.client.host}:{request.client.port}" if request.client else ":"


def _cookie(value: str, seconds: int, *, is_secure: bool) -> Cookie:
    return Cookie(COOKIE, value=value, httponly=True, samesite="lax", secure=is_secure, max_age=seconds)
