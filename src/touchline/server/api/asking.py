"""Who asks, outside the hot path: a person with a session, or a machine with a secret key."""

import hmac
import time
from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple

from litestar import Request

from touchline.jobs.access_keys import MANAGE, METRICS, PROVISION, hash_of
from touchline.jobs.clocks import is_ahead
from touchline.jobs.roles import Role, may
from touchline.ledger import Ledger, schema
from touchline.server.http.keys import Keys
from touchline.server.http.problems import Problem

COOKIE = "tl_session"
CSRF_HEADER = "x-csrf-token"
LOGOUT = "logout"
"""What everybody who is logged in may do; of keys, only those that may do everything."""
_ROLES: Mapping[str, Role] = {"read": "viewer", LOGOUT: "viewer", "costs": "editor"}
"""By the scope that a key needs, the role that is enough for a person; else only an administrator may."""
_MOST_TOKENS = 20
"""That are looked for: each is a query."""


class Person(NamedTuple):
    """Who is logged in, the only organization that they see (``None``: all of them), and what they may do there."""

    name: str
    organization_id: str | None
    role: str = "viewer"

    def require(self, role: Role) -> None:
        """Raise :class:`Problem` (403) for a person who may not do what needs this role."""
        if not may(self.role, role):
            raise Problem(
                403, "role", f"This needs the role {role}, and {self.name} is {_with_article(self.role)}.",
                "Ask an administrator.",
            )  # fmt: skip


class Asker(NamedTuple):
    """Who asks, and of which organization; ``None``: of whichever they name."""

    name: str
    organization_id: str | None
    kind: Literal["key", "user"] = "key"

    def organization_named(self, named: str | None) -> str | None:
        """The organization that is asked about; ``None``: the only one.

        :raises Problem: 403 if it is not the asker's, whether or not there is one of that name.
        """
        if self.organization_id is not None and named not in {None, self.organization_id}:
            raise Problem(
                403, "foreign_organization", f"The {self.kind} belongs to another organization.",
                "Leave organization out.",
            )  # fmt: skip
        return self.organization_id or named


class Door:
    """Lets in who may."""

    def __init__(self, ledger: Ledger, keys: Keys) -> None:
        self._ledger = ledger
        self._keys = keys

    def asker(
        self, request: Request[Any, Any, Any], scope: str, *, is_changing: bool = False, role: Role | None = None
    ) -> Asker:
        """The caller; blocks while the ledger is read.

        :param scope: what a secret key has to be for; ``admin`` is for everything.
        :param is_changing: whether a session must prove by its CSRF token that one of our pages asks.
        :param role: the least role of a person; by default the one that the scope stands for.
        :raises Problem: 401 if nobody known asks, 403 if they may not.
        """
        authorization = request.headers.get("authorization")
        if authorization is not None:
            return self._machine(authorization, scope)
        token, person = self.session_of(request)
        if person is None:
            raise Problem(
                401, "not_logged_in", "Expected a session, or Authorization: Bearer sk_….", "Log in at /api/login.",
                headers=[("www-authenticate", "Bearer")],
            )  # fmt: skip
        if is_changing and not hmac.compare_digest(
            request.headers.get(CSRF_HEADER, "").encode(), csrf_of(token).encode()
        ):
            raise Problem(403, "no_csrf_token", "Expected the session's X-CSRF-Token.", "GET /api/session returns it.")
        person.require(role or _ROLES.get(scope, "administrator"))
        return Asker(person.name, person.organization_id, "user")

    def server_asker(self, request: Request[Any, Any, Any]) -> Asker:
        """The caller, who may see what the server says of all organizations together; blocks.

        :raises Problem: as :meth:`asker`; 403 if they may see one organization only, and there are several.
        """
        if METRICS in self._scopes_of(request):
            return self.asker(request, METRICS)
        asker = self.asker(request, "read")
        if asker.organization_id is not None and len(self._ledger.rows(schema.ORGANIZATIONS, limit=2)) > 1:
            raise Problem(
                403, "several_organizations", f"The {asker.kind} belongs to one organization, and this is of all.",
                "Log in as a user of all organizations, or make a secret key with the scope metrics.",
            )  # fmt: skip
        return asker

    def manager(self, request: Request[Any, Any, Any], role: Role, *, is_changing: bool) -> Asker:
        """The caller, who manages an organization: a person, or a machine; blocks.

        :param role: the least role of a person.
        :raises Problem: as :meth:`asker`.
        """
        if PROVISION in self._scopes_of(request):
            return self.asker(request, PROVISION)._replace(organization_id=None)
        return self.asker(request, MANAGE, is_changing=is_changing, role=role)

    def _machine(self, authorization: str, scope: str) -> Asker:
        access = self._keys.bearer(authorization, time.time_ns() // 1000)
        if access is None:
            raise Problem(
                401, "unknown_key", "Expected a valid key: Authorization: Bearer sk_…", "See `touchline key list`.",
                headers=[("www-authenticate", "Bearer")],
            )  # fmt: skip
        if not {scope, "admin"} & access.scopes:
            raise Problem(403, "out_of_scope", f"The key does not have the scope {scope}.", "Make another key.")
        return Asker(access.key_id, access.organization_id)

    def _scopes_of(self, request: Request[Any, Any, Any]) -> Collection[str]:
        access = self._keys.bearer(request.headers.get("authorization", ""), time.time_ns() // 1000)
        return access.scopes if access else ()

    def session_of(self, request: Request[Any, Any, Any]) -> tuple[str, Person | None]:
        """The session of a request, and whose it is: the first of its cookies that is one; else nobody's.

        Any other host of the domain can toss a cookie of the same name, which a browser then sends along with ours.
        """
        tokens = tokens_in("; ".join(request.headers.getall("cookie", [])))
        found = ((token, self.person_of(token)) for token in tokens)
        return next(((token, person) for token, person in found if person is not None), ("", None))

    def person_of(self, token: str) -> Person | None:
        """Whose session it is, where it has not ended; one that began under a clock that was ahead has."""
        if not token:
            return None
        rows = self._ledger.rows(schema.SERVER_SESSIONS, session_hash=hash_of(token))
        now = time.time_ns() // 1000
        if not rows or rows[0]["ends_at"] <= now or is_ahead(rows[0]["created_at"], now):
            return None
        users = self._ledger.rows(schema.USERS, name=rows[0]["name"])
        return Person(*(users[0][name] for name in Person._fields)) if users else None


def tokens_in(cookies: str) -> list[str]:
    """What a header has of :data:`COOKIE`, each once.

    >>> tokens_in("tl_session=a; other=b; tl_session=; tl_session=c; tl_session=a")
    ['a', 'c']
    """
    pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
    tokens = dict.fromkeys(value.strip('"') for name, _, value in pairs if name == COOKIE and value)
    return list(tokens)[:_MOST_TOKENS]


def _with_article(role: str) -> str:
    return f"{'an' if role[:1] in 'aeiou' else 'a'} {role}"


def csrf_of(token: str) -> str:
    """The CSRF token of a session: only a page that was told it can say it, and nobody finds the session by it."""
    return hash_of(f"csrf:{token}")
