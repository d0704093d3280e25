"""A screen's page: who asks, what about, the numbers of it, and the frame around them."""

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from litestar import Request

from touchline.errors import HomeError, UnknownError, UsageError
from touchline.jobs import auditing
from touchline.jobs.roles import Role, may
from touchline.jobs.saved_views import Kept
from touchline.ledger import Ledger, schema
from touchline.server.api.asking import Door, Person, csrf_of
from touchline.server.pages.asked import Asked, asked_of
from touchline.server.pages.charts import charts_in
from touchline.server.pages.desk import Desk
from touchline.server.pages.facts import Facts, facts
from touchline.server.pages.memory import Memory
from touchline.server.pages.once import Once, heard
from touchline.server.pages.rendering import rendered
from touchline.server.pages.screen import Screen, screens
from touchline.server.pages.unlinked import unlinked
from touchline.server.pages.view import View
from touchline.server.tracker.snippet import NO_KEY, snippet
from touchline.settings import Home

SIGN_IN = "/sign-in"
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Failure:
    """What a form said that it cannot say, so that nothing was done."""

    action: str
    """Such as ``sites/add``."""
    field: str
    message: str
    hint: str
    sent: Mapping[str, str]
    """What every field said, so that nobody has to write it again."""


@dataclass(frozen=True)
class Frame:
    """What stands around every screen."""

    person: str
    csrf_token: str
    screens: Sequence[Screen]
    screen: Screen
    view: View
    organizations: Sequence[tuple[str, str]]
    """Ids and names of those that the person sees."""
    organization_id: str
    role: str = "viewer"
    """What the person may do."""
    sees_all: bool = False
    """Whether the person sees all organizations."""
    server: str = ""
    """Where the browser reached the server; ``""``: that is not known, or another address is set."""
    once: Once | None = None
    """What is said this once."""
    failure: Failure | None = None
    """What a form said that it cannot say."""

    def may(self, role: Role) -> bool:
        """Whether the person may do what needs a role."""
        return may(self.role, role)

    def fault(self, action: str, key: str = "") -> Failure | None:
        """What was wrong with a form of this page, where it is the one that was sent.

        :param action: such as ``sites/add``.
        :param key: tells forms of one action apart: what its field ``key`` says.
        """
        failed = self.failure
        return failed if failed and failed.action == action and failed.sent.get("key", "") == key else None

    def to(self, screen: str, **choices: Any) -> str:
        """The address of another screen, with what both of them show, and choices of its own."""
        kept = self.view.changed(
            by="", path="", q="", platform="", severity="", reason="", state="", intervals="", sort="", after="",
            limit=0,
        )  # fmt: skip
        return kept.changed(**choices).address(f"/{screen}")

    def here(self, **choices: Any) -> str:
        """The address of this screen with other choices; a list begins at its start again."""
        return self.view.changed(**{"after": "", **choices}).address(self.screen.path)

    def sorted_by(self, column: str, *, is_text: bool = False) -> str:
        """The address that sorts by a column: first down, text up, then the other way."""
        first, second = (column, f"-{column}") if is_text else (f"-{column}", column)
        return self.here(sort=second if self.view.sort == first else first)

    def hidden(self, *names: str) -> list[tuple[str, str]]:
        """The parameters that a form has to carry along because it has no field for them.

        :param names: those for which it has one.
        """
        return [(key, value) for key, value in self.view.chosen.items() if key not in {*names, "after"}]


class Source(NamedTuple):
    """Where pages get what they show."""

    home: Home
    ledger: Ledger
    seconds: float
    """How long the river may take to answer all questions of a page."""
    public_url: str
    """Where people reach the server; ``""``: that is not known."""


class Pages:
    """Makes the pages of one process.

    :param door: who lets people in; ``None`` where pages are made for nobody who asks.
    """

    def __init__(self, source: Source, door: Door | None = None) -> None:
        self.source = source
        self._door = door
        self._memory = Memory()

    def answered(self, request: Request[Any, Any, Any], screen: Screen) -> bytes | str:
        """A page, or the address to go to instead; blocks.

        :raises UsageError: if a parameter has a value that it cannot have.
        :raises UnknownError: if there is no such organization, site, goal, model or row, or it is not the person's.
        """
        frame = self._frame(request, screen)
        if isinstance(frame, str):
            return frame
        if frame.view.query != _query(request):
            return frame.view.address(screen.path)
        return self.page(frame)

    def shown(self, request: Request[Any, Any, Any], screen: Screen) -> Any:
        """What a page shows, before it is one; arguments, errors and where else to go as for :meth:`answered`."""
        frame = self._frame(request, screen)
        return frame if isinstance(frame, str) else self._known(frame)[2]

    def _frame(self, request: Request[Any, Any, Any], screen: Screen) -> Frame | str:
        assert self._door  # noqa: S101 - somebody asks
        token, person = self._door.session_of(request)
        query = _query(request)
        if person is None:
            return sign_in_address(f"{screen.path}?{query}" if query else screen.path)
        view = View.parsed(query)
        if view.by and view.by not in screen.by:
            raise UsageError(f"by must be one of {', '.join(screen.by) or 'none'}, not {view.by!r:.80}.")
        once = heard(token, "; ".join(request.headers.getall("cookie", [])))
        return replace(self.frame(token, person, screen, view), once=once, server=self._reached(request))

    def frame(self, token: str, person: Person, screen: Screen, view: View) -> Frame:
        """What stands around a screen that a person looks at.

        :raises Problem: 403 if the person may not see it.
        :raises UnknownError: if the view is of an organization or a site that is not the person's.
        """
        person.require(screen.role)
        organizations = self._organizations(person)
        organization_id = _organization(view, organizations)
        if screen.set_up and view.site:
            self._check_site(view.site, organization_id)
        seen = [one for one in screens().values() if may(person.role, one.role)]
        return Frame(
            person.name, csrf_of(token), seen, screen, view, organizations, organization_id, person.role,
            person.organization_id is None,
        )  # fmt: skip

    def _organizations(self, person: Person) -> list[tuple[str, str]]:
        """Ids and names of the organizations that the person sees."""
        found = self.source.ledger.rows(schema.ORGANIZATIONS)
        seen = person.organization_id
        return sorted((row["organization_id"], row["name"]) for row in found if seen in {None, row["organization_id"]})

    def _check_site(self, site_id: str, organization_id: str) -> None:
        if not self.source.ledger.rows(schema.SITES, site_id=site_id, organization_id=organization_id):
            raise UnknownError(f"There is no site {site_id!r:.80}.", "Choose another site.")

    def shared(self, kept: Kept) -> bytes:
        """The page of a view for people who are nobody here: the numbers, without what leads elsewhere. Blocks.

        :raises UnknownError: if what the view names is not there any more.
        """
        return unlinked(self.of_nobody(kept))

    def of_nobody(self, kept: Kept) -> bytes:
        """As :meth:`shared`, with what leads elsewhere."""
        view, screen = View.parsed(kept.query), screens()[kept.screen]
        return self.page(Frame("", "", [], screen, view, [], kept.organization_id))

    def page(self, frame: Frame, answer: Any = None) -> bytes:
        """A screen's page.

        :param answer: what the template of a screen without numbers gets in answer to a form.
        """
        if frame.screen.set_up:
            return self._set_up(frame, answer)
        known, asked, shown = self._known(frame)
        if asked is None:
            return self._beginning(frame, known)
        charts = list(charts_in(shown))
        made = rendered(
            frame.screen.name, frame=frame, facts=known, asked=asked, view=frame.view, shown=shown, charts=charts
        )
        if frame.screen.names_persons and frame.view.path:
            auditing.note(
                self.source.ledger, frame.organization_id, "looked", "at one conversion and its history",
                now=time.time_ns() // 1000, actor=auditing.signed_in(frame.person),
            )  # fmt: skip
        return made

    def _set_up(self, frame: Frame, answer: Any) -> bytes:
        """The page of a screen that needs no numbers."""
        assert frame.screen.set_up  # noqa: S101 - its caller knows
        with self._desk(frame) as desk:
            found = frame.screen.set_up(desk, frame.view)
        return rendered(
            frame.screen.name, frame=frame, facts=None, asked=None, view=frame.view, shown=found, answer=answer,
            server=frame.server or self.server, charts=(),
        )  # fmt: skip

    def _desk(self, frame: Frame) -> Desk:
        source = self.source
        return Desk(source.home, source.ledger, self._memory, frame.organization_id, source.seconds)

    def _known(self, frame: Frame) -> tuple[Facts | None, Asked | None, Any]:
        """The facts, what is asked, and what the screen shows of it; nothing is asked where there is no data yet."""
        if frame.screen.answer is None:
            return None, None, None
        with self._desk(frame) as desk:
            known = _facts(desk)
            if known is None or known.data.start is None:
                return known, None, None
            asked = asked_of(frame.view, known)
            return known, asked, frame.screen.answer(desk, asked)

    def _beginning(self, frame: Frame, known: Facts | None) -> bytes:
        """What is to be done where there is no data yet."""
        server = frame.server or self.server
        found = self.source.ledger.rows(schema.SITES, organization_id=frame.organization_id)
        sites = [(row["site_id"], snippet(server, NO_KEY, [row["domain"]], needs_consent=False)) for row in found]
        return rendered("beginning", frame=frame, facts=known, asked=None, view=frame.view, sites=sites)

    def _reached(self, request: Request[Any, Any, Any]) -> str:
        host = request.headers.get("host", "")
        is_known = not self.source.public_url and _HOST.fullmatch(host)
        return f"{request.scope['scheme']}://{host}" if is_known else ""

    @property
    def server(self) -> str:
        """Where browsers reach the server, as snippets say it."""
        return self.source.public_url or "https://YOUR-SERVER"


def _query(request: Request[Any, Any, Any]) -> str:
    return request.scope["query_string"].decode("latin-1")


def sign_in_address(after: str) -> str:
    """The address of the page to sign in on.

    :param after: where to go then.
    """
    return f"{SIGN_IN}?{urlencode({'next': after})}"


def _organization(view: View, organizations: Sequence[tuple[str, str]]) -> str:
    """The organization of a view: the first one where it names none.

    :raises UnknownError: if it names one that is not among these.
    """
    ids = [organization_id for organization_id, _ in organizations]
    wanted = view.org or next(iter(ids), "")
    if wanted not in ids:
        raise UnknownError(f"There is no organization {wanted!r:.80}.", "Leave org out.")
    return wanted


def _facts(desk: Desk) -> Facts | None:
    try:
        return desk.answer(facts)
    except HomeError:  # there has been no run yet
        return None
