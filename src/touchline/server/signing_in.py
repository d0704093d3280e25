"""People log in: a password (argon2id), a session in the ledger, a cookie that no script can read."""

import asyncio
import secrets
import time
from typing import Annotated, Any

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler
from litestar.params import JSONBody

from touchline.jobs.access_keys import hash_of
from touchline.jobs.users import SESSION_SECONDS
from touchline.ledger import schema
from touchline.server.application import Application
from touchline.server.asking import COOKIE, Door, csrf_of
from touchline.server.problems import Problem
from touchline.server.rate_limits import CLIENT, Limit

ATTEMPTS_PER_MINUTE = 10
"""Of one part of the network, and for one name."""
_AT_ONCE = 2
"""Passwords that are checked at a time: each takes 64 MiB for a while."""


class Credentials(msgspec.Struct):
    """What a person logs in with."""

    name: Annotated[str, msgspec.Meta(max_length=128, examples=["admin"])]
    password: Annotated[str, msgspec.Meta(max_length=1024, examples=["correct horse battery staple"])]


class Session(msgspec.Struct, rename="camel"):
    """Who is logged in, and the token that changes have to bring in ``X-CSRF-Token``."""

    name: str
    csrf_token: str


def routes(application: Application, door: Door) -> list[HTTPRouteHandler]:
    """``/api/login``, ``/api/logout`` and ``/api/session``."""
    hasher, turn = PasswordHasher(), asyncio.Semaphore(_AT_ONCE)
    nobody = hasher.hash(secrets.token_hex(16))
    """Checked where there is no such person, so that the time tells nothing."""

    @post(
        "/api/login", status_code=200, summary="Log in", operation_id="login",
        description="Answers with a session cookie and the CSRF token of the session. Attempts are limited.",
        response_description="Logged in: the cookie is set.",
    )  # fmt: skip
    async def login(request: Request[Any, Any, Any], data: JSONBody[Credentials]) -> Response[Session]:
        await _throttled(application, request, data.name)
        async with turn:
            is_right = await asyncio.to_thread(_is_right, application, hasher, nobody, data)
        if not is_right:
            raise Problem(
                401, "wrong_password", "The name or the password is wrong.", "Try again, or ask whoever runs it."
            )
        token = secrets.token_urlsafe(32)
        await asyncio.to_thread(_begin, application, data.name, token)
        return Response(
            Session(data.name, csrf_of(token)), cookies=[_cookie(application, request, token, SESSION_SECONDS)]
        )

    @post("/api/logout", status_code=204, summary="Log out", operation_id="logout", sync_to_thread=True,
          description="Wants the session's X-CSRF-Token.", response_description="The session has ended.")  # fmt: skip
    def logout(request: Request[Any, Any, Any]) -> Response[None]:
        door.asker(request, "admin", is_changing=True)
        with application.ledger.transaction() as entry:
            entry.remove(schema.SERVER_SESSIONS, session_hash=hash_of(request.cookies.get(COOKIE, "")))
        return Response(None, status_code=204, cookies=[_cookie(application, request, "", 0)])

    @get("/api/session", summary="Who is logged in", operation_id="session", sync_to_thread=True,
         response_description="A person, and the CSRF token of the session.")  # fmt: skip
    def session(request: Request[Any, Any, Any]) -> Session:
        token = request.cookies.get(COOKIE, "")
        name = door.person_of(token)
        if name is None:
            raise Problem(401, "not_logged_in", "There is no session.", "Log in at /api/login.")
        return Session(name, csrf_of(token))

    return [login, logout, session]


def _is_right(application: Application, hasher: PasswordHasher, nobody: str, said: Credentials) -> bool:
    rows = application.ledger.rows(schema.USERS, name=said.name)
    try:
        hasher.verify(rows[0]["password_hash"] if rows else nobody, said.password)
    except VerificationError:
        return False
    return bool(rows)


def _begin(application: Application, name: str, token: str) -> None:
    now = time.time_ns() // 1000
    with application.ledger.transaction() as entry:
        entry.remove_before(schema.SERVER_SESSIONS, "ends_at", now)
        entry.add(
            schema.SERVER_SESSIONS, session_hash=hash_of(token), name=name, created_at=now,
            ends_at=now + SESSION_SECONDS * 1_000_000,
        )  # fmt: skip


async def _throttled(application: Application, request: Request[Any, Any, Any], name: str) -> None:
    prefix = application.sight(_Fields(request), _peer(request)).client_prefix
    limits = [
        Limit(f"{CLIENT}login:{prefix}", ATTEMPTS_PER_MINUTE),
        Limit(f"login:{hash_of(name)}", ATTEMPTS_PER_MINUTE),
    ]
    ruling = await application.limits.take(limits, 1)
    if not ruling.is_within:
        raise Problem(
            429, "too_many_attempts", "There were too many attempts to log in.", "Wait, then try again.",
            headers=[("retry-after", str(max(1, ruling.retry_seconds)))],
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


def _cookie(application: Application, request: Request[Any, Any, Any], value: str, seconds: int) -> Cookie:
    is_secure = application.options.public_url.startswith("https:") or request.scope["scheme"] == "https"
    return Cookie(COOKIE, value=value, httponly=True, samesite="lax", secure=is_secure, max_age=seconds)
